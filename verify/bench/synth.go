package main

import (
	"context"
	"path/filepath"
)

const (
	validatorOff = "CDK_VALIDATION=false"
	validatorOn  = "CDK_VALIDATION=true"
)

// measureApps runs the apps without the CLI: one pipeline each.
func (s *session) measureApps(ctx context.Context, r *results) error {
	r.Apps = map[string]*validated{}
	var jobs []func() error
	for _, c := range s.contenders() {
		figures := &validated{}
		r.Apps[c.name] = figures
		jobs = append(jobs, s.bothWays(figures, func(env string) (usage, error) {
			return s.synthesize(ctx, c, 1, "", env)
		}))
	}
	return alternate(s.effort.Apps, jobs)
}

// bothWays measures without and with the validator.
func (s *session) bothWays(figures *validated, measure func(env string) (usage, error)) func() error {
	return func() error {
		without, err := measure(validatorOff)
		if err != nil {
			return err
		}
		with, err := measure(validatorOn)
		if err != nil {
			return err
		}
		figures.Without = append(figures.Without, without.Time.Seconds())
		figures.With = append(figures.With, with.Time.Seconds())
		return nil
	}
}

// measureSynth runs the CDK CLI over the apps, over an assembly that is there already, and over the sample.
func (s *session) measureSynth(ctx context.Context, r *results) error {
	assembly := s.newPath("ready")
	if _, err := s.synthesize(ctx, s.contenders()[0], 1, assembly, validatorOff); err != nil {
		return err
	}
	var jobs []func() error
	for _, app := range []struct{ name, command string }{
		{ours + ", `go run`", "go run " + packageOf(ours)},
		{ours + ", built", s.binary(ours)},
		{byHand + ", `go run`", "go run " + packageOf(byHand)},
		{byHand + ", built", s.binary(byHand)},
		{floor, "node bench/js/bench.mjs"},
		{"the CLI alone, over a finished assembly", assembly},
	} {
		figures := &validated{}
		r.Synths = append(r.Synths, synthFigures{app.name, figures})
		measure := func(env string) (usage, error) { return s.cdkSynth(ctx, app.command, env) }
		if _, err := measure(validatorOff); err != nil { // go run keeps what it has linked
			return err
		}
		jobs = append(jobs, s.bothWays(figures, measure))
	}
	samples, err := s.sampleJobs(ctx, r)
	if err != nil {
		return err
	}
	return alternate(s.effort.Synths, append(jobs, samples...))
}

func (s *session) cdkSynth(ctx context.Context, app, env string) (usage, error) {
	out := s.newPath("cdk.out")
	defer remove(out)
	return s.run(ctx, []string{env}, "cdk", "synth", "--quiet", "--app", app, "--output", out)
}

// The two ways to the sample stack.
const (
	makeSynth       = "`make synth`"
	synthJavaScript = "`cdk synth` of the same in JavaScript"
)

// sampleJobs measure make synth and the same stack in JavaScript, both as users have them: with the feature flags of cdk.json and
// with the validator.
func (s *session) sampleJobs(ctx context.Context, r *results) ([]func() error, error) {
	r.Samples = map[string]sample{}
	script := "node " + filepath.Join("verify", "bench", "js", "sample.mjs")
	synthesize := map[string]func(out string) (usage, error){
		makeSynth: func(out string) (usage, error) {
			return run(ctx, s.root, s.environment(), "make", "--silent", "synth", "ARGS=--output "+out)
		},
		synthJavaScript: func(out string) (usage, error) {
			return run(ctx, s.root, s.environment(), "cdk", "synth", "--quiet", "--app", script, "--output", out)
		},
	}
	first, second := s.newPath("sample"), s.newPath("sample")
	if _, err := synthesize[makeSynth](first); err != nil {
		return nil, err
	}
	if _, err := synthesize[synthJavaScript](second); err != nil {
		return nil, err
	}
	if err := compareSamples(first, second); err != nil {
		return nil, err
	}
	var jobs []func() error
	for _, name := range []string{makeSynth, synthJavaScript} {
		jobs = append(jobs, func() error {
			out := s.newPath("sample")
			defer remove(out)
			used, err := synthesize[name](out)
			r.Samples[name] = append(r.Samples[name], used.Time.Seconds())
			return err
		})
	}
	return jobs, nil
}
