package textractclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// firstReceiveTimeout is how long Listen tries to receive for the first time without a response
	// of SQS.
	firstReceiveTimeout = 5 * time.Minute
	// maxPermanentFailures is how many failures that look permanent Listen retries before the first
	// receive.
	maxPermanentFailures = 3
	// probeTimeout is how long a pause waits for the handler of its last probe, which may never
	// return.
	probeTimeout = 2 * time.Minute
	// leastPause is how long a pause waits at least for a worker or for room.
	leastPause = time.Second
	// prefetchHorizon is the time within which a message that is received ahead has to reach a
	// handler.
	prefetchHorizon = 10 * time.Second
)

func (l *listener) receiveUntilDone(ctx context.Context) error {
	begin, failures, received := time.Now(), 0, false
	for {
		limit, probe := l.room(ctx)
		if limit == 0 {
			return nil
		}
		sent := time.Now()
		messages, err := l.receive(ctx, limit)
		if probe && err == nil {
			l.breaker.received(messages, l.holder.isFaulty)
		}
		for _, message := range messages {
			l.pass(ctx, l.take(ctx, message, probe))
		}
		switch {
		case err == nil:
			failures, received = 0, true
			if len(messages) == 0 && time.Since(sent) < shortPoll && sleep(ctx, shortPoll) != nil {
				return nil
			}
			continue
		case ctx.Err() != nil:
			return nil
		case isRejection(err) && received:
			return err
		case isRejection(err), !received && l.isPermanent(ctx, err, failures+1, time.Since(begin)):
			return fmt.Errorf("%w: %w", ErrNothingReceived, err)
		}
		if isResponse(err) {
			begin = time.Now() // SQS responds, and throttles or has a fault
		}
		failures++
		delay := backoff(receiveBase, receiveCap, failures)
		l.log.WarnContext(ctx, "receive failed, trying again", "after", delay, "error", err)
		if sleep(ctx, delay) != nil {
			return nil
		}
	}
}

// pass gives a message to the workers, and releases it if ctx ends while none takes it.
func (l *listener) pass(ctx context.Context, d *delivery) {
	select {
	case l.work <- d:
	case <-ctx.Done():
		if d.claim() {
			l.handled(d)
			l.holder.running.Go(func() { l.release(l.logOf(d), d, 0) })
		}
	}
}

// room waits for room to receive, and returns how many messages: as many as possible at a time,
// which saves requests. During a pause few are received, and a held message is tried now and then,
// the probe. It returns 0 when ctx has ended.
func (l *listener) room(ctx context.Context) (limit int, probe bool) {
	var probedAt time.Time
	for ctx.Err() == nil {
		if l.breaker.isOpen() {
			if l.waitForChange(ctx, max(l.breaker.untilDue(), leastPause), func() bool { return !l.breaker.isOpen() }) || ctx.Err() != nil {
				continue
			}
			if free := l.freeRoom(); free > 0 && l.breaker.takeReceive() {
				return free, true
			}
			isOver := l.probing() == 0 || time.Since(probedAt) >= probeTimeout
			if isOver && l.isWorkerFree() && l.breaker.takeProbe() { // also where no more can be held
				probedAt = time.Now()
				l.holder.probe()
			}
			continue
		}
		if n := l.freeRoom(); n > 0 {
			// After a while without a success, one message shows whether there is an outage.
			if !l.breaker.succeededSince(time.Now().Add(-lateSuccess)) && l.breaker.isFailing() {
				n = 1
			}
			return n, false
		}
		l.waitForChange(ctx, maxVisibility, func() bool { return l.freeRoom() > 0 || l.breaker.isOpen() })
	}
	return 0, false
}

// waitForChange waits for d, or until the condition is true, and reports whether it is.
func (l *listener) waitForChange(ctx context.Context, d time.Duration, condition func() bool) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			return false
		case <-timer.C:
			return condition()
		case <-l.changed:
		}
	}
	return true
}

func (l *listener) probing() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.probes
}

func (l *listener) isWorkerFree() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.inHand) < l.options.Workers
}

// freeRoom returns how many messages to receive now, at most ten; 0 when it is better to wait for
// more room.
func (l *listener) freeRoom() int {
	held := l.holder.len() // before mu, which the holder locks under its own
	l.mu.Lock()
	defer l.mu.Unlock()
	room := min(l.options.Workers+l.prefetch()-len(l.inHand), maxHeld-held)
	if room >= maxReceiveBatch || len(l.inHand) < l.options.Workers {
		return max(min(room, maxReceiveBatch), 0)
	}
	return 0
}

// prefetch returns how many messages may wait for a worker. A message in memory is hidden from
// other consumers, so it is only as many as the workers will reach soon.
func (l *listener) prefetch() int {
	if l.average == 0 || l.breaker.isFailing() && !l.breaker.isOpen() {
		return 0
	}
	return int(min(time.Duration(l.options.Workers)*l.horizon()/l.average, maxReceiveBatch))
}

func (l *listener) horizon() time.Duration {
	return min(prefetchHorizon, l.options.VisibilityTimeout/6)
}

func (l *listener) receive(ctx context.Context, limit int) ([]sqstypes.Message, error) {
	return l.queue.receive(ctx, maxReceiveWait, limit, l.options.VisibilityTimeout,
		sqstypes.MessageSystemAttributeNameApproximateReceiveCount)
}

// isPermanent reports whether an error before the first receive will not end without a change by
// the user.
func (l *listener) isPermanent(ctx context.Context, err error, failures int, passed time.Duration) bool {
	if l.credentials != nil {
		ctx, cancel := context.WithTimeout(ctx, queueCallTimeout)
		defer cancel()
		if _, err := l.credentials.Retrieve(ctx); err != nil && ctx.Err() == nil {
			return true
		}
	}
	var host *net.DNSError
	lasting := !isTransient(err) && !isResponse(err) || errors.As(err, &host) && host.IsNotFound
	return lasting && failures >= maxPermanentFailures || passed >= firstReceiveTimeout
}

// take accounts for a message until it was handled.
func (l *listener) take(ctx context.Context, message sqstypes.Message, probe bool) *delivery {
	d := newDelivery(ctx, message)
	if probe {
		l.markProbe(d)
	}
	l.takeAgain(d)
	d.extender.Go(func() { l.keepHidden(d) })
	return d
}

// takeAgain accounts for a message that was held.
func (l *listener) takeAgain(d *delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inHand[d] = struct{}{}
}

func (l *listener) markProbe(d *delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !d.probe {
		d.probe = true
		l.probes++
	}
}

func (l *listener) forgetProbe(d *delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d.probe {
		d.probe = false
		l.probes--
	}
}

// starts accounts for a handler that is called.
func (l *listener) starts(d *delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d.started = time.Now()
	l.running++
}

// handled frees the room of a message.
func (l *listener) handled(d *delivery) {
	l.forgetProbe(d)
	l.mu.Lock()
	delete(l.inHand, d)
	if !d.started.IsZero() {
		l.handledAt = time.Now()
		l.running--
		took := max(time.Since(d.started), time.Millisecond)
		if l.average == 0 {
			l.average = took
		}
		l.average += (took - l.average) / 8
		d.started = time.Time{}
	}
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}
