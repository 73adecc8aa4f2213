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
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/cdk-textract/textractasync/textractclient"
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
func listen(ctx context.Context, c *textractclient.Client, handle textractclient.Handler, fns ...func(*textractclient.ListenOptions)) (stop func() error) {
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

func TestListenLeavesFailuresForTheDeadLetters(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, job := range []string{"error", "panic", "good", "later"} {
			w.queue.Send(notification(job))
		}
		handled := newRecord()
		begin := time.Now()
		var laterAt time.Duration
		stop := listen(ctx, w.client, func(_ context.Context, n textractclient.Notification) error {
			times := handled.add(n.JobID)
			switch {
			case n.JobID == "error":
				return errors.New("no room on disk")
			case n.JobID == "panic":
				panic("index out of range")
			case n.JobID == "later" && times < 3:
				return errors.New("not yet")
			case n.JobID == "later":
				laterAt = time.Since(begin)
			}
			return nil
		})
		time.Sleep(10 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for job, want := range map[string]int{"error": 3, "panic": 3, "good": 1, "later": 3} {
			if n := handled.count(job); n != want {
				t.Errorf("%s was handled %d times, want %d", job, n, want)
			}
		}
		dead := w.queue.DeadLetters()
		slices.Sort(dead)
		if len(dead) != 2 || !strings.Contains(dead[0], `"error"`) || !strings.Contains(dead[1], `"panic"`) {
			t.Errorf("dead letters %q", dead)
		}
		if laterAt != 30*time.Second {
			t.Errorf("the third try came after %s, want 10 s and then 20 s", laterAt)
		}
		if w.log.count("no room on disk") != 3 || w.log.count("index out of range") != 3 {
			t.Error("failures are not in the log")
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
		if dead := len(w.queue.DeadLetters()); dead != want {
			t.Errorf("%d dead letters, want %d", dead, want)
		}
		if logged := w.log.count("message left for the dead letters"); logged != 3*want {
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

// An extension that is late must not hide again what was put back.
func TestListenPutsBackAfterTheLastExtension(t *testing.T) {
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

func TestListenShutsDownCleanly(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const jobs, workers = 20, 5
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		finished := newRecord()
		stop := listen(ctx, w.client, func(ctx context.Context, n textractclient.Notification) error {
			time.Sleep(10 * time.Minute)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			finished.add(n.JobID)
			return nil
		}, func(o *textractclient.ListenOptions) { o.Workers = workers })
		time.Sleep(time.Second)
		if waiting, inFlight := w.queue.Count(); waiting != jobs-workers || inFlight != workers {
			t.Errorf("%d wait and %d are in flight: no more than %d may be in hand", waiting, inFlight, workers)
		}
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took < 9*time.Minute {
			t.Errorf("stopped after %s with handlers cut off", took)
		}
		if finished.len() != workers {
			t.Errorf("%d handlers finished", finished.len())
		}
		if waiting, inFlight := w.queue.Count(); waiting != jobs-workers || inFlight != 0 {
			t.Errorf("%d wait and %d are in flight after the shutdown", waiting, inFlight)
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

func (l *deadLink) Do(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		return nil, errors.New("killed")
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
		link.mu.Lock()
		link.cut = true
		link.mu.Unlock()

		begin := time.Now()
		var took time.Duration
		stop := listen(ctx, w.client, func(context.Context, textractclient.Notification) error {
			took = time.Since(begin)
			return nil
		})
		time.Sleep(5 * time.Minute)
		if took == 0 || took > time.Minute {
			t.Errorf("another worker had the job after %s, want at most the visibility timeout", took)
		}
		close(buried)
		if err := errors.Join(stop(), stopKilled()); err != nil {
			t.Error(err)
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetters()) != 0 {
			t.Errorf("%d wait, %d are in flight", waiting, inFlight)
		}
	})
}

func TestListenSitsOutFaults(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, action := range []string{"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"} {
			for range 10 {
				w.Fail(action, textracttest.Fault{Code: "RequestThrottled", Status: 400}, textracttest.Fault{Code: "InternalError", Status: 500}, textracttest.Fault{})
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
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetters()) != 0 {
			t.Errorf("%d wait, %d are in flight, %d are dead", waiting, inFlight, len(w.queue.DeadLetters()))
		}
	})
}

func TestListenReturnsWhatStaysWrong(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"no such queue": func(w *world) { w.config.QueueURL = "http://fake.test/123456789012/other" },
		"access denied": func(w *world) { w.Fail("ReceiveMessage", textracttest.Fault{Code: "AccessDenied", Status: 403}) },
		"no queue":      func(w *world) { w.config.QueueURL = "" },
		"queue's name":  func(w *world) { w.config.QueueURL = "notifications" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				spoil(w)
				client, err := textractclient.New(w.Config(), w.config)
				if err == nil {
					err = client.Listen(ctx, nil)
				}
				if err == nil || !strings.Contains(err.Error(), "queue") && !strings.HasPrefix(err.Error(), "listen on ") {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func TestListenRefuses(t *testing.T) {
	w := newWorld(t)
	for want, change := range map[string]func(*textractclient.ListenOptions){
		"workers 0":               func(o *textractclient.ListenOptions) { o.Workers = 0 },
		"visibility timeout 1s":   func(o *textractclient.ListenOptions) { o.VisibilityTimeout = time.Second },
		"visibility timeout 3.5s": func(o *textractclient.ListenOptions) { o.VisibilityTimeout = 3500 * time.Millisecond },
		"visibility timeout 13h":  func(o *textractclient.ListenOptions) { o.VisibilityTimeout = 13 * time.Hour },
		"retry delay":             func(o *textractclient.ListenOptions) { o.RetryDelay = nil },
	} {
		if err := w.client.Listen(t.Context(), nil, change); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
