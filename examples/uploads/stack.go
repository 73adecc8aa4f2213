package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

func newStack(app awscdk.App) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Scans"), nil)
	scans := awss3.NewBucket(stack, jsii.String("Incoming"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true), Versioned: jsii.Bool(true)})
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
		Inputs:     &[]*textractasync.InputLocation{{Bucket: scans}},
		Output:     &textractasync.OutputLocation{Bucket: results},
	})
	// region uploads
	text := textractworkflow.NewJobStateMachine(stack, jsii.String("Text"), &textractworkflow.JobStateMachineProps{TextractAsync: textract})
	text.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: scans, Prefix: jsii.String("in/")})
	text.NewBatch(stack, jsii.String("Backlog"), &textractworkflow.BatchProps{ // start its state machine with {}
		Bucket: scans, Prefix: jsii.String("2024/"), MaxConcurrency: jsii.Number(90), ResultBucket: results,
	})
	// endregion
	return stack
}
