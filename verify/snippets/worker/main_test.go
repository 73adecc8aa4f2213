package main

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const (
	topicARN = "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Documents"
	roleARN  = "arn:aws:iam::111122223333:role/documents"
)

// TestWorker runs documents whose jobs succeed, succeed in part and fail, each event twice, and one that is overwritten.
func TestWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, queue := textracttest.New(), textracttest.NewQueue("notifications", 5)
		fake.AddQueue(queue)
		fake.Textract.Subscribe(topicARN, queue, false)
		statuses := map[string]string{"scans/form 12.pdf": "SUCCEEDED", "part.pdf": "PARTIAL_SUCCESS", "failed.pdf": "FAILED"}
		fake.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
			if r.NotificationChannel == nil || r.NotificationChannel.RoleArn != roleARN {
				t.Errorf("notification channel %+v", r.NotificationChannel)
			}
			return textracttest.Outcome{Takes: time.Minute, Status: statuses[r.DocumentLocation.S3Object.Name], Items: []any{
				types.Block{Id: aws.String("1"), BlockType: types.BlockTypeLine, Text: aws.String("Dear Sir"), Page: aws.Int32(1)},
			}}
		}
		client, err := textractclient.New(fake.Config(), textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: queue.URL})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error { return handle(ctx, client, n) })
		}()
		deliver := func(encoded, key, content string) {
			t.Helper()
			fake.S3.Put("documents", key, []byte(content))
			event := fmt.Appendf(nil, `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"documents"},"object":{"key":%q}}}]}`, encoded)
			for range 2 {
				if err := start(t.Context(), client, event); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(time.Hour)
		}
		deliver("scans/form+12.pdf", "scans/form 12.pdf", "first")
		deliver("part.pdf", "part.pdf", "first")
		deliver("failed.pdf", "failed.pdf", "first")
		deliver("scans/form+12.pdf", "scans/form 12.pdf", "overwritten")
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if jobs := len(fake.Textract.Started()); jobs != 4 {
			t.Errorf("%d jobs started, want 4", jobs)
		}
		if waiting, inFlight := queue.Count(); waiting+inFlight+len(queue.DeadLetters()) != 0 {
			t.Errorf("%d messages wait, %d are in flight, %d are in the dead-letter queue", waiting, inFlight, len(queue.DeadLetters()))
		}
	})
}

// TestHandleLeavesWhatItCannotRead returns the error of results that cannot be read, so that the notification is handled again.
func TestHandleLeavesWhatItCannotRead(t *testing.T) {
	fake := textracttest.New()
	client, err := textractclient.New(fake.Config(), textractclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	err = handle(t.Context(), client, textractclient.Notification{JobID: "gone", Status: types.JobStatusSucceeded, Operation: textractclient.DocumentAnalysis})
	if err == nil {
		t.Error("no error")
	}
}

func TestReview(t *testing.T) {
	place := &types.Geometry{BoundingBox: &types.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}}
	child := func(kind types.RelationshipType, id string) []types.Relationship {
		return []types.Relationship{{Type: kind, Ids: []string{id}}}
	}
	document := textractclient.NewDocument([]types.Block{
		{Id: aws.String("word"), BlockType: types.BlockTypeWord, Text: aws.String("7")},
		{
			Id: aws.String("key"), BlockType: types.BlockTypeKeyValueSet, EntityTypes: []types.EntityType{types.EntityTypeKey},
			Relationships: child(types.RelationshipTypeValue, "value"), Confidence: aws.Float32(50),
		},
		{
			Id: aws.String("value"), BlockType: types.BlockTypeKeyValueSet, EntityTypes: []types.EntityType{types.EntityTypeValue},
			Relationships: child(types.RelationshipTypeChild, "word"), Confidence: aws.Float32(80), Geometry: place,
		},
		{Id: aws.String("table"), BlockType: types.BlockTypeTable, Relationships: child(types.RelationshipTypeChild, "cell")},
		{
			Id: aws.String("cell"), BlockType: types.BlockTypeCell, Relationships: child(types.RelationshipTypeChild, "word"),
			Confidence: aws.Float32(95),
		},
	})
	want := []finding{{"value", " 7", 80, textractclient.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.4}}}
	if diff := cmp.Diff(want, review(&document.Pages[0])); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
