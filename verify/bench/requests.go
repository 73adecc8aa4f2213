package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cdk-textract/textractasync/verify/bench/apps/harness"
)

// requests are how often a contender asks the jsii kernel for something.
type requests struct{ Default, Construct, Grant int }

// profile is where the time of a contender goes while it builds, per pipeline.
type profile struct {
	Lines   []profileLine // the slowest first
	Total   profileLine
	AppTime float64 // milliseconds that the app needs, with those that it waits for the kernel
}

type profileLine struct {
	Label  string
	Count  float64
	Millis float64
}

// countRequests looks at the third pipeline, when the first has loaded everything.
func (s *session) countRequests(ctx context.Context, r *results) error {
	const pipelines = 3
	r.Requests = map[string]requests{}
	for _, c := range s.inGo() {
		withBuckets, err := s.relayed(ctx, c, pipelines)
		if err != nil {
			return err
		}
		withDefaults, err := s.relayed(ctx, c, pipelines, harness.EnvDefault+"=1")
		if err != nil {
			return err
		}
		r.Requests[c.name] = requests{
			Default: withDefaults.ConstructRequests, Construct: withBuckets.ConstructRequests, Grant: withBuckets.GrantRequests,
		}
		if withDefaults.ConstructRequests == 0 {
			return fmt.Errorf("%s: no request was seen: the relay does not stand between the app and its kernel", c.name)
		}
	}
	return nil
}

func (s *session) relayed(ctx context.Context, c contender, count int, env ...string) (harness.Report, error) {
	log := s.newPath("requests")
	env = append(env, "CDK_VALIDATION=false", harness.EnvRequests+"="+log,
		fmt.Sprintf("JSII_RUNTIME='%s' '%s'", filepath.Join(s.temp, "jsiirecorder"), log))
	report, _, err := s.reported(ctx, c, count, env...)
	return report, err
}

// reported runs an app and reads its report.
func (s *session) reported(ctx context.Context, c contender, count int, env ...string) (harness.Report, usage, error) {
	var report harness.Report
	path := s.newPath("report.json")
	used, err := s.synthesize(ctx, c, count, "", append(env, harness.EnvReport+"="+path)...)
	if err != nil {
		return report, used, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return report, used, err
	}
	return report, used, json.Unmarshal(text, &report)
}

// profile lets a stopwatch stand before the kernel. It slows every request down a little, which is why no other figure uses it.
func (s *session) profile(ctx context.Context, r *results) error {
	r.Profiles = map[string]profile{}
	module, err := s.output(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/jsii-runtime-go")
	if err != nil {
		return err
	}
	kernel := filepath.Join(module, "internal", "embedded", "resources", "bin", "jsii-runtime.js")
	for _, c := range s.inGo() {
		times := s.newPath("times")
		runtime := fmt.Sprintf("JSII_RUNTIME='%s' '%s' node '%s'", filepath.Join(s.temp, "stopwatch"), times, kernel)
		report, _, err := s.reported(ctx, c, s.effort.Loop, runtime, "CDK_VALIDATION=false")
		if err != nil {
			return err
		}
		text, err := os.ReadFile(times)
		if err != nil {
			return err
		}
		p, err := readProfile(string(text), s.effort.Loop)
		if err != nil {
			return err
		}
		p.AppTime = report.BuildMillis / float64(s.effort.Loop)
		r.Profiles[c.name] = p
	}
	return nil
}

func readProfile(times string, pipelines int) (profile, error) {
	byLabel := map[string]*profileLine{}
	p := profile{Total: profileLine{Label: "all"}}
	for line := range strings.Lines(times) {
		text, label, _ := strings.Cut(strings.TrimSpace(line), "\t")
		micros, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return p, err
		}
		if isSetup(label) {
			continue
		}
		if byLabel[label] == nil {
			byLabel[label] = &profileLine{Label: label}
		}
		for _, sum := range []*profileLine{byLabel[label], &p.Total} {
			sum.Count += 1 / float64(pipelines)
			sum.Millis += micros / 1000 / float64(pipelines)
		}
	}
	for _, line := range byLabel {
		p.Lines = append(p.Lines, *line)
	}
	slices.SortFunc(p.Lines, func(a, b profileLine) int {
		return cmp.Or(cmp.Compare(b.Millis, a.Millis), cmp.Compare(a.Label, b.Label))
	})
	return p, nil
}

// isSetup tells what an app does once, or after it has built everything.
func isSetup(label string) bool {
	return strings.HasPrefix(label, "load ") || label == "create App" || label == "invoke App.synth" || label == "other"
}
