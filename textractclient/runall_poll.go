package textractclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

const (
	// A job is polled when it has completed with this probability: rarely; soon, while nothing is
	// known, nothing is left to start, or starts wait for the quota of jobs; and when a notification
	// should have come.
	pollLikely, pollSoon, pollOverdue = 0.75, 0.15, 0.999
	// minPollAge is the least age of a polled job that will publish its completion, maxPollInterval
	// the longest time between two polls of a job.
	minPollAge, maxPollInterval = time.Minute, 10 * time.Minute
	// sampledJobs is how many jobs are polled right after their start. A job that was started
	// before, by the same token, publishes no completion again; once one of them was found, all are
	// polled, until as many in a row were in progress.
	sampledJobs = 5
	// soonPolled is how soon after its start a poll tells an earlier job from a quick one.
	soonPolled = 2 * time.Second
)

// scanEvery is the time between two scans of all jobs.
func (r *runner) scanEvery() time.Duration {
	if r.queue != nil {
		return min(max(r.times.typical()/10, time.Second), 5*time.Second)
	}
	return min(max(r.times.typical()/50, 100*time.Millisecond), 5*time.Second)
}

// scan finds out which of the jobs to poll.
func (r *runner) scan() {
	now := time.Now()
	if !r.rescan && now.Sub(r.scannedAt) < r.scanEvery() {
		return
	}
	r.rescan, r.scannedAt, r.toPoll = false, now, nil
	likely := pollLikely
	if r.times.fewKnown() || r.window.learned() > 0 || r.inputsDone && r.preparing+len(r.ready)+r.starting == 0 {
		likely = pollSoon
	}
	most := 0.0
	for _, j := range r.jobs {
		ended := r.times.ended(now.Sub(j.sent), j.ranFor)
		if j.polling {
			continue
		}
		due := ended >= likely
		if j.notifies {
			due = ended >= pollOverdue && now.Sub(j.polledAt) >= minPollAge
		}
		switch {
		case j.atOnce:
			ended, due = 2, true
		case now.Sub(j.polledAt) >= maxPollInterval:
			due = true
		}
		if due && ended > most {
			r.toPoll, most = j, ended
		}
	}
}

// poll reads the status of the job that has most likely completed. While handlers have enough to
// do, their Get actions come first.
func (r *runner) poll(ctx context.Context) {
	if r.toPoll == nil || r.pollQueued || len(r.unhandled) >= r.options.Workers {
		return
	}
	j := r.toPoll
	r.toPoll, r.pollQueued, j.polling = nil, true, true
	r.goDo(func() func() {
		call, err := r.gets.wait(ctx)
		if err != nil {
			return func() { r.fail(err) }
		}
		return func() { r.pollQueued, r.rescan = false, true; r.pollNow(ctx, j, call) }
	})
}

func (r *runner) pollNow(ctx context.Context, j *runJob, call pacedCall) {
	if r.jobs[j.job.ID] != j {
		return // its notification came
	}
	r.goDo(func() func() {
		var size *int32
		if j.job.Output != nil {
			size = aws.Int32(1) // the results are read from the bucket
		}
		response, err := r.get(withTakenPace(ctx, call), j.job.Ref(), "", size)
		return func() { r.polled(ctx, j, call.sent, response, err) }
	})
}

func (r *runner) polled(ctx context.Context, j *runJob, sent time.Time, response *textractdoc.Response, err error) {
	j.polling = false
	if r.jobs[j.job.ID] != j {
		return
	}
	// What completed while it waited for its turn to be polled tells nothing of earlier jobs.
	atOnce := j.atOnce && (j.old || sent.Sub(j.sent) < soonPolled)
	notified := j.notified
	j.atOnce = false
	if notified {
		j.notified = false
		r.window.busy++ // unless it has ended
	}
	if err != nil {
		err = fmt.Errorf("status of %s: %w", j.job.Ref(), err)
	}
	switch {
	case errors.Is(err, ErrJobUnknown) && !j.old && sent.Sub(j.sent) < minPollAge: // not known yet
		j.polledAt = sent
		return
	case errors.Is(err, ErrJobUnknown) && j.job.Output != nil: // results in a bucket outlast their job
		r.end(j, nil, nil, nil)
		return
	case errors.Is(err, ErrJobUnknown):
		r.end(j, nil, nil, err)
		return
	case err != nil && ctx.Err() != nil:
		r.fail(contextError(ctx))
		return
	case err != nil && isTransient(err) && r.respondedAt.Sub(sent) > transientCap: // others had a response meanwhile
		r.end(j, nil, nil, cause(err))
		return
	case err != nil:
		r.fail(err)
		return
	}
	r.respondedAt = time.Now()
	state := stateOf(response)
	if !state.ended() {
		j.ranFor, j.polledAt = sent.Sub(j.sent), sent
		if atOnce && !notified && !j.old {
			r.pollAtOnce = max(r.pollAtOnce-1, 0)
		}
		return
	}
	switch {
	case notified && !j.old:
		r.times.add(j.took)
	case j.old: // its age is unknown
	case atOnce:
		r.pollAtOnce = sampledJobs
	default:
		r.times.addBetween(j.ranFor, sent.Sub(j.sent))
	}
	if j.job.Output != nil {
		response = nil // of one result
	}
	r.end(j, state, response, nil)
}

// notified has a job polled whose notification says that it completed. The notification alone is
// not believed: who may publish to the topic or send to the queue can send one, and it may come too
// early. A job that is still in progress is polled from then on, since its notification may have
// been this one.
func (r *runner) notified(j *runJob, n Notification) {
	j.took = time.Since(j.sent)
	if !n.Timestamp.IsZero() {
		j.took = min(max(n.Timestamp.Sub(j.sent), 0), j.took)
	}
	if !j.notified {
		r.window.busy--
	}
	j.notified, j.notifies, j.atOnce, r.rescan = true, false, true, true
}
