package textractasync_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeSnippet compares the app in README.md with the Example, which compiles, and keeps it short.
func TestReadmeSnippet(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```go\n(package main.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("README.md has no app")
	}
	if got, want := bodyOf(t, string(block[1]), "main"), bodyOf(t, readFile(t, "example_test.go"), "Example"); got != want {
		t.Errorf("README.md has\n%s\nthe Example\n%s", got, want)
	}
	lines := 0
	for line := range strings.Lines(string(block[1])) {
		if strings.TrimSpace(line) != "" {
			lines++
		}
	}
	if lines >= 15 {
		t.Errorf("%d lines, want fewer than 15", lines)
	}
}

func bodyOf(t *testing.T, source, function string) string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Name.Name == function {
			return source[files.Position(f.Body.Lbrace).Offset:files.Position(f.Body.End()).Offset]
		}
	}
	t.Fatalf("no function %s", function)
	return ""
}

// TestGuideTable compares docs/guide.md with TestGuide: each step of one is in the other.
func TestGuideTable(t *testing.T) {
	inTable := map[string]bool{}
	_, table, _ := strings.Cut(readFile(t, "docs/guide.md"), "<!-- table -->")
	for _, row := range regexp.MustCompile(`(?m)^\| (\w+) \|`).FindAllStringSubmatch(table, -1) {
		inTable[row[1]] = true
	}
	inTest := map[string]bool{"step": true, "9": true} // the header; the examples are those of textractclient
	for _, row := range regexp.MustCompile(`(?m)^\t\t\{"(\w+)", "`).FindAllStringSubmatch(readFile(t, "construct_test.go"), -1) {
		inTest[row[1]] = true
	}
	for step := range inTable {
		if !inTest[step] {
			t.Errorf("step %s of docs/guide.md has no test", step)
		}
	}
	for step := range inTest {
		if !inTable[step] {
			t.Errorf("step %s is tested and not in docs/guide.md", step)
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
