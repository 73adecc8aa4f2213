// Package docscheck reads the Markdown of this repository, for the tests that hold it to the code.
package docscheck

import (
	"fmt"
	"regexp"
	"strings"
)

// Block is a fenced block that a comment before it calls generated: <!-- snippet: FILE REGION --> or <!-- output: NAME -->.
type Block struct {
	Kind     string // "snippet" or "output"; empty for a block without such a comment
	Name     string // what follows the kind
	Language string
	Text     string // what stands between the fences
	Line     int    // of the opening fence, from 1
}

var (
	marker = regexp.MustCompile(`^<!-- (snippet|output): (.+?) -->$`)
	fence  = regexp.MustCompile("^(`{3,}|~{3,})([A-Za-z]*)")
)

// Blocks returns every fenced block, in order.
func Blocks(markdown string) []Block {
	var blocks []Block
	rewrite(markdown, func(b Block) string {
		blocks = append(blocks, b)
		return b.Text
	})
	return blocks
}

// Rewrite replaces the texts of blocks of one kind.
func Rewrite(markdown, kind string, text func(name string) (string, error)) (string, error) {
	var failure error
	rewritten := rewrite(markdown, func(b Block) string {
		if b.Kind != kind || failure != nil {
			return b.Text
		}
		replacement, err := text(b.Name)
		if err != nil {
			failure = fmt.Errorf("line %d: %w", b.Line, err)
		}
		return replacement
	})
	return rewritten, failure
}

// rewrite expects fences at the beginning of lines; an unclosed one reaches to the end.
func rewrite(markdown string, text func(Block) string) string {
	var out strings.Builder
	var block *Block
	var closing, kind, name string
	for i, line := range strings.SplitAfter(markdown, "\n") {
		bare := strings.TrimRight(line, "\n")
		opened := fence.FindStringSubmatch(bare)
		switch {
		case block != nil && bare == closing:
			out.WriteString(text(*block))
			out.WriteString(line)
			block, kind, name = nil, "", ""
		case block != nil:
			block.Text += line
		case opened != nil:
			block = &Block{Kind: kind, Name: name, Language: opened[2], Line: i + 1}
			closing = opened[1]
			out.WriteString(line)
		default:
			if found := marker.FindStringSubmatch(bare); found != nil {
				kind, name = found[1], found[2]
			} else if bare != "" {
				kind, name = "", ""
			}
			out.WriteString(line)
		}
	}
	if block != nil {
		out.WriteString(text(*block))
	}
	return out.String()
}

// Region returns the lines between "// region NAME" and "// endregion", without the indentation that they have in common and
// without blank lines at the end.
func Region(source, name string) (string, error) {
	_, after, found := cutLine(source, "// region "+name)
	if !found {
		return "", fmt.Errorf("no region %q", name)
	}
	body, _, found := cutLine(after, "// endregion")
	if !found {
		return "", fmt.Errorf("region %q has no end", name)
	}
	return dedent(strings.TrimRight(body, "\n") + "\n"), nil
}

// Regions names all regions of a source file.
func Regions(source string) []string {
	var names []string
	for line := range strings.Lines(source) {
		if name, found := strings.CutPrefix(strings.TrimSpace(line), "// region "); found {
			names = append(names, name)
		}
	}
	return names
}

// cutLine cuts around the first line that is the given text but for white space at either end.
func cutLine(source, text string) (before, after string, found bool) {
	offset := 0
	for line := range strings.Lines(source) {
		if strings.TrimSpace(line) == text {
			return source[:offset], source[offset+len(line):], true
		}
		offset += len(line)
	}
	return source, "", false
}

func dedent(text string) string {
	indent := -1
	for line := range strings.Lines(text) {
		if tabs := len(line) - len(strings.TrimLeft(line, "\t")); strings.TrimSpace(line) != "" && (indent < 0 || tabs < indent) {
			indent = tabs
		}
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			out.WriteString("\n")
			continue
		}
		out.WriteString(line[indent:])
	}
	return out.String()
}
