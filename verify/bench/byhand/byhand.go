// Package byhand writes the resources of the construct with the CDK's own constructs: New as people
// do, NewStrict with every statement that is needed to allow no more than this library does.
package byhand

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Stack has what callers and outputs need.
type Stack struct {
	Key         awskms.Key
	Topic       awssns.Topic
	Queue       awssqs.Queue
	ServiceRole awsiam.Role
}

// New builds the resources.
func New(scope constructs.Construct, id string) *Stack {
	construct := constructs.NewConstruct(scope, jsii.String(id))
	key := newKey(construct)
	topic := newTopic(construct, "AmazonTextract-"+id, key)
	queue, deadLetterQueue := newQueues(construct, key)
	topic.AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, &awssnssubscriptions.SqsSubscriptionProps{
		DeadLetterQueue: deadLetterQueue,
	}))
	stack := awscdk.Stack_Of(construct)
	return &Stack{key, topic, queue, newServiceRole(construct, topic, *stack.Partition(), *stack.Account())}
}

func newKey(construct constructs.Construct) awskms.Key {
	return awskms.NewKey(construct, jsii.String("EncryptionKey"), &awskms.KeyProps{
		Description:       jsii.String("Notifications of Amazon Textract: topic and queue"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}

func newTopic(construct constructs.Construct, name string, key awskms.Key) awssns.Topic {
	return awssns.NewTopic(construct, jsii.String("Topic"), &awssns.TopicProps{
		TopicName: jsii.String(name), MasterKey: key, EnforceSSL: jsii.Bool(true),
	})
}

func newQueues(construct constructs.Construct, key awskms.Key) (queue, deadLetterQueue awssqs.Queue) {
	deadLetterQueue = awssqs.NewQueue(construct, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		Encryption:         awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:         jsii.Bool(true),
		RetentionPeriod:    awscdk.Duration_Days(jsii.Number(14)),
		RedriveAllowPolicy: &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_ALLOW_ALL},
	})
	queue = awssqs.NewQueue(construct, jsii.String("Queue"), &awssqs.QueueProps{
		Encryption:          awssqs.QueueEncryption_KMS,
		EncryptionMasterKey: key,
		EnforceSSL:          jsii.Bool(true),
		RetentionPeriod:     awscdk.Duration_Days(jsii.Number(7)),
		VisibilityTimeout:   awscdk.Duration_Minutes(jsii.Number(5)),
		DeadLetterQueue:     &awssqs.DeadLetterQueue{Queue: deadLetterQueue, MaxReceiveCount: jsii.Number(5)},
	})
	return queue, deadLetterQueue
}

func newServiceRole(construct constructs.Construct, topic awssns.Topic, partition, account string) awsiam.Role {
	role := awsiam.NewRole(construct, jsii.String("ServiceRole"), &awsiam.RoleProps{
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

var textractActions = []string{
	"textract:StartDocumentTextDetection", "textract:GetDocumentTextDetection",
	"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis",
	"textract:StartExpenseAnalysis", "textract:GetExpenseAnalysis",
	"textract:StartLendingAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
}

// Grant grants the caller what it needs with the CDK's own grants.
func (s *Stack) Grant(caller awsiam.Role, documents, results awss3.IBucket) {
	caller.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(textractActions...), Resources: jsii.Strings("*"),
	}))
	s.ServiceRole.GrantPassRole(caller)
	s.Queue.GrantConsumeMessages(caller)
	documents.GrantRead(caller, nil)
	results.GrantReadWrite(caller, nil)
}
