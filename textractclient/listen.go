package textractclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Handler is called with each notification. When it returns nil the message is deleted; when it returns an error or panics the
// message becomes visible again after a delay, and the handler is called again. Delivery is at least once: the same notification
// may come twice, and notifications come in any order.
//
// ctx has the values of the context that Listen was called with, but ends for two causes only, which context.Cause returns:
// ErrShutdown, when Listen ends and the handler still runs after ShutdownGrace; and ErrMessageLost, when the message is visible to
// other consumers again.
type Handler func(ctx context.Context, notification Notification) error

// ListenOptions change how Listen works.
type ListenOptions struct {
	// Workers is how many handlers run at a time, from 1 to 1,000. Up to ten more messages are received ahead where handlers are
	// quick enough. Default: 10.
	Workers int
	// VisibilityTimeout is how long a message is hidden from other consumers at a time: after a crash it becomes visible again so
	// much later. While a handler runs it is extended every third of that, until 12 hours after the receive, which is as long as
	// SQS allows. In whole seconds, from 3 s to 12 h. Default: 1 minute.
	VisibilityTimeout time.Duration
	// RetryDelay returns the time until a message whose handler failed becomes visible again, by the number of its receives, from 1.
	// It is cut to 1 s at least, and to what is left of the 12 hours. Default: spread over hours, so that an outage does not move
	// messages to the dead-letter queue; with a maximum of 5 receives about 10 s, 2.5 min, 30 min and 6 h.
	RetryDelay func(receives int) time.Duration
	// MaxReceiveCount is the maxReceiveCount of the queue's redrive policy, which the default RetryDelay is spread over. Default: 0,
	// which asks the queue (sqs:GetQueueAttributes) and falls back to 5, as the construct sets it.
	MaxReceiveCount int
	// ShutdownGrace is the time that handlers have to return once Listen's context ended, before their contexts end too.
	// Default: 20 s, which leaves time to delete and release messages within the 30 s of ECS and Kubernetes.
	ShutdownGrace time.Duration
}

const (
	minVisibility          = 3 * time.Second
	maxVisibility          = 12 * time.Hour
	maxWorkers             = 1000
	maxReceiveBatch        = 10
	maxReceiveWait         = 20 * time.Second
	defaultMaxReceiveCount = 5
	receiveBase            = time.Second
	receiveCap             = 30 * time.Second
	redriveCap             = 10 * time.Minute
	// receiveTimeout bounds a receive, which waits up to maxReceiveWait for a message.
	receiveTimeout = maxReceiveWait + 15*time.Second
	// shortPoll is the pause after an answer without messages that did not wait for any, as a local API server may give it.
	shortPoll = time.Second
	// queueCallTimeout bounds any other call to SQS.
	queueCallTimeout = 10 * time.Second
	// hopelessAfter is how long Listen tries to receive for the first time without an answer of SQS.
	hopelessAfter = 5 * time.Minute
	// hopelessFailures is how many failures without a hope to pass by themselves Listen bears before the first receive.
	hopelessFailures = 3
	// abandonAfter is how long Listen waits for handlers whose contexts ended at shutdown.
	abandonAfter = 10 * time.Second
	// probeTimeout is how long a pause waits for the handler of its last probe.
	probeTimeout = 10 * time.Minute
	// prefetchHorizon is the time within which a message that is received ahead has to reach a handler.
	prefetchHorizon = 10 * time.Second
)

// Listen receives notifications from the queue and calls handle for each, until ctx ends. It then receives no more, waits
// ShutdownGrace for the handlers that run, ends their contexts, deletes or releases all messages, and returns nil.
//
// It returns an error, after the same, when the queue cannot be read (it does not exist, or the caller may not read it). Transient
// errors, such as throttling, 5xx and broken connections, are logged and retried; but when nothing could be received since Listen
// began, as without credentials, it returns an error that wraps ErrNothingReceived. When handlers did not return 10 s after the end
// of their contexts, it returns an error that names their number. Hooks that did not return by then are logged.
//
// A message is
//
//   - deleted when its handler returned nil;
//   - handled again after RetryDelay when its handler returned an error or panicked; after the queue's maxReceiveCount SQS moves it
//     to the dead-letter queue;
//   - logged, and received again until it is in the dead-letter queue, when its body is not a notification; without a dead-letter
//     queue it is received every half hour until the queue's retention period deletes it;
//   - visible again at once when the shutdown interrupted its handler, and after VisibilityTimeout when the process died.
//
// When ten handlers in a row failed, Listen pauses receiving, for up to 2 minutes at a time, and then receives a single message; after
// 6 hours of that, ten messages. The first handler that returns nil ends the pause.
//
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
func (c *Client) Listen(ctx context.Context, handle Handler, optFns ...func(*ListenOptions)) error {
	options := ListenOptions{Workers: 10, VisibilityTimeout: time.Minute, ShutdownGrace: 20 * time.Second}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	if err := c.validateListen(handle, options); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l := &listener{
		Client: c, options: options, handle: handle,
		ended: func() bool { return ctx.Err() != nil },
		work:  make(chan *delivery, maxReceiveBatch), changed: make(chan struct{}, 1), abandoned: make(chan struct{}),
	}
	l.breaker.log = c.log
	if err := l.run(ctx); err != nil {
		return fmt.Errorf("listen on %s: %w", c.config.QueueURL, err)
	}
	return nil
}

func (c *Client) validateListen(handle Handler, options ListenOptions) error {
	var problems problems
	problems.addf(handle == nil, "handler is nil: pass a function")
	problems.addf(c.config.QueueURL == "", "queue URL is empty: set %s or Config.QueueURL", EnvQueueURL)
	problems.addf(options.Workers < 1 || options.Workers > maxWorkers, "workers %d: use 1 to %d", options.Workers, maxWorkers)
	visibility := options.VisibilityTimeout
	problems.addf(visibility < minVisibility || visibility > maxVisibility || visibility%time.Second != 0,
		"visibility timeout %s: use whole seconds from %s to %s", visibility, minVisibility, maxVisibility)
	problems.addf(options.MaxReceiveCount < 0, "maximum receive count %d: use 0 to ask the queue, or its redrive policy's maxReceiveCount", options.MaxReceiveCount)
	problems.addf(options.ShutdownGrace < 0, "shutdown grace %s: use 0 or more", options.ShutdownGrace)
	return problems.err()
}

// listener is one call of Listen.
type listener struct {
	*Client
	options ListenOptions
	handle  Handler
	breaker breaker
	deleter deleter
	// work has the messages that were received and wait for a worker.
	work chan *delivery
	// changed wakes the receiver when a message was handled, or the breaker closed.
	changed chan struct{}
	// abandoned is closed when Listen no longer waits for handlers.
	abandoned chan struct{}
	// ended reports whether Listen's context has ended.
	ended func() bool
	// stopping is set when nothing is received any more.
	stopping atomic.Bool
	// maxReceives is the queue's maxReceiveCount, 0 without a redrive policy.
	maxReceives atomic.Int64

	mu       sync.Mutex
	inHand   map[*delivery]struct{} // received and not handled yet
	probes   int                    // those of inHand that were received during a pause
	average  time.Duration          // of a handler's duration, 0 before the first
	leftOver int                    // handlers that were abandoned
}

func (l *listener) run(ctx context.Context) error {
	l.inHand = make(map[*delivery]struct{})
	l.maxReceives.Store(defaultMaxReceiveCount)
	var background, workers sync.WaitGroup
	asking, stopAsking := context.WithCancel(ctx)
	defer stopAsking()
	if l.options.MaxReceiveCount > 0 {
		l.maxReceives.Store(int64(l.options.MaxReceiveCount))
	} else {
		background.Go(func() { l.askMaxReceives(asking) })
	}
	l.deleter.start(l)
	for range l.options.Workers {
		workers.Go(func() {
			for d := range l.work {
				l.process(d)
			}
		})
	}
	err := l.receiveUntilDone(ctx)

	l.stopping.Store(true)
	close(l.work)
	handled := make(chan struct{})
	go func() { workers.Wait(); close(handled) }()
	l.shutDown(handled)
	l.deleter.stop()
	stopAsking()
	background.Wait()
	if err == nil && l.leftOver > 0 {
		err = fmt.Errorf("%d handlers did not return within %s of the end of their contexts: their notifications will be handled again",
			l.leftOver, abandonAfter)
	}
	return err
}

// shutDown waits for the workers: a grace, then a while with ended contexts, then no longer.
func (l *listener) shutDown(handled <-chan struct{}) {
	if waitFor(handled, l.options.ShutdownGrace) {
		return
	}
	l.mu.Lock()
	for d := range l.inHand {
		d.cancel(ErrShutdown)
	}
	l.mu.Unlock()
	if !waitFor(handled, abandonAfter) {
		close(l.abandoned)
		<-handled
	}
}

func waitFor(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// askMaxReceives reads the queue's redrive policy, and repeats that until SQS answers. Until then the default holds.
func (l *listener) askMaxReceives(ctx context.Context) {
	for failures := 1; ; failures++ {
		err := l.askMaxReceivesOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			l.warnOfMaxReceives(ctx)
			return
		case failures == 1 || isRejection(err):
			l.log.WarnContext(ctx, "redrive policy unknown, set MaxReceiveCount: retries are spread over the receives assumed",
				"assumed receives", defaultMaxReceiveCount, "error", err)
		}
		if isRejection(err) || sleep(ctx, backoff(receiveBase, redriveCap, failures)) != nil {
			return
		}
	}
}

// warnOfMaxReceives names what a queue's redrive policy takes from Listen's retries.
func (l *listener) warnOfMaxReceives(ctx context.Context) {
	switch count := l.maxReceives.Load(); count {
	case 0:
		l.log.WarnContext(ctx, "the queue has no dead-letter queue: a notification whose handler always fails is received until the retention period deletes it")
	case 1:
		l.log.WarnContext(ctx, "the queue's maxReceiveCount is 1: a handler that fails once, or that a shutdown interrupts, is not called again; use 5")
	}
}

func (l *listener) askMaxReceivesOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queueCallTimeout)
	defer cancel()
	return protect(func() error {
		name := sqstypes.QueueAttributeNameRedrivePolicy
		out, err := l.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(l.config.QueueURL), AttributeNames: []sqstypes.QueueAttributeName{name},
		})
		if err != nil {
			return err
		}
		policy, found := out.Attributes[string(name)]
		if !found {
			l.maxReceives.Store(0)
			return nil
		}
		var redrive struct {
			MaxReceiveCount json.Number `json:"maxReceiveCount"` // the console writes a number, other tools a string
		}
		if err := json.Unmarshal([]byte(policy), &redrive); err != nil {
			return err
		}
		count, err := redrive.MaxReceiveCount.Int64()
		if err != nil {
			return err
		}
		l.maxReceives.Store(count)
		return nil
	})
}

func (l *listener) receiveUntilDone(ctx context.Context) error {
	begin, failures, received := time.Now(), 0, false
	for {
		limit, probe := l.room(ctx)
		if limit == 0 {
			return nil
		}
		asked := time.Now()
		messages, err := l.receive(ctx, limit)
		for _, message := range messages {
			l.work <- l.take(ctx, message, probe)
		}
		switch {
		case err == nil:
			failures, received = 0, true
			if len(messages) == 0 && time.Since(asked) < shortPoll && sleep(ctx, shortPoll) != nil {
				return nil
			}
			continue
		case ctx.Err() != nil:
			return nil
		case isRejection(err) && received:
			return err
		case isRejection(err), !received && l.isHopeless(ctx, err, failures+1, time.Since(begin)):
			return fmt.Errorf("%w: %w", ErrNothingReceived, err)
		}
		if isAnswer(err) {
			begin = time.Now() // SQS is there, and throttles or has a fault
		}
		failures++
		delay := backoff(receiveBase, receiveCap, failures)
		l.log.WarnContext(ctx, "receive failed, trying again", "after", delay, "error", err)
		if sleep(ctx, delay) != nil {
			return nil
		}
	}
}

// room waits until it is worth to receive, and returns how many messages: as many as possible at a time, which saves requests, and
// during a pause a single one, the probe. It returns 0 when ctx has ended.
func (l *listener) room(ctx context.Context) (limit int, probe bool) {
	for ctx.Err() == nil {
		if pause := l.breaker.pause(); pause > 0 {
			if l.waitForChange(ctx, pause, func() bool { return !l.breaker.isOpen() }) || ctx.Err() != nil {
				continue
			}
			// The next probe waits for the last one, which may be slow to fail; but one that never returns must not end receiving.
			l.waitForChange(ctx, probeTimeout, func() bool { return l.probing() == 0 })
			if n := min(l.freeRoom(), l.breaker.probeSize()); n > 0 && ctx.Err() == nil && l.breaker.isOpen() {
				return n, true
			}
			continue
		}
		if n := l.freeRoom(); n > 0 {
			return n, false
		}
		l.waitForChange(ctx, maxVisibility, func() bool { return l.freeRoom() > 0 || l.breaker.isOpen() })
	}
	return 0, false
}

// waitForChange waits for d, or until the condition holds, and reports whether it does.
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

// freeRoom returns how many messages to receive now, at most ten; 0 when it is better to wait for more room.
func (l *listener) freeRoom() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	room := l.options.Workers + l.prefetch() - len(l.inHand)
	if room >= maxReceiveBatch || len(l.inHand) < l.options.Workers {
		return min(room, maxReceiveBatch)
	}
	return 0
}

// prefetch returns how many messages may wait for a worker. A message in memory is hidden from other consumers, so it is only as
// many as the workers will reach soon.
func (l *listener) prefetch() int {
	if l.average == 0 || l.breaker.isFailing() {
		return 0
	}
	horizon := min(prefetchHorizon, l.options.VisibilityTimeout/6)
	return int(min(time.Duration(l.options.Workers)*horizon/l.average, maxReceiveBatch))
}

func (l *listener) receive(ctx context.Context, limit int) (messages []sqstypes.Message, err error) {
	receiving, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	err = protect(func() error {
		out, err := l.sqs.ReceiveMessage(receiving, &sqs.ReceiveMessageInput{
			QueueUrl:                    aws.String(l.config.QueueURL),
			MaxNumberOfMessages:         int32(limit), // at most maxReceiveBatch
			WaitTimeSeconds:             int32(maxReceiveWait / time.Second),
			VisibilityTimeout:           int32(l.options.VisibilityTimeout / time.Second),
			MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameApproximateReceiveCount},
		})
		if err == nil {
			messages = out.Messages
		}
		return err
	})
	return messages, err
}

// isAnswer reports whether an error is an answer of SQS.
func isAnswer(err error) bool {
	var answer smithy.APIError
	return errors.As(err, &answer)
}

// isRejection reports whether SQS understood a request and denied it: the same request will not succeed.
func isRejection(err error) bool {
	var throttled *sqstypes.KmsThrottled
	var tooManyInFlight *sqstypes.OverLimit // of all consumers: it passes
	return isAnswer(err) && !isTransient(err) && !errors.As(err, &throttled) && !errors.As(err, &tooManyInFlight)
}

// isHopeless reports whether an error before the first receive will not pass by itself.
func (l *listener) isHopeless(ctx context.Context, err error, failures int, passed time.Duration) bool {
	if l.credentials != nil {
		ctx, cancel := context.WithTimeout(ctx, queueCallTimeout)
		defer cancel()
		if _, err := l.credentials.Retrieve(ctx); err != nil && ctx.Err() == nil {
			return true
		}
	}
	var host *net.DNSError
	lasting := !isTransient(err) && !isAnswer(err) || errors.As(err, &host) && host.IsNotFound
	return lasting && failures >= hopelessFailures || passed >= hopelessAfter
}

// take accounts for a message until it was handled.
func (l *listener) take(ctx context.Context, message sqstypes.Message, probe bool) *delivery {
	d := newDelivery(ctx, message)
	d.probe = probe
	l.mu.Lock()
	l.inHand[d] = struct{}{}
	if probe {
		l.probes++
	}
	l.mu.Unlock()
	d.extender.Go(func() { l.keepHidden(d) })
	return d
}

// handled frees the room of a message.
func (l *listener) handled(d *delivery) {
	l.mu.Lock()
	delete(l.inHand, d)
	if d.probe {
		l.probes--
	}
	if !d.started.IsZero() {
		took := max(time.Since(d.started), time.Millisecond)
		if l.average == 0 {
			l.average = took
		}
		l.average += (took - l.average) / 8
	}
	l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func receives(message sqstypes.Message) int {
	count, err := strconv.Atoi(message.Attributes[string(sqstypes.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return count
}
