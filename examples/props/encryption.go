package props

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// ServiceManaged has no key.
func ServiceManaged(stack awscdk.Stack) textractasync.TextractAsync {
	// region serviceManaged
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Encryption: textractasync.Encryption_SERVICE_MANAGED,
	})
	// endregion
	return textract
}

// ExistingKey uses a key of this app.
func ExistingKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region existing
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey: key,
	})
	// endregion
	return textract
}

// DeadLetterQueueKey has a key for each queue.
func DeadLetterQueueKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region deadLetterQueue
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{
			EncryptionKey: awskms.NewKey(stack, jsii.String("FailuresKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
		},
	})
	// endregion
	return textract
}

// ChangedKey has another key than at its last deployment. The operator moves messages back from the
// dead-letter queue.
func ChangedKey(stack awscdk.Stack, worker, operator awsiam.IGrantable) textractasync.TextractAsync {
	// region changed
	former := awskms.Key_FromKeyArn(stack, jsii.String("FormerKey"),
		jsii.String("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"))
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey:        awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
		FormerEncryptionKeys: &[]awskms.IKey{former},
	})
	textract.GrantRunJobs(worker) // may decrypt with both keys

	// Whoever starts a DLQ redrive needs the former key as well.
	textract.DeadLetterQueue().GrantConsumeMessages(operator)
	textract.DeadLetterQueue().Grant(operator, jsii.String("sqs:StartMessageMoveTask"))
	textract.Queue().GrantSendMessages(operator) // and the use of its key
	former.GrantDecrypt(operator)
	// endregion
	return textract
}

// OutputKey writes results to a bucket with a key.
func OutputKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region output
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{
		Encryption:    awss3.BucketEncryption_KMS,
		EncryptionKey: awskms.NewKey(stack, jsii.String("ResultsKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)}),
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results}, // the bucket's own key
	})
	// endregion
	return textract
}
