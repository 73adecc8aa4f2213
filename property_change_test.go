package textractasync_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// appChange is what an app does behind or after a construct, so that notifications would be lost.
type appChange struct {
	breaks func(o origins) bool
	before func(p *propertyApp) // or
	after  func(p *propertyApp, t textractasync.TextractAsync)
	want   string // in the error of the synthesis
}

const companyKey = "arn:aws:kms:" + region + ":" + account + ":key/00000000-0000-4000-8000-00000000000f"

var changes = map[string]appChange{
	"an aspect gives queues a key": {
		breaks: hasOwn("Queue"),
		after: aspect(func(c constructs.IConstruct) {
			if queue, ok := c.(awssqs.CfnQueue); ok {
				queue.SetKmsMasterKeyId(jsii.String(companyKey))
			}
		}),
		want: "Queue: got one that is now encrypted with",
	},
	"an aspect gives topics a key": {
		breaks: hasOwn("Topic"),
		after: aspect(func(c constructs.IConstruct) {
			if topic, ok := c.(awssns.CfnTopic); ok {
				topic.SetKmsMasterKeyId(jsii.String(companyKey))
			}
		}),
		want: "Topic: got one that is now encrypted with",
	},
	"an aspect renames topics": {
		breaks: func(o origins) bool { return !isExisting(o["Topic"]) || strings.HasPrefix(o["Topic"], "named") },
		after: aspect(func(c constructs.IConstruct) {
			if topic, ok := c.(awssns.CfnTopic); ok {
				topic.SetTopicName(jsii.String("acme"))
			}
		}),
		want: "Topic: got a topic that is now named",
	},
	"an injector gives topics a key": {
		breaks: func(o origins) bool { return !isExisting(o["Topic"]) },
		before: func(p *propertyApp) {
			key := awskms.Key_FromKeyArn(p.stack(homeStack), jsii.String("Company"), jsii.String(companyKey))
			awscdk.PropertyInjectors_Of(p.app).Add(&injector{func(topic map[string]any) { topic["masterKey"] = key }})
		},
		want: "Topic: got one that is now encrypted with",
	},
	"an L1 policy of the queue": {
		breaks: hasL2Queue,
		after: func(_ *propertyApp, t textractasync.TextractAsync) {
			awssqs.NewCfnQueuePolicy(awscdk.Stack_Of(t.Queue()), jsii.String("OtherPolicy"), &awssqs.CfnQueuePolicyProps{
				Queues: &[]*string{t.Queue().QueueUrl()}, PolicyDocument: queuePolicyDocument(t.Queue().QueueArn()),
			})
		},
		want: "Queue: got one with the policy",
	},
	"an inline policy of the queue": {
		breaks: hasL2Queue,
		after: func(_ *propertyApp, t textractasync.TextractAsync) {
			awssqs.NewCfnQueueInlinePolicy(awscdk.Stack_Of(t.Queue()), jsii.String("OtherPolicy"), &awssqs.CfnQueueInlinePolicyProps{
				Queue: t.Queue().QueueUrl(), PolicyDocument: queuePolicyDocument(t.Queue().QueueArn()),
			})
		},
		want: "Queue: got one with the policy",
	},
	"a setter makes the queue FIFO": {
		breaks: hasL2Queue,
		after: func(_ *propertyApp, t textractasync.TextractAsync) {
			t.Queue().Node().DefaultChild().(awssqs.CfnQueue).SetFifoQueue(true)
		},
		want: "Queue: got one that is now FIFO",
	},
	"the queue loses its policy": {
		breaks: func(o origins) bool { return !isExisting(o["Queue"]) },
		after: func(_ *propertyApp, t textractasync.TextractAsync) {
			t.Queue().Node().TryRemoveChild(jsii.String("Policy"))
		},
		want: "Queue: got one without the policy",
	},
}

// hasOwn is for a topic or queue that this app makes.
func hasOwn(owner string) func(o origins) bool {
	return func(o origins) bool { return !isExisting(o[owner]) || o.isMade(owner) }
}

func hasL2Queue(o origins) bool { return hasOwn("Queue")(o) && !o.isL1("Queue") }

func aspect(visit func(constructs.IConstruct)) func(*propertyApp, textractasync.TextractAsync) {
	return func(p *propertyApp, _ textractasync.TextractAsync) {
		awscdk.Aspects_Of(p.app).Add(&change{visit}, nil)
	}
}

// changeNames has none as often as all changes.
func changeNames() []string {
	names := slices.Sorted(maps.Keys(changes))
	return append(slices.Repeat([]string{none}, len(names)), names...)
}

// customizeRoles gives all roles of the app to an administrator.
func (p *propertyApp) customizeRoles() {
	if p.origins["roles"] != customized {
		return
	}
	awsiam.Role_CustomizeRoles(p.stack(homeStack), &awsiam.CustomizeRolesOptions{UsePrecreatedRoles: &map[string]*string{
		"Home/Caller": jsii.String("caller"), "Home/Service": jsii.String("service"),
		"Home/TextractAsync/ServiceRole": jsii.String("textract"),
	}})
}

// customized judges the report for the administrator.
func (j *judge) customized(dir string) {
	for stack := range j.templates {
		for id, resource := range j.resources(stack) {
			if kind, _ := resource.(map[string]any)["Type"].(string); strings.HasPrefix(kind, "AWS::IAM::") {
				j.Errorf("%s %s is in the template, although roles are customized", kind, id)
			}
		}
	}
	var report struct {
		Roles []struct {
			RoleConstructPath        string
			IdentityPolicyStatements []struct{ Action any }
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "iam-policy-report.json"))
	if err == nil {
		err = json.Unmarshal(text, &report)
	}
	if err != nil {
		j.Errorf("the report: %v", err)
	}
	needIn := func(path, action string) {
		for _, role := range report.Roles {
			for _, statement := range role.IdentityPolicyStatements {
				isIn := slices.ContainsFunc(list(statement.Action), func(pattern string) bool { return like(pattern, action) })
				if role.RoleConstructPath == path && isIn {
					return
				}
			}
		}
		j.Errorf("no %s for %s in the report", action, path)
	}
	for _, n := range j.callerNeeds() {
		needIn("Home/Caller", n.action)
	}
	service := "Home/Service"
	if strings.HasPrefix(j.origins["ServiceRole"], "new") {
		service = "Home/TextractAsync/ServiceRole"
	}
	needIn(service, "sns:Publish")
	for _, r := range j.topicKey.requests(publishWithKey) {
		needIn(service, r.action)
	}
}

const (
	accountOfARNs = "777788889999"
	accountOfKeys = "888899990000"
)

// addByARNs makes a construct of ARNs, which alone tell the accounts.
func (p *propertyApp) addByARNs() textractasync.ITextractAsync {
	home := p.stack(homeStack)
	key := func(id string) *string {
		return jsii.String("arn:aws:kms:" + region + ":" + accountOfKeys + ":key/" + id)
	}
	return textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String("ByARNs"), &textractasync.TextractAsyncAttributes{
		TopicArn:         jsii.String("arn:aws:sns:" + region + ":" + accountOfARNs + ":AmazonTextractOld"),
		QueueArn:         jsii.String("arn:aws:sqs:" + region + ":" + accountOfARNs + ":old"),
		ServiceRoleArn:   jsii.String("arn:aws:iam::" + accountOfARNs + ":role/old"),
		EncryptionKeyArn: key("00000000-0000-4000-8000-000000000001"),
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: awss3.Bucket_FromBucketAttributes(home, jsii.String("ByARNsBucket"), &awss3.BucketAttributes{
				BucketName: jsii.String("documents"), Account: jsii.String(accountOfKeys),
			}),
			EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("ByARNsKey"), key("00000000-0000-4000-8000-000000000002")),
		}},
	})
}

func (j *judge) byARNs() {
	for _, id := range []string{"keyPolicy", "bucketPolicy", "bucketKeyPolicy"} {
		if !strings.Contains(strings.Join(j.synthesis.warnings[id], " "), "iam::"+accountOfARNs+":root") {
			j.Errorf("no warning %s that the account of the ARNs needs a statement in another one", id)
		}
	}
}
