package docscheck

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLinksOfTheRepository follows every link of every page.
func TestLinksOfTheRepository(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(pages, filepath.Join(root, "README.md")) {
		t.Fatalf("README.md is not among %d pages below %s", len(pages), root)
	}
	for _, page := range pages {
		problems, err := CheckLinks(root, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range problems {
			t.Errorf("%s: %s", strings.TrimPrefix(page, root+"/"), problem)
		}
	}
}

func TestCheckLinks(t *testing.T) {
	root := t.TempDir()
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("README.md", "# The `Queue` prop, its [use](docs/page.md)\n\n## Twice\n\n## Twice\n\n<a id=\"own\"></a>\n")
	write("main.go", "package main\n")

	rows := []struct{ name, text, want string }{
		{"file", "[a](../README.md) [b](../main.go \"title\") [c](..)", ""},
		{"missing file", "text\n[a](gone.md)", "line 2: gone.md: no such file"},
		{"heading", "[a](../README.md#the-queue-prop-its-use)", ""},
		{"missing heading", "[a](../README.md#the-queue)", "line 1: ../README.md#the-queue: no such heading"},
		{"heading that comes twice", "[a](../README.md#twice-1)", ""},
		{"heading that comes three times", "[a](../README.md#twice-2)", "line 1: ../README.md#twice-2: no such heading"},
		{"own id", "[a](../README.md#own)", ""},
		{"heading of this page", "# Here\n[a](#here)", ""},
		{"missing heading of this page", "# Here\n[a](#there)", "line 2: #there: no such heading"},
		{"heading in a block is none", "```sh\n# Here\n```\n[a](#here)", "line 4: #here: no such heading"},
		{"heading of a source file", "[a](../main.go#L1)", "line 1: ../main.go#L1: only headings of Markdown can be checked"},
		{"https", "[a](https://example.com/x) <https://example.com>", ""},
		{"http", "[a](http://example.com)", "line 1: http://example.com: use https"},
		{"bare http", "<http://example.com>", "line 1: http://example.com: use https"},
		{"picture", "![a](gone.svg)", "line 1: gone.svg: no such file"},
		{"picture in a link", "[![a](gone.svg)](../README.md)", "line 1: gone.svg: no such file"},
		{"picture in HTML", `<source srcset="gone.svg 2x"><img src="../main.go">`, "line 1: gone.svg: no such file"},
		{"reference", "[a][b]\n\n[b]: gone.md", "line 3: gone.md: no such file"},
		{"reference without a definition", "[a][b]", "line 1: [b] is not defined"},
		{"short reference", "[a][]\n\n[A]: ../main.go", ""},
		{"footnote is no reference", "a[^1]\n\n[^1]: In short.", ""},
		{"code is no link", "`[a](gone.md)`\n```\n[a](gone.md)\n```\n", ""},
		{"out of the repository", "[a](../../gone.md)", "line 1: ../../gone.md: outside of the repository"},
		{"from the root", "[a](/README.md)", "line 1: /README.md: use a path relative to the page"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			write("docs/page.md", row.text)
			problems, err := CheckLinks(root, filepath.Join(root, "docs", "page.md"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, strings.Join(problems, "\n")); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestPagesLeavesOutWhatToolsMade(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"docs", "node_modules/x", "cdk.out"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, folder, "a.md"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{filepath.Join(root, "docs", "a.md")}, pages); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
