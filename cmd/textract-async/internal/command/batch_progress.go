package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/batch"
	"github.com/cdk-textract/textractasync/textractclient"
)

// batchProgress is the progress line of a batch.
type batchProgress struct {
	progress *progress
	total    int // 0: unknown
	begin    time.Time

	mu  sync.Mutex
	sum batch.Summary
	now textractclient.RunProgress
}

func (b *batchProgress) report(document textractclient.S3Object, err error) {
	switch {
	case err == nil:
	case errors.Is(err, batch.ErrOpen):
		b.progress.say("%s: %s", quoteUnprintable(document.String()), strings.ReplaceAll(err.Error(), "\n", " "))
	default:
		b.progress.say("failed: %s: %s", quoteUnprintable(document.String()), strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

// quoteUnprintable quotes what a terminal would not show as it is.
func quoteUnprintable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

func (b *batchProgress) change(sum batch.Summary) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum = sum
}

func (b *batchProgress) update(now textractclient.RunProgress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
}

// keepShowing shows the line until it is stopped: often on a terminal, now and then elsewhere.
func (b *batchProgress) keepShowing() (stop func()) {
	every := time.Second
	if !b.progress.onTerminal() {
		every = 30 * time.Second
	}
	ended := make(chan struct{})
	var shower sync.WaitGroup
	shower.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				b.progress.show(b.line(), "")
			}
		}
	})
	return func() { close(ended); shower.Wait() }
}

func (b *batchProgress) line() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	of, left := "", ""
	if b.total > 0 {
		of = fmt.Sprintf(" of %d", b.total)
	}
	done, failed := b.sum.EarlierDone+b.sum.Done, b.sum.EarlierFailed+b.sum.Failed
	ended, open := b.sum.Done+b.sum.Failed, b.total-done-failed
	perSecond := float64(ended) / max(time.Since(b.begin).Seconds(), 1)
	if open > 0 && ended > 0 {
		left = ", about " + (time.Duration(float64(open)/perSecond) * time.Second).String() + " left"
	}
	return fmt.Sprintf(
		"%d%s done, %d failed, %d pages, %d in progress, %.1f documents a second%s", done, of, failed, b.sum.Pages,
		b.now.InProgress, perSecond, left,
	)
}
