package main

import (
	"strings"
	"testing"
)

func TestOnlyTheFalseAlarmIsHidden(t *testing.T) {
	const failure = "Runtime process exited abnormally: exit status 1\n"
	got := withoutFalseAlarm(strings.NewReader("Runtime process exited abnormally: waitid: no child processes\n" + failure))
	if got != failure {
		t.Errorf("got %q, want %q", got, failure)
	}
}
