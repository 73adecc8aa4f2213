package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
	"github.com/cdk-textract/textractasync/examples/internal/templatetest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

func TestTemplates(t *testing.T) { templatetest.Compare(t, newStack) }

func TestPermissions(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	template := assertions.Template_FromStack(stack, nil)
	machine := stack.Node().FindChild(jsii.String("Machine")).(awsstepfunctions.StateMachine)
	synthtest.MayDo(t, template, machine.Role(), "states:StartExecution", "states:DescribeExecution", "states:StopExecution")
	synthtest.MayNotDo(t, template, machine.Role(), "textract:StartDocumentAnalysis", "iam:PassRole", "s3:GetObject")
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("%v", warnings)
	}
}

// TestEveryOutcomeHasItsState follows the definition: a job that succeeded, one in part, one that
// failed, and anything else.
func TestEveryOutcomeHasItsState(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil))
	var definition struct {
		StartAt string
		States  map[string]struct {
			Next, Default string
			Choices       []struct {
				Next string
				And  []struct{ StringEquals string }

				StringMatches string
			}
			Catch []struct {
				ErrorEquals []string
				Next        string
			}
		}
	}
	if err := json.Unmarshal([]byte(definitionOf(t, stack)), &definition); err != nil {
		t.Fatal(err)
	}
	read := definition.States[definition.StartAt]
	complete := definition.States[read.Next]
	started := definition.States[read.Catch[0].Next]
	why := definition.States[definition.States[started.Choices[0].Next].Next]
	for name, pair := range map[string][2]string{
		"success":      {complete.Default, "Book"},
		"in part":      {complete.Choices[0].Next, "Review"},
		"no execution": {started.Default, "Broken"}, // its cause is no JSON
		"an execution": {started.Choices[0].StringMatches, "{*}"},
		"failed job":   {why.Choices[0].Next, "Review"},
		"the error":    {why.Choices[0].And[1].StringEquals, "Textract.JobFailed"},
		"another":      {why.Default, "Broken"},
		"what it sees": {read.Catch[0].ErrorEquals[0], "States.TaskFailed"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", name, pair[0], pair[1])
		}
	}
}

// definitionOf returns the definition of the state machine with the task, with a word for each
// reference.
func definitionOf(t *testing.T, stack awscdk.Stack) string {
	t.Helper()
	for id, machine := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::StepFunctions::StateMachine"), nil) {
		if !strings.HasPrefix(id, "Machine") {
			continue
		}
		text := ""
		for _, part := range (*machine)["Properties"].(synthtest.Object)["DefinitionString"].(synthtest.Object)["Fn::Join"].([]any)[1].([]any) {
			if literal, ok := part.(string); ok {
				text += literal
			} else {
				text += "REFERENCE"
			}
		}
		return text
	}
	t.Fatal("no state machine")
	return ""
}
