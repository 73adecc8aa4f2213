package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Mutant is a policy with one change that must not go unnoticed.
type Mutant struct {
	Trial     *Trial
	Policy    *Policy
	Statement int // of the original
	Change    string
	Text      *Document
	// suspects are the actions whose questions are the likeliest to notice.
	suspects []string
}

func (m Mutant) String() string {
	return fmt.Sprintf("%s: %s of %s, statement %d: %s", m.Trial.Name, m.Policy.Kind, m.Policy.Path, m.Statement, m.Change)
}

// Mutants are all changes of all statements that the construct makes or its grants make.
func (t *Trial) Mutants() []Mutant {
	var all []Mutant
	for _, p := range t.World.Policies {
		if p.Foreign && p.Kind == KindIdentity {
			all = append(all, t.detached(p))
		}
		if p.Foreign {
			continue
		}
		for i, s := range p.Document.Statement {
			if t.owns(p, s) {
				all = append(all, (&mutator{trial: t, policy: p, index: i, original: s}).all()...)
			}
		}
	}
	return all
}

// owns tells the construct's statements from those that the scenario brings along.
func (t *Trial) owns(p *Policy, s Statement) bool {
	for _, f := range t.Flows {
		if strings.HasPrefix(p.Path, f.Construct+"/") || p.Path == f.Construct {
			return true
		}
		for _, c := range f.Callers {
			if p.Kind == KindIdentity && p.Subject == roleName(c.Role) {
				return true
			}
		}
	}
	principal, _ := s["Principal"].(map[string]any)
	service, _ := principal["Service"].(string)
	return slices.Contains([]string{snsService, textractService, cloudWatchService}, service)
}

// detached is a managed policy taken away.
func (t *Trial) detached(p *Policy) Mutant {
	return Mutant{Trial: t, Policy: p, Change: "without the managed policy", Text: &Document{Version: policyVersion}}
}

// mutator changes one statement.
type mutator struct {
	trial    *Trial
	policy   *Policy
	index    int
	original Statement
	mutants  []Mutant
}

func (m *mutator) all() []Mutant {
	m.remove()
	m.withoutItems("Action")
	m.withoutItems("Resource")
	m.withoutConditions()
	if m.original["Effect"] == "Deny" {
		m.narrowDeny()
		return m.mutants
	}
	m.narrowPatterns()
	m.widenResources()
	m.widenConditions()
	m.widenPrincipal()
	m.addActions()
	return m.mutants
}

func (m *mutator) remove() {
	d := *m.policy.Document
	d.Statement = slices.Delete(slices.Clone(d.Statement), m.index, m.index+1)
	m.add("without it", &d, nil)
}

func (m *mutator) add(change string, text *Document, suspects []string) {
	if suspects == nil {
		suspects = items(m.original["Action"])
	}
	m.mutants = append(m.mutants, Mutant{m.trial, m.policy, m.index, change, text, suspects})
}

// with adds the mutant in which the statement has another value for an element.
func (m *mutator) with(change, element string, value any, suspects ...string) {
	s := maps.Clone(m.original)
	s[element] = value
	d := *m.policy.Document
	d.Statement = slices.Clone(d.Statement)
	d.Statement[m.index] = s
	m.add(change, &d, suspects)
}

// withoutItems takes the items of a list away, one by one; without its only item a statement says nothing.
func (m *mutator) withoutItems(element string) {
	list := items(m.original[element])
	if len(list) < 2 {
		return
	}
	for i, item := range list {
		m.with("without "+item, element, slices.Delete(slices.Clone(list), i, i+1))
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
		keys, _ := block[operator].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, condition{operator, key, items(keys[key])})
		}
	}
	return all
}

// withConditions adds the mutant with other conditions; none of them leaves the element out.
func (m *mutator) withConditions(change string, conditions []condition) {
	block := map[string]any{}
	for _, c := range conditions {
		keys, ok := block[c.operator].(map[string]any)
		if !ok {
			keys = map[string]any{}
			block[c.operator] = keys
		}
		keys[c.key] = c.values
	}
	s := maps.Clone(m.original)
	s["Condition"] = block
	if len(block) == 0 {
		delete(s, "Condition")
	}
	d := *m.policy.Document
	d.Statement = slices.Clone(d.Statement)
	d.Statement[m.index] = s
	m.add(change, &d, nil)
}

func (m *mutator) withoutConditions() {
	all := m.conditions()
	for i, c := range all {
		m.withConditions("without the condition on "+c.key, slices.Delete(slices.Clone(all), i, i+1))
		if len(c.values) < 2 {
			continue
		}
		for j, value := range c.values {
			fewer := slices.Clone(all)
			fewer[i].values = slices.Delete(slices.Clone(c.values), j, j+1)
			m.withConditions("without "+value+" for "+c.key, fewer)
		}
	}
}

// narrowDeny lets a call through, or everybody but some.
func (m *mutator) narrowDeny() {
	m.narrowPatterns()
	env := m.trial.World.Env
	m.with("for the account only", "Principal", map[string]any{"AWS": "arn:" + env.Partition + ":iam::" + env.Account + ":root"})
	m.with("for SNS only", "Principal", map[string]any{"Service": snsService})
}

// narrowPatterns replaces a pattern of actions by all but one of those that it stands for.
func (m *mutator) narrowPatterns() {
	list := items(m.original["Action"])
	for i, pattern := range list {
		if !strings.Contains(pattern, "*") || m.isAccountStatement() {
			continue
		}
		matched := m.matchedBy(pattern)
		for j, missing := range matched {
			narrowed := slices.Concat(list[:i], matched[:j], matched[j+1:], list[i+1:])
			m.with(pattern+" without "+missing, "Action", narrowed, missing)
		}
	}
}

// isAccountStatement recognizes the statement that leaves a key to the account's IAM policies, whatever these allow.
func (m *mutator) isAccountStatement() bool {
	return m.policy.Kind == KindKey && slices.Equal(items(m.original["Action"]), []string{"kms:*"})
}

func (m *mutator) matchedBy(pattern string) []string {
	var matched []string
	for _, action := range m.candidates() {
		if matches(pattern, action.Action) {
			matched = append(matched, action.Action)
		}
	}
	return matched
}

// candidates are the actions of the statement's services that a request on one of its resources can name, and whose requests can
// carry the keys of its conditions: any other action would say nothing there.
func (m *mutator) candidates() []ServiceAction {
	var all []ServiceAction
	seen := map[string]bool{}
	for _, f := range m.trial.Flows {
		for _, pattern := range items(m.original["Action"]) {
			service, _, _ := strings.Cut(pattern, ":")
			for _, action := range f.catalogue[service] {
				if !seen[action.Action] && len(m.nameable(action)) > 0 {
					seen[action.Action] = true
					all = append(all, action)
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b ServiceAction) int { return strings.Compare(a.Action, b.Action) })
	return all
}

// nameable are the resources of the statement that a request for an action can name.
func (m *mutator) nameable(action ServiceAction) []string {
	patterns := items(m.original["Resource"])
	var all []string
	for resource, keys := range action.Resources {
		own := m.policy.Kind == KindIdentity || bucketOf(resource) == m.policy.Subject
		if !own || len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p string) bool { return matches(p, resource) }) {
			continue
		}
		if !slices.ContainsFunc(m.conditions(), func(c condition) bool {
			return !strings.HasPrefix(c.key, "aws:") && !slices.Contains(keys, strings.ToLower(c.key))
		}) {
			all = append(all, resource)
		}
	}
	return all
}

// isGranted says that the role of an identity policy may do all that an action would add, by another statement.
func (m *mutator) isGranted(action ServiceAction) bool {
	if m.policy.Kind != KindIdentity {
		return false
	}
	for _, f := range m.trial.Flows {
		for _, c := range f.Callers {
			if roleName(c.Role) == m.policy.Subject {
				return !slices.ContainsFunc(m.nameable(action), func(resource string) bool {
					return !m.trial.granted[call{c.Role, action.Action, resource}]
				})
			}
		}
	}
	return false
}

func (m *mutator) addActions() {
	list := items(m.original["Action"])
	for _, action := range m.candidates() {
		there := slices.ContainsFunc(list, func(p string) bool { return matches(p, action.Action) })
		if there || action.Action == needsNoPermission || m.isGranted(action) {
			continue
		}
		m.with("with "+action.Action, "Action", append(slices.Clone(list), action.Action), action.Action)
	}
}

func (m *mutator) widenResources() {
	list := items(m.original["Resource"])
	for i, resource := range list {
		for _, wider := range widened(resource) {
			if isOtherService(resource, wider) {
				continue
			}
			changed := slices.Clone(list)
			changed[i] = wider
			m.with(resource+" widened to "+wider, "Resource", changed)
		}
	}
}

// patternOperators compare with wildcards where the others take a star as it is.
var patternOperators = map[string]string{"StringEquals": "StringLike", "ArnEquals": "ArnLike"}

func (m *mutator) widenConditions() {
	all := m.conditions()
	for i, c := range all {
		for j, value := range c.values {
			for _, wider := range widened(value) {
				changed := slices.Clone(all)
				changed[i].values = slices.Clone(c.values)
				changed[i].values[j] = wider
				if pattern, ok := patternOperators[c.operator]; ok {
					changed[i].operator = pattern
				}
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
		stranger := "arn:" + m.trial.World.Env.Partition + ":iam::" + strangerAccount + ":root"
		m.with("for another account too", "Principal", map[string]any{"AWS": append(items(account), stranger)})
	}
}

// isOtherService recognizes the change that says nothing in a resource: an action of one service never names another's.
func isOtherService(resource, wider string) bool {
	parts := strings.SplitN(wider, ":", 6)
	return len(parts) == 6 && parts[2] == "*" && strings.SplitN(resource, ":", 6)[2] != "*"
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
	if len(parts) < 6 {
		return wider
	}
	for i, part := range parts {
		if i == 0 || part == "" || part == "*" {
			continue
		}
		changed := slices.Clone(parts)
		changed[i] = "*"
		wider = append(wider, strings.Join(changed, ":"))
	}
	return wider
}

// items takes the value of an element that holds one text or several.
func items(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []string:
		return slices.Clone(v)
	default:
		list, err := stringsOf(v)
		if err != nil {
			text, _ := json.Marshal(v)
			panic(fmt.Errorf("element %s: %w", text, err))
		}
		return list
	}
}

// matches compares as IAM does, for the choice of mutants alone: no answer depends on it.
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
