package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

var errDown = errors.New("the database is down")

func withWorkers(n int) func(*textractclient.ListenOptions) {
	return func(o *textractclient.ListenOptions) { o.Workers = n }
}

// All workers are in slow handlers: what they received ahead is given back, and not received again
// and again, and Listen ends as ever.
func TestListenReceivesNothingAheadOfSlowHandlers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.MaxReceiveCount = 5
		handled := newRecord()
		stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
			if handled.add(n.JobID); n.JobID == "slow" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}, withWorkers(1))
		for i := range 100 { // quick ones, so that the worker receives ahead
			w.queue.Send(notification(fmt.Sprint("before-", i)))
		}
		time.Sleep(time.Minute)
		w.queue.Send(notification("slow"))
		for i := range 50 {
			w.queue.Send(notification(fmt.Sprint("after-", i)))
		}
		time.Sleep(time.Hour)
		if waiting, inFlight := w.queue.Count(); waiting != 50 || inFlight != 1 || len(w.queue.DeadLetterQueue()) != 0 {
			t.Errorf("%d messages wait, %d are in flight, %d are dead", waiting, inFlight, len(w.queue.DeadLetterQueue()))
		}
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("Listen ended after %s", took)
		}
	})
}

// As many messages are held as can be: the pause ends nevertheless.
func TestListenEndsAPauseWithAThousandMessagesHeld(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs = 1500
		w.queue.MaxReceiveCount = 5
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		begin, handled := time.Now(), newRecord()
		stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
			time.Sleep(time.Minute)
			if time.Since(begin) < 10*time.Minute {
				return errDown
			}
			handled.add(n.JobID)
			return nil
		}, withWorkers(1000))
		time.Sleep(30 * time.Minute)
		if n := handled.len(); n != jobs {
			t.Errorf("%d of %d jobs are handled 20 minutes after the outage", n, jobs)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// The message of a handler that failed is handled again while the hook about the failure still
// runs: the end of Listen ends this handler's context too.
func TestListenEndsTheContextOfAHandlerThatIsCalledAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.Hooks.Retried = func(textractclient.RetryEvent) { time.Sleep(time.Minute) }
		})
		handled := newRecord()
		var cause error
		stop := listen(t.Context(), client, func(ctx context.Context, n textractclient.Notification) error {
			if handled.add(n.JobID) == 1 {
				return errDown
			}
			<-ctx.Done()
			cause = context.Cause(ctx)
			return cause
		})
		time.Sleep(5 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if !errors.Is(cause, textractclient.ErrShutdown) {
			t.Errorf("cause %v", cause)
		}
	})
}

// SQS does not respond when Listen ends: held messages do not delay that.
func TestListenEndsThoughHeldMessagesCannotBeReleased(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs = 500
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error {
			time.Sleep(time.Second)
			return errDown
		}, withWorkers(jobs))
		time.Sleep(2 * time.Minute)
		w.Fail("ChangeMessageVisibility", slices.Repeat([]textracttest.Fault{{Hang: true}}, 10*jobs)...)
		begin := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(begin); took > time.Minute {
			t.Errorf("Listen ended after %s", took)
		}
		if n := w.log.count("not released"); n > 20 {
			t.Errorf("%d log lines", n)
		}
	})
}

// A message that is held for 12 hours is no message of a running handler.
func TestListenLogsNoLossAtTheEndOfTheTwelveHours(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Latency = 30 * time.Millisecond
		for i := range 100 {
			w.queue.Send(notification(fmt.Sprint(i)))
			time.Sleep(time.Duration(i) * time.Millisecond)
		}
		stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error { return errDown })
		time.Sleep(13 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := w.log.count("is lost"); n != 0 {
			t.Errorf("%d log lines say that a message is lost", n)
		}
	})
}

// A message that waits for a worker, and is visible to others meanwhile, is not handled here.
func TestListenDoesNotHandleAHeldMessageThatIsLost(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		handled := newRecord()
		stop := listen(t.Context(), w.client, func(ctx context.Context, n textractclient.Notification) error {
			if context.Cause(ctx) != nil {
				t.Errorf("%s is handled with a context that has ended: %v", n.JobID, context.Cause(ctx))
			}
			switch times := handled.add(n.JobID); {
			case n.JobID == "slow":
				time.Sleep(time.Hour)
			case times == 1:
				return errDown
			}
			return nil
		}, withWorkers(1))
		w.queue.Send(notification("job"))
		time.Sleep(time.Second)
		w.queue.Send(notification("slow"))
		time.Sleep(time.Second)
		w.Fail("ChangeMessageVisibility", slices.Repeat([]textracttest.Fault{{Code: "ReceiptHandleIsInvalid", Status: 400}}, 2)...)
		time.Sleep(3 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := handled.count("job"); n != 2 {
			t.Errorf("the job was handled %d times, want 2", n)
		}
	})
}

// A second receive of a message opens the breaker at once: the log says how many handlers failed.
func TestListenLogsHowManyHandlersFailed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		for range 2 {
			stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error { return errDown })
			time.Sleep(5 * time.Second)
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		if w.log.count("receiving pauses until one succeeds failed=1 ") != 1 {
			t.Error("no log line says that one handler failed")
		}
	})
}

// All workers are in slow handlers: a held message that is due goes to an idle process.
func TestListenGivesAHeldMessageToAnIdleProcess(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.MaxReceiveCount = 5
		handled := newRecord()
		begin := time.Now()
		var took time.Duration
		handle := func(ctx context.Context, n textractclient.Notification) error {
			switch times := handled.add(n.JobID); {
			case n.JobID == "slow":
				<-ctx.Done()
				return ctx.Err()
			case times == 1:
				return errDown
			}
			took = time.Since(begin)
			return nil
		}
		busy := listen(t.Context(), w.newClient(t, w.Config()), handle, withWorkers(1))
		w.queue.Send(notification("job"))
		time.Sleep(time.Second)
		w.queue.Send(notification("slow"))
		time.Sleep(time.Second)
		idle := listen(t.Context(), w.newClient(t, w.Config()), handle, withWorkers(1))
		time.Sleep(time.Hour)
		for _, stop := range []func() error{busy, idle} {
			if err := stop(); err != nil {
				t.Error(err)
			}
		}
		if handled.count("job") != 2 || took > 3*time.Minute {
			t.Errorf("handled %d times, at last after %s", handled.count("job"), took)
		}
	})
}
