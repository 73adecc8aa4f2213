package textractclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Status returns a job's state, from one response of its Get action. A failed job is a state, not
// an error. The error of a job that Textract does not have wraps ErrJobUnknown.
func (c *Client) Status(ctx context.Context, job JobRef) (*JobState, error) {
	response, err := c.get(ctx, job, "", aws.Int32(1))
	if err != nil {
		return nil, fmt.Errorf("status of %s: %w", job, err)
	}
	return stateOf(response), nil
}

// WaitOptions change how [Client.Wait] waits. Intervals have a jitter of a tenth.
type WaitOptions struct {
	// MinInterval is the first interval between two calls of Status, from 1 s. Each following
	// interval is a quarter longer, up to MaxInterval. Default: 2 s.
	MinInterval time.Duration
	// MaxInterval is the longest interval, up to 1 hour: the Get actions have quotas too. Default:
	// 1 minute.
	MaxInterval time.Duration
	// OnStatus is called with each state, on the waiting goroutine. Default: none.
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

// intervals returns a function that returns the next interval, with a tenth of jitter either way.
func (o WaitOptions) intervals() func() time.Duration {
	next := o.MinInterval
	return func() time.Duration {
		interval := next
		next = min(next+next/4, o.MaxInterval)
		return interval - interval/10 + rand.N(interval/5+1)
	}
}

// Wait waits until one job completes, and returns its final state. It reads the state at growing
// intervals. It does not receive from the queue, because a message that Wait received would be
// hidden from its consumer. For many jobs, use Listen or RunAll.
//
// After maxWait, or at the end of ctx, the error wraps ErrJobInProgress and that of the context,
// and the state is the last one that was read, or nil. A failed job is a [*JobError]. Partial
// success is not an error: see JobState.Status. A maxWait that is not positive is an error that
// wraps ErrInvalidInput.
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
		c.reportStatus(options, state)
		if state.ended() {
			c.completed(JobEvent{Job: job, Status: state.Status}, time.Now())
			return state, state.failure(job)
		}
		if err := sleep(ctx, next()); err != nil {
			return state, fmt.Errorf("wait for %s: %w: %w", job, ErrJobInProgress, err)
		}
	}
}

func (c *Client) reportStatus(options WaitOptions, state *JobState) {
	if options.OnStatus == nil {
		return
	}
	if err := protect(func() error { options.OnStatus(state); return nil }); err != nil {
		c.log.Error("OnStatus failed", "error", err)
	}
}
