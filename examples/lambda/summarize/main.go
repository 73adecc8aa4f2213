// Command summarize is a Lambda function that writes a summary of each document whose job
// completed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// Summary is what is written about a document.
type Summary struct {
	Document string
	Job      string
	Status   string            // SUCCEEDED, PARTIAL_SUCCESS or FAILED
	Message  string            `json:",omitempty"` // why it failed
	Warnings []string          `json:",omitempty"` // the pages that could not be read
	Pages    int               `json:",omitempty"`
	Tables   int               `json:",omitempty"`
	Fields   map[string]string `json:",omitempty"`
}

// Summarizer reads results and writes summaries.
type Summarizer struct {
	client *textractclient.Client
	s3     *s3.Client
	bucket string
}

// region handler
// HandleBatch names the messages that failed, so that Lambda deletes the others.
func (s *Summarizer) HandleBatch(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	for _, record := range event.Records {
		n, err := textractclient.ParseNotification([]byte(record.Body))
		if err == nil {
			err = s.handle(ctx, n)
		}
		if err != nil {
			slog.Error("message left in the queue", "message", record.MessageId, "error", err)
			failure := events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			response.BatchItemFailures = append(response.BatchItemFailures, failure)
		}
	}
	return response, nil
}

// handle may be called twice for one job: the second summary replaces the first.
func (s *Summarizer) handle(ctx context.Context, n textractclient.Notification) error {
	summary := Summary{Document: n.Document.String(), Job: n.JobID, Status: string(n.Status), Fields: map[string]string{}}
	if !n.HasResults() {
		state, err := s.client.Status(ctx, n.Ref())
		if err != nil {
			return err
		}
		summary.Message = state.Message
		return s.write(ctx, n, summary)
	}
	for page, err := range textractdoc.Pages(s.client.Results(ctx, n.Ref())) { // one page in memory at a time
		if err != nil {
			return err
		}
		summary.Pages++
		summary.Tables += len(page.Tables)
		for _, field := range page.Fields {
			summary.Fields[field.Key] = field.Value
		}
		if summary.Warnings == nil {
			for _, warning := range page.Warnings {
				summary.Warnings = append(summary.Warnings, fmt.Sprintf("%s: pages %v", aws.ToString(warning.ErrorCode), warning.Pages))
			}
		}
	}
	return s.write(ctx, n, summary)
}

// endregion

// write names the object by document and job: notifications come in any order, and an overwritten
// document has a job of its own.
func (s *Summarizer) write(ctx context.Context, n textractclient.Notification, summary Summary) error {
	text, err := json.MarshalIndent(summary, "", "  ")
	if err != nil {
		return err
	}
	_, err = s.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket:      aws.String(s.bucket),
		Key:         aws.String(n.Document.Key + "/" + n.JobID + ".json"),
		Body:        bytes.NewReader(text),
		ContentType: aws.String("application/json"),
	})
	return err
}

func main() {
	s, err := newSummarizer(context.Background())
	if err != nil {
		slog.Error("no client", "error", err)
		os.Exit(1)
	}
	lambda.Start(s.HandleBatch)
}

func newSummarizer(ctx context.Context) (*Summarizer, error) {
	bucket := os.Getenv("SUMMARY_BUCKET")
	if bucket == "" {
		return nil, fmt.Errorf("set SUMMARY_BUCKET to the name of a bucket")
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	client, err := textractclient.New(cfg, textractclient.Config{}) // Lambda reads the queue, so no settings are needed
	if err != nil {
		return nil, err
	}
	return &Summarizer{client: client, s3: s3.NewFromConfig(cfg), bucket: bucket}, nil
}
