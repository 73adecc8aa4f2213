package textractclient

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"
)

// The rates that a pacer learns, in calls a second, and the steps that it learns them in. The steps
// become finer with each throttled call: a quota is a constant, and once the rate is near it, a
// coarse step costs either throttled calls or time.
const (
	firstRate  = 2
	lowestRate = 0.01
	firstGrow  = 0.125
	leastGrow  = 0.0001
	firstCut   = 0.5
	leastCut   = 0.03
	finer      = 4
	// callMemory is the time, in seconds, that calls are counted over.
	callMemory = 3
	// coarserAfter is after how many calls without a throttled one the growth doubles: a quota may
	// have been raised.
	coarserAfter = 500
	// lastingThrottles is how many throttled calls in a row mean that the quota is used up
	// otherwise, and tell nothing about it.
	lastingThrottles = 10
)

// pacer spaces calls evenly, at a rate that it learns: it rises with each call that passed and had
// to wait for its turn, and falls with each throttled call. Calls are never given a time ahead: one
// would come at a rate that was lowered meanwhile. A nil pacer lets all calls pass at once.
type pacer struct {
	// turn is held by the one caller that waits for the time of the next call.
	turn chan struct{}
	// limit is the highest rate. 0: none.
	limit float64

	mu        sync.Mutex
	rate      float64
	grow, cut float64
	calls     float64   // of the last seconds: each weighs less the older it is
	counted   time.Time // when calls was counted
	passes    int       // since the growth last changed
	throttles int       // in a row
	before    float64   // the rate before them
	next      time.Time // of the next call
	lowered   time.Time // when the rate last fell
}

func newPacer(limit float64) *pacer {
	p := &pacer{turn: make(chan struct{}, 1), limit: limit, rate: firstRate, grow: firstGrow, cut: firstCut}
	if limit > 0 {
		p.rate = limit // the caller knows
	}
	return p
}

// delay returns the time until the next call may be made.
func (p *pacer) delay() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(time.Until(p.next), 0)
}

// pacedCall is one call that a pacer let pass.
type pacedCall struct {
	sent time.Time
	// waited is whether the pace, and nothing else, decided when the call was made.
	waited bool
}

// take accounts for a call that is made now.
func (p *pacer) take() pacedCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, interval := time.Now(), time.Duration(float64(time.Second)/p.rate)
	// A timer is a little late. That must not add up; but where more is made up for, the next call
	// may find no token.
	call := pacedCall{now, now.Sub(p.next) < interval/20}
	if call.waited {
		p.next = p.next.Add(interval)
	} else {
		p.next = now.Add(interval)
	}
	p.calls = p.calls*math.Exp(-now.Sub(p.counted).Seconds()/callMemory) + 1
	p.counted = now
	return call
}

// wait waits for the time of the next call.
func (p *pacer) wait(ctx context.Context) (pacedCall, error) {
	if p == nil {
		return pacedCall{}, ctx.Err()
	}
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return pacedCall{}, contextError(ctx)
	}
	defer func() { <-p.turn }()
	for {
		delay := p.delay()
		if delay == 0 {
			return p.take(), nil
		}
		if err := sleep(ctx, delay); err != nil {
			return pacedCall{}, err
		}
	}
}

// passed learns from a call that was not throttled.
func (p *pacer) passed(call pacedCall) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.throttles >= lastingThrottles {
		p.rate, p.grow, p.cut, p.passes = p.before*firstCut, firstGrow, firstCut, 0
	}
	p.throttles = 0
	if !call.waited {
		return
	}
	// Few calls at a time that follow each other closely, and then none, would raise the rate
	// without an end.
	if p.rate > 2*firstRate && p.rate > 2.5*p.calls/callMemory {
		return
	}
	p.rate *= 1 + p.grow
	if p.limit > 0 {
		p.rate = min(p.rate, p.limit)
	}
	if p.passes++; p.passes >= coarserAfter {
		p.passes, p.grow = 0, min(p.grow*2, firstGrow)
	}
}

// throttled learns from a call that was throttled. Calls that were made before the rate last fell
// tell nothing about the rate now.
func (p *pacer) throttled(call pacedCall) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if call.sent.Before(p.lowered) {
		return
	}
	if p.throttles == 0 {
		p.before = p.rate
	}
	p.throttles++
	p.rate = max(p.rate*(1-p.cut), lowestRate)
	p.grow, p.cut, p.passes = max(p.grow/finer, leastGrow), max(p.cut/finer, leastCut), 0
	p.lowered = time.Now()
	p.next = p.lowered.Add(time.Duration(float64(time.Second) / p.rate))
}

// perSecond returns the rate.
func (p *pacer) perSecond() float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rate
}

type (
	getPaceKey   struct{}
	takenPaceKey struct{}
)

// withGetPace has the calls of Get actions under ctx share a pacer.
func withGetPace(ctx context.Context, p *pacer) context.Context {
	return context.WithValue(ctx, getPaceKey{}, p)
}

// withTakenPace has the first call under ctx be one that its pacer let pass already.
func withTakenPace(ctx context.Context, call pacedCall) context.Context {
	return context.WithValue(ctx, takenPaceKey{}, &call)
}

// paceOf returns the pacer of an action's calls, nil for none, and the first call where the pacer
// let it pass already.
func paceOf(ctx context.Context, action string) (*pacer, *pacedCall) {
	if !strings.HasPrefix(action, "Get") {
		return nil, nil
	}
	p, _ := ctx.Value(getPaceKey{}).(*pacer)
	taken, _ := ctx.Value(takenPaceKey{}).(*pacedCall)
	return p, taken
}
