package textractasync_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

// The tests of this package share one jsii kernel. Between the two stands this binary once more, as a relay that writes down
// every request, so that tests can count them.
const (
	envRequestLog = "TEXTRACTASYNC_TEST_REQUESTS"
	envRelay      = "TEXTRACTASYNC_TEST_RELAY"
	envValidation = "CDK_VALIDATION"
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(envRelay) != "":
		exitOn(relay(os.Getenv(envRequestLog)))
	case os.Getenv(envRequestLog) == "":
		os.Exit(runAgain(os.Args[1:]...))
	default:
		code := m.Run()
		jsii.Close()
		os.Exit(code)
	}
}

// runAgain runs this binary with the environment that its tests need: jsii reads it before any code of ours.
func runAgain(arguments ...string) int {
	dir, err := os.MkdirTemp("", "textractasync")
	exitOn(err)
	defer os.RemoveAll(dir)
	tests := exec.Command(os.Args[0], arguments...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(),
		envRequestLog+"="+filepath.Join(dir, "requests"),
		fmt.Sprintf("JSII_RUNTIME=%s=1 '%s'", envRelay, os.Args[0]),
	)
	if _, set := os.LookupEnv(envValidation); !set {
		// The template validator takes seconds. One test switches it on, in a process of its own.
		tests.Env = append(tests.Env, envValidation+"=false")
	}
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

// relay runs the kernel and writes each request down before it passes it on.
func relay(logPath string) error {
	log, err := os.Create(logPath)
	if err != nil {
		return err
	}
	defer log.Close()
	module, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/jsii-runtime-go").Output()
	if err != nil {
		return fmt.Errorf("finding the kernel: %w", err)
	}
	program := filepath.Join(strings.TrimSpace(string(module)), "internal", "embedded", "resources", "bin", "jsii-runtime.js")
	kernel := exec.Command("node", program)
	kernel.Stdout, kernel.Stderr = os.Stdout, os.Stderr
	requests, err := kernel.StdinPipe()
	if err != nil {
		return err
	}
	if err := kernel.Start(); err != nil {
		return err
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadBytes('\n')
		if _, logErr := log.Write(line); logErr != nil {
			return logErr
		}
		if _, pipeErr := requests.Write(line); pipeErr != nil {
			return pipeErr
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if err := requests.Close(); err != nil {
		return err
	}
	return kernel.Wait()
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
