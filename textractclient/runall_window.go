package textractclient

import (
	"math"
	"time"
)

// leastProbe and mostProbe bound the time between two probes of a window. Each may cost a rejected
// start, which CloudWatch counts as a user error: the default threshold of the construct's alarm on
// them is ten in five minutes.
const leastProbe, mostProbe = time.Minute, 4 * time.Minute

// window learns the number of jobs that may be in progress at a time. It falls to the jobs in
// progress with each start that Textract rejects because of the quota. Now and then a full window
// lets one more start pass, a probe: the quota may have been raised, or others may have used a part
// of it. From a probe that Textract accepts, it rises one by one with each start that fills it,
// until Textract rejects one.
//
// Jobs count until they are known to have completed, which is later than they complete. How much
// later varies, and so does how many jobs seem to be in progress when Textract rejects a start.
type window struct {
	limit int // of jobs in progress; math.MaxInt before the quota was met
	busy  int // jobs that are not known to have completed

	rising     bool // since a probe
	before     int  // the limit before it
	rejections int  // since the last probe
	probeAt    time.Time
	probeEvery time.Duration
}

func newWindow() *window { return &window{limit: math.MaxInt, probeEvery: leastProbe} }

// hasRoom reports whether one more job may be started, while the starts of others have no response
// yet.
func (w *window) hasRoom(starting int) bool {
	wanted := w.busy + starting + 1
	if wanted > w.limit && starting == 0 && !time.Now().Before(w.probeAt) {
		w.before, w.limit, w.rising, w.rejections = w.limit, wanted, true, 0
	}
	return wanted <= w.limit
}

// untilProbe returns the time until a full window lets a probe pass.
func (w *window) untilProbe() time.Duration { return time.Until(w.probeAt) }

// passed learns from a start that Textract accepted, and that is counted as busy already.
func (w *window) passed(starting int) {
	if w.rising && w.busy+starting >= w.limit {
		w.limit++
	}
}

// full learns from a start that Textract rejected because of the quota.
func (w *window) full() {
	gained := w.limit - 1 - w.before
	switch {
	case w.rising && gained > w.before/10+2: // a higher quota
		w.limit, w.probeEvery = min(w.limit, w.busy), leastProbe
	case w.rising: // most likely, more jobs than usual are not known to have completed
		w.limit = min(w.before+(gained+1)/2, w.busy)
	default: // too high: by more, the more starts are rejected
		w.limit = max(min(w.limit, w.busy-w.rejections*(w.rejections+1)/2), min(w.busy, 1))
		w.rejections++
	}
	w.rising = false
	w.probeAt = time.Now().Add(w.probeEvery)
	if w.probeEvery = min(2*w.probeEvery, mostProbe); w.busy == 0 {
		w.probeEvery = leastProbe
	}
}

// learned returns the maximum of jobs in progress, or 0 before the quota was met.
func (w *window) learned() int {
	if w.limit == math.MaxInt {
		return 0
	}
	return w.limit
}
