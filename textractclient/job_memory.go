package textractclient

import (
	"sync"
	"time"
)

// maxRememberedJobs bounds the memory of a client that runs for months.
const maxRememberedJobs = 10_000

// jobMemory keeps the facts of jobs that hooks report and notifications lack: the time of the
// start, and the number of pages. The oldest are forgotten first.
type jobMemory struct {
	mu    sync.Mutex
	jobs  map[string]jobFacts
	order []string
}

type jobFacts struct {
	started time.Time
	pages   int
}

// start remembers the start of a job, and reports whether the job is new to this client.
func (m *jobMemory) start(id string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if facts := m.jobs[id]; !facts.started.IsZero() {
		return false
	}
	m.change(id, func(facts *jobFacts) { facts.started = at })
	return true
}

func (m *jobMemory) sawPages(id string, pages int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change(id, func(facts *jobFacts) { facts.pages = pages })
}

// facts returns the time from start to completion and the pages, 0 where they are unknown.
func (m *jobMemory) facts(id string, completed time.Time) (time.Duration, int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	facts := m.jobs[id]
	if facts.started.IsZero() || completed.IsZero() {
		return 0, facts.pages
	}
	return max(completed.Sub(facts.started), 0), facts.pages
}

func (m *jobMemory) change(id string, change func(*jobFacts)) {
	facts, known := m.jobs[id]
	if !known {
		m.order = append(m.order, id)
		if m.jobs == nil {
			m.jobs = make(map[string]jobFacts)
		}
		if len(m.order) > maxRememberedJobs {
			delete(m.jobs, m.order[0])
			m.order = m.order[1:]
		}
	}
	change(&facts)
	m.jobs[id] = facts
}

// recentIDs is a set of ids that forgets the oldest.
type recentIDs struct {
	known map[string]struct{}
	order []string
}

func (r *recentIDs) add(id string) {
	if r.has(id) {
		return
	}
	if r.known == nil {
		r.known = make(map[string]struct{})
	}
	r.known[id] = struct{}{}
	if r.order = append(r.order, id); len(r.order) > maxRememberedJobs {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *recentIDs) has(id string) bool {
	_, known := r.known[id]
	return known
}
