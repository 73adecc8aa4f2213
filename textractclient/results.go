package textractclient

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Results iterates over a job's results, with one response of the operation's Get action in memory
// at a time. [Pages] and [ReadDocument] make a document of them.
//
// An error ends the iteration: it wraps ErrJobInProgress, ErrJobUnknown (Textract keeps results for
// 7 days) or ErrJobFailed (a *JobError), or it is that of a call. Partial success is not an error:
// see ResultPage.JobStatus and Warnings.
func (c *Client) Results(ctx context.Context, job JobRef) iter.Seq2[*ResultPage, error] {
	return c.results(ctx, job, nil)
}

// results begins with the first response, where that is known.
func (c *Client) results(ctx context.Context, job JobRef, known *answeredPage) iter.Seq2[*ResultPage, error] {
	return func(yield func(*ResultPage, error) bool) {
		var token *string
		for first := true; first || token != nil; first = false {
			var (
				page *ResultPage
				next *string
				err  error
			)
			if first && known != nil {
				page, next = known.page, known.next
			} else {
				page, next, err = c.get(ctx, job, token, nil)
			}
			if err == nil {
				err = resultStatus(job, page)
			}
			if err != nil {
				yield(nil, fmt.Errorf("results of %s: %w", job, err))
				return
			}
			if !yield(page, nil) {
				return
			}
			token = next
		}
	}
}

// LendingSummary returns the summary of a lending analysis: its pages, grouped into documents by
// type. The operation of job may be empty. Errors are those of Results.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_GetLendingAnalysisSummary.html
func (c *Client) LendingSummary(ctx context.Context, job JobRef) (*LendingSummary, error) {
	if err := (JobRef{Operation: LendingAnalysis, ID: job.ID}).validate(); err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w", job, err)
	}
	var out *textract.GetLendingAnalysisSummaryOutput
	err := c.call(ctx, "GetLendingAnalysisSummary", func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		out, err = c.textract.GetLendingAnalysisSummary(ctx, &textract.GetLendingAnalysisSummaryInput{JobId: aws.String(job.ID)}, option)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w%s", job, unknownJob(err), getHint(err))
	}
	return checkedSummary(job, &LendingSummary{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, AnalyzeLendingModelVersion: aws.ToString(out.AnalyzeLendingModelVersion), Summary: out.Summary,
	})
}

func checkedSummary(job JobRef, summary *LendingSummary) (*LendingSummary, error) {
	page := &ResultPage{JobStatus: summary.JobStatus, StatusMessage: summary.StatusMessage, Warnings: summary.Warnings}
	if err := resultStatus(job, page); err != nil {
		return nil, fmt.Errorf("lending summary of %s: %w", job, err)
	}
	return summary, nil
}

// resultStatus returns an error for a page of a job without results: in progress, or failed.
// Responses of synchronous operations have no status.
func resultStatus(job JobRef, page *ResultPage) error {
	switch page.JobStatus {
	case types.JobStatusSucceeded, types.JobStatusPartialSuccess, "":
		return nil
	case types.JobStatusInProgress:
		return ErrJobInProgress
	default:
		return &JobError{
			JobID: job.ID, Operation: job.Operation, Status: page.JobStatus, Message: page.StatusMessage, Warnings: page.Warnings,
		}
	}
}

// get returns one response, with at most limit results, or as many as the operation returns at a
// time.
func (c *Client) get(ctx context.Context, job JobRef, token *string, limit *int32) (*ResultPage, *string, error) {
	var (
		page *ResultPage
		next *string
	)
	if err := job.validate(); err != nil {
		return nil, nil, err
	}
	action := "Get" + strings.TrimPrefix(string(job.Operation), "Start")
	err := c.call(ctx, action, func(ctx context.Context, option func(*textract.Options)) error {
		var err error
		page, next, err = c.getOnce(ctx, job.Operation, pageRequest{aws.String(job.ID), token, limit}, option)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("%w%s", unknownJob(err), getHint(err))
	}
	if aws.ToString(next) == "" {
		next = nil
	}
	if page.DocumentMetadata != nil {
		c.jobs.sawPages(job.ID, int(aws.ToInt32(page.DocumentMetadata.Pages)))
	}
	return page, next, nil
}

type pageRequest struct {
	jobID, token *string
	limit        *int32
}

func (c *Client) getOnce(
	ctx context.Context, operation Operation, r pageRequest, option func(*textract.Options),
) (*ResultPage, *string, error) {
	switch operation {
	case TextDetection:
		in := &textract.GetDocumentTextDetectionInput{JobId: r.jobID, NextToken: r.token, MaxResults: r.limit}
		out, err := c.textract.GetDocumentTextDetection(ctx, in, option)
		if err != nil {
			return nil, nil, err
		}
		return textDetectionPage(out), out.NextToken, nil
	case DocumentAnalysis:
		in := &textract.GetDocumentAnalysisInput{JobId: r.jobID, NextToken: r.token, MaxResults: r.limit}
		out, err := c.textract.GetDocumentAnalysis(ctx, in, option)
		if err != nil {
			return nil, nil, err
		}
		return documentAnalysisPage(out), out.NextToken, nil
	case ExpenseAnalysis:
		in := &textract.GetExpenseAnalysisInput{JobId: r.jobID, NextToken: r.token, MaxResults: r.limit}
		out, err := c.textract.GetExpenseAnalysis(ctx, in, option)
		if err != nil {
			return nil, nil, err
		}
		return expenseAnalysisPage(out), out.NextToken, nil
	case LendingAnalysis:
		in := &textract.GetLendingAnalysisInput{JobId: r.jobID, NextToken: r.token, MaxResults: r.limit}
		out, err := c.textract.GetLendingAnalysis(ctx, in, option)
		if err != nil {
			return nil, nil, err
		}
		return lendingAnalysisPage(out), out.NextToken, nil
	default: // get has checked the operation
		return nil, nil, inputError(fmt.Sprintf("operation %q is unknown", operation))
	}
}
