package docscheck

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

// Link is where a page points to.
type Link struct {
	Target string
	Line   int // from 1
}

var (
	inlineLink    = regexp.MustCompile(`\]\(\s*<?([^)\s>]*)>?(?:\s+"[^"]*")?\s*\)`)
	reference     = regexp.MustCompile(`^ {0,3}\[([^\]^][^\]]*)\]:\s*<?([^\s>]+)>?`)
	referenceUse  = regexp.MustCompile(`\[([^\]]+)\]\[([^\]]*)\]`)
	bareLink      = regexp.MustCompile(`<(https?://[^>\s]+)>`)
	htmlAttribute = regexp.MustCompile(`(?:href|src|srcset)="([^"]*)"`)
	codeSpan      = regexp.MustCompile("``[^`]+``|`[^`]+`")
	heading       = regexp.MustCompile(`^ {0,3}#{1,6}\s+(.+?)\s*#*$`)
	htmlID        = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	linkText      = regexp.MustCompile(`!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])`)
)

// CheckLinks tells which links of a page lead nowhere: a file or a heading that is not there, or a site without TLS. root is
// the folder of the repository.
func CheckLinks(root, page string) ([]string, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	links, problems := linksOf(string(text))
	for _, link := range links {
		problem, err := checkLink(root, page, link.Target)
		if err != nil {
			return nil, err
		}
		if problem != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s: %s", link.Line, link.Target, problem))
		}
	}
	return problems, nil
}

// linksOf also returns the uses of references that are not defined.
func linksOf(markdown string) (links []Link, problems []string) {
	defined, used := map[string]bool{}, map[string]int{}
	for number, line := range proseOf(markdown) {
		line = codeSpan.ReplaceAllString(line, "")
		add := func(target string) { links = append(links, Link{target, number}) }
		if found := reference.FindStringSubmatch(line); found != nil {
			defined[strings.ToLower(found[1])] = true
			add(found[2])
			continue
		}
		for _, pattern := range []*regexp.Regexp{inlineLink, bareLink, htmlAttribute} {
			for _, found := range pattern.FindAllStringSubmatch(line, -1) {
				add(firstOf(found[1]))
			}
		}
		for _, found := range referenceUse.FindAllStringSubmatch(line, -1) {
			name := found[2]
			if name == "" {
				name = found[1]
			}
			used[strings.ToLower(name)] = number
		}
	}
	for name, line := range used {
		if !defined[name] {
			problems = append(problems, fmt.Sprintf("line %d: [%s] is not defined", line, name))
		}
	}
	return links, problems
}

// firstOf leaves out the width that follows a picture in srcset.
func firstOf(attribute string) string {
	first, _, _ := strings.Cut(attribute, " ")
	return first
}

func checkLink(root, page, target string) (problem string, err error) {
	scheme, rest, isExternal := strings.Cut(target, "://")
	if isExternal {
		if scheme != "https" || rest == "" {
			return "use https", nil
		}
		return "", nil
	}
	if strings.HasPrefix(target, "mailto:") || strings.HasPrefix(target, "//") {
		return "use https", nil
	}
	path, anchor, hasAnchor := strings.Cut(target, "#")
	file := page
	if path != "" {
		if strings.HasPrefix(path, "/") {
			return "use a path relative to the page", nil
		}
		file = filepath.Join(filepath.Dir(page), filepath.FromSlash(path))
	}
	if relative, err := filepath.Rel(root, file); err != nil || strings.HasPrefix(relative, "..") {
		return "outside of the repository", nil
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
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if !anchorsOf(string(text))[anchor] {
		return "no such heading", nil
	}
	return "", nil
}

// anchorsOf are the ids that GitHub gives to headings, and those that the page sets itself.
func anchorsOf(markdown string) map[string]bool {
	anchors := map[string]bool{}
	for _, line := range proseOf(markdown) {
		for _, found := range htmlID.FindAllStringSubmatch(line, -1) {
			anchors[found[1]] = true
		}
		found := heading.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		slug := slugOf(found[1])
		id := slug
		for n := 1; anchors[id]; n++ {
			id = fmt.Sprintf("%s-%d", slug, n)
		}
		anchors[id] = true
	}
	return anchors
}

// slugOf is GitHub's: lower case, letters, digits, "-" and "_" kept, spaces made to "-", everything else left out.
func slugOf(text string) string {
	text = linkText.ReplaceAllString(text, "$1")
	var slug strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r == ' ':
			slug.WriteRune('-')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			slug.WriteRune(r)
		}
	}
	return slug.String()
}

// proseOf iterates over the lines outside of fenced blocks, numbered from 1.
func proseOf(markdown string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		closing := ""
		for i, line := range strings.Split(markdown, "\n") {
			opened := fence.FindStringSubmatch(strings.TrimLeft(line, " "))
			switch {
			case closing != "":
				if strings.TrimSpace(line) == closing {
					closing = ""
				}
			case opened != nil:
				closing = opened[1]
			case !yield(i+1, line):
				return
			}
		}
	}
}

// Pages are the Markdown files below a folder, but for those that tools made.
func Pages(root string) ([]string, error) {
	made := map[string]bool{"node_modules": true, "cdk.out": true, "build": true, ".git": true}
	var pages []string
	err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && made[entry.Name()]:
			return filepath.SkipDir
		case !entry.IsDir() && filepath.Ext(path) == ".md":
			pages = append(pages, path)
		}
		return nil
	})
	return pages, err
}
