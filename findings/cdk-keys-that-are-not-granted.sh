#!/usr/bin/env bash
# Guess: where the CDK lets a service or a role use an encrypted queue or topic, it lets it use the customer managed
#   key too.
# What happens: some of its integrations do and some do not. Of twelve, five leave the key out: S3 to a topic (to a
#   queue: yes), an alarm to a topic, a state's SnsPublish (SqsSendMessage: yes), a function's DeadLetterQueue
#   (OnFailure: yes), and the dead-letter queue of an SNS subscription, though the queue itself is served. None of
#   them warns.
# Versions: github.com/aws/aws-cdk-go/awscdk/v2 v2.277.0.
# Why it matters: AWS's documentation asks for the key in each of the five, so by it the message is lost or the call
#   is denied: the failed notification of a Textract job does not reach its dead-letter queue, the alarm reaches
#   nobody. Grant the key by hand, and look for it in the template.
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
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdadestinations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3notifications"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	sfn "github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/jsii-runtime-go"
)

// What each case starts from: one key, a queue and a topic that are encrypted with it.
type parts struct {
	stack awscdk.Stack
	queue awssqs.Queue
	topic awssns.Topic
}

func (p parts) function(props awslambda.FunctionProps) awslambda.Function {
	props.Runtime = awslambda.Runtime_NODEJS_LATEST()
	props.Handler = jsii.String("index.handler")
	props.Code = awslambda.Code_FromInline(jsii.String("exports.handler = async () => {}"))
	return awslambda.NewFunction(p.stack, jsii.String("Function"), &props)
}

func (p parts) bucket() awss3.Bucket { return awss3.NewBucket(p.stack, jsii.String("Bucket"), nil) }

func (p parts) subscribe(queue awssqs.IQueue, props *awssnssubscriptions.SqsSubscriptionProps) {
	plain := awssns.NewTopic(p.stack, jsii.String("Plain"), nil)
	plain.AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, props))
}

func (p parts) rule(target awsevents.IRuleTarget) {
	awsevents.NewRule(p.stack, jsii.String("Rule"), &awsevents.RuleProps{
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings("aws.s3")},
		Targets:      &[]awsevents.IRuleTarget{target},
	})
}

func (p parts) machine(state sfn.IChainable) {
	sfn.NewStateMachine(p.stack, jsii.String("Machine"), &sfn.StateMachineProps{DefinitionBody: sfn.DefinitionBody_FromChainable(state)})
}

var cases = []struct {
	name string
	make func(parts)
}{
	{"EventBridge rule to queue", func(p parts) { p.rule(awseventstargets.NewSqsQueue(p.queue, nil)) }},
	{"EventBridge rule to topic", func(p parts) { p.rule(awseventstargets.NewSnsTopic(p.topic, nil)) }},
	{"S3 notification to queue", func(p parts) {
		p.bucket().AddObjectCreatedNotification(awss3notifications.NewSqsDestination(p.queue))
	}},
	{"S3 notification to topic", func(p parts) {
		p.bucket().AddObjectCreatedNotification(awss3notifications.NewSnsDestination(p.topic))
	}},
	{"alarm to topic", func(p parts) {
		metric := p.queue.MetricApproximateNumberOfMessagesVisible(nil)
		alarm := metric.CreateAlarm(p.stack, jsii.String("Alarm"), &awscloudwatch.CreateAlarmOptions{
			Threshold: jsii.Number(1), EvaluationPeriods: jsii.Number(1),
		})
		alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(p.topic))
	}},
	{"SNS subscription to queue", func(p parts) { p.subscribe(p.queue, nil) }},
	{"SNS subscription's dead-letter queue", func(p parts) {
		p.subscribe(awssqs.NewQueue(p.stack, jsii.String("Messages"), nil), &awssnssubscriptions.SqsSubscriptionProps{DeadLetterQueue: p.queue})
	}},
	{"function reads queue", func(p parts) {
		p.function(awslambda.FunctionProps{}).AddEventSource(awslambdaeventsources.NewSqsEventSource(p.queue, nil))
	}},
	{"function's OnFailure queue", func(p parts) {
		p.function(awslambda.FunctionProps{OnFailure: awslambdadestinations.NewSqsDestination(p.queue)})
	}},
	{"function's DeadLetterQueue", func(p parts) { p.function(awslambda.FunctionProps{DeadLetterQueue: p.queue}) }},
	{"state sends to queue", func(p parts) {
		p.machine(awsstepfunctionstasks.NewSqsSendMessage(p.stack, jsii.String("Send"), &awsstepfunctionstasks.SqsSendMessageProps{
			Queue: p.queue, MessageBody: sfn.TaskInput_FromText(jsii.String("done")),
		}))
	}},
	{"state publishes to topic", func(p parts) {
		p.machine(awsstepfunctionstasks.NewSnsPublish(p.stack, jsii.String("Publish"), &awsstepfunctionstasks.SnsPublishProps{
			Topic: p.topic, Message: sfn.TaskInput_FromText(jsii.String("done")),
		}))
	}},
}

func main() {
	defer jsii.Close()
	for _, c := range cases {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
		key := awskms.NewKey(stack, jsii.String("Key"), nil)
		c.make(parts{
			stack: stack,
			queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key}),
			topic: awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key}),
		})
		// A key that nothing was granted on has one statement, of kms:* for its account, and no other policy names an action of KMS.
		template, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
		if err != nil {
			panic(err)
		}
		granted := strings.Contains(strings.ReplaceAll(string(template), "\"kms:*\"", ""), "\"kms:")
		warnings := *assertions.Annotations_FromStack(stack).FindWarning(jsii.String("*"), assertions.Match_AnyValue())
		fmt.Printf("%s: key granted %v, warnings %d\n", c.name, granted, len(warnings))
	}
}
END
# The CDK's runtime writes notes on the version of Node.js to the error stream.
go run . 2>run.log | tee output || { cat run.log >&2; exit 1; }

want() { grep -Fxq -- "$1" output || { echo "changed: expected the line: $1" >&2; exit 1; }; }
for name in 'EventBridge rule to queue' 'EventBridge rule to topic' 'S3 notification to queue' 'SNS subscription to queue' \
  'function reads queue' "function's OnFailure queue" 'state sends to queue'; do
  want "$name: key granted true, warnings 0"
done
for name in 'S3 notification to topic' 'alarm to topic' "SNS subscription's dead-letter queue" "function's DeadLetterQueue" 'state publishes to topic'; do
  want "$name: key granted false, warnings 0"
done
echo "as described"
