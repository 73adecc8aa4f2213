#!/usr/bin/env bash
# Guess: arithmetic with a number that is known only at deployment, such as a CfnParameter's ValueAsNumber, is
#   refused.
# What happens: it depends on the operation. The token is a number of about -1.9e289, in which 30 more or less change
#   no bit, so the sum is the same token: the template says {"Ref": ...} and the 30 seconds are gone, without a word.
#   Times 6 the number is no token any more: a Duration refuses it as negative, an L1 property writes it into the
#   template as it is.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: AWS's documentation wants a queue's visibility timeout well above its function's timeout. "The
#   parameter plus 30" compiles, synthesizes, and gives a queue without any margin. In Go a *float64 does not show
#   that it is a token.
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
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	for _, operation := range []string{"as it is", "plus 30", "minus 30", "times 6"} {
		for _, level := range []string{"L2", "L1"} {
			fmt.Printf("%s, %s: %s\n", operation, level, timeout(operation, level))
		}
	}
}

func timeout(operation, level string) (text string) {
	defer func() {
		if recovered := recover(); recovered != nil {
			text = "panic"
		}
	}()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
	parameter := awscdk.NewCfnParameter(stack, jsii.String("FunctionTimeout"), &awscdk.CfnParameterProps{
		Type: jsii.String("Number"), Default: 60,
	})
	seconds := *parameter.ValueAsNumber()
	switch operation {
	case "plus 30":
		seconds += 30
	case "minus 30":
		seconds -= 30
	case "times 6":
		seconds *= 6
	}
	if level == "L2" {
		awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{VisibilityTimeout: awscdk.Duration_Seconds(&seconds)})
	} else {
		awssqs.NewCfnQueue(stack, jsii.String("Queue"), &awssqs.CfnQueueProps{VisibilityTimeout: &seconds})
	}
	for _, queue := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::SQS::Queue"), nil) {
		value, err := json.Marshal((*queue)["Properties"].(map[string]any)["VisibilityTimeout"])
		if err != nil {
			panic(err)
		}
		return string(value)
	}
	return "no queue"
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
for level in L2 L1; do
  for operation in 'as it is' 'plus 30' 'minus 30'; do
    want "$operation, $level: {\"Ref\":\"FunctionTimeout\"}"
  done
done
want 'times 6, L2: panic'
grep -Eq '^times 6, L1: -[0-9.]+e\+290$' output || { echo "changed: times 6, L1" >&2; exit 1; }
echo "as described"
