package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

// TestStack finds the outputs that textract-async and TextractAsyncAttributes read.
func TestStack(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	outputs := *assertions.Template_FromStack(stack, nil).FindOutputs(jsii.String("*"), nil)
	for _, name := range []string{
		"TopicArn", "QueueUrl", "QueueArn", "ServiceRoleArn", "EncryptionKeyArn",
		"DocumentBucketName", "OutputBucketName", "CallerRoleArn",
	} {
		if outputs[name] == nil {
			t.Errorf("no output %s", name)
		}
	}
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}
