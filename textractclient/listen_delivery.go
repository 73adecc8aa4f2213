package textractclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// delivery is a message from its receive until it is deleted or visible again.
type delivery struct {
	message    sqstypes.Message
	receivedAt time.Time
	started    time.Time // when its handler was called
	failedAt   time.Time // when its handler last failed
	tries      int       // how often its handler failed since the receive
	suspicions int       // between how many of them, in a row, others succeeded
	probe      bool
	held       atomic.Bool // whether it was held since the receive
	claimed    atomic.Bool
	// ctx is the parent of the handler's contexts.
	ctx    context.Context
	cancel context.CancelCauseFunc
	// hidden is closed when the message need not be hidden any longer.
	hidden   chan struct{}
	stopOnce sync.Once
	extender sync.WaitGroup
}

func newDelivery(listening context.Context, message sqstypes.Message) *delivery {
	d := &delivery{message: message, receivedAt: time.Now(), hidden: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancelCause(context.WithoutCancel(listening))
	return d
}

// claim reports whether nobody has begun to handle or to release a message that was received.
func (d *delivery) claim() bool { return d.claimed.CompareAndSwap(false, true) }

// stopExtending returns when no extension is on its way any more, which would hide again what
// becomes visible.
func (d *delivery) stopExtending() {
	d.endExtending()
	d.extender.Wait()
}

func (d *delivery) endExtending() { d.stopOnce.Do(func() { close(d.hidden) }) }

// visibilityLeft returns how much is left of the 12 hours that SQS counts from the receive, in
// whole seconds.
func (d *delivery) visibilityLeft() time.Duration {
	const margin = 2 * time.Second // SQS began to count before its response was here
	return max(maxVisibility-margin-time.Since(d.receivedAt), 0).Truncate(time.Second)
}

// process handles one message. Whatever happens to the handler, the worker goes on.
func (l *listener) process(d *delivery) {
	if !d.held.Load() && !d.claim() {
		return // it came too late, and was released
	}
	log := l.logOf(d)
	t, err := l.read([]byte(aws.ToString(d.message.Body)))
	switch {
	case l.stopping.Load():
		l.handled(d)
		l.release(log, d, 0)
	case errors.Is(context.Cause(d.ctx), ErrMessageLost): // while it waited for a worker
		l.handled(d)
		d.stopExtending()
	case err != nil:
		delay, fate := malformedDelay, "the message goes to the dead-letter queue"
		if l.maxReceives.Load() == 0 {
			delay, fate = defaultRetryDelay(receives(d.message), 0), "the message is received again until the queue's retention period"
		}
		log.Warn("not "+l.kind+": "+fate, "after", delay, "error", err, "body", excerpt(aws.ToString(d.message.Body)))
		l.handled(d)
		l.release(log, d, delay)
	default:
		l.starts(d)
		ctx, cancel := context.WithCancel(d.ctx)
		err := l.callUser(func() error { return t.run(ctx) })
		if t.notification.JobID != "" {
			log = log.With("job", t.notification.JobID)
		}
		held := l.finish(log, d, t.notification, err)
		cancel()
		if !held {
			l.handled(d)
		}
	}
}

func (l *listener) logOf(d *delivery) *slog.Logger {
	return l.log.With("message", aws.ToString(d.message.MessageId), "receives", receives(d.message))
}

// finish deletes the message of a handler that succeeded, and holds or releases that of any other.
// It reports whether the message is held: then it may be with another worker already.
func (l *listener) finish(log *slog.Logger, d *delivery, n Notification, err error) (held bool) {
	cause := context.Cause(d.ctx)
	switch {
	case err == nil:
		if l.breaker.succeeded() {
			l.holder.resume()
		}
		l.deleter.add(d)
		if n.JobID == "" {
			break // no job has completed
		}
		l.runHook(log, func() {
			l.completed(JobEvent{Job: n.Ref(), Document: n.Document, JobTag: n.JobTag, Status: n.Status}, n.Timestamp)
		})
	case errors.Is(err, errAbandoned):
		l.mu.Lock()
		l.leftOver++
		l.mu.Unlock()
		log.Error("handler does not return, the notification will be handled again", "after", l.options.VisibilityTimeout)
		d.stopExtending()
	case errors.Is(cause, ErrShutdown), l.ended() && isContextError(err): // also where a handler uses Listen's context
		log.Warn("handler interrupted by the shutdown, the notification will be handled again", "error", err)
		l.release(log, d, 0)
	case errors.Is(cause, ErrMessageLost):
		log.Error("handler failed after its message was lost", "error", err)
		d.stopExtending()
	case isUnprocessable(err), l.holder.suspect(d):
		l.failed(log, d, n, err, l.releaseLater(log, d))
	default:
		l.breaker.failed(receives(d.message))
		if l.isToHold(d) {
			l.handled(d)
			if delay, held := l.holder.add(d); held {
				l.failed(log, d, n, err, delay)
				return true
			}
		}
		l.failed(log, d, n, err, l.releaseLater(log, d))
	}
	d.cancel(nil)
	return false
}

// isToHold reports whether a failed message is worth holding.
func (l *listener) isToHold(d *delivery) bool {
	return l.options.RetryDelay == nil && !l.breaker.lasts() &&
		d.visibilityLeft() > 2*heldMargin && l.holder.len() < maxHeld
}

// releaseLater makes a message visible again after the retry delay, and returns that.
func (l *listener) releaseLater(log *slog.Logger, d *delivery) time.Duration {
	delay := l.retryDelay(log, d)
	l.release(log, d, delay)
	return delay
}

func (l *listener) failed(log *slog.Logger, d *delivery, n Notification, err error, delay time.Duration) {
	log.Error("handler failed, the notification will be handled again", "after", delay, "error", err)
	l.runHook(log, func() {
		callHook(l.Client, "Retried", l.hooks.Retried,
			RetryEvent{Action: handlerAction, Job: n.Ref(), Attempt: receives(d.message), Delay: delay, Err: err})
	})
}

// isUnprocessable reports whether an error says nothing of what is around the message.
func isUnprocessable(err error) bool {
	for _, cause := range []error{ErrUnprocessable, ErrJobUnknown, ErrJobFailed, ErrInvalidInput} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

var (
	// errNoReturn is a function that ended its goroutine (runtime.Goexit), as testing's FailNow
	// does.
	errNoReturn = errors.New("goroutine ended without returning")
	// errAbandoned is a function that still runs when Listen returns.
	errAbandoned = errors.New("does not return")
)

// runHook runs a hook whose message is deleted or released already.
func (l *listener) runHook(log *slog.Logger, hook func()) {
	if err := l.callUser(func() error { hook(); return nil }); err != nil {
		log.Error("hook failed", "error", err)
	}
}

// callUser runs a function of the user on a goroutine of its own, so that one that ends its
// goroutine, or never returns, takes no worker with it.
func (l *listener) callUser(f func() error) error {
	done := make(chan error, 1)
	go func() {
		err := errNoReturn
		defer func() { done <- err }()
		err = protect(f)
	}()
	select {
	case err := <-done:
		return err
	case <-l.abandoned:
		return errAbandoned
	}
}

// keepHidden extends the visibility timeout until the message is deleted or released. When it
// cannot, it ends the handler's context.
func (l *listener) keepHidden(d *delivery) {
	hiddenUntil := d.receivedAt.Add(l.options.VisibilityTimeout)
	wait := l.options.VisibilityTimeout / 3
	for {
		timer := time.NewTimer(min(wait, time.Until(hiddenUntil)))
		select {
		case <-d.hidden:
			timer.Stop()
			return
		case <-timer.C:
		}
		if !time.Now().Before(hiddenUntil) {
			l.lose(d, fmt.Errorf("%w: its visibility timeout is over", ErrMessageLost))
			return
		}
		timeout := min(l.visibilityOf(d), d.visibilityLeft())
		sent := time.Now()
		if !sent.Add(timeout).After(hiddenUntil) {
			wait = time.Until(hiddenUntil) // the 12 hours are used up
			continue
		}
		err := l.setVisibility(d, timeout, min(queueCallTimeout, time.Until(hiddenUntil)))
		switch {
		case err == nil:
			hiddenUntil = sent.Add(timeout)
			wait = timeout / 3
			if d.held.Load() {
				wait = timeout / 2
			}
		case isGone(err):
			l.lose(d, fmt.Errorf("%w: %w", ErrMessageLost, err))
			return
		default:
			wait = max(time.Until(hiddenUntil)/4, time.Second)
			l.log.Warn(
				"visibility timeout not extended, trying again", "message", aws.ToString(d.message.MessageId),
				"after", wait, "error", err,
			)
		}
	}
}

// visibilityOf returns the visibility timeout of a message. That of a held one is longer: there may
// be many.
func (l *listener) visibilityOf(d *delivery) time.Duration {
	if d.held.Load() {
		return max(l.options.VisibilityTimeout, heldVisibility, time.Duration(2*l.holder.len())*time.Second)
	}
	return l.options.VisibilityTimeout
}

// lose ends the context of a handler whose message is visible to others again.
func (l *listener) lose(d *delivery, cause error) {
	select {
	case <-d.hidden: // deleted or released meanwhile
	default:
		if l.holder.forget(d) {
			d.cancel(cause)
			return
		}
		l.log.Error(
			"the message of a running handler is lost, it may be handled twice", "message",
			aws.ToString(d.message.MessageId), "error", cause,
		)
		d.cancel(cause)
	}
}

// isGone reports whether the error is that a message is no longer this consumer's.
func isGone(err error) bool {
	var response smithy.APIError
	if !errors.As(err, &response) {
		return false
	}
	for _, code := range []string{"ReceiptHandleIsInvalid", "MessageNotInflight", "InvalidParameterValue"} {
		if strings.HasSuffix(response.ErrorCode(), code) {
			return true
		}
	}
	return false
}

// release makes a message visible again after a delay. Failing that, it is visible after its
// visibility timeout.
func (l *listener) release(log *slog.Logger, d *delivery, delay time.Duration) {
	d.stopExtending()
	d.cancel(nil)
	if err := l.setVisibility(d, min(delay, d.visibilityLeft()), queueCallTimeout); err != nil {
		log.Warn("message not released, it is visible again after its visibility timeout", "error", err)
	}
}

func (l *listener) setVisibility(d *delivery, visibility, deadline time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.ctx), deadline)
	defer cancel()
	return protect(func() error {
		_, err := l.queue.api.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
			QueueUrl:          aws.String(l.queue.url),
			ReceiptHandle:     d.message.ReceiptHandle,
			VisibilityTimeout: int32(visibility / time.Second),
		})
		return err
	})
}

func excerpt(body string) string {
	const limit = 200
	if len(body) > limit {
		return body[:limit] + "…"
	}
	return body
}

func receives(message sqstypes.Message) int {
	count, err := strconv.Atoi(message.Attributes[string(sqstypes.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return count
}
