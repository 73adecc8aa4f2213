package textractasync_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/cloudformationinclude"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// A policy that is too long is said once, with what can be done about it and without tokens.
func TestAdviceForPoliciesThatAreTooLong(t *testing.T) {
	for name, row := range map[string]struct {
		use    func(home awscdk.Stack)
		advice string
	}{
		"managed policy of a user": {func(home awscdk.Stack) {
			bucket := newKMSBucket(home, "Bucket")
			inputs := []*textractasync.InputLocation{}
			for _, prefix := range longPrefixes() {
				inputs = append(inputs, &textractasync.InputLocation{Bucket: bucket, Prefix: prefix})
			}
			newTextractAsync(home, &textractasync.TextractAsyncProps{Inputs: &inputs}).
				GrantRunJobs(awsiam.NewUser(home, jsii.String("User"), nil))
		}, "use fewer or shorter prefixes, or grant the constructs to several users or roles"},
		"policies of a ServiceRole": {func(home awscdk.Stack) {
			role := importedRole(home, account, true)
			for i := range 25 {
				scope := constructs.NewConstruct(home, jsii.String(fmt.Sprintf("Scope%d", i)))
				props := withInputAndOutput(scope)
				props.ServiceRole = role
				newTextractAsync(scope, props)
			}
		}, "use fewer constructs with this role, or leave ServiceRole out, so that each construct has a role of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				row.use(homeIn(app))
				texts := synthesizeApp(t, app).warnings["policySize"]
				if len(texts) != 1 || !strings.Contains(texts[0], row.advice) || strings.Contains(texts[0], "${Token[") {
					t.Errorf("warnings %q, want one with %q", texts, row.advice)
				}
			})
		})
	}
}

// Neither names nor grants leave a node at the root of the app, which its owner may walk through.
func TestOnlyStacksAtTheRootOfTheApp(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textract := newTextractAsync(home, &textractasync.TextractAsyncProps{TopicName: jsii.String("AmazonTextractJobs")})
		textract.GrantRunJobs(importedRole(home, account, true))
		textract.AddDashboard(&textractasync.DashboardProps{DashboardName: jsii.String("jobs")})
		for _, child := range *app.Node().Children() {
			if _, isStack := child.(awscdk.Stack); !isStack {
				t.Errorf("%s is no stack", *child.Node().Path())
			}
		}
	})
}

// What a template subscribes is used by its ARNs: it is no construct of this package.
func TestSubscriptionOfACfnInclude(t *testing.T) {
	const template = `{"Resources": {
		"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "AmazonTextractJobs"}}, "Queue": {"Type": "AWS::SQS::Queue"},
		"Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {
			"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Queue", "Arn"]}}}}}`
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		file := filepath.Join(t.TempDir(), "template.json")
		if err := os.WriteFile(file, []byte(template), 0o600); err != nil {
			t.Fatal(err)
		}
		include := cloudformationinclude.NewCfnInclude(home, jsii.String("Include"), &cloudformationinclude.CfnIncludeProps{
			TemplateFile: jsii.String(file),
		})
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			Topic: awssns.Topic_FromTopicArn(home, jsii.String("Topic"), include.GetResource(jsii.String("Topic")).(awssns.CfnTopic).Ref()),
			Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Queue"), include.GetResource(jsii.String("Queue")).(awssqs.CfnQueue).AttrArn()),
		})
		assertSynthesisFails(t, home, "Queue: got a queue that is subscribed to the Topic by Home/Include/Subscription; "+
			"use TextractAsync_FromTextractAsyncAttributes with the ARNs of both")
	})
}
