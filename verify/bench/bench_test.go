package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/app/sample"
	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
	"github.com/cdk-textract/textractasync/verify/bench/byhand"
)

// The validator of the CDK takes seconds, the same for every implementation.
func TestMain(m *testing.M) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil {
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// implementations build the same resources with a caller that may use them.
var implementations = []struct {
	name  string
	build func(stack awscdk.Stack, id string, documents, results awss3.IBucket, caller awsiam.Role)
}{
	{ours, func(stack awscdk.Stack, id string, documents, results awss3.IBucket, caller awsiam.Role) {
		textractasync.NewTextractAsync(stack, jsii.String(id), &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
			Output: &textractasync.OutputLocation{Bucket: results},
		}).GrantRunJobs(caller)
	}},
	{strict, func(stack awscdk.Stack, id string, documents, results awss3.IBucket, caller awsiam.Role) {
		byhand.NewStrict(stack, id).GrantStrict(caller, documents, results)
	}},
	{usual, func(stack awscdk.Stack, id string, documents, results awss3.IBucket, caller awsiam.Role) {
		byhand.New(stack, id).Grant(caller, documents, results)
	}},
}

// BenchmarkConstructs builds and synthesizes an app with that many constructs, 20 in a stack, each
// with a caller.
func BenchmarkConstructs(b *testing.B) {
	for _, implementation := range implementations {
		for _, count := range sizes {
			b.Run(fmt.Sprintf("%s/%d", implementation.name, count), func(b *testing.B) {
				for b.Loop() {
					app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(b.TempDir())})
					buildMany(app, count, implementation.build)
					app.Synth(nil)
				}
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N*count), "ms/construct")
			})
		}
	}
}

func buildMany(
	app constructs.Construct, count int, build func(stack awscdk.Stack, id string, documents, results awss3.IBucket, caller awsiam.Role),
) {
	const perStack = 20
	var stack awscdk.Stack
	var documents, results awss3.Bucket
	for i := range count {
		if i%perStack == 0 {
			stack = awscdk.NewStack(app, jsii.String(fmt.Sprintf("Bench%d", i/perStack)), nil)
			documents, results = awss3.NewBucket(stack, jsii.String("Documents"), nil), awss3.NewBucket(stack, jsii.String("Results"), nil)
		}
		caller := awsiam.NewRole(stack, jsii.String(fmt.Sprintf("Caller%d", i)), &awsiam.RoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		})
		build(stack, fmt.Sprintf("Textract%d", i), documents, results, caller)
	}
}

// TestImplementationsBuildTheSame compares resources and outputs: types and properties, whatever
// the names. The strict implementation also allows the same, statement by statement.
func TestImplementationsBuildTheSame(t *testing.T) {
	built := map[string]template{}
	for _, implementation := range implementations {
		dir := t.TempDir()
		if err := assembly.Synthesize(dir, nil, func(app constructs.Construct) { buildMany(app, 1, implementation.build) }); err != nil {
			t.Fatal(err)
		}
		built[implementation.name] = load(t, dir)
	}
	assertEqual(t, strict, "resources", built[ours].resources, built[strict].resources)
	assertEqual(t, strict, "permissions", built[ours].permissions, built[strict].permissions)
	assertEqual(t, usual, "resources", built[ours].resources, built[usual].resources)
}

// TestSamplesBuildTheSame compares the sample app with the same in Go by hand and in JavaScript,
// all with the flags of cdk.json.
func TestSamplesBuildTheSame(t *testing.T) {
	flags, err := scenario.RecommendedFlags("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	err = assembly.Synthesize(dir, flags, func(app constructs.Construct) { sample.NewStack(app, jsii.String("TextractAsyncSample"), nil) })
	if err != nil {
		t.Fatal(err)
	}
	want := load(t, dir)
	context, err := json.Marshal(flags)
	if err != nil {
		t.Fatal(err)
	}
	for name, command := range map[string][]string{usual: {"go", "run", "./app"}, javaScript: {"node", "js/sample.mjs"}} {
		app := exec.CommandContext(t.Context(), command[0], command[1:]...)
		dir := t.TempDir()
		app.Env = append(os.Environ(), "CDK_OUTDIR="+dir, "CDK_CONTEXT_JSON="+string(context))
		if output, err := app.CombinedOutput(); err != nil {
			t.Fatalf("%q, after npm ci in verify/bench/js: %v\n%s", command, err, output)
		}
		assertEqual(t, name, "resources", want.resources, load(t, dir).resources)
	}
}

func assertEqual(t *testing.T, name, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("%s has other %s (-%s +%[1]s):\n%[4]s", name, what, ours, diff)
	}
	t.Logf("%s has the same %d %s as %s", name, len(want), what, ours)
}

// template is a stack with what its intrinsic functions refer to resolved: a line for each resource
// and output, and one for each permission for one action on one resource.
type template struct{ resources, permissions []string }

func load(t *testing.T, dir string) template {
	t.Helper()
	a, err := assembly.Load(dir, assembly.NewEnvironment(scenario.Account, scenario.Region))
	if err != nil {
		t.Fatal(err)
	}
	s := a.Stacks[0]
	topicName := ""
	for _, r := range s.Resources {
		if name, ok := r.Properties["TopicName"].(string); ok {
			topicName = name
		}
	}
	line := func(values ...any) string {
		text, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), topicName, "TOPIC")
	}
	var made template
	for id, output := range s.Outputs {
		made.resources = append(made.resources, line("output", id, resolve(t, s, output.Value)))
	}
	for id, r := range s.Resources {
		if r.Type == "AWS::CDK::Metadata" {
			continue
		}
		properties, _ := resolve(t, s, r.Properties).(map[string]any)
		owner := []any{id, properties["Roles"], properties["Queues"], properties["Topics"], properties["Bucket"]}
		if strings.HasSuffix(r.Type, "Policy") {
			owner[0] = r.Type // ids of policies are free, and so are names
			delete(properties, "PolicyName")
		}
		for _, name := range []string{"PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"} {
			if r.Properties[name] == nil {
				continue
			}
			delete(properties, name)
			document, err := s.Policy(r.Properties[name])
			if err != nil {
				t.Fatal(err)
			}
			for _, statement := range document.Statement {
				if len(statement.Resource) == 0 {
					statement.Resource = assembly.Texts{"itself"} // in a trust policy
				}
				for _, action := range statement.Action {
					for _, resource := range statement.Resource {
						made.permissions = append(made.permissions,
							line(owner, statement.Effect, statement.Principal, action, resource, statement.Condition))
					}
				}
			}
		}
		made.resources = append(made.resources, line(r.Type, r.DeletionPolicy, r.UpdateReplacePolicy, properties))
	}
	slices.Sort(made.resources)
	slices.Sort(made.permissions)
	made.permissions = slices.Compact(made.permissions)
	return made
}

func resolve(t *testing.T, s *assembly.Stack, value any) any {
	t.Helper()
	resolved, err := s.Resolve(value)
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}
