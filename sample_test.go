package textractasync_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/app/sample"
)

// sampleWith builds the sample with the context that -c sets on the command line.
func sampleWith(context map[string]any) awscdk.Stack {
	return sample.NewStack(awscdk.NewApp(&awscdk.AppProps{Context: &context}), jsii.String("Sample"), nil)
}

// TestSampleCallers checks that each kind of caller has what steps 1, 8 and "output" of the guide
// ask for. An existing caller has it in a managed policy.
func TestSampleCallers(t *testing.T) {
	for _, row := range []struct {
		name       string
		context    map[string]any
		policyType string
		policy     object
		roleArn    bool
	}{
		{"a new role", nil, "AWS::IAM::Policy", object{"Roles": []any{assertions.Match_AnyValue()}}, true},
		{
			"an existing user",
			map[string]any{sample.ContextCallerUser: "ann"},
			"AWS::IAM::ManagedPolicy",
			object{"Users": []any{"ann"}},
			false,
		},
		{
			"an existing role",
			map[string]any{sample.ContextCallerRole: "ops"},
			"AWS::IAM::ManagedPolicy",
			object{"Roles": []any{"ops"}},
			true,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			template := assertions.Template_FromStack(sampleWith(row.context), nil)
			for _, action := range []any{
				"iam:PassRole",
				assertions.Match_ArrayWith(&[]any{"textract:StartDocumentAnalysis"}),
				assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}),
				assertions.Match_ArrayWith(&[]any{"s3:ListBucketMultipartUploads"}),
				"s3:PutObject",
			} {
				want := maps.Clone(row.policy)
				want["PolicyDocument"] = document(object{"Action": action})
				mustMatch(t, func() { template.HasResourceProperties(jsii.String(row.policyType), want) })
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
			t.Errorf("output %s is exported, so a second sample cannot be deployed", name)
		}
	}
}

func TestSampleRejectsTwoCallers(t *testing.T) {
	defer func() {
		if problem, _ := recover().(string); !strings.Contains(problem, "set one of the two") {
			t.Errorf("panic %q", problem)
		}
	}()
	sampleWith(map[string]any{sample.ContextCallerUser: "ann", sample.ContextCallerRole: "ops"})
}

func TestSampleMonitoring(t *testing.T) {
	count := func(monitoring any) (alarms, dashboards int) {
		app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{sample.ContextMonitoring: monitoring}})
		stack := sample.NewStack(app, jsii.String("Sample"), nil)
		return len(propertiesOf(stack, "AWS::CloudWatch::Alarm")), len(propertiesOf(stack, "AWS::CloudWatch::Dashboard"))
	}
	for _, on := range []any{"true", true} {
		if alarms, dashboards := count(on); alarms != 7 || dashboards != 1 {
			t.Errorf("%T %v: %d alarms, %d dashboards", on, on, alarms, dashboards)
		}
	}
	if alarms, dashboards := count("false"); alarms != 0 || dashboards != 0 {
		t.Errorf("false: %d alarms, %d dashboards", alarms, dashboards)
	}
}
