package textractclient_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// DESIGN.md says of each file what it is for.
func TestDesignNamesEachFile(t *testing.T) {
	design, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(design), "## Listen")
	_, text, _ = strings.Cut(text, "## Files")
	var named []string
	for _, match := range regexp.MustCompile("(?m)`([a-z0-9_]+\\.go)`").FindAllStringSubmatch(text, -1) {
		if !slices.Contains([]string{"pages.go", "response.go", "blocks.go", "table.go"}, match[1]) { // of textractdoc
			named = append(named, match[1])
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(file string) bool { return strings.HasSuffix(file, "_test.go") })
	slices.Sort(named)
	if !slices.Equal(files, named) {
		t.Errorf("named %v\nfiles %v", named, files)
	}
}
