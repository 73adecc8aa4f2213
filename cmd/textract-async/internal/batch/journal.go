package batch

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/cdk-textract/textractasync/textractclient"
)

// journalName is the journal's file in the output folder.
const journalName = ".textract-async-batch.jsonl"

// journalVersion changes with what older versions of the command would misread.
const journalVersion = 1

// The events of a journal, one a line.
const (
	eventPlan    = "plan"    // the first line
	eventSending = "sending" // a document is going to be started
	eventStarted = "started" // its job was started
	eventDone    = "done"    // its results are written
	eventFailed  = "failed"  // its job failed, or could not be started or read
)

// record is a line of a journal.
type record struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
	// Of a plan.
	Version int    `json:"version,omitempty"`
	Plan    *Plan  `json:"plan,omitempty"`
	Digest  string `json:"digest,omitempty"`
	Salt    string `json:"salt,omitempty"` // of a document too: what its token was derived with
	// Of a document.
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	ETag   string `json:"etag,omitempty"`
	JobID  string `json:"job,omitempty"`
	Status string `json:"status,omitempty"`
	Pages  int    `json:"pages,omitempty"`
	Folder string `json:"folder,omitempty"`
	Error  string `json:"error,omitempty"`
}

// expired reports whether Textract has forgotten a job that was started then.
func (r *record) expired() bool { return time.Since(r.Time) > tokenLifetime }

func (r *record) object() textractclient.S3Object {
	return textractclient.S3Object{Bucket: r.Bucket, Key: r.Key, ETag: r.ETag}
}

// documentID is a digest of bucket, key and ETag: what the state of a document is remembered by, in
// as little memory as possible.
type documentID [16]byte

func idOf(o textractclient.S3Object) documentID {
	sum := sha256.Sum256([]byte(o.Bucket + "\x00" + o.Key + "\x00" + o.ETag))
	return documentID(sum[:16])
}

// journalFile is what a journal needs of *os.File.
type journalFile interface {
	io.Writer
	Sync() error
	Close() error
}

// journal is what happened to the documents of a plan, in a file that outlasts the process.
type journal struct {
	mu     sync.Mutex
	file   journalFile
	name   string
	plan   *Plan // nil: it is in the file
	broken error // of a write: what comes after a torn line would be lost

	digest, salt string // of the plan
	continued    bool   // whether an earlier run came to documents
	// open are documents that may have been started, and are neither done nor failed.
	open map[documentID]*record
	// done and failed are those of earlier runs: this one meets each document once.
	done   map[documentID]struct{}
	failed map[documentID]*record
	// jobs are all that earlier runs started.
	jobs map[jobID]struct{}
}

// jobID is a digest of the id of a job.
type jobID [16]byte

func jobIDOf(id string) jobID {
	sum := sha256.Sum256([]byte(id))
	return jobID(sum[:16])
}

// hasJob reports whether an earlier run started a job.
func (j *journal) hasJob(id string) bool {
	_, has := j.jobs[jobIDOf(id)]
	return has
}

// openJournal reads the journal of the plan. A torn last line, of a process that was killed, is cut
// off. A new one is to be begun.
func openJournal(name string, plan Plan, salt string, wrap func(journalFile) journalFile) (_ *journal, err error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	j := &journal{
		file: wrap(file), name: name, open: map[documentID]*record{}, done: map[documentID]struct{}{}, failed: map[documentID]*record{},
		jobs: map[jobID]struct{}{},
	}
	length, err := j.read(file, name, plan, salt != "")
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(length); err != nil {
		return nil, err
	}
	if _, err := file.Seek(length, io.SeekStart); err != nil {
		return nil, err
	}
	if length == 0 {
		j.digest, j.salt, j.plan = plan.digest(), salt, &plan
	}
	return j, nil
}

// begin writes the plan into a new journal.
func (j *journal) begin() error {
	if j.plan == nil {
		return nil
	}
	if err := j.append(record{Event: eventPlan, Version: journalVersion, Plan: j.plan, Digest: j.digest, Salt: j.salt}); err != nil {
		return err
	}
	return syncPath(filepath.Dir(j.name))
}

// read takes in the complete lines, and returns their length.
func (j *journal) read(file io.Reader, name string, plan Plan, newJobs bool) (length int64, err error) {
	lines := bufio.NewReader(file)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return length, nil
		}
		if err != nil {
			return 0, err
		}
		var r record
		if err := json.Unmarshal(bytes.TrimSpace(line), &r); err != nil {
			return 0, fmt.Errorf("%s: line %d is damaged: restore the file, or use another folder: %w", name, number, err)
		}
		if number == 1 {
			if r.Event != eventPlan || r.Plan == nil {
				return 0, fmt.Errorf("%s is not a journal of batch: use another folder", name)
			}
			if r.Version != journalVersion {
				return 0, fmt.Errorf("%s is a journal of another version of textract-async: use that version, or another folder", name)
			}
			if r.Plan.Account != plan.Account || r.Plan.Region != plan.Region {
				return 0, &EnvironmentError{Journal: name, Was: *r.Plan, Now: plan}
			}
			differences := r.Plan.differences(plan)
			if hadNewJobs := r.Salt != ""; hadNewJobs != newJobs {
				differences = append(differences, fmt.Sprintf("--new-job is %v and was %v", newJobs, hadNewJobs))
			}
			if len(differences) > 0 {
				return 0, &PlanError{Journal: name, Differences: differences}
			}
			j.digest, j.salt = r.Digest, r.Salt
		} else {
			j.continued = true
			j.apply(r)
		}
		length += int64(len(line))
	}
}

func (j *journal) apply(r record) {
	id := idOf(r.object())
	if r.JobID != "" {
		j.jobs[jobIDOf(r.JobID)] = struct{}{}
	}
	switch r.Event {
	case eventSending:
		delete(j.failed, id) // it is tried again
		j.open[id] = &r
	case eventStarted:
		if known := j.open[id]; known != nil {
			r.Salt, r.Time = known.Salt, known.Time // a repeated start may return a job as old as that
		}
		j.open[id] = &r
	case eventDone:
		delete(j.open, id)
		delete(j.failed, id)
		j.done[id] = struct{}{}
	case eventFailed:
		delete(j.open, id)
		j.failed[id] = &r
	}
}

// append writes a line, which is on the disk when it returns.
func (j *journal) append(r record) error {
	r.Time = time.Now().UTC().Truncate(time.Millisecond)
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		if _, j.broken = j.file.Write(append(line, '\n')); j.broken == nil {
			j.broken = j.file.Sync()
		}
	}
	if j.broken != nil {
		return fmt.Errorf("write the journal: %w", j.broken)
	}
	return nil
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
