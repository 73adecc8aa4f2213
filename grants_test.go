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

// TestForeignGrantee puts both halves of a grant across accounts into the bucket's policy, the listing with its condition.
func TestForeignGrantee(t *testing.T) {
	stack := newHome()
	results := awss3.NewBucket(stack, jsii.String("Results"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	textract.GrantReadResults(awsiam.NewArnPrincipal(jsii.String("arn:aws:iam::444455556666:role/reader")))

	template := assertions.Template_FromStack(stack, nil)
	for _, statement := range []object{
		{"Action": "s3:GetObject", "Resource": join(arnOf(results), "/textract_output/*")},
		{
			"Action": "s3:ListBucket", "Resource": arnOf(results),
			"Condition": object{"StringLike": object{"s3:prefix": "textract_output/*"}},
		},
	} {
		mustHold(t, func() {
			template.HasResourceProperties(jsii.String("AWS::S3::BucketPolicy"), object{"PolicyDocument": document(statement)})
		})
	}
}

// TestGrantStandsForItsPolicies makes something wait for a grant: it waits for the policies that the grant was written into.
func TestGrantStandsForItsPolicies(t *testing.T) {
	for name, test := range map[string]struct {
		grantee func(constructs.Construct) awsiam.IGrantable
		want    []string
	}{
		"a role": {
			func(scope constructs.Construct) awsiam.IGrantable { return newLambdaRole(scope, "Caller") },
			[]string{"CallerDefaultPolicy"},
		},
		"another account": {
			func(constructs.Construct) awsiam.IGrantable { return awsiam.NewAccountPrincipal("444455556666") },
			[]string{"DocumentsPolicy", "ResultsPolicy"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newHome()
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), withInputAndOutput(stack))
			waiting := awssns.NewTopic(stack, jsii.String("Waiting"), nil)
			textract.GrantRunJobs(test.grantee(stack)).ApplyBefore(waiting)

			resources := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::SNS::Topic"), nil)
			dependsOn, _ := (*resources[logicalID(waiting)])["DependsOn"].([]any)
			var got []string
			for _, id := range dependsOn {
				got = append(got, idOf(id.(string)))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("what it waits for (-want +got):\n%s", diff)
			}
		})
	}
}
