package command_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// putDocuments stores documents and what is none.
func (w *world) putDocuments(n int) {
	for i := range n {
		w.S3.Put("documents", fmt.Sprintf("in/%02d.pdf", i), fmt.Append(nil, "%PDF-1.7 ", i))
	}
	w.S3.Put("documents", "in/", nil)
	w.S3.Put("documents", "in/notes.txt", []byte("x"))
	w.S3.Put("documents", "in/page.png", []byte("\x89PNG"))
	w.S3.Put("documents", "in/.s3_access_check", nil)
}

// readTexts returns the texts of all folders.
func readTexts(t *testing.T, out string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(out, "*", "text.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	return texts
}

func TestBatch(t *testing.T) {
	for _, flag := range []string{"--own-queue", "--notify=false"} {
		w := newWorld(t)
		w.putDocuments(5)
		w.end(textracttest.Outcome{Takes: 20 * time.Millisecond, Items: lines([]string{"Dear Sir,"}, []string{"page 2"})})
		out := filepath.Join(t.TempDir(), "read")
		args := []string{"batch", "--stack", "Sample", "--out", out, "--price", "0.5", flag, "s3://documents/in/"}
		first := run(t, args...)
		first.want(
			t, 0, "",
			"6 documents, 1 of them images of one page; at least 6 pages, at least 3.00; left out: 1 .txt files, 1 access checks of Textract, 1 folders",
		)
		first.want(t, 0, "", "6 done, 0 failed")
		first.want(t, 0, "", "12 pages (6.00)")
		if texts := readTexts(t, out); len(texts) != 6 || texts[0] != "Dear Sir,\n\fpage 2\n" {
			t.Errorf("texts %q", texts)
		}
		run(t, args...).want(t, 0, "", "0 done, 0 failed")
		if started := len(w.Textract.Started()); started != 6 {
			t.Errorf("%d jobs were started", started)
		}
		waiting, inFlight := w.queue.Count()
		if waiting+inFlight > 0 {
			t.Errorf("%d messages are left", waiting+inFlight)
		}
	}
}

func TestBatchWithFailures(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	w.Textract.Outcome = func(_ string, r textracttest.Request) textracttest.Outcome {
		if strings.HasSuffix(r.DocumentLocation.S3Object.Name, "01.pdf") && len(w.S3.Keys("repaired")) == 0 {
			return textracttest.Outcome{Takes: 10 * time.Millisecond, Status: "FAILED", Message: "damaged"}
		}
		return textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})}
	}
	out := t.TempDir()
	args := []string{"batch", "--out", out, "s3://documents/in/"}
	failed := run(t, args...)
	failed.want(t, 3, "", "failed: s3://documents/in/01.pdf: ")
	failed.want(t, 3, "", "damaged")
	failed.want(t, 3, "", "3 done, 1 failed")
	failed.want(t, 3, "", "some documents failed: 1")
	run(t, args...).want(t, 3, "", "before that 3 done, 1 failed")
	w.S3.Put("repaired", "it", nil)
	run(t, append(args, "--retry-failed")...).want(t, 0, "", "1 done, 0 failed")
	run(t, args...).want(t, 0, "", "before that 4 done, 0 failed")
}

// stdin has the command read a text.
func stdin(t *testing.T, text string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	stdinFrom(t, file)
}

func stdinFrom(t *testing.T, file *os.File) {
	t.Helper()
	before := os.Stdin
	t.Cleanup(func() { os.Stdin = before; _ = file.Close() })
	os.Stdin = file
}

func TestBatchOfKeysOnStdin(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})})
	stdin(t, "in/00.pdf\r\n\ns3://documents/in/01.pdf\nin/00.pdf\nin/notes.txt\nin/missing.pdf\n")
	got := run(t, "batch", "--out", t.TempDir(), "--bucket", "documents", "-")
	got.want(t, 3, "", "2 done, 1 failed")
	got.want(t, 3, "", "left out: 1 .txt files, 1 repeated keys")
	got.want(t, 3, "", "failed: s3://documents/in/missing.pdf")
}

func TestBatchOfWrongLinesOnStdin(t *testing.T) {
	for text, want := range map[string]string{
		"s3://documents":      `names no object`,
		"in/00.pdf":           `no bucket for the key`,
		"s3://documents/\xe4": `is not UTF-8`,
	} {
		newWorld(t)
		stdin(t, text+"\n")
		run(t, "batch", "--out", t.TempDir(), "-").want(t, 2, "", want)
	}
}

// Lists of other origins are refused with the line and the way to make one that is read. Nothing is
// started, and nothing exits with 0.
func TestBatchOfOtherListsOnStdin(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "no keys on stdin",
		"\n\r\n":                            "no keys on stdin",
		"in/00.pdf\tin/01.pdf\n":            "line 1 on stdin: \"in/00.pdf\\tin/01.pdf\" is not a key: it has tabs",
		"s3://d/a.pdf\ts3://d/b.pdf\n":      "it has tabs",
		strings.Repeat("in/0.pdf\t", 10000): "line 1 on stdin is longer than any key",
		"\n\"in/00.pdf\"\n":                 "line 2 on stdin: ",
		"[\n\"in/00.pdf\"\n]\n":             "it is JSON",
		"documents,in/00.pdf,123\n":         "it is CSV",
		"in/00.pdf,123\n":                   "it is CSV",
		"2024-01-02 03:04:05       1234 in/00.pdf\n": "it is of aws s3 ls",
		"                           PRE in/\n":       "it is of aws s3 ls",
		"None\n":                                     "an empty list",
		"in/notes.txt\nin/\n":                        "no line on stdin is a document",
	} {
		for _, args := range [][]string{{"--dry-run"}, {"--out", t.TempDir()}} {
			w := newWorld(t)
			w.putDocuments(1)
			stdin(t, text)
			got := run(t, append([]string{"batch", "--bucket", "documents", "-"}, args...)...)
			got.want(t, 2, "", want)
			got.want(t, 2, "", "--query 'Contents[].[Key]' --output text")
			if n := len(w.Textract.Started()); n > 0 {
				t.Errorf("%q: %d jobs were started", text, n)
			}
		}
	}
}

// The journal is that of an account: with the credentials of another one, nothing is asked or
// started.
func TestBatchInAnotherAccount(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(1)
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})})
	args := []string{"batch", "--out", t.TempDir(), "s3://documents/in/"}
	run(t, args...).want(t, 0, "", "2 done, 0 failed")
	listed := w.Calls("ListObjectsV2")
	w.Account = "210987654321"
	run(t, args...).want(t, 2, "", "in account 123456789012, Region us-east-1, and this is account 210987654321, Region us-east-1")
	if w.Calls("ListObjectsV2") > listed {
		t.Error("something was listed")
	}
}

// Archived objects are left out and counted: Textract cannot read them before they are restored.
func TestBatchLeavesOutArchivedObjects(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	w.S3.SetStorageClass("documents", "in/00.pdf", "GLACIER")
	w.S3.SetStorageClass("documents", "in/01.pdf", "DEEP_ARCHIVE")
	w.S3.SetStorageClass("documents", "in/02.pdf", "GLACIER_IR")
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})})
	run(t, "batch", "--dry-run", "s3://documents/in/").want(t, 0, "", "2 documents, 1 of them images of one page; left out: "+
		"1 .txt files, 1 access checks of Textract, 2 archived, 1 folders")
	run(t, "batch", "--out", t.TempDir(), "s3://documents/in/").want(t, 0, "", "2 done, 0 failed")
}

func TestBatchOfKeysThatBeginWithASlash(t *testing.T) {
	w := newWorld(t)
	w.S3.Put("documents", "/scans/a.pdf", []byte("%PDF"))
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})})
	run(t, "batch", "--out", t.TempDir(), "s3://documents//").want(t, 0, "", "1 done, 0 failed")
	if _, request := w.onlyRequest(t); request.DocumentLocation.S3Object.Name != "/scans/a.pdf" {
		t.Errorf("sent %+v", request)
	}
}

// An interruption ends batch also while it waits for keys.
func TestBatchInterruptedWhileKeysAreAwaited(t *testing.T) {
	newWorld(t)
	keys, producer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = producer.Close() })
	stdinFrom(t, keys)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	time.AfterFunc(300*time.Millisecond, interrupt)
	runIn(ctx, "batch", "--out", t.TempDir(), "--bucket", "documents", "-").want(t, 130, "", "repeat the command to continue")
}

// Counting asks S3 for nothing but the listing, and for keys on stdin for nothing at all.
func TestBatchDryRunOfKeysOnStdin(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	stdin(t, "in/00.pdf\nin/01.pdf\n")
	run(t, "batch", "--dry-run", "--bucket", "documents", "-").want(t, 0, "", "2 documents")
	if calls := w.Calls("HeadObject"); calls > 0 {
		t.Errorf("%d objects were looked at", calls)
	}
}

func TestBatchWithoutDocuments(t *testing.T) {
	newWorld(t)
	run(
		t, "batch", "--out", t.TempDir(), "s3://documents/typo/",
	).want(
		t, 0, "", "there are no documents: check the prefixes s3://documents/typo/",
	)
}

func TestBatchOwnQueueNeedsAQueue(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TEXTRACT_QUEUE_URL", "")
	out := filepath.Join(t.TempDir(), "read")
	run(t, "batch", "--own-queue", "--out", out, "s3://documents/").want(t, 2, "", "--own-queue: the settings have no queue")
	if _, err := os.Stat(out); err == nil || w.Calls("ListObjectsV2") > 0 {
		t.Error("something was done before the error")
	}
}

// Documents may be below the prefix of results, and results among documents.
func TestBatchLeavesOutResults(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TEXTRACT_OUTPUT_BUCKET", "documents")
	t.Setenv("TEXTRACT_OUTPUT_PREFIX", "in")
	w.putDocuments(3)
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text"})})
	run(t, "batch", "--out", t.TempDir(), "s3://documents/in/").want(t, 0, "", "4 done, 0 failed")
	run(
		t, "batch", "--dry-run", "s3://documents/",
	).want(
		t, 0, "",
		"4 documents, 1 of them images of one page; left out: 1 .txt files, 1 access checks of Textract, 1 folders, 8 results of Textract",
	)
}

// One object of results that is gone fails its document, and no other.
func TestBatchWithMissingResults(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TEXTRACT_OUTPUT_BUCKET", "results")
	w.putDocuments(3)
	w.end(textracttest.Outcome{Takes: 10 * time.Millisecond, Items: lines([]string{"text", "text"})})
	w.Textract.PageSize = 1
	gone := strings.Repeat("0", 63) + "2/2" // of the second job, between its listing and its reading
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, gone) {
			w.S3.Delete("results", strings.TrimPrefix(r.URL.Path, "/results/"))
		}
		w.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	out := t.TempDir()
	run(t, "batch", "--out", out, "s3://documents/in/").want(t, 3, "", "3 done, 1 failed")
}

func TestBatchTellsOfMissingPages(t *testing.T) {
	w := newWorld(t)
	w.S3.Put("documents", "in/new\nline.pdf", []byte("%PDF"))
	w.end(textracttest.Outcome{
		Takes: 10 * time.Millisecond, Status: "PARTIAL_SUCCESS", Items: lines([]string{"text"}),
		Warnings: []any{map[string]any{"ErrorCode": "PAGE_DAMAGED", "Pages": []int{2}}},
	})
	got := run(t, "batch", "--out", t.TempDir(), "s3://documents/in/")
	got.want(t, 0, "", `PAGE_DAMAGED on pages [2]: "s3://documents/in/new\nline.pdf"`)
	got.want(t, 0, "", "1 done, 0 failed")
	got.want(t, 0, "", "1 of them with pages missing")
}

func TestBatchDryRun(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	for price, want := range map[string]string{"0.5": "2.00", "0.0015": "0.006", "0.000001": "4e-06"} {
		run(t, "batch", "--dry-run", "--price", price, "s3://documents/in/", "s3://documents/other").want(
			t, 0, "", "4 documents, 1 of them images of one page; at least 4 pages, at least "+want+"; left out",
		)
	}
	if calls := w.Calls("StartDocumentTextDetection"); calls > 0 {
		t.Errorf("%d jobs were started", calls)
	}
}

// A folder that cannot be used is one error, before anything is listed or summed up.
func TestBatchIntoAFile(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(3)
	got := run(t, "batch", "--out", letter(t), "s3://documents/in/")
	got.want(t, 1, "", "my letter.pdf")
	if strings.Count(got.stderr, "\n") != 1 || w.Calls("ListObjectsV2") != 0 {
		t.Errorf("%d listings, stderr %q", w.Calls("ListObjectsV2"), got.stderr)
	}
}

func TestBatchInterrupted(t *testing.T) {
	w := newWorld(t)
	w.putDocuments(8)
	w.end(textracttest.Outcome{Takes: 300 * time.Millisecond, Items: lines([]string{"text"})})
	out := t.TempDir()
	args := []string{"batch", "--out", out, "--max-jobs", "3", "s3://documents/in/"}
	ctx, interrupt := context.WithTimeoutCause(t.Context(), 1500*time.Millisecond, context.Canceled)
	defer interrupt()
	canceled, cancel := context.WithCancel(t.Context())
	defer cancel()
	context.AfterFunc(ctx, cancel)
	runIn(canceled, args...).want(t, 130, "", "repeat the command to continue")
	run(t, args...).want(t, 0, "", "0 failed")
	if started, texts := len(w.Textract.Started()), len(readTexts(t, out)); started != 9 || texts != 9 {
		t.Errorf("%d jobs were started for 9 documents, and %d results written", started, texts)
	}
	journal, err := os.ReadFile(filepath.Join(out, ".textract-async-batch.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(map[string]int)
	for line := range strings.Lines(string(journal)) {
		var record struct{ Event, Key string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record.Event == "done" {
			done[record.Key]++
		}
	}
	if len(done) != 9 {
		t.Errorf("done: %v", done)
	}
}

func TestBatchWrongUsage(t *testing.T) {
	newWorld(t)
	out := t.TempDir()
	run(t, "batch", "--out", out, "s3://documents/none").want(t, 0, "", "0 documents")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"s3://documents/in"}, "--out is missing"},
		{[]string{"--out", out, "documents/in"}, `"documents/in" is not s3://BUCKET/PREFIX`},
		{[]string{"--out", out, "s3://documents/in", "s3://documents/in/a"}, "is within s3://documents/in"},
		{[]string{"--out", out, "s3://documents", "s3://documents/in/a"}, "is within s3://documents"},
		{[]string{"--out", out, "-", "s3://documents/in/a"}, "- reads keys from stdin"},
		{[]string{"--out", out, "--start-rate", "-1", "s3://documents"}, "--start-rate -1"},
		{[]string{"--out", out, "--max-jobs", "-1", "s3://documents"}, "--max-jobs -1"},
		{[]string{"--out", out, "--price", "-1", "s3://documents"}, "--price -1"},
		{[]string{"--out", out, "--price", "NaN", "s3://documents"}, "--price NaN"},
		{[]string{"--out", out, "--price", "Inf", "s3://documents"}, "--price +Inf"},
		{[]string{"--out", out, "--start-rate", "NaN", "s3://documents"}, "--start-rate NaN"},
		{[]string{"--out", out, "--start-rate", "1e-10", "s3://documents"}, "--start-rate 1e-10"},
		{[]string{"--out", "s3://results/read", "s3://documents"}, "--out s3://results/read: name a directory"},
		{[]string{"--out", out, "--features", "NONE", "s3://documents"}, `feature "NONE" is unknown`},
		{[]string{"--out", out, "s3://documents/other"}, "is the journal of another run"},
	} {
		run(t, append([]string{"batch"}, test.args...)...).want(t, 2, "", test.want)
	}
}

// Errors that end a batch have the codes of errors, not those of one job.
func TestBatchExitCodesOfErrors(t *testing.T) {
	for _, test := range []struct {
		action, code string
		args         []string
		exit         int
		want         string
	}{
		{"StartDocumentTextDetection", "AccessDeniedException", nil, 1, "the caller needs the Start action"},
		{"StartDocumentTextDetection", "ExpiredTokenException", nil, 1, "ExpiredTokenException"},
		{"ReceiveMessage", "com.amazonaws.sqs#QueueDoesNotExist", []string{"--own-queue"}, 2, "nothing could be received from the queue"},
		{"ListObjectsV2", "AccessDenied", nil, 1, "the caller needs s3:ListBucket"},
	} {
		w := newWorld(t)
		w.putDocuments(1)
		w.end(textracttest.Outcome{Takes: time.Minute})
		w.Fail(test.action, textracttest.Fault{Code: test.code, Status: 403})
		args := append([]string{"batch", "--out", t.TempDir(), "s3://documents/in/"}, test.args...)
		run(t, args...).want(t, test.exit, "", test.want)
	}
}
