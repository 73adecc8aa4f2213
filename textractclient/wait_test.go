package textractclient_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

func takes(d time.Duration) func(string, textracttest.Request) textracttest.Outcome {
	return func(string, textracttest.Request) textracttest.Outcome { return textracttest.Outcome{Takes: d} }
}

func TestWait(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Textract.Outcome = takes(10 * time.Minute)
		job := start(t, w, textractclient.TextDetection)
		begin := time.Now()
		var statuses []types.JobStatus
		state, err := w.client.Wait(ctx, job.Ref(), time.Hour, func(o *textractclient.WaitOptions) {
			o.OnStatus = func(s *textractclient.JobState) { statuses = append(statuses, s.Status) }
		})
		if err != nil || state.Status != types.JobStatusSucceeded {
			t.Errorf("state %+v, error %v", state, err)
		}
		if took := time.Since(begin); took < 10*time.Minute || took > 11*time.Minute+6*time.Second {
			t.Errorf("took %s", took)
		}
		if looks := len(statuses); looks < 18 || looks > 30 || statuses[0] != types.JobStatusInProgress {
			t.Errorf("looked %d times in 10 minutes, first %s", looks, statuses[0])
		}
		if waiting, _ := w.queue.Count(); waiting != 1 || w.Calls("ReceiveMessage") != 0 {
			t.Error("the queue was touched")
		}
	})
}

func TestWaitForAFailureAndAPartialSuccess(t *testing.T) {
	w := newWorld(t)
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Status: "FAILED", Message: "why"}
	}
	job := start(t, w, textractclient.ExpenseAnalysis)
	_, err := w.client.Wait(t.Context(), job.Ref(), time.Hour)
	var failed *textractclient.JobError
	if !errors.As(err, &failed) || failed.Message != "why" || failed.Status != types.JobStatusFailed {
		t.Errorf("error %v", err)
	}
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Status: "PARTIAL_SUCCESS"}
	}
	job = start(t, w, textractclient.LendingAnalysis)
	state, err := w.client.Wait(t.Context(), job.Ref(), time.Hour)
	if err != nil || state.Status != types.JobStatusPartialSuccess {
		t.Errorf("state %+v, error %v", state, err)
	}
}

func TestWaitEndsWithItsMaximumAndWithTheContext(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.Outcome = takes(time.Hour)
		job := start(t, w, textractclient.TextDetection)
		for name, tt := range map[string]struct{ ctxTimeout, maxWait time.Duration }{
			"maximum": {time.Hour, time.Minute}, "context": {time.Minute, time.Hour},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), tt.ctxTimeout)
			begin := time.Now()
			state, err := w.client.Wait(ctx, job.Ref(), tt.maxWait)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, textractclient.ErrJobInProgress) ||
				!strings.Contains(err.Error(), job.ID) || state == nil || time.Since(begin) > time.Minute {
				t.Errorf("%s: state %v, error %v after %s", name, state, err, time.Since(begin))
			}
		}
		for _, maxWait := range []time.Duration{0, -1} {
			if _, err := w.client.Wait(t.Context(), job.Ref(), maxWait); err == nil || !strings.Contains(err.Error(), "positive duration") {
				t.Errorf("maximum %s: error %v", maxWait, err)
			}
		}
		time.Sleep(2 * time.Hour)
	})
}
