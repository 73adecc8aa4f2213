package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestApp runs the app as the CDK CLI does.
func TestApp(t *testing.T) {
	dir := t.TempDir()
	app := exec.Command("go", "run", ".")
	app.Env = append(os.Environ(), "CDK_OUTDIR="+dir)
	if output, err := app.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if _, err := os.Stat(filepath.Join(dir, "Documents.template.json")); err != nil {
		t.Error(err)
	}
}
