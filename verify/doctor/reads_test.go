package doctor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// front stands before Moto, and answers some actions itself.
type front struct {
	mu    sync.Mutex
	fails map[string]string // the error code by the action
	seen  map[string]int
	proxy *httputil.ReverseProxy
}

func newFront(t *testing.T) (*front, string) {
	t.Helper()
	target := must(url.Parse(motoURL))(t)
	f := &front{
		fails: map[string]string{},
		seen:  map[string]int{},
		proxy: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, server.URL
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	action, protocol := actionOf(r, body)
	f.mu.Lock()
	f.seen[action]++
	code := f.fails[action]
	f.mu.Unlock()
	if code == "" {
		f.proxy.ServeHTTP(w, r)
		return
	}
	status := http.StatusBadRequest
	if strings.HasPrefix(code, "A") {
		status = http.StatusForbidden
	}
	switch protocol {
	case "json":
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"because of the test"}`, code)
	default:
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, _ = fmt.Fprintf(
				w,
				`<ErrorResponse><Error><Code>%s</Code><Message>because of the test</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
				code,
			)
		}
	}
}

// actionOf is the permission that a request needs, and the protocol that it is made in.
func actionOf(r *http.Request, body []byte) (action, protocol string) {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		service, name, _ := strings.Cut(target, ".")
		return map[string]string{"TrentService": "kms", "AmazonSQS": "sqs"}[service] + ":" + name, "json"
	}
	if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") != "" {
		service := strings.Split(r.Header.Get("Authorization"), "/")[3]
		return service + ":" + form.Get("Action"), "query"
	}
	query := r.URL.Query()
	switch {
	case query.Has("policy"):
		return "s3:GetBucketPolicy", "xml"
	case query.Has("notification"):
		return "s3:GetBucketNotification", "xml"
	case strings.Count(strings.Trim(r.URL.Path, "/"), "/") > 0:
		return "s3:GetObject", "xml"
	}
	return "s3:ListBucket", "xml"
}

// actions are those of the policy that doctor prints.
func actions(t *testing.T) []string {
	t.Helper()
	code, stdout, stderr := run(t, motoURL, region, "doctor", "--policy")
	var printed struct {
		Statement []struct{ Action []string }
	}
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || code != 0 || len(printed.Statement) != 1 {
		t.Fatalf("exit code %d, %v\n%s%s", code, err, stdout, stderr)
	}
	return printed.Statement[0].Action
}

// TestDeniedReads denies each of the reads: what depends on it is not judged, with the permission
// that is missing, and nothing is wrong. The permissions of the printed policy are exactly those
// that are needed.
func TestDeniedReads(t *testing.T) {
	s := newSetUp(t, region)
	f, endpoint := newFront(t)
	s.endpoint = endpoint
	if report, code := s.doctor(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, report)
	}
	needed := actions(t)
	for action := range f.seen {
		if action != "sts:GetCallerIdentity" && !slices.Contains(needed, action) {
			t.Errorf("%s is not in the printed policy", action)
		}
	}
	for _, action := range needed {
		if f.seen[action] == 0 && action != "iam:ListAttachedGroupPolicies" {
			t.Errorf("%s is in the printed policy, and not needed", action)
		}
		f.fails = map[string]string{action: "AccessDenied"}
		report, code := s.doctor()
		if report.Wrong > 0 || report.Warnings > 0 {
			t.Errorf("without %s\n%s", action, report)
		}
		if code != 8 || !strings.Contains(report.String(), action+" is denied to you") {
			t.Errorf("without %s: exit code %d\n%s", action, code, report)
		}
	}
	f.fails = map[string]string{}
	for _, action := range needed {
		f.fails[action] = "AccessDenied"
	}
	report, code := s.doctor()
	if code != 8 || report.Wrong > 0 || report.Warnings > 0 {
		t.Errorf("without any read: exit code %d\n%s", code, report)
	}
}

// TestFailedReads lets reads fail as AWS throttles, and as with credentials that are not valid:
// neither is a denied read.
func TestFailedReads(t *testing.T) {
	s := newSetUp(t, region)
	f, endpoint := newFront(t)
	s.endpoint = endpoint
	for action, code := range map[string]string{
		"sns:GetTopicAttributes": "Throttling", "iam:ListUserPolicies": "Throttling", "kms:GetKeyPolicy": "ThrottlingException", "sqs:GetQueueAttributes": "InternalFailure",
	} {
		f.fails = map[string]string{action: code}
		report, exit := s.doctor()
		if exit != 8 || report.Wrong > 0 || !strings.Contains(report.String(), action+" failed: "+code) {
			t.Errorf("%s: exit code %d\n%s", action, exit, report)
		}
	}
	f.fails = map[string]string{"sts:GetCallerIdentity": "InvalidClientTokenId"}
	if code, stdout, stderr := run(
		t, endpoint, region, "doctor", "--topic", s.topicARN, "--queue", s.queueURL, "--role", s.roleARN,
	); code != 1 || stdout != "" ||
		!strings.Contains(stderr, "InvalidClientTokenId") {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

// TestDeniedDocument denies the document to the caller itself: then it is wrong, for Textract reads
// with the caller's permissions.
func TestDeniedDocument(t *testing.T) {
	s := newSetUp(t, region)
	f, endpoint := newFront(t)
	f.fails = map[string]string{"s3:GetObject": "AccessDenied"}
	code, stdout, stderr := run(
		t, endpoint, region, "doctor", "--json", "--topic", s.topicARN, "--queue", s.queueURL, "--role",
		s.roleARN, "--document", s.flags[1],
	)
	report := parseReport(t, stdout, stderr)
	i := slices.IndexFunc(report.Checks, func(c check) bool { return c.ID == "document" })
	if code != 7 || report.Wrong != 1 || i < 0 || report.Checks[i].Result != wrong {
		t.Errorf("exit code %d\n%s", code, report)
	}
}

// TestAnotherRegion breaks the Region: a set-up where Textract is not.
func TestAnotherRegion(t *testing.T) {
	s := newSetUp(t, "eu-north-1")
	report, code := s.doctor()
	found := report.findings()
	if code != 7 || len(found) != 1 || found[0].ID != "region" || !strings.Contains(found[0].Found, "eu-west-1") {
		t.Errorf("exit code %d\n%s", code, report)
	}
}

// TestAnotherAccount has a topic, a queue and a role of another account, which cannot be read:
// nothing about them is right or wrong, but that a caller cannot pass such a role.
func TestAnotherAccount(t *testing.T) {
	for _, test := range []struct {
		name    string
		breaks  func(*setUp, *front)
		wrong   []string
		unknown []string
	}{
		{
			"topic", func(s *setUp, _ *front) {
				s.topicARN = strings.Replace(s.topicARN, account, otherAccount, 1)
				s.referToTopic()
				s.setQueue(s.deadLetterURL, s.queueKeyARN, s.send(s.queueARN+"-dead"))
			}, nil, []string{"topic", "subscription", "publish"},
		},
		{
			"queue", func(s *setUp, f *front) {
				s.queueFlag = strings.Replace(s.queueARN, account, otherAccount, 1)
				f.fails["sqs:GetQueueUrl"] = "AWS.SimpleQueueService.NonExistentQueue" // to another account SQS says no more
			}, []string{"subscription"}, []string{"queue", "queue-policy"},
		},
		{
			"role", func(s *setUp, _ *front) { s.roleARN = strings.Replace(s.roleARN, account, otherAccount, 1) },
			[]string{"pass-role"},
			[]string{"service-role", "trust", "publish", "topic-key", "output-key"},
		},
	} {
		s := newSetUp(t, region)
		f, endpoint := newFront(t)
		s.endpoint = endpoint
		test.breaks(s, f)
		report, _ := s.doctor()
		got := map[string][]string{}
		for _, c := range report.findings() {
			got[c.Result] = append(got[c.Result], c.ID)
		}
		if !slices.Equal(got[wrong], test.wrong) || !slices.Equal(got[unknown], test.unknown) || len(got[warning]) > 0 {
			t.Errorf("%s: %v\n%s", test.name, got, report)
		}
	}
}

// TestUsage has settings that are malformed, which all commands reject alike.
func TestUsage(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"doctor", "no topic is set"},
		{"doctor --topic AmazonTextract --role arn:aws:iam::111122223333:user/x --queue q", `topic "AmazonTextract" is malformed`},
		{"doctor --topic AmazonTextract --role arn:aws:iam::111122223333:user/x --queue q", `role "arn:aws:iam::111122223333:user/x" is malformed`},
		{"doctor --topic AmazonTextract --role arn:aws:iam::111122223333:user/x --queue q", `queue "q" is malformed`},
		{"doctor --output s3://", "is malformed"},
		{"doctor --document letter.pdf", "is malformed"},
		{"doctor --output s3://arn:aws:s3:::results", "is an ARN"},
		{"doctor more", "unknown command"},
	} {
		code, stdout, stderr := run(t, motoURL, region, strings.Fields(test.args)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d\n%s%s", test.args, code, stdout, stderr)
		}
	}
}
