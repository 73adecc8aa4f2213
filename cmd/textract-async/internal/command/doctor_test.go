package command_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/command"
)

// deniedAWS knows who asks, and denies everything else.
func deniedAWS(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err == nil && r.Form.Get("Action") == "GetCallerIdentity" {
			_, _ = io.WriteString(
				w,
				`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>`+callerARN+`</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
			)
			return
		}
		w.WriteHeader(http.StatusForbidden)
		if r.Header.Get("X-Amz-Target") != "" {
			_, _ = io.WriteString(w, `{"__type":"AccessDeniedException"}`)
			return
		}
		_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>`)
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "",
		"TEXTRACT_SNS_TOPIC_ARN": topicARN, "TEXTRACT_ROLE_ARN": roleARN, "TEXTRACT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/notifications",
		"TEXTRACT_OUTPUT_BUCKET": "", "TEXTRACT_OUTPUT_PREFIX": "", "TEXTRACT_OUTPUT_KMS_KEY_ID": "", "LC_ALL": "C.UTF-8",
	} {
		t.Setenv(name, value)
	}
}

func TestDoctorTakesTheSettings(t *testing.T) {
	deniedAWS(t)
	got := run(t, "doctor")
	if got.code != 8 || got.stderr != "" || !strings.Contains(got.stdout, "? 3 topic") ||
		!strings.Contains(got.stdout, "sns:GetTopicAttributes is denied to you") ||
		!strings.HasSuffix(got.stdout, "not judged; exit code 8\n") ||
		strings.Contains(got.stdout, "\x1b") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	t.Setenv("LC_ALL", "C")
	if got := run(t, "doctor"); !strings.Contains(got.stdout, "?? 3 topic") {
		t.Errorf("in another locale\n%s", got.stdout)
	}
	got = run(t, "doctor", "--json", "--region", "eu-north-1", "--document", "s3://documents/letter.pdf", "--output", "s3://results/out")
	var report struct{ Wrong, Unknown int }
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil || got.code != 7 || report.Wrong != 2 || report.Unknown < 5 {
		t.Errorf("exit code %d, %v\n%s", got.code, err, got.stdout)
	}
}

func TestDoctorRejectsMalformedSettings(t *testing.T) {
	deniedAWS(t)
	for args, want := range map[string]string{
		"doctor --topic AmazonTextract":                `topic "AmazonTextract" is malformed`,
		"doctor --topic " + topicARN + ":1234":         `:1234" is malformed`,
		"doctor --queue arn:aws:sqs::123456789012:q":   `queue "arn:aws:sqs::123456789012:q" is malformed`,
		"doctor --role arn:aws:iam::123456789012:role": `is malformed`,
		"doctor --queue notifications":                 `queue "notifications" is malformed`,
		"doctor --caller alice":                        `caller "alice" is malformed`,
		"doctor --document letter.pdf":                 `document "letter.pdf" is malformed`,
		"doctor --output results":                      `output "results" is malformed`,
		"doctor --output-key key":                      `output bucket is empty`,
		"doctor --assume-caller":                       `--assume-caller needs --stack`,
		"doctor --stack-prefix Second":                 `--stack-prefix Second needs --stack`,
		"doctor everything":                            `unknown command`,
	} {
		got := run(t, strings.Fields(args)...)
		got.want(t, 2, "", want)
	}
	t.Setenv("TEXTRACT_SNS_TOPIC_ARN", "")
	run(t, "doctor").want(t, 2, "", "no topic is set: use --topic, --stack or TEXTRACT_SNS_TOPIC_ARN")
}

func TestDoctorPrintsItsPolicy(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	got := run(t, "doctor", "--policy")
	var policy struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(got.stdout), &policy); err != nil || got.code != 0 {
		t.Fatalf("exit code %d, %v\n%s%s", got.code, err, got.stdout, got.stderr)
	}
	for _, action := range policy.Statement[0].Action {
		_, name, _ := strings.Cut(action, ":")
		if !strings.HasPrefix(name, "Get") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Describe") {
			t.Errorf("%s does not only read", action)
		}
	}
}

func TestDoctorWithoutCredentials(t *testing.T) {
	deniedAWS(t)
	t.Setenv("AWS_ENDPOINT_URL", (&url.URL{Scheme: "http", Host: "127.0.0.1:1"}).String())
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	run(t, "doctor").want(t, 1, "", "sts:GetCallerIdentity")
}

// The templates need no credentials and no Region.
func TestDoctorOfTemplates(t *testing.T) {
	file := filepath.Join("..", "planned", "testdata", "complete.yaml")
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	text, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(broken, []byte(strings.Replace(string(text), "Action: iam:PassRole", "Action: iam:GetRole", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--template", file}, 0, "nothing wrong: 19 checks"},
		{[]string{"--template", broken}, 7, "the caller may not pass the role"},
		{[]string{"--template", broken, "--format", "github"}, 7, "::error file=" + broken + ",title=textract-async doctor%3A pass-role::the caller may not"},
		{[]string{"--template", file, "--json"}, 0, `"wrong": 0`},
		{[]string{"--template", file, "--topic", "Other"}, 2, "--topic Other is not in the templates"},
		{[]string{"--template", file, "--stack", "Documents"}, 2, "--stack, --stack-prefix and --assume-caller"},
		{[]string{"--template", file, "--parameter", "Stage"}, 2, "use NAME=VALUE"},
		{[]string{"--template", file + ".missing"}, 2, "no such file"},
		{[]string{"--assembly", filepath.Dir(file)}, 2, "is not a cloud assembly"},
		{[]string{"--format", "xml"}, 2, "use text, json or github"},
	} {
		var stdout, stderr bytes.Buffer
		code := command.Run(t.Context(), append([]string{"doctor"}, test.args...), &stdout, &stderr)
		if output := stdout.String() + stderr.String(); code != test.code || !strings.Contains(output, test.want) {
			t.Errorf("%v: exit code %d, want %d and %q\n%s", test.args, code, test.code, test.want, output)
		}
	}
}
