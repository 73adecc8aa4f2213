package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func TestReport(t *testing.T) {
	r := &report{
		account: &account{config: aws.Config{Region: "eu-west-1"}, id: "111122223333", isAWS: true}, begin: time.Now(),
		rows: []row{
			{check{point: "PassRole", done: "run", expected: "denied"}, notAsExpected, "", "role arn:aws:iam::111122223333:role/Caller\n"},
			{check{point: "Output", done: "list", expected: "1"}, notJudged, "interrupted", ""},
		},
		failures: []error{errors.New("stack of 111122223333 is still there")},
	}
	var text strings.Builder
	if err := r.write(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# make live: eu-west-1\n", ", 1 NOT as expected, 1 not judged\n", "\n**FAILED**: stack of ACCOUNT is still there\n",
		"\n## PassRole: NOT as expected\n\n- Done: run\n- Expected: denied\n- Seen:\n\n```text\nrole arn:aws:iam::ACCOUNT:role/Caller\n```\n",
		"\n## Output: not judged\n\n- Not judged: interrupted\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "1111") || strings.Contains(text.String(), "local") {
		t.Errorf("the report has the account's id, or is one of a local API:\n%s", text.String())
	}
}

func TestIsGood(t *testing.T) {
	for v, want := range map[result]bool{asExpected: true, answered: true, unanswered: true, notJudged: true, notAsExpected: false} {
		if got := (&report{rows: []row{{result: asExpected}, {result: v}}}).isGood(); got != want {
			t.Errorf("%s: %v", v, got)
		}
	}
	if (&report{failures: []error{errors.New("x")}}).isGood() {
		t.Error("a failure is good")
	}
}

func TestIsYes(t *testing.T) {
	for typed, want := range map[string]bool{"yes\n": true, "yes": true, "yes \r\n": true, "y\n": false, "no\n": false, "\n": false, "": false} {
		if got := isYes(t.Context(), strings.NewReader(typed)); got != want {
			t.Errorf("%q: %v", typed, got)
		}
	}
}
