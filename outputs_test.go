package textractasync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// outputsOf returns the outputs of a stack's template: their values, with references as text.
func outputsOf(stack awscdk.Stack) map[string]string {
	outputs := map[string]string{}
	for name, output := range *assertions.Template_FromStack(stack, nil).FindOutputs(jsii.String("*"), nil) {
		outputs[name] = fmt.Sprint((*output)["Value"])
	}
	return outputs
}

// TestOutputs compares names and values of the outputs with what the command reads.
func TestOutputs(t *testing.T) {
	bucket := func(stack awscdk.Stack, name string) awss3.IBucket {
		return awss3.Bucket_FromBucketName(stack, jsii.String(name), jsii.String(name))
	}
	input := func(bucket awss3.IBucket, prefix string) *textractasync.InputLocation {
		return &textractasync.InputLocation{Bucket: bucket, Prefix: jsii.String(prefix)}
	}
	serviceManaged := textractasync.Encryption_SERVICE_MANAGED
	keyArn := "arn:aws:kms:" + region + ":" + account + ":key/00000000-0000-4000-8000-000000000000"
	always := []string{"QueueArn", "QueueUrl", "ServiceRoleArn", "TopicArn"}
	for name, row := range map[string]struct {
		props   func(awscdk.Stack) *textractasync.TextractAsyncProps
		outputs func(awscdk.Stack) *textractasync.OutputsProps
		more    []string          // names besides those that there always are
		values  map[string]string // of those that this is about
	}{
		"of the default construct": {more: []string{"EncryptionKeyArn"}},
		"without a key": {props: func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Encryption: serviceManaged}
		}},
		"with results and their key, by its id in the same stack": {props: func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			props := withInputAndOutput(stack)
			props.Encryption = serviceManaged
			return props
		}, more: []string{"DocumentBucketName", "OutputBucketName", "OutputKmsKeyId", "OutputPrefix"}, values: map[string]string{
			"OutputPrefix": "textract_output",
		}},
		"with results under a key of elsewhere, by its ARN": {props: func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Encryption: serviceManaged, Output: &textractasync.OutputLocation{
				Bucket: bucket(stack, "results"), Prefix: jsii.String("a/b"),
				EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("ResultsKey"), jsii.String(keyArn)),
			}}
		}, more: []string{"OutputBucketName", "OutputKmsKeyId", "OutputPrefix"}, values: map[string]string{
			"OutputBucketName": "results", "OutputPrefix": "a/b",
			"OutputKmsKeyId": keyArn,
		}},
		"with one bucket of several inputs": {props: func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Encryption: serviceManaged, Inputs: &[]*textractasync.InputLocation{
				input(bucket(stack, "scans"), "a"), input(awss3.Bucket_FromBucketName(stack, jsii.String("Again"), jsii.String("scans")), "b"),
			}}
		}, more: []string{"DocumentBucketName"}, values: map[string]string{"DocumentBucketName": "scans"}},
		"with several buckets of inputs": {props: func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Encryption: serviceManaged, Inputs: &[]*textractasync.InputLocation{
				input(bucket(stack, "scans"), "a"), input(bucket(stack, "faxes"), "a"),
			}}
		}},
		"with the bucket and the caller of the props": {
			props: func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
				return &textractasync.TextractAsyncProps{Encryption: serviceManaged, Inputs: &[]*textractasync.InputLocation{
					input(bucket(stack, "scans"), "a"), input(bucket(stack, "faxes"), "a"),
				}}
			},
			outputs: func(stack awscdk.Stack) *textractasync.OutputsProps {
				return &textractasync.OutputsProps{
					DocumentBucket: bucket(stack, "inbox"),
					CallerRole: awsiam.Role_FromRoleArn(
						stack, jsii.String("Ops"), jsii.String("arn:aws:iam::111122223333:role/ops"), nil),
				}
			},
			more: []string{"CallerRoleArn", "DocumentBucketName"},
			values: map[string]string{
				"DocumentBucketName": "inbox", "CallerRoleArn": "arn:aws:iam::111122223333:role/ops",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Stack")
			var props *textractasync.TextractAsyncProps
			if row.props != nil {
				props = row.props(stack)
			}
			textract := newTextractAsync(stack, props)
			var outputs *textractasync.OutputsProps
			if row.outputs != nil {
				outputs = row.outputs(stack)
			}
			textract.AddOutputs(outputs)

			got := outputsOf(stack)
			want := slices.Sorted(slices.Values(slices.Concat(always, row.more)))
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			for name, value := range row.values {
				if got[name] != value {
					t.Errorf("output %s is %s, want %s", name, got[name], value)
				}
			}
			for name, variable := range map[string]string{
				"TopicArn": "TEXTRACT_SNS_TOPIC_ARN", "QueueUrl": "TEXTRACT_QUEUE_URL", "ServiceRoleArn": "TEXTRACT_ROLE_ARN",
				"OutputBucketName": "TEXTRACT_OUTPUT_BUCKET", "OutputPrefix": "TEXTRACT_OUTPUT_PREFIX", "OutputKmsKeyId": "TEXTRACT_OUTPUT_KMS_KEY_ID",
			} {
				value, has := (*textract.EnvironmentVariables())[variable]
				if _, ok := got[name]; ok != has || has && got[name] != fmt.Sprint(stack.Resolve(value)) {
					t.Errorf("output %s is %q, and %s another value", name, got[name], variable)
				}
			}
		})
	}
}

func TestOutputsOfAnImportedConstruct(t *testing.T) {
	stack := newStackWithEnv("Stack")
	textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncAttributes{
		TopicArn:       jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract-old"),
		QueueArn:       jsii.String("arn:aws:sqs:eu-west-1:111122223333:old"),
		ServiceRoleArn: jsii.String("arn:aws:iam::111122223333:role/textract"),
	}).AddOutputs(nil)
	want := map[string]string{
		"TopicArn": "arn:aws:sns:eu-west-1:111122223333:AmazonTextract-old", "QueueArn": "arn:aws:sqs:eu-west-1:111122223333:old",
		"ServiceRoleArn": "arn:aws:iam::111122223333:role/textract",
	}
	got := outputsOf(stack)
	if !strings.Contains(got["QueueUrl"], "/111122223333/old") {
		t.Errorf("output QueueUrl is %s", got["QueueUrl"])
	}
	delete(got, "QueueUrl")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestOutputsOfTwoConstructsInOneStack(t *testing.T) {
	stack := newStack("Stack")
	first := textractasync.NewTextractAsync(stack, jsii.String("First"), nil)
	second := newTextractAsync(stack, nil)
	first.AddOutputs(nil)

	err := panicOf(t, func() { second.AddOutputs(nil) })
	assertProblems(t, []textractasync.Problem{{Prop: "Prefix", Value: `""`}}, err)
	if fix := err.Problems[0].Fix; !strings.Contains(
		fix,
		"the stack has TopicArn, QueueUrl, QueueArn, ServiceRoleArn, EncryptionKeyArn already",
	) {
		t.Errorf("fix %q", fix)
	}
	second.AddOutputs(&textractasync.OutputsProps{Prefix: jsii.String("Second")})
	assertProblems(t, []textractasync.Problem{{Prop: "Prefix", Value: `"Second"`}},
		panicOf(t, func() { second.AddOutputs(&textractasync.OutputsProps{Prefix: jsii.String("Second")}) }))

	got := outputsOf(stack)
	names := []string{"TopicArn", "QueueUrl", "QueueArn", "ServiceRoleArn", "EncryptionKeyArn"}
	if len(got) != 2*len(names) {
		t.Errorf("outputs %v", got)
	}
	for _, name := range names {
		if one, two := got[name], got["Second"+name]; !strings.Contains(one, "First") || !strings.Contains(two, "TextractAsync") {
			t.Errorf("output %s is %s, and of the second construct %s", name, one, two)
		}
	}
}

// An output of the app's own is found before any output is written.
func TestOutputsBesideOneOfTheApp(t *testing.T) {
	stack := newStack("Stack")
	awscdk.NewCfnOutput(stack, jsii.String("QueueUrl"), &awscdk.CfnOutputProps{Value: jsii.String("mine")})
	textract := newTextractAsync(stack, nil)
	assertProblems(t, []textractasync.Problem{{Prop: "Prefix", Value: `""`}}, panicOf(t, func() { textract.AddOutputs(nil) }))
	if got := outputsOf(stack); len(got) != 1 {
		t.Errorf("outputs %v", got)
	}
}

func TestOutputsReject(t *testing.T) {
	type goRole struct{ awsiam.IRole }
	for name, row := range map[string]struct {
		props textractasync.OutputsProps
		want  []textractasync.Problem
	}{
		"a prefix that CloudFormation does not take": {
			textractasync.OutputsProps{Prefix: jsii.String("my-")}, []textractasync.Problem{{Prop: "Prefix", Value: `"my-"`}},
		},
		"a prefix that is too long": {
			textractasync.OutputsProps{Prefix: jsii.String(strings.Repeat("x", 201))}, []textractasync.Problem{{Prop: "Prefix"}},
		},
		"a prefix that is known at deployment": {
			textractasync.OutputsProps{Prefix: awscdk.Aws_REGION()}, []textractasync.Problem{{Prop: "Prefix"}},
		},
		"a Go value as role, and a prefix": {
			textractasync.OutputsProps{Prefix: jsii.String("ü"), CallerRole: goRole{}},
			[]textractasync.Problem{{Prop: "CallerRole"}, {Prop: "Prefix", Value: `"ü"`}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			textract := newTextractAsync(newStack("Stack"), nil)
			assertProblems(t, row.want, panicOf(t, func() { textract.AddOutputs(&row.props) }))
		})
	}
}
