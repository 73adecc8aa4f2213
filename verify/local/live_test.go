package local

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

const liveStack = "TextractAsyncLive"

// results are those of make live on Moto, by the open point.
var results = map[string]string{
	"Set-up":                            "as expected",
	"Encrypted delivery":                "not judged",
	"Output":                            "not judged",
	"All operations: document analysis": "not judged",
	"All operations: expense analysis":  "not judged",
	"All operations: lending analysis":  "not judged",
	"The output's key":                  "not judged",
	"PassRole":                          "not judged",
	"The prefix of the topic's name":    "not judged",
	"FIFO topics":                       "not judged",
	"Adapters":                          "not judged",
	"The rest of the account":           "not judged",

	"Workflow: a job":                                   "not judged",
	"Workflow: an Id":                                   "not judged",
	"Workflow: a lost notification":                     "not judged",
	"Workflow: every setting":                           "not judged",
	"Workflow: a document that Textract cannot read":    "not judged",
	"Workflow: a message that the notifier cannot read": "not judged",
	"Workflow: a task":                                  "not judged",
	"Workflow: a redrive":                               "not judged",
	"Workflow: an upload":                               "not judged",
	"Workflow: a batch":                                 "not judged",
}

var heading = regexp.MustCompile(`(?m)^## (.*): (.*)$`)

// TestLive runs make live against Moto: to its end, without permission to go on, over a stack of
// somebody else, where it cannot deploy, interrupted, and killed.
func TestLive(t *testing.T) {
	d := &deployment{temp: t.TempDir()}
	d.start(t)
	d.bootstrap(t)

	t.Run("no terminal to ask on", func(t *testing.T) {
		live := d.live(t)
		if live.end(t) == nil || !strings.Contains(live.stderr.String(), "there is no terminal to ask on") {
			t.Errorf("it went on:\n%s", &live.stderr)
		}
		d.checkNothingIsLeft(t)
	})
	t.Run("a stack of somebody else", func(t *testing.T) {
		stack := d.account.cloudformation
		template := `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}`
		_, err := stack.CreateStack(
			t.Context(),
			&cloudformation.CreateStackInput{StackName: aws.String(liveStack), TemplateBody: &template},
		)
		if err != nil {
			t.Fatal(err)
		}
		for args, want := range map[string]string{"-yes": "stack TextractAsyncLive exists", "-clean -yes": "it is not deleted"} {
			live := d.live(t, args)
			if live.end(t) == nil || !strings.Contains(live.stderr.String(), want) {
				t.Errorf("%s: want %q:\n%s", args, want, &live.stderr)
			}
		}
		if status, resources := d.account.stack(t, liveStack); status != "CREATE_COMPLETE" || len(resources) != 1 {
			t.Errorf("the stack is %s with %v", status, resources)
		}
		if _, err := stack.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String(liveStack)}); err != nil {
			t.Fatal(err)
		}
		d.checkNothingIsLeft(t)
	})
	t.Run("a Region without bootstrap", func(t *testing.T) {
		elsewhere := *d
		elsewhere.env = slices.Concat(d.env, []string{"AWS_REGION=eu-west-1"})
		live := elsewhere.live(t, "-yes")
		if live.end(t) == nil || !strings.Contains(live.stdout.String(), "\n**FAILED**: cdk deploy: exit status 1\n") {
			t.Errorf("no report of the failure:\n%s%s", &live.stdout, &live.stderr)
		}
		d.checkNothingIsLeft(t)
	})
	t.Run("to its end", func(t *testing.T) {
		live := d.live(t, "-yes")
		if err := live.end(t); err != nil {
			t.Fatalf("%v\n%s%s", err, &live.stdout, &live.stderr)
		}
		report := live.stdout.String()
		found := heading.FindAllStringSubmatch(report, -1)
		for _, row := range found {
			if results[row[1]] != row[2] {
				t.Errorf("%s: %s, want %q", row[1], row[2], results[row[1]])
			}
		}
		for _, want := range []string{
			"\n**On a local AWS API, not on AWS.**\n", "\n- Not judged: Moto checks no permissions\n", "nothing wrong: ",
			"the text, then the notification\n", "SUCCEEDED; its notification comes\n", "CallerRoleArn has no boundary\n",
		} {
			if !strings.Contains(report, want) {
				t.Errorf("the report lacks %q", want)
			}
		}
		if len(found) != len(results) || strings.Contains(report, accountID) || t.Failed() {
			t.Errorf("%d checks, want %d, and no account id:\n%s", len(found), len(results), report)
		}
		for _, want := range []string{"up to 20 times", "at most 0.23 USD for the pages. Three keys cost 1 USD a month each"} {
			if !strings.Contains(live.stderr.String(), want) {
				t.Errorf("the plan lacks %q:\n%s", want, &live.stderr)
			}
		}
		d.checkEverythingWasMade(t)
		d.checkNothingIsLeft(t)
	})
	t.Run("interrupted", func(t *testing.T) {
		live := d.live(t, "-yes")
		live.signalAfter(t, "\nEncrypted delivery: ", syscall.SIGINT)
		if live.end(t) == nil || !strings.Contains(live.stdout.String(), "\n**FAILED**: interrupted\n") {
			t.Errorf("no report of an interruption:\n%s%s", &live.stdout, &live.stderr)
		}
		d.checkNothingIsLeft(t)
	})
	t.Run("killed, then cleaned", func(t *testing.T) {
		live := d.live(t, "-yes")
		live.signalAfter(t, "\nEncrypted delivery: ", syscall.SIGKILL)
		if live.end(t) == nil {
			t.Error("it was not killed")
		}
		if status, _ := d.account.stack(t, liveStack); status != "CREATE_COMPLETE" {
			t.Errorf("the stack is %s", status)
		}
		live = d.live(t, "-clean -yes")
		if err := live.end(t); err != nil {
			t.Errorf("%v\n%s", err, &live.stderr)
		}
		d.checkNothingIsLeft(t)
	})
}

// liveRun is a run of make live, in a process group of its own, as a terminal has it.
type liveRun struct {
	command        *exec.Cmd
	stdout, stderr lockedBuffer
}

func (d *deployment) live(t *testing.T, args ...string) *liveRun {
	t.Helper()
	r := &liveRun{command: exec.Command("make", "--no-print-directory", "live", "ARGS="+strings.Join(args, " "))}
	r.command.Dir, r.command.Env = root, slices.Concat(d.env, []string{"MAKEFLAGS=", "MFLAGS="})
	r.command.Stdout, r.command.Stderr = &r.stdout, &r.stderr
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.signal(syscall.SIGKILL) })
	return r
}

func (r *liveRun) signal(signal syscall.Signal) error {
	return syscall.Kill(-r.command.Process.Pid, signal)
}

// end returns how the run ended.
func (r *liveRun) end(t *testing.T) error {
	t.Helper()
	err := r.command.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return err
}

// signalAfter signals the run when a text is in its log.
func (r *liveRun) signalAfter(t *testing.T, text string, signal syscall.Signal) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !strings.Contains(r.stderr.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %q within two minutes:\n%s", text, &r.stderr)
		}
	}
	if err := r.signal(signal); err != nil {
		t.Fatal(err)
	}
}

// checkEverythingWasMade looks for resources that Moto skipped. Its other errors are those of
// operations that it does not have.
func (d *deployment) checkEverythingWasMade(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(d.server.log)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if isFinding(line) && !strings.HasPrefix(line, "ERROR werkzeug ") {
			t.Errorf("in the server's log: %s", line)
		}
	}
}

// lockedBuffer is written by a process while a test reads it.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(text)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
