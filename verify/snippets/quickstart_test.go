package snippets

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestQuickstart runs the app as the CDK CLI does, and finds the outputs that textract-async reads.
func TestQuickstart(t *testing.T) {
	dir := t.TempDir()
	app := exec.Command("go", "run", "./quickstart")
	app.Env = append(os.Environ(), "CDK_OUTDIR="+dir)
	if output, err := app.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(dir, "Documents.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct{ Type string }
		Outputs   map[string]any
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"TopicArn", "QueueUrl", "ServiceRoleArn", "DocumentBucketName", "OutputBucketName", "CallerRoleArn",
	} {
		if template.Outputs[name] == nil {
			t.Errorf("no output %s", name)
		}
	}
	if len(template.Resources) < 14 {
		t.Errorf("%d resources, want those of the construct, two buckets and a role", len(template.Resources))
	}
}
