package textractasync_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/internal/snapshot"
)

// The kernel: the tests of this package share one, and a recorder in front of it writes down every
// jsii call.

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
	dir, err := os.MkdirTemp("", "textractasync")
	exitOn(err)
	defer func() { exitOn(os.RemoveAll(dir)) }()
	recorder, calls := filepath.Join(dir, "jsiirecorder"), filepath.Join(dir, "calls")
	if output, err := exec.Command("go", "build", "-o", recorder, "./internal/jsiirecorder").CombinedOutput(); err != nil {
		exitOn(fmt.Errorf("building the recorder: %w\n%s", err, output))
	}

	tests := exec.Command(os.Args[0], os.Args[1:]...)
	tests.Stdin, tests.Stdout, tests.Stderr = os.Stdin, os.Stdout, os.Stderr
	tests.Env = append(os.Environ(),
		envCallLog+"="+calls,
		fmt.Sprintf("JSII_RUNTIME='%s' '%s'", recorder, calls),
		// The template validator takes seconds; verify/rulepacks has it on.
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

// jsiiCallsOf returns the jsii calls that a function makes. The recorder logs a call before it
// passes it on, so all of them are in the log when the function returns.
func jsiiCallsOf(t testing.TB, function func()) []string {
	t.Helper()
	before := readCallLog(t)
	function()
	calls := bytes.TrimSuffix(readCallLog(t)[len(before):], []byte("\n"))
	if len(calls) == 0 {
		return nil
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

// Stacks and what is in them.

const (
	account = "111122223333"
	region  = "eu-west-1"
)

// newStack is an environment-agnostic stack in an app of its own.
func newStack(id string) awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String(id), nil)
}

// newStackWithEnv is a stack of the known account and Region.
func newStackWithEnv(id string) awscdk.Stack {
	return newStackIn(awscdk.NewApp(nil), id, region)
}

func newStackIn(app constructs.Construct, id, region string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}

func newTextractAsync(scope constructs.Construct, props *textractasync.TextractAsyncProps) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(scope, jsii.String("TextractAsync"), props)
}

func newLambdaRole(scope constructs.Construct, id string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
}

func newKMSBucket(scope constructs.Construct, id string) awss3.Bucket {
	return awss3.NewBucket(scope, jsii.String(id), &awss3.BucketProps{
		Encryption:    awss3.BucketEncryption_KMS,
		EncryptionKey: awskms.NewKey(scope, jsii.String(id+"Key"), nil),
	})
}

// withInputAndOutput are props with one input and one output, each with a key.
func withInputAndOutput(scope constructs.Construct) *textractasync.TextractAsyncProps {
	return &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: newKMSBucket(scope, "Documents")}},
		Output: &textractasync.OutputLocation{Bucket: newKMSBucket(scope, "Results")},
	}
}

// apiOperationsOf are the Start and Get operations of each operation.
var apiOperationsOf = map[textractasync.Operation][]textractasync.APIOperation{
	textractasync.Operation_TEXT_DETECTION: {
		textractasync.APIOperation_START_DOCUMENT_TEXT_DETECTION, textractasync.APIOperation_GET_DOCUMENT_TEXT_DETECTION,
	},
	textractasync.Operation_DOCUMENT_ANALYSIS: {
		textractasync.APIOperation_START_DOCUMENT_ANALYSIS, textractasync.APIOperation_GET_DOCUMENT_ANALYSIS,
	},
	textractasync.Operation_EXPENSE_ANALYSIS: {
		textractasync.APIOperation_START_EXPENSE_ANALYSIS, textractasync.APIOperation_GET_EXPENSE_ANALYSIS,
	},
	textractasync.Operation_LENDING_ANALYSIS: {
		textractasync.APIOperation_START_LENDING_ANALYSIS, textractasync.APIOperation_GET_LENDING_ANALYSIS,
		textractasync.APIOperation_GET_LENDING_ANALYSIS_SUMMARY,
	},
}

func recommendedFlags(t testing.TB) map[string]any {
	t.Helper()
	flags, err := scenario.RecommendedFlags(".")
	if err != nil {
		t.Fatal(err)
	}
	return flags
}

// Panics.

// panicOf returns the *ValidationError with which a function panics.
func panicOf(t *testing.T, function func()) *textractasync.ValidationError {
	t.Helper()
	var problem any
	func() {
		defer func() { problem = recover() }()
		function()
	}()
	if problem == nil {
		t.Fatal("no panic")
	}
	err, ok := problem.(error)
	if !ok {
		t.Fatalf("panic with %T %v, want an error", problem, problem)
	}
	var invalid *textractasync.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("panic with %T %v, want a *ValidationError", err, err)
	}
	return invalid
}

// assertSynthesisFails checks that the validations of the constructs end the synthesis, with a
// message like this one.
func assertSynthesisFails(t *testing.T, app constructs.Construct, message string) {
	t.Helper()
	defer func() {
		t.Helper()
		text := fmt.Sprint(recover())
		if !strings.Contains(text, "Validation failed") || !strings.Contains(text, message) {
			t.Errorf("synthesis ends with %s, want %s", text, message)
		}
	}()
	awscdk.App_Of(app).Synth(nil)
}

// assertProblems compares the props, in order, and the values where want has them. Every problem
// has a fix.
func assertProblems(t *testing.T, want []textractasync.Problem, err *textractasync.ValidationError) {
	t.Helper()
	if len(err.Problems) != len(want) {
		t.Fatalf("got %v, want %v", err.Problems, want)
	}
	for i, got := range err.Problems {
		if got.Prop != want[i].Prop || want[i].Value != "" && got.Value != want[i].Value {
			t.Errorf("got %v, want %v", got, want[i])
		}
		if got.Fix == "" || strings.HasSuffix(got.Fix, ".") {
			t.Errorf("%s: fix %q, want one without a final period", got.Prop, got.Fix)
		}
	}
	if !strings.HasPrefix(err.Error(), "Stack/TextractAsync: ") {
		t.Errorf("%q does not begin with the path of the construct", err)
	}
}

// Templates.

// synthesize returns the templates of a scenario by their names, without what differs between
// versions of the CDK.
func synthesize(t testing.TB, s scenario.Scenario, context map[string]any) map[string]string {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:             jsii.String(t.TempDir()),
		Context:            &context,
		AnalyticsReporting: jsii.Bool(false),
	})
	s.Build(app)
	return readTemplates(t, *app.Synth(nil).Directory())
}

func readTemplates(t testing.TB, assembly string) map[string]string {
	t.Helper()
	templates := map[string]string{}
	err := filepath.WalkDir(assembly, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".template.json") {
			return err
		}
		text, err := os.ReadFile(path)
		templates[filepath.Base(path)] = snapshot.Normalize(string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

// object is JSON, or a matcher of it.
type object = map[string]any

// propertiesOf returns the properties of the resources of a type by their logical ids.
func propertiesOf(stack awscdk.Stack, resourceType string) map[string]object {
	found := map[string]object{}
	for id, resource := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String(resourceType), nil) {
		found[id] = (*resource)["Properties"].(object)
	}
	return found
}

func logicalID(resource awscdk.IResource) string {
	return *resource.Stack().GetLogicalId(resource.Node().DefaultChild().(awscdk.CfnElement))
}

// idOf cuts off the 8 digits that the CDK puts at the end of a logical id.
func idOf(logicalID string) string { return logicalID[:len(logicalID)-8] }

func knownNameOf(topic awssns.ITopic) string {
	return *topic.Node().DefaultChild().(awssns.CfnTopic).TopicName()
}

// Matchers.

// mustMatch makes the panic of a failed assertion an error of the test.
func mustMatch(t *testing.T, assert func()) {
	t.Helper()
	defer func() {
		if problem := recover(); problem != nil {
			t.Error(problem)
		}
	}()
	assert()
}

// document is a policy document with a statement like this one.
func document(statement object) any {
	return object{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&statement)})}
}

var outputKeyActions = []any{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"}

func denyPlainHTTP(action string, resource any) object {
	return object{
		"Effect": "Deny", "Action": action, "Resource": resource,
		"Condition": object{"Bool": object{"aws:SecureTransport": "false"}},
	}
}

func ref(resource awscdk.IResource) object { return object{"Ref": logicalID(resource)} }

func arnOf(resource awscdk.IResource) object { return attributeOf(resource, "Arn") }

func attributeOf(resource awscdk.IResource, attribute string) object {
	return object{"Fn::GetAtt": []any{logicalID(resource), attribute}}
}

func pseudo(name string) object { return object{"Ref": "AWS::" + name} }

func join(parts ...any) object { return object{"Fn::Join": []any{"", parts}} }

// topicARN is the ARN by which policies refer to a topic of this app that has a name.
func topicARN(topic awssns.ITopic) object {
	return join("arn:", pseudo("Partition"), ":sns:", pseudo("Region"), ":", pseudo("AccountId"), ":"+knownNameOf(topic))
}

// Warnings.

// warnings of this library by id.
type warnings map[string][]string

func warningsOf(t testing.TB, stack awscdk.Stack) warnings {
	t.Helper()
	return readWarnings(t, *awscdk.App_Of(stack).Synth(nil).Directory())
}

func readWarnings(t testing.TB, assembly string) warnings {
	t.Helper()
	found := warnings{}
	var manifest struct {
		Artifacts map[string]struct {
			Metadata               metadata // of a version of the CDK that has no file for it
			AdditionalMetadataFile string
		}
	}
	readJSON(t, filepath.Join(assembly, "manifest.json"), &manifest)
	read := 0
	for _, artifact := range manifest.Artifacts {
		if artifact.AdditionalMetadataFile != "" {
			readJSON(t, filepath.Join(assembly, artifact.AdditionalMetadataFile), &artifact.Metadata)
		}
		for _, entries := range artifact.Metadata {
			for _, entry := range entries {
				found.add(fmt.Sprint(entry.Data))
				read++
			}
		}
	}
	if read == 0 {
		t.Fatalf("no metadata in %s", assembly)
	}
	return found
}

// metadata of constructs by their paths: annotations, logical ids and more.
type metadata map[string][]struct{ Data any }

func readJSON(t testing.TB, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func (w warnings) add(text string) {
	if _, id, ok := strings.Cut(text, "[ack: @cdk-textract/textractasync:"); ok {
		id = strings.TrimSuffix(id, "]")
		w[id] = append(w[id], text)
	}
}

// expect checks whether there is a warning, and that it contains the text. It removes the warning,
// so that what is left is unexpected.
func (w warnings) expect(t *testing.T, id string, want bool, text string) {
	t.Helper()
	all := strings.Join(w[id], "\n")
	switch {
	case want && all == "":
		t.Errorf("no warning %s", id)
	case !want && all != "":
		t.Errorf("warning %s, want none: %s", id, all)
	case want && !strings.Contains(all, text):
		t.Errorf("warning %s: %q does not contain %q", id, all, text)
	}
	delete(w, id)
}

// expectNoMore checks that every warning was expected.
func (w warnings) expectNoMore(t *testing.T) {
	t.Helper()
	for id, texts := range w {
		t.Errorf("unexpected warning %s: %s", id, strings.Join(texts, "\n"))
	}
}
