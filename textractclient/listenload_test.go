package textractclient_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// Ten thousand jobs, in random order, one in ten delivered twice, one in twenty with a handler that always fails, over a service
// that throttles and breaks: every job is handled, none is lost, and the dead letters are exactly the failures.
func TestListenLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		const jobs = 10_000
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
			w.Fail("DeleteMessage", textracttest.Fault{Code: "InternalError", Status: 500}, textracttest.Fault{})
		}
		fails := func(job string) bool { return hash(job)%20 == 0 }

		handled := newRecord()
		var running, most atomic.Int64
		stop := listen(ctx, w.client, func(_ context.Context, n textractclient.Notification) error {
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
		time.Sleep(3 * time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}

		wantDead := make(map[string]int)
		for i := range jobs {
			job := fmt.Sprint(i)
			if handled.count(job) == 0 {
				t.Errorf("job %s was never handled", job)
			}
			if fails(job) {
				wantDead[job] = 1
				if i%10 == 0 {
					wantDead[job] = 2
				}
			}
		}
		for _, body := range w.queue.DeadLetters() {
			n, err := textractclient.ParseNotification([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			wantDead[n.JobID]--
		}
		for job, missing := range wantDead {
			if missing != 0 {
				t.Errorf("job %s: %d of its dead letters are missing", job, missing)
			}
		}
		if len(wantDead) < jobs/25 || len(wantDead) > jobs/15 {
			t.Errorf("%d jobs fail, want about one in twenty", len(wantDead))
		}
		if waiting, inFlight := w.queue.Count(); waiting+inFlight != 0 {
			t.Errorf("%d messages wait and %d are in flight", waiting, inFlight)
		}
		if most.Load() > 16 {
			t.Errorf("%d handlers ran at a time", most.Load())
		}
	})
}

// hash makes which jobs fail the same in every run.
func hash(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}
