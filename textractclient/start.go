package textractclient

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// S3Object identifies a document in S3.
type S3Object struct {
	// Bucket is the bucket's name, not its ARN. The bucket must be in the Region of Textract.
	Bucket string
	// Key is the object's key, not URL-encoded.
	Key string
	// VersionID is the id of a version, for which the caller needs s3:GetObjectVersion. Default:
	// none, the newest version.
	VersionID string
	// ETag is that of the object's content. It is not sent, but is a part of the derived client
	// request token, so that an overwritten document is a new job. Default: none, Start gets it
	// from S3, unless VersionID identifies the content.
	ETag string
}

// String returns the object's URI: s3://BUCKET/KEY.
func (o S3Object) String() string { return "s3://" + o.Bucket + "/" + o.Key }

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
	// Output is the location of this job's results. Default: nil, that of the client's Config.
	Output *Output
}

// Job is a started job.
type Job struct {
	// ID is Textract's JobId.
	ID string
	// Operation is that of the input.
	Operation Operation
	// Document is that of the input, with the ETag that Start looked up, if it did.
	Document S3Object
	// JobTag is that of the input.
	JobTag string
	// Status is the status after the start: IN_PROGRESS for a new job. SUCCEEDED or PARTIAL_SUCCESS
	// mean an earlier job for the same document, which publishes no second notification: read its
	// results now. It is empty where it is unknown: for an input with a ClientRequestToken, and
	// where the Get action failed. In an Outcome of RunAll it is the final status.
	Status types.JobStatus
	// ClientRequestToken is the token that was sent.
	ClientRequestToken string
	// Output is the location of the results. Nil: Textract keeps them.
	Output *Output
}

// Ref returns the JobRef that Status, Wait and Results take.
func (j *Job) Ref() JobRef { return JobRef{Operation: j.Operation, ID: j.ID} }

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
//     job.
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
			return nil, fmt.Errorf("start %s of %s: %w%s", in.Operation.Name(), in.Document, err, startHint(err))
		}
		job := &Job{
			ID: id, Operation: in.Operation, Document: request.Document, JobTag: in.JobTag,
			ClientRequestToken: request.token, Output: request.output,
		}
		if request.derived {
			err = c.lookAtStatus(ctx, job)
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

// Check returns the error, which wraps ErrInvalidInput, with which Start rejects an invalid input,
// or nil. It sends nothing.
func (c *Client) Check(in StartInput) error {
	if _, err := c.startRequest(in); err != nil {
		return fmt.Errorf("start %s: %w", in.Operation.Name(), err)
	}
	return nil
}

// startRequest is a checked StartInput, with the client's settings and the token filled in.
type startRequest struct {
	StartInput
	topicARN, roleARN string
	output            *Output
	token             string
	derived           bool
	afterFailed       string
}

// allPages is what queries and adapters without pages ask.
var allPages = []string{"*"}

func (c *Client) startRequest(in StartInput) (startRequest, error) {
	request := startRequest{StartInput: in, output: c.config.Output}
	if !in.WithoutNotification {
		request.topicARN, request.roleARN = c.config.TopicARN, c.config.RoleARN
	}
	if in.Output != nil {
		request.output = in.Output
	}
	// In one order without repetitions: the same features in another order are the same job.
	request.Features = slices.Compact(slices.Sorted(slices.Values(in.Features)))
	request.Queries, request.Adapters = slices.Clone(in.Queries), slices.Clone(in.Adapters)
	for i := range request.Queries {
		if len(request.Queries[i].Pages) == 0 {
			request.Queries[i].Pages = allPages
		}
	}
	for i := range request.Adapters {
		if len(request.Adapters[i].Pages) == 0 {
			request.Adapters[i].Pages = allPages
		}
	}
	return request, request.validate()
}

// chooseToken sets the token: the caller's, one derived for this content of the document, or a
// random one when the content is unknown.
func (c *Client) chooseToken(ctx context.Context, r *startRequest) error {
	if r.ClientRequestToken != "" {
		r.token = r.ClientRequestToken
		return nil
	}
	// Each object that overwrites another in a bucket without versions has the version "null" too.
	if unversioned := r.Document.VersionID == "" || r.Document.VersionID == "null"; unversioned && r.Document.ETag == "" {
		seen, err := c.Stat(ctx, r.Document)
		if err == nil && seen.ETag == "" {
			err = errors.New("S3 returned no ETag")
		}
		switch {
		case err != nil && (ctx.Err() != nil || errors.Is(err, errNoDocument)):
			return err
		case err != nil:
			// Random, and not empty: the attempts of this start must not become several jobs.
			r.token = rand.Text()
			c.log.WarnContext(
				ctx,
				"the document's version is unknown, so a repeated start will start, and bill, another job",
				"document",
				r.Document.String(),
				"error",
				err,
			)
			return nil
		}
		r.Document.ETag = seen.ETag
	}
	r.token, r.derived = r.deriveToken(), true
	return nil
}

// lookAtStatus sets the status of a job that may be an earlier one, and returns a *JobError for a
// failed job. Another error is logged only: the job is started.
func (c *Client) lookAtStatus(ctx context.Context, job *Job) error {
	state, err := c.lookUpStatus(ctx, job.Ref())
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
				"error",
				err,
			)
		})
		return nil
	}
	c.log.WarnContext(ctx, "unknown whether the job failed before", "job", job.ID, "error", err)
	return nil
}

// lookUpStatus repeats a look-up without a response: while Textract throttles until ctx ends, for
// another cause maxLookups times.
func (c *Client) lookUpStatus(ctx context.Context, job JobRef) (*JobState, error) {
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

// send calls the operation's Start action and returns the job's id.
func (c *Client) send(ctx context.Context, r startRequest) (string, error) {
	var id *string
	err := c.call(ctx, string(r.Operation), func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		id, err = c.sendOnce(ctx, r, option)
		return err
	})
	return aws.ToString(id), err
}

func (c *Client) sendOnce(ctx context.Context, r startRequest, option func(*textract.Options)) (*string, error) {
	switch r.Operation {
	case TextDetection:
		out, err := c.textract.StartDocumentTextDetection(ctx, r.textDetection(), option)
		if err != nil {
			return nil, err
		}
		return out.JobId, nil
	case DocumentAnalysis:
		out, err := c.textract.StartDocumentAnalysis(ctx, r.documentAnalysis(), option)
		if err != nil {
			return nil, err
		}
		return out.JobId, nil
	case ExpenseAnalysis:
		out, err := c.textract.StartExpenseAnalysis(ctx, r.expenseAnalysis(), option)
		if err != nil {
			return nil, err
		}
		return out.JobId, nil
	default: // validate has checked the operation
		out, err := c.textract.StartLendingAnalysis(ctx, r.lendingAnalysis(), option)
		if err != nil {
			return nil, err
		}
		return out.JobId, nil
	}
}
