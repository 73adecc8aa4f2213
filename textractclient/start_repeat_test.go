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

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// readsContent makes each job find the content that its document had at the start.
func readsContent(w *world) {
	w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
		content, _ := w.S3.Get(r.DocumentLocation.S3Object.Bucket, r.DocumentLocation.S3Object.Name)
		return textracttest.Outcome{Takes: time.Minute, Items: []any{line("1", string(content), 1)}}
	}
}

func startLetter(t *testing.T, c *textractclient.Client) *textractclient.Job {
	t.Helper()
	job, err := c.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func (w *world) jobs() int { return len(w.Textract.Started()) }

// Bucket and key alone: the simplest use never gets an old document's text, and a repeat starts and
// bills nothing.
func TestStartOfADocumentThatWasOverwritten(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		readsContent(w)
		for i, content := range []string{"first", "second", "second", "third"} {
			w.put(letter, content)
			job := startLetter(t, w.client)
			again := startLetter(t, w.client)
			if again.ID != job.ID || again.Document.ETag == "" {
				t.Errorf("%d: a repeat started another job: %+v", i, again)
			}
			if _, err := w.client.Wait(t.Context(), job.Ref(), time.Hour); err != nil {
				t.Fatal(err)
			}
			document, err := textractdoc.Read(w.client.Results(t.Context(), job.Ref()))
			if err != nil || document.Text() != content+"\n" {
				t.Errorf("%d: text %q, error %v, want %q", i, document.Text(), err, content)
			}
			if after := startLetter(t, w.client); after.ID != job.ID || after.Status != types.JobStatusSucceeded {
				t.Errorf("%d: a repeat after the end got %+v", i, after)
			}
		}
		if w.jobs() != 3 {
			t.Errorf("%d jobs for three contents", w.jobs())
		}
	})
}

// The event of a failed job's document comes again: another job, to be repeated in the same way,
// for 7 days and after.
func TestStartAfterAFailure(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		status, duration := "FAILED", time.Minute
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: status, Takes: duration, Message: "role may not be assumed"}
		}
		w.put(letter, "%PDF-1.7")
		other := w.newClient(t, w.Config()) // another process: nothing is remembered
		for range 5 {
			job := startLetter(t, w.client)
			if again := startLetter(t, other); again.ID != job.ID || again.Status != types.JobStatusInProgress {
				t.Errorf("a repeat in progress got %+v", again)
			}
			if _, err := w.client.Wait(t.Context(), job.Ref(), time.Hour); !errors.Is(err, textractclient.ErrJobFailed) {
				t.Errorf("error %v", err)
			}
		}
		if w.jobs() != 5 {
			t.Errorf("%d jobs after 5 starts", w.jobs())
		}
		status = "" // the cause is fixed
		job := startLetter(t, other)
		time.Sleep(time.Hour)
		for range 3 {
			if again := startLetter(t, w.client); again.ID != job.ID || again.Status != types.JobStatusSucceeded {
				t.Errorf("a repeat after the success got %+v", again)
			}
		}
		if w.jobs() != 6 {
			t.Errorf("%d jobs", w.jobs())
		}
		// A notification for each job.
		if waiting, _ := w.queue.Count(); waiting != 6 {
			t.Errorf("%d notifications, want 6", waiting)
		}
		time.Sleep(6 * 24 * time.Hour)
		if again := startLetter(t, w.client); again.ID != job.ID {
			t.Error("another job within 7 days of the success")
		}
		time.Sleep(2 * 24 * time.Hour)
		if after := startLetter(t, w.client); after.ID == job.ID || after.Status != types.JobStatusInProgress {
			t.Errorf("after 7 days: %+v", after)
		}
	})
}

// Two events of a failed job's document at a time are one new job.
func TestStartAfterAFailureTwiceAtATime(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		status := "FAILED"
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: status, Takes: time.Minute}
		}
		w.put(letter, "%PDF-1.7")
		startLetter(t, w.client)
		time.Sleep(time.Hour)
		status = ""
		var starts sync.WaitGroup
		for range 20 {
			client := w.newClient(t, w.Config())
			starts.Go(func() {
				in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter}
				if _, err := client.Start(t.Context(), in); err != nil {
					t.Error(err)
				}
			})
		}
		starts.Wait()
		if w.jobs() != 2 {
			t.Errorf("%d jobs, want the failed one and one more", w.jobs())
		}
	})
}

// A document that fails again and again ends in an error, not in calls without end.
func TestStartAfterTooManyFailures(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: "FAILED", Takes: time.Second, Message: "damaged"}
		}
		w.put(letter, "%PDF-1.7")
		for range 21 {
			startLetter(t, w.client)
			time.Sleep(time.Minute)
		}
		_, err := w.client.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
		if !errors.Is(err, textractclient.ErrJobFailed) ||
			!strings.Contains(err.Error(), "21 jobs failed for it within 7 days, set Salt") ||
			!strings.Contains(err.Error(), "damaged") {
			t.Errorf("error %v", err)
		}
		if w.jobs() != 21 {
			t.Errorf("%d jobs", w.jobs())
		}
	})
}

// A starter without the Get actions starts all the same, and says what it cannot do.
func TestStartWithoutTheGetActions(t *testing.T) {
	w := newWorld(t)
	w.put(letter, "%PDF-1.7")
	for range 3 {
		w.Fail("GetDocumentTextDetection", textracttest.Fault{Code: "AccessDeniedException", Status: 400})
		if job := startLetter(t, w.client); job.Status != "" {
			t.Errorf("status %s", job.Status)
		}
	}
	if w.jobs() != 1 || w.log.count("grant the Get actions") != 1 {
		t.Errorf("%d jobs, %d warnings", w.jobs(), w.log.count("grant the Get actions"))
	}
}

// Without a look at the document no token is derived: more jobs, but never old results.
func TestStartWhereTheDocumentCannotBeLookedAt(t *testing.T) {
	inBubble(t, startsWithoutALook)
}

func startsWithoutALook(t *testing.T, w *world) {
	w.put(letter, "%PDF-1.7")
	for range 2 {
		w.Fail("HeadObject", textracttest.Fault{Code: "Forbidden", Status: 403})
		startLetter(t, w.client)
	}
	if w.jobs() != 2 || w.log.count("version is unknown") != 2 {
		t.Errorf("%d jobs, %d warnings", w.jobs(), w.log.count("version is unknown"))
	}
	// The attempts of one start are one job.
	w.Fail("HeadObject", textracttest.Fault{Code: "Forbidden", Status: 403})
	w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "InternalServerError", Status: 500}, textracttest.Fault{})
	startLetter(t, w.client)
	// Nor does it need a way to S3, as in a VPC without that endpoint.
	w.Fail("HeadObject", textracttest.Fault{Hang: true})
	startLetter(t, w.client)
	if w.jobs() != 4 {
		t.Errorf("%d jobs", w.jobs())
	}
}

// Both causes of S3's 403 are named, wherever it is met.
func TestStartOfADocumentThatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
	if err == nil || !strings.Contains(err.Error(), "it does not exist, or its bucket does not") ||
		!strings.Contains(err.Error(), letter.String()) {
		t.Errorf("with s3:ListBucket: error %v", err)
	}
	w.S3.ListDenied = true
	_, err = w.client.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
	if err == nil || !strings.Contains(err.Error(), "the object does not exist") || !strings.Contains(err.Error(), "s3:GetObject") {
		t.Errorf("without s3:ListBucket: error %v", err)
	}
	if _, err = w.client.Stat(
		t.Context(),
		letter,
	); err == nil || !strings.Contains(err.Error(), "the object does not exist") ||
		!strings.Contains(err.Error(), "s3:GetObject") {
		t.Errorf("Stat: error %v", err)
	}
	// Textract reads from buckets of its own Region only.
	w.S3.ListDenied = false
	w.put(letter, "%PDF-1.7")
	w.Fail("HeadObject", textracttest.Fault{Code: "MovedPermanently", Status: 301})
	_, err = w.client.Start(t.Context(), textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
	if err == nil || !strings.Contains(err.Error(), "another Region") {
		t.Errorf("a bucket of another Region: error %v", err)
	}
	if w.jobs() != 0 {
		t.Errorf("%d jobs", w.jobs())
	}
}

// The caller's own token decides, whatever became of the job.
func TestStartWithATokenOfTheCallers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
			return textracttest.Outcome{Status: "FAILED", Takes: time.Second}
		}
		w.put(letter, "%PDF-1.7")
		in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter, ClientRequestToken: "mine"}
		for range 2 {
			if job, err := w.client.Start(t.Context(), in); err != nil || job.ClientRequestToken != "mine" {
				t.Errorf("%+v, error %v", job, err)
			}
			time.Sleep(time.Minute)
		}
		if w.jobs() != 1 || w.Calls("HeadObject") != 0 || w.Calls("GetDocumentTextDetection") != 0 {
			t.Errorf("%d jobs, %d looks", w.jobs(), w.Calls("HeadObject"))
		}
	})
}

// A wait for a full quota is logged, reported to the hook, and bounded by the context alone.
func TestStartReportsThrottling(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.put(letter, "%PDF-1.7")
		for range 10_000 {
			w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "LimitExceededException", Status: 400})
		}
		var events []textractclient.RetryEvent
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.Hooks.Throttled = func(e textractclient.RetryEvent) { events = append(events, e) }
		})
		cause := errors.New("deploy")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(90*time.Minute, func() { cancel(cause) })
		begin := time.Now()
		_, err := client.Start(ctx, textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter})
		if took := time.Since(begin); took != 90*time.Minute {
			t.Errorf("took %s", took)
		}
		if !errors.Is(err, textractclient.ErrQuotaExceeded) || !errors.Is(err, cause) || !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		if n := w.log.count("Textract throttles"); n < 60 || n > 91 {
			t.Errorf("%d log lines in 90 minutes, want about one a minute", n)
		}
		if len(events) < 180 || events[0].Action != "StartDocumentTextDetection" || events[2].Attempt != 3 || events[0].Err == nil ||
			events[0].Delay == 0 {
			t.Errorf("%d hook calls, first %+v", len(events), events[0])
		}
		if w.jobs() != 0 {
			t.Errorf("%d jobs", w.jobs())
		}
	})
}

// The retries of the AWS configuration decide where it has some.
func TestStartRespectsTheCallersRetries(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*aws.Config)
		calls  int
	}{
		"max attempts": {func(c *aws.Config) { c.RetryMaxAttempts = 2 }, 2},
		"retryer":      {func(c *aws.Config) { c.Retryer = func() aws.Retryer { return aws.NopRetryer{} } }, 1},
		"many attempts": {func(c *aws.Config) {
			c.Retryer = func() aws.Retryer {
				return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 7; o.RateLimiter = noLimit{} })
			}
		}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				cfg := w.Config()
				tt.change(&cfg)
				w.put(letter, "%PDF-1.7")
				for range 100 {
					w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "ThrottlingException", Status: 400})
				}
				_, err := w.newClient(
					t,
					cfg,
				).Start(
					t.Context(),
					textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter},
				)
				if !errors.Is(err, textractclient.ErrThrottled) || w.Calls("StartDocumentTextDetection") != tt.calls {
					t.Errorf("%d calls, error %v", w.Calls("StartDocumentTextDetection"), err)
				}
			})
		})
	}
}

type noLimit struct{}

func (noLimit) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (noLimit) AddTokens(uint) error { return nil }

// A call that hangs is repeated, under either kind of retries.
func TestCallsHaveADeadline(t *testing.T) {
	for name, attempts := range map[string]int{"own retries": 0, "the caller's": 3} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				cfg := w.Config()
				cfg.RetryMaxAttempts = attempts
				w.put(letter, "%PDF-1.7")
				w.Fail("HeadObject", textracttest.Fault{Hang: true})
				client := w.newClient(t, cfg)
				begin := time.Now()
				if _, err := client.Stat(
					t.Context(),
					letter,
				); !errors.Is(err, context.DeadlineExceeded) ||
					time.Since(begin) > time.Minute {
					t.Errorf("error %v after %s", err, time.Since(begin))
				}
				w.Fail("StartDocumentTextDetection", textracttest.Fault{Hang: true})
				begin = time.Now()
				job := startLetter(t, client)
				if took := time.Since(begin); took < time.Minute || took > 2*time.Minute || w.jobs() != 1 {
					t.Errorf("took %s, %d jobs", took, w.jobs())
				}
				w.Fail("GetDocumentTextDetection", textracttest.Fault{Hang: true})
				begin = time.Now()
				if _, err := client.Wait(t.Context(), job.Ref(), time.Hour); err != nil || time.Since(begin) > 2*time.Minute {
					t.Errorf("error %v after %s", err, time.Since(begin))
				}
				// A caller whose own context ends is not kept.
				w.Fail("GetDocumentTextDetection", textracttest.Fault{Hang: true})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				begin = time.Now()
				if _, err := client.Status(
					ctx,
					job.Ref(),
				); !errors.Is(err, context.DeadlineExceeded) ||
					time.Since(begin) != 5*time.Second {
					t.Errorf("error %v after %s", err, time.Since(begin))
				}
			})
		})
	}
}

// Jobs start, complete and fail: what a dashboard needs.
func TestHooks(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
			outcome := textracttest.Outcome{Takes: 3 * time.Minute, Pages: 12}
			for page := range int32(12) {
				outcome.Items = append(outcome.Items, line(fmt.Sprint(page), "text", page+1))
			}
			if r.JobTag == "bad" {
				outcome.Status = "FAILED"
			}
			return outcome
		}
		w.put(letter, "%PDF-1.7")
		var mu sync.Mutex
		events := make(map[string][]textractclient.JobEvent)
		hook := func(name string) func(textractclient.JobEvent) {
			return func(e textractclient.JobEvent) {
				mu.Lock()
				defer mu.Unlock()
				events[name] = append(events[name], e)
			}
		}
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) {
			o.Hooks = textractclient.Hooks{Started: hook("started"), Completed: hook("completed"), Failed: hook("failed")}
		})
		for _, tag := range []string{"good", "bad", "good"} {
			in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter, JobTag: tag}
			if _, err := client.Start(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		stop := listen(t.Context(), client, func(ctx context.Context, n textractclient.Notification) error {
			if n.HasResults() {
				_, err := textractdoc.Read(client.Results(ctx, n.Ref()))
				return err
			}
			return nil
		})
		time.Sleep(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if len(events["started"]) != 2 || len(events["completed"]) != 1 || len(events["failed"]) != 1 {
			t.Fatalf("events %+v", events)
		}
		started := events["started"][0]
		if started.JobTag != "good" || started.Document.Key != letter.Key {
			t.Errorf("started %+v", started)
		}
		completed := events["completed"][0]
		if completed.Job != started.Job || completed.Status != types.JobStatusSucceeded || completed.Pages != 12 ||
			completed.Duration < 2*time.Minute || completed.Duration > 4*time.Minute || completed.JobTag != "good" {
			t.Errorf("completed %+v", completed)
		}
		if failed := events["failed"][0]; failed.JobTag != "bad" || failed.Status != types.JobStatusFailed {
			t.Errorf("failed %+v", failed)
		}
		// Wait calls the hook too.
		if _, err := client.Wait(
			t.Context(), completed.Job, time.Minute,
		); err != nil || len(events["completed"]) != 2 ||
			events["completed"][1].Pages != 12 {
			t.Errorf("error %v, completed %+v", err, events["completed"])
		}
	})
}

// Hooks and callbacks that panic change nothing.
func TestStartAndWaitSurviveTheirHooks(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.Textract.Outcome = takes(time.Minute)
		w.put(letter, "%PDF-1.7")
		w.Fail(
			"StartDocumentTextDetection", textracttest.Fault{Code: "ThrottlingException", Status: 400},
			textracttest.Fault{Code: "InternalServerError", Status: 500},
		)
		client := w.newClient(t, w.Config(), nil, func(o *textractclient.Options) {
			o.Hooks = textractclient.Hooks{
				Started: func(textractclient.JobEvent) { panic("x") }, Completed: func(textractclient.JobEvent) { panic("x") },
				Throttled: func(textractclient.RetryEvent) { panic("x") }, Retried: func(textractclient.RetryEvent) { panic("x") },
			}
		})
		job := startLetter(t, client)
		for _, change := range []func(*textractclient.WaitOptions){
			nil,
			func(o *textractclient.WaitOptions) { o.OnStatus = func(*textractclient.JobState) { panic("x") } },
			func(o *textractclient.WaitOptions) { o.OnStatus = nil },
			func(o *textractclient.WaitOptions) { o.MinInterval, o.MaxInterval = -time.Hour, -time.Hour },
			func(o *textractclient.WaitOptions) { o.MinInterval, o.MaxInterval = 0, 0 },
			func(o *textractclient.WaitOptions) { o.MinInterval, o.MaxInterval = 1<<62, 1<<62 },
		} {
			if _, err := client.Wait(t.Context(), job.Ref(), 3*time.Hour, change); err != nil {
				t.Error(err)
			}
		}
		if n := w.log.count("hook failed"); n != 9 {
			t.Errorf("%d failed hooks in the log", n)
		}
	})
}

// The causes of an error of a Get action.
func TestGetExplains(t *testing.T) {
	for code, want := range map[string]string{
		"InvalidS3ObjectException":  "the object does not exist",
		"AccessDeniedException":     "needs the Get action",
		"InvalidKMSKeyException":    "kms:Decrypt",
		"InvalidJobIdException":     "wrong operation, Region or account",
		"InvalidParameterException": "page token",
	} {
		for _, operation := range textractclient.Operations() {
			w := newWorld(t)
			w.Fail("Get"+strings.TrimPrefix(string(operation), "Start"), textracttest.Fault{Code: code, Status: http.StatusBadRequest})
			_, err := w.client.Status(t.Context(), textractclient.JobRef{Operation: operation, ID: "1"})
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), code) {
				t.Errorf("%s of %s: error %v, want it to contain %q", code, operation, err, want)
			}
		}
		w := newWorld(t)
		w.Fail("GetLendingAnalysisSummary", textracttest.Fault{Code: code, Status: http.StatusBadRequest})
		_, err := w.client.LendingSummary(t.Context(), textractclient.JobRef{Operation: textractclient.LendingAnalysis, ID: "1"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s of the summary: error %v, want it to contain %q", code, err, want)
		}
	}
}

// In a bucket whose versioning is suspended, each object that overwrites another has the version
// "null" too.
func TestStartOfANullVersionThatWasOverwritten(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		for i, content := range []string{"first", "first", "second"} {
			w.put(letter, content)
			in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: letter}
			in.Document.VersionID = "null"
			if _, err := w.client.Start(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			if want := []int{1, 1, 2}[i]; w.jobs() != want {
				t.Errorf("%d jobs after %d starts, want %d", w.jobs(), i+1, want)
			}
		}
	})
}

// noETags is a store that returns no ETag, as not every one does that speaks S3's protocol.
type noETags struct{ textractclient.S3API }

func (noETags) HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	return &s3.HeadObjectOutput{}, nil
}

func TestStartOfADocumentWithoutAnETag(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		client := w.newClient(t, w.Config(), func(o *textractclient.Options) { o.S3 = noETags{} })
		w.put(letter, "first")
		first := startLetter(t, client)
		w.put(letter, "second")
		if second := startLetter(t, client); second.ID == first.ID {
			t.Error("an overwritten document got the old job")
		}
		if n := w.log.count("the document's version is unknown"); n != 2 {
			t.Errorf("%d log lines", n)
		}
	})
}

// With WaitForStatus, and while the Get actions do not answer, a repeat after a failure is a new
// job all the same, and not the failed one.
func TestStartAfterAFailureThatIsHardToSee(t *testing.T) {
	for _, tt := range []struct {
		name   string
		wait   bool
		faults []textracttest.Fault
	}{
		{"throttled", true, slices.Repeat([]textracttest.Fault{{Code: "ThrottlingException", Status: http.StatusBadRequest}}, 50)},
		{"hangs", false, []textracttest.Fault{{Hang: true}}},
		{"breaks", false, make([]textracttest.Fault, 5)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				failed := failedLetter(t, w)
				w.Fail("GetDocumentTextDetection", tt.faults...)
				job, err := w.client.Start(t.Context(), textractclient.StartInput{
					Operation: textractclient.TextDetection, Document: letter, WaitForStatus: tt.wait,
				})
				if err != nil || job.ID == failed.ID || job.Status != types.JobStatusInProgress {
					t.Errorf("the repeat got %+v, error %v", job, err)
				}
			})
		})
	}
}

// failedLetter has a job that has failed.
func failedLetter(t *testing.T, w *world) *textractclient.Job {
	t.Helper()
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Takes: time.Minute, Status: "FAILED"}
	}
	failed := start(t, w, textractclient.TextDetection)
	time.Sleep(time.Hour)
	return failed
}

// A throttled look at the status tells nothing, is not repeated, whoever retries, and the next
// start takes another.
func TestStartDoesNotWaitWhileGetIsThrottled(t *testing.T) {
	for name, change := range map[string]func(*aws.Config){
		"own retries":    func(*aws.Config) {},
		"caller retries": func(c *aws.Config) { c.Retryer = func() aws.Retryer { return retry.NewStandard() } },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				failed := failedLetter(t, w)
				cfg := w.Config()
				change(&cfg)
				client := w.newClient(t, cfg)
				before, begin := w.Calls("GetDocumentTextDetection"), time.Now()
				w.Fail("GetDocumentTextDetection", textracttest.Fault{Code: "ProvisionedThroughputExceededException", Status: http.StatusBadRequest})
				if job := startLetter(t, client); job.ID != failed.ID || job.Status != "" {
					t.Errorf("got %+v", job)
				}
				if calls := w.Calls("GetDocumentTextDetection") - before; calls != 1 || time.Since(begin) > 0 {
					t.Errorf("%d looks, %s", calls, time.Since(begin))
				}
				if job := startLetter(t, client); job.ID == failed.ID || job.Status != types.JobStatusInProgress {
					t.Errorf("the next start got %+v", job)
				}
			})
		})
	}
}

// The pace of starts is that of their own quota, also next to readers who use up that of the Get
// actions.
func TestStartsKeepPaceWhileGetIsThrottled(t *testing.T) {
	const documents, perSecond = 20, 2
	for _, readers := range []int{0, 10} {
		t.Run(fmt.Sprint(readers, " readers"), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				w.Textract.StartRate = textracttest.Rate{PerSecond: perSecond, Burst: 1}
				w.Textract.GetRate = textracttest.Rate{PerSecond: 1, Burst: 1}
				w.Textract.PageSize = 1
				w.succeed(line("1", "one", 1), line("2", "two", 1), line("3", "three", 1))
				old := start(t, w, textractclient.TextDetection)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				for range readers {
					go func() {
						for ctx.Err() == nil {
							_, _ = textractdoc.Read(w.client.Results(ctx, old.Ref()))
						}
					}()
				}
				time.Sleep(time.Minute)
				begin := time.Now()
				for i := range documents {
					document := textractclient.S3Object{Bucket: letter.Bucket, Key: numbered(i)}
					w.put(document, document.Key)
					in := textractclient.StartInput{Operation: textractclient.TextDetection, Document: document}
					if _, err := w.client.Start(t.Context(), in); err != nil {
						t.Fatal(err)
					}
				}
				if took := time.Since(begin); took > 2*documents/perSecond*time.Second {
					t.Errorf("%d starts took %s at %d a second", documents, took, perSecond)
				}
			})
		})
	}
}
