package snippets

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

func ofThisApp(stack awscdk.Stack) textractasync.TextractAsync {
	// region app
	topic := awssns.NewTopic(stack, jsii.String("Ended"), &awssns.TopicProps{
		TopicName: jsii.String("AmazonTextract-Ended"), // a name of its own: policies can speak of it from anywhere
	})
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_SQS_MANAGED,
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic,
		Queue: queue,
	})
	// endregion
	return textract
}

func imported(stack awscdk.Stack) textractasync.TextractAsync {
	// region imported
	queue := awssqs.Queue_FromQueueArn(stack, jsii.String("Jobs"),
		jsii.String("arn:aws:sqs:eu-west-1:111122223333:jobs"))
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Publisher"),
		jsii.String("arn:aws:iam::111122223333:role/textract-publisher"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Queue:       queue,
		ServiceRole: role,
	})
	// endregion
	return textract
}

func acknowledged(stack awscdk.Stack) {
	textract := imported(stack)
	// region acknowledge
	awscdk.Annotations_Of(textract).AcknowledgeWarning(
		jsii.String("@cdk-textract/textractasync:queuePolicy"),
		jsii.String("the queue's own stack has the statement"))
	// endregion
}

func fromAttributes(stack awscdk.Stack) textractasync.ITextractAsync {
	// region attributes
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Textract"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:         jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Documents"),
			QueueArn:         jsii.String("arn:aws:sqs:eu-west-1:111122223333:documents"),
			ServiceRoleArn:   jsii.String("arn:aws:iam::111122223333:role/documents"),
			EncryptionKeyArn: jsii.String("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
			Operations:       &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS},
		})
	worker := awsiam.NewRole(stack, jsii.String("Worker"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
	textract.GrantRunJobs(worker)
	// endregion
	return textract
}

func foreignBucket(stack awscdk.Stack) textractasync.TextractAsync {
	// region foreign
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Incoming"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents-of-another-account"),
		Account:    jsii.String("444455556666"),
		Region:     jsii.String("eu-west-1"),
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("IncomingKey"),
			jsii.String("arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab")),
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("scans/")}},
	})
	// endregion
	return textract
}
