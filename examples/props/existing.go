// Package props has the uses of the props that docs/ shows.
package props

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// SameApp uses a topic and queue that this app makes.
func SameApp(stack awscdk.Stack) textractasync.TextractAsync {
	// region app
	topic := awssns.NewTopic(stack, jsii.String("Completed"), &awssns.TopicProps{
		TopicName:  jsii.String("AmazonTextract-Completed"), // with a name, policies in any stack can refer to it
		EnforceSSL: jsii.Bool(true),
	})
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL: jsii.Bool(true),
		DeadLetterQueue: &awssqs.DeadLetterQueue{
			Queue: awssqs.NewQueue(stack, jsii.String("FailedJobs"), &awssqs.QueueProps{
				Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
			}),
			MaxReceiveCount: jsii.Number(5),
		},
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic,
		Queue: queue,
	})
	// endregion
	return textract
}

// Imported uses a queue, role and bucket that no app knows in full.
func Imported(stack awscdk.Stack) textractasync.TextractAsync {
	// region imported
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"),
		jsii.String("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"))
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Queue: awssqs.Queue_FromQueueAttributes(stack, jsii.String("Jobs"), &awssqs.QueueAttributes{
			QueueArn: jsii.String("arn:aws:sqs:eu-west-1:111122223333:jobs"), KeyArn: key.KeyArn(),
		}),
		ServiceRole: awsiam.Role_FromRoleArn(stack, jsii.String("Publisher"),
			jsii.String("arn:aws:iam::111122223333:role/textract-publisher"), nil),
		Inputs: &[]*textractasync.InputLocation{{
			Bucket:        awss3.Bucket_FromBucketName(stack, jsii.String("Incoming"), jsii.String("documents-111122223333")),
			EncryptionKey: key, // a bucket that is imported by its name names no key
		}},
	})
	// endregion
	return textract
}

// Acknowledged is Imported after the queue's owner added the statement.
func Acknowledged(stack awscdk.Stack) textractasync.TextractAsync {
	textract := Imported(stack)
	// region acknowledge
	awscdk.Annotations_Of(textract).AcknowledgeWarning(
		jsii.String("@cdk-textract/textractasync:queuePolicy"),
		jsii.String("the queue's own stack has the statement"))
	// endregion
	return textract
}

// UnnamedTopic has a topic that the policy of its key cannot refer to.
func UnnamedTopic(stack awscdk.Stack) textractasync.TextractAsync {
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Completed"), &awssns.TopicProps{MasterKey: key})
	return textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic, EncryptionKey: key,
	})
}

// CrossAccountBucket reads documents of another account.
func CrossAccountBucket(stack awscdk.Stack) textractasync.TextractAsync {
	// region crossAccount
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Incoming"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents-444455556666"),
		Account:    jsii.String("444455556666"), // with it, and the stack's own, the other account is known
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("IncomingKey"),
			jsii.String("arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab")),
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("scans/")}},
	})
	// endregion
	return textract
}

// LargePolicy gives the permissions of several constructs to one imported role.
func LargePolicy(stack awscdk.Stack, role awsiam.IRole, textract textractasync.TextractAsync) {
	// region managedPolicy
	policy := awsiam.NewManagedPolicy(stack, jsii.String("RunJobs"), nil)
	policy.AttachToRole(role)
	textract.GrantRunJobs(policy)
	// endregion
}
