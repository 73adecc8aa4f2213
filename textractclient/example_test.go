package textractclient_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// Start a job, wait for it, and print what was read.
func Example() {
	ctx := context.Background()
	cfg := aws.Config{Region: "us-east-1"} // of config.LoadDefaultConfig
	settings, err := textractclient.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	client, err := textractclient.New(cfg, settings)
	if err != nil {
		log.Fatal(err)
	}

	job, err := client.Start(ctx, textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
		WithoutNotification: true, // Wait asks for the status
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wait(ctx, job.Ref(), time.Hour); err != nil {
		log.Fatal(err)
	}
	document, err := textractclient.ReadDocument(client.Results(ctx, job.Ref()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(document.Text())
}

// Handle the completions of all jobs until an interrupt. A handler that fails gets the notification again, and after the queue's
// maximum of receives it is moved to the dead-letter queue.
func ExampleClient_Listen() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	client, err := textractclient.New(aws.Config{Region: "us-east-1"}, textractclient.Config{
		QueueURL: "https://sqs.us-east-1.amazonaws.com/123456789012/textract",
	})
	if err != nil {
		slog.Error("no client", "error", err)
		return
	}
	if err := client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		if !n.HasResults() {
			slog.Warn("job failed", "job", n.JobID, "status", n.Status, "document", n.Document)
			return nil
		}
		for page, err := range client.Results(ctx, n.Ref()) {
			if err != nil {
				return err
			}
			slog.Info("results", "job", n.JobID, "blocks", len(page.Blocks))
		}
		return nil
	}, func(o *textractclient.ListenOptions) { o.Workers = 4 }); err != nil {
		slog.Error("listening ended", "error", err)
	}
}

// Analyze a form, and ask it a question.
func ExampleClient_Start() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour) // so long may Textract throttle
	defer cancel()
	client, err := textractclient.New(aws.Config{Region: "us-east-1"}, textractclient.Config{
		TopicARN: "arn:aws:sns:us-east-1:123456789012:AmazonTextractForms",
		RoleARN:  "arn:aws:iam::123456789012:role/TextractForms",
		Output:   &textractclient.Output{Bucket: "results"},
	})
	if err != nil {
		slog.Error("no client", "error", err)
		return
	}
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.DocumentAnalysis,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "in/form 12.pdf"},
		Features:  []types.FeatureType{types.FeatureTypeForms, types.FeatureTypeTables, types.FeatureTypeQueries},
		Queries:   []types.Query{{Text: aws.String("Who signed?"), Alias: aws.String("signer")}},
		JobTag:    textractclient.DeriveJobTag("in/form 12.pdf"),
	})
	if err != nil {
		slog.Error("not started", "error", err)
		return
	}
	fmt.Println(job.ID)
}

// Read results from the output bucket.
func ExampleClient_OutputResults() {
	ctx := context.Background()
	client, err := textractclient.New(aws.Config{Region: "us-east-1"}, textractclient.Config{})
	if err != nil {
		log.Fatal(err)
	}
	job := textractclient.JobRef{Operation: textractclient.DocumentAnalysis, ID: "1234abcd"}
	document, err := textractclient.ReadDocument(client.OutputResults(ctx, job, textractclient.Output{Bucket: "results"}))
	if err != nil {
		log.Fatal(err)
	}
	for _, page := range document.Pages {
		for _, field := range page.Fields {
			fmt.Println(field.Key, field.Value)
		}
		for _, table := range page.Tables {
			fmt.Println(table.Rows())
		}
	}
}

func ExampleParseNotification() {
	n, err := textractclient.ParseNotification([]byte(`{"JobId":"1234abcd","Status":"Succeeded","API":"StartExpenseAnalysis",
		"Timestamp":1700000000000,"DocumentLocation":{"S3Bucket":"documents","S3ObjectName":"receipt.png"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.Operation.Name(), n.Document, n.Status, n.HasResults())
	// Output: expense-analysis s3://documents/receipt.png SUCCEEDED true
}

func ExampleParseS3Event() {
	objects, err := textractclient.ParseS3Event([]byte(`{"Records":[{"eventName":"ObjectCreated:Put",
		"s3":{"bucket":{"name":"documents"},"object":{"key":"in/form+12%2B.pdf"}}}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(objects[0])
	// Output: s3://documents/in/form 12+.pdf
}

func ExampleDeriveJobTag() {
	fmt.Println(textractclient.DeriveJobTag("invoices"))
	fmt.Println(textractclient.DeriveJobTag("invoices/May 2026"))
	// Output:
	// invoices
	// invoices-May-2026-07a41dd51937de6c
}

func ExampleNewDocument() {
	document := textractclient.NewDocument([]types.Block{
		{BlockType: types.BlockTypeLine, Page: aws.Int32(1), Text: aws.String("Dear Sir,")},
		{BlockType: types.BlockTypeLine, Page: aws.Int32(1), Text: aws.String("hello")},
	})
	fmt.Print(document.Text())
	// Output:
	// Dear Sir,
	// hello
}

// Read a document page by page, and show where its values are.
func ExamplePages() {
	blocks := []types.Block{
		{BlockType: types.BlockTypeLine, Page: aws.Int32(1), Text: aws.String("Dear Sir,"), Id: aws.String("a")},
		{
			BlockType: types.BlockTypeLine, Page: aws.Int32(2), Text: aws.String("Yours"), Id: aws.String("b"), Confidence: aws.Float32(99.5),
			Geometry: &types.Geometry{BoundingBox: &types.BoundingBox{Left: 0.1, Top: 0.2, Width: 0.3, Height: 0.05}},
		},
	}
	results := func(yield func(*textractclient.ResultPage, error) bool) { // as client.Results and client.OutputResults return it
		yield(&textractclient.ResultPage{JobStatus: types.JobStatusSucceeded, Blocks: blocks}, nil)
	}
	for page, err := range textractclient.Pages(results) {
		if err != nil {
			log.Fatal(err)
		}
		for _, line := range page.Lines {
			fmt.Println(page.Number, line.ID, line.Text, line.Confidence, line.Geometry.BoundingBox)
		}
	}
	// Output:
	// 1 a Dear Sir, 0 {0 0 0 0}
	// 2 b Yours 99.5 {0.1 0.2 0.3 0.05}
}
