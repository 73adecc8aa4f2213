package workflow

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

// List prices of us-east-1, in USD for a million.
// See: https://aws.amazon.com/step-functions/pricing/, https://aws.amazon.com/eventbridge/pricing/,
// https://aws.amazon.com/sqs/pricing/, https://aws.amazon.com/dynamodb/pricing/on-demand/,
// https://aws.amazon.com/textract/pricing/
const (
	usdTransitions     = 25.0
	usdExpressRequests = 1.0
	usdExpressSeconds  = 1.04 // of 64 MB: 0.00001667 a GB-second
	usdPipeRequests    = 0.4
	usdQueueRequests   = 0.4
	usdWriteUnits      = 0.625
	usdPages           = 1500.0 // text
)

// What a notification takes.
const (
	expressSeconds = 0.2
	queueRequests  = 2 // receive and delete
	writeUnits     = 4 // two writes of an item of up to 2 KB
)

var prices = regexp.MustCompile(`(?s)(<!-- prices of verify/workflow -->\n).*?(<!-- end of prices -->)`)

// TestPrices writes the table of costs from the transitions, which the scenarios check.
func TestPrices(t *testing.T) {
	polls := func(seconds float64) float64 { return math.Ceil(seconds / 30) }
	same := func(transitions float64) func(float64) float64 { return func(float64) float64 { return transitions } }
	durations := []float64{15, 60, 300}
	var table strings.Builder
	fmt.Fprintf(&table, "Transitions at $%.0f a million, for one million jobs of each duration; Textract's own price is from $%s.\n\n",
		usdTransitions, thousands(usdPages))
	table.WriteString(
		"| | transitions of a job | status requests | 15 s | 60 s | 5 min | known after |\n| --- | --- | --- | --- | --- | --- | --- |\n",
	)
	usd := map[string]float64{} // of jobs of a minute
	for _, way := range []struct {
		name, transitions, requests, late string
		of                                func(seconds float64) float64
	}{
		{"upload", "2", "0", "at once", same(2)},
		{"task, or upload with `Prefix`", "3", "0", "at once", same(3)},
		{"batch", "4", "0", "at once", same(4)},
		{
			"[polling](../examples/polling), every 30 s", "2 + 3 for each check", "1 for each check", "15 s on average",
			func(seconds float64) float64 { return 2 + 3*polls(seconds) },
		},
	} {
		fmt.Fprintf(&table, "| %s | %s | %s |", way.name, way.transitions, way.requests)
		for _, seconds := range durations {
			fmt.Fprintf(&table, " $%.0f |", way.of(seconds)*usdTransitions)
		}
		fmt.Fprintf(&table, " %s |\n", way.late)
		usd[way.name] = way.of(60) * usdTransitions
	}
	notifier := usdExpressRequests + expressSeconds*usdExpressSeconds + usdPipeRequests + queueRequests*usdQueueRequests +
		writeUnits*usdWriteUnits
	fmt.Fprintf(&table, "\nNotifier, pipe and table add about $%.0f.", notifier)
	more := usd["[polling](../examples/polling), every 30 s"] - usd["upload"] - notifier
	fmt.Fprintf(&table, " Polling is simpler: 100,000 jobs of a minute cost about $%.0f more.\n", more/10)

	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := prices.ReplaceAllString(string(text), "${1}"+strings.ReplaceAll(table.String(), "$", "$$")+"${2}")
	if !strings.Contains(want, table.String()) {
		t.Errorf("%s has no place for the prices", page)
	}
	snapshot.Page(t, page, string(text), want, *update)
}

func thousands(n float64) string { return fmt.Sprintf("%d,%03d", int(n)/1000, int(n)%1000) }
