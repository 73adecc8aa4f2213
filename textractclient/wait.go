package textractclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// JobState is the state of a job.
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

// WaitOptions change how Wait waits.
type WaitOptions struct {
	// MinInterval is the first time between two looks at the status; each next one is a quarter longer, up to MaxInterval. At least
	// 1 second. Default: 2 s.
	MinInterval time.Duration
	// MaxInterval is the longest time between two looks: the Get operations have quotas too. At most an hour. Default: 1 minute.
	MaxInterval time.Duration
	// OnStatus is called after each look at the status, from the waiting goroutine. Default: nothing.
	OnStatus func(*JobState)
}

const (
	minWaitInterval = time.Second
	maxWaitInterval = time.Hour
)

func waitOptions(optFns []func(*WaitOptions)) WaitOptions {
	options := WaitOptions{MinInterval: 2 * time.Second, MaxInterval: time.Minute}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	options.MinInterval = min(max(options.MinInterval, minWaitInterval), maxWaitInterval)
	options.MaxInterval = min(max(options.MaxInterval, options.MinInterval), maxWaitInterval)
	return options
}

// intervals returns a function that gives the next interval, with a fifth of jitter.
func (o WaitOptions) intervals() func() time.Duration {
	next := o.MinInterval
	return func() time.Duration {
		interval := next
		next = min(next+next/4, o.MaxInterval)
		return interval - interval/10 + rand.N(interval/5+1)
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
		return nil, fmt.Errorf("wait for %s: %w", job, inputError(fmt.Sprintf("maximum %s: use a positive duration", maxWait)))
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	next := options.intervals()
	var last *JobState
	for {
		state, err := c.Status(ctx, job)
		if err != nil && ctx.Err() != nil {
			return last, fmt.Errorf("wait for %s: %w: %w", job, ErrJobInProgress, err)
		}
		if err != nil {
			return last, fmt.Errorf("wait for %s: %w", job, err)
		}
		last = state
		c.tellStatus(options, state)
		if state.ended() {
			c.completed(JobEvent{Job: job, Status: state.Status}, time.Now())
			return state, state.failure(job)
		}
		if err := sleep(ctx, next()); err != nil {
			return state, fmt.Errorf("wait for %s: %w: %w", job, ErrJobInProgress, err)
		}
	}
}

func (c *Client) tellStatus(options WaitOptions, state *JobState) {
	if options.OnStatus == nil {
		return
	}
	if err := protect(func() error { options.OnStatus(state); return nil }); err != nil {
		c.log.Error("OnStatus failed", "error", err)
	}
}

func (s *JobState) failure(job JobRef) error {
	if s.Status == types.JobStatusSucceeded || s.Status == types.JobStatusPartialSuccess {
		return nil
	}
	return &JobError{JobID: job.ID, Operation: job.Operation, Status: s.Status, Message: s.Message, Warnings: s.Warnings}
}
