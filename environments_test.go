package textractasync_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// TestPartitions looks for an ARN that names a partition the stack is not in.
func TestPartitions(t *testing.T) {
	for region, partition := range map[string]string{
		"eu-west-1":     "aws",
		"us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso",
	} {
		t.Run(region, func(t *testing.T) {
			context := recommendedFlags(t)
			app := awscdk.NewApp(&awscdk.AppProps{Context: &context, AnalyticsReporting: jsii.Bool(false)})
			stack := awscdk.NewStack(app, jsii.String("Home"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
			})
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), withInputAndOutput(stack))
			textract.GrantRunJobs(newLambdaRole(stack, "Caller"))

			assembly := *app.Synth(nil).Directory()
			template := readTemplates(t, assembly)["Home.template.json"]
			if !strings.Contains(template, `"arn:`+partition+`:textract:*:`) {
				t.Errorf("no ARN of partition %s in\n%s", partition, template)
			}
			for _, other := range []string{"aws", "aws-us-gov", "aws-iso"} {
				if other != partition && strings.Contains(template, `"arn:`+other+`:`) {
					t.Errorf("an ARN of partition %s", other)
				}
			}
			if got := readWarnings(t, assembly); len(got) > 0 {
				t.Errorf("warnings %v, want none in a Region with Textract", got)
			}
		})
	}
}

// TestTopicNamesAreUnique across stacks, stages and constructs of one account, for names are per account and Region.
func TestTopicNamesAreUnique(t *testing.T) {
	app := awscdk.NewApp(nil)
	stage := awscdk.NewStage(app, jsii.String("Stage"), nil)
	long := strings.Repeat("Long", 30)
	names := map[string]bool{}
	for _, stack := range []awscdk.Stack{
		awscdk.NewStack(app, jsii.String("One"), nil),
		awscdk.NewStack(app, jsii.String("Two"), nil),
		awscdk.NewStack(stage, jsii.String("One"), nil),
		awscdk.NewStack(app, jsii.String(long), nil),
	} {
		for _, id := range []string{"Left", "Right", long + "Left", long + "Right"} {
			topic := textractasync.NewTextractAsync(stack, jsii.String(id), nil).Topic()
			name := knownNameOf(topic)
			if names[name] {
				t.Errorf("%s is taken twice", name)
			}
			names[name] = true
			if !strings.HasPrefix(name, "AmazonTextract") || len(name) > 256 {
				t.Errorf("topic name %q", name)
			}
		}
	}
}

// TestForeignBucketInTheSameRegion is legitimate, also where nothing but the account is another.
func TestForeignBucketInTheSameRegion(t *testing.T) {
	stack := newHome()
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Documents"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents-of-another-account"), Account: jsii.String("444455556666"), Region: jsii.String(region),
	})
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	warningsOf(t, stack).expect(t, "bucketPolicy", true, "arn:aws:s3:::documents-of-another-account/*")
}

// TestUnknownEnvironmentIsNoMistake lets pass what may well be the same at deployment.
func TestUnknownEnvironmentIsNoMistake(t *testing.T) {
	stack := newStack("Home")
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Documents"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents"), Region: jsii.String("eu-west-1"),
	})
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	if got := warningsOf(t, stack); len(got) > 0 {
		t.Errorf("warnings %v, want none", got)
	}
}
