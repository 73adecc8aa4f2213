package textractclient

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const (
	// What SQS receives and deletes at a time, and how long a receive waits for a message.
	maxReceiveBatch = 10
	maxDeleteBatch  = 10
	maxReceiveWait  = 20 * time.Second
	// receiveTimeout bounds a receive, queueCallTimeout any other call to SQS.
	receiveTimeout   = maxReceiveWait + 15*time.Second
	queueCallTimeout = 10 * time.Second
	// The backoff of failed receives.
	receiveBase = time.Second
	receiveCap  = 30 * time.Second
	// shortPoll is the pause after a response without messages that did not wait for any, as a
	// local API server may give it.
	shortPoll = time.Second
)

// queueCalls are the calls to SQS of one queue.
type queueCalls struct {
	api SQSAPI
	url string
}

// receive receives at most limit messages, which are then hidden from other consumers. It waits as
// long for the first message.
func (q queueCalls) receive(
	ctx context.Context, wait time.Duration, limit int, hidden time.Duration, attributes ...sqstypes.MessageSystemAttributeName,
) (messages []sqstypes.Message, err error) {
	ctx, cancel := context.WithTimeout(ctx, receiveTimeout)
	defer cancel()
	err = protect(func() error {
		out, err := q.api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl:                    aws.String(q.url),
			MaxNumberOfMessages:         int32(limit), // at most maxReceiveBatch
			WaitTimeSeconds:             int32(wait / time.Second),
			VisibilityTimeout:           int32(hidden / time.Second),
			MessageSystemAttributeNames: attributes,
		})
		if err == nil {
			messages = out.Messages
		}
		return err
	})
	return messages, err
}

// deleteAll deletes at most maxDeleteBatch messages, also after the end of ctx. It returns the
// errors of those that it did not delete, by their place.
func (q queueCalls) deleteAll(ctx context.Context, receipts []*string) map[int]error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queueCallTimeout)
	defer cancel()
	entries := make([]sqstypes.DeleteMessageBatchRequestEntry, 0, len(receipts))
	for i, receipt := range receipts {
		entries = append(entries, sqstypes.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: receipt})
	}
	failed := make(map[int]error)
	err := protect(func() error {
		out, err := q.api.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{
			QueueUrl: aws.String(q.url), Entries: entries,
		})
		if err != nil {
			return err
		}
		for _, failure := range out.Failed {
			if i, err := strconv.Atoi(aws.ToString(failure.Id)); err == nil && i >= 0 && i < len(receipts) {
				failed[i] = &deleteError{failure}
			}
		}
		return nil
	})
	if err != nil {
		for i := range receipts {
			failed[i] = err
		}
	}
	return failed
}

// deleteError is an entry of a batch that SQS did not delete.
type deleteError struct {
	sqstypes.BatchResultErrorEntry
}

func (e *deleteError) Error() string {
	return fmt.Sprintf("%s: %s", aws.ToString(e.Code), aws.ToString(e.Message))
}

// ErrorCode implements smithy.APIError.
func (e *deleteError) ErrorCode() string { return aws.ToString(e.Code) }

// ErrorMessage implements smithy.APIError.
func (e *deleteError) ErrorMessage() string { return aws.ToString(e.Message) }

// ErrorFault implements smithy.APIError.
func (e *deleteError) ErrorFault() smithy.ErrorFault {
	if e.SenderFault {
		return smithy.FaultClient
	}
	return smithy.FaultServer
}
