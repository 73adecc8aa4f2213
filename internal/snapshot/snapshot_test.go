package snapshot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

func TestNormalizeNumbersHashesInOrder(t *testing.T) {
	first, second := strings.Repeat("a1", 32), strings.Repeat("b2", 32)
	got := snapshot.Normalize(first + " " + second + " " + first)
	if want := "ASSET1 ASSET2 ASSET1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// recorder records a failure instead of failing the test.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Name() string          { return "recorder" }
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	snapshot.Compare(t, dir, map[string]string{"a.json": "{}"}, true)
	if text, err := os.ReadFile(filepath.Join(dir, "a.json")); err != nil || string(text) != "{}" {
		t.Fatalf("written %q, %v", text, err)
	}
	for name, texts := range map[string]map[string]string{
		"same":    {"a.json": "{}"},
		"changed": {"a.json": "[]"},
		"missing": {"b.json": "{}"},
	} {
		r := &recorder{TB: t}
		snapshot.Compare(r, dir, texts, false)
		if want := name != "same"; r.failed != want {
			t.Errorf("%s: failed is %t, want %t", name, r.failed, want)
		}
	}
}

func TestPage(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.md")
	snapshot.Page(t, page, "old", "new", true)
	if text, err := os.ReadFile(page); err != nil || string(text) != "new" {
		t.Fatalf("written %q, %v", text, err)
	}
	for got, want := range map[string]bool{"new": false, "old": true} {
		r := &recorder{TB: t}
		snapshot.Page(r, page, got, "new", false)
		if r.failed != want {
			t.Errorf("%s: failed is %t, want %t", got, r.failed, want)
		}
	}
}

func TestReplacePart(t *testing.T) {
	got, err := snapshot.ReplacePart("before\n<begin>\nold\n<end>\nafter\n", "<begin>\n", "<end>\n", "new\n")
	if want := "before\n<begin>\nnew\n<end>\nafter\n"; got != want || err != nil {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := snapshot.ReplacePart("<end>\n<begin>\n", "<begin>\n", "<end>\n", ""); err == nil {
		t.Error("no error for a page whose end is before its begin")
	}
}
