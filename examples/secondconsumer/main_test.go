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

// TestSecondConsumer has one topic, role and key with two subscribed queues, each with its own
// dead-letter queue.
func TestSecondConsumer(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	template := assertions.Template_FromStack(stack, nil)
	for kind, want := range map[string]float64{
		"AWS::SNS::Topic": 1, "AWS::KMS::Key": 1, "AWS::IAM::Role": 3, "AWS::SNS::Subscription": 2, "AWS::SQS::Queue": 4,
	} {
		template.ResourceCountIs(jsii.String(kind), jsii.Number(want))
	}
	auditor := stack.Node().FindChild(jsii.String("Auditor")).(awsiam.Role)
	synthtest.MayDo(t, template, auditor, "sqs:ReceiveMessage", "kms:Decrypt")
	synthtest.MayNotDo(t, template, auditor, "textract:StartDocumentAnalysis", "iam:PassRole")
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
