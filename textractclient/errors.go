package textractclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

var (
	// ErrInvalidInput is what errors about a Config, an input or options wrap. Nothing was sent, and the same input fails again.
	ErrInvalidInput = errors.New("invalid input")

	// ErrJobFailed is what every [JobError] wraps: the job ended without results.
	ErrJobFailed = errors.New("job failed")

	// ErrJobUnknown reports that Textract has no such job. Jobs and their results live 7 days, in the Region and account they were
	// started in, and each Get operation knows the jobs of its own Start operation only.
	ErrJobUnknown = errors.New("job unknown: wrong operation, Region or account, or results expired after 7 days")

	// ErrJobInProgress reports that a job has no results yet.
	ErrJobInProgress = errors.New("job in progress: wait for it")

	// ErrNoOutput reports that the output bucket holds no results of a job.
	ErrNoOutput = errors.New("no results in the output bucket: job in progress, started without this output, or results deleted")

	// ErrNotNotification reports that a message's body is not a completion notification of Textract.
	ErrNotNotification = errors.New("not a completion notification of Textract")

	// ErrNotS3Event reports that a text is not an event of S3.
	ErrNotS3Event = errors.New("not an S3 event")

	// ErrThrottled reports that Textract throttled calls until the context ended: a quota of calls per second is used up.
	ErrThrottled = errors.New("the account's calls to Textract are throttled")

	// ErrQuotaExceeded reports that Textract had too many of the account's jobs in progress until the context ended.
	ErrQuotaExceeded = errors.New("the account's quota of jobs in progress is used up")

	// ErrNothingReceived reports that Listen or RunAll could not receive from the queue since it began.
	ErrNothingReceived = errors.New("nothing could be received from the queue")

	// ErrShutdown is the cause of the end of a handler's context when Listen ends before the handler.
	ErrShutdown = errors.New("listening ends")

	// ErrMessageLost is the cause of the end of a handler's context when the handler's message is visible to other consumers again:
	// SQS rejected an extension of its visibility timeout, could not be reached, or its 12 hours are over.
	ErrMessageLost = errors.New("the notification's message is visible to other consumers again")
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

// unknownJob puts ErrJobUnknown before Textract's own words, which do not name the cause of an invalid job id.
func unknownJob(err error) error {
	var invalid *types.InvalidJobIdException
	if errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", ErrJobUnknown, err)
	}
	return err
}

// noObjectHint names every cause of S3's 403 and of Textract's InvalidS3ObjectException.
const noObjectHint = "the object does not exist (without s3:ListBucket S3 answers 403 for that too), the caller lacks s3:GetObject on it " +
	"or kms:Decrypt on its key, or the bucket is in another Region than Textract"

// startHint names the causes of an error of a Start operation: Textract's own words seldom do.
func startHint(err error) string {
	var (
		object   *types.InvalidS3ObjectException
		mismatch *types.IdempotentParameterMismatchException
		invalid  *types.InvalidParameterException
		denied   *types.AccessDeniedException
		tooLarge *types.DocumentTooLargeException
		bad      *types.BadDocumentException
		badFile  *types.UnsupportedDocumentException
		kms      *types.InvalidKMSKeyException
	)
	switch {
	case errors.As(err, &object):
		return ": " + noObjectHint
	case errors.As(err, &mismatch):
		return ": the client request token was used with other parameters within 7 days; leave it empty to derive one"
	case errors.As(err, &invalid):
		return ": if the document is well-formed, check that topic and role exist, that Textract may assume the role, that the caller may pass it, " +
			"and that the output bucket exists in Textract's Region"
	case errors.As(err, &denied):
		return ": the caller needs the Start action, iam:PassRole on the service role, s3:GetObject on the document, and s3:PutObject on the output"
	case errors.As(err, &tooLarge):
		return ": PDF and TIFF may have 500 MB and 3,000 pages, JPEG and PNG 10 MB"
	case errors.As(err, &bad):
		return ": the file is damaged, encrypted with a password, or has more than 3,000 pages"
	case errors.As(err, &badFile):
		return ": use PDF, TIFF, JPEG or PNG"
	case errors.As(err, &kms):
		return ": the key does not exist, is disabled or in another Region, or the caller lacks kms:Decrypt, kms:GenerateDataKey or kms:DescribeKey on it"
	}
	return ""
}

// getHint names the causes of an error of a Get operation.
func getHint(err error) string {
	var (
		object  *types.InvalidS3ObjectException
		invalid *types.InvalidParameterException
		denied  *types.AccessDeniedException
		kms     *types.InvalidKMSKeyException
	)
	switch {
	case errors.As(err, &object):
		return ": " + noObjectHint
	case errors.As(err, &invalid):
		return ": check the job id, and that the page token belongs to this job and is not older than its results"
	case errors.As(err, &denied):
		return ": the caller needs the Get action of the job's operation, and for results in an output bucket s3:GetObject and kms:Decrypt there"
	case errors.As(err, &kms):
		return ": the output's key does not exist, is disabled or in another Region, or the caller lacks kms:Decrypt on it"
	}
	return ""
}
