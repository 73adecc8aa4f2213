package textractclient_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	// A consumer needs its queue alone.
	setEnv(t, map[string]string{"TEXTRACT_QUEUE_URL": queueURL})
	if got, err := textractclient.ConfigFromEnv(); err != nil || got != (textractclient.Config{QueueURL: queueURL}) {
		t.Errorf("%+v, error %v", got, err)
	}
}

// A worker without its variables must not start jobs whose notifications nobody receives.
func TestConfigFromEnvWithoutAnyVariable(t *testing.T) {
	setEnv(t, nil)
	if got, err := textractclient.ConfigFromEnv(); !errors.Is(err, textractclient.ErrNoSettings) ||
		!strings.Contains(err.Error(), "TEXTRACT_SNS_TOPIC_ARN") {
		t.Errorf("%+v, error %v", got, err)
	}
}

func TestConfigFromEnvRejects(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"set both or neither":      {"TEXTRACT_SNS_TOPIC_ARN": topicARN},
		`topic ARN "AmazonTopic"`:  {"TEXTRACT_SNS_TOPIC_ARN": "AmazonTopic", "TEXTRACT_ROLE_ARN": roleARN},
		"FIFO topic":               {"TEXTRACT_SNS_TOPIC_ARN": topicARN + ".fifo", "TEXTRACT_ROLE_ARN": roleARN},
		"FIFO queue":               {"TEXTRACT_QUEUE_URL": queueURL + ".fifo"},
		"role ARN \"arn:aws:iam::": {"TEXTRACT_SNS_TOPIC_ARN": topicARN, "TEXTRACT_ROLE_ARN": "arn:aws:iam::123456789012:user/me"},
		"queue URL \"arn:":         {"TEXTRACT_QUEUE_URL": "arn:aws:sqs:us-east-1:123456789012:queue"},
		"output bucket \"arn:":     {"TEXTRACT_OUTPUT_BUCKET": "arn:aws:s3:::results"},
		"begins with a slash":      {"TEXTRACT_OUTPUT_BUCKET": "results", "TEXTRACT_OUTPUT_PREFIX": "/out"},
		"output bucket is empty":   {"TEXTRACT_OUTPUT_PREFIX": "out"},
	} {
		setEnv(t, env)
		_, err := textractclient.ConfigFromEnv()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: error %v, want one line with %q", env, err, want)
		}
	}
}

// Topic, queue, role and client that cannot work together.
func TestConfigNeedsOneRegion(t *testing.T) {
	const (
		role      = "arn:aws:iam::123456789012:role/Textract"
		irish     = "arn:aws:sns:eu-west-1:123456789012:AmazonTextractA"
		govTopic  = "arn:aws-us-gov:sns:us-gov-west-1:123456789012:AmazonTextractA"
		govRole   = "arn:aws-us-gov:iam::123456789012:role/Textract"
		queuePath = "/123456789012/queue"
	)
	for name, tt := range map[string]struct {
		want, region string // of the client; empty: of no client
		config       textractclient.Config
	}{
		"queue in another Region": {
			want:   `queue "https://sqs.ap-south-1.amazonaws.com/123456789012/queue" is in ap-south-1, topic`,
			config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "https://sqs.ap-south-1.amazonaws.com" + queuePath},
		},
		"older queue URL": {
			want:   "is in ap-south-1, topic",
			config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "https://ap-south-1.queue.amazonaws.com" + queuePath},
		},
		"queue behind a VPC endpoint": {
			want:   "is in ap-south-1, topic",
			config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "https://vpce-1a2b-3c4d.sqs.ap-south-1.vpce.amazonaws.com" + queuePath},
		},
		"role of another partition": {
			want: "is in the partition aws-us-gov, topic", config: textractclient.Config{TopicARN: irish, RoleARN: govRole},
		},
		"topic of a partition that its Region is not in": {
			want: "us-gov-west-1 is in aws-us-gov", config: textractclient.Config{TopicARN: "arn:aws:sns:us-gov-west-1:123456789012:AmazonTextractA", RoleARN: role},
		},
		"client in another Region than the topic": {
			want: `topic "` + irish + `" is in eu-west-1, the client in us-east-1`, region: "us-east-1",
			config: textractclient.Config{TopicARN: irish, RoleARN: role},
		},
		"client in another Region than the queue": {
			want: "is in eu-west-1, the client in us-east-1", region: "us-east-1",
			config: textractclient.Config{QueueURL: "https://sqs.eu-west-1.amazonaws.com" + queuePath},
		},
		"all in one Region": {
			region: "eu-west-1", config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "https://sqs.eu-west-1.amazonaws.com" + queuePath},
		},
		"GovCloud": {
			region: "us-gov-west-1", config: textractclient.Config{TopicARN: govTopic, RoleARN: govRole, QueueURL: "https://sqs.us-gov-west-1.amazonaws.com" + queuePath},
		},
		"FIPS endpoint": {
			region: "eu-west-1", config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "https://sqs-fips.eu-west-1.amazonaws.com" + queuePath},
		},
		"local API server": {
			region: "eu-west-1", config: textractclient.Config{TopicARN: irish, RoleARN: role, QueueURL: "http://localhost:5000" + queuePath},
		},
	} {
		err := tt.config.Validate()
		if tt.region != "" {
			_, err = textractclient.New(aws.Config{Region: tt.region}, tt.config)
		}
		if tt.want == "" && err != nil ||
			tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}

func TestNewChecks(t *testing.T) {
	if _, err := textractclient.New(aws.Config{}, textractclient.Config{}); err == nil || !strings.Contains(err.Error(), "no Region") {
		t.Errorf("error %v", err)
	}
	if _, err := textractclient.New(
		aws.Config{Region: "us-east-1"},
		textractclient.Config{QueueURL: "queue"},
	); err == nil ||
		!strings.Contains(err.Error(), "queue URL") {
		t.Errorf("error %v", err)
	}
	if _, err := textractclient.New(aws.Config{Region: "us-east-1"}, textractclient.Config{}, nil); err != nil {
		t.Error(err)
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
