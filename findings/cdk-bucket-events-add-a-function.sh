#!/usr/bin/env bash
# Guess: EventBridgeEnabled of a bucket sets one property of the bucket in the template.
# What happens: it adds a Lambda function with a role, a policy and a custom resource, which calls S3 at deployment;
#   the bucket itself has no NotificationConfiguration. The same setting on the L1 is that one property, and adds
#   nothing.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: it is the usual start of a Textract pipeline: a document arrives, a rule starts the machine. An
#   account that forbids functions outside a VPC, or a pipeline that may not create roles, refuses the stack for one
#   setting. CloudFormation has it as a property of the bucket.
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
	"sort"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, level := range []string{"L2", "L1"} {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
		bucket := awss3.NewBucket(stack, jsii.String("Documents"), &awss3.BucketProps{EventBridgeEnabled: jsii.Bool(level == "L2")})
		if level == "L1" {
			bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
				EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
			})
		}
		template := *assertions.Template_FromStack(stack, nil).ToJSON()
		var types []string
		for _, resource := range template["Resources"].(map[string]any) {
			kind := resource.(map[string]any)["Type"].(string)
			types = append(types, kind)
			if kind == "AWS::S3::Bucket" {
				properties, err := json.Marshal(resource.(map[string]any)["Properties"])
				if err != nil {
					panic(err)
				}
				fmt.Printf("%s: properties of the bucket: %s\n", level, properties)
			}
		}
		sort.Strings(types)
		fmt.Printf("%s: %s\n", level, strings.Join(types, ", "))
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'L2: properties of the bucket: null'
want 'L2: AWS::IAM::Policy, AWS::IAM::Role, AWS::Lambda::Function, AWS::S3::Bucket, Custom::S3BucketNotifications'
want 'L1: properties of the bucket: {"NotificationConfiguration":{"EventBridgeConfiguration":{"EventBridgeEnabled":true}}}'
want 'L1: AWS::S3::Bucket'
echo "as described"
