package proof

import (
	"fmt"
	"slices"
)

// Trial is a world with all that is asked of it.
type Trial struct {
	Name      string
	World     *World
	Flows     []*Flow
	Questions []Question
	// Expected are the rows that must go wrong, because a statement that a warning asks for is missing.
	Expected []string

	granted  map[call]bool
	byPolicy map[*Policy][]int // indices of the questions that a policy can reach
}

// NewTrial gathers the questions about flows. The expected rows go wrong.
func NewTrial(s *Simulator, name string, w *World, flows []*Flow, expected []string) (*Trial, error) {
	t := &Trial{Name: name, World: w, Flows: flows, Expected: expected, granted: map[call]bool{}, byPolicy: map[*Policy][]int{}}
	for _, f := range flows {
		w.know(f)
	}
	for _, f := range flows {
		t.Questions = append(t.Questions, questions(f, Rows())...)
	}
	matrix := t.Questions
	for _, f := range flows {
		c, err := newCatalogue(s, f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		f.catalogue = c
		t.Questions = append(t.Questions, restQuestions(f, matrix, RestRows())...)
	}
	for i, q := range t.Questions {
		if q.Want {
			t.granted[call{q.Who.ID, q.Action, q.Resource}] = true
		}
		if slices.Contains(expected, q.Row.ID) {
			continue
		}
		for _, p := range w.reached(q) {
			t.byPolicy[p] = append(t.byPolicy[p], i)
		}
	}
	return t, nil
}

func (w *World) know(f *Flow) {
	for _, arn := range f.resources() {
		w.subjects[bucketOf(arn)] = true
	}
	for _, l := range f.locations() {
		if l.Owner != "" {
			w.owners[l.Bucket] = l.Owner
		}
	}
}

// Outcome is what became of a trial's questions.
type Outcome struct {
	Asked, Right int
	Wrong        []Question
}

// Run asks everything. Of a row that must go wrong, a question at least must, and no other may.
func (t *Trial) Run(s *Simulator) (Outcome, error) {
	requests := make([]request, len(t.Questions))
	for i, q := range t.Questions {
		requests[i] = t.World.request(q, nil, nil)
	}
	answers, err := s.allowed(requests)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", t.Name, err)
	}
	outcome := Outcome{Asked: len(answers)}
	failed := map[string]bool{}
	for i, q := range t.Questions {
		switch {
		case answers[i] == q.Want:
			outcome.Right++
		case slices.Contains(t.Expected, q.Row.ID):
			outcome.Right++
			failed[q.Row.ID] = true
		default:
			outcome.Wrong = append(outcome.Wrong, q)
		}
	}
	for _, row := range t.Expected {
		if !failed[row] {
			return outcome, fmt.Errorf("%s: row %s holds without the statement that a warning asks for", t.Name, row)
		}
	}
	return outcome, nil
}
