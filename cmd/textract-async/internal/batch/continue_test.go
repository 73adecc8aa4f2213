package batch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// A document that failed counts no longer once it was replaced, or is gone.
func TestFailuresOfReplacedDocumentsCountNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 20, false) // of which 7 and 17 fail
		if summary, err := w.process(t, 0); err != nil || summary.Failed != 2 {
			t.Fatalf("%+v, %v", summary, err)
		}
		w.Textract.Outcome = nil
		w.S3.Put("documents", "in/007.pdf", []byte("repaired"))
		w.S3.Delete("documents", "in/017.pdf")
		want := Summary{Done: 1, EarlierDone: 18, Pages: 1}
		if summary, err := w.process(t, 0); err != nil || summary != want {
			t.Errorf("%+v, %v, want %+v", summary, err, want)
		}
	})
}

// What was written is not started again without a journal, and after any time.
func TestLostJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5, false)
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(w.folder, journalName)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(8 * 24 * time.Hour)
		if summary, err := w.process(t, 0); err != nil || summary != (Summary{EarlierDone: 5}) {
			t.Errorf("%+v, %v", summary, err)
		}
		w.check(t, 5)
	})
}

// The results of another plan, whose journal is lost, are not taken for those of this one.
func TestLostJournalOfAnotherPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 5, false)
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		for _, change := range []func(*Options){
			func(o *Options) { o.Plan.Start.JobTag = "other" },
			func(o *Options) { o.NewJobs = true },
		} {
			if err := os.Remove(filepath.Join(w.folder, journalName)); err != nil {
				t.Fatal(err)
			}
			if summary, err := w.process(t, 0, change); err != nil || summary != (Summary{Done: 5, Pages: 5}) {
				t.Errorf("%+v, %v", summary, err)
			}
		}
	})
}

// interrupted leaves a journal in which documents are going to be started, and were not.
func (w *world) interrupted(t *testing.T) {
	t.Helper()
	w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "AccessDeniedException", Status: 400})
	if _, err := w.process(t, 0); err == nil {
		t.Fatal("no error")
	}
	text, err := os.ReadFile(filepath.Join(w.folder, journalName))
	if err != nil || !strings.Contains(string(text), `"sending"`) || strings.Contains(string(text), `"started"`) {
		t.Fatalf("%v, journal %s", err, text)
	}
}

// A document that was replaced before it was started is started once, as it is now.
func TestReplacedBeforeItWasStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, false)
		w.interrupted(t)
		w.S3.Put("documents", "in/000.pdf", []byte("replaced"))
		w.S3.Delete("documents", "in/001.pdf")
		if summary, err := w.process(t, 0); err != nil || summary != (Summary{Done: 1, Pages: 1}) {
			t.Errorf("%+v, %v", summary, err)
		}
		if started := len(w.Textract.Started()); started != 1 {
			t.Errorf("%d jobs were started", started)
		}
	})
}

// What may have been started more than 7 days ago may be billed again, so it is started only when
// that is asked for.
func TestMaybeStartedLongAgo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 2, false)
		w.interrupted(t)
		time.Sleep(8 * 24 * time.Hour)
		var told error
		summary, err := w.process(t, 0, func(o *Options) { o.Report = func(_ textractclient.S3Object, err error) { told = err } })
		if err != nil || summary != (Summary{Failed: 2}) || !errors.Is(told, errMaybeStarted) || len(w.Textract.Started()) > 0 {
			t.Errorf("%+v, %v, told %v", summary, err, told)
		}
		if summary, err := w.process(
			t, 0, func(o *Options) { o.RetryFailed = true },
		); err != nil ||
			summary != (Summary{Done: 2, Pages: 2}) {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

func TestSamePlan(t *testing.T) {
	base := Plan{Inputs: []string{"s3://a/x", "s3://a/y"}}
	base.Start.Features = []types.FeatureType{types.FeatureTypeForms, types.FeatureTypeTables}
	for _, test := range []struct {
		change func(*Plan)
		want   string
	}{
		{func(*Plan) {}, "[]"},
		{func(p *Plan) { p.Inputs = []string{"s3://a/y", "s3://a/x"} }, "[]"},
		{func(p *Plan) { p.Config.QueueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/other" }, "[]"},
		{func(p *Plan) {
			p.Start.Features = []types.FeatureType{types.FeatureTypeTables, types.FeatureTypeForms, types.FeatureTypeForms}
		}, "[]"},
		{func(p *Plan) { p.Inputs = p.Inputs[:1] }, `[Inputs is ["s3://a/x"] and was ["s3://a/x","s3://a/y"]]`},
		{func(p *Plan) { p.Start.JobTag = "b" }, `[Start.JobTag is "b" and was ""]`},
		{func(p *Plan) { p.Config.Output = &textractclient.Output{Bucket: "b"} }, `[Config.Output.Bucket is "b" and was null Config.Output.KMSKeyID is "" and was null Config.Output.Prefix is "" and was null]`},
	} {
		other := base
		test.change(&other)
		if got := fmt.Sprint(base.differences(other)); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
		if same := base.digest() == other.digest(); same != (test.want == "[]") {
			t.Errorf("%s: the same digest: %v", test.want, same)
		}
	}
}

func TestJournalsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct{ journal, want string }{
			{`{"event":"plan","version":99,"plan":{}}` + "\n", "another version of textract-async"},
			{`{"some":"file"}` + "\n", "is not a journal of batch"},
			{"", ""},
			{`{"event":"pl`, ""}, // torn
		} {
			w := newWorld(t, 1, false)
			if err := os.MkdirAll(w.folder, 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(w.folder, journalName), []byte(test.journal), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := w.process(t, 0)
			if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q: %v", test.journal, err)
			}
		}
		w := newWorld(t, 1, false)
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		var other *PlanError
		if _, err := w.process(
			t, 0, func(o *Options) { o.NewJobs = true },
		); !errors.As(err, &other) ||
			!strings.Contains(err.Error(), "--new-job is true and was false") {
			t.Errorf("got %v", err)
		}
	})
}

// A run ends when the first documents are rejected, as for a wrong role. Repeated, it goes on: the
// documents may be to blame.
func TestContinuesAfterRejectedDocuments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 40, false)
		w.Textract.Outcome = nil
		rejected := textracttest.Fault{Code: "InvalidS3ObjectException", Status: 400}
		for range 30 {
			w.Fail("StartDocumentTextDetection", rejected)
		}
		if _, err := w.process(t, 0); err == nil || !strings.Contains(err.Error(), "the first 10 documents were rejected") {
			t.Fatal(err)
		}
		summary, err := w.process(t, 0)
		if err != nil || summary.Done+summary.EarlierDone+summary.Failed+summary.EarlierFailed != 40 || summary.Done < 10 {
			t.Errorf("%+v, %v", summary, err)
		}
	})
}

// What is not batch's stays.
func TestLeavesOtherFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, false)
		theirs := filepath.Join(w.folder, ".partial")
		if err := os.MkdirAll(theirs, 0o750); err != nil {
			t.Fatal(err)
		}
		if _, err := w.process(t, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(theirs); err != nil {
			t.Error(err)
		}
	})
}

// A run that ends early does not wait for documents that come slowly.
func TestEndsWhileDocumentsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1, false)
		never := make(chan struct{})
		defer close(never)
		full := errors.New("disk full")
		_, err := w.process(t, 0, func(o *Options) {
			listed := o.Documents
			o.Documents = func(yield func(textractclient.S3Object, error) bool) {
				listed(yield)
				<-never
			}
			o.Write = func(context.Context, *textractclient.Outcome, string) (int, error) { return 0, full }
		})
		if !errors.Is(err, full) {
			t.Errorf("got %v", err)
		}
	})
}
