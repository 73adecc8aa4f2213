#!/usr/bin/env bash
# Guess: what a Go program puts into a property of type any is written into the template as encoding/json writes it.
# What happens: strings, numbers, lists and pointers to structs (by their JSON tags) are. These are not, and none is
#   an error: json.RawMessage and []byte become lists of numbers; a nil in a list is dropped, so the places of the
#   others change; a key of a map[int]string becomes the text "<int Value>"; a large int64 is rounded; an
#   awscdk.Duration becomes an object of its inner fields.
# Versions: github.com/aws/jsii-runtime-go v1.142.0, github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: parameters of a Step Functions task, overrides and custom resources are of type any. The template
#   shows the list of numbers only to whoever looks at it; CloudFormation passes it on. Give such properties maps,
#   slices, texts and numbers alone.
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
	"github.com/aws/jsii-runtime-go"
)

type query struct {
	Text  string `json:"text"`
	Alias string `json:"alias,omitempty"`
}

func main() {
	defer jsii.Close()
	for _, c := range []struct {
		name  string
		value any
	}{
		{"pointer to struct", &query{Text: "What is the total?"}},
		{"json.RawMessage", json.RawMessage(`{"a":1}`)},
		{"bytes", []byte("hi")},
		{"nil in a list", []any{"a", nil, "c"}},
		{"map with int keys", map[int]string{1: "first"}},
		{"large int64", int64(1)<<60 + 1},
		{"awscdk.Duration", awscdk.Duration_Minutes(jsii.Number(5))},
	} {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
		awscdk.NewCustomResource(stack, jsii.String("Resource"), &awscdk.CustomResourceProps{
			ServiceToken: jsii.String("arn:aws:sns:eu-west-1:111122223333:example"),
			Properties:   &map[string]any{"Value": c.value},
		})
		for _, resource := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::CloudFormation::CustomResource"), nil) {
			value, err := json.Marshal((*resource)["Properties"].(map[string]any)["Value"])
			if err != nil {
				panic(err)
			}
			fmt.Printf("%s: %s\n", c.name, value)
		}
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'pointer to struct: {"text":"What is the total?"}'
want 'json.RawMessage: [123,34,97,34,58,49,125]'
want 'bytes: [104,105]'
want 'nil in a list: ["a","c"]'
want 'map with int keys: {"\u003cint Value\u003e":"first"}'
want 'large int64: 1152921504606847000'
want 'awscdk.Duration: {"amount":5,"unit":{"inMillis":60000,"isoLabel":"M","label":"minutes"}}'
echo "as described"
