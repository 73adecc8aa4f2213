package props

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
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
