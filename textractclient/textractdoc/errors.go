package textractdoc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The errors that a caller may handle in different ways. Errors of this package wrap them: test
// with errors.Is.
var (
	// ErrNoResults means that a response has no results, because its job failed or is in progress.
	ErrNoResults = errors.New("the response has no results")

	// ErrNoText means that Read read results that have fields and no text: those of lending
	// analysis, and those of expense analysis by older models. Its document is complete: see
	// Document.Expenses and Document.Lending.
	ErrNoText = errors.New("the results have no text, only fields: read Document.Expenses or Document.Lending")
)

// noResultsError names the status of the job, and Textract's message and warnings.
func noResultsError(r *Response) error {
	text := "job status " + string(r.JobStatus)
	if r.StatusMessage != "" {
		text += ": " + r.StatusMessage
	}
	var warnings []string
	for _, warning := range r.Warnings {
		warnings = append(warnings, fmt.Sprintf("%s on pages %v", aws.ToString(warning.ErrorCode), warning.Pages))
	}
	if warnings != nil {
		text += ": " + strings.Join(warnings, ", ")
	}
	return fmt.Errorf("%w: %s", ErrNoResults, text)
}
