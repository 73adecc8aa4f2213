package textractclient_test

import (
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// newFake returns a fake of AWS whose jobs find these items, and the settings of a client of it.
// The bucket documents has the documents of the examples.
func newFake[T any](items ...T) (*textracttest.AWS, textractclient.Config) {
	fake, queue := textracttest.New(), textracttest.NewQueue("documents", 5)
	fake.AddQueue(queue)
	fake.Textract.Subscribe(topicARN, queue, false)
	for _, key := range []string{"letter.pdf", "form.pdf", "receipt.png", "loan.pdf"} {
		fake.S3.Put("documents", key, []byte(key))
	}
	outcome := textracttest.Outcome{Summary: loanSummary}
	for _, item := range items {
		outcome.Items = append(outcome.Items, item)
	}
	fake.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return outcome }
	return fake, textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: queue.URL}
}

// newFakeClient returns a client of newFake.
func newFakeClient[T any](items ...T) *textractclient.Client {
	fake, settings := newFake(items...)
	client, err := textractclient.New(fake.Config(), settings)
	if err != nil {
		log.Fatal(err)
	}
	return client
}

// letterLine is what a text detection finds in letter.pdf.
var letterLine = line("1", "Dear Sir,", 1)

// loan and loanSummary are what a lending analysis finds in loan.pdf.
var (
	loan        = types.LendingResult{Page: aws.Int32(1)}
	loanSummary = types.LendingSummary{DocumentGroups: []types.DocumentGroup{{
		Type: aws.String("PAYSLIPS"), SplitDocuments: []types.SplitDocument{{Index: aws.Int32(1), Pages: []int32{1}}},
	}}}
)
