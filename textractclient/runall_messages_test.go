package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// readAll returns an error where an outcome without one has no complete results.
func readAll(ctx context.Context, o *textractclient.Outcome) error {
	if o.Err != nil {
		return nil
	}
	for _, err := range o.Results(ctx) {
		if err != nil {
			return fmt.Errorf("%s, status %s: %w", o.Input.Document.Key, o.Status, err)
		}
	}
	return nil
}

// Who may send to the queue can send a message for a job that is in progress. It decides nothing:
// the outcome is that of the Get action, when the job completes.
func TestRunAllBelievesNoMessage(t *testing.T) {
	for _, stored := range []bool{false, true} {
		for _, status := range []string{"SUCCEEDED", "PARTIAL_SUCCESS", "FAILED"} {
			t.Run(fmt.Sprintf("%s, results in a bucket: %v", status, stored), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var change []func(*textractclient.Config)
					if stored {
						change = append(change, withOutput)
					}
					w := newWorld(t, change...)
					begin := time.Now()
					var started atomic.Int64
					w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
						id := fmt.Sprintf("%064x", started.Add(1)) // as the fake numbers its jobs
						for _, after := range []time.Duration{0, time.Second, time.Minute} {
							time.AfterFunc(after, func() {
								w.queue.Send(textracttest.Notification(id, status, "StartDocumentTextDetection", "", "documents", "key"))
							})
						}
						return textracttest.Outcome{Takes: 10 * time.Minute, Items: []any{line("1", "text", 1)}}
					}
					var told outcomes
					err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(20, true)),
						func(ctx context.Context, o *textractclient.Outcome) error {
							if o.Err != nil || o.Status != types.JobStatusSucceeded || time.Since(begin) < 10*time.Minute {
								t.Errorf("after %s: status %s, %v", time.Since(begin), o.Status, o.Err)
							}
							return errors.Join(readAll(ctx, o), told.handle(ctx, o))
						}, ownQueue)
					if err != nil || len(told.keys) != 20 {
						t.Errorf("%v; told of %d documents", err, len(told.keys))
					}
					if took := time.Since(begin); took > 15*time.Minute {
						t.Errorf("it took %s", took)
					}
					time.Sleep(time.Hour) // what is not deleted is visible again
					if bodies := w.queue.Bodies(); len(bodies) > 0 {
						t.Errorf("%d messages are left", len(bodies))
					}
				})
			})
		}
	}
}

// Completions of an earlier run's jobs are deleted, those of others stay.
func TestRunAllDeletesMessagesOfEarlierRuns(t *testing.T) {
	for _, jobs := range []int{0, 3} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(time.Minute)
			ours := strings.Repeat("a", 64)
			for range 25 {
				w.queue.Send(textracttest.Notification(ours, "SUCCEEDED", "StartDocumentTextDetection", "", "documents", "key"))
			}
			known := func(o *textractclient.RunOptions) {
				o.OwnQueue = true
				o.KnownJob = func(id string) bool { return id == ours }
			}
			run := func() {
				t.Helper()
				if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(jobs, true)), new(outcomes).handle, known); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour) // what is not deleted is visible again
			}
			run()
			if bodies := w.queue.Bodies(); len(bodies) > 0 {
				t.Errorf("%d jobs: %d messages are left", jobs, len(bodies))
			}
			if warnings := w.log.count("WARN"); warnings > 0 {
				t.Errorf("%d warnings: %s", warnings, *w.log.lines)
			}
			theirs := strings.Repeat("e", 64)
			others := textracttest.Notification(theirs, "SUCCEEDED", "StartDocumentTextDetection", "", "documents", "key")
			w.queue.Send(others)
			run()
			if bodies := w.queue.Bodies(); !slices.Equal(bodies, []string{others}) {
				t.Errorf("%d jobs: the queue has %q", jobs, bodies)
			}
			warnings := w.log.count("WARN the queue has messages that are not of this run's jobs")
			if warnings != 1 || w.log.count("<nil>") > 0 || w.log.count(theirs) != 1 {
				t.Errorf("%d warnings: %s", warnings, *w.log.lines)
			}
		})
	}
}

// An outcome that a repetition may change says so, whichever call failed.
func TestRunAllTellsTransientErrors(t *testing.T) {
	for _, action := range []string{"Start", "Get"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(10 * time.Second)
			w.Textract.StartRate = textracttest.Rate{PerSecond: 2}
			inputs := w.putNumbered(100, false)
			bad := numbered(3)
			if action == "Get" {
				bad = strings.Repeat("0", 63) + "4" // the fourth job
			}
			w.fail(t, func(called, body string) string {
				if strings.HasPrefix(called, action) && strings.Contains(body, bad) {
					return "InternalServerError"
				}
				return ""
			})
			var told outcomes
			if err := w.client.RunAll(t.Context(), slices.Values(inputs), told.handle); err != nil {
				t.Fatal(err)
			}
			failed := 0
			for key, o := range told.all {
				if o.Err == nil {
					continue
				}
				if failed++; !errors.Is(o.Err, textractclient.ErrUnavailable) {
					t.Errorf("%s: %s: %v", action, key, o.Err)
				}
			}
			if failed != 1 {
				t.Errorf("%s: %d documents failed", action, failed)
			}
		})
	}
}

// S3 may respond with 503 for a while: the document is looked up all the same.
func TestStatIsRepeated(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		document := textractclient.S3Object{Bucket: "documents", Key: "k.pdf"}
		w.put(document, "%PDF")
		unavailable := textracttest.Fault{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable}
		w.Fail("HeadObject", unavailable, unavailable, unavailable, unavailable)
		if found, err := w.client.Stat(t.Context(), document); err != nil || found.ETag == "" {
			t.Errorf("%+v, %v", found, err)
		}
		w.Fail("HeadObject", slices.Repeat([]textracttest.Fault{unavailable}, 100)...)
		if _, err := w.client.Stat(t.Context(), document); !errors.Is(err, textractclient.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	})
}

// A key may begin with a slash. Without it, it is another object's.
func TestKeysBeginWithASlash(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.succeed(line("1", "text", 1))
		for _, key := range []string{"/scans/a.pdf", "//a.pdf", "a//b.pdf"} {
			document := textractclient.S3Object{Bucket: "documents", Key: key}
			w.put(document, "%PDF")
			in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: document, WithoutNotification: true}
			job, err := w.client.Start(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			if sent := w.Textract.Started()[job.ID].DocumentLocation.S3Object.Name; sent != key {
				t.Errorf("%q was sent as %q", key, sent)
			}
			var listed []string
			for object, err := range w.client.List(t.Context(), "documents", key) {
				if err != nil {
					t.Fatal(err)
				}
				listed = append(listed, object.Key)
			}
			if !slices.Equal(listed, []string{key}) {
				t.Errorf("%q: listed %q", key, listed)
			}
			in.Document.Key = key + "x"
			_, err = w.client.Start(t.Context(), in)
			if hints := err != nil &&
				strings.Contains(err.Error(), "begins with a slash"); err == nil ||
				hints != strings.HasPrefix(key, "/") {
				t.Errorf("%q without an object: %v", key, err)
			}
		}
	})
}
