package batch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

func in(account, region string) func(*Options) {
	return func(o *Options) { o.Plan.Account, o.Plan.Region = account, region }
}

// Jobs are those of an account and a Region. A repetition in another one does nothing, and says so.
func TestJournalKnowsWhereItRan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5, false)
		first := in("111111111111", "eu-west-1")
		if _, err := w.process(t, 0, first); err != nil {
			t.Fatal(err)
		}
		calls := w.events.Load()
		for _, other := range []func(*Options){in("222222222222", "eu-west-1"), in("111111111111", "us-east-1")} {
			listed := false
			var elsewhere *EnvironmentError
			_, err := w.process(t, 0, other, func(o *Options) { o.Opened = func() error { listed = true; return nil } })
			if !errors.As(err, &elsewhere) || listed || w.events.Load() > 1 { // the journal is closed
				t.Errorf("%v, listed %v, %d calls of %d", err, listed, w.events.Load(), calls)
			}
			for _, named := range []string{"account 111111111111, Region eu-west-1", elsewhere.Now.Account + ", Region " + elsewhere.Now.Region} {
				if err != nil && !strings.Contains(err.Error(), named) {
					t.Errorf("%v does not name %q", err, named)
				}
			}
		}
		if summary, err := w.process(t, 0, first); err != nil || summary.EarlierDone != 5 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

// A job that Textract does not know, though it keeps it for 7 days, is no failure: nothing is
// recorded, and nothing is started again.
func TestUnknownYoungJobsEndTheRun(t *testing.T) {
	for _, retry := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 5, false)
			full := errors.New("disk full")
			if _, err := w.process(t, 0, func(o *Options) {
				o.Write = func(context.Context, *textractclient.Outcome, string) (int, error) { return 0, full }
			}); !errors.Is(err, full) {
				t.Fatal(err)
			}
			started := len(w.Textract.Started())
			time.Sleep(time.Hour)
			journal, err := os.ReadFile(filepath.Join(w.folder, journalName))
			if err != nil {
				t.Fatal(err)
			}
			unknown := textracttest.Fault{Code: "InvalidJobIdException", Status: http.StatusBadRequest}
			for range 5 {
				w.Fail("GetDocumentTextDetection", unknown)
			}
			retryFailed := func(o *Options) { o.RetryFailed = retry }
			summary, err := w.process(t, 0, retryFailed)
			if err == nil || !strings.Contains(err.Error(), "wrong account or Region?") || summary.Failed > 0 {
				t.Errorf("%+v, %v", summary, err)
			}
			now, err := os.ReadFile(filepath.Join(w.folder, journalName))
			if err != nil || strings.Contains(strings.TrimPrefix(string(now), string(journal)), `"failed"`) {
				t.Errorf("%v, journal %s", err, now)
			}
			w.Fail("GetDocumentTextDetection")
			for range 5 { // what is left of the faults
				if _, err = w.process(t, 0, retryFailed); err == nil {
					break
				}
			}
			if err != nil || len(w.Textract.Started()) != 5 {
				t.Errorf("%v; %d jobs were started at first, %d in all", err, started, len(w.Textract.Started()))
			}
		})
	}
}

// What may be read later leaves a document open, and the next run reads it.
func TestTransientErrorsLeaveDocumentsOpen(t *testing.T) {
	for _, cause := range []error{
		textractclient.ErrUnavailable, textractclient.ErrThrottled, textractclient.ErrQuotaExceeded, textractclient.ErrJobInProgress,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, 7, false)
			var mu sync.Mutex
			var told []error
			summary, err := w.process(t, 0, func(o *Options) {
				o.Report = func(_ textractclient.S3Object, err error) {
					mu.Lock()
					defer mu.Unlock()
					told = append(told, err)
				}
				o.Write = func(ctx context.Context, outcome *textractclient.Outcome, folder string) (int, error) {
					if strings.HasSuffix(outcome.Input.Document.Key, "3.pdf") {
						return 0, &UnreadableError{fmt.Errorf("read: %w", cause)}
					}
					return w.write(ctx, outcome, folder)
				}
			})
			if !errors.Is(err, ErrOpen) || summary != (Summary{Done: 6, Pages: 6, Open: 1}) {
				t.Errorf("%v: %+v, %v", cause, summary, err)
			}
			open := 0
			for _, err := range told {
				if errors.Is(err, ErrOpen) && errors.Is(err, cause) {
					open++
				}
			}
			if open != 1 || len(told) != 7 {
				t.Errorf("told %v", told)
			}
			summary, err = w.process(t, 0)
			if err != nil || summary != (Summary{Done: 1, EarlierDone: 6, Pages: 1}) || len(w.Textract.Started()) != 7 {
				t.Errorf("%v, repeated: %+v, %v, %d jobs", cause, summary, err, len(w.Textract.Started()))
			}
		})
	}
}

// An outage ends the run, and fails nothing.
func TestAnOutageEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 40, false)
		w.Textract.Outcome = nil
		summary, err := w.process(t, 0, func(o *Options) {
			o.Write = func(context.Context, *textractclient.Outcome, string) (int, error) {
				return 0, textractclient.ErrUnavailable
			}
		})
		if !errors.Is(err, textractclient.ErrUnavailable) || summary.Failed > 0 || summary.Open > 20 {
			t.Errorf("%+v, %v", summary, err)
		}
		if summary, err := w.process(t, 0); err != nil || summary.Done != 40 || len(w.Textract.Started()) != 40 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

// Messages that say that a job has completed fail no document, whoever sent them.
func TestMessagesOfAStrangerFailNoDocument(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 7, true)
		var started atomic.Int64
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			id := fmt.Sprintf("%064x", started.Add(1)) // as the fake numbers its jobs
			for _, status := range []string{"SUCCEEDED", "FAILED"} {
				time.AfterFunc(time.Second, func() {
					w.queue.Send(textracttest.Notification(id, status, "StartDocumentTextDetection", "", "documents", "key"))
				})
			}
			return textracttest.Outcome{Takes: 5 * time.Minute}
		}
		if summary, err := w.process(t, 0); err != nil || summary != (Summary{Done: 7, Pages: 7}) {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

// Completions that a killed run left in its own queue are deleted by the next ones.
func TestOwnMessagesAreDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 20, true)
		kills := 0
		for {
			_, err := w.process(t, int64(100+20*kills))
			if err == nil {
				break
			}
			kills++
			time.Sleep(time.Second)
		}
		time.Sleep(time.Hour)
		left := len(w.queue.Bodies())
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if bodies := w.queue.Bodies(); len(bodies) > 0 || kills == 0 {
			t.Errorf("%d messages are left of %d, after %d kills", len(bodies), left, kills)
		}
	})
}

// What is wrong with the folder shows before anything is listed.
func TestFolderIsOpenedFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, false)
		if err := os.WriteFile(w.folder, []byte("a file"), 0o600); err != nil {
			t.Fatal(err)
		}
		opened := func(o *Options) { o.Opened = func() error { t.Error("opened"); return nil } }
		if _, err := w.process(t, 0, opened); err == nil || w.events.Load() > 0 {
			t.Errorf("%v, after %d calls", err, w.events.Load())
		}
		if err := os.Remove(w.folder); err != nil {
			t.Fatal(err)
		}
		denied := errors.New("denied")
		if _, err := w.process(t, 0, func(o *Options) { o.Opened = func() error { return denied } }); !errors.Is(err, denied) {
			t.Errorf("got %v", err)
		}
		// Nothing was done: the folder is still that of any plan.
		if _, err := w.process(t, 0, in("111111111111", "eu-west-1")); err != nil {
			t.Error(err)
		}
	})
}
