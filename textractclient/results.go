package textractclient

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// Results iterates over a job's results by the operation's Get action, one answer in memory at a time.
//
// An error ends the iteration: ErrJobInProgress, ErrJobUnknown (results live 7 days), *JobError when the job failed, or whatever
// the call came to. A job that succeeded in part yields all it has and then a *PartialSuccessError, so nothing is missing silently.
func (c *Client) Results(ctx context.Context, operation Operation, jobID string) iter.Seq2[*ResultPage, error] {
	return func(yield func(*ResultPage, error) bool) {
		verdict := verdict{operation: operation, jobID: jobID}
		var token *string
		for first := true; first || token != nil; first = false {
			page, next, err := c.get(ctx, operation, jobID, token, nil)
			if err == nil {
				err = verdict.see(page)
			}
			if err != nil {
				yield(nil, fmt.Errorf("results of job %s: %w", jobID, err))
				return
			}
			if !yield(page, nil) {
				return
			}
			token = next
		}
		if err := verdict.partial(); err != nil {
			yield(nil, err)
		}
	}
}

// LendingSummary returns the summary of a lending analysis: its pages, grouped into documents by type. Errors are those of
// Results; a job that succeeded in part gives both a summary and a *PartialSuccessError.
func (c *Client) LendingSummary(ctx context.Context, jobID string) (*LendingSummary, error) {
	var out *textract.GetLendingAnalysisSummaryOutput
	err := c.call(ctx, func(option func(*textract.Options)) error {
		var err error
		out, err = c.textract.GetLendingAnalysisSummary(ctx, &textract.GetLendingAnalysisSummaryInput{JobId: aws.String(jobID)}, option)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lending summary of job %s: %w", jobID, unknownJob(err))
	}
	return judgedSummary(jobID, &LendingSummary{
		DocumentMetadata: out.DocumentMetadata, JobStatus: out.JobStatus, StatusMessage: aws.ToString(out.StatusMessage),
		Warnings: out.Warnings, ModelVersion: aws.ToString(out.AnalyzeLendingModelVersion), Summary: out.Summary,
	})
}

func judgedSummary(jobID string, summary *LendingSummary) (*LendingSummary, error) {
	verdict := verdict{operation: LendingAnalysis, jobID: jobID}
	err := verdict.see(&ResultPage{JobStatus: summary.JobStatus, StatusMessage: summary.StatusMessage, Warnings: summary.Warnings})
	if err != nil {
		return nil, fmt.Errorf("lending summary of job %s: %w", jobID, err)
	}
	return summary, verdict.partial()
}

// verdict gathers from a job's result pages whether the job failed or lacks something.
type verdict struct {
	operation Operation
	jobID     string
	isPartial bool
	warnings  []types.Warning
}

func (v *verdict) see(page *ResultPage) error {
	switch page.JobStatus {
	case types.JobStatusSucceeded:
		return nil
	case types.JobStatusPartialSuccess:
		v.note(page.Warnings)
		return nil
	case types.JobStatusInProgress:
		return ErrJobInProgress
	default:
		return &JobError{
			JobID: v.jobID, Operation: v.operation, Status: page.JobStatus, Message: page.StatusMessage, Warnings: page.Warnings,
		}
	}
}

// note keeps each warning once, for Textract repeats them in every answer.
func (v *verdict) note(warnings []types.Warning) {
	v.isPartial = true
	for _, warning := range warnings {
		if !v.knows(warning) {
			v.warnings = append(v.warnings, warning)
		}
	}
}

func (v *verdict) knows(warning types.Warning) bool {
	text := describeWarnings([]types.Warning{warning})
	for _, known := range v.warnings {
		if describeWarnings([]types.Warning{known}) == text {
			return true
		}
	}
	return false
}

func (v *verdict) partial() error {
	if !v.isPartial {
		return nil
	}
	return &PartialSuccessError{JobID: v.jobID, Operation: v.operation, Warnings: v.warnings}
}

// get asks for one answer, with as many results as the operation gives at a time unless limit says otherwise.
func (c *Client) get(ctx context.Context, operation Operation, jobID string, token *string, limit *int32) (*ResultPage, *string, error) {
	var (
		page *ResultPage
		next *string
	)
	err := c.call(ctx, func(option func(*textract.Options)) error {
		var err error
		page, next, err = c.getOnce(ctx, operation, pageRequest{aws.String(jobID), token, limit}, option)
		return err
	})
	if aws.ToString(next) == "" {
		next = nil
	}
	return page, next, unknownJob(err)
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
	default:
		return nil, nil, fmt.Errorf("operation %q is unknown: use one of %v", operation, Operations())
	}
}
