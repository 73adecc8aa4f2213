package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The kernel of this test greets and then answers with what it was asked.
func TestStopwatchPassesEverythingOnAndWritesItDown(t *testing.T) {
	dir := t.TempDir()
	binary, log := filepath.Join(dir, "stopwatch"), filepath.Join(dir, "log")
	if output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	const requests = `{"api":"create","fqn":"a.B"}` + "\n" + `{"api":"load","name":"c"}` + "\n"
	program := exec.Command(binary, log, "sh", "-c", "echo hello; exec cat")
	program.Stdin = strings.NewReader(requests)
	answers, err := program.Output()
	if err != nil {
		t.Fatal(err)
	}
	if want := "hello\n" + requests; string(answers) != want {
		t.Errorf("answers = %q, want %q", answers, want)
	}
	written, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`\d+\tload c\n$`).Match(written) {
		t.Errorf("log = %q, want its last line to be the load with its time", written)
	}
}
