package textractclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// runInput is an input on its way to a job.
type runInput struct {
	request startRequest
	input   StartInput
	earlier string // id of the job that is there already
	faults  int    // transient
	taken   int    // jobs that were taken before the later half of them
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
	err = fmt.Errorf("start %s of %s: %w%s", in.input.Operation.Name(), in.input.Document, err, startHint(err, in.input.Document))
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
			return func() { r.startReturned(ctx, in, call, job, err, hookErr) }
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

func (r *runner) startReturned(ctx context.Context, in *runInput, call pacedCall, job *Job, err, hookErr error) {
	r.starting--
	var quota *types.LimitExceededException
	switch {
	case err == nil:
		r.starts.passed(call)
		r.add(in, job, call.sent, false)
		r.window.passed(r.starting)
		if hookErr != nil {
			r.fail(hookErr)
		}
	case ctx.Err() != nil:
		r.fail(contextError(ctx))
	case errors.As(err, &quota):
		r.throttledStart(in, err, len(r.jobs) == 0) // with jobs in progress, these use up the quota
		r.window.full()
	case isThrottle(err):
		r.throttledStart(in, err, true)
		r.starts.throttled(call)
	case isTransient(err) && in.faults < transientBudget:
		if in.faults++; in.faults <= transientBudget/2 {
			in.taken = r.taken
		}
		delay := backoff(transientBase, transientCap, in.faults)
		r.log.WarnContext(
			ctx, "call failed, trying again", "action", string(in.input.Operation), "failed", in.faults,
			"after", delay, "error", err,
		)
		callHook(
			r.Client, "Retried", r.hooks.Retried,
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
					"the first %d documents were rejected, the last of them %s: %w%s", r.rejected,
					in.input.Document, err, startHint(err, in.input.Document),
				),
			)
			return
		}
		r.notStarted(in, err)
	case isAboutDocument(err), isTransient(err) && r.taken > in.taken: // others were started meanwhile
		r.notStarted(in, cause(err))
	default:
		r.fail(fmt.Errorf("start %s of %s: %w%s", in.input.Operation.Name(), in.input.Document, err, startHint(err, in.input.Document)))
	}
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
