package doctor_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReadme runs what the command's README shows: a set-up that is right, and the same with three
// faults.
func TestReadme(t *testing.T) {
	readme := string(must(os.ReadFile(filepath.Join("..", "..", "cmd", "textract-async", "README.md")))(t))
	shown := regexp.MustCompile("(?s)```text\n(\\$ textract-async doctor.*?)```").FindAllStringSubmatch(readme, -1)
	if len(shown) != 2 {
		t.Fatalf("the README shows %d runs", len(shown))
	}
	s := newSetUp(t, region)
	healthy := s.shown(0)
	s.setQueue(
		s.queueURL,
		s.queueKeyARN,
		but(
			s.send(s.queueARN), "Condition",
			document{"ArnEquals": document{"aws:SourceArn": "arn:aws:sns:eu-west-1:" + account + ":AmazonTextractOld"}},
		),
	)
	s.setTrust(but(s.trust(account), "Condition", nil))
	front, endpoint := newFront(t)
	front.fails["iam:ListUserPolicies"] = "AccessDenied"
	s.endpoint, s.flags = endpoint, nil
	for i, got := range []string{healthy, s.shown(7)} {
		if got != shown[i][1] {
			t.Errorf("run %d is\n%s\nthe README shows\n%s", i+1, got, shown[i][1])
		}
	}
}

// shown is the command line and its output, with names that are always the same.
func (s *setUp) shown(want int) string {
	s.t.Helper()
	args := append([]string{"doctor", "--topic", s.topicARN, "--queue", s.queueURL, "--role", s.roleARN, "--caller", s.userARN}, s.flags...)
	code, stdout, stderr := run(s.t, s.endpoint, s.region, args...)
	if code != want || stderr != "" {
		s.t.Errorf("exit code %d, want %d\n%s", code, want, stderr)
	}
	names := []string{
		s.queueURL, "https://sqs.eu-west-1.amazonaws.com/" + account + "/Jobs", s.name, "Jobs", strings.ToLower(s.name), "jobs",
	}
	for i, keyARN := range []string{s.topicKeyARN, s.queueKeyARN, s.outputKeyARN} {
		id := *keyID(keyARN)
		first := []string{"1234abcd", "2345bcde", "3456cdef"}[i]
		names = append(names, id, first+"-12ab-34cd-56ef-1234567890ab", "key "+id[:8], "key "+first)
	}
	line := "$ textract-async " + strings.Join(args, " ")
	return strings.NewReplacer(names...).Replace(strings.ReplaceAll(line, " --", " \\\n    --") + "\n" + stdout)
}
