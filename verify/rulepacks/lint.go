package rulepacks

import (
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// LintPack is what its findings are counted under.
const LintPack = "cfn-lint"

const linter = "cfn-lint"

// CheckLinter says in a line what is missing.
func CheckLinter() error {
	if output, err := exec.Command(linter, "--version").CombinedOutput(); err != nil {
		return fmt.Errorf("cfn-lint does not run (%w: %s): install it with Python, pip install cfn-lint==1.51.0",
			err, strings.TrimSpace(string(output)))
	}
	return nil
}

// lintMatch is a finding as cfn-lint writes it.
type lintMatch struct {
	Filename string
	Message  string
	Rule     struct{ ID string }
	Location struct{ Path []any }
}

// Lint runs cfn-lint, errors and warnings, over templates.
func Lint(templates []string) ([]Finding, error) {
	if len(templates) == 0 {
		return nil, errors.New("no templates to lint")
	}
	command := exec.Command(linter, append([]string{"--format", "json", "--"}, templates...)...)
	var problems strings.Builder
	command.Stderr = &problems
	// It exits with a code of its own for findings; what it wrote tells these from failures.
	output, runErr := command.Output()
	var matches []lintMatch
	if err := json.Unmarshal(output, &matches); err != nil {
		return nil, fmt.Errorf("cfn-lint: %w: %s%s", errors.Join(runErr, err), output, problems.String())
	}
	findings := make([]Finding, len(matches))
	for i, m := range matches {
		findings[i] = Finding{
			Pack: LintPack, Rule: m.Rule.ID, Path: filepath.Base(m.Filename), Text: fmt.Sprintf("%v: %s", m.Location.Path, m.Message),
		}
	}
	return findings, nil
}
