package textractclient

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	// breakerFailures in a row open the breaker.
	breakerFailures = 10
	pauseBase       = 10 * time.Second
	pauseCap        = 2 * time.Minute
	// A pause receives first every firstReceivePause, to find among messages that always fail those
	// that do not. After earlyReceives, most outages are over, and it receives every
	// nextReceivePause. While a receive brings nothing unseen, which is tried once, that doubles up
	// to lastReceivePause: each costs a message one of its receives.
	firstReceivePause = 3 * time.Second
	nextReceivePause  = time.Second
	lastReceivePause  = 4 * time.Minute
	earlyReceives     = 20
	// lateReceivePause is that of an outage that lasts.
	lateReceivePause = 10 * time.Second
	// maxUnseenReceives is how often a message was received at most that a process takes for
	// unseen: one by another process that has ended.
	maxUnseenReceives = 2
	// lateSuccess is how long a success of a handler says that there is no outage.
	lateSuccess = 10 * time.Minute
	// longOutage is when messages are no longer held, and ten are received at a time: what fails
	// for more than a weekend is likely in the messages, and they must reach the dead-letter queue
	// before the queue's retention period deletes them.
	longOutage = 50 * time.Hour

	malformedDelay   = 10 * time.Second
	minRetryDelay    = time.Second
	firstRetryDelay  = 10 * time.Second
	lastRetryDelay   = 6 * time.Hour
	retryDelayFactor = 12
	steadyRetryDelay = 30 * time.Minute
)

// breaker notices that every handler fails, as during an outage of a database. Then messages that
// failed are held, and few are tried again: each receive uses up one of the few that a message has
// before it is moved to the dead-letter queue.
type breaker struct {
	log *slog.Logger

	mu       sync.Mutex
	failures int // in a row
	openedAt time.Time
	probes   int
	// succeededAt is when a handler last succeeded.
	succeededAt time.Time
	// receiveAt and probeAt are when a pause receives, and tries a held message, next.
	receiveAt, probeAt time.Time
	receivePause       time.Duration
	early              int       // receives of this pause, and those before it that a success ended
	seen               recentIDs // messages that pauses received
}

func (b *breaker) isOpen() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.openedAt.IsZero()
}

// isFailing reports whether the last handler failed.
func (b *breaker) isFailing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.failures > 0
}

// untilDue returns how long a pause does nothing.
func (b *breaker) untilDue() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	due := b.receiveAt
	if b.probeAt.Before(due) {
		due = b.probeAt
	}
	return time.Until(due)
}

// takeProbe reports whether it is time to try a held message.
func (b *breaker) takeProbe() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Now().Before(b.probeAt) {
		return false
	}
	b.delayProbe()
	return true
}

func (b *breaker) delayProbe() {
	b.probes++
	b.probeAt = time.Now().Add(backoff(pauseBase, pauseCap, b.probes))
}

// lasts reports whether everything has failed for longer than an outage takes.
func (b *breaker) lasts() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.openedAt.IsZero() && time.Since(b.openedAt) > longOutage
}

// takeReceive reports whether it is time to receive during a pause.
func (b *breaker) takeReceive() bool {
	lasts := b.lasts()
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Now().Before(b.receiveAt) {
		return false
	}
	b.early++
	pause := b.receivePause
	if lasts {
		pause = lateReceivePause
	}
	b.receiveAt = time.Now().Add(pause)
	return true
}

// received learns from what a pause received how soon to receive again. Messages that are known to
// be the cause of their failures must not delay others.
func (b *breaker) received(messages []sqstypes.Message, isFaulty func(id string) bool) {
	// Before mu, which the holder locks under its own.
	unseen := slices.ContainsFunc(messages, func(m sqstypes.Message) bool {
		return isFaulty(aws.ToString(m.MessageId))
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, message := range messages {
		id := aws.ToString(message.MessageId)
		unseen = unseen || !b.seen.has(id) && receives(message) <= maxUnseenReceives
		b.seen.add(id)
	}
	before := b.receivePause
	switch {
	case !unseen:
		b.receivePause = min(2*before, lastReceivePause)
	case b.early < earlyReceives:
		b.receivePause = firstReceivePause
	default:
		b.receivePause = nextReceivePause
	}
	b.receiveAt = b.receiveAt.Add(b.receivePause - before)
}

// gaveBack delays the next receive: what was held as long as can be is visible again.
func (b *breaker) gaveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.receivePause, b.receiveAt = lastReceivePause, time.Now().Add(lastReceivePause)
}

// succeededSince reports whether a handler has succeeded since then.
func (b *breaker) succeededSince(t time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.succeededAt.After(t)
}

// failed counts a failure. That of a message that failed with another receive already is taken for
// an outage at once, unless a handler has succeeded lately.
func (b *breaker) failed(receives int) {
	if failures, opened := b.countFailure(receives); opened {
		b.log.Error("every handler fails: receiving pauses until one succeeds", "failed", failures, "pause", pauseCap)
	}
}

// countFailure reports whether the failure begins a pause.
func (b *breaker) countFailure(receives int) (failures int, opened bool) {
	lately := b.succeededSince(time.Now().Add(-lateSuccess))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.failures++
	if (b.failures < breakerFailures && (receives <= 1 || lately)) || !b.openedAt.IsZero() {
		return b.failures, false
	}
	b.openedAt, b.probes = time.Now(), 0
	b.delayProbe()
	if !lately {
		b.early = 0
	}
	b.receivePause = firstReceivePause
	b.receiveAt = b.openedAt.Add(b.receivePause)
	return b.failures, true
}

// succeeded reports whether it ends a pause.
func (b *breaker) succeeded() bool {
	b.mu.Lock()
	openedAt := b.openedAt
	b.failures, b.openedAt, b.succeededAt = 0, time.Time{}, time.Now()
	b.mu.Unlock()
	if openedAt.IsZero() {
		return false
	}
	b.log.Info("a handler succeeded: receiving goes on", "paused", time.Since(openedAt))
	return true
}

// retryDelay returns the time until a message whose handler failed becomes visible again.
func (l *listener) retryDelay(log *slog.Logger, d *delivery) time.Duration {
	count, limit := receives(d.message), int(l.maxReceives.Load())
	delay := defaultRetryDelay(count, limit)
	if l.options.RetryDelay != nil {
		var chosen time.Duration
		if err := l.callUser(func() error { chosen = l.options.RetryDelay(count); return nil }); err != nil {
			log.Error("RetryDelay failed, using the default", "after", delay, "error", err)
		} else {
			delay = chosen
		}
	} else {
		delay += rand.N(delay/10 + 1)
	}
	return max(min(delay, d.visibilityLeft()), minRetryDelay)
}

// defaultRetryDelay grows so that the last of the delays before maxReceives is 6 hours: an outage
// of hours does not move a message to the dead-letter queue, and the first retry is as quick as the
// number of receives allows. A maximum of 0 is a queue without a dead-letter queue.
func defaultRetryDelay(receives, maxReceives int) time.Duration {
	growing := steadyRetryDelay
	if shift := max(receives, 1) - 1; shift < 8 {
		growing = min(firstRetryDelay<<shift, steadyRetryDelay)
	}
	if maxReceives == 0 {
		return growing
	}
	left := maxReceives - 1 - receives
	if left < 0 {
		return firstRetryDelay // the next receive moves it to the dead-letter queue
	}
	return max(growing, time.Duration(float64(lastRetryDelay)/math.Pow(retryDelayFactor, float64(left))))
}

// readMaxReceives reads the queue's redrive policy, and repeats that until SQS responds. Until then
// the default applies.
func (l *listener) readMaxReceives(ctx context.Context) {
	for failures := 1; ; failures++ {
		err := l.readMaxReceivesOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			l.warnOfMaxReceives(ctx)
			return
		case failures == 1 || isRejection(err):
			l.log.WarnContext(ctx, "redrive policy unknown, set MaxReceiveCount: retries are spread over the receives assumed",
				"assumed receives", defaultMaxReceiveCount, "error", err)
		}
		if isRejection(err) || sleep(ctx, backoff(receiveBase, redriveCap, failures)) != nil {
			return
		}
	}
}

// warnOfMaxReceives logs what a redrive policy means for Listen's retries.
func (l *listener) warnOfMaxReceives(ctx context.Context) {
	switch count := l.maxReceives.Load(); count {
	case 0:
		l.log.WarnContext(
			ctx,
			"the queue has no dead-letter queue: a notification whose handler always fails is received "+
				"until the retention period deletes it",
		)
	case 1:
		l.log.WarnContext(
			ctx,
			"the queue's maxReceiveCount is 1: a handler that fails once, or that a shutdown interrupts, is not called again; use 5",
		)
	}
}

func (l *listener) readMaxReceivesOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, queueCallTimeout)
	defer cancel()
	return protect(func() error {
		name := sqstypes.QueueAttributeNameRedrivePolicy
		out, err := l.queue.api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(l.queue.url), AttributeNames: []sqstypes.QueueAttributeName{name},
		})
		if err != nil {
			return err
		}
		policy, found := out.Attributes[string(name)]
		if !found {
			l.maxReceives.Store(0)
			return nil
		}
		var redrive struct {
			MaxReceiveCount json.Number `json:"maxReceiveCount"` // the console writes a number, other tools a string
		}
		if err := json.Unmarshal([]byte(policy), &redrive); err != nil {
			return err
		}
		count, err := redrive.MaxReceiveCount.Int64()
		if err != nil {
			return err
		}
		l.maxReceives.Store(count)
		return nil
	})
}
