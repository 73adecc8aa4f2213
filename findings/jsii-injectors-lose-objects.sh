#!/usr/bin/env bash
# Guess: a property injector in Go that returns the props as it got them changes nothing.
# What happens: each construct and each Duration among the props becomes a plain map with the number of an object, and
#   is not turned back. For a Duration the CDK's constructor fails, with an error that does not name the injector. A
#   dead-letter queue and a key are lost without a word: the queue's redrive policy has no target, and the topic is
#   not encrypted. Texts, numbers and enums pass.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.240.0 with github.com/aws/jsii-runtime-go v1.126.0, and v2.277.0
#   with v1.142.0.
# Why it matters: an organization's injector, say one that gives every topic a name, takes the encryption away from
#   topics of any library in the app, and the template says so only by what it lacks. In Go an aspect does such work.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

type unchanged struct{ id *string }

func (u *unchanged) ConstructUniqueId() *string { return u.id }

func (*unchanged) Inject(props any, _ *awscdk.InjectionContext) any { return props }

func try(name string, make func(stack awscdk.Stack)) {
	defer func() {
		if problem := recover(); problem != nil {
			text, _, _ := strings.Cut(fmt.Sprint(problem), "\n")
			fmt.Printf("%s: %s\n", name, text)
		}
	}()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
	injectors := awscdk.PropertyInjectors_Of(stack)
	injectors.Add(&unchanged{awssqs.Queue_PROPERTY_INJECTION_ID()}, &unchanged{awssns.Topic_PROPERTY_INJECTION_ID()})
	make(stack)
	for id, resource := range (*assertions.Template_FromStack(stack, nil).ToJSON())["Resources"].(map[string]any) {
		if strings.HasPrefix(id, "Documents") {
			text, err := json.Marshal(resource.(map[string]any)["Properties"])
			if err != nil {
				panic(err)
			}
			fmt.Printf("%s: %s\n", name, text)
		}
	}
}

func main() {
	defer jsii.Close()
	queue := func(stack awscdk.Stack, props *awssqs.QueueProps) { awssqs.NewQueue(stack, jsii.String("Documents"), props) }
	try("texts and enums", func(stack awscdk.Stack) {
		queue(stack, &awssqs.QueueProps{QueueName: jsii.String("documents"), Encryption: awssqs.QueueEncryption_SQS_MANAGED})
	})
	try("Duration", func(stack awscdk.Stack) {
		queue(stack, &awssqs.QueueProps{VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(5))})
	})
	try("dead-letter queue", func(stack awscdk.Stack) {
		failed := awssqs.NewQueue(stack, jsii.String("Failed"), nil)
		queue(stack, &awssqs.QueueProps{DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: failed, MaxReceiveCount: jsii.Number(5)}})
	})
	try("key", func(stack awscdk.Stack) {
		key := awskms.NewKey(stack, jsii.String("Key"), nil)
		awssns.NewTopic(stack, jsii.String("Documents"), &awssns.TopicProps{TopicName: jsii.String("documents"), MasterKey: key})
	})
}
END

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
try() {
	rm -f go.mod go.sum
	{ go mod init finding && go get "github.com/aws/aws-cdk-go/awscdk/v2@$1" "github.com/aws/jsii-runtime-go@$2"; } >install.log 2>&1 || { cat install.log >&2; exit 1; }
	echo "awscdk $1, jsii-runtime-go $2"
	# The CDK's runtime writes notes on the version of Node.js to the error stream.
	go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }
	want 'texts and enums: {"QueueName":"documents","SqsManagedSseEnabled":true}'
	want 'Duration: props.visibilityTimeout?.toSeconds is not a function'
	want 'dead-letter queue: {"RedrivePolicy":{"maxReceiveCount":5}}'
	want 'key: {"TopicName":"documents"}'
}
try v2.240.0 v1.126.0
try v2.277.0 v1.142.0
echo "as described"
