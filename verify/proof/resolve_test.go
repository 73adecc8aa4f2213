package proof

import (
	"strings"
	"testing"
)

func testStack() *Stack {
	a := &Assembly{}
	env := NewEnvironment("111122223333", "us-gov-west-1")
	other := &Stack{Name: "Other", Env: env, assembly: a, template: template{
		Resources: map[string]resource{"Key": {Type: "AWS::KMS::Key"}},
		Outputs: map[string]output{
			"Exported": {Value: map[string]any{"Ref": "Key"}, Export: struct{ Name any }{"Other:Key"}},
		},
	}}
	s := &Stack{Name: "Stack", Env: env, assembly: a, nested: map[string]*Stack{"Inner": other}, template: template{
		Resources: map[string]resource{
			"Queue": {Type: "AWS::SQS::Queue"},
			"Topic": {Type: "AWS::SNS::Topic", Properties: map[string]any{"TopicName": "AmazonTextractMine"}},
			"Alarm": {Type: "AWS::CloudWatch::Alarm"},
		},
	}}
	a.Stacks = []*Stack{s, other}
	return s
}

func fn(name string, argument any) map[string]any { return map[string]any{name: argument} }

func TestResolve(t *testing.T) {
	s := testStack()
	key := s.assembly.Stacks[1].keyID("Key")
	rows := []struct {
		name  string
		value any
		want  string // or, after "error: ", what the error says
	}{
		{"a text", "as it is", "as it is"},
		{"a pseudo parameter", fn("Ref", "AWS::Partition"), "aws-us-gov"},
		{"a queue", fn("Fn::GetAtt", []any{"Queue", "Arn"}), "arn:aws-us-gov:sqs:us-gov-west-1:111122223333:Stack-Queue"},
		{"a topic by its name", fn("Ref", "Topic"), "arn:aws-us-gov:sns:us-gov-west-1:111122223333:AmazonTextractMine"},
		{"a join", fn("Fn::Join", []any{"/", []any{"a", fn("Ref", "AWS::Region")}}), "a/us-gov-west-1"},
		{"a substitution", fn("Fn::Sub", "${AWS::AccountId}-${Topic.TopicName}"), "111122223333-AmazonTextractMine"},
		{"an export", fn("Fn::ImportValue", "Other:Key"), key},
		{"a nested stack's output", fn("Fn::GetAtt", []any{"Inner", "Outputs.Exported"}), key},
		{"another stack's output", fn("Fn::GetStackOutput", map[string]any{
			"StackName": "Other", "Region": fn("Ref", "AWS::Region"), "OutputName": "Exported",
		}), key},

		{"an unknown function", fn("Fn::Base64", "x"), "error: Fn::Base64"},
		{"an unknown function within a join", fn("Fn::Join", []any{"", []any{fn("Fn::Cidr", "x")}}), "error: Fn::Cidr"},
		{"an unknown pseudo parameter", fn("Ref", "AWS::StackId"), "error: AWS::StackId"},
		{"a missing resource", fn("Ref", "Nowhere"), "error: no resource Nowhere"},
		{"a missing attribute", fn("Fn::GetAtt", []any{"Queue", "Colour"}), "error: no attribute Colour"},
		{"a type without a known name", fn("Ref", "Alarm"), "error: AWS::CloudWatch::Alarm"},
		{"a missing export", fn("Fn::ImportValue", "Nobody:Nothing"), "error: no stack exports it"},
		{"an unknown name in a substitution", fn("Fn::Sub", "${Nowhere}"), "error: no resource Nowhere"},
		{"an output of an unknown stack", fn("Fn::GetStackOutput", map[string]any{
			"StackName": "Third", "Region": "us-gov-west-1", "OutputName": "Exported",
		}), "error: no such stack"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got, err := s.resolve(row.value)
			message, wantErr := strings.CutPrefix(row.want, "error: ")
			switch {
			case wantErr && (err == nil || !strings.Contains(err.Error(), message)):
				t.Errorf("got %v and error %v, want an error that says %q", got, err, message)
			case !wantErr && (err != nil || got != row.want):
				t.Errorf("got %v and error %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestUnknownResourceMightHoldAPolicy(t *testing.T) {
	s := testStack()
	s.template.Resources["Secret"] = resource{Type: "AWS::SecretsManager::ResourcePolicy"}
	if _, err := NewWorld(s.assembly); err == nil || !strings.Contains(err.Error(), "AWS::SecretsManager::ResourcePolicy") {
		t.Errorf("got error %v, want one that names the type", err)
	}
}

func TestTwoPoliciesOfAQueue(t *testing.T) {
	s := testStack()
	document := map[string]any{"Version": policyVersion, "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": fn("Fn::GetAtt", []any{"Queue", "Arn"}),
	}}}
	for _, id := range []string{"First", "Second"} {
		s.template.Resources[id] = resource{Type: "AWS::SQS::QueuePolicy", Properties: map[string]any{
			"Queues": []any{fn("Ref", "Queue")}, "PolicyDocument": document,
		}}
	}
	if _, err := NewWorld(s.assembly); err == nil || !strings.Contains(err.Error(), "two policies") {
		t.Errorf("got error %v, want one about two policies", err)
	}
}
