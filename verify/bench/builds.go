package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func (s *session) measureBuilds(ctx context.Context, r *results) error {
	r.Builds = map[string]*build{}
	var jobs []func() error
	for _, c := range s.inGo() {
		figures, path := &build{}, packageOf(c.name)
		r.Builds[c.name] = figures
		if err := s.measureClosure(ctx, path, figures); err != nil {
			return err
		}
		jobs = append(jobs, func() error { return s.measureBuild(ctx, path, figures) })
	}
	return alternate(s.effort.Builds, jobs)
}

func (s *session) measureClosure(ctx context.Context, path string, figures *build) error {
	text, err := s.output(ctx, "go", "list", "-deps", path)
	if err != nil {
		return err
	}
	for _, dependency := range strings.Fields(text) {
		figures.Packages++
		if strings.HasPrefix(dependency, "github.com/aws/aws-cdk-go/awscdk") {
			figures.CDKPackages++
		}
	}
	return nil
}

// measureBuild builds with an empty cache of its own, builds again, and builds after an edit of the main package.
func (s *session) measureBuild(ctx context.Context, path string, figures *build) error {
	cache := s.newPath("gocache")
	defer remove(cache)
	binary := s.newPath("app")
	defer remove(binary)
	overlay, err := s.editedMain(path)
	if err != nil {
		return err
	}

	for _, step := range []struct {
		to   *sample
		flag string
	}{
		{&figures.Cold, "-overlay="},
		{&figures.Unchanged, "-overlay="},
		{&figures.Edited, "-overlay=" + overlay},
	} {
		used, err := s.run(ctx, []string{"GOCACHE=" + cache}, "go", "build", step.flag, "-o", binary, path)
		if err != nil {
			return err
		}
		*step.to = append(*step.to, used.Time.Seconds())
	}
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	figures.BinaryBytes = info.Size()
	return nil
}

// editedMain writes an overlay in which the main package has one more variable.
func (s *session) editedMain(path string) (string, error) {
	main := filepath.Join(s.verifyDir(), path, "main.go")
	text, err := os.ReadFile(main)
	if err != nil {
		return "", err
	}
	edited, overlay := s.newPath("main.go"), s.newPath("overlay.json")
	text = fmt.Appendf(text, "\nvar Edited = %q\n", edited)
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {main: edited}})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(edited, text, 0o600); err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, replace, 0o600)
}
