package textractasync_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// origin is where an existing resource comes from.
type origin string

const (
	sameStack  origin = "same stack"
	otherStack origin = "other stack"
	imported   origin = "imported"
)

// deployment is an app with two stacks; the construct and its callers are in the first.
type deployment struct {
	stack, other awscdk.Stack
	construct    textractasync.TextractAsync
}

func newDeployment() *deployment {
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})
	return &deployment{stack: newStackIn(app, "Stack", region), other: newStackIn(app, "Other", region)}
}

func (d *deployment) scopeOf(o origin) constructs.Construct {
	if o == otherStack {
		return d.other
	}
	return d.stack
}

func (d *deployment) topic(o origin) awssns.ITopic {
	if o == imported {
		return awssns.Topic_FromTopicArn(d.stack, jsii.String("Topic"), jsii.String("arn:aws:sns:"+region+":"+account+":AmazonTextractOld"))
	}
	return awssns.NewTopic(d.scopeOf(o), jsii.String("Topic"), nil)
}

func (d *deployment) queue(o origin) awssqs.IQueue {
	if o == imported {
		return awssqs.Queue_FromQueueArn(d.stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old"))
	}
	return awssqs.NewQueue(d.scopeOf(o), jsii.String("Queue"), nil)
}

func (d *deployment) role(o origin) awsiam.IRole {
	if o == imported {
		return awsiam.Role_FromRoleArn(d.stack, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/old"), nil)
	}
	return newLambdaRole(d.scopeOf(o), "Role")
}

func (d *deployment) key(o origin, id string) awskms.IKey {
	if o == imported {
		return awskms.Key_FromKeyArn(d.stack, jsii.String(id),
			jsii.String("arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000"))
	}
	return awskms.NewKey(d.scopeOf(o), jsii.String(id), nil)
}

func (d *deployment) bucket(o origin, id string) awss3.IBucket {
	if o == imported {
		return awss3.Bucket_FromBucketAttributes(d.stack, jsii.String(id), &awss3.BucketAttributes{
			BucketName: jsii.String("old-" + strings.ToLower(id)), EncryptionKey: d.key(o, id+"Key"),
		})
	}
	return awss3.NewBucket(d.scopeOf(o), jsii.String(id), &awss3.BucketProps{EncryptionKey: d.key(o, id+"Key")})
}

// existing has the origin of the resource in each prop; the construct makes what it does not name.
type existing map[string]origin

func (d *deployment) build(e existing) {
	props := &textractasync.TextractAsyncProps{}
	for prop, o := range e {
		switch prop {
		case "Topic":
			props.Topic = d.topic(o)
		case "Queue":
			props.Queue = d.queue(o)
		case "ServiceRole":
			props.ServiceRole = d.role(o)
		case "EncryptionKey":
			props.EncryptionKey = d.key(o, "Key")
		case "Inputs":
			props.Inputs = &[]*textractasync.InputLocation{{Bucket: d.bucket(o, "Documents")}}
		case "Output":
			props.Output = &textractasync.OutputLocation{Bucket: d.bucket(o, "Results")}
		}
	}
	d.construct = newTextractAsync(d.stack, props)
	for name, grant := range grantsOf(d.construct) {
		grant(newLambdaRole(d.stack, name))
	}
}

// TestExistingResources builds every pair of props from every pair of origins, and all props that
// may be set together from one origin after the other.
func TestExistingResources(t *testing.T) {
	for _, e := range existingCases() {
		t.Run(fmt.Sprint(e), func(t *testing.T) {
			d := newDeployment()
			d.build(e)
			d.check(t, e)
		})
	}
}

func existingCases() []existing {
	origins := []origin{sameStack, otherStack, imported}
	props := []string{"Topic", "Queue", "ServiceRole", "EncryptionKey", "Inputs", "Output"}
	cases := []existing{{}}
	for i, prop := range props {
		for j, first := range origins {
			cases = append(cases, existing{prop: first})
			for _, other := range props[i+1:] {
				for _, second := range origins {
					cases = append(cases, existing{prop: first, other: second})
				}
			}
			// With an existing topic and queue there is nothing for the key to encrypt.
			all := existing{"Topic": first, "Queue": first, "ServiceRole": first, "Inputs": first, "Output": first}
			if prop != "EncryptionKey" {
				all[prop] = origins[(j+1)%len(origins)]
				cases = append(cases, all)
			}
		}
	}
	return cases
}

func (d *deployment) check(t *testing.T, e existing) {
	t.Helper()
	app := synthesizeApp(t, awscdk.App_Of(d.stack).(awscdk.App))
	stack, other := app.templates["Stack"], app.templates["Other"]
	template := assertions.Template_FromJSON(&stack, nil)
	templateOf := func(prop string) assertions.Template {
		if e[prop] == otherStack {
			return assertions.Template_FromJSON(&other, nil)
		}
		return template
	}
	has := func(in assertions.Template, resource string, properties object) {
		t.Helper()
		mustMatch(t, func() { in.HasResourceProperties(jsii.String(resource), properties) })
	}

	has(template, "AWS::SNS::Subscription", object{"Protocol": "sqs"})
	warnings := app.warnings
	// An existing queue keeps its own key, and SNS needs no permission for one that encrypts the
	// topic alone.
	keyOfQueue := e["EncryptionKey"]
	if e["Queue"] != "" {
		keyOfQueue = ""
	}
	createsCycle := e["Topic"] == sameStack && (keyOfQueue == otherStack || e["Queue"] == otherStack)
	warnings.expect(t, "topicPattern", createsCycle, "give the topic a TopicName")

	if e["Queue"] != imported {
		has(templateOf("Queue"), "AWS::SQS::QueuePolicy", object{"PolicyDocument": document(object{
			"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": object{"Service": "sns.amazonaws.com"},
			"Condition": d.fromTopic(e, "Queue"),
		})})
	}
	warnings.expect(t, "queuePolicy", e["Queue"] == imported, `"Resource":"arn:aws:sqs:eu-west-1:111122223333:old"`)

	if keyOfQueue != "" && keyOfQueue != imported {
		has(templateOf("EncryptionKey"), "AWS::KMS::Key", object{"KeyPolicy": document(object{
			"Effect": "Allow", "Principal": object{"Service": "sns.amazonaws.com"},
			"Condition": d.fromTopic(e, "EncryptionKey"),
		})})
	}
	warnings.expect(t, "keyPolicy", keyOfQueue == imported, `"Service":"sns.amazonaws.com"`)

	if e["ServiceRole"] != imported {
		has(templateOf("ServiceRole"), "AWS::IAM::Role", object{"AssumeRolePolicyDocument": document(object{
			"Effect": "Allow", "Principal": object{"Service": "textract.amazonaws.com"},
			"Condition": object{"StringEquals": object{"aws:SourceAccount": []any{account}}},
		})})
	}
	warnings.expect(t, "serviceRoleTrust", e["ServiceRole"] == imported, `"aws:SourceAccount":["111122223333"]`)
	has(template, "AWS::IAM::Policy", object{"PolicyDocument": document(object{"Effect": "Allow", "Action": "sns:Publish"})})
	unknownKey := e["Topic"] == imported || e["Queue"] == imported
	warnings.expect(t, "unknownKey", unknownKey, "is imported without its key")
	warnings.expectNoMore(t)

	d.checkGrants(t, e, app)
}

// fromTopic is the condition in the policy of the queue or key, which lets SNS act for this topic
// alone.
func (d *deployment) fromTopic(e existing, prop string) object {
	from := func(operator string, arn any) object { return object{operator: object{"aws:SourceArn": arn}} }
	prefix := ":sns:" + region + ":" + account + ":"
	switch topic := d.construct.Topic(); {
	case e["Topic"] == "":
		return from("ArnEquals", join("arn:", pseudo("Partition"), prefix+knownNameOf(topic)))
	case e["Topic"] == imported:
		return from("ArnEquals", *topic.TopicArn())
	case e["Topic"] == sameStack && e[prop] == otherStack:
		return from("ArnLike", join("arn:", pseudo("Partition"), prefix+"*"))
	case e["Topic"] == otherStack && e[prop] != otherStack:
		return from("ArnEquals", object{"Fn::ImportValue": assertions.Match_StringLikeRegexp(jsii.String("^Other:ExportsOutputRefTopic"))})
	default:
		return from("ArnEquals", ref(topic))
	}
}

// checkGrants checks that each caller's policy allows what its grant promises, and nothing else.
func (d *deployment) checkGrants(t *testing.T, e existing, app synthesis) {
	t.Helper()
	var (
		start = []string{"StartDocumentTextDetection", "StartDocumentAnalysis", "StartExpenseAnalysis", "StartLendingAnalysis"}
		get   = []string{
			"GetDocumentTextDetection",
			"GetDocumentAnalysis",
			"GetExpenseAnalysis",
			"GetLendingAnalysis",
			"GetLendingAnalysisSummary",
		}
		consume = []string{"ReceiveMessage", "ChangeMessageVisibility", "GetQueueUrl", "DeleteMessage", "GetQueueAttributes"}
	)
	promised := map[string][]string{
		"GrantPassRole":             {"iam:PassRole"},
		"GrantStartJobs":            append(prefixed("textract:", start), "iam:PassRole"),
		"GrantReadResults":          prefixed("textract:", get),
		"GrantConsumeNotifications": prefixed("sqs:", consume),
	}
	if d.construct.Queue().EncryptionMasterKey() != nil {
		promised["GrantConsumeNotifications"] = append(promised["GrantConsumeNotifications"], "kms:Decrypt")
	}
	if e["Inputs"] != "" {
		promised["GrantStartJobs"] = append(promised["GrantStartJobs"], "s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt")
	}
	if e["Output"] != "" {
		promised["GrantStartJobs"] = append(promised["GrantStartJobs"],
			"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads",
			"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*")
		promised["GrantReadResults"] = append(promised["GrantReadResults"], "s3:GetObject", "s3:ListBucket", "kms:Decrypt")
	}
	promised["GrantRunJobs"] = slices.Concat(
		promised["GrantStartJobs"], promised["GrantConsumeNotifications"], promised["GrantReadResults"])

	for grant, want := range promised {
		slices.Sort(want)
		want = slices.Compact(want)
		if diff := cmp.Diff(want, actionsOf(app.where("AWS::IAM::Policy", "", to(grant)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", grant, diff)
		}
	}
}

func prefixed(prefix string, names []string) []string {
	actions := make([]string, len(names))
	for i, name := range names {
		actions[i] = prefix + name
	}
	return actions
}

// actionsOf returns the actions, sorted and each once.
func actionsOf(found []allowed) []string {
	var actions []string
	for _, a := range found {
		actions = append(actions, a.action)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// TestPolicyNameInNestedStack has the name of the parent, so that two deployments of one app under
// different names do not overwrite each other's policy of a shared role.
func TestPolicyNameInNestedStack(t *testing.T) {
	nameIn := func(stackName string) any {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), &awscdk.StackProps{StackName: jsii.String(stackName)})
		nested := awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
		newTextractAsync(nested, &textractasync.TextractAsyncProps{
			ServiceRole: awsiam.Role_FromRoleArn(nested, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/shared"), nil),
		})
		for _, policy := range propertiesOf(nested, "AWS::IAM::Policy") {
			return policy["PolicyName"]
		}
		return nil
	}
	if a, b := nameIn("Production"), nameIn("Staging"); a == nil || cmp.Equal(a, b) {
		t.Errorf("policy names %v and %v", a, b)
	}
}

// TestImmutableServiceRole prints what its policies need, in a Region where the partition is known.
func TestImmutableServiceRole(t *testing.T) {
	stack := newStackWithEnv("Stack")
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/old"),
		&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)})
	newTextractAsync(stack, &textractasync.TextractAsyncProps{ServiceRole: role})

	warnings := warningsOf(t, stack)
	if len(warnings["serviceRolePolicy"]) != 2 {
		t.Errorf("warnings %q, want one of the topic and one of its key", warnings["serviceRolePolicy"])
	}
	for _, warning := range warnings["serviceRolePolicy"] {
		if hasReference := strings.Contains(warning, `"${`); hasReference != strings.Contains(warning, "replace each ${…} by its value") {
			t.Errorf("warning %q does not explain ${…}", warning)
		}
	}
	warnings.expect(t, "serviceRolePolicy", true, `"Resource":"arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Stack-`)
	warnings.expect(t, "serviceRoleTrust", true, `"sts:AssumeRole"`)
	warnings.expectNoMore(t)
}

// TestBucketAndKeyOfAnotherAccount grants by exact ARNs, and prints what their policies need.
func TestBucketAndKeyOfAnotherAccount(t *testing.T) {
	stack := newStackWithEnv("Stack")
	keyArn := "arn:aws:kms:" + region + ":" + otherAccount + ":key/00000000-0000-4000-8000-000000000000"
	results := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Results"), &awss3.BucketAttributes{
		BucketName: jsii.String("results-of-another-account"), Account: jsii.String(otherAccount), Region: jsii.String(region),
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyArn)),
	})
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	caller := newLambdaRole(stack, "Caller")
	textract.GrantRunJobs(caller)

	template := assertions.Template_FromStack(stack, nil)
	for _, role := range []awsiam.IRole{caller, textract.ServiceRole()} {
		mustMatch(t, func() {
			template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
				"Roles": []any{ref(role)}, "PolicyDocument": document(object{"Action": outputKeyActions, "Resource": keyArn}),
			})
		})
	}
	if got := *(*textract.EnvironmentVariables())["TEXTRACT_OUTPUT_KMS_KEY_ID"]; got != keyArn {
		t.Errorf("key id %s, want the ARN: Textract looks for an id in the caller's account", got)
	}
	warnings := warningsOf(t, stack)
	if len(warnings["bucketPolicy"]) != 2 {
		t.Errorf("warnings %q, want one of the objects and one of the list", warnings["bucketPolicy"])
	}
	warnings.expect(t, "bucketPolicy", true, `"s3:ListBucket"`)
	warnings.expect(t, "bucketKeyPolicy", true, `"kms:GenerateDataKey"`)
	warnings.expectNoMore(t)
}

func TestAcknowledgedWarningIsSilent(t *testing.T) {
	stack := newStackWithEnv("Stack")
	queue := awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old"))
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("@cdk-textract/textractasync:queuePolicy"), nil)
	newTextractAsync(stack, &textractasync.TextractAsyncProps{Queue: queue})
	warnings := warningsOf(t, stack)
	warnings.expect(t, "queuePolicy", false, "")
	warnings.expect(t, "unknownKey", true, "Queue_FromQueueAttributes")
	warnings.expectNoMore(t)
}
