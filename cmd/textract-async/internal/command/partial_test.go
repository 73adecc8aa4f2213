//go:build unix && !aix && !solaris

package command

import (
	"os"
	"path/filepath"
	"testing"
)

// A folder into which another run writes stays.
func TestPartialFolderInUseStays(t *testing.T) {
	folder := t.TempDir()
	first, err := newFiles(folder)
	if err != nil {
		t.Fatal(err)
	}
	second, err := newFiles(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*filesSink{first, second} {
		if _, err := os.Stat(filepath.Join(f.partial, "text.txt")); err != nil {
			t.Error(err)
		}
	}
	if err := first.end(); err != nil {
		t.Error(err)
	}
	first.discard()
	second.discard()
	if left, _ := filepath.Glob(filepath.Join(folder, partialName+"*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
