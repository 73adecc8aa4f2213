package main

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

type object = map[string]any

func TestMain(m *testing.M) { synthtest.Main(m) }

func TestPermissions(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	template := assertions.Template_FromStack(stack, nil)
	machine := stack.Node().FindChild(jsii.String("Machine")).(awsstepfunctions.StateMachine)
	synthtest.MayDo(t, template, machine.Role(), "textract:StartDocumentAnalysis", "textract:GetDocumentAnalysis", "iam:PassRole",
		"s3:PutObject")
	synthtest.MayNotDo(t, template, machine.Role(), "sns:Publish", "sqs:ReceiveMessage")
}

// TestDefinition finds the casing that Step Functions takes, and a way out of every state.
func TestDefinition(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	var definition struct {
		StartAt string
		States  map[string]struct {
			Resource, Next, Default string
			Parameters              object
			Choices                 []struct{ StringEquals, Next string }
			Retry                   []struct{ ErrorEquals []string }
		}
	}
	if err := json.Unmarshal([]byte(definitionOf(t, stack)), &definition); err != nil {
		t.Fatal(err)
	}
	start := definition.States["StartAnalysis"]
	if got, want := start.Resource, "arn:PARTITION:states:::aws-sdk:textract:startDocumentAnalysis"; got != want {
		t.Errorf("resource %s, want %s", got, want)
	}
	channel := start.Parameters["NotificationChannel"].(object)
	if len(channel) != 2 || channel["SnsTopicArn"] == nil || channel["RoleArn"] == nil {
		t.Errorf("channel %v", channel)
	}
	for _, name := range []string{"StartAnalysis", "GetStatus"} {
		if retries := definition.States[name].Retry; len(retries) != 1 || len(retries[0].ErrorEquals) < 7 {
			t.Errorf("retries of %s: %v", name, retries)
		}
	}
	next := map[string]string{"": definition.States["Completed?"].Default}
	for _, choice := range definition.States["Completed?"].Choices {
		next[choice.StringEquals] = choice.Next
	}
	if diff := cmp.Diff(map[string]string{"IN_PROGRESS": "Wait", "FAILED": "Failed", "": "Succeeded"}, next); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// definitionOf returns the definition with a word for each reference.
func definitionOf(t *testing.T, stack awscdk.Stack) string {
	t.Helper()
	for _, machine := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::StepFunctions::StateMachine"), nil) {
		join := (*machine)["Properties"].(object)["DefinitionString"].(object)["Fn::Join"].([]any)
		text := ""
		for _, part := range join[1].([]any) {
			switch part := part.(type) {
			case string:
				text += part
			case object:
				if part["Ref"] == "AWS::Partition" {
					text += "PARTITION"
				} else {
					text += "REFERENCE"
				}
			}
		}
		return text
	}
	t.Fatal("no state machine")
	return ""
}
