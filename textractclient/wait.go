package textractclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// JobState is what is known of a job.
type JobState struct {
	// Status is IN_PROGRESS, SUCCEEDED, PARTIAL_SUCCESS or FAILED.
	Status types.JobStatus
	// Message is Textract's status message, often empty.
	Message  string
	Warnings []types.Warning
	// Notification is the job's completion notification when WaitQueue took it off the queue, else nil.
	Notification *Notification
}

func (s *JobState) ended() bool { return s.Status != types.JobStatusInProgress }

// Status asks Textract for a job's state, once. A failed job is a state, not an error.
func (c *Client) Status(ctx context.Context, operation Operation, jobID string) (*JobState, error) {
	page, _, err := c.get(ctx, operation, jobID, nil, aws.Int32(1))
	if err != nil {
		return nil, fmt.Errorf("status of job %s: %w", jobID, err)
	}
	return &JobState{Status: page.JobStatus, Message: page.StatusMessage, Warnings: page.Warnings}, nil
}

// WaitOptions set how Wait and WaitQueue wait.
type WaitOptions struct {
	// MinInterval is the pause after the first look at the status; pauses grow by half up to MaxInterval. Default: 2 s.
	MinInterval time.Duration
	// MaxInterval is the longest pause. Default: 15 s.
	MaxInterval time.Duration
	// OnStatus is called after each look at the status, from the waiting goroutine. Default: nothing.
	OnStatus func(*JobState)
}

func waitOptions(optFns []func(*WaitOptions)) WaitOptions {
	options := WaitOptions{MinInterval: 2 * time.Second, MaxInterval: 15 * time.Second, OnStatus: func(*JobState) {}}
	for _, fn := range optFns {
		fn(&options)
	}
	options.MinInterval = max(options.MinInterval, time.Millisecond)
	options.MaxInterval = max(options.MaxInterval, options.MinInterval)
	return options
}

// pauses returns a function that gives the next pause, with a fifth of jitter.
func (o WaitOptions) pauses() func() time.Duration {
	next := o.MinInterval
	return func() time.Duration {
		pause := next
		next = min(next+next/2, o.MaxInterval)
		return pause - pause/10 + rand.N(pause/5+1)
	}
}

// Wait waits for one job by asking Textract for its status, at growing intervals, until it ends or ctx does. It leaves the queue
// alone: a queue is shared, and whoever takes a message from it to look whether it is the right one takes it from somebody else.
// To wait for many jobs use Listen.
//
// A failed job is a *JobError; one that succeeded in part is no error here, see Results.
func (c *Client) Wait(ctx context.Context, operation Operation, jobID string, optFns ...func(*WaitOptions)) (*JobState, error) {
	options := waitOptions(optFns)
	return c.wait(ctx, operation, jobID, options, func(ctx context.Context, pause time.Duration) (*Notification, error) {
		return nil, sleep(ctx, pause)
	})
}

// wait looks at the status, pauses, and looks again. A pause may end early, with the job's notification.
func (c *Client) wait(
	ctx context.Context, operation Operation, jobID string, options WaitOptions,
	pause func(context.Context, time.Duration) (*Notification, error),
) (*JobState, error) {
	next := options.pauses()
	var notification *Notification
	for {
		state, err := c.Status(ctx, operation, jobID)
		if err != nil {
			return nil, err
		}
		state.Notification = notification
		options.OnStatus(state)
		if state.ended() {
			return state, state.failure(operation, jobID)
		}
		got, err := pause(ctx, next())
		if err != nil {
			return nil, fmt.Errorf("wait for job %s, last status %s: %w", jobID, state.Status, err)
		}
		if got != nil {
			notification = got
		}
	}
}

func (s *JobState) failure(operation Operation, jobID string) error {
	if s.Status == types.JobStatusSucceeded || s.Status == types.JobStatusPartialSuccess {
		return nil
	}
	return &JobError{JobID: jobID, Operation: operation, Status: s.Status, Message: s.Message, Warnings: s.Warnings}
}
