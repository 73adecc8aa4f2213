package snippets

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// propertiesOf are those of the only resource of a type.
func propertiesOf(t *testing.T, template assertions.Template, kind string) object {
	t.Helper()
	found := *template.FindResources(jsii.String(kind), nil)
	if len(found) != 1 {
		t.Fatalf("%d resources of type %s, want 1", len(found), kind)
	}
	for _, resource := range found {
		return (*resource)["Properties"].(object)
	}
	return nil
}

// flat writes tokens and intrinsic functions out as in Fn::Sub.
func flat(stack awscdk.Stack, value any) any { return fnsub.Flatten(stack.Resolve(value)) }

// definitionOf is the definition of the only state machine.
func definitionOf(t *testing.T, stack awscdk.Stack, template assertions.Template) object {
	t.Helper()
	text := flat(stack, propertiesOf(t, template, "AWS::StepFunctions::StateMachine")["DefinitionString"]).(string)
	definition := object{}
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		t.Fatalf("definition %s: %v", text, err)
	}
	return definition
}

func mayDo(t *testing.T, template assertions.Template, role awsiam.IRole, actions ...string) {
	t.Helper()
	allowed := actionsOf(template, role)
	for _, action := range actions {
		if !allowed[action] {
			t.Errorf("%s may not do %s", *role.Node().Path(), action)
		}
	}
}

func mayNotDo(t *testing.T, template assertions.Template, role awsiam.IRole, actions ...string) {
	t.Helper()
	allowed := actionsOf(template, role)
	for _, action := range actions {
		if allowed[action] {
			t.Errorf("%s may do %s", *role.Node().Path(), action)
		}
	}
}

func actionsOf(template assertions.Template, role awsiam.IRole) map[string]bool {
	id := role.Stack().GetLogicalId(role.Node().DefaultChild().(awscdk.CfnElement))
	policies := *template.FindResources(jsii.String("AWS::IAM::Policy"), object{
		"Properties": object{"Roles": []any{object{"Ref": *id}}},
	})
	actions := map[string]bool{}
	for _, policy := range policies {
		document := (*policy)["Properties"].(object)["PolicyDocument"].(object)
		for _, s := range document["Statement"].([]any) {
			switch action := s.(object)["Action"].(type) {
			case string:
				actions[action] = true
			case []any:
				for _, a := range action {
					actions[a.(string)] = true
				}
			}
		}
	}
	return actions
}

type warning struct{ path, id, text string }

// String is the warning as the CDK CLI prints it.
func (w warning) String() string {
	return fmt.Sprintf("WARNING %s (Construct Annotations)\n   %s\n   Acknowledge with 'Annotation::@cdk-textract/textractasync:%s'",
		w.text, strings.TrimPrefix(w.path, "/"), w.id)
}

var warningText = regexp.MustCompile(`(?s)^(.*) \[ack: @cdk-textract/textractasync:(\w+)\]$`)

func warningsOf(t *testing.T, stack awscdk.Stack) []warning {
	t.Helper()
	assembly := *awscdk.App_Of(stack).Synth(nil).Directory()
	text, err := os.ReadFile(filepath.Join(assembly, *stack.ArtifactId()+".metadata.json"))
	if err != nil {
		t.Fatal(err)
	}
	var metadata map[string][]struct {
		Type string
		Data any
	}
	if err := json.Unmarshal(text, &metadata); err != nil {
		t.Fatal(err)
	}
	var warnings []warning
	for _, path := range slices.Sorted(maps.Keys(metadata)) {
		for _, entry := range metadata[path] {
			if entry.Type != "aws:cdk:warning" {
				continue
			}
			found := warningText.FindStringSubmatch(fmt.Sprint(entry.Data))
			if found == nil {
				t.Fatalf("unexpected warning %v", entry.Data)
			}
			warnings = append(warnings, warning{path: path, id: found[2], text: found[1]})
		}
	}
	return warnings
}

// pretty writes JSON as a person would.
func pretty(t *testing.T, value any) string {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.String()
}
