package textractclient_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
)

const queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"

func setEnv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{
		textractclient.EnvTopicARN, textractclient.EnvRoleARN, textractclient.EnvQueueURL,
		textractclient.EnvOutputBucket, textractclient.EnvOutputPrefix, textractclient.EnvOutputKMSKeyID,
	} {
		t.Setenv(name, env[name])
	}
}

func TestConfigFromEnv(t *testing.T) {
	setEnv(t, map[string]string{
		"TEXTRACT_SNS_TOPIC_ARN": topicARN, "TEXTRACT_ROLE_ARN": roleARN, "TEXTRACT_QUEUE_URL": queueURL,
		"TEXTRACT_OUTPUT_BUCKET": "results", "TEXTRACT_OUTPUT_PREFIX": "out", "TEXTRACT_OUTPUT_KMS_KEY_ID": "alias/key",
	})
	got, err := textractclient.ConfigFromEnv()
	if err != nil {
		t.Fatal(err)
	}
	want := textractclient.Config{
		TopicARN: topicARN, RoleARN: roleARN, QueueURL: queueURL,
		Output: &textractclient.Output{Bucket: "results", Prefix: "out", KMSKeyID: "alias/key"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	setEnv(t, nil)
	if got, err := textractclient.ConfigFromEnv(); err != nil || got != (textractclient.Config{}) {
		t.Errorf("an empty environment gives %+v, error %v", got, err)
	}
}

func TestConfigFromEnvRefuses(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"give both or neither":     {"TEXTRACT_SNS_TOPIC_ARN": topicARN},
		`topic ARN "AmazonTopic"`:  {"TEXTRACT_SNS_TOPIC_ARN": "AmazonTopic", "TEXTRACT_ROLE_ARN": roleARN},
		"FIFO":                     {"TEXTRACT_SNS_TOPIC_ARN": topicARN + ".fifo", "TEXTRACT_ROLE_ARN": roleARN},
		"role ARN \"arn:aws:iam::": {"TEXTRACT_SNS_TOPIC_ARN": topicARN, "TEXTRACT_ROLE_ARN": "arn:aws:iam::123456789012:user/me"},
		"queue URL \"arn:":         {"TEXTRACT_QUEUE_URL": "arn:aws:sqs:us-east-1:123456789012:queue"},
		"output bucket \"arn:":     {"TEXTRACT_OUTPUT_BUCKET": "arn:aws:s3:::results"},
		"begins with a slash":      {"TEXTRACT_OUTPUT_BUCKET": "results", "TEXTRACT_OUTPUT_PREFIX": "/out"},
	} {
		setEnv(t, env)
		_, err := textractclient.ConfigFromEnv()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: error %v, want one line with %q", env, err, want)
		}
	}
}

func TestParseOperation(t *testing.T) {
	for _, operation := range textractclient.Operations() {
		get := "Get" + strings.TrimPrefix(string(operation), "Start")
		for _, s := range []string{string(operation), operation.Name(), strings.ToUpper(strings.ReplaceAll(operation.Name(), "-", "_")), get} {
			if got, err := textractclient.ParseOperation(s); err != nil || got != operation {
				t.Errorf("%q is %q, error %v", s, got, err)
			}
		}
	}
	for _, s := range []string{"", "text", "StartDocumentInsights"} {
		if got, err := textractclient.ParseOperation(s); err == nil {
			t.Errorf("%q is %q", s, got)
		}
	}
	if name := textractclient.Operation("StartSomethingNew").Name(); name != "StartSomethingNew" {
		t.Errorf("name %q", name)
	}
}
