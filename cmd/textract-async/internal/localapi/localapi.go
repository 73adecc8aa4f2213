// Package localapi is an API of SQS, S3 and Textract for development: the fake of textracttest,
// with documents of a folder, and answers that were saved or are generated.
package localapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/fakestack"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// The names of what the API has. They are those of no real account.
const (
	Region         = "us-east-1"
	Account        = "123456789012"
	StackName      = "Local"
	DocumentBucket = "documents"
	OutputBucket   = "results"
	OutputPrefix   = "textract_output"
	TopicARN       = "arn:aws:sns:" + Region + ":" + Account + ":AmazonTextract-Local"
	RoleARN        = "arn:aws:iam::" + Account + ":role/Textract-Local"
	callerRoleARN  = "arn:aws:iam::" + Account + ":role/Caller-Local"
	maxReceives    = 5
)

// Options are the settings of an API.
type Options struct {
	// Documents is a folder whose files are in the document bucket. Empty: none.
	Documents string
	// Answers is a folder with saved responses. Empty: all answers are generated.
	Answers string
	// JobTime is the duration of a job.
	JobTime time.Duration
	// MaxJobs, StartRate and GetRate are quotas. 0: none.
	MaxJobs            int
	StartRate, GetRate float64
	// Log receives the requests and what happens to jobs.
	Log *slog.Logger
}

// API is an http.Handler of all services.
type API struct {
	*fakestack.AWS
	// QueueURL is the queue of completion notifications, and UploadQueueURL that of uploads.
	QueueURL, UploadQueueURL string

	options Options
	files   map[string]fileState
}

type fileState struct {
	size     int64
	modified time.Time
}

// New returns an API at an endpoint such as http://127.0.0.1:4571.
func New(endpoint string, o Options) (*API, error) {
	if o.Answers != "" {
		if _, err := os.ReadDir(o.Answers); err != nil {
			return nil, err
		}
	}
	a := &API{AWS: fakestack.New(), options: o, files: make(map[string]fileState)}
	a.Account = Account
	newQueue := func(name string) *textracttest.Queue {
		queue := textracttest.NewQueue(name, maxReceives)
		queue.URL = endpoint + "/" + Account + "/" + name
		a.AddQueue(queue)
		return queue
	}
	notifications, uploads := newQueue("notifications"), newQueue("uploads")
	a.QueueURL, a.UploadQueueURL = notifications.URL, uploads.URL
	a.Textract.Subscribe(TopicARN, notifications, false)
	a.S3.Subscribe(DocumentBucket, "", uploads)
	a.Textract.Outcome, a.Textract.NewJobID = a.outcome, newJobID
	a.Textract.MaxJobs = o.MaxJobs
	a.Textract.StartRate = textracttest.Rate{PerSecond: o.StartRate}
	a.Textract.GetRate = textracttest.Rate{PerSecond: o.GetRate}
	a.AddStack(StackName, map[string]string{
		"TopicArn": TopicARN, "QueueUrl": a.QueueURL, "ServiceRoleArn": RoleARN, "CallerRoleArn": callerRoleARN,
		"DocumentBucketName": DocumentBucket, "OutputBucketName": OutputBucket, "OutputPrefix": OutputPrefix,
	})
	return a, a.readDocuments()
}

// newJobID differs from run to run, as programs remember jobs.
func newJobID() string {
	id := make([]byte, 32)
	_, _ = rand.Read(id) // it never fails
	return hex.EncodeToString(id)
}

// ServeHTTP logs the call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.options.Log.Debug("call", "method", r.Method, "host", r.Host, "path", r.URL.Path, "target", r.Header.Get("X-Amz-Target"))
	a.AWS.ServeHTTP(w, r)
}

// watchInterval is how often the folder of documents is looked at.
const watchInterval = 500 * time.Millisecond

// Watch stores the files that are added to the folder of documents, or change, until ctx ends.
func (a *API) Watch(ctx context.Context) {
	if a.options.Documents == "" {
		return
	}
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := a.readDocuments(); err != nil {
				a.options.Log.Warn("folder of documents not read", "error", err)
			}
		}
	}
}

// readDocuments stores the files that are new or changed, under their paths in the folder.
func (a *API) readDocuments() error {
	if a.options.Documents == "" {
		return nil
	}
	root := a.options.Documents
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := os.Stat(path) // a link is what it leads to
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		state := fileState{info.Size(), info.ModTime()}
		if a.files[path] == state {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		a.files[path] = state
		a.S3.Put(DocumentBucket, filepath.ToSlash(name), content)
		return nil
	})
}
