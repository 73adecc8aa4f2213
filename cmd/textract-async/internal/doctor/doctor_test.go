package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
)

func inspect(t *testing.T, f *fakeAWS, s doctor.Settings) *doctor.Report {
	t.Helper()
	report, err := doctor.Run(t.Context(), f.clients(), s)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(t *testing.T, report *doctor.Report, style doctor.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteText(&out, style, 7); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// findings are "RESULT ID" of the checks that are neither right nor skipped.
func findings(report *doctor.Report) []string {
	var all []string
	for _, c := range report.Checks {
		if c.Result != doctor.OK && c.Result != doctor.Skipped {
			all = append(all, string(c.Result)+" "+c.ID)
		}
	}
	return all
}

func TestHealthy(t *testing.T) {
	const want = `caller arn:aws:iam::111122223333:user/alice, eu-west-1
ok   region              eu-west-1 has Textract
ok 1 start               the caller may start DocumentTextDetection, DocumentAnalysis, ExpenseAnalysis, LendingAnalysis
ok 3 topic               AmazonTextractJobs: standard, in eu-west-1, encrypted with key 1234abcd
ok 4 queue               notifications: standard, in eu-west-1, encrypted with key 1234abcd
ok   keys                enabled: key 1234abcd
ok 5 subscription        sqs, confirmed, no filter, dead-letter queue notifications
ok 5 dead-letter-queue   sns.amazonaws.com may send to notifications
ok 6 queue-policy        sns.amazonaws.com may send for this topic
ok 6 queue-key           sns.amazonaws.com may use the key of notifications
ok 7 service-role        arn:aws:iam::111122223333:role/ocr/Textract
ok 7 trust               textract.amazonaws.com may assume the role for account 111122223333
ok 7 publish             the role may publish to AmazonTextractJobs
ok 7 topic-key           the role may use the topic's key
ok 8 pass-role           the caller may pass the role to Textract
ok   document            s3://documents/in/letter.pdf is in eu-west-1
ok   document-access     the caller may read the document
ok   output              s3://documents/out is in eu-west-1
ok   output-access       the caller may write results
ok   output-key          caller and service role may use the key of the results
ok   output-loop         no notification of the bucket covers documents and results
nothing wrong: 20 checks, 26 reads (what Textract itself does is not checked)
`
	if got := text(t, inspect(t, healthy(), settings()), doctor.Style{ASCII: true}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFaults(t *testing.T) {
	replace := func(text *string, from, to string) { *text = strings.ReplaceAll(*text, from, to) }
	for _, test := range []struct {
		name   string
		breaks func(*fakeAWS, *doctor.Settings)
		want   []string
		text   string
	}{
		{"missing topic", func(f *fakeAWS, _ *doctor.Settings) { f.fails["sns:GetTopicAttributes"] = apiError("NotFound") }, []string{"wrong topic"}, "AmazonTextractJobs: not found in eu-west-1"},
		{"topic of another Region", func(f *fakeAWS, s *doctor.Settings) {
			s.Region, f.bucketRegion, s.Output.KMSKeyID = "eu-west-2", "eu-west-2", ""
		}, []string{"wrong topic"}, "Textract is called in eu-west-2"},
		{"topic without the prefix", func(f *fakeAWS, s *doctor.Settings) {
			s.TopicARN = strings.Replace(topicARN, "AmazonTextractJobs", "Jobs", 1)
			f.queue["Policy"] = strings.Replace(sendStatement, "AmazonTextractJobs", "Jobs", 1)
			replace(&f.keyPolicy, "AmazonTextractJobs", "Jobs")
			replace(&f.role, "AmazonTextractJobs", "Jobs")
		}, []string{"warning topic"}, "begins with AmazonTextract"},
		{"missing queue", func(f *fakeAWS, _ *doctor.Settings) {
			f.fails["sqs:GetQueueAttributes"] = apiError("QueueDoesNotExist")
		}, []string{"wrong queue"}, "notifications: not found"},
		{"queue that keeps messages for a minute", func(f *fakeAWS, _ *doctor.Settings) {
			f.queue["MessageRetentionPeriod"] = "60"
			f.subscription = nil
		}, []string{"warning queue"}, "notifications keeps messages for 1m0s only"},
		{"queue that keeps messages for four days", func(f *fakeAWS, _ *doctor.Settings) { f.queue["MessageRetentionPeriod"] = "345600" }, nil, ""},
		{"dead-letter queue that keeps messages for an hour", func(f *fakeAWS, _ *doctor.Settings) { f.queue["MessageRetentionPeriod"] = "3600" }, []string{"warning queue", "warning dead-letter-queue"}, "--attributes MessageRetentionPeriod=604800"},
		{"caller who may start and not get", func(f *fakeAWS, _ *doctor.Settings) {
			replace(&f.user, `"textract:*"`, `"textract:Start*"`)
		}, []string{"warning start"}, "not call GetDocumentTextDetection, GetDocumentAnalysis, GetExpenseAnalysis, GetLendingAnalysis, GetLendingAnalysisSummary"},
		{"caller who may get what it may start", func(f *fakeAWS, _ *doctor.Settings) {
			replace(&f.user, `"textract:*"`, `"textract:*DocumentAnalysis"`)
		}, nil, ""},
		{"caller of whom it is not known whether it may get", func(f *fakeAWS, _ *doctor.Settings) {
			replace(&f.team, `]}`, `,{"Effect":"Deny","Action":"textract:Get*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}}]}`)
		}, []string{"unknown start"}, "whether it may get their results"},
		{"other queue", func(f *fakeAWS, _ *doctor.Settings) { f.endpoint = queueARN + "2" }, []string{"wrong subscription"}, "sqs arn:aws:sqs:eu-west-1:111122223333:notifications2"},
		{"pending subscription", func(f *fakeAWS, _ *doctor.Settings) { f.subscription["PendingConfirmation"] = "true" }, []string{"wrong subscription"}, "waits for its confirmation"},
		{"filter", func(f *fakeAWS, _ *doctor.Settings) { f.subscription["FilterPolicy"] = `{"a":["b"]}` }, []string{"wrong subscription"}, "aws sns set-subscription-attributes"},
		{"no queue policy", func(f *fakeAWS, _ *doctor.Settings) { delete(f.queue, "Policy"); f.subscription = nil }, []string{"wrong queue-policy"}, `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["sqs:SendMessage"],"Resource":["arn:aws:sqs:eu-west-1:111122223333:notifications"],"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"}}}`},
		{"malformed queue policy", func(f *fakeAWS, _ *doctor.Settings) { f.queue["Policy"] = "{"; f.subscription = nil }, []string{"unknown queue-policy"}, "not a JSON object"},
		{"key of AWS", func(f *fakeAWS, _ *doctor.Settings) {
			f.queue["KmsMasterKeyId"] = "alias/aws/sqs"
			f.subscription = nil
		}, []string{"wrong queue-key"}, "SNS can never use"},
		{"disabled key", func(f *fakeAWS, _ *doctor.Settings) { f.keyState = kmstypes.KeyStateDisabled }, []string{"wrong keys"}, "key 1234abcd is Disabled"},
		{"malformed key policy", func(f *fakeAWS, _ *doctor.Settings) { f.keyPolicy = `{"Statement":"no"}` }, []string{"unknown dead-letter-queue", "unknown queue-key", "unknown topic-key", "unknown document-access", "unknown output-key"}, "cannot be judged"},
		{"missing role", func(f *fakeAWS, _ *doctor.Settings) { f.fails["iam:GetRole"] = apiError("NoSuchEntity") }, []string{"wrong service-role"}, roleARN + ": not found"},
		{"trust of another service", func(f *fakeAWS, _ *doctor.Settings) { replace(&f.trust, "textract", "lambda") }, []string{"wrong trust"}, "but for its principal lambda.amazonaws.com"},
		{"open trust", func(f *fakeAWS, _ *doctor.Settings) {
			replace(&f.trust, "StringEquals", "StringEqualsIfExists")
			replace(&f.trust, account, "*")
		}, []string{"wrong trust"}, "StringEqualsIfExists aws:SourceAccount *"},
		{"trust of everybody", func(f *fakeAWS, _ *doctor.Settings) {
			replace(&f.trust, `,"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}`, "")
		}, []string{"warning trust"}, "for jobs of any account"},
		{"boundary", func(f *fakeAWS, _ *doctor.Settings) {
			f.boundary = `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`
		}, []string{"wrong publish"}, "the permissions boundary Boundary does not allow it\n    add to the permissions boundary Boundary:\n"},
		{"boundary, and no policy of the role", func(f *fakeAWS, _ *doctor.Settings) {
			f.boundary = `{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}`
			f.role = f.boundary
		}, []string{"wrong publish"}, "add to the policies of " + roleARN + " and to the permissions boundary Boundary:\n"},
		{"key that names neither the role nor its account, and no policy of the role", func(f *fakeAWS, s *doctor.Settings) {
			replace(&f.keyPolicy, ":root", ":user/alice")
			replace(&f.role, "kms:*", "ec2:*")
			s.Document, s.Output = nil, nil
		}, []string{"wrong topic-key"}, `"Principal":{"AWS":"` + roleARN + `"}`},
		{"no PassRole", func(f *fakeAWS, _ *doctor.Settings) { f.team = `{"Statement":[]}` }, []string{"wrong pass-role"}, `"Condition":{"StringEquals":{"iam:PassedToService":"textract.amazonaws.com"}}`},
		{"missing document", func(f *fakeAWS, _ *doctor.Settings) { f.fails["s3:GetObject"] = headError(404, "") }, []string{"wrong document"}, "s3://documents/in/letter.pdf: not found"},
		{"denied document", func(f *fakeAWS, _ *doctor.Settings) { f.fails["s3:GetObject"] = headError(403, "") }, []string{"wrong document"}, "S3 answers 403 to both"},
		{"a document that only the caller may see", func(f *fakeAWS, s *doctor.Settings) {
			f.fails["s3:GetObject"] = headError(403, "")
			s.Caller = roleARN
			f.role = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
		}, []string{"warning publish", "unknown document", "unknown document-access"}, "the document's key is not known: s3:GetObject is denied to you"},
		{"missing bucket", func(f *fakeAWS, _ *doctor.Settings) { f.fails["s3:ListBucket"] = headError(404, "") }, []string{"wrong document", "wrong output"}, "bucket documents: not found"},
		{"bucket in another Region", func(f *fakeAWS, _ *doctor.Settings) { f.fails["s3:ListBucket"] = headError(301, "us-east-1") }, []string{"wrong document", "wrong output"}, "bucket documents is in us-east-1, and Textract is called in eu-west-1"},
		{"bucket that may not be listed", func(f *fakeAWS, _ *doctor.Settings) { f.fails["s3:ListBucket"] = headError(403, "eu-west-1") }, nil, ""},
		{"deny of the bucket", func(f *fakeAWS, _ *doctor.Settings) {
			f.bucketPolicy = `{"Statement":{"Sid":"Closed","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*"}}`
		}, []string{"wrong output-access"}, "statement 1 (Closed) of the policy of bucket documents denies it"},
		{"loop", func(f *fakeAWS, _ *doctor.Settings) {
			f.notifications = &s3.GetBucketNotificationConfigurationOutput{LambdaFunctionConfigurations: []s3types.LambdaFunctionConfiguration{{Events: []s3types.Event{"s3:ObjectCreated:Put"}}}}
		}, []string{"warning output-loop"}, "exclude out/"},
		{"EventBridge", func(f *fakeAWS, _ *doctor.Settings) {
			f.notifications = &s3.GetBucketNotificationConfigurationOutput{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}}
		}, []string{"warning output-loop"}, "EventBridge"},
		{"Region without Textract", func(f *fakeAWS, s *doctor.Settings) {
			s.Region, f.bucketRegion, s.Output.KMSKeyID = "eu-north-1", "eu-north-1", ""
		}, []string{"wrong region", "wrong topic"}, "eu-north-1 had no Textract"},
		{"Region that is not known", func(f *fakeAWS, s *doctor.Settings) {
			s.Region, f.bucketRegion, s.Output.KMSKeyID = "eu-east-9", "eu-east-9", ""
		}, []string{"warning region", "wrong topic"}, "newer than"},
		{"the root user", func(_ *fakeAWS, s *doctor.Settings) { s.Caller = "arn:aws:iam::111122223333:root" }, nil, ""},
		{"a federated user", func(_ *fakeAWS, s *doctor.Settings) { s.Caller = "arn:aws:sts::111122223333:federated-user/bob" }, []string{"unknown start", "unknown pass-role", "unknown document-access", "unknown output-access", "unknown output-key"}, "neither a role, nor a session of one, nor a user"},
		{"a caller of another account", func(_ *fakeAWS, s *doctor.Settings) {
			s.Caller, s.Document, s.Output = "arn:aws:iam::444455556666:role/Caller", nil, nil
		}, []string{"unknown start", "wrong pass-role"}, "the role is in account 111122223333, the caller in 444455556666"},
		{"a caller who is not there", func(f *fakeAWS, _ *doctor.Settings) { f.fails["iam:GetUser"] = apiError("NoSuchEntity") }, []string{"wrong start"}, userARN + ": not found"},
		{"escape sequences", func(f *fakeAWS, _ *doctor.Settings) { f.subscription["FilterPolicy"] = "{\"\x1b[2J\u009b\":[1]}" }, []string{"unknown subscription"}, "?[2J?"},
	} {
		f, s := healthy(), settings()
		test.breaks(f, &s)
		report := inspect(t, f, s)
		got := text(t, report, doctor.Style{})
		if !slices.Equal(findings(report), test.want) || !strings.Contains(got, test.text) || strings.ContainsRune(got, '\x1b') {
			t.Errorf("%s: %v, want %v and %q\n%s", test.name, findings(report), test.want, test.text, got)
		}
	}
}

// TestFailedReads lets each read fail: nothing that depends on it is right or wrong.
func TestFailedReads(t *testing.T) {
	for _, action := range doctor.Actions {
		for code, want := range map[string]string{"AccessDenied": action + " is denied to you", "Throttling": action + " failed: Throttling"} {
			f, s := healthy(), settings()
			s.Caller = "arn:aws:iam::111122223333:user/alice"
			f.boundary = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
			f.fails[action] = apiError(code)
			report := inspect(t, f, s)
			if action == "s3:GetObject" && code == "AccessDenied" {
				continue // who asks is the caller: it is wrong
			}
			if report.Wrong+report.Warnings > 0 || report.Unknown == 0 || !strings.Contains(text(t, report, doctor.Style{}), want) {
				t.Errorf("%s, %s: %v\n%s", action, code, findings(report), text(t, report, doctor.Style{}))
			}
		}
	}
}

// TestEmptyAnswers has answers that lack what was asked for, as a server that is not AWS may give:
// no crash.
func TestEmptyAnswers(t *testing.T) {
	for _, action := range doctor.Actions {
		f := healthy()
		f.boundary = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
		f.empty = action
		if report := inspect(t, f, settings()); len(report.Checks) < 10 {
			t.Errorf("%s: %d checks", action, len(report.Checks))
		}
	}
}

// TestActions holds that the permissions that doctor asks for are those that it uses.
func TestActions(t *testing.T) {
	f := healthy()
	inspect(t, f, settings())
	delete(f.seen, "sts:GetCallerIdentity")
	var used []string
	for action := range f.seen {
		used = append(used, action)
	}
	slices.Sort(used)
	if !slices.Equal(used, doctor.Actions) {
		t.Errorf("used %v\nActions %v", used, doctor.Actions)
	}
}

func TestErrors(t *testing.T) {
	f := healthy()
	f.fails["sts:GetCallerIdentity"] = apiError("ExpiredToken")
	if _, err := doctor.Run(t.Context(), f.clients(), settings()); err == nil || !strings.Contains(err.Error(), "ExpiredToken") {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := doctor.Run(ctx, healthy().clients(), settings()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestJSON(t *testing.T) {
	f := healthy()
	delete(f.queue, "Policy")
	f.subscription = nil
	var out bytes.Buffer
	if err := inspect(t, f, settings()).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	type check struct {
		ID, Step, Result, Found, To, Docs string
		Add                               struct{ Effect, Action any }
	}
	var got struct {
		Caller, Region string
		Wrong          int
		Checks         []check
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	found := got.Checks[slices.IndexFunc(got.Checks, func(c check) bool { return c.ID == "queue-policy" })]
	if got.Wrong != 1 || got.Region != "eu-west-1" || found.Step != "6" || found.Result != "wrong" || found.Add.Effect != "Allow" ||
		!strings.Contains(found.To, "notifications") {
		t.Errorf("%s", out.String())
	}
}

func TestColor(t *testing.T) {
	got := text(t, inspect(t, healthy(), settings()), doctor.Style{Color: true})
	if !strings.Contains(got, "\x1b[32m✓\x1b[0m 1 start") {
		t.Errorf("%q", got)
	}
}

// TestDocs holds that the documentation has a heading for each check, which the reports link to.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "doctor.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range inspect(t, healthy(), settings()).Checks {
		if !strings.Contains(string(page), "\n### "+c.ID+"\n") {
			t.Errorf("docs/doctor.md has no heading %q", c.ID)
		}
	}
}

func TestFilters(t *testing.T) {
	for filter, want := range map[string]string{
		`{}`: "", `{"a":[{"exists":false}]}`: "", `{"a":["b",{"exists":false}]}`: "", `{"a":["b"]}`: "wrong subscription",
		`{"a":[{"exists":true}]}`: "wrong subscription", `{"$or":[{"a":["b"]}]}`: "unknown subscription",
		`{"$or":[{"a":["b"]},{"c":["d"]}]}`: "wrong subscription", `{"$or":[{"a":["b"]},{"c":[{"exists":false}]}]}`: "", `no`: "unknown subscription",
	} {
		f := healthy()
		f.subscription["FilterPolicy"] = filter
		if got := strings.Join(findings(inspect(t, f, settings())), ""); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
	for filter, want := range map[string]string{
		`{"Status":["SUCCEEDED"]}`: "warning", `{"state":["SUCCEEDED"]}`: "wrong", `{"state":[{"exists":false}]}`: "",
		`{"Status":["Succeeded"]}`: "wrong", `{"status":["SUCCEEDED"]}`: "wrong", `{"Status":["Succeeded","FAILED"]}`: "warning",
		`{"Status":[{"prefix":"SUCC"}]}`: "warning", `{"Status":[{"prefix":"succ"}]}`: "wrong", `{"Status":[{"suffix":"ED"}]}`: "warning",
		`{"Status":[{"equals-ignore-case":"succeeded"}]}`: "warning", `{"Status":[{"equals-ignore-case":"done"}]}`: "wrong",
		`{"Status":[{"anything-but":"FAILED"}]}`: "warning", `{"Status":[{"anything-but":["SUCCEEDED","PARTIAL_SUCCESS","FAILED","ERROR"]}]}`: "wrong",
		`{"Status":[{"anything-but":{"prefix":"FA"}}]}`: "warning", `{"Status":[{"anything-but":{"newer":"FA"}}]}`: "warning",
		`{"Status":[{"wildcard":"SUC*"}]}`: "warning", `{"Status":[{"wildcard":"suc*"}]}`: "wrong", `{"Status":[{"newer":1}]}`: "warning",
		`{"Status":[{"exists":true}]}`: "", `{"Status":["FAILED",{"anything-but":"FAILED"}]}`: "", `{"Status":[{"exists":false}]}`: "wrong", `{"Status":[null]}`: "wrong", `{"Status":[1]}`: "wrong",
		`{"Status":[{"numeric":["=",1]}]}`: "wrong", `{"Status":{"Code":["SUCCEEDED"]}}`: "wrong", `{"Status":"SUCCEEDED"}`: "warning",
		`{"API":["GetDocumentAnalysis"]}`: "wrong", `{"API":["StartDocumentAnalysis"]}`: "warning", `{"API":["StartDocumentAnalysis"],"Status":["DONE"]}`: "wrong",
		`{"JobTag":["invoices"]}`: "warning", `{"JobTag":["my invoices"]}`: "wrong", `{"JobTag":[{"exists":false}]}`: "warning", `{"JobId":["a/b"]}`: "wrong",
		`{"Timestamp":[{"numeric":[">",0]}]}`: "warning", `{"Timestamp":["2026"]}`: "wrong",
		`{"DocumentLocation":{"S3Bucket":["documents"]}}`: "warning", `{"DocumentLocation":{"Bucket":["documents"]}}`: "wrong",
		`{"DocumentLocation":{"S3ObjectName":[{"prefix":"in/"}]}}`: "warning", `{"DocumentLocation":["documents"]}`: "wrong",
		`{"S3Bucket":["documents"]}`: "wrong", `{"$or":[{"Status":["DONE"]},{"API":["GetDocumentAnalysis"]}]}`: "wrong",
		`{"$or":[{"Status":["DONE"]},{"Status":["FAILED"]}]}`: "warning", `{"detail":{"Status":["SUCCEEDED"]}}`: "wrong",
	} {
		if want != "" {
			want += " subscription"
		}
		f := healthy()
		f.subscription["FilterPolicy"], f.subscription["FilterPolicyScope"] = filter, "MessageBody"
		if got := strings.Join(findings(inspect(t, f, settings())), ""); got != want {
			t.Errorf("%s of the body: %q, want %q", filter, got, want)
		}
	}
}

// TestKeysOfAnotherRegion has each of the keys in another Region, readable or not.
func TestKeysOfAnotherRegion(t *testing.T) {
	for name, test := range map[string]struct {
		breaks func(*fakeAWS, *doctor.Settings)
		want   string
	}{
		"topic":    {func(f *fakeAWS, _ *doctor.Settings) { f.topic["KmsMasterKeyId"] = keyIn("us-east-1") }, "wrong keys"},
		"queue":    {func(f *fakeAWS, _ *doctor.Settings) { f.queue["KmsMasterKeyId"] = keyIn("us-east-1") }, "wrong keys"},
		"results":  {func(_ *fakeAWS, s *doctor.Settings) { s.Output.KMSKeyID = keyIn("us-east-1") }, "wrong keys"},
		"document": {func(f *fakeAWS, _ *doctor.Settings) { f.documentKey = keyIn("us-east-1") }, "wrong document-access"},
		"an alias": {func(f *fakeAWS, _ *doctor.Settings) {
			f.topic["KmsMasterKeyId"] = "arn:aws:kms:us-east-1:111122223333:alias/jobs"
		}, "wrong keys"},
	} {
		for _, failure := range []error{nil, apiError("AccessDenied"), apiError("NotFoundException")} {
			f, s := healthy(), settings()
			f.queue["Policy"], f.subscription = sendStatement, nil
			test.breaks(f, &s)
			if failure != nil {
				f.fails["kms:DescribeKey"] = failure
			}
			report := inspect(t, f, s)
			if got := text(t, report, doctor.Style{}); !slices.Contains(findings(report), test.want) ||
				!strings.Contains(got, "is in us-east-1, and is used in eu-west-1") {
				t.Errorf("%s, %v: %v\n%s", name, failure, findings(report), got)
			}
		}
	}
}

// Without a key in the OutputConfig Textract encrypts with SSE-S3, whatever the bucket's default
// is.
func TestNoKeyOfTheResults(t *testing.T) {
	f, s := healthy(), settings()
	s.Output.KMSKeyID = ""
	report := inspect(t, f, s)
	if len(findings(report)) > 0 || slices.ContainsFunc(report.Checks, func(c doctor.Check) bool { return c.ID == "output-key" }) {
		t.Error(text(t, report, doctor.Style{}))
	}
}

// TestCertainConditionKeys has right set-ups with condition keys whose values doctor knows itself.
func TestCertainConditionKeys(t *testing.T) {
	deny := func(elements string) string {
		return `,{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":` + elements + `}]}`
	}
	extend := func(policy *string, statement string) { *policy = strings.TrimSuffix(*policy, "]}") + statement }
	for name, breaks := range map[string]func(*fakeAWS){
		"the key's policy allows principals by their ARN": func(f *fakeAWS) {
			extend(&f.keyPolicy, deny(`{"ArnNotEquals":{"aws:PrincipalArn":["`+roleARN+`","`+userARN+`"]},"Bool":{"aws:PrincipalIsAWSService":"false"}}`))
		},
		"the topic's policy denies all but the role": func(f *fakeAWS) {
			f.topic["Policy"] = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}`
			f.topic["Policy"] += deny(`{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ocr/*"}}`)
		},
		"the bucket's policy denies others": func(f *fakeAWS) {
			f.bucketPolicy = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}` +
				deny(`{"StringNotEquals":{"aws:PrincipalArn":"`+userARN+`","aws:PrincipalAccount":"111122223333"}}`)
		},
		"a data perimeter of the queue": func(f *fakeAWS) {
			f.queue["Policy"] = strings.TrimSuffix(sendStatement, "]}") + deny(`{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}`)
		},
		"the queue's policy denies other services": func(f *fakeAWS) {
			f.queue["Policy"] = strings.TrimSuffix(sendStatement, "]}") + deny(`{"StringNotEquals":{"aws:PrincipalServiceName":"sns.amazonaws.com"}}`)
		},
		"a Region lock of the caller": func(f *fakeAWS) {
			extend(&f.team, `,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}]}`)
		},
		"no calls by services": func(f *fakeAWS) {
			extend(&f.team, `,{"Effect":"Deny","Action":["iam:*","textract:*"],"Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}]}`)
		},
	} {
		f := healthy()
		breaks(f)
		if report := inspect(t, f, settings()); len(findings(report)) > 0 {
			t.Errorf("%s: %v\n%s", name, findings(report), text(t, report, doctor.Style{}))
		}
	}
}
