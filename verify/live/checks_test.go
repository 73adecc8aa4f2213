package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

// fakeAWS is textracttest with permissions, which are what a test says they are.
type fakeAWS struct {
	*textracttest.AWS
	queue, deliveries *textracttest.Queue

	workflowQueue, workflowDeadLetterQueue *textracttest.Queue
	// reject returns the error code that a start gets, or empty. The policy is the session's.
	reject func(policy string, request textracttest.Request) string
	states *fakeStates

	policies []string // of the sessions; the access key id is the index
}

var outputs = map[string]string{
	"TopicArn":              "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Jobs",
	"ServiceRoleArn":        "arn:aws:iam::111122223333:role/Service",
	"WithKeyTopicArn":       "arn:aws:sns:us-east-1:111122223333:AmazonTextract-WithKey",
	"WithKeyServiceRoleArn": "arn:aws:iam::111122223333:role/ServiceWithKey",
	"UnprefixedTopicArn":    "arn:aws:sns:us-east-1:111122223333:Jobs",
	"FifoTopicArn":          "arn:aws:sns:us-east-1:111122223333:AmazonTextract-Jobs.fifo",
	"OutputKeyArn":          "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	"DocumentBucketName":    "documents", "OutputBucketName": "results", "OutputPrefix": "textract_output", "WithKeyPrefix": "with_key",

	"WorkflowTextArn": "text", "WorkflowAnalysisArn": "analysis", "WorkflowTaskArn": "task", "WorkflowBatchArn": "batch",
	"WorkflowTableName": "Table", "WorkflowLogGroupName": "Logs",
}

// command is textract-async.
var command string

func TestMain(m *testing.M) {
	os.Exit(withCommand(m.Run))
}

func withCommand(run func() int) int {
	temp, err := os.MkdirTemp("", "live-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	command = filepath.Join(temp, "textract-async")
	build := exec.Command("go", "build", "-o", command, ".")
	build.Dir = filepath.Join("..", "..", "cmd", "textract-async")
	if text, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build textract-async: %v\n%s", err, text)
		return 1
	}
	return run()
}

func newFake(t *testing.T) (*fakeAWS, *account) {
	t.Helper()
	f := &fakeAWS{AWS: textracttest.New(), states: newFakeStates(), queue: textracttest.NewQueue("jobs", 0), deliveries: textracttest.NewQueue("deliveries", 0)}
	f.workflowQueue, f.workflowDeadLetterQueue = textracttest.NewQueue("workflow", 0), textracttest.NewQueue("dead", 0)
	for _, queue := range []*textracttest.Queue{f.queue, f.deliveries, f.workflowQueue, f.workflowDeadLetterQueue} {
		f.AddQueue(queue)
	}
	f.Textract.Subscribe(outputs["TopicArn"], f.queue, false)
	f.Textract.Subscribe(outputs["UnprefixedTopicArn"], f.deliveries, false)
	f.Textract.Outcome = func(action string, _ textracttest.Request) textracttest.Outcome {
		return textracttest.Outcome{Items: read(action), Summary: types.LendingSummary{}}
	}
	f.S3.Put("documents", invoiceKey, []byte("%PDF-1.4"))
	f.states.put = func(bucket, key, content string) { f.S3.Put(bucket, key, []byte(content)) }
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)

	a := &account{
		config: aws.Config{
			Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("session0", "secret", ""),
		},
		id:          "111122223333",
		isAWS:       true,
		binary:      command,
		log:         log.New(io.Discard, "", 0),
		notifyLimit: time.Second,
		jobLimit:    20 * time.Second,
		invoice:     []byte("%PDF-1.4"),

		executionLimit: time.Second,
		assume:         f.assume,
		outputs:        maps.Clone(outputs),
	}
	a.outputs["QueueUrl"], a.outputs["DeliveriesQueueUrl"] = f.queue.URL, f.deliveries.URL
	a.outputs["WorkflowQueueUrl"], a.outputs["WorkflowDeadLetterQueueUrl"] = f.workflowQueue.URL, f.workflowDeadLetterQueue.URL
	return f, a
}

// assume has the access key id name the session's policy.
func (f *fakeAWS) assume(_ context.Context, policy string) (aws.Credentials, error) {
	f.policies = append(f.policies, policy)
	return aws.Credentials{AccessKeyID: fmt.Sprintf("session%d", len(f.policies)), SecretAccessKey: "secret", SessionToken: "token"}, nil
}

var session = regexp.MustCompile(`Credential=session(\d+)/`)

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.states.serve(w, r) {
		return
	}
	if !strings.Contains(r.Header.Get("X-Amz-Target"), "Textract.Start") || f.reject == nil {
		f.AWS.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller went away
	}
	var request textracttest.Request
	_ = json.Unmarshal(body, &request)
	policy, _ := strconv.Atoi(session.FindStringSubmatch(r.Header.Get("Authorization"))[1])
	if code := f.reject(f.policies[policy-1], request); code != "" {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"__type": %q, "message": "not in this account"}`, code)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.AWS.ServeHTTP(w, r)
}

// read returns what Textract finds in the invoice.
func read(action string) []any {
	block := func(kind types.BlockType, id, text string, children ...string) types.Block {
		return types.Block{
			BlockType: kind, Id: &id, Page: aws.Int32(1), Text: &text, RowIndex: aws.Int32(1), ColumnIndex: aws.Int32(1),
			Relationships: []types.Relationship{{Type: types.RelationshipTypeChild, Ids: children}},
		}
	}
	blocks := []types.Block{
		block(types.BlockTypePage, "page", "", "line"),
		block(types.BlockTypeLine, "line", "Invoice number: "+invoiceNumber),
	}
	switch action {
	case "StartDocumentAnalysis":
		return []any{
			block(types.BlockTypePage, "page", "", "table"), block(types.BlockTypeTable, "table", "", "cell"),
			block(types.BlockTypeCell, "cell", "", "toner", "black"),
			block(types.BlockTypeWord, "toner", "Toner,"), block(types.BlockTypeWord, "black", "black"),
		}
	case "StartExpenseAnalysis":
		return []any{types.ExpenseDocument{Blocks: blocks}}
	case "StartLendingAnalysis":
		return []any{
			types.LendingResult{
				Page:        aws.Int32(1),
				Extractions: []types.Extraction{{ExpenseDocument: &types.ExpenseDocument{Blocks: blocks}}},
			},
		}
	}
	return []any{blocks[0], blocks[1]}
}

func find(t *testing.T, point string) check {
	t.Helper()
	for _, c := range allChecks {
		if c.point == point {
			return c
		}
	}
	t.Fatalf("no check %q", point)
	return check{}
}

// checkCase is what a check comes to on an account.
type checkCase struct {
	point, aws string
	change     func(*fakeAWS, *account)
	want       result
	seen       []string
}

func (c checkCase) run(t *testing.T) {
	f, a := newFake(t)
	if c.change != nil {
		c.change(f, a)
	}
	got := a.check(t.Context(), find(t, c.point))
	if got.result != c.want {
		t.Errorf("%s, want %s, seen:\n%s", got.result, c.want, got.seen)
	}
	for _, want := range c.seen {
		if !strings.Contains(got.seen, want) {
			t.Errorf("seen:\n%s\nwant %q in it", got.seen, want)
		}
	}
}

// Each check, on accounts that answer differently.
func TestChecks(t *testing.T) {
	always := func(code string) func(*fakeAWS, *account) {
		return func(f *fakeAWS, _ *account) { f.reject = func(string, textracttest.Request) string { return code } }
	}
	denyWithout := func(action string) func(*fakeAWS, *account) {
		return func(f *fakeAWS, _ *account) {
			f.reject = func(policy string, _ textracttest.Request) string {
				if policy == allBut(action) {
					return "AccessDeniedException"
				}
				return ""
			}
		}
	}
	finding := func(items ...any) func(*fakeAWS, *account) {
		return func(f *fakeAWS, _ *account) {
			f.Textract.Outcome = func(string, textracttest.Request) textracttest.Outcome { return textracttest.Outcome{Items: items} }
		}
	}
	denyAdapter := func(f *fakeAWS, _ *account) {
		f.reject = func(policy string, _ textracttest.Request) string {
			switch {
			case strings.Contains(policy, `"arn:aws:textract:*:*:/adapters/000000000000*"`):
				return "AccessDeniedException"
			default:
				return "InvalidParameterException"
			}
		}
	}
	for _, row := range []checkCase{
		{"Encrypted delivery", "delivers", nil, asExpected, []string{"the text, then the notification"}},
		{"Encrypted delivery", "loses the notification", func(_ *fakeAWS, a *account) {
			a.outputs["TopicArn"] += "Other"
		}, notAsExpected, []string{"no notification within 1s", "NumberOfNotificationsFailed"}},
		{"Encrypted delivery", "rejects the start", always("InvalidParameterException"), notAsExpected, []string{"InvalidParameterException"}},
		{"Encrypted delivery", "reads nothing", finding(), notAsExpected, []string{"exit code 0"}},

		{"Output", "has no job", nil, notJudged, []string{"no job completed"}},
		{"Output", "writes", func(_ *fakeAWS, a *account) { checkDelivery(context.Background(), a) }, asExpected, []string{`[".s3_access_check" "1"], then the text`}},
		{"Output", "writes nothing", func(f *fakeAWS, a *account) {
			checkDelivery(context.Background(), a)
			f.S3.Delete("results", "textract_output/"+a.job+"/1")
		}, notAsExpected, []string{`[".s3_access_check"], then exit code`}},

		{"All operations: document analysis", "finds the table", nil, asExpected, []string{"Toner, black"}},
		{"All operations: document analysis", "finds none", finding(), notAsExpected, nil},
		{"All operations: expense analysis", "reads", nil, asExpected, []string{invoiceNumber}},
		{"All operations: lending analysis", "reads", nil, asExpected, []string{invoiceNumber}},
		{"All operations: lending analysis", "denies", always("AccessDeniedException"), notAsExpected, []string{"AccessDeniedException"}},

		{"The output's key", "asks nobody", nil, answered, []string{"both: the text", "caller's: the text", "role's: the text"}},
		{"The output's key", "asks the caller", denyWithout("kms:*"), answered, []string{"both: the text", "caller's: exit code 1, ", "role's: the text"}},
		{"The output's key", "asks the service role", func(f *fakeAWS, _ *account) {
			f.reject = func(_ string, r textracttest.Request) string {
				if r.KMSKeyID == outputs["OutputKeyArn"] && r.NotificationChannel.RoleArn == outputs["ServiceRoleArn"] {
					return "InvalidKMSKeyException"
				}
				return ""
			}
		}, answered, []string{"both: the text", "caller's: the text", "role's: exit code 1, "}},
		{"The output's key", "denies both", always("InvalidKMSKeyException"), notAsExpected, []string{"both: exit code 1"}},

		{"PassRole", "denies", denyWithout("iam:PassRole"), asExpected, []string{"AccessDeniedException"}},
		{"PassRole", "does not ask", nil, notAsExpected, []string{"the text"}},
		{"PassRole", "rejects", always("InvalidParameterException"), notAsExpected, []string{"InvalidParameterException"}},

		{"The prefix of the topic's name", "rejects", always("InvalidParameterException"), answered, []string{"the start is rejected", "InvalidParameterException"}},
		{"The prefix of the topic's name", "delivers", nil, answered, []string{"SUCCEEDED; its notification comes"}},
		{"FIFO topics", "is silent", nil, answered, []string{"SUCCEEDED; silent: no notification within 1s"}},

		{"Adapters", "asks for the ARN", denyAdapter, answered, []string{"allowed: exit code 1", "denied: exit code 1", "AccessDeniedException"}},
		{"Adapters", "knows no adapter", always("InvalidParameterException"), unanswered, []string{"-adapter ID:VERSION"}},
		{"Adapters", "does not ask for the ARN", func(_ *fakeAWS, a *account) {
			a.adapter = "0123456789ab:2"
		}, answered, []string{"adapter 0123456789ab:2\nallowed: exit code 0", "denied: exit code 0"}},
	} {
		t.Run(row.point+"/"+row.aws, row.run)
	}
}
