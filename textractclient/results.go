package textractclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// Results iterates over a job's results, by the operation's Get action. It asks for the next
// response while the caller handles one. [textractdoc.Pages] and [textractdoc.Read] make a document
// of them.
//
// An error ends the iteration: it wraps ErrJobInProgress, ErrJobUnknown (Textract keeps results for
// 7 days) or ErrJobFailed (a *JobError), or it is that of a call. Partial success is not an error:
// see JobStatus and Warnings of the response.
func (c *Client) Results(ctx context.Context, job JobRef) iter.Seq2[*textractdoc.Response, error] {
	return c.results(ctx, job, nil)
}

// results begins with the first response, where that is known. While the caller has a response, the
// next one is asked for, and none after it: all callers share the quota of Get actions.
func (c *Client) results(ctx context.Context, job JobRef, first *textractdoc.Response) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		response, err := first, error(nil)
		if response == nil {
			response, err = c.get(ctx, job, "", nil)
		}
		var asking sync.WaitGroup
		defer asking.Wait()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		asked := make(map[string]bool)
		for {
			if err == nil {
				err = resultStatus(job, response)
			}
			if err != nil {
				yield(nil, fmt.Errorf("results of %s: %w", job, err))
				return
			}
			token := response.NextToken // before the caller has the response
			var next *textractdoc.Response
			switch {
			case asked[token]:
				err = errRepeatedToken
			case token != "":
				asked[token] = true
				asking.Go(func() {
					err = protect(func() (err error) { next, err = c.get(ctx, job, token, nil); return err })
				})
			}
			if !yield(response, nil) || token == "" {
				return
			}
			asking.Wait()
			response = next
		}
	}
}

// errRepeatedToken ends an iteration that would never end.
var errRepeatedToken = errors.New("a response refers to one before it: its NextToken was used already")

// LendingSummary returns the summary of a lending analysis: its pages, grouped into documents by
// type. The operation of job may be empty. Errors are those of Results.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_GetLendingAnalysisSummary.html
func (c *Client) LendingSummary(ctx context.Context, job JobRef) (*textractdoc.LendingSummary, error) {
	if err := (JobRef{Operation: LendingAnalysis, ID: job.ID}).validate(); err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w", job, err)
	}
	var out *textract.GetLendingAnalysisSummaryOutput
	err := c.call(ctx, "GetLendingAnalysisSummary", func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		out, err = c.textract.GetLendingAnalysisSummary(ctx, &textract.GetLendingAnalysisSummaryInput{JobId: aws.String(job.ID)}, option)
		if err == nil && out.JobStatus == "" && out.DocumentMetadata == nil && out.Summary == nil {
			err = fmt.Errorf("%w: it has neither a status nor a summary", errCut)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w%s", job, unknownJob(err), getHint(err))
	}
	return checkedSummary(job, &textractdoc.LendingSummary{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, AnalyzeLendingModelVersion: aws.ToString(out.AnalyzeLendingModelVersion), Summary: out.Summary,
	})
}

func checkedSummary(job JobRef, summary *textractdoc.LendingSummary) (*textractdoc.LendingSummary, error) {
	response := &textractdoc.Response{JobStatus: summary.JobStatus, StatusMessage: summary.StatusMessage, Warnings: summary.Warnings}
	if err := resultStatus(job, response); err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w", job, err)
	}
	return summary, nil
}

// resultStatus returns an error for a response of a job without results: in progress, or failed.
func resultStatus(job JobRef, response *textractdoc.Response) error {
	state := stateOf(response)
	switch {
	case state.Status == "":
		return nil
	case !state.ended():
		return ErrJobInProgress
	}
	return state.failure(job)
}

// get returns one response, with at most limit results, or as many as the action returns at a time.
// The token is empty for the first one.
func (c *Client) get(ctx context.Context, job JobRef, token string, limit *int32) (*textractdoc.Response, error) {
	if err := job.validate(); err != nil {
		return nil, err
	}
	in := getInput{jobID: aws.String(job.ID), limit: limit}
	if token != "" {
		in.token = aws.String(token)
	}
	var response *textractdoc.Response
	action := "Get" + strings.TrimPrefix(string(job.Operation), "Start")
	err := c.call(ctx, action, func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		response, err = c.getOnce(ctx, job.Operation, in, option)
		if err == nil && isEmpty(response) {
			err = fmt.Errorf("%w: it has neither a status nor results", errCut)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%w%s", unknownJob(err), getHint(err))
	}
	if response.DocumentMetadata != nil {
		c.jobs.sawPages(job.ID, int(aws.ToInt32(response.DocumentMetadata.Pages)))
	}
	return response, nil
}

// isEmpty reports whether a response has nothing of what Textract responds, as the SDK returns an
// empty body.
func isEmpty(r *textractdoc.Response) bool {
	return r.JobStatus == "" && r.DocumentMetadata == nil &&
		len(r.Blocks) == 0 && len(r.ExpenseDocuments) == 0 && len(r.Results) == 0
}

type getInput struct {
	jobID, token *string
	limit        *int32
}

func (c *Client) getOnce(
	ctx context.Context, operation Operation, in getInput, option func(*textract.Options),
) (*textractdoc.Response, error) {
	switch operation {
	case TextDetection:
		out, err := c.textract.GetDocumentTextDetection(ctx, &textract.GetDocumentTextDetectionInput{
			JobId: in.jobID, NextToken: in.token, MaxResults: in.limit,
		}, option)
		if err != nil {
			return nil, err
		}
		response := newResponse(out.JobStatus, out.StatusMessage, out.DocumentMetadata, out.Warnings, out.NextToken)
		response.Blocks, response.DetectDocumentTextModelVersion = out.Blocks, aws.ToString(out.DetectDocumentTextModelVersion)
		return response, nil
	case DocumentAnalysis:
		out, err := c.textract.GetDocumentAnalysis(ctx, &textract.GetDocumentAnalysisInput{
			JobId: in.jobID, NextToken: in.token, MaxResults: in.limit,
		}, option)
		if err != nil {
			return nil, err
		}
		response := newResponse(out.JobStatus, out.StatusMessage, out.DocumentMetadata, out.Warnings, out.NextToken)
		response.Blocks, response.AnalyzeDocumentModelVersion = out.Blocks, aws.ToString(out.AnalyzeDocumentModelVersion)
		return response, nil
	case ExpenseAnalysis:
		out, err := c.textract.GetExpenseAnalysis(ctx, &textract.GetExpenseAnalysisInput{
			JobId: in.jobID, NextToken: in.token, MaxResults: in.limit,
		}, option)
		if err != nil {
			return nil, err
		}
		response := newResponse(out.JobStatus, out.StatusMessage, out.DocumentMetadata, out.Warnings, out.NextToken)
		response.ExpenseDocuments, response.AnalyzeExpenseModelVersion = out.ExpenseDocuments, aws.ToString(out.AnalyzeExpenseModelVersion)
		return response, nil
	case LendingAnalysis:
		out, err := c.textract.GetLendingAnalysis(ctx, &textract.GetLendingAnalysisInput{
			JobId: in.jobID, NextToken: in.token, MaxResults: in.limit,
		}, option)
		if err != nil {
			return nil, err
		}
		response := newResponse(out.JobStatus, out.StatusMessage, out.DocumentMetadata, out.Warnings, out.NextToken)
		response.Results, response.AnalyzeLendingModelVersion = out.Results, aws.ToString(out.AnalyzeLendingModelVersion)
		return response, nil
	default: // get has checked the operation
		return nil, inputError(fmt.Sprintf("operation %q is unknown", operation))
	}
}

// newResponse has what the responses of all Get actions have.
func newResponse(
	status types.JobStatus, message *string, metadata *types.DocumentMetadata, warnings []types.Warning, next *string,
) *textractdoc.Response {
	return &textractdoc.Response{
		JobStatus: status, StatusMessage: aws.ToString(message), DocumentMetadata: metadata, Warnings: warnings,
		NextToken: aws.ToString(next),
	}
}
