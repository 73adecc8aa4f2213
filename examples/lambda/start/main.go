// Command start is a Lambda function that starts a job for each document that S3 reports as
// uploaded.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// region handler
// handle names the messages that failed, so that Lambda deletes the others.
func handle(ctx context.Context, client *textractclient.Client, event events.SQSEvent) events.SQSEventResponse {
	if deadline, ok := ctx.Deadline(); ok { // Start retries while a quota is full: answer before Lambda ends the function
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-10*time.Second))
		defer cancel()
	}
	var response events.SQSEventResponse
	for _, record := range event.Records {
		if err := start(ctx, client, record.Body); err != nil {
			slog.Error("not started", "message", record.MessageId, "error", err)
			failure := events.SQSBatchItemFailure{ItemIdentifier: record.MessageId}
			response.BatchItemFailures = append(response.BatchItemFailures, failure)
		}
	}
	return response
}

func start(ctx context.Context, client *textractclient.Client, body string) error {
	documents, err := textractclient.ParseS3Event([]byte(body)) // its keys are decoded
	if err != nil {
		return err
	}
	var failed []error // one document must not keep the others of its event from being read
	for _, document := range documents {
		job, err := client.Start(ctx, textractclient.StartInput{
			Operation: textractclient.DocumentAnalysis,
			Document:  document,
			Features:  []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeForms, types.FeatureTypeLayout},
			JobTag:    textractclient.DeriveJobTag(document.Key),
			// The message is deleted afterwards: a document whose job failed before needs another now,
			// also while the Get actions are throttled.
			WaitForStatus: true,
		})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		slog.Info("started", "job", job.ID, "document", document.String())
	}
	return errors.Join(failed...)
}

// endregion

func main() {
	client, err := newClient(context.Background())
	if err != nil {
		slog.Error("no client", "error", err)
		os.Exit(1)
	}
	lambda.Start(func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		return handle(ctx, client, event), nil
	})
}

func newClient(ctx context.Context) (*textractclient.Client, error) {
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	settings, err := textractclient.ConfigFromEnv() // what EnvironmentVariables() sets
	if err != nil {
		return nil, err
	}
	return textractclient.New(cfg, settings)
}
