package textractasync_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// grantsOf are the five grants by name.
func grantsOf(textract textractasync.ITextractAsync) map[string]func(awsiam.IGrantable) awsiam.Grant {
	return map[string]func(awsiam.IGrantable) awsiam.Grant{
		"GrantStartJobs":            textract.GrantStartJobs,
		"GrantConsumeNotifications": textract.GrantConsumeNotifications,
		"GrantReadResults":          textract.GrantReadResults,
		"GrantRunJobs":              textract.GrantRunJobs,
		"GrantPassRole":             textract.GrantPassRole,
	}
}

// TestGrantToPrincipalOfAnotherAccount writes what the bucket's policy can allow, the listing with
// its condition. Its own account allows the rest, so the grant reports no success and a warning
// prints the statements.
func TestGrantToPrincipalOfAnotherAccount(t *testing.T) {
	stack := newStackWithEnv("Stack")
	results := awss3.NewBucket(stack, jsii.String("Results"), nil)
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	grant := textract.GrantReadResults(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + otherAccount + ":role/reader")))
	if *grant.Success() {
		t.Error("the grant reports success, and the Get actions are not granted")
	}

	template := assertions.Template_FromStack(stack, nil)
	for _, statement := range []object{
		{"Action": "s3:GetObject", "Resource": join(arnOf(results), "/textract_output/*")},
		{
			"Action": "s3:ListBucket", "Resource": arnOf(results),
			"Condition": object{"StringLike": object{"s3:prefix": "textract_output/*"}},
		},
	} {
		mustMatch(t, func() {
			template.HasResourceProperties(jsii.String("AWS::S3::BucketPolicy"), object{"PolicyDocument": document(statement)})
		})
	}
	warnings := warningsOf(t, stack)
	warnings.expect(t, "grantee", true, `"textract:GetLendingAnalysisSummary"`)
	warnings.expectNoMore(t)
}

// TestGrantRepresentsItsPolicies makes a topic depend on a grant, and so on the policies that the
// grant is written into.
func TestGrantRepresentsItsPolicies(t *testing.T) {
	caller := func(scope constructs.Construct) awsiam.IGrantable { return newLambdaRole(scope, "Caller") }
	principal := func(account string) func(constructs.Construct) awsiam.IGrantable {
		return func(constructs.Construct) awsiam.IGrantable {
			return awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::" + account + ":role/caller"))
		}
	}
	for name, row := range map[string]struct {
		grant   string
		grantee func(constructs.Construct) awsiam.IGrantable
		want    []string // the ids of the policies; none where not all is granted
	}{
		"all to a role": {"GrantRunJobs", caller, []string{"CallerDefaultPolicy"}},
		"notifications to a principal by its ARN":         {"GrantConsumeNotifications", principal(account), []string{"TextractAsyncQueuePolicy"}},
		"all to a principal by its ARN":                   {"GrantRunJobs", principal(account), nil},
		"notifications to a principal of another account": {"GrantConsumeNotifications", principal(otherAccount), nil},
		"all to a principal of another account":           {"GrantRunJobs", principal(otherAccount), nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Stack")
			textract := newTextractAsync(stack, withInputAndOutput(stack))
			dependent := awssns.NewTopic(stack, jsii.String("Dependent"), nil)
			grant := grantsOf(textract)[row.grant](row.grantee(stack))
			grant.ApplyBefore(dependent)
			if success := *grant.Success(); success != (row.want != nil) {
				t.Errorf("success is %t", success)
			}

			resources := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::SNS::Topic"), nil)
			dependsOn, _ := (*resources[logicalID(dependent)])["DependsOn"].([]any)
			var got []string
			for _, id := range dependsOn {
				got = append(got, idOf(id.(string)))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("dependencies (-want +got):\n%s", diff)
			}
		})
	}
}
