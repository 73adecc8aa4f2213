// Package securitydoc writes the part of docs/security.md that the proof and the rule packs know better than any author.
package securitydoc

import (
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/verify/proof"
	"github.com/cdk-textract/textractasync/verify/rulepacks"
)

const (
	begin = "<!-- What follows is generated: go test ./securitydoc -update in verify rewrites it. -->\n"
	end   = "<!-- End of what is generated. -->\n"
)

// Update returns the page with a new generated part.
func Update(page string) (string, error) {
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", fmt.Errorf("no line %q", begin)
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("no line %q", end)
	}
	return before + begin + generate() + end + after, nil
}

func generate() string {
	var b strings.Builder
	writeMatrix(&b)
	writeExplanations(&b)
	writeExceptions(&b)
	return b.String()
}

func writeMatrix(b *strings.Builder) {
	b.WriteString("\n## The matrix\n")
	for _, part := range proof.Parts() {
		fmt.Fprintf(b, "\n### %s\n\n", part.Title)
		writeRow(b, "who", "call", "on", "when", "answer", "source")
		writeRow(b, "---", "---", "---", "---", "---", "---")
		for _, row := range part.Rows {
			answer := "denied"
			if row.Want {
				answer = "**allowed**"
			}
			writeRow(b, row.Who, row.Call, row.On, row.When, answer, "["+row.Source.Title+"]("+row.Source.URL+")")
		}
	}
}

func writeExplanations(b *strings.Builder) {
	b.WriteString("\n## Mutants that nothing can notice\n\n")
	writeRow(b, "mutant", "why it changes nothing")
	writeRow(b, "---", "---")
	for _, e := range proof.Explanations() {
		writeRow(b, e.Mutant, e.Reason)
	}
}

func writeExceptions(b *strings.Builder) {
	b.WriteString("\n## Findings of rule packs that stand\n\n")
	writeRow(b, "rule", "at", "finding", "why it stands")
	writeRow(b, "---", "---", "---", "---")
	for _, e := range rulepacks.Exceptions() {
		writeRow(b, "`"+e.Rules+"`", e.Where, e.Finding, e.Reason)
	}
	b.WriteString("\n")
}

// writeRow escapes what Markdown would take for emphasis or a column.
func writeRow(b *strings.Builder, cells ...string) {
	for i, cell := range cells {
		if !strings.Contains(cell, "`") && !strings.Contains(cell, "**") {
			cells[i] = strings.ReplaceAll(cell, "*", `\*`)
		}
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
