package textractclient_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// uploadWorld has a bucket whose uploads go to a queue, and a worker that starts jobs for them.
type uploadWorld struct {
	*textracttest.AWS
	uploads, notifications *textracttest.Queue
	client                 *textractclient.Client
}

const uploadTopic = "arn:aws:sns:us-east-1:123456789012:AmazonTextractUploads"

func newUploadWorld(t *testing.T) *uploadWorld {
	t.Helper()
	w := &uploadWorld{
		AWS: textracttest.New(), uploads: textracttest.NewQueue("uploads", 5), notifications: textracttest.NewQueue("notifications", 5),
	}
	w.AddQueue(w.uploads)
	w.AddQueue(w.notifications)
	w.Textract.Subscribe(uploadTopic, w.notifications, false)
	var err error
	w.client, err = textractclient.New(w.Config(), textractclient.Config{
		TopicARN: uploadTopic, RoleARN: "arn:aws:iam::123456789012:role/Textract", QueueURL: w.notifications.URL,
		Output: &textractclient.Output{Bucket: "documents", Prefix: "out"}, // in the bucket of the uploads
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// listen runs the worker for a time.
func (w *uploadWorld) listen(t *testing.T, d time.Duration) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), d)
	defer stop()
	if err := w.client.ListenUploads(ctx, w.uploads.URL, detectText); err != nil {
		t.Error(err)
	}
}

func detectText(document textractclient.S3Object) (textractclient.StartInput, bool) {
	return textractclient.StartInput{Operation: textractclient.TextDetection}, strings.HasSuffix(document.Key, ".pdf")
}

func (w *uploadWorld) started() []string {
	var keys []string
	for _, request := range w.Textract.Started() {
		keys = append(keys, request.DocumentLocation.S3Object.Name)
	}
	slices.Sort(keys)
	return keys
}

var uploadedKeys = []string{"50% done.pdf", "50%25.pdf", "a+b.pdf", "in/für 1.pdf"}

func TestListenUploadsStartsAJobForEachUpload(t *testing.T) {
	for name, send := range map[string]func(w *uploadWorld, key string, content []byte){
		"S3": func(w *uploadWorld, key string, content []byte) {
			w.uploads.Send(textracttest.S3Event("documents", key, content))
		},
		"S3 through SNS": func(w *uploadWorld, key string, content []byte) {
			w.uploads.Send(textracttest.Envelope(textracttest.S3Event("documents", key, content)))
		},
		"EventBridge": func(w *uploadWorld, key string, content []byte) {
			w.uploads.Send(textracttest.EventBridgeEvent("documents", key, content))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newUploadWorld(t)
				for _, key := range append([]string{"notes.txt", "out/0a1b/1", "out/own.pdf"}, uploadedKeys...) {
					content := []byte("%PDF " + key)
					w.S3.Put("documents", key, content)
					for range 3 { // SQS and S3 deliver at least once
						send(w, key, content)
					}
				}
				w.listen(t, time.Minute)
				if diff := cmp.Diff(uploadedKeys, w.started()); diff != "" {
					t.Errorf("started, -want +got:\n%s", diff)
				}
				if visible, inFlight := w.uploads.Count(); visible+inFlight+len(w.uploads.DeadLetterQueue()) > 0 {
					t.Errorf("%d messages wait, %d are in flight, %q are dead", visible, inFlight, w.uploads.DeadLetterQueue())
				}
				if waiting, _ := w.notifications.Count(); waiting != len(uploadedKeys) {
					t.Errorf("%d notifications, want %d", waiting, len(uploadedKeys))
				}
			})
		})
	}
}

// The results of a job are uploads too: each would start the next job.
func TestListenUploadsDoesNotReadResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newUploadWorld(t)
		w.S3.Subscribe("documents", "", w.uploads)
		w.S3.Put("documents", "a.pdf", []byte("%PDF"))
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		everything := func(textractclient.S3Object) (textractclient.StartInput, bool) {
			return textractclient.StartInput{Operation: textractclient.LendingAnalysis}, true
		}
		if err := w.client.ListenUploads(ctx, w.uploads.URL, everything); err != nil {
			t.Error(err)
		}
		if got := w.started(); !slices.Equal(got, []string{"a.pdf"}) {
			t.Errorf("started %q", got)
		}
	})
}

func TestListenUploadsReadsADocumentThatWasOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newUploadWorld(t)
		w.S3.Subscribe("documents", "", w.uploads)
		for _, content := range []string{"%PDF 1", "%PDF 2", "%PDF 2"} {
			w.S3.Put("documents", "a.pdf", []byte(content))
			w.listen(t, time.Minute)
		}
		if got := w.started(); !slices.Equal(got, []string{"a.pdf", "a.pdf"}) {
			t.Errorf("started %q", got)
		}
	})
}

// A quota that is full for hours loses nothing, and what can never be started is in the dead-letter
// queue while the others are started.
func TestListenUploadsLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newUploadWorld(t)
		w.Textract.MaxJobs = 1
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: 3 * time.Hour}
		}
		w.S3.Subscribe("documents", "", w.uploads)
		for _, key := range uploadedKeys {
			w.S3.Put("documents", key, []byte("%PDF "+key))
		}
		gone := textracttest.S3Event("documents", "gone.pdf", nil)
		w.uploads.Send(gone)
		w.uploads.Send("{}")
		w.listen(t, 72*time.Hour)
		if diff := cmp.Diff(uploadedKeys, w.started()); diff != "" {
			t.Errorf("started, -want +got:\n%s", diff)
		}
		dead := slices.Sorted(slices.Values(w.uploads.DeadLetterQueue()))
		if diff := cmp.Diff([]string{gone, "{}"}, dead); diff != "" {
			t.Errorf("dead-letter queue, -want +got:\n%s", diff)
		}
	})
}

func TestListenUploadsCallsNoHookOfCompletedJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newUploadWorld(t)
		calls := make(map[string]int)
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: time.Second}
		}
		client, err := textractclient.New(
			w.Config(),
			textractclient.Config{TopicARN: uploadTopic, RoleARN: "arn:aws:iam::123456789012:role/Textract"},
			func(o *textractclient.Options) {
				o.Hooks.Started = func(textractclient.JobEvent) { calls["started"]++ }
				o.Hooks.Completed = func(textractclient.JobEvent) { calls["completed"]++ }
			},
		)
		if err != nil {
			t.Fatal(err)
		}
		w.client = client
		w.S3.Subscribe("documents", "", w.uploads)
		w.S3.Put("documents", "a.pdf", []byte("%PDF"))
		w.listen(t, time.Minute)
		if want := map[string]int{"started": 1}; !maps.Equal(calls, want) {
			t.Errorf("hooks %v, want %v", calls, want)
		}
	})
}

func TestListenUploadsRejects(t *testing.T) {
	w := newUploadWorld(t)
	withoutTopic, err := textractclient.New(w.Config(), textractclient.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		client    *textractclient.Client
		url, want string
		request   func(textractclient.S3Object) (textractclient.StartInput, bool)
	}{
		{w.client, "", "queue URL of uploads is empty", detectText},
		{w.client, "arn:aws:sqs:us-east-1:123456789012:uploads", "use the queue's URL", detectText},
		{w.client, w.notifications.URL, "receives the notifications of jobs", detectText},
		{w.client, w.uploads.URL, "request is nil", nil},
		{withoutTopic, w.uploads.URL, "topic ARN is empty", detectText},
	} {
		err := row.client.ListenUploads(t.Context(), row.url, row.request)
		if !errors.Is(err, textractclient.ErrInvalidInput) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v", row.want, err)
		}
	}
}
