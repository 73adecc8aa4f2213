package textractclient

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// handleExtending runs the handler and keeps its message hidden from others for as long as that takes.
func (l *listener) handleExtending(ctx context.Context, log *slog.Logger, message sqstypes.Message, n Notification) error {
	extending, stop := context.WithCancel(ctx)
	var extender sync.WaitGroup
	extender.Go(func() { l.extend(extending, log, message) })
	// The extender must be gone before the message is settled, or it would hide again what was put back.
	defer extender.Wait()
	defer stop()
	return l.callHandler(ctx, n)
}

func (l *listener) extend(ctx context.Context, log *slog.Logger, message sqstypes.Message) {
	tick := time.NewTicker(l.options.VisibilityTimeout / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := l.setVisibility(ctx, message, l.options.VisibilityTimeout)
		if err != nil && ctx.Err() == nil {
			// The handler goes on: what it did so far is not undone by stopping it, and a second delivery is to be expected anyway.
			log.Warn("visibility not extended, the notification may be handled twice", "error", err)
		}
	}
}

// settle deletes a message or puts it back. Failing that, the message comes back when its visibility timeout ends.
func (l *listener) settle(ctx context.Context, log *slog.Logger, message sqstypes.Message, how func(context.Context, sqstypes.Message) error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	if err := how(ctx, message); err != nil {
		log.Warn("message not settled, the notification will be handled again", "error", err)
	}
}

func (l *listener) remove(ctx context.Context, message sqstypes.Message) error {
	_, err := l.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{
		QueueUrl: aws.String(l.config.QueueURL), ReceiptHandle: message.ReceiptHandle,
	})
	return err
}

func (l *listener) putBack(ctx context.Context, message sqstypes.Message) error {
	return l.setVisibility(ctx, message, l.options.RetryDelay(receives(message)))
}

func (l *listener) setVisibility(ctx context.Context, message sqstypes.Message, d time.Duration) error {
	_, err := l.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl:          aws.String(l.config.QueueURL),
		ReceiptHandle:     message.ReceiptHandle,
		VisibilityTimeout: seconds(min(max(d, 0), maxVisibility)),
	})
	return err
}

// maxReceiveWait is the longest that SQS lets a receive wait.
const maxReceiveWait = 20 * time.Second

// seconds rounds up: SQS takes whole seconds, and 0 would mean not to wait, or not to hide.
func seconds(d time.Duration) int32 {
	return int32((d + time.Second - 1) / time.Second)
}
