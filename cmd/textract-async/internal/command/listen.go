package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/printable"
	"github.com/cdk-textract/textractasync/textractclient"
)

const listenHelp = `Receive the completion notifications of all jobs from the queue and print each
as a line of JSON, with the reason of a job that failed. With --out DIR, the
results of a job go to DIR/JOBID first.

A notification is deleted from the queue once it is printed and its results are
written. Failing that it is received again, and after the queue's maximum of
receives it is moved to the dead-letter queue. On an interrupt, handlers have
--grace to complete; a second interrupt ends the process at once.`

type listenOptions struct {
	out        string
	workers    int
	visibility time.Duration
	grace      time.Duration
}

func (a *app) listenCommand() *cobra.Command {
	var o listenOptions
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Print the notifications of all jobs as they come",
		Long:  listenHelp + "\n\n" + exitCodes,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.listen(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.out, "out", "", "write each job's results to a directory in this one")
	flags.IntVar(&o.workers, "workers", 10, "how many notifications to handle at a time")
	flags.DurationVar(&o.visibility, "visibility", time.Minute, "after how long the notifications of a process that died are visible again")
	flags.DurationVar(&o.grace, "grace", 20*time.Second, "how long handlers may go on after an interrupt")
	return cmd
}

// printedNotification has the fields of Textract's own message, and those of the Get action's
// response that tell why a job failed.
type printedNotification struct {
	JobID            string `json:"JobId"`
	Status           string
	StatusMessage    string          `json:",omitempty"`
	Warnings         []types.Warning `json:",omitempty"`
	API              string
	JobTag           string     `json:",omitempty"`
	Timestamp        *time.Time `json:",omitempty"`
	DocumentLocation struct {
		S3Bucket, S3ObjectName string
	}
}

func (a *app) listen(ctx context.Context, o listenOptions) error {
	session, err := a.flags.open(ctx, a.progress, true)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	if o.out != "" {
		if err := removePartialOfJobs(o.out); err != nil {
			return err
		}
	}
	handle := func(ctx context.Context, n textractclient.Notification) error {
		if o.out != "" && n.HasResults() {
			if err := saveResults(ctx, session, n, o.out); err != nil {
				return err
			}
		}
		p := printed(n)
		if !n.HasResults() {
			state, err := session.client.Status(ctx, n.Ref())
			if err != nil {
				a.progress.say("job %s failed, why is unknown: %s", n.JobID, err)
			} else {
				p.StatusMessage, p.Warnings = state.Message, state.Warnings
			}
		}
		line, err := json.Marshal(p)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		_, err = io.WriteString(a.stdout, printable.JSON(string(line))+"\n")
		return err
	}
	return session.client.Listen(ctx, handle, func(options *textractclient.ListenOptions) {
		options.Workers = o.workers
		options.VisibilityTimeout = o.visibility
		options.ShutdownGrace = o.grace
	})
}

// jobIDPattern is what Textract makes job ids of, and a safe name for a directory.
var jobIDPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`)

// saveResults succeeds for a job that succeeded in part: the printed status tells.
func saveResults(ctx context.Context, session *session, n textractclient.Notification, folder string) error {
	operation, err := parseOperation(string(n.Operation))
	if err != nil {
		return err
	}
	if !jobIDPattern.MatchString(n.JobID) {
		return fmt.Errorf("job id %q is malformed", n.JobID)
	}
	files, err := newFiles(filepath.Join(folder, n.JobID))
	if err != nil {
		return err
	}
	defer files.discard()
	_, err = read(ctx, session, source{job: textractclient.JobRef{Operation: operation, ID: n.JobID}, from: fromAuto}, []sink{files})
	return err
}

func printed(n textractclient.Notification) printedNotification {
	p := printedNotification{JobID: n.JobID, Status: string(n.Status), API: string(n.Operation), JobTag: n.JobTag}
	if !n.Timestamp.IsZero() {
		p.Timestamp = &n.Timestamp
	}
	p.DocumentLocation.S3Bucket, p.DocumentLocation.S3ObjectName = n.Document.Bucket, n.Document.Key
	return p
}

func parseOperation(s string) (textractclient.Operation, error) {
	operation, err := textractclient.ParseOperation(s)
	if err != nil {
		return "", &usageError{err}
	}
	return operation, nil
}
