package textractasync_test

import (
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// What pages say of the CDK itself, where its versions differ.

// minorOfCDK returns 240 of v2.240.0.
func minorOfCDK(t *testing.T) (minor int) {
	t.Helper()
	version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(version), "v2.%d.", &minor); err != nil {
		t.Fatalf("%s: %v", version, err)
	}
	return minor
}

func TestWarningIsAcknowledgedOnTheStackAtAnyTime(t *testing.T) {
	all, later := []string{"grantee", "queuePolicy", "unknownKey"}, []string{"grantee"}
	onConstruct := later
	if minorOfCDK(t) >= 275 { // v2.268.0 does not
		onConstruct = nil
	}
	for _, row := range []struct {
		where, when string
		want        []string // the warnings that are left
	}{
		{"stack", "before the construct", nil},
		{"stack", "before the grant", nil},
		{"stack", "after the grant", nil},
		{"app", "before the construct", all},
		{"app", "before the grant", later},
		{"app", "after the grant", nil},
		{"construct", "before the grant", onConstruct},
		{"construct", "after the grant", nil},
	} {
		t.Run("on the "+row.where+" "+row.when, func(t *testing.T) {
			stack := newStackWithEnv("Stack")
			scopes := map[string]constructs.IConstruct{"app": stack.Node().Root(), "stack": stack}
			acknowledge := func(when string) {
				if when != row.when {
					return
				}
				for _, id := range all {
					awscdk.Annotations_Of(scopes[row.where]).AcknowledgeWarning(jsii.String("@cdk-textract/textractasync:"+id), nil)
				}
			}
			acknowledge("before the construct")
			textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
				Queue: awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old")),
			})
			scopes["construct"] = textract
			acknowledge("before the grant")
			textract.GrantStartJobs(awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/old"),
				&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)}))
			acknowledge("after the grant")
			if diff := cmp.Diff(row.want, slices.Sorted(maps.Keys(warningsOf(t, stack)))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// A finding of cdk-nag is an error among the annotations.
func TestErrorAmongTheAnnotationsEndsTheSynthesisWithAFlagOnly(t *testing.T) {
	for _, flag := range []bool{false, true} {
		t.Run(fmt.Sprint(flag), func(t *testing.T) {
			app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:annotationsInValidationReport": flag}})
			stack := awscdk.NewStack(app, jsii.String("Stack"), nil)
			awscdk.Annotations_Of(stack).AddError(jsii.String("AwsSolutions-IAM5"))
			got := ""
			func() {
				defer func() {
					if reason := recover(); reason != nil {
						got = fmt.Sprint(reason)
					}
				}()
				app.Synth(nil)
			}()
			want := flag && minorOfCDK(t) >= 268 // v2.240.0 does not know the flag
			if ends := strings.Contains(got, "ValidationFailed"); ends != want || got != "" && !ends {
				t.Errorf("got panic %q, want one: %v", got, want)
			}
		})
	}
}
