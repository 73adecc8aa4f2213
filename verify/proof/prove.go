package proof

import (
	"errors"
	"fmt"
	"sync"
)

// Subject is a synthesized scenario to prove.
type Subject struct {
	Scenario string
	Name     string // of the trial
	Assembly *Assembly
}

// lacking are the rows that do not hold where the construct could only warn, as long as nobody did what the warnings say.
var lacking = map[string][]string{
	"Imported": {"assume", "deliver", "deliver/key"},
	"Foreign": {
		"read-documents", "documents-key", "write-results", "list-uploads", "read-results", "list-results",
		"results-key/read", "results-key/write", "publish/results-key",
	},
	"Immutable": {"assume", "publish", "publish/key", "publish/results-key"},
}

// elsewhere are the rows that the policies of another app answer.
var elsewhere = map[string][]string{
	"Attributes": {"assume", "publish", "publish/key", "publish/results-key", "deliver", "deliver/key"},
}

// Result is what a proof found.
type Result struct {
	Trials  int
	Outcome Outcome
	Tally   Tally
}

// Prove asks and mutates everything. Each worker has a simulator of its own; subjects of one scenario go to the same one, which
// remembers what it answered.
func Prove(subjects []Subject, script string, workers int) (Result, error) {
	byScenario := map[string][]Subject{}
	var order []string
	for _, s := range subjects {
		if byScenario[s.Scenario] == nil {
			order = append(order, s.Scenario)
		}
		byScenario[s.Scenario] = append(byScenario[s.Scenario], s)
	}
	jobs := make(chan []Subject, len(order))
	for _, name := range order {
		jobs <- byScenario[name]
	}
	close(jobs)

	total := Result{Tally: Tally{Explained: map[string]int{}}}
	var failures []error
	var lock sync.Mutex
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			err := work(script, jobs, func(r Result) {
				lock.Lock()
				defer lock.Unlock()
				total.add(r)
			})
			lock.Lock()
			defer lock.Unlock()
			failures = append(failures, err)
		})
	}
	group.Wait()
	return total, errors.Join(failures...)
}

func work(script string, jobs <-chan []Subject, report func(Result)) error {
	simulator, err := StartSimulator(script)
	if err != nil {
		return err
	}
	var failures []error
	for job := range jobs {
		for _, subject := range job {
			result, err := subject.prove(simulator)
			report(result)
			failures = append(failures, err)
		}
	}
	return errors.Join(append(failures, simulator.Close())...)
}

func (r *Result) add(other Result) {
	r.Trials += other.Trials
	r.Outcome.Asked += other.Outcome.Asked
	r.Outcome.Right += other.Outcome.Right
	r.Outcome.Wrong = append(r.Outcome.Wrong, other.Outcome.Wrong...)
	r.Tally.Made += other.Tally.Made
	r.Tally.Killed += other.Tally.Killed
	r.Tally.Survivors = append(r.Tally.Survivors, other.Tally.Survivors...)
	for id, count := range other.Tally.Explained {
		r.Tally.Explained[id] += count
	}
}

// phase is a way to look at a scenario.
type phase struct {
	name string
	// byHand adds the statements that warnings ask for.
	byHand bool
	// opened lets the account do everything with what it uses of another account's, so that only the policies on this side say no.
	opened bool
	// expected are the rows that must go wrong.
	expected []string
	// mutates says which policies are changed; nil stands for none.
	mutates func(p *Policy) bool
}

func every(*Policy) bool { return true }

// phases of a scenario. Where the construct warned, the rows that it warned of must fail as it was synthesized, and all must hold
// once the statements of the warnings were added by hand. Across accounts both sides must allow a call, so that each hides what
// is wrong with the other: they are mutated one at a time.
func (s Subject) phases() []phase {
	missing, others := lacking[s.Scenario], elsewhere[s.Scenario]
	const warned = " with the statements of its warnings"
	switch {
	case missing == nil:
		return []phase{{expected: others, mutates: every}}
	case s.Scenario != "Foreign":
		return []phase{{expected: missing}, {name: warned, byHand: true, mutates: every}}
	default:
		return []phase{
			{expected: missing},
			{name: warned, byHand: true, mutates: func(p *Policy) bool { return p.Kind != KindIdentity }},
			{name: " with the other account open", opened: true, expected: []string{"rest/foreign"}, mutates: func(p *Policy) bool {
				return p.Kind == KindIdentity
			}},
		}
	}
}

func (s Subject) prove(simulator *Simulator) (Result, error) {
	result := Result{Tally: Tally{Explained: map[string]int{}}}
	for _, phase := range s.phases() {
		t, err := s.trial(simulator, phase)
		if err != nil {
			return result, err
		}
		outcome, err := t.Run(simulator)
		result.add(Result{Trials: 1, Outcome: outcome})
		if err != nil {
			return result, err
		}
		// Mutants of what is wrong already would prove nothing.
		if phase.mutates == nil || len(outcome.Wrong) > 0 {
			continue
		}
		if err := t.Mutate(simulator, phase.mutates, &result.Tally); err != nil {
			return result, err
		}
	}
	return result, nil
}

func (s Subject) trial(simulator *Simulator, phase phase) (*Trial, error) {
	w, err := NewWorld(s.Assembly)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	flows, err := Flows(s.Scenario, w)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if phase.byHand {
		added, err := w.AddByHand(s.Assembly, flows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		if added == 0 {
			return nil, fmt.Errorf("%s: no warning says what to add", s.Name)
		}
	}
	if phase.opened {
		for _, f := range flows {
			if err := w.open(f); err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
		}
	}
	return NewTrial(simulator, s.Name+phase.name, w, flows, phase.expected)
}

// open gives another account's buckets and keys policies that let this account do everything.
func (w *World) open(f *Flow) error {
	policy := &Document{Version: policyVersion, Statement: []Statement{{
		"Effect": "Allow", "Principal": ofAccount(w.Env).Statement[0]["Principal"], "Action": "*", "Resource": "*",
	}}}
	for _, l := range f.locations() {
		if l.Owner == "" {
			continue
		}
		for kind, subject := range map[Kind]string{KindBucket: l.Bucket, KindKey: l.Key} {
			if err := w.attach(&Policy{Kind: kind, Path: l.Owner, Subject: subject, Document: policy, Foreign: true}); err != nil {
				return err
			}
		}
	}
	return nil
}
