// Command bench measures this library beside the same resources written by hand in Go and in JavaScript, and writes
// docs/performance.md and its plot. It is started in the folder of the module verify, with the Node and the CDK CLI of
// package.json first in the PATH. All contenders run in turn, so that a slow minute of the machine slows down all of them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	quick := flag.Bool("quick", false, "measure little, to see whether everything runs; the figures are noise")
	out := flag.String("out", "", "the folder for performance.md and images/growth.svg (default docs, with -quick build/bench)")
	render := flag.Bool("render", false, "measure nothing and write the page again from the figures of the last run, in build/bench")
	flag.Parse()
	if err := bench(*quick, *render, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(quick, render bool, out string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	scratch := filepath.Join(root, "build", "bench")
	if out == "" {
		out = filepath.Join(root, "docs")
		if quick {
			out = scratch
		}
	}
	if err := os.MkdirAll(scratch, 0o755); err != nil {
		return err
	}
	figures := filepath.Join(scratch, "figures.json")
	if !render {
		if err := measureInto(ctx, figures, root, quick); err != nil {
			return err
		}
	}
	r, err := load(figures)
	if err != nil {
		return err
	}
	return write(out, r)
}

// measureInto keeps the figures in a file, for a mistake in the page is no reason to measure again.
func measureInto(ctx context.Context, figures, root string, quick bool) error {
	temp, err := os.MkdirTemp("", "textractasync-bench")
	if err != nil {
		return err
	}
	defer remove(temp)
	e := thorough
	if quick {
		e = hasty
	}
	s := &session{effort: e, root: root, temp: temp}
	r, err := s.measure(ctx)
	if err != nil {
		return err
	}
	return r.save(figures)
}

// measure does everything in an order in which mistakes show early.
func (s *session) measure(ctx context.Context) (*results, error) {
	r := &results{Effort: s.effort}
	steps := []struct {
		name string
		run  func(context.Context, *results) error
	}{
		{"looking at the machine", s.describeMachine},
		{"building the contenders", s.prepare},
		{"comparing their templates", s.compareTemplates},
		{"counting requests", s.countRequests},
		{"timing requests", s.profile},
		{"building again and again", s.measureBuilds},
		{"running the apps", s.measureApps},
		{"running cdk synth", s.measureSynth},
		{"building many constructs", s.measureGrowth},
		{"running make test", s.measureTests},
	}
	for i, step := range steps {
		fmt.Fprintf(os.Stderr, "%d/%d %s\n", i+1, len(steps), step.name)
		if err := step.run(ctx, r); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return r, s.describeEnd(r)
}
