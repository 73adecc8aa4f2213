package textractclient

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Handler handles a notification of [Client.Listen]. When it returns nil, the message is deleted.
// When it returns an error or panics, the message becomes visible again after a delay, and the
// notification is handled again. Delivery is at least once and in any order: the same notification
// may be handled twice.
//
// ctx has the values of the context that Listen was called with, but not its end. It ends for two
// causes, which context.Cause returns: [ErrShutdown], when Listen ends and the handler still runs
// after ShutdownGrace, and [ErrMessageLost], when the message is visible to other consumers again.
type Handler func(ctx context.Context, notification Notification) error

// ListenOptions change how [Client.Listen] works.
type ListenOptions struct {
	// Workers is the number of handlers that run at a time, from 1 to 1,000. Up to ten more
	// messages are received ahead while handlers are quick. Default: 10.
	Workers int
	// VisibilityTimeout is the time for which a message is hidden from other consumers: whole
	// seconds, from 3 s to 12 h. While a handler runs, it is extended after each third of it, until
	// 12 hours after the receive, which is the maximum of SQS. After a crash the message becomes
	// visible again at its end. Default: 1 minute.
	VisibilityTimeout time.Duration
	// RetryDelay returns the time until a message whose handler failed becomes visible again, by
	// the number of receives of the message, from 1. It is extended to 1 s, and limited to the rest
	// of the 12 hours. Where it is set, no message is held through an outage: see [Client.Listen].
	// Default: delays that are spread over hours; with 5 receives about 13 s, 2.5 min, 30 min and
	// 6 h.
	RetryDelay func(receives int) time.Duration
	// MaxReceiveCount is that of the queue's redrive policy, for the default RetryDelay. Default:
	// 0, Listen reads the policy from the queue, which needs sqs:GetQueueAttributes, and uses 5,
	// the construct's default, where it cannot.
	MaxReceiveCount int
	// ShutdownGrace is the time from the end of Listen's context until the contexts of running
	// handlers end. Default: 20 s, which leaves time to delete and release messages within the 30 s
	// of ECS and Kubernetes.
	ShutdownGrace time.Duration
}

const (
	minVisibility          = 3 * time.Second
	maxVisibility          = 12 * time.Hour
	maxWorkers             = 1000
	defaultMaxReceiveCount = 5
	redriveCap             = 10 * time.Minute
	// abandonAfter is how long Listen waits for handlers whose contexts ended at shutdown.
	abandonAfter = 10 * time.Second
)

// Listen receives notifications from the queue and calls handle for each, until ctx ends. Then it
// stops receiving, waits ShutdownGrace for the running handlers, ends their contexts, deletes or
// releases all messages, and returns nil. It needs Config.QueueURL.
//
// A message is
//
//   - deleted when its handler returned nil;
//   - handled again after RetryDelay when its handler returned an error or panicked; after the
//     queue's maxReceiveCount, SQS moves it to the dead-letter queue;
//   - logged and received again when its body is not a notification, until it is in the dead-letter
//     queue; without one, at intervals of up to 30 minutes until the queue's retention period ends;
//   - visible again at once when the shutdown interrupted its handler, and after VisibilityTimeout
//     when the process died. A message that was held is visible 4 minutes after a shutdown during a
//     pause, and 10 minutes after the process died, or as many seconds as twice the number of
//     messages held, if that is longer.
//
// A message whose handler fails is first held: hidden for up to 12 hours, and handled again within
// the process, at most 2 minutes later each time. That costs no receive, so that an outage of what
// the handlers need moves nothing to the dead-letter queue: with 5 receives, one of 48 hours. When
// other messages succeed meanwhile, or the error wraps [ErrUnprocessable], ErrJobUnknown,
// ErrJobFailed or ErrInvalidInput, the cause is the message, and RetryDelay follows. With an own
// RetryDelay nothing is held.
//
// When ten handlers in a row have failed, Listen pauses: it handles one held message at a time, and
// receives every few seconds while that brings messages that were not tried yet, else every 4
// minutes. It holds up to 5,000. The first handler that returns nil ends the pause. After 50 hours
// messages are released, so that those that always fail reach the dead-letter queue before they
// expire.
//
// Transient errors, such as throttling, 5xx and broken connections, are logged and retried. Listen
// returns an error
//
//   - that wraps ErrInvalidInput, without a call, for invalid options, a nil handle or a client
//     without a queue;
//   - when the queue cannot be read, because it does not exist or the caller lacks a permission;
//     the error wraps ErrNothingReceived when Listen has never received, as without credentials or
//     with a host that does not exist;
//   - that names the number of handlers that have not returned 10 s after their contexts ended.
//
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
func (c *Client) Listen(ctx context.Context, handle Handler, optFns ...func(*ListenOptions)) error {
	var read func([]byte) (*task, error)
	if handle != nil {
		read = func(body []byte) (*task, error) {
			n, err := ParseNotification(body)
			return &task{n, func(ctx context.Context) error { return handle(ctx, n) }}, err
		}
	}
	return c.listen(ctx, c.config.QueueURL, "a notification", read, optFns)
}

// task is what a message asks for.
type task struct {
	notification Notification // zero: the message has none
	run          func(context.Context) error
}

// listen is Listen for a queue with messages of any kind, which read decodes.
func (c *Client) listen(
	ctx context.Context, queueURL, kind string, read func([]byte) (*task, error), optFns []func(*ListenOptions),
) error {
	options := ListenOptions{Workers: 10, VisibilityTimeout: time.Minute, ShutdownGrace: 20 * time.Second}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	if err := validateListen(queueURL, read != nil, options); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l := &listener{
		Client: c, queue: queueCalls{c.sqs, queueURL}, options: options, kind: kind, read: read,
		ended: func() bool { return ctx.Err() != nil },
		work:  make(chan *delivery, maxReceiveBatch), changed: make(chan struct{}, 1), abandoned: make(chan struct{}),
	}
	l.breaker.log = c.log
	c.log.InfoContext(ctx, "listening", "queue", queueURL, "workers", options.Workers)
	if err := l.run(ctx); err != nil {
		return fmt.Errorf("listen on %s: %w%s", queueURL, err, receiveHint(err))
	}
	return nil
}

func validateListen(queueURL string, hasHandler bool, options ListenOptions) error {
	var problems problems
	problems.addf(!hasHandler, "handler is nil: pass a function")
	problems.addf(queueURL == "", "queue URL is empty: set %s or Config.QueueURL", EnvQueueURL)
	problems.addf(options.Workers < 1 || options.Workers > maxWorkers, "workers %d: use 1 to %d", options.Workers, maxWorkers)
	visibility := options.VisibilityTimeout
	problems.addf(visibility < minVisibility || visibility > maxVisibility || visibility%time.Second != 0,
		"visibility timeout %s: use whole seconds from %s to %s", visibility, minVisibility, maxVisibility)
	problems.addf(
		options.MaxReceiveCount < 0,
		"maximum receive count %d: use 0 to ask the queue, or its redrive policy's maxReceiveCount",
		options.MaxReceiveCount,
	)
	problems.addf(options.ShutdownGrace < 0, "shutdown grace %s: use 0 or more", options.ShutdownGrace)
	return problems.err()
}

// listener is one call of Listen.
type listener struct {
	*Client
	queue   queueCalls
	options ListenOptions
	// kind is what a message should be, and read decodes it.
	kind    string
	read    func(body []byte) (*task, error)
	breaker breaker
	deleter deleter
	holder  holder
	// work has the messages that wait for a worker.
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
	running  int                    // handlers
	// handledAt is when the last of them returned.
	handledAt time.Time
}

func (l *listener) run(ctx context.Context) error {
	l.inHand = make(map[*delivery]struct{})
	l.maxReceives.Store(defaultMaxReceiveCount)
	var background, workers sync.WaitGroup
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	if l.options.MaxReceiveCount > 0 {
		l.maxReceives.Store(int64(l.options.MaxReceiveCount))
	} else {
		background.Go(func() { l.readMaxReceives(reading) })
	}
	l.deleter.start(l)
	holding, stopHolding := context.WithCancel(ctx)
	defer stopHolding()
	l.holder.start(holding, l)
	background.Go(func() { l.dropLate(holding) })
	for range l.options.Workers {
		workers.Go(l.processAll)
	}
	err := l.receiveUntilDone(ctx)

	l.stopping.Store(true)
	close(l.work)
	stopHolding()
	background.Go(l.holder.stop)
	handled := make(chan struct{})
	go func() { workers.Wait(); close(handled) }()
	l.shutDown(handled)
	l.deleter.stop()
	stopReading()
	background.Wait()
	if err == nil && l.leftOver > 0 {
		err = fmt.Errorf("%d handlers did not return within %s of the end of their contexts: their notifications will be handled again",
			l.leftOver, abandonAfter)
	}
	return err
}

// processAll handles messages until there is no more work.
func (l *listener) processAll() {
	for {
		select {
		case d, open := <-l.work:
			if !open {
				return
			}
			l.process(d)
		case d := <-l.holder.ready:
			l.process(d)
		}
	}
}

// shutDown waits for the workers: ShutdownGrace, then abandonAfter with ended contexts.
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
