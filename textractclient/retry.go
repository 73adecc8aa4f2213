package textractclient

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	throttleBase    = time.Second
	throttleCap     = 30 * time.Second
	transientBase   = 200 * time.Millisecond
	transientCap    = 10 * time.Second
	transientBudget = 8
)

// patientRetryer is the SDK's standard retryer with two patiences. The SDK's own gives up after 3 attempts, and a quota of
// concurrent jobs (LimitExceededException) takes minutes to clear; its backoff also loses its jitter once it reaches its cap.
// One retryer serves one call.
type patientRetryer struct {
	*retry.Standard
	throttles    int
	transients   int
	lastThrottle error
}

func newPatientRetryer() *patientRetryer {
	return &patientRetryer{Standard: retry.NewStandard(func(o *retry.StandardOptions) {
		// The context bounds the retries; a token bucket would end a long throttling early.
		o.RateLimiter = ratelimit.None
	})}
}

// MaxAttempts returns 0, which the SDK reads as no limit: RetryDelay ends the attempts.
func (r *patientRetryer) MaxAttempts() int { return 0 }

// RetryDelay returns how long to wait before the next attempt, or an error when there is to be none.
func (r *patientRetryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	if isThrottle(err) {
		r.throttles++
		r.lastThrottle = err
		return backoff(throttleBase, throttleCap, r.throttles), nil
	}
	r.transients++
	if r.transients > transientBudget {
		return 0, &retry.MaxAttemptsError{Attempt: attempt, Err: err}
	}
	return backoff(transientBase, transientCap, r.transients), nil
}

func (r *patientRetryer) explain(err error) error {
	if r.lastThrottle == nil {
		return err
	}
	return fmt.Errorf("%w (throttled %d times, last: %w)", err, r.throttles, r.lastThrottle)
}

func isThrottle(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}

func isRetryable(err error) bool {
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

// backoff doubles from base to limit. Half of it is jitter, so that callers who were throttled together do not come back together.
func backoff(base, limit time.Duration, attempt int) time.Duration {
	delay := limit
	if shift := attempt - 1; shift < 30 && base<<shift < limit {
		delay = base << shift
	}
	return delay/2 + rand.N(delay/2+1)
}

// sleep returns the context's error, early, when the context ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}
