package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMainSynthesizes runs the app as the CDK CLI does.
func TestMainSynthesizes(t *testing.T) {
	t.Setenv("CDK_OUTDIR", t.TempDir())
	main()
	if _, err := os.Stat(filepath.Join(os.Getenv("CDK_OUTDIR"), "Documents.template.json")); err != nil {
		t.Error(err)
	}
}
