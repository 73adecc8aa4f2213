package textractasync

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// ValidationError is the value with which the functions and methods of this package panic, as
// *ValidationError. It lists every problem of the props, so that all can be fixed at once.
type ValidationError struct {
	// The path of the construct, such as "Stack/TextractAsync".
	Path string
	// The problems, in the order of the props. There is at least one.
	Problems []Problem
}

// Problem is a prop or argument with a value that is rejected.
type Problem struct {
	// The prop, such as "DeadLetterQueue.MaxReceiveCount" or "Inputs[1].Prefix".
	Prop string
	// The value, as text.
	Value string
	// What to change.
	Fix string
}

// Error returns the path and the problems, one on each line.
func (e *ValidationError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: invalid props:", e.Path)
	for _, problem := range e.Problems {
		fmt.Fprintf(&text, "\n  %s", problem)
	}
	return text.String()
}

// String returns the prop, the value and the fix, on one line.
func (p Problem) String() string {
	return fmt.Sprintf("%s: got %s; %s", p.Prop, p.Value, p.Fix)
}

func checkScope(scope constructs.Construct, id *string) {
	var problems []validate.Problem
	if scope == nil {
		problems = append(problems, validate.Problem{Prop: "scope", Value: "nil", Fix: "pass the stack or construct to build in"})
	}
	if _, ok := scope.(awscdk.Stage); ok { // an App is one
		problems = append(problems, validate.Problem{Prop: "scope", Value: "an app or stage", Fix: "pass a stack, or a construct in one"})
	}
	if id == nil || *id == "" {
		problems = append(problems, validate.Problem{Prop: "id", Value: "none", Fix: "pass an id that is unique in the scope"})
	}
	if len(problems) > 0 {
		panicWith("textractasync", problems)
	}
}

// goValues are props that must be constructs of the CDK, by their names.
type goValues []struct {
	prop  string
	value any
}

func (t *TextractAsyncProps) goValues() goValues {
	all := goValues{
		{"Topic", t.Topic}, {"Queue", t.Queue}, {"ServiceRole", t.ServiceRole}, {"EncryptionKey", t.EncryptionKey},
	}
	if t.DeadLetterQueue != nil {
		all = append(all, goValues{{"DeadLetterQueue.EncryptionKey", t.DeadLetterQueue.EncryptionKey}}...)
	}
	for i, former := range valueOr(t.FormerEncryptionKeys, nil) {
		all = append(all, goValues{{fmt.Sprintf("FormerEncryptionKeys[%d]", i), former}}...)
	}
	return append(all, goValuesOf(t.Inputs, t.Output)...)
}

func goValuesOf(inputs *[]*InputLocation, output *OutputLocation) goValues {
	var all goValues
	for i, input := range valueOr(inputs, nil) {
		if input != nil {
			prop := fmt.Sprintf("Inputs[%d]", i)
			all = append(all, goValues{{prop + ".Bucket", input.Bucket}, {prop + ".EncryptionKey", input.EncryptionKey}}...)
		}
	}
	if output != nil {
		all = append(all, goValues{{"Output.Bucket", output.Bucket}, {"Output.EncryptionKey", output.EncryptionKey}}...)
	}
	return all
}

// check finds what jsii cannot pass on: a Go struct, a nil pointer, or a Go struct that embeds a
// construct without being made as one.
func (all goValues) check() []validate.Problem {
	var problems []validate.Problem
	for _, each := range all {
		value := reflect.ValueOf(each.value)
		text, fix := fmt.Sprintf("a %T", each.value), ""
		switch {
		case !value.IsValid(): // not set
		case value.Kind() != reflect.Pointer:
			fix = "use a construct of the CDK: jsii takes no Go value"
		case value.IsNil():
			text, fix = "a nil "+text[2:], "remove it, or use a construct"
		case !isConstruct(each.value):
			fix = "use the construct that it embeds: jsii does not know the Go struct around it"
		}
		if fix != "" {
			problems = append(problems, validate.Problem{Prop: each.prop, Value: text, Fix: fix})
		}
	}
	return problems
}

// isConstruct asks jsii only for what it did not make itself.
func isConstruct(value any) (is bool) {
	if strings.HasPrefix(reflect.TypeOf(value).Elem().Name(), "jsiiProxy_") {
		return true
	}
	defer func() { is = recover() == nil }()
	awscdk.Stack_Of(value.(constructs.IConstruct))
	return true
}

// panicOnProblems reads the path of the new construct only for a panic: each read is a jsii call.
func panicOnProblems(scope constructs.Construct, id *string, problems []validate.Problem) {
	if len(problems) > 0 {
		panicWith(strings.TrimPrefix(pathOf(scope)+"/"+*id, "/"), allReadable(scope, problems))
	}
}

// panicOnProblemsOf does the same for a method of a construct.
func panicOnProblemsOf(c constructs.IConstruct, problems []validate.Problem) {
	if len(problems) > 0 {
		panicWith(pathOf(c), allReadable(c, problems))
	}
}

func allReadable(scope constructs.IConstruct, problems []validate.Problem) []validate.Problem {
	for i, problem := range problems {
		problems[i].Value, problems[i].Fix = readable(scope, problem.Value), readable(scope, problem.Fix)
	}
	return problems
}

func panicWith(path string, found []validate.Problem) {
	problems := make([]Problem, len(found))
	for i, problem := range found {
		problems[i] = Problem(problem)
	}
	panic(&ValidationError{Path: path, Problems: problems})
}
