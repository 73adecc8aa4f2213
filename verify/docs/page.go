// Package docs reads the Markdown of this repository, for the tests that compare it with the code.
package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Page is a page of Markdown, parsed.
type Page struct {
	Path     string
	Links    []Link
	Blocks   []Block
	Anchors  map[string]bool // the ids that GitHub gives to headings
	Problems []string        // what is wrong in the page itself

	source  []byte
	section string // while it is parsed
}

// Link is where a page points to.
type Link struct {
	Target string
	Line   int
}

// Block is fenced code. A comment before it, <!-- snippet: FILE REGION --> or <!-- output: NAME
// -->, names the origin of its text. A paragraph before that, `FILE`:, names the file that readers
// make of it.
type Block struct {
	Language   string
	Kind, Name string // of the comment; empty where there is none
	File       string // of the paragraph; empty where there is none
	Section    string // the heading above it
	Text       string
	Line       int

	start, stop int
}

var (
	markdown = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote)).Parser()
	origin   = regexp.MustCompile(`^<!-- (snippet|output): (.+?) -->\s*$`)
	fileName = regexp.MustCompile("^`([^`]+)`:\\s*$")
)

// ReadPage reads and parses a page.
func ReadPage(path string) (*Page, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, source)
}

// Parse parses a page.
func Parse(path string, source []byte) (*Page, error) {
	p := &Page{Path: path, Anchors: map[string]bool{}, source: source}
	err := ast.Walk(markdown.Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			p.read(n)
		}
		return ast.WalkContinue, nil
	})
	return p, err
}

func (p *Page) read(n ast.Node) {
	switch n := n.(type) {
	case *ast.Link:
		p.addLink(n, string(n.Destination))
	case *ast.Image:
		p.addLink(n, string(n.Destination))
	case *ast.AutoLink:
		p.addLink(n, string(n.URL(p.source)))
	case *ast.Heading:
		p.section = p.textOf(n)
		p.addAnchor(slugOf(p.section))
	case *ast.Paragraph, *ast.TextBlock:
		if strings.Contains(p.textOf(n), "][") {
			p.addProblem(n, "a reference is not defined")
		}
	case *ast.HTMLBlock:
		if html := string(n.Lines().Value(p.source)); !strings.HasPrefix(html, "<!--") {
			p.addProblem(n, "HTML: write Markdown, whose links are checked")
		}
	case *ast.RawHTML:
		p.addProblem(n, "HTML: write Markdown, whose links are checked")
	case *ast.FencedCodeBlock:
		p.addBlock(n)
	}
}

func (p *Page) addLink(n ast.Node, target string) {
	p.Links = append(p.Links, Link{target, p.lineOf(n)})
}

func (p *Page) addAnchor(slug string) {
	id := slug
	for n := 1; p.Anchors[id]; n++ {
		id = fmt.Sprintf("%s-%d", slug, n)
	}
	p.Anchors[id] = true
}

func (p *Page) addProblem(n ast.Node, problem string) {
	p.Problems = append(p.Problems, fmt.Sprintf("line %d: %s", p.lineOf(n), problem))
}

func (p *Page) addBlock(n *ast.FencedCodeBlock) {
	b := Block{Language: string(n.Language(p.source)), Text: string(n.Lines().Value(p.source)), Line: p.lineOf(n), Section: p.section}
	if lines := n.Lines(); lines.Len() > 0 {
		b.start, b.stop = lines.At(0).Start, lines.At(lines.Len()-1).Stop
	}
	before := n.PreviousSibling()
	if comment, ok := before.(*ast.HTMLBlock); ok {
		if found := origin.FindStringSubmatch(string(comment.Lines().Value(p.source))); found != nil {
			b.Kind, b.Name = found[1], found[2]
		}
		before = comment.PreviousSibling()
	}
	if paragraph, ok := before.(*ast.Paragraph); ok {
		if found := fileName.FindStringSubmatch(string(paragraph.Lines().Value(p.source))); found != nil {
			b.File = found[1]
		}
	}
	p.Blocks = append(p.Blocks, b)
}

// textOf returns the text of a node without its code.
func (p *Page) textOf(n ast.Node) string {
	var out strings.Builder
	_ = ast.Walk(n, func(child ast.Node, entering bool) (ast.WalkStatus, error) {
		if code, ok := child.(*ast.CodeSpan); ok {
			if _, inHeading := n.(*ast.Heading); inHeading && entering {
				out.Write(code.Text(p.source)) //nolint:staticcheck // of a code span there is no other
			}
			return ast.WalkSkipChildren, nil
		}
		if t, ok := child.(*ast.Text); ok && entering {
			out.Write(t.Value(p.source))
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}

// lineOf returns the line of a node, or of the block around it.
func (p *Page) lineOf(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		if n.Type() != ast.TypeInline && n.Lines() != nil && n.Lines().Len() > 0 {
			return 1 + strings.Count(string(p.source[:n.Lines().At(0).Start]), "\n")
		}
	}
	return 1
}

// slugOf is GitHub's: lower case, letters, digits, "-" and "_" stay, a space becomes "-",
// everything else goes.
func slugOf(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// Rewrite returns the page with a new text in every block of a kind.
func (p *Page) Rewrite(kind string, textOf func(name string) (string, error)) (string, error) {
	var out strings.Builder
	end := 0
	for _, b := range p.Blocks {
		if b.Kind != kind {
			continue
		}
		text, err := textOf(b.Name)
		if err != nil {
			return "", fmt.Errorf("%s: line %d: %w", p.Path, b.Line, err)
		}
		if b.stop == 0 {
			return "", fmt.Errorf("%s: line %d: write any line into the block", p.Path, b.Line)
		}
		out.Write(p.source[end:b.start])
		out.WriteString(text)
		end = b.stop
	}
	out.Write(p.source[end:])
	return out.String(), nil
}

// CheckLink returns what is wrong with a link; empty where nothing is. root is the folder of the
// repository.
func (p *Page) CheckLink(root, target string) (string, error) {
	if scheme, _, isExternal := strings.Cut(target, ":"); isExternal && !strings.ContainsAny(scheme, "/#.") {
		if scheme != "https" {
			return "use https", nil
		}
		return "", nil
	}
	path, anchor, hasAnchor := strings.Cut(target, "#")
	file := p.Path
	if path != "" {
		file = filepath.Join(filepath.Dir(p.Path), filepath.FromSlash(path))
	}
	if relative, err := filepath.Rel(root, file); err != nil || strings.HasPrefix(relative, "..") || strings.HasPrefix(path, "/") {
		return "use a relative path in the repository", nil
	}
	info, err := os.Stat(file)
	switch {
	case os.IsNotExist(err):
		return "no such file", nil
	case err != nil:
		return "", err
	case !hasAnchor:
		return "", nil
	case info.IsDir() || filepath.Ext(file) != ".md":
		return "only headings of Markdown can be checked", nil
	}
	other, err := ReadPage(file)
	if err != nil {
		return "", err
	}
	if !other.Anchors[anchor] {
		return "no such heading", nil
	}
	return "", nil
}

// Pages returns the Markdown files of the repository, without those that tools made.
func Pages(root string) ([]*Page, error) {
	made := map[string]bool{"node_modules": true, "cdk.out": true, "build": true, ".git": true}
	var pages []*Page
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && made[entry.Name()]:
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		page, err := ReadPage(path)
		pages = append(pages, page)
		return err
	})
	return pages, err
}

// Region returns the lines of a source file between "region NAME" and "endregion" in comments,
// without their common indentation.
func Region(source, name string) (string, error) {
	var lines []string
	inside := false
	for line := range strings.Lines(source) {
		comment, isComment := strings.CutPrefix(strings.TrimSpace(line), "// ")
		if !isComment {
			comment, isComment = strings.CutPrefix(strings.TrimSpace(line), "# ")
		}
		switch {
		case isComment && comment == "region "+name:
			inside = true
		case inside && isComment && comment == "endregion":
			return dedent(lines), nil
		case inside:
			lines = append(lines, line)
		}
	}
	if inside {
		return "", fmt.Errorf("region %q has no end", name)
	}
	return "", fmt.Errorf("no region %q", name)
}

var regionLine = regexp.MustCompile(`(?m)^\s*(?://|#) region (\w+)$`)

// Regions returns the names of all regions of a source file.
func Regions(source string) []string {
	var names []string
	for _, found := range regionLine.FindAllStringSubmatch(source, -1) {
		names = append(names, found[1])
	}
	return names
}

func dedent(lines []string) string {
	indent := -1
	for _, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, "\t ")); strings.TrimSpace(line) != "" && (indent < 0 || n < indent) {
			indent = n
		}
	}
	var out strings.Builder
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			out.WriteString("\n")
		} else {
			out.WriteString(line[indent:])
		}
	}
	return strings.Trim(out.String(), "\n") + "\n"
}
