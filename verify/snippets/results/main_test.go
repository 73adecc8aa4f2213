package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// TestHandleBatch leaves in the queue what could not be read or handled, and nothing else.
func TestHandleBatch(t *testing.T) {
	notification := func(job string) string {
		return `{"JobId":"` + job + `","Status":"SUCCEEDED","API":"StartDocumentTextDetection"}`
	}
	envelope, err := json.Marshal(map[string]string{"Type": "Notification", "Message": notification("enveloped")})
	if err != nil {
		t.Fatal(err)
	}
	var handled []string
	response := handleBatch(t.Context(), events.SQSEvent{Records: []events.SQSMessage{
		{MessageId: "1", Body: string(envelope)},
		{MessageId: "2", Body: notification("raw")},
		{MessageId: "3", Body: "no notification"},
		{MessageId: "4", Body: notification("broken")},
	}}, func(_ context.Context, n textractclient.Notification) error {
		handled = append(handled, n.JobID)
		if n.JobID == "broken" {
			return errors.New("no results")
		}
		return nil
	})
	if diff := cmp.Diff([]string{"enveloped", "raw", "broken"}, handled); diff != "" {
		t.Errorf("handled, -want +got:\n%s", diff)
	}
	want := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: "3"}, {ItemIdentifier: "4"}}}
	if diff := cmp.Diff(want, response); diff != "" {
		t.Errorf("response, -want +got:\n%s", diff)
	}
}

// TestHandle reads jobs that succeeded, wholly or in part, and accepts one that failed; results that cannot be read are an error.
func TestHandle(t *testing.T) {
	fake := textracttest.New()
	client, err := textractclient.New(fake.Config(), textractclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for key, status := range map[string]string{"a": "SUCCEEDED", "b": "PARTIAL_SUCCESS", "c": "FAILED"} {
		fake.S3.Put("documents", key, []byte(key))
		fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: status, Items: []any{
				types.Block{Id: aws.String("1"), BlockType: types.BlockTypeLine, Text: aws.String("Dear Sir"), Page: aws.Int32(1)},
			}}
		}
		job, err := client.Start(t.Context(), textractclient.StartInput{
			Operation: textractclient.TextDetection, Document: textractclient.S3Object{Bucket: "documents", Key: key}, WithoutNotification: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		n := textractclient.Notification{JobID: job.ID, Status: types.JobStatus(status), Operation: job.Operation}
		if err := handle(t.Context(), client, n); err != nil {
			t.Errorf("%s: %v", status, err)
		}
	}
	gone := textractclient.Notification{JobID: "gone", Status: types.JobStatusSucceeded, Operation: textractclient.TextDetection}
	if err := handle(t.Context(), client, gone); !errors.Is(err, textractclient.ErrJobUnknown) {
		t.Errorf("error %v", err)
	}
}
