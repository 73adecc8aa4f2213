package textractasync_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// What the library may cost its users. Counts are exact, so they are asserted; time is measured, in
// verify/bench.
const (
	maxCallsOfDefault      = 22
	maxCallsOfFurther      = 15 // in the stack of another one
	maxCallsOfFurtherInUse = 26 // with the buckets of another one, and GrantRunJobs
	maxCallsOfSecondLook   = 4  // at synthesis, for each construct; one search more for the app
	maxCallsOfGrantRunJobs = 10
	maxCallsOfAddAlarms    = 43
	maxCallsOfAddDashboard = 73
	maxCallsOfAddOutputs   = 27
	maxCDKPackages         = 41
)

func TestJSIICallsOfDefaultConstruct(t *testing.T) {
	stack := newStack("Budget")
	assertBudget(t, jsiiCallsOf(t, func() { newTextractAsync(stack, nil) }), maxCallsOfDefault)
}

func TestJSIICallsOfFurtherConstructs(t *testing.T) {
	stack := newStack("Budget")
	newTextractAsync(stack, nil)
	assertBudget(t, jsiiCallsOf(t, func() { textractasync.NewTextractAsync(stack, jsii.String("Further"), nil) }), maxCallsOfFurther)

	role := newLambdaRole(stack, "Role")
	props := &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: awss3.NewBucket(stack, jsii.String("Documents"), nil)}},
		Output: &textractasync.OutputLocation{Bucket: awss3.NewBucket(stack, jsii.String("Results"), nil)},
	}
	textractasync.NewTextractAsync(stack, jsii.String("First"), props)
	assertBudget(t, jsiiCallsOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("Next"), props).GrantRunJobs(role)
	}), maxCallsOfFurtherInUse)
}

// What constructs ask once must not be older than the resource that it describes.
func TestFurtherConstructsReadTheKeyOfABucketAgain(t *testing.T) {
	stack := newStack("Keys")
	bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
	props := &textractasync.TextractAsyncProps{Output: &textractasync.OutputLocation{Bucket: bucket}}
	newTextractAsync(stack, props)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	bucket.Node().DefaultChild().(awss3.CfnBucket).SetBucketEncryption(&awss3.CfnBucket_BucketEncryptionProperty{
		ServerSideEncryptionConfiguration: []any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
			ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
				SseAlgorithm: jsii.String("aws:kms"), KmsMasterKeyId: key.KeyArn(),
			},
		}},
	})
	further := textractasync.NewTextractAsync(stack, jsii.String("Further"), props)
	if _, found := (*further.EnvironmentVariables())["TEXTRACT_OUTPUT_KMS_KEY_ID"]; !found {
		t.Error("the construct does not know the bucket's key")
	}
}

func TestJSIICallsOfTheSecondLook(t *testing.T) {
	callsOf := func(constructs int) int {
		stack := newStack("Budget")
		for i := range constructs {
			textractasync.NewTextractAsync(stack, jsii.String(fmt.Sprint("TextractAsync", i)), nil)
		}
		return len(jsiiCallsOf(t, func() { awscdk.App_Of(stack).Synth(nil) }))
	}
	const more = 10
	one, all := callsOf(1), callsOf(1+more)
	t.Logf("synthesis makes %d jsii calls with one construct, and %d with %d", one, all, 1+more)
	if each := float64(all-one) / more; each > maxCallsOfSecondLook || each < 1 {
		t.Errorf("%.1f jsii calls for each construct, want 1 to %d", each, maxCallsOfSecondLook)
	}
}

func TestJSIICallsOfGrantRunJobs(t *testing.T) {
	stack := newStack("Budget")
	textract := newTextractAsync(stack, withInputAndOutput(stack))
	role := newLambdaRole(stack, "Role")
	assertBudget(t, jsiiCallsOf(t, func() { textract.GrantRunJobs(role) }), maxCallsOfGrantRunJobs)
}

func TestJSIICallsOfMonitoring(t *testing.T) {
	textract := newTextractAsync(newStack("Budget"), nil)
	assertBudget(t, jsiiCallsOf(t, func() { textract.AddAlarms(nil) }), maxCallsOfAddAlarms)
	assertBudget(t, jsiiCallsOf(t, func() { textract.AddDashboard(nil) }), maxCallsOfAddDashboard)
}

func TestJSIICallsOfAddOutputs(t *testing.T) {
	stack := newStack("Budget")
	textract := newTextractAsync(stack, withInputAndOutput(stack))
	assertBudget(t, jsiiCallsOf(t, func() { textract.AddOutputs(nil) }), maxCallsOfAddOutputs)
}

func assertBudget(t *testing.T, calls []string, limit int) {
	t.Helper()
	if len(calls) == 0 {
		t.Fatal("no jsii call was recorded: the recorder is not between this process and the kernel")
	}
	t.Logf("%d jsii calls, at most %d", len(calls), limit)
	if len(calls) > limit {
		t.Errorf("%d jsii calls, want at most %d:\n%s", len(calls), limit, strings.Join(calls, "\n"))
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
		"pgregory.net/rapid",
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
