// Command gettingstarted is a CDK app: two buckets, the construct over them, and a role that may
// run jobs.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
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

	incoming := awss3.NewBucket(stack, jsii.String("Incoming"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: incoming}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})

	// Whoever in the account may assume roles is the caller: for production, name who may.
	caller := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	textract.GrantRunJobs(caller)
	incoming.GrantPut(caller, nil) // to upload documents, which no grant of the construct covers

	textract.AddOutputs(&textractasync.OutputsProps{CallerRole: caller})
	return stack
}
