// Package rulepacks runs published sets of rules over what the scenarios synthesize.
package rulepacks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// Finding is what a rule has against a resource.
type Finding struct {
	Pack string
	Rule string
	// Detail is what the rule points at within the resource; empty where it means all of it.
	Detail string
	// Path of the construct, or of the template where the pack knows no constructs.
	Path string
	Text string
}

func (f Finding) String() string {
	detail := ""
	if f.Detail != "" {
		detail = "[" + f.Detail + "]"
	}
	return fmt.Sprintf("%s: %s%s at %s: %s", f.Pack, f.Rule, detail, f.Path, f.Text)
}

// Exception is a finding that stands, at the resources and for the rules that it names.
type Exception struct {
	// Rules is a name, or several with braces around the part in which they differ.
	Rules string
	// Where, Finding and Reason are for the reader.
	Where, Finding, Reason string

	rule, detail, path *regexp.Regexp
}

func (e Exception) String() string { return e.Rules + " at " + e.path.String() }

func (e Exception) fits(f Finding) bool {
	return e.rule.MatchString(f.Rule) && e.detail.MatchString(f.Detail) && e.path.MatchString(f.Path)
}

// Verdict sorts findings.
type Verdict struct {
	// Open are those without an exception.
	Open []Finding
	// Excepted and Scaffolding count by pack; scaffolding is what a scenario brings along, such as its buckets.
	Excepted, Scaffolding map[string]int
	// Unused are the exceptions that no finding needed.
	Unused []Exception
}

// Judge tells apart what the construct makes, itself or by its grants, and what the scenarios bring along.
func Judge(findings []Finding, exceptions []Exception) Verdict {
	v := Verdict{Excepted: map[string]int{}, Scaffolding: map[string]int{}}
	used := make([]bool, len(exceptions))
	for _, f := range findings {
		index := slices.IndexFunc(exceptions, func(e Exception) bool { return e.fits(f) })
		switch {
		case isScaffolding(f):
			v.Scaffolding[f.Pack]++
		case index >= 0:
			used[index] = true
			v.Excepted[f.Pack]++
		default:
			v.Open = append(v.Open, f)
		}
	}
	for i, e := range exceptions {
		if !used[i] {
			v.Unused = append(v.Unused, e)
		}
	}
	return v
}

// scaffolding are the ids of what scenarios bring along, below the stack.
var scaffolding = regexp.MustCompile(`^[^/]+/(Incoming|Archive|Results|LeftResults|RightResults|Documents|Queue|Topic|Role|Key)(/|$)`)

func isScaffolding(f Finding) bool { return scaffolding.MatchString(f.Path) }

// grantees are the paths of the policies that grants make.
var grantees = `/(Left|Right)?(` + strings.Join([]string{
	scenario.Starter, scenario.Listener, scenario.Reader, scenario.Runner, scenario.Passer, "Caller",
}, "|") + `)/DefaultPolicy/Resource$`
