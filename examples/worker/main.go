// Command worker starts a job for each document that its arguments name, and for each upload, and
// reads the results of all jobs that complete.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		slog.Error("worker ends", "error", err)
		os.Exit(1)
	}
}

// region worker
func run(documents []string) error {
	// ECS and Kubernetes send SIGTERM at the end of a task.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	settings, err := textractclient.ConfigFromEnv() // what EnvironmentVariables() sets
	if err != nil {
		return err
	}
	client, err := textractclient.New(cfg, settings)
	if err != nil {
		return err
	}
	for _, document := range documents {
		if err := start(ctx, client, document); err != nil {
			return err
		}
	}
	uploads := make(chan error, 1)
	go func() {
		uploads <- startUploads(ctx, client, os.Getenv("TEXTRACT_UPLOADS_QUEUE_URL"))
		stop() // one without the other is half a worker
	}()
	err = client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		return handle(ctx, client, n)
	})
	stop()
	return errors.Join(err, <-uploads)
}

// startUploads starts a job for each upload that the bucket reports to a queue, where there is one.
func startUploads(ctx context.Context, client *textractclient.Client, queueURL string) error {
	if queueURL == "" {
		<-ctx.Done()
		return nil
	}
	return client.ListenUploads(ctx, queueURL, func(document textractclient.S3Object) (textractclient.StartInput, bool) {
		return input(document), true
	})
}

// handle may be called twice for one job, and for the jobs in any order.
func handle(ctx context.Context, client *textractclient.Client, n textractclient.Notification) error {
	pages := 0
	for page, err := range textractdoc.Pages(client.Results(ctx, n.Ref())) { // one page in memory at a time
		if errors.Is(err, textractclient.ErrJobFailed) {
			// With Textract's message. The job stays failed: receiving its notification again does not
			// help.
			slog.Warn("job failed", "document", n.Document.String(), "error", err)
			return nil
		}
		if err != nil {
			return err // the notification is received again, and at last moved to the dead-letter queue
		}
		pages++
		fmt.Println(page.Markdown())
		for _, e := range review(page) {
			slog.Info("to be reviewed", "job", n.JobID, "page", e.Page, "kind", e.Kind, "name", e.Name, "text", e.Text, "block", e.ID)
		}
	}
	slog.Info("read", "job", n.JobID, "status", n.Status, "document", n.Document.String(), "pages", pages)
	return nil
}

// endregion

// region start
func input(document textractclient.S3Object) textractclient.StartInput {
	return textractclient.StartInput{
		Operation: textractclient.DocumentAnalysis,
		Document:  document,
		Features:  []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeForms, types.FeatureTypeLayout},
		JobTag:    textractclient.DeriveJobTag(document.Key),
	}
}

func start(ctx context.Context, client *textractclient.Client, document string) error {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(document, "s3://"), "/")
	if !ok {
		return fmt.Errorf("document %q: write s3://BUCKET/KEY", document)
	}
	in := input(textractclient.S3Object{Bucket: bucket, Key: key})
	in.WaitForStatus = true
	job, err := client.Start(ctx, in)
	if err != nil {
		return err
	}
	slog.Info("started", "job", job.ID, "document", document, "status", job.Status)
	// A document that did not change has its earlier job, which publishes no second notification.
	done := textractclient.Notification{JobID: job.ID, Operation: job.Operation, Status: job.Status, Document: job.Document}
	if done.HasResults() {
		return handle(ctx, client, done)
	}
	return nil
}

// endregion

// region review
// review lists what a person should look at: values and answers that Textract is not sure of, and
// words. Each has its Geometry, to highlight it.
func review(page *textractdoc.Page) []textractdoc.Uncertain {
	return slices.DeleteFunc(page.Below(90), func(e textractdoc.Uncertain) bool {
		return e.Kind != textractdoc.UncertainValue && e.Kind != textractdoc.UncertainAnswer && e.Kind != textractdoc.UncertainWord
	})
}

// endregion
