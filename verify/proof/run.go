// Package proof asks an evaluator of IAM policies what the synthesized policies allow, and whether
// any change of them would be noticed.
//
// scenarios.go has each scenario with what is expected of it, permissions.go the matrix of what
// must be allowed and denied, and mutant.go the changes.
package proof

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

// step is one way to look at a case.
type step struct {
	name          string
	warned        bool                 // with the statements of the warnings
	opened        bool                 // with another account's buckets and keys open to this one, so that only this side denies
	openedCallers bool                 // with another account's callers allowed everything there
	failing       []string             // rows
	mutates       func(p *policy) bool // nil for no policy
}

// steps: as synthesized, and with the statements of the warnings. What is complete is mutated;
// across accounts each side alone.
func (c Case) steps() []step {
	isOurs := func(p *policy) bool { return p.kind == identityPolicy }
	complete := step{name: "as synthesized", failing: c.elsewhere, mutates: func(*policy) bool { return true }}
	var steps []step
	if c.warned != nil {
		steps = []step{{name: complete.name, failing: c.warned}}
		complete.name, complete.warned = "with the statements of its warnings", true
	}
	if c.openedCallers != nil {
		opened := complete
		opened.name, opened.openedCallers, opened.failing = "with the account of its callers open", true, c.openedCallers
		opened.mutates = func(p *policy) bool { return !isOurs(p) }
		complete.mutates = isOurs
		return append(steps, complete, opened)
	}
	if !c.crossAccount {
		return append(steps, complete)
	}
	opened := complete
	opened.name, opened.opened, opened.failing, opened.mutates = "with the other account open", true, []string{"rest/cross-account"}, isOurs
	complete.mutates = func(p *policy) bool { return !isOurs(p) }
	return append(steps, complete, opened)
}

// Result counts what was proven, and has what was not.
type Result struct {
	deployments, answers int
	wrong                []string // answers
	MutationScore
}

// MutationScore is what became of the mutants.
type MutationScore struct {
	killed    int
	explained []string // the ids of the explanations
	survived  []mutant
}

func (r *Result) add(other Result) {
	r.deployments += other.deployments
	r.answers += other.answers
	r.wrong = append(r.wrong, other.wrong...)
	r.killed += other.killed
	r.explained = append(r.explained, other.explained...)
	r.survived = append(r.survived, other.survived...)
}

func (r Result) String() string {
	mutants := r.killed + len(r.explained) + len(r.survived)
	return fmt.Sprintf("%d answers over %d deployments; %d mutants, %d killed, %d explained",
		r.answers, r.deployments, mutants, r.killed, len(r.explained))
}

// Run is a deployment with all questions about it.
type Run struct {
	name         string
	simulator    *simulator
	deployment   *Deployment
	expectations []*Expectation
	failing      []string // rows that must fail
	questions    []*call

	allowed  map[allowedCall]bool
	byPolicy map[*policy][]*call // on which a policy has an influence
}

// allowedCall is what an allowed row allows, whatever its context.
type allowedCall struct{ who, action, resource string }

// prove asks all questions about a deployment, and mutates what answers them as expected: mutants
// of what is wrong would prove nothing.
func (c Case) prove(s *simulator, a *assembly.Assembly, st step) (Result, error) {
	r, err := c.newRun(s, a, st)
	if err != nil {
		return Result{}, err
	}
	result, err := r.evaluate()
	if err == nil && len(result.wrong) == 0 && st.mutates != nil {
		result.MutationScore, err = r.mutate(st.mutates)
	}
	return result, err
}

func (c Case) newRun(s *simulator, a *assembly.Assembly, st step) (*Run, error) {
	d, err := newDeployment(a)
	if err != nil {
		return nil, err
	}
	x := &expectations{Deployment: d}
	if c.expect(x); x.err != nil {
		return nil, x.err
	}
	r := &Run{
		name: st.name, simulator: s, deployment: d, expectations: x.all, failing: st.failing,
		allowed: map[allowedCall]bool{}, byPolicy: map[*policy][]*call{},
	}
	for _, e := range r.expectations {
		d.expect(e)
		if e.catalogue, err = newCatalogue(s, e); err != nil {
			return nil, err
		}
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
		if st.openedCallers {
			err = d.openCallers(e)
		}
		if err != nil {
			return nil, err
		}
	}
	r.ask()
	return r, nil
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
	for _, arn := range append(buckets(e.locations()...), e.keys()...) {
		if d.accountOf(arn) == d.env.Account {
			continue
		}
		if d.resourcePolicy(arn) == nil {
			p := &policy{kind: bucketPolicy, path: e.Construct, subject: arn, document: newDocument()}
			d.bySubject[arn] = []*policy{p}
			d.policies = append(d.policies, p)
		}
		document := d.resourcePolicy(arn).document
		document.Statement = append(document.Statement, allowAccount(d.env, "*"))
	}
}

// openCallers lets callers of another account do everything that its policies can allow.
func (d *Deployment) openCallers(e *Expectation) error {
	for _, c := range e.otherCallers() {
		everything := newDocument(Statement{Effect: "Allow", Action: texts{"*"}, Resource: texts{"*"}})
		if err := d.attach(&policy{kind: identityPolicy, path: e.Construct, subject: subjectOf(c.ARN), document: everything}); err != nil {
			return err
		}
	}
	return nil
}

// ask gathers the questions: first those with a purpose, then the rest.
func (r *Run) ask() {
	for _, isRest := range []bool{false, true} {
		for _, e := range r.expectations {
			for _, part := range e.matrix() {
				for _, row := range part.rows {
					if strings.HasPrefix(row.id, "rest/") == isRest {
						r.askRow(e, row, isRest)
					}
				}
			}
		}
	}
	for _, q := range r.questions {
		if !slices.Contains(r.failing, q.row.id) {
			for _, p := range r.deployment.policiesFor(q) {
				r.byPolicy[p] = append(r.byPolicy[p], q)
			}
		}
	}
}

func (r *Run) askRow(e *Expectation, row *Row, isRest bool) {
	for _, c := range row.calls {
		if len(e.Aliases) > 0 && strings.Contains(c.resource, ":key/") {
			c = c.with("kms:ResourceAliases", e.aliasOf(c.resource))
		}
		asked := allowedCall{c.by.id, c.action, c.resource}
		if isRest && r.allowed[asked] && row.id != "rest/http" {
			continue
		}
		c.row = row
		r.questions = append(r.questions, &c)
		if row.allowed {
			r.allowed[asked] = true
		}
	}
}

// wrong asks questions, with another text for one policy, and returns those whose answer is not as
// it must be.
func (r *Run) wrong(questions []*call, mutated *policy, text *Document) ([]*call, error) {
	requests := make([]request, len(questions))
	for i, q := range questions {
		requests[i] = r.deployment.request(q, mutated, text)
	}
	answers, err := r.simulator.allowed(requests)
	if err != nil {
		return nil, err
	}
	var wrong []*call
	for i, q := range questions {
		if answers[i] != q.row.allowed {
			wrong = append(wrong, q)
		}
	}
	return wrong, nil
}

// evaluate asks everything. Of a row that must fail at least one question must, and of no other row
// any.
func (r *Run) evaluate() (Result, error) {
	result := Result{deployments: 1, answers: len(r.questions)}
	wrong, err := r.wrong(r.questions, nil, nil)
	failed := map[string]bool{}
	for _, q := range wrong {
		failed[q.row.id] = true
		if !slices.Contains(r.failing, q.row.id) {
			result.wrong = append(result.wrong, q.String())
		}
	}
	for _, row := range r.failing {
		if !failed[row] {
			result.wrong = append(result.wrong, "row "+row+" holds, although a statement that a warning prints is missing")
		}
	}
	return result, err
}

// mutate makes the mutants of the chosen policies.
func (r *Run) mutate(chosen func(*policy) bool) (MutationScore, error) {
	score := MutationScore{}
	for _, m := range r.mutants(chosen) {
		killed, err := r.kills(m)
		if err != nil {
			return score, fmt.Errorf("%v: %w", m, err)
		}
		fitting := slices.IndexFunc(explanations, func(e explanation) bool { return e.fits(m) })
		switch {
		case killed:
			score.killed++
		case fitting >= 0:
			score.explained = append(score.explained, explanations[fitting].id)
		default:
			score.survived = append(score.survived, m)
		}
	}
	return score, nil
}

// How many questions are asked at once: few of those that are likely to notice a mutant, then many.
const likelyAtOnce, othersAtOnce = 24, 256

// kills reports whether a question notices the mutant. Only those on which the policy has an
// influence are asked.
func (r *Run) kills(m mutant) (bool, error) {
	var likely, others []*call
	for _, q := range r.byPolicy[m.policy] {
		if slices.ContainsFunc(m.likely, func(p string) bool { return matches(p, q.action) }) {
			likely = append(likely, q)
		} else {
			others = append(others, q)
		}
	}
	parts := slices.AppendSeq(slices.Collect(slices.Chunk(likely, likelyAtOnce)), slices.Chunk(others, othersAtOnce))
	for _, part := range parts {
		if wrong, err := r.wrong(part, m.policy, m.text); err != nil || len(wrong) > 0 {
			return true, err
		}
	}
	return false, nil
}
