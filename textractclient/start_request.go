package textractclient

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

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

var errNoJobID = errors.New("the response has no JobId")

// send calls the operation's Start action and returns the job's id.
func (c *Client) send(ctx context.Context, r startRequest) (string, error) {
	var id *string
	err := c.call(ctx, string(r.Operation), func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		id, err = c.sendOnce(ctx, r, option)
		switch {
		case err != nil || aws.ToString(id) != "":
			return err
		case r.token == "": // a repetition would start another job
			return errNoJobID
		}
		return fmt.Errorf("%w: %w", errCut, errNoJobID)
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

func (r *startRequest) textDetection() *textract.StartDocumentTextDetectionInput {
	return &textract.StartDocumentTextDetectionInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) documentAnalysis() *textract.StartDocumentAnalysisInput {
	in := &textract.StartDocumentAnalysisInput{
		DocumentLocation:    r.location(),
		FeatureTypes:        r.Features,
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
	if len(r.Queries) > 0 {
		in.QueriesConfig = &types.QueriesConfig{Queries: r.Queries}
	}
	if len(r.Adapters) > 0 {
		in.AdaptersConfig = &types.AdaptersConfig{Adapters: r.Adapters}
	}
	return in
}

func (r *startRequest) expenseAnalysis() *textract.StartExpenseAnalysisInput {
	return &textract.StartExpenseAnalysisInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) lendingAnalysis() *textract.StartLendingAnalysisInput {
	return &textract.StartLendingAnalysisInput{
		DocumentLocation:    r.location(),
		NotificationChannel: r.channel(),
		OutputConfig:        r.outputConfig(),
		KMSKeyId:            r.kmsKeyID(),
		JobTag:              optional(r.JobTag),
		ClientRequestToken:  optional(r.token),
	}
}

func (r *startRequest) location() *types.DocumentLocation {
	return &types.DocumentLocation{S3Object: &types.S3Object{
		Bucket:  aws.String(r.Document.Bucket),
		Name:    aws.String(r.Document.Key),
		Version: optional(r.Document.VersionID),
	}}
}

func (r *startRequest) channel() *types.NotificationChannel {
	if r.topicARN == "" {
		return nil
	}
	return &types.NotificationChannel{SNSTopicArn: aws.String(r.topicARN), RoleArn: aws.String(r.roleARN)}
}

func (r *startRequest) outputConfig() *types.OutputConfig {
	if r.output == nil {
		return nil
	}
	return &types.OutputConfig{S3Bucket: aws.String(r.output.Bucket), S3Prefix: aws.String(r.output.prefix())}
}

func (r *startRequest) kmsKeyID() *string {
	if r.output == nil {
		return nil
	}
	return optional(r.output.KMSKeyID)
}
