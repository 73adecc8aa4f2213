package textractclient

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// Handler is called with each notification. When it returns nil the message is deleted; when it returns an error or panics the
// message stays, to be handled again. Delivery is at least once: the same notification may come twice, and notifications come in
// any order.
//
// ctx carries the values of the context that Listen was given but does not end with it, so that a shutdown cuts nothing off.
type Handler func(ctx context.Context, notification Notification) error

// ListenOptions set how Listen works.
type ListenOptions struct {
	// Workers is how many handlers run at a time, and so how many messages are in memory. Default: 10.
	Workers int
	// VisibilityTimeout is for how long a message is hidden from others at a time: after a crash it comes back so much later.
	// While a handler runs it is extended every third of that, up to the 12 hours that SQS allows. In whole seconds, from 3 s to
	// 12 h. Default: 1 minute.
	VisibilityTimeout time.Duration
	// RetryDelay says after how long a message whose handler failed is visible again, given how often it was received, from 1.
	// It is cut to 12 h. Default: 10 s, doubled with each receive, up to 5 minutes.
	RetryDelay func(receives int) time.Duration
}

const (
	minVisibility   = 3 * time.Second
	maxVisibility   = 12 * time.Hour
	maxReceiveBatch = 10
	receiveBase     = time.Second
	receiveCap      = 30 * time.Second
	// settleTimeout bounds deleting a message or putting it back, for a shutdown waits for it.
	settleTimeout = 30 * time.Second
)

// Listen takes notifications from the queue and has them handled, until ctx ends. It then receives no more, waits for the handlers
// that run, settles their messages, and returns nil. It returns an error, after the same, when the queue cannot be read at all
// (it does not exist, or the caller may not read it); faults that pass, such as throttling, 5xx and broken connections, it sits
// out.
//
// What happens to a message:
//
//   - its handler succeeds: it is deleted;
//   - its handler fails or panics: it becomes visible again after RetryDelay, is handled again, and after the queue's
//     maxReceiveCount receives SQS moves it to the dead letters;
//   - its body is no notification: it is logged and goes the same way, without a handler;
//   - the process dies, or ctx ends while the message is on its way: it becomes visible again after VisibilityTimeout.
//
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
func (c *Client) Listen(ctx context.Context, handle Handler, optFns ...func(*ListenOptions)) error {
	options := ListenOptions{Workers: 10, VisibilityTimeout: time.Minute, RetryDelay: defaultRetryDelay}
	for _, fn := range optFns {
		fn(&options)
	}
	if err := c.validateListen(options); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l := &listener{Client: c, options: options, handle: handle, free: make(chan struct{}, options.Workers)}
	for range options.Workers {
		l.free <- struct{}{}
	}
	err := l.receiveUntilDone(ctx)
	l.running.Wait()
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.config.QueueURL, err)
	}
	return nil
}

func defaultRetryDelay(receives int) time.Duration {
	const base, limit = 10 * time.Second, 5 * time.Minute
	if receives > 5 {
		return limit
	}
	return base << (max(receives, 1) - 1)
}

func (c *Client) validateListen(options ListenOptions) error {
	var problems problems
	problems.addf(c.config.QueueURL == "", "queue URL is empty: set %s or Config.QueueURL", EnvQueueURL)
	problems.addf(options.Workers < 1, "workers %d: use at least 1", options.Workers)
	visibility := options.VisibilityTimeout
	problems.addf(visibility < minVisibility || visibility > maxVisibility || visibility%time.Second != 0,
		"visibility timeout %s: use whole seconds from %s to %s", visibility, minVisibility, maxVisibility)
	problems.addf(options.RetryDelay == nil, "retry delay is nil: leave it unset for the default")
	if err := (Config{QueueURL: c.config.QueueURL}).Validate(); err != nil {
		problems.addf(true, "%s", err)
	}
	return problems.err()
}

// listener is one call of Listen.
type listener struct {
	*Client
	options ListenOptions
	handle  Handler
	// free holds one token for each handler that may start.
	free    chan struct{}
	running sync.WaitGroup
}

// receiveUntilDone never asks for more messages than there are free workers: one that waited here in memory would use up its
// visibility timeout.
func (l *listener) receiveUntilDone(ctx context.Context) error {
	failures := 0
	for {
		workers := l.takeWorkers(ctx)
		if workers == 0 {
			return nil
		}
		messages, err := l.receive(ctx, workers)
		l.freeWorkers(workers - len(messages))
		for _, message := range messages {
			l.running.Go(func() {
				defer l.freeWorkers(1)
				l.process(context.WithoutCancel(ctx), message)
			})
		}
		switch {
		case err == nil:
			failures = 0
			continue
		case ctx.Err() != nil:
			return nil
		case !willPass(err):
			return err
		}
		failures++
		delay := backoff(receiveBase, receiveCap, failures)
		l.log.Warn("receive failed, trying again", "after", delay, "error", err)
		if sleep(ctx, delay) != nil {
			return nil
		}
	}
}

// takeWorkers waits for a free worker and takes what others are free with it, up to a batch. It returns 0 when ctx has ended.
func (l *listener) takeWorkers(ctx context.Context) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case <-l.free:
	}
	for taken := 1; ; taken++ {
		if taken == maxReceiveBatch {
			return taken
		}
		select {
		case <-l.free:
		default:
			return taken
		}
	}
}

func (l *listener) freeWorkers(n int) {
	for range n {
		l.free <- struct{}{}
	}
}

func (l *listener) receive(ctx context.Context, limit int) ([]sqstypes.Message, error) {
	out, err := l.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(l.config.QueueURL),
		MaxNumberOfMessages:         int32(limit), // at most maxReceiveBatch
		WaitTimeSeconds:             seconds(maxReceiveWait),
		VisibilityTimeout:           seconds(l.options.VisibilityTimeout),
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{sqstypes.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// willPass tells whether a failed receive is worth another: not when SQS understood the request and refused it.
func willPass(err error) bool {
	var throttled *sqstypes.KmsThrottled
	var refusal smithy.APIError
	return isRetryable(err) || errors.As(err, &throttled) || !errors.As(err, &refusal)
}

func (l *listener) process(ctx context.Context, message sqstypes.Message) {
	log := l.log.With("message", aws.ToString(message.MessageId), "receives", receives(message))
	notification, err := ParseNotification([]byte(aws.ToString(message.Body)))
	if err != nil {
		log.Warn("message left for the dead letters", "error", err, "body", excerpt(aws.ToString(message.Body)))
		l.settle(ctx, log, message, l.putBack)
		return
	}
	log = log.With("job", notification.JobID)
	if err := l.handleExtending(ctx, log, message, notification); err != nil {
		log.Error("handler failed", "error", err)
		l.settle(ctx, log, message, l.putBack)
		return
	}
	l.settle(ctx, log, message, l.remove)
}

// callHandler turns a handler's panic into an error, so that one bad document does not take the process and all other handlers with it.
func (l *listener) callHandler(ctx context.Context, notification Notification) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("handler panicked: %v\n%s", cause, debug.Stack())
		}
	}()
	return l.handle(ctx, notification)
}

func receives(message sqstypes.Message) int {
	count, err := strconv.Atoi(message.Attributes[string(sqstypes.MessageSystemAttributeNameApproximateReceiveCount)])
	if err != nil {
		return 1
	}
	return count
}

func excerpt(body string) string {
	const limit = 200
	if len(body) > limit {
		return body[:limit] + "…"
	}
	return body
}
