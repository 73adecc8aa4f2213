package rulepacks

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// controlTower has the rules of Control Tower's proactive controls, and the program that AWS runs
// them with before a deployment.
const controlTower = "../node_modules/@cdklabs/cdk-validator-cfnguard"

// cfnGuard is the program for this machine.
func cfnGuard(t *testing.T) string {
	t.Helper()
	system := map[string]string{"linux": "ubuntu", "darwin": "macos"}[runtime.GOOS]
	machine := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	program := filepath.Join(controlTower, "bin", system, machine, "cfn-guard")
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("no cfn-guard for %s/%s (run npm ci in verify): %v", runtime.GOOS, runtime.GOARCH, err)
	}
	return program
}

// guardReport is what cfn-guard found in a template.
type guardReport struct {
	Name   string
	Failed []struct{ Rule any } `json:"not_compliant"`
	Passed []string             `json:"compliant"`
}

// control finds the name of a control in the message of a rule, and what to do.
var control = regexp.MustCompile(`\[(CT\.[A-Z0-9]+\.PR\.\d+)\]: ([^\n]*)`)

// guard returns the findings of Control Tower's rules, and how often one was applied.
func guard(t *testing.T, templates []string) (findings []finding, applied int) {
	t.Helper()
	arguments := []string{
		"validate", "--rules", filepath.Join(controlTower, "rules", "control-tower", "cfn-guard"),
		"--output-format", "json", "--show-summary", "none", "--structured",
	}
	for _, template := range templates {
		arguments = append(arguments, "--data", template)
	}
	output, runErr := exec.Command(cfnGuard(t), arguments...).Output() // exits with 19 for findings
	var reports []guardReport
	if err := json.Unmarshal(output, &reports); err != nil {
		t.Fatalf("cfn-guard does not run: %v", runErr)
	}
	if len(reports) != len(templates) {
		t.Fatalf("cfn-guard read %d templates of %d", len(reports), len(templates))
	}
	for _, report := range reports {
		applied += len(report.Passed) + len(report.Failed)
		paths := pathsIn(t, report.Name)
		for _, failed := range report.Failed {
			text, err := json.Marshal(failed.Rule)
			if err != nil {
				t.Fatal(err)
			}
			named := control.FindStringSubmatch(strings.ReplaceAll(string(text), `\n`, "\n"))
			if named == nil {
				t.Fatalf("a rule without a name: %s", text)
			}
			for _, id := range resourcesIn(failed.Rule) {
				findings = append(findings, finding{pack: "ControlTower", rule: named[1], path: paths[id], text: named[2]})
			}
		}
	}
	return findings, applied
}

// pathsIn returns the paths of the constructs by the logical ids of a template.
func pathsIn(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct{ Metadata map[string]any }
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{}
	for id, resource := range template.Resources {
		paths[id] = filepath.Base(file) + "/" + id
		if path, ok := resource.Metadata["aws:cdk:path"].(string); ok {
			paths[id] = path
		}
	}
	return paths
}

// resourcesIn returns the logical ids of the resources whose properties a rule rejects.
func resourcesIn(rule any) []string {
	found := map[string]bool{}
	var search func(value any)
	search = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, each := range v {
				search(each)
			}
		case map[string]any:
			if path, ok := v["path"].(string); ok {
				if parts := strings.Split(path, "/"); len(parts) > 2 && parts[1] == "Resources" {
					found[parts[2]] = true
				}
			}
			for _, each := range v {
				search(each)
			}
		}
	}
	search(rule)
	return slices.Sorted(maps.Keys(found))
}

func TestControlTowerFindsSeededViolation(t *testing.T) {
	template := filepath.Join(t.TempDir(), "Seeded.template.json")
	text := fmt.Sprintf(
		`{"Resources": {%s, %s, %s}}`,
		`"Plain": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 0}}`,
		`"Fine": {"Type": "AWS::SQS::Queue", "Properties": {"SqsManagedSseEnabled": true}}`,
		`"Key": {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Stack/Key/Resource"}, "Properties": {"KeyPolicy": {"Statement": []}}}`,
	)
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, applied := guard(t, []string{template})
	if applied < 2 {
		t.Errorf("rules applied %d times", applied)
	}
	assertFinding(t, findings, "CT.SQS.PR.2", "Seeded.template.json/Plain")
	assertFinding(t, findings, "CT.KMS.PR.3", "Stack/Key/Resource")
	if slices.ContainsFunc(findings, func(f finding) bool { return f.rule == "CT.SQS.PR.2" && strings.HasSuffix(f.path, "/Fine") }) {
		t.Errorf("CT.SQS.PR.2 at an encrypted queue: %v", findings)
	}
}
