#!/usr/bin/env bash
# Guess: roles that have no more than the CDK's own grants, and no more than Textract needs, have no findings of
#   cdk-nag.
# What happens: almost each has one. AwsSolutions-IAM5 flags kms:GenerateDataKey*, which GrantPublish writes for an
#   encrypted topic, and "*" as the resource of StartDocumentAnalysis, for which AWS's authorization reference lists
#   no resource type. The rule IAMNoInlinePolicy of the packs for NIST, HIPAA and PCI flags every grant of the CDK,
#   for the CDK writes an AWS::IAM::Policy. Only a grant without a key passes AwsSolutions.
# Versions: github.com/cdklabs/cdk-nag-go/cdknag/v2 v2.38.2, github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: no Textract pipeline is without a finding, so "zero findings" is no goal and a wildcard that is too
#   wide hides among these. Suppress them one by one with AppliesTo, so that a new wildcard shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
quiet go mod init finding
quiet go get github.com/aws/aws-cdk-go/awscdk/v2@v2.277.0 github.com/aws/constructs-go/constructs/v10@v10.8.1 github.com/aws/jsii-runtime-go@v1.142.0 \
  github.com/cdklabs/cdk-nag-go/cdknag/v2@v2.38.2
cat >main.go <<'END'
package main

import (
	"fmt"
	"sort"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

func main() {
	defer jsii.Close()
	for _, c := range []struct {
		name  string
		grant func(awscdk.Stack, awsiam.Role)
	}{
		{"GrantPublish, no key", func(stack awscdk.Stack, role awsiam.Role) { topic(stack, nil).GrantPublish(role) }},
		{"GrantPublish, key", func(stack awscdk.Stack, role awsiam.Role) {
			topic(stack, awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})).GrantPublish(role)
		}},
		{"Textract", func(_ awscdk.Stack, role awsiam.Role) {
			role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings("textract:StartDocumentAnalysis"), Resources: jsii.Strings("*"),
			}))
		}},
	} {
		for _, pack := range []struct {
			name string
			make func() awscdk.IAspect
		}{
			{"AwsSolutions", func() awscdk.IAspect { return cdknag.NewAwsSolutionsChecks(nil) }},
			{"NIST", func() awscdk.IAspect { return cdknag.NewNIST80053R5Checks(nil) }},
			{"HIPAA", func() awscdk.IAspect { return cdknag.NewHIPAASecurityChecks(nil) }},
			{"PCI", func() awscdk.IAspect { return cdknag.NewPCIDSS321Checks(nil) }},
		} {
			stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
				AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
			})
			c.grant(stack, role)
			awscdk.Aspects_Of(stack).Add(pack.make(), nil)
			fmt.Printf("%s, %s: %s\n", c.name, pack.name, findings(stack))
		}
	}
}

func topic(stack awscdk.Stack, key awskms.IKey) awssns.Topic {
	return awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true), MasterKey: key})
}

func findings(stack awscdk.Stack) string {
	var found []string
	annotations := assertions.Annotations_FromStack(stack)
	for _, message := range *annotations.FindError(jsii.String("*"), assertions.Match_AnyValue()) {
		data := message.Entry.Data
		if text, ok := data.(*string); ok {
			data = *text
		}
		rule, _, _ := strings.Cut(fmt.Sprint(data), ": ")
		found = append(found, rule)
	}
	if len(found) == 0 {
		return "none"
	}
	sort.Strings(found)
	return strings.Join(found, ", ")
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'GrantPublish, no key, AwsSolutions: none'
want 'GrantPublish, key, AwsSolutions: AwsSolutions-IAM5[Action::kms:GenerateDataKey*]'
want 'Textract, AwsSolutions: AwsSolutions-IAM5[Resource::*]'
for name in 'GrantPublish, key' Textract; do
  want "$name, HIPAA: HIPAA.Security-IAMNoInlinePolicy"
  want "$name, PCI: PCI.DSS.321-IAMNoInlinePolicy"
  want "$name, NIST: NIST.800.53.R5-IAMNoInlinePolicy"
done
echo "as described"
