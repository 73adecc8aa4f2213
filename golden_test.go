package textractasync_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/golden"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

var update = flag.Bool("update", false, "rewrite the templates in testdata")

func recommendedFlags(t testing.TB) map[string]any {
	t.Helper()
	flags, err := scenario.RecommendedFlags(".")
	if err != nil {
		t.Fatal(err)
	}
	return flags
}

func TestGoldens(t *testing.T) {
	flagSets, err := scenario.FlagSets(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range flagSets {
		for _, s := range scenario.All() {
			t.Run(flags.Name+"/"+s.Name, func(t *testing.T) {
				templates := synthesize(t, s, flags.Context)
				golden.Compare(t, filepath.Join("testdata", flags.Name), templates, *update)
			})
		}
	}
}

// TestFlagsMakeNoDifference beyond the three flags that say how a template is written down: whether statements are merged,
// whether the partition of a known Region is spelled out, and how one stack refers to another. TestGoldens keeps the templates
// that it compares with.
func TestFlagsMakeNoDifference(t *testing.T) {
	recommended := recommendedFlags(t)
	spelling := map[string]any{
		"@aws-cdk/aws-iam:minimizePolicies":         true,
		"@aws-cdk/core:enablePartitionLiterals":     true,
		"@aws-cdk/core:defaultCrossStackReferences": recommended["@aws-cdk/core:defaultCrossStackReferences"],
	}
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			golden.Compare(t, filepath.Join("testdata", "flags-recommended"), synthesize(t, s, spelling), false)
		})
	}
}

// synthesize returns the templates of a scenario by their names, without what differs from version to version of the CDK.
func synthesize(t testing.TB, s scenario.Scenario, context map[string]any) map[string]string {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		Context:            &context,
		AnalyticsReporting: jsii.Bool(false),
	})
	s.Build(app)
	return readTemplates(t, *app.Synth(nil).Directory())
}

func readTemplates(t testing.TB, dir string) map[string]string {
	t.Helper()
	templates := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !isTemplate(path) {
			return err
		}
		text, err := os.ReadFile(path)
		templates[filepath.Base(path)] = golden.Normalize(string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func isTemplate(path string) bool {
	return strings.HasSuffix(path, ".template.json")
}
