package textractasync_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cdk-textract/textractasync"
)

// panicOf returns what a call panics with, as the error that it must be.
func panicOf(t *testing.T, call func()) *textractasync.ValidationError {
	t.Helper()
	var problem any
	func() {
		defer func() { problem = recover() }()
		call()
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

func newHome() awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Home"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}

// TestMistakes has a row for each kind of value that the props hold, to show that it reaches its rule; the rules themselves
// are tested in internal/validate.
func TestMistakes(t *testing.T) {
	keyIn := func(stack constructs.Construct, region string) awskms.IKey {
		return awskms.Key_FromKeyArn(stack, jsii.String("Key"),
			jsii.String("arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000"))
	}
	rows := []struct {
		reason string
		props  func(stack awscdk.Stack) *textractasync.TextractAsyncProps
		want   []textractasync.Problem
	}{
		{
			"an unknown and a repeated operation",
			func(awscdk.Stack) *textractasync.TextractAsyncProps {
				return &textractasync.TextractAsyncProps{Operations: &[]textractasync.Operation{
					"INSIGHTS", textractasync.Operation_TEXT_DETECTION, textractasync.Operation_TEXT_DETECTION,
				}}
			},
			[]textractasync.Problem{{Prop: "Operations[0]", Value: `"INSIGHTS"`}, {Prop: "Operations[2]", Value: `"TEXT_DETECTION"`}},
		},
		{
			"locations",
			func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
				bucket := awss3.NewBucket(stack, jsii.String("Bucket"), nil)
				return &textractasync.TextractAsyncProps{
					Inputs: &[]*textractasync.InputLocation{nil, {}, {Bucket: bucket, Prefix: jsii.String("/in")}},
					Output: &textractasync.OutputLocation{Bucket: bucket, Prefix: jsii.String("out/"), EncryptionKey: keyIn(stack, "us-east-1")},
				}
			},
			[]textractasync.Problem{
				{Prop: "Inputs[0]", Value: "nil"},
				{Prop: "Inputs[1].Bucket", Value: "none"},
				{Prop: "Inputs[2].Prefix", Value: `"/in"`},
				{Prop: "Output.Prefix", Value: `"out/"`},
				{Prop: "Output.EncryptionKey", Value: `a key in Region "us-east-1"`},
			},
		},
		{
			"FIFO topic and queue",
			func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
				return &textractasync.TextractAsyncProps{
					Topic: awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{Fifo: jsii.Bool(true)}),
					Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{Fifo: jsii.Bool(true)}),
				}
			},
			[]textractasync.Problem{{Prop: "Topic"}, {Prop: "Queue"}},
		},
		{
			"durations and counts",
			func(awscdk.Stack) *textractasync.TextractAsyncProps {
				return &textractasync.TextractAsyncProps{
					VisibilityTimeout: awscdk.Duration_Hours(jsii.Number(13)),
					MessageRetention:  awscdk.Duration_Millis(jsii.Number(90_500)),
					DeadLetters: &textractasync.DeadLetters{
						MaxReceiveCount: jsii.Number(0),
						Retention:       awscdk.Duration_Days(jsii.Number(15)),
					},
				}
			},
			[]textractasync.Problem{
				{Prop: "VisibilityTimeout"},
				{Prop: "MessageRetention"},
				{Prop: "DeadLetters.MaxReceiveCount", Value: "0"},
				{Prop: "DeadLetters.Retention"},
			},
		},
		{
			"contradictions and accounts",
			func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
				return &textractasync.TextractAsyncProps{
					ServiceRole:       newLambdaRole(stack, "Role"),
					ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
					TrustedAccounts:   &[]*string{nil},
					Encryption:        textractasync.Encryption_SERVICE_MANAGED,
					EncryptionKey:     awskms.NewKey(stack, jsii.String("Key"), nil),
					RemovalPolicy:     awscdk.RemovalPolicy_SNAPSHOT,
				}
			},
			[]textractasync.Problem{
				{Prop: "ServiceRolePolicy"},
				{Prop: "TrustedAccounts[0]"},
				{Prop: "TrustedAccounts"},
				{Prop: "EncryptionKey"},
				{Prop: "RemovalPolicy"},
			},
		},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			stack := newHome()
			props := row.props(stack)
			err := panicOf(t, func() { textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props) })

			ignore := cmpopts.IgnoreFields(textractasync.Problem{}, "Mend", "Value")
			sort := cmpopts.SortSlices(func(a, b textractasync.Problem) bool { return a.Prop < b.Prop })
			if diff := cmp.Diff(row.want, err.Problems, ignore, sort); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
			}
			for _, want := range row.want {
				if line := want.Prop + ": got " + want.Value; !strings.Contains(err.Error(), line) {
					t.Errorf("%q does not hold %q", err, line)
				}
			}
			for _, problem := range err.Problems {
				if problem.Mend == "" || strings.HasSuffix(problem.Mend, ".") {
					t.Errorf("%s: mend %q, want one without a final period", problem.Prop, problem.Mend)
				}
			}
			if stack.Node().TryFindChild(jsii.String("TextractAsync")) != nil {
				t.Error("the construct was left half done in the stack")
			}
		})
	}
}

func TestErrorReadsWell(t *testing.T) {
	stack := newStack("Home")
	err := panicOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			TopicName: jsii.String("Completions"), TrustedAccounts: jsii.Strings("4444"),
		})
	})
	want := "Home/TextractAsync: invalid props:\n" +
		`  TopicName: got "Completions"; ` + err.Problems[0].Mend + "\n" +
		`  TrustedAccounts[0]: got "4444"; ` + err.Problems[1].Mend
	if err.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", err, want)
	}
}

func TestScopeAndIDAreRequired(t *testing.T) {
	err := panicOf(t, func() { textractasync.NewTextractAsync(nil, nil, nil) })
	if len(err.Problems) != 2 || err.Problems[0].Prop != "scope" || err.Problems[1].Prop != "id" {
		t.Errorf("got %v", err)
	}
	err = panicOf(t, func() {
		textractasync.TextractAsync_FromTextractAsyncAttributes(newStack("Home"), jsii.String(""), nil)
	})
	if len(err.Problems) != 1 || err.Problems[0].Prop != "id" {
		t.Errorf("got %v", err)
	}
}

func TestTokensPass(t *testing.T) {
	stack := newStack("Home")
	parameter := func(id, kind string) awscdk.CfnParameter {
		return awscdk.NewCfnParameter(stack, jsii.String(id), &awscdk.CfnParameterProps{Type: jsii.String(kind)})
	}
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		TopicName:         parameter("TopicName", "String").ValueAsString(),
		VisibilityTimeout: awscdk.Duration_Seconds(parameter("Visibility", "Number").ValueAsNumber()),
		DeadLetters:       &textractasync.DeadLetters{MaxReceiveCount: parameter("Receives", "Number").ValueAsNumber()},
		TrustedAccounts:   &[]*string{parameter("Account", "String").ValueAsString()},
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil), Prefix: parameter("Prefix", "String").ValueAsString(),
		}},
	})
	if templates := readTemplates(t, *awscdk.App_Of(stack).Synth(nil).Directory()); len(templates) != 1 {
		t.Errorf("%d templates, want 1", len(templates))
	}
}

func TestPropsAreNotWrittenTo(t *testing.T) {
	stack := newStack("Home")
	operations := []textractasync.Operation{textractasync.Operation_TEXT_DETECTION}
	output := &textractasync.OutputLocation{Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil)}
	props := textractasync.TextractAsyncProps{
		Operations: &operations, Output: output, DeadLetters: &textractasync.DeadLetters{},
	}
	before := props
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &props)

	if props != before || output.Prefix != nil || output.EncryptionKey != nil || *props.DeadLetters != (textractasync.DeadLetters{}) {
		t.Errorf("the caller's props were changed: %+v", props)
	}
	operations[0] = textractasync.Operation_LENDING_ANALYSIS
	role := newLambdaRole(stack, "Role")
	if statement := *textract.GrantStartJobs(role).PrincipalStatements(); len(statement) == 0 ||
		*(*statement[0].Actions())[0] != "textract:StartDocumentTextDetection" {
		t.Error("a later change of the caller's slice changed the grant")
	}
}
