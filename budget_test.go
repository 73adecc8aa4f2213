package textractasync_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// What the library may cost its users. Counts are exact, so they are asserted; time is measured, in verify/bench.
const (
	maxRequestsOfDefault      = 18
	maxRequestsOfGrantRunJobs = 11
	maxCDKPackages            = 41
)

func TestRequestsOfDefaultConstruct(t *testing.T) {
	stack := newStack("Budget")
	requests := requestsOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	})
	assertBudget(t, requests, maxRequestsOfDefault)
}

func TestRequestsOfGrantRunJobs(t *testing.T) {
	stack := newStack("Budget")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), withInputAndOutput(stack))
	role := newLambdaRole(stack, "Role")
	requests := requestsOf(t, func() { textract.GrantRunJobs(role) })
	assertBudget(t, requests, maxRequestsOfGrantRunJobs)
}

func assertBudget(t *testing.T, requests []string, limit int) {
	t.Helper()
	if len(requests) == 0 {
		t.Fatal("no request was seen: the relay does not stand between this process and the kernel")
	}
	t.Logf("%d requests, at most %d", len(requests), limit)
	if len(requests) > limit {
		t.Errorf("%d requests, want at most %d:\n%s", len(requests), limit, strings.Join(requests, "\n"))
	}
}

func TestImportClosure(t *testing.T) {
	var cdk []string
	for _, path := range goList(t, "list", "-deps", ".") {
		if strings.HasPrefix(path, "github.com/aws/aws-cdk-go/awscdk") {
			cdk = append(cdk, path)
		}
	}
	t.Logf("%d packages of awscdk, at most %d", len(cdk), maxCDKPackages)
	if len(cdk) > maxCDKPackages || len(cdk) == 0 {
		t.Errorf("the package imports %d packages of awscdk, want 1 to %d:\n%s", len(cdk), maxCDKPackages, strings.Join(cdk, "\n"))
	}
	for _, heavy := range []string{"awslambda", "awsec2", "awssnssubscriptions"} {
		if slices.Contains(cdk, "github.com/aws/aws-cdk-go/awscdk/v2/"+heavy) {
			t.Errorf("the package imports %s", heavy)
		}
	}
}

func TestDirectRequirements(t *testing.T) {
	got := goList(t, "list", "-m", "-f", "{{if not (or .Main .Indirect)}}{{.Path}}{{end}}", "all")
	want := []string{
		"github.com/aws/aws-cdk-go/awscdk/v2",
		"github.com/aws/constructs-go/constructs/v10",
		"github.com/aws/jsii-runtime-go",
		"github.com/google/go-cmp",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("direct requirements of go.mod (-want +got):\n%s", diff)
	}
}

func goList(t *testing.T, arguments ...string) []string {
	t.Helper()
	output, err := exec.Command("go", arguments...).CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
	return strings.Fields(string(output))
}

func newStack(id string) awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String(id), nil)
}
