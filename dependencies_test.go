package textractasync_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// Base has what the construct in Home uses, and a caller. Two stacks that refer to each other would
// be a circular dependency.
func TestCallersInTheStackOfExistingResources(t *testing.T) {
	resources := map[string]func(base awscdk.Stack) *textractasync.TextractAsyncProps{
		"input": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Inputs: &[]*textractasync.InputLocation{{Bucket: newKMSBucket(base, "Bucket")}}}
		},
		"output": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Output: &textractasync.OutputLocation{Bucket: newKMSBucket(base, "Bucket")}}
		},
		"former key": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{FormerEncryptionKeys: &[]awskms.IKey{awskms.NewKey(base, jsii.String("Key"), nil)}}
		},
		"key": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: awskms.NewKey(base, jsii.String("Key"), nil)}
		},
	}
	const (
		early = "GrantRunJobs grantee: got Home/Caller; call this grant before the one for Base/Caller"
		used  = "EnvironmentVariables: got Base/Function/Resource, which uses them in stack Base; use them in the construct's stack or a third one"
		given = "GrantRunJobs grantee: got Base/Given; use a grantee in the construct's stack or a third one"
	)
	function := func(x textractasync.TextractAsync, base awscdk.Stack) {
		x.GrantRunJobs(awslambda.NewFunction(base, jsii.String("Function"), &awslambda.FunctionProps{
			Runtime: awslambda.Runtime_NODEJS_22_X(), Handler: jsii.String("index.handler"),
			Code: awslambda.Code_FromInline(jsii.String("exports.handler = 1")), Environment: x.EnvironmentVariables(),
		}))
	}
	for name, row := range map[string]struct {
		grant func(x textractasync.TextractAsync, home, base awscdk.Stack)
		want  map[string]string // the error, by the resource in Base; none for the others
	}{
		"caller in Base": {grant: func(x textractasync.TextractAsync, _, base awscdk.Stack) {
			x.GrantRunJobs(newLambdaRole(base, "Caller"))
		}},
		"caller in Home, then in Base": {grant: func(x textractasync.TextractAsync, home, base awscdk.Stack) {
			x.GrantRunJobs(newLambdaRole(home, "Caller"))
			x.GrantRunJobs(newLambdaRole(base, "Caller"))
			x.GrantRunJobs(awsiam.NewUser(base, jsii.String("User"), nil))
		}},
		"caller in Base, then in Home": {
			grant: func(x textractasync.TextractAsync, home, base awscdk.Stack) {
				x.GrantRunJobs(newLambdaRole(base, "Caller"))
				x.GrantRunJobs(newLambdaRole(home, "Caller"))
			},
			want: map[string]string{"input": early, "former key": early},
		},
		"function in Base": {
			grant: func(x textractasync.TextractAsync, _, base awscdk.Stack) { function(x, base) },
			want:  map[string]string{"output": used, "key": used},
		},
		"caller in Home, then a function in Base": {
			grant: func(x textractasync.TextractAsync, home, base awscdk.Stack) {
				x.GrantRunJobs(newLambdaRole(home, "Caller"))
				function(x, base)
			},
			want: map[string]string{"input": used, "output": used, "former key": used, "key": used},
		},
		"managed policy in Base": {
			grant: func(x textractasync.TextractAsync, _, base awscdk.Stack) {
				x.GrantRunJobs(awsiam.NewManagedPolicy(base, jsii.String("Given"), nil))
			},
			want: map[string]string{"output": given, "key": given},
		},
	} {
		for resource, props := range resources {
			t.Run(name+", "+resource, func(t *testing.T) {
				eachFlagSet(t, func(t *testing.T, app awscdk.App) {
					home, base := homeIn(app), stackIn(app, "Base")
					var got synthesis
					invalid, problem := rejectionOf(func() {
						row.grant(newTextractAsync(home, props(base)), home, base)
						got = synthesizeApp(t, app)
					})
					if invalid != nil {
						problem = invalid.Error()
					}
					want := row.want[resource]
					if want != "" {
						if strings.Count(problem, want) != 1 {
							t.Errorf("got %s, want %s", problem, want)
						}
						return
					}
					if problem != "" {
						t.Fatal(problem)
					}
					assertNoCycle(t, got)
					got.warnings.expectNoMore(t)
				})
			})
		}
	}
}
