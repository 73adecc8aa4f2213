package scenario

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// Workflows returns the scenarios of package textractworkflow.
func Workflows() []Scenario {
	return []Scenario{
		{"Workflow", buildWorkflow},
		{"WorkflowEverything", buildWorkflowEverything},
		{"WorkflowStacks", buildWorkflowStacks},
	}
}

// buildWorkflow has the fewest props.
func buildWorkflow(app constructs.Construct) {
	stack := stackOf(app, "Workflow")
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
	})
	documents := newBucket(stack, "Documents", nil)
	text := jobs(stack, "Jobs", &textractworkflow.JobStateMachineProps{TextractAsync: textract})
	text.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents})
	text.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: documents, MaxConcurrency: jsii.Number(90), ResultBucket: newBucket(stack, "Results", nil),
	})
	machineOf(stack, "Machine", text.NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
		Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"),
	}))
}

// buildWorkflowEverything sets every prop.
func buildWorkflowEverything(app constructs.Construct) {
	stack := StackIn(app, "WorkflowEverything", Account, Region)
	documents, results := newBucket(
		stack, "Incoming", newKey(stack, "IncomingKey"),
	), newBucket(
		stack, "Results", newKey(stack, "ResultsKey"),
	)
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Inputs:            &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("in/")}},
		Output:            &textractasync.OutputLocation{Bucket: results, Prefix: jsii.String("it's")},
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(2)),
	})
	analysis := jobs(stack, "Jobs", &textractworkflow.JobStateMachineProps{
		TextractAsync: textract,
		Operation:     textractasync.Operation_DOCUMENT_ANALYSIS,
		FeatureTypes:  jsii.PtrSlice("TABLES", "QUERIES"),
		Queries: &[]*textractworkflow.Query{
			{Text: jsii.String("What's the total?"), Alias: jsii.String("TOTAL"), Pages: jsii.PtrSlice("*")},
		},
		AdaptersConfig: &textractworkflow.AdaptersConfig{Adapters: &[]*textractworkflow.Adapter{
			{AdapterId: jsii.String("0123456789ab"), Version: jsii.String("1"), Pages: jsii.PtrSlice("1-3")},
		}},
		JobTag:              jsii.String("invoices"),
		StatusCheckInterval: awscdk.Duration_Minutes(jsii.Number(30)),
		Timeout:             awscdk.Duration_Days(jsii.Number(7)),
		TracingEnabled:      jsii.Bool(true),
		EncryptionKey:       newKey(stack, "Key"),
	})
	lending := jobs(stack, "Lending", &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_LENDING_ANALYSIS,
	})
	read := analysis.NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
		Bucket: jsii.String(
			"$.detail.bucket.name",
		),
		Key:         jsii.String("$.detail.object.key"),
		Version:     jsii.String("$.detail.object.version-id"),
		Id:          jsii.String("$.detail.object.sequencer"),
		ResultPath:  jsii.String("$.textract"),
		Comment:     jsii.String("Reads the document"),
		TaskTimeout: awsstepfunctions.Timeout_Duration(awscdk.Duration_Hours(jsii.Number(2))),
	})
	again := lending.NewTask(stack, jsii.String("Read loans"), &textractworkflow.TaskProps{
		Bucket: jsii.String(
			"{% $states.input.bucket %}",
		),
		Key:     jsii.String("{% $states.input.key %}"),
		Outputs: "{% $states.result.Output.JobId %}",
	})
	machine := machineOf(stack, "Machine", read.Next(again))
	analysis.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String("in/")})
	analysis.AddUploads(jsii.String("OwnUploads"), &textractworkflow.UploadsProps{
		Bucket: documents, Prefix: jsii.String("in/own/"), StateMachine: machine,
	})
	analysis.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: documents, Prefix: jsii.String("in/2024/"), MaxConcurrency: jsii.Number(25), ToleratedFailurePercentage: jsii.Number(5),
		ResultBucket: results, ResultPrefix: jsii.String("batches"), EncryptionKey: newKey(stack, "BatchKey"),
	})
}

// buildWorkflowStacks has the construct, two job state machines and their user in stacks of their
// own.
func buildWorkflowStacks(app constructs.Construct) {
	textract := construct(stackOf(app, "WorkflowStacks"), "TextractAsync", &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION, textractasync.Operation_EXPENSE_ANALYSIS},
	})
	text := jobs(stackOf(app, "WorkflowStacksText"), "Jobs", &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_TEXT_DETECTION,
	})
	expenses := jobs(stackOf(app, "WorkflowStacksExpenses"), "Jobs", &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_EXPENSE_ANALYSIS,
	})
	user := stackOf(app, "WorkflowStacksUser")
	read := func(id string, machine textractworkflow.JobStateMachine) textractworkflow.Task {
		return machine.NewTask(
			user, jsii.String(id),
			&textractworkflow.TaskProps{Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key")},
		)
	}
	machineOf(user, "Machine", read("Text", text).Next(read("Expenses", expenses)))
}

func jobs(scope constructs.Construct, id string, props *textractworkflow.JobStateMachineProps) textractworkflow.JobStateMachine {
	return textractworkflow.NewJobStateMachine(scope, jsii.String(id), props)
}

// machineOf has a role of its own: newer versions of the CDK trust Step Functions on conditions.
func machineOf(scope constructs.Construct, id string, states awsstepfunctions.IChainable) awsstepfunctions.StateMachine {
	return awsstepfunctions.NewStateMachine(scope, jsii.String(id), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(states),
		Role: awsiam.NewRole(scope, jsii.String(id+"Role"), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
		}),
	})
}
