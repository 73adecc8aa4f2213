package batch

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

var kills = flag.Int("kills", 40, "how many times runs are killed")

const (
	topicARN = "arn:aws:sns:us-east-1:123456789012:AmazonTextractTest"
	roleARN  = "arn:aws:iam::123456789012:role/Textract"
)

// world is a fake of AWS with documents, and a process that may be killed at any event: a call, or
// a write to the journal or of results.
type world struct {
	*textracttest.AWS
	queue    *textracttest.Queue
	folder   string
	ownQueue bool

	events atomic.Int64
	killAt atomic.Int64 // 0: never
	kill   context.CancelFunc

	mu      sync.Mutex
	written map[string]int // results, by key
}

var errKilled = errors.New("killed")

func newWorld(t *testing.T, documents int, ownQueue bool) *world {
	t.Helper()
	w := &world{
		AWS: textracttest.New(), queue: textracttest.NewQueue("own", 0), folder: filepath.Join(t.TempDir(), "read"), ownQueue: ownQueue,
		written: make(map[string]int),
	}
	w.AddQueue(w.queue)
	w.Textract.Subscribe(topicARN, w.queue, false)
	w.Latency = 20 * time.Millisecond
	w.Textract.NotifyDelay = 100 * time.Millisecond
	w.Textract.StartRate, w.Textract.MaxJobs = textracttest.Rate{PerSecond: 5}, 8
	for i := range documents {
		key := fmt.Sprintf("in/%03d.pdf", i)
		w.S3.Put("documents", key, []byte(key))
	}
	w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
		if strings.HasSuffix(r.DocumentLocation.S3Object.Name, "7.pdf") {
			return textracttest.Outcome{Takes: 2 * time.Second, Status: "FAILED", Message: "damaged"}
		}
		return textracttest.Outcome{Takes: time.Duration(1+int(r.DocumentLocation.S3Object.Name[5])%5) * time.Second}
	}
	return w
}

// happens counts an event, and reports whether the process is dead.
func (w *world) happens() (dead bool) {
	n, at := w.events.Add(1), w.killAt.Load()
	if at > 0 && n == at {
		w.kill()
	}
	return at > 0 && n >= at
}

// Do implements aws.HTTPClient. A process may die before a call reaches AWS, or before it has the
// answer.
func (w *world) do(next aws.HTTPClient) doer {
	return func(r *http.Request) (*http.Response, error) {
		if w.happens() {
			return nil, errKilled
		}
		response, err := next.Do(r)
		if w.happens() {
			return nil, errKilled
		}
		return response, err
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// mortalFile is a journal that may end in the middle of a line.
type mortalFile struct {
	journalFile
	w *world
}

func (f mortalFile) Write(p []byte) (int, error) {
	if f.w.happens() {
		if f.w.events.Load() == f.w.killAt.Load() {
			_, _ = f.journalFile.Write(p[:rand.N(len(p))])
		}
		return 0, errKilled
	}
	return f.journalFile.Write(p)
}

func (f mortalFile) Sync() error {
	if f.w.happens() {
		return errKilled
	}
	return nil // what this process wrote outlasts it
}

// process runs the plan until it is complete, or the process is killed at an event.
func (w *world) process(t *testing.T, killAt int64, change ...func(*Options)) (Summary, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.kill = cancel
	w.events.Store(0)
	w.killAt.Store(killAt)
	cfg := w.Config()
	cfg.HTTPClient = w.do(cfg.HTTPClient)
	config := textractclient.Config{TopicARN: topicARN, RoleARN: roleARN, QueueURL: w.queue.URL}
	client, err := textractclient.New(cfg, config, func(o *textractclient.Options) { o.Logger = slog.New(slog.DiscardHandler) })
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Client: client,
		Folder: w.folder,
		Plan: Plan{
			Inputs: []string{"s3://documents/in/"},
			Start:  textractclient.StartInput{Operation: textractclient.TextDetection, WithoutNotification: !w.ownQueue},
			Config: config,
		},
		Documents:   w.list(ctx, client),
		Write:       w.write,
		Report:      func(textractclient.S3Object, error) {},
		Warn:        func(string, ...any) {},
		Run:         func(o *textractclient.RunOptions) { o.OwnQueue = w.ownQueue },
		wrapJournal: func(file journalFile) journalFile { return mortalFile{file, w} },
	}
	for _, fn := range change {
		fn(&o)
	}
	return Run(ctx, o)
}

func (w *world) list(ctx context.Context, client *textractclient.Client) iter.Seq2[textractclient.S3Object, error] {
	return func(yield func(textractclient.S3Object, error) bool) {
		for object, err := range client.List(ctx, "documents", "in/") {
			if !yield(object.S3Object, err) {
				return
			}
		}
	}
}

func (w *world) write(ctx context.Context, outcome *textractclient.Outcome, folder string) (int, error) {
	document, err := textractdoc.Read(outcome.Results(ctx))
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return 0, err
	}
	if w.happens() {
		return 0, errKilled
	}
	if err := os.WriteFile(filepath.Join(folder, "text.txt"), []byte(document.Text()), 0o600); err != nil {
		return 0, err
	}
	if w.happens() {
		return 0, errKilled
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.written[outcome.Input.Document.Key]++
	return 1, nil
}

// check compares with what a run without interruptions comes to.
func (w *world) check(t *testing.T, documents int) {
	t.Helper()
	starts := make(map[string]int)
	for _, request := range w.Textract.Started() {
		starts[request.DocumentLocation.S3Object.Name]++
	}
	for i := range documents {
		key := fmt.Sprintf("in/%03d.pdf", i)
		want := 1
		if strings.HasSuffix(key, "7.pdf") {
			want = 0
		}
		if starts[key] != 1 || w.written[key] != want {
			t.Errorf("%s: %d jobs and %d results", key, starts[key], w.written[key])
		}
	}
	entries, err := os.ReadDir(w.folder)
	if err != nil {
		t.Fatal(err)
	}
	folders := 0
	for _, entry := range entries {
		if entry.IsDir() {
			folders++
		}
	}
	if want := documents - documents/10; folders != want {
		t.Errorf("%d folders with results, want %d", folders, want)
	}
}

// Killed at random events, again and again, a plan comes to the same end: each document is started
// once, and each result written once.
func TestKilledAtAnyEvent(t *testing.T) {
	const documents = 20
	for _, ownQueue := range []bool{true, false} {
		killed := 0
		for seed := uint64(0); killed < *kills/2; seed++ {
			random := rand.New(rand.NewPCG(seed, 2))
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, documents, ownQueue)
				others := textracttest.Notification(strings.Repeat("e", 64), "SUCCEEDED", "StartDocumentAnalysis", "", "theirs", "key")
				if !ownQueue {
					w.queue.Send(others)
				}
				for alive := false; !alive; {
					_, err := w.process(t, 1+random.Int64N(250))
					switch {
					case err == nil:
						alive = true
					case w.events.Load() < w.killAt.Load():
						t.Fatal(err)
					default:
						killed++
					}
					time.Sleep(time.Duration(random.Int64N(int64(20 * time.Second))))
				}
				w.check(t, documents)
				if bodies := w.queue.Bodies(); !ownQueue && (len(bodies) != 1 || bodies[0] != others) {
					t.Errorf("the queue of others holds %q", bodies)
				}
			})
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		t.Logf("own queue %v: killed %d times", ownQueue, killed)
	}
}

func TestRetryFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 10, false)
		for range 2 { // the second finds nothing to do
			if summary, err := w.process(
				t,
				0,
			); err != nil || summary.Failed+summary.EarlierFailed != 1 ||
				summary.Done+summary.EarlierDone != 9 {
				t.Fatalf("%+v, %v", summary, err)
			}
		}
		outcome := w.Textract.Outcome
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: time.Second}
		}
		summary, err := w.process(t, 0, func(o *Options) { o.RetryFailed = true })
		if err != nil || summary != (Summary{Done: 1, EarlierDone: 9, Pages: 1}) {
			t.Errorf("%+v, %v", summary, err)
		}
		w.Textract.Outcome = outcome
		if started := len(w.Textract.Started()); started != 11 {
			t.Errorf("%d jobs were started", started)
		}
		if summary, err := w.process(
			t, 0, func(o *Options) { o.RetryFailed = true },
		); err != nil || summary.EarlierDone != 10 ||
			summary.Done > 0 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

func TestChangedDocumentIsReadAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, false)
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		w.S3.Put("documents", "in/001.pdf", []byte("changed"))
		if summary, err := w.process(t, 0); err != nil || summary.Done != 1 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

func TestOtherRunsAndPlans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 3, false)
		if err := os.MkdirAll(w.folder, 0o750); err != nil {
			t.Fatal(err)
		}
		release, err := lock(filepath.Join(w.folder, ".textract-async-batch.lock"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.process(t, 0); !errors.Is(err, ErrLocked) {
			t.Errorf("a second run: %v", err)
		}
		release()
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		var other *PlanError
		if _, err := w.process(t, 0, func(o *Options) { o.Plan.Start.JobTag = "other" }); !errors.As(err, &other) {
			t.Errorf("another plan: %v", err)
		}
		name := filepath.Join(w.folder, journalName)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		damaged := strings.Replace(string(text), "\n{", "\n}", 1)
		if err := os.WriteFile(name, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := w.process(t, 0); err == nil || !strings.Contains(err.Error(), "line 2 is damaged") {
			t.Errorf("a damaged journal: %v", err)
		}
	})
}

// fullDisk takes half of what does not fit, as a disk does.
type fullDisk struct {
	journalFile
	left *int
}

func (f fullDisk) Write(p []byte) (int, error) {
	if len(p) > *f.left {
		n, _ := f.journalFile.Write(p[:*f.left])
		*f.left = 0
		return n, syscall.ENOSPC
	}
	*f.left -= len(p)
	return f.journalFile.Write(p)
}

func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 10, false)
		left := 2000
		_, err := w.process(t, 0, func(o *Options) {
			o.wrapJournal = func(file journalFile) journalFile { return fullDisk{file, &left} }
		})
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "write the journal") {
			t.Errorf("got %v", err)
		}
		if summary, err := w.process(t, 0); err != nil || summary.Done+summary.EarlierDone != 9 {
			t.Errorf("%+v, %v", summary, err)
		}
		w.check(t, 10)
	})
}

func TestExpiredJobsAreNotStartedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5, false)
		_, err := w.process(t, 0, func(o *Options) {
			o.Write = func(context.Context, *textractclient.Outcome, string) (int, error) { return 0, io.ErrUnexpectedEOF }
		})
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		started := len(w.Textract.Started())
		time.Sleep(8 * 24 * time.Hour)
		warned := ""
		summary, err := w.process(t, 0, func(o *Options) { o.Warn = func(format string, _ ...any) { warned += format } })
		if err != nil || summary.Failed == 0 || !strings.Contains(warned, "more than 7 days ago") {
			t.Errorf("%+v, %v, warned %q", summary, err, warned)
		}
		if now := len(w.Textract.Started()); started > 5 || now > 5 {
			t.Errorf("%d, and then %d jobs were started for 5 documents", started, now)
		}
	})
}

func TestFolderNames(t *testing.T) {
	seen := make(map[string]bool)
	for _, key := range []string{"a/b.pdf", "a-b.pdf", "A/b.pdf", "../x", "..", "", strings.Repeat("ü/", 400), "a\x00b", ".hidden", "con"} {
		name := folderName("plan", textractclient.S3Object{Bucket: "b", Key: key})
		if seen[name] || len(name) > 120 || notInFolderName.MatchString(name) || strings.HasPrefix(name, ".") {
			t.Errorf("%q has the folder %q", key, name)
		}
		seen[name] = true
	}
}

// A million documents are planned in flat memory: nothing is kept of those that are not done.
func TestPlansAMillionDocumentsInFlatMemory(t *testing.T) {
	b := &run{journal: &journal{salt: ""}, Options: Options{Documents: func(yield func(textractclient.S3Object, error) bool) {
		for i := range 1_000_000 {
			if !yield(textractclient.S3Object{Bucket: "documents", Key: fmt.Sprintf("in/%07d.pdf", i), ETag: "e"}, nil) {
				return
			}
		}
	}}}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	planned := 0
	var most uint64
	for range b.inputs {
		if planned++; planned%100_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapAlloc)
		}
	}
	if planned != 1_000_000 || most > before.HeapAlloc+1<<20 {
		t.Errorf("%d documents planned, with %d bytes more than before", planned, int64(most)-int64(before.HeapAlloc))
	}
}
