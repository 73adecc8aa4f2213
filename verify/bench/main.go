// Command bench measures this library next to the same resources by hand, and writes its part of
// docs/performance.md. It runs in verify, with the Node and the CDK CLI of package.json first in
// the PATH.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cdk-textract/textractasync/internal/snapshot"
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

// The page has a part for each kind of benchmark; the lines around them are written by hand.
const (
	page  = "../docs/performance.md"
	begin = "<!-- make bench -->\n"
	end   = "<!-- end of make bench -->\n"
)

var (
	rounds = flag.Int("rounds", 5, "how often everything is measured")
	batch  = flag.Bool("batch", false, "simulate batches instead")
	seeds  = flag.Int("seeds", 5, "of batches")
	temp   string
)

func main() {
	flag.Parse()
	log.SetFlags(0)
	from, to, measured := begin, end, measure
	if *batch {
		from, to, measured = batchBegin, batchEnd, measureBatch
	}
	text, err := os.ReadFile(page)
	check(err)
	_, err = snapshot.ReplacePart(string(text), from, to, "") // fails before it takes an hour
	check(err)
	temp, err = os.MkdirTemp("", "bench")
	check(err)
	changed, err := snapshot.ReplacePart(string(text), from, to, measured())
	check(err)
	check(os.WriteFile(page, []byte(changed), 0o644))
	check(os.RemoveAll(temp))
}

// check ends the program with an error, and leaves nothing behind.
func check(err error) {
	if err != nil {
		log.Fatal("bench: ", errors.Join(err, os.RemoveAll(temp)))
	}
}

// output runs a command in a folder, and returns what it prints.
func output(dir string, command ...string) string {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%q: %w\n%s%s", command, err, text, stderr.String())
	}
	check(err)
	return string(text)
}

func isInstalled(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// seconds times commands in turn, by hyperfine where it is installed, and returns the median of
// each.
func seconds(dir, prepare string, commands ...string) []float64 {
	var medians []float64
	if isInstalled("hyperfine") {
		report := filepath.Join(temp, "hyperfine.json")
		options := []string{"hyperfine", "--runs", strconv.Itoa(*rounds), "--prepare", prepare, "--export-json", report}
		output(dir, append(options, commands...)...)
		text, err := os.ReadFile(report)
		check(err)
		var measured struct{ Results []struct{ Median float64 } }
		check(json.Unmarshal(text, &measured))
		for _, result := range measured.Results {
			medians = append(medians, result.Median)
		}
		return medians
	}
	return inTurn(dir, prepare, commands, func(command string) float64 {
		start := time.Now()
		output(dir, "sh", "-c", command)
		return time.Since(start).Seconds()
	})
}

// cpuSeconds measures the CPU time of commands in turn, which the rest of the machine disturbs
// little, and returns the median of each.
func cpuSeconds(dir, prepare string, commands ...string) []float64 {
	return inTurn(dir, prepare, commands, func(command string) float64 {
		process := exec.Command("sh", "-c", command)
		process.Dir, process.Stderr = dir, os.Stderr
		check(process.Run())
		return (process.ProcessState.UserTime() + process.ProcessState.SystemTime()).Seconds()
	})
}

// inTurn measures commands, each after the preparation, and returns the median of each.
func inTurn(dir, prepare string, commands []string, measure func(command string) float64) (medians []float64) {
	times := make([][]float64, len(commands))
	for range *rounds {
		for i, command := range commands {
			output(dir, "sh", "-c", prepare)
			times[i] = append(times[i], measure(command))
		}
	}
	for _, all := range times {
		medians = append(medians, median(all))
	}
	return medians
}

func median(values []float64) float64 {
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

var nanoseconds = regexp.MustCompile(`(\d+) ns/op`)

// benchmark is BenchmarkConstructs of an implementation and a size.
type benchmark struct {
	name string
	size int
}

// constructTimes runs every benchmark in a process of its own, and returns medians in milliseconds.
// benchstat, where it is installed, prints the comparison.
func constructTimes() map[benchmark]float64 {
	binary, results := filepath.Join(temp, "bench.test"), filepath.Join(temp, "constructs.txt")
	output(".", "go", "test", "-c", "-o", binary, "./bench")
	times := map[benchmark][]float64{}
	var printed strings.Builder
	for range *rounds {
		for _, size := range sizes {
			for _, name := range []string{ours, strict, usual} {
				pattern := fmt.Sprintf("^BenchmarkConstructs$/^%s$/^%d$", name, size)
				text := output("bench", binary, "-test.run=^$", "-test.benchtime=1x", "-test.bench="+pattern)
				printed.WriteString(text)
				found := nanoseconds.FindStringSubmatch(text)
				if found == nil {
					check(fmt.Errorf("no result of %s in %q", pattern, text))
				}
				value, err := strconv.ParseFloat(found[1], 64)
				check(err)
				times[benchmark{name, size}] = append(times[benchmark{name, size}], value/1e6)
			}
		}
	}
	if isInstalled("benchstat") {
		check(os.WriteFile(results, []byte(printed.String()), 0o600))
		fmt.Println(output(".", "benchstat", "-col", "/name", results))
	}
	medians := map[benchmark]float64{}
	for b, all := range times {
		medians[b] = median(all)
	}
	return medians
}

var countLine = regexp.MustCompile(`(\d+) (?:jsii calls|packages of awscdk), at most (\d+)`)

type budget struct{ got, most int }

// counts are those that budget_test.go asserts, in the order of its tests.
func counts() []budget {
	text := output(
		"..", "go", "test", "-count=1", "-v", "-run",
		"^(TestJSIICallsOf(DefaultConstruct|GrantRunJobs)|TestImportClosure)$", ".",
	)
	var all []budget
	for _, found := range countLine.FindAllStringSubmatch(text, -1) {
		got, gotErr := strconv.Atoi(found[1])
		most, mostErr := strconv.Atoi(found[2])
		check(errors.Join(gotErr, mostErr))
		all = append(all, budget{got, most})
	}
	if len(all) != 3 {
		check(fmt.Errorf("budget_test.go has %d counts, want 3:\n%s", len(all), text))
	}
	return all
}

// measure returns the part of the page.
func measure() string {
	loadBefore := loadAverage()
	budgets := counts()
	synth := seconds("..", "true", "make --silent synth ARGS=--output="+filepath.Join(temp, "ours"),
		"cdk synth --quiet --app 'node verify/bench/js/sample.mjs' --output "+filepath.Join(temp, "javascript"))
	times := constructTimes()
	cache := filepath.Join(temp, "gocache")
	build := "GOCACHE=" + cache + " go build -o " + filepath.Join(temp, "app")
	cold := seconds(".", "rm -rf "+cache, build+" github.com/cdk-textract/textractasync/app", build+" ./bench/app")
	workflow := cpuSeconds("../examples", "rm -rf "+cache, build+" ./uploads", build+" ./smallest")

	var part strings.Builder
	version := func(command ...string) string { return strings.TrimSpace(output(".", command...)) }
	fmt.Fprintf(&part, `
Medians of %d rounds on %s, %s cores, %s, %s, Node %s, awscdk %s, aws-cdk-lib
%s in JavaScript; load average %s before and %s after.

| what | measured | next to | ratio | target, at most | met |
| --- | ---: | --- | ---: | ---: | --- |
`, *rounds, time.Now().UTC().Format("2 January 2006"), version("nproc"), version("uname", "-sm"), version("go", "env", "GOVERSION"),
		version("node", "--version"), version("go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-cdk-go/awscdk/v2"),
		version("node", "--print", "require('./bench/js/package.json').dependencies['aws-cdk-lib']"),
		loadBefore, loadAverage())

	row := func(what, format string, measured float64, comparison string, other, target float64) {
		ratio := measured / other
		line := "| %s | " + format + " | %s: " + format + " | %.2f | %.1f | %s |\n"
		fmt.Fprintf(&part, line, what, measured, comparison, other, ratio, target, met(ratio <= target))
	}
	// The time of each further construct, without the start of the process.
	further := func(name string, from, to int) float64 {
		return (times[benchmark{name, to}] - times[benchmark{name, from}]) / float64(to-from)
	}
	first, last := sizes[0], sizes[len(sizes)-1]
	const inSeconds, inMillis = "%.1f s", "%.1f ms"
	row("cold build of the sample app", inSeconds, cold[0], "the same by hand, as usual", cold[1], 0.6)
	row("CPU of a cold build of `examples/uploads`, a workflow", inSeconds, workflow[0], "`examples/smallest`, without", workflow[1], 1.1)
	row("`make synth`", inSeconds, synth[0], "`cdk synth` of the same in JavaScript", synth[1], 1.3)
	row("each further construct", inMillis, further(ours, first, last), "as strict, by hand", further(strict, first, last), 0.9)
	row("each further construct", inMillis, further(ours, first, last), "as usual, by hand", further(usual, first, last), 1.2)
	row("growth: each further construct from 100 to 400", inMillis, further(ours, 100, 400), "from 10 to 100", further(ours, 10, 100), 1.1)
	for i, what := range []string{
		"jsii calls of the construct with all defaults", "jsii calls of `GrantRunJobs`",
		"packages of the CDK that are imported",
	} {
		fmt.Fprintf(&part, "| %s | %d | | | %d | %s |\n", what, budgets[i].got, budgets[i].most, met(budgets[i].got <= budgets[i].most))
	}
	for _, size := range sizes {
		noun := "constructs"
		if size == 1 {
			noun = "construct"
		}
		fmt.Fprintf(&part, "| whole app with %d %s | %.0f ms | by hand: %.0f ms as strict, %.0f ms as usual | | | |\n",
			size, noun, times[benchmark{ours, size}], times[benchmark{strict, size}], times[benchmark{usual, size}])
	}
	part.WriteString("\n")
	return part.String()
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
