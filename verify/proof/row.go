package proof

import (
	"maps"
	"strings"
)

// Row is a line of the matrix. It stands for a question or more in each flow that it fits.
type Row struct {
	ID     string
	Who    string
	Call   string
	On     string
	When   string
	Want   bool
	Source Source
	ask    func(f *Flow) []use
}

// use is a question without its row.
type use struct {
	who      Principal
	action   string
	resource string
	context  map[string]string
}

// Part is a part of the matrix.
type Part struct {
	Title string
	Rows  []*Row
}

// Parts is the whole matrix, in the order in which a job runs.
func Parts() []Part {
	return []Part{
		{"Callers", callerRows()},
		{"Textract assumes the service role", assumeRows()},
		{"The service role publishes", publishRows()},
		{"SNS delivers", deliveryRows()},
		{"CloudWatch sends alarms", alarmRows()},
		{"Administrators", administratorRows()},
		{"Everything else", RestRows()},
	}
}

// Rows are those that name what they ask; RestRows ask for everything else.
func Rows() []*Row {
	var rows []*Row
	parts := Parts()
	for _, part := range parts[:len(parts)-1] {
		rows = append(rows, part.Rows...)
	}
	return rows
}

// questions asks every row of a flow.
func questions(f *Flow, rows []*Row) []Question {
	var all []Question
	for _, row := range rows {
		for _, u := range row.ask(f) {
			all = append(all, Question{row, f, u.who, u.action, u.resource, u.context, row.Want})
		}
	}
	return all
}

// overTLS is the context of every call that is not a misuse of the network; pairs add to it.
func overTLS(pairs ...string) map[string]string { return contextOf("true", pairs) }

func overHTTP(pairs ...string) map[string]string { return contextOf("false", pairs) }

func contextOf(secure string, pairs []string) map[string]string {
	context := map[string]string{"aws:SecureTransport": secure}
	for i := 0; i < len(pairs); i += 2 {
		context[pairs[i]] = pairs[i+1]
	}
	return context
}

func insecure(context map[string]string) map[string]string {
	changed := maps.Clone(context)
	changed["aws:SecureTransport"] = "false"
	return changed
}

// via is the context of a call that a service makes to KMS for the one who called it.
func (f *Flow) via(name string) map[string]string {
	return overTLS("kms:ViaService", name+"."+f.Env.Region+".amazonaws.com")
}

// withGrant are the callers that have one of the grants.
func (f *Flow) withGrant(wanted grants) []Principal {
	var holders []Principal
	for _, c := range f.Callers {
		if c.Grants&wanted != 0 {
			holders = append(holders, c.principal())
		}
	}
	return holders
}

// withoutGrant are all others: callers, a role without policies, another account and the callers of other constructs.
func (f *Flow) withoutGrant(wanted grants) []Principal {
	others := []Principal{f.outsider(), f.stranger(), f.trustedStranger()}
	for _, c := range f.Callers {
		if c.Grants&wanted == 0 {
			others = append(others, c.principal())
		}
	}
	for _, neighbour := range f.Others {
		for _, c := range neighbour.Callers {
			others = append(others, c.principal())
		}
	}
	return others
}

// holders names the grants for the table.
func holders(wanted grants) string {
	var names []string
	for _, name := range callerNames {
		if grantsOf[name]&wanted != 0 {
			names = append(names, strings.ToLower(name))
		}
	}
	return strings.Join(names, ", ")
}
