package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/textractclient"
)

func TestAskForToken(t *testing.T) {
	var shown strings.Builder
	p := &progress{out: &shown, width: 80}
	p.show("reading", "")
	code, err := askForToken(strings.NewReader("123456\nkey.pdf\n"), true, p)
	if code != "123456" || err != nil || !strings.HasSuffix(shown.String(), eraseLine+"MFA code: ") {
		t.Errorf("code %q, error %v, shown %q", code, err, shown.String())
	}
	if _, err := askForToken(strings.NewReader("key.pdf\n"), false, p); !errors.Is(err, errNoTerminal) {
		t.Errorf("without a terminal: error %v", err)
	}
	if _, err := askForToken(strings.NewReader(""), true, p); err == nil {
		t.Error("no error at the end of the input")
	}
}

// A deadline inside the SDK says nothing of a job.
func TestExitCodesOfDeadlines(t *testing.T) {
	for err, want := range map[error]int{
		fmt.Errorf("metadata: %w", context.DeadlineExceeded):                            exitError,
		fmt.Errorf("%w: %w", textractclient.ErrJobInProgress, context.DeadlineExceeded): exitNotEnded,
		fmt.Errorf("%w: %w", errNotStarted, context.DeadlineExceeded):                   exitNotStarted,
	} {
		if got := exitCode(err); got != want {
			t.Errorf("%v: exit code %d, want %d", err, got, want)
		}
	}
}
