package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/localapi"
)

var kills = flag.Int("kills", 6, "how many processes are killed")

// isCommand makes a process of the test's binary the command.
const isCommand = "TEXTRACT_ASYNC_IS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(isCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// world is the API of the command local over documents, and a process that may be killed at a call.
type world struct {
	*localapi.API
	folder string
	args   []string
	env    []string

	calls atomic.Int64
	death atomic.Pointer[death]
}

// death is when and how a process is killed.
type death struct {
	call   int64
	moment int
	ctx    context.Context
	kill   context.CancelFunc
}

const documents = 8

func newWorld(t *testing.T, ownQueue bool) *world {
	t.Helper()
	w := &world{folder: filepath.Join(t.TempDir(), "read")}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	var err error
	w.API, err = localapi.New(server.URL, localapi.Options{JobTime: 100 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range documents {
		w.S3.Put(localapi.DocumentBucket, keyOf(i), []byte(keyOf(i)))
	}
	w.args = []string{"batch", "--out", w.folder, "s3://" + localapi.DocumentBucket + "/"}
	w.env = []string{
		isCommand + "=1", "HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + server.URL, "AWS_REGION=" + localapi.Region,
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
	}
	if ownQueue {
		w.args = append(w.args, "--own-queue")
		w.env = append(w.env, "TEXTRACT_SNS_TOPIC_ARN="+localapi.TopicARN, "TEXTRACT_ROLE_ARN="+localapi.RoleARN, "TEXTRACT_QUEUE_URL="+w.QueueURL)
	}
	return w
}

func keyOf(i int) string { return fmt.Sprintf("%d.pdf", i) }

// The moments of a kill, with the number of a call of Textract.
const (
	beforeItsResponse      = iota // the job is started, which the process never learns
	beforeTheCall                 // which the journal may announce
	whileResultsAreWritten        // which may be in their place, and not in the journal
	moments
)

// ServeHTTP kills the process at its call of Textract of that number.
func (w *world) ServeHTTP(response http.ResponseWriter, r *http.Request) {
	death := w.death.Load()
	if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), "Textract.") || w.calls.Add(1) != death.call {
		w.API.ServeHTTP(response, r)
		return
	}
	if death.moment == whileResultsAreWritten {
		w.API.ServeHTTP(response, r)
		go func() {
			for w.beingWritten() == 0 && death.ctx.Err() == nil {
				time.Sleep(100 * time.Microsecond)
			}
			death.kill()
		}()
		return
	}
	body, _ := io.ReadAll(r.Body) // the end of a request is seen after its body
	r.Body = io.NopCloser(bytes.NewReader(body))
	if death.moment == beforeItsResponse {
		w.API.ServeHTTP(httptest.NewRecorder(), r)
	}
	death.kill()
	<-r.Context().Done() // the process is gone
}

// beingWritten counts the folders of results that are not in their place yet.
func (w *world) beingWritten() int {
	folders, _ := os.ReadDir(filepath.Join(w.folder, ".textract-async-batch.partial"))
	return len(folders)
}

// process runs the command until it has read all documents, or is killed at a call.
func (w *world) process(t *testing.T, call int64, moment int) (killed bool) {
	t.Helper()
	timeout, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	ctx, kill := context.WithCancel(timeout)
	defer kill()
	w.calls.Store(0)
	w.death.Store(&death{call, moment, ctx, kill})
	command := exec.CommandContext(ctx, os.Args[0], w.args...) // the end of ctx is a SIGKILL
	command.Env = w.env
	output, err := command.CombinedOutput()
	switch {
	case command.ProcessState.Success():
		return false
	case timeout.Err() != nil, ctx.Err() == nil:
		t.Fatalf("%v, %v\n%s", errors.Join(err, timeout.Err()), w.args, output)
	}
	return true
}

// check compares with what a run without interruptions comes to.
func (w *world) check(t *testing.T) {
	t.Helper()
	started, done, written := map[string]int{}, map[string]int{}, map[string]int{}
	for _, request := range w.Textract.Started() {
		started[request.DocumentLocation.S3Object.Name]++
	}
	journal, err := os.ReadFile(filepath.Join(w.folder, ".textract-async-batch.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(journal)) {
		var r struct{ Event, Key string }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Errorf("journal: %v in %q", err, line)
		}
		if r.Event == "done" {
			done[r.Key]++
		}
	}
	entries, err := os.ReadDir(w.folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			continue // journal and lock
		}
		text, err := os.ReadFile(filepath.Join(w.folder, entry.Name(), "text.txt"))
		if err != nil {
			t.Error(err)
		}
		_, key, _ := strings.Cut(strings.TrimSpace(string(text)), "Document: "+localapi.DocumentBucket+"/")
		written[key]++
	}
	for i := range documents {
		if key := keyOf(i); started[key] != 1 || done[key] != 1 || written[key] != 1 {
			t.Errorf("%s: %d jobs, %d times done, %d results", key, started[key], done[key], written[key])
		}
	}
	if len(written) != documents {
		t.Errorf("results of %v", written)
	}
}

// Processes that are killed at any call leave nothing half done: each document is started once, and
// its results are written once.
func TestKilledProcesses(t *testing.T) {
	for name, ownQueue := range map[string]bool{"own queue": true, "no queue": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // they mostly wait
			killed := 0
			for seed := uint64(0); killed < *kills/2; seed++ {
				random := rand.New(rand.NewPCG(seed, 3))
				w := newWorld(t, ownQueue)
				call := func() int64 {
					if killed == *kills/2 {
						return 0 // never
					}
					return 1 + random.Int64N(documents)
				}
				for w.process(t, call(), killed%moments) {
					killed++
				}
				if w.check(t); t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
			t.Logf("killed %d times", killed)
		})
	}
}
