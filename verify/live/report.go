package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// row is what a check came to.
type row struct {
	check
	result result
	reason string // why it is not judged
	seen   string
}

// report is Markdown to paste into an issue.
type report struct {
	account  *account
	begin    time.Time
	rows     []row
	failures []error // of deploying and removing
}

func (r *report) count(of result) int {
	n := 0
	for _, row := range r.rows {
		if row.result == of {
			n++
		}
	}
	return n
}

func (r *report) isGood() bool { return len(r.failures) == 0 && r.count(notAsExpected) == 0 }

// write masks the account's id.
func (r *report) write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# make live: %s\n\n", r.account.config.Region)
	if !r.account.isAWS {
		text.WriteString("**On a local AWS API, not on AWS.**\n\n")
	}
	fmt.Fprintf(&text, "%s, %s %s/%s, %s, %v", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		r.begin.UTC().Format(time.RFC3339), time.Since(r.begin).Round(time.Second))
	for _, v := range []result{asExpected, notAsExpected, answered, unanswered, notJudged} {
		if n := r.count(v); n > 0 {
			fmt.Fprintf(&text, ", %d %s", n, v)
		}
	}
	text.WriteString("\n")
	for _, failure := range r.failures {
		fmt.Fprintf(&text, "\n**FAILED**: %v\n", failure)
	}
	for _, row := range r.rows {
		fmt.Fprintf(&text, "\n## %s: %s\n\n", row.point, row.result)
		if row.reason != "" {
			fmt.Fprintf(&text, "- Not judged: %s\n", row.reason)
		}
		fmt.Fprintf(&text, "- Done: %s\n- Expected: %s\n- Seen:\n\n```text\n%s\n```\n", row.done, row.expected, strings.TrimSpace(row.seen))
	}
	_, err := io.WriteString(w, strings.ReplaceAll(text.String(), r.account.id, "ACCOUNT"))
	return err
}

// version is that of the checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return "commit " + setting.Value
			}
		}
	}
	return "unknown commit"
}
