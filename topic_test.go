package textractasync_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// SNS takes the same subscription once, and rejects another one with other attributes at
// deployment.
func TestTopicAndQueueThatAreSubscribedAlready(t *testing.T) {
	construct := func(stack awscdk.Stack, topic awssns.ITopic, queue awssqs.IQueue) {
		textractasync.NewTextractAsync(stack, jsii.String("First"), &textractasync.TextractAsyncProps{Topic: topic, Queue: queue})
	}
	const topicArn, queueArn = "arn:aws:sns:" + region + ":" + account + ":AmazonTextractOld", "arn:aws:sqs:" + region + ":" + account + ":old"
	for name, row := range map[string]struct {
		imported  bool
		fix       string
		subscribe func(awscdk.Stack, awssns.ITopic, awssqs.IQueue)
	}{
		"by a construct":           {false, "use the construct Home/First, remove", construct},
		"by a construct, imported": {true, "use the construct Home/First, remove", construct},
		"by awssnssubscriptions": {false, "use TextractAsync_FromTextractAsyncAttributes", func(_ awscdk.Stack, topic awssns.ITopic, queue awssqs.IQueue) {
			topic.AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, nil))
		}},
		"by a generic resource": {false, "use TextractAsync_FromTextractAsyncAttributes", func(stack awscdk.Stack, topic awssns.ITopic, queue awssqs.IQueue) {
			awscdk.NewCfnResource(stack, jsii.String("First"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::SNS::Subscription"), Properties: &map[string]any{
					"Protocol": "sqs", "TopicArn": ref(topic), "Endpoint": arnOf(queue),
				},
			})
		}},
		"by awssns.NewSubscription": {false, "use TextractAsync_FromTextractAsyncAttributes", func(stack awscdk.Stack, topic awssns.ITopic, queue awssqs.IQueue) {
			awssns.NewSubscription(stack, jsii.String("First"), &awssns.SubscriptionProps{
				Topic: topic, Endpoint: queue.QueueArn(), Protocol: awssns.SubscriptionProtocol_SQS,
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			exist := func(id string) (awssns.ITopic, awssqs.IQueue) {
				if row.imported {
					return awssns.Topic_FromTopicArn(stack, jsii.String(id+"Topic"), jsii.String(topicArn)),
						awssqs.Queue_FromQueueArn(stack, jsii.String(id+"Queue"), jsii.String(queueArn))
				}
				return awssns.NewTopic(stack, jsii.String(id+"Topic"), nil), awssqs.NewQueue(stack, jsii.String(id+"Queue"), nil)
			}
			topic, queue := exist("A")
			row.subscribe(stack, topic, queue)
			if row.imported {
				topic, queue = exist("B") // another import of the same
			}
			textractasync.NewTextractAsync(stack, jsii.String("Second"), &textractasync.TextractAsyncProps{Topic: topic, Queue: queue})
			assertSynthesisFails(t, stack, "[Home/Second] Queue: got a queue that is subscribed to the Topic by Home/")
			assertSynthesisFails(t, stack, row.fix)
		})
	}
}

func TestOneTopicForTwoQueues(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	first := textractasync.NewTextractAsync(home, jsii.String("First"), nil)
	textractasync.NewTextractAsync(home, jsii.String("Second"), &textractasync.TextractAsyncProps{
		Topic: first.Topic(), ServiceRole: first.ServiceRole(),
	})
	got := synthesizeApp(t, app)
	assertNoCycle(t, got)
	if len(got.warnings) > 0 {
		t.Errorf("unexpected warnings %v", got.warnings)
	}
}

func TestTopicNameTwice(t *testing.T) {
	props := func() *textractasync.TextractAsyncProps {
		return &textractasync.TextractAsyncProps{TopicName: jsii.String("AmazonTextractJobs")}
	}
	app := awscdk.NewApp(nil)
	inRegion := func(id, region string) awscdk.Stack {
		return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
		})
	}
	one := inRegion("One", region)
	textractasync.NewTextractAsync(one, jsii.String("First"), props())
	textractasync.NewTextractAsync(inRegion("OtherRegion", "us-east-1"), jsii.String("First"), props())
	textractasync.NewTextractAsync(awscdk.NewStack(app, jsii.String("Agnostic"), nil), jsii.String("First"), props())
	textractasync.NewTextractAsync(one, jsii.String("Second"), props())
	textractasync.NewTextractAsync(inRegion("Two", region), jsii.String("Third"), props())
	assertSynthesisFails(t, app, `[One/Second] TopicName: got "AmazonTextractJobs"; use another name: One/First/Topic is a topic`)
	assertSynthesisFails(t, app, `[Two/Third] TopicName: got "AmazonTextractJobs"; use another name: One/First/Topic is a topic`)
}

func TestTopicNameOfATopicOfTheStack(t *testing.T) {
	stack := newStackWithEnv("Home")
	awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String("AmazonTextractJobs")})
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		TopicName: jsii.String("AmazonTextractJobs"),
	})
	assertSynthesisFails(t, awscdk.App_Of(stack), `TopicName: got "AmazonTextractJobs"; use another name: Home/Topic is a topic`)
}

// A topic without a name here, its key in a second stack, and in that one the queue or
// EncryptionKey as well.
func TestTopicWithAKeyInTheStackOfTheQueue(t *testing.T) {
	for name, props := range map[string]func(*textractasync.TextractAsyncProps, awskms.Key, awscdk.Stack){
		"its queue": func(p *textractasync.TextractAsyncProps, _ awskms.Key, shared awscdk.Stack) {
			p.Queue = awssqs.NewQueue(shared, jsii.String("Queue"), nil)
		},
		"EncryptionKey": func(p *textractasync.TextractAsyncProps, key awskms.Key, _ awscdk.Stack) { p.EncryptionKey = key },
		"another EncryptionKey": func(p *textractasync.TextractAsyncProps, _ awskms.Key, shared awscdk.Stack) {
			p.EncryptionKey = awskms.NewKey(shared, jsii.String("OtherKey"), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home, shared := homeIn(app), stackIn(app, "Shared")
				key := awskms.NewKey(shared, jsii.String("Key"), nil)
				p := &textractasync.TextractAsyncProps{
					Topic: awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key}),
				}
				props(p, key, shared)
				textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), p)
				got := synthesizeApp(t, app)
				assertNoCycle(t, got)
				got.warnings.expect(t, "topicPattern", true, "give the topic a TopicName")
			})
		})
	}
}

func stackIn(app awscdk.App, id string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}
