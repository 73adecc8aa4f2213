package textractasync_test

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// A CDK app.
func Example() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	app.Synth(nil)
}

// The defaults: everything is new.
func ExampleNewTextractAsync() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)

	fmt.Println(*textract.Topic().Node().Path())
	fmt.Println(*textract.Queue().Node().Path())
	fmt.Println(*textract.DeadLetterQueue().Node().Path())
	fmt.Println(*textract.ServiceRole().Node().Path())
	fmt.Println(*textract.EncryptionKey().Node().Path())
	// Output:
	// Documents/Textract/Topic
	// Documents/Textract/Queue
	// Documents/Textract/DeadLetterQueue
	// Documents/Textract/ServiceRole
	// Documents/Textract/EncryptionKey
}

// Documents in one bucket, results in another. The grants cover both buckets and their keys.
func ExampleNewTextractAsync_buckets() {
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

// An existing topic, queue, role and key. Their policies are extended; the queue keeps its settings
// and its dead-letter queue.
func ExampleNewTextractAsync_existingResources() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	topic := awssns.NewTopic(stack, jsii.String("CompletedJobs"), &awssns.TopicProps{MasterKey: key})
	queue := awssqs.NewQueue(stack, jsii.String("Jobs"), &awssqs.QueueProps{EncryptionMasterKey: key})
	role := awsiam.NewRole(stack, jsii.String("Publisher"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), nil),
	})

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic:       topic,
		Queue:       queue,
		ServiceRole: role,
	})

	fmt.Println(*textract.EncryptionKey().Node().Path(), textract.DeadLetterQueue() == nil)
	// Output: Documents/Key true
}

// An existing key for the new topic and queues.
func ExampleNewTextractAsync_existingKey() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)

	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		EncryptionKey: key,
	})

	fmt.Println(*textract.EncryptionKey().Node().Path())
	// Output: Documents/Key
}

// A Lambda function that starts jobs, and a role that handles their results.
func ExampleTextractAsync_grants() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	starter := awslambda.NewFunction(stack, jsii.String("Starter"), &awslambda.FunctionProps{
		Runtime:     awslambda.Runtime_PROVIDED_AL2023(),
		Handler:     jsii.String("bootstrap"),
		Code:        awslambda.Code_FromBucket(awss3.NewBucket(stack, jsii.String("Code"), nil), jsii.String("starter.zip"), nil),
		Environment: textract.EnvironmentVariables(),
	})
	handler := awsiam.NewRole(stack, jsii.String("Handler"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})

	start := textract.GrantStartJobs(starter)
	consume := textract.GrantConsumeNotifications(handler)
	read := textract.GrantReadResults(handler)

	fmt.Println(*start.Success(), *consume.Success(), *read.Success())
	// Output: true true true
}

// Alarms that send to a topic, and a dashboard that shows their states.
func ExampleTextractAsync_monitoring() {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	operators := awssns.NewTopic(stack, jsii.String("Operators"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)

	alarms := textract.AddAlarms(&textractasync.AlarmsProps{
		Topic:           operators,
		NotificationAge: &textractasync.AgeAlarmOptions{Threshold: awscdk.Duration_Minutes(jsii.Number(15))},
		UserErrors:      &textractasync.AlarmOptions{Threshold: jsii.Number(1)},
	})
	textract.AddDashboard(&textractasync.DashboardProps{DashboardName: jsii.String("Documents")})

	for _, alarm := range *alarms {
		fmt.Println(*alarm.Node().Id())
	}
	// Output:
	// DeadLetterQueue
	// NotificationAge
	// FailedDeliveries
	// FailedRedrives
	// Throttles
	// ServerErrors
	// UserErrors
}

// The construct of another app.
func ExampleITextractAsync_fromTextractAsyncAttributes() {
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

// Without a recover, the app ends with the text of the error, which lists every problem of the
// props.
func ExampleValidationError() {
	defer func() {
		var invalid *textractasync.ValidationError
		if err, ok := recover().(error); ok && errors.As(err, &invalid) {
			for _, problem := range invalid.Problems {
				fmt.Println(problem)
			}
		}
	}()
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		TopicName:       jsii.String("completed-jobs"),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{MaxReceiveCount: jsii.Number(0)},
	})
	// Output:
	// TopicName: got "completed-jobs"; begin the name with "AmazonTextract"
	// DeadLetterQueue.MaxReceiveCount: got 0; use a whole number of receives from 1 to 1,000
}
