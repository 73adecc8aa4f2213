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
		w.passed(0)
	}
	return started
}

// learnedWindow knows that 100 jobs may be in progress, as many as are.
func learnedWindow() *window {
	w := newWindow()
	w.start(100)
	w.full()
	return w
}

func TestWindowIsOpenUntilTheQuotaIsMet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWindow()
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
		w := learnedWindow()
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

// A start that fills the window tells nothing new; only a probe may.
func TestWindowRisesFromAProbeUntilAStartIsRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := learnedWindow()
		w.busy = 90
		if started := w.start(1000); started != 10 || w.limit != 100 {
			t.Errorf("%d started, limit %d", started, w.limit)
		}
		time.Sleep(leastProbe - time.Nanosecond)
		if w.hasRoom(0) {
			t.Error("a probe too early")
		}
		time.Sleep(time.Nanosecond)
		if w.hasRoom(1) {
			t.Error("a probe while a start is on its way")
		}
		if !w.hasRoom(0) || w.hasRoom(1) {
			t.Error("no probe, or two")
		}
		if started := w.start(50); started != 50 || w.hasRoom(1) {
			t.Errorf("%d started, one by one", started)
		}
		w.full()
		if w.limit != 150 || w.hasRoom(0) {
			t.Errorf("after a rejected start: limit %d", w.limit)
		}
	})
}

// What a probe gains may be jobs that completed and are not known to have.
func TestWindowKeepsHalfOfASmallGain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for gained, want := range map[int]int{0: 100, 1: 101, 4: 102, 12: 106, 13: 113} {
			w := learnedWindow()
			time.Sleep(leastProbe)
			if started := w.start(gained); started != gained || !w.hasRoom(0) {
				t.Errorf("%d started, want %d and one more", started, gained)
			}
			w.full()
			if w.limit != want {
				t.Errorf("limit %d after %d more jobs, want %d", w.limit, gained, want)
			}
		}
	})
}

// Where fewer jobs are in progress than are known to be, the limit is found in a few steps.
func TestWindowFallsFasterTheMoreStartsAreRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := learnedWindow()
		for _, want := range []int{98, 94, 87} {
			w.busy = w.limit - 1
			w.full()
			if w.limit != want {
				t.Errorf("limit %d, want %d", w.limit, want)
			}
		}
		w.busy = 1
		w.full()
		if w.limit != 1 {
			t.Errorf("limit %d with one job in progress", w.limit)
		}
	})
}

func TestWindowProbesLessOftenTheMoreStartsAreRejected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := learnedWindow()
		for _, want := range []time.Duration{time.Minute, 2 * time.Minute, mostProbe, mostProbe} {
			if got := w.untilProbe(); got != want {
				t.Errorf("a probe in %s, want %s", got, want)
			}
			time.Sleep(want)
			if !w.hasRoom(0) {
				t.Errorf("no probe after %s", want)
			}
			w.full()
		}
		w.busy = 0 // others use up the quota
		w.full()
		w.full()
		if got := w.untilProbe(); got != leastProbe || w.limit != 0 {
			t.Errorf("a probe in %s, limit %d", got, w.limit)
		}
	})
}

func TestWindowOfAnyNumberOfJobs(t *testing.T) {
	w := newWindow()
	if w.limit = math.MaxInt - 1; w.learned() != math.MaxInt-1 || !w.hasRoom(0) {
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
