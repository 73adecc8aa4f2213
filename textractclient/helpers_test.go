package textractclient_test

import (
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const (
	topicARN = "arn:aws:sns:us-east-1:123456789012:AmazonTextractTest"
	roleARN  = "arn:aws:iam::123456789012:role/Textract"
)

// world is a fake AWS with a topic, a queue subscribed to it, and a client over both.
type world struct {
	*textracttest.AWS
	queue  *textracttest.Queue
	config textractclient.Config
	client *textractclient.Client
	log    *logRecorder
}

func newWorld(t *testing.T, change ...func(*textractclient.Config)) *world {
	t.Helper()
	w := &world{AWS: textracttest.New(), queue: textracttest.NewQueue("notifications", 3), log: newLogRecorder()}
	w.AddQueue(w.queue)
	w.Textract.Subscribe(topicARN, w.queue, false)
	for _, document := range []textractclient.S3Object{
		{Bucket: "b", Key: "k"}, {Bucket: "documents", Key: "a.pdf"}, {Bucket: "documents", Key: "a b/ü.pdf"},
	} {
		w.put(document, "%PDF-1.7")
	}
	w.config = textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: w.queue.URL}
	for _, fn := range change {
		fn(&w.config)
	}
	w.client = w.newClient(t, w.Config())
	return w
}

func (w *world) newClient(t *testing.T, cfg aws.Config, optFns ...func(*textractclient.Options)) *textractclient.Client {
	t.Helper()
	client, err := textractclient.New(cfg, w.config, append(optFns, func(o *textractclient.Options) { o.Logger = slog.New(w.log) })...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// succeed has every job succeed with these items.
func (w *world) succeed(items ...any) {
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return textracttest.Outcome{Items: items} }
}

func withOutput(c *textractclient.Config) {
	c.Output = &textractclient.Output{Bucket: "results", Prefix: "out/"}
}

// letter is the document of most tests.
var letter = textractclient.S3Object{Bucket: "documents", Key: "letter.pdf"}

// put stores a document with this content.
func (w *world) put(document textractclient.S3Object, content string) {
	w.S3.Put(document.Bucket, document.Key, []byte(content))
}

func start(t *testing.T, w *world, operation textractclient.Operation) *textractclient.Job {
	t.Helper()
	if _, found := w.S3.Get(letter.Bucket, letter.Key); !found {
		w.put(letter, "%PDF-1.7")
	}
	in := textractclient.StartInput{Operation: operation, Document: letter}
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
	return types.Block{
		Id:         aws.String(id),
		BlockType:  types.BlockTypeLine,
		Text:       aws.String(text),
		Page:       aws.Int32(page),
		Confidence: aws.Float32(99),
	}
}
