package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckLink(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) string {
		t.Helper()
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("README.md", "# The `Queue` prop, its [use](docs/page.md)\n\n## Twice_\n\n## Twice_\n")
	write("main.go", "package main\n")

	for name, row := range map[string]struct{ text, want string }{
		"file":                          {"[a](../README.md) [b](../main.go \"title\") [c](..)", ""},
		"missing file":                  {"text\n[a](gone.md)", "line 1: gone.md: no such file"},
		"heading":                       {"[a](../README.md#the-queue-prop-its-use)", ""},
		"missing heading":               {"[a](../README.md#the-queue)", "line 1: ../README.md#the-queue: no such heading"},
		"heading that is there twice":   {"[a](../README.md#twice_-1)", ""},
		"heading that is not there":     {"[a](../README.md#twice_-2)", "line 1: ../README.md#twice_-2: no such heading"},
		"heading of this page":          {"# Here\n[a](#here)", ""},
		"heading in a block is none":    {"```sh\n# Here\n```\n[a](#here)", "line 4: #here: no such heading"},
		"heading of a source file":      {"[a](../main.go#L1)", "line 1: ../main.go#L1: only headings of Markdown can be checked"},
		"https":                         {"[a](https://example.com/x) <https://example.com>", ""},
		"http":                          {"[a](http://example.com)", "line 1: http://example.com: use https"},
		"bare http":                     {"<http://example.com>", "line 1: http://example.com: use https"},
		"picture":                       {"![a](gone.svg)", "line 1: gone.svg: no such file"},
		"picture in a link":             {"[![a](gone.svg)](../README.md)", "line 1: gone.svg: no such file"},
		"HTML":                          {`<img src="gone.svg">`, "line 1: HTML: write Markdown, whose links are checked"},
		"reference":                     {"[a][b]\n\n[b]: gone.md", "line 1: gone.md: no such file"},
		"reference without definition":  {"[a][b]", "line 1: a reference is not defined"},
		"link in a table":               {"| a |\n| --- |\n| [a](gone.md) |", "line 3: gone.md: no such file"},
		"code is not a link":            {"`[a](gone.md)` `m[a][b]`\n```\n[a](gone.md)\n```\n", ""},
		"outside of the repository":     {"[a](../../gone.md)", "line 1: ../../gone.md: use a relative path in the repository"},
		"from the root":                 {"[a](/README.md)", "line 1: /README.md: use a relative path in the repository"},
		"comment before code is no use": {"<!-- snippet: a.go one -->\n\n```go\nx\n```\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := ReadPage(write("docs/page.md", row.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, strings.Join(problemsOf(t, root, page), "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	const source = "text\n\n<!-- snippet: a.go one -->\n```go\nold\n\nlines\n```\n\n" +
		"<!-- output: two -->\n\n```text\nkept\n```\n\nno comment\n```go\nkept too\n```\n"
	page, err := Parse("page.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	got, err := page.Rewrite("snippet", func(name string) (string, error) { return "new " + name + "\n", nil })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(source, "old\n\nlines", "new a.go one", 1), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFileOfBlock(t *testing.T) {
	const source = "`a.go`:\n\n<!-- snippet: a.go -->\n```go\nx\n```\n\n`b/c.json`:\n\n```json\n{}\n```\n\nIn `d.go`:\n\n```go\nx\n```\n\n```go\nx\n```\n"
	page, err := Parse("page.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range page.Blocks {
		got = append(got, b.Kind+":"+b.File)
	}
	if diff := cmp.Diff([]string{"snippet:a.go", ":b/c.json", ":", ":"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRegion(t *testing.T) {
	const source = "package a\n\nfunc f() {\n\t// region one\n\tif true {\n\t\tg()\n\n\t}\n\t// endregion\n}\n# region py\n    x\n# endregion\n// region open\n"
	for name, want := range map[string]string{"one": "if true {\n\tg()\n\n}\n", "py": "x\n"} {
		got, err := Region(source, name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	for name, want := range map[string]string{"two": `no region "two"`, "open": `region "open" has no end`} {
		if _, err := Region(source, name); err == nil || err.Error() != want {
			t.Errorf("region %s: got %v, want %s", name, err, want)
		}
	}
	if diff := cmp.Diff([]string{"one", "py", "open"}, Regions(source)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
