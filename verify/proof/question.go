package proof

import (
	"fmt"
	"strings"
)

// Question is one call, and the answer that it must have.
type Question struct {
	Row      *Row
	Flow     *Flow
	Who      Principal
	Action   string
	Resource string
	Context  map[string]string
	Want     bool
}

func (q Question) String() string {
	verdict := "denied"
	if q.Want {
		verdict = "allowed"
	}
	return fmt.Sprintf("[%s] %s %s on %s with %v must be %s", q.Row.ID, q.Who.ID, q.Action, q.Resource, q.Context, verdict)
}

// reached are the policies that can have a say in the answer.
func (w *World) reached(q Question) []*Policy {
	var reached []*Policy
	if q.Who.Role != "" {
		reached = append(reached, w.identity[q.Who.Role]...)
	}
	if p := w.policyOf(q.Resource); p != nil {
		reached = append(reached, p)
	}
	return reached
}

// request puts the question as the world has it, with one policy's text in place of another's: that of a mutant.
func (w *World) request(q Question, mutated *Policy, text *Document) request {
	document := func(p *Policy) *Document {
		if p == mutated {
			return text
		}
		return p.Document
	}
	r := request{
		Principal: q.Who.ID, Action: q.Action, Resource: q.Resource, Account: w.accountOf(q.Resource),
		Context: q.Context, Identity: append([]*Document{}, q.Who.Policies...),
	}
	if q.Who.Role != "" {
		for _, p := range w.identity[q.Who.Role] {
			if d := document(p); len(d.Statement) > 0 {
				r.Identity = append(r.Identity, d)
			}
		}
	}
	switch p := w.policyOf(q.Resource); {
	case p != nil:
		if d := document(p); len(d.Statement) > 0 {
			r.Policy = d
		}
	case w.isStray(r):
		r.Policy = open
	case strings.Contains(q.Resource, ":kms:") && r.Account == w.Env.Account:
		r.Policy = ofAccount(w.Env)
	}
	return r
}

func accountOf(arn, own string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) == 6 && parts[4] != "" {
		return parts[4]
	}
	return own
}

// isStray says that a resource is another account's, and none of those that the flows are about.
func (w *World) isStray(r request) bool {
	return r.Account != w.Env.Account && !w.subjects[bucketOf(r.Resource)]
}
