package textractclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

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
	// The window of jobs in progress grows by a part of a job with each job that Textract takes, by
	// more the longer Textract takes all, and without any by one job at times.
	windowGrowth       = 0.2
	windowGrowthFactor = 1.02
	leastProbe         = 5 * time.Second
	mostProbe          = time.Minute
	// A job is asked for when it has ended with this probability: rarely; soon, while nothing is
	// known or nothing is left to start; and when a notification should have come.
	askLikely, askSoon, askUnheard = 0.75, 0.25, 0.999
	// askLeast is the least time before a job that will publish its completion is asked for,
	// askMost the most between two looks.
	askLeast, askMost = time.Minute, 10 * time.Minute
	// sampledJobs is how many jobs are asked for right after their start. A job that was started
	// before, by the same token, publishes no completion again; once one of them was found, all are
	// asked for, until as many in a row were in progress.
	sampledJobs = 5
	soonAsked   = 2 * time.Second
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
	times   *jobTimes
	queue   *runQueue // nil: none is RunAll's own

	err        error // why no more is begun
	stopAsking context.CancelFunc
	inputsDone bool
	preparing  int
	ready      []*runInput // to be started
	starting   int
	taken      int       // jobs that were started, or are there already
	takenAt    time.Time // when the last of them was
	warnedAt   time.Time // of throttling
	rejected   int       // documents, before any job was taken
	jobs       map[string]*runJob
	unhandled  []*Outcome
	handling   int

	limit      float64 // of jobs in progress
	growth     float64 // of limit
	busy       float64 // expected number of jobs in progress
	probeAt    time.Time
	probeEvery time.Duration
	askAtOnce  int
	askQueued  bool    // an ask waits for its pace
	toAsk      *runJob // the job that has most likely ended, when it is time to ask for it
	answeredAt time.Time
	scannedAt  time.Time
	rescan     bool // whether to look again at once
}

// runInput is an input on its way to a job.
type runInput struct {
	request startRequest
	input   StartInput
	earlier string // id of the job that is there already
	faults  int    // transient
	taken   int    // jobs that were taken before the later half of them
}

// runJob is a job in progress, as far as is known.
type runJob struct {
	job      *Job
	input    StartInput
	sent     time.Time
	asked    time.Duration // age when it was last known to be in progress
	looked   time.Time     // when that was
	notifies bool
	atOnce   bool // to be asked for at once
	asking   bool
	old      bool    // started before, or asked for after its notification: its age tells nothing
	counted  float64 // what it adds to busy
}

func (r *runner) run(ctx context.Context, inputs iter.Seq[StartInput]) error {
	handlers := withGetPace(ctx, r.gets)
	asking, stopAsking := context.WithCancel(handlers)
	defer stopAsking()
	r.stopAsking = stopAsking
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
			r.ask(asking)
			r.handleMore(handlers)
			r.progress()
		}
		if r.working == 0 && (r.err != nil || r.finished()) {
			break
		}
		timer := time.NewTimer(r.nextLook())
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
	if r.queue != nil {
		r.queue.flush(ctx)
	}
	r.cancel()
	ended := make(chan struct{})
	go func() { r.work.Wait(); close(ended) }()
	for working := true; working; {
		select {
		case <-r.events: // of the queue
		case <-ended:
			working = false
		}
	}
	for late := time.After(inputsEnd); !r.inputsDone; {
		select {
		case _, more := <-next:
			r.inputsDone = !more
		case <-late:
			return r.err
		}
	}
	return r.err
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
		r.stopAsking() // while Textract throttles, a look at a status may take as long as it likes
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

// prepare checks an input and looks up its document.
func (r *runner) prepare(ctx context.Context, in StartInput) {
	r.preparing++
	r.goDo(func() func() {
		request, err := r.startRequest(in)
		ready := &runInput{input: in, request: request}
		var hookErr error
		if err == nil && r.options.Earlier != nil {
			hookErr = protect(func() error { ready.earlier = r.options.Earlier(in); return nil })
		}
		if err == nil && hookErr == nil && ready.earlier == "" {
			if err = r.chooseToken(ctx, &ready.request); err == nil {
				ready.input.Document = ready.request.Document
				if r.options.Starting != nil {
					hookErr = protect(func() error { return r.options.Starting(ready.input) })
				}
			}
		}
		return func() {
			r.preparing--
			switch {
			case hookErr != nil:
				r.fail(hookErr)
			case err != nil && ctx.Err() != nil:
				r.fail(contextError(ctx))
			case err != nil:
				r.notStarted(ready, err)
			default:
				r.ready = append(r.ready, ready)
			}
		}
	})
}

func (r *runner) notStarted(in *runInput, err error) {
	err = fmt.Errorf("start %s of %s: %w%s", in.input.Operation.Name(), in.input.Document, err, startHint(err))
	r.unhandled = append(r.unhandled, &Outcome{Input: in.input, Err: err, client: r.Client})
}

// startReady starts what may be started now.
func (r *runner) startReady(ctx context.Context) {
	for len(r.ready) > 0 && r.hasRoom() {
		in := r.ready[0]
		if in.earlier == "" && r.starts.delay() > 0 {
			return
		}
		r.ready = r.ready[1:]
		if in.earlier != "" {
			job := &Job{
				ID:        in.earlier,
				Operation: in.input.Operation,
				Document:  in.input.Document,
				JobTag:    in.input.JobTag,
				Output:    in.request.output,
			}
			r.add(in, job, time.Now(), true)
			continue
		}
		r.starting++
		call := r.starts.take()
		r.goDo(func() func() {
			job, err, hookErr := r.startOne(ctx, in)
			return func() { r.startAnswered(ctx, in, call, job, err, hookErr) }
		})
	}
}

// startOne makes one Start call.
func (r *runner) startOne(ctx context.Context, in *runInput) (job *Job, err, hookErr error) {
	var id *string
	err = attempt(ctx, func(ctx context.Context) error {
		id, err = r.sendOnce(ctx, in.request, r.single)
		return err
	})
	if err != nil {
		return nil, err, nil
	}
	job = &Job{
		ID: aws.ToString(id), Operation: in.input.Operation, Document: in.request.Document, JobTag: in.input.JobTag,
		ClientRequestToken: in.request.token, Output: in.request.output,
	}
	if r.options.Started != nil {
		hookErr = protect(func() error { return r.options.Started(in.input, job) })
	}
	r.started(job)
	return job, nil, hookErr
}

func (r *runner) startAnswered(ctx context.Context, in *runInput, call pacedCall, job *Job, err, hookErr error) {
	r.starting--
	var quota *types.LimitExceededException
	switch {
	case err == nil:
		r.starts.passed(call)
		r.add(in, job, call.sent, false)
		if r.busy+float64(r.starting) > r.limit-1 {
			r.limit += r.growth
			r.growth = min(r.growth*windowGrowthFactor, 1)
		}
		r.probeEvery = r.firstProbe()
		r.probeAt = time.Now().Add(r.probeEvery)
		if hookErr != nil {
			r.fail(hookErr)
		}
	case ctx.Err() != nil:
		r.fail(contextError(ctx))
	case errors.As(err, &quota):
		r.throttledStart(in, err, len(r.jobs) == 0) // with jobs in progress, these use up the quota
		r.limit, r.growth = min(r.limit, r.busy), windowGrowth
		r.probeEvery = min(r.probeEvery*2, mostProbe)
		r.probeAt = time.Now().Add(r.probeEvery)
	case isThrottle(err):
		r.throttledStart(in, err, true)
		r.starts.throttled(call)
	case isTransient(err) && in.faults < transientBudget:
		if in.faults++; in.faults <= transientBudget/2 {
			in.taken = r.taken
		}
		delay := backoff(transientBase, transientCap, in.faults)
		r.log.WarnContext(
			ctx,
			"call failed, trying again",
			"action",
			string(in.input.Operation),
			"failed",
			in.faults,
			"after",
			delay,
			"error",
			err,
		)
		callHook(
			r.Client,
			"Retried",
			r.hooks.Retried,
			RetryEvent{Action: string(in.input.Operation), Attempt: in.faults, Delay: delay, Err: err},
		)
		r.preparing++
		r.goDo(func() func() {
			_ = sleep(ctx, delay)
			return func() { r.preparing--; r.ready = append([]*runInput{in}, r.ready...) }
		})
	case r.taken == 0 && maybeAboutSettings(err):
		if r.rejected++; r.rejected == r.options.MaxRejected {
			r.fail(
				fmt.Errorf(
					"the first %d documents were rejected, the last of them %s: %w%s",
					r.rejected,
					in.input.Document,
					err,
					startHint(err),
				),
			)
			return
		}
		r.notStarted(in, err)
	case isAboutDocument(err), isTransient(err) && r.taken > in.taken: // others were started meanwhile
		r.notStarted(in, err)
	default:
		r.fail(fmt.Errorf("start %s of %s: %w%s", in.input.Operation.Name(), in.input.Document, err, startHint(err)))
	}
}

// firstProbe is the time from a start to the first probe: long enough for another job to complete,
// which makes room without a probe. Without a queue, a probe may find the room of jobs that are not
// known to have completed.
func (r *runner) firstProbe() time.Duration {
	completions := 1.0
	if r.queue != nil {
		completions = 4
	}
	each := r.times.typical().Seconds() / max(r.limit, 1)
	return min(max(leastProbe, time.Duration(completions*each*float64(time.Second))), mostProbe)
}

// throttledStart puts an input back to the front. Throttled calls are how the pace is learned,
// unless nothing else comes.
func (r *runner) throttledStart(in *runInput, err error, warn bool) {
	r.ready = append([]*runInput{in}, r.ready...)
	if warn && time.Since(r.takenAt) >= throttleLogInterval && time.Since(r.warnedAt) >= throttleLogInterval {
		r.warnedAt = time.Now()
		r.log.Warn("Textract throttles, trying again", "action", string(in.input.Operation), "document", in.input.Document.String(),
			"nothing started for", time.Since(r.takenAt).Round(time.Second), "error", err)
	} else {
		r.log.Debug("Textract throttles, starting more slowly", "document", in.input.Document.String(), "error", err)
	}
	callHook(r.Client, "Throttled", r.hooks.Throttled, RetryEvent{Action: string(in.input.Operation), Attempt: 1, Err: err})
}

// isAboutDocument reports whether another document may well be started.
func isAboutDocument(err error) bool {
	var (
		mismatch *types.IdempotentParameterMismatchException
		tooLarge *types.DocumentTooLargeException
		bad      *types.BadDocumentException
		badFile  *types.UnsupportedDocumentException
	)
	return maybeAboutSettings(err) || errors.As(err, &mismatch) || errors.As(err, &tooLarge) || errors.As(err, &bad) ||
		errors.As(err, &badFile)
}

// maybeAboutSettings reports whether a wrong role or topic, or a bucket in another Region, has the
// same error as a bad document.
func maybeAboutSettings(err error) bool {
	var (
		object  *types.InvalidS3ObjectException
		invalid *types.InvalidParameterException
	)
	return errors.As(err, &object) || errors.As(err, &invalid)
}

// hasRoom reports whether one more job may be started.
func (r *runner) hasRoom() bool {
	if len(r.unhandled) >= maxUnhandled || r.options.MaxJobs > 0 && len(r.jobs)+r.starting >= r.options.MaxJobs {
		return false
	}
	const rounding = 1e-6
	wanted := r.busy + float64(r.starting) + 1
	if wanted > r.limit+rounding && r.starting == 0 && !time.Now().Before(r.probeAt) {
		r.limit = wanted
	}
	return wanted <= r.limit+rounding
}

func (r *runner) add(in *runInput, job *Job, sent time.Time, old bool) {
	if _, known := r.jobs[job.ID]; known {
		// Two inputs with one token are one job: the second would wait for an outcome that the
		// first takes.
		r.notStarted(in, fmt.Errorf("%s is the job of an earlier input: name each document once, or set Salt", job.Ref()))
		return
	}
	j := &runJob{
		job: job, input: in.input, sent: sent, looked: sent, counted: 1, old: old, atOnce: old || r.askAtOnce > 0,
		notifies: r.queue != nil && in.request.topicARN != "" && !old,
	}
	r.jobs[job.ID] = j
	r.taken++
	r.takenAt = time.Now()
	r.busy++
	r.rescan = r.rescan || j.atOnce
	if r.queue != nil {
		r.queue.started(j)
	}
}

// end takes a job out, with its outcome.
func (r *runner) end(j *runJob, state *JobState, first *textractdoc.Response, err error) {
	delete(r.jobs, j.job.ID)
	if r.queue != nil {
		r.queue.ended.start(j.job.ID, time.Now())
	}
	r.busy = max(r.busy-j.counted, 0)
	if r.toAsk == j {
		r.toAsk = nil
	}
	outcome := &Outcome{Input: j.input, Job: j.job, client: r.Client, first: first, Err: err}
	if state != nil {
		j.job.Status, outcome.Status, outcome.Err = state.Status, state.Status, state.failure(j.job.Ref())
		r.completed(JobEvent{Job: j.job.Ref(), Document: j.job.Document, JobTag: j.job.JobTag, Status: state.Status}, time.Now())
	}
	r.unhandled = append(r.unhandled, outcome)
}

// scanEvery is the time between two looks at all jobs.
func (r *runner) scanEvery() time.Duration {
	if r.queue != nil {
		return min(max(r.times.typical()/10, time.Second), 5*time.Second)
	}
	return min(max(r.times.typical()/50, 100*time.Millisecond), 5*time.Second)
}

// scan finds out how many jobs may still be in progress, and which of them to ask for.
func (r *runner) scan() {
	now := time.Now()
	if !r.rescan && now.Sub(r.scannedAt) < r.scanEvery() {
		return
	}
	r.rescan, r.scannedAt, r.toAsk, r.busy = false, now, nil, 0
	likely := askLikely
	if r.times.fewKnown() || r.inputsDone && r.preparing+len(r.ready)+r.starting == 0 {
		likely = askSoon
	}
	most := 0.0
	for _, j := range r.jobs {
		ended := r.times.ended(now.Sub(j.sent), j.asked)
		j.counted = 1
		if !j.notifies {
			j.counted = 1 - ended
		}
		r.busy += j.counted
		if j.asking {
			continue
		}
		due := ended >= likely
		if j.notifies {
			due = ended >= askUnheard && now.Sub(j.looked) >= askLeast
		}
		switch {
		case j.atOnce:
			ended, due = 2, true
		case now.Sub(j.looked) >= askMost:
			due = true
		}
		if due && ended > most {
			r.toAsk, most = j, ended
		}
	}
}

// ask asks for the job that has most likely ended. While handlers have enough to do, their Get
// calls come first.
func (r *runner) ask(ctx context.Context) {
	if r.toAsk == nil || r.askQueued || len(r.unhandled) >= r.options.Workers {
		return
	}
	j := r.toAsk
	r.toAsk, r.askQueued, j.asking = nil, true, true
	r.goDo(func() func() {
		call, err := r.gets.wait(ctx)
		if err != nil {
			return func() { r.fail(err) }
		}
		return func() { r.askQueued, r.rescan = false, true; r.askNow(ctx, j, call) }
	})
}

func (r *runner) askNow(ctx context.Context, j *runJob, call pacedCall) {
	if r.jobs[j.job.ID] != j {
		return // it was heard of
	}
	r.goDo(func() func() {
		var size *int32
		if j.job.Output != nil {
			size = aws.Int32(1) // the results are read from the bucket
		}
		response, err := r.get(withTakenPace(ctx, call), j.job.Ref(), "", size)
		return func() { r.askAnswered(ctx, j, call.sent, response, err) }
	})
}

func (r *runner) askAnswered(ctx context.Context, j *runJob, sent time.Time, response *textractdoc.Response, err error) {
	j.asking = false
	if r.jobs[j.job.ID] != j {
		return
	}
	// What ended while it waited for its turn to be asked for tells nothing of earlier jobs.
	atOnce := j.atOnce && (j.old || sent.Sub(j.sent) < soonAsked)
	j.atOnce = false
	if err != nil {
		err = fmt.Errorf("status of %s: %w", j.job.Ref(), err)
	}
	switch {
	case errors.Is(err, ErrJobUnknown) && !j.old && sent.Sub(j.sent) < askLeast: // not known yet
		j.looked = sent
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
	case err != nil && isTransient(err) && r.answeredAt.Sub(sent) > transientCap: // others were answered meanwhile
		r.end(j, nil, nil, err)
		return
	case err != nil:
		r.fail(err)
		return
	}
	r.answeredAt = time.Now()
	state := stateOf(response)
	if !state.ended() {
		j.asked, j.looked = sent.Sub(j.sent), sent
		if atOnce && !j.old {
			r.askAtOnce = max(r.askAtOnce-1, 0)
		}
		return
	}
	switch {
	case j.old: // its age is unknown
	case atOnce:
		r.askAtOnce = sampledJobs
	default:
		r.times.addBetween(j.asked, sent.Sub(j.sent))
	}
	if j.job.Output != nil {
		response = nil // of one result
	}
	r.end(j, state, response, nil)
}

// heard ends a job whose notification came.
func (r *runner) heard(j *runJob, n Notification) {
	took := time.Since(j.sent)
	if !n.Timestamp.IsZero() {
		took = min(max(n.Timestamp.Sub(j.sent), 0), took)
	}
	r.times.add(took)
	if !n.HasResults() {
		j.notifies, j.old, j.atOnce, r.rescan = false, true, true, true // Textract tells why it failed
		return
	}
	r.end(j, &JobState{Status: n.Status}, nil, nil)
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

// nextLook returns the time until something may be due that no event tells of.
func (r *runner) nextLook() time.Duration {
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
		} else if until := time.Until(r.probeAt); until > 0 {
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
	if learned := int(min(r.limit, math.MaxInt32)); !math.IsInf(r.limit, 1) && (now.MaxJobs == 0 || learned < now.MaxJobs) {
		now.MaxJobs = learned
	}
	if err := protect(func() error { r.options.Progress(now); return nil }); err != nil {
		r.fail(err)
	}
}
