package proof

import (
	"fmt"
	"slices"
)

// How many questions are asked before it is looked whether one of them noticed the mutant: few of the likely ones, then many.
const (
	likelyChunk = 24
	chunk       = 256
)

// noticed says which question a mutant turns wrong; nil if none.
func (t *Trial) noticed(s *Simulator, m Mutant) (*Question, error) {
	likely, rest := t.ordered(m)
	parts := slices.Collect(slices.Chunk(likely, likelyChunk))
	parts = slices.AppendSeq(parts, slices.Chunk(rest, chunk))
	for _, part := range parts {
		requests := make([]request, len(part))
		for i, index := range part {
			requests[i] = t.World.request(t.Questions[index], m.Policy, m.Text)
		}
		answers, err := s.allowed(requests)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", m, err)
		}
		for i, index := range part {
			if q := t.Questions[index]; answers[i] != q.Want {
				return &q, nil
			}
		}
	}
	return nil, nil
}

// ordered puts first the questions about an action that the mutant concerns. Only those that the policy can reach are asked.
func (t *Trial) ordered(m Mutant) (likely, rest []int) {
	for _, index := range t.byPolicy[m.Policy] {
		action := t.Questions[index].Action
		if slices.ContainsFunc(m.suspects, func(p string) bool { return matches(p, action) }) {
			likely = append(likely, index)
		} else {
			rest = append(rest, index)
		}
	}
	return likely, rest
}

// Tally is what became of the mutants.
type Tally struct {
	Made, Killed int
	// Explained counts the survivors by explanation.
	Explained map[string]int
	Survivors []Mutant
}

// Mutate makes the mutants of those policies of a trial that are chosen.
func (t *Trial) Mutate(s *Simulator, chosen func(*Policy) bool, tally *Tally) error {
	explanations := Explanations()
	for _, m := range t.Mutants() {
		if !chosen(m.Policy) {
			continue
		}
		tally.Made++
		q, err := t.noticed(s, m)
		switch explained := explanationOf(explanations, m); {
		case err != nil:
			return err
		case q != nil:
			tally.Killed++
		case explained != nil:
			tally.Explained[explained.ID]++
		default:
			tally.Survivors = append(tally.Survivors, m)
		}
	}
	return nil
}

// Explanation says why a sort of mutants changes nothing that anybody could do.
type Explanation struct {
	ID, Mutant, Reason string
	fits               func(m Mutant) bool
}

func explanationOf(explanations []Explanation, m Mutant) *Explanation {
	for i := range explanations {
		if explanations[i].fits(m) {
			return &explanations[i]
		}
	}
	return nil
}
