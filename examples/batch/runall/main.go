// Command runall reads all documents of s3://BUCKET/PREFIX, its argument, and prints their text.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 || !strings.HasPrefix(args[0], "s3://") {
		return fmt.Errorf("arguments %q: write s3://BUCKET/PREFIX", args)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(args[0], "s3://"), "/")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cfg, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	settings, err := textractclient.ConfigFromEnv()
	if err != nil {
		return err
	}
	client, err := textractclient.New(cfg, settings)
	if err != nil {
		return err
	}
	return readAll(ctx, client, bucket, prefix, func(document string, text string) error {
		_, err := fmt.Printf("%s\n%s\n", document, text)
		return err
	})
}

// region runall

// readAll reads all documents below the prefix. The same call, after an interruption within 7 days,
// finds the jobs of the first.
func readAll(
	ctx context.Context, client *textractclient.Client, bucket, prefix string, write func(document, text string) error,
) error {
	var listing error
	inputs := func(yield func(textractclient.StartInput) bool) {
		for object, err := range client.List(ctx, bucket, prefix) {
			if err != nil {
				listing = err
				return
			}
			if object.WhyNot() != "" { // a folder, or a type that Textract does not read
				continue
			}
			in := textractclient.StartInput{
				Operation: textractclient.TextDetection, Document: object.S3Object, WithoutNotification: true,
			}
			if !yield(in) {
				return
			}
		}
	}
	err := client.RunAll(ctx, inputs, func(ctx context.Context, outcome *textractclient.Outcome) error {
		if outcome.Err != nil {
			slog.Warn("not read", "document", outcome.Input.Document.String(), "error", outcome.Err)
			return nil // an error would end the run
		}
		document, err := textractdoc.Read(outcome.Results(ctx))
		if err != nil {
			return err
		}
		return write(outcome.Input.Document.String(), document.Text())
	})
	return errors.Join(listing, err)
}

// endregion
