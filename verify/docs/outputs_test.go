package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/examples/props"
	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/snapshot"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

func TestMain(m *testing.M) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil { // the CDK's template validator, which takes two seconds
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// outputs is what pages show of what the construct builds and reports, made by the code.
var outputs = map[string]func(*testing.T) string{
	"resources":  resources,
	"variables":  variables,
	"key policy": func(t *testing.T) string { return statements(t, "AWS::KMS::Key", "KeyPolicy") },
	"trust":      func(t *testing.T) string { return statements(t, "AWS::IAM::Role", "AssumeRolePolicyDocument") },
	"warnings":   warnings,
	"panic":      problems,
}

func TestOutputs(t *testing.T) {
	made := map[string]string{}
	for _, page := range allPages(t) {
		want, err := page.Rewrite("output", func(name string) (string, error) {
			output, ok := outputs[name]
			if !ok {
				return "", fmt.Errorf("no output %q", name)
			}
			if _, done := made[name]; !done {
				made[name] = output(t)
			}
			return made[name], nil
		})
		if err != nil {
			t.Error(err)
			continue
		}
		snapshot.Page(t, page.Path, string(page.source), want, *update)
	}
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		if _, done := made[name]; !done {
			t.Errorf("output %q is not on any page", name)
		}
	}
}

// newStack has the name that the pages use; an account and Region only where it is known.
func newStack(known bool) awscdk.Stack {
	stackProps := &awscdk.StackProps{}
	if known {
		stackProps.Env = &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")}
	}
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), stackProps)
}

func newDefault(known bool) awscdk.Stack {
	stack := newStack(known)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	return stack
}

// resources counts those of the default construct by type.
func resources(*testing.T) string {
	counts := map[string]int{}
	for _, resource := range (*assertions.Template_FromStack(newDefault(false), nil).ToJSON())["Resources"].(object) {
		counts[resource.(object)["Type"].(string)]++
	}
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&text, "%d %s\n", counts[kind], kind)
	}
	return text.String()
}

// variables are those of a construct with an output that is encrypted with a key.
func variables(*testing.T) string {
	stack := newStack(false)
	values := *props.OutputKey(stack).EnvironmentVariables()
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&text, "%s=%s\n", name, fnsub.Flatten(stack.Resolve(values[name])))
	}
	return text.String()
}

// statements are those of a policy of the default construct.
func statements(t *testing.T, kind, policy string) string {
	stack := newDefault(true)
	for _, resource := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String(kind), nil) {
		document := (*resource)["Properties"].(object)[policy].(object)
		var text strings.Builder
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(fnsub.Flatten(document["Statement"])); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	t.Fatalf("no resource of type %s", kind)
	return ""
}

var warningText = regexp.MustCompile(`(?s)^(.*) \[ack: @cdk-textract/textractasync:(\w+)\]$`)

// warnings are those of the imported resources, as the CDK CLI prints them.
func warnings(t *testing.T) string {
	stack := newStack(true)
	props.Imported(stack)
	a, err := assembly.Load(*awscdk.App_Of(stack).Synth(nil).Directory(), assembly.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, note := range a.Annotations {
		if found := warningText.FindStringSubmatch(note.Message); found != nil {
			all = append(all, fmt.Sprintf("WARNING %s (Construct Annotations)\n   %s\n   Acknowledge with "+
				"'Annotation::@cdk-textract/textractasync:%s'\n", found[1], note.Path, found[2]))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// problems are those of props that are wrong in several ways.
func problems(t *testing.T) (text string) {
	defer func() {
		problem, ok := recover().(*textractasync.ValidationError)
		if !ok {
			t.Fatal("no *ValidationError")
		}
		text = problem.Error() + "\n"
	}()
	textractasync.NewTextractAsync(newStack(true), jsii.String("Textract"), &textractasync.TextractAsyncProps{
		TopicName:       jsii.String("completed-jobs"),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true), MaxReceiveCount: jsii.Number(5)},
		TrustedAccounts: jsii.Strings("1234"),
	})
	return ""
}
