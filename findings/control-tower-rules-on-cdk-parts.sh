#!/usr/bin/env bash
# Guess: the CDK's construct for a queue with a dead-letter queue, a bucket with notifications and a rotated key pass
#   the Control Tower rules about dead-letter queues, notifications and keys.
# What happens: none of the three does. CT.SQS.PR.1 wants a dead-letter queue of the dead-letter queue, until that has
#   a RedriveAllowPolicy. CT.S3.PR.4 looks for NotificationConfiguration of the bucket, which the CDK sets by a
#   function at deployment and leaves out of the template; the L1's property passes. CT.KMS.PR.3 wants a Deny of
#   kms:CreateGrant in each key's policy, which no key of the CDK has.
# Versions: npm @cdklabs/cdk-validator-cfnguard 0.0.62 with cfn-guard 3.1.1, github.com/aws/aws-cdk-go/awscdk/v2
#   v2.277.0.
# Why it matters: these are resources of most Textract pipelines. AWS's documentation says that an account under
#   Control Tower with these controls refuses such resources, and the first two look as if they were fulfilled.
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
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, complete := range []bool{false, true} {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
		key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
		deadProps := &awssqs.QueueProps{EncryptionMasterKey: key}
		if complete {
			deadProps.RedriveAllowPolicy = &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_ALLOW_ALL}
			key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Effect:     awsiam.Effect_DENY,
				Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
				Actions:    jsii.Strings("kms:CreateGrant"),
				Resources:  jsii.Strings("*"),
				Conditions: &map[string]any{"BoolIfExists": map[string]string{
					"kms:GrantIsForAWSResource": "false", "aws:PrincipalIsAWSService": "false",
				}},
			}), nil)
		}
		awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
			EncryptionMasterKey: key,
			DeadLetterQueue: &awssqs.DeadLetterQueue{
				Queue: awssqs.NewQueue(stack, jsii.String("Dead"), deadProps), MaxReceiveCount: jsii.Number(3),
			},
		})
		bucket := awss3.NewBucket(stack, jsii.String("Bucket"), &awss3.BucketProps{EventBridgeEnabled: jsii.Bool(!complete)})
		if complete {
			bucket.Node().DefaultChild().(awss3.CfnBucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
				EventBridgeConfiguration: &awss3.CfnBucket_EventBridgeConfigurationProperty{EventBridgeEnabled: jsii.Bool(true)},
			})
		}
		template, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
		if err != nil {
			panic(err)
		}
		name := "as-the-cdk-makes-it.json"
		if complete {
			name = "completed.json"
		}
		if err := os.WriteFile(name, template, 0o600); err != nil {
			panic(err)
		}
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log || { cat run.log >&2; exit 1; }

quiet npm install --no-audit --no-fund --save-exact @cdklabs/cdk-validator-cfnguard@0.0.62
package=node_modules/@cdklabs/cdk-validator-cfnguard
case "$(uname -s)" in Darwin) system=macos ;; *) system=ubuntu ;; esac
case "$(uname -m)" in arm64 | aarch64) machine=aarch64 ;; *) machine=x86_64 ;; esac
guard=$(find "$package/bin/$system" -path "*$machine*" -name cfn-guard)
chmod +x "$guard"
rules=$package/rules/control-tower/cfn-guard
for template in as-the-cdk-makes-it completed; do
  for rule in sqs/ct-sqs-pr-1 s3/ct-s3-pr-4 keymanagementservice/ct-kms-pr-3; do
    outcome=PASS
    "$guard" validate --rules "$rules/$rule.guard" --data "$template.json" --show-summary all >guard.log 2>&1 || outcome=FAIL
    grep -q "Status = $outcome" guard.log || { cat guard.log >&2; exit 1; }
    echo "$template: $(basename "$rule") $outcome"
  done
done | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
for rule in ct-sqs-pr-1 ct-s3-pr-4 ct-kms-pr-3; do
  want "as-the-cdk-makes-it: $rule FAIL"
  want "completed: $rule PASS"
done
echo "as described"
