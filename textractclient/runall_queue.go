package textractclient

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// hiddenUnknown is how long messages that are not of RunAll's jobs are hidden, from RunAll too.
	hiddenUnknown = 10 * time.Minute
	// maxEarly bounds the notifications of jobs whose Start call has not returned.
	maxEarly = 10_000
	// sweepWait is how long the end of a run waits for messages that are left, and maxSweeps how
	// often it receives some.
	sweepWait = time.Second
	maxSweeps = 100
)

// runQueue receives the notifications of RunAll's jobs, and deletes these alone.
type runQueue struct {
	r      *runner
	calls  queueCalls
	early  map[string]earlyMessage // of jobs that are unknown: their Start calls may not have returned
	ended  recentIDs               // jobs whose notifications may come twice
	done   []*string               // receipt handles to be deleted
	swept  bool
	ending bool // whether flush deletes what is left
	warned bool // of messages that are not of RunAll's jobs
}

type earlyMessage struct {
	notification Notification
	receipts     []*string // of all messages of the job
}

func newRunQueue(r *runner) *runQueue {
	return &runQueue{r: r, calls: queueCalls{r.sqs, r.config.QueueURL}, early: make(map[string]earlyMessage)}
}

// receive runs on a goroutine of its own until ctx ends.
func (q *runQueue) receive(ctx context.Context) {
	failures, reached := 0, false
	for ctx.Err() == nil {
		sent := time.Now()
		messages, err := q.calls.receive(ctx, maxReceiveWait, maxReceiveBatch, hiddenUnknown)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && (isRejection(err) || failures == 2*transientBudget):
			if !reached {
				err = fmt.Errorf("%w: %w", ErrNothingReceived, err)
			}
			q.r.events <- func() { q.r.fail(err) }
			return
		case err != nil:
			failures++
			delay := backoff(receiveBase, receiveCap, failures)
			q.r.log.WarnContext(ctx, "receive failed, trying again", "after", delay, "error", err)
			_ = sleep(ctx, delay)
			continue
		}
		failures, reached = 0, true
		if len(messages) > 0 {
			q.r.events <- func() { q.received(ctx, messages) }
		} else if time.Since(sent) < shortPoll {
			_ = sleep(ctx, shortPoll)
		}
	}
}

// received runs on the goroutine of run, as all below.
func (q *runQueue) received(ctx context.Context, messages []sqstypes.Message) {
	for _, message := range messages {
		n, err := ParseNotification([]byte(aws.ToString(message.Body)))
		if err != nil {
			q.warnOfOthers(ctx, "error", err)
			continue
		}
		j, known := q.r.jobs[n.JobID]
		switch {
		case known:
			q.complete(j, n, message.ReceiptHandle)
		case q.ended.has(n.JobID), q.knows(n.JobID):
			q.done = append(q.done, message.ReceiptHandle)
		default:
			if len(q.early) >= maxEarly {
				clear(q.early) // they are visible again soon
			}
			q.early[n.JobID] = earlyMessage{n, append(q.early[n.JobID].receipts, message.ReceiptHandle)}
			if q.r.starting == 0 {
				q.warnOfOthers(ctx, "job", n.JobID)
			}
		}
	}
	q.deleteMore(ctx, maxDeleteBatch)
}

// sweep receives what is left when all jobs have ended: completions that came after a poll, and
// those that an interrupted run left.
func (q *runQueue) sweep(ctx context.Context) {
	q.swept = true
	q.r.goDo(func() func() {
		var left []sqstypes.Message
		for range maxSweeps {
			messages, err := q.calls.receive(ctx, sweepWait, maxReceiveBatch, hiddenUnknown)
			if err != nil || len(messages) == 0 {
				break // the run is complete, with or without them
			}
			left = append(left, messages...)
		}
		return func() { q.received(ctx, left) }
	})
}

// knows reports whether the job is one of an earlier run.
func (q *runQueue) knows(jobID string) (known bool) {
	if q.r.options.KnownJob == nil {
		return false
	}
	if err := protect(func() error { known = q.r.options.KnownJob(jobID); return nil }); err != nil {
		q.r.fail(err)
	}
	return known
}

// warnOfOthers names the first message that is not of RunAll's jobs.
func (q *runQueue) warnOfOthers(ctx context.Context, name string, value any) {
	if !q.warned {
		q.warned = true
		q.r.log.WarnContext(
			ctx,
			"the queue has messages that are not of this run's jobs; they are left there, and each receive counts towards "+
				"their dead-letter queue: use a queue of its own",
			name,
			value,
		)
	}
}

// warnOfEarly warns, at the end of a run, of messages that came during a Start call: they were not
// of its job.
func (q *runQueue) warnOfEarly(ctx context.Context) {
	for id := range q.early {
		q.warnOfOthers(ctx, "job", id)
	}
}

// complete takes the notification of a job, and has its messages deleted.
func (q *runQueue) complete(j *runJob, n Notification, receipts ...*string) {
	q.done = append(q.done, receipts...)
	q.r.notified(j, n)
}

// started looks for the notification of a job that completed before its Start call returned.
func (q *runQueue) started(j *runJob) {
	if early, found := q.early[j.job.ID]; found {
		delete(q.early, j.job.ID)
		q.complete(j, early.notification, early.receipts...)
	}
}

// deleteMore deletes messages once there are as many.
func (q *runQueue) deleteMore(ctx context.Context, least int) {
	for !q.ending && len(q.done) >= max(least, 1) {
		n := min(len(q.done), maxDeleteBatch)
		batch := q.done[:n:n]
		q.done = q.done[n:]
		q.r.goDo(func() func() {
			q.deleteBatch(ctx, batch)
			return func() {}
		})
	}
}

// flush deletes what is left, when run ends.
func (q *runQueue) flush(ctx context.Context) {
	for len(q.done) > 0 {
		n := min(len(q.done), maxDeleteBatch)
		q.deleteBatch(ctx, q.done[:n])
		q.done = q.done[n:]
	}
}

// deleteBatch logs what it cannot delete: it is received again, and then deleted.
func (q *runQueue) deleteBatch(ctx context.Context, receipts []*string) {
	failed := q.calls.deleteAll(ctx, receipts)
	for _, err := range failed {
		q.r.log.WarnContext(ctx, "messages not deleted", "messages", len(failed), "error", err)
		return
	}
}
