package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// record counts how often each job was handled.
type record struct {
	mu   sync.Mutex
	jobs map[string]int
}

func newRecord() *record { return &record{jobs: make(map[string]int)} }

func (r *record) add(job string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jobs[job]++
	return r.jobs[job]
}

func (r *record) count(job string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.jobs[job]
}

func (r *record) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.jobs)
}

func notification(job string) string {
	return textracttest.Notification(job, "SUCCEEDED", "StartDocumentTextDetection", "", "documents", job+".pdf")
}

// listen runs Listen until the returned function is called, which returns what Listen returned.
func listen(
	ctx context.Context,
	c *textractclient.Client,
	handle textractclient.Handler,
	fns ...func(*textractclient.ListenOptions),
) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- c.Listen(ctx, handle, fns...) }()
	return func() error {
		cancel()
		return <-done
	}
}

func TestListenHandlesRawAndEnveloped(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.queue.Send(notification("raw"))
		w.queue.Send(textracttest.Envelope(notification("enveloped")))
		handled := newRecord()
		type key struct{}
		stop := listen(context.WithValue(ctx, key{}, "value"), w.client, func(ctx context.Context, n textractclient.Notification) error {
			if ctx.Value(key{}) != "value" {
				t.Error("the handler's context lost a value")
			}
			handled.add(n.JobID)
			return nil
		})
		time.Sleep(time.Minute)
		w.queue.Send(notification("late"))
		time.Sleep(time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for _, job := range []string{"raw", "enveloped", "late"} {
			if n := handled.count(job); n != 1 {
				t.Errorf("%s was handled %d times", job, n)
			}
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
			t.Errorf("%d messages wait, %d are in flight", waiting, inFlight)
		}
		// An idle minute of long polling is 3 receives, and then some for what came.
		if calls := w.Calls("ReceiveMessage"); calls > 8 {
			t.Errorf("%d receives", calls)
		}
	})
}

// With the construct's maximum of 5 receives, a message whose handler fails while others succeed is
// received again after about 13 s, 2.5 min, 30 min and 6 h: then it is in the dead-letter queue.
// Only the first time, it is tried three times before it is released.
func TestListenSpreadsRetriesOverHours(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.MaxReceiveCount = 5
		for _, job := range []string{"error", "panic", "later", "unknown"} {
			w.queue.Send(notification(job))
		}
		handled := newRecord()
		begin := time.Now()
		var tries []time.Duration
		var retried []textractclient.RetryEvent
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.Hooks.Retried = func(e textractclient.RetryEvent) {
				if e.Job.ID == "error" {
					retried = append(retried, e)
				}
			}
		})
		stop := listen(t.Context(), client, func(_ context.Context, n textractclient.Notification) error {
			times := handled.add(n.JobID)
			switch {
			case n.JobID == "error":
				tries = append(tries, time.Since(begin))
				return errors.New("no room on disk")
			case n.JobID == "panic":
				panic("index out of range")
			case n.JobID == "unknown":
				return fmt.Errorf("results: %w", textractclient.ErrJobUnknown)
			case n.JobID == "later" && times < 3:
				return errors.New("not yet")
			}
			return nil
		})
		for range 24 * 60 * 12 {
			w.queue.Send(notification("good"))
			time.Sleep(5 * time.Second)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		for job, want := range map[string]int{"error": 7, "panic": 7, "good": 24 * 60 * 12, "later": 3, "unknown": 5} {
			if n := handled.count(job); n != want {
				t.Errorf("%s was handled %d times, want %d", job, n, want)
			}
		}
		dead := w.queue.DeadLetterQueue()
		slices.Sort(dead)
		if len(dead) != 3 || !strings.Contains(dead[0], `"error"`) || !strings.Contains(dead[1], `"panic"`) ||
			!strings.Contains(dead[2], `"unknown"`) {
			t.Errorf("dead-letter queue %q", dead)
		}
		for i, want := range []time.Duration{12 * time.Second, 150 * time.Second, 30 * time.Minute, 6 * time.Hour} {
			if got := tries[i+3] - tries[i+2]; got < want || got > want+want/8+time.Second {
				t.Errorf("delay %d is %s, want about %s", i+1, got, want)
			}
		}
		if w.log.count("no room on disk") != 7 || w.log.count("index out of range") != 7 {
			t.Error("failures are not in the log")
		}
		if len(retried) != 7 || retried[3].Action != "Handler" || retried[3].Attempt != 2 || retried[3].Err == nil {
			t.Errorf("%d hook calls", len(retried))
		}
	})
}

func TestListenLeavesWhatIsNoNotification(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var bodies []string
		for _, body := range malformedBodies {
			if utf8.ValidString(body) { // SQS takes no others
				bodies = append(bodies, body)
			}
		}
		for _, body := range bodies {
			w.queue.Send(body)
			w.queue.Send(textracttest.Envelope(body))
		}
		w.queue.Send(notification("good"))
		handled := newRecord()
		stop := listen(ctx, w.client, func(_ context.Context, n textractclient.Notification) error {
			handled.add(n.JobID)
			return nil
		})
		time.Sleep(5 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if handled.len() != 1 || handled.count("good") != 1 {
			t.Errorf("handled %v", handled.jobs)
		}
		want := 2 * len(bodies)
		if dead := len(w.queue.DeadLetterQueue()); dead != want {
			t.Errorf("%d messages in the dead-letter queue, want %d", dead, want)
		}
		if logged := w.log.count("not a notification"); logged != 3*want {
			t.Errorf("%d log lines, want one for each of 3 receives of %d", logged, want)
		}
	})
}

func TestListenExtendsVisibility(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.queue.Send(notification("slow"))
		handled := newRecord()
		handle := func(_ context.Context, n textractclient.Notification) error {
			handled.add(n.JobID)
			time.Sleep(time.Hour)
			return nil
		}
		stopOne, stopOther := listen(ctx, w.client, handle), listen(ctx, w.client, handle)
		time.Sleep(2 * time.Hour)
		if err := errors.Join(stopOne(), stopOther()); err != nil {
			t.Error(err)
		}
		if n := handled.count("slow"); n != 1 {
			t.Errorf("handled %d times", n)
		}
		if calls := w.Calls("ChangeMessageVisibility"); calls < 179 || calls > 180 {
			t.Errorf("%d extensions in an hour, want one every 20 s", calls)
		}
	})
}

// slowExtensions has each extension take effect late, as on a slow network.
type slowExtensions struct{ textractclient.SQSAPI }

func (s slowExtensions) ChangeMessageVisibility(
	ctx context.Context, in *sqs.ChangeMessageVisibilityInput, fns ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityOutput, error) {
	if in.VisibilityTimeout == 60 {
		time.Sleep(5 * time.Second)
		ctx = context.WithoutCancel(ctx) // the request is on its way, whatever becomes of the caller
	}
	return s.SQSAPI.ChangeMessageVisibility(ctx, in, fns...)
}

// An extension that is late must not hide again what was released.
func TestListenReleasesAfterTheLastExtension(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.SQS = slowExtensions{sqs.NewFromConfig(w.Config())}
		})
		w.queue.Send(notification("job"))
		begin := time.Now()
		var tries []time.Duration
		stop := listen(t.Context(), client, func(context.Context, textractclient.Notification) error {
			tries = append(tries, time.Since(begin))
			if len(tries) == 1 {
				time.Sleep(21 * time.Second)
				return errors.New("not yet")
			}
			return nil
		}, func(o *textractclient.ListenOptions) {
			o.RetryDelay = func(int) time.Duration { return 10 * time.Second }
		})
		time.Sleep(5 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		// 21 s of work, until 25 s for the extension of 20 s, and the retry delay of 10 s.
		if want := []time.Duration{0, 35 * time.Second}; !slices.Equal(tries, want) {
			t.Errorf("tries at %v, want %v", tries, want)
		}
	})
}

// Handlers that return within the grace are not cut off.
func TestListenShutsDownCleanly(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs, workers = 20, 5
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		finished := newRecord()
		stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
			time.Sleep(10 * time.Minute)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			finished.add(n.JobID)
			return nil
		}, func(o *textractclient.ListenOptions) { o.Workers, o.ShutdownGrace = workers, time.Hour })
		time.Sleep(time.Second)
		if waiting, inFlight := w.queue.Count(); waiting != jobs-workers || inFlight != workers {
			t.Errorf("%d wait and %d are in flight: no more than %d may be in hand", waiting, inFlight, workers)
		}
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < 9*time.Minute || took > 10*time.Minute {
			t.Errorf("stopped after %s", took)
		}
		if finished.len() != workers {
			t.Errorf("%d handlers finished", finished.len())
		}
		if waiting, inFlight := w.queue.Count(); waiting != jobs-workers || inFlight != 0 {
			t.Errorf("%d wait and %d are in flight after the shutdown", waiting, inFlight)
		}
	})
}

// A shutdown while Textract throttles every call ends the handlers' contexts after the grace, with
// a cause, and returns their messages at once.
func TestListenShutsDownWhileTextractThrottles(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for range 10_000 {
			w.Fail("GetDocumentTextDetection", textracttest.Fault{Code: "ThrottlingException", Status: 400})
		}
		for i := range 5 {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		var mu sync.Mutex
		var errs []error
		stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
			_, err := textractdoc.Read(w.client.Results(ctx, n.Ref()))
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
			return err
		})
		time.Sleep(time.Minute)
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took != 20*time.Second {
			t.Errorf("stopped after %s, want the grace of 20 s", took)
		}
		if len(errs) != 5 {
			t.Errorf("%d handlers returned", len(errs))
		}
		for _, err := range errs {
			if !errors.Is(err, textractclient.ErrShutdown) || !errors.Is(err, context.Canceled) ||
				!errors.Is(err, textractclient.ErrThrottled) {
				t.Errorf("error %v, want the shutdown and the throttling", err)
			}
		}
		if waiting, inFlight := w.queue.Count(); waiting != 5 || inFlight != 0 {
			t.Errorf("%d wait and %d are in flight", waiting, inFlight)
		}
	})
}

// A handler that uses Listen's own context ends with it. That is no failure: its message is visible
// again at once.
func TestListenShutsDownHandlersOnItsOwnContext(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		err := w.client.Listen(ctx, func(context.Context, textractclient.Notification) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if err != nil {
			t.Error(err)
		}
		if waiting, inFlight := w.queue.Count(); waiting != 1 || inFlight != 0 {
			t.Errorf("%d wait, %d are in flight", waiting, inFlight)
		}
	})
}

// A handler that ignores its context is left behind, and its message comes back.
func TestListenLeavesAHandlerBehindThatNeverReturns(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("stuck"))
		forever := make(chan struct{})
		stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error {
			<-forever
			return nil
		})
		time.Sleep(time.Hour)
		begin := time.Now()
		if err := stop(); err == nil || !strings.Contains(err.Error(), "1 handlers did not return") {
			t.Errorf("error %v", err)
		}
		if took := time.Since(begin); took != 30*time.Second {
			t.Errorf("stopped after %s", took)
		}
		time.Sleep(time.Minute)
		if waiting, _ := w.queue.Count(); waiting != 1 {
			t.Error("the message is gone")
		}
		close(forever)
	})
}

// No option, handler or hook ends the process or loses a message.
func TestListenSurvivesItsUser(t *testing.T) {
	type options = textractclient.ListenOptions
	for name, tt := range map[string]struct {
		handle func(n int) error
		change func(*options)
		client func(*textractclient.Options)
	}{
		"goexit":              {handle: func(int) error { runtime.Goexit(); return nil }},
		"panic":               {handle: func(int) error { panic("x") }},
		"panic with an error": {handle: func(int) error { panic(errors.New("x")) }},
		"panic with nil":      {handle: func(int) error { panic(nil) }},
		"no delay":            {change: func(o *options) { o.RetryDelay = func(int) time.Duration { return 0 } }},
		"negative delay":      {change: func(o *options) { o.RetryDelay = func(int) time.Duration { return -time.Hour } }},
		"endless delay":       {change: func(o *options) { o.RetryDelay = func(int) time.Duration { return math.MaxInt64 } }},
		"panicking delay":     {change: func(o *options) { o.RetryDelay = func(int) time.Duration { panic("x") } }},
		"nil delay":           {change: func(o *options) { o.RetryDelay = nil }},
		"nil option":          {},
		"most workers":        {change: func(o *options) { o.Workers = 1000 }},
		"huge receive count":  {change: func(o *options) { o.MaxReceiveCount = math.MaxInt }},
		"longest visibility":  {change: func(o *options) { o.VisibilityTimeout = 12 * time.Hour }},
		"shortest visibility": {change: func(o *options) { o.VisibilityTimeout = 3 * time.Second }},
		"no grace":            {change: func(o *options) { o.ShutdownGrace = 0 }},
		"endless grace":       {change: func(o *options) { o.ShutdownGrace = math.MaxInt64 }},
		"panicking hooks": {client: func(o *textractclient.Options) {
			o.Hooks = textractclient.Hooks{
				Completed: func(textractclient.JobEvent) { panic("x") },
				Retried:   func(textractclient.RetryEvent) { panic("x") },
			}
		}},
		"goexit in hooks": {client: func(o *textractclient.Options) {
			o.Hooks = textractclient.Hooks{
				Completed: func(textractclient.JobEvent) { runtime.Goexit() },
				Retried:   func(textractclient.RetryEvent) { runtime.Goexit() },
			}
		}},
		"goexit in delay":         {change: func(o *options) { o.RetryDelay = func(int) time.Duration { runtime.Goexit(); return 0 } }},
		"zero logger":             {client: func(o *textractclient.Options) { o.Logger = &slog.Logger{} }},
		"wholly panicking logger": {client: func(o *textractclient.Options) { o.Logger = slog.New(brokenLog{}) }},
		"panicking logger":        {client: func(o *textractclient.Options) { o.Logger = slog.New(panickingLog{}) }},
		"panicking SQS":           {client: func(o *textractclient.Options) { o.SQS = &panickingSQS{SQSAPI: o.SQS} }},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.MaxReceiveCount = 0
				w.queue.Send(notification("job"))
				client, err := textractclient.New(w.Config(), w.config, func(o *textractclient.Options) {
					o.Logger = slog.New(w.log)
					o.SQS = sqs.NewFromConfig(w.Config())
					if tt.client != nil {
						tt.client(o)
					}
				}, nil)
				if err != nil {
					t.Fatal(err)
				}
				handled := newRecord()
				oneWorker := func(o *textractclient.ListenOptions) { o.Workers = 1 }
				stop := listen(t.Context(), client, func(context.Context, textractclient.Notification) error {
					n := handled.add("job")
					switch {
					case n > 1:
						return nil
					case tt.handle != nil:
						return tt.handle(n)
					}
					return errors.New("not yet")
				}, oneWorker, tt.change)
				time.Sleep(25 * time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if n := handled.count("job"); n != 2 {
					t.Errorf("handled %d times, want 2", n)
				}
				if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
					t.Errorf("%d messages wait, %d are in flight", waiting, inFlight)
				}
			})
		})
	}
}

// A hook that never returns keeps neither Listen from returning nor its message from being deleted.
func TestListenLeavesAHookBehindThatNeverReturns(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.MaxReceiveCount = 0
		release := make(chan struct{})
		defer close(release)
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.Hooks.Completed = func(textractclient.JobEvent) { <-release }
			o.Hooks.Retried = func(textractclient.RetryEvent) { <-release }
		})
		w.queue.Send(notification("succeeds"))
		w.queue.Send(notification("fails"))
		handled := newRecord()
		stop := listen(t.Context(), client, func(_ context.Context, n textractclient.Notification) error {
			handled.add(n.JobID)
			if n.JobID == "fails" {
				return errors.New("x")
			}
			return nil
		}, func(o *textractclient.ListenOptions) {
			o.Workers = 2
			o.RetryDelay = func(int) time.Duration { <-release; return 0 }
		})
		time.Sleep(13 * time.Hour)
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := w.log.count("does not return"); n == 0 {
			t.Error("the hook is not in the log")
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("returned after %s", took)
		}
		if n := handled.count("succeeds"); n != 1 {
			t.Errorf("handled %d times, want 1", n)
		}
	})
}

type panickingLog struct{ slog.Handler }

func (panickingLog) Enabled(context.Context, slog.Level) bool  { return true }
func (panickingLog) Handle(context.Context, slog.Record) error { panic("x") }
func (l panickingLog) WithAttrs([]slog.Attr) slog.Handler      { return l }

// brokenLog has no handler: every method panics.
type brokenLog struct{ slog.Handler }

// panickingSQS panics at the first call of each action.
type panickingSQS struct {
	textractclient.SQSAPI
	seen sync.Map
}

func (s *panickingSQS) first(action string) {
	if _, seen := s.seen.LoadOrStore(action, true); !seen {
		panic(action)
	}
}

func (s *panickingSQS) ReceiveMessage(
	ctx context.Context,
	in *sqs.ReceiveMessageInput,
	fns ...func(*sqs.Options),
) (*sqs.ReceiveMessageOutput, error) {
	s.first("receive")
	return s.SQSAPI.ReceiveMessage(ctx, in, fns...)
}

func (s *panickingSQS) DeleteMessageBatch(
	ctx context.Context,
	in *sqs.DeleteMessageBatchInput,
	fns ...func(*sqs.Options),
) (*sqs.DeleteMessageBatchOutput, error) {
	s.first("delete")
	return s.SQSAPI.DeleteMessageBatch(ctx, in, fns...)
}

func (s *panickingSQS) ChangeMessageVisibility(
	ctx context.Context,
	in *sqs.ChangeMessageVisibilityInput,
	fns ...func(*sqs.Options),
) (*sqs.ChangeMessageVisibilityOutput, error) {
	s.first("extend")
	return s.SQSAPI.ChangeMessageVisibility(ctx, in, fns...)
}

func (s *panickingSQS) GetQueueAttributes(
	context.Context,
	*sqs.GetQueueAttributesInput,
	...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	panic("attributes")
}

// SQS counts 12 hours from the receive. The context of a handler that takes longer ends, and no
// extension or delay goes beyond.
func TestListenKeepsToTheTwelveHours(t *testing.T) {
	for _, visibility := range []time.Duration{time.Minute, 7 * time.Hour, 12 * time.Hour} {
		t.Run(visibility.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.MaxReceiveCount = 0
				w.queue.Send(notification("slow"))
				begin := time.Now()
				var ended time.Duration
				var cause error
				handled := newRecord()
				stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
					switch handled.add(n.JobID) {
					case 1:
						time.Sleep(9 * time.Hour)
						return errors.New("not yet") // to come back after 12 hours, of which 3 are left
					case 2:
						if at := time.Since(begin); at < 11*time.Hour+59*time.Minute || at > 12*time.Hour {
							t.Errorf("second try after %s", at)
						}
						again := time.Now()
						<-ctx.Done()
						ended, cause = time.Since(again), context.Cause(ctx)
						return ctx.Err()
					}
					return nil
				}, func(o *textractclient.ListenOptions) {
					o.VisibilityTimeout = visibility
					o.RetryDelay = func(int) time.Duration { return 12 * time.Hour }
				})
				time.Sleep(48 * time.Hour)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if !errors.Is(cause, textractclient.ErrMessageLost) || ended < 11*time.Hour+59*time.Minute || ended > 12*time.Hour {
					t.Errorf("the handler's context ended after %s with %v", ended, cause)
				}
				if tries := handled.count("slow"); tries != 3 {
					t.Errorf("%d tries", tries)
				}
				if w.log.count("InvalidParameterValue") > 0 || w.log.count("beyond the limit") > 0 {
					t.Error("SQS rejected a visibility timeout")
				}
				if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
					t.Errorf("%d wait, %d are in flight", waiting, inFlight)
				}
			})
		})
	}
}

// The context of a handler whose message is no longer its own ends at once.
func TestListenTellsAHandlerThatItsMessageIsLost(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"SQS says so": func(w *world) {
			w.Fail("ChangeMessageVisibility", textracttest.Fault{Code: "com.amazonaws.sqs#ReceiptHandleIsInvalid", Status: 400})
		},
		"extensions hang": func(w *world) {
			for range 100 {
				w.Fail("ChangeMessageVisibility", textracttest.Fault{Hang: true})
			}
		},
		"extensions fail": func(w *world) {
			for range 100 {
				w.Fail("ChangeMessageVisibility", textracttest.Fault{Code: "InternalError", Status: 500})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.Send(notification("job"))
				spoil(w)
				begin := time.Now()
				var cause error
				var endedAfter time.Duration
				handled := newRecord()
				stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
					if handled.add(n.JobID) > 1 {
						return nil
					}
					<-ctx.Done()
					cause, endedAfter = context.Cause(ctx), time.Since(begin)
					return ctx.Err()
				})
				time.Sleep(10 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if !errors.Is(cause, textractclient.ErrMessageLost) || endedAfter > time.Minute {
					t.Errorf("context ended after %s: %v", endedAfter, cause)
				}
				if w.log.count("the message of a running handler is lost") != 1 {
					t.Error("nothing is in the log")
				}
				if tries := handled.count("job"); tries != 2 {
					t.Errorf("%d tries", tries)
				}
			})
		})
	}
}

// One extension that hangs must not lose the message.
func TestListenExtendsAfterAnExtensionThatHung(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		w.Fail("ChangeMessageVisibility", textracttest.Fault{Hang: true})
		handled := newRecord()
		stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
			handled.add(n.JobID)
			time.Sleep(5 * time.Minute)
			return ctx.Err()
		})
		time.Sleep(20 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := handled.count("job"); n != 1 {
			t.Errorf("handled %d times", n)
		}
		if w.log.count("visibility timeout not extended") != 1 {
			t.Error("the hung extension is not in the log")
		}
	})
}

// A receive that hangs ends at its deadline.
func TestListenReceivesAfterAReceiveThatHung(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Fail("ReceiveMessage", textracttest.Fault{Hang: true})
		w.queue.Send(notification("job"))
		begin := time.Now()
		var took time.Duration
		stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error {
			took = time.Since(begin)
			return nil
		})
		time.Sleep(10 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took == 0 || took > time.Minute || w.log.count("receive failed") != 1 {
			t.Errorf("received after %s", took)
		}
	})
}

func TestListenStopsAtOnceWhenIdle(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		stop := listen(ctx, w.client, func(context.Context, textractclient.Notification) error { return nil })
		time.Sleep(5 * time.Second)
		begin := time.Now()
		if err := stop(); err != nil || time.Since(begin) > 0 {
			t.Errorf("error %v after %s", err, time.Since(begin))
		}
	})
}

// deadLink breaks all connections once it is cut, as when a process is killed.
type deadLink struct {
	alive interface {
		Do(*http.Request) (*http.Response, error)
	}
	mu  sync.Mutex
	cut bool
}

func (l *deadLink) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
}

func (l *deadLink) Do(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		return nil, io.ErrUnexpectedEOF
	}
	return l.alive.Do(r)
}

func TestListenAfterAWorkerWasKilled(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		cfg := w.Config()
		link := &deadLink{alive: cfg.HTTPClient}
		cfg.HTTPClient = link
		killed := w.newClient(t, cfg)
		w.queue.Send(notification("job"))
		buried := make(chan struct{})
		stopKilled := listen(ctx, killed, func(context.Context, textractclient.Notification) error {
			<-buried
			return nil
		})
		time.Sleep(10 * time.Second)
		link.set(true)

		begin := time.Now()
		var took time.Duration
		stop := listen(ctx, w.client, func(context.Context, textractclient.Notification) error {
			took = time.Since(begin)
			return nil
		})
		time.Sleep(5 * time.Minute)
		close(buried)
		if err := errors.Join(stop(), stopKilled()); err != nil {
			t.Error(err)
		}
		if took == 0 || took > time.Minute {
			t.Errorf("another worker had the job after %s, want at most the visibility timeout", took)
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetterQueue()) != 0 {
			t.Errorf("%d wait, %d are in flight", waiting, inFlight)
		}
	})
}

func TestListenRetriesFaults(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, action := range []string{"ReceiveMessage", "DeleteMessageBatch", "ChangeMessageVisibility"} {
			for range 10 {
				w.Fail(
					action, textracttest.Fault{Code: "RequestThrottled", Status: 400},
					textracttest.Fault{Code: "InternalError", Status: 500}, textracttest.Fault{},
				)
			}
		}
		const jobs = 50
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		w.queue.MaxReceiveCount = 20
		w.queue.Shuffle = true
		handled := newRecord()
		stop := listen(ctx, w.client, func(_ context.Context, n textractclient.Notification) error {
			time.Sleep(30 * time.Second)
			handled.add(n.JobID)
			return nil
		})
		time.Sleep(2 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if handled.len() != jobs {
			t.Errorf("%d jobs of %d were handled", handled.len(), jobs)
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetterQueue()) != 0 {
			t.Errorf("%d wait, %d are in flight, %d are dead", waiting, inFlight, len(w.queue.DeadLetterQueue()))
		}
	})
}

// brokenHTTP fails every request with an error, as without a network.
type brokenHTTP struct{ err error }

func (b brokenHTTP) Do(*http.Request) (*http.Response, error) { return nil, b.err }

type noCredentials struct{}

func (noCredentials) Retrieve(context.Context) (aws.Credentials, error) {
	return aws.Credentials{}, errors.New("no EC2 IMDS role found")
}

// Nothing was ever received: Listen must not warn for ever.
func TestListenReturnsWhatStaysWrong(t *testing.T) {
	handle := func(context.Context, textractclient.Notification) error { return nil }
	for name, tt := range map[string]struct {
		spoil  func(*world, *aws.Config)
		within time.Duration
	}{
		"no such queue": {func(w *world, _ *aws.Config) { w.config.QueueURL = "http://fake.test/123456789012/other" }, 0},
		"access denied": {func(w *world, _ *aws.Config) {
			w.Fail("ReceiveMessage", textracttest.Fault{Code: "AccessDenied", Status: 403})
		}, 0},
		"no credentials": {func(_ *world, cfg *aws.Config) { cfg.Credentials = noCredentials{} }, time.Second},
		"no such host": {func(_ *world, cfg *aws.Config) {
			cfg.HTTPClient = brokenHTTP{&net.DNSError{Err: "no such host", Name: "fake.test", IsNotFound: true}}
		}, time.Minute},
		"no network": {func(_ *world, cfg *aws.Config) { cfg.HTTPClient = brokenHTTP{errors.New("connection refused")} }, 6 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				cfg := w.Config()
				tt.spoil(w, &cfg)
				begin := time.Now()
				err := w.newClient(t, cfg).Listen(t.Context(), handle)
				if !errors.Is(err, textractclient.ErrNothingReceived) || !strings.HasPrefix(err.Error(), "listen on "+w.config.QueueURL) {
					t.Errorf("error %v", err)
				}
				if name == "access denied" && !strings.Contains(err.Error(), "needs sqs:ReceiveMessage") {
					t.Errorf("no hint: %v", err)
				}
				if took := time.Since(begin); took > tt.within {
					t.Errorf("returned after %s", took)
				}
			})
		})
	}
}

// After the first receive, an error that may pass is retried for as long as it takes, and one that
// will not is returned.
func TestListenWaitsOutAnOutageOfSQS(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		cfg := w.Config()
		link := &deadLink{alive: cfg.HTTPClient}
		cfg.HTTPClient = link
		handled := newRecord()
		client := w.newClient(t, cfg)
		done := make(chan error, 1)
		go func() {
			done <- client.Listen(t.Context(), func(_ context.Context, n textractclient.Notification) error {
				handled.add(n.JobID)
				return nil
			})
		}()
		time.Sleep(time.Minute)
		link.set(true)
		time.Sleep(10 * time.Hour)
		link.set(false)
		w.queue.Send(notification("job"))
		time.Sleep(5 * time.Minute)
		if handled.count("job") != 1 {
			t.Error("not received after the outage")
		}
		w.Fail("ReceiveMessage", textracttest.Fault{Code: "AccessDenied", Status: 403})
		w.queue.Send(notification("other"))
		if err := <-done; err == nil || errors.Is(err, textractclient.ErrNothingReceived) ||
			!strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("error %v", err)
		}
	})
}

func TestListenRejects(t *testing.T) {
	w := newWorld(t)
	handle := func(context.Context, textractclient.Notification) error { return nil }
	for want, change := range map[string]func(*textractclient.ListenOptions){
		"workers 0: use 1 to 1000":    func(o *textractclient.ListenOptions) { o.Workers = 0 },
		"workers -1":                  func(o *textractclient.ListenOptions) { o.Workers = -1 },
		"workers 9223372036854775807": func(o *textractclient.ListenOptions) { o.Workers = math.MaxInt },
		"visibility timeout 0s":       func(o *textractclient.ListenOptions) { o.VisibilityTimeout = 0 },
		"visibility timeout 1s":       func(o *textractclient.ListenOptions) { o.VisibilityTimeout = time.Second },
		"visibility timeout 3.5s":     func(o *textractclient.ListenOptions) { o.VisibilityTimeout = 3500 * time.Millisecond },
		"visibility timeout 13h":      func(o *textractclient.ListenOptions) { o.VisibilityTimeout = 13 * time.Hour },
		"maximum receive count -1":    func(o *textractclient.ListenOptions) { o.MaxReceiveCount = -1 },
		"shutdown grace -1s":          func(o *textractclient.ListenOptions) { o.ShutdownGrace = -time.Second },
	} {
		if err := w.client.Listen(t.Context(), handle, change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if err := w.client.Listen(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "handler is nil") {
		t.Errorf("error %v", err)
	}
	w.config.QueueURL = ""
	if err := w.newClient(t, w.Config()).Listen(t.Context(), handle); err == nil || !strings.Contains(err.Error(), "queue URL is empty") {
		t.Errorf("error %v", err)
	}
}
