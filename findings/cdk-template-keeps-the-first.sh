#!/usr/bin/env bash
# Guess: a template that assertions.Template_FromStack takes after a change of the stack has the change, or the call
#   panics.
# What happens: it panics if a construct was added since the first template of the app. It does not if a construct
#   that was there was changed: the second template is the first one again. A statement added to a role's policy and a
#   property set on an L1 are silently missing.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: "take the template, grant, take it again, compare" is how one tests in Go that a grant writes what
#   it should, or that it writes nothing too much. The second half of such a test looks at the old template, so "no
#   statement was added" always passes. Make an app for each template.
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
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, between := range []bool{false, true} {
		for _, change := range []string{"grant", "property", "new queue"} {
			stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
			queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
				AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
			})
			queue.GrantPurge(role)
			fmt.Printf("template taken before %v, then %s: %s\n", between, change, outcome(stack, queue, role, between, change))
		}
	}
}

func outcome(stack awscdk.Stack, queue awssqs.Queue, role awsiam.Role, between bool, change string) (text string) {
	defer func() {
		if recovered := recover(); recovered != nil {
			text = "panic"
		}
	}()
	if between {
		assertions.Template_FromStack(stack, nil)
	}
	var sign string
	switch change {
	case "grant":
		queue.GrantConsumeMessages(role)
		sign = "sqs:ReceiveMessage"
	case "property":
		queue.Node().DefaultChild().(awssqs.CfnQueue).SetDelaySeconds(jsii.Number(7))
		sign = `"DelaySeconds":7`
	case "new queue":
		awssqs.NewQueue(stack, jsii.String("Second"), nil)
		sign = "Second"
	}
	template, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		panic(err)
	}
	if strings.Contains(string(template), sign) {
		return "in the template"
	}
	return "not in the template"
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
for change in grant property 'new queue'; do
  want "template taken before false, then $change: in the template"
done
want 'template taken before true, then grant: not in the template'
want 'template taken before true, then property: not in the template'
want 'template taken before true, then new queue: panic'
echo "as described"
