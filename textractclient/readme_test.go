package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// The functions of README.md, which TestReadme holds to it.

func connect(cfg aws.Config) (*textractclient.Client, error) { // cfg of the SDK's config.LoadDefaultConfig
	settings, err := textractclient.ConfigFromEnv() // the variables of EnvironmentVariables()
	if err != nil {
		return nil, err
	}
	return textractclient.New(cfg, settings)
}

func work(ctx context.Context, client *textractclient.Client) error {
	return client.Listen(ctx, func(ctx context.Context, n textractclient.Notification) error {
		if !n.HasResults() {
			slog.Error("job failed", "job", n.JobID, "status", n.Status, "document", n.Document.String())
			return nil
		}
		document, err := textractdoc.Read(client.Results(ctx, n.Ref()))
		if err != nil {
			return err // the notification is handled again later
		}
		return store(ctx, n.Document, document)
	})
}

func start1(ctx context.Context, client *textractclient.Client, event []byte) error {
	objects, err := textractclient.ParseS3Event(event)
	if err != nil {
		return err
	}
	var failed []error // one document must not keep the others of its event from being read
	for _, object := range objects {
		_, err := client.Start(ctx, textractclient.StartInput{Operation: textractclient.TextDetection, Document: object})
		failed = append(failed, err)
	}
	return errors.Join(failed...) // the event is handled again later: started jobs are found, not repeated
}

func readOne(ctx context.Context, client *textractclient.Client, object textractclient.S3Object) (string, error) {
	job, err := client.Start(ctx, textractclient.StartInput{
		Operation:           textractclient.TextDetection,
		Document:            object,
		WithoutNotification: true, // Wait asks for the status
	})
	if err != nil {
		return "", err
	}
	if _, err := client.Wait(ctx, job.Ref(), time.Hour); err != nil {
		return "", err
	}
	document, err := textractdoc.Read(client.Results(ctx, job.Ref()))
	if err != nil {
		return "", err
	}
	return document.Text(), nil
}

// stored is what store stored last, by document.
var stored map[string]string

func store(_ context.Context, object textractclient.S3Object, document *textractdoc.Document) error {
	stored[object.Key] = document.Text()
	return nil
}

func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	code := strings.ReplaceAll(string(source), "func start1(", "func start(")
	found := 0
	for _, block := range regexp.MustCompile("(?s)```go\n(func .*?)```").FindAllStringSubmatch(string(readme), -1) {
		found++
		if !strings.Contains(code, block[1]) {
			t.Errorf("README.md has\n%swhich is not in readme_test.go", block[1])
		}
	}
	if found != 4 {
		t.Errorf("%d functions in README.md", found)
	}
}

// s3Event is the event of an object that was put.
func s3Event(w *world, object textractclient.S3Object, content string) []byte {
	w.put(object, content)
	return []byte(`{"Records":[` + s3Record(object.Bucket, object.Key) + `]}`)
}

func s3Record(bucket, key string) string {
	return fmt.Sprintf(`{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}`, bucket, key)
}

// The worker of the README with jobs that succeed, succeed in part and fail, an event that comes
// twice, and a document that is overwritten.
func TestReadmeWorker(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		stored = make(map[string]string)
		outcomes := map[string]textracttest.Outcome{}
		w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
			content, _ := w.S3.Get(r.DocumentLocation.S3Object.Bucket, r.DocumentLocation.S3Object.Name)
			outcome := outcomes[r.DocumentLocation.S3Object.Name]
			outcome.Takes, outcome.Items = 5*time.Minute, []any{line("1", string(content), 1)}
			return outcome
		}
		outcomes["part.pdf"] = textracttest.Outcome{
			Status:   "PARTIAL_SUCCESS",
			Warnings: []any{types.Warning{ErrorCode: aws.String("BAD"), Pages: []int32{2}}},
		}
		outcomes["failed.pdf"] = textracttest.Outcome{Status: "FAILED"}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- work(ctx, w.client) }()

		deliver := func(key, content string) {
			t.Helper()
			event := s3Event(w, textractclient.S3Object{Bucket: "documents", Key: key}, content)
			for range 2 { // S3 delivers at least once
				if err := start1(t.Context(), w.client, event); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(time.Hour)
		}
		deliver("good.pdf", "good")
		deliver("part.pdf", "half")
		deliver("failed.pdf", "never")
		deliver("good.pdf", "changed")
		outcomes["failed.pdf"] = textracttest.Outcome{} // fixed
		deliver("failed.pdf", "never")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if stored["good.pdf"] != "changed\n" || stored["part.pdf"] != "half\n" || stored["failed.pdf"] != "never\n" {
			t.Errorf("stored %q", stored)
		}
		if w.jobs() != 5 {
			t.Errorf("%d jobs, want 5: a repeated event bills nothing", w.jobs())
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetterQueue()) != 0 {
			t.Errorf("%d wait, %d are in flight", waiting, inFlight)
		}
	})
}

// A document that cannot be started does not keep the others of its event from being read.
func TestReadmeStarterGoesOn(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for key, value := range map[string]string{
			textractclient.EnvTopicARN: w.config.TopicARN, textractclient.EnvRoleARN: w.config.RoleARN, textractclient.EnvQueueURL: w.config.QueueURL,
		} {
			t.Setenv(key, value)
		}
		client, err := connect(w.Config())
		if err != nil {
			t.Fatal(err)
		}
		event := fmt.Sprintf(`{"Records":[%s,%s]}`, s3Record("documents", "deleted.pdf"), s3Record(letter.Bucket, letter.Key))
		w.put(letter, "x")
		for range 2 {
			if err := start1(t.Context(), client, []byte(event)); err == nil || !strings.Contains(err.Error(), "deleted.pdf") {
				t.Errorf("error %v", err)
			}
		}
		if w.jobs() != 1 {
			t.Errorf("%d jobs, want 1", w.jobs())
		}
	})
}

func TestReadmeReadOne(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		status := ""
		w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
			content, _ := w.S3.Get(r.DocumentLocation.S3Object.Bucket, r.DocumentLocation.S3Object.Name)
			return textracttest.Outcome{Status: status, Takes: 5 * time.Minute, Items: []any{line("1", string(content), 1)}}
		}
		for _, step := range []struct {
			content, status, want string
			jobs                  int
		}{
			{"first", "SUCCEEDED", "first\n", 1},
			{"first", "SUCCEEDED", "first\n", 1},
			{"second", "PARTIAL_SUCCESS", "second\n", 2},
			{"third", "FAILED", "", 3},
			{"third", "SUCCEEDED", "third\n", 4},
		} {
			status = step.status
			w.put(letter, step.content)
			got, err := readOne(t.Context(), w.client, letter)
			if got != step.want || errors.Is(err, textractclient.ErrJobFailed) != (step.status == "FAILED") ||
				(err != nil) != (step.status == "FAILED") {
				t.Errorf("%+v: text %q, error %v", step, got, err)
			}
			if w.jobs() != step.jobs {
				t.Errorf("%+v: %d jobs", step, w.jobs())
			}
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
			t.Errorf("%d messages stay in the queue", waiting+inFlight)
		}
	})
}
