package local

import (
	"bufio"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// server is a running moto_server.py.
type server struct{ url, log string }

func python() string { return cmp.Or(os.Getenv("PYTHON"), "python3") }

// startServer returns when the server takes requests. It ends when its stdin is closed, so also if
// this process dies.
func startServer(t *testing.T, blocks string) *server {
	t.Helper()
	s := &server{log: filepath.Join(t.TempDir(), "moto.log")}
	log, err := os.Create(s.log)
	check(t, err)
	process := exec.Command(python(), "-u", "moto_server.py", blocks)
	process.Stderr = log
	stdin, err := process.StdinPipe()
	check(t, err)
	stdout, err := process.StdoutPipe()
	check(t, err)
	if err := process.Start(); err != nil {
		t.Fatalf("Moto runs in Python: install Python 3, or set PYTHON: %v", err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		killer := time.AfterFunc(5*time.Second, func() { _ = process.Process.Kill() })
		defer killer.Stop()
		_ = process.Wait()
		_ = log.Close()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		text, _ := os.ReadFile(s.log)
		t.Fatalf("Moto does not start: %s", text)
	}
	s.url = strings.TrimSpace(line)
	return s
}

// metadataType is of a resource that nothing is made of on AWS either.
const metadataType = "AWS::CDK::Metadata"

// check reads the server's log for what a CREATE_COMPLETE does not tell: skipped resources, and
// every other warning and error.
func (s *server) check(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(s.log)
	check(t, err)
	for line := range strings.Lines(string(text)) {
		if isFinding(line) {
			t.Errorf("in the server's log: %s", line)
		}
	}
}

func isFinding(line string) bool {
	level, message, _ := strings.Cut(strings.TrimSpace(line), " ")
	isSkippedMetadata := message == "moto No Moto CloudFormation support for "+metadataType
	return !isSkippedMetadata && (level == "WARNING" || level == "ERROR" || level == "CRITICAL")
}

func TestIsFinding(t *testing.T) {
	for line, want := range map[string]bool{
		"WARNING moto No Moto CloudFormation support for AWS::SQS::QueuePolicy\n": true,
		"WARNING moto No Moto CloudFormation support for AWS::CDK::Metadata\n":    false,
		"ERROR werkzeug Error on request\n":                                       true,
		"INFO werkzeug 127.0.0.1 - - POST / HTTP/1.1 200 -\n":                     false,
	} {
		if got := isFinding(line); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}
