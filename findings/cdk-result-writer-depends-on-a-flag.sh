#!/usr/bin/env bash
# Guess: a Distributed Map with ResultWriterV2, which the CDK names as the replacement of ResultWriter, writes its
#   results to the bucket.
# What happens: only with the feature flag @aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2. Without it
#   ResultWriterV2 is dropped: no ResultWriter in the definition, no s3:PutObject for the role, no error and no
#   warning. With the flag it is the other way round: the old ResultWriter is dropped.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: nothing is written to the bucket where the next step looks for it, and all results have to fit into
#   a state's output, whose size AWS's documentation limits. Flags come from cdk.json, which the CLI reads and "go
#   test" does not, so the same app has the writer in one and not in the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
quiet go get github.com/aws/aws-cdk-go/awscdk/v2@v2.277.0 github.com/aws/constructs-go/constructs/v10@v10.8.1 github.com/aws/jsii-runtime-go@v1.142.0
cat >main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, flag := range []bool{false, true} {
		for _, writer := range []string{"ResultWriter", "ResultWriterV2"} {
			app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
				"@aws-cdk/aws-stepfunctions:useDistributedMapResultWriterV2": flag,
			}})
			stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
			bucket := awss3.NewBucket(stack, jsii.String("Documents"), nil)
			props := &sfn.DistributedMapProps{
				ItemReader: sfn.NewS3ObjectsItemReader(&sfn.S3ObjectsItemReaderProps{Bucket: bucket, Prefix: jsii.String("in/")}),
			}
			if writer == "ResultWriterV2" {
				props.ResultWriterV2 = sfn.NewResultWriterV2(&sfn.ResultWriterV2Props{Bucket: bucket, Prefix: jsii.String("out/")})
			} else {
				props.ResultWriter = sfn.NewResultWriter(&sfn.ResultWriterProps{Bucket: bucket, Prefix: jsii.String("out/")})
			}
			documents := sfn.NewDistributedMap(stack, jsii.String("Each document"), props)
			documents.ItemProcessor(sfn.NewPass(stack, jsii.String("One"), nil), nil)
			sfn.NewStateMachine(stack, jsii.String("Machine"), &sfn.StateMachineProps{
				DefinitionBody: sfn.DefinitionBody_FromChainable(documents),
			})
			template, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
			if err != nil {
				panic(err)
			}
			warnings := *assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_AnyValue())
			fmt.Printf("flag %v, %s: in the definition %v, s3:PutObject granted %v, warnings %d\n", flag, writer,
				strings.Contains(string(template), "ResultWriter"), strings.Contains(string(template), "s3:PutObject"), len(warnings))
		}
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'flag false, ResultWriter: in the definition true, s3:PutObject granted true, warnings 0'
want 'flag false, ResultWriterV2: in the definition false, s3:PutObject granted false, warnings 0'
want 'flag true, ResultWriter: in the definition false, s3:PutObject granted false, warnings 0'
want 'flag true, ResultWriterV2: in the definition true, s3:PutObject granted true, warnings 0'
echo "as described"
