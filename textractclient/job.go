package textractclient

import (
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// JobRef identifies a job: Textract's Get actions need the operation that started it and the id.
// [Job.Ref], [Notification.Ref] and [JobError.Ref] return one.
type JobRef struct {
	// Operation is the operation that the job was started with.
	Operation Operation
	// ID is Textract's JobId.
	ID string
}

// validate returns an error for a job that no Get action knows.
func (r JobRef) validate() error {
	var problems problems
	problems.addf(!r.Operation.known(), "operation %q is unknown: use one of %v", r.Operation, Operations())
	r.validateID(&problems)
	return problems.err()
}

func (r JobRef) validateID(problems *problems) {
	problems.addf(r.ID == "", "job id is empty: set JobRef.ID")
}

// String returns the operation's short name and the id, such as "text-detection job 1234abcd".
func (r JobRef) String() string { return r.Operation.Name() + " job " + r.ID }

// Job is a started job.
type Job struct {
	// ID is Textract's JobId.
	ID string
	// Operation is that of the input.
	Operation Operation
	// Document is that of the input, with the ETag that Start looked up, if it did.
	Document S3Object
	// JobTag is that of the input.
	JobTag string
	// Status is the status after the start: IN_PROGRESS for a new job. SUCCEEDED or PARTIAL_SUCCESS
	// mean an earlier job for the same document, which publishes no second notification: read its
	// results now. It is empty where it is unknown: for an input with a ClientRequestToken, and
	// where the Get action failed or was throttled (see StartInput.WaitForStatus). In an Outcome of
	// RunAll it is the final status.
	Status types.JobStatus
	// ClientRequestToken is the token that was sent.
	ClientRequestToken string
	// Output is the location of the results. Nil: Textract keeps them.
	Output *Output
}

// Ref returns the JobRef that Status, Wait and Results take.
func (j *Job) Ref() JobRef { return JobRef{Operation: j.Operation, ID: j.ID} }

// JobState is the state of a job.
type JobState struct {
	// Status is IN_PROGRESS, SUCCEEDED, PARTIAL_SUCCESS or FAILED.
	Status types.JobStatus
	// Message is Textract's status message. It is often empty.
	Message string
	// Warnings name the pages that could not be read, where Status is PARTIAL_SUCCESS.
	Warnings []types.Warning
}

func stateOf(response *textractdoc.Response) *JobState {
	return &JobState{Status: response.JobStatus, Message: response.StatusMessage, Warnings: response.Warnings}
}

func (s *JobState) ended() bool { return s.Status != types.JobStatusInProgress }

func (s *JobState) failure(job JobRef) error {
	if s.Status == types.JobStatusSucceeded || s.Status == types.JobStatusPartialSuccess {
		return nil
	}
	return &JobError{JobID: job.ID, Operation: job.Operation, Status: s.Status, Message: s.Message, Warnings: s.Warnings}
}
