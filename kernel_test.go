package textractasync_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

// The tests of this package share one jsii kernel, behind a relay that writes down every request so that tests can count them.
const envRequestLog = "TEXTRACTASYNC_TEST_REQUESTS"

func TestMain(m *testing.M) {
	if os.Getenv(envRequestLog) == "" {
		os.Exit(runAgain())
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// runAgain runs this binary with the environment that its tests need: jsii reads it before any code of ours.
func runAgain() int {
	dir, err := os.MkdirTemp("", "textractasync")
	exitOn(err)
	defer func() { exitOn(os.RemoveAll(dir)) }()
	relay, requests := filepath.Join(dir, "jsiirelay"), filepath.Join(dir, "requests")
	if output, err := exec.Command("go", "build", "-o", relay, "./internal/jsiirelay").CombinedOutput(); err != nil {
		exitOn(fmt.Errorf("building the relay: %w\n%s", err, output))
	}

	tests := exec.Command(os.Args[0], os.Args[1:]...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(),
		envRequestLog+"="+requests,
		fmt.Sprintf("JSII_RUNTIME='%s' '%s'", relay, requests),
		// The template validator takes seconds; the tests of internal/scenario have it on.
		"CDK_VALIDATION=false",
	)
	if err := tests.Run(); tests.ProcessState == nil {
		exitOn(err)
	}
	return tests.ProcessState.ExitCode()
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// requestsOf returns the requests that a call sends to the kernel. The answer to a request comes after it was written down.
func requestsOf(t testing.TB, call func()) []string {
	t.Helper()
	before := readLog(t)
	call()
	sent := bytes.TrimSuffix(readLog(t)[len(before):], []byte("\n"))
	if len(sent) == 0 {
		return nil
	}
	return strings.Split(string(sent), "\n")
}

func readLog(t testing.TB) []byte {
	t.Helper()
	log, err := os.ReadFile(os.Getenv(envRequestLog))
	if err != nil {
		t.Fatalf("reading the requests: %v", err)
	}
	return log
}
