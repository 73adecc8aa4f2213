package textractclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	throttleBase    = time.Second
	throttleCap     = 30 * time.Second
	transientBase   = 200 * time.Millisecond
	transientCap    = 10 * time.Second
	transientBudget = 8
	// attemptTimeout bounds the time without a byte of the response of one attempt of a call. A
	// connection that hangs must not hang its caller.
	attemptTimeout = time.Minute
	// callerTimeout is that of a call to S3 with all attempts of the caller's own retryer.
	callerTimeout = 10 * time.Minute
	// throttleLogInterval is the time between two log lines about one call that is throttled.
	throttleLogInterval = time.Minute
)

var (
	// errNoResponse is an attempt that ended at its deadline.
	errNoResponse = errors.New("no response within " + attemptTimeout.String())
	// errCut is a response that ended before its end, of which the SDK knows nothing: it returns
	// before the body of an object is read, and takes an empty response of Textract for a success.
	errCut = errors.New("the response is cut off")
)

// call runs one call to Textract, and repeats it. The SDK's own retries give up after 3 attempts,
// and a quota of concurrent jobs (LimitExceededException) takes minutes to clear. do runs one
// attempt, with these options.
//
// Under RunAll, calls of Get actions share its pace, and wait for no other reason when they are
// throttled.
func (c *Client) call(ctx context.Context, action string, do func(context.Context, func(*textract.Options)) error) error {
	pace, taken := paceOf(ctx, action)
	once := ctx.Value(throttledOnceKey{}) != nil
	if c.callerRetries && pace == nil && !once {
		return cause(do(ctx, withAttemptTimeout))
	}
	retries := callRetries{client: c, service: "Textract", action: action}
	if pace != nil {
		retries.lastLog = time.Now() // a throttled call is how the pace is learned
	}
	for {
		if taken == nil {
			paced, err := pace.wait(ctx)
			if err != nil {
				return retries.interrupted(ctx)
			}
			taken = &paced
		}
		paced := *taken
		taken = nil
		err := attempt(ctx, func(ctx context.Context) error { return do(ctx, c.single) })
		if !isThrottle(err) {
			pace.passed(paced)
		}
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return retries.interrupted(ctx)
		case pace != nil && isThrottle(err):
			pace.throttled(paced)
			retries.throttled(ctx, err, pace.delay())
			continue
		case once && isThrottle(err):
			return cause(err)
		}
		delay, again := retries.next(ctx, err)
		if !again {
			return cause(err)
		}
		if sleep(ctx, delay) != nil {
			return retries.interrupted(ctx)
		}
	}
}

// callS3 runs one call to S3, and repeats it as call does. do reads the whole response. Under the
// caller's own retryer, only what that cannot see is repeated: a body that is cut off.
func (c *Client) callS3(ctx context.Context, action string, do func(context.Context, func(*s3.Options)) error) error {
	timeout := attemptTimeout
	if c.callerRetries {
		timeout = callerTimeout
	}
	retries := callRetries{client: c, service: "S3", action: action}
	for {
		err := attemptWithin(ctx, timeout, func(ctx context.Context) error { return do(ctx, c.singleS3) })
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return retries.interrupted(ctx)
		case c.callerRetries && !errors.Is(err, errCut):
			return cause(err)
		}
		delay, again := retries.next(ctx, err)
		if !again {
			return cause(err)
		}
		if sleep(ctx, delay) != nil {
			return retries.interrupted(ctx)
		}
	}
}

type throttledOnceKey struct{}

// withoutThrottleRetries has a call under ctx that is throttled return at once.
func withoutThrottleRetries(ctx context.Context) context.Context {
	return context.WithValue(ctx, throttledOnceKey{}, true)
}

func attempt(ctx context.Context, do func(context.Context) error) error {
	return attemptWithin(ctx, attemptTimeout, do)
}

// attemptWithin runs an attempt, and ends it when for so long neither a response begins nor its
// body goes on: over a slow link a response may take longer than that.
func attemptWithin(ctx context.Context, timeout time.Duration, do func(context.Context) error) error {
	attemptCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := time.AfterFunc(timeout, cancel)
	defer timer.Stop()
	err := do(context.WithValue(attemptCtx, progressKey{}, func() { timer.Reset(timeout) }))
	if err != nil && attemptCtx.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", errNoResponse, err)
	}
	return err
}

// progressKey is the key of a function in the context of an attempt, to be called with each read of
// the response.
type progressKey struct{}

// reportProgress has the bodies of responses report that they go on.
func reportProgress(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("ReportProgress",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
			out middleware.DeserializeOutput, metadata middleware.Metadata, err error,
		) {
			out, metadata, err = next.HandleDeserialize(ctx, in)
			progress, isAttempt := ctx.Value(progressKey{}).(func())
			if response, isHTTP := out.RawResponse.(*smithyhttp.Response); isAttempt && isHTTP && response.Body != nil {
				progress()
				response.Body = &progressBody{response.Body, progress}
			}
			return out, metadata, err
		}), middleware.After)
}

type progressBody struct {
	io.ReadCloser
	progress func()
}

func (b *progressBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.progress()
	}
	return n, err
}

// withAttemptTimeout bounds each attempt under the caller's own retryer.
func withAttemptTimeout(o *textract.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("AttemptTimeout",
			func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
				out middleware.FinalizeOutput, metadata middleware.Metadata, err error,
			) {
				err = attempt(ctx, func(ctx context.Context) error {
					out, metadata, err = next.HandleFinalize(ctx, in)
					return err
				})
				if errors.Is(err, errNoResponse) {
					err = hungAttempt{} // without the canceled attempt inside, which the SDK would not retry
				}
				return out, metadata, err
			}), "Retry", middleware.After)
	})
}

// hungAttempt is errNoResponse as the SDK's retryers understand it.
type hungAttempt struct{}

func (hungAttempt) Error() string { return errNoResponse.Error() }

// RetryableError implements what the SDK asks errors for.
func (hungAttempt) RetryableError() bool { return true }

// callRetries counts the failed attempts of one call.
type callRetries struct {
	client       *Client
	service      string
	action       string
	throttles    int
	transients   int
	lastThrottle error
	lastLog      time.Time
}

// next returns the time until the next attempt, and whether there is one.
func (r *callRetries) next(ctx context.Context, err error) (time.Duration, bool) {
	c := r.client
	if isThrottle(err) {
		delay := backoff(throttleBase, throttleCap, r.throttles+1)
		r.throttled(ctx, err, delay)
		return delay, true
	}
	if !isTransient(err) || r.transients == transientBudget {
		return 0, false
	}
	r.transients++
	delay := backoff(transientBase, transientCap, r.transients)
	c.log.WarnContext(ctx, "call failed, trying again", "action", r.action, "failed", r.transients, "after", delay, "error", err)
	callHook(c, "Retried", c.hooks.Retried, RetryEvent{Action: r.action, Attempt: r.transients, Delay: delay, Err: err})
	return delay, true
}

func (r *callRetries) throttled(ctx context.Context, err error, delay time.Duration) {
	r.throttles++
	r.lastThrottle = err
	if time.Since(r.lastLog) >= throttleLogInterval {
		r.lastLog = time.Now()
		r.client.log.WarnContext(
			ctx, r.service+" throttles, trying again", "action", r.action, "throttled", r.throttles, "after",
			delay, "error", err,
		)
	}
	callHook(r.client, "Throttled", r.client.hooks.Throttled, RetryEvent{Action: r.action, Attempt: r.throttles, Delay: delay, Err: err})
}

// interrupted names what the call waited for: "context deadline exceeded" alone hides the cause.
func (r *callRetries) interrupted(ctx context.Context) error {
	if r.lastThrottle == nil {
		return contextError(ctx)
	}
	return fmt.Errorf("%w, after %d attempts: %w", cause(r.lastThrottle), r.throttles, contextError(ctx))
}

// cause puts the error of this package that a caller may handle before the service's own words.
func cause(err error) error {
	var quota *types.LimitExceededException
	switch {
	case err == nil:
		return nil
	case errors.As(err, &quota):
		return fmt.Errorf("%w: %w", ErrQuotaExceeded, err)
	case isThrottle(err):
		return fmt.Errorf("%w: %w", ErrThrottled, err)
	case isTransient(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// contextError returns why a context ended, with its cause where it has one.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

func isThrottle(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
}

// isTransient reports whether the same call may succeed later: the connection broke, also in the
// middle of a response, which the SDK does not retry, or the service responded with 5xx.
func isTransient(err error) bool {
	return errors.Is(err, errNoResponse) || errors.Is(err, errCut) || errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

// isResponse reports whether an error is a response of SQS.
func isResponse(err error) bool {
	var response smithy.APIError
	return errors.As(err, &response)
}

// isRejection reports whether SQS understood a request and denied it: the same request will not
// succeed.
func isRejection(err error) bool {
	var throttled *sqstypes.KmsThrottled
	var tooManyInFlight *sqstypes.OverLimit // of all consumers: transient
	return isResponse(err) && !isTransient(err) && !errors.As(err, &throttled) && !errors.As(err, &tooManyInFlight)
}

// backoff doubles from base to limit. Half of it is jitter, so that callers who were throttled
// together do not come back together.
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
		return contextError(ctx)
	case <-timer.C:
		return nil
	}
}

func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
