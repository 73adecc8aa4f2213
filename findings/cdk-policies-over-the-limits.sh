#!/usr/bin/env bash
# Guess: the CDK, which moves statements of a role to managed policies when there are many, keeps the role's inline
#   policy within IAM's limit.
# What happens: it splits by an estimate of a statement's size that is too small for statements with several
#   conditions. With 60 or 150 such statements the inline policy has more than the 10,240 characters that IAM's
#   documentation allows for all inline policies of a role. No error is raised. Without conditions the same numbers of
#   statements stay below.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: conditions are what makes the statements of a document pipeline narrow: an account, a prefix, a tag.
#   A role that gets one such grant for each customer or bucket synthesizes well and is over the limit at deployment.
#   Count the characters in a test.
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

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, conditions := range []bool{false, true} {
		for _, count := range []int{60, 150} {
			stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
				AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
			})
			for i := range count {
				props := &awsiam.PolicyStatementProps{
					Actions:   jsii.Strings("s3:GetObject"),
					Resources: jsii.Strings(fmt.Sprintf("arn:aws:s3:::bucket-%d/*", i)),
				}
				if conditions {
					props.Conditions = &map[string]any{"StringEquals": map[string]any{
						"aws:ResourceOrgID":                         "o-example1",
						"aws:PrincipalTag/department-of-documents":  fmt.Sprint(i),
						"s3:ExistingObjectTag/classification-level": "x",
					}}
				}
				role.AddToPolicy(awsiam.NewPolicyStatement(props))
			}
			sizes := map[string][]int{}
			template := *assertions.Template_FromStack(stack, nil).ToJSON()
			for _, resource := range template["Resources"].(map[string]any) {
				properties := resource.(map[string]any)["Properties"].(map[string]any)
				if document, ok := properties["PolicyDocument"]; ok {
					text, err := json.Marshal(document)
					if err != nil {
						panic(err)
					}
					kind := resource.(map[string]any)["Type"].(string)
					sizes[kind] = append(sizes[kind], len(text))
				}
			}
			for kind, limit := range map[string]int{"AWS::IAM::Policy": 10240, "AWS::IAM::ManagedPolicy": 6144} {
				found := sizes[kind]
				sort.Ints(found)
				over := 0
				for _, size := range found {
					if size > limit {
						over++
					}
				}
				fmt.Printf("conditions %v, %d statements, %s: characters %v, over the limit %d\n", conditions, count, kind, found, over)
			}
		}
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
over() { sed -n "s/^$1: .*over the limit //p" output; }
for count in 60 150; do
  [[ $(over "conditions false, $count statements, AWS::IAM::Policy") == 0 ]] || { echo "changed: $count, no conditions" >&2; exit 1; }
  [[ $(over "conditions true, $count statements, AWS::IAM::Policy") == 1 ]] || { echo "changed: $count, inline" >&2; exit 1; }
done
echo "as described"
