package main

import (
	"encoding/json"
	"os"
)

// results are everything that a run found out, for the report. Samples are in seconds unless their name says otherwise.
type results struct {
	Effort   effort
	Machine  machine
	Template comparison
	Requests map[string]requests
	Profiles map[string]profile
	Builds   map[string]*build
	Apps     map[string]*validated
	Synths   []synthFigures
	Samples  map[string]sample // make synth and its equivalent in JavaScript
	Growth   map[string]map[int]*point
	Tests    tests
	Bounds   bounds
}

// build is what a contender in Go costs before it runs.
type build struct {
	Cold, Edited, Unchanged sample
	BinaryBytes             int64
	CDKPackages             int // of awscdk, in the import closure
	Packages                int
}

// validated is measured without and with the template validator of the CDK.
type validated struct{ Without, With sample }

type synthFigures struct {
	Name    string
	Figures *validated
}

// point is an app that builds a number of pipelines.
type point struct {
	Total, Build, Synth sample // seconds of the process and, within it, of building and synthesizing
	Memory              sample // bytes
}

type tests struct{ Run, Cached sample }

func (r *results) save(path string) error {
	text, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

func load(path string) (*results, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var r results
	return &r, json.Unmarshal(text, &r)
}
