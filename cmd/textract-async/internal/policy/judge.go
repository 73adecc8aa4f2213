package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Question asks whether a principal may take an action on a resource.
type Question struct {
	// Principal is a service, such as sns.amazonaws.com, or the ARN of a role, a user or an
	// account's root user.
	Principal string
	// Action is the action, with the prefix of its service.
	Action string
	// Resource is the resource's ARN, or * for an action without resources.
	Resource string
	// Account owns the resource.
	Account string
	// Context holds what is known of the request's condition keys, except for those that the
	// principal decides. Others may be absent or have any value.
	Context map[string]Value
	// Identity are the policies of the principal. A service has none.
	Identity []Document
	// Boundary is the permissions boundary of the principal, or nil.
	Boundary *Document
	// ResourcePolicy is the policy of the resource, a role's trust policy for one, or nil.
	ResourcePolicy *Document
}

// Answer is the answer to a Question.
type Answer string

// The answers.
const (
	Yes    Answer = "yes"
	No     Answer = "no"     // nothing allows it
	Denied Answer = "denied" // a statement denies it
	Unsure Answer = "unsure" // a statement that could decide cannot be judged
)

// Decision is an answer with its reasons.
type Decision struct {
	Answer Answer
	// Denials are the statements that deny.
	Denials []Finding
	// Doubts are the statements that could decide and cannot be judged.
	Doubts []Finding
	// NearMisses are the statements that would allow it but for one element.
	NearMisses []Finding
	// ByIdentity and ByResource report which of the policies allow it, each by itself. A policy
	// that does not count allows nothing.
	ByIdentity, ByResource bool
	// Boundary is the name of the permissions boundary that does not allow it, or "".
	Boundary string
}

// Finding is a statement and what is to be said of it.
type Finding struct {
	Policy    string
	Statement string // empty for the whole policy
	Why       string
	// Unresolved reports whether a doubt is about a value that a template does not have, and about
	// nothing else.
	Unresolved bool
}

func (f Finding) String() string {
	if f.Statement == "" {
		return fmt.Sprintf("%s %s", f.Policy, f.Why)
	}
	return fmt.Sprintf("%s of %s %s", f.Statement, f.Policy, f.Why)
}

// Judge answers the question.
func Judge(q Question) Decision {
	context := q.ofPrincipal()
	for key, value := range q.Context {
		context[strings.ToLower(key)] = value
	}
	q.Context = context

	var decision Decision
	identity := evaluation{allows: no}
	for _, document := range q.Identity {
		identity.add(q, document, identityPolicy)
	}
	boundary := evaluation{allows: yes}
	if q.Boundary != nil {
		boundary.allows = no
		boundary.add(q, *q.Boundary, identityPolicy)
	}
	resource := evaluation{}
	if q.ResourcePolicy != nil {
		kind := resourcePolicy
		if q.Action == "sts:AssumeRole" {
			kind = trustPolicy
		}
		resource.add(q, *q.ResourcePolicy, kind)
	}

	decision.ByIdentity = identity.allows == yes
	decision.ByResource = either(resource.allows, resource.delegates) == yes
	if boundary.allows == no {
		decision.Boundary = q.Boundary.Name
	}
	allowed := q.combine(identity.allows, boundary.allows, resource)
	denied := either(identity.denies, boundary.denies, resource.denies)
	doubts := slices.Concat(identity.doubts, boundary.doubts, resource.doubts)
	switch {
	case denied == yes:
		decision.Answer = Denied
		decision.Denials = slices.Concat(identity.denials, boundary.denials, resource.denials)
	case allowed == no:
		decision.Answer = No
		decision.NearMisses = slices.Concat(identity.nearMisses, resource.nearMisses)
		if decision.Boundary != "" {
			decision.NearMisses = append(decision.NearMisses, Finding{Policy: decision.Boundary, Why: "does not allow it"})
		}
	case allowed == yes && denied == no:
		decision.Answer = Yes
	default:
		decision.Answer = Unsure
		decision.Doubts = doubts
		if len(doubts) == 0 {
			decision.Doubts = []Finding{{Policy: decision.Boundary, Why: "does not allow it, and may not count"}}
		}
	}
	return decision
}

// ofPrincipal returns the condition keys that the principal decides, in lower case. The ARN of a
// role is that of its sessions too. What a service has as aws:PrincipalArn is not documented.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (q Question) ofPrincipal() map[string]Value {
	if !isARN(q.Principal) {
		return map[string]Value{
			"aws:principalisawsservice": Exactly("true"),
			"aws:principalservicename":  Exactly(q.Principal),
		}
	}
	keys := map[string]Value{
		"aws:principalisawsservice": Exactly("false"),
		"aws:principalservicename":  Absent(),
		"aws:principalaccount":      Exactly(accountOf(q.Principal)),
	}
	if strings.Split(q.Principal, ":")[2] == "iam" {
		keys["aws:principalarn"] = Exactly(q.Principal)
	}
	return keys
}

// combine puts the policies together, as IAM does within an account and across two.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (q Question) combine(identity, boundary truth, resource evaluation) truth {
	if !isARN(q.Principal) {
		return resource.allows
	}
	identity = both(identity, boundary)
	if accountOf(q.Principal) != q.Account {
		return both(identity, either(resource.allows, resource.delegates))
	}
	// A boundary limits what a resource's policy grants to some principals and not to others.
	direct := both(resource.allows, either(boundary, maybe))
	if q.isOfKey() {
		// To a key, the account counts only where the key's policy names it.
		return either(direct, both(identity, resource.delegates))
	}
	return either(direct, identity)
}

func (q Question) isOfKey() bool { return strings.HasPrefix(q.Action, "kms:") }

// evaluation is what the documents of one kind say.
type evaluation struct {
	allows    truth // to the principal itself
	delegates truth // to the principal's account
	denies    truth

	denials, doubts, nearMisses []Finding
}

type kind int

const (
	identityPolicy kind = iota
	resourcePolicy
	trustPolicy
)

func (e *evaluation) add(q Question, document Document, kind kind) {
	for i := range document.statements {
		s := &document.statements[i]
		finding := func(why string) Finding { return Finding{Policy: document.Name, Statement: s.name, Why: why} }
		doubt := func(why string, unresolved bool) {
			e.doubts = append(e.doubts, Finding{Policy: document.Name, Statement: s.name, Why: why, Unresolved: unresolved})
		}
		if why := s.unjudgeable(kind); why != "" {
			e.allows, e.delegates = either(e.allows, maybe), either(e.delegates, maybe)
			if !s.allowsOnly {
				e.denies = either(e.denies, maybe)
			}
			doubt("cannot be judged: "+why, s.unresolved)
			continue
		}
		direct, account := yes, no
		if kind != identityPolicy {
			direct, account = s.matchesPrincipal(q.Principal)
		}
		rest := both(s.matchesAction(q.Action), s.matchesResource(q.Resource), s.conditionsHold(q.Context))
		if s.effect == "Deny" {
			denies := both(either(direct, account), rest)
			e.denies = either(e.denies, denies)
			if denies == yes {
				e.denials = append(e.denials, finding("denies it"))
			}
			if denies == maybe {
				about, unresolved := s.doubt(q)
				doubt("may deny it: "+about, unresolved)
			}
			continue
		}
		e.allows = either(e.allows, both(direct, rest))
		e.delegates = either(e.delegates, both(account, rest))
		switch {
		case both(direct, rest) == maybe, both(account, rest) == maybe:
			about, unresolved := s.doubt(q)
			doubt("may allow it: "+about, unresolved)
		case both(either(direct, account), rest) == no:
			if miss := s.nearMiss(q, either(direct, account)); miss != "" {
				e.nearMisses = append(e.nearMisses, finding("would allow it but for "+miss))
			}
		}
	}
}

// unjudgeable is why nothing can be said of the statement in a policy of this kind, or "".
func (s *statement) unjudgeable(kind kind) string {
	switch {
	case s.unknown != "":
		return s.unknown
	case (s.hasPrincipal || s.notPrincipal) != (kind != identityPolicy):
		return "Principal belongs in the policies of resources only"
	case (s.resource == nil && s.notResource == nil) != (kind == trustPolicy):
		return "Resource belongs in every policy except a trust policy"
	}
	return ""
}

func (s *statement) conditionsHold(context map[string]Value) truth {
	holds := yes
	for _, c := range s.conditions {
		holds = both(holds, c.holds(context))
	}
	return holds
}

// doubt is what cannot be judged of a statement, and whether all of that is about placeholders.
func (s *statement) doubt(q Question) (about string, unresolved bool) {
	var doubts []string
	unresolved = true
	add := func(about string, of ...string) {
		doubts = append(doubts, about)
		unresolved = unresolved && slices.ContainsFunc(of, HasPlaceholder)
	}
	for _, c := range s.conditions {
		if c.holds(q.Context) == maybe {
			add(c.String(), append(slices.Clone(c.values), q.Context[strings.ToLower(c.key)].text)...)
		}
	}
	if s.matchesAction(q.Action) == maybe || s.matchesResource(q.Resource) == maybe {
		about, of := "its action or resource", slices.Concat(s.action, s.notAction, s.resource, s.notResource)
		for _, text := range of {
			if HasPlaceholder(text) {
				about += " " + text
			}
		}
		add(about, append(of, q.Resource)...)
	}
	switch {
	case s.notPrincipal:
		add("its NotPrincipal")
	case len(doubts) == 0:
		add("its principal "+s.principals(), s.principals(), q.Principal)
	}
	return strings.Join(doubts, ", "), unresolved
}

// nearMiss is the one element for which a statement does not apply, or "". A statement of another
// service's actions, or for the account alone, as every key has one, is about something else.
func (s *statement) nearMiss(q Question, principal truth) string {
	var misses []string
	if principal == no {
		if accountPattern.MatchString(s.principals()) {
			return ""
		}
		misses = append(misses, "its principal "+s.principals())
	}
	if s.matchesAction(q.Action) == no {
		if !s.isOfService(q.Action) {
			return ""
		}
		if s.notAction != nil {
			misses = append(misses, "its NotAction "+strings.Join(s.notAction, ", "))
		} else {
			misses = append(misses, "its action "+strings.Join(s.action, ", "))
		}
	}
	if s.matchesResource(q.Resource) == no {
		if s.notResource != nil {
			misses = append(misses, "its NotResource "+strings.Join(s.notResource, ", "))
		} else {
			misses = append(misses, "its resource "+strings.Join(s.resource, ", "))
		}
	}
	var failed []string
	for _, c := range s.conditions {
		if c.holds(q.Context) == no {
			failed = append(failed, c.String())
		}
	}
	if len(failed) > 0 {
		misses = append(misses, strings.Join(failed, " and "))
	}
	if len(misses) != 1 {
		return ""
	}
	return misses[0]
}

// isOfService reports whether the statement has actions of the same service.
func (s *statement) isOfService(action string) bool {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	return slices.ContainsFunc(slices.Concat(s.action, s.notAction), func(pattern string) bool {
		return strings.HasPrefix(strings.ToLower(pattern), service+":")
	})
}

func (s *statement) principals() string {
	var all []string
	for _, values := range s.principal {
		all = append(all, values...)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

var (
	accountPattern = regexp.MustCompile(`^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$`)
	sessionPattern = regexp.MustCompile(`^arn:[\w-]+:sts::(\d{12}):assumed-role/([^/]+)/`)
)

// matchesPrincipal reports whether the statement names the principal itself, and whether it names
// its account.
func (s *statement) matchesPrincipal(principal string) (direct, account truth) {
	if s.notPrincipal {
		return maybe, maybe
	}
	for kind, values := range s.principal {
		for _, value := range values {
			d, a := principalMatches(kind, value, principal)
			direct, account = either(direct, d), either(account, a)
		}
	}
	return direct, account
}

func principalMatches(kind, value, principal string) (direct, account truth) {
	switch kind {
	case "AWS":
		if value == "*" || value == principal {
			return yes, no
		}
		if HasPlaceholder(value) {
			return maybe, maybe
		}
		if !isARN(principal) {
			return no, no
		}
		return awsPrincipalMatches(value, principal)
	case "Service":
		if value == principal {
			return yes, no
		}
		// Some services act as a principal of their Region, such as sns.eu-south-2.amazonaws.com.
		service, _, _ := strings.Cut(principal, ".")
		return min(maybe, truthOf(!isARN(principal) && (strings.HasPrefix(strings.ToLower(value), service+".") || hasWildcard(value)))), no
	case "Federated", "CanonicalUser":
		return no, no
	}
	return maybe, maybe
}

func awsPrincipalMatches(value, principal string) (direct, account truth) {
	if match := accountPattern.FindStringSubmatch(value); match != nil {
		return no, truthOf(match[1] == accountOf(principal))
	}
	if value == principal {
		return yes, no
	}
	if match := sessionPattern.FindStringSubmatch(value); match != nil {
		// One session of the role: which one the principal will be is not known.
		name := principal[strings.LastIndex(principal, "/")+1:]
		return min(maybe, truthOf(match[1] == accountOf(principal) && match[2] == name)), no
	}
	if !isARN(value) || hasWildcard(value) {
		// The id of a principal, which has replaced its ARN, or what IAM would not accept.
		return maybe, no
	}
	return no, no
}

func isARN(principal string) bool { return strings.HasPrefix(principal, "arn:") }

func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", arnParts)
	if len(parts) < arnParts {
		return ""
	}
	return parts[4]
}
