package textracttest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// Test a handler of notifications: the fake has a document, a job that reads it, and the queue with
// the notification of its completion.
func Example() {
	const topic = "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Documents"
	fake, queue := textracttest.New(), textracttest.NewQueue("documents", 5)
	fake.AddQueue(queue)
	fake.Textract.Subscribe(topic, queue, false)
	fake.S3.Put("incoming", "letter.pdf", []byte("%PDF-1.7"))
	fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Items: []any{
			types.Block{Id: aws.String("1"), BlockType: types.BlockTypeLine, Text: aws.String("Dear Sir,"), Page: aws.Int32(1)},
		}}
	}
	client, err := textractclient.New(fake.Config(), textractclient.Config{
		TopicARN: topic, RoleARN: "arn:aws:iam::111122223333:role/Textract", QueueURL: queue.URL,
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	if _, err := client.Start(ctx, textractclient.StartInput{
		Operation: textractclient.TextDetection,
		Document:  textractclient.S3Object{Bucket: "incoming", Key: "letter.pdf"},
	}); err != nil {
		fmt.Println(err)
		return
	}

	// The handler to be tested.
	handle := func(ctx context.Context, n textractclient.Notification) error {
		defer stop() // Listen returns after this notification
		document, err := textractdoc.Read(client.Results(ctx, n.Ref()))
		if err != nil {
			return err
		}
		fmt.Print(n.Document, ": ", document.Text())
		return nil
	}
	if err := client.Listen(ctx, handle); err != nil {
		fmt.Println(err)
		return
	}
	visible, inFlight := queue.Count()
	fmt.Println(visible, "visible,", inFlight, "in flight,", len(queue.DeadLetterQueue()), "in the dead-letter queue")
	// Output:
	// s3://incoming/letter.pdf: Dear Sir,
	// 0 visible, 0 in flight, 0 in the dead-letter queue
}

// Make a call fail, here because the caller lacks a permission.
func ExampleAWS_Fail() {
	fake := textracttest.New()
	fake.S3.Put("incoming", "letter.pdf", []byte("%PDF-1.7"))
	fake.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "AccessDeniedException", Status: 400})
	client, err := textractclient.New(fake.Config(), textractclient.Config{})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Start(context.Background(), textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            textractclient.S3Object{Bucket: "incoming", Key: "letter.pdf"},
		WithoutNotification: true,
	})
	var denied *types.AccessDeniedException
	fmt.Println(errors.As(err, &denied), fake.Calls("StartDocumentTextDetection"))
	// Output: true 1
}

// Serve the fake to other processes: set AWS_ENDPOINT_URL to the server's URL.
func ExampleAWS_ServeHTTP() {
	fake := textracttest.New()
	fake.S3.Put("incoming", "letter.pdf", []byte("%PDF-1.7"))
	server := httptest.NewServer(fake)
	defer server.Close()

	cfg := fake.Config()
	cfg.BaseEndpoint, cfg.HTTPClient = aws.String(server.URL), server.Client()
	client, err := textractclient.New(cfg, textractclient.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for object, err := range client.List(context.Background(), "incoming", "") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(object, object.Size)
	}
	// Output: s3://incoming/letter.pdf 8
}

// Make the body of a queue message, to test a Lambda function that receives it.
func ExampleNotification() {
	body := textracttest.Envelope(
		textracttest.Notification("1234abcd", "FAILED", "StartExpenseAnalysis", "invoices", "incoming", "may.pdf"),
	)

	n, err := textractclient.ParseNotification([]byte(body))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(n.Ref(), n.Status, n.JobTag, n.Document)
	// Output: expense-analysis job 1234abcd FAILED invoices s3://incoming/may.pdf
}
