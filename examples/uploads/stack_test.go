package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
	"github.com/cdk-textract/textractasync/examples/internal/templatetest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

func TestTemplates(t *testing.T) { templatetest.Compare(t, newStack) }

func TestUploadsStartJobsWithoutAFunction(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	template := assertions.Template_FromStack(stack, nil)
	template.ResourceCountIs(jsii.String("AWS::Lambda::Function"), jsii.Number(0))
	template.ResourceCountIs(jsii.String("AWS::StepFunctions::StateMachine"), jsii.Number(3)) // notifier, jobs, batch
	template.HasResourceProperties(jsii.String("AWS::S3::Bucket"), synthtest.Object{
		"NotificationConfiguration": synthtest.Object{"EventBridgeConfiguration": synthtest.Object{"EventBridgeEnabled": true}},
	})
	template.HasResourceProperties(jsii.String("AWS::Events::Rule"), synthtest.Object{
		"EventPattern": synthtest.Object{"detail": synthtest.Object{"object": synthtest.Object{
			"key": []any{synthtest.Object{"prefix": "in/"}},
		}}},
	})
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("%v", warnings)
	}
}
