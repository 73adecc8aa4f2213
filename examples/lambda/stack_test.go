package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

type object = map[string]any

func TestMain(m *testing.M) { synthtest.Main(m) }

// region stack
// testStack synthesizes the stack in a known environment and with the flags of its cdk.json. Assets
// come first: a test needs a folder for the code of each function, but not the code.
func testStack(t *testing.T) awscdk.Stack {
	t.Helper()
	dist := t.TempDir()
	for _, function := range []string{"start", "summarize"} {
		dir := filepath.Join(dist, function)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bootstrap"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := awscdk.NewApp(&awscdk.AppProps{
		Context: &map[string]any{"@aws-cdk/aws-iam:minimizePolicies": true}, // what -c and cdk.json set
	})
	return newStack(app, dist)
}

func TestFunctions(t *testing.T) {
	template := assertions.Template_FromStack(testStack(t), nil)
	template.ResourceCountIs(jsii.String("AWS::Lambda::EventSourceMapping"), jsii.Number(2))
	template.AllResourcesProperties(jsii.String("AWS::Lambda::EventSourceMapping"), object{
		"FunctionResponseTypes": []any{"ReportBatchItemFailures"},
	})
	template.HasResourceProperties(jsii.String("AWS::SQS::Queue"), object{ // the construct's
		"VisibilityTimeout": visibilityMinutes * 60, "RedrivePolicy": object{"maxReceiveCount": maxReceives},
		"KmsMasterKeyId": assertions.Match_AnyValue(),
	})
}

func TestNoWarnings(t *testing.T) {
	assertions.Annotations_FromStack(testStack(t)).HasNoWarning(jsii.String("*"), assertions.Match_AnyValue())
}

// endregion

func TestPermissions(t *testing.T) {
	stack := testStack(t)
	template := assertions.Template_FromStack(stack, nil)
	start := stack.Node().FindChild(jsii.String("Start")).(awslambda.Function)
	summarize := stack.Node().FindChild(jsii.String("Summarize")).(awslambda.Function)
	synthtest.MayDo(t, template, start.Role(), "textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis", "iam:PassRole",
		"s3:GetObject", "sqs:DeleteMessage")
	synthtest.MayDo(t, template, summarize.Role(), "textract:GetDocumentAnalysis", "kms:Decrypt", "sqs:DeleteMessage", "s3:PutObject")
	synthtest.MayNotDo(t, template, summarize.Role(), "textract:StartDocumentAnalysis", "iam:PassRole", "s3:GetObject")

	for _, variable := range []string{"TEXTRACT_SNS_TOPIC_ARN", "TEXTRACT_ROLE_ARN", "TEXTRACT_QUEUE_URL"} {
		template.ResourcePropertiesCountIs(jsii.String("AWS::Lambda::Function"), object{
			"Environment": object{"Variables": object{variable: assertions.Match_AnyValue()}},
		}, jsii.Number(2))
	}
}
