package textractclient

import (
	"context"
	"fmt"
	"regexp"
	"slices"

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
	// ETag is not sent. It goes into the derived client request token, so that a key that was overwritten in a bucket without
	// versions starts a new job instead of getting the old job's results.
	ETag string
}

// String returns the object's s3:// URI.
func (o S3Object) String() string { return "s3://" + o.Bucket + "/" + o.Key }

// StartInput says what to start.
type StartInput struct {
	// Operation is required.
	Operation Operation
	// Document is required.
	Document S3Object
	// Features are what DocumentAnalysis looks for. It needs at least one; the other operations take none.
	Features []types.FeatureType
	// Queries are the questions of the feature QUERIES.
	Queries []types.Query
	// Adapters fit queries to a kind of document.
	Adapters []types.Adapter
	// JobTag comes back in the notification. See CheckJobTag and DeriveJobTag. Empty: none.
	JobTag string
	// ClientRequestToken makes a repeated start return the same job, for 7 days. Empty: derived from everything that is sent
	// (operation, document, features, queries, adapters, tag, notification channel and output), for Textract refuses a token
	// that comes back with other parameters.
	ClientRequestToken string
	// Salt goes into the derived token. Another salt starts the same job anew, as after a failure whose cause is mended.
	Salt string
	// Output replaces the client's output for this job. Nil: the client's.
	Output *Output
}

// Job is a started job.
type Job struct {
	ID        string
	Operation Operation
	Document  S3Object
	JobTag    string
	// ClientRequestToken is what was sent.
	ClientRequestToken string
	// Output is where Textract writes the results. Nil: Textract keeps them.
	Output *Output
}

// Ref returns the reference that Status, Wait and Results take.
func (j *Job) Ref() JobRef { return JobRef{Operation: j.Operation, ID: j.ID} }

// Start starts a job and returns at once. The job's completion is published to the client's topic, where it has one.
//
// Start may be repeated: as long as the input stays the same, so does the derived token, and Textract returns the job that is
// there already instead of starting (and billing) another. Such a job publishes nothing again; Wait
// asks for its status. A failed job comes back too: set Salt to start anew.
//
// While Textract throttles or has too many jobs at a time, Start waits and tries again for as long as ctx lasts.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
func (c *Client) Start(ctx context.Context, in StartInput) (*Job, error) {
	request, err := c.startRequest(in)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", in.Operation.Name(), err)
	}
	id, err := c.send(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("start %s of %s: %w%s", in.Operation.Name(), in.Document, err, startHint(err))
	}
	return &Job{
		ID: id, Operation: in.Operation, Document: in.Document, JobTag: in.JobTag,
		ClientRequestToken: request.token, Output: request.output,
	}, nil
}

// startRequest is a checked StartInput, with the client's settings and the token filled in.
type startRequest struct {
	StartInput
	topicARN, roleARN string
	output            *Output
	token             string
}

var tokenPattern = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

func (c *Client) startRequest(in StartInput) (startRequest, error) {
	request := startRequest{StartInput: in, topicARN: c.config.TopicARN, roleARN: c.config.RoleARN, output: c.config.Output}
	if in.Output != nil {
		request.output = in.Output
	}
	// In one order without repetitions, for the same features in another order are the same job.
	request.Features = slices.Compact(slices.Sorted(slices.Values(in.Features)))
	if err := request.validate(); err != nil {
		return startRequest{}, err
	}
	request.token = in.ClientRequestToken
	if request.token == "" {
		request.token = request.deriveToken()
	}
	return request, nil
}

func (r *startRequest) validate() error {
	var problems problems
	problems.addf(!r.Operation.known(), "operation %q is unknown: use one of %v", r.Operation, Operations())
	validateBucket(&problems, "document bucket", r.Document.Bucket)
	problems.addf(r.Document.Key == "", "document key is empty: give the object's key")
	r.validateFeatures(&problems)
	if r.JobTag != "" {
		if err := CheckJobTag(r.JobTag); err != nil {
			problems.addf(true, "%s", err)
		}
	}
	problems.addf(r.ClientRequestToken != "" && !tokenPattern.MatchString(r.ClientRequestToken),
		"client request token %q is malformed: use 1 to 64 characters of [a-zA-Z0-9-_]", r.ClientRequestToken)
	settings := Config{TopicARN: r.topicARN, RoleARN: r.roleARN, Output: r.output}
	if err := settings.Validate(); err != nil {
		problems.addf(true, "%s", err)
	}
	return problems.err()
}

func (r *startRequest) validateFeatures(problems *problems) {
	if r.Operation != DocumentAnalysis {
		problems.addf(len(r.Features)+len(r.Queries)+len(r.Adapters) > 0,
			"features, queries and adapters are for document-analysis only: leave them out")
		return
	}
	problems.addf(len(r.Features) == 0, "document-analysis needs features: give at least one of %v", types.FeatureType("").Values())
	queries := slices.Contains(r.Features, types.FeatureTypeQueries)
	problems.addf(queries && len(r.Queries) == 0, "feature QUERIES needs queries: add at least one")
	problems.addf(!queries && len(r.Queries) > 0, "queries need the feature QUERIES: add it")
}

// send calls the operation's Start action and returns the job's id.
func (c *Client) send(ctx context.Context, r startRequest) (string, error) {
	var id *string
	err := c.call(ctx, func(option func(*textract.Options)) error {
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
