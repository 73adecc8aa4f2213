package textractasync_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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

// TestInvalidProps has a row for each kind of value in the props, which shows that it reaches its
// rule; the rules themselves are tested in internal/validate.
func TestInvalidProps(t *testing.T) {
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
					Output: &textractasync.OutputLocation{
						Bucket:        bucket,
						Prefix:        jsii.String("out/"),
						EncryptionKey: keyIn(stack, "us-east-1"),
					},
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
					RetentionPeriod:   awscdk.Duration_Millis(jsii.Number(90_500)),
					DeadLetterQueue: &textractasync.DeadLetterQueueOptions{
						MaxReceiveCount: jsii.Number(0),
						RetentionPeriod: awscdk.Duration_Days(jsii.Number(15)),
					},
				}
			},
			[]textractasync.Problem{
				{Prop: "VisibilityTimeout"},
				{Prop: "RetentionPeriod"},
				{Prop: "DeadLetterQueue.MaxReceiveCount", Value: "0"},
				{Prop: "DeadLetterQueue.RetentionPeriod"},
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
			stack := newStackWithEnv("Stack")
			props := row.props(stack)
			err := panicOf(t, func() { newTextractAsync(stack, props) })

			ignore := cmpopts.IgnoreFields(textractasync.Problem{}, "Fix", "Value")
			sort := cmpopts.SortSlices(func(a, b textractasync.Problem) bool { return a.Prop < b.Prop })
			if diff := cmp.Diff(row.want, err.Problems, ignore, sort); diff != "" {
				t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
			}
			for _, want := range row.want {
				if line := want.Prop + ": got " + want.Value; !strings.Contains(err.Error(), line) {
					t.Errorf("%q does not contain %q", err, line)
				}
			}
			for _, problem := range err.Problems {
				if problem.Fix == "" || strings.HasSuffix(problem.Fix, ".") {
					t.Errorf("%s: fix %q, want one without a final period", problem.Prop, problem.Fix)
				}
			}
			if stack.Node().TryFindChild(jsii.String("TextractAsync")) != nil {
				t.Error("part of the construct is in the stack")
			}
		})
	}
}

func TestErrorListsEveryProblem(t *testing.T) {
	stack := newStack("Stack")
	err := panicOf(t, func() {
		newTextractAsync(stack, &textractasync.TextractAsyncProps{
			TopicName: jsii.String("Completions"), TrustedAccounts: jsii.Strings("4444"),
		})
	})
	want := "Stack/TextractAsync: invalid props:\n" +
		`  TopicName: got "Completions"; ` + err.Problems[0].Fix + "\n" +
		`  TrustedAccounts[0]: got "4444"; ` + err.Problems[1].Fix
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
		textractasync.TextractAsync_FromTextractAsyncAttributes(newStack("Stack"), jsii.String(""), nil)
	})
	if len(err.Problems) != 1 || err.Problems[0].Prop != "id" {
		t.Errorf("got %v", err)
	}
}

func TestScopeOutsideOfAStackIsRejected(t *testing.T) {
	app := awscdk.NewApp(nil)
	for name, scope := range map[string]constructs.Construct{"app": app, "stage": awscdk.NewStage(app, jsii.String("Stage"), nil)} {
		err := panicOf(t, func() { textractasync.NewTextractAsync(scope, jsii.String("TextractAsync"), nil) })
		if len(err.Problems) != 1 || err.Problems[0].Prop != "scope" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Texts have tokens as the printed statements have them.
func TestTextsHaveNoRawTokens(t *testing.T) {
	for name, use := range map[string]func(awscdk.Stack){
		"a rejected alias": func(stack awscdk.Stack) {
			newTextractAsync(stack, &textractasync.TextractAsyncProps{
				EncryptionKey: awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String("documents")),
			})
		},
		"a rejected prefix": func(stack awscdk.Stack) {
			parameter := awscdk.NewCfnParameter(stack, jsii.String("Parameter"), nil).ValueAsString()
			newTextractAsync(stack, &textractasync.TextractAsyncProps{ServiceRolePolicy: textractasync.ServiceRolePolicy(*parameter)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack("Stack")
			err := panicOf(t, func() { use(stack) })
			if text := err.Error(); strings.Contains(text, "${Token[") || !strings.Contains(text, "${") {
				t.Errorf("got %q", text)
			}
		})
	}
}

func TestEmptyInputsAreRejected(t *testing.T) {
	stack := newStack("Stack")
	err := panicOf(t, func() {
		newTextractAsync(stack, &textractasync.TextractAsyncProps{Inputs: &[]*textractasync.InputLocation{}})
	})
	if len(err.Problems) != 1 || err.Problems[0].Prop != "Inputs" {
		t.Errorf("got %v", err)
	}
}

// A long policy has each statement on a line of its own.
func TestPrintedPoliciesHaveAStatementOnEachLine(t *testing.T) {
	stack := newStackWithEnv("Stack")
	newTextractAsync(stack, withInputAndOutput(stack)).GrantRunJobs(awsiam.NewOrganizationPrincipal(jsii.String("o-1234567890")))
	got := warningsOf(t, stack)
	_, policy, _ := strings.Cut(got["grantee"][0], `"Statement":[`)
	for _, line := range strings.Split(strings.TrimSpace(policy), "\n") {
		if text := strings.TrimSuffix(line, ","); !json.Valid([]byte(text)) && !strings.HasPrefix(text, "]}") {
			t.Errorf("line %q is no statement", line)
		}
	}
	if count := strings.Count(policy, `"Effect":"Allow"`); count < 6 || len(got.printed(t)) < count {
		t.Errorf("%d statements in %q", count, policy)
	}
}
