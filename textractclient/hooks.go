package textractclient

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Hooks are called on what happens to jobs, such as to count it with a metrics library. Nil hooks are not called. They run on the
// goroutine that they report about, or one that it waits for, several at a time, so they should return quickly. The panic of a hook is
// logged, and changes nothing else.
type Hooks struct {
	// Started is called when Start or RunAll started a job. A repeated Start that returns an earlier job of this client does not call it.
	Started func(JobEvent)
	// Completed is called when a job succeeded, wholly or in part: by Wait, by RunAll before the outcome is handled, and by Listen once the
	// notification was handled.
	Completed func(JobEvent)
	// Failed is called when a job failed: by Wait, by RunAll before the outcome is handled, and by Listen once the notification was handled.
	Failed func(JobEvent)
	// Throttled is called when Textract throttles a call, or has too many jobs in progress, before the wait. It is not called where the
	// AWS configuration has a Retryer or RetryMaxAttempts, which decide alone, except by RunAll, whose pace comes first.
	Throttled func(RetryEvent)
	// Retried is called when a call met another transient error, with the same exception, or a Listen handler failed, before the wait.
	Retried func(RetryEvent)
}

// JobEvent is what a hook receives about a job.
type JobEvent struct {
	Job JobRef
	// Document and JobTag are empty in events of Wait.
	Document S3Object
	JobTag   string
	// Status is the job's status: empty for Started.
	Status types.JobStatus
	// Duration is the time from Start to completion, or 0 when this client did not start the job.
	Duration time.Duration
	// Pages is the number of pages of the document, or 0 when this client has not read a status or results of the job.
	Pages int
}

// RetryEvent is what a hook receives about a call or a handler that is going to be repeated.
type RetryEvent struct {
	// Action is the API action, such as StartDocumentAnalysis, or Handler.
	Action string
	// Job is the job of a failed handler's notification, else empty.
	Job JobRef
	// Attempt counts the failures so far, from 1; for a handler the receives of its message.
	Attempt int
	// Delay is the time until the next attempt.
	Delay time.Duration
	Err   error
}

// handlerAction is the Action of a handler's RetryEvent.
const handlerAction = "Handler"

// callHook runs a hook of the user, and survives its panic.
func callHook[E any](c *Client, name string, hook func(E), event E) {
	if hook == nil {
		return
	}
	if err := protect(func() error { hook(event); return nil }); err != nil {
		c.log.Error("hook failed", "hook", name, "error", err)
	}
}

// protect turns the panic of a function into an error, so that one bad document does not end the process with all other handlers.
func protect(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return f()
}

// completed reports a completion that Wait or Listen saw.
func (c *Client) completed(event JobEvent, at time.Time) {
	event.Duration, event.Pages = c.jobs.facts(event.Job.ID, at)
	if event.Status == types.JobStatusSucceeded || event.Status == types.JobStatusPartialSuccess {
		callHook(c, "Completed", c.hooks.Completed, event)
		return
	}
	callHook(c, "Failed", c.hooks.Failed, event)
}

// safeHandler survives the panic of a logger.
type safeHandler struct{ slog.Handler }

func safeLogger(logger *slog.Logger) *slog.Logger {
	if logger == nil || logger.Handler() == nil { // a zero slog.Logger has no handler
		logger = slog.Default()
	}
	return slog.New(safeHandler{logger.Handler()})
}

// Enabled implements slog.Handler.
func (h safeHandler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	if err := protect(func() error { enabled = h.Handler.Enabled(ctx, level); return nil }); err != nil {
		return false
	}
	return enabled
}

// Handle implements slog.Handler.
func (h safeHandler) Handle(ctx context.Context, record slog.Record) error {
	return protect(func() error { return h.Handler.Handle(ctx, record) })
}

// WithAttrs implements slog.Handler.
func (h safeHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func() slog.Handler { return h.Handler.WithAttrs(attrs) })
}

// WithGroup implements slog.Handler.
func (h safeHandler) WithGroup(name string) slog.Handler {
	return h.with(func() slog.Handler { return h.Handler.WithGroup(name) })
}

func (h safeHandler) with(extend func() slog.Handler) slog.Handler {
	extended := h
	if err := protect(func() error { extended.Handler = extend(); return nil }); err != nil {
		return h
	}
	return extended
}
