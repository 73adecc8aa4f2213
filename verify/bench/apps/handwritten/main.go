// Command handwritten is the contender without a library: the same resources as people write them with the CDK's own constructs.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/verify/bench/apps/harness"
)

func main() { harness.Main(newPipeline) }

func newPipeline(scope constructs.Construct, id string, buckets *harness.Buckets) func(awsiam.Role) {
	pipeline := constructs.NewConstruct(scope, jsii.String(id))
	key := awskms.NewKey(pipeline, jsii.String("EncryptionKey"), &awskms.KeyProps{
		Description:       jsii.String("Notifications of Amazon Textract: topic, queue and dead letters"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
	topic := awssns.NewTopic(pipeline, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:  jsii.String("AmazonTextract-" + id),
		MasterKey:  key,
		EnforceSSL: jsii.Bool(true),
	})
	queue := newQueue(pipeline, key, topic)
	role := newServiceRole(pipeline, topic)
	return func(caller awsiam.Role) { grant(caller, buckets, queue, role) }
}

func newQueue(pipeline constructs.Construct, key awskms.Key, topic awssns.Topic) awssqs.Queue {
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
	topic.AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, &awssnssubscriptions.SqsSubscriptionProps{
		DeadLetterQueue: deadLetters,
	}))
	return queue
}

func newServiceRole(pipeline constructs.Construct, topic awssns.Topic) awsiam.Role {
	stack := awscdk.Stack_Of(pipeline)
	role := awsiam.NewRole(pipeline, jsii.String("ServiceRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets Amazon Textract publish the completion of asynchronous jobs"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{
				"ArnLike": map[string]any{
					"aws:SourceArn": "arn:" + *stack.Partition() + ":textract:*:" + *stack.Account() + ":*",
				},
				"StringEquals": map[string]any{"aws:SourceAccount": stack.Account()},
			},
		}),
	})
	topic.GrantPublish(role)
	return role
}

func grant(caller awsiam.Role, buckets *harness.Buckets, queue awssqs.Queue, role awsiam.Role) {
	caller.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(
			"textract:StartDocumentTextDetection", "textract:GetDocumentTextDetection",
			"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis",
			"textract:StartExpenseAnalysis", "textract:GetExpenseAnalysis",
			"textract:StartLendingAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
		),
		Resources: jsii.Strings("*"),
	}))
	role.GrantPassRole(caller)
	queue.GrantConsumeMessages(caller)
	buckets.Documents.GrantRead(caller, nil)
	buckets.Results.GrantReadWrite(caller, nil)
}
