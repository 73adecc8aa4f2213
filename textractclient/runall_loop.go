package textractclient

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

const (
	// aheadInputs is how many inputs are looked up before their turn to start.
	aheadInputs = 16
	// maxUnhandled is how many outcomes may wait for a handler before no more jobs are started.
	maxUnhandled = 1000
	// inputsEnd is how long the end of RunAll waits for that of the inputs, which may wait for
	// something else.
	inputsEnd = 100 * time.Millisecond
)

// runner is one call of RunAll. Its fields are those of the goroutine of run; all others send
// functions to events.
type runner struct {
	*Client
	options RunOptions
	handle  func(context.Context, *Outcome) error
	cancel  context.CancelFunc
	events  chan func()
	work    sync.WaitGroup
	working int // goroutines that will send an event
	starts  *pacer
	gets    *pacer
	window  *window
	times   *jobTimes
	queue   *runQueue // nil: none is RunAll's own

	err         error // why no more is begun
	stopPolling context.CancelFunc
	inputsDone  bool
	preparing   int
	ready       []*runInput // to be started
	starting    int
	taken       int       // jobs that were started, or are there already
	takenAt     time.Time // when the last of them was
	warnedAt    time.Time // of throttling
	rejected    int       // documents, before any job was taken
	jobs        map[string]*runJob
	unhandled   []*Outcome
	handling    int

	pollAtOnce  int
	pollQueued  bool      // whether a poll waits for its pace
	toPoll      *runJob   // the job that has most likely completed, when it is time to poll it
	respondedAt time.Time // of the last poll with a response
	scannedAt   time.Time
	rescan      bool // whether to scan again at once
}

// runJob is a job in progress, as far as is known.
type runJob struct {
	job      *Job
	input    StartInput
	sent     time.Time
	ranFor   time.Duration // age when it was last known to be in progress
	polledAt time.Time     // when that was
	notifies bool
	notified bool          // whether a notification says that it completed, which a poll checks
	took     time.Duration // until then, by the notification
	atOnce   bool          // to be polled at once
	polling  bool
	old      bool // started before, or polled after its notification: its age tells nothing
}

func (r *runner) run(ctx context.Context, inputs iter.Seq[StartInput]) error {
	handlers := withGetPace(ctx, r.gets)
	polling, stopPolling := context.WithCancel(handlers)
	defer stopPolling()
	r.stopPolling = stopPolling
	next := make(chan StartInput)
	go r.take(ctx, inputs, next)
	if r.options.OwnQueue {
		r.queue = newRunQueue(r)
		r.work.Go(func() { r.queue.receive(ctx) })
	}
	done := ctx.Done()
	for {
		more := next
		if r.err != nil || r.inputsDone || r.preparing+len(r.ready) >= aheadInputs {
			more = nil
		}
		if r.err == nil {
			r.scan()
			r.startReady(ctx)
			r.poll(polling)
			r.handleMore(handlers)
			r.progress()
		}
		if r.working == 0 && r.err == nil && r.finished() && r.queue != nil && !r.queue.swept {
			r.queue.sweep(ctx)
		}
		if r.working == 0 && (r.err != nil || r.finished()) {
			break
		}
		timer := time.NewTimer(r.untilDue())
		select {
		case event := <-r.events:
			event()
		case in, open := <-more:
			if open {
				r.prepare(ctx, in)
			} else {
				r.inputsDone = true
			}
		case <-timer.C:
		case <-done:
			r.fail(contextError(ctx))
			done = nil
		}
		timer.Stop()
	}
	return r.stop(ctx, next)
}

// stop ends the goroutines, deletes what is left to be deleted, and returns the error of the run.
func (r *runner) stop(ctx context.Context, next <-chan StartInput) error {
	err := r.err
	if r.queue != nil {
		r.queue.ending = true
	}
	r.cancel()
	ended := make(chan struct{})
	go func() { r.work.Wait(); close(ended) }()
	for working := true; working; {
		select {
		case event := <-r.events: // of the queue
			event()
		case <-ended:
			working = false
		}
	}
	if r.queue != nil {
		r.queue.flush(ctx)
		if err == nil {
			r.queue.warnOfEarly(ctx)
		}
	}
	for late := time.After(inputsEnd); !r.inputsDone; {
		select {
		case _, more := <-next:
			r.inputsDone = !more
		case <-late:
			return err
		}
	}
	return err
}

// take passes the inputs on, one by one, until ctx ends, and closes next.
func (r *runner) take(ctx context.Context, inputs iter.Seq[StartInput], next chan<- StartInput) {
	defer close(next)
	err := protect(func() error {
		for in := range inputs {
			select {
			case next <- in:
			case <-ctx.Done():
				return nil
			}
		}
		return nil
	})
	if err != nil {
		select {
		case r.events <- func() { r.fail(err) }:
		case <-ctx.Done():
		}
	}
}

// finished reports whether there is nothing left to do.
func (r *runner) finished() bool {
	return r.inputsDone && r.preparing+len(r.ready)+r.starting+len(r.jobs)+len(r.unhandled)+r.handling == 0
}

// fail has nothing new begun. The first error counts.
func (r *runner) fail(err error) {
	if r.err == nil {
		r.err = err
		r.stopPolling() // while Textract throttles, a poll may take as long as it likes
	}
}

// goDo runs a function on a goroutine of its own, and what it returns on that of run.
func (r *runner) goDo(do func() func()) {
	r.working++
	r.work.Go(func() {
		after := do()
		r.events <- func() { r.working--; after() }
	})
}

// hasRoom reports whether one more job may be started.
func (r *runner) hasRoom() bool {
	if len(r.unhandled) >= maxUnhandled || r.options.MaxJobs > 0 && len(r.jobs)+r.starting >= r.options.MaxJobs {
		return false
	}
	return r.window.hasRoom(r.starting)
}

func (r *runner) add(in *runInput, job *Job, sent time.Time, old bool) {
	if _, known := r.jobs[job.ID]; known {
		// Two inputs with one token are one job: the second would wait for an outcome that the
		// first takes.
		r.notStarted(in, fmt.Errorf("%s is the job of an earlier input: name each document once, or set Salt", job.Ref()))
		return
	}
	j := &runJob{
		job: job, input: in.input, sent: sent, polledAt: sent, old: old, atOnce: old || r.pollAtOnce > 0,
		notifies: r.queue != nil && in.request.topicARN != "" && !old,
	}
	r.jobs[job.ID] = j
	r.taken++
	r.takenAt = time.Now()
	r.window.busy++
	r.rescan = r.rescan || j.atOnce
	if r.queue != nil {
		r.queue.started(j)
	}
}

// end takes a job out, with its outcome.
func (r *runner) end(j *runJob, state *JobState, first *textractdoc.Response, err error) {
	delete(r.jobs, j.job.ID)
	if r.queue != nil {
		r.queue.ended.add(j.job.ID)
	}
	r.window.busy--
	if r.toPoll == j {
		r.toPoll = nil
	}
	outcome := &Outcome{Input: j.input, Job: j.job, client: r.Client, first: first, Err: err}
	if state != nil {
		j.job.Status, outcome.Status, outcome.Err = state.Status, state.Status, state.failure(j.job.Ref())
		r.completed(JobEvent{Job: j.job.Ref(), Document: j.job.Document, JobTag: j.job.JobTag, Status: state.Status}, time.Now())
	}
	r.unhandled = append(r.unhandled, outcome)
}

func (r *runner) handleMore(ctx context.Context) {
	for r.handling < r.options.Workers && len(r.unhandled) > 0 {
		outcome := r.unhandled[0]
		r.unhandled = r.unhandled[1:]
		r.handling++
		r.goDo(func() func() {
			err := protect(func() error { return r.handle(ctx, outcome) })
			return func() {
				r.handling--
				if err != nil {
					r.fail(err)
				}
			}
		})
	}
}

// untilDue returns the time until something may be due that no event tells of.
func (r *runner) untilDue() time.Duration {
	const idle = time.Hour
	wait := idle
	if r.err != nil {
		return idle
	}
	if len(r.jobs) > 0 {
		wait = r.scanEvery()
	}
	if len(r.ready) > 0 {
		if r.hasRoom() {
			wait = min(wait, r.starts.delay())
		} else if until := r.window.untilProbe(); until > 0 {
			wait = min(wait, until)
		}
	}
	return wait
}

func (r *runner) progress() {
	if r.options.Progress == nil {
		return
	}
	now := RunProgress{InProgress: len(r.jobs), StartRate: r.starts.perSecond(), MaxJobs: r.options.MaxJobs}
	if learned := r.window.learned(); learned > 0 && (now.MaxJobs == 0 || learned < now.MaxJobs) {
		now.MaxJobs = learned
	}
	if err := protect(func() error { r.options.Progress(now); return nil }); err != nil {
		r.fail(err)
	}
}
