package rulepacks

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// finding is what a rule reports of a resource.
type finding struct {
	pack, rule string
	detail     string // within the resource; empty where the rule means all of it
	path       string // of the construct, or of the template where the pack has no constructs
	text       string
}

func (f finding) String() string {
	return fmt.Sprintf("%s[%s] at %s: %s", f.rule, f.detail, f.path, f.text)
}

// ofScenario are the ids, below the stack, of what scenarios bring to the construct.
var ofScenario = regexp.MustCompile(
	`^[^/]+/(Incoming|Archive|Results|LeftResults|RightResults|Documents|Queue|Topic|Role|Key|` +
		`Group|User|Alarms|BatchKey|Machine(?:Role)?)(Key)?(/|$)`,
)

// TestScenariosPassTheRulePacks synthesizes every scenario at both extremes of the feature flags,
// in the validator's strict mode and with cdk-nag, and runs cfn-lint and the rules of Control Tower
// over all templates.
func TestScenariosPassTheRulePacks(t *testing.T) {
	if value, set := os.LookupEnv("CDK_VALIDATION"); set {
		t.Fatalf("CDK_VALIDATION is %q, which can disable the validator of the CDK: unset it", value)
	}
	flagSets, err := scenario.FlagSets("../..")
	if err != nil {
		t.Fatal(err)
	}
	var templates, definitions []string
	var findings []finding
	apps, checks := 0, 0
	for _, flags := range flagSets {
		for _, s := range append(scenario.All(), scenario.Workflows()...) {
			a, found, applied := synthesize(t, flags.Context, s.Build)
			templates, findings = append(templates, a.Templates...), append(findings, found...)
			definitions = append(definitions, literalDefinitions(t, a)...)
			apps, checks = apps+1, checks+applied
		}
	}
	findings = append(findings, lint(t, slices.Concat(templates, definitions))...)
	guarded, rules := guard(t, templates)
	findings = append(findings, guarded...)
	open, unused, counts := judge(findings, Exceptions())
	t.Logf(
		"the CDK's validator in strict mode passed %d apps; cfn-lint read %d templates, and the definitions of %d; cdk-nag applied rules %d times, and cfn-guard "+
			"those of Control Tower %d times",
		apps,
		len(templates),
		len(definitions),
		checks,
		rules,
	)
	for _, pack := range []string{"cfn-lint", "AwsSolutions", "HIPAA.Security", "NIST.800.53.R5", "PCI.DSS.321", "ControlTower"} {
		t.Logf("%-15s %v", pack, counts[pack])
	}
	for _, f := range open {
		t.Errorf("finding without an exception: %v", f)
	}
	for _, e := range unused {
		t.Errorf("exception without a finding: %s: %s", e.Rules, e.Where)
	}
}

// count sorts the findings of a pack.
type count struct{ open, accepted, ofScenario int }

func (c count) String() string {
	return fmt.Sprintf("%d findings, %d accepted, %d on what scenarios bring", c.open, c.accepted, c.ofScenario)
}

// judge tells what the construct and its grants make from what the scenarios bring.
func judge(findings []finding, exceptions []Exception) (open []finding, unused []Exception, counts map[string]count) {
	counts = map[string]count{}
	used := make([]bool, len(exceptions))
	for _, f := range findings {
		index := slices.IndexFunc(exceptions, func(e Exception) bool {
			return e.rule.MatchString(f.rule) && e.detail.MatchString(f.detail) && e.path.MatchString(f.path)
		})
		c := counts[f.pack]
		switch {
		case ofScenario.MatchString(f.path):
			c.ofScenario++
		case index >= 0:
			used[index] = true
			c.accepted++
		default:
			c.open++
			open = append(open, f)
		}
		counts[f.pack] = c
	}
	for i, e := range exceptions {
		if !used[i] {
			unused = append(unused, e)
		}
	}
	return open, unused, counts
}

// synthesize returns the findings of cdk-nag, and how often it applied a rule.
func synthesize(t *testing.T, flags map[string]any, build func(constructs.Construct)) (*assembly.Assembly, []finding, int) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cdk.out")
	err := assembly.Synthesize(dir, flags, func(app constructs.Construct) {
		build(app)
		addNag(app)
		for _, child := range *app.Node().Children() {
			if *awscdk.Stage_IsStage(child) { // aspects do not visit stages
				addNag(child)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := assembly.Load(dir, assembly.NewEnvironment(scenario.Account, scenario.Region))
	if err != nil {
		t.Fatal(err)
	}
	findings, applied := nagFindings(t, dir, a)
	return a, findings, applied
}

// literalDefinitions writes a template for each stack with the definitions of its state machines,
// without references, into which cfn-lint does not look.
func literalDefinitions(t *testing.T, a *assembly.Assembly) (files []string) {
	t.Helper()
	for _, stack := range a.Stacks {
		literal := map[string]any{}
		for id, resource := range stack.Resources {
			if resource.Type != "AWS::StepFunctions::StateMachine" {
				continue
			}
			definition, err := stack.Resolve(resource.Properties["DefinitionString"])
			if err != nil {
				t.Fatalf("%s: %v", id, err)
			}
			properties := map[string]any{"DefinitionString": definition, "RoleArn": "arn:aws:iam::" + scenario.Account + ":role/states"}
			if kind := resource.Properties["StateMachineType"]; kind != nil {
				properties["StateMachineType"] = kind
			}
			literal[id] = map[string]any{"Type": resource.Type, "Properties": properties}
		}
		if len(literal) == 0 {
			continue
		}
		text, err := json.Marshal(map[string]any{"Resources": literal})
		file := filepath.Join(t.TempDir(), stack.Name+".definitions.json")
		if err == nil {
			err = os.WriteFile(file, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func addNag(scope constructs.IConstruct) {
	props := &cdknag.NagPackProps{
		Reports: jsii.Bool(true), ReportFormats: &[]cdknag.NagReportFormat{cdknag.NagReportFormat_JSON},
	}
	aspects := awscdk.Aspects_Of(scope)
	aspects.Add(cdknag.NewAwsSolutionsChecks(props), nil)
	aspects.Add(cdknag.NewHIPAASecurityChecks(props), nil)
	aspects.Add(cdknag.NewNIST80053R5Checks(props), nil)
	aspects.Add(cdknag.NewPCIDSS321Checks(props), nil)
}

var nagMessage = regexp.MustCompile(`(?s)^([\w.]+-\w+)(?:\[(.*?)\])?: (.*)$`)

// nagFindings reads the findings, which are annotations, and compares their number with cdk-nag's
// reports. A rule that could not be applied is a finding too.
func nagFindings(t *testing.T, dir string, a *assembly.Assembly) (findings []finding, applied int) {
	t.Helper()
	for _, note := range a.Annotations {
		if parts := nagMessage.FindStringSubmatch(note.Message); parts != nil {
			pack, _, _ := strings.Cut(parts[1], "-")
			findings = append(findings, finding{pack, parts[1], parts[2], note.Path, strings.TrimSpace(parts[3])})
		}
	}
	reports, violations := 0, 0
	for _, pattern := range []string{"*-NagReport.json", "*/*-NagReport.json"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			var report struct{ Lines []struct{ Compliance string } }
			text, err := os.ReadFile(file)
			if err == nil {
				err = json.Unmarshal(text, &report)
			}
			if err != nil {
				t.Fatal(err)
			}
			reports++
			applied += len(report.Lines)
			for _, line := range report.Lines {
				if line.Compliance != "Compliant" {
					violations++
				}
			}
		}
	}
	if reports == 0 || violations != len(findings) {
		t.Fatalf("%d reports of cdk-nag with %d violations, and %d annotations", reports, violations, len(findings))
	}
	return findings, applied
}

// lint runs cfn-lint, which exits with a code of its own for findings.
func lint(t *testing.T, templates []string) []finding {
	t.Helper()
	command := exec.Command("cfn-lint", append([]string{"--format", "json", "--"}, templates...)...)
	output, runErr := command.Output()
	var found []struct {
		Filename, Message string
		Rule              struct{ ID string }
		Location          struct{ Path []any }
	}
	if err := json.Unmarshal(output, &found); err != nil {
		t.Fatalf("cfn-lint does not run (%v): pip install cfn-lint==1.51.0", runErr)
	}
	findings := make([]finding, len(found))
	for i, f := range found {
		findings[i] = finding{"cfn-lint", f.Rule.ID, "", filepath.Base(f.Filename), fmt.Sprintf("%v: %s", f.Location.Path, f.Message)}
	}
	return findings
}

// The tests below seed a violation: a tool that is silent because it did not run proves nothing.

func TestValidatorFindsSeededViolation(t *testing.T) {
	err := assembly.Synthesize(t.TempDir(), nil, func(app constructs.Construct) {
		queue := awssqs.NewCfnQueue(awscdk.NewStack(app, jsii.String("Seeded"), nil), jsii.String("Queue"), nil)
		queue.AddPropertyOverride(jsii.String("VisibilityTimeout"), "soon")
	})
	if err == nil || !strings.Contains(err.Error(), "Validation failed") {
		t.Errorf("got error %v, want a failed validation", err)
	}
}

func TestNagFindsSeededViolations(t *testing.T) {
	_, findings, applied := synthesize(t, nil, func(app constructs.Construct) {
		awssqs.NewQueue(awscdk.NewStack(app, jsii.String("Seeded"), nil), jsii.String("Plain"), nil)
		stage := awscdk.NewStage(app, jsii.String("Stage"), nil)
		awssqs.NewQueue(awscdk.NewStack(stage, jsii.String("Seeded"), nil), jsii.String("Plain"), nil)
	})
	if applied < len(findings) {
		t.Errorf("%d findings, and rules applied %d times", len(findings), applied)
	}
	assertFinding(t, findings, "AwsSolutions-SQS4", "Seeded/Plain/Resource")
	assertFinding(t, findings, "AwsSolutions-SQS4", "Stage/Seeded/Plain/Resource")
}

func TestLinterFindsSeededViolation(t *testing.T) {
	template := filepath.Join(t.TempDir(), "Seeded.template.json")
	const text = `{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": "soon"}}}}`
	if err := os.WriteFile(template, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	assertFinding(t, lint(t, []string{template}), "E3012", "Seeded.template.json")
}

func TestLinterFindsSeededViolationInDefinition(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cdk.out")
	err := assembly.Synthesize(dir, nil, func(app constructs.Construct) {
		stack := awscdk.NewStack(app, jsii.String("Seeded"), nil)
		awsstepfunctions.NewCfnStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.CfnStateMachineProps{
			RoleArn: jsii.String("arn:aws:iam::" + scenario.Account + ":role/states"),
			DefinitionString: jsii.String(
				`{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Comment": "` + *stack.Region() + `", "Nextt": "Wait"}}}`,
			),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := assembly.Load(dir, assembly.NewEnvironment(scenario.Account, scenario.Region))
	if err != nil {
		t.Fatal(err)
	}
	definitions := literalDefinitions(t, a)
	if findings := lint(t, a.Templates); len(findings) > 0 {
		t.Errorf("cfn-lint looks into references by now: %v", findings)
	}
	assertFinding(t, lint(t, definitions), "E3601", "Seeded.definitions.json")
}

func assertFinding(t *testing.T, findings []finding, rule, path string) {
	t.Helper()
	if !slices.ContainsFunc(findings, func(f finding) bool { return f.rule == rule && f.path == path }) {
		t.Errorf("no %s at %s in %v", rule, path, findings)
	}
}

func TestJudge(t *testing.T) {
	open := finding{pack: "AwsSolutions", rule: "AwsSolutions-SQS4", path: "Default/TextractAsync/Queue/Resource"}
	ofScenario := finding{pack: "AwsSolutions", rule: "AwsSolutions-S1", path: "Everything/Results/Resource"}
	accepted := finding{
		pack:   "AwsSolutions",
		rule:   "AwsSolutions-IAM5",
		detail: "Resource::*",
		path:   "Callers/Starter/DefaultPolicy/Resource",
	}
	elsewhere := accepted
	elsewhere.path = "Default/TextractAsync/ServiceRole/DefaultPolicy/Resource"
	exceptions := Exceptions()
	got, unused, counts := judge([]finding{open, ofScenario, accepted, elsewhere}, exceptions)
	if !slices.Equal(got, []finding{open, elsewhere}) || counts["AwsSolutions"] != (count{2, 1, 1}) || len(unused) != len(exceptions)-1 {
		t.Errorf("open are %v, counted %v, %d of %d exceptions unused", got, counts, len(unused), len(exceptions))
	}
}
