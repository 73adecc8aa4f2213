package textractasync_test

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// A whole CDK app.
func Example() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	app.Synth(nil)
}

// Documents from one bucket, results to another. The grants cover both buckets and their keys.
func ExampleNewTextractAsync_resultsToBucket() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	documents := awss3.NewBucket(stack, jsii.String("Incoming"), nil)
	results := awss3.NewBucket(stack, jsii.String("Results"), nil)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS},
		Inputs:     &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("invoices/")}},
		Output:     &textractasync.OutputLocation{Bucket: results, Prefix: jsii.String("expenses")},
	})
	fmt.Println(*(*textract.EnvironmentVariables())["TEXTRACT_OUTPUT_PREFIX"])
	// Output: expenses
}

// An existing key. Its policy is extended so that SNS can deliver to the queue.
func ExampleNewTextractAsync_existingKey() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey: key,
	})
	fmt.Println(*textract.EncryptionKey().KeyArn() == *key.KeyArn())
	// Output: true
}

// An existing queue. Its policy is extended; the queue keeps its own settings and dead-letter queue.
func ExampleNewTextractAsync_existingQueue() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), nil)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Queue: queue,
	})
	fmt.Println(textract.DeadLetterQueue() == nil)
	// Output: true
}

// The role of a Lambda function that starts jobs, and of another that handles their results.
func ExampleTextractAsync_grants() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	lambda := &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)}
	starter := awsiam.NewRole(stack, jsii.String("Starter"), lambda)
	handler := awsiam.NewRole(stack, jsii.String("Handler"), lambda)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	started := textract.GrantStartJobs(starter)
	textract.GrantConsumeNotifications(handler)
	textract.GrantReadResults(handler)
	fmt.Println(*started.Success())
	// Output: true
}

// A construct of another app.
func Example_fromTextractAsyncAttributes() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Worker"), nil)
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Textract"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:       jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Documents"),
			QueueArn:       jsii.String("arn:aws:sqs:eu-west-1:111122223333:documents"),
			ServiceRoleArn: jsii.String("arn:aws:iam::111122223333:role/documents"),
		})
	fmt.Println(*textract.NotificationChannel().RoleArn)
	// Output: arn:aws:iam::111122223333:role/documents
}

// One error at synthesis lists every problem of the props.
func ExampleValidationError() {
	defer func() { fmt.Println(recover()) }()

	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		TopicName:       jsii.String("completed-jobs"),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{MaxReceiveCount: jsii.Number(0)},
	})
	// Output:
	// Documents/Textract: invalid props:
	//   TopicName: got "completed-jobs"; begin the name with "AmazonTextract"
	//   DeadLetterQueue.MaxReceiveCount: got 0; use a whole number of receives from 1 to 1,000
}
