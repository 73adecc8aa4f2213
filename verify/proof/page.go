package proof

import (
	"fmt"
	"strings"

	"github.com/cdk-textract/textractasync/verify/rulepacks"
)

// matrixPage is the page whose generated part has the matrix.
const matrixPage = "../../docs/security-matrix.md"

const (
	pageBegin = "<!-- What follows is generated: go test ./proof -update in verify rewrites it. -->\n"
	pageEnd   = "<!-- End of what is generated. -->\n"
)

func generatedPart() string {
	var b strings.Builder
	b.WriteString("\n## The matrix\n")
	for _, part := range (&Expectation{}).matrix() {
		b.WriteString("\n### " + part.title + "\n\n")
		writeRow(&b, "who", "call", "on", "when", "answer", "source")
		writeRow(&b, "---", "---", "---", "---", "---", "---")
		for _, row := range part.rows {
			answer := row.answer()
			if row.allowed {
				answer = "**" + answer + "**"
			}
			writeRow(&b, row.who, row.call, row.on, row.when, answer, fmt.Sprintf("[%s](%s)", row.source.title, row.source.url))
		}
	}
	b.WriteString("\n## Mutants that change nothing\n\n")
	writeRow(&b, "mutant", "why it changes nothing")
	writeRow(&b, "---", "---")
	for _, e := range explanations {
		writeRow(&b, e.mutant, e.reason)
	}
	b.WriteString("\n## Accepted findings of rule packs\n\n")
	writeRow(&b, "rule", "at", "finding", "why it is accepted")
	writeRow(&b, "---", "---", "---", "---")
	for _, e := range rulepacks.Exceptions() {
		writeRow(&b, "`"+e.Rules+"`", e.Where, e.Finding, e.Reason)
	}
	b.WriteString("\n")
	return b.String()
}

// writeRow escapes what Markdown would read as emphasis.
func writeRow(b *strings.Builder, cells ...string) {
	for i, cell := range cells {
		if !strings.Contains(cell, "`") && !strings.Contains(cell, "**") {
			cells[i] = strings.ReplaceAll(cell, "*", `\*`)
		}
	}
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}
