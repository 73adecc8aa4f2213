// Command bench measures this library next to the same resources by hand, and writes docs/performance.md. It runs in verify, with the
// Node and the CDK CLI of package.json first in the PATH.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The implementations.
const (
	ours       = "textractasync"
	strict     = "strict"
	usual      = "usual"
	javaScript = "JavaScript"
)

// sizes are numbers of constructs in an app.
var sizes = []int{1, 10, 100, 400}

const page = "../docs/performance.md"

func main() {
	rounds := flag.Int("rounds", 5, "how often everything is measured")
	out := flag.String("out", page, "the page to write")
	flag.Parse()
	if err := run(*rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(rounds int, out string) (err error) {
	temp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	m := &measurement{rounds: rounds, temp: temp}
	text := m.page()
	if m.err != nil {
		return m.err
	}
	return os.WriteFile(out, []byte(text), 0o644)
}

// measurement keeps the first error.
type measurement struct {
	rounds int
	temp   string
	err    error
}

// output runs a command in a folder, and returns what it prints.
func (m *measurement) output(dir string, command ...string) string {
	if m.err != nil {
		return ""
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		m.err = fmt.Errorf("%q: %w\n%s%s", command, err, text, stderr.String())
	}
	return string(text)
}

// seconds times commands in turn, by hyperfine where it is installed, and returns the median of each.
func (m *measurement) seconds(dir string, prepare string, commands ...string) []float64 {
	medians := make([]float64, len(commands))
	if _, err := exec.LookPath("hyperfine"); err == nil {
		report := filepath.Join(m.temp, "hyperfine.json")
		m.output(dir, append([]string{
			"hyperfine", "--runs", strconv.Itoa(m.rounds), "--prepare", prepare, "--export-json", report,
		}, commands...)...)
		var measured struct{ Results []struct{ Median float64 } }
		if text, err := os.ReadFile(report); m.err == nil && err == nil {
			m.err = json.Unmarshal(text, &measured)
		}
		for i, result := range measured.Results {
			medians[i] = result.Median
		}
		return medians
	}
	times := make([][]float64, len(commands))
	for range m.rounds {
		for i, command := range commands {
			m.output(dir, "sh", "-c", prepare)
			start := time.Now()
			m.output(dir, "sh", "-c", command)
			times[i] = append(times[i], time.Since(start).Seconds())
		}
	}
	for i := range times {
		medians[i] = median(times[i])
	}
	return medians
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

var benchmarkLine = regexp.MustCompile(`(?m)^BenchmarkConstructs/(\w+)/(\d+)\S*\s+1\s+(\d+) ns/op`)

// constructs runs the benchmark, each size in a process of its own, and returns medians in milliseconds. benchstat, where it is
// installed, prints the comparison.
func (m *measurement) constructs() map[string]map[int]float64 {
	binary := filepath.Join(m.temp, "bench.test")
	m.output(".", "go", "test", "-c", "-o", binary, "./bench")
	times := map[string]map[int][]float64{ours: {}, strict: {}, usual: {}}
	var log strings.Builder
	for range m.rounds {
		for _, size := range sizes {
			for _, name := range []string{ours, strict, usual} {
				pattern := fmt.Sprintf("^BenchmarkConstructs$/^%s$/^%d$", name, size)
				text := m.output("bench", binary, "-test.run=^$", "-test.benchtime=1x", "-test.bench="+pattern)
				log.WriteString(text)
				if line := benchmarkLine.FindStringSubmatch(text); line != nil {
					nanoseconds, _ := strconv.ParseFloat(line[3], 64)
					times[name][size] = append(times[name][size], nanoseconds/1e6)
				} else if m.err == nil {
					m.err = fmt.Errorf("no result of %s in %q", pattern, text)
				}
			}
		}
	}
	if _, err := exec.LookPath("benchstat"); err == nil && m.err == nil {
		file := filepath.Join(m.temp, "constructs.txt")
		m.err = os.WriteFile(file, []byte(log.String()), 0o600)
		fmt.Println(m.output(".", "benchstat", "-col", "/name", file))
	}
	medians := map[string]map[int]float64{}
	for name := range times {
		medians[name] = map[int]float64{}
		for size, values := range times[name] {
			medians[name][size] = median(values)
		}
	}
	return medians
}

var countLine = regexp.MustCompile(`(\d+) (jsii calls|packages of awscdk), at most (\d+)`)

// counts are those that budget_test.go asserts, in the order of its tests.
func (m *measurement) counts() [][]string {
	text := m.output("..", "go", "test", "-count=1", "-v", "-run", "^(TestJSIICallsOf(DefaultConstruct|GrantRunJobs)|TestImportClosure)$", ".")
	counts := countLine.FindAllStringSubmatch(text, -1)
	if len(counts) != 3 && m.err == nil {
		m.err = fmt.Errorf("budget_test.go has %d counts, want 3:\n%s", len(counts), text)
	}
	return counts
}

// row is a line of the table.
type row struct {
	what, measured, comparison string
	value, target              float64 // at most
	unit                       string
}

func (m *measurement) page() string {
	loadBefore := loadAverage()
	counts := m.counts()
	cache := filepath.Join(m.temp, "gocache")
	build := func(dir, app string) string {
		return fmt.Sprintf("cd %s && GOCACHE=%s go build -o %s %s", dir, cache, filepath.Join(m.temp, "app"), app)
	}
	synth := m.seconds("..", "true", "make --silent synth ARGS=--output="+filepath.Join(m.temp, "ours"),
		"cdk synth --quiet --app 'node verify/bench/js/sample.mjs' --output "+filepath.Join(m.temp, "javascript"))
	times := m.constructs()
	cold := m.seconds(".", "rm -rf "+cache, build("..", "./app"), build(".", "./bench/app"))
	if m.err != nil {
		return ""
	}
	// The time of each further construct, without the start of the process.
	further := func(name string, from, to int) float64 {
		return (times[name][to] - times[name][from]) / float64(to-from)
	}
	seconds := func(value float64) string { return fmt.Sprintf("%.1f s", value) }
	millis := func(value float64) string { return fmt.Sprintf("%.1f ms", value) }
	first, last := sizes[0], sizes[len(sizes)-1]
	rows := []row{
		{"cold build of the sample app", seconds(cold[0]), "the same by hand, as usual: " + seconds(cold[1]), cold[0] / cold[1], 0.6, "of it"},
		{"`make synth`", seconds(synth[0]), "`cdk synth` of the same in JavaScript: " + seconds(synth[1]), synth[0] / synth[1], 1.3, "times"},
		{
			"each further construct", millis(further(ours, first, last)), "as strict, by hand: " + millis(further(strict, first, last)),
			further(ours, first, last) / further(strict, first, last), 0.9, "of it",
		},
		{
			"each further construct", millis(further(ours, first, last)), "as usual, by hand: " + millis(further(usual, first, last)),
			further(ours, first, last) / further(usual, first, last), 1.2, "times",
		},
		{
			"growth: each further construct from 100 to 400", millis(further(ours, 100, 400)), "from 10 to 100: " + millis(further(ours, 10, 100)),
			further(ours, 100, 400) / further(ours, 10, 100), 1.1, "times",
		},
	}
	var table strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&table, "| %s | %s | %s | %.2f %s | %.1f | %s |\n", r.what, r.measured, r.comparison, r.value, r.unit, r.target, met(r.value <= r.target))
	}
	for i, what := range []string{"jsii calls of the construct with all defaults", "jsii calls of `GrantRunJobs`", "packages of the CDK that are imported"} {
		got, _ := strconv.Atoi(counts[i][1])
		most, _ := strconv.Atoi(counts[i][3])
		fmt.Fprintf(&table, "| %s | %d | | | %d | %s |\n", what, got, most, met(got <= most))
	}
	for _, size := range sizes {
		fmt.Fprintf(&table, "| app with %d constructs | %.0f ms | by hand: %.0f ms as strict, %.0f ms as usual | | | |\n",
			size, times[ours][size], times[strict][size], times[usual][size])
	}
	version := func(command ...string) string { return strings.TrimSpace(m.output(".", command...)) }
	return fmt.Sprintf(pageText, m.rounds, time.Now().UTC().Format("2 January 2006"), version("nproc"), version("uname", "-sm"),
		version("go", "env", "GOVERSION"), version("node", "--version"),
		version("go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-cdk-go/awscdk/v2"), loadBefore, loadAverage(), table.String())
}

// loadAverage tells whether the machine had something else to do.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

func met(isMet bool) string {
	if isMet {
		return "yes"
	}
	return "no"
}

const pageText = `# Performance

<!-- Written by make bench: change verify/bench/main.go instead. -->

What the construct costs, next to the same resources by hand. Medians of %d rounds on %s, %s cores, %s, %s, Node %s, awscdk %s;
load average %s before and %s after. A test checks that all implementations build the same resources.

- **as usual, by hand**: with the CDK's own constructs and grants, which allow more.
- **as strict, by hand**: with every statement that is needed to allow no more than the construct does.

| what | measured | next to | ratio | target, at most | met |
| --- | ---: | --- | ---: | ---: | --- |
%s
Apps have 20 constructs in a stack, each with a caller and ` + "`GrantRunJobs`" + `, and are built and synthesized without the CDK's template
validator, in one process. A cold build has an empty build cache and compiles the standard library too. ` + "`budget_test.go`" + ` asserts the
counts; no test asserts a time.

` + "`make bench`" + ` measures again: with hyperfine where it is installed, and with a comparison by benchstat where that is installed.
`
