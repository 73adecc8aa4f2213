package textractclient

// JobRef names a job: Textract's Get operations need the id and the operation that started it. [Job.Ref] and
// [Notification.Ref] return it.
type JobRef struct {
	// Operation is the operation that started the job.
	Operation Operation
	// ID is Textract's JobId.
	ID string
}

// String returns the operation's short name and the id, such as "text-detection job 1234abcd".
func (r JobRef) String() string { return r.Operation.Name() + " job " + r.ID }
