package stack_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/fakestack"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/stack"
	"github.com/cdk-textract/textractasync/textractclient"
)

const (
	topicARN = "arn:aws:sns:us-east-1:123456789012:AmazonTextractTest"
	roleARN  = "arn:aws:iam::123456789012:role/Textract"
	queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/queue"
)

func client(t *testing.T, fake *fakestack.AWS) *cloudformation.Client {
	t.Helper()
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	return cloudformation.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("fake", "fake", ""),
	})
}

func TestRead(t *testing.T) {
	a := fakestack.New()
	outputs := map[string]string{
		"TopicArn": topicARN, "QueueUrl": queueURL, "QueueArn": "arn:queue", "ServiceRoleArn": roleARN,
		"DocumentBucketName": "documents", "OutputBucketName": "results", "OutputPrefix": "out", "OutputKmsKeyId": "results-key",
		"CallerRoleArn": "arn:caller", "EncryptionKeyArn": "arn:key", "SomethingElse": "x",
	}
	for name, value := range map[string]string{"TopicArn": topicARN + "2", "QueueUrl": queueURL + "2", "ServiceRoleArn": roleARN + "2"} {
		outputs["Second"+name] = value
	}
	a.AddStack("Sample", outputs)
	api := client(t, a)
	for _, row := range []struct {
		prefix string
		want   stack.Outputs
		config textractclient.Config
	}{
		{"", stack.Outputs{
			StackName: "Sample", TopicARN: topicARN, QueueURL: queueURL, QueueARN: "arn:queue", ServiceRoleARN: roleARN,
			DocumentBucket: "documents", OutputBucket: "results", OutputPrefix: "out", OutputKMSKeyID: "results-key",
			CallerRoleARN: "arn:caller", EncryptionKeyARN: "arn:key",
		}, textractclient.Config{ // the key is the results', not that of topic and queue
			TopicARN: topicARN, RoleARN: roleARN, QueueURL: queueURL,
			Output: &textractclient.Output{Bucket: "results", Prefix: "out", KMSKeyID: "results-key"},
		}},
		{"Second", stack.Outputs{ // and nothing of the first
			StackName: "Sample", Prefix: "Second", TopicARN: topicARN + "2", QueueURL: queueURL + "2", ServiceRoleARN: roleARN + "2",
		}, textractclient.Config{TopicARN: topicARN + "2", RoleARN: roleARN + "2", QueueURL: queueURL + "2"}},
	} {
		outputs, err := stack.Read(t.Context(), api, "Sample", row.prefix)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&row.want, outputs); diff != "" {
			t.Errorf("prefix %q: -want +got\n%s", row.prefix, diff)
		}
		config, err := outputs.Config()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row.config, config); diff != "" {
			t.Errorf("prefix %q: -want +got\n%s", row.prefix, diff)
		}
	}
}

func TestReadRejects(t *testing.T) {
	a := fakestack.New()
	api := client(t, a)
	_, err := stack.Read(t.Context(), api, "Gone", "")
	if err == nil || !strings.Contains(err.Error(), "check its name, account and Region") {
		t.Errorf("error %v", err)
	}
	a.AddStack("Bare", nil)
	for prefix, want := range map[string]string{
		"":       `stack "Bare" has no output TopicArn, QueueUrl, ServiceRoleArn: call AddOutputs`,
		"Second": `stack "Bare" has no output SecondTopicArn, SecondQueueUrl, SecondServiceRoleArn: call AddOutputs`,
	} {
		outputs, err := stack.Read(t.Context(), api, "Bare", prefix)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := outputs.Config(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("prefix %q: error %v", prefix, err)
		}
	}
}
