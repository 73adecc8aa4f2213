package docscheck

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var warningID = regexp.MustCompile(`warningPrefix \+ "(\w+)"`)

// TestWarningsAreDocumented finds every warning of the construct in the table of docs/existing-resources.md.
func TestWarningsAreDocumented(t *testing.T) {
	files, err := filepath.Glob("../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, file := range files {
		for _, found := range warningID.FindAllStringSubmatch(readFile(t, file), -1) {
			ids[found[1]] = true
		}
	}
	if len(ids) == 0 {
		t.Fatal("no warning found")
	}
	_, table, _ := strings.Cut(readFile(t, filepath.Join(docs, "existing-resources.md")), "\n## Warnings\n")
	table, _, _ = strings.Cut(table, "\n## ")
	documented := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(table, -1) {
		documented[row[1]] = true
		if !ids[row[1]] {
			t.Errorf("warning %s is documented, and nothing raises it", row[1])
		}
	}
	for id := range ids {
		if !documented[id] {
			t.Errorf("warning %s is not documented", id)
		}
	}
}
