#!/usr/bin/env bash
# Guess: a nil in the properties that a Go test expects says that the property must be absent, or null.
# What happens: HasResourceProperties, HasResource, AllResourcesProperties and FindResources take it for "not
#   mentioned": it matches a property with any value. A nil *float64 does the same. Match_Absent() is what says
#   absent, and Match_ObjectEquals does not let nil pass.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: tests of a pipeline say what must not be there: no Principal "*", no KmsMasterKeyId, no DependsOn.
#   Written with nil, as in other Go comparisons, each of them passes for ever.
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
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
	awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(30))})
	template := assertions.Template_FromStack(stack, nil)
	kind := jsii.String("AWS::SQS::Queue")

	for _, c := range []struct {
		name  string
		value any
	}{
		{"30", 30}, {"31", 31}, {"nil", nil}, {"nil *float64", (*float64)(nil)}, {"Match_Absent", assertions.Match_Absent()},
	} {
		properties := map[string]any{"VisibilityTimeout": c.value}
		fmt.Printf("%s: HasResourceProperties %v, AllResourcesProperties %v, Match_ObjectEquals %v, FindResources %d\n", c.name,
			passes(func() { template.HasResourceProperties(kind, properties) }),
			passes(func() { template.AllResourcesProperties(kind, properties) }),
			passes(func() { template.HasResourceProperties(kind, assertions.Match_ObjectEquals(&properties)) }),
			len(*template.FindResources(kind, map[string]any{"Properties": properties})))
	}
	fmt.Println("DeletionPolicy nil: HasResource",
		passes(func() { template.HasResource(kind, map[string]any{"DeletionPolicy": nil}) }))
}

func passes(check func()) (passed bool) {
	defer func() { passed = recover() == nil }()
	check()
	return
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want '30: HasResourceProperties true, AllResourcesProperties true, Match_ObjectEquals true, FindResources 1'
want '31: HasResourceProperties false, AllResourcesProperties false, Match_ObjectEquals false, FindResources 0'
want 'nil: HasResourceProperties true, AllResourcesProperties true, Match_ObjectEquals false, FindResources 1'
want 'nil *float64: HasResourceProperties true, AllResourcesProperties true, Match_ObjectEquals false, FindResources 1'
want 'Match_Absent: HasResourceProperties false, AllResourcesProperties false, Match_ObjectEquals false, FindResources 0'
want 'DeletionPolicy nil: HasResource true'
echo "as described"
