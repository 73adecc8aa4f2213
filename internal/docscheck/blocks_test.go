package docscheck

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the blocks of docs/ that are copies")

const (
	docs     = "../../docs"
	snippets = "../../verify/snippets"
)

// TestSnippets holds the Go of docs/ to verify/snippets, which is compiled and synthesized there.
func TestSnippets(t *testing.T) {
	shown := map[string]bool{}
	for _, page := range docsPages(t) {
		text := readFile(t, page)
		for _, b := range Blocks(text) {
			if b.Language == "go" && b.Kind != "snippet" {
				t.Errorf("%s:%d: Go without a comment <!-- snippet: FILE REGION --> before it", page, b.Line)
			}
			if b.Kind == "snippet" {
				shown[b.Name] = true
			}
		}
		want, err := Rewrite(text, "snippet", snippet)
		if err != nil {
			t.Errorf("%s: %v", page, err)
			continue
		}
		snapshot.Page(t, page, text, want, *update)
	}
	for name := range regions(t) {
		if !shown[name] {
			t.Errorf("region %s is on no page", name)
		}
	}
}

// snippet reads "FILE REGION", or a file as a whole.
func snippet(name string) (string, error) {
	file, region, _ := strings.Cut(name, " ")
	source, err := os.ReadFile(filepath.Join(snippets, filepath.FromSlash(file)))
	if err != nil {
		return "", err
	}
	if region == "" {
		return string(source), nil
	}
	return Region(string(source), region)
}

func regions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, pattern := range []string{"*.go", "*/*.go"} {
		files, err := filepath.Glob(filepath.Join(snippets, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			for _, region := range Regions(readFile(t, file)) {
				name, err := filepath.Rel(snippets, file)
				if err != nil {
					t.Fatal(err)
				}
				names[filepath.ToSlash(name)+" "+region] = true
			}
		}
	}
	if len(names) == 0 {
		t.Fatalf("no region in %s", snippets)
	}
	return names
}

func docsPages(t *testing.T) []string {
	t.Helper()
	pages, err := Pages(docs)
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) == 0 {
		t.Fatalf("no page in %s", docs)
	}
	return pages
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRewrite(t *testing.T) {
	const page = "text\n\n<!-- snippet: a.go one -->\n```go\nold\n```\n\n" +
		"<!-- output: two -->\n\n```text\nkept\n```\n\nno marker\n```go\nkept too\n```\n"
	got, err := Rewrite(page, "snippet", func(name string) (string, error) { return "new " + name + "\n", nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(page, "old", "new a.go one", 1), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := []Block{
		{Kind: "snippet", Name: "a.go one", Language: "go", Text: "old\n", Line: 4},
		{Kind: "output", Name: "two", Language: "text", Text: "kept\n", Line: 10},
		{Language: "go", Text: "kept too\n", Line: 15},
	}
	if diff := cmp.Diff(want, Blocks(page)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRewriteTellsWhere(t *testing.T) {
	_, err := Rewrite("\n<!-- snippet: a.go -->\n```go\n```\n", "snippet", func(string) (string, error) {
		return "", errors.New("no such region")
	})
	if err == nil || err.Error() != "line 3: no such region" {
		t.Errorf("got %v", err)
	}
}

func TestRegion(t *testing.T) {
	const source = "package a\n\nfunc f() {\n\t// region one\n\tif true {\n\t\tg()\n\n\t}\n\t// endregion\n}\n// region open\n"
	got, err := Region(source, "one")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("if true {\n\tg()\n\n}\n", got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for name, want := range map[string]string{"two": `no region "two"`, "open": `region "open" has no end`} {
		if _, err := Region(source, name); err == nil || err.Error() != want {
			t.Errorf("region %s: got %v, want %s", name, err, want)
		}
	}
	if diff := cmp.Diff([]string{"one", "open"}, Regions(source)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
