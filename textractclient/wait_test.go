package textractclient_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/internal/fake"
)

func takes(d time.Duration) func(string, fake.Request) fake.Outcome {
	return func(string, fake.Request) fake.Outcome { return fake.Outcome{Takes: d} }
}

func TestWait(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Textract.Outcome = takes(10 * time.Minute)
		job := start(t, w, textractclient.TextDetection)
		begin := time.Now()
		var statuses []types.JobStatus
		state, err := w.client.Wait(ctx, textractclient.TextDetection, job.ID, func(o *textractclient.WaitOptions) {
			o.OnStatus = func(s *textractclient.JobState) { statuses = append(statuses, s.Status) }
		})
		if err != nil || state.Status != types.JobStatusSucceeded {
			t.Errorf("state %+v, error %v", state, err)
		}
		if took := time.Since(begin); took < 10*time.Minute || took > 10*time.Minute+17*time.Second {
			t.Errorf("took %s", took)
		}
		if looks := len(statuses); looks < 35 || looks > 55 || statuses[0] != types.JobStatusInProgress {
			t.Errorf("looked %d times in 10 minutes, first %s", looks, statuses[0])
		}
		if waiting, _ := w.queue.Count(); waiting != 1 || w.Calls("ReceiveMessage") != 0 {
			t.Error("the queue was touched")
		}
	})
}

func TestWaitForAFailureAndAPartialSuccess(t *testing.T) {
	w := newWorld(t)
	w.Textract.Outcome = func(string, fake.Request) fake.Outcome { return fake.Outcome{Status: "FAILED", Message: "why"} }
	job := start(t, w, textractclient.ExpenseAnalysis)
	_, err := w.client.Wait(t.Context(), textractclient.ExpenseAnalysis, job.ID)
	var failed *textractclient.JobError
	if !errors.As(err, &failed) || failed.Message != "why" || failed.Status != types.JobStatusFailed {
		t.Errorf("error %v", err)
	}
	w.Textract.Outcome = func(string, fake.Request) fake.Outcome { return fake.Outcome{Status: "PARTIAL_SUCCESS"} }
	job = start(t, w, textractclient.LendingAnalysis)
	state, err := w.client.Wait(t.Context(), textractclient.LendingAnalysis, job.ID)
	if err != nil || state.Status != types.JobStatusPartialSuccess {
		t.Errorf("state %+v, error %v", state, err)
	}
}

func TestWaitEndsWithTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Textract.Outcome = takes(time.Hour)
		job := start(t, w, textractclient.TextDetection)
		for name, wait := range map[string]func(context.Context, textractclient.Operation, string, ...func(*textractclient.WaitOptions)) (*textractclient.JobState, error){
			"Wait": w.client.Wait, "WaitQueue": w.client.WaitQueue,
		} {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			begin := time.Now()
			_, err := wait(ctx, textractclient.TextDetection, job.ID)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "IN_PROGRESS") || time.Since(begin) != time.Minute {
				t.Errorf("%s: error %v after %s", name, err, time.Since(begin))
			}
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestWaitQueueKnowsAtOnceAndTakesItsMessage(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Textract.Outcome = takes(10*time.Minute + time.Second)
		job := start(t, w, textractclient.TextDetection)
		begin := time.Now()
		state, err := w.client.WaitQueue(ctx, textractclient.TextDetection, job.ID)
		if err != nil || state.Status != types.JobStatusSucceeded {
			t.Fatalf("state %+v, error %v", state, err)
		}
		if took := time.Since(begin); took != 10*time.Minute+time.Second {
			t.Errorf("took %s", took)
		}
		if state.Notification == nil || state.Notification.JobID != job.ID {
			t.Errorf("notification %+v", state.Notification)
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
			t.Errorf("%d messages wait, %d are in flight", waiting, inFlight)
		}
	})
}

func TestWaitQueueOfAJobThatHasEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		job := start(t, w, textractclient.TextDetection)
		state, err := w.client.WaitQueue(ctx, textractclient.TextDetection, job.ID)
		if err != nil || state.Notification == nil {
			t.Fatalf("state %+v, error %v", state, err)
		}
		// Started again, the job is the same, and publishes nothing.
		if again := start(t, w, textractclient.TextDetection); again.ID != job.ID {
			t.Fatalf("another job was started")
		}
		begin := time.Now()
		state, err = w.client.WaitQueue(ctx, textractclient.TextDetection, job.ID)
		if err != nil || state.Status != types.JobStatusSucceeded || state.Notification != nil || time.Since(begin) > 2*time.Second {
			t.Errorf("state %+v, error %v after %s", state, err, time.Since(begin))
		}
	})
}

// WaitQueue must not use up the receives of messages that are not its own.
func TestWaitQueueLeavesOthersAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		before, during []string
		putBack        int
	}{
		"one that waits":  {[]string{notification("a")}, nil, 1},
		"many that wait":  {[]string{notification("a"), notification("b"), "rubbish"}, nil, 0},
		"some that come":  {nil, []string{notification("a"), notification("b")}, 1},
		"rubbish comes":   {nil, []string{"rubbish"}, 1},
		"nobody's coming": {nil, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				w.queue.MaxReceiveCount = 2
				for _, body := range tt.before {
					w.queue.Send(body)
				}
				w.Textract.Outcome = takes(5 * time.Minute)
				job := start(t, w, textractclient.TextDetection)
				time.AfterFunc(time.Minute, func() {
					for _, body := range tt.during {
						w.queue.Send(body)
					}
				})
				state, err := w.client.WaitQueue(ctx, textractclient.TextDetection, job.ID)
				if err != nil || state.Status != types.JobStatusSucceeded {
					t.Errorf("state %+v, error %v", state, err)
				}
				time.Sleep(time.Minute)
				others := append(slices.Clone(tt.before), tt.during...)
				left := w.queue.Bodies()
				for _, body := range others {
					if !slices.Contains(left, body) {
						t.Errorf("message %q is gone", body)
					}
				}
				if dead := w.queue.DeadLetters(); len(dead) > 0 {
					t.Errorf("dead letters %q", dead)
				}
				if puts := w.Calls("ChangeMessageVisibility"); puts != tt.putBack {
					t.Errorf("%d messages of others were put back, want %d", puts, tt.putBack)
				}
				if len(tt.before) > 1 && w.Calls("ReceiveMessage") > 0 {
					t.Error("a queue in use was received from")
				}
			})
		})
	}
}

func TestWaitQueueWithoutAQueueToUse(t *testing.T) {
	for name, spoil := range map[string]func(*world){
		"none": func(w *world) { w.config.QueueURL = "" },
		"gone": func(w *world) { w.config.QueueURL = "http://fake.test/123456789012/gone" },
		"attributes denied": func(w *world) {
			w.Fail("GetQueueAttributes", fake.Fault{Code: "AccessDenied", Status: 403})
		},
		"receive denied": func(w *world) { w.Fail("ReceiveMessage", fake.Fault{Code: "AccessDenied", Status: 403}) },
		"delete denied":  func(w *world) { w.Fail("DeleteMessage", fake.Fault{Code: "AccessDenied", Status: 403}) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				ctx := t.Context()
				spoil(w)
				w.Textract.Outcome = takes(time.Minute)
				job := start(t, w, textractclient.TextDetection)
				state, err := w.newClient(w.Config()).WaitQueue(ctx, textractclient.TextDetection, job.ID)
				if err != nil || state.Status != types.JobStatusSucceeded {
					t.Errorf("state %+v, error %v", state, err)
				}
			})
		})
	}
}
