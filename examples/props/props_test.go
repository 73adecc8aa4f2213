package props

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
		"same app": {SameApp, nil},
		"two keys": {DeadLetterQueueKey, nil},
		"changed key": {func(stack awscdk.Stack) textractasync.TextractAsync {
			return ChangedKey(stack, newWorker(stack), newRole(stack, "Operator"))
		}, nil},
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
	}{{ServiceManaged, 0}, {ExistingKey, 1}, {OutputKey, 2}, {DeadLetterQueueKey, 2}} {
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
	template.ResourceCountIs(jsii.String("AWS::CloudWatch::Alarm"), jsii.Number(8))
	template.ResourceCountIs(jsii.String("AWS::CloudWatch::Dashboard"), jsii.Number(1))
	template.ResourceCountIs(jsii.String("AWS::SNS::Subscription"), jsii.Number(2)) // the queue's and the operators'
	template.HasResourceProperties(jsii.String("AWS::KMS::Key"), map[string]any{"KeyPolicy": map[string]any{
		"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&map[string]any{
			"Principal": map[string]any{"Service": "cloudwatch.amazonaws.com"}, "Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"},
		})}),
	}})
	if warnings := synthtest.Warnings(t, stack); len(warnings) > 0 {
		t.Errorf("warnings %q", warnings)
	}
}

func TestChangedKey(t *testing.T) {
	stack := newStack()
	worker, operator := newWorker(stack), newRole(stack, "Operator")
	ChangedKey(stack, worker, operator)
	template := assertions.Template_FromStack(stack, nil)
	synthtest.MayDo(t, template, operator, "sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:SendMessage")
	for _, role := range []awsiam.Role{worker, operator} {
		mayDecrypt := false
		for _, policy := range *template.FindResources(jsii.String("AWS::IAM::Policy"), &map[string]any{
			"Properties": map[string]any{"Roles": []any{map[string]any{"Ref": stack.GetLogicalId(role.Node().DefaultChild().(awscdk.CfnElement))}}},
		}) {
			text, err := json.Marshal(policy)
			if err != nil {
				t.Fatal(err)
			}
			mayDecrypt = mayDecrypt || strings.Contains(string(text), ":key/1234abcd-12ab-34cd-56ef-1234567890ab")
		}
		if !mayDecrypt {
			t.Errorf("%s may not decrypt with the former key", *role.Node().Id())
		}
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

func newWorker(stack awscdk.Stack) awsiam.Role { return newRole(stack, "Worker") }

func newRole(stack awscdk.Stack, id string) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
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
