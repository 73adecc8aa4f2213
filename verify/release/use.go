package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cdk-textract/textractasync/verify/docs"
)

const gettingStarted = "docs/getting-started.md"

// shell runs commands as a reader of a page does, one after the other: each in the folder that the
// one before it left.
type shell struct {
	command
	r *release
}

func (s *shell) run(line string) (string, error) {
	start := time.Now()
	left := filepath.Join(s.r.temp, "left")
	cmd := exec.CommandContext(s.ctx, "bash", "-c", line+"\nstatus=$?\npwd >"+left+"\nexit $status")
	cmd.Dir, cmd.Env = s.dir, s.env
	output, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", line, err, output)
	}
	dir, err := os.ReadFile(left)
	if err != nil {
		return "", err
	}
	s.dir = strings.TrimSuffix(string(dir), "\n")
	s.r.ok("%s (%.1f s)", line, time.Since(start).Seconds())
	return strings.TrimSpace(string(output)), nil
}

// use follows docs/getting-started.md from an empty folder and an empty module cache, runs the
// other commands of pages that ask for these modules, and compares the versions that came.
func (r *release) use() error {
	env, err := r.userEnv(filepath.Join(r.temp, "cache"))
	if err != nil {
		return err
	}
	s := &shell{command{ctx: r.ctx, dir: filepath.Join(r.temp, "reader"), env: env}, r}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		return err
	}
	page, err := docs.ReadPage(filepath.Join(r.root, filepath.FromSlash(gettingStarted)))
	if err != nil {
		return err
	}
	actions := actionsOf(page)
	if err := isComplete(actions); err != nil {
		return err
	}
	for _, a := range actions {
		if err := a.do(s); err != nil {
			return fmt.Errorf("%s: line %d: %w", gettingStarted, a.line, err)
		}
	}
	if err := r.useOtherPages(s, actions); err != nil {
		return err
	}
	return r.compareVersions(s)
}

// action is what a reader does with a line of a page, or with a block.
type action struct {
	line    int
	command string
	file    string // to write
	text    string // of the file, or of the list of resources to expect
}

// actionsOf returns what the blocks of a page ask for: commands, files, and the resources of the
// template. Other blocks only show something.
func actionsOf(page *docs.Page) []action {
	var actions []action
	for _, b := range page.Blocks {
		switch {
		case b.Language == "sh":
			for i, line := range strings.Split(b.Text, "\n") {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					actions = append(actions, action{line: b.Line + i, command: line})
				}
			}
		case b.File != "":
			actions = append(actions, action{line: b.Line, file: b.File, text: b.Text})
		case b.Kind == "output" && b.Name == "resources":
			actions = append(actions, action{line: b.Line, text: b.Text})
		}
	}
	return actions
}

// isComplete checks that nobody took away what a reader has to do.
func isComplete(actions []action) error {
	for _, start := range []string{"go mod init ", "go get ", "go mod tidy", "npx cdk synth", "go doc ", "go install "} {
		if !slices.ContainsFunc(actions, func(a action) bool { return strings.HasPrefix(a.command, start) }) {
			return fmt.Errorf("%s has no block of sh with a line that starts with %q", gettingStarted, start)
		}
	}
	return nil
}

var (
	deploys = regexp.MustCompile(`^npx cdk (bootstrap|deploy|destroy)\b`)
	ourTool = regexp.MustCompile(`^textract-async `)
)

func (a action) do(s *shell) error {
	switch {
	case a.file != "":
		s.r.ok("%s, as the page has it", a.file)
		return os.WriteFile(filepath.Join(s.dir, filepath.FromSlash(a.file)), []byte(a.text), 0o644)
	case a.command == "":
		if err := compareResources(s.dir, a.text); err != nil {
			return err
		}
		s.r.ok("the template has the resources that the page lists")
		return nil
	case deploys.MatchString(a.command):
		_, err := fmt.Fprintf(s.r.out, "- %s: not run, because it needs an AWS account\n", a.command)
		return err
	}
	// Of a command that needs an account, --help checks the spelling of all flags.
	_, err := s.run(ourTool.ReplaceAllString(a.command, "textract-async --help "))
	return err
}

// compareResources checks that the template which the app synthesized has at least the resources of
// a list.
func compareResources(app, list string) error {
	templates, err := filepath.Glob(filepath.Join(app, "cdk.out", "*.template.json"))
	if err != nil || len(templates) != 1 {
		return errors.Join(err, fmt.Errorf("cdk.out has %d templates, not 1", len(templates)))
	}
	text, err := os.ReadFile(templates[0])
	if err != nil {
		return err
	}
	var template struct {
		Resources map[string]struct{ Type string }
	}
	if err := json.Unmarshal(text, &template); err != nil {
		return err
	}
	counts := map[string]int{}
	for _, resource := range template.Resources {
		counts[resource.Type]++
	}
	for row := range strings.Lines(list) {
		number, kind, _ := strings.Cut(strings.TrimSpace(row), " ")
		if want, err := strconv.Atoi(number); err != nil || counts[kind] < want {
			return errors.Join(err, fmt.Errorf("the template has %d %s, not %s", counts[kind], kind, number))
		}
	}
	return nil
}

var asksForModule = regexp.MustCompile(`go (?:get|install) ` + regexp.QuoteMeta(modulePath) + `[\w./@-]*`)

// useOtherPages runs what other pages tell readers to get or install.
func (r *release) useOtherPages(s *shell, done []action) error {
	pages, err := docs.Pages(r.root)
	if err != nil {
		return err
	}
	for _, page := range pages {
		text, err := os.ReadFile(page.Path)
		if err != nil {
			return err
		}
		for _, line := range asksForModule.FindAllString(string(text), -1) {
			line = strings.TrimRight(line, ".")
			if slices.ContainsFunc(done, func(a action) bool { return a.command == line }) {
				continue
			}
			done = append(done, action{command: line})
			if _, err := s.run(line); err != nil {
				return fmt.Errorf("%s: %w", strings.TrimPrefix(page.Path, r.root+string(os.PathSeparator)), err)
			}
		}
	}
	return nil
}

// compareVersions checks that latest is the version that is released, and that the command of it
// prints it.
func (r *release) compareVersions(s *shell) error {
	for _, m := range []published{construct, client} {
		got, err := s.run("go list -m " + m.path())
		if err != nil {
			return err
		}
		if want := m.path() + " " + r.version(); got != want {
			return fmt.Errorf("%s: the app requires %s", want, got)
		}
	}
	for _, version := range []string{"latest", r.version()} {
		if err := os.RemoveAll(r.bin()); err != nil {
			return err
		}
		if _, err := s.run("go install " + textractAsync.path() + "@" + version); err != nil {
			return err
		}
		got, err := s.run("textract-async --version")
		if err != nil {
			return err
		}
		if want := "textract-async version " + r.version(); got != want {
			return fmt.Errorf("textract-async --version prints %q, not %q", got, want)
		}
	}
	return nil
}
