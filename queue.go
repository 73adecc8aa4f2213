package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const (
	defaultVisibilityMinutes        = 5
	defaultRetentionDays            = 7
	defaultMaxReceiveCount          = 3
	defaultDeadLettersRetentionDays = 14
)

const sendAction = "sqs:SendMessage"

// chooseQueue also makes the dead-letter queue. A queue that the user brings has its own redrive policy, or none, on purpose.
func (t *textractAsync) chooseQueue(props *TextractAsyncProps, removal awscdk.RemovalPolicy) awssqs.IQueue {
	if props.Queue != nil {
		return props.Queue
	}
	visibility := props.VisibilityTimeout
	if visibility == nil {
		visibility = awscdk.Duration_Minutes(jsii.Number(defaultVisibilityMinutes))
	}
	settings := t.queueProps(props.MessageRetention, defaultRetentionDays, removal)
	settings.VisibilityTimeout = visibility
	settings.DeadLetterQueue = t.redrive(valueOr(props.DeadLetters, DeadLetters{}), removal)
	return awssqs.NewQueue(t, jsii.String("Queue"), settings)
}

func (t *textractAsync) redrive(settings DeadLetters, removal awscdk.RemovalPolicy) *awssqs.DeadLetterQueue {
	if isTrue(settings.Disabled) {
		return nil
	}
	t.deadLetterQueue = awssqs.NewQueue(t, jsii.String("DeadLetterQueue"),
		t.queueProps(settings.Retention, defaultDeadLettersRetentionDays, removal))
	return &awssqs.DeadLetterQueue{
		Queue:           t.deadLetterQueue,
		MaxReceiveCount: jsii.Number(valueOr(settings.MaxReceiveCount, defaultMaxReceiveCount)),
	}
}

// queueProps are what both queues have in common.
func (t *textractAsync) queueProps(
	retention awscdk.Duration, defaultDays float64, removal awscdk.RemovalPolicy,
) *awssqs.QueueProps {
	if retention == nil {
		retention = awscdk.Duration_Days(jsii.Number(defaultDays))
	}
	encryption := awssqs.QueueEncryption_KMS
	if t.key == nil {
		encryption = awssqs.QueueEncryption_SQS_MANAGED
	}
	return &awssqs.QueueProps{
		RetentionPeriod:     retention,
		Encryption:          encryption,
		EncryptionMasterKey: t.key,
		EnforceSSL:          jsii.Bool(true),
		RemovalPolicy:       removal,
	}
}

// letTopicSend goes through the queue and never makes a policy of its own: a queue has only one.
func (t *textractAsync) letTopicSend(props *TextractAsyncProps, queueArn string) {
	fromTopic := t.fromTopic(props, t.queue)
	if props.Queue != nil {
		t.letTopicSendToGiven(queueArn, fromTopic)
		return
	}
	// What a queue answers to AddToResourcePolicy takes two round trips to read, and a new one always agrees.
	awsiam.Grant_AddToPrincipalOrResource(&awsiam.GrantWithResourceOptions{
		Grantee:      awsiam.NewServicePrincipal(jsii.String(snsPrincipal), &awsiam.ServicePrincipalOpts{Conditions: &fromTopic}),
		Actions:      jsii.Strings(sendAction),
		ResourceArns: jsii.Strings(queueArn),
		Resource:     t.queue,
	})
}

func (t *textractAsync) letTopicSendToGiven(queueArn string, fromTopic map[string]any) {
	send := statement{
		"Effect":    "Allow",
		"Principal": map[string]any{"Service": snsPrincipal},
		"Action":    sendAction,
		"Resource":  queueArn,
		"Condition": fromTopic,
	}
	if !*t.queue.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(send)).StatementAdded {
		warnStatement(t, warningQueuePolicy, "Queue: the policy of "+*t.queue.Node().Path()+
			" is out of reach, and without this statement no notification arrives", send)
	}
}
