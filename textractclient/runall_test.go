package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// outcomes records what RunAll told, in order.
type outcomes struct {
	mu   sync.Mutex
	keys []string
	all  map[string]*textractclient.Outcome
}

func (o *outcomes) handle(_ context.Context, outcome *textractclient.Outcome) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.all == nil {
		o.all = make(map[string]*textractclient.Outcome)
	}
	key := outcome.Input.Document.Key
	if o.all[key] != nil {
		return fmt.Errorf("%s was handled twice", key)
	}
	o.keys, o.all[key] = append(o.keys, key), outcome
	return nil
}

// putNumbered stores documents, each with a content of its own, and returns inputs for them.
func (w *world) putNumbered(n int, notify bool) []textractclient.StartInput {
	var inputs []textractclient.StartInput
	for i := range n {
		document := textractclient.S3Object{Bucket: "documents", Key: numbered(i)}
		w.put(document, fmt.Sprint("%PDF-1.7 ", i))
		inputs = append(
			inputs,
			textractclient.StartInput{Operation: textractclient.TextDetection, Document: document, WithoutNotification: !notify},
		)
	}
	return inputs
}

func (w *world) takes(d time.Duration) {
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return textracttest.Outcome{Takes: d} }
}

func ownQueue(o *textractclient.RunOptions) { o.OwnQueue = true }

func TestRunAllTellsOutcomesInOrderOfCompletion(t *testing.T) {
	for _, optFn := range []func(*textractclient.RunOptions){nil, ownQueue} {
		inBubble(t, func(t *testing.T, w *world) {
			w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
				switch r.DocumentLocation.S3Object.Name {
				case numbered(0):
					return textracttest.Outcome{Takes: time.Hour}
				case numbered(1):
					return textracttest.Outcome{Takes: time.Minute, Status: "FAILED", Message: "damaged"}
				}
				return textracttest.Outcome{Takes: 10 * time.Minute, Status: "PARTIAL_SUCCESS"}
			}
			inputs := w.putNumbered(3, optFn != nil)
			missing := inputs[0]
			missing.Document.Key = "missing.pdf"
			var told outcomes
			if err := w.client.RunAll(
				t.Context(), slices.Values(append(inputs, missing, textractclient.StartInput{})), told.handle,
				optFn,
			); err != nil {
				t.Fatal(err)
			}
			want := []string{numbered(1), numbered(2), numbered(0)}
			if len(told.keys) != 5 || !slices.Equal(told.keys[2:], want) {
				t.Errorf("told %v, want the last to be %v", told.keys, want)
			}
			var failed *textractclient.JobError
			if !errors.As(told.all[numbered(1)].Err, &failed) || failed.Message != "damaged" {
				t.Errorf("failed job: %v", told.all[numbered(1)].Err)
			}
			if o := told.all[numbered(2)]; o.Err != nil || o.Status != types.JobStatusPartialSuccess {
				t.Errorf("partial success: %v, %s", o.Err, o.Status)
			}
			if o := told.all["missing.pdf"]; o.Err == nil || o.Job != nil {
				t.Errorf("missing document: %v", o.Err)
			}
			if o := told.all[""]; !errors.Is(o.Err, textractclient.ErrInvalidInput) {
				t.Errorf("invalid input: %v", o.Err)
			}
			if waiting, inFlight := w.queue.Count(); waiting+inFlight > 0 {
				t.Errorf("%d messages are left", waiting+inFlight)
			}
		})
	}
}

// A job that is there already notifies nobody again: it is found all the same, and soon.
func TestRunAllFindsEarlierJobs(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Minute)
		inputs := w.putNumbered(30, true)
		for run := range 2 {
			var told outcomes
			begin := time.Now()
			if err := w.client.RunAll(t.Context(), slices.Values(inputs), told.handle, ownQueue); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); len(told.keys) != 30 || took > 2*time.Minute {
				t.Errorf("run %d told of %d documents, after %s", run, len(told.keys), took)
			}
		}
		if started := len(w.Textract.Started()); started != 30 {
			t.Errorf("%d jobs were started", started)
		}
	})
}

func TestRunAllAsksForEarlierJobsByID(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		inputs := w.putNumbered(2, false)
		job, err := w.client.Start(t.Context(), inputs[0])
		if err != nil {
			t.Fatal(err)
		}
		calls := w.Calls("StartDocumentTextDetection")
		ids := map[string]string{numbered(0): job.ID, numbered(1): strings.Repeat("f", 64)}
		var told outcomes
		err = w.client.RunAll(t.Context(), slices.Values(inputs), told.handle, func(o *textractclient.RunOptions) {
			o.Earlier = func(in textractclient.StartInput) string { return ids[in.Document.Key] }
		})
		if err != nil {
			t.Fatal(err)
		}
		if o := told.all[numbered(0)]; o.Err != nil {
			t.Error(o.Err)
		}
		if o := told.all[numbered(1)]; !errors.Is(o.Err, textractclient.ErrJobUnknown) {
			t.Errorf("forgotten job: %v", o.Err)
		}
		if w.Calls("StartDocumentTextDetection") != calls {
			t.Error("a job was started again")
		}
	})
}

// A notification that is lost, or comes twice, changes nothing.
func TestRunAllOutlastsLostAndRepeatedNotifications(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(30 * time.Second)
		w.Textract.Subscribe(topicARN, w.queue, true) // a second subscription: each comes twice
		inputs := w.putNumbered(40, true)
		for i := range 5 {
			inputs[i].WithoutNotification = true // as if lost
		}
		var told outcomes
		if err := w.client.RunAll(t.Context(), slices.Values(inputs), told.handle, ownQueue); err != nil {
			t.Fatal(err)
		}
		if len(told.keys) != 40 {
			t.Errorf("told of %d documents", len(told.keys))
		}
	})
}

func TestRunAllLeavesMessagesOfOthers(t *testing.T) {
	for _, own := range []bool{false, true} {
		inBubble(t, func(t *testing.T, w *world) {
			w.queue.MaxReceiveCount = 0
			w.takes(time.Minute)
			others := []string{notification("other"), "no notification"}
			for _, body := range others {
				w.queue.Send(body)
			}
			var told outcomes
			err := w.client.RunAll(
				t.Context(), slices.Values(w.putNumbered(20, own)), told.handle,
				func(o *textractclient.RunOptions) { o.OwnQueue = own },
			)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour) // until what was received is visible again
			left := w.queue.Bodies()
			slices.Sort(left)
			slices.Sort(others)
			if !slices.Equal(left, others) {
				t.Errorf("left in the queue: %q, want %q", left, others)
			}
			if warned := w.log.count("not of this run's jobs") > 0; warned != own {
				t.Errorf("warned: %v, want %v", warned, own)
			}
			if !own && w.Calls("ReceiveMessage") > 0 {
				t.Error("a queue that is not RunAll's own was received from")
			}
		})
	}
}

func TestRunAllEndsEarly(t *testing.T) {
	handlerErr := errors.New("disk full")
	for _, test := range []struct {
		name   string
		damage func(w *world)
		handle func(context.Context, *textractclient.Outcome) error
		optFn  func(*textractclient.RunOptions)
		want   string
	}{
		{name: "handler", handle: func(context.Context, *textractclient.Outcome) error { return handlerErr }, want: "disk full"},
		{name: "panic", handle: func(context.Context, *textractclient.Outcome) error { panic("bug") }, want: "panic: bug"},
		{name: "denied", damage: func(w *world) {
			w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "AccessDeniedException", Status: http.StatusBadRequest})
		}, want: "needs the Start action"},
		{name: "expired credentials", damage: func(w *world) {
			w.Fail("GetDocumentTextDetection", textracttest.Fault{Code: "ExpiredTokenException", Status: http.StatusBadRequest})
		}, want: "ExpiredTokenException"},
		{name: "wrong role", damage: func(w *world) {
			w.Fail("StartDocumentTextDetection", slices.Repeat([]textracttest.Fault{{Code: "InvalidParameterException", Status: http.StatusBadRequest}}, 100)...)
		}, want: "the first 10 documents were rejected"},
		{name: "no queue", damage: func(w *world) {
			w.Fail("ReceiveMessage", textracttest.Fault{Code: "com.amazonaws.sqs#QueueDoesNotExist", Status: http.StatusBadRequest})
		}, optFn: ownQueue, want: "QueueDoesNotExist"},
		{name: "journal", optFn: func(o *textractclient.RunOptions) {
			o.Started = func(textractclient.StartInput, *textractclient.Job) error { return handlerErr }
		}, want: "disk full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.takes(time.Minute)
				if test.damage != nil {
					test.damage(w)
				}
				var told outcomes
				handle := told.handle
				if test.handle != nil {
					handle = test.handle
				}
				err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(200, false)), handle, test.optFn)
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want an error with %q", err, test.want)
				}
			})
		})
	}
}

func TestRunAllEndsWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var told outcomes
		err := w.client.RunAll(ctx, slices.Values(w.putNumbered(200, true)), told.handle, ownQueue)
		if !errors.Is(err, context.DeadlineExceeded) || len(told.keys) > 0 {
			t.Errorf("got %v, and %d outcomes", err, len(told.keys))
		}
	})
}

func TestRunAllKeepsItsLimits(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Minute)
		most, begin := 0, time.Now()
		var told outcomes
		err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(100, false)), told.handle, func(o *textractclient.RunOptions) {
			o.MaxJobs, o.StartRate = 20, 5
			o.Progress = func(p textractclient.RunProgress) { most = max(most, p.InProgress) }
		})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); most != 20 || took < 5*time.Minute {
			t.Errorf("up to %d jobs, all done after %s", most, took)
		}
	})
}

// Others may use up the quotas for a while.
func TestRunAllOutlastsUsedUpQuotas(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Minute)
		inputs := w.putNumbered(50, false)
		w.Textract.MaxJobs = 1
		if _, err := w.client.Start(t.Context(), inputs[0]); err != nil {
			t.Fatal(err)
		}
		w.Fail(
			"StartDocumentTextDetection",
			slices.Repeat(
				[]textracttest.Fault{{Code: "ThrottlingException", Status: 400}, {}, {Code: "InternalServerError", Status: 500}},
				4,
			)...)
		w.Fail("GetDocumentTextDetection", slices.Repeat([]textracttest.Fault{{Code: "ThrottlingException", Status: 400}, {}}, 4)...)
		var told outcomes
		if err := w.client.RunAll(t.Context(), slices.Values(inputs[1:]), told.handle); err != nil {
			t.Fatal(err)
		}
		if len(told.keys) != 49 {
			t.Errorf("told of %d documents", len(told.keys))
		}
	})
}

func TestRunAllNamesWrongOptions(t *testing.T) {
	w := newWorld(t, func(c *textractclient.Config) { c.QueueURL = "" })
	err := w.client.RunAll(t.Context(), nil, nil, func(o *textractclient.RunOptions) {
		o.StartRate, o.MaxJobs, o.Workers, o.OwnQueue = -1, -2, 0, true
	})
	if !errors.Is(err, textractclient.ErrInvalidInput) {
		t.Fatal(err)
	}
	for _, want := range []string{"inputs are nil", "handler is nil", "start rate -1", "maximum of jobs -2", "workers 0", "queue URL is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %q", err, want)
		}
	}
}

// The inputs are asked for as they are needed, and nothing is kept of those that are done.
func TestRunAllTakesInputsAsNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.takes(time.Minute)
		w.putNumbered(300, false)
		taken, handled, most := 0, 0, 0
		var mu sync.Mutex
		inputs := func(yield func(textractclient.StartInput) bool) {
			for in := range numberedInputs(300, false) {
				mu.Lock()
				taken++
				most = max(most, taken-handled)
				mu.Unlock()
				if !yield(in) {
					return
				}
			}
		}
		err := w.client.RunAll(t.Context(), inputs, func(context.Context, *textractclient.Outcome) error {
			mu.Lock()
			defer mu.Unlock()
			handled++
			return nil
		}, func(o *textractclient.RunOptions) { o.MaxJobs = 10 })
		if err != nil || handled != 300 || most > 60 {
			t.Errorf("%v; %d handled, up to %d taken ahead", err, handled, most)
		}
	})
}
