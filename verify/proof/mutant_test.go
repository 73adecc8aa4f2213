package proof

import (
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

func TestWidened(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:queue"
	for _, row := range []struct {
		value string
		want  []string
	}{
		{"*", nil},
		{"111122223333", []string{"*"}},
		{"textract.amazonaws.com", []string{"*", "textract.amazonaws.com*"}},
		{"results/*", []string{"*", "results*"}},
		{queue, []string{
			"*", queue + "*", "arn:*:sqs:eu-west-1:111122223333:queue", "arn:aws:*:eu-west-1:111122223333:queue",
			"arn:aws:sqs:*:111122223333:queue", "arn:aws:sqs:eu-west-1:*:queue", "arn:aws:sqs:eu-west-1:111122223333:*",
		}},
		{"arn:aws:s3:::bucket/results/*", []string{
			"*", "arn:aws:s3:::bucket/results*", "arn:aws:s3:::bucket/*", "arn:*:s3:::bucket/results/*", "arn:aws:*:::bucket/results/*",
			"arn:aws:s3:::*",
		}},
	} {
		if got := widened(row.value); !slices.Equal(got, row.want) {
			t.Errorf("%s is widened to %q, want %q", row.value, got, row.want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"sqs:SendMessage", "sqs:sendmessage", true},
		{"sqs:SendMessage", "sqs:SendMessageBatch", false},
		{"kms:GenerateDataKey*", "kms:GenerateDataKey", true},
		{"kms:GenerateDataKey*", "kms:GenerateMac", false},
		{"*", "", true},
		{"a*b*c", "a1b2b3c", true},
		{"a*b*c", "a1c", false},
		{"arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false},
	} {
		if got := matches(row.pattern, row.text); got != row.want {
			t.Errorf("matches(%q, %q) is %v", row.pattern, row.text, got)
		}
	}
}

// TestMutantsOfStatement lists every change of one statement, so that a missing kind of change is
// noticed.
func TestMutantsOfStatement(t *testing.T) {
	const queue, topic = "arn:aws:sqs:eu-west-1:111122223333:queue", "arn:aws:sns:eu-west-1:111122223333:topic"
	p := &policy{kind: queuePolicy, path: "Stack/TextractAsync/Queue/Policy", subject: queue, document: newDocument(Statement{
		Effect: "Allow", Principal: map[string]any{"Service": snsService}, Action: texts{"sqs:SendMessage"}, Resource: texts{queue},
		Condition: map[string]map[string]texts{"ArnEquals": {"aws:SourceArn": {topic}}},
	})}
	r := &Run{
		deployment: &Deployment{env: assembly.NewEnvironment("111122223333", "eu-west-1"), policies: []*policy{p}},
		expectations: []*Expectation{{Construct: "Stack/TextractAsync", catalogue: catalogue{"sqs": {
			{Action: "sqs:SendMessage", Resources: map[string][]string{queue: nil}},
			{Action: "sqs:PurgeQueue", Resources: map[string][]string{queue: nil}},
			{Action: "sqs:ListQueues", Resources: map[string][]string{"*": nil}},
		}}}},
	}
	want := []string{"without it", "without the condition on aws:SourceArn"}
	for _, wider := range widened(queue) {
		if !isOfAnyService(wider) {
			want = append(want, queue+" widened to "+wider)
		}
	}
	for _, wider := range widened(topic) {
		want = append(want, "aws:SourceArn "+topic+" widened to "+wider)
	}
	want = append(want, "for everybody", "with sqs:PurgeQueue")
	var got []string
	for _, m := range r.mutants(func(*policy) bool { return true }) {
		got = append(got, m.change)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDeploymentRejects(t *testing.T) {
	for name, row := range map[string]struct {
		resources map[string]assembly.Resource
		want      string
	}{
		"a resource that might have a policy": {map[string]assembly.Resource{
			"Secret": {Type: "AWS::SecretsManager::ResourcePolicy"},
		}, "AWS::SecretsManager::ResourcePolicy"},
		"two policies of one queue": {map[string]assembly.Resource{
			"Queue": {Type: "AWS::SQS::Queue"}, "First": attached("AWS::SQS::QueuePolicy", "Queues"), "Second": attached("AWS::SQS::QueuePolicy", "Queues"),
		}, "overwrite each other"},
		"two inline policies of one name": {map[string]assembly.Resource{
			"Queue": {Type: "AWS::SQS::Queue"}, "First": attached("AWS::IAM::Policy", "Roles"), "Second": attached("AWS::IAM::Policy", "Roles"),
		}, "overwrite each other"},
	} {
		a := &assembly.Assembly{Stacks: []*assembly.Stack{{Name: "Stack", Resources: row.resources}}}
		if _, err := newDeployment(a); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, row.want)
		}
	}
}

func attached(kind, property string) assembly.Resource {
	return assembly.Resource{Type: kind, Properties: map[string]any{
		property: []any{map[string]any{"Ref": "Queue"}}, "PolicyName": "Policy",
		"PolicyDocument": map[string]any{"Version": assembly.PolicyVersion, "Statement": []any{map[string]any{
			"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
		}}},
	}}
}
