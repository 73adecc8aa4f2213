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
}

func (s *JobState) ended() bool { return s.Status != types.JobStatusInProgress }

// Status asks Textract for a job's state, once. A failed job is a state, not an error.
func (c *Client) Status(ctx context.Context, job JobRef) (*JobState, error) {
	page, _, err := c.get(ctx, job, nil, aws.Int32(1))
	if err != nil {
		return nil, fmt.Errorf("status of %s: %w", job, err)
	}
	return &JobState{Status: page.JobStatus, Message: page.StatusMessage, Warnings: page.Warnings}, nil
}

// WaitOptions set how Wait waits.
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

// Wait waits until one job completes, by asking Textract for its status at growing intervals, for at most maxWait: then the error
// wraps context.DeadlineExceeded and ErrJobInProgress. It never touches the queue, which is shared: a message that is received to
// look at it is taken from its consumer. To wait for many jobs use Listen.
//
// A failed job is a *JobError. Partial success is no error: see JobState.Status.
func (c *Client) Wait(ctx context.Context, job JobRef, maxWait time.Duration, optFns ...func(*WaitOptions)) (*JobState, error) {
	options := waitOptions(optFns)
	if maxWait <= 0 {
		return nil, fmt.Errorf("wait for %s: maximum %s: use a positive duration", job, maxWait)
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	next := options.pauses()
	for {
		state, err := c.Status(ctx, job)
		if err != nil {
			return nil, err
		}
		options.OnStatus(state)
		if state.ended() {
			return state, state.failure(job)
		}
		if err := sleep(ctx, next()); err != nil {
			return state, fmt.Errorf("wait for %s: %w: %w", job, ErrJobInProgress, err)
		}
	}
}

func (s *JobState) failure(job JobRef) error {
	if s.Status == types.JobStatusSucceeded || s.Status == types.JobStatusPartialSuccess {
		return nil
	}
	return &JobError{JobID: job.ID, Operation: job.Operation, Status: s.Status, Message: s.Message, Warnings: s.Warnings}
}
