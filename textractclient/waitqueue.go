package textractclient

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// peekVisibility bounds for how long a message of somebody else stays hidden if this process dies right after receiving it.
	peekVisibility = 10 * time.Second
	// collectWait is how long an ended job's notification is waited for: it is there, or it will never come.
	collectWait = time.Second
	// maxReceiveWait is the longest that SQS lets a receive wait.
	maxReceiveWait = 20 * time.Second
)

// WaitQueue waits for one job like Wait, and uses the queue besides: where a notification arrives, it knows at once, and it takes
// that notification off the queue.
//
// The status comes first, since a job that was started before publishes nothing again. The queue is shared with Listen and with
// other callers of WaitQueue, and every receive of a message counts towards its dead-lettering, so WaitQueue takes care: it does
// not touch a queue on which others are at work (more than one message, or one in flight), it receives one message at a time, it
// deletes only its own job's, and with the first message that is another's it puts that back at once and keeps to the status from
// there on. So one call costs at most one other message at most one of its receives, and loses none. Whatever keeps it from the
// queue, it goes on with the status.
func (c *Client) WaitQueue(ctx context.Context, operation Operation, jobID string, optFns ...func(*WaitOptions)) (*JobState, error) {
	options := waitOptions(optFns)
	peeker := &peeker{client: c, jobID: jobID}
	state, err := c.wait(ctx, operation, jobID, options, peeker.pause)
	if state != nil && state.Notification == nil {
		state.Notification = peeker.peek(ctx, collectWait)
	}
	return state, err
}

// peeker looks for one job's notification in a shared queue, until it meets another's.
type peeker struct {
	client *Client
	jobID  string
	asked  bool // whether the queue was asked if it is at rest
	off    bool // whether to keep away from the queue
}

func (p *peeker) pause(ctx context.Context, d time.Duration) (*Notification, error) {
	start := time.Now()
	if notification := p.peek(ctx, d); notification != nil {
		return notification, nil
	}
	return nil, sleep(ctx, d-time.Since(start))
}

// peek waits for a message for about d. It returns nil when there is none or it is another's.
func (p *peeker) peek(ctx context.Context, d time.Duration) *Notification {
	if p.off || ctx.Err() != nil {
		return nil
	}
	message, err := p.receive(ctx, d)
	if err != nil {
		p.leave("queue unusable, waiting by status", "error", err)
		return nil
	}
	if message == nil {
		return nil
	}
	notification, err := ParseNotification([]byte(aws.ToString(message.Body)))
	if err != nil || notification.JobID != p.jobID {
		p.release(ctx, message)
		p.leave("queue in use by others, waiting by status")
		return nil
	}
	p.remove(ctx, message)
	return &notification
}

func (p *peeker) leave(reason string, args ...any) {
	p.off = true
	p.client.log.Debug(reason, append(args, "job", p.jobID)...)
}

func (p *peeker) receive(ctx context.Context, d time.Duration) (*sqstypes.Message, error) {
	if !p.asked {
		if err := p.askIfAtRest(ctx); err != nil {
			return nil, err
		}
		p.asked = true
	}
	out, err := p.client.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(p.client.config.QueueURL),
		MaxNumberOfMessages: 1,
		WaitTimeSeconds:     seconds(min(d, maxReceiveWait)),
		VisibilityTimeout:   seconds(peekVisibility),
	})
	if err != nil || len(out.Messages) == 0 {
		return nil, err
	}
	return &out.Messages[0], nil
}

func (p *peeker) askIfAtRest(ctx context.Context) error {
	if p.client.config.QueueURL == "" {
		return errors.New("no queue URL")
	}
	visible, inFlight := sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	out, err := p.client.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl:       aws.String(p.client.config.QueueURL),
		AttributeNames: []sqstypes.QueueAttributeName{visible, inFlight},
	})
	if err != nil {
		return err
	}
	waiting, err1 := strconv.Atoi(out.Attributes[string(visible)])
	handled, err2 := strconv.Atoi(out.Attributes[string(inFlight)])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	// One message may be this job's own.
	if waiting > 1 || handled > 0 {
		return fmt.Errorf("queue has %d messages waiting and %d in flight", waiting, handled)
	}
	return nil
}

// release makes another's message visible again at once, even when ctx has ended meanwhile.
func (p *peeker) release(ctx context.Context, message *sqstypes.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), peekVisibility)
	defer cancel()
	_, err := p.client.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(p.client.config.QueueURL), ReceiptHandle: message.ReceiptHandle, VisibilityTimeout: 0,
	})
	if err != nil {
		p.client.log.Warn("message not put back, it comes back by itself", "after", peekVisibility, "error", err)
	}
}

func (p *peeker) remove(ctx context.Context, message *sqstypes.Message) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), peekVisibility)
	defer cancel()
	_, err := p.client.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: aws.String(p.client.config.QueueURL), ReceiptHandle: message.ReceiptHandle,
	})
	if err != nil {
		p.client.log.Warn("notification stays in the queue", "job", p.jobID, "error", err)
	}
}

// seconds rounds up: SQS takes whole seconds, and 0 would mean not to wait, or not to hide.
func seconds(d time.Duration) int32 {
	return int32((d + time.Second - 1) / time.Second)
}
