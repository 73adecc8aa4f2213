package textractasync_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// SQS takes 20 statements in a queue's policy.
func TestQueueWithTooManyStatements(t *testing.T) {
	stack := newStackWithEnv("Home")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	another := func(i int) {
		textractasync.NewTextractAsync(stack, jsii.String(fmt.Sprintf("TextractAsync%d", i)), &textractasync.TextractAsyncProps{
			Queue: queue, Encryption: textractasync.Encryption_SERVICE_MANAGED,
		})
	}
	statement := func(i int) {
		queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewArnPrincipal(jsii.String(fmt.Sprintf("arn:aws:iam::%s:role/r%d", account, i)))},
			Actions:    jsii.Strings("sqs:SendMessage"), Resources: jsii.Strings(*queue.QueueArn()),
		}))
	}
	another(0)
	for i := range 19 {
		statement(i)
	}
	another(1) // shares the statement of the first

	queue = awssqs.NewQueue(stack, jsii.String("Full"), nil)
	for i := range 20 {
		statement(i)
	}
	err := panicOf(t, func() { another(2) })
	if len(err.Problems) != 1 || err.Problems[0].Prop != "Queue" {
		t.Errorf("got %v", err)
	}
}

// SQS keeps one policy for a queue: two resources overwrite each other.
func TestQueueWithAnotherPolicy(t *testing.T) {
	stack := newStackWithEnv("Home")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	awssqs.NewQueuePolicy(stack, jsii.String("Policy"), &awssqs.QueuePolicyProps{Queues: &[]awssqs.IQueue{queue}})
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{Queue: queue})
	assertSynthesisFails(t, stack, "Queue: got one with the policy Home/Policy/Resource; use AddToResourcePolicy")
}

func TestGrantsThatOverfillTheQueuesPolicy(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := homeIn(app)
	textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
	for i := range 25 {
		principal := awsiam.NewArnPrincipal(jsii.String(fmt.Sprintf("arn:aws:iam::%s:role/r%d", account, i)))
		if got := *textract.GrantConsumeNotifications(principal).Success(); got != (i < 18) { // two are the construct's
			t.Errorf("grant %d reports success: %t", i, got)
		}
	}
	got := synthesizeApp(t, app)
	if count := len(got.where("AWS::SQS::QueuePolicy", "sqs:ReceiveMessage", nil)); count != 18 {
		t.Errorf("%d statements, want 18", count)
	}
	got.warnings.expect(t, "grantee", true, "sqs:ReceiveMessage")
}

func TestExistingResourcesOfAnotherKind(t *testing.T) {
	stack := newStackWithEnv("Home")
	const topicArn = "arn:aws:sns:" + region + ":" + account + ":AmazonTextractOld"
	for prop, props := range map[string]*textractasync.TextractAsyncProps{
		"Topic": {Topic: awssns.Topic_FromTopicArn(stack, jsii.String("Subscription"),
			jsii.String(topicArn+":00000000-0000-4000-8000-000000000000"))},
		"Queue": {Queue: awssqs.Queue_FromQueueArn(stack, jsii.String("Topic"), jsii.String(topicArn))},
		"ServiceRole": {ServiceRole: awsiam.Role_FromRoleArn(stack, jsii.String("User"),
			jsii.String("arn:aws:iam::"+account+":user/x"), nil)},
	} {
		t.Run(prop, func(t *testing.T) {
			err := panicOf(t, func() { textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != prop {
				t.Errorf("got %v, want one problem of %s", err, prop)
			}
		})
	}
}

func TestImportedTopicAndQueueWithoutTheirKeysWarn(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Topic: awssns.Topic_FromTopicArn(
				home, jsii.String("Topic"),
				jsii.String("arn:aws:sns:"+region+":"+account+":AmazonTextractOld"),
			),
			Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old")),
		})
		got := synthesizeApp(t, app)
		if len(got.warnings["unknownKey"]) != 2 {
			t.Errorf("warnings %v, want one of the topic's key and one of the queue's", got.warnings["unknownKey"])
		}
	})
}
