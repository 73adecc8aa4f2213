package textractclient

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
