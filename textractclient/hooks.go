package textractclient

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Hooks are functions that the client calls when something happens to jobs and calls, for instance
// to count it with a metrics library. Each is optional. Hooks run concurrently, on goroutines that
// wait for them, so they should return quickly. The panic of a hook is logged.
type Hooks struct {
	// Started is called when Start or RunAll has started a job, once for each job: a repeated start
	// that gets an earlier job of this client, or a job that has completed, does not call it.
	Started func(JobEvent)
	// Completed is called when Wait, RunAll or Listen (after the handler) sees that a job
	// succeeded, also in part.
	Completed func(JobEvent)
	// Failed is called when Wait, RunAll or Listen (after the handler) sees that a job failed.
	Failed func(JobEvent)
	// Throttled is called before the wait when Textract throttles a call, or has too many jobs in
	// progress. Where the AWS configuration has a Retryer or RetryMaxAttempts, only RunAll calls
	// it.
	Throttled func(RetryEvent)
	// Retried is called before the wait when a call has another transient error, with the same
	// exception, and when a handler of Listen fails.
	Retried func(RetryEvent)
}

// JobEvent is the argument of the hooks about a job.
type JobEvent struct {
	Job JobRef
	// Document and JobTag are those of the job. They are empty in events of Wait.
	Document S3Object
	JobTag   string
	// Status is the job's final status. It is empty for Started.
	Status types.JobStatus
	// Duration is the time from start to completion, or 0 where this client did not start the job.
	Duration time.Duration
	// Pages is the number of pages of the document, or 0 where this client has read neither status
	// nor results of the job.
	Pages int
}

// RetryEvent is the argument of the hooks about a call or a handler that is repeated.
type RetryEvent struct {
	// Action is the API action, such as StartDocumentAnalysis, or Handler.
	Action string
	// Job is the job of a failed handler's notification, else empty.
	Job JobRef
	// Attempt is the number of failures so far, from 1; for a handler, the number of receives of
	// its message.
	Attempt int
	// Delay is the time until the next attempt, or 0 where RunAll's pace decides when that is.
	Delay time.Duration
	// Err is the error of the call or handler.
	Err error
}

// handlerAction is the Action of a handler's RetryEvent.
const handlerAction = "Handler"

// callHook calls a hook, and logs its panic.
func callHook[E any](c *Client, name string, hook func(E), event E) {
	if hook == nil {
		return
	}
	if err := protect(func() error { hook(event); return nil }); err != nil {
		c.log.Error("hook failed", "hook", name, "error", err)
	}
}

// completed calls the hook for a completion that Wait, Listen or RunAll saw.
func (c *Client) completed(event JobEvent, at time.Time) {
	event.Duration, event.Pages = c.jobs.facts(event.Job.ID, at)
	if event.Status == types.JobStatusSucceeded || event.Status == types.JobStatusPartialSuccess {
		callHook(c, "Completed", c.hooks.Completed, event)
		return
	}
	callHook(c, "Failed", c.hooks.Failed, event)
}
