package docs

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

// versionsTable has the date in its head.
var versionsTable = regexp.MustCompile(`(?m)^\| \| lowest \| tested with, (.*) \|\n(\|.*\n)+`)

// TestVersions compares the table in the CONTRIBUTING with the files that pin what the tests run
// with. -update writes the day on which one of them changed.
func TestVersions(t *testing.T) {
	const verify = root + "/verify"
	npm := packageJSON(t, root)
	node, cli := npm.DevDependencies["node"], npm.DevDependencies["aws-cdk"]

	rows := "| --- | --- | --- |\n"
	row := func(name, lowest, newest string) { rows += fmt.Sprintf("| %s | %s | %s |\n", name, lowest, newest) }
	for _, path := range []string{
		"github.com/aws/aws-cdk-go/awscdk/v2", "github.com/aws/constructs-go/constructs/v10", "github.com/aws/jsii-runtime-go",
	} {
		row("`"+path+"`", goList(t, root, "{{.Version}}", path), goList(t, verify, "{{.Version}}", path))
	}
	newestGo := regexp.MustCompile(`(?m)^NEWEST_GO := (.*)$`).FindStringSubmatch(readFile(t, root+"/Makefile"))
	if newestGo == nil {
		t.Fatal("the Makefile has no NEWEST_GO")
	}
	row("Go", goList(t, root, "{{.GoVersion}}"), newestGo[1])
	row("Node", node, node)
	row("CDK CLI", cli, cli)
	row("cdk-nag", "–", goList(t, verify, "{{.Version}}", "github.com/cdklabs/cdk-nag-go/cdknag/v2"))

	readme := readFile(t, root+"/CONTRIBUTING.md")
	found := versionsTable.FindStringSubmatch(readme)
	if found == nil {
		t.Fatal("CONTRIBUTING.md has no table of versions")
	}
	table := func(date string) string { return "| | lowest | tested with, " + date + " |\n" + rows }
	if _, err := time.Parse(dateFormat, found[1]); err != nil {
		t.Errorf("CONTRIBUTING.md: %v", err)
	}
	if found[0] != table(found[1]) {
		want := table(time.Now().UTC().Format(dateFormat))
		snapshot.Page(t, root+"/CONTRIBUTING.md", readme, versionsTable.ReplaceAllLiteralString(readme, want), *update)
	}
}

const dateFormat = "2 January 2006"

// TestGettingStartedHasTheFlagsOfTheCLI compares the feature flags of the example with those that
// the pinned cdk init writes.
func TestGettingStartedHasTheFlagsOfTheCLI(t *testing.T) {
	var app struct{ Context map[string]any }
	if err := json.Unmarshal([]byte(readFile(t, examples+"/gettingstarted/cdk.json")), &app); err != nil {
		t.Fatal(err)
	}
	var flags map[string]any
	const ofInit = root + "/node_modules/aws-cdk/lib/init-templates/.recommended-feature-flags.json"
	if err := json.Unmarshal([]byte(readFile(t, ofInit)), &flags); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(flags, app.Context); diff != "" {
		t.Errorf("examples/gettingstarted/cdk.json, -want +got:\n%s", diff)
	}
}

// TestBenchmarkHasTheSameCDK compares what the benchmark builds in JavaScript with what it builds
// in Go. A release reaches the Go module proxy before npm, so npm may be one minor version behind.
func TestBenchmarkHasTheSameCDK(t *testing.T) {
	dependencies := packageJSON(t, root+"/verify/bench/js").Dependencies
	for module, name := range map[string]string{
		"github.com/aws/aws-cdk-go/awscdk/v2": "aws-cdk-lib", "github.com/aws/constructs-go/constructs/v10": "constructs",
	} {
		inGo, inJS := goList(t, root+"/verify", "{{.Version}}", module), "v"+dependencies[name]
		if inJS != inGo && inJS != minorBefore(t, inGo) {
			t.Errorf("verify/bench/js/package.json has %s %s, and verify/go.mod %s", name, inJS, inGo)
		}
	}
}

func minorBefore(t *testing.T, version string) string {
	t.Helper()
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "v%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("%s: %v", version, err)
	}
	return fmt.Sprintf("v%d.%d.0", major, minor-1)
}

type npmPackage struct{ Dependencies, DevDependencies map[string]string }

func packageJSON(t *testing.T, dir string) (p npmPackage) {
	t.Helper()
	if err := json.Unmarshal([]byte(readFile(t, dir+"/package.json")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// goList returns a field of the module in a folder, or of one that it requires.
func goList(t *testing.T, dir, format string, module ...string) string {
	t.Helper()
	command := exec.Command("go", append([]string{"list", "-m", "-f", format}, module...)...)
	command.Dir = dir
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %v", command, err)
	}
	return strings.TrimSpace(string(output))
}
