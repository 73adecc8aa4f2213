// Package batch runs a job for each document of a plan, writes the results into a folder, and
// continues after an interruption.
package batch

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
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

// ErrOpen reports documents whose jobs or results could not be read, and may be later: they are
// neither done nor failed.
var ErrOpen = errors.New("left open")

// UnreadableError is what Options.Write returns for results that cannot be read, when other
// documents may well be.
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
	// NewJobs starts a job for each document even where there is one of the last 7 days. It counts
	// when the plan's journal begins.
	NewJobs bool
	// RetryFailed takes the documents again that failed in earlier runs.
	RetryFailed bool
	// Documents are those of the plan, in any order. After an error it is not iterated any further.
	Documents iter.Seq2[textractclient.S3Object, error]
	// Write writes the results of a job into a folder that does not exist yet, and returns the
	// number of pages.
	Write func(ctx context.Context, outcome *textractclient.Outcome, folder string) (pages int, err error)
	// Opened is called once the folder is known to be of the plan, and of no other process, before
	// anything is listed or started. Its error ends Run. Default: none.
	Opened func() error
	// Report is called with each document that is done (nil), left open (an error that wraps
	// ErrOpen) or failed.
	Report func(document textractclient.S3Object, err error)
	// Changed is called with each change of the summary.
	Changed func(Summary)
	// Warn takes what the user should know.
	Warn func(format string, args ...any)
	// Run are further options of RunAll.
	Run func(*textractclient.RunOptions)

	wrapJournal func(journalFile) journalFile // by tests
}

// Summary counts documents: those of this run, and those of the plan that earlier runs did.
type Summary struct {
	Done, Failed               int
	EarlierDone, EarlierFailed int
	Pages                      int // of this run's, as far as they are known
	Partial                    int // of Done: pages are missing
	Open                       int // of this run's: what is left for the next one
}

// tokenLifetime is how long Textract keeps jobs, their results, and the tokens that a repeated
// start is known by.
const tokenLifetime = 7 * 24 * time.Hour

// maxOpen is how many documents in a row are left open before Run ends: what is around them is to
// blame.
const maxOpen = 10

// Run does what is left of a plan. It returns nil when each document is done or failed; otherwise
// it is to be run again.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := os.MkdirAll(o.Folder, 0o750); err != nil {
		return Summary{}, err
	}
	release, err := lock(filepath.Join(o.Folder, ".textract-async-batch.lock"))
	if err != nil {
		return Summary{}, fmt.Errorf("%s: %w", o.Folder, err)
	}
	defer release()
	b := &run{Options: o, staging: filepath.Join(o.Folder, ".textract-async-batch.partial")}
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
	if o.Opened != nil {
		err = o.Opened()
	}
	if err == nil {
		err = b.journal.begin()
	}
	if err != nil {
		return Summary{}, errors.Join(err, b.journal.close())
	}
	b.warnExpired()
	err = o.Client.RunAll(ctx, b.inputs, b.handle, func(options *textractclient.RunOptions) {
		if o.Run != nil {
			o.Run(options)
		}
		options.Earlier, options.Starting, options.Started = b.earlier, b.sending, b.started
		options.KnownJob = b.journal.hasJob
		if b.journal.continued {
			options.MaxRejected = math.MaxInt // an earlier run reported it
		}
	})
	b.mu.Lock()
	defer b.mu.Unlock()
	if ctx.Err() == nil {
		err = errors.Join(b.inputErr, err)
	}
	if err == nil && b.summary.Open > 0 {
		err = fmt.Errorf("%w: %d documents could not be read now", ErrOpen, b.summary.Open)
	}
	return b.summary, errors.Join(err, b.journal.close(), os.RemoveAll(b.staging))
}

// run is one call of Run.
type run struct {
	Options
	journal *journal
	staging string

	mu       sync.Mutex
	inputErr error // that the documents ended with
	openRow  int   // documents in a row that were left open
	summary  Summary
}

func (b *run) change(change func(*Summary)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.summary)
	if b.Changed != nil {
		b.Changed(b.summary)
	}
}

// warnExpired tells of jobs whose results Textract no longer has.
func (b *run) warnExpired() {
	expired := 0
	for _, r := range b.journal.open {
		if r.JobID != "" && r.expired() {
			expired++
		}
	}
	if expired > 0 {
		b.Warn("%d documents were started more than 7 days ago and not read: Textract may have forgotten their jobs, and starting them "+
			"again, as --retry-failed does, is billed again", expired)
	}
}

// inputs are the documents whose jobs earlier runs started, and then those that are left.
func (b *run) inputs(yield func(textractclient.StartInput) bool) {
	err := b.eachInput(yield)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inputErr = err
}

func (b *run) eachInput(yield func(textractclient.StartInput) bool) error {
	for _, r := range b.journal.open {
		if r.JobID == "" {
			continue // it is started if it is still there
		}
		in := b.input(r.object(), r.Salt)
		written, err := b.recordWritten(in, r.JobID)
		if err != nil {
			return err
		}
		if !written && !yield(in) {
			return nil
		}
	}
	for document, err := range b.Documents {
		if err != nil {
			return err
		}
		in, left, err := b.left(document)
		if err != nil {
			return err
		}
		if left && !yield(in) {
			return nil
		}
	}
	return nil
}

func (b *run) input(document textractclient.S3Object, salt string) textractclient.StartInput {
	in := b.Plan.Start
	in.Document, in.Salt = document, salt
	return in
}

// left reports whether a document is left to be started, and returns what with.
func (b *run) left(document textractclient.S3Object) (textractclient.StartInput, bool, error) {
	id, in := idOf(document), b.input(document, b.journal.salt)
	if _, done := b.journal.done[id]; done {
		b.change(func(s *Summary) { s.EarlierDone++ })
		return in, false, nil
	}
	open, failed := b.journal.open[id], b.journal.failed[id]
	switch {
	case open != nil && open.JobID != "": // one of the first inputs
		return in, false, nil
	case open != nil && open.expired() && !b.RetryFailed:
		return in, false, b.failed(in, nil, errMaybeStarted)
	case open != nil:
		in.Salt = open.Salt
	case failed != nil && !b.RetryFailed:
		b.change(func(s *Summary) { s.EarlierFailed++ })
		return in, false, nil
	case failed != nil && failed.Status != "": // the job itself failed: its token would return it again
		in.Salt = "after " + failed.JobID
	case failed != nil:
		in.Salt = failed.Salt
	}
	written, err := b.recordWritten(in, "")
	return in, !written, err
}

// errMaybeStarted is the cause of a failure that saves a second bill.
var errMaybeStarted = errors.New("it may have been started more than 7 days ago, when batch was interrupted; " +
	"starting it again, as --retry-failed does, may be billed again")

// recordWritten reports whether the results are written already: by a run that was killed right
// after that, or whose journal is lost.
func (b *run) recordWritten(in textractclient.StartInput, jobID string) (bool, error) {
	name := b.folderName(in.Document)
	if _, err := os.Stat(filepath.Join(b.Folder, name)); err != nil {
		return false, nil //nolint:nilerr // what is wrong with the folder shows when results are written
	}
	r := documentRecord(eventDone, in, nil)
	r.JobID, r.Folder = jobID, name
	if err := b.journal.append(r); err != nil {
		return false, err
	}
	b.change(func(s *Summary) { s.EarlierDone++ })
	return true, nil
}

// earlier returns the job that an earlier run started.
func (b *run) earlier(in textractclient.StartInput) string {
	if r := b.journal.open[idOf(in.Document)]; r != nil {
		return r.JobID
	}
	return ""
}

func (b *run) sending(in textractclient.StartInput) error {
	if open := b.journal.open[idOf(in.Document)]; open != nil && !open.expired() {
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
		return b.notDone(outcome, outcome.Err)
	}
	name := b.folderName(outcome.Input.Document)
	partial := filepath.Join(b.staging, name)
	pages, err := b.Write(ctx, outcome, partial)
	if err == nil {
		err = moveSynced(partial, filepath.Join(b.Folder, name))
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("results of %s: %w", outcome.Input.Document, err)
	}
	if err != nil {
		return b.notDone(outcome, err)
	}
	r := documentRecord(eventDone, outcome.Input, outcome.Job)
	r.Status, r.Pages, r.Folder = string(outcome.Status), pages, name
	if err := b.journal.append(r); err != nil {
		return err
	}
	b.change(func(s *Summary) {
		b.openRow = 0
		s.Done++
		s.Pages += pages
		if outcome.Status == types.JobStatusPartialSuccess {
			s.Partial++
		}
	})
	b.Report(outcome.Input.Document, nil)
	return nil
}

// notDone tells why there are no results of a document: for good, or until another run.
func (b *run) notDone(outcome *textractclient.Outcome, cause error) error {
	var unreadable *UnreadableError
	document := outcome.Input.Document
	switch {
	case b.isMissing(outcome, cause):
		return fmt.Errorf("%s: wrong account or Region? The job was started less than 7 days ago, for which Textract keeps jobs: %w",
			document, cause)
	case isTransient(cause):
		row := 0
		b.change(func(s *Summary) { s.Open++; b.openRow++; row = b.openRow })
		b.Report(document, fmt.Errorf("%w: %w", ErrOpen, cause))
		if row == maxOpen {
			return fmt.Errorf("%d documents in a row could not be read, the last of them %s: %w", row, document, cause)
		}
		return nil
	case outcome.Err != nil, errors.As(cause, &unreadable):
		return b.failed(outcome.Input, outcome.Job, cause)
	}
	return fmt.Errorf("results of %s: %w", document, cause)
}

// isMissing reports whether Textract does not know a job that it cannot have forgotten.
func (b *run) isMissing(outcome *textractclient.Outcome, cause error) bool {
	switch {
	case errors.Is(cause, textractclient.ErrJobUnknown):
	case outcome.Job != nil && outcome.Status == "" && errors.Is(cause, textractclient.ErrNoOutput):
	default:
		return false
	}
	started := b.journal.open[idOf(outcome.Input.Document)]
	return started == nil || !started.expired()
}

// isTransient reports whether the same document may well be read later.
func isTransient(err error) bool {
	for _, target := range []error{
		textractclient.ErrUnavailable, textractclient.ErrThrottled, textractclient.ErrQuotaExceeded, textractclient.ErrJobInProgress,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func (b *run) failed(in textractclient.StartInput, job *textractclient.Job, cause error) error {
	r := documentRecord(eventFailed, in, job)
	r.Error = cause.Error()
	if errors.Is(cause, textractclient.ErrJobFailed) || errors.Is(cause, textractclient.ErrJobUnknown) {
		r.Status = string(types.JobStatusFailed)
	}
	if err := b.journal.append(r); err != nil {
		return err
	}
	b.change(func(s *Summary) { s.Failed++ })
	b.Report(in.Document, cause)
	return nil
}

var notInFolderName = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

func (b *run) folderName(document textractclient.S3Object) string {
	return folderName(b.journal.digest+b.journal.salt, document)
}

// folderName returns a name that is the document's alone, legible, and legal everywhere. A changed
// document has another, and so has another plan, whose results are not to be taken for those of
// this one.
func folderName(plan string, document textractclient.S3Object) string {
	const most = 100
	name := notInFolderName.ReplaceAllString(document.Key, "-")
	if len(name) > most {
		name = name[len(name)-most:]
	}
	sum := sha256.Sum256([]byte(plan + "\x00" + document.Bucket + "\x00" + document.Key + "\x00" + document.ETag))
	for len(name) > 0 && (name[0] == '.' || name[0] == '-') {
		name = name[1:] // hidden files are batch's own
	}
	return name + "-" + hex.EncodeToString(sum[:8])
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
	if err := syncPath(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}
