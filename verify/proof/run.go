// Package proof asks an evaluator of IAM policies what the synthesized policies allow, and whether any change of them would be noticed.
//
// scenarios.go has each scenario with what is expected of it, permissions.go the matrix of what must be allowed and denied, and mutant.go
// the changes.
package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

// Run asks everything about one deployment.
type Run struct {
	name         string
	deployment   *Deployment
	expectations []*Expectation
	questions    []Question
	failing      []string // rows that must fail

	allowed  map[allowedCall]bool
	byPolicy map[*policy][]int // indices of the questions on which a policy has an influence
}

// step is one way to look at a case.
type step struct {
	name    string
	warned  bool                 // with the statements of the warnings
	opened  bool                 // with another account's buckets and keys open to this one, so that only this side denies
	failing []string             // rows
	mutates func(p *policy) bool // nil for no policy
}

// steps: as synthesized, and with the statements of the warnings. Across accounts each side is mutated alone.
func (c Case) steps() []step {
	isOurs := func(p *policy) bool { return p.kind == identityPolicy }
	switch {
	case c.crossAccount:
		steps := []step{
			{name: "with the statements of its warnings", warned: true, mutates: func(p *policy) bool { return !isOurs(p) }},
			{name: "with the other account open", warned: true, opened: true, failing: []string{"rest/cross-account"}, mutates: isOurs},
		}
		if c.warned == nil {
			steps[0].name, steps[0].warned, steps[1].warned = "as synthesized", false, false
			return steps
		}
		return append([]step{{name: "as synthesized", failing: c.warned}}, steps...)
	case c.warned != nil:
		return []step{
			{name: "as synthesized", failing: c.warned},
			{name: "with the statements of its warnings", warned: true, mutates: func(*policy) bool { return true }},
		}
	default:
		return []step{{name: "as synthesized", failing: c.elsewhere, mutates: func(*policy) bool { return true }}}
	}
}

func (c Case) run(s *simulator, a *assembly.Assembly, st step) (*Run, error) {
	d, err := newDeployment(a)
	if err != nil {
		return nil, err
	}
	f := &finder{Deployment: d}
	r := &Run{
		name: st.name, deployment: d, expectations: c.expect(f), failing: st.failing,
		allowed: map[allowedCall]bool{}, byPolicy: map[*policy][]int{},
	}
	if f.err != nil {
		return nil, f.err
	}
	for _, e := range r.expectations {
		d.expect(e)
	}
	for _, e := range r.expectations {
		if st.warned {
			if added, err := d.addWarned(a, e); err != nil || added == 0 {
				return nil, fmt.Errorf("%d warnings with a statement: %w", added, err)
			}
		}
		if st.opened {
			d.open(e)
		}
	}
	return r, r.ask(s)
}

// expect makes the resources of an expectation known.
func (d *Deployment) expect(e *Expectation) {
	for _, arn := range e.resources() {
		d.expected[resourceOf(arn)] = true
	}
	for _, l := range e.locations() {
		if l.Owner != "" {
			d.accounts[l.Bucket] = l.Owner
		}
	}
}

// open gives another account's buckets and keys policies that let this account do everything.
func (d *Deployment) open(e *Expectation) {
	for _, arn := range e.resources() {
		if arn = resourceOf(arn); arn == "*" || d.accountOf(arn) == d.env.Account {
			continue
		}
		p := d.resource[arn]
		if p == nil {
			p = &policy{kind: bucketPolicy, path: e.Construct, subject: arn, document: newDocument()}
			d.resource[arn] = p
			d.policies = append(d.policies, p)
		}
		p.document.Statement = append(p.document.Statement, allowAccount(d.env, "*"))
	}
}

// ask gathers the questions.
func (r *Run) ask(s *simulator) error {
	var rows []*Row
	for _, part := range matrix() {
		rows = append(rows, part.rows...)
	}
	isRest := func(row *Row) bool { return strings.HasPrefix(row.id, "rest/") }
	for _, e := range r.expectations {
		var err error
		if e.catalogue, err = newCatalogue(s, e); err != nil {
			return err
		}
	}
	for _, rest := range []bool{false, true} {
		for _, e := range r.expectations {
			for _, q := range e.questions(rows) {
				asked := allowedCall{q.who.id, q.action, q.resource}
				if isRest(q.row) != rest || rest && q.row.id != "rest/http" && r.allowed[asked] {
					continue
				}
				r.questions = append(r.questions, q)
				if q.row.allowed {
					r.allowed[asked] = true
				}
			}
		}
	}
	for i, q := range r.questions {
		if slices.Contains(r.failing, q.row.id) {
			continue
		}
		for _, p := range r.deployment.policiesFor(q) {
			r.byPolicy[p] = append(r.byPolicy[p], i)
		}
	}
	return nil
}

// Result is what the answers are.
type Result struct {
	asked int
	wrong []string
}

// evaluate asks everything. Of a row that must fail at least one question must, and of no other row any.
func (r *Run) evaluate(s *simulator) (Result, error) {
	requests := make([]request, len(r.questions))
	for i, q := range r.questions {
		requests[i] = r.deployment.request(q, nil, nil)
	}
	answers, err := s.allowed(requests)
	if err != nil {
		return Result{}, err
	}
	result := Result{asked: len(answers)}
	failed := map[string]bool{}
	for i, q := range r.questions {
		switch {
		case answers[i] == q.row.allowed:
		case slices.Contains(r.failing, q.row.id):
			failed[q.row.id] = true
		default:
			result.wrong = append(result.wrong, q.String())
		}
	}
	for _, row := range r.failing {
		if !failed[row] {
			result.wrong = append(result.wrong, "row "+row+" holds, although a statement that a warning prints is missing")
		}
	}
	return result, nil
}

// MutationScore is what became of the mutants.
type MutationScore struct {
	made, killed int
	explained    map[string]int // by the id of the explanation
	survived     []mutant
}

func (s *MutationScore) add(other MutationScore) {
	s.made += other.made
	s.killed += other.killed
	if s.explained == nil {
		s.explained = map[string]int{}
	}
	for id, count := range other.explained {
		s.explained[id] += count
	}
}

func (s MutationScore) String() string {
	return fmt.Sprintf("%d mutants, %d killed, %d explained", s.made, s.killed, s.made-s.killed-len(s.survived))
}

// mutate makes the mutants of the chosen policies.
func (r *Run) mutate(s *simulator, chosen func(*policy) bool) (MutationScore, error) {
	score := MutationScore{explained: map[string]int{}}
	for _, m := range r.mutants(chosen) {
		score.made++
		killed, err := r.kills(s, m)
		if err != nil {
			return score, fmt.Errorf("%v: %w", m, err)
		}
		fitting := slices.IndexFunc(explanations(), func(e explanation) bool { return e.fits(m) })
		switch {
		case killed:
			score.killed++
		case fitting >= 0:
			score.explained[explanations()[fitting].id]++
		default:
			score.survived = append(score.survived, m)
		}
	}
	return score, nil
}

// How many questions are asked at once: few of those that are likely to notice a mutant, then many.
const likelyAtOnce, othersAtOnce = 24, 256

// kills reports whether a question notices the mutant. Only those on which the policy has an influence are asked.
func (r *Run) kills(s *simulator, m mutant) (bool, error) {
	var likely, others []int
	for _, index := range r.byPolicy[m.policy] {
		if slices.ContainsFunc(m.actions, func(p string) bool { return matches(p, r.questions[index].action) }) {
			likely = append(likely, index)
		} else {
			others = append(others, index)
		}
	}
	parts := slices.AppendSeq(slices.Collect(slices.Chunk(likely, likelyAtOnce)), slices.Chunk(others, othersAtOnce))
	for _, part := range parts {
		requests := make([]request, len(part))
		for i, index := range part {
			requests[i] = r.deployment.request(r.questions[index], m.policy, m.text)
		}
		answers, err := s.allowed(requests)
		if err != nil {
			return false, err
		}
		for i, index := range part {
			if answers[i] != r.questions[index].row.allowed {
				return true, nil
			}
		}
	}
	return false, nil
}
