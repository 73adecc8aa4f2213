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

	// ErrIncomplete means that responses of a document are missing: the last one refers to another,
	// or there are fewer pages than the document has. The pages before the error are what there is
	// of it; the last of them may lack a part.
	ErrIncomplete = errors.New("responses of the document are missing")

	// ErrSeveralDocuments means that responses of several documents, or of several jobs, were read
	// as one. The numbers of their pages begin again, so that they cannot be told apart: read each
	// job by itself.
	ErrSeveralDocuments = errors.New("the responses are of several documents or jobs: read each job by itself")
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
