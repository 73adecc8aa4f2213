package textractclient

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

const (
	maxDeleteBatch = 10
	// deleteLinger is how long a message waits for others to be deleted with.
	deleteLinger   = time.Second
	deleteAttempts = 3
	deletePause    = time.Second
)

// deleter deletes messages ten at a time. A message stays hidden until it is deleted.
type deleter struct {
	l       *listener
	in      chan *delivery
	running sync.WaitGroup
}

func (x *deleter) start(l *listener) {
	x.l, x.in = l, make(chan *delivery)
	x.running.Go(x.collect)
}

func (x *deleter) add(d *delivery) { x.in <- d }

// stop deletes what was added. It returns within deleteAttempts times queueCallTimeout and the
// pauses between.
func (x *deleter) stop() {
	close(x.in)
	x.running.Wait()
}

func (x *deleter) collect() {
	var batch []*delivery
	var linger <-chan time.Time
	for {
		select {
		case d, open := <-x.in:
			if !open {
				x.flush(batch)
				return
			}
			batch = append(batch, d)
			if len(batch) == 1 {
				linger = time.After(deleteLinger)
			}
			if len(batch) < maxDeleteBatch {
				continue
			}
		case <-linger:
		}
		flushed := batch
		x.running.Go(func() { x.flush(flushed) })
		batch, linger = nil, nil
	}
}

func (x *deleter) flush(batch []*delivery) {
	left := batch
	for attempt := 1; len(left) > 0; attempt++ {
		failed := x.deleteOnce(left)
		if attempt == deleteAttempts {
			for d, err := range failed {
				x.l.log.Warn(
					"message not deleted, its notification will be handled again",
					"message",
					aws.ToString(d.message.MessageId),
					"error",
					err,
				)
			}
			break
		}
		left = left[:0:0]
		for d, err := range failed {
			if isGone(err) {
				x.l.log.Warn(
					"message not deleted, it is visible to other consumers",
					"message",
					aws.ToString(d.message.MessageId),
					"error",
					err,
				)
				continue
			}
			left = append(left, d)
		}
		if len(left) > 0 {
			time.Sleep(deletePause)
		}
	}
	for _, d := range batch {
		d.stopExtending()
	}
}

// deleteOnce returns the messages that were not deleted.
func (x *deleter) deleteOnce(batch []*delivery) map[*delivery]error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(batch[0].ctx), queueCallTimeout)
	defer cancel()
	entries := make([]sqstypes.DeleteMessageBatchRequestEntry, 0, len(batch))
	for i, d := range batch {
		entries = append(
			entries,
			sqstypes.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: d.message.ReceiptHandle},
		)
	}
	failed := make(map[*delivery]error)
	err := protect(func() error {
		out, err := x.l.sqs.DeleteMessageBatch(
			ctx,
			&sqs.DeleteMessageBatchInput{QueueUrl: aws.String(x.l.config.QueueURL), Entries: entries},
		)
		if err != nil {
			return err
		}
		for _, failure := range out.Failed {
			if i, err := strconv.Atoi(aws.ToString(failure.Id)); err == nil && i >= 0 && i < len(batch) {
				failed[batch[i]] = &deleteError{failure}
			}
		}
		return nil
	})
	if err != nil {
		for _, d := range batch {
			failed[d] = err
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
