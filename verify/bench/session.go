package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/cdk-textract/textractasync/verify/bench/apps/harness"
)

// effort says how often things are measured.
type effort struct {
	Quick                                     bool
	Builds, Apps, Synths, Growth, Tests, Loop int // rounds; Loop is how many pipelines the profile builds
	Sizes                                     []int
}

var (
	thorough = effort{Builds: 3, Apps: 5, Synths: 4, Growth: 5, Tests: 3, Loop: 100, Sizes: []int{0, 1, 10, 100, 400}}
	hasty    = effort{Quick: true, Builds: 1, Apps: 1, Synths: 1, Growth: 1, Tests: 1, Loop: 20, Sizes: []int{0, 1, 10, 40}}
)

// session is one run of the benchmark.
type session struct {
	effort effort
	root   string // of the repository
	temp   string // holds everything that is written on the way, and is removed at the end
	serial int
}

// environment is that of the user without settings that change what is measured, and with temporary files in ours.
func (s *session) environment(extra ...string) []string {
	var kept []string
	for _, entry := range os.Environ() {
		switch name, _, _ := strings.Cut(entry, "="); {
		case strings.HasPrefix(name, "CDK_"), strings.HasPrefix(name, "JSII_"), strings.HasPrefix(name, "BENCH_"):
		case strings.HasPrefix(name, "AWS_"), name == "GOFLAGS", name == "MAKEFLAGS", name == "MAKELEVEL", name == "MFLAGS":
		case name == "TMPDIR":
		default:
			kept = append(kept, entry)
		}
	}
	return append(append(kept, "TMPDIR="+s.temp), extra...)
}

// newPath returns a path below the temporary folder that nothing else uses.
func (s *session) newPath(name string) string {
	s.serial++
	return filepath.Join(s.temp, strconv.Itoa(s.serial)+"-"+name)
}

func (s *session) verifyDir() string { return filepath.Join(s.root, "verify") }

// run runs a command in the folder of the module verify.
func (s *session) run(ctx context.Context, env []string, command ...string) (usage, error) {
	return run(ctx, s.verifyDir(), s.environment(env...), command...)
}

// output runs a command there and returns what it prints.
func (s *session) output(ctx context.Context, command ...string) (string, error) {
	text, err := output(ctx, s.verifyDir(), s.environment(), command...)
	return strings.TrimSpace(text), err
}

// prepare builds what the steps after it run, and lets every contender run once so that all caches are warm.
func (s *session) prepare(ctx context.Context, _ *results) error {
	for _, c := range s.inGo() {
		if _, err := s.run(ctx, nil, "go", "build", "-o", s.binary(c.name), packageOf(c.name)); err != nil {
			return err
		}
	}
	for name, path := range map[string]string{
		"stopwatch": "./bench/stopwatch",
		"jsiirecorder": "github.com/cdk-textract/textractasync/internal/jsiirecorder",
	} {
		if _, err := s.run(ctx, nil, "go", "build", "-o", filepath.Join(s.temp, name), path); err != nil {
			return err
		}
	}
	return nil
}

// binary is where prepare puts the app of a contender.
func (s *session) binary(name string) string {
	return filepath.Join(s.temp, filepath.Base(packageOf(name)))
}

// synthesize runs the app of a contender and removes what it wrote, unless keep names a folder for it.
func (s *session) synthesize(ctx context.Context, c contender, count int, keep string, env ...string) (usage, error) {
	assembly := keep
	if assembly == "" {
		assembly = s.newPath("assembly")
		defer remove(assembly)
	}
	env = append(env, harness.EnvConstructs+"="+strconv.Itoa(count), "CDK_OUTDIR="+assembly)
	return s.run(ctx, env, c.command(s)...)
}

// remove tells of what it cannot remove and lets the run go on.
func remove(path string) {
	if err := os.RemoveAll(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// alternate runs every job once a round. Each round begins with another job, so that none profits from its place.
func alternate(rounds int, jobs []func() error) error {
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "  round %d of %d\n", round+1, rounds)
		for i := range jobs {
			if err := jobs[(round+i)%len(jobs)](); err != nil {
				return err
			}
		}
	}
	return nil
}
