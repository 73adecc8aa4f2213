// Command batch is a CDK app: what textract-async batch needs to read a bucket full of documents,
// with a queue of its own.
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
	stack := awscdk.NewStack(app, jsii.String("Backlog"), nil)
	// region construct
	scans := awss3.Bucket_FromBucketName(stack, jsii.String("Scans"), jsii.String("scans-111122223333"))
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: scans}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})

	operator := awsiam.NewRole(stack, jsii.String("Operator"), &awsiam.RoleProps{AssumedBy: awsiam.NewAccountRootPrincipal()})
	textract.GrantRunJobs(operator)
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{ // to list the documents
		Grantee: operator, Actions: jsii.Strings("s3:ListBucket"), ResourceArns: &[]*string{scans.BucketArn()},
	})
	// endregion
	// region outputs
	textract.AddOutputs(&textractasync.OutputsProps{CallerRole: operator}) // for --assume-caller
	// endregion

	// This bucket has no customer managed key: for one that has, set EncryptionKey of the
	// InputLocation instead.
	awscdk.Annotations_Of(textract).AcknowledgeWarning(
		jsii.String("@cdk-textract/textractasync:unknownKey"), jsii.String("S3 encrypts the documents with its own keys"))
	return stack
}
