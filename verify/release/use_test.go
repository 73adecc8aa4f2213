package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/verify/docs"
)

func TestActionsOf(t *testing.T) {
	const source = "# Page\n\n## A part\n\n```sh\nmkdir a && cd a\n\n# a comment\nnpx cdk deploy   # once\n```\n\n`main.go`:\n\n<!-- snippet: main.go -->\n```go\npackage main\n```\n\n" +
		"<!-- snippet: b.go part -->\n```go\npart()\n```\n\n<!-- output: resources -->\n```text\n1 A\n```\n\n<!-- output: other -->\n```text\nb\n```\n"
	page, err := docs.Parse("page.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	want := []action{
		{line: 6, section: "A part", command: "mkdir a && cd a"},
		{line: 9, section: "A part", command: "npx cdk deploy   # once"},
		{line: 16, section: "A part", file: "main.go", text: "package main\n"},
		{line: 26, section: "A part", text: "1 A\n"},
	}
	if diff := cmp.Diff(want, actionsOf(page), cmp.AllowUnexported(action{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestGettingStarted checks that the page can be followed, as far as that needs no network.
func TestGettingStarted(t *testing.T) {
	page, err := docs.ReadPage(filepath.Join("../..", gettingStarted))
	if err != nil {
		t.Fatal(err)
	}
	actions := actionsOf(page)
	if err := isComplete(actions); err != nil {
		t.Error(err)
	}
	if !slices.ContainsFunc(actions, func(a action) bool { return a.file == "main.go" }) {
		t.Error("no main.go")
	}
	if err := isComplete(slices.DeleteFunc(actions, func(a action) bool { return a.command == "go mod tidy" })); err == nil {
		t.Error("a page without go mod tidy is complete")
	}
}

func newShell(t *testing.T) (*shell, *bytes.Buffer) {
	var out bytes.Buffer
	r := &release{ctx: t.Context(), out: &out, temp: t.TempDir()}
	home := t.TempDir()
	return &shell{command: command{ctx: t.Context(), dir: home, env: os.Environ()}, r: r, home: home}, &out
}

func TestActions(t *testing.T) {
	s, out := newShell(t)
	for _, a := range []action{
		{command: "mkdir app && cd app"},
		{file: "cdk.json", text: "{}\n"},
		{command: "test $(basename $PWD) = app && grep -q {} cdk.json"},
		{command: "mkdir other && cd other"},
		{command: "test $(basename $(dirname $PWD))/other = " + filepath.Base(s.home) + "/other"},
		{command: "(sleep 0.2; echo export NAME=value >local.env; sleep 60) &"},
		{command: "sleep 0 && . ./local.env"},
		{command: "test $NAME = value"},
		{command: "npx cdk bootstrap   # once"},
	} {
		if err := a.do(s); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(out.String(), "- npx cdk bootstrap   # once: not run, because it needs an AWS account\n") {
		t.Errorf("got\n%s", out)
	}
	for command, want := range map[string]string{
		"echo reason >&2; false":                    "exit status 1\nreason",
		"mkdir app/missing/folder && cd app":        "exit status 1\nmkdir: ",
		"textract-async-is-no-command run file.pdf": "exit status 127",
	} {
		if err := (action{command: command}).do(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", command, err, want)
		}
	}
}

func TestCommandThatRunsUntilAnInterrupt(t *testing.T) {
	s, _ := newShell(t)
	if _, err := s.run("true"); err != nil {
		t.Fatal(err)
	}
	if err := s.runUntil("echo the text; sleep 60", "the text"); err != nil {
		t.Error(err)
	}
	if err := s.runUntil("echo reason >&2; false", "the text"); err == nil || !strings.Contains(err.Error(), "exit status 1\nreason") {
		t.Errorf("got %v", err)
	}
}

func TestCommandThatNeedsAnAccountIsAskedForHelp(t *testing.T) {
	s, _ := newShell(t)
	const script = "#!/bin/sh\necho \"$@\" >arguments\n"
	if err := os.WriteFile(filepath.Join(s.dir, "textract-async"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "PATH="+s.dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	if err := (action{command: "textract-async run letter.pdf --stack Documents"}).do(s); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(
		filepath.Join(s.dir, "arguments"),
	); err != nil ||
		string(got) != "--help run letter.pdf --stack Documents\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestCompareResources(t *testing.T) {
	app := t.TempDir()
	if err := compareResources(app, "1 A\n"); err == nil || err.Error() != "cdk.out has 0 templates, not 1" {
		t.Errorf("no template: %v", err)
	}
	if err := os.Mkdir(filepath.Join(app, "cdk.out"), 0o755); err != nil {
		t.Fatal(err)
	}
	const template = `{"Resources": {"a": {"Type": "A"}, "b": {"Type": "A"}, "c": {"Type": "B"}}}`
	if err := os.WriteFile(filepath.Join(app, "cdk.out", "Documents.template.json"), []byte(template), 0o644); err != nil {
		t.Fatal(err)
	}
	for list, want := range map[string]string{"2 A\n1 B\n": "", "1 A\n": "", "2 B\n": "the template has 1 B, not 2", "1 C\n": "the template has 0 C, not 1"} {
		got := ""
		if err := compareResources(app, list); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}

func TestCommandsOfPages(t *testing.T) {
	got := asksForModule.FindAllString(
		"`go get "+modulePath+"`, then `go install "+textractAsync.path()+"@latest`, or go get example.com/a",
		-1,
	)
	if diff := cmp.Diff([]string{"go get " + modulePath, "go install " + textractAsync.path() + "@latest"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
