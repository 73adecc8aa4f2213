package command

import (
	"fmt"
	"io"
	"os"
)

// progress shows one line on a terminal, rewritten as things go on; elsewhere a line for each piece of news.
type progress struct {
	out      io.Writer
	terminal bool
	last     string
	open     bool // whether the terminal's line waits for its end
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

const (
	toLineStart = "\r"
	eraseLine   = "\x1b[K"
)

// show shows news with a detail, such as the time that passed, which is no news by itself.
func (p *progress) show(news, detail string) {
	switch {
	case p.terminal:
		p.print(toLineStart + news + " " + detail + eraseLine)
		p.open = true
	case news != p.last:
		p.print(news + "\n")
	}
	p.last = news
}

// end leaves the line as it is.
func (p *progress) end() {
	if p.open {
		p.print("\n")
		p.open = false
	}
}

// say replaces the line by one that stays.
func (p *progress) say(format string, args ...any) {
	if p.open {
		p.print(toLineStart + eraseLine)
		p.open = false
	}
	p.print(fmt.Sprintf(format, args...) + "\n")
}

// print lets errors pass: a job does not fail for want of a progress line.
func (p *progress) print(text string) {
	_, _ = io.WriteString(p.out, text)
}
