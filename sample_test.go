package textractasync_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/app/sample"
)

// sampleWith builds the sample with what -c sets on the command line.
func sampleWith(context map[string]any) awscdk.Stack {
	return sample.NewStack(awscdk.NewApp(&awscdk.AppProps{Context: &context}), jsii.String("Sample"), nil)
}

// TestSampleCallers gives each kind of caller what steps 1, 8 and "output" of the guide ask for.
func TestSampleCallers(t *testing.T) {
	for _, row := range []struct {
		name    string
		context map[string]any
		policy  object
		roleArn bool
	}{
		{"a new role", nil, object{"Roles": []any{assertions.Match_AnyValue()}}, true},
		{"an existing user", map[string]any{sample.ContextCallerUser: "ann"}, object{"Users": []any{"ann"}}, false},
		{"an existing role", map[string]any{sample.ContextCallerRole: "ops"}, object{"Roles": []any{"ops"}}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := assertions.Template_FromStack(sampleWith(row.context), nil)
			for _, action := range []any{
				"iam:PassRole",
				assertions.Match_ArrayWith(&[]any{"textract:StartDocumentAnalysis"}),
				assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}),
				assertions.Match_ArrayWith(&[]any{"s3:ListBucketMultipartUploads"}),
			} {
				want := object{"PolicyDocument": document(object{"Action": action})}
				for key, value := range row.policy {
					want[key] = value
				}
				mustHold(t, func() { template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), want) })
			}
			if _, got := (*template.FindOutputs(jsii.String("CallerRoleArn"), nil))["CallerRoleArn"]; got != row.roleArn {
				t.Errorf("output CallerRoleArn is there: %t, want %t", got, row.roleArn)
			}
		})
	}
}

func TestSampleOutputs(t *testing.T) {
	template := assertions.Template_FromStack(sampleWith(nil), nil)
	outputs := *template.FindOutputs(jsii.String("*"), nil)
	for _, name := range []string{
		"TopicArn", "QueueUrl", "QueueArn", "ServiceRoleArn", "DocumentBucketName",
		"OutputBucketName", "OutputPrefix", "CallerRoleArn", "EncryptionKeyArn",
	} {
		output, ok := outputs[name]
		if !ok {
			t.Errorf("no output %s", name)
			continue
		}
		if _, exported := (*output)["Export"]; exported {
			t.Errorf("output %s is exported, so that a second sample could not be deployed beside it", name)
		}
	}
}

func TestSampleRefusesTwoCallers(t *testing.T) {
	defer func() {
		if problem, _ := recover().(string); !strings.Contains(problem, "give one of the two") {
			t.Errorf("panic %q", problem)
		}
	}()
	sampleWith(map[string]any{sample.ContextCallerUser: "ann", sample.ContextCallerRole: "ops"})
}
