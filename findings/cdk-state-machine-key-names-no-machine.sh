#!/usr/bin/env bash
# Guess: a state machine with a customer managed key lets its role use the key for that machine.
# What happens: the condition of the statement is a text that the CDK puts together from the name in the props.
#   Without a name it ends with "stateMachine:", which is the ARN of no machine, so StringEquals never matches and the
#   statement grants nothing. With a name it is right. CloudFormation chooses the name when there is none, so the CDK
#   cannot know it there.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: leaving the name out is what the CDK recommends. A machine that holds the text of documents is one
#   that is encrypted with a key, and its role gets nothing from this statement. Give such a machine a name.
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

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, name := range []*string{nil, jsii.String("documents")} {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
		})
		sfn.NewStateMachine(stack, jsii.String("Machine"), &sfn.StateMachineProps{
			StateMachineName:        name,
			DefinitionBody:          sfn.DefinitionBody_FromChainable(sfn.NewPass(stack, jsii.String("Pass"), nil)),
			EncryptionConfiguration: sfn.NewCustomerManagedEncryptionConfiguration(awskms.NewKey(stack, jsii.String("Key"), nil), nil),
		})
		for _, policy := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::IAM::Policy"), nil) {
			document := (*policy)["Properties"].(map[string]any)["PolicyDocument"].(map[string]any)
			for _, statement := range document["Statement"].([]any) {
				condition, err := json.Marshal(statement.(map[string]any)["Condition"])
				if err != nil {
					panic(err)
				}
				fmt.Printf("named %v: %s\n", name != nil, condition)
			}
		}
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
before='{"StringEquals":{"kms:EncryptionContext:aws:states:stateMachineArn":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":states:eu-west-1:111122223333:stateMachine:'
want "named false: $before\"]]}}}"
want "named true: ${before}documents\"]]}}}"
echo "as described"
