package textracttest_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/textract"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/aws/smithy-go"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

func TestDocListsTheActions(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range textracttest.Actions() {
		if !strings.Contains(string(doc), " "+action+",") && !strings.Contains(string(doc), " "+action+";") &&
			!strings.Contains(string(doc), " "+action+".") {
			t.Errorf("the package's doc lacks %s", action)
		}
	}
}

// What a program that is no client of this module's sends to SQS works as it does there.
func TestQueueOfAnyProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, queue := textracttest.New(), textracttest.NewQueue("notifications", 5)
		fake.AddQueue(queue)
		api := sqs.NewFromConfig(fake.Config())
		ctx := context.Background()
		if _, err := api.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue.URL, MessageBody: aws.String("one")}); err != nil {
			t.Fatal(err)
		}
		receive := func() *string {
			out, err := api.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue.URL})
			if err != nil {
				t.Fatal(err)
			}
			if len(out.Messages) == 0 {
				return nil
			}
			return out.Messages[0].ReceiptHandle
		}
		if receive() == nil || receive() != nil {
			t.Error("without a VisibilityTimeout, a message is not hidden")
		}
		time.Sleep(31 * time.Second)
		receipt := receive()
		if receipt == nil {
			t.Fatal("the message is not visible again after the queue's 30 s")
		}
		if _, err := api.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &queue.URL, ReceiptHandle: receipt}); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		if visible, inFlight := queue.Count(); visible+inFlight != 0 {
			t.Errorf("after DeleteMessage %d visible and %d in flight", visible, inFlight)
		}
	})
}

// An action that the fake lacks is an error that names it, and not one about its input.
func TestActionsThatTheFakeLacks(t *testing.T) {
	fake, queue := textracttest.New(), textracttest.NewQueue("notifications", 5)
	fake.AddQueue(queue)
	_, purge := sqs.NewFromConfig(fake.Config()).PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: &queue.URL})
	_, detect := textract.NewFromConfig(fake.Config()).DetectDocumentText(t.Context(), &textract.DetectDocumentTextInput{
		Document: &types.Document{Bytes: []byte("x")},
	})
	for action, err := range map[string]error{"PurgeQueue": purge, "DetectDocumentText": detect} {
		var response smithy.APIError
		if !errors.As(err, &response) || !strings.Contains(err.Error(), action) ||
			response.ErrorCode() != "InvalidAction" && response.ErrorCode() != "UnknownOperationException" {
			t.Errorf("%s: %v", action, err)
		}
	}
}
