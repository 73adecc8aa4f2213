package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

func newTestClient(t *testing.T, fake *textracttest.AWS) *textractclient.Client {
	t.Helper()
	client, err := textractclient.New(fake.Config(), textractclient.Config{
		TopicARN: "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Documents",
		RoleARN:  "arn:aws:iam::111122223333:role/documents",
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func message(id, key string) events.SQSMessage {
	return events.SQSMessage{MessageId: id, Body: fmt.Sprintf(
		`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"incoming"},"object":{"key":%q}}}]}`, key)}
}

// TestHandle starts a job for each upload, and leaves in the queue what cannot be started.
func TestHandle(t *testing.T) {
	fake := textracttest.New()
	fake.S3.Put("incoming", "in/form 12.pdf", []byte("%PDF"))
	response := handle(t.Context(), newTestClient(t, fake), events.SQSEvent{Records: []events.SQSMessage{
		message("1", "in/form+12.pdf"),
		message("2", "in/gone.pdf"),
		{MessageId: "3", Body: "not an event"},
	}})
	want := []events.SQSBatchItemFailure{{ItemIdentifier: "2"}, {ItemIdentifier: "3"}}
	if diff := cmp.Diff(want, response.BatchItemFailures); diff != "" {
		t.Errorf("failures, -want +got:\n%s", diff)
	}
	for _, request := range fake.Textract.Started() {
		if got, want := request.DocumentLocation.S3Object.Name, "in/form 12.pdf"; got != want {
			t.Errorf("key %q, want %q", got, want)
		}
		if request.NotificationChannel == nil {
			t.Error("no notification channel")
		}
	}
	if got := len(fake.Textract.Started()); got != 1 {
		t.Errorf("%d jobs started, want 1", got)
	}
}

// TestFullQuota answers in time, so that Lambda deletes the message of the job that was started and
// not the other one.
func TestFullQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := textracttest.New()
		fake.Textract.MaxJobs = 1
		fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: time.Hour}
		}
		fake.S3.Put("incoming", "in/1.pdf", []byte("%PDF 1"))
		fake.S3.Put("incoming", "in/2.pdf", []byte("%PDF 2"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		response := handle(ctx, newTestClient(t, fake), events.SQSEvent{Records: []events.SQSMessage{
			message("1", "in/1.pdf"), message("2", "in/2.pdf"),
		}})
		want := []events.SQSBatchItemFailure{{ItemIdentifier: "2"}}
		if diff := cmp.Diff(want, response.BatchItemFailures); diff != "" || ctx.Err() != nil {
			t.Errorf("%v, failures, -want +got:\n%s", ctx.Err(), diff)
		}
	})
}

// TestFailedWhileThrottled uploads a document again whose job failed, while the Get actions are
// throttled: Lambda deletes the message, so another job must run.
func TestFailedWhileThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := textracttest.New()
		fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: "FAILED"}
		}
		fake.S3.Put("incoming", "in/form.pdf", []byte("%PDF"))
		client := newTestClient(t, fake)
		for _, throttled := range []int{0, 20} {
			fake.Fail(
				"GetDocumentAnalysis",
				slices.Repeat([]textracttest.Fault{{Code: "ThrottlingException", Status: http.StatusBadRequest}}, throttled)...)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			response := handle(ctx, client, events.SQSEvent{Records: []events.SQSMessage{message("1", "in/form.pdf")}})
			cancel()
			if len(response.BatchItemFailures) > 0 {
				t.Errorf("failures %v", response.BatchItemFailures)
			}
			time.Sleep(time.Hour)
		}
		if got := len(fake.Textract.Started()); got != 2 {
			t.Errorf("%d jobs started, want 2", got)
		}
	})
}

// TestRepeatedAndOverwritten delivers an upload twice, as SQS may, and then uploads another
// document under its key.
func TestRepeatedAndOverwritten(t *testing.T) {
	fake := textracttest.New()
	client := newTestClient(t, fake)
	upload := func(content string) {
		fake.S3.Put("incoming", "in/form.pdf", []byte(content))
		handle(t.Context(), client, events.SQSEvent{Records: []events.SQSMessage{message("1", "in/form.pdf")}})
	}
	for _, row := range []struct {
		content string
		want    int
	}{{"first", 1}, {"first", 1}, {"second", 2}} {
		upload(row.content)
		if got := len(fake.Textract.Started()); got != row.want {
			t.Errorf("%d jobs after the upload of %q, want %d", got, row.content, row.want)
		}
	}
}
