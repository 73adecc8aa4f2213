package snippets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctionstasks"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func stepFunctions(stack awscdk.Stack, textract textractasync.TextractAsync) awsstepfunctions.StateMachine {
	// region start
	start := awsstepfunctionstasks.NewCallAwsService(stack, jsii.String("StartAnalysis"),
		&awsstepfunctionstasks.CallAwsServiceProps{
			Service:      jsii.String("textract"),
			Action:       jsii.String("startDocumentAnalysis"),
			IamResources: jsii.Strings("*"), // Textract's actions have no resource
			Parameters: &map[string]any{
				"DocumentLocation": map[string]any{"S3Object": map[string]any{
					"Bucket": awsstepfunctions.JsonPath_StringAt(jsii.String("$.bucket")),
					"Name":   awsstepfunctions.JsonPath_StringAt(jsii.String("$.key")),
				}},
				"FeatureTypes":        []string{"TABLES", "FORMS"},
				"NotificationChannel": textract.NotificationChannel(),
			},
			ResultPath: jsii.String("$.job"),
		})
	start.AddRetry(&awsstepfunctions.RetryProps{
		Errors: jsii.Strings(
			"Textract.LimitExceededException",
			"Textract.ThrottlingException",
			"Textract.ProvisionedThroughputExceededException",
		),
		Interval:       awscdk.Duration_Seconds(jsii.Number(5)),
		MaxAttempts:    jsii.Number(10),
		JitterStrategy: awsstepfunctions.JitterType_FULL,
	})
	machine := awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(start),
	})
	textract.GrantStartJobs(machine)
	// endregion
	return machine
}
