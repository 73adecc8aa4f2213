package command

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// Nothing on a terminal is wider than the terminal, whatever the width.
func TestProgressFitsTheTerminal(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for _, width := range []int{1, 20, 66, 80, 200} {
		var out strings.Builder
		p := &progress{out: &out, width: width}
		p.show("uploading /home/ana/a very long name of a document.pdf to s3://documents/"+id+"/a very long name of a document.pdf", "")
		p.show("job "+id+" IN_PROGRESS", time.Hour.String())
		p.say("job %s SUCCEEDED after %s", id, time.Hour)
		p.logger(
			slog.LevelInfo,
		).With(
			"job",
			id,
		).Warn(
			"Textract throttles, trying again", "error",
			errors.New("a long error of the SDK, with its request id "+id),
		)
		p.show("job "+id+" IN_PROGRESS", time.Hour.String())
		p.end()
		for _, line := range strings.FieldsFunc(strings.ReplaceAll(out.String(), eraseLine, ""), func(r rune) bool { return r == '\r' || r == '\n' }) {
			if n := utf8.RuneCountInString(line); n > max(width, 3) && strings.Contains(line, " ") {
				t.Errorf("%d columns on a terminal of %d: %q", n, width, line)
			}
		}
		if width == 80 && !strings.Contains(out.String(), "IN_PROGRESS 1h0m0s") {
			t.Errorf("the status is cut off: %q", out.String())
		}
	}
}

func TestPagesReadAreCounted(t *testing.T) {
	var out strings.Builder
	read := &pagesRead{progress: &progress{out: &out, width: 80}}
	for range 3 {
		if err := read.page(nil); err != nil {
			t.Fatal(err)
		}
	}
	read.progress.end()
	if want := toLineStart + "reading the results 3 pages" + eraseLine + "\n"; !strings.HasSuffix(out.String(), want) {
		t.Errorf("%q does not end with %q", out.String(), want)
	}
}

// Elsewhere each piece of news is one line, whole.
func TestProgressInAFile(t *testing.T) {
	var out strings.Builder
	p := newProgress(&out)
	for range 3 {
		p.show("job 1 IN_PROGRESS", time.Second.String())
	}
	p.say("job 1 SUCCEEDED after %s", time.Minute)
	p.end()
	if got, want := out.String(), "job 1 IN_PROGRESS\njob 1 SUCCEEDED after 1m0s\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLogRecordsOmitErrorsThatThereAreNot(t *testing.T) {
	var out strings.Builder
	var none error
	newProgress(&out).logger(slog.LevelInfo).Warn("something", "error", none, "job", "1")
	if got, want := out.String(), "warn: something job=\"1\"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
