package textractclient

import (
	"math"
	"time"
)

// The window grows by a part of a job with each job that Textract accepts, by more the longer
// Textract accepts all, and without any by one job at times.
const (
	windowGrowth       = 0.2
	windowGrowthFactor = 1.02
	leastProbe         = 5 * time.Second
	mostProbe          = time.Minute
)

// window learns the number of jobs that may be in progress at a time, as pacer learns the rate of
// calls: it rises with each start that passed and filled it, and falls to the jobs in progress with
// each start that Textract rejects because of the quota. A window that is full for a while lets one
// more start pass, a probe: jobs may have completed that are not known to have.
type window struct {
	// completions is how many jobs should complete before a probe.
	completions float64

	limit      float64 // of jobs in progress; infinite before the quota was met
	growth     float64 // of limit
	busy       float64 // expected number of jobs in progress
	probeAt    time.Time
	probeEvery time.Duration
}

// newWindow returns the window of a run that learns of completions by its queue, or by polling
// alone, where a probe may find the room of jobs that are not known to have completed.
func newWindow(ownQueue bool) *window {
	w := &window{completions: 1, limit: math.Inf(1), growth: windowGrowth, probeEvery: leastProbe}
	if ownQueue {
		w.completions = 4
	}
	return w
}

// hasRoom reports whether one more job may be started, while the starts of others have no response
// yet.
func (w *window) hasRoom(starting int) bool {
	const rounding = 1e-6
	wanted := w.busy + float64(starting) + 1
	if wanted > w.limit+rounding && starting == 0 && !time.Now().Before(w.probeAt) {
		w.limit = wanted
	}
	return wanted <= w.limit+rounding
}

// untilProbe returns the time until a full window lets a probe pass.
func (w *window) untilProbe() time.Duration { return time.Until(w.probeAt) }

// passed learns from a start that Textract accepted, and that is counted as busy already. Jobs
// typically take this long: a probe is not due before some should have completed.
func (w *window) passed(starting int, typical time.Duration) {
	if w.busy+float64(starting) > w.limit-1 {
		w.limit += w.growth
		w.growth = min(w.growth*windowGrowthFactor, 1)
	}
	each := typical.Seconds() / max(w.limit, 1)
	w.delayProbe(max(leastProbe, time.Duration(w.completions*each*float64(time.Second))))
}

// full learns from a start that Textract rejected because of the quota.
func (w *window) full() {
	w.limit, w.growth = min(w.limit, w.busy), windowGrowth
	w.delayProbe(w.probeEvery * 2)
}

func (w *window) delayProbe(every time.Duration) {
	w.probeEvery = min(every, mostProbe)
	w.probeAt = time.Now().Add(w.probeEvery)
}

// learned returns the maximum of jobs in progress, or 0 before the quota was met.
func (w *window) learned() int {
	if math.IsInf(w.limit, 1) {
		return 0
	}
	return int(min(w.limit, math.MaxInt32))
}
