package textractclient_test

import (
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/internal/fake"
)

const (
	topicARN = "arn:aws:sns:us-east-1:123456789012:AmazonTextractTest"
	roleARN  = "arn:aws:iam::123456789012:role/Textract"
)

// world is a fake AWS with a topic, a queue subscribed to it, and a client over both.
type world struct {
	*fake.AWS
	queue  *fake.Queue
	config textractclient.Config
	client *textractclient.Client
	log    *logBook
}

func newWorld(t *testing.T, change ...func(*textractclient.Config)) *world {
	t.Helper()
	w := &world{AWS: fake.New(), queue: fake.NewQueue("notifications", 3), log: newLogBook()}
	w.AddQueue(w.queue)
	w.Textract.Subscribe(topicARN, w.queue, false)
	w.config = textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: w.queue.URL}
	for _, fn := range change {
		fn(&w.config)
	}
	w.client = w.newClient(w.Config())
	return w
}

func (w *world) newClient(cfg aws.Config) *textractclient.Client {
	return textractclient.New(cfg, w.config, func(o *textractclient.Options) { o.Logger = slog.New(w.log) })
}

// succeed has every job succeed with these items.
func (w *world) succeed(items ...any) {
	w.Textract.Outcome = func(string, fake.Request) fake.Outcome { return fake.Outcome{Items: items} }
}

func withOutput(c *textractclient.Config) {
	c.Output = &textractclient.Output{Bucket: "results", Prefix: "out/"}
}

func start(t *testing.T, w *world, operation textractclient.Operation) *textractclient.Job {
	t.Helper()
	in := textractclient.StartInput{Operation: operation, Document: textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"}}
	if operation == textractclient.DocumentAnalysis {
		in.Features = []types.FeatureType{types.FeatureTypeTables}
	}
	job, err := w.client.Start(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// inBubble runs a test in virtual time, and in its own world.
func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		test(t, newWorld(t))
	})
}

func line(id, text string, page int32) types.Block {
	return types.Block{Id: aws.String(id), BlockType: types.BlockTypeLine, Text: aws.String(text), Page: aws.Int32(page), Confidence: aws.Float32(99)}
}
