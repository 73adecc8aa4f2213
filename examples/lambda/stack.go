package main

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3notifications"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

const (
	timeoutMinutes = 2.0
	// Lambda asks for six times the function's timeout, and for at least 5 receives.
	visibilityMinutes = 6 * timeoutMinutes
	maxReceives       = 5.0
)

// newStack finds the code of each function in the folder of its name below dist.
func newStack(app awscdk.App, dist string) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
	documents := newBucket(stack, "Incoming")
	summaries := newBucket(stack, "Summaries")

	// region construct
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Operations:        &[]textractasync.Operation{textractasync.Operation_DOCUMENT_ANALYSIS},
		Inputs:            &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("in/")}},
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(visibilityMinutes)),
	})
	textract.AddAlarms(nil)
	// endregion

	// S3 puts what is uploaded into a queue, from which a function starts jobs.
	uploads := newUploads(stack)
	documents.AddEventNotification(awss3.EventType_OBJECT_CREATED, awss3notifications.NewSqsDestination(uploads),
		&awss3.NotificationKeyFilter{Prefix: jsii.String("in/")})
	start := newFunction(stack, "Start", filepath.Join(dist, "start"), textract.EnvironmentVariables())
	addQueue(start, uploads)
	// region starter
	textract.GrantStartJobs(start)
	textract.GrantReadResults(start) // Start asks for the status of a job that it started before
	// endregion

	// region summarize
	environment := textract.EnvironmentVariables() // a new map each time, so one may add to it
	(*environment)["SUMMARY_BUCKET"] = summaries.BucketName()
	summarize := newFunction(stack, "Summarize", filepath.Join(dist, "summarize"), environment)
	addQueue(summarize, textract.Queue()) // lets the function receive and delete, and use the queue's key
	textract.GrantReadResults(summarize)
	summaries.GrantPut(summarize, nil)
	// endregion
	return stack
}

// newUploads is the queue of uploads. What could not be started is in its dead-letter queue, with
// an alarm.
func newUploads(stack awscdk.Stack) awssqs.Queue {
	failed := awssqs.NewQueue(stack, jsii.String("FailedUploads"), &awssqs.QueueProps{
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	failed.MetricApproximateNumberOfMessagesVisible(nil).CreateAlarm(stack, jsii.String("FailedUploadsAlarm"),
		&awscloudwatch.CreateAlarmOptions{
			AlarmDescription: jsii.String(
				"No job could be started for these uploads. Read the log of the function Start, fix the cause, redrive.",
			),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			Threshold:          jsii.Number(1),
			EvaluationPeriods:  jsii.Number(1),
		})
	return awssqs.NewQueue(stack, jsii.String("Uploads"), &awssqs.QueueProps{
		EnforceSSL:        jsii.Bool(true),
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(visibilityMinutes)),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: failed, MaxReceiveCount: jsii.Number(maxReceives)},
	})
}

// region function
func newFunction(stack awscdk.Stack, id, code string, environment *map[string]*string) awslambda.Function {
	return awslambda.NewFunction(stack, jsii.String(id), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(code), nil),
		MemorySize:   jsii.Number(512),
		Timeout:      awscdk.Duration_Minutes(jsii.Number(timeoutMinutes)),
		Environment:  environment,
	})
}

// addQueue lets each message succeed or fail by itself.
func addQueue(function awslambda.Function, queue awssqs.IQueue) {
	function.AddEventSource(awslambdaeventsources.NewSqsEventSource(queue, &awslambdaeventsources.SqsEventSourceProps{
		BatchSize:               jsii.Number(5),
		MaxConcurrency:          jsii.Number(10),
		ReportBatchItemFailures: jsii.Bool(true),
	}))
}

// endregion

func newBucket(stack awscdk.Stack, id string) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
	})
}
