package byhand

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// NewStrict builds the resources.
func NewStrict(scope constructs.Construct, id string) *Stack {
	construct := constructs.NewConstruct(scope, jsii.String(id))
	stack := awscdk.Stack_Of(construct)
	partition, account, name := *stack.Partition(), *stack.Account(), "AmazonTextract-"+id
	// Written out, because key and topic would otherwise refer to each other.
	condition := &map[string]any{
		"ArnEquals": map[string]any{"aws:SourceArn": "arn:" + partition + ":sns:" + *stack.Region() + ":" + account + ":" + name},
	}
	sns := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("sns.amazonaws.com"), nil)}

	key := newKey(construct)
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: sns, Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey*"), Resources: jsii.Strings("*"), Conditions: condition,
	}), nil)
	topic := newTopic(construct, name, key)
	queue, deadLetterQueue := newQueues(construct, key)
	queueArn := queue.QueueArn()
	awssns.NewSubscription(construct, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic: topic, Protocol: awssns.SubscriptionProtocol_SQS, Endpoint: queueArn, DeadLetterQueue: deadLetterQueue,
	})
	queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: sns, Actions: jsii.Strings("sqs:SendMessage"), Resources: &[]*string{queueArn}, Conditions: condition,
	}))
	return &Stack{key, topic, queue, newServiceRole(construct, topic, partition, account)}
}

// GrantStrict grants the caller what it needs and no more.
func (s *Stack) GrantStrict(caller awsiam.Role, documents, results awss3.IBucket) {
	allow := func(conditions *map[string]any, resources *[]*string, actions ...string) {
		caller.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: resources, Conditions: conditions,
		}))
	}
	allow(nil, jsii.Strings("*"), textractActions...)
	allow(&map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "textract.amazonaws.com"}},
		&[]*string{s.ServiceRole.RoleArn()}, "iam:PassRole")
	s.Queue.GrantConsumeMessages(caller)
	allow(nil, &[]*string{documents.ArnForObjects(jsii.String("*"))}, "s3:GetObject", "s3:GetObjectVersion")
	bucket := results.BucketArn()
	allow(nil, &[]*string{bucket, jsii.String(*bucket + "/textract_output/*")},
		"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads")
	allow(&map[string]any{"StringLike": map[string]any{"s3:prefix": "textract_output/*"}}, &[]*string{bucket}, "s3:ListBucket")
}
