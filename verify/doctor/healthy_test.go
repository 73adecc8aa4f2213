package doctor_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestHealthy(t *testing.T) {
	s := newSetUp(t, region)
	report, code := s.doctor()
	if code != 0 || len(report.findings()) > 0 || report.Skipped > 0 {
		t.Errorf("exit code %d\n%s", code, report)
	}
	t.Logf("%d checks, %d reads", len(report.Checks), report.Reads)
}

// TestGuide does what the guide says, with the managed policies that it attaches: it works, and is
// loose in one place.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func TestGuide(t *testing.T) {
	ctx := t.Context()
	s := &setUp{api: newAPI(region), t: t, name: "Guide", endpoint: motoURL}
	s.userARN = *must(s.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Guide")}))(t).User.Arn
	for _, name := range []string{"AmazonTextractFullAccess", "AmazonS3ReadOnlyAccess", "AmazonSNSFullAccess", "AmazonSQSFullAccess"} {
		must(
			s.iam.AttachUserPolicy(
				ctx,
				&iam.AttachUserPolicyInput{UserName: aws.String("Guide"), PolicyArn: aws.String("arn:aws:iam::aws:policy/" + name)},
			),
		)(
			t,
		)
	}
	s.topicARN = *must(s.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("AmazonTextractGuide")}))(t).TopicArn
	s.queueURL = *must(s.sqs.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("Guide")}))(t).QueueUrl
	s.queueARN = "arn:aws:sqs:" + region + ":" + account + ":Guide"
	s.subscribe("sqs", s.queueARN)
	must(
		s.sqs.SetQueueAttributes(
			ctx,
			&sqs.SetQueueAttributesInput{QueueUrl: &s.queueURL, Attributes: map[string]string{"Policy": *text(t, s.send(s.queueARN))}},
		),
	)(
		t,
	)
	s.roleARN = *must(s.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("Service-Guide"), AssumeRolePolicyDocument: text(t, s.trust(account))}))(t).Role.Arn
	must(
		s.iam.AttachRolePolicy(
			ctx,
			&iam.AttachRolePolicyInput{
				RoleName:  aws.String("Service-Guide"),
				PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AmazonTextractServiceRole"),
			},
		),
	)(
		t,
	)
	must(
		s.iam.PutUserPolicy(
			ctx,
			&iam.PutUserPolicyInput{
				UserName:       aws.String("Guide"),
				PolicyName:     aws.String("Pass"),
				PolicyDocument: text(t, document{"Effect": "Allow", "Action": "iam:PassRole", "Resource": s.roleARN}),
			},
		),
	)(
		t,
	)

	report, code := s.doctor()
	found := report.findings()
	if code != 0 || len(found) != 1 || found[0].ID != "publish" || found[0].Result != warning {
		t.Errorf("exit code %d\n%s", code, report)
	}
	if _, code := s.doctor("--strict"); code != 7 {
		t.Errorf("exit code %d with --strict", code)
	}

	// The managed policy covers topics of the prefix only.
	s.unsubscribeAll()
	s.topicARN = *must(s.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("Completions")}))(t).TopicArn
	s.subscribe("sqs", s.queueARN)
	must(
		s.sqs.SetQueueAttributes(
			ctx,
			&sqs.SetQueueAttributesInput{QueueUrl: &s.queueURL, Attributes: map[string]string{"Policy": *text(t, s.send(s.queueARN))}},
		),
	)(
		t,
	)
	report, code = s.doctor()
	found = report.findings()
	if code != 7 || len(found) != 2 || found[0].ID != "topic" || found[0].Result != warning || found[1].ID != "publish" ||
		found[1].Result != wrong ||
		!strings.Contains(strings.Join(found[1].Near, ""), "but for its resource arn:aws:sns:*:*:AmazonTextract*") {
		t.Errorf("without the prefix: exit code %d\n%s", code, report)
	}
}

func (s *setUp) unsubscribeAll() {
	s.t.Helper()
	for _, subscription := range must(s.sns.ListSubscriptionsByTopic(s.t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &s.topicARN}))(s.t).Subscriptions {
		must(s.sns.Unsubscribe(s.t.Context(), &sns.UnsubscribeInput{SubscriptionArn: subscription.SubscriptionArn}))(s.t)
	}
}

// TestConstruct deploys stacks of the construct: nothing is wrong in any.
func TestConstruct(t *testing.T) {
	for _, test := range []struct {
		stack, caller string
		documents     string // the bucket of documents, by the logical id's beginning
		output        string // that of results
		prefix        string
		outputKey     string
		warns         string
	}{
		{stack: "Default"},
		{stack: "Callers", caller: "Runner"},
		{stack: "Everything", caller: "Runner", documents: "Incoming", output: "Results", prefix: "results", outputKey: "ResultsKey"}, // raw delivery
		{stack: "ServiceManaged", caller: "Runner", warns: "publish"},
		{stack: "ExistingKey", caller: "Starter", warns: "start publish"},
		{stack: "Existing", caller: "Runner", output: "Results"},
		{stack: "Monitored"},
		{stack: "TextractAsyncSample", caller: "Caller", documents: "Documents", output: "Results"},
	} {
		t.Run(test.stack, func(t *testing.T) {
			d := deploy(t, test.stack)
			subscription := d.only("AWS::SNS::Subscription")
			caller := "arn:aws:iam::" + account + ":root"
			if test.caller != "" {
				caller = d.attribute(d.beginning(test.caller, "AWS::IAM::Role"))
			}
			args := []string{
				"--topic", d.resolve(subscription["TopicArn"]).(string), "--queue", d.resolve(subscription["Endpoint"]).(string),
				"--role", d.serviceRole(), "--caller", caller,
			}
			if test.stack == "TextractAsyncSample" {
				args = []string{"--stack", test.stack, "--caller", caller}
			}
			if test.documents != "" {
				bucket := d.physical[d.beginning(test.documents, "AWS::S3::Bucket")]
				must(
					d.s3.PutObject(
						t.Context(),
						&s3.PutObjectInput{Bucket: &bucket, Key: aws.String("in/letter.pdf"), Body: strings.NewReader("%PDF-1.7")},
					),
				)(
					t,
				)
				args = append(args, "--document", "s3://"+bucket+"/in/letter.pdf")
			}
			if test.output != "" && test.stack != "TextractAsyncSample" {
				args = append(args, "--output", "s3://"+d.physical[d.beginning(test.output, "AWS::S3::Bucket")]+"/"+test.prefix)
			}
			if test.outputKey != "" {
				args = append(args, "--output-key", d.attribute(d.beginning(test.outputKey, "AWS::KMS::Key")))
			}
			code, stdout, stderr := run(t, motoURL, region, append([]string{"doctor", "--json"}, args...)...)
			report := parseReport(t, stdout, stderr)
			for _, c := range report.findings() {
				if c.Result != warning || !slices.Contains(strings.Fields(test.warns), c.ID) {
					t.Errorf("%s %s: %s", c.Result, c.ID, c.Found)
				}
			}
			if code != 0 || report.Skipped > 0 || len(report.Checks) < 10 {
				t.Errorf("exit code %d\n%s", code, report)
			}
			if test.stack == "TextractAsyncSample" {
				// A session of the caller's role asks: it is looked up by the name in the session's
				// ARN.
				code, stdout, stderr := run(t, motoURL, region, "doctor", "--json", "--stack", test.stack, "--assume-caller")
				report := parseReport(t, stdout, stderr)
				if code != 0 || !strings.HasPrefix(report.Caller, "arn:aws:sts::"+account+":assumed-role/") {
					t.Errorf("exit code %d, caller %s\n%s", code, report.Caller, report)
				}
			}
			if test.stack == "Everything" && !strings.Contains(stdout, "raw delivery") {
				t.Errorf("no raw delivery\n%s", report)
			}
		})
	}
}

// deployment is a snapshot of a template, deployed.
type deployment struct {
	*api
	t         *testing.T
	resources map[string]resource
	physical  map[string]string
}

type resource struct {
	Type       string
	Properties document
}

// notOfMoto are the types that Moto's CloudFormation does not have, or not so that they can be read
// afterwards, and those that doctor does not look at. Moto denies every request to a bucket whose
// policy denies plain HTTP, so buckets have none.
var notOfMoto = []string{
	"AWS::SNS::Subscription",
	"AWS::SNS::TopicPolicy",
	"AWS::SQS::QueuePolicy",
	"AWS::S3::BucketPolicy",
	"AWS::CloudWatch::",
	"AWS::KMS::Key",
}

func deploy(t *testing.T, name string) *deployment {
	t.Helper()
	d := &deployment{api: newAPI(region), t: t, physical: map[string]string{}}
	text := must(os.ReadFile(filepath.Join("..", "..", "testdata", "flags-recommended", name+".template.json")))(t)
	var template map[string]any
	var typed struct{ Resources map[string]resource }
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &typed); err != nil {
		t.Fatal(err)
	}
	d.resources = typed.Resources
	delete(template, "Parameters")
	delete(template, "Rules")
	resources := template["Resources"].(map[string]any)
	for id, r := range resources {
		for _, kind := range notOfMoto {
			if strings.HasPrefix(r.(map[string]any)["Type"].(string), kind) {
				delete(resources, id)
			}
		}
		delete(r.(map[string]any), "DependsOn") // it may name what was left out
	}
	ctx := t.Context()
	d.addKeys(ctx)
	body := aws.String(string(marshal(t, d.withKeys(template))))
	must(d.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: &name, TemplateBody: body}))(t)
	for _, r := range must(d.cfn.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name}))(t).StackResources {
		d.physical[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
	}
	d.addPolicies(ctx)
	return d
}

// addKeys makes the keys, which the other resources refer to. Their policies refer to other
// resources, and come last.
func (d *deployment) addKeys(ctx context.Context) {
	d.t.Helper()
	for id, r := range d.resources {
		if r.Type == "AWS::KMS::Key" {
			d.physical[id] = *must(d.kms.CreateKey(ctx, &kms.CreateKeyInput{}))(d.t).KeyMetadata.KeyId
		}
	}
}

// withKeys puts the keys' ids and ARNs in place of references to them.
func (d *deployment) withKeys(value any) any {
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, v := range value {
			all[i] = d.withKeys(v)
		}
		return all
	case map[string]any:
		if name, ok := value["Ref"].(string); ok && d.resources[name].Type == "AWS::KMS::Key" {
			return d.physical[name]
		}
		if arguments, ok := value["Fn::GetAtt"].([]any); ok && d.resources[arguments[0].(string)].Type == "AWS::KMS::Key" {
			return d.attribute(arguments[0].(string))
		}
		all := map[string]any{}
		for name, v := range value {
			all[name] = d.withKeys(v)
		}
		return all
	default:
		return value
	}
}

// addPolicies makes what Moto leaves out.
func (d *deployment) addPolicies(ctx context.Context) {
	d.t.Helper()
	policy := func(r resource) string { return string(marshal(d.t, d.resolve(r.Properties["PolicyDocument"]))) }
	for id, r := range d.resources {
		switch r.Type {
		case "AWS::KMS::Key":
			must(d.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{
				KeyId: aws.String(
					d.physical[id],
				),
				PolicyName: aws.String("default"),
				Policy:     aws.String(string(marshal(d.t, d.resolve(r.Properties["KeyPolicy"])))),
			}))(d.t)
		case "AWS::IAM::Role":
			managed, _ := d.resolve(r.Properties["ManagedPolicyArns"]).([]any)
			for _, policyARN := range managed {
				must(
					d.iam.AttachRolePolicy(
						ctx,
						&iam.AttachRolePolicyInput{RoleName: aws.String(d.physical[id]), PolicyArn: aws.String(policyARN.(string))},
					),
				)(
					d.t,
				)
			}
		case "AWS::SNS::TopicPolicy":
			for _, topic := range r.Properties["Topics"].([]any) {
				must(d.sns.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
					TopicArn: aws.String(
						d.resolve(topic).(string),
					),
					AttributeName:  aws.String("Policy"),
					AttributeValue: aws.String(policy(r)),
				}))(d.t)
			}
		case "AWS::SQS::QueuePolicy":
			for _, queue := range r.Properties["Queues"].([]any) {
				must(d.sqs.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
					QueueUrl: aws.String(d.resolve(queue).(string)), Attributes: map[string]string{"Policy": policy(r)},
				}))(d.t)
			}
		case "AWS::SNS::Subscription":
			attributes := map[string]string{}
			if redrive, ok := r.Properties["RedrivePolicy"]; ok {
				attributes["RedrivePolicy"] = string(marshal(d.t, d.resolve(redrive)))
			}
			if raw, ok := r.Properties["RawMessageDelivery"]; ok {
				attributes["RawMessageDelivery"] = fmt.Sprint(raw)
			}
			must(d.sns.Subscribe(ctx, &sns.SubscribeInput{
				TopicArn: aws.String(d.resolve(r.Properties["TopicArn"]).(string)), Protocol: aws.String(r.Properties["Protocol"].(string)),
				Endpoint: aws.String(d.resolve(r.Properties["Endpoint"]).(string)), Attributes: attributes,
			}))(d.t)
		}
	}
}

func (d *deployment) only(kind string) document {
	d.t.Helper()
	var found []document
	for _, r := range d.resources {
		if r.Type == kind {
			found = append(found, r.Properties)
		}
	}
	if len(found) != 1 {
		d.t.Fatalf("%d resources of type %s", len(found), kind)
	}
	return found[0]
}

// beginning is the one logical id of these types that begins so, followed by a hash of 8.
func (d *deployment) beginning(name string, kinds ...string) string {
	d.t.Helper()
	for id, r := range d.resources {
		for _, kind := range kinds {
			if r.Type == kind && len(id) == len(name)+8 && strings.HasPrefix(id, name) {
				return id
			}
		}
	}
	d.t.Fatalf("no %s", name)
	return ""
}

func (d *deployment) serviceRole() string {
	d.t.Helper()
	for id, r := range d.resources {
		if r.Type == "AWS::IAM::Role" &&
			strings.Contains(string(marshal(d.t, r.Properties["AssumeRolePolicyDocument"])), "textract.amazonaws.com") {
			return d.attribute(id)
		}
	}
	d.t.Fatal("no service role")
	return ""
}

// attribute is the ARN of a resource.
func (d *deployment) attribute(id string) string {
	d.t.Helper()
	physical := d.physical[id]
	switch kind := d.resources[id].Type; kind {
	case "AWS::SNS::Topic":
		return physical
	case "AWS::SQS::Queue":
		return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", region, account, physical[strings.LastIndex(physical, "/")+1:])
	case "AWS::IAM::Role":
		return *must(d.iam.GetRole(d.t.Context(), &iam.GetRoleInput{RoleName: &physical}))(d.t).Role.Arn
	case "AWS::IAM::User":
		return *must(d.iam.GetUser(d.t.Context(), &iam.GetUserInput{UserName: &physical}))(d.t).User.Arn
	case "AWS::KMS::Key":
		return fmt.Sprintf("arn:aws:kms:%s:%s:key/%s", region, account, physical)
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + physical
	default:
		d.t.Fatalf("no ARN of a %s", kind)
		return ""
	}
}

// resolve resolves the intrinsic functions that the templates have.
func (d *deployment) resolve(value any) any {
	d.t.Helper()
	switch value := value.(type) {
	case []any:
		all := make([]any, len(value))
		for i, v := range value {
			all[i] = d.resolve(v)
		}
		return all
	case map[string]any:
		if name, ok := value["Ref"].(string); ok {
			pseudo := map[string]string{"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": account}
			if text, ok := pseudo[name]; ok {
				return text
			}
			return d.physical[name]
		}
		if arguments, ok := value["Fn::GetAtt"].([]any); ok {
			return d.attribute(arguments[0].(string))
		}
		if arguments, ok := value["Fn::Join"].([]any); ok {
			var texts []string
			for _, v := range d.resolve(arguments[1]).([]any) {
				texts = append(texts, v.(string))
			}
			return strings.Join(texts, arguments[0].(string))
		}
		all := map[string]any{}
		for name, v := range value {
			all[name] = d.resolve(v)
		}
		return all
	default:
		return value
	}
}
