package textractclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// faultyTransport answers calls of Textract with an error where decide names one, and passes the
// others on.
type faultyTransport struct {
	next   aws.HTTPClient
	decide func(action, body string) (code string)
}

// Do implements aws.HTTPClient.
func (f faultyTransport) Do(request *http.Request) (*http.Response, error) {
	_, action, found := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	if !found {
		return f.next.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	code := f.decide(action, string(body))
	if code == "" {
		return f.next.Do(request)
	}
	status := http.StatusBadRequest
	if code == "InternalServerError" {
		status = http.StatusInternalServerError
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}},
		Body: io.NopCloser(strings.NewReader(`{"__type":"` + code + `","message":"injected fault"}`)), Request: request,
	}, nil
}

// fail has calls of Textract fail as decide says.
func (w *world) fail(t *testing.T, decide func(action, body string) (code string), optFns ...func(*textractclient.Options)) {
	t.Helper()
	cfg := w.Config()
	cfg.HTTPClient = faultyTransport{cfg.HTTPClient, decide}
	w.client = w.newClient(t, cfg, optFns...)
}

// After Textract throttled all calls for hours, the pace is soon what the quotas allow again.
func TestRunAllRecoversFromHoursOfThrottling(t *testing.T) {
	for _, throttled := range []string{"StartDocumentTextDetection", "GetDocumentTextDetection"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(time.Minute)
			w.Textract.StartRate, w.Textract.GetRate = textracttest.Rate{PerSecond: 5}, textracttest.Rate{PerSecond: 5}
			begin := time.Now()
			from, until := begin.Add(2*time.Minute), begin.Add(3*time.Hour)
			w.fail(t, func(action, _ string) string {
				if now := time.Now(); action == throttled && now.After(from) && now.Before(until) {
					return "ThrottlingException"
				}
				return ""
			})
			var told outcomes
			if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(2000, false)), told.handle); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(until); len(told.keys) != 2000 || took > 20*time.Minute {
				t.Errorf("%s: %d documents, %s after the end of the throttling", throttled, len(told.keys), took)
			}
		})
	}
}

// RunAll tells when nothing was started for minutes.
func TestRunAllWarnsOfLastingThrottling(t *testing.T) {
	for _, code := range []string{"ThrottlingException", "LimitExceededException"} {
		inBubble(t, func(t *testing.T, w *world) {
			until := time.Now().Add(10 * time.Minute)
			w.fail(t, func(action, _ string) string {
				if time.Now().Before(until) && strings.HasPrefix(action, "Start") {
					return code
				}
				return ""
			})
			var told outcomes
			if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(5, false)), told.handle); err != nil {
				t.Fatal(err)
			}
			if warnings := w.log.count("WARN Textract throttles"); warnings < 3 || warnings > 11 {
				t.Errorf("%s for ten minutes: %d warnings", code, warnings)
			}
		})
	}
}

// A start that Textract throttles is a matter of course while RunAll learns the pace.
func TestRunAllDoesNotWarnOfUsualThrottling(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.StartRate, w.Textract.GetRate = textracttest.Rate{PerSecond: 5}, textracttest.Rate{PerSecond: 5}
		w.Textract.MaxJobs = 20
		w.takes(time.Minute)
		throttled := make(map[string]int)
		w.fail(t, func(string, string) string { return "" }, func(o *textractclient.Options) {
			var mu sync.Mutex
			o.Hooks.Throttled = func(event textractclient.RetryEvent) {
				mu.Lock()
				defer mu.Unlock()
				throttled[event.Action]++
			}
		})
		var told outcomes
		if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(500, false)), told.handle); err != nil {
			t.Fatal(err)
		}
		if warnings := w.log.count("WARN"); warnings > 0 {
			t.Errorf("%d warnings: %s", warnings, *w.log.lines)
		}
		w.log.count("")
		if len(throttled) != 2 {
			t.Errorf("the hook Throttled was called with %v, want a Start and a Get action", throttled)
		}
	})
}

// An early end does not wait for an iterator that waits for something else, such as a slow producer
// of keys.
func TestRunAllEndsWhileInputsWait(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		inputs := w.putNumbered(1, false)
		never := make(chan textractclient.StartInput)
		defer close(never)
		waiting := func(yield func(textractclient.StartInput) bool) {
			if !yield(inputs[0]) {
				return
			}
			for in := range never {
				if !yield(in) {
					return
				}
			}
		}
		diskFull := errors.New("disk full")
		begin := time.Now()
		err := w.client.RunAll(t.Context(), waiting, func(context.Context, *textractclient.Outcome) error { return diskFull })
		if !errors.Is(err, diskFull) || time.Since(begin) > time.Minute {
			t.Errorf("got %v after %s", err, time.Since(begin))
		}
	})
}

// An early end does not wait for status calls that Textract throttles without an end.
func TestRunAllEndsWhileGetIsThrottled(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		inputs := w.putNumbered(20, false)
		inputs[19].Document.Key = "missing.pdf"
		until := time.Now().Add(24 * time.Hour)
		w.fail(t, func(action, _ string) string {
			if strings.HasPrefix(action, "Get") && time.Now().Before(until) {
				return "ThrottlingException"
			}
			return ""
		})
		diskFull := errors.New("disk full")
		begin := time.Now()
		err := w.client.RunAll(t.Context(), slices.Values(inputs), func(context.Context, *textractclient.Outcome) error { return diskFull })
		if !errors.Is(err, diskFull) || time.Since(begin) > 2*time.Minute {
			t.Errorf("got %v after %s", err, time.Since(begin))
		}
	})
}

func TestRunAllTurnsPanicsIntoErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		inputs func([]textractclient.StartInput) iter.Seq[textractclient.StartInput]
		optFn  func(*textractclient.RunOptions)
	}{
		{name: "inputs", inputs: func(inputs []textractclient.StartInput) iter.Seq[textractclient.StartInput] {
			return func(yield func(textractclient.StartInput) bool) {
				yield(inputs[0])
				panic("bug")
			}
		}},
		{name: "Earlier", optFn: func(o *textractclient.RunOptions) {
			o.Earlier = func(textractclient.StartInput) string { panic("bug") }
		}},
		{name: "Starting", optFn: func(o *textractclient.RunOptions) {
			o.Starting = func(textractclient.StartInput) error { panic("bug") }
		}},
		{name: "Started", optFn: func(o *textractclient.RunOptions) {
			o.Started = func(textractclient.StartInput, *textractclient.Job) error { panic("bug") }
		}},
		{name: "Progress", optFn: func(o *textractclient.RunOptions) { o.Progress = func(textractclient.RunProgress) { panic("bug") } }},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				inputs := w.putNumbered(3, false)
				all := slices.Values(inputs)
				if test.inputs != nil {
					all = test.inputs(inputs)
				}
				var told outcomes
				err := w.client.RunAll(t.Context(), all, told.handle, test.optFn)
				if err == nil || !strings.Contains(err.Error(), "panic: bug") {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// Textract may not know a job at once that it has just started.
func TestRunAllAsksAgainForAFreshJob(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(10 * time.Second)
		begin := time.Now()
		w.fail(t, func(action, _ string) string {
			if strings.HasPrefix(action, "Get") && time.Since(begin) < 2*time.Second {
				return "InvalidJobIdException"
			}
			return ""
		})
		var told outcomes
		if err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(10, false)), told.handle); err != nil {
			t.Fatal(err)
		}
		for key, o := range told.all {
			if o.Err != nil {
				t.Errorf("%s: %v", key, o.Err)
			}
		}
	})
}

// A document for which Textract answers nothing but an internal error does not keep others from
// being read.
func TestRunAllGoesOnAfterAFaultOfOneDocument(t *testing.T) {
	for _, action := range []string{"Start", "Get"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(10 * time.Second)
			w.Textract.StartRate = textracttest.Rate{PerSecond: 2}
			inputs := w.putNumbered(200, false)
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
			for _, o := range told.all {
				if o.Err != nil {
					failed++
				}
			}
			if len(told.keys) != 200 || failed != 1 {
				t.Errorf("%s: told of %d documents, %d of them failed", action, len(told.keys), failed)
			}
		})
	}
}

// While the whole service fails, no document is to blame.
func TestRunAllEndsWhenTheServiceFails(t *testing.T) {
	for _, action := range []string{"Start", "Get"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.takes(10 * time.Second)
			w.Textract.StartRate = textracttest.Rate{PerSecond: 5}
			begin := time.Now()
			w.fail(t, func(called, _ string) string {
				if strings.HasPrefix(called, action) && time.Since(begin) > 30*time.Second {
					return "InternalServerError"
				}
				return ""
			})
			var told outcomes
			err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(2000, false)), told.handle)
			if err == nil || !strings.Contains(err.Error(), "InternalServerError") {
				t.Errorf("%s: got %v", action, err)
			}
			for key, o := range told.all {
				if o.Err != nil {
					t.Errorf("%s: %s: %v", action, key, o.Err)
				}
			}
		})
	}
}

// The results in an output bucket outlast the job.
func TestRunAllReadsTheOutputOfAForgottenJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, withOutput)
		w.succeed(line("1", "text", 1))
		inputs := w.putNumbered(2, false)
		ids := make(map[string]string)
		for _, in := range inputs {
			job, err := w.client.Start(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			ids[in.Document.Key] = job.ID
		}
		time.Sleep(8 * 24 * time.Hour)
		w.S3.Delete("results", "out/"+ids[numbered(1)]+"/1")
		var told outcomes
		read := make(map[string]int)
		err := w.client.RunAll(t.Context(), slices.Values(inputs), func(ctx context.Context, o *textractclient.Outcome) error {
			for _, err := range o.Results(ctx) {
				if err != nil && !errors.Is(err, textractclient.ErrJobUnknown) {
					t.Error(err)
				}
				if err == nil {
					read[o.Input.Document.Key]++
				}
			}
			return told.handle(ctx, o)
		}, func(o *textractclient.RunOptions) {
			o.Workers = 1
			o.Earlier = func(in textractclient.StartInput) string { return ids[in.Document.Key] }
		})
		if err != nil || len(told.keys) != 2 || read[numbered(0)] != 1 || read[numbered(1)] != 0 {
			t.Errorf("%v; told of %v, read %v", err, told.keys, read)
		}
	})
}

// Documents that Textract cannot read say nothing about the settings, however many come first.
func TestRunAllGoesOnAfterBadDocuments(t *testing.T) {
	for _, code := range []string{"BadDocumentException", "UnsupportedDocumentException", "DocumentTooLargeException"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.fail(t, func(action, body string) string {
				if strings.HasPrefix(action, "Start") && strings.Contains(body, "0000") && !strings.Contains(body, numbered(40)) {
					return code
				}
				return ""
			})
			var told outcomes
			if err := w.client.RunAll(
				t.Context(), slices.Values(w.putNumbered(41, false)), told.handle,
			); err != nil ||
				len(told.keys) != 41 {
				t.Errorf("%v, and %d documents", err, len(told.keys))
			}
		})
	}
}

func TestRunAllRejectsStartRatesThatNoClockHas(t *testing.T) {
	w := newWorld(t)
	for _, rate := range []float64{1e-10, 0.001} {
		err := w.client.RunAll(
			t.Context(), slices.Values(w.putNumbered(1, false)), new(outcomes).handle,
			func(o *textractclient.RunOptions) { o.StartRate = rate },
		)
		if !errors.Is(err, textractclient.ErrInvalidInput) {
			t.Errorf("start rate %v: %v", rate, err)
		}
	}
}

func TestRunAllNamesAQueueThatCannotBeRead(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Hour)
		denied := textracttest.Fault{Code: "AccessDeniedException", Status: http.StatusForbidden}
		w.Fail("ReceiveMessage", denied)
		err := w.client.RunAll(t.Context(), slices.Values(w.putNumbered(1, true)), new(outcomes).handle, ownQueue)
		if !errors.Is(err, textractclient.ErrNothingReceived) {
			t.Errorf("denied at first: %v", err)
		}
		w.Fail("ReceiveMessage", textracttest.Fault{}, textracttest.Fault{Code: "ServiceUnavailable", Status: 503})
		time.AfterFunc(10*time.Minute, func() { w.Fail("ReceiveMessage", denied) })
		err = w.client.RunAll(t.Context(), slices.Values(w.putNumbered(1, true)), new(outcomes).handle, ownQueue)
		if err == nil || errors.Is(err, textractclient.ErrNothingReceived) || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("denied later: %v", err)
		}
	})
}

// An input that comes twice is one job: the second time while it is in progress is an error, and
// later the same outcome again.
func TestRunAllOfAnInputTwice(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.takes(time.Minute)
		in := w.putNumbered(1, false)[0]
		errs := make(chan error, 3)
		inputs := func(yield func(textractclient.StartInput) bool) {
			for _, after := range []time.Duration{0, 0, time.Hour} {
				time.Sleep(after)
				if !yield(in) {
					return
				}
			}
		}
		err := w.client.RunAll(t.Context(), inputs, func(_ context.Context, o *textractclient.Outcome) error { errs <- o.Err; return nil })
		if err != nil || len(errs) != 3 || len(w.Textract.Started()) != 1 {
			t.Fatalf("%v; %d outcomes of %d jobs", err, len(errs), len(w.Textract.Started()))
		}
		if first := <-errs; first == nil || !strings.Contains(first.Error(), "is the job of an earlier input") {
			t.Errorf("the second input: %v", first)
		}
		if second, third := <-errs, <-errs; second != nil || third != nil {
			t.Errorf("%v, %v", second, third)
		}
	})
}
