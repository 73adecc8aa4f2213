package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/app/sample"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

const (
	stackName = "TextractAsyncLive"
	// The stack has a tag, so that -clean removes none of the same name that somebody else made.
	tagKey, tagValue = "textractasync", "make-live"
)

// synthesize is the CDK app: the sample, and in the same stack what its open points need in
// addition.
func synthesize() {
	defer closeKernel()
	app := awscdk.NewApp(nil)
	stack := sample.NewStack(app, jsii.String(stackName), &awscdk.StackProps{
		Description: jsii.String("Made by make live of textractasync, which deletes it at its end"),
		Tags:        &map[string]*string{tagKey: jsii.String(tagValue)},
	})
	withKey := newOutputKey(stack)
	addTopics(stack, withKey.ServiceRole())
	addWorkflow(stack)
	app.Synth(nil)
}

// newOutputKey adds a key for results, and a construct whose service role may use it. The sample's
// service role may not.
func newOutputKey(stack awscdk.Stack) textractasync.TextractAsync {
	key := awskms.NewKey(stack, jsii.String("OutputKey"), &awskms.KeyProps{
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY, PendingWindow: awscdk.Duration_Days(jsii.Number(7)),
	})
	withKey := textractasync.NewTextractAsync(stack, jsii.String("WithKey"), &textractasync.TextractAsyncProps{
		Encryption: textractasync.Encryption_SERVICE_MANAGED,
		Output: &textractasync.OutputLocation{
			Bucket: child[awss3.IBucket](stack, "Results"), Prefix: jsii.String("with_key"), EncryptionKey: key,
		},
	})
	withKey.GrantRunJobs(child[awsiam.IGrantable](stack, "Caller"))
	output(stack, "OutputKeyArn", key.KeyArn())
	output(stack, "WithKeyPrefix", (*withKey.EnvironmentVariables())["TEXTRACT_OUTPUT_PREFIX"])
	output(stack, "WithKeyTopicArn", withKey.Topic().TopicArn())
	output(stack, "WithKeyServiceRoleArn", withKey.ServiceRole().RoleArn())
	return withKey
}

// addTopics adds a topic whose name lacks the prefix AmazonTextract, and a FIFO topic with it, that
// the service role may publish to, and a queue that both deliver to.
func addTopics(stack awscdk.Stack, serviceRole awsiam.IRole) {
	deliveries := awssqs.NewQueue(stack, jsii.String("Deliveries"), nil)
	output(stack, "DeliveriesQueueUrl", deliveries.QueueUrl())
	for _, id := range []string{"Unprefixed", "Fifo"} {
		var props awssns.TopicProps
		if id == "Fifo" {
			props = awssns.TopicProps{
				TopicName: jsii.String("AmazonTextract-" + stackName), Fifo: jsii.Bool(true), ContentBasedDeduplication: jsii.Bool(true),
			}
		}
		topic := awssns.NewTopic(stack, jsii.String(id), &props)
		topic.AddSubscription(awssnssubscriptions.NewSqsSubscription(deliveries, nil))
		topic.GrantPublish(serviceRole)
		output(stack, id+"TopicArn", topic.TopicArn())
	}
}

// addWorkflow adds state machines that run jobs: their results have a key, and a status check comes
// after a minute.
func addWorkflow(stack awscdk.Stack) {
	documents, results := child[awss3.IBucket](stack, "Documents"), child[awss3.IBucket](stack, "Results")
	textract := textractasync.NewTextractAsync(stack, jsii.String("Workflow"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{
			textractasync.Operation_TEXT_DETECTION, textractasync.Operation_DOCUMENT_ANALYSIS,
		},
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("make-live/")}},
		Output: &textractasync.OutputLocation{
			Bucket: results, Prefix: jsii.String("workflow"), EncryptionKey: child[awskms.IKey](stack, "OutputKey"),
		},
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(1)),
	})
	text := textractworkflow.NewJobStateMachine(stack, jsii.String("Text"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_TEXT_DETECTION,
		StatusCheckInterval: awscdk.Duration_Minutes(jsii.Number(1)), Timeout: awscdk.Duration_Hours(jsii.Number(1)),
	})
	analysis := textractworkflow.NewJobStateMachine(stack, jsii.String("Analysis"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract,
		Operation:     textractasync.Operation_DOCUMENT_ANALYSIS,
		FeatureTypes:  jsii.PtrSlice("QUERIES"),
		Queries: &[]*textractworkflow.Query{
			{Text: jsii.String("What is the total?"), Alias: jsii.String("TOTAL"), Pages: jsii.PtrSlice("1")},
		},
		JobTag:              jsii.String("make-live"),
		StatusCheckInterval: awscdk.Duration_Minutes(jsii.Number(1)),
		Timeout:             awscdk.Duration_Hours(jsii.Number(1)),
	})
	task := awsstepfunctions.NewStateMachine(stack, jsii.String("Task"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(text.NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
			Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"),
		})),
	})
	text.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String(uploadsPrefix)})
	batch := text.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: documents, Prefix: jsii.String(batchPrefix), MaxConcurrency: jsii.Number(2), ResultBucket: results,
	})
	output(stack, "WorkflowTextArn", text.StateMachine().StateMachineArn())
	output(stack, "WorkflowAnalysisArn", analysis.StateMachine().StateMachineArn())
	output(stack, "WorkflowTaskArn", task.StateMachineArn())
	output(stack, "WorkflowBatchArn", batch.StateMachine().StateMachineArn())
	output(stack, "WorkflowQueueUrl", textract.Queue().QueueUrl())
	output(stack, "WorkflowDeadLetterQueueUrl", textract.DeadLetterQueue().QueueUrl())
	output(stack, "WorkflowTableName", text.Notifier().Table().Ref())
	output(stack, "WorkflowLogGroupName", text.Notifier().LogGroup().Ref())
}

// child returns a construct of the sample.
func child[Type any](stack awscdk.Stack, id string) Type {
	found := stack.Node().FindChild(jsii.String(id))
	construct, ok := found.(Type)
	if !ok {
		panic(fmt.Sprintf("%s of the sample is a %T", id, found))
	}
	return construct
}

func output(scope constructs.Construct, name string, value *string) {
	awscdk.NewCfnOutput(scope, jsii.String(name), &awscdk.CfnOutputProps{Value: value})
}

// closeKernel removes the temporary directory of jsii, without the message of its runtime about a
// process that is gone already.
func closeKernel() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

// isOurs reports whether a stack was made by this program.
func isOurs(stack *cfntypes.Stack) bool {
	return slices.ContainsFunc(stack.Tags, func(tag cfntypes.Tag) bool { return *tag.Key == tagKey && *tag.Value == tagValue })
}
