package textractclient

import (
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
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
					"message not deleted, its notification will be handled again", "message",
					aws.ToString(d.message.MessageId), "error", err,
				)
			}
			break
		}
		left = left[:0:0]
		for d, err := range failed {
			if isGone(err) {
				x.l.log.Warn(
					"message not deleted, it is visible to other consumers", "message",
					aws.ToString(d.message.MessageId), "error", err,
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
	receipts := make([]*string, len(batch))
	for i, d := range batch {
		receipts[i] = d.message.ReceiptHandle
	}
	failed := make(map[*delivery]error)
	for i, err := range x.l.queue.deleteAll(batch[0].ctx, receipts) {
		failed[batch[i]] = err
	}
	return failed
}
