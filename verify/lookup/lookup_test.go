// Package lookup shows that an app with context lookups gets through its first pass, after which
// the CDK CLI calls AWS.
package lookup

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestCLIAsksForCredentials(t *testing.T) {
	bin, err := filepath.Abs("../../node_modules/.bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(bin, "cdk")); err != nil {
		t.Fatal("the pinned CDK CLI is missing: run npm ci at the top of the repository")
	}
	app := filepath.Join(t.TempDir(), "app")
	if output, err := exec.Command("go", "build", "-o", app, "./app").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	empty := t.TempDir()
	none := filepath.Join(empty, "none")
	synth := exec.CommandContext(
		t.Context(), filepath.Join(bin, "cdk"), "synth", "--quiet", "--app", app, "--notices=false",
		"--color=false",
	)
	synth.Dir = empty
	synth.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "CDK_")
	}), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CDK_DISABLE_CLI_TELEMETRY=true",
		"AWS_CONFIG_FILE="+none, "AWS_SHARED_CREDENTIALS_FILE="+none, "AWS_EC2_METADATA_DISABLED=true")
	output, err := synth.CombinedOutput()
	const want = "Need to perform AWS calls for account 111122223333, but no credentials have been configured"
	if err == nil || !strings.Contains(string(output), want) {
		t.Fatalf("cdk synth: %v, want %q in:\n%s", err, want, output)
	}
	t.Logf("cdk synth, after the first pass of an app whose props are lookups: %s", want)
}
