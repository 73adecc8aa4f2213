package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/printable"
)

// Result is what a check came to.
type Result string

// The results of checks.
const (
	OK      Result = "ok"
	Wrong   Result = "wrong"
	Warning Result = "warning"
	Unknown Result = "unknown" // not judged: a read failed, or a policy has something that doctor does not know
	Skipped Result = "skipped" // nothing to check, because another check is wrong or unknown
	// NotInTemplate is not judged, because templates do not have it. It is no fault of theirs.
	NotInTemplate Result = "not-in-template"
)

// Check is one line of the report.
type Check struct {
	// ID names the check; it does not change.
	ID string `json:"id"`
	// Step is the number of the guide's step, empty for what the guide does not number.
	Step string `json:"step,omitempty"`
	// Result is what the check came to.
	Result Result `json:"result"`
	// Found says what was found.
	Found string `json:"found"`
	// Near are the statements that decide, cannot be judged, or miss by one element.
	Near []string `json:"near,omitempty"`
	// Add is the statement to add.
	Add *Statement `json:"add,omitempty"`
	// To is the policy that the statement belongs in.
	To string `json:"to,omitempty"`
	// Run is the command that fixes it.
	Run string `json:"run,omitempty"`
	// Docs is the address of the documentation.
	Docs string `json:"docs,omitempty"`
}

// Statement is a statement of a policy.
type Statement struct {
	Effect    string
	Principal map[string]string `json:",omitempty"`
	Action    []string
	Resource  []string                     `json:",omitempty"`
	Condition map[string]map[string]string `json:",omitempty"`
}

// Report is what doctor found.
type Report struct {
	// SetUp names the set-up of templates that have several.
	SetUp    string `json:"setUp,omitempty"`
	Caller   string `json:"caller"`
	Region   string `json:"region"`
	Wrong    int    `json:"wrong"`
	Warnings int    `json:"warnings"`
	Unknown  int    `json:"unknown"`
	Skipped  int    `json:"skipped"`
	// NotInTemplate counts what templates do not have.
	NotInTemplate int     `json:"notInTemplate,omitempty"`
	Reads         int     `json:"reads"`
	Checks        []Check `json:"checks"`
}

// docs has an anchor for each check.
const docs = "https://github.com/cdk-textract/textractasync/blob/main/docs/doctor.md#"

func (r *Report) add(c Check) {
	if c.Result == Unknown && strings.Contains(c.Found, notInTemplate) {
		c.Result, c.Found = NotInTemplate, strings.TrimPrefix(c.Found, "not judged: ")
	}
	switch c.Result {
	case Wrong:
		r.Wrong++
	case Warning:
		r.Warnings++
	case Unknown:
		r.Unknown++
	case Skipped:
		r.Skipped++
	case NotInTemplate:
		r.NotInTemplate++
	}
	if c.Result != OK && c.Result != Skipped && c.Result != NotInTemplate {
		c.Docs = docs + c.ID
	}
	r.Checks = append(r.Checks, c)
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return err
	}
	_, err := io.WriteString(w, printable.JSON(text.String()))
	return err
}

// Style is how a report is written as text.
type Style struct {
	// ASCII avoids characters that are not ASCII.
	ASCII bool
	// Color writes the marks in color.
	Color bool
}

var marks = map[Result]struct{ mark, ascii, color string }{
	OK:      {"✓", "ok", "\x1b[32m"},
	Wrong:   {"✗", "XX", "\x1b[31m"},
	Warning: {"!", "!!", "\x1b[33m"},
	Unknown: {"?", "??", "\x1b[33m"},
	Skipped: {"-", "--", "\x1b[2m"},

	NotInTemplate: {"·", "..", "\x1b[2m"},
}

const (
	endColor   = "\x1b[0m"
	labelWidth = 19
	indent     = "    "
)

// WriteText writes a line for each check, with what helps below those that are not right, and a
// summary with the exit code.
func (r *Report) WriteText(w io.Writer, style Style, exitCode int) error {
	var text strings.Builder
	if r.SetUp != "" {
		fmt.Fprintf(&text, "%s, ", printable.Text(r.SetUp))
	}
	caller := cmp.Or(r.Caller, notInTemplate)
	fmt.Fprintf(&text, "caller %s, %s\n", printable.Text(caller), printable.Text(r.Region))
	for _, c := range r.Checks {
		text.WriteString(style.mark(c.Result))
		fmt.Fprintf(&text, " %1s %-*s %s\n", c.Step, labelWidth, c.ID, printable.Text(c.Found))
		for _, near := range c.Near {
			text.WriteString(indent + printable.Text(near) + "\n")
		}
		if c.Add != nil {
			statement, err := statementText(c.Add)
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "%sadd to %s:\n%s%s\n", indent, printable.Text(c.To), indent, printable.Text(statement))
		}
		if c.Run != "" {
			text.WriteString(indent + "run: " + printable.Text(c.Run) + "\n")
		}
		if c.Docs != "" {
			text.WriteString(indent + c.Docs + "\n")
		}
	}
	text.WriteString(r.summary(exitCode) + "\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteAnnotations writes what is not right as GitHub's workflow commands.
// See: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func (r *Report) WriteAnnotations(w io.Writer, file string) error {
	levels := map[Result]string{Wrong: "error", Warning: "warning", Unknown: "warning"}
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	var text strings.Builder
	for _, c := range r.Checks {
		level, ok := levels[c.Result]
		if !ok {
			continue
		}
		lines := append([]string{c.Found}, c.Near...)
		if c.Add != nil {
			statement, err := statementText(c.Add)
			if err != nil {
				return err
			}
			lines = append(lines, "add to "+c.To+": "+statement)
		}
		lines = append(lines, c.Docs)
		for i := range lines {
			lines[i] = printable.Text(lines[i])
		}
		parameters := "title=" + property.Replace("textract-async doctor: "+c.ID)
		if file != "" {
			parameters = "file=" + property.Replace(printable.Text(file)) + "," + parameters
		}
		fmt.Fprintf(&text, "::%s %s::%s\n", level, parameters, data.Replace(strings.Join(lines, "\n")))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (r *Report) summary(exitCode int) string {
	if r.Wrong+r.Warnings+r.Unknown+r.NotInTemplate == 0 {
		return fmt.Sprintf("nothing wrong: %d checks, %d reads (what Textract itself does is not checked)", len(r.Checks), r.Reads)
	}
	parts := []string{fmt.Sprintf("%d wrong", r.Wrong)}
	for _, count := range []struct {
		n    int
		what string
	}{{r.Warnings, "warnings"}, {r.Unknown, "not judged"}, {r.NotInTemplate, notInTemplate}, {r.Skipped, "skipped"}} {
		switch {
		case count.n == 1 && count.what == "warnings":
			parts = append(parts, "1 warning")
		case count.n > 0:
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	return fmt.Sprintf("%s; exit code %d", strings.Join(parts, ", "), exitCode)
}

func (s Style) mark(result Result) string {
	m := marks[result]
	mark := m.mark
	if s.ASCII {
		mark = m.ascii
	}
	if s.Color {
		return m.color + mark + endColor
	}
	return mark
}

func statementText(statement *Statement) (string, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(statement); err != nil {
		return "", err
	}
	return strings.TrimSpace(text.String()), nil
}
