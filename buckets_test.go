package textractasync_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// An import by name does not say whether the bucket has a key, and the prop does.
func TestKeyOfAnImportedBucket(t *testing.T) {
	keyArn := "arn:aws:kms:" + region + ":" + account + ":key/00000000-0000-4000-8000-000000000000"
	for name, row := range map[string]struct {
		inputKey   func(awscdk.Stack) awskms.IKey
		bucketsKey func(awscdk.Stack) awskms.IKey
		isUnknown  bool
	}{
		"by name": {isUnknown: true},
		"by name, with InputLocation.EncryptionKey": {inputKey: func(stack awscdk.Stack) awskms.IKey {
			return awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyArn))
		}},
		"by its attributes": {bucketsKey: func(stack awscdk.Stack) awskms.IKey {
			return awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyArn))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				attributes := &awss3.BucketAttributes{BucketName: jsii.String("documents")}
				if row.bucketsKey != nil {
					attributes.EncryptionKey = row.bucketsKey(home)
				}
				input := &textractasync.InputLocation{Bucket: awss3.Bucket_FromBucketAttributes(home, jsii.String("Documents"), attributes)}
				if row.inputKey != nil {
					input.EncryptionKey = row.inputKey(home)
				}
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
					Inputs: &[]*textractasync.InputLocation{input},
				})
				textract.GrantStartJobs(newLambdaRole(home, "Caller"))
				got := synthesizeApp(t, app)
				got.warnings.expect(t, "unknownKey", row.isUnknown, "Inputs[0].EncryptionKey")
				decrypts := got.where(
					"AWS::IAM::Policy", "kms:Decrypt",
					func(a allowed) bool { return to("Caller")(a) && a.resource == keyArn },
				)
				if (len(decrypts) == 0) != row.isUnknown {
					t.Errorf("kms:Decrypt of the caller: %v", decrypts)
				}
				if len(got.warnings) > 0 {
					t.Errorf("unexpected warnings %v", got.warnings)
				}
			})
		})
	}
}

// Where an upload starts a job and results are uploads as well, jobs start jobs for ever, each
// billed.
func TestResultsAmongTheDocumentsWarn(t *testing.T) {
	for name, row := range map[string]struct {
		input, output *string
		otherBucket   bool
		want          bool
	}{
		"one bucket":                                    {want: true},
		"output below the input":                        {input: jsii.String("in/"), output: jsii.String("in/results"), want: true},
		"output that begins like the input":             {input: jsii.String("doc"), output: jsii.String("documents-out"), want: true},
		"input that is the output's folder":             {input: jsii.String("out/"), output: jsii.String("out"), want: true},
		"input below the output":                        {input: jsii.String("out/in/"), output: jsii.String("out")},
		"apart":                                         {input: jsii.String("in/"), output: jsii.String("out")},
		"the default output below no input":             {input: jsii.String("in/")},
		"two buckets":                                   {otherBucket: true},
		"a prefix that is known to CloudFormation only": {input: awscdk.Aws_STACK_NAME()},
		"results below the same unknown prefix": {
			input: awscdk.Aws_STACK_NAME(), output: jsii.String(*awscdk.Aws_STACK_NAME() + "/results"), want: true,
		},
		"results below an unknown folder of the input":   {input: jsii.String("in/"), output: jsii.String("in/" + *awscdk.Aws_STACK_NAME()), want: true},
		"results below an unknown prefix, all documents": {output: awscdk.Aws_STACK_NAME(), want: true},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
			results := bucket
			if row.otherBucket {
				results = awss3.NewBucket(stack, jsii.String("Results"), nil)
			}
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				Inputs: &[]*textractasync.InputLocation{{Bucket: bucket, Prefix: row.input}},
				Output: &textractasync.OutputLocation{Bucket: results, Prefix: row.output},
			})
			warningsOf(t, stack).expect(t, "outputInInputs", row.want, "for ever")
		})
	}
}

func TestBucketsThatIAMNeverMatchesAreRejected(t *testing.T) {
	for _, name := range []string{"documents-abc123-s3alias", "documents--ol-s3", "documents--euw1-az1--x-s3"} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			bucket := awss3.Bucket_FromBucketName(stack, jsii.String("Bucket"), jsii.String(name))
			err := panicOf(t, func() {
				textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
					Inputs: &[]*textractasync.InputLocation{{Bucket: bucket}},
				})
			})
			if len(err.Problems) != 1 || err.Problems[0].Prop != "Inputs[0].Bucket" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A policy of IAM holds U+0020 to U+00FF only, so the deployment would fail.
func TestPrefixBeyondIAMIsRejected(t *testing.T) {
	stack := newStackWithEnv("Home")
	err := panicOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil), Prefix: jsii.String("文書/"),
			}},
		})
	})
	if len(err.Problems) != 1 || err.Problems[0].Prop != "Inputs[0].Prefix" {
		t.Errorf("got %v", err)
	}
}
