package textractasync_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// TestPartitions looks for an ARN of another partition than the stack's.
func TestPartitions(t *testing.T) {
	for region, partition := range map[string]string{
		"eu-west-1":     "aws",
		"us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso",
	} {
		t.Run(region, func(t *testing.T) {
			context := recommendedFlags(t)
			app := awscdk.NewApp(&awscdk.AppProps{Context: &context, AnalyticsReporting: jsii.Bool(false)})
			stack := newStackIn(app, "Stack", region)
			textract := newTextractAsync(stack, withInputAndOutput(stack))
			textract.GrantRunJobs(newLambdaRole(stack, "Caller"))

			assembly := *app.Synth(nil).Directory()
			template := readTemplates(t, assembly)["Stack.template.json"]
			if !strings.Contains(template, `"arn:`+partition+`:textract:*:`) {
				t.Errorf("no ARN of partition %s in\n%s", partition, template)
			}
			for _, other := range []string{"aws", "aws-us-gov", "aws-iso"} {
				if other != partition && strings.Contains(template, `"arn:`+other+`:`) {
					t.Errorf("an ARN of partition %s", other)
				}
			}
			readWarnings(t, assembly).expectNoMore(t) // each of these Regions has Textract
		})
	}
}

// TestTopicNamesAreUnique across stacks, stages and constructs, because a name is unique in its
// account and Region.
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
				t.Errorf("two topics are called %s", name)
			}
			names[name] = true
			if !strings.HasPrefix(name, "AmazonTextract") || len(name) > 256 {
				t.Errorf("topic name %q", name)
			}
		}
	}
}

// TestBucketOfAnotherAccount in the same Region is accepted, with a warning that prints what its
// policy needs.
func TestBucketOfAnotherAccount(t *testing.T) {
	stack := newStackWithEnv("Stack")
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Documents"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents-of-another-account"), Account: jsii.String(otherAccount), Region: jsii.String(region),
	})
	newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	warnings := warningsOf(t, stack)
	warnings.expect(t, "bucketPolicy", true, "arn:aws:s3:::documents-of-another-account/*")
	warnings.expect(t, "unknownKey", true, "set Inputs[0].EncryptionKey")
	warnings.expectNoMore(t)
}

func TestRegionWithoutTextract(t *testing.T) {
	stack := newStackIn(awscdk.NewApp(nil), "Stack", "eu-north-1")
	newTextractAsync(stack, nil)
	warnings := warningsOf(t, stack)
	warnings.expect(t, "region", true, "eu-north-1")
	warnings.expectNoMore(t)
}

// TestUnknownEnvironmentIsAccepted because the bucket's Region may be the stack's at deployment.
func TestUnknownEnvironmentIsAccepted(t *testing.T) {
	stack := newStack("Stack")
	documents := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Documents"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents"), Region: jsii.String(region),
	})
	newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	warnings := warningsOf(t, stack)
	warnings.expect(t, "unknownKey", true, "set Inputs[0].EncryptionKey")
	warnings.expectNoMore(t)
}

// TestTokensPass because their values are known at deployment only.
func TestTokensPass(t *testing.T) {
	stack := newStack("Stack")
	parameter := func(id, kind string) awscdk.CfnParameter {
		return awscdk.NewCfnParameter(stack, jsii.String(id), &awscdk.CfnParameterProps{Type: jsii.String(kind)})
	}
	newTextractAsync(stack, &textractasync.TextractAsyncProps{
		TopicName:         parameter("TopicName", "String").ValueAsString(),
		VisibilityTimeout: awscdk.Duration_Seconds(parameter("Visibility", "Number").ValueAsNumber()),
		DeadLetterQueue:   &textractasync.DeadLetterQueueOptions{MaxReceiveCount: parameter("Receives", "Number").ValueAsNumber()},
		TrustedAccounts:   &[]*string{parameter("Account", "String").ValueAsString()},
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil), Prefix: parameter("Prefix", "String").ValueAsString(),
		}},
	})
	if templates := readTemplates(t, *awscdk.App_Of(stack).Synth(nil).Directory()); len(templates) != 1 {
		t.Errorf("%d templates, want 1", len(templates))
	}
}

func TestPropsAreNotWrittenTo(t *testing.T) {
	stack := newStack("Stack")
	operations := []textractasync.Operation{textractasync.Operation_TEXT_DETECTION}
	output := &textractasync.OutputLocation{Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil)}
	props := textractasync.TextractAsyncProps{
		Operations: &operations, Output: output, DeadLetterQueue: &textractasync.DeadLetterQueueOptions{},
	}
	before := props
	textract := newTextractAsync(stack, &props)

	if props != before || output.Prefix != nil || output.EncryptionKey != nil ||
		*props.DeadLetterQueue != (textractasync.DeadLetterQueueOptions{}) {
		t.Errorf("the caller's props are changed: %+v", props)
	}
	operations[0] = textractasync.Operation_LENDING_ANALYSIS
	role := newLambdaRole(stack, "Role")
	if statement := *textract.GrantStartJobs(role).PrincipalStatements(); len(statement) == 0 ||
		*(*statement[0].Actions())[0] != "textract:StartDocumentTextDetection" {
		t.Error("a later change of the caller's slice changes the grant")
	}
}
