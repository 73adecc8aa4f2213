package textractclient

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// start has jobs started and accepted, as many as the window lets pass.
func (w *window) start(most int) (started int) {
	for started < most && w.hasRoom(0) {
		started++
		w.busy++
		w.passed(0, time.Minute)
	}
	return started
}

func TestWindowIsOpenUntilTheQuotaIsMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(true)
		if started := w.start(10_000); started != 10_000 || w.learned() != 0 {
			t.Errorf("%d started, maximum %d", started, w.learned())
		}
		w.full()
		if w.learned() != 10_000 || w.hasRoom(0) {
			t.Errorf("after a rejected start: maximum %d, room %t", w.learned(), w.hasRoom(0))
		}
	})
}

func TestWindowHasTheRoomOfCompletedJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(true)
		w.start(100)
		w.full()
		w.busy -= 30
		for starting := range 30 {
			if !w.hasRoom(starting) {
				t.Errorf("no room with %d starts on their way", starting)
			}
		}
		if w.hasRoom(30) {
			t.Error("room for more jobs than Textract took")
		}
	})
}

// The window grows with each start that filled it, and stays while starts do not fill it.
func TestWindowGrowsWhileItIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow(true)
		w.start(100)
		w.full()
		w.busy = 50
		w.passed(0, time.Minute)
		if w.limit != 100 {
			t.Errorf("limit %v after a start with room", w.limit)
		}
		w.busy = 100
		w.passed(0, time.Minute)
		first := w.limit
		if first != 100+windowGrowth {
			t.Errorf("limit %v after a start that filled it", first)
		}
		w.busy = 101
		w.passed(0, time.Minute)
		if growth := w.limit - first; growth <= windowGrowth {
			t.Errorf("grown by %v, want more than before", growth)
		}
		w.full()
		if w.growth != windowGrowth || w.limit > 101 {
			t.Errorf("after a rejected start: limit %v, growth %v", w.limit, w.growth)
		}
	})
}

func TestWindowProbes(t *testing.T) {
	for _, test := range []struct {
		name     string
		ownQueue bool
		typical  time.Duration
		rejected int
		want     time.Duration
	}{
		{"quick jobs", true, time.Second, 0, leastProbe},
		{"until four of 100 jobs should have completed", true, 10 * time.Minute, 0, 24 * time.Second},
		{"until one should have, without a queue", false, 10 * time.Minute, 0, 6 * time.Second},
		{"slow jobs", true, 10 * time.Hour, 0, mostProbe},
		{"twice as long after a rejected start", true, time.Second, 1, 2 * leastProbe},
		{"at most a minute", true, time.Second, 10, mostProbe},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWindow(test.ownQueue)
			w.limit, w.busy, w.growth = 100, 100, 0
			w.passed(0, test.typical)
			for range test.rejected {
				w.full()
			}
			if got := w.untilProbe(); got != test.want {
				t.Errorf("%s: a probe in %s, want %s", test.name, got, test.want)
			}
			time.Sleep(test.want - time.Nanosecond)
			if w.hasRoom(0) {
				t.Errorf("%s: a probe too early", test.name)
			}
			time.Sleep(time.Nanosecond)
			if w.hasRoom(1) {
				t.Errorf("%s: a probe while a start is on its way", test.name)
			}
			if !w.hasRoom(0) || w.hasRoom(1) {
				t.Errorf("%s: no probe, or two", test.name)
			}
		})
	}
}

func TestWindowOfAnyNumberOfJobs(t *testing.T) {
	w := newWindow(false)
	if w.limit = 1e12; w.learned() != math.MaxInt32 {
		t.Errorf("maximum %d", w.learned())
	}
}

func TestRecentIDsForgetTheOldest(t *testing.T) {
	var ids recentIDs
	if ids.has("a") {
		t.Error("an empty set has an id")
	}
	ids.add("a")
	ids.add("a")
	for i := range maxRememberedJobs {
		ids.add(string(rune('b' + i)))
	}
	if ids.has("a") || !ids.has("b") || len(ids.known) != maxRememberedJobs || len(ids.order) != maxRememberedJobs {
		t.Errorf("%d known, %d in order", len(ids.known), len(ids.order))
	}
}
