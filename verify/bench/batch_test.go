package main

import (
	"strings"
	"testing"
	"time"
)

func TestBatchPart(t *testing.T) {
	pace := logged(`=== RUN   TestRunAllPace
    runall_load_test.go:294: | letters A | queue | one token | 1.030 | 0.00 | 1.01 |
    runall_load_test.go:294: | letters A | queue | a second's tokens | 1.020 | 0.50 | 1.00 |
    runall_load_test.go:294: | letters A | no queue | one token | 1.100 | 1.40 | 1.20 |
--- PASS: TestRunAllPace (4.12s)
`)
	ways := logged(`    runalternatives_test.go:225: | letters A | RunAll | 1.03 | 0 | 0.0 |
    runalternatives_test.go:234: | letters A | goroutines | 0.01 | 99 | 0.0 |
`)
	got := batchPart(time.Now(), 5, pace, ways)
	for _, want := range []string{
		"| load | queue | no queue |\n",
		"| letters A | **1.030** · 0.50 · 1.01 | **1.100** · 1.40 · 1.20 |\n", // the worst of each column
		"| RunAll | 1.03 |\n",
		"| goroutines | 99 fail |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q in:\n%s", want, got)
		}
	}
}
