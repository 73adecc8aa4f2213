package textractclient_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// logRecorder keeps what was logged, each record as one line of message and attributes.
type logRecorder struct {
	mu    *sync.Mutex
	lines *[]string
	attrs string
}

func newLogRecorder() *logRecorder { return &logRecorder{mu: new(sync.Mutex), lines: new([]string)} }

func (b *logRecorder) logger() *slog.Logger { return slog.New(b) }

func (b *logRecorder) Enabled(context.Context, slog.Level) bool { return true }

func (b *logRecorder) Handle(_ context.Context, record slog.Record) error {
	line := record.Level.String() + " " + record.Message + b.attrs
	record.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	*b.lines = append(*b.lines, line)
	return nil
}

func (b *logRecorder) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *b
	for _, a := range attrs {
		with.attrs += " " + a.String()
	}
	return &with
}

func (b *logRecorder) WithGroup(string) slog.Handler { return b }

// count returns how many lines contain the text.
func (b *logRecorder) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, line := range *b.lines {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}
