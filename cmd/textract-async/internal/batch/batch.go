// Package batch runs a job for each document of a plan, writes the results into a folder, and continues after an interruption.
package batch

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// ErrLocked reports that another process runs in the folder.
var ErrLocked = errors.New("another run is in progress in this folder")

// UnreadableError is what Options.Write returns for results that cannot be read, when other documents may well be.
type UnreadableError struct{ Err error }

func (e *UnreadableError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Options are what a run needs.
type Options struct {
	Client *textractclient.Client
	Plan   Plan
	// Folder gets the journal, and a folder for each document's results.
	Folder string
	// NewJobs starts a job for each document even where there is one of the last 7 days. It counts when the plan's journal begins.
	NewJobs bool
	// RetryFailed takes the documents again that failed in earlier runs.
	RetryFailed bool
	// Documents are those of the plan, in any order. After an error it is not iterated any further.
	Documents iter.Seq2[textractclient.S3Object, error]
	// Write writes the results of a job into a folder that does not exist yet, and returns the number of pages.
	Write func(ctx context.Context, outcome *textractclient.Outcome, folder string) (pages int, err error)
	// Tell is called with each document that is done (nil) or failed.
	Tell func(document textractclient.S3Object, err error)
	// Warn takes what the user should know.
	Warn func(format string, args ...any)
	// Run are further options of RunAll.
	Run func(*textractclient.RunOptions)

	wrapJournal func(journalFile) journalFile // by tests
}

// Summary counts the documents of a run, and of those before it that it continued.
type Summary struct {
	Done, Failed               int
	EarlierDone, EarlierFailed int
	Pages                      int // of this run's, as far as they are known
	Partial                    int // of Done: pages are missing
}

// tokenLifetime is how long Textract keeps jobs, their results, and the tokens that a repeated start is known by.
const tokenLifetime = 7 * 24 * time.Hour

// Run does what is left of a plan. It returns nil when each document is done or failed; otherwise it is to be run again.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := os.MkdirAll(o.Folder, 0o750); err != nil {
		return Summary{}, err
	}
	release, err := lock(filepath.Join(o.Folder, ".textract-async-batch.lock"))
	if err != nil {
		return Summary{}, fmt.Errorf("%s: %w", o.Folder, err)
	}
	defer release()
	b := &run{Options: o, staging: filepath.Join(o.Folder, ".partial")}
	if err := os.RemoveAll(b.staging); err != nil { // of a run that was killed
		return Summary{}, err
	}
	if b.wrapJournal == nil {
		b.wrapJournal = func(file journalFile) journalFile { return file }
	}
	salt := ""
	if o.NewJobs {
		salt = rand.Text()
	}
	if b.journal, err = openJournal(filepath.Join(o.Folder, journalName), o.Plan, salt, b.wrapJournal); err != nil {
		return Summary{}, err
	}
	b.summary.EarlierDone, b.summary.EarlierFailed = len(b.journal.done), len(b.journal.failed)
	b.warnExpired()
	err = o.Client.RunAll(ctx, b.inputs, b.handle, func(options *textractclient.RunOptions) {
		if o.Run != nil {
			o.Run(options)
		}
		options.Earlier, options.Starting, options.Started = b.earlier, b.sending, b.started
	})
	if b.listErr != nil {
		err = errors.Join(b.listErr, err)
	}
	return b.summary, errors.Join(err, b.journal.close(), os.RemoveAll(b.staging))
}

// run is one call of Run.
type run struct {
	Options
	journal *journal
	staging string
	listErr error

	mu      sync.Mutex
	summary Summary
}

// warnExpired tells of jobs whose results Textract no longer has.
func (b *run) warnExpired() {
	expired := 0
	for _, r := range b.journal.open {
		if time.Since(r.Time) > tokenLifetime {
			expired++
		}
	}
	if expired > 0 {
		b.Warn("%d documents were started more than 7 days ago and not read: Textract may have forgotten their jobs, and starting them "+
			"again, as --retry-failed does, is billed again", expired)
	}
}

// inputs are the documents that may have been started, and then those that were not.
func (b *run) inputs(yield func(textractclient.StartInput) bool) {
	for _, r := range b.journal.open {
		if !yield(b.input(r.object(), r.Salt)) {
			return
		}
	}
	for document, err := range b.Documents {
		if err != nil {
			b.listErr = err
			return
		}
		in, wanted := b.wanted(document)
		if wanted && !yield(in) {
			return
		}
	}
}

func (b *run) input(document textractclient.S3Object, salt string) textractclient.StartInput {
	in := b.Plan.Start
	in.Document, in.Salt = document, salt
	return in
}

// wanted reports whether a document is to be started, and returns what with.
func (b *run) wanted(document textractclient.S3Object) (textractclient.StartInput, bool) {
	id, salt := idOf(document), b.journal.salt
	if _, done := b.journal.done[id]; done {
		return textractclient.StartInput{}, false
	}
	if _, open := b.journal.open[id]; open {
		return textractclient.StartInput{}, false
	}
	if failed := b.journal.failed[id]; failed != nil {
		if !b.RetryFailed {
			return textractclient.StartInput{}, false
		}
		b.mu.Lock()
		b.summary.EarlierFailed--
		b.mu.Unlock()
		salt = failed.Salt
		if failed.Status != "" { // the job itself failed: its token would return it again
			salt = "after " + failed.JobID
		}
	}
	return b.input(document, salt), true
}

// earlier returns the job that an earlier run started.
func (b *run) earlier(in textractclient.StartInput) string {
	if r := b.journal.open[idOf(in.Document)]; r != nil {
		return r.JobID
	}
	return ""
}

func (b *run) sending(in textractclient.StartInput) error {
	if b.journal.open[idOf(in.Document)] != nil {
		return nil
	}
	return b.journal.append(documentRecord(eventSending, in, nil))
}

func (b *run) started(in textractclient.StartInput, job *textractclient.Job) error {
	return b.journal.append(documentRecord(eventStarted, in, job))
}

func documentRecord(event string, in textractclient.StartInput, job *textractclient.Job) record {
	r := record{Event: event, Bucket: in.Document.Bucket, Key: in.Document.Key, ETag: in.Document.ETag, Salt: in.Salt}
	if job != nil {
		r.JobID = job.ID
	}
	return r
}

// handle writes a document's results, all at once, and then the journal's line.
func (b *run) handle(ctx context.Context, outcome *textractclient.Outcome) error {
	if outcome.Err != nil {
		return b.failed(outcome, outcome.Err)
	}
	name := folderName(outcome.Input.Document)
	folder, partial := filepath.Join(b.Folder, name), filepath.Join(b.staging, name)
	pages := 0
	// It is there when a run was killed after writing it.
	if _, err := os.Stat(folder); err != nil {
		if pages, err = b.Write(ctx, outcome, partial); err == nil {
			err = moveSynced(partial, folder)
		}
		var unreadable *UnreadableError
		switch {
		case errors.As(err, &unreadable):
			return b.failed(outcome, err)
		case err != nil:
			return fmt.Errorf("results of %s: %w", outcome.Input.Document, err)
		}
	}
	r := documentRecord(eventDone, outcome.Input, outcome.Job)
	r.Status, r.Pages, r.Folder = string(outcome.Status), pages, name
	if err := b.journal.append(r); err != nil {
		return err
	}
	b.mu.Lock()
	b.summary.Done++
	b.summary.Pages += pages
	if outcome.Status == types.JobStatusPartialSuccess {
		b.summary.Partial++
	}
	b.mu.Unlock()
	b.Tell(outcome.Input.Document, nil)
	return nil
}

func (b *run) failed(outcome *textractclient.Outcome, cause error) error {
	r := documentRecord(eventFailed, outcome.Input, outcome.Job)
	r.Error = cause.Error()
	if errors.Is(cause, textractclient.ErrJobFailed) || errors.Is(cause, textractclient.ErrJobUnknown) {
		r.Status = string(types.JobStatusFailed)
	}
	if err := b.journal.append(r); err != nil {
		return err
	}
	b.mu.Lock()
	b.summary.Failed++
	b.mu.Unlock()
	b.Tell(outcome.Input.Document, cause)
	return nil
}

var notInFolderName = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// folderName returns a name that is the document's alone, legible, and legal everywhere. A changed document has another.
func folderName(document textractclient.S3Object) string {
	const most = 100
	name := notInFolderName.ReplaceAllString(document.Key, "-")
	if len(name) > most {
		name = name[len(name)-most:]
	}
	id := idOf(document)
	for len(name) > 0 && (name[0] == '.' || name[0] == '-') {
		name = name[1:] // hidden files are batch's own
	}
	return name + "-" + hex.EncodeToString(id[:8])
}

// moveSynced puts a folder in its place, once its files are on the disk.
func moveSynced(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncPath(filepath.Join(from, entry.Name())); err != nil {
			return err
		}
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}
