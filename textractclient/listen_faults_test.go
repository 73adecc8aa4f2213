package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// The handler that is called in a pause never returns, as on a connection that hangs: receiving
// goes on after the outage all the same.
func TestListenResumesThoughAHandlerHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		const jobs = 100
		w.queue.MaxReceiveCount = 5
		for i := range jobs {
			w.queue.Send(notification(fmt.Sprint(i)))
		}
		release := make(chan struct{})
		var hung atomic.Bool
		handled := newRecord()
		begin := time.Now()
		stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
			switch {
			case time.Since(begin) < 30*time.Second:
				return errors.New("database fails over")
			case hung.CompareAndSwap(false, true):
				<-release
			}
			handled.add(n.JobID)
			return nil
		})
		time.Sleep(8 * time.Hour)
		if n := handled.len(); n != jobs-1 {
			t.Errorf("%d of %d jobs are handled", n, jobs-1)
		}
		close(release)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if dead := len(w.queue.DeadLetterQueue()); dead != 0 {
			t.Errorf("%d messages are in the dead-letter queue", dead)
		}
	})
}

// SQS's answers that mean "later" do not end Listen, before the first receive or after.
func TestListenWaitsOutAFullQueue(t *testing.T) {
	for _, code := range []string{"OverLimit", "KmsThrottled", "RequestThrottled"} {
		t.Run(code, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				fail := func() {
					for range 30 {
						w.Fail("ReceiveMessage", textracttest.Fault{Code: "com.amazonaws.sqs#" + code, Status: 400})
					}
				}
				handled := newRecord()
				fail()
				stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
					handled.add(n.JobID)
					return nil
				})
				for _, job := range []string{"first", "second"} {
					w.queue.Send(notification(job))
					time.Sleep(time.Hour)
					if handled.count(job) != 1 {
						t.Errorf("the %s job is not handled", job)
					}
					fail()
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Listen begins in an outage of SQS: the redrive policy that it could not read then is not taken
// for the default.
func TestListenAsksForTheRedrivePolicyUntilItIsKnown(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for range 20 {
			w.Fail("GetQueueAttributes", textracttest.Fault{Code: "ServiceUnavailable", Status: 503})
		}
		handled := newRecord()
		begin := time.Now()
		stop := listen(t.Context(), w.client, func(_ context.Context, n textractclient.Notification) error {
			if time.Since(begin) < 2*time.Hour {
				return errors.New("database fails over")
			}
			handled.add(n.JobID)
			return nil
		})
		time.Sleep(time.Hour)
		w.queue.Send(notification("job"))
		time.Sleep(12 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if handled.len() != 1 || len(w.queue.DeadLetterQueue()) != 0 {
			t.Errorf("%d handled, %d in the dead-letter queue", handled.len(), len(w.queue.DeadLetterQueue()))
		}
		if n := w.log.count("WARN redrive policy unknown"); n != 1 {
			t.Errorf("%d warnings, want 1", n)
		}
	})
}

func TestListenWarnsOfTheRedrivePolicy(t *testing.T) {
	for receives, want := range []string{"WARN the queue has no dead-letter queue", "WARN the queue's maxReceiveCount is 1"} {
		inBubble(t, func(t *testing.T, w *world) {
			w.queue.MaxReceiveCount = receives
			w.queue.Send("not a notification")
			stop := listen(t.Context(), w.client, func(context.Context, textractclient.Notification) error { return nil })
			time.Sleep(24 * time.Hour)
			if err := stop(); err != nil {
				t.Error(err)
			}
			if n := w.log.count(want); n != 1 {
				t.Errorf("%d times in the log: %s", n, want)
			}
			if n := w.log.count("WARN not a notification"); n < 1 || n > 60 {
				t.Errorf("%d log lines in a day about one message", n)
			}
		})
	}
}

// A handler may use Listen's own context, whose deadline ends Listen: its message is visible again
// at once, as after a cancellation.
func TestListenShutsDownByADeadline(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.client.Listen(
			ctx,
			func(context.Context, textractclient.Notification) error { <-ctx.Done(); return ctx.Err() },
		); err != nil {
			t.Error(err)
		}
		if waiting, _ := w.queue.Count(); waiting != 1 {
			t.Errorf("%d messages wait, want 1", waiting)
		}
	})
}

// staleSQS deletes with receipt handles that SQS does not accept.
type staleSQS struct{ textractclient.SQSAPI }

func (s staleSQS) DeleteMessageBatch(
	ctx context.Context,
	in *sqs.DeleteMessageBatchInput,
	fns ...func(*sqs.Options),
) (*sqs.DeleteMessageBatchOutput, error) {
	for i := range in.Entries {
		in.Entries[i].ReceiptHandle = aws.String("stale")
	}
	return s.SQSAPI.DeleteMessageBatch(ctx, in, fns...)
}

// A message that is no longer this consumer's is not deleted again and again.
func TestListenDoesNotRepeatADeleteThatCannotSucceed(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.queue.Send(notification("job"))
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) { o.SQS = staleSQS{sqs.NewFromConfig(w.Config())} })
		stop := listen(t.Context(), client, func(context.Context, textractclient.Notification) error { return nil })
		time.Sleep(20 * time.Second)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if n := w.Calls("DeleteMessageBatch"); n != 1 {
			t.Errorf("%d deletes, want 1", n)
		}
		if n := w.log.count(slog.LevelWarn.String() + " message not deleted, it is visible to other consumers"); n != 1 {
			t.Errorf("%d log lines, want 1", n)
		}
	})
}
