package proof

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Part is a part of the matrix.
type Part struct {
	title string
	rows  []*Row
}

// Row is a line of the matrix: calls that must all be allowed, or all be denied.
type Row struct {
	id                  string
	who, call, on, when string // for the reader
	source              source
	allowed             bool
	calls               []call
}

func (r *Row) answer() string {
	if r.allowed {
		return "allowed"
	}
	return "denied"
}

// call is a request of a principal, whose answer is that of the row.
type call struct {
	row              *Row
	by               principal
	action, resource string
	context          context
}

// context has the values of condition keys.
type context map[string]string

// list is short for the lists of actions and resources.
type list = []string

// permission is something that somebody may do: the actions on the resources in the contexts. It
// makes up to four rows: those who may, all others, misuses by those who may, and plain HTTP.
type permission struct {
	id, who   string
	actions   list
	call      string // text for the actions, by default their names
	on        string
	resources list // an empty one is not there
	when      string
	contexts  []context // with no key but TLS's by default
	source    source
	may       []principal

	others    []principal // who may not; no row without
	othersAre string      // "everybody else" by default
	claiming  string      // the condition under which others ask, by default when

	nearMisses    string // text for resources that are like these; misuses are on nearMisses(…) and on those of other constructs too
	near          list   // further ones
	misuse        string // text for wrongContexts
	wrongContexts []context

	http source // where the resource's policy must deny plain HTTP
}

func (p permission) uses() []call { return p.usesOf(p.resources) }

func (p permission) usesOf(resources list) []call {
	if p.contexts == nil {
		p.contexts = []context{overTLS()}
	}
	return calls(p.actions, resources, p.contexts...)
}

// misuses are those that the permission names.
func (p permission) misuses() []call {
	return append(p.usesOf(p.near), calls(p.actions, p.resources, p.wrongContexts...)...)
}

// rows of permissions. What one allows on the resources of another construct is a misuse here.
func (e *Expectation) rows(permissions func(e *Expectation) []permission, more ...*Row) []*Row {
	var rows []*Row
	for i, p := range permissions(e) {
		misuses := p.misuses()
		if p.nearMisses != "" {
			for _, resource := range p.resources {
				misuses = append(misuses, p.usesOf(nearMisses(resource))...)
			}
			for _, other := range e.Others {
				misuses = append(misuses, permissions(other)[i].uses()...)
			}
		}
		rows = append(rows, p.rows(e, misuses)...)
	}
	return append(rows, more...)
}

func (p permission) rows(e *Expectation, misuses []call) []*Row {
	text := cmp.Or(p.call, strings.Join(p.actions, ", "))
	rows := []*Row{{
		id: p.id, who: p.who, call: text, on: p.on, when: p.when, source: p.source, allowed: true, calls: by(p.may, p.uses()),
	}}
	if p.others != nil {
		rows = append(rows, &Row{
			id: p.id + "/others", who: cmp.Or(p.othersAre, "everybody else"), call: text, on: p.on, when: cmp.Or(p.claiming, p.when),
			source: evaluation, calls: by(p.others, p.uses()),
		})
	}
	if p.nearMisses != "" || p.misuse != "" {
		row := &Row{id: p.id + "/misuse", who: p.who, call: text, on: p.nearMisses, source: evaluation, calls: by(p.may, misuses)}
		if p.misuse != "" {
			row.on, row.when, row.source = p.on, p.misuse, deputy
		}
		rows = append(rows, row)
	}
	if p.http != (source{}) {
		row := &Row{id: p.id + "/http", who: p.who, call: text, on: p.on, when: "plain HTTP", source: p.http}
		mayAllow := e.AllowHTTP
		if p.http == s3Transit {
			mayAllow = e.BucketsAllowHTTP
		}
		if !mayAllow {
			row.calls = by(p.may, overHTTP(p.uses()))
		}
		rows = append(rows, row)
	}
	return rows
}

// by lets every principal make all calls.
func by(who []principal, all []call) []call {
	var made []call
	for _, caller := range who {
		for _, c := range all {
			c.by = caller
			made = append(made, c)
		}
	}
	return made
}

// calls are all actions on all resources in all contexts, without a principal.
func calls(actions, resources list, contexts ...context) []call {
	var all []call
	for _, resource := range resources {
		if resource == "" {
			continue // not there
		}
		for _, c := range contexts {
			for _, action := range actions {
				all = append(all, call{action: action, resource: resource, context: c})
			}
		}
	}
	return all
}

// overTLS is the context of every call but those over plain HTTP; pairs add to it, except those
// with an empty value.
func overTLS(pairs ...string) context {
	c := context{"aws:SecureTransport": "true"}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			c[pair[0]] = pair[1]
		}
	}
	return c
}

func overHTTP(all []call) []call {
	changed := slices.Clone(all)
	for i := range changed {
		changed[i] = changed[i].with("aws:SecureTransport", "false")
	}
	return changed
}

// with is the call with another value in its context.
func (c call) with(key, value string) call {
	c.context = maps.Clone(c.context)
	c.context[key] = value
	return c
}

// from is the context of a call that a service makes for a resource of an account.
func from(arn, account string) context {
	return overTLS("aws:SourceArn", arn, "aws:SourceAccount", account)
}

// via is the context of a call that a service makes to KMS for its caller.
func (e *Expectation) via(service string) []context {
	return []context{overTLS("kms:ViaService", service+"."+e.Env.Region+".amazonaws.com")}
}

func (c *call) String() string {
	return fmt.Sprintf("[%s] %s %s on %s with %v must be %s", c.row.id, c.by.id, c.action, c.resource, c.context, c.row.answer())
}
