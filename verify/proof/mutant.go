package proof

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// mutant is a policy with one change that must turn an answer wrong.
type mutant struct {
	run       *Run
	policy    *policy
	statement int // of the original
	change    string
	text      *Document
	likely    []string // actions, whose questions are the likeliest to notice
}

func (m mutant) String() string {
	return fmt.Sprintf("%s: %s of %s, statement %d: %s", m.run.name, m.policy.kind, m.policy.path, m.statement, m.change)
}

// mutants are all changes of all statements that the construct and its grants make, in the chosen
// policies.
func (r *Run) mutants(chosen func(*policy) bool) []mutant {
	var all []mutant
	for _, p := range r.deployment.policies {
		switch {
		case !chosen(p):
		case p.fixed:
			all = append(all, mutant{run: r, policy: p, change: "without the managed policy", text: newDocument()})
		default:
			for i, s := range p.document.Statement {
				if r.owns(p, s) {
					all = append(all, (&mutator{run: r, policy: p, index: i, original: s}).all()...)
				}
			}
		}
	}
	return all
}

// owns tells the construct's statements from those of the scenario.
func (r *Run) owns(p *policy, s Statement) bool {
	principal, _ := s.Principal.(map[string]any)
	service, _ := principal["Service"].(string)
	if slices.Contains([]string{snsService, textractService, cloudWatchService}, service) {
		return true
	}
	named, _ := principal["AWS"].(string)
	return slices.ContainsFunc(r.expectations, func(e *Expectation) bool {
		isNamed := func(c Caller) bool { return c.ARN == named }
		if named != "" && (named == e.ServiceRole || slices.ContainsFunc(e.Callers, isNamed)) {
			return true
		}
		isCrossAccount := r.deployment.accountOf(p.subject) != e.Env.Account && principal["AWS"] == rootOf(e.Env, e.Env.Account)
		isCaller := slices.ContainsFunc(e.Callers, func(c Caller) bool { return subjectOf(c.ARN) == p.subject })
		return strings.HasPrefix(p.path+"/", e.Construct+"/") || isCrossAccount || isCaller || subjectOf(e.ServiceRole) == p.subject
	})
}

// mutator changes one statement.
type mutator struct {
	run      *Run
	policy   *policy
	index    int
	original Statement
	mutants  []mutant
}

func (m *mutator) all() []mutant {
	m.add("without it", m.original.Action)
	m.withoutItems()
	m.withoutConditions()
	m.narrowPatterns()
	env := m.run.deployment.env
	if m.original.Effect == "Deny" {
		m.with("for the account only", func(s *Statement) { s.Principal = map[string]any{"AWS": rootOf(env, env.Account)} })
		m.with("for SNS only", func(s *Statement) { s.Principal = map[string]any{"Service": snsService} })
		return m.mutants
	}
	m.widenResources()
	m.widenConditions()
	if principal, ok := m.original.Principal.(map[string]any); ok {
		m.with("for everybody", func(s *Statement) { s.Principal = "*" })
		if account, ok := principal["AWS"]; ok {
			both := map[string]any{"AWS": []any{account, rootOf(env, strangerAccount)}}
			m.with("for another account too", func(s *Statement) { s.Principal = both })
		}
	}
	m.addActions()
	return m.mutants
}

// add adds the mutant with other statements in the place of the original, or with none.
func (m *mutator) add(change string, likely []string, instead ...Statement) {
	text := newDocument(replace(m.policy.document.Statement, m.index, instead...)...)
	m.mutants = append(m.mutants, mutant{m.run, m.policy, m.index, change, text, likely})
}

// with adds the mutant in which an element has another value.
func (m *mutator) with(change string, edit func(*Statement)) {
	changed := m.original
	edit(&changed)
	m.add(change, m.original.Action, changed)
}

// withActions adds the mutant with other actions, of which questions about one are the likeliest to
// notice.
func (m *mutator) withActions(change string, actions texts, likely string) {
	changed := m.original
	changed.Action = actions
	m.add(change, []string{likely}, changed)
}

// replace returns the list with others, or none, in the place of an item.
func replace[List ~[]Item, Item any](list List, index int, others ...Item) List {
	return slices.Concat(list[:index], others, list[index+1:])
}

// withoutItems removes actions and resources one by one; without its only one a statement would not
// be valid.
func (m *mutator) withoutItems() {
	actions, resources := m.original.Action, m.original.Resource
	for i, action := range actions {
		if len(actions) > 1 {
			m.with("without "+action, func(s *Statement) { s.Action = replace(actions, i) })
		}
	}
	for i, resource := range resources {
		if len(resources) > 1 {
			m.with("without "+resource, func(s *Statement) { s.Resource = replace(resources, i) })
		}
	}
}

// condition is one line of a Condition element.
type condition struct {
	operator, key string
	values        texts
}

func (m *mutator) conditions() []condition {
	var all []condition
	for _, operator := range slices.Sorted(maps.Keys(m.original.Condition)) {
		keys := m.original.Condition[operator]
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, condition{operator, key, keys[key]})
		}
	}
	return all
}

// withConditions adds the mutant with other conditions.
func (m *mutator) withConditions(change string, conditions []condition) {
	block := map[string]map[string]texts{}
	for _, c := range conditions {
		if block[c.operator] == nil {
			block[c.operator] = map[string]texts{}
		}
		block[c.operator][c.key] = c.values
	}
	m.with(change, func(s *Statement) { s.Condition = block })
}

func (m *mutator) withoutConditions() {
	all := m.conditions()
	for i, c := range all {
		m.withConditions("without the condition on "+c.key, replace(all, i))
		for j, value := range c.values {
			if len(c.values) > 1 {
				fewer := condition{c.operator, c.key, replace(c.values, j)}
				m.withConditions("without "+value+" for "+c.key, replace(all, i, fewer))
			}
		}
	}
}

// narrowPatterns replaces a pattern of actions by all but one of those that match it.
func (m *mutator) narrowPatterns() {
	list := m.original.Action
	if slices.Equal(list, texts{"kms:*"}) {
		return // it leaves a key to the account's IAM policies, whatever they allow
	}
	for i, pattern := range list {
		if !strings.Contains(pattern, "*") {
			continue
		}
		var matched texts
		for _, action := range m.candidates() {
			if matches(pattern, action.Action) {
				matched = append(matched, action.Action)
			}
		}
		for j, missing := range matched {
			m.withActions(pattern+" without "+missing, replace(list, i, replace(matched, j)...), missing)
		}
	}
}

// candidates are the actions of the statement's services that a request on one of its resources can
// have, and whose requests can have the keys of its conditions: any other action would change
// nothing.
func (m *mutator) candidates() []serviceAction {
	byName := map[string]serviceAction{}
	for _, e := range m.run.expectations {
		for _, pattern := range m.original.Action {
			service, _, _ := strings.Cut(pattern, ":")
			for _, action := range e.catalogue[service] {
				if len(m.resourcesFor(action)) > 0 {
					byName[action.Action] = action
				}
			}
		}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b serviceAction) int { return strings.Compare(a.Action, b.Action) })
}

// resourcesFor are the resources of the statement that a request for an action can name.
func (m *mutator) resourcesFor(action serviceAction) []string {
	patterns := m.original.Resource
	var all []string
	for resource, keys := range action.Resources {
		isOwn := m.policy.kind == identityPolicy || resourceOf(resource) == m.policy.subject
		isNamed := len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool { return matches(p, resource) })
		lacksKey := slices.ContainsFunc(m.conditions(), func(c condition) bool {
			return !strings.HasPrefix(c.key, "aws:") && !slices.Contains(keys, strings.ToLower(c.key))
		})
		if isOwn && isNamed && !lacksKey {
			all = append(all, resource)
		}
	}
	return all
}

// isAllowed reports whether another statement lets the caller do all that an action would add.
func (m *mutator) isAllowed(action serviceAction) bool {
	if m.policy.kind != identityPolicy {
		return false
	}
	for _, e := range m.run.expectations {
		for _, c := range e.Callers {
			if subjectOf(c.ARN) == m.policy.subject {
				return !slices.ContainsFunc(m.resourcesFor(action), func(resource string) bool {
					return !m.run.allowed[allowedCall{c.principal().id, action.Action, resource}]
				})
			}
		}
	}
	return false
}

func (m *mutator) addActions() {
	list := m.original.Action
	for _, action := range m.candidates() {
		isThere := slices.ContainsFunc(list, func(p string) bool { return matches(p, action.Action) })
		if !isThere && !m.isAllowed(action) {
			m.withActions("with "+action.Action, append(slices.Clone(list), action.Action), action.Action)
		}
	}
}

func (m *mutator) widenResources() {
	list := m.original.Resource
	for i, resource := range list {
		for _, wider := range widened(resource) {
			if isOfAnyService(wider) && !isOfAnyService(resource) {
				continue // an action of one service never names a resource of another
			}
			m.with(resource+" widened to "+wider, func(s *Statement) { s.Resource = replace(list, i, wider) })
		}
	}
}

func isOfAnyService(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[2] == "*"
}

// withPatterns are the operators that compare with wildcards, by those that do not.
var withPatterns = strings.NewReplacer("StringEquals", "StringLike", "ArnEquals", "ArnLike")

func (m *mutator) widenConditions() {
	all := m.conditions()
	for i, c := range all {
		for j, value := range c.values {
			for _, wider := range widened(value) {
				changed := condition{withPatterns.Replace(c.operator), c.key, replace(c.values, j, wider)}
				m.withConditions(c.key+" "+value+" widened to "+wider, replace(all, i, changed))
			}
		}
	}
}

// accountID has a fixed length, so that no other begins with it.
var accountID = regexp.MustCompile(`^\d{12}$`)

// widened are the patterns that match a value and more: anything, more at its end, more below its
// prefix, and each part of an ARN.
func widened(value string) []string {
	if value == "*" {
		return nil
	}
	wider := []string{"*"}
	if before, ok := strings.CutSuffix(value, "/*"); ok {
		wider = append(wider, before+"*")
		if bucket, _, below := strings.Cut(before, "/"); below {
			wider = append(wider, bucket+"/*")
		}
	} else if !strings.HasSuffix(value, "*") && !accountID.MatchString(value) {
		wider = append(wider, value+"*")
	}
	parts := strings.SplitN(value, ":", 6)
	for i, part := range parts {
		if len(parts) == 6 && i > 0 && part != "" && part != "*" {
			wider = append(wider, strings.Join(replace(parts, i, "*"), ":"))
		}
	}
	return wider
}

// matches compares as IAM does. It only chooses mutants: no answer depends on it.
func matches(pattern, text string) bool {
	head, tail, wild := strings.Cut(pattern, "*")
	if !wild {
		return strings.EqualFold(pattern, text)
	}
	if len(text) < len(head) || !strings.EqualFold(text[:len(head)], head) {
		return false
	}
	for rest := text[len(head):]; ; rest = rest[1:] {
		if matches(tail, rest) {
			return true
		}
		if rest == "" {
			return false
		}
	}
}

func (m mutant) isOfKeyActions() bool {
	if m.policy.kind != identityPolicy || len(m.policy.document.Statement) <= m.statement {
		return false
	}
	isOther := func(action string) bool { return !strings.HasPrefix(action, "kms:") }
	return !slices.ContainsFunc(m.policy.document.Statement[m.statement].Action, isOther)
}

// explanation says why mutants of a kind change nothing that anybody could do.
type explanation struct {
	id, mutant, reason string
	fits               func(m mutant) bool
}

var explanations = []explanation{
	{
		"own-policy-resource", "a wider Resource in the policy of a queue or topic",
		"The policy of a queue or topic is evaluated for requests to that queue or topic only.",
		func(m mutant) bool {
			return (m.policy.kind == queuePolicy || m.policy.kind == topicPolicy) &&
				strings.HasPrefix(m.change, m.policy.subject+" widened to ")
		},
	},
	{
		"own-bucket-resource", "a Resource of other buckets too in the policy of a bucket",
		"S3 evaluates a bucket's policy for requests to that bucket and its objects only.",
		func(m mutant) bool {
			_, wider, ok := strings.Cut(m.change, " widened to ")
			return ok && m.policy.kind == bucketPolicy && strings.HasPrefix(m.change, "arn:") &&
				!strings.HasPrefix(wider, m.policy.subject+"/")
		},
	},
	{
		"alias-resource", "a Resource of more than the keys of the account and Region, for a key that is known by its alias",
		"These actions name keys only, and a pattern of the last part of the ARN matches keys of the same account and Region.",
		func(m mutant) bool {
			before, wider, ok := strings.Cut(m.change, " widened to ")
			keys := strings.TrimSuffix(before, "key/*")
			return ok && keys != before && (wider == keys+"key*" || wider == keys+"*")
		},
	},
	{
		"closed-key", "other actions of KMS in the policy of a role, or none, for a key that names the role itself",
		"The policy of the key alone decides what the role may do with it.",
		func(m mutant) bool {
			return m.isOfKeyActions() && m.run.expectations[0].ClosedKey && !strings.Contains(m.change, " widened to ")
		},
	},
	{
		"other-account-caller", "more actions or resources in the policy of a role of another account",
		"What the policies of queue and key do not allow a role of another account, its own policy cannot.",
		func(m mutant) bool {
			e := m.run.expectations[0]
			return m.policy.kind == identityPolicy && !strings.HasPrefix(m.change, "without ") &&
				slices.ContainsFunc(e.otherCallers(), func(c Caller) bool { return subjectOf(c.ARN) == m.policy.subject })
		},
	},
	{
		"topic-deny", "the topic denies plain HTTP to the account's own principals only",
		"Nobody outside the account may publish to the topic; the statement names everybody for when one is added that lets others.",
		func(m mutant) bool { return m.policy.kind == topicPolicy && m.change == "for the account only" },
	},
}
