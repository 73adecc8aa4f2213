// Command results is a Lambda function that reads the results of the jobs whose notifications come in a batch.
package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/cdk-textract/textractasync/textractclient"
)

// region handler
// handleBatch names the messages that failed, so that Lambda deletes the others.
func handleBatch(
	ctx context.Context, event events.SQSEvent, handle func(context.Context, textractclient.Notification) error,
) events.SQSEventResponse {
	var response events.SQSEventResponse
	for _, record := range event.Records {
		n, err := textractclient.ParseNotification([]byte(record.Body))
		if err == nil {
			err = handle(ctx, n)
		}
		if err != nil {
			slog.Error("message left in the queue", "message", record.MessageId, "error", err)
			failure := events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			response.BatchItemFailures = append(response.BatchItemFailures, failure)
		}
	}
	return response
}

func main() {
	cfg, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		slog.Error("no AWS configuration", "error", err)
		os.Exit(1)
	}
	client, err := textractclient.New(cfg, textractclient.Config{}) // Lambda reads the queue, so no settings are needed
	if err != nil {
		slog.Error("no client", "error", err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		return handleBatch(ctx, event, func(ctx context.Context, n textractclient.Notification) error {
			return handle(ctx, client, n)
		}), nil
	})
}

func handle(ctx context.Context, client *textractclient.Client, n textractclient.Notification) error {
	if !n.HasResults() {
		slog.Warn("job failed", "job", n.JobID, "status", n.Status)
		return nil
	}
	for page, err := range textractclient.Pages(client.Results(ctx, n.Ref())) {
		if err != nil {
			return err
		}
		slog.Info("page", "job", n.JobID, "number", page.Number, "lines", len(page.Lines))
	}
	return nil
}

// endregion
