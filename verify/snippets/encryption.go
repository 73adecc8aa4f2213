package snippets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func ownKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region own
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey: key,
	})
	// endregion
	return textract
}

func importedKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region imported
	key := awskms.Key_FromKeyArn(stack, jsii.String("Key"),
		jsii.String("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"))
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey: key,
	})
	// endregion
	return textract
}

func serviceManaged(stack awscdk.Stack) textractasync.TextractAsync {
	// region serviceManaged
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Encryption: textractasync.Encryption_SERVICE_MANAGED,
	})
	// endregion
	return textract
}

func outputKey(stack awscdk.Stack) textractasync.TextractAsync {
	// region output
	key := awskms.NewKey(stack, jsii.String("ResultsKey"), nil)
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{
		Encryption:    awss3.BucketEncryption_KMS,
		EncryptionKey: key,
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results}, // the bucket's own key
	})
	// endregion
	return textract
}

// awsManagedQueue is a queue that SNS cannot deliver to.
func awsManagedQueue(stack awscdk.Stack) textractasync.TextractAsync {
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_KMS_MANAGED,
	})
	return textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{Queue: queue})
}

// unnamedTopic is a topic whose policies cannot speak of it by name.
func unnamedTopic(stack awscdk.Stack) textractasync.TextractAsync {
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Ended"), &awssns.TopicProps{MasterKey: key})
	return textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic, EncryptionKey: key,
	})
}
