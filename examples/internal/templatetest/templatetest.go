// Package templatetest compares the templates of examples with those of before.
package templatetest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the templates in testdata")

type object = map[string]any

// How one stack refers to another is the choice of an app; older versions of the CDK know one way.
const crossStackReferences = "@aws-cdk/core:defaultCrossStackReferences"

// Compare compares the templates of an app, with no feature flag and with all, with those
// in testdata, whatever the version of the CDK.
func Compare(t *testing.T, build func(awscdk.App) awscdk.Stack) {
	t.Helper()
	flagSets, err := scenario.FlagSets(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range flagSets {
		t.Run(flags.Name, func(t *testing.T) {
			delete(flags.Context, crossStackReferences)
			app := awscdk.NewApp(&awscdk.AppProps{
				Outdir: jsii.String(t.TempDir()), Context: &flags.Context, AnalyticsReporting: jsii.Bool(false),
			})
			build(app)
			files, err := filepath.Glob(filepath.Join(*app.Synth(nil).Directory(), "*.template.json"))
			if err != nil {
				t.Fatal(err)
			}
			texts := map[string]string{}
			for _, file := range files {
				texts[filepath.Base(file)] = snapshot.Normalize(withoutTrust(t, file))
			}
			snapshot.Compare(t, filepath.Join("testdata", flags.Name), texts, *update)
		})
	}
}

// withoutTrust reads a template without the conditions on which the CDK's own roles trust Step
// Functions: v2.275.0 and newer write them.
func withoutTrust(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template object
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	for id, resource := range template["Resources"].(object) {
		properties, _ := resource.(object)["Properties"].(object)
		trust, isRole := properties["AssumeRolePolicyDocument"].(object)
		if !isRole || !strings.HasPrefix(id, "MachineRole") {
			continue
		}
		for _, statement := range trust["Statement"].([]any) {
			delete(statement.(object), "Condition")
		}
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(template); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
