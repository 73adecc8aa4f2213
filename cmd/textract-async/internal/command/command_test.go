package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/command"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/fakestack"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const (
	topicARN  = "arn:aws:sns:us-east-1:123456789012:AmazonTextractTest"
	roleARN   = "arn:aws:iam::123456789012:role/Textract"
	callerARN = "arn:aws:iam::123456789012:role/Caller"
)

// world is a fake AWS on a port of this machine, with the sample's stack.
type world struct {
	*fakestack.AWS
	queue *textracttest.Queue
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{AWS: fakestack.New(), queue: textracttest.NewQueue("notifications", 3)}
	w.AddQueue(w.queue)
	w.Textract.Subscribe(topicARN, w.queue, false)
	w.AddStack("Sample", map[string]string{
		"TopicArn": topicARN, "QueueUrl": w.queue.URL, "ServiceRoleArn": roleARN, "CallerRoleArn": callerARN,
		"DocumentBucketName": "documents", "OutputBucketName": "results", "OutputPrefix": "out",
	})
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "",
		"TEXTRACT_SNS_TOPIC_ARN": topicARN, "TEXTRACT_ROLE_ARN": roleARN, "TEXTRACT_QUEUE_URL": w.queue.URL,
		"TEXTRACT_OUTPUT_BUCKET": "", "TEXTRACT_OUTPUT_PREFIX": "", "TEXTRACT_OUTPUT_KMS_KEY_ID": "",
	} {
		t.Setenv(name, value)
	}
	return w
}

func (w *world) end(outcome textracttest.Outcome) {
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return outcome }
}

// onlyRequest returns what the one job was started with.
func (w *world) onlyRequest(t *testing.T) (id string, request textracttest.Request) {
	t.Helper()
	started := w.Textract.Started()
	if len(started) != 1 {
		t.Fatalf("%d jobs were started", len(started))
	}
	for id, request = range started {
		break
	}
	return id, request
}

// outcome is what a run of the command came to.
type outcome struct {
	code           int
	stdout, stderr string
}

func run(t *testing.T, args ...string) outcome {
	t.Helper()
	return runIn(t.Context(), args...)
}

func runIn(ctx context.Context, args ...string) outcome {
	var stdout, stderr syncedBuffer
	code := command.Run(ctx, args, &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// syncedBuffer may be read while the command writes.
type syncedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (o outcome) want(t *testing.T, code int, stdout, stderr string) {
	t.Helper()
	if o.code != code || o.stdout != stdout || !strings.Contains(o.stderr, stderr) {
		t.Errorf(
			"exit code %d, want %d\nstdout %q, want %q\nstderr %q, want it to contain %q", o.code, code,
			o.stdout, stdout, o.stderr, stderr,
		)
	}
}

func letter(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "my letter.pdf")
	if err := os.WriteFile(name, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func lines(pages ...[]string) []any {
	var blocks []any
	for page, texts := range pages {
		for i, text := range texts {
			blocks = append(blocks, types.Block{
				Id: aws.String(
					fmt.Sprint(page, "-", i),
				),
				BlockType: types.BlockTypeLine,
				Text:      aws.String(text),
				Page:      aws.Int32(int32(page + 1)),
			})
		}
	}
	return blocks
}

func TestRunAFileOverAStack(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{Items: lines([]string{"Dear Sir,", "hello"}, []string{"bye"})})
	w.Textract.PageSize = 1
	file := letter(t)
	got := run(t, "run", file, "--stack", "Sample", "--tag", "my letter")
	got.want(t, 0, "Dear Sir,\nhello\n\fbye\n", "SUCCEEDED after 0s")

	_, request := w.onlyRequest(t)
	object := request.DocumentLocation.S3Object
	if object.Bucket != "documents" || !regexp.MustCompile(`^textract-async/[0-9a-f]{16}/my letter\.pdf$`).MatchString(object.Name) {
		t.Errorf("document %+v", object)
	}
	if content, _ := w.S3.Get(object.Bucket, object.Name); string(content) != "%PDF-1.7" {
		t.Errorf("uploaded %q", content)
	}
	if request.OutputConfig == nil || request.OutputConfig.S3Prefix != "out" || request.KMSKeyID != "" {
		t.Errorf("output %+v, key %q", request.OutputConfig, request.KMSKeyID)
	}
	if !strings.HasPrefix(request.JobTag, "my-letter-") {
		t.Errorf("tag %q", request.JobTag)
	}
	if len(w.AssumedRoles()) != 0 {
		t.Error("a role was assumed")
	}

	// Again, it is the same job, which publishes nothing.
	run(t, "run", file, "--stack", "Sample", "--tag", "my letter").want(t, 0, "Dear Sir,\nhello\n\fbye\n", "SUCCEEDED")
	w.onlyRequest(t)
	run(t, "run", file, "--stack", "Sample", "--tag", "my letter", "--new-job").want(t, 0, "Dear Sir,\nhello\n\fbye\n", "SUCCEEDED")
	if jobs := len(w.Textract.Started()); jobs != 2 {
		t.Errorf("%d jobs after --new-job", jobs)
	}
}

func TestRunAnObjectWithTheEnvironmentsSettings(t *testing.T) {
	w := newWorld(t)
	w.S3.Put("mine", "in/a+b c.pdf", []byte("%PDF-1.7"))
	w.end(textracttest.Outcome{Items: lines([]string{"hello"})})
	run(t, "run", "s3://mine/in/a+b c.pdf").want(t, 0, "hello\n", "SUCCEEDED")
	_, request := w.onlyRequest(t)
	if object := request.DocumentLocation.S3Object; object.Bucket != "mine" || object.Name != "in/a+b c.pdf" {
		t.Errorf("document %+v", object)
	}
	// Overwritten, the key is another document.
	w.S3.Put("mine", "in/a+b c.pdf", []byte("%PDF-1.7 changed"))
	run(t, "run", "s3://mine/in/a+b c.pdf").want(t, 0, "hello\n", "")
	if jobs := len(w.Textract.Started()); jobs != 2 {
		t.Errorf("%d jobs for two contents of one key", jobs)
	}
}

func TestRunAsTheCaller(t *testing.T) {
	w := newWorld(t)
	run(t, "run", letter(t), "--stack", "Sample", "--assume-caller").want(t, 0, "", "SUCCEEDED")
	if roles := w.AssumedRoles(); !slices.Contains(roles, callerARN) {
		t.Errorf("assumed %v", roles)
	}
}

func TestRunDocumentAnalysis(t *testing.T) {
	w := newWorld(t)
	child := func(ids ...string) []types.Relationship {
		return []types.Relationship{{Type: types.RelationshipTypeChild, Ids: ids}}
	}
	w.end(textracttest.Outcome{Items: append(
		lines([]string{"A form"}),
		types.Block{Id: aws.String("t"), BlockType: types.BlockTypeTable, Relationships: child("c1", "c2")},
		types.Block{
			Id:            aws.String("c1"),
			BlockType:     types.BlockTypeCell,
			RowIndex:      aws.Int32(1),
			ColumnIndex:   aws.Int32(1),
			Relationships: child("w1"),
		},
		types.Block{
			Id:            aws.String("c2"),
			BlockType:     types.BlockTypeCell,
			RowIndex:      aws.Int32(1),
			ColumnIndex:   aws.Int32(2),
			Relationships: child("w2"),
		},
		types.Block{Id: aws.String("w1"), BlockType: types.BlockTypeWord, Text: aws.String("one")},
		types.Block{Id: aws.String("w2"), BlockType: types.BlockTypeWord, Text: aws.String("two, three")},
		types.Block{
			Id:            aws.String("k"),
			BlockType:     types.BlockTypeKeyValueSet,
			EntityTypes:   []types.EntityType{types.EntityTypeKey},
			Relationships: child("w1"),
		},
		types.Block{Id: aws.String("q"), BlockType: types.BlockTypeQuery, Query: &types.Query{Text: aws.String("Who, and when?")}},
	)})
	folder := filepath.Join(t.TempDir(), "new", "folder")
	text := "A form\n\nTable 1 of page 1: \none\ttwo, three\n\nFields of page 1:\none\t\n\nAnswers of page 1:\nWho, and when?\t\n"
	run(
		t, "run", letter(t), "--bucket", "mine", "--features", "tables,FORMS", "--query", "Who, and when?",
		"--out", folder,
	).want(
		t, 0, text, "",
	)

	_, request := w.onlyRequest(t)
	if !slices.Equal(request.FeatureTypes, []string{"FORMS", "QUERIES", "TABLES"}) || request.QueriesConfig == nil {
		t.Errorf("features %v, queries %v", request.FeatureTypes, request.QueriesConfig)
	}
	for name, want := range map[string]string{"text.txt": text, "table-1-1.csv": "one,\"two, three\"\n"} {
		if content, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(content) != want {
			t.Errorf("%s: %q, error %v, want %q", name, content, err, want)
		}
	}
	var page struct{ Blocks []any }
	content, err := os.ReadFile(filepath.Join(folder, "result-1.json"))
	if err == nil {
		err = json.Unmarshal(content, &page)
	}
	if err != nil || len(page.Blocks) != 8 {
		t.Errorf("result-1.json has %d blocks, error %v", len(page.Blocks), err)
	}
}

func TestRunExpenseAnalysis(t *testing.T) {
	w := newWorld(t)
	field := func(kind, value string) types.ExpenseField {
		return types.ExpenseField{
			Type:           &types.ExpenseType{Text: aws.String(kind)},
			ValueDetection: &types.ExpenseDetection{Text: aws.String(value)},
		}
	}
	w.end(textracttest.Outcome{Items: []any{
		types.ExpenseDocument{
			ExpenseIndex:  aws.Int32(1),
			SummaryFields: []types.ExpenseField{field("VENDOR_ADDRESS", "1 Main St\nTown"), field("TOTAL", "$3")},
			LineItemGroups: []types.LineItemGroup{
				{
					LineItems: []types.LineItemFields{
						{LineItemExpenseFields: []types.ExpenseField{field("ITEM", "pen"), field("PRICE", "$3")}},
					},
				},
			},
		},
	}})
	run(t, "run", letter(t), "--bucket", "mine", "--operation", "expense-analysis").
		want(t, 0, "\nExpense 1:\nVENDOR_ADDRESS\t1 Main St Town\nTOTAL\t$3\nITEM\tpen\tPRICE\t$3\n", "")
}

func TestRunLendingAnalysis(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{
		Items: []any{types.LendingResult{
			Page:               aws.Int32(1),
			PageClassification: &types.PageClassification{PageType: []types.Prediction{{Value: aws.String("PAYSLIPS")}}},
			Extractions: []types.Extraction{
				{LendingDocument: &types.LendingDocument{LendingFields: []types.LendingField{
					{Type: aws.String("NET_PAY"), ValueDetections: []types.LendingDetection{{Text: aws.String("$9")}}},
				}}},
				{IdentityDocument: &types.IdentityDocument{IdentityDocumentFields: []types.IdentityDocumentField{
					{
						Type:           &types.AnalyzeIDDetections{Text: aws.String("FIRST_NAME")},
						ValueDetection: &types.AnalyzeIDDetections{Text: aws.String("Ana")},
					},
				}}},
				{ExpenseDocument: &types.ExpenseDocument{ExpenseIndex: aws.Int32(7)}},
			},
		}},
		Summary: types.LendingSummary{DocumentGroups: []types.DocumentGroup{{
			Type: aws.String("PAYSLIPS"), SplitDocuments: []types.SplitDocument{{Index: aws.Int32(1), Pages: []int32{1}}},
		}}},
	})
	file := letter(t)
	run(t, "run", file, "--stack", "Sample", "--operation", "LENDING_ANALYSIS").
		want(t, 0, "\nPage 1: PAYSLIPS\nNET_PAY\t$9\nFIRST_NAME\tAna\n\nExpense 7:\n\nDocuments:\nPAYSLIPS 1\tpages [1]\n", "")

	id, _ := w.onlyRequest(t)
	folder := t.TempDir()
	got := run(t, "results", id, "--stack", "Sample", "--operation", "lending-analysis", "--from=output", "--json", "--out", folder)
	if printed := strings.Split(
		got.stdout,
		"\n",
	); got.code != 0 || len(printed) != 3 ||
		!strings.Contains(printed[1], `"Summary":{"DocumentGroups"`) {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(filepath.Join(folder, "summary.json")); err != nil {
		t.Error(err)
	}
}

func TestRunJSON(t *testing.T) {
	w := newWorld(t)
	w.Textract.PageSize = 1
	w.end(textracttest.Outcome{Items: lines([]string{"a", "b"})})
	got := run(t, "run", letter(t), "--bucket", "mine", "--json")
	want := `{"Blocks":[{"BlockType":"LINE","Id":"0-0","Page":1,"Text":"a"}],"DetectDocumentTextModelVersion":"1.0","DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED"}
{"Blocks":[{"BlockType":"LINE","Id":"0-1","Page":1,"Text":"b"}],"DetectDocumentTextModelVersion":"1.0","DocumentMetadata":{"Pages":1},"JobStatus":"SUCCEEDED"}
`
	got.want(t, 0, want, "")
}

func TestJobsThatDoNotSucceed(t *testing.T) {
	w := newWorld(t)
	file := letter(t)
	w.end(textracttest.Outcome{Status: "FAILED", Message: "encrypted"})
	run(t, "run", file, "--bucket", "a").want(t, 3, "", "ended with status FAILED: encrypted")
	w.end(textracttest.Outcome{
		Status:   "PARTIAL_SUCCESS",
		Items:    lines([]string{"half"}),
		Warnings: []any{types.Warning{ErrorCode: aws.String("BAD"), Pages: []int32{2}}},
	})
	run(t, "run", file, "--bucket", "b").want(t, 4, "half\n", "succeeded in part: BAD on pages [2]")
	w.end(textracttest.Outcome{Takes: time.Hour})
	run(t, "run", file, "--bucket", "c", "--timeout", "3s").want(t, 6, "", "textract-async results 0000")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	got := runIn(ctx, "run", file, "--bucket", "c")
	got.want(t, 130, "", "canceled")
}

func TestResults(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{Items: lines([]string{"hello"})})
	run(t, "run", letter(t), "--stack", "Sample").want(t, 0, "hello\n", "")
	id, _ := w.onlyRequest(t)
	run(t, "results", id).want(t, 0, "hello\n", "")
	run(t, "results", id, "--stack", "Sample", "--from", "output").want(t, 0, "hello\n", "")
	run(t, "results", "other").want(t, 5, "", "results expired after 7 days")
	run(t, "results", "other", "--stack", "Sample").want(t, 5, "", "no results in the output bucket")
	run(t, "results", id, "--operation", "expense-analysis").want(t, 5, "", "wrong operation")

	// Textract forgets the job, the bucket does not.
	w.Textract.Expire(id)
	run(t, "results", id, "--stack", "Sample", "--from=get").want(t, 5, "", "expired after 7 days")
	run(t, "results", id, "--stack", "Sample").want(t, 0, "hello\n", "")
}

func TestListen(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{Items: lines([]string{"hello"})})
	run(t, "run", letter(t), "--bucket", "mine", "--notify").want(t, 0, "hello\n", "")
	id, _ := w.onlyRequest(t)
	w.queue.Send(textracttest.Notification("../evil", "SUCCEEDED", "StartDocumentTextDetection", "", "", ""))
	w.queue.Send(`{"JobId":"failed","Status":"FAILED","API":"StartLendingAnalysis"}`)
	w.end(textracttest.Outcome{
		Status: "FAILED", Message: "DOCUMENT_UNREADABLE", Warnings: []any{types.Warning{ErrorCode: aws.String("BAD_PAGE"), Pages: []int32{2}}},
	})
	run(t, "run", letter(t), "--bucket", "mine", "--notify", "--new-job").want(t, 3, "", "DOCUMENT_UNREADABLE")

	folder := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr syncedBuffer
	done := make(chan int, 1)
	go func() { done <- command.Run(ctx, []string{"listen", "--out", folder}, &stdout, &stderr) }()
	for deadline := time.Now().Add(30 * time.Second); strings.Count(stdout.String(), "\n") < 3 || !strings.Contains(stderr.String(), "evil"); {
		if time.Now().After(deadline) {
			t.Fatalf("stdout %q, stderr %q", stdout.String(), stderr.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
	if !strings.Contains(stdout.String(), `"JobId":"`+id+`","Status":"SUCCEEDED","API":"StartDocumentTextDetection"`) ||
		!strings.Contains(stdout.String(), `{"JobId":"failed","Status":"FAILED","API":"StartLendingAnalysis","DocumentLocation"`) ||
		!strings.Contains(stdout.String(), `"Status":"FAILED","StatusMessage":"DOCUMENT_UNREADABLE","Warnings":[{"ErrorCode":"BAD_PAGE","Pages":[2]}],"API"`) ||
		strings.Contains(stdout.String(), "evil") {
		t.Errorf("stdout %s", stdout.String())
	}
	for _, want := range []string{"listening", `workers="10"`, "job failed failed, why is unknown: "} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("no %q in %s", want, stderr.String())
		}
	}
	if content, err := os.ReadFile(filepath.Join(folder, id, "text.txt")); err != nil || string(content) != "hello\n" {
		t.Errorf("text %q, error %v", content, err)
	}
	if waiting, inFlight := w.queue.Count(); waiting+inFlight != 1 {
		t.Errorf("%d messages wait and %d are in flight, want the one that could not be handled", waiting, inFlight)
	}
}

func TestUsage(t *testing.T) {
	w := newWorld(t)
	file := letter(t)
	empty := filepath.Join(t.TempDir(), "empty.pdf")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	image := filepath.Join(t.TempDir(), "big.png")
	if err := os.WriteFile(image, append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 11<<20)...), 0o600); err != nil {
		t.Fatal(err)
	}
	word := filepath.Join(t.TempDir(), "letter.docx")
	if err := os.WriteFile(word, []byte("PK\x03\x04 word/document.xml"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		stderr string
		args   []string
	}{
		{"no command given", nil},
		{"unknown command", []string{"walk"}},
		{"unknown flag: --fast", []string{"run", "--fast"}},
		{"accepts 1 arg", []string{"run"}},
		{"accepts 1 arg", []string{"results", "a", "b"}},
		{"run accepts 1 argument, FILE or s3://BUCKET/KEY, and got 0", []string{"run"}},
		{"results accepts 1 argument, JOBID, and got 2", []string{"results", "a", "b"}},
		{"batch needs an argument", []string{"batch"}},
		{`invalid argument "many" for "--workers" flag: not a number`, []string{"listen", "--workers", "many"}},
		{`for "--timeout" flag: `, []string{"run", file, "--timeout", "soon"}},
		{"docs/a.pdf: no such file; a document in S3 has the form s3://BUCKET/KEY, such as s3://docs/a.pdf", []string{"run", "docs/a.pdf"}},
		{`operation "reading" is unknown`, []string{"run", file, "--operation", "reading"}},
		{`operation "reading" is unknown`, []string{"results", "1", "--operation", "reading"}},
		{`--from "memory" is unknown`, []string{"results", "1", "--from", "memory"}},
		{"--from=output needs an output", []string{"results", "1", "--from", "output"}},
		{`feature "TABLE" is unknown`, []string{"run", file, "--features", "TABLE", "--bucket", "b"}},
		{"document-analysis needs features", []string{"run", file, "--operation", "document-analysis", "--bucket", "b"}},
		{"for document-analysis only", []string{"run", file, "--operation", "expense-analysis", "--features", "TABLES", "--bucket", "b"}},
		{"needs queries", []string{"run", file, "--features", "QUERIES", "--bucket", "b"}},
		{"query 1: text has 201 characters", []string{"run", file, "--query", strings.Repeat("a", 201), "--bucket", "b"}},
		{`pages "first" are malformed`, []string{"run", file, "--query", "a", "--pages", "first", "--bucket", "b"}},
		{"--pages is for --query and --adapter", []string{"run", file, "--pages", "1", "--bucket", "b"}},
		{"2 --alias for 1 --query", []string{"run", file, "--query", "a", "--alias", "a", "--alias", "b", "--bucket", "b"}},
		{`--adapter "0123456789ab" is not ID:VERSION`, []string{"run", file, "--query", "a", "--adapter", "0123456789ab", "--bucket", "b"}},
		{"adapters need the feature QUERIES", []string{"run", file, "--adapter", "0123456789ab:1", "--features", "TABLES", "--bucket", "b"}},
		{"--timeout 0s", []string{"run", file, "--timeout", "0s", "--bucket", "b"}},
		{`document bucket "s3://b" is a path or URI`, []string{"run", file, "--bucket", "s3://b"}},
		{"not a PDF, TIFF, JPEG or PNG file", []string{"run", word, "--bucket", "b"}},
		{"workers 0", []string{"listen", "--workers", "0"}},
		{"visibility timeout 1s", []string{"listen", "--visibility", "1s"}},
		{"shutdown grace -1s", []string{"listen", "--grace", "-1s"}},
		{"no bucket to upload", []string{"run", file}},
		{"is not s3://BUCKET/KEY", []string{"run", "s3://bucket"}},
		{"no such file", []string{"run", file + "x", "--bucket", "b"}},
		{"file is empty", []string{"run", empty, "--bucket", "b"}},
		{"images up to 10 MB", []string{"run", image, "--bucket", "b"}},
		{"--assume-caller needs --stack", []string{"run", file, "--assume-caller"}},
		{"--stack-prefix Second needs --stack", []string{"run", file, "--stack-prefix", "Second"}},
		{`stack "Sample" has no output SecondTopicArn, `, []string{"run", file, "--stack", "Sample", "--stack-prefix", "Second"}},
	} {
		got := run(t, tt.args...)
		got.want(t, 2, "", tt.stderr)
		if strings.Count(got.stderr, "\n") != 1 || !strings.HasPrefix(got.stderr, "textract-async: ") {
			t.Errorf("%v: stderr %q is not one line", tt.args, got.stderr)
		}
	}
	t.Setenv("AWS_REGION", "")
	run(t, "listen").want(t, 2, "", "no Region is set")
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("TEXTRACT_SNS_TOPIC_ARN", "topic")
	run(t, "listen").want(t, 2, "", `topic ARN "topic" is malformed`)
	for _, name := range []string{"TEXTRACT_SNS_TOPIC_ARN", "TEXTRACT_ROLE_ARN", "TEXTRACT_QUEUE_URL"} {
		t.Setenv(name, "")
	}
	run(t, "listen").want(t, 2, "", "none of the construct's environment variables is set")
	run(t, "run", file, "--bucket", "b", "--notify").want(t, 2, "", "no notification channel")
	if w.S3.Keys("b") != nil || len(w.Textract.Started()) > 0 {
		t.Error("a document was uploaded, or a job started")
	}
}

// A queue that cannot be read is a setting that is wrong, and ends the command.
func TestListenWithoutAQueueToRead(t *testing.T) {
	newWorld(t)
	t.Setenv("TEXTRACT_QUEUE_URL", "http://fake.test/123456789012/other")
	run(t, "listen").want(t, 2, "", "nothing could be received from the queue")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	run(t, "listen").want(t, 2, "", "no EC2 IMDS role found")
}

// Any number of run at once: nothing stays in the queue, and a listener's message keeps all its
// receives.
func TestRunLeavesTheQueueAlone(t *testing.T) {
	w := newWorld(t)
	w.queue.Send(textracttest.Notification("other", "SUCCEEDED", "StartDocumentTextDetection", "", "", ""))
	w.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Takes: 100 * time.Millisecond, Items: lines([]string{"hello"})}
	}
	var runs sync.WaitGroup
	for i := range 6 {
		name := filepath.Join(t.TempDir(), fmt.Sprint(i, ".pdf"))
		if err := os.WriteFile(name, []byte(fmt.Sprint("%PDF-1.7 ", i)), 0o600); err != nil {
			t.Fatal(err)
		}
		runs.Go(func() { runIn(t.Context(), "run", name, "--stack", "Sample").want(t, 0, "hello\n", "SUCCEEDED") })
	}
	runs.Wait()
	waiting, inFlight := w.queue.Count()
	if waiting != 1 || inFlight != 0 || len(w.queue.DeadLetterQueue()) != 0 || w.Calls("ReceiveMessage") != 0 {
		t.Errorf("%d wait, %d are in flight, %d receives", waiting, inFlight, w.Calls("ReceiveMessage"))
	}
	if len(w.Textract.Started()) != 6 {
		t.Errorf("%d jobs", len(w.Textract.Started()))
	}
}

// Queries ask all pages; alias, pages and adapters are flags.
func TestRunQueries(t *testing.T) {
	w := newWorld(t)
	run(t, "run", letter(t), "--bucket", "mine", "--query", "What is the total?", "--query", "Who pays?", "--alias", "total",
		"--adapter", "0123456789ab:2").want(t, 0, "", "")
	_, request := w.onlyRequest(t)
	queries, adapter := request.QueriesConfig.Queries, request.AdaptersConfig.Adapters[0]
	if queries[0].Text != "What is the total?" || queries[0].Alias != "total" || !slices.Equal(queries[0].Pages, []string{"*"}) ||
		queries[1].Alias != "" {
		t.Errorf("queries %+v", queries)
	}
	if adapter.AdapterID != "0123456789ab" || adapter.Version != "2" || !slices.Equal(adapter.Pages, []string{"*"}) {
		t.Errorf("adapter %+v", adapter)
	}
	w = newWorld(t)
	run(t, "run", letter(t), "--bucket", "mine", "--query", "What?", "--pages", "1,3-5").want(t, 0, "", "")
	if _, request := w.onlyRequest(t); !slices.Equal(request.QueriesConfig.Queries[0].Pages, []string{"1", "3-5"}) {
		t.Errorf("pages %v", request.QueriesConfig.Queries[0].Pages)
	}
	if help := run(t, "run", "--help").stdout; !strings.Contains(help, "Textract bills each page") {
		t.Error("the help does not name the price")
	}
}

// A job that could not be started has an exit code of its own.
func TestRunThatDoesNotStart(t *testing.T) {
	w := newWorld(t)
	for range 1000 {
		w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "LimitExceededException", Status: 400})
	}
	got := run(t, "run", letter(t), "--bucket", "mine", "--timeout", "1s")
	got.want(t, 9, "", "no job was started within --timeout")
	if !strings.Contains(got.stderr, "quota of jobs in progress is used up") ||
		!strings.Contains(got.stderr, "Textract throttles, trying again") {
		t.Errorf("stderr %s", got.stderr)
	}
}

// A failed job is started again by running the command again.
func TestRunAgainAfterAFailure(t *testing.T) {
	w := newWorld(t)
	file := letter(t)
	w.end(textracttest.Outcome{Status: "FAILED", Message: "key disabled"})
	run(t, "run", file, "--bucket", "mine").want(t, 3, "", "key disabled")
	w.end(textracttest.Outcome{Items: lines([]string{"hello"})})
	run(t, "run", file, "--bucket", "mine").want(t, 0, "hello\n", "")
	run(t, "run", file, "--bucket", "mine").want(t, 0, "hello\n", "")
	if len(w.Textract.Started()) != 2 {
		t.Errorf("%d jobs", len(w.Textract.Started()))
	}
}

// The operation of a job is looked up, by Get and in the output bucket.
func TestResultsFindTheOperation(t *testing.T) {
	for operation, item := range map[string]any{
		"text-detection":    lines([]string{"hello"})[0],
		"document-analysis": lines([]string{"hello"})[0],
		"expense-analysis":  types.ExpenseDocument{ExpenseIndex: aws.Int32(1)},
		"lending-analysis":  types.LendingResult{Page: aws.Int32(1)},
	} {
		w := newWorld(t)
		w.end(textracttest.Outcome{Items: []any{item}})
		args := []string{"run", letter(t), "--stack", "Sample", "--operation", operation}
		if operation == "document-analysis" {
			args = append(args, "--features", "LAYOUT")
		}
		want := run(t, args...).stdout
		id, _ := w.onlyRequest(t)
		if want == "" {
			t.Errorf("%s: nothing printed", operation)
		}
		run(t, "results", id).want(t, 0, want, "")
		run(t, "results", id, "--stack", "Sample", "--from", "output").want(t, 0, want, "")
		w.Textract.Expire(id)
		run(t, "results", id, "--stack", "Sample").want(t, 0, want, "")
		run(t, "results", id).want(t, 5, "", "results expired after 7 days")
	}
}

func TestVersion(t *testing.T) {
	run(t, "--version").want(t, 0, "textract-async version (devel)\n", "")
}

func TestOtherErrors(t *testing.T) {
	w := newWorld(t)
	run(t, "listen", "--stack", "Gone").want(t, 1, "", `stack "Gone"`)
	run(t, "run", "s3://mine/missing.pdf").want(t, 1, "", "it does not exist")
	w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "InvalidS3ObjectException", Status: 400})
	run(t, "run", letter(t), "--bucket", "b").want(t, 1, "", "the object does not exist")
}

func TestHelpNamesTheExitCodesInEightyColumns(t *testing.T) {
	for command, codes := range map[string][]string{
		"": {"4    the job succeeded in part", "7 days"}, "run": {"4    the job succeeded in part", "7 days"},
		"listen": {"4    the job succeeded in part"}, "results": {"4    the job succeeded in part"}, "doctor": {"7    something is wrong", "8    nothing wrong was found"},
	} {
		args := append(strings.Fields(command), "--help")
		got := run(t, args...)
		for _, want := range append(codes, "\nUsage:\n  textract-async", "\nFlags:\n", "--region string") {
			if got.code != 0 || !strings.Contains(got.stdout, want) {
				t.Errorf("%v: exit code %d, want %q\n%s", args, got.code, want, got.stdout)
			}
		}
		for line := range strings.Lines(got.stdout) {
			if columns := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); columns > 80 {
				t.Errorf("%v: %d columns: %s", args, columns, line)
			}
		}
	}
	if help := run(t, "run", "--help").stdout; !strings.Contains(help, "[flags]\n\nExamples:\n  textract-async run") {
		t.Errorf("run --help has no examples\n%s", help)
	}
}

// TestBinaryHasOnlyWhatItCalls builds the command. A call that looks methods up by a name, as
// text/template does, makes the linker keep every operation of every AWS client.
func TestBinaryHasOnlyWhatItCalls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "textract-async")
	if out, err := exec.Command("go", "build", "-o", path, "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const methods = "github.com/aws/aws-sdk-go-v2/service/iam.(*Client)."
	if !bytes.Contains(binary, []byte(methods+"GetRole")) || bytes.Contains(binary, []byte(methods+"DeleteRole")) {
		t.Errorf("a binary of %d bytes has methods that nothing calls, or none", len(binary))
	}
}

func TestResultsOfAJobThatNoOperationHas(t *testing.T) {
	newWorld(t)
	got := run(t, "results", "123")
	got.want(t, 5, "", `job "123" is unknown to all operations`)
	if strings.Contains(got.stderr, "lending") || strings.Contains(got.stderr, "wrong operation") {
		t.Errorf("stderr %q names an operation", got.stderr)
	}
	run(t, "results", "123", "--stack", "Sample").want(t, 5, "", `job "123": no results in the output bucket`)
}

// Whoever may upload chooses the keys.
func TestControlSequencesOfKeysStayOffTheTerminal(t *testing.T) {
	w := newWorld(t)
	const key = "in/\x1b]0;title\x07\u009b2J\u202e.pdf"
	noControl := func(text string) bool { return !strings.ContainsAny(text, "\x1b\x07\u009b\u202e") }
	w.Fail("StartDocumentTextDetection", textracttest.Fault{Code: "InvalidS3ObjectException", Status: 400})
	w.S3.Put("mine", key, []byte("%PDF-1.7"))
	for _, args := range [][]string{
		{"run", "s3://mine/" + key}, {"run", "s3://mine/missing" + key}, {"run", key, "--bucket", "b"}, {key}, {"results", key},
	} {
		if got := run(t, args...); got.code == 0 || !noControl(got.stderr) || !strings.Contains(got.stderr, "?") && !strings.Contains(got.stderr, `\`) {
			t.Errorf("%q: exit code %d, stderr %q", args, got.code, got.stderr)
		}
	}
	w.queue.Send(textracttest.Notification("1", "FAILED", "StartDocumentTextDetection", "", "mine", key))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr syncedBuffer
	done := make(chan int, 1)
	go func() { done <- command.Run(ctx, []string{"listen"}, &stdout, &stderr) }()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(stdout.String(), "\n") && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-done
	var printed struct{ DocumentLocation struct{ S3ObjectName string } }
	err := json.Unmarshal([]byte(stdout.String()), &printed)
	if err != nil || printed.DocumentLocation.S3ObjectName != key || !noControl(stdout.String()) {
		t.Errorf("listen printed %q, error %v", stdout.String(), err)
	}
}

// A run that was killed leaves a folder with the document's text.
func TestPartialFoldersOfEarlierRunsAreRemoved(t *testing.T) {
	w := newWorld(t)
	w.end(textracttest.Outcome{Items: lines([]string{"hello"})})
	folder := t.TempDir()
	leave := func(parent string) string {
		left := filepath.Join(parent, ".partial-123")
		if err := os.MkdirAll(left, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(left, "text.txt"), []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
		return left
	}
	gone := func(command, left string) {
		if _, err := os.Stat(left); !os.IsNotExist(err) {
			t.Errorf("%s left %s", command, left)
		}
	}
	left := leave(folder)
	run(t, "run", letter(t), "--stack", "Sample", "--out", folder).want(t, 0, "hello\n", "")
	gone("run", left)
	id, _ := w.onlyRequest(t)
	left = leave(folder)
	run(t, "results", id, "--out", folder).want(t, 0, "hello\n", "")
	gone("results", left)
	left = leave(filepath.Join(folder, "job"))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	runIn(ctx, "listen", "--out", folder)
	gone("listen", left)
}
