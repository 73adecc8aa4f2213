// Package synthtest runs tests that synthesize stacks.
package synthtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// Object is a part of a template.
type Object = map[string]any

// Main is for TestMain: one jsii kernel for all tests, without the CDK's template validator, which
// takes two seconds.
func Main(m *testing.M) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil {
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// Actions returns the actions that the inline policies of a role allow, sorted.
func Actions(t *testing.T, template assertions.Template, role awsiam.IRole) []string {
	t.Helper()
	id := role.Stack().GetLogicalId(role.Node().DefaultChild().(awscdk.CfnElement))
	policies := *template.FindResources(jsii.String("AWS::IAM::Policy"), Object{
		"Properties": Object{"Roles": []any{Object{"Ref": *id}}},
	})
	var actions []string
	for _, policy := range policies {
		document := (*policy)["Properties"].(Object)["PolicyDocument"].(Object)
		for _, statement := range document["Statement"].([]any) {
			switch action := statement.(Object)["Action"].(type) {
			case string:
				actions = append(actions, action)
			case []any:
				for _, each := range action {
					actions = append(actions, each.(string))
				}
			}
		}
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// MayDo checks that a role may take these actions.
func MayDo(t *testing.T, template assertions.Template, role awsiam.IRole, actions ...string) {
	t.Helper()
	for _, action := range actions {
		if !slices.Contains(Actions(t, template, role), action) {
			t.Errorf("%s may not take %s", *role.Node().Path(), action)
		}
	}
}

// MayNotDo checks that a role may not take any of these actions.
func MayNotDo(t *testing.T, template assertions.Template, role awsiam.IRole, actions ...string) {
	t.Helper()
	for _, action := range actions {
		if slices.Contains(Actions(t, template, role), action) {
			t.Errorf("%s may take %s", *role.Node().Path(), action)
		}
	}
}

// Warnings returns the construct's warnings of a stack, as "PATH TEXT [ack: ID]". It synthesizes
// the app.
func Warnings(t *testing.T, stack awscdk.Stack) []string {
	t.Helper()
	assembly := *awscdk.App_Of(stack).Synth(nil).Directory()
	text, err := os.ReadFile(filepath.Join(assembly, *stack.ArtifactId()+".metadata.json"))
	if os.IsNotExist(err) {
		return nil
	}
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
	var warnings []string
	for path, entries := range metadata {
		for _, entry := range entries {
			if text := fmt.Sprint(entry.Data); entry.Type == "aws:cdk:warning" && strings.Contains(text, "@cdk-textract/textractasync:") {
				warnings = append(warnings, strings.TrimPrefix(path, "/")+" "+text)
			}
		}
	}
	slices.Sort(warnings)
	return warnings
}
