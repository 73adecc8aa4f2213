package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

func newStack(app awscdk.App) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Invoices"), nil)
	documents := awss3.NewBucket(stack, jsii.String("Incoming"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_DOCUMENT_ANALYSIS},
		Inputs:     &[]*textractasync.InputLocation{{Bucket: documents}},
		Output:     &textractasync.OutputLocation{Bucket: results},
	})
	newMachine(stack, textract)
	return stack
}

// newMachine takes {"bucket": "…", "key": "…"}.
func newMachine(stack awscdk.Stack, textract textractasync.ITextractAsync) awsstepfunctions.StateMachine {
	// region task
	analysis := textractworkflow.NewJobStateMachine(stack, jsii.String("Analysis"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract,
		FeatureTypes:  jsii.PtrSlice("TABLES", "FORMS"),
	})
	read := analysis.NewTask(stack, jsii.String("Read invoice"), &textractworkflow.TaskProps{
		Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"), ResultPath: jsii.String("$.textract"),
	})
	book := awsstepfunctions.NewSucceed(stack, jsii.String("Book"), nil) // yours: the results are below $.textract.OutputConfig
	review := awsstepfunctions.NewSucceed(stack, jsii.String("Review"), nil)
	inPart := awsstepfunctions.Condition_StringEquals(jsii.String("$.textract.JobStatus"), jsii.String("PARTIAL_SUCCESS"))
	complete := awsstepfunctions.NewChoice(stack, jsii.String("Complete?"), nil).When(inPart, review, nil).Otherwise(book)
	read.AddCatch(newWhy(stack, review), &awsstepfunctions.CatchProps{
		Errors: jsii.Strings("States.TaskFailed"), ResultPath: jsii.String("$.failure"),
	})
	machine := awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(read.Next(complete)), // the task brings its permissions
	})
	// endregion
	return machine
}

// region why
// newWhy tells a document that Textract cannot read from everything else that may fail: the cause
// of a failed execution is JSON, with the error of the job state machine.
func newWhy(stack awscdk.Stack, review awsstepfunctions.IChainable) awsstepfunctions.IChainable {
	why := awsstepfunctions.NewPass(stack, jsii.String("Read cause"), &awsstepfunctions.PassProps{
		Parameters: &map[string]any{"cause": awsstepfunctions.JsonPath_StringToJson(jsii.String("$.failure.Cause"))},
		ResultPath: jsii.String("$.why"),
	})
	broken := awsstepfunctions.NewFail(stack, jsii.String("Broken"), &awsstepfunctions.FailProps{
		Error: jsii.String("Textract.NotRun"), CausePath: jsii.String("$.failure.Cause"),
	})
	jobFailed := awsstepfunctions.Condition_And(
		awsstepfunctions.Condition_IsPresent(jsii.String("$.why.cause.Error")), // not of an execution that timed out
		awsstepfunctions.Condition_StringEquals(jsii.String("$.why.cause.Error"), jsii.String(textractworkflow.ErrorJobFailed)),
	)
	why.Next(awsstepfunctions.NewChoice(stack, jsii.String("Job failed?"), nil).When(jobFailed, review, nil).Otherwise(broken))
	wasStarted := awsstepfunctions.Condition_StringMatches(jsii.String("$.failure.Cause"), jsii.String("{*}"))
	return awsstepfunctions.NewChoice(stack, jsii.String("Was it started?"), nil).When(wasStarted, why, nil).Otherwise(broken)
}

// endregion
