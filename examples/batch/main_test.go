package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

// TestStack finds the outputs that textract-async reads, and an operator that may do all that batch
// does.
func TestStack(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	template := assertions.Template_FromStack(stack, nil)
	outputs := *template.FindOutputs(jsii.String("*"), nil)
	for _, name := range []string{"TopicArn", "QueueUrl", "ServiceRoleArn", "OutputBucketName", "CallerRoleArn"} {
		if outputs[name] == nil {
			t.Errorf("no output %s", name)
		}
	}

	operator := stack.Node().FindChild(jsii.String("Operator")).(awsiam.Role)
	synthtest.MayDo(t, template, operator,
		"textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis", "iam:PassRole",
		"sqs:ReceiveMessage", "sqs:DeleteMessage", "kms:Decrypt", "s3:GetObject", "s3:PutObject")
	scans := synthtest.Object{"Fn::Join": []any{"", []any{"arn:", synthtest.Object{"Ref": "AWS::Partition"}, ":s3:::scans-111122223333"}}}
	template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), synthtest.Object{
		"PolicyDocument": synthtest.Object{"Statement": assertions.Match_ArrayWith(&[]any{
			assertions.Match_Exact(synthtest.Object{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": scans}),
		})},
	})
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
