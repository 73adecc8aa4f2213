package equivalence

import (
	"encoding/json"
	"strings"
	"testing"
)

// Both topics are the same; the queue policies speak of them in two ways, and only the second one allows receiving.
const (
	written = `{"Resources": {
		"TopicA": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "AmazonTextract-a", "KmsMasterKeyId": {"Ref": "Key"}}},
		"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Delete"},
		"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 300}},
		"PolicyA": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn":
				{"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sns:", {"Ref": "AWS::Region"}, ":",
				{"Ref": "AWS::AccountId"}, ":AmazonTextract-a"]]}}}}]}}}}}`
	referred = `{"Resources": {
		"TopicB": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "AmazonTextract-b", "KmsMasterKeyId": {"Ref": "Key"}}},
		"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Delete"},
		"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 300}},
		"PolicyB": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Queue"}], "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": ["*"],
				"Condition": {"ArnEquals": {"aws:SourceArn": [{"Ref": "TopicB"}]}}}]}}}}}`
)

func parse(t *testing.T, text string) *Template {
	t.Helper()
	var template Template
	if err := json.Unmarshal([]byte(text), &template); err != nil {
		t.Fatal(err)
	}
	return &template
}

func TestCompareIgnoresNamesAndSpelling(t *testing.T) {
	d := Compare(parse(t, written), parse(t, referred))
	if d.Resources != "" {
		t.Errorf("resources differ:\n%s", d.Resources)
	}
	if len(d.OnlyFirst) != 0 {
		t.Errorf("only first: %v, want none", d.OnlyFirst)
	}
	want := `${Queue}: Allow sqs:ReceiveMessage on * if {"ArnEquals":{"aws:SourceArn":"${AWS::SNS::Topic}"}}`
	if len(d.OnlySecond) != 1 || d.OnlySecond[0].String() != want {
		t.Errorf("only second: %v, want %s", d.OnlySecond, want)
	}
}

func TestCompareSeesWhatDiffers(t *testing.T) {
	for name, change := range map[string][2]string{
		"a property":      {`"VisibilityTimeout": 300`, `"VisibilityTimeout": 30`},
		"a type":          {"AWS::KMS::Key", "AWS::KMS::ReplicaKey"},
		"a reference":     {`"KmsMasterKeyId": {"Ref": "Key"}`, `"KmsMasterKeyId": {"Ref": "Queue"}`},
		"deletion policy": {`"DeletionPolicy": "Delete"`, `"DeletionPolicy": "Retain"`},
		"an output":       {`{"Resources"`, `{"Outputs": {"A": {"Value": 1}}, "Resources"`},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(referred, change[0], change[1], 1)
			if d := Compare(parse(t, written), parse(t, changed)); d.Resources == "" {
				t.Error("no difference found")
			}
		})
	}
}
