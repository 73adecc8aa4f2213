// Package assembly synthesizes apps for the proof and the rule packs.
package assembly

import (
	"fmt"
	"maps"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// newApp makes an app that tells in its templates which construct made what, and in which a finding of the CDK's own validator is
// an error. Annotations are left out of that report: they are read from the assembly, one by one.
func newApp(dir string, flags scenario.FlagSet) awscdk.App {
	context := maps.Clone(flags.Context)
	if context == nil {
		context = map[string]any{}
	}
	maps.Copy(context, map[string]any{
		"aws:cdk:enable-path-metadata":                true,
		"aws:cdk:enable-asset-metadata":               true,
		"@aws-cdk/core:strictCfnValidateErrors":       true,
		"@aws-cdk/core:annotationsInValidationReport": false,
	})
	return awscdk.NewApp(&awscdk.AppProps{
		Outdir: jsii.String(dir), Context: &context, AnalyticsReporting: jsii.Bool(false),
	})
}

const envValidation = "CDK_VALIDATION"

// Synthesize writes the cloud assembly of what build makes into a folder. What the CDK refuses is an error.
func Synthesize(dir string, flags scenario.FlagSet, build func(constructs.Construct)) (err error) {
	if value, set := os.LookupEnv(envValidation); set {
		return fmt.Errorf("%s is %q, which may switch the validator of the CDK off: unset it", envValidation, value)
	}
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("synthesizing: %v", failure)
		}
	}()
	app := newApp(dir, flags)
	build(app)
	app.Synth(nil)
	return nil
}
