package command

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/batch"
	"github.com/cdk-textract/textractasync/textractclient"
)

// What earlier runs did counts as done, and not as what this one does in its time.
func TestBatchProgressOfAContinuedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown := &batchProgress{total: 100, begin: time.Now()}
		time.Sleep(10 * time.Second)
		shown.change(batch.Summary{EarlierDone: 50, EarlierFailed: 5, Done: 20, Failed: 5, Pages: 300})
		shown.update(textractclient.RunProgress{InProgress: 7})
		want := "70 of 100 done, 10 failed, 300 pages, 7 in progress, 2.5 documents a second, about 8s left"
		if got := shown.line(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		shown.change(batch.Summary{EarlierDone: 90, Done: 20}) // some came after they were counted
		if got := shown.line(); strings.Contains(got, "left") {
			t.Errorf("%q tells a time", got)
		}
	})
}
