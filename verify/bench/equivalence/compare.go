package equivalence

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Difference is what two templates do not have in common.
type Difference struct {
	// How resources and outputs differ; empty when they are the same.
	Resources string
	// What only the first and only the second allow or deny.
	OnlyFirst, OnlySecond []Permission
}

// Compare compares two templates.
func Compare(first, second *Template) Difference {
	a, b := newNaming(first, second), newNaming(second, first)
	inFirst, inSecond := a.permissions(first), b.permissions(second)
	return Difference{
		Resources:  cmp.Diff(a.describe(first), b.describe(second)),
		OnlyFirst:  group(subtract(inFirst, inSecond)),
		OnlySecond: group(subtract(inSecond, inFirst)),
	}
}

// describe has a line for each resource and output, sorted.
func (n *naming) describe(t *Template) []string {
	var lines []string
	for id, r := range t.Resources {
		lines = append(lines, r.Type+" "+n.labels[id]+" "+encode(n.properties(r)))
	}
	for id, output := range t.Outputs {
		lines = append(lines, "Output "+id+" "+encode(n.value(map[string]any(output))))
	}
	slices.Sort(lines)
	return lines
}

// Permission is what a policy says to one set of resources under one condition.
type Permission struct {
	Policy    string // of what
	Effect    string
	Principal string
	Actions   []string
	Resource  string
	Condition string
}

// String has it on one line.
func (p Permission) String() string {
	text := fmt.Sprintf("%s: %s %s on %s", p.Policy, p.Effect, strings.Join(p.Actions, ", "), p.Resource)
	if p.Principal != "" {
		text += " to " + p.Principal
	}
	if p.Condition != "" {
		text += " if " + p.Condition
	}
	return text
}

// atom is a permission for one action.
type atom struct{ policy, effect, principal, action, resource, condition string }

func (n *naming) permissions(t *Template) map[atom]bool {
	atoms := map[atom]bool{}
	for id, r := range t.Resources {
		for _, name := range policies {
			document, ok := r.Properties[name].(map[string]any)
			if !ok {
				continue
			}
			for _, s := range list(document["Statement"]) {
				n.split(atoms, n.ownerOf(id, r), s.(map[string]any))
			}
		}
	}
	return atoms
}

// ownerOf is what a policy belongs to, where it is a resource of its own.
func (n *naming) ownerOf(id string, r Resource) string {
	for _, owner := range []string{"Roles", "Queues", "Topics", "Bucket"} {
		if value, ok := r.Properties[owner]; ok {
			return fmt.Sprint(n.value(value))
		}
	}
	return n.label(id)
}

func (n *naming) split(atoms map[atom]bool, owner string, s map[string]any) {
	principal, condition := n.optional(s["Principal"]), n.optional(s["Condition"])
	resources := list(s["Resource"])
	if len(resources) == 0 {
		resources = []any{"itself"} // trust policies name none
	}
	for _, action := range list(s["Action"]) {
		for _, resource := range resources {
			atoms[atom{
				policy: owner, effect: fmt.Sprint(s["Effect"]), principal: principal,
				action: fmt.Sprint(action), resource: fmt.Sprint(n.value(resource)), condition: condition,
			}] = true
		}
	}
}

func (n *naming) optional(v any) string {
	if v == nil {
		return ""
	}
	return encode(n.value(v))
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func subtract(from, what map[atom]bool) []atom {
	var left []atom
	for a := range from {
		if !what[a] {
			left = append(left, a)
		}
	}
	return left
}

// group puts the actions of otherwise equal permissions together.
func group(atoms []atom) []Permission {
	grouped := map[atom][]string{}
	for _, a := range atoms {
		action := a.action
		a.action = ""
		grouped[a] = append(grouped[a], action)
	}
	permissions := make([]Permission, 0, len(grouped))
	for a := range maps.Keys(grouped) {
		actions := grouped[a]
		slices.Sort(actions)
		permissions = append(permissions, Permission{
			Policy: a.policy, Effect: a.effect, Principal: a.principal,
			Actions: actions, Resource: a.resource, Condition: a.condition,
		})
	}
	slices.SortFunc(permissions, func(a, b Permission) int { return strings.Compare(a.String(), b.String()) })
	return permissions
}
