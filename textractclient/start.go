package textractclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// StartInput is the input of [Client.Start], and of each job of [Client.RunAll].
type StartInput struct {
	// Operation is the operation. Required.
	Operation Operation
	// Document is the document: PDF or TIFF of at most 500 MB and 3,000 pages, JPEG or PNG of at
	// most 10 MB. Required.
	Document S3Object
	// Features are what DocumentAnalysis looks for: at least one. The other operations have no
	// features.
	Features []types.FeatureType
	// Queries are the questions of the feature QUERIES: 1 to 30, with at most 200 characters each.
	// A query without Pages asks all pages, each of which Textract bills, and not page 1 alone, as
	// in the API.
	Queries []types.Query
	// Adapters adapt the feature QUERIES to a kind of document: at most 100. One without Pages
	// applies to all pages. Default: none.
	Adapters []types.Adapter
	// JobTag is returned in the notification. See [CheckJobTag] and [DeriveJobTag]. Default: none.
	JobTag string
	// WithoutNotification starts a job that publishes no notification, for Wait. Default: false,
	// the job publishes to the topic of the client's Config, which must have one.
	WithoutNotification bool
	// ClientRequestToken makes a repeated start return the same job for 7 days, even when the
	// document has changed or the job has failed: 1 to 64 ASCII letters, digits, "-" and "_".
	// Default: a token that Start derives.
	ClientRequestToken string
	// Salt is a part of the derived token: with another salt, Start starts another job for a
	// document that did not change. Default: none.
	Salt string
	// WaitForStatus is whether Start waits for the status of the job also while the Get actions are
	// throttled, so that it returns no failed job, and tells a job that has completed. Default:
	// false, for many starts. RunAll ignores it.
	WaitForStatus bool
	// Output is the location of this job's results. Default: nil, that of the client's Config.
	Output *Output
}

const (
	// lookupTimeout bounds the look-up of a document or of the status of a started job.
	lookupTimeout = 15 * time.Second
	// maxLookups bounds the look-ups of a status without a response of Textract.
	maxLookups = 3
	// maxFailedJobs bounds how many failed jobs of one document, within 7 days, Start looks past.
	maxFailedJobs = 20
)

// Start starts a job and returns without waiting for its completion, which the job publishes to the
// client's topic.
//
// Start may be repeated, for instance when an S3 event arrives twice. It derives the client request
// token from the request and from the content of the document: VersionID or ETag of the input, or
// else the present ETag in S3 (HeadObject, which needs s3:GetObject). For 7 days, as long as
// Textract keeps tokens,
//
//   - a document that did not change gets its existing job, in progress or succeeded, and nothing
//     is billed;
//   - a document that was overwritten gets a new job;
//   - a document whose job failed gets a new job. To know, Start reads the job's status, which
//     needs the operation's Get action; without that permission it logs a warning and returns the
//     job. While that action is throttled, Start does not wait: it returns the job, which may be
//     an earlier one, and Job.Status is empty. WaitForStatus of the input has it wait.
//
// After 7 days, a repeated start starts a new job. Where S3 returns no ETag, because access is
// denied or S3 cannot be reached, Start logs a warning and sends a random token: each start then
// starts a job, but never returns the results of an earlier content.
//
// While Textract throttles, or the quota of jobs in progress is used up, Start logs, calls the hook
// Throttled and retries until ctx ends; the error then wraps ErrThrottled or ErrQuotaExceeded. Give
// ctx a deadline that leaves time to handle the error: the context of a Lambda function ends with
// the function.
//
// The error of an invalid input wraps ErrInvalidInput; see [Client.Check]. After 21 failed jobs of
// the document within 7 days, the error wraps ErrJobFailed.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
func (c *Client) Start(ctx context.Context, in StartInput) (*Job, error) {
	request, err := c.startRequest(in)
	if err == nil {
		err = c.chooseToken(ctx, &request)
	}
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", in.Operation.Name(), err)
	}
	if request.topicARN == "" {
		c.log.DebugContext(ctx, "the job has no notification channel: wait for it by its status", "document", in.Document.String())
	}
	for failed := 0; ; failed++ {
		id, err := c.send(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("start %s of %s: %w%s", in.Operation.Name(), in.Document, err, startHint(err, in.Document))
		}
		job := &Job{
			ID: id, Operation: in.Operation, Document: request.Document, JobTag: in.JobTag,
			ClientRequestToken: request.token, Output: request.output,
		}
		if request.derived {
			err = c.readStatus(ctx, job, in.WaitForStatus)
		}
		switch {
		case !errors.Is(err, ErrJobFailed):
			c.started(job)
			return job, nil
		case failed == maxFailedJobs:
			return nil, fmt.Errorf("start %s of %s: %d jobs failed for it within 7 days, set Salt to start another: %w",
				in.Operation.Name(), in.Document, failed+1, err)
		}
		c.log.InfoContext(ctx, "an earlier job of this document failed, starting another", "document", in.Document.String(), "error", err)
		request.afterFailed = job.ID
		request.token = request.deriveToken()
	}
}

// readStatus sets the status of a job that may be an earlier one, and returns a *JobError for a
// failed job. Another error is logged only: the job is started.
func (c *Client) readStatus(ctx context.Context, job *Job, wait bool) error {
	reading := ctx
	if !wait {
		reading = withoutThrottleRetries(ctx)
	}
	state, err := c.statusWithRetries(reading, job.Ref())
	if err == nil {
		job.Status = state.Status
		if state.Status == types.JobStatusFailed {
			return state.failure(job.Ref())
		}
		return nil
	}
	var denied *types.AccessDeniedException
	if errors.As(err, &denied) {
		c.statusDenied.Do(func() {
			c.log.WarnContext(
				ctx,
				"unknown whether earlier jobs failed: grant the Get actions, so that a repeated start starts another",
				"error", err,
			)
		})
		return nil
	}
	if !wait && errors.Is(err, ErrThrottled) {
		c.log.InfoContext(ctx, "Textract throttles: unknown whether the job is an earlier one", "job", job.ID)
		return nil
	}
	c.log.WarnContext(ctx, "unknown whether the job failed before", "job", job.ID, "error", err)
	return nil
}

// statusWithRetries repeats a read without a response: while Textract throttles until ctx ends, for
// another cause maxLookups times.
func (c *Client) statusWithRetries(ctx context.Context, job JobRef) (*JobState, error) {
	for lookups := 1; ; lookups++ {
		lookup, cancel := context.WithTimeout(ctx, lookupTimeout)
		state, err := c.Status(lookup, job)
		again := err != nil && lookup.Err() != nil && ctx.Err() == nil && (errors.Is(err, ErrThrottled) || lookups < maxLookups)
		cancel()
		if !again {
			return state, err
		}
	}
}

// started calls the hook for a job that this client starts for the first time.
func (c *Client) started(job *Job) {
	if job.Status == types.JobStatusSucceeded || job.Status == types.JobStatusPartialSuccess || !c.jobs.start(job.ID, time.Now()) {
		return
	}
	callHook(c, "Started", c.hooks.Started, JobEvent{Job: job.Ref(), Document: job.Document, JobTag: job.JobTag})
}
