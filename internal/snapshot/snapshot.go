// Package snapshot compares generated texts with committed files.
package snapshot

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An asset is named by the hash of its content, which changes with every version of the CDK.
var assetHash = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

// Normalize replaces the hashes of assets by numbers, in the order of the text.
func Normalize(text string) string {
	numbers := map[string]int{}
	return assetHash.ReplaceAllStringFunc(text, func(hash string) string {
		if _, seen := numbers[hash]; !seen {
			numbers[hash] = len(numbers) + 1
		}
		return fmt.Sprintf("ASSET%d", numbers[hash])
	})
}

// Compare compares every text with the file of its name in a folder, or writes the files if update
// is set.
func Compare(t testing.TB, dir string, texts map[string]string, update bool) {
	t.Helper()
	if len(texts) == 0 {
		t.Fatal("nothing to compare")
	}
	for name, got := range texts {
		path := filepath.Join(dir, name)
		if update {
			write(t, path, got)
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; go test -run '%s' -update writes it", err, t.Name())
			continue
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// Page compares a page that is partly generated with what it should be, or writes that if update is
// set.
func Page(t testing.TB, path, got, want string, update bool) {
	t.Helper()
	diff := cmp.Diff(want, got)
	switch {
	case diff == "":
	case update:
		write(t, path, want)
	default:
		t.Errorf("%s is out of date; go test -run '%s' -update rewrites it (-want +got):\n%s", path, t.Name(), diff)
	}
}

// ReplacePart returns the page with another text between two lines, each of which ends in a line
// break.
func ReplacePart(page, begin, end, part string) (string, error) {
	before, rest, hasBegin := strings.Cut(page, begin)
	_, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		return "", fmt.Errorf("no line %q with a line %q after it", begin, end)
	}
	return before + begin + part + end + after, nil
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
