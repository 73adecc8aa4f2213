// Command secondconsumer is a CDK app in which two consumers receive the notification of every job.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStack(app)
	app.Synth(nil)
}

func newStack(app awscdk.App) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
	// region second
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	textract.GrantRunJobs(newRole(stack, "Reader"))

	audit := textractasync.NewTextractAsync(stack, jsii.String("Audit"), &textractasync.TextractAsyncProps{
		Topic:         textract.Topic(), // the jobs' topic, with a queue, dead-letter queue and alarms of its own
		ServiceRole:   textract.ServiceRole(),
		EncryptionKey: textract.EncryptionKey(),
	})
	audit.GrantConsumeNotifications(newRole(stack, "Auditor"))
	// endregion
	return stack
}

func newRole(stack awscdk.Stack, id string) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
}
