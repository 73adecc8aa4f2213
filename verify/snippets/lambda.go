// Package snippets holds the Go of docs/, compiled and synthesized.
package snippets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambdaeventsources"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func lambdaConsumer(stack awscdk.Stack) awslambda.Function {
	// region lambda
	timeout := 2.0 // minutes
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(6 * timeout)),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{MaxReceiveCount: jsii.Number(5)},
	})
	function := awslambda.NewFunction(stack, jsii.String("Results"), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String("dist/results"), nil),
		Timeout:      awscdk.Duration_Minutes(jsii.Number(timeout)),
		Environment:  textract.EnvironmentVariables(),
	})
	function.AddEventSource(awslambdaeventsources.NewSqsEventSource(textract.Queue(),
		&awslambdaeventsources.SqsEventSourceProps{
			BatchSize:               jsii.Number(5),
			MaxConcurrency:          jsii.Number(10),
			ReportBatchItemFailures: jsii.Bool(true),
		}))
	textract.GrantReadResults(function)
	// endregion
	return function
}
