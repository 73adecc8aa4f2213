package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// Start a job, wait for it, and print the text of the document.
func Example() {
	// In a program: config.LoadDefaultConfig of the SDK, and textractclient.ConfigFromEnv.
	fake, settings := newFake(letterLine)
	cfg := fake.Config()

	ctx := context.Background()
	client, err := textractclient.New(cfg, settings)
	if err != nil {
		log.Fatal(err)
	}
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
		WithoutNotification: true, // Wait reads the status
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wait(ctx, job.Ref(), time.Hour); err != nil {
		log.Fatal(err)
	}
	document, err := textractdoc.Read(client.Results(ctx, job.Ref()))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(document.Text())
	// Output: Dear Sir,
}

// The variables are those that the construct's EnvironmentVariables method returns, set for
// instance on a Lambda function.
func ExampleConfigFromEnv() {
	if err := os.Setenv(textractclient.EnvQueueURL, "https://sqs.eu-west-1.amazonaws.com/111122223333/documents"); err != nil {
		log.Fatal(err)
	}
	settings, err := textractclient.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(settings.QueueURL)
	// Output: https://sqs.eu-west-1.amazonaws.com/111122223333/documents
}

// Analyze a form and ask a question about it. The same start again gets the same job.
func ExampleClient_Start() {
	client := newFakeClient(letterLine)
	input := textractclient.StartInput{
		Operation: textractclient.DocumentAnalysis,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "form.pdf"},
		Features:  []types.FeatureType{types.FeatureTypeForms, types.FeatureTypeTables, types.FeatureTypeQueries},
		Queries:   []types.Query{{Text: aws.String("What is the total?"), Alias: aws.String("total")}},
		JobTag:    textractclient.DeriveJobTag("form.pdf"),
	}
	// Start retries for this long while Textract throttles or the quota of jobs is used up.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	job, err := client.Start(ctx, input)
	if errors.Is(err, textractclient.ErrQuotaExceeded) {
		fmt.Println("try again later:", err)
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := client.Start(ctx, input)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.Document, job.JobTag, again.ID == job.ID)
	// Output: s3://documents/form.pdf form.pdf true
}

// Wait for a job that fails.
func ExampleClient_Wait() {
	fake, settings := newFake(letterLine)
	fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Status: "FAILED", Message: "the document is encrypted"}
	}
	client, err := textractclient.New(fake.Config(), settings)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
		WithoutNotification: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Wait(ctx, job.Ref(), time.Hour)
	var failed *textractclient.JobError
	switch {
	case errors.As(err, &failed):
		fmt.Println(failed.Status, failed.Message)
	case errors.Is(err, textractclient.ErrJobInProgress):
		fmt.Println("not completed within an hour")
	}
	// Output: FAILED the document is encrypted
}

// Handle the notifications of all jobs until the context ends. When a handler returns an error, the
// notification is handled again later, and moved to the dead-letter queue after the queue's maximum
// of receives.
func ExampleClient_Listen() {
	client := newFakeClient(letterLine)
	ctx, stop := context.WithCancel(context.Background()) // in a worker: signal.NotifyContext, for SIGTERM
	defer stop()
	if _, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.TextDetection,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
	}); err != nil {
		fmt.Println(err)
		return
	}
	handle := func(ctx context.Context, n textractclient.Notification) error {
		defer stop() // only this example ends after one notification
		if !n.HasResults() {
			slog.Warn("job failed", "job", n.JobID, "status", n.Status, "document", n.Document)
			return nil
		}
		document, err := textractdoc.Read(client.Results(ctx, n.Ref()))
		if err != nil {
			return err
		}
		fmt.Print(n.Document, ": ", document.Text())
		return nil
	}
	if err := client.Listen(ctx, handle, func(o *textractclient.ListenOptions) { o.Workers = 4 }); err != nil {
		fmt.Println(err)
	}
	// Output: s3://documents/letter.pdf: Dear Sir,
}

// Read the results of all jobs in an output bucket, which Textract does not delete after 7 days.
func ExampleClient_OutputResults() {
	client := newFakeClient(letterLine)
	ctx := context.Background()
	output := textractclient.Output{Bucket: "results", Prefix: "letters"}
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.TextDetection,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
		Output:    &output,
	})
	if err != nil {
		log.Fatal(err)
	}
	// After the notification.
	document, err := textractdoc.Read(client.OutputResults(ctx, job.Ref(), output))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(document.Text())
	// Output: Dear Sir,
}

// Read many documents, as quickly as the account's quotas allow. The inputs could come from List.
func ExampleClient_RunAll() {
	client := newFakeClient(letterLine)
	var inputs []textractclient.StartInput
	for _, key := range []string{"form.pdf", "letter.pdf"} {
		inputs = append(inputs, textractclient.StartInput{
			Operation:           textractclient.TextDetection,
			Document:            textractclient.S3Object{Bucket: "documents", Key: key},
			WithoutNotification: true,
		})
	}
	handle := func(ctx context.Context, outcome *textractclient.Outcome) error {
		document, err := textractdoc.Read(outcome.Results(ctx))
		if err != nil {
			slog.Warn("not read", "document", outcome.Input.Document, "error", err)
			return nil // an error would end RunAll
		}
		fmt.Print(outcome.Input.Document, ": ", document.Text())
		return nil
	}
	if err := client.RunAll(context.Background(), slices.Values(inputs), handle); err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// s3://documents/form.pdf: Dear Sir,
	// s3://documents/letter.pdf: Dear Sir,
}

// Print the summary of a loan package: its documents by type.
func ExampleClient_LendingSummary() {
	client := newFakeClient(loan)
	ctx := context.Background()
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.LendingAnalysis,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "loan.pdf"},
	})
	if err != nil {
		log.Fatal(err)
	}
	// After the notification.
	summary, err := client.LendingSummary(ctx, job.Ref())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(summary.Text())
	// Output: PAYSLIPS 1	pages [1]
}

// Count what happens to jobs, for instance with a metrics library.
func ExampleHooks() {
	fake, settings := newFake(letterLine)
	client, err := textractclient.New(fake.Config(), settings, func(o *textractclient.Options) {
		o.Hooks.Completed = func(e textractclient.JobEvent) { fmt.Println(e.Job.Operation.Name(), e.Status, "pages:", e.Pages) }
		o.Hooks.Failed = func(e textractclient.JobEvent) { fmt.Println(e.Job.Operation.Name(), e.Status) }
		o.Hooks.Throttled = func(e textractclient.RetryEvent) { fmt.Println(e.Action, "throttled") }
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
		WithoutNotification: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wait(ctx, job.Ref(), time.Hour); err != nil {
		log.Fatal(err)
	}
	// Output: text-detection SUCCEEDED pages: 1
}

func ExampleParseNotification() {
	n, err := textractclient.ParseNotification([]byte(`{"JobId":"1234abcd","Status":"SUCCEEDED","API":"StartExpenseAnalysis",
		"Timestamp":1700000000000,"DocumentLocation":{"S3Bucket":"documents","S3ObjectName":"receipt.png"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.Ref(), n.Document, n.Status, n.HasResults())
	// Output: expense-analysis job 1234abcd s3://documents/receipt.png SUCCEEDED true
}

// Handle the queue's messages in a Lambda function, which receives them instead of Listen. body is
// that of a record of events.SQSEvent.
func ExampleParseNotification_lambda() {
	client := newFakeClient(letterLine)
	handle := func(ctx context.Context, body string) error {
		n, err := textractclient.ParseNotification([]byte(body))
		if err != nil {
			return err
		}
		if !n.HasResults() {
			slog.Warn("job failed", "job", n.JobID, "status", n.Status, "document", n.Document)
			return nil
		}
		for page, err := range textractdoc.Pages(client.Results(ctx, n.Ref())) {
			if err != nil {
				return err
			}
			fmt.Print(n.Document, ", page ", page.Number, ": ", page.Text())
		}
		return nil
	}

	ctx := context.Background()
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.TextDetection,
		Document:  textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"},
	})
	if err != nil {
		log.Fatal(err)
	}
	body := textracttest.Envelope(
		textracttest.Notification(job.ID, "SUCCEEDED", "StartDocumentTextDetection", "", "documents", "letter.pdf"),
	)
	if err := handle(ctx, body); err != nil {
		log.Fatal(err)
	}
	// Output: s3://documents/letter.pdf, page 1: Dear Sir,
}

// Start a job for each document of an S3 event.
func ExampleParseS3Event() {
	event := `{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"documents"},"object":{"key":"in/form+12%2B.pdf"}}}]}`
	documents, err := textractclient.ParseS3Event([]byte(event))
	if err != nil {
		log.Fatal(err)
	}
	for _, document := range documents {
		fmt.Println(document) // the Document of a StartInput
	}
	// Output: s3://documents/in/form 12+.pdf
}

func ExampleDeriveJobTag() {
	fmt.Println(textractclient.DeriveJobTag("invoices"))
	fmt.Println(textractclient.DeriveJobTag("invoices/May 2026"))
	// Output:
	// invoices
	// invoices-May-2026-07a41dd51937de6c
}
