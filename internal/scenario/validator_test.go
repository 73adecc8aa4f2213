package scenario_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// The template validator of the CDK takes seconds, so these tests are in a package of their own, which Go runs in parallel.
func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func TestTemplatesPassTheValidator(t *testing.T) {
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			if err := synthesizeStrictly(t, s.Build); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestValidatorIsOn(t *testing.T) {
	err := synthesizeStrictly(t, func(app constructs.Construct) {
		awssqs.NewCfnQueue(awscdk.NewStack(app, jsii.String("Stack"), nil), jsii.String("Queue"), &awssqs.CfnQueueProps{
			VisibilityTimeout: jsii.Number(-1),
		})
	})
	if err == nil || !strings.Contains(err.Error(), "Validation failed") {
		t.Errorf("got %v, want a failed validation of VisibilityTimeout: -1; unset CDK_VALIDATION if it is set: it disables the validator", err)
	}
}

// synthesizeStrictly makes every finding of the validator an error.
func synthesizeStrictly(t *testing.T, build func(constructs.Construct)) (err error) {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		Context:            &map[string]any{"@aws-cdk/core:strictCfnValidateErrors": true},
		AnalyticsReporting: jsii.Bool(false),
	})
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("synthesizing: %v", failure)
		}
	}()
	build(app)
	app.Synth(nil)
	return nil
}
