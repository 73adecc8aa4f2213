// Command secondstack is a CDK app with the construct in one stack and its worker in another.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStacks(app)
	app.Synth(nil)
}

// region same
// newStacks passes the construct to the second stack of the app. The CDK exports what the second
// one refers to.
func newStacks(app awscdk.App) (worker awscdk.Stack) {
	documents := awscdk.NewStack(app, jsii.String("Documents"), nil)
	incoming := awss3.NewBucket(documents, jsii.String("Incoming"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(documents, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: incoming}},
	})

	worker = awscdk.NewStack(app, jsii.String("Worker"), nil)
	textract.GrantRunJobs(newWorkerRole(worker))
	return worker
}

// endregion

func newWorkerRole(scope constructs.Construct) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
}

// region other
// newWorkerOfOtherApp knows the construct by the outputs of its stack. Documents and their key are
// what the construct has as Inputs.
func newWorkerOfOtherApp(stack awscdk.Stack, documents awss3.IBucket) textractasync.ITextractAsync {
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Textract"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:         jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Documents"),
			QueueArn:         jsii.String("arn:aws:sqs:eu-west-1:111122223333:documents"),
			ServiceRoleArn:   jsii.String("arn:aws:iam::111122223333:role/documents"),
			EncryptionKeyArn: jsii.String("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
			Inputs:           &[]*textractasync.InputLocation{{Bucket: documents}},
		})
	textract.GrantRunJobs(newWorkerRole(stack))
	return textract
}

// endregion
