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
	actions   []string // whose questions are the likeliest to notice
}

func (m mutant) String() string {
	return fmt.Sprintf("%s: %s of %s, statement %d: %s", m.run.name, m.policy.kind, m.policy.path, m.statement, m.change)
}

// mutants are all changes of all statements that the construct and its grants make, in the chosen policies.
func (r *Run) mutants(chosen func(*policy) bool) []mutant {
	var all []mutant
	for _, p := range r.deployment.policies {
		if !chosen(p) {
			continue
		}
		if p.fixed {
			if p.kind == identityPolicy {
				all = append(all, mutant{run: r, policy: p, change: "without the managed policy", text: newDocument()})
			}
			continue
		}
		for i, s := range p.document.Statement {
			if r.owns(p, s) {
				all = append(all, (&mutator{run: r, policy: p, index: i, original: s}).all()...)
			}
		}
	}
	return all
}

// owns tells the construct's statements from those of the scenario.
func (r *Run) owns(p *policy, s Statement) bool {
	principal, _ := s["Principal"].(map[string]any)
	service, _ := principal["Service"].(string)
	if slices.Contains([]string{snsService, textractService, cloudWatchService}, service) {
		return true
	}
	for _, e := range r.expectations {
		account := "arn:" + e.Env.Partition + ":iam::" + e.Env.Account + ":root"
		isCrossAccount := r.deployment.accountOf(p.subject) != e.Env.Account && principal["AWS"] == account
		isCaller := slices.ContainsFunc(e.Callers, func(c Caller) bool { return subjectOf(c.ARN) == p.subject })
		if strings.HasPrefix(p.path+"/", e.Construct+"/") || isCrossAccount || isCaller || subjectOf(e.ServiceRole) == p.subject {
			return true
		}
	}
	return false
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
	m.add("without it", nil)
	m.withoutItems("Action")
	m.withoutItems("Resource")
	m.withoutConditions()
	m.narrowPatterns()
	if m.original["Effect"] == "Deny" {
		env := m.run.deployment.env
		m.with("for the account only", "Principal", map[string]any{"AWS": "arn:" + env.Partition + ":iam::" + env.Account + ":root"})
		m.with("for SNS only", "Principal", map[string]any{"Service": snsService})
		return m.mutants
	}
	m.widenResources()
	m.widenConditions()
	m.widenPrincipal()
	m.addActions()
	return m.mutants
}

// add adds the mutant with another statement in the place of the original, or with none.
func (m *mutator) add(change string, s Statement, actions ...string) {
	statements := slices.Clone(m.policy.document.Statement)
	if s == nil {
		statements = slices.Delete(statements, m.index, m.index+1)
	} else {
		statements[m.index] = s
	}
	if len(actions) == 0 {
		actions = texts(m.original["Action"])
	}
	m.mutants = append(m.mutants, mutant{m.run, m.policy, m.index, change, newDocument(statements...), actions})
}

// with adds the mutant in which an element has another value.
func (m *mutator) with(change, element string, value any, actions ...string) {
	s := maps.Clone(m.original)
	s[element] = value
	m.add(change, s, actions...)
}

// withoutItems removes the items of a list one by one; without its only item a statement would not be valid.
func (m *mutator) withoutItems(element string) {
	list := texts(m.original[element])
	for i, item := range list {
		if len(list) > 1 {
			m.with("without "+item, element, slices.Delete(slices.Clone(list), i, i+1))
		}
	}
}

// condition is one line of a Condition element.
type condition struct {
	operator, key string
	values        []string
}

func (m *mutator) conditions() []condition {
	var all []condition
	block, _ := m.original["Condition"].(map[string]any)
	for _, operator := range slices.Sorted(maps.Keys(block)) {
		keys := block[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, condition{operator, key, texts(keys[key])})
		}
	}
	return all
}

// withConditions adds the mutant with other conditions; without any it has no such element.
func (m *mutator) withConditions(change string, conditions []condition) {
	block := map[string]map[string]any{}
	for _, c := range conditions {
		if block[c.operator] == nil {
			block[c.operator] = map[string]any{}
		}
		block[c.operator][c.key] = c.values
	}
	s := maps.Clone(m.original)
	s["Condition"] = block
	if len(block) == 0 {
		delete(s, "Condition")
	}
	m.add(change, s)
}

func (m *mutator) withoutConditions() {
	all := m.conditions()
	for i, c := range all {
		m.withConditions("without the condition on "+c.key, slices.Delete(slices.Clone(all), i, i+1))
		for j, value := range c.values {
			if len(c.values) > 1 {
				fewer := slices.Clone(all)
				fewer[i].values = slices.Delete(slices.Clone(c.values), j, j+1)
				m.withConditions("without "+value+" for "+c.key, fewer)
			}
		}
	}
}

// narrowPatterns replaces a pattern of actions by all but one of those that match it.
func (m *mutator) narrowPatterns() {
	list := texts(m.original["Action"])
	if slices.Equal(list, []string{"kms:*"}) {
		return // it leaves a key to the account's IAM policies, whatever they allow
	}
	for i, pattern := range list {
		if !strings.Contains(pattern, "*") {
			continue
		}
		var matched []string
		for _, action := range m.candidates() {
			if matches(pattern, action.Action) {
				matched = append(matched, action.Action)
			}
		}
		for j, missing := range matched {
			m.with(pattern+" without "+missing, "Action", slices.Concat(list[:i], matched[:j], matched[j+1:], list[i+1:]), missing)
		}
	}
}

// candidates are the actions of the statement's services that a request on one of its resources can have, and whose requests can have
// the keys of its conditions: any other action would change nothing.
func (m *mutator) candidates() []serviceAction {
	byName := map[string]serviceAction{}
	for _, e := range m.run.expectations {
		for _, pattern := range texts(m.original["Action"]) {
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
	patterns := texts(m.original["Resource"])
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
	list := texts(m.original["Action"])
	for _, action := range m.candidates() {
		isThere := slices.ContainsFunc(list, func(p string) bool { return matches(p, action.Action) })
		if !isThere && !m.isAllowed(action) {
			m.with("with "+action.Action, "Action", append(slices.Clone(list), action.Action), action.Action)
		}
	}
}

func (m *mutator) widenResources() {
	list := texts(m.original["Resource"])
	for i, resource := range list {
		for _, wider := range widened(resource) {
			if isOfAnyService(wider) && !isOfAnyService(resource) {
				continue // an action of one service never names a resource of another
			}
			changed := slices.Clone(list)
			changed[i] = wider
			m.with(resource+" widened to "+wider, "Resource", changed)
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
				changed := slices.Clone(all)
				changed[i].values = slices.Clone(c.values)
				changed[i].values[j] = wider
				changed[i].operator = withPatterns.Replace(c.operator)
				m.withConditions(c.key+" "+value+" widened to "+wider, changed)
			}
		}
	}
}

func (m *mutator) widenPrincipal() {
	principal, ok := m.original["Principal"].(map[string]any)
	if !ok {
		return
	}
	m.with("for everybody", "Principal", "*")
	if account, ok := principal["AWS"]; ok {
		stranger := "arn:" + m.run.deployment.env.Partition + ":iam::" + strangerAccount + ":root"
		m.with("for another account too", "Principal", map[string]any{"AWS": append(texts(account), stranger)})
	}
}

// accountID has a fixed length, so that no other begins with it.
var accountID = regexp.MustCompile(`^\d{12}$`)

// widened are the patterns that match a value and more: anything, more at its end, more below its prefix, and each part of an ARN.
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
		if len(parts) < 6 || i == 0 || part == "" || part == "*" {
			continue
		}
		changed := slices.Clone(parts)
		changed[i] = "*"
		wider = append(wider, strings.Join(changed, ":"))
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

// explanation says why mutants of a kind change nothing that anybody could do.
type explanation struct {
	id, mutant, reason string
	fits               func(m mutant) bool
}

func explanations() []explanation {
	return []explanation{
		{
			"own-policy-resource", "a wider Resource in the policy of a queue or topic",
			"The policy of a queue or topic is evaluated for requests to that queue or topic only.",
			func(m mutant) bool {
				return (m.policy.kind == queuePolicy || m.policy.kind == topicPolicy) && strings.HasPrefix(m.change, m.policy.subject+" widened to ")
			},
		},
		{
			"own-bucket-resource", "a Resource of other buckets too in the policy of a bucket",
			"S3 evaluates a bucket's policy for requests to that bucket and its objects only.",
			func(m mutant) bool {
				_, wider, ok := strings.Cut(m.change, " widened to ")
				return ok && m.policy.kind == bucketPolicy && strings.HasPrefix(m.change, "arn:") && !strings.HasPrefix(wider, m.policy.subject+"/")
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
			"topic-deny", "the topic denies plain HTTP to the account's own principals only",
			"Nobody outside the account may publish to the topic; the statement names everybody for when one is added that lets others.",
			func(m mutant) bool { return m.policy.kind == topicPolicy && m.change == "for the account only" },
		},
	}
}
