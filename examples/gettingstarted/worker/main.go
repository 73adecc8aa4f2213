// Command worker starts a job for each document that is uploaded, and prints its text.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	cfg, err := config.LoadDefaultConfig(ctx)
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
	ctx, stop := context.WithCancel(ctx)
	uploads := make(chan error, 1)
	go func() {
		uploads <- client.ListenUploads(ctx, os.Getenv("TEXTRACT_UPLOADS_QUEUE_URL"), request)
		stop() // one without the other is half a worker
	}()
	err = client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		return printText(ctx, client, n)
	})
	stop()
	return errors.Join(err, <-uploads)
}

// request is called for each uploaded document.
func request(textractclient.S3Object) (textractclient.StartInput, bool) {
	return textractclient.StartInput{Operation: textractclient.TextDetection}, true
}

// printText is called for each job that completes; after an error it is called again.
func printText(ctx context.Context, client *textractclient.Client, n textractclient.Notification) error {
	if !n.HasResults() {
		log.Printf("%s: %s", n.Document, n.Status)
		return nil
	}
	document, err := textractdoc.Read(client.Results(ctx, n.Ref()))
	if err != nil {
		return err
	}
	_, err = fmt.Println(document.Text())
	return err
}
