package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	batchBegin = "<!-- make bench-batch -->\n"
	batchEnd   = "<!-- end of make bench-batch -->\n"
)

// measureBatch runs the simulations of textractclient, whose tests print a row for each, and
// returns the part of the page.
func measureBatch() string {
	pace := output("../textractclient", "go", "test", "-timeout=6h", "-run=TestRunAllPace", "-v", "-seeds="+strconv.Itoa(*seeds), ".")
	ways := output("../textractclient", "go", "test", "-timeout=6h", "-run=TestRunAllBeatsAlternatives", "-v", "-alternatives=10000", ".")
	return batchPart(time.Now(), *seeds, logged(pace), logged(ways))
}

// logged returns the cells of the table rows in the output of a test.
func logged(text string) [][]string {
	var rows [][]string
	for line := range strings.Lines(text) {
		if _, row, found := strings.Cut(strings.TrimSpace(line), ": | "); found {
			rows = append(rows, strings.Split(strings.TrimSuffix(row, " |"), " | "))
		}
	}
	return rows
}

// batchPart has the worst of each load and way over all kinds of quotas, and the alternatives.
func batchPart(when time.Time, seeds int, pace, ways [][]string) string {
	type cell struct{ ratio, gets, starts float64 }
	worst := map[string]map[string]cell{}
	var loads, columns []string
	for _, row := range pace {
		load, way := row[0], row[1]
		if worst[load] == nil {
			worst[load] = map[string]cell{}
			loads = append(loads, load)
		}
		if !slices.Contains(columns, way) {
			columns = append(columns, way)
		}
		c := worst[load][way]
		for i, value := range []*float64{&c.ratio, &c.gets, &c.starts} {
			number, err := strconv.ParseFloat(row[3+i], 64)
			check(err)
			*value = max(*value, number)
		}
		worst[load][way] = c
	}
	var table strings.Builder
	header(&table, "load", columns)
	for _, load := range loads {
		fmt.Fprintf(&table, "| %s |", load)
		for _, way := range columns {
			c := worst[load][way]
			fmt.Fprintf(&table, " **%.3f** · %.2f · %.2f |", c.ratio, c.gets, c.starts)
		}
		table.WriteString("\n")
	}

	results := map[string]map[string]string{}
	var names, alternativeLoads []string
	for _, row := range ways {
		load, name, ratio, failed := row[0], row[1], row[2], row[3]
		if !slices.Contains(alternativeLoads, load) {
			alternativeLoads = append(alternativeLoads, load)
		}
		if results[name] == nil {
			results[name] = map[string]string{}
			names = append(names, name)
		}
		if results[name][load] = ratio; failed != "0" {
			results[name][load] = failed + " fail"
		}
	}
	var alternatives strings.Builder
	header(&alternatives, "", alternativeLoads)
	for _, name := range names {
		fmt.Fprintf(&alternatives, "| %s |", name)
		for _, load := range alternativeLoads {
			fmt.Fprintf(&alternatives, " %s |", results[name][load])
		}
		alternatives.WriteString("\n")
	}
	kinds := map[string]bool{}
	for _, row := range pace {
		kinds[row[2]] = true
	}
	return fmt.Sprintf(batchText, when.UTC().Format("2 January 2006"), seeds, strings.Join(slices.Sorted(maps.Keys(kinds)), "; "),
		table.String(), alternatives.String())
}

func header(table *strings.Builder, first string, columns []string) {
	fmt.Fprintf(table, "| %s | %s |\n| ---%s |\n", first, strings.Join(columns, " | "), strings.Repeat(" | ---", len(columns)))
}

const batchText = `
Time of 10,000 documents over that of a schedule that knows everything: it keeps the order of the documents, starts each as soon as the
quotas allow, and learns of each completion at once. In virtual time over ` + "`textracttest`" + `, on %s. Each cell is the worst of
%d seeds and three kinds of quotas (%s), followed by Get calls and Start calls for a document. All quotas and durations are assumptions:
today's quotas of AWS could not be read.

%s
- **letters, books, cards, forms, archives, invoices, mixed** are jobs of a median of 15, 120, 6, 20, 300, 8 and 40 seconds, lognormal, with
  1, 5, 1, 1, 8, 1 and 2 answers to read.
- **A, B, C** are 1, 2, 10 Start calls a second, 1, 5, 25 Get calls a second and 100, 100, 600 jobs at a time; the other loads name these
  numbers. The pace was tuned on the first six loads, on cards and on archives, and not on the others.

Other ways to run the same 10,000 documents, one seed, a second's tokens. Those that poll through Python's SDK retry as it does:

%s
The semaphore is set to the quotas of B.
`
