package main

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

type object = map[string]any

// region fake
// newTestSummarizer has a fake of AWS whose jobs have this outcome.
func newTestSummarizer(t *testing.T, outcome textracttest.Outcome) (*Summarizer, *textracttest.AWS) {
	t.Helper()
	fake := textracttest.New()
	fake.S3.Put("incoming", "in/form.pdf", []byte("%PDF"))
	fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return outcome }
	client, err := textractclient.New(fake.Config(), textractclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s3Client := s3.NewFromConfig(fake.Config(), func(o *s3.Options) { o.UsePathStyle = true })
	return &Summarizer{client: client, s3: s3Client, bucket: "summaries"}, fake
}

// endregion

// job starts a job and returns the message that Textract publishes when it completed.
func job(t *testing.T, s *Summarizer, status string) (id, message string) {
	t.Helper()
	started, err := s.client.Start(t.Context(), textractclient.StartInput{
		Operation:           textractclient.DocumentAnalysis,
		Document:            textractclient.S3Object{Bucket: "incoming", Key: "in/form.pdf"},
		Features:            []types.FeatureType{types.FeatureTypeForms},
		WithoutNotification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return started.ID, textracttest.Envelope(textracttest.Notification(
		started.ID, status, "StartDocumentAnalysis", "", "incoming", "in/form.pdf"))
}

func TestHandleBatch(t *testing.T) {
	form := []any{
		object{"Id": "p", "BlockType": "PAGE", "Page": 1, "Relationships": []any{object{"Type": "CHILD", "Ids": []any{"k", "v"}}}},
		object{"Id": "k", "BlockType": "KEY_VALUE_SET", "Page": 1, "EntityTypes": []any{"KEY"}, "Relationships": []any{
			object{"Type": "CHILD", "Ids": []any{"name"}}, object{"Type": "VALUE", "Ids": []any{"v"}},
		}},
		object{"Id": "v", "BlockType": "KEY_VALUE_SET", "Page": 1, "EntityTypes": []any{"VALUE"}, "Relationships": []any{
			object{"Type": "CHILD", "Ids": []any{"ann"}},
		}},
		object{"Id": "name", "BlockType": "WORD", "Page": 1, "Text": "Name:"},
		object{"Id": "ann", "BlockType": "WORD", "Page": 1, "Text": "Ann"},
	}
	rows := []struct {
		name    string
		outcome textracttest.Outcome
		want    Summary
	}{
		{
			"succeeded",
			textracttest.Outcome{Items: form},
			Summary{Status: "SUCCEEDED", Pages: 1, Fields: map[string]string{"Name:": "Ann"}},
		},
		{
			"succeeded in part",
			textracttest.Outcome{Status: "PARTIAL_SUCCESS", Items: form, Pages: 2, Warnings: []any{
				object{"ErrorCode": "UNREADABLE_PAGE", "Pages": []int{2}},
			}},
			Summary{
				Status: "PARTIAL_SUCCESS", Pages: 1, Fields: map[string]string{"Name:": "Ann"},
				Warnings: []string{"UNREADABLE_PAGE: pages [2]"},
			},
		},
		{
			"failed",
			textracttest.Outcome{Status: "FAILED", Message: "UNSUPPORTED_DOCUMENT"},
			Summary{Status: "FAILED", Message: "UNSUPPORTED_DOCUMENT"},
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s, fake := newTestSummarizer(t, row.outcome)
			status := row.outcome.Status
			if status == "" {
				status = "SUCCEEDED"
			}
			id, message := job(t, s, status)
			event := events.SQSEvent{Records: []events.SQSMessage{
				{MessageId: "1", Body: message}, {MessageId: "2", Body: message}, {MessageId: "3", Body: "no notification"},
			}}
			response, err := s.HandleBatch(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]events.SQSBatchItemFailure{{ItemIdentifier: "3"}}, response.BatchItemFailures); diff != "" {
				t.Errorf("failures, -want +got:\n%s", diff)
			}
			text, ok := fake.S3.Get("summaries", "in/form.pdf/"+id+".json")
			if !ok {
				t.Fatal("no summary")
			}
			var got Summary
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			row.want.Document, row.want.Job = "s3://incoming/in/form.pdf", id
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestUnread leaves the message in the queue when the results cannot be read.
func TestUnread(t *testing.T) {
	s, fake := newTestSummarizer(t, textracttest.Outcome{})
	_, message := job(t, s, "SUCCEEDED")
	fake.Fail("GetDocumentAnalysis", textracttest.Fault{Code: "AccessDeniedException", Status: 400})
	response, err := s.HandleBatch(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: message}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(response.BatchItemFailures) != 1 {
		t.Errorf("failures %v, want the message", response.BatchItemFailures)
	}
}
