package textractworkflow_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// What the package may cost its users. Counts are exact, so they are asserted.
const (
	maxCallsOfFirstMachine   = 60
	maxCallsOfFurtherMachine = 28
	maxCallsOfTask           = 3
	maxCallsOfUploads        = 30
	maxCallsOfBatch          = 50
	maxCDKPackages           = 49
)

func TestJSIICalls(t *testing.T) {
	stack := newStack(newApp(), "Budget")
	documents, results := newBucket(stack, "Documents"), newBucket(stack, "Results")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
		Inputs:     &[]*textractasync.InputLocation{{Bucket: documents}},
		Output:     &textractasync.OutputLocation{Bucket: results},
	})
	var jobs textractworkflow.JobStateMachine
	for _, c := range []struct {
		name  string
		most  int
		build func()
	}{
		{"first machine", maxCallsOfFirstMachine, func() { jobs = newJobs(stack, "First", textract) }},
		{"further machine", maxCallsOfFurtherMachine, func() { newJobs(stack, "Further", textract) }},
		{"task", maxCallsOfTask, func() {
			jobs.NewTask(stack, jsii.String("Task"), &textractworkflow.TaskProps{Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key")})
		}},
		{"uploads", maxCallsOfUploads, func() {
			jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String("in/")})
		}},
		{"batch", maxCallsOfBatch, func() {
			jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
				Bucket: documents, Prefix: jsii.String("in/"), MaxConcurrency: jsii.Number(90), ResultBucket: results,
			})
		}},
	} {
		calls := jsiiCallsOf(t, c.build)
		t.Logf("%s: %d jsii calls, at most %d", c.name, len(calls), c.most)
		if len(calls) > c.most {
			t.Errorf("%s: %d jsii calls, want at most %d:\n%s", c.name, len(calls), c.most, strings.Join(calls, "\n"))
		}
	}
}

func TestImportClosure(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	const cdk = "github.com/aws/aws-cdk-go/awscdk"
	var found []string
	for _, path := range strings.Fields(string(output)) {
		if strings.HasPrefix(path, cdk) {
			found = append(found, path)
		}
	}
	t.Logf("%d packages of awscdk, at most %d", len(found), maxCDKPackages)
	if len(found) > maxCDKPackages || len(found) == 0 {
		t.Errorf("the package imports %d packages of awscdk, want 1 to %d:\n%s", len(found), maxCDKPackages, strings.Join(found, "\n"))
	}
	for _, heavy := range []string{"awslambda", "awsec2", "awsstepfunctionstasks"} {
		if slices.Contains(found, cdk+"/v2/"+heavy) {
			t.Errorf("the package imports %s", heavy)
		}
	}
}
