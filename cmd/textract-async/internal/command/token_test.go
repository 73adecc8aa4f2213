package command

import (
	"errors"
	"strings"
	"testing"
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
