package docs

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "copy the code and the outputs that pages quote")

const (
	root     = "../.."
	examples = root + "/examples"
)

func allPages(t *testing.T) []*Page {
	t.Helper()
	pages, err := Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(pages, func(p *Page) bool { return p.Path == root+"/README.md" }) {
		t.Fatalf("README.md is not among %d pages", len(pages))
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

// TestLinks follows every link of every page.
func TestLinks(t *testing.T) {
	for _, page := range allPages(t) {
		for _, problem := range problemsOf(t, root, page) {
			t.Errorf("%s: %s", page.Path, problem)
		}
	}
}

// TestPagesAreShort counts what people read: words with a letter or digit, outside code and what
// programs write.
func TestPagesAreShort(t *testing.T) {
	const readmeLimit, docsLimit = 500, 8500
	generated := []string{"performance.md", "security-matrix.md"}
	paths, err := filepath.Glob(root + "/docs/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d pages: %v", len(paths), err)
	}
	sum := 0
	for _, path := range paths {
		if !slices.Contains(generated, filepath.Base(path)) {
			sum += wordsOf(readFile(t, path))
		}
	}
	if sum > docsLimit {
		t.Errorf("docs: %d words, more than %d", sum, docsLimit)
	}
	if n := wordsOf(readFile(t, root+"/README.md")); n > readmeLimit {
		t.Errorf("README.md: %d words, more than %d", n, readmeLimit)
	}
}

var (
	ofPrograms = regexp.MustCompile("(?s)<!-- verify/workflow -->.*?<!-- end of verify/workflow -->|<!--.*?-->|```.*?```")
	word       = regexp.MustCompile(`\S*[\pL\pN]\S*`)
)

func wordsOf(page string) int {
	return len(word.FindAllString(ofPrograms.ReplaceAllString(page, ""), -1))
}

func TestWordsOf(t *testing.T) {
	const page = "# Two words\n\n<!-- snippet: a b -->\n```go\nfunc f() {}\n```\n\n| `a` | – | 1,5 |\n| --- | --- | --- |\n" +
		"<!-- verify/workflow -->\nno words\n<!-- end of verify/workflow -->\n"
	if n := wordsOf(page); n != 4 {
		t.Errorf("got %d words, want 4", n)
	}
}

func problemsOf(t *testing.T, root string, page *Page) []string {
	t.Helper()
	problems := page.Problems
	for _, link := range page.Links {
		problem, err := page.CheckLink(root, link.Target)
		if err != nil {
			t.Fatal(err)
		}
		if problem != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s: %s", link.Line, link.Target, problem))
		}
	}
	return problems
}

// ownTest is the folder of the module whose own test compiles the Go of its pages.
const ownTest = root + "/textractclient/"

// TestSnippets compares the Go and Python of every page with the source that it is quoted from,
// which compiles and has tests.
func TestSnippets(t *testing.T) {
	quoted := map[string]bool{}
	for _, page := range allPages(t) {
		for _, b := range page.Blocks {
			if (b.Language == "go" || b.Language == "python") && b.Kind != "snippet" && !strings.HasPrefix(page.Path, ownTest) {
				t.Errorf("%s: line %d: code without a comment <!-- snippet: FILE REGION --> before it", page.Path, b.Line)
			}
			if b.Kind == "snippet" {
				quoted[b.Name] = true
			}
		}
		want, err := page.Rewrite("snippet", snippet)
		if err != nil {
			t.Error(err)
			continue
		}
		snapshot.Page(t, page.Path, string(page.source), want, *update)
	}
	for _, name := range regions(t) {
		if !quoted[name] {
			t.Errorf("region %s is not quoted on any page", name)
		}
	}
}

// snippet reads "FILE REGION", or a whole file. FILE is relative to the root of the repository.
func snippet(name string) (string, error) {
	file, region, _ := strings.Cut(name, " ")
	source, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil || region == "" {
		return wholeFile(string(source)), err
	}
	return Region(string(source), region)
}

// wholeFile omits the comments that mark regions.
func wholeFile(source string) string { return anyMark.ReplaceAllString(source, "") }

var anyMark = regexp.MustCompile(`(?m)^\s*(?://|#) (?:region \w+|endregion)\n`)

// regions returns those of the examples, by the name that snippet takes.
func regions(t *testing.T) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(examples, func(path string, _ fs.DirEntry, err error) error {
		if extension := filepath.Ext(path); err != nil || extension != ".go" && extension != ".py" {
			return err
		}
		relative, err := filepath.Rel(root, path)
		for _, region := range Regions(readFile(t, path)) {
			names = append(names, filepath.ToSlash(relative)+" "+region)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatal("no regions in the examples")
	}
	return names
}

// TestPython runs the tests of the examples in Python.
func TestPython(t *testing.T) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "python3"
	}
	command := exec.Command(python, "-m", "unittest", "-v")
	command.Dir = examples + "/python"
	output, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "OK") {
		t.Errorf("%v\n%s", err, output)
	}
}

var (
	warningID = regexp.MustCompile(`warningPrefix \+ "(\w+)"`)
	tableRow  = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")
)

// TestWarnings compares the table of docs/existing-resources.md with the ids in warnings.go.
func TestWarnings(t *testing.T) {
	_, table, _ := strings.Cut(readFile(t, root+"/docs/existing-resources.md"), "\n## Warnings\n")
	table, _, _ = strings.Cut(table, "\n## ")
	compare(t, "warning", firsts(warningID, readFile(t, root+"/warnings.go")), firsts(tableRow, table))
}

var (
	variable    = regexp.MustCompile(`"(TEXTRACT_\w+)"`)
	variableRow = regexp.MustCompile("(?m)^\\| (`TEXTRACT_[^|]*`) \\|")
)

// TestVariables compares the table of docs/getting-started.md with the variables that the construct
// and the command set, and the client reads.
func TestVariables(t *testing.T) {
	var inCode, inDocs []string
	for _, file := range []string{"base.go", "textractclient/config.go", "cmd/textract-async/internal/command/local.go"} {
		found := firsts(variable, readFile(t, filepath.Join(root, file)))
		if len(found) == 0 {
			t.Errorf("no variable found in %s", file)
		}
		inCode = append(inCode, found...)
	}
	for _, row := range firsts(variableRow, readFile(t, root+"/docs/getting-started.md")) {
		inDocs = append(inDocs, strings.Split(strings.Trim(row, "`"), "`, `")...)
	}
	compare(t, "variable", inCode, inDocs)
}

var (
	guideTest = regexp.MustCompile(`(?m)^\t\t\{"(\w+)", ".*", ("AWS::\w+::\w+"), `)
	guideRow  = regexp.MustCompile("(?m)^\\| (\\w+) \\|.*\\| (`AWS::.*) \\|$")
	quotedIn  = regexp.MustCompile(`AWS::\w+::\w+`)
)

// TestGuide compares the steps and resource types of the table in docs/guide.md with the rows of
// TestGuide of the construct.
func TestGuide(t *testing.T) {
	var tested, documented []string
	for _, row := range guideTest.FindAllStringSubmatch(readFile(t, root+"/construct_test.go"), -1) {
		tested = append(tested, "step "+row[1]+" "+strings.Trim(row[2], `"`))
	}
	for _, row := range guideRow.FindAllStringSubmatch(readFile(t, root+"/docs/guide.md"), -1) {
		for _, resource := range quotedIn.FindAllString(row[2], -1) {
			documented = append(documented, "step "+row[1]+" "+resource)
		}
	}
	compare(t, "row", tested, documented)
}

func firsts(pattern *regexp.Regexp, text string) []string {
	var all []string
	for _, found := range pattern.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

// compare checks that both have the same elements.
func compare(t *testing.T, what string, inCode, inDocs []string) {
	t.Helper()
	if len(inCode) == 0 {
		t.Fatalf("no %s found in the code", what)
	}
	for _, each := range inCode {
		if !slices.Contains(inDocs, each) {
			t.Errorf("%s %s is not documented", what, each)
		}
	}
	for _, each := range inDocs {
		if !slices.Contains(inCode, each) {
			t.Errorf("%s %s is documented, and not in the code", what, each)
		}
	}
}
