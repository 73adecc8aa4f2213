package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const topicARN = "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Documents"

// newTestClient has a fake of AWS with a queue that receives the notifications of all jobs.
func newTestClient(t *testing.T) (*textractclient.Client, *textracttest.AWS, *textracttest.Queue) {
	t.Helper()
	fake, queue := textracttest.New(), textracttest.NewQueue("documents", 5)
	fake.AddQueue(queue)
	fake.Textract.Subscribe(topicARN, queue, false)
	client, err := textractclient.New(fake.Config(), textractclient.Config{
		TopicARN: topicARN, RoleARN: "arn:aws:iam::111122223333:role/documents", QueueURL: queue.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, fake, queue
}

// TestWorker starts a job and handles its completion, whatever its status, so that the queue is
// empty at the end. Time is virtual.
func TestWorker(t *testing.T) {
	for _, status := range []string{"SUCCEEDED", "PARTIAL_SUCCESS", "FAILED"} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, fake, queue := newTestClient(t)
				fake.S3.Put("documents", "form.pdf", []byte("%PDF"))
				fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
					return textracttest.Outcome{Status: status, Takes: time.Minute}
				}
				if err := start(t.Context(), client, "s3://documents/form.pdf"); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				handled := 0
				err := client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
					handled++
					return handle(ctx, client, n)
				})
				if err != nil {
					t.Fatal(err)
				}
				waiting, inFlight := queue.Count()
				if handled != 1 || waiting+inFlight+len(queue.DeadLetterQueue()) != 0 {
					t.Errorf(
						"handled %d, %d waiting, %d in flight, dead-letter queue %v",
						handled,
						waiting,
						inFlight,
						queue.DeadLetterQueue(),
					)
				}
			})
		})
	}
}

// TestFailedJob logs why a job failed.
func TestFailedJob(t *testing.T) {
	client, fake, _ := newTestClient(t)
	fake.S3.Put("documents", "form.pdf", []byte("%PDF"))
	fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Status: "FAILED", Message: "DOCUMENT_UNREADABLE"}
	}
	logged := logTo(t)
	if err := start(t.Context(), client, "s3://documents/form.pdf"); err != nil {
		t.Fatal(err)
	}
	for id := range fake.Textract.Started() {
		failed := textractclient.Notification{JobID: id, Status: types.JobStatusFailed, Operation: textractclient.DocumentAnalysis}
		if err := handle(t.Context(), client, failed); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(logged.String(), "DOCUMENT_UNREADABLE") {
		t.Errorf("logged %s", logged)
	}
}

// TestStartOfADoneDocument handles the earlier job, of which no notification comes any more, also
// while Textract throttles. Time is virtual.
func TestStartOfADoneDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, fake, _ := newTestClient(t)
		fake.S3.Put("documents", "form.pdf", []byte("%PDF"))
		if err := start(t.Context(), client, "s3://documents/form.pdf"); err != nil {
			t.Fatal(err)
		}
		fake.Fail("GetDocumentAnalysis", slices.Repeat([]textracttest.Fault{{Code: "ThrottlingException", Status: 400}}, 10)...)
		logged := logTo(t)
		if err := start(t.Context(), client, "s3://documents/form.pdf"); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(logged.String(), "msg=read") {
			t.Errorf("not handled, logged %s", logged)
		}
	})
}

// logTo returns what is logged during a test.
func logTo(t *testing.T) *bytes.Buffer {
	before, logged := slog.Default(), new(bytes.Buffer)
	slog.SetDefault(slog.New(slog.NewTextHandler(logged, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return logged
}

// TestHandleUnread returns an error when the results cannot be read, so that the notification is
// received again.
func TestHandleUnread(t *testing.T) {
	client, fake, _ := newTestClient(t)
	fake.Fail("GetDocumentAnalysis", textracttest.Fault{Code: "AccessDeniedException", Status: 400})
	err := handle(t.Context(), client, textractclient.Notification{
		JobID: "job", Status: types.JobStatusSucceeded, Operation: textractclient.DocumentAnalysis,
	})
	var denied *types.AccessDeniedException
	if !errors.As(err, &denied) {
		t.Errorf("got %v, want AccessDeniedException", err)
	}
}

func TestReview(t *testing.T) {
	page := &textractdoc.Page{Fields: []textractdoc.Field{
		{Key: "Name:", Values: []textractdoc.FieldValue{{ID: "1", Text: "Ann", Confidence: 99}}},
		{Key: "Total:", Values: []textractdoc.FieldValue{{ID: "2", Text: "1O0", Confidence: 61}}},
	}}
	want := []textractdoc.Uncertain{{Kind: textractdoc.UncertainValue, Name: "Total:", Text: "1O0", Confidence: 61, ID: "2"}}
	if diff := cmp.Diff(want, review(page)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestStartRejectsBadArgument(t *testing.T) {
	client, _, _ := newTestClient(t)
	if err := start(t.Context(), client, "form.pdf"); err == nil {
		t.Error("no error")
	}
}

// TestUploads starts a job for each upload, and ends with the worker.
func TestUploads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, fake, _ := newTestClient(t)
		uploads := textracttest.NewQueue("uploads", 5)
		fake.AddQueue(uploads)
		fake.S3.Subscribe("documents", "", uploads)
		fake.S3.Put("documents", "a+b.pdf", []byte("%PDF"))
		for _, queueURL := range []string{uploads.URL, ""} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			if err := startUploads(ctx, client, queueURL); err != nil {
				t.Error(err)
			}
			cancel()
		}
		var keys []string
		for _, request := range fake.Textract.Started() {
			keys = append(keys, request.DocumentLocation.S3Object.Name)
		}
		if diff := cmp.Diff([]string{"a+b.pdf"}, keys); diff != "" {
			t.Errorf("started, -want +got:\n%s", diff)
		}
	})
}
