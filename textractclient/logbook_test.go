package textractclient_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
)

// logBook keeps what was logged, each record as one line of message and attributes.
type logBook struct {
	mu    *sync.Mutex
	lines *[]string
	attrs string
}

func newLogBook() *logBook { return &logBook{mu: new(sync.Mutex), lines: new([]string)} }

func (b *logBook) Enabled(context.Context, slog.Level) bool { return true }

func (b *logBook) Handle(_ context.Context, record slog.Record) error {
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

func (b *logBook) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *b
	for _, a := range attrs {
		with.attrs += " " + a.String()
	}
	return &with
}

func (b *logBook) WithGroup(string) slog.Handler { return b }

// count returns how many lines contain the text.
func (b *logBook) count(text string) int {
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
