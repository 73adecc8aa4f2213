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

// S3Object names a document in S3.
type S3Object struct {
	// Bucket is the bucket's name, not its ARN. It must be in the Region that Textract is called in.
	Bucket string
	// Key is the object's key as it is, not URL-encoded.
	Key string
	// VersionID picks a version. Empty: the newest. Textract needs s3:GetObjectVersion to read a picked one.
	VersionID string
	// ETag is not sent. It goes into the derived client request token, so that a key that was overwritten starts a new job instead
	// of getting the old job's results. Empty, and without a VersionID other than "null": Start asks S3 for it.
	ETag string
}

// String returns the object's s3:// URI.
func (o S3Object) String() string { return "s3://" + o.Bucket + "/" + o.Key }

// StartInput is a job to start.
type StartInput struct {
	// Operation is required.
	Operation Operation
	// Document is required.
	Document S3Object
	// Features are what DocumentAnalysis looks for. It needs at least one; the other operations take none.
	Features []types.FeatureType
	// Queries are the questions of the feature QUERIES, at most 30. A query without Pages asks all pages, each of which Textract
	// bills; Textract's own default would be page 1 alone.
	Queries []types.Query
	// Adapters adapt queries to a kind of document. They need the feature QUERIES. One without Pages applies to all pages.
	Adapters []types.Adapter
	// JobTag comes back in the notification. See CheckJobTag and DeriveJobTag. Empty: none.
	JobTag string
	// WithoutNotification starts a job that publishes no completion, to be waited for with Wait. False: the job publishes to the
	// topic of the client's Config, and a Config without a topic is an error.
	WithoutNotification bool
	// ClientRequestToken makes a repeated start return the same job for 7 days, whatever became of the document or the job. Empty:
	// derived from everything that is sent and from the document's ETag or version, see Start.
	ClientRequestToken string
	// Salt goes into the derived token: another salt starts another job for a document that is unchanged. A failed job needs none.
	Salt string
	// Output replaces the client's output for this job. Nil: the client's.
	Output *Output
}

// Job is a started job.
type Job struct {
	ID        string
	Operation Operation
	// Document is the document of the input, with the ETag that it was started for where Start looked it up.
	Document S3Object
	JobTag   string
	// Status is the job's status right after the start: IN_PROGRESS for a new job. SUCCEEDED or PARTIAL_SUCCESS mean an earlier job
	// for the same document, which does not publish its completion again: read its results now. Empty when it could not be read, or
	// the input had a ClientRequestToken of its own.
	Status types.JobStatus
	// ClientRequestToken is what was sent.
	ClientRequestToken string
	// Output is where Textract writes the results. Nil: Textract keeps them.
	Output *Output
}

// Ref returns the reference that Status, Wait and Results take.
func (j *Job) Ref() JobRef { return JobRef{Operation: j.Operation, ID: j.ID} }

const (
	// lookupTimeout bounds the look at a document or at the status of a started job.
	lookupTimeout = 15 * time.Second
	// maxLookups bounds the looks at a status that Textract does not answer.
	maxLookups = 3
	// maxFailedJobs bounds how many failed jobs of one document, within 7 days, Start looks past.
	maxFailedJobs = 20
)

// Start starts a job and returns at once. The job's completion is published to the client's topic.
//
// Start may be repeated, as when an S3 event arrives twice. It derives a client request token from all that is sent and from the
// document's version: VersionID or ETag of the input, or else the ETag that S3 reports now (HeadObject, which needs s3:GetObject).
// So for the 7 days that Textract keeps tokens
//
//   - a document that did not change gets the job that is there already, in progress or succeeded, and nothing is billed;
//   - a document that was overwritten gets a new job;
//   - a document whose job failed gets a new job, to be repeated in the same way. Start asks for the status to know, for which the
//     caller needs the operation's Get action; without it, it logs a warning and returns the job.
//
// After 7 days a repeated start starts a new job. Where S3 does not return an ETag (access denied, or no way to S3), the token is random
// and every start starts a job: that is logged, and never returns an old document's results.
//
// While Textract throttles or has too many jobs in progress, Start logs, calls the hook Throttled, and tries again until ctx ends.
// The error then wraps ErrThrottled or ErrQuotaExceeded.
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

// Check returns the error that Start returns for an input that it rejects, and nil for any other. It sends nothing.
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

// chooseToken sets the token: the caller's, one derived for this content of the document, or a random one when the content is unknown.
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
			c.log.WarnContext(ctx, "the document's version is unknown, so a repeated start will start, and bill, another job", "document", r.Document.String(), "error", err)
			return nil
		}
		r.Document.ETag = seen.ETag
	}
	r.token, r.derived = r.deriveToken(), true
	return nil
}

// lookAtStatus sets the status of a job that may be an earlier one, and returns a *JobError for a failed job. Another error is
// logged only: the job is started.
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
			c.log.WarnContext(ctx, "cannot tell whether earlier jobs failed: grant the Get actions, so that a repeated start starts another", "error", err)
		})
		return nil
	}
	c.log.WarnContext(ctx, "cannot tell whether the job failed before", "job", job.ID, "error", err)
	return nil
}

// lookUpStatus repeats a look without an answer: while Textract throttles until ctx ends, for another cause maxLookups times.
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
	default: // validate let through the four operations only
		out, err := c.textract.StartLendingAnalysis(ctx, r.lendingAnalysis(), option)
		if err != nil {
			return nil, err
		}
		return out.JobId, nil
	}
}
