package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// Ten thousand jobs, in random order, one in ten delivered twice, one in twenty with a handler that
// always fails, over a service that throttles and breaks: every job is handled, none is lost, and
// the dead-letter queue has exactly the failures.
func TestListenLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs = 10_000
		w.queue.MaxReceiveCount = 5
		w.queue.RetentionPeriod = 7 * 24 * time.Hour
		w.queue.Shuffle = true
		for i := range jobs {
			body := notification(fmt.Sprint(i))
			if i%2 == 0 {
				body = textracttest.Envelope(body)
			}
			w.queue.Send(body)
			if i%10 == 0 {
				w.queue.Send(body)
			}
		}
		for range 100 {
			w.Fail("ReceiveMessage", textracttest.Fault{Code: "RequestThrottled", Status: 400})
			w.Fail("DeleteMessageBatch", textracttest.Fault{Code: "InternalError", Status: 500}, textracttest.Fault{})
		}
		fails := func(job string) bool { return hash(job)%20 == 0 }

		handled := newRecord()
		var running, most atomic.Int64
		stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
			now := running.Add(1)
			defer running.Add(-1)
			most.Store(max(most.Load(), now))
			time.Sleep(time.Duration(1+rand.N(4)) * 50 * time.Millisecond)
			handled.add(n.JobID)
			if fails(n.JobID) {
				return errors.New("always fails")
			}
			return nil
		}, func(o *textractclient.ListenOptions) { o.Workers = 16 })
		time.Sleep(6 * 24 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}

		wantDead := make(map[string]int)
		for i := range jobs {
			job := fmt.Sprint(i)
			if handled.count(job) == 0 {
				t.Fatalf("job %s was never handled", job)
			}
			if fails(job) {
				wantDead[job] = 1
				if i%10 == 0 {
					wantDead[job] = 2
				}
			}
		}
		for _, body := range w.queue.DeadLetterQueue() {
			n, err := textractclient.ParseNotification([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			wantDead[n.JobID]--
		}
		for job, missing := range wantDead {
			if missing != 0 {
				t.Errorf("job %s: %d of its messages are not in the dead-letter queue", job, missing)
			}
		}
		if len(wantDead) < jobs/25 || len(wantDead) > jobs/15 {
			t.Errorf("%d jobs fail, want about one in twenty", len(wantDead))
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+w.queue.Expired() != 0 {
			t.Errorf("%d messages wait, %d are in flight, %d expired", waiting, inFlight, w.queue.Expired())
		}
		if most.Load() > 16 {
			t.Errorf("%d handlers ran at a time", most.Load())
		}
	})
}

// Under load a notification costs at most half a request to SQS: messages are received and deleted
// ten at a time, with as few as one worker.
func TestListenAsksSQSSeldom(t *testing.T) {
	for _, tt := range []struct {
		workers int
		takes   time.Duration
	}{{1, 10 * time.Millisecond}, {1, 200 * time.Millisecond}, {4, 50 * time.Millisecond}, {10, 0}, {10, 300 * time.Millisecond}, {10, 2 * time.Second}, {16, 125 * time.Millisecond}, {100, time.Second}, {10, 3 * time.Second}} {
		t.Run(fmt.Sprint(tt.workers, " workers, ", tt.takes), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				const jobs = 1000
				for i := range jobs {
					w.queue.Send(notification(fmt.Sprint(i)))
				}
				handled := newRecord()
				stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
					time.Sleep(tt.takes/2 + rand.N(tt.takes+1))
					handled.add(n.JobID)
					return nil
				}, func(o *textractclient.ListenOptions) { o.Workers = tt.workers })
				for handled.len() < jobs {
					time.Sleep(100 * time.Millisecond)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
				requests := w.Calls(
					"ReceiveMessage",
				) + w.Calls(
					"DeleteMessageBatch",
				) + w.Calls(
					"ChangeMessageVisibility",
				) + w.Calls(
					"GetQueueAttributes",
				)
				if requests > jobs/2 {
					t.Errorf("%d requests for %d notifications: %d receives, %d deletes, %d extensions", requests, jobs,
						w.Calls("ReceiveMessage"), w.Calls("DeleteMessageBatch"), w.Calls("ChangeMessageVisibility"))
				}
				if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
					t.Errorf("%d wait, %d are in flight", waiting, inFlight)
				}
			})
		})
	}
}

// A database is down, so every handler fails: nothing goes to the dead-letter queue, and all is
// handled soon after the end.
func TestListenWaitsOutAnOutageOfTheHandlers(t *testing.T) {
	for _, tt := range []struct {
		outage          time.Duration
		jobs, receives  int
		handledWithin   time.Duration // all of them
		mostWithin      time.Duration // four of five
		handlerDuration time.Duration
	}{
		{outage: time.Minute, jobs: 100, receives: 3, handledWithin: 40 * time.Minute, mostWithin: 5 * time.Minute},
		{outage: time.Minute, jobs: 1000, receives: 3, handledWithin: 40 * time.Minute, mostWithin: 5 * time.Minute},
		{outage: 4 * time.Hour, jobs: 1000, receives: 5, handledWithin: 7 * time.Hour, mostWithin: 30 * time.Minute},
		{outage: 4 * time.Hour, jobs: 1000, receives: 5, handledWithin: 7 * time.Hour, mostWithin: time.Hour, handlerDuration: 30 * time.Second},
		{outage: 4 * time.Hour, jobs: 3, receives: 5, handledWithin: 7 * time.Hour, mostWithin: 7 * time.Hour},
		{outage: 4 * time.Hour, jobs: 1000, receives: 3, handledWithin: 7 * time.Hour, mostWithin: 30 * time.Minute},
	} {
		t.Run(fmt.Sprint(tt.outage, " ", tt.jobs, " jobs, ", tt.receives, " receives, ", tt.handlerDuration), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.MaxReceiveCount = tt.receives
				w.queue.Shuffle = true
				for i := range tt.jobs {
					w.queue.Send(notification(fmt.Sprint(i)))
				}
				begin := time.Now()
				handled, failed := newRecord(), newRecord()
				stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
					time.Sleep(tt.handlerDuration)
					if time.Since(begin) < tt.outage {
						failed.add(n.JobID)
						return errors.New("database fails over")
					}
					handled.add(n.JobID)
					return nil
				})
				time.Sleep(tt.outage)
				received := w.Calls("ReceiveMessage")
				// Some 30 at most until it is sure that no message is good, and then few.
				if limit := int(tt.outage/(20*time.Second)) + 40; received > limit {
					t.Errorf("%d receives while everything failed", received)
				}
				time.Sleep(tt.mostWithin)
				if n := handled.len(); n < tt.jobs*4/5 {
					t.Errorf("%d of %d jobs are handled %s after the outage", n, tt.jobs, tt.mostWithin)
				}
				time.Sleep(tt.handledWithin - tt.mostWithin)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if n := handled.len(); n != tt.jobs {
					t.Errorf("%d of %d jobs are handled, %d were touched in the outage", n, tt.jobs, failed.len())
				}
				if dead := len(w.queue.DeadLetterQueue()); dead != 0 {
					t.Errorf("%d messages are in the dead-letter queue", dead)
				}
				if tt.jobs >= 10 && w.log.count("receiving pauses") != 1 ||
					w.log.count("receiving pauses") != w.log.count("receiving goes on") {
					t.Errorf("%d pauses, %d ends of them in the log", w.log.count("receiving pauses"), w.log.count("receiving goes on"))
				}
			})
		})
	}
}

// Messages that no handler will ever succeed with look like an outage. They must reach the
// dead-letter queue before the queue's retention period deletes them.
func TestListenDeadLettersWhatAlwaysFails(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs = 400
		w.queue.MaxReceiveCount = 5
		w.queue.RetentionPeriod = 7 * 24 * time.Hour
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error { return errors.New("no") })
		time.Sleep(7 * 24 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if dead := len(w.queue.DeadLetterQueue()); dead != jobs || w.queue.Expired() != 0 {
			t.Errorf("%d messages are in the dead-letter queue, %d expired", dead, w.queue.Expired())
		}
	})
}

// A hundred waiters next to a listener: Wait never receives, so each notification reaches the
// listener, with its first receive.
func TestWaitersAndAListenerOnOneQueue(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Shuffle = true
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Takes: time.Duration(1+rand.N(600)) * time.Second}
		}
		handled := newRecord()
		stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
			handled.add(n.JobID)
			return nil
		})
		var waiters sync.WaitGroup
		for i := range 100 {
			document := textractclient.S3Object{Bucket: "documents", Key: fmt.Sprint(i)}
			w.put(document, fmt.Sprint(i))
			waiters.Go(func() {
				job, err := w.client.Start(
					t.Context(),
					textractclient.StartInput{Operation: textractclient.TextDetection, Document: document},
				)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := w.client.Wait(t.Context(), job.Ref(), time.Hour); err != nil {
					t.Error(err)
				}
			})
		}
		waiters.Wait()
		time.Sleep(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for id := range w.Textract.Started() {
			if n := handled.count(id); n != 1 {
				t.Errorf("job %s was handled %d times", id, n)
			}
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight+len(w.queue.DeadLetterQueue()) != 0 || handled.len() != 100 {
			t.Errorf("%d wait, %d are in flight, %d handled", waiting, inFlight, handled.len())
		}
		// Sparse polls: the Get actions have quotas too.
		if calls := w.Calls("GetDocumentTextDetection"); calls > 100*40 {
			t.Errorf("%d looks at the status", calls)
		}
	})
}

// hash makes which jobs fail the same in every run.
func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// What the handlers need is down for hours, for a weekend, while workers are replaced: nothing goes
// to the dead-letter queue, and all is handled within 10 minutes of the end.
func TestListenSurvivesAWeekend(t *testing.T) {
	for _, tt := range []struct {
		jobs, processes int
		outage, restart time.Duration
	}{
		{jobs: 1, processes: 1, outage: 48 * time.Hour, restart: 24 * time.Hour},
		{jobs: 1, processes: 1, outage: 48 * time.Hour, restart: time.Minute},
		{jobs: 1, processes: 3, outage: 24 * time.Hour, restart: 12 * time.Hour},
		{jobs: 8, processes: 1, outage: 8 * time.Hour, restart: time.Hour},
		{jobs: 8, processes: 3, outage: 48 * time.Hour, restart: 24 * time.Hour},
		{jobs: 30, processes: 1, outage: 48 * time.Hour, restart: 24 * time.Hour},
		{jobs: 30, processes: 3, outage: 24 * time.Hour, restart: 13 * time.Hour},
		{jobs: 300, processes: 3, outage: 8 * time.Hour, restart: 4 * time.Hour},
		{jobs: 1000, processes: 1, outage: 8 * time.Hour, restart: 4 * time.Hour},
	} {
		t.Run(fmt.Sprint(tt.jobs, " jobs, ", tt.processes, " processes, ", tt.outage, ", restart after ", tt.restart), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.MaxReceiveCount = 5
				w.queue.RetentionPeriod = 7 * 24 * time.Hour
				w.queue.Shuffle = true
				begin, handled := time.Now(), newRecord()
				handle := func(_ context.Context, n textractclient.Notification) error {
					if time.Since(begin) < tt.outage {
						return errors.New("the database is down")
					}
					handled.add(n.JobID)
					return nil
				}
				var stops []func() error
				for range tt.processes {
					stops = append(stops, listen(t.Context(), w.newClient(t, w.Config()), handle))
				}
				for i := range tt.jobs {
					w.queue.Send(notification(fmt.Sprint(i)))
				}
				time.Sleep(tt.restart)
				if err := stops[0](); err != nil {
					t.Error(err)
				}
				stops[0] = listen(t.Context(), w.newClient(t, w.Config()), handle)
				time.Sleep(tt.outage + 10*time.Minute - time.Since(begin))
				if n := handled.len(); n != tt.jobs {
					t.Errorf("%d of %d jobs are handled 10 minutes after the outage", n, tt.jobs)
				}
				if dead := len(w.queue.DeadLetterQueue()); dead != 0 {
					t.Errorf("%d messages are in the dead-letter queue", dead)
				}
				for _, stop := range stops {
					if err := stop(); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// Notifications that can never be handled do not delay the others, whatever share of the queue they
// are.
func TestListenHandlesGoodMessagesAmongPoison(t *testing.T) {
	for name, poison := range map[string]error{
		"errors that are not marked":       errors.New("no such customer"),
		"jobs that Textract has forgotten": fmt.Errorf("results: %w", textractclient.ErrJobUnknown),
		"jobs that failed":                 &textractclient.JobError{},
		"marked by the handler":            fmt.Errorf("no such customer: %w", textractclient.ErrUnprocessable),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.queue.MaxReceiveCount = 5
				w.queue.Shuffle = true
				for i := range 1000 {
					w.queue.Send(notification(fmt.Sprint("poison-", i)))
				}
				sent := make(map[string]time.Time)
				var mu sync.Mutex
				var slowest time.Duration
				good := 0
				stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
					mu.Lock()
					defer mu.Unlock()
					at, isGood := sent[n.JobID]
					if !isGood {
						return poison
					}
					good++
					slowest = max(slowest, time.Since(at))
					return nil
				})
				for i := range 120 {
					mu.Lock()
					id := fmt.Sprint("good-", i)
					sent[id] = time.Now()
					mu.Unlock()
					w.queue.Send(notification(id))
					time.Sleep(time.Minute)
				}
				time.Sleep(5 * time.Minute)
				if err := stop(); err != nil {
					t.Error(err)
				}
				if good != 120 || slowest > 5*time.Minute {
					t.Errorf("%d of 120 good messages were handled, the slowest after %s", good, slowest)
				}
				if marked := name != "errors that are not marked"; marked && w.log.count("receiving pauses") != 0 {
					t.Error("poison was taken for an outage")
				}
			})
		})
	}
}

// A worker that waits for a slow handler gives back what it received ahead.
func TestListenReleasesWhatNoWorkerBegins(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.MaxReceiveCount = 5
		handled := newRecord()
		handle := func(ctx context.Context, n textractclient.Notification) error {
			if handled.add(n.JobID); n.JobID == "slow" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		one := func(o *textractclient.ListenOptions) { o.Workers = 1 }
		first := listen(t.Context(), w.newClient(t, w.Config()), handle, one)
		for i := range 100 { // quick ones, so that the worker receives ahead
			w.queue.Send(notification(fmt.Sprint("before-", i)))
		}
		time.Sleep(time.Minute)
		w.queue.Send(notification("slow"))
		for i := range 9 {
			w.queue.Send(notification(fmt.Sprint("after-", i)))
		}
		time.Sleep(time.Second)
		second := listen(t.Context(), w.newClient(t, w.Config()), handle, one)
		time.Sleep(2 * time.Minute)
		if n := handled.len(); n != 110 {
			t.Errorf("%d of 110 jobs were handled while one is slow", n)
		}
		for _, stop := range []func() error{first, second} {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
	})
}
