package textracttest

import "time"

// Rate is a quota of calls per second, as a token bucket that is full at first: each call takes a
// token, and a call that finds none is throttled.
type Rate struct {
	// PerSecond is the number of tokens that are added per second. Default: 0, calls are never
	// throttled.
	PerSecond float64
	// Burst is the size of the bucket in tokens, at least 1. Default: 0, the tokens of one second.
	Burst float64
	// ThrottledCost is the number of tokens that a throttled call takes, as far as there are any.
	// Default: 0.
	ThrottledCost float64
}

// bucket has the tokens of a Rate. It is full at first.
type bucket struct {
	tokens  float64
	updated time.Time
}

func (b *bucket) take(rate Rate) bool {
	if rate.PerSecond == 0 {
		return true
	}
	size := rate.Burst
	if size == 0 {
		size = rate.PerSecond
	}
	size = max(size, 1)
	now := time.Now()
	if b.updated.IsZero() {
		b.tokens = size
	} else {
		b.tokens = min(b.tokens+now.Sub(b.updated).Seconds()*rate.PerSecond, size)
	}
	b.updated = now
	const rounding = 1e-6 // of the sums above
	if b.tokens < 1-rounding {
		b.tokens = max(b.tokens-rate.ThrottledCost, 0)
		return false
	}
	b.tokens = max(b.tokens-1, 0)
	return true
}
