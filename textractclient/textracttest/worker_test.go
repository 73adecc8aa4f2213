package textracttest_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// work is a worker to be tested: it saves the text of every document, or the status of a job that
// failed.
func work(ctx context.Context, client *textractclient.Client, save func(key, text string)) error {
	return client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		if !n.HasResults() {
			save(n.Document.Key, string(n.Status))
			return nil
		}
		document, err := textractdoc.Read(client.Results(ctx, n.Ref()))
		if err != nil {
			return err
		}
		save(n.Document.Key, document.Text())
		return nil
	})
}

// How to test a worker: the fake is AWS, and in the bubble of testing/synctest hours pass at once.
func TestWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const topic, role = "arn:aws:sns:us-east-1:123456789012:AmazonTextractA", "arn:aws:iam::123456789012:role/Textract"
		fake, queue := textracttest.New(), textracttest.NewQueue("notifications", 5)
		fake.AddQueue(queue)
		fake.Textract.Subscribe(topic, queue, false)
		fake.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
			if r.DocumentLocation.S3Object.Name == "damaged.pdf" {
				return textracttest.Outcome{Takes: time.Hour, Status: "FAILED"}
			}
			return textracttest.Outcome{Takes: time.Hour, Items: []any{
				types.Block{Id: aws.String("1"), BlockType: types.BlockTypeLine, Text: aws.String("Dear Sir,"), Page: aws.Int32(1)},
			}}
		}
		client, err := textractclient.New(fake.Config(), textractclient.Config{TopicARN: topic, RoleARN: role, QueueURL: queue.URL})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"letter.pdf", "damaged.pdf"} {
			fake.S3.Put("documents", key, []byte("%PDF-1.7 "+key))
			document := textractclient.S3Object{Bucket: "documents", Key: key}
			if _, err := client.Start(
				t.Context(),
				textractclient.StartInput{Operation: textractclient.TextDetection, Document: document},
			); err != nil {
				t.Error(err)
			}
		}
		fake.Fail("GetDocumentTextDetection", textracttest.Fault{Code: "ThrottlingException", Status: 400}) // retried

		var mu sync.Mutex
		saved := make(map[string]string)
		ctx, stop := context.WithTimeout(t.Context(), 2*time.Hour)
		defer stop()
		if err := work(ctx, client, func(key, text string) {
			mu.Lock()
			defer mu.Unlock()
			saved[key] = text
		}); err != nil {
			t.Error(err)
		}
		if want := map[string]string{"letter.pdf": "Dear Sir,\n", "damaged.pdf": "FAILED"}; !maps.Equal(saved, want) {
			t.Errorf("saved %q, want %q", saved, want)
		}
		if waiting, inFlight := queue.Count(); waiting+inFlight+len(queue.DeadLetterQueue()) > 0 {
			t.Errorf("%d messages wait, %d are in flight", waiting, inFlight)
		}
	})
}
