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
	a.AddStack("Sample", map[string]string{
		"TopicArn": topicARN, "QueueUrl": queueURL, "QueueArn": "arn:queue", "ServiceRoleArn": roleARN,
		"DocumentBucketName": "documents", "OutputBucketName": "results", "OutputPrefix": "out",
		"CallerRoleArn": "arn:caller", "EncryptionKeyArn": "arn:key", "SomethingElse": "x",
	})
	api := client(t, a)
	outputs, err := stack.Read(t.Context(), api, "Sample")
	if err != nil {
		t.Fatal(err)
	}
	want := &stack.Outputs{
		StackName: "Sample", TopicARN: topicARN, QueueURL: queueURL, QueueARN: "arn:queue", ServiceRoleARN: roleARN,
		DocumentBucket: "documents", OutputBucket: "results", OutputPrefix: "out", CallerRoleARN: "arn:caller", EncryptionKeyARN: "arn:key",
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	config, err := outputs.Config()
	if err != nil {
		t.Fatal(err)
	}
	// The key is that of topic and queue: it must not be taken for the results'.
	wantConfig := textractclient.Config{
		TopicARN: topicARN, RoleARN: roleARN, QueueURL: queueURL, Output: &textractclient.Output{Bucket: "results", Prefix: "out"},
	}
	if diff := cmp.Diff(wantConfig, config); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestReadRejects(t *testing.T) {
	a := fakestack.New()
	api := client(t, a)
	if _, err := stack.Read(t.Context(), api, "Gone"); err == nil || !strings.Contains(err.Error(), "check its name, account and Region") {
		t.Errorf("error %v", err)
	}
	a.AddStack("Bare", nil)
	outputs, err := stack.Read(t.Context(), api, "Bare")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := outputs.Config(); err == nil ||
		!strings.Contains(err.Error(), `stack "Bare" has no output TopicArn, QueueUrl, ServiceRoleArn`) {
		t.Errorf("error %v", err)
	}
}
