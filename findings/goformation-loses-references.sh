#!/usr/bin/env bash
# Guess: goformation reads a template of the CDK into Go structs and keeps references between resources, as text or as
#   an object.
# What happens: it replaces them by nothing, without an error. A Ref of a resource becomes the empty text, a
#   Fn::GetAtt null, and a property that was only a Fn::GetAtt is absent: a queue with a customer managed key looks
#   like one without. AWS::Partition, which the CDK writes into most ARNs, is empty: "arn::iam::", while
#   AWS::AccountId gets a made-up account. A template that is written back is no template of the stack any more.
# Versions: github.com/awslabs/goformation/v7 v7.14.9.
# Why it matters: it is a well-known Go library for templates, and so a natural tool for a check of "is each queue
#   encrypted, does each policy name the topic" over cdk.out. Such a check reports what is right as missing, and finds
#   nothing in a policy whose resource is null. Read the JSON with encoding/json.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

quiet() { "$@" >install.log 2>&1 || { cat install.log >&2; exit 1; }; }
cat >stack.template.json <<'END'
{"Resources": {
  "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS":
      {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":root"]]}}}]}}},
  "Topic": {"Type": "AWS::SNS::Topic"},
  "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]}, "VisibilityTimeout": 30}},
  "QueuePolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
    "Queues": [{"Ref": "Queue"}],
    "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "sns.amazonaws.com"},
       "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}, "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}}]}}},
  "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
    "Protocol": "sqs", "TopicArn": {"Ref": "Topic"}, "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}}}}
END
quiet go mod init finding
quiet go get github.com/awslabs/goformation/v7@v7.14.9
cat >main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/awslabs/goformation/v7"
)

func show(name string, value any, err error) {
	text, marshalError := json.Marshal(value)
	fmt.Println(name+":", string(text), err, marshalError)
}

func main() {
	template, err := goformation.Open("stack.template.json")
	if err != nil {
		panic(err)
	}
	queue, err := template.GetSQSQueueWithName("Queue")
	show("queue", queue, err)
	policy, err := template.GetSQSQueuePolicyWithName("QueuePolicy")
	show("queue policy", policy.PolicyDocument, err)
	subscription, err := template.GetSNSSubscriptionWithName("Subscription")
	show("subscription", subscription, err)
	key, err := template.GetKMSKeyWithName("Key")
	show("key policy", key.KeyPolicy, err)
}
END
go run . | tee output

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
want 'queue: {"Type":"AWS::SQS::Queue","Properties":{"VisibilityTimeout":30}} <nil> <nil>'
want 'queue policy: {"Statement":[{"Action":"sqs:SendMessage","Condition":{"ArnEquals":{"aws:SourceArn":null}},"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Resource":null}],"Version":"2012-10-17"} <nil> <nil>'
want 'subscription: {"Type":"AWS::SNS::Subscription","Properties":{"Protocol":"sqs","TopicArn":""}} <nil> <nil>'
want 'key policy: {"Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn::iam::123456789012:root"},"Resource":"*"}],"Version":"2012-10-17"} <nil> <nil>'
echo "as described"
