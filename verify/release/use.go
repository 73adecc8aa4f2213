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
	"syscall"
	"time"

	"github.com/cdk-textract/textractasync/verify/docs"
)

const gettingStarted = "docs/getting-started.md"

// shell runs commands as a reader of a page does, one after the other: each in the folder and with
// the variables that the one before it left.
type shell struct {
	command
	r          *release
	home       string // the folder in which each app gets a folder
	background []int  // process groups
}

func (s *shell) run(line string) (string, error) {
	start := time.Now()
	left := filepath.Join(s.r.temp, "left")
	script := fmt.Sprintf("%s\nstatus=$?\npwd >%s\nexport -p >%s\nexit $status", line, left, s.variables())
	cmd, printed, err := s.start(script)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(line, "&") {
		s.background = append(s.background, cmd.Process.Pid)
	}
	err = cmd.Wait()
	output, readErr := os.ReadFile(printed)
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", line, err, output)
	}
	dir, err := os.ReadFile(left)
	if err := errors.Join(readErr, err); err != nil {
		return "", err
	}
	s.dir = strings.TrimSuffix(string(dir), "\n")
	s.r.ok("%s (%.1f s)", line, time.Since(start).Seconds())
	return strings.TrimSpace(string(output)), nil
}

// variables is the file with those that the last command left.
func (s *shell) variables() string { return filepath.Join(s.r.temp, "variables") }

// start starts a script in a process group of its own, with the variables. Its output goes to a
// file: what it leaves in the background would keep a pipe open.
func (s *shell) start(script string) (cmd *exec.Cmd, printed string, err error) {
	printed = filepath.Join(s.r.temp, "printed")
	output, err := os.Create(printed)
	if err != nil {
		return nil, "", err
	}
	cmd = exec.CommandContext(s.ctx, "bash", "-c", fmt.Sprintf("[ -f %[1]s ] && . %[1]s; %[2]s", s.variables(), script))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.dir, s.env, output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, printed, errors.Join(cmd.Start(), output.Close())
}

// runUntil interrupts a command that runs until then, once it has printed a text.
func (s *shell) runUntil(line, text string) error {
	start := time.Now()
	cmd, printed, err := s.start(line)
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var output []byte
	for !strings.Contains(string(output), text) {
		select {
		case err := <-ended:
			output, readErr := os.ReadFile(printed)
			return fmt.Errorf("%s ends without %q: %w\n%s", line, text, errors.Join(err, readErr), output)
		case <-time.After(100 * time.Millisecond):
		}
		if output, err = os.ReadFile(printed); err == nil && time.Since(start) > untilTimeout {
			err = fmt.Errorf("%s: no %q after %s\n%s", line, text, untilTimeout, output)
		}
		if err != nil {
			return errors.Join(err, syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL))
		}
	}
	s.r.ok("%s prints %q (%.1f s)", line, text, time.Since(start).Seconds())
	err = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
	<-ended
	return err
}

const untilTimeout = 5 * time.Minute

// close ends what runs in the background.
func (s *shell) close() error {
	var failed []error
	for _, group := range s.background {
		failed = append(failed, syscall.Kill(-group, syscall.SIGINT))
	}
	return errors.Join(failed...)
}

// use follows docs/getting-started.md from an empty folder and an empty module cache, runs the
// other commands of pages that ask for these modules, and compares the versions that came.
func (r *release) use() (err error) {
	env, err := r.userEnv(filepath.Join(r.temp, "cache"))
	if err != nil {
		return err
	}
	home := filepath.Join(r.temp, "reader")
	s := &shell{command: command{ctx: r.ctx, dir: home, env: env}, r: r, home: home}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := os.Mkdir(home, 0o755); err != nil {
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
	actions = slices.DeleteFunc(actions, func(a action) bool { return a.section == ofClone })
	if err := s.follow(actions); err != nil {
		return err
	}
	if err := r.useOtherPages(s, actions); err != nil {
		return err
	}
	return r.compareVersions(s)
}

func (s *shell) follow(actions []action) error {
	for _, a := range actions {
		if err := a.do(s); err != nil {
			return fmt.Errorf("%s: line %d: %w", gettingStarted, a.line, err)
		}
	}
	return nil
}

// ofClone is the section of the page for those who have no released modules.
const ofClone = "From a clone"

// action is what a reader does with a line of a page, or with a block.
type action struct {
	line    int
	section string
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
					actions = append(actions, action{line: b.Line + i, section: b.Section, command: line})
				}
			}
		case b.File != "":
			actions = append(actions, action{line: b.Line, section: b.Section, file: b.File, text: b.Text})
		case b.Kind == "output" && b.Name == "resources":
			actions = append(actions, action{line: b.Line, section: b.Section, text: b.Text})
		}
	}
	return actions
}

// isComplete checks that nobody took away what a reader has to do.
func isComplete(actions []action) error {
	for _, start := range []string{
		"git clone ", "make ", "go mod edit ", "go mod init ", "go get ", "go mod tidy", "textract-async local ", "go run .",
		"npx --yes aws-cdk@", "npm install", "npx cdk synth", "textract-async doctor ", "go doc ", "go install ",
	} {
		if !slices.ContainsFunc(actions, func(a action) bool { return strings.HasPrefix(a.command, start) }) {
			return fmt.Errorf("%s has no block of sh with a line that starts with %q", gettingStarted, start)
		}
	}
	return nil
}

var (
	deploys   = regexp.MustCompile(`^npx cdk (bootstrap|deploy|destroy)\b`)
	readsAWS  = regexp.MustCompile(`^textract-async (run|batch|listen|results) `)
	newFolder = regexp.MustCompile(`^mkdir \S+ && cd `)
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
	case newFolder.MatchString(a.command): // next to the others
		s.dir = s.home
	case strings.Contains(a.command, ". ./local.env"): // which a busy machine has later
		if err := s.awaitFile("local.env"); err != nil {
			return err
		}
	case a.command == "go run .":
		return s.runUntil(a.command, "letter.pdf")
	}
	// Of a command that needs an account, --help checks the spelling of all flags.
	_, err := s.run(readsAWS.ReplaceAllString(a.command, "textract-async --help $1 "))
	return err
}

// awaitFile waits until a file of the folder has content.
func (s *shell) awaitFile(name string) error {
	for range 600 {
		if info, err := os.Stat(filepath.Join(s.dir, name)); err == nil && info.Size() > 0 {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%s stays empty", name)
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
	for m, app := range map[published]string{construct: "documents", client: "worker"} {
		got, err := s.run("go list -C " + filepath.Join(s.home, app) + " -m " + m.path())
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
