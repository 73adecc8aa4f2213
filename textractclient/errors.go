package textractclient

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// The errors that a caller may handle in different ways. Errors of this package wrap them: test
// with errors.Is.
var (
	// ErrInvalidInput means that a Config, an input or options are invalid. Nothing was sent, and a
	// repetition fails again.
	ErrInvalidInput = errors.New("invalid input")

	// ErrNoSettings means that none of the environment variables of ConfigFromEnv is set.
	ErrNoSettings = errors.New("none of the construct's environment variables is set")

	// ErrThrottled means that Textract, or S3, throttled a call until its context, or the retries
	// of the AWS configuration, ended: a quota of calls per second is used up.
	ErrThrottled = errors.New("the account's calls are throttled")

	// ErrUnavailable means that a call failed until its retries ended, and may succeed later: the
	// connection broke, the response was cut off, or the service responded with 5xx.
	ErrUnavailable = errors.New("the service is unavailable")

	// ErrQuotaExceeded means that Textract rejected a start until its context, or the retries of
	// the AWS configuration, ended: the quota of jobs in progress is used up.
	ErrQuotaExceeded = errors.New("the account's quota of jobs in progress is used up")

	// ErrJobFailed means that a job completed without results. The error is a *JobError.
	ErrJobFailed = errors.New("job failed")

	// ErrJobInProgress means that a job has not completed yet.
	ErrJobInProgress = errors.New("job in progress: wait for it")

	// ErrJobUnknown means that Textract has no such job. It keeps jobs and their results for 7
	// days, in the account and Region that they were started in, and each Get action finds the jobs
	// of its own Start action only.
	ErrJobUnknown = errors.New("job unknown: wrong operation, Region or account, or results expired after 7 days")

	// ErrNoOutput means that the output bucket has no results of a job.
	ErrNoOutput = errors.New("no results in the output bucket: job in progress, started without this output, or results deleted")

	// ErrOutputIncomplete means that the output bucket has only a part of a job's results.
	ErrOutputIncomplete = errors.New("results in the output bucket are incomplete: deleted in part, or still being written")

	// ErrNotNotification means that the body of a message is not a completion notification of
	// Textract.
	ErrNotNotification = errors.New("not a completion notification of Textract")

	// ErrNotS3Event means that a text is not an event of S3.
	ErrNotS3Event = errors.New("not an S3 event")

	// ErrNothingReceived means that Listen or RunAll has never received from the queue since it was
	// called.
	ErrNothingReceived = errors.New("nothing could be received from the queue")

	// ErrUnprocessable means that a handler of Listen cannot handle a notification, whatever is
	// around it: a handler returns an error that wraps it. Listen then does not suspect an outage.
	// ErrJobUnknown, ErrJobFailed and ErrInvalidInput have the same effect.
	ErrUnprocessable = errors.New("the notification cannot be handled")

	// ErrShutdown is the cause with which Listen, when it ends, ends the context of a handler that
	// still runs after ShutdownGrace.
	ErrShutdown = errors.New("listening ends")

	// ErrMessageLost is the cause with which Listen ends the context of a handler whose message is
	// visible to other consumers again: SQS rejected an extension of its visibility timeout or
	// could not be reached, or its 12 hours have passed.
	ErrMessageLost = errors.New("the notification's message is visible to other consumers again")
)

// JobError is the error of a job that ended without results. It wraps [ErrJobFailed].
type JobError struct {
	// JobID is Textract's JobId. It is empty in errors of results that are read without a job.
	JobID string
	// Operation is the operation that the job was started with. It is empty where JobID is.
	Operation Operation
	// Status is FAILED, or a status that is unknown to this package.
	Status types.JobStatus
	// Message is Textract's status message. It is often empty.
	Message string
	// Warnings are Textract's warnings. There are often none.
	Warnings []types.Warning
}

// Error names the job, its status, and Textract's message and warnings.
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

// Ref returns the JobRef of the job.
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

// unknownJob adds ErrJobUnknown to Textract's error, which does not name the cause of an invalid
// job id.
func unknownJob(err error) error {
	var invalid *types.InvalidJobIdException
	if errors.As(err, &invalid) {
		return fmt.Errorf("%w: %w", ErrJobUnknown, err)
	}
	return err
}
