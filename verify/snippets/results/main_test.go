package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
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
