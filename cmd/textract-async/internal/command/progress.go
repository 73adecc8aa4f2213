package command

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/printable"
)

// progress shows one line on a terminal, rewritten as things go on; elsewhere a line for each piece
// of news. Nothing that it writes to a terminal is wider than the terminal. It is safe for
// concurrent use.
type progress struct {
	out io.Writer

	mu    sync.Mutex
	width int // of the terminal, 0 elsewhere
	last  string
	open  bool // whether the terminal's line waits for its end
}

// The width of a terminal that does not tell.
const usualWidth = 80

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.width = usualWidth
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			p.width = width
		}
	}
	return p
}

// onTerminal reports whether there is a line to rewrite.
func (p *progress) onTerminal() bool { return p.width > 0 }

const (
	toLineStart = "\r"
	eraseLine   = "\x1b[K"
)

// show shows news with a detail, such as the time that passed, which is no news by itself.
func (p *progress) show(news, detail string) {
	news = printable.Text(news)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.width > 0:
		p.print(toLineStart + cut(news+" "+detail, p.width-1) + eraseLine)
		p.open = true
	case news != p.last:
		p.print(news + "\n")
	}
	p.last = news
}

// end leaves the line as it is.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		p.print("\n")
		p.open = false
	}
}

// say replaces the line by one that stays; on a terminal by as many as it takes.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		p.print(toLineStart + eraseLine)
		p.open = false
	}
	text := printable.Text(fmt.Sprintf(format, args...))
	if p.width > 0 {
		text = wrap(text, p.width)
	}
	p.print(text + "\n")
}

// ask shows a question whose answer follows on the same line.
func (p *progress) ask(question string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open {
		p.print(toLineStart + eraseLine)
		p.open = false
	}
	p.print(question)
}

// print lets errors pass: a job does not fail for want of a progress line.
func (p *progress) print(text string) {
	_, _ = io.WriteString(p.out, text)
}

// cut shortens a line in its middle: the ends tell more.
func cut(line string, width int) string {
	runes := []rune(line)
	if len(runes) <= width {
		return line
	}
	width = max(width, 3)
	head := (width - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(width-1-head):])
}

// wrap breaks a line between words. A word that is wider than the terminal has a line of its own.
func wrap(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return strings.Join(append(lines, line), "\n")
}

// logger writes log records as progress lines.
func (p *progress) logger(level slog.Level) *slog.Logger {
	return slog.New(&logHandler{progress: p, level: level})
}

type logHandler struct {
	progress *progress
	level    slog.Level
	attrs    string
}

func (h *logHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *logHandler) Handle(_ context.Context, record slog.Record) error {
	text := strings.ToLower(record.Level.String()) + ": " + record.Message + h.attrs
	record.Attrs(func(a slog.Attr) bool {
		text += formatAttr(a)
		return true
	})
	h.progress.say("%s", strings.Join(strings.Fields(text), " "))
	return nil
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	for _, a := range attrs {
		with.attrs += formatAttr(a)
	}
	return &with
}

func (h *logHandler) WithGroup(string) slog.Handler { return h }

// formatAttr omits an error that there is not.
func formatAttr(a slog.Attr) string {
	if a.Value.Any() == nil {
		return ""
	}
	return fmt.Sprintf(" %s=%q", a.Key, a.Value.String())
}
