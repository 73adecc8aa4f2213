package textractclient

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	// heldVisibility is the visibility timeout of a message that is held: as short as a worker that
	// dies may delay it. With more messages it is longer, so that at most one a second is extended.
	heldVisibility = 10 * time.Minute
	// maxHeld is the number of messages that are held at most. While there are as many, none is
	// received.
	maxHeld = 5000
	// heldMargin is what is left of the 12 hours when a held message is released: so little that
	// four receives last for 48 hours.
	heldMargin = time.Second
	// firstHeldDelay and lastHeldDelay are the times between two tries of a held message.
	firstHeldDelay = 10 * time.Second
	lastHeldDelay  = 2 * time.Minute
	// releasers is how many messages are released at a time when Listen ends, and releaseTimeout
	// how long the last of them waits for its turn.
	releasers      = 10
	releaseTimeout = 10 * time.Second
)

// holder keeps the messages whose handlers failed for a cause that may be around them, as an outage
// of a database, and tries them again within the process. That costs no receive, of which a message
// has few before it is moved to the dead-letter queue; SQS lets a message be hidden for 12 hours
// after each.
type holder struct {
	l *listener
	// ready has the message that is tried next.
	ready   chan *delivery
	changed chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	held    map[*delivery]time.Time // when each is due
	stopped bool
	faulty  recentIDs // messages that failed while others succeeded
}

func (h *holder) start(ctx context.Context, l *listener) {
	h.l, h.ready, h.changed = l, make(chan *delivery), make(chan struct{}, 1)
	h.held = make(map[*delivery]time.Time)
	h.running.Go(func() { h.run(ctx) })
}

// stop waits for the end of run, and makes visible what is held.
func (h *holder) stop() {
	h.running.Wait()
	h.mu.Lock()
	h.stopped = true
	held := slices.Collect(maps.Keys(h.held))
	clear(h.held)
	h.mu.Unlock()
	for _, d := range held {
		d.endExtending()
	}
	var releasing sync.WaitGroup
	slots := make(chan struct{}, releasers)
	begin, late := time.Now(), 0
	// During an outage another process would receive at once what fails there too, and two receives
	// within seconds are one less for the hours to come.
	var delay time.Duration
	if h.l.breaker.isOpen() {
		delay = lastReceivePause
	}
	for _, d := range held {
		slots <- struct{}{}
		if time.Since(begin) >= releaseTimeout {
			d.stopExtending()
			d.cancel(nil)
			late++
			<-slots
			continue
		}
		releasing.Go(func() {
			defer func() { <-slots }()
			h.l.release(h.l.logOf(d), d, delay)
		})
	}
	releasing.Wait()
	if late > 0 {
		h.l.log.Warn("held messages not released, they are visible again after their visibility timeout", "messages", late)
	}
}

func (h *holder) isFaulty(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.faulty.has(id)
}

// suspect notes that a handler failed again, and reports whether the message itself is the cause.
// One success of another message may be from before the outage; two, between its last three
// failures, are not.
func (h *holder) suspect(d *delivery) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	id := aws.ToString(d.message.MessageId)
	if h.faulty.has(id) {
		return true
	}
	switch {
	case d.failedAt.IsZero():
		return false
	case !h.l.breaker.succeededSince(d.failedAt):
		d.suspicions = 0
	default:
		d.suspicions++
	}
	d.failedAt = time.Now()
	if d.suspicions < 2 {
		return false
	}
	h.faulty.add(id)
	return true
}

// add holds a message until it is due, and returns how long that is. It reports false when Listen
// ends.
func (h *holder) add(d *delivery) (time.Duration, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return 0, false
	}
	d.held.Store(true)
	d.tries++
	d.failedAt = time.Now()
	delay := backoff(firstHeldDelay, lastHeldDelay, d.tries)
	h.held[d] = d.failedAt.Add(delay)
	h.wake()
	return delay, true
}

// putBack holds a message for which there was no worker.
func (h *holder) putBack(d *delivery) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held[d] = time.Now().Add(-3 * h.l.horizon())
}

// forget drops a message that cannot be hidden any longer, and reports whether it was held.
func (h *holder) forget(d *delivery) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, held := h.held[d]
	delete(h.held, d)
	if held {
		h.l.forgetProbe(d)
	}
	return held
}

func (h *holder) len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.held)
}

// probe makes the message due that has waited longest, and reports whether there is one.
func (h *holder) probe() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	var oldest *delivery
	for d, due := range h.held {
		if oldest == nil || due.Before(h.held[oldest]) {
			oldest = d
		}
	}
	if oldest == nil {
		return false
	}
	h.held[oldest] = time.Time{}
	h.l.markProbe(oldest)
	h.wake()
	return true
}

// resume makes all messages due: a handler succeeded.
func (h *holder) resume() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for d, due := range h.held {
		if due.After(now) {
			h.held[d] = now
		}
	}
	h.wake()
}

func (h *holder) wake() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

func (h *holder) run(ctx context.Context) {
	for {
		d, wait := h.next()
		if d == nil {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
			case <-h.changed:
				timer.Stop()
			}
			continue
		}
		h.l.takeAgain(d)
		late := time.NewTimer(3 * h.l.horizon())
		select {
		case h.ready <- d:
		case <-late.C:
			h.l.handled(d)
			h.putBack(d)
		case <-ctx.Done():
			h.l.handled(d)
			h.l.release(h.l.logOf(d), d, 0)
			return
		}
		late.Stop()
	}
}

// next returns a message that is due, and takes it out of the held ones; or else the time until one
// may be. It releases those that cannot be hidden any longer, and forgets those that are lost.
func (h *holder) next() (*delivery, time.Duration) {
	const checkInterval = 10 * time.Second
	h.mu.Lock()
	defer h.mu.Unlock()
	now, wait := time.Now(), checkInterval
	paused, givenUp := h.l.breaker.isOpen(), h.l.breaker.lasts()
	stuck := !paused && h.l.isStuck()
	for d, due := range h.held {
		switch {
		case errors.Is(context.Cause(d.ctx), ErrMessageLost):
			delete(h.held, d)
			h.l.forgetProbe(d)
			d.endExtending() // its extension has ended: lose has canceled d
		case givenUp, d.visibilityLeft() < heldMargin, stuck && now.Sub(due) >= 3*h.l.horizon() && h.l.maySpareReceive(d):
			if !givenUp && paused {
				h.l.breaker.gaveBack()
			}
			delete(h.held, d)
			h.l.forgetProbe(d)
			h.running.Go(func() { h.l.release(h.l.logOf(d), d, 0) })
		case due.IsZero(), !paused && !due.After(now):
			delete(h.held, d)
			return d, 0
		case !paused:
			wait = min(wait, due.Sub(now))
		}
		wait = min(wait, d.visibilityLeft()-heldMargin+time.Second)
	}
	return nil, wait
}

// isStuck reports whether all workers have been in slow handlers for a while: others may be idle.
func (l *listener) isStuck() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running >= l.options.Workers && time.Since(l.handledAt) > 3*l.horizon()
}

// maySpareReceive reports whether a message keeps receives for an outage when it is released.
func (l *listener) maySpareReceive(d *delivery) bool {
	limit := int(l.maxReceives.Load())
	return limit == 0 || receives(d.message) < limit-1
}

// dropLate releases the messages that were received ahead and that no worker began to handle soon
// after the horizon: another consumer may be idle.
func (l *listener) dropLate(ctx context.Context) {
	const interval = time.Second
	for sleep(ctx, interval) == nil {
		var late []*delivery
		l.mu.Lock()
		for d := range l.inHand {
			if time.Since(d.receivedAt) > 3*l.horizon() && !d.held.Load() && d.claim() {
				late = append(late, d)
			}
		}
		if len(late) > 0 { // the running handlers are slower than those before: see prefetch
			l.average = max(l.average, time.Duration(l.options.Workers)*l.horizon()+1)
		}
		l.mu.Unlock()
		var releasing sync.WaitGroup
		for _, d := range late {
			l.handled(d)
			releasing.Go(func() { l.release(l.log.With("message", aws.ToString(d.message.MessageId)), d, 0) })
		}
		releasing.Wait()
	}
}
