package textracttest

import "time"

// Rate is a quota of calls a second, as a bucket of tokens: each call takes one, and a call without a token is throttled.
type Rate struct {
	// PerSecond is how many tokens a second brings. 0: calls are never throttled.
	PerSecond float64
	// Burst is how many tokens the bucket holds, 1 at least. 0: those of one second.
	Burst float64
	// RefusalCost is how many tokens a throttled call takes, where there are as many.
	RefusalCost float64
}

// bucket holds the tokens of a Rate. It is full at first.
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
		b.tokens = max(b.tokens-rate.RefusalCost, 0)
		return false
	}
	b.tokens = max(b.tokens-1, 0)
	return true
}
