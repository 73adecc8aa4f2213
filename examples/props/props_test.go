package props

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

func TestMain(m *testing.M) { synthtest.Main(m) }

// newStack is in the account and Region of the ARNs.
func newStack() awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
	})
}

func TestWarnings(t *testing.T) {
	for name, row := range map[string]struct {
		build func(awscdk.Stack) textractasync.TextractAsync
		want  []string
	}{
		"same app":       {SameApp, nil},
		"imported":       {Imported, []string{"keyPolicy", "queuePolicy", "serviceRoleTrust"}},
		"acknowledged":   {Acknowledged, []string{"keyPolicy", "serviceRoleTrust"}},
		"unnamed topic":  {UnnamedTopic, []string{"topicPattern"}},
		"other account":  {CrossAccountBucket, []string{"bucketKeyPolicy", "bucketPolicy"}},
		"no key":         {ServiceManaged, nil},
		"existing key":   {ExistingKey, nil},
		"key of results": {OutputKey, nil},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack()
			row.build(stack)
			warnings := strings.Join(synthtest.Warnings(t, stack), "\n")
			if got := strings.Count(warnings, "[ack: "); got != len(row.want) {
				t.Errorf("%d warnings, want %d", got, len(row.want))
			}
			for _, id := range row.want {
				if !strings.Contains(warnings, ":"+id+"]") {
					t.Errorf("no warning %s in\n%s", id, warnings)
				}
			}
		})
	}
}

func TestKeys(*testing.T) {
	for _, row := range []struct {
		build func(awscdk.Stack) textractasync.TextractAsync
		want  float64
	}{{ServiceManaged, 0}, {ExistingKey, 1}, {OutputKey, 2}} {
		stack := newStack()
		row.build(stack)
		assertions.Template_FromStack(stack, nil).ResourceCountIs(jsii.String("AWS::KMS::Key"), jsii.Number(row.want))
	}
}

func TestConsumed(t *testing.T) {
	stack := newStack()
	worker := newWorker(stack)
	if got := len(*Consumed(ServiceManaged(stack), worker)); got != 3 {
		t.Errorf("%d variables, want topic, role and queue", got)
	}
	synthtest.MayDo(t, assertions.Template_FromStack(stack, nil), worker, "iam:PassRole", "sqs:DeleteMessage")
}

func TestMonitored(t *testing.T) {
	stack := newStack()
	Monitored(stack, ServiceManaged(stack))
	template := assertions.Template_FromStack(stack, nil)
	template.ResourceCountIs(jsii.String("AWS::CloudWatch::Alarm"), jsii.Number(7))
	template.ResourceCountIs(jsii.String("AWS::CloudWatch::Dashboard"), jsii.Number(1))
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}

func TestLargePolicy(*testing.T) {
	stack := newStack()
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Worker"), jsii.String("arn:aws:iam::111122223333:role/worker"), nil)
	LargePolicy(stack, role, ServiceManaged(stack))
	template := assertions.Template_FromStack(stack, nil)
	template.HasResourceProperties(jsii.String("AWS::IAM::ManagedPolicy"), map[string]any{"Roles": []any{"worker"}})
	template.ResourceCountIs(jsii.String("AWS::IAM::Policy"), jsii.Number(1)) // the service role's
}

func TestPrefixes(t *testing.T) {
	stack := newStack()
	worker := newWorker(stack)
	Prefixes(ServiceManaged(stack), awss3.NewBucket(stack, jsii.String("Results"), nil), worker)
	synthtest.MayDo(t, assertions.Template_FromStack(stack, nil), worker, "s3:PutObject", "s3:ListBucketMultipartUploads", "iam:PassRole")
}

func newWorker(stack awscdk.Stack) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String("Worker"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil),
	})
}

// region nag
// TestNag has findings before they are suppressed, and none after. cdk-nag reports them as
// annotations.
func TestNag(t *testing.T) {
	count := func(suppress bool) int {
		stack := newStack()
		textract := OutputKey(stack)
		worker := newWorker(stack)
		textract.GrantRunJobs(worker)
		if suppress {
			SuppressNag(textract, []string{"<Results25575328.Arn>/textract_output/*"}, worker)
		}
		awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
		return len(*assertions.Annotations_FromStack(stack).FindError(jsii.String("*"),
			assertions.Match_StringLikeRegexp(jsii.String("AwsSolutions-(IAM|KMS|SNS|SQS).*")))) // the bucket is your own
	}
	if got := count(false); got == 0 {
		t.Error("no finding: the check did not run")
	}
	if got := count(true); got > 0 {
		t.Errorf("%d findings", got)
	}
}

// endregion
