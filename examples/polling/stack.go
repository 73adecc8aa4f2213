package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func newStack(app awscdk.App) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
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

func newMachine(stack awscdk.Stack, textract textractasync.ITextractAsync) awsstepfunctions.StateMachine {
	output := *textract.EnvironmentVariables()
	start := task(stack, "StartAnalysis", "startDocumentAnalysis", "$.job", map[string]any{
		"DocumentLocation": map[string]any{"S3Object": map[string]any{
			"Bucket": awsstepfunctions.JsonPath_StringAt(jsii.String("$.bucket")),
			"Name":   awsstepfunctions.JsonPath_StringAt(jsii.String("$.key")),
		}},
		"FeatureTypes":        []string{"TABLES", "FORMS"},
		"NotificationChannel": textract.NotificationChannel(), // omit it if nothing else consumes the queue
		"OutputConfig": map[string]any{
			"S3Bucket": output["TEXTRACT_OUTPUT_BUCKET"], "S3Prefix": output["TEXTRACT_OUTPUT_PREFIX"],
		},
	})
	status := task(stack, "GetStatus", "getDocumentAnalysis", "$.result", map[string]any{
		"JobId":      awsstepfunctions.JsonPath_StringAt(jsii.String("$.job.JobId")),
		"MaxResults": 1, // the status, and not the results: a state holds 256 KiB
	})
	wait := awsstepfunctions.NewWait(stack, jsii.String("Wait"), &awsstepfunctions.WaitProps{
		Time: awsstepfunctions.WaitTime_Duration(awscdk.Duration_Seconds(jsii.Number(30))),
	})
	is := func(status string) awsstepfunctions.Condition {
		return awsstepfunctions.Condition_StringEquals(jsii.String("$.result.JobStatus"), jsii.String(status))
	}
	chain := start.Next(wait).Next(status).Next(awsstepfunctions.NewChoice(stack, jsii.String("Completed?"), nil).
		When(is("IN_PROGRESS"), wait, nil).
		When(is("FAILED"), awsstepfunctions.NewFail(stack, jsii.String("Failed"), nil), nil).
		Otherwise(awsstepfunctions.NewSucceed(stack, jsii.String("Succeeded"), nil))) // wholly or in part

	machine := awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(chain),
		Timeout:        awscdk.Duration_Hours(jsii.Number(6)),
	})
	textract.GrantStartJobs(machine)
	textract.GrantReadResults(machine)
	return machine
}

// task calls an action of Textract. The retries go on for up to 17 minutes, because a quota may be
// used up.
func task(stack awscdk.Stack, id, action, resultPath string, parameters map[string]any) awsstepfunctionstasks.CallAwsService {
	call := awsstepfunctionstasks.NewCallAwsService(stack, jsii.String(id), &awsstepfunctionstasks.CallAwsServiceProps{
		Service:      jsii.String("textract"),
		Action:       jsii.String(action),
		IamResources: jsii.Strings("*"), // Textract's actions have no resource
		Parameters:   &parameters,
		ResultPath:   jsii.String(resultPath),
	})
	call.AddRetry(&awsstepfunctions.RetryProps{
		Errors: jsii.Strings(
			"Textract.LimitExceededException", // too many jobs in progress
			"Textract.ProvisionedThroughputExceededException",
			"Textract.ThrottlingException",
			"Textract.InternalServerErrorException",
			"Textract.InternalServerError",
			"Textract.SdkClientException", // no connection
			"Textract.TextractException",  // an error that has no name of its own, such as 503
		),
		Interval:       awscdk.Duration_Seconds(jsii.Number(5)),
		MaxAttempts:    jsii.Number(12),
		MaxDelay:       awscdk.Duration_Minutes(jsii.Number(2)),
		JitterStrategy: awsstepfunctions.JitterType_FULL,
	})
	return call
}
