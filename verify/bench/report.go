package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/cdk-textract/textractasync/verify/bench/equivalence"
)

//go:embed report.md.tmpl
var reportText string

// write writes the report and its plot into a folder.
func write(out string, r *results) error {
	images := filepath.Join(out, "images")
	if err := os.MkdirAll(images, 0o755); err != nil {
		return err
	}
	var page bytes.Buffer
	report, err := template.New("report").Parse(reportText)
	if err != nil {
		return err
	}
	if err := report.Execute(&page, view{r}); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(images, "growth.svg"), plotOf(r), 0o644); err != nil {
		return err
	}
	path := filepath.Join(out, "performance.md")
	fmt.Fprintln(os.Stderr, "writing", path)
	return os.WriteFile(path, page.Bytes(), 0o644)
}

// The contenders in the order of the tables.
var (
	goNames  = []string{ours, byHand, strict}
	allNames = []string{ours, byHand, strict, floor, solutions}
)

// view is what the report's template sees: every method is a table or a line of it.
type view struct{ *results }

func table(header []string, rows [][]string) string {
	var text strings.Builder
	line := func(cells []string) { fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | ")) }
	line(header)
	rule := make([]string, len(header))
	for i := range rule {
		rule[i] = "---:"
	}
	rule[0] = "---"
	line(rule)
	for _, row := range rows {
		line(row)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// spread is the median with the quartiles.
func spread(s sample, format string, unit float64) string {
	f := func(q float64) string { return fmt.Sprintf(format, s.quantile(q)*unit) }
	if len(s) == 1 {
		return f(0.5)
	}
	return fmt.Sprintf("%s (%s–%s)", f(0.5), f(0.25), f(0.75))
}

func seconds(s sample) string { return spread(s, "%.2f", 1) }

const mebibyte = 1 << 20

func (v view) Duration() string {
	return v.Machine.Ended.Sub(v.Machine.Date).Round(60e9).String()
}

// FloorBuild is how many milliseconds JavaScript needs to build a construct.
func (v view) FloorBuild() string {
	return fmt.Sprintf("%.1f", marginal(v.Growth[floor], 1, v.Largest(), buildTime)*1000)
}

func (v view) Largest() int { return slices.Max(v.Effort.Sizes) }

func (v view) Targets() string {
	var rows [][]string
	for _, t := range v.targets() {
		met := "yes"
		if !t.Met {
			met = "**no**"
		}
		rows = append(rows, []string{t.Name, t.Bound, t.Measured, met})
	}
	return table([]string{"", "target", "measured", "met"}, rows)
}

func (v view) BuildTable() string {
	var rows [][]string
	for _, name := range goNames {
		b := v.Builds[name]
		rows = append(rows, []string{
			name, seconds(b.Cold), seconds(b.Edited), seconds(b.Unchanged),
			fmt.Sprintf("%.1f", float64(b.BinaryBytes)/1e6), strconv.Itoa(b.CDKPackages), strconv.Itoa(b.Packages),
		})
	}
	return table([]string{"", "cold, s", "after an edit, s", "unchanged, s", "binary, MB", "CDK packages", "all packages"}, rows)
}

func (v view) AppTable() string {
	var rows [][]string
	for _, name := range allNames {
		rows = append(rows, []string{name, seconds(v.Apps[name].Without), seconds(v.Apps[name].With)})
	}
	return table([]string{"app alone", "without validator, s", "with validator, s"}, rows)
}

func (v view) SynthTable() string {
	var rows [][]string
	for _, s := range v.Synths {
		rows = append(rows, []string{s.Name, seconds(s.Figures.Without), seconds(s.Figures.With)})
	}
	return table([]string{"`cdk synth`", "without validator, s", "with validator, s"}, rows)
}

func (v view) SampleTable() string {
	var rows [][]string
	for _, name := range []string{makeSynth, synthJavaScript} {
		rows = append(rows, []string{name, seconds(v.Samples[name])})
	}
	return table([]string{"the sample stack, with validator", "s"}, rows)
}

func (v view) RequestTable() string {
	var rows [][]string
	for _, name := range goNames {
		n := v.Requests[name]
		rows = append(rows, []string{name, strconv.Itoa(n.Default), strconv.Itoa(n.Construct), strconv.Itoa(n.Grant)})
	}
	return table([]string{"requests", "default construct", "construct with input and output", "grant to a caller"}, rows)
}

func (v view) TimeTable() string {
	return v.growthTable("constructs: s in all", func(p *point) string { return seconds(p.Total) })
}

func (v view) MemoryTable() string {
	return v.growthTable("constructs: MiB", func(p *point) string { return spread(p.Memory, "%.0f", 1.0/mebibyte) })
}

func (v view) growthTable(what string, cell func(*point) string) string {
	header := append([]string{what}, allNames...)
	var rows [][]string
	for _, count := range v.Effort.Sizes {
		row := []string{strconv.Itoa(count)}
		for _, name := range header[1:] {
			row = append(row, cell(v.Growth[name][count]))
		}
		rows = append(rows, row)
	}
	return table(header, rows)
}

// MarginalTable has what a further construct costs between two sizes, in time and memory, and the exponents.
func (v view) MarginalTable() string {
	var rows [][]string
	add := func(label string, cell func(points map[int]*point) string) {
		row := []string{label}
		for _, name := range allNames {
			row = append(row, cell(v.Growth[name]))
		}
		rows = append(rows, row)
	}
	sizes := v.Effort.Sizes
	for i := 1; i < len(sizes); i++ {
		add(fmt.Sprintf("ms each, from %d to %d", sizes[i-1], sizes[i]), func(points map[int]*point) string {
			return fmt.Sprintf("%.1f", marginal(points, sizes[i-1], sizes[i], totalTime)*1000)
		})
	}
	add(fmt.Sprintf("**ms each, from 1 to %d**", v.Largest()), func(points map[int]*point) string {
		return fmt.Sprintf("**%.1f**", marginal(points, 1, v.Largest(), totalTime)*1000)
	})
	for _, part := range []struct {
		label string
		of    func(*point) sample
	}{
		{"of that building", buildTime},
		{"of that synthesizing", func(p *point) sample { return p.Synth }},
	} {
		add(part.label, func(points map[int]*point) string {
			return fmt.Sprintf("%.1f", marginal(points, 1, v.Largest(), part.of)*1000)
		})
	}
	add(fmt.Sprintf("MiB each, from 1 to %d", v.Largest()), func(points map[int]*point) string {
		return fmt.Sprintf("%.2f", marginal(points, 1, v.Largest(), memory)/mebibyte)
	})
	add("exponent of growth", func(points map[int]*point) string {
		return spread(exponents(points, sizes), "%.2f", 1)
	})
	return table(append([]string{"a further construct"}, allNames...), rows)
}

// ProfileTable lists the slowest requests of this library's app.
func (v view) ProfileTable() string {
	const shown = 14
	p := v.Profiles[ours]
	row := func(label string, l profileLine) []string {
		return []string{
			label, fmt.Sprintf("%.2f", l.Count), fmt.Sprintf("%.2f", l.Millis), fmt.Sprintf("%.0f %%", 100*l.Millis/p.Total.Millis),
		}
	}
	rest := p.Total
	var rows [][]string
	for _, line := range p.Lines[:min(shown, len(p.Lines))] {
		rows = append(rows, row("`"+line.Label+"`", line))
		rest.Count -= line.Count
		rest.Millis -= line.Millis
	}
	rows = append(rows, row("all others", rest), row("**all**", p.Total))
	return table([]string{"request", "per construct", "ms per construct", "share"}, rows)
}

func (v view) ProfileTotals() string {
	var rows [][]string
	for _, name := range goNames {
		p := v.Profiles[name]
		rows = append(rows, []string{
			name, fmt.Sprintf("%.1f", p.Total.Count), fmt.Sprintf("%.1f", p.Total.Millis),
			fmt.Sprintf("%.2f", p.Total.Millis/p.Total.Count), fmt.Sprintf("%.1f", p.AppTime),
			fmt.Sprintf("%.1f", marginal(v.Growth[name], 1, v.Largest(), buildTime)*1000),
		})
	}
	return table([]string{"per construct", "requests", "ms until the answers", "ms a request", "ms until built, with stopwatch", "without"}, rows)
}

// room says how many requests a construct could make and still meet its target of time.
type room struct {
	Target               string
	Limit, Floor, Each   string // milliseconds
	Requests, Creates    string
	ByHand, Ours, Strict string // requests
	OfStrict             string
}

// Room is nil where the target is met.
func (v view) Room() *room {
	millis := func(name string) float64 { return marginal(v.Growth[name], 1, v.Largest(), totalTime) * 1000 }
	limit := maxMarginalOfByHand * millis(byHand)
	if millis(ours) <= limit {
		return nil
	}
	each := (millis(byHand) - millis(floor)) / v.Profiles[byHand].Total.Count
	var creates float64
	for _, line := range v.Profiles[ours].Lines {
		if strings.HasPrefix(line.Label, "create ") {
			creates += line.Count
		}
	}
	rounded := func(n float64) string { return fmt.Sprintf("%.0f", n) }
	return &room{
		Target: fmt.Sprintf("%.2g", maxMarginalOfByHand),
		Limit:  fmt.Sprintf("%.1f", limit), Floor: fmt.Sprintf("%.1f", millis(floor)), Each: fmt.Sprintf("%.2f", each),
		Requests: rounded((limit - millis(floor)) / each), Creates: rounded(creates),
		ByHand:   rounded(v.Profiles[byHand].Total.Count),
		Ours:     rounded(v.Profiles[ours].Total.Count),
		Strict:   rounded(v.Profiles[strict].Total.Count),
		OfStrict: fmt.Sprintf("%.2f", millis(ours)/millis(strict)),
	}
}

func (v view) OnlyOurs() []equivalence.Permission { return v.Template.OnlyOurs }

func (v view) OnlyByHand() []equivalence.Permission { return v.Template.OnlyByHand }

func (v view) TestTable() string {
	return table([]string{"`make test`, everything compiled", "s"}, [][]string{
		{"every test runs", seconds(v.Tests.Run)},
		{"nothing has changed, Go remembers the results", seconds(v.Tests.Cached)},
	})
}
