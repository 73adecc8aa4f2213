// Command worker starts a job for each document that it is told of, and reads the results of all that end.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// region start
func start(ctx context.Context, client *textractclient.Client, event []byte) error {
	objects, err := textractclient.ParseS3Event(event) // keys come decoded
	if err != nil {
		return err
	}
	var failed []error // one document must not keep the others of its event from being read
	for _, object := range objects {
		job, err := client.Start(ctx, textractclient.StartInput{
			Operation: textractclient.DocumentAnalysis,
			Document:  object,
			Features:  []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeForms},
			JobTag:    textractclient.DeriveJobTag(object.Key),
		})
		if err != nil {
			failed = append(failed, err)
			continue
		}
		slog.Info("started", "job", job.ID, "document", object.String())
	}
	return errors.Join(failed...)
}

// endregion

// region review
// finding is a part of a page that a person should look at.
type finding struct {
	BlockID    string // the way back to Textract's block
	Text       string
	Confidence float32 // in percent
	Box        textractclient.BoundingBox
}

// review lists the values that Textract is not sure of.
func review(page *textractclient.Page) []finding {
	var findings []finding
	for _, field := range page.Fields {
		for _, value := range field.Values {
			if value.Confidence < 90 {
				text := field.Key + " " + value.Text
				findings = append(findings, finding{value.ID, text, value.Confidence, value.Geometry.BoundingBox})
			}
		}
	}
	for _, table := range page.Tables {
		for _, cell := range table.Cells {
			if cell.Confidence < 90 {
				findings = append(findings, finding{cell.ID, cell.Text, cell.Confidence, cell.Geometry.BoundingBox})
			}
		}
	}
	return findings
}

// endregion

// region worker
func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		fail(err)
	}
	settings, err := textractclient.ConfigFromEnv() // what EnvironmentVariables() sets
	if err != nil {
		fail(err)
	}
	client, err := textractclient.New(cfg, settings)
	if err != nil {
		fail(err)
	}
	err = client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		return handle(ctx, client, n)
	})
	if err != nil {
		fail(err)
	}
}

func handle(ctx context.Context, client *textractclient.Client, n textractclient.Notification) error {
	if !n.HasResults() {
		slog.Warn("job failed", "job", n.JobID, "status", n.Status, "document", n.Document.String())
		return nil // results will not come: start the document again once the cause is fixed
	}
	for page, err := range textractclient.Pages(client.Results(ctx, n.Ref())) {
		if err != nil {
			return err // the notification is handled again, and at last moved to the dead-letter queue
		}
		slog.Info("read", "document", n.Document.String(), "page", page.Number, "text", page.Text(), "review", review(page))
	}
	return nil
}

func fail(err error) {
	slog.Error("worker ends", "error", err)
	os.Exit(1)
}

// endregion
