package assembly

import (
	"slices"
	"strings"
	"testing"
)

func testStack() *Stack {
	a := &Assembly{}
	env := NewEnvironment("111122223333", "us-gov-west-1")
	other := &Stack{
		Name: "Other", Env: env, assembly: a, Resources: map[string]Resource{"Key": {Type: "AWS::KMS::Key"}},
		Outputs: map[string]Output{"Exported": {Value: fn("Ref", "Key"), Export: struct{ Name any }{"Other:Key"}}},
	}
	s := &Stack{Name: "Stack", Env: env, assembly: a, nested: map[string]*Stack{"Inner": other}, Resources: map[string]Resource{
		"Queue": {Type: "AWS::SQS::Queue"},
		"Topic": {Type: "AWS::SNS::Topic", Properties: map[string]any{"TopicName": "AmazonTextractMine"}},
		"Alarm": {Type: "AWS::CloudWatch::Alarm"},
	}}
	a.Stacks = []*Stack{s, other}
	return s
}

func fn(name string, argument any) map[string]any { return map[string]any{name: argument} }

func TestResolve(t *testing.T) {
	s := testStack()
	key, err := s.assembly.Stacks[1].Physical("Key")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		value any
		want  string // or, after "error: ", a part of the error
	}{
		{"a text", "as it is", "as it is"},
		{"a pseudo parameter", fn("Ref", "AWS::Partition"), "aws-us-gov"},
		{"a queue", fn("Fn::GetAtt", []any{"Queue", "Arn"}), "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:Stack-Queue"},
		{"a topic by its name", fn("Ref", "Topic"), "arn:aws-us-gov:sns:us-gov-west-1:111122223333:AmazonTextractMine"},
		{"a join", fn("Fn::Join", []any{"/", []any{"a", fn("Ref", "AWS::Region")}}), "a/us-gov-west-1"},
		{"text of Fn::Sub", "${AWS::AccountId}-${Topic.TopicName}", "111122223333-AmazonTextractMine"},
		{"an export", fn("Fn::ImportValue", "Other:Key"), key.Ref},
		{"a nested stack's output", fn("Fn::GetAtt", []any{"Inner", "Outputs.Exported"}), key.Ref},
		{"another stack's output", fn("Fn::GetStackOutput", map[string]any{
			"StackName": "Other", "Region": fn("Ref", "AWS::Region"), "OutputName": "Exported",
		}), key.Ref},

		{"an unknown function", fn("Fn::Base64", "x"), "error: Fn::Base64"},
		{"an unknown function within a join", fn("Fn::Join", []any{"", []any{fn("Fn::Cidr", "x")}}), "error: Fn::Cidr"},
		{"an unknown pseudo parameter", fn("Ref", "AWS::StackId"), "error: AWS::StackId"},
		{"a missing resource", fn("Ref", "Nowhere"), "error: no resource or parameter Nowhere"},
		{"a missing attribute", fn("Fn::GetAtt", []any{"Queue", "Colour"}), "error: no attribute Colour"},
		{"a type without a known name", fn("Ref", "Alarm"), "error: AWS::CloudWatch::Alarm"},
		{"a missing export", fn("Fn::ImportValue", "Nobody:Nothing"), "error: no stack has this output"},
		{"an output of an unknown stack", fn("Fn::GetStackOutput", map[string]any{
			"StackName": "Third", "Region": "us-gov-west-1", "OutputName": "Exported",
		}), "error: no stack has this output"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := s.Resolve(row.value)
			message, wantErr := strings.CutPrefix(row.want, "error: ")
			switch {
			case wantErr && (err == nil || !strings.Contains(err.Error(), message)):
				t.Errorf("got %v and error %v, want an error with %q", got, err, message)
			case !wantErr && (err != nil || got != row.want):
				t.Errorf("got %v and error %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestPolicy(t *testing.T) {
	statement := map[string]any{"Effect": "Allow", "Action": "sqs:*", "Resource": []any{fn("Ref", "Topic"), "*"}}
	policy := map[string]any{"Version": PolicyVersion, "Statement": []any{statement}}
	document, err := testStack().Policy(policy)
	want := Texts{"arn:aws-us-gov:sns:us-gov-west-1:111122223333:AmazonTextractMine", "*"}
	if err != nil || !slices.Equal(document.Statement[0].Action, Texts{"sqs:*"}) || !slices.Equal(document.Statement[0].Resource, want) {
		t.Errorf("got %v and error %v", document, err)
	}
	statement["NotPrincipal"] = "*"
	if _, err := testStack().Policy(policy); err == nil || !strings.Contains(err.Error(), "NotPrincipal") {
		t.Errorf("got error %v for an element that is not known", err)
	}
}
