package rulepacks_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
	"github.com/cdk-textract/textractasync/verify/proof"
	"github.com/cdk-textract/textractasync/verify/rulepacks"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// These tests plant a defect and look whether the tool finds it: a tool that is silent because it did not run proves nothing.

func TestValidatorFindsWhatIsPlanted(t *testing.T) {
	err := assembly.Synthesize(t.TempDir(), scenario.FlagSet{}, func(app constructs.Construct) {
		stack := awscdk.NewStack(app, jsii.String("Planted"), nil)
		queue := awssqs.NewCfnQueue(stack, jsii.String("Queue"), nil)
		queue.AddPropertyOverride(jsii.String("VisibilityTimeout"), "soon")
	})
	if err == nil || !strings.Contains(err.Error(), "Validation failed") {
		t.Errorf("got error %v, want a failed validation", err)
	}
}

func TestNagFindsWhatIsPlanted(t *testing.T) {
	dir := t.TempDir()
	err := assembly.Synthesize(dir, scenario.FlagSet{}, func(app constructs.Construct) {
		stack := awscdk.NewStack(app, jsii.String("Planted"), nil)
		awssqs.NewQueue(stack, jsii.String("Plain"), nil)
		stage := awscdk.NewStage(app, jsii.String("Stage"), nil)
		awssqs.NewQueue(awscdk.NewStack(stage, jsii.String("Staged"), nil), jsii.String("Plain"), nil)
		rulepacks.AddNag(app)
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := proof.LoadAssembly(dir, proof.NewEnvironment("111122223333", "eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	findings, applied, err := rulepacks.NagFindings(dir, a)
	if err != nil {
		t.Fatal(err)
	}
	if applied < len(findings) {
		t.Errorf("%d findings of %d checks", len(findings), applied)
	}
	for _, path := range []string{"Planted/Plain/Resource", "Stage/Staged/Plain/Resource"} {
		if !has(findings, "AwsSolutions-SQS4", path) {
			t.Errorf("no AwsSolutions-SQS4 at %s in %v", path, findings)
		}
	}
}

func TestLinterFindsWhatIsPlanted(t *testing.T) {
	if err := rulepacks.CheckLinter(); err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(t.TempDir(), "Planted.template.json")
	const text = `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "soon"}}}}`
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := rulepacks.Lint([]string{template})
	if err != nil {
		t.Fatal(err)
	}
	if !has(findings, "E3012", "Planted.template.json") {
		t.Errorf("no E3012 in %v", findings)
	}
}

func has(findings []rulepacks.Finding, rule, path string) bool {
	for _, f := range findings {
		if f.Rule == rule && f.Path == path {
			return true
		}
	}
	return false
}

func TestJudge(t *testing.T) {
	open := rulepacks.Finding{Pack: "AwsSolutions", Rule: "AwsSolutions-SQS4", Path: "Default/TextractAsync/Queue/Resource"}
	brought := rulepacks.Finding{Pack: "AwsSolutions", Rule: "AwsSolutions-S1", Path: "Everything/Results/Resource"}
	excepted := rulepacks.Finding{
		Pack: "AwsSolutions", Rule: "AwsSolutions-IAM5", Detail: "Resource::*", Path: "Callers/Starter/DefaultPolicy/Resource",
	}
	wider := excepted
	wider.Path = "Default/TextractAsync/ServiceRole/DefaultPolicy/Resource"
	exceptions := rulepacks.Exceptions()
	v := rulepacks.Judge([]rulepacks.Finding{open, brought, excepted, wider}, exceptions)
	if len(v.Open) != 2 || v.Open[0] != open || v.Open[1] != wider {
		t.Errorf("open are %v", v.Open)
	}
	if v.Scaffolding["AwsSolutions"] != 1 || v.Excepted["AwsSolutions"] != 1 {
		t.Errorf("counted %v as brought along and %v as excepted", v.Scaffolding, v.Excepted)
	}
	if len(v.Unused) != len(exceptions)-1 {
		t.Errorf("%d of %d exceptions are unused", len(v.Unused), len(exceptions))
	}
}
