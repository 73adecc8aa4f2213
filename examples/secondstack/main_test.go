package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

var runsJobs = []string{"textract:StartDocumentAnalysis", "iam:PassRole", "sqs:DeleteMessage", "kms:Decrypt", "s3:GetObject"}

func TestSameApp(t *testing.T) {
	worker := newStacks(awscdk.NewApp(nil))
	role := worker.Node().FindChild(jsii.String("Role")).(awsiam.Role)
	synthtest.MayDo(t, assertions.Template_FromStack(worker, nil), role, runsJobs...)
	if warnings := synthtest.Warnings(t, worker); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}

// TestOtherApp makes nothing but the worker.
func TestOtherApp(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Worker"), nil)
	bucket := awss3.NewBucket(stack, jsii.String("Incoming"), nil)
	newWorkerOfOtherApp(stack, bucket)
	template := assertions.Template_FromStack(stack, nil)
	synthtest.MayDo(t, template, stack.Node().FindChild(jsii.String("Role")).(awsiam.Role), runsJobs...)
	for _, kind := range []string{"AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::KMS::Key"} {
		template.ResourceCountIs(jsii.String(kind), jsii.Number(0))
	}
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
