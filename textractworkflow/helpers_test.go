package textractworkflow_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// The kernel: a recorder in front of it writes down every jsii call.

const envCallLog = "TEXTRACTASYNC_TEST_JSII_CALLS"

func TestMain(m *testing.M) {
	if os.Getenv(envCallLog) == "" {
		os.Exit(runAgain())
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// runAgain runs this binary with the environment that its tests need: jsii reads it before any code
// of ours.
func runAgain() int {
	dir, err := os.MkdirTemp("", "textractworkflow")
	exitOn(err)
	defer func() { exitOn(os.RemoveAll(dir)) }()
	recorder, calls := filepath.Join(dir, "jsiirecorder"), filepath.Join(dir, "calls")
	if output, err := exec.Command("go", "build", "-o", recorder, "../internal/jsiirecorder").CombinedOutput(); err != nil {
		exitOn(fmt.Errorf("building the recorder: %w\n%s", err, output))
	}
	tests := exec.Command(os.Args[0], os.Args[1:]...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(),
		envCallLog+"="+calls, fmt.Sprintf("JSII_RUNTIME='%s' '%s'", recorder, calls), "CDK_VALIDATION=false")
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

// jsiiCallsOf returns the jsii calls that a function makes.
func jsiiCallsOf(t testing.TB, function func()) []string {
	t.Helper()
	before := readCallLog(t)
	function()
	calls := bytes.TrimSuffix(readCallLog(t)[len(before):], []byte("\n"))
	if len(calls) == 0 {
		t.Fatal("no jsii call was recorded: the recorder is not between this process and the kernel")
	}
	return strings.Split(string(calls), "\n")
}

func readCallLog(t testing.TB) []byte {
	t.Helper()
	log, err := os.ReadFile(os.Getenv(envCallLog))
	if err != nil {
		t.Fatalf("reading the jsii calls: %v", err)
	}
	return log
}

// Stacks.

const (
	account = "111122223333"
	region  = "eu-west-1"
)

type object = map[string]any

func newApp() awscdk.App { return awscdk.NewApp(nil) }

func newStack(scope constructs.Construct, id string) awscdk.Stack {
	return awscdk.NewStack(scope, jsii.String(id), nil)
}

func newStackIn(scope constructs.Construct, id, account, region string) awscdk.Stack {
	return awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}

func newBucket(scope constructs.Construct, id string) awss3.Bucket {
	return awss3.NewBucket(scope, jsii.String(id), nil)
}

func newTextract(scope constructs.Construct, operations ...textractasync.Operation) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(scope, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{Operations: &operations})
}

// newText is a job state machine with the fewest props.
func newText(scope constructs.Construct) textractworkflow.JobStateMachine {
	return newJobs(scope, "Text", newTextract(scope, textractasync.Operation_TEXT_DETECTION))
}

func newJobs(scope constructs.Construct, id string, textract textractasync.ITextractAsync) textractworkflow.JobStateMachine {
	return textractworkflow.NewJobStateMachine(scope, jsii.String(id), &textractworkflow.JobStateMachineProps{TextractAsync: textract})
}

// Templates.

// propertiesOf returns the properties of the resources of a type by their logical ids.
func propertiesOf(stack awscdk.Stack, resourceType string) map[string]object {
	found := map[string]object{}
	for id, resource := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String(resourceType), nil) {
		found[id], _ = (*resource)["Properties"].(object)
	}
	return found
}

// definitionOf returns a definition with a word for each reference.
func definitionOf(t testing.TB, stack awscdk.Stack, prefix string) object {
	t.Helper()
	for id, properties := range propertiesOf(stack, "AWS::StepFunctions::StateMachine") {
		if !strings.HasPrefix(id, prefix) {
			continue
		}
		var definition object
		if err := json.Unmarshal([]byte(plainText(properties["DefinitionString"])), &definition); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return definition
	}
	t.Fatalf("no state machine %s", prefix)
	return nil
}

// plainText writes a reference as <Name>.
func plainText(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case object:
		if join, ok := value["Fn::Join"].([]any); ok {
			var all strings.Builder
			for _, part := range join[1].([]any) {
				all.WriteString(plainText(part))
			}
			return all.String()
		}
		for _, of := range value {
			if list, ok := of.([]any); ok {
				return "<" + fmt.Sprint(list[0]) + "." + fmt.Sprint(list[1]) + ">"
			}
			return "<" + fmt.Sprint(of) + ">"
		}
	}
	return fmt.Sprint(value)
}

// Panics.

// problemsOf returns the problems with which a function panics; none where it does not.
func problemsOf(t *testing.T, function func()) (problems []textractasync.Problem) {
	t.Helper()
	defer func() {
		switch problem := recover().(type) {
		case nil:
		case error:
			var invalid *textractasync.ValidationError
			if !errors.As(problem, &invalid) {
				t.Fatalf("panic with %T %v, want a *ValidationError", problem, problem)
			}
			problems = invalid.Problems
		default:
			t.Fatalf("panic with %T %v, want a *ValidationError", problem, problem)
		}
	}()
	function()
	return nil
}

func readable(t testing.TB, value any) string {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// warningsOf returns the warnings of a stack, of this library and of the CDK.
func warningsOf(t testing.TB, stack awscdk.Stack) []string {
	t.Helper()
	assembly := *awscdk.App_Of(stack).Synth(nil).Directory()
	var all []string
	for _, pattern := range []string{"manifest.json", "*.metadata.json"} { // older versions of the CDK have no file for it
		files, err := filepath.Glob(filepath.Join(assembly, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := json.Unmarshal(text, &value); err != nil {
				t.Fatal(err)
			}
			all = append(all, warningsIn(value)...)
		}
	}
	return all
}

func warningsIn(value any) (all []string) {
	switch value := value.(type) {
	case object:
		if value["type"] == "aws:cdk:warning" {
			return []string{fmt.Sprint(value["data"])}
		}
		for _, each := range value {
			all = append(all, warningsIn(each)...)
		}
	case []any:
		for _, each := range value {
			all = append(all, warningsIn(each)...)
		}
	}
	return all
}
