package textractworkflow_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the templates in testdata")

// How one stack refers to another is the choice of an app; older versions of the CDK know one way.
const crossStackReferences = "@aws-cdk/core:defaultCrossStackReferences"

// TestSnapshots compares the templates of every scenario, and the definitions in them, with those
// in testdata, whatever the version of the CDK.
func TestSnapshots(t *testing.T) {
	flagSets, err := scenario.FlagSets("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range flagSets {
		delete(flags.Context, crossStackReferences)
		for _, s := range scenario.Workflows() {
			t.Run(flags.Name+"/"+s.Name, func(t *testing.T) {
				app := awscdk.NewApp(&awscdk.AppProps{
					Outdir: jsii.String(t.TempDir()), Context: &flags.Context, AnalyticsReporting: jsii.Bool(false),
				})
				s.Build(app)
				assembly := *app.Synth(nil).Directory()
				files, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
				if err != nil {
					t.Fatal(err)
				}
				texts := map[string]string{}
				for _, file := range files {
					text, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					texts[filepath.Base(file)] = snapshot.Normalize(string(text))
					if flags.Context != nil { // once is enough to read them
						continue
					}
					for id, definition := range definitionsIn(t, text) {
						texts[filepath.Base(file[:len(file)-len(".template.json")])+"."+id+".asl.json"] = definition
					}
				}
				snapshot.Compare(t, filepath.Join("testdata", flags.Name), texts, *update)
			})
		}
	}
}

// definitionsIn returns the definitions of a template, readable, with a word for each reference.
func definitionsIn(t *testing.T, template []byte) map[string]string {
	t.Helper()
	var parsed struct {
		Resources map[string]struct{ Properties object }
	}
	if err := json.Unmarshal(template, &parsed); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for id, resource := range parsed.Resources {
		if resource.Properties["DefinitionString"] == nil {
			continue
		}
		var definition any
		if err := json.Unmarshal([]byte(plainText(resource.Properties["DefinitionString"])), &definition); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		all[id[:len(id)-8]] = readable(t, definition)
	}
	return all
}
