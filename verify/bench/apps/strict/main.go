// Command strict is the contender without a library that allows no more than this library does. The grants and subscriptions of the
// CDK allow more, so it writes every statement itself.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/verify/bench/apps/harness"
)

func main() { harness.Main(newPipeline) }

func newPipeline(scope constructs.Construct, id string, buckets *harness.Buckets) func(awsiam.Role) {
	pipeline := constructs.NewConstruct(scope, jsii.String(id))
	stack := awscdk.Stack_Of(pipeline)
	partition, account := *stack.Partition(), *stack.Account()
	name := "AmazonTextract-" + id
	// Spelled out, for key and topic would otherwise refer to each other.
	topicArn := "arn:" + partition + ":sns:" + *stack.Region() + ":" + account + ":" + name

	key := newKey(pipeline, topicArn)
	topic := awssns.NewTopic(pipeline, jsii.String("Topic"), &awssns.TopicProps{
		TopicName: jsii.String(name), MasterKey: key, EnforceSSL: jsii.Bool(true),
	})
	queue := newQueue(pipeline, key, topic, topicArn)
	role := newServiceRole(pipeline, topic, partition, account)
	return func(caller awsiam.Role) { grant(caller, buckets, queue, role) }
}

func fromTopic(topicArn string) *map[string]any {
	return &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topicArn}}
}

func sns() *[]awsiam.IPrincipal {
	return &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)}
}

func newKey(pipeline constructs.Construct, topicArn string) awskms.Key {
	key := awskms.NewKey(pipeline, jsii.String("EncryptionKey"), &awskms.KeyProps{
		Description:       jsii.String("Notifications of Amazon Textract: topic, queue and dead letters"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: sns(),
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"),
		Resources:  jsii.Strings("*"),
		Conditions: fromTopic(topicArn),
	}), nil)
	return key
}

func newQueue(pipeline constructs.Construct, key awskms.Key, topic awssns.Topic, topicArn string) awssqs.Queue {
	deadLetters := awssqs.NewQueue(pipeline, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		Encryption:          awssqs.QueueEncryption_KMS,
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(14)),
	})
	queue := awssqs.NewQueue(pipeline, jsii.String("Queue"), &awssqs.QueueProps{
		Encryption:          awssqs.QueueEncryption_KMS,
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(7)),
		VisibilityTimeout:   awscdk.Duration_Minutes(jsii.Number(5)),
		DeadLetterQueue:     &awssqs.DeadLetterQueue{Queue: deadLetters, MaxReceiveCount: jsii.Number(3)},
	})
	queueArn := queue.QueueArn()
	awssns.NewSubscription(pipeline, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic:           topic,
		Protocol:        awssns.SubscriptionProtocol_SQS,
		Endpoint:        queueArn,
		DeadLetterQueue: deadLetters,
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: sns(),
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{queueArn},
		Conditions: fromTopic(topicArn),
	}))
	return queue
}

func newServiceRole(pipeline constructs.Construct, topic awssns.Topic, partition, account string) awsiam.Role {
	role := awsiam.NewRole(pipeline, jsii.String("ServiceRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets Amazon Textract publish the completion of asynchronous jobs"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"ArnLike":      map[string]any{"aws:SourceArn": "arn:" + partition + ":textract:*:" + account + ":*"},
				"StringEquals": map[string]any{"aws:SourceAccount": account},
			},
		}),
	})
	topic.GrantPublish(role)
	return role
}

func grant(caller awsiam.Role, buckets *harness.Buckets, queue awssqs.Queue, role awsiam.Role) {
	allow := func(conditions *map[string]any, actions, resources *[]*string) {
		caller.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: actions, Resources: resources, Conditions: conditions,
		}))
	}
	allow(nil, jsii.Strings(
		"textract:StartDocumentTextDetection", "textract:GetDocumentTextDetection",
		"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis",
		"textract:StartExpenseAnalysis", "textract:GetExpenseAnalysis",
		"textract:StartLendingAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
	), jsii.Strings("*"))
	allow(&map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "textract.amazonaws.com"}},
		jsii.Strings("iam:PassRole"), &[]*string{role.RoleArn()})
	queue.GrantConsumeMessages(caller)

	results := buckets.Results.BucketArn()
	allow(nil, jsii.Strings("s3:GetObject", "s3:GetObjectVersion"),
		&[]*string{buckets.Documents.ArnForObjects(jsii.String("*"))})
	allow(nil, jsii.Strings(
		"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads",
	), &[]*string{results, jsii.String(*results + "/textract_output/*")})
	allow(&map[string]any{"StringLike": map[string]any{"s3:prefix": "textract_output/*"}},
		jsii.Strings("s3:ListBucket"), &[]*string{results})
}
