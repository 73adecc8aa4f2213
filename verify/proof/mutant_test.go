package proof

import (
	"slices"
	"testing"
)

func TestWidened(t *testing.T) {
	const queue = "arn:aws:sqs:eu-west-1:111122223333:queue"
	rows := []struct {
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
	}
	for _, row := range rows {
		if got := widened(row.value); !slices.Equal(got, row.want) {
			t.Errorf("%s is widened to %q, want %q", row.value, got, row.want)
		}
	}
}

func TestMatches(t *testing.T) {
	rows := []struct {
		pattern, text string
		want          bool
	}{
		{"sqs:SendMessage", "sqs:sendmessage", true},
		{"sqs:SendMessage", "sqs:SendMessageBatch", false},
		{"kms:GenerateDataKey*", "kms:GenerateDataKey", true},
		{"kms:GenerateDataKey*", "kms:GenerateDataKeyPair", true},
		{"kms:GenerateDataKey*", "kms:GenerateMac", false},
		{"*", "", true},
		{"a*b*c", "a1b2b3c", true},
		{"a*b*c", "a1c", false},
		{"arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", false},
	}
	for _, row := range rows {
		if got := matches(row.pattern, row.text); got != row.want {
			t.Errorf("matches(%q, %q) is %v", row.pattern, row.text, got)
		}
	}
}

// TestMutantsOfStatement lists every change of one statement, so that a sort of change that gets lost is missed.
func TestMutantsOfStatement(t *testing.T) {
	const queue, topic = "arn:aws:sqs:eu-west-1:111122223333:queue", "arn:aws:sns:eu-west-1:111122223333:topic"
	f := &Flow{Construct: "Stack/TextractAsync", catalogue: catalogue{"sqs": {
		{Action: "sqs:SendMessage", Resources: map[string][]string{queue: nil}},
		{Action: "sqs:PurgeQueue", Resources: map[string][]string{queue: nil}},
		{Action: "sqs:ListQueues", Resources: map[string][]string{"*": nil}},
	}}}
	p := &Policy{Kind: KindQueue, Path: "Stack/TextractAsync/Queue/Policy", Subject: queue, Document: &Document{
		Version: policyVersion, Statement: []Statement{{
			"Effect": "Allow", "Principal": map[string]any{"Service": snsService}, "Action": "sqs:SendMessage", "Resource": queue,
			"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic}},
		}},
	}}
	trial := &Trial{Flows: []*Flow{f}, World: &World{Env: NewEnvironment("111122223333", "eu-west-1"), Policies: []*Policy{p}}}
	var got []string
	for _, m := range trial.Mutants() {
		got = append(got, m.Change)
	}
	want := []string{"without it", "without the condition on aws:SourceArn"}
	for _, wider := range widened(queue) {
		if !isOtherService(queue, wider) {
			want = append(want, queue+" widened to "+wider)
		}
	}
	for _, wider := range widened(topic) {
		want = append(want, "aws:SourceArn "+topic+" widened to "+wider)
	}
	want = append(want, "for everybody", "with sqs:PurgeQueue")
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
