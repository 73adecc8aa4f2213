package textractclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

var (
	// ErrJobFailed is what every [JobError] wraps: the job ended without results.
	ErrJobFailed = errors.New("job failed")

	// ErrJobUnknown says that Textract has no such job. Jobs and their results live 7 days, in the Region and account they were
	// started in, and each Get operation knows the jobs of its own Start operation only.
	ErrJobUnknown = errors.New("job unknown: wrong operation, Region or account, or results expired after 7 days")

	// ErrJobInProgress says that a job has no results yet.
	ErrJobInProgress = errors.New("job in progress: wait for it")

	// ErrNoOutput says that the output bucket holds no results of a job.
	ErrNoOutput = errors.New("no results in the output bucket: job in progress, started without this output, or results deleted")

	// ErrNotNotification says that a message's body is no completion notification of Textract.
	ErrNotNotification = errors.New("no completion notification of Textract")
)

// JobError reports that a job ended without results. errors.Is(err, ErrJobFailed) reports true for it.
type JobError struct {
	JobID     string
	Operation Operation
	// Status is FAILED, or another status that Textract may come to use.
	Status types.JobStatus
	// Message is Textract's status message, often empty.
	Message  string
	Warnings []types.Warning
}

func (e *JobError) Error() string {
	text := fmt.Sprintf("job ended with status %s", e.Status)
	if e.JobID != "" {
		text = fmt.Sprintf("%s ended with status %s", e.Ref(), e.Status)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text + describeWarnings(e.Warnings)
}

// Unwrap returns ErrJobFailed.
func (e *JobError) Unwrap() error { return ErrJobFailed }

// Ref returns the reference of the failed job.
func (e *JobError) Ref() JobRef { return JobRef{Operation: e.Operation, ID: e.JobID} }

func describeWarnings(warnings []types.Warning) string {
	if len(warnings) == 0 {
		return ""
	}
	parts := make([]string, 0, len(warnings))
	for _, w := range warnings {
		parts = append(parts, fmt.Sprintf("%s on pages %v", aws.ToString(w.ErrorCode), w.Pages))
	}
	return ": " + strings.Join(parts, ", ")
}

// unknownJob puts ErrJobUnknown before Textract's own words, which do not say what an invalid job id comes from.
func unknownJob(err error) error {
	var invalid *types.InvalidJobIdException
	if errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", ErrJobUnknown, err)
	}
	return err
}

// startHint says what the error most often comes from, for Textract's own words seldom do.
func startHint(err error) string {
	var (
		object   *types.InvalidS3ObjectException
		mismatch *types.IdempotentParameterMismatchException
		invalid  *types.InvalidParameterException
		tooLarge *types.DocumentTooLargeException
		badFile  *types.UnsupportedDocumentException
		kms      *types.InvalidKMSKeyException
	)
	switch {
	case errors.As(err, &object):
		return ": the caller needs s3:GetObject on the document and kms:Decrypt on its key, and the bucket must be in Textract's Region"
	case errors.As(err, &mismatch):
		return ": the client request token was used with other parameters within 7 days; leave it empty to derive one"
	case errors.As(err, &invalid):
		return ": if the document is well-formed, check that topic and role exist, that Textract may assume the role, and that the caller may pass it"
	case errors.As(err, &tooLarge):
		return ": PDF and TIFF may have 500 MB and 3,000 pages, JPEG and PNG 10 MB"
	case errors.As(err, &badFile):
		return ": use PDF, TIFF, JPEG or PNG"
	case errors.As(err, &kms):
		return ": the caller needs kms:Decrypt, kms:GenerateDataKey and kms:DescribeKey on the output's key"
	}
	return ""
}
