package proof

import (
	"fmt"
	"maps"
	"strings"
)

// Row is a line of the matrix: it asks a question or more of each expectation.
type Row struct {
	id                  string
	who, call, on, when string
	allowed             bool
	source              source
	ask                 func(e *Expectation) []use
}

// Part is a part of the matrix.
type Part struct {
	title string
	rows  []*Row
}

// use is a call.
type use struct {
	who              principal
	action, resource string
	context          map[string]string
}

// Question is a call with the answer that it must have.
type Question struct {
	use
	row *Row
}

func (q Question) String() string {
	answer := "denied"
	if q.row.allowed {
		answer = "allowed"
	}
	return fmt.Sprintf("[%s] %s %s on %s with %v must be %s", q.row.id, q.who.id, q.action, q.resource, q.context, answer)
}

// permission is something that somebody may do. It makes up to four rows: those who may, all others, misuses by those who may, and
// plain HTTP.
type permission struct {
	id                  string
	who, call, on, when string
	source              source
	may                 func(e *Expectation) []principal
	uses                func(e *Expectation) []use // without a principal

	others    func(e *Expectation) []principal // who may not
	othersAre string                           // "everybody else" by default
	claiming  string                           // the condition under which others ask, by default when

	nearMisses string // text of the resources that are like those of the uses
	misuses    func(e *Expectation) []use
	misuse     string // text of the condition of the misuses; without near misses

	http *source // where the policy of the resource must deny plain HTTP
}

func (p permission) rows() []*Row {
	rows := []*Row{{id: p.id, who: p.who, call: p.call, on: p.on, when: p.when, allowed: true, source: p.source, ask: func(e *Expectation) []use {
		return by(p.may(e), p.uses(e))
	}}}
	if p.others != nil {
		rows = append(rows, &Row{
			id: p.id + "/others", who: or(p.othersAre, "everybody else"), call: p.call, on: p.on, when: or(p.claiming, p.when), source: evaluation,
			ask: func(e *Expectation) []use { return by(p.others(e), p.uses(e)) },
		})
	}
	if p.nearMisses != "" || p.misuse != "" {
		src := evaluation
		if p.nearMisses == "" {
			src = deputy
		}
		rows = append(rows, &Row{
			id: p.id + "/misuse", who: p.who, call: p.call, on: or(p.nearMisses, p.on), when: p.misuse, source: src,
			ask: func(e *Expectation) []use { return by(p.may(e), p.misusesOf(e)) },
		})
	}
	if p.http != nil {
		rows = append(rows, &Row{
			id: p.id + "/http", who: p.who, call: p.call, on: p.on, when: "plain HTTP", source: *p.http,
			ask: func(e *Expectation) []use {
				if e.AllowHTTP && *p.http != s3Transit || e.BucketsAllowHTTP && *p.http == s3Transit {
					return nil
				}
				return by(p.may(e), overHTTP(p.uses(e)))
			},
		})
	}
	return rows
}

func (p permission) misusesOf(e *Expectation) []use {
	var all []use
	if p.misuses != nil {
		all = p.misuses(e)
	}
	if p.nearMisses == "" {
		return all
	}
	for _, u := range p.uses(e) {
		for _, resource := range nearMisses(u.resource) {
			all = append(all, use{action: u.action, resource: resource, context: u.context})
		}
	}
	for _, other := range e.Others {
		all = append(all, p.uses(other)...)
	}
	return all
}

// by lets everybody make all calls.
func by(who []principal, uses []use) []use {
	var all []use
	for _, caller := range who {
		for _, u := range uses {
			u.who = caller
			all = append(all, u)
		}
	}
	return all
}

// calls is empty where the resource is not there.
func calls(resource string, context map[string]string, actions ...string) []use {
	var all []use
	for _, action := range actions {
		if resource != "" {
			all = append(all, use{action: action, resource: resource, context: context})
		}
	}
	return all
}

// overTLS is the context of every call but those over plain HTTP; pairs add to it.
func overTLS(pairs ...string) map[string]string {
	context := map[string]string{"aws:SecureTransport": "true"}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			context[pairs[i]] = pairs[i+1]
		}
	}
	return context
}

func overHTTP(uses []use) []use {
	changed := make([]use, len(uses))
	for i, u := range uses {
		u.context = maps.Clone(u.context)
		u.context["aws:SecureTransport"] = "false"
		changed[i] = u
	}
	return changed
}

// from is the context of a call that a service makes for a resource of an account.
func from(arn, account string) map[string]string {
	return overTLS("aws:SourceArn", arn, "aws:SourceAccount", account)
}

// via is the context of a call that a service makes to KMS for its caller.
func (e *Expectation) via(service string) map[string]string {
	return overTLS("kms:ViaService", service+"."+e.Env.Region+".amazonaws.com")
}

// questions are those of the rows. A key that is known by its alias has it in the context.
func (e *Expectation) questions(rows []*Row) []Question {
	var all []Question
	for _, row := range rows {
		for _, u := range row.ask(e) {
			if len(e.Aliases) > 0 && strings.Contains(u.resource, ":key/") {
				u.context = maps.Clone(u.context)
				u.context[resourceAliases] = e.aliasOf(u.resource)
			}
			all = append(all, Question{u, row})
		}
	}
	return all
}

const resourceAliases = "kms:ResourceAliases"

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
