package assembly

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

// BucketAccount owns the buckets of the scenario Foreign.
const BucketAccount = "555566667777"

// Scenarios are those of the goldens, and others that only permissions tell apart.
func Scenarios() []scenario.Scenario {
	return slices.Concat(scenario.All(), []scenario.Scenario{
		{Name: "Foreign", Build: buildForeign},
		{Name: "Immutable", Build: buildImmutable},
		{Name: "Attributes", Build: buildAttributes},
	})
}

func newStack(app constructs.Construct, name string) awscdk.Stack {
	return scenario.StackIn(app, name, scenario.Account, scenario.Region)
}

func importBucket(stack awscdk.Stack, name, account, keyArn string) awss3.IBucket {
	return awss3.Bucket_FromBucketAttributes(stack, jsii.String(name), &awss3.BucketAttributes{
		BucketName: jsii.String(name), Account: jsii.String(account), Region: jsii.String(scenario.Region),
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String(name+"Key"), jsii.String(keyArn)),
	})
}

// KeyArn is the ARN of a key that was made elsewhere.
func KeyArn(account, digit string) string {
	return "arn:aws:kms:" + scenario.Region + ":" + account + ":key/00000000-0000-4000-8000-00000000000" + digit
}

// buildForeign reads and writes buckets of another account.
func buildForeign(app constructs.Construct) {
	stack := newStack(app, "Foreign")
	scenario.AddCallers(stack, "", textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: importBucket(stack, "foreign-1", BucketAccount, KeyArn(BucketAccount, "1")), Prefix: jsii.String("in/"),
		}},
		Output: &textractasync.OutputLocation{
			Bucket: importBucket(stack, "foreign-2", BucketAccount, KeyArn(BucketAccount, "2")),
		},
	}))
}

// buildImmutable uses a role that the CDK was told to leave alone.
func buildImmutable(app constructs.Construct) {
	stack := newStack(app, "Immutable")
	scenario.AddCallers(stack, "", textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		ServiceRole: awsiam.Role_FromRoleArn(stack, jsii.String("Role"),
			jsii.String("arn:aws:iam::"+scenario.Account+":role/immutable"), &awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)}),
		Output: &textractasync.OutputLocation{
			Bucket: importBucket(stack, "immutable-2", scenario.Account, KeyArn(scenario.Account, "2")),
		},
	}))
}

// buildAttributes grants the use of a construct that was deployed before.
func buildAttributes(app constructs.Construct) {
	stack := newStack(app, "Attributes")
	place := scenario.Region + ":" + scenario.Account + ":"
	scenario.AddCallers(stack, "", textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:         jsii.String("arn:aws:sns:" + place + "AmazonTextractAttributes"),
			QueueArn:         jsii.String("arn:aws:sqs:" + place + "attributes"),
			ServiceRoleArn:   jsii.String("arn:aws:iam::" + scenario.Account + ":role/attributes"),
			EncryptionKeyArn: jsii.String(KeyArn(scenario.Account, "0")),
			Operations:       &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS},
			Output: &textractasync.OutputLocation{
				Bucket: importBucket(stack, "attributes-2", scenario.Account, KeyArn(scenario.Account, "2")),
			},
		}))
}
