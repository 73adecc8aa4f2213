package planned

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// Clients are the APIs of an account and Region of the templates.
func (s *Source) Clients(env template.Environment) doctor.Clients {
	api := &api{Source: s, env: env}
	return doctor.Clients{STS: api, SNS: api, SQS: api, IAM: api, KMS: api, S3: api}
}

type api struct {
	*Source
	env template.Environment
}

// GetCallerIdentity is the account's own: nobody calls.
func (a *api) GetCallerIdentity(
	context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options),
) (*sts.GetCallerIdentityOutput, error) {
	return &sts.GetCallerIdentityOutput{
		Account: &a.env.Account, Arn: aws.String(fmt.Sprintf("arn:%s:iam::%s:root", a.env.Partition, a.env.Account)),
	}, nil
}

func (a *api) GetTopicAttributes(
	_ context.Context, in *sns.GetTopicAttributesInput, _ ...func(*sns.Options),
) (*sns.GetTopicAttributesOutput, error) {
	r, ok := a.topics[*in.TopicArn]
	if !ok {
		if *in.TopicArn == doctor.NoTopic {
			return nil, absent("%s", *in.TopicArn)
		}
		return nil, absent("topic %s", *in.TopicArn)
	}
	return &sns.GetTopicAttributesOutput{Attributes: map[string]string{
		"FifoTopic": r.Text("FifoTopic"), "KmsMasterKeyId": r.Text("KmsMasterKeyId"), "Policy": onePolicy(a.topicPolicies[r.ARN()]),
	}}, nil
}

// subscription is one of a topic, with its attributes.
type subscription struct {
	arn, topic, protocol, endpoint string
	attributes                     map[string]string
}

func (s *Source) addSubscriptions() {
	for _, r := range s.set.All("AWS::SNS::Subscription") {
		s.subscribe(r, r.ID, r.Text("TopicArn"), r.Text("Protocol"), r.Text("Endpoint"))
	}
	for _, r := range s.set.All("AWS::SNS::Topic") {
		for i, item := range r.List("Subscription") {
			id := fmt.Sprintf("%s-%d", r.ID, i)
			s.subscribe(nil, id, r.ARN(), template.Text(member(item, "Protocol")), template.Text(member(item, "Endpoint")))
		}
	}
	for _, r := range s.set.All("AWS::Serverless::Function") {
		events, _ := r.Get("Events").(map[string]any)
		for id, event := range events {
			if template.Text(member(event, "Type")) == "SNS" {
				s.subscribeFunction(r, id, member(event, "Properties"))
			}
		}
	}
}

func (s *Source) subscribe(r *template.Resource, id, topic, protocol, endpoint string) {
	attributes := make(map[string]string)
	if r != nil {
		for _, name := range []string{"FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"} {
			attributes[name] = textOf(r.Get(name))
		}
	}
	s.subscriptions = append(s.subscriptions, subscription{
		arn: fmt.Sprintf("arn:planned:%s:%s", topic, id), topic: topic, protocol: protocol, endpoint: endpoint, attributes: attributes,
	})
}

// subscribeFunction is SAM's event: the function is subscribed, or a queue that SAM makes, or one
// of the template with a policy that SAM makes.
func (s *Source) subscribeFunction(r *template.Resource, id string, event any) {
	topic := template.Text(member(event, "Topic"))
	viaQueue := member(event, "SqsSubscription")
	queue := template.Text(member(viaQueue, "QueueArn"))
	switch {
	case queue != "":
		s.subscribe(nil, r.ID+id, topic, "sqs", queue)
		s.queuePolicies[queue] = append(s.queuePolicies[queue], document{r.ID + " of SAM", template.Text(map[string]any{
			"Statement": map[string]any{
				"Effect": "Allow", "Principal": map[string]any{"Service": "sns.amazonaws.com"},
				"Action": "sqs:SendMessage", "Resource": queue,
				"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": topic}},
			},
		})})
	case template.Text(viaQueue) == "true":
		s.subscribe(nil, r.ID+id, topic, "sqs", template.Unknown("the queue of "+r.ID+" that SAM makes"))
	default:
		s.subscribe(nil, r.ID+id, topic, "lambda", r.ARN())
	}
}

func (a *api) ListSubscriptionsByTopic(
	_ context.Context, in *sns.ListSubscriptionsByTopicInput, _ ...func(*sns.Options),
) (*sns.ListSubscriptionsByTopicOutput, error) {
	out := &sns.ListSubscriptionsByTopicOutput{}
	for _, sub := range a.subscriptions {
		if sub.topic == *in.TopicArn {
			out.Subscriptions = append(out.Subscriptions, snstypes.Subscription{
				SubscriptionArn: aws.String(sub.arn), Protocol: aws.String(sub.protocol), Endpoint: aws.String(sub.endpoint),
			})
		}
	}
	if r, ok := a.topics[*in.TopicArn]; (!ok || r.Stack.More != "") && len(out.Subscriptions) == 0 {
		return nil, absent("the subscriptions of topic %s", *in.TopicArn)
	}
	return out, nil
}

func (a *api) GetSubscriptionAttributes(
	_ context.Context, in *sns.GetSubscriptionAttributesInput, _ ...func(*sns.Options),
) (*sns.GetSubscriptionAttributesOutput, error) {
	for _, sub := range a.subscriptions {
		if sub.arn == *in.SubscriptionArn {
			return &sns.GetSubscriptionAttributesOutput{Attributes: sub.attributes}, nil
		}
	}
	return nil, notFound("NotFound")
}

func (a *api) GetQueueUrl(_ context.Context, in *sqs.GetQueueUrlInput, options ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	o := sqs.Options{Region: a.env.Region}
	for _, set := range options {
		set(&o)
	}
	queueARN := fmt.Sprintf("arn:%s:sqs:%s:%s:%s", a.env.Partition, o.Region, *in.QueueOwnerAWSAccountId, *in.QueueName)
	r, ok := a.queues[queueARN]
	if !ok {
		return nil, absent("queue %s", queueARN)
	}
	return &sqs.GetQueueUrlOutput{QueueUrl: aws.String(r.Ref())}, nil
}

func (a *api) GetQueueAttributes(
	_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	r, ok := a.queueURLs[*in.QueueUrl]
	if !ok {
		return nil, absent("queue %s", *in.QueueUrl)
	}
	attributes := map[string]string{
		"QueueArn": r.ARN(), "KmsMasterKeyId": r.Text("KmsMasterKeyId"), "MessageRetentionPeriod": r.Text("MessageRetentionPeriod"),
		"Policy": onePolicy(a.queuePolicies[r.ARN()]), "SqsManagedSseEnabled": "true",
	}
	if text := r.Text("SqsManagedSseEnabled"); text != "" {
		attributes["SqsManagedSseEnabled"] = text
	}
	return &sqs.GetQueueAttributesOutput{Attributes: attributes}, nil
}

// keyOf finds a key by its id, its ARN, or an alias.
func (a *api) keyOf(id, region string) (*template.Resource, string) {
	if i := strings.Index(id, "alias/"); i >= 0 {
		target, ok := a.aliases[region+" "+id[i:]]
		if !ok || strings.Contains(target, "alias/") {
			return nil, ""
		}
		id = target
	}
	for arn, r := range a.keys {
		if arn == id || r.Ref() == id && r.Stack.Env.Region == region {
			return r, arn
		}
	}
	return nil, ""
}

func (a *api) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, options ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	region := regionOf(options, a.env.Region)
	if i := strings.Index(*in.KeyId, "alias/aws/"); i >= 0 {
		id := strings.ReplaceAll((*in.KeyId)[i:], "/", "-")
		return &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{
			Arn:        aws.String(fmt.Sprintf("arn:%s:kms:%s:%s:key/%s", a.env.Partition, region, a.env.Account, id)),
			KeyManager: kmstypes.KeyManagerTypeAws, KeyState: kmstypes.KeyStateEnabled,
		}}, nil
	}
	r, keyARN := a.keyOf(*in.KeyId, region)
	if r == nil {
		return nil, absent("key %s", *in.KeyId)
	}
	state := kmstypes.KeyStateEnabled
	if r.Text("Enabled") == "false" {
		state = kmstypes.KeyStateDisabled
	}
	return &kms.DescribeKeyOutput{KeyMetadata: &kmstypes.KeyMetadata{Arn: &keyARN, KeyState: state}}, nil
}

func regionOf(options []func(*kms.Options), region string) string {
	o := kms.Options{Region: region}
	for _, set := range options {
		set(&o)
	}
	return o.Region
}

// GetKeyPolicy has the policies that KMS gives to keys without one, and to those of AWS.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func (a *api) GetKeyPolicy(_ context.Context, in *kms.GetKeyPolicyInput, options ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error) {
	region := regionOf(options, a.env.Region)
	if _, service, ok := strings.Cut(*in.KeyId, "key/alias-aws-"); ok {
		return &kms.GetKeyPolicyOutput{Policy: aws.String(template.Text(map[string]any{"Statement": map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"AWS": "*"},
			"Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": "*",
			"Condition": map[string]any{"StringEquals": map[string]any{
				"kms:CallerAccount": a.env.Account, "kms:ViaService": service + "." + region + ".amazonaws.com",
			}},
		}}))}, nil
	}
	r := a.keys[*in.KeyId]
	if r == nil {
		return nil, absent("the policy of key %s", *in.KeyId)
	}
	keyPolicy := r.Get("KeyPolicy")
	if keyPolicy == nil {
		keyPolicy = map[string]any{"Statement": map[string]any{
			"Effect": "Allow", "Action": "kms:*", "Resource": "*",
			"Principal": map[string]any{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", r.Stack.Env.Partition, r.Stack.Env.Account)},
		}}
	}
	return &kms.GetKeyPolicyOutput{Policy: aws.String(policyText(r, keyPolicy))}, nil
}

func (a *api) HeadBucket(_ context.Context, in *s3.HeadBucketInput, _ ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	r, ok := a.buckets[*in.Bucket]
	if !ok {
		return nil, absent("bucket %s", *in.Bucket)
	}
	return &s3.HeadBucketOutput{BucketRegion: &r.Stack.Env.Region}, nil
}

// HeadObject takes each document for one that is there, encrypted as the bucket encrypts.
func (a *api) HeadObject(_ context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	r, ok := a.buckets[*in.Bucket]
	if !ok {
		return nil, absent("bucket %s", *in.Bucket)
	}
	out := &s3.HeadObjectOutput{}
	for _, rule := range template.List(member(r.Get("BucketEncryption"), "ServerSideEncryptionConfiguration")) {
		by := member(rule, "ServerSideEncryptionByDefault")
		if strings.HasPrefix(template.Text(member(by, "SSEAlgorithm")), "aws:kms") {
			key := template.Text(member(by, "KMSMasterKeyID"))
			if key == "" {
				key = "alias/aws/s3"
			}
			out.SSEKMSKeyId = &key
		}
	}
	return out, nil
}

func (a *api) GetBucketPolicy(_ context.Context, in *s3.GetBucketPolicyInput, _ ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error) {
	text := onePolicy(a.bucketPolicies[*in.Bucket])
	if text == "" {
		return nil, notFound("NoSuchBucketPolicy")
	}
	return &s3.GetBucketPolicyOutput{Policy: &text}, nil
}

// GetBucketNotificationConfiguration reads the bucket's own property, and that of the resource that
// the CDK makes.
func (a *api) GetBucketNotificationConfiguration(
	_ context.Context, in *s3.GetBucketNotificationConfigurationInput, _ ...func(*s3.Options),
) (*s3.GetBucketNotificationConfigurationOutput, error) {
	out := &s3.GetBucketNotificationConfigurationOutput{}
	if r, ok := a.buckets[*in.Bucket]; ok {
		configuration := r.Get("NotificationConfiguration")
		for _, kind := range []string{"LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"} {
			for _, item := range template.List(member(configuration, kind)) {
				out.LambdaFunctionConfigurations = append(out.LambdaFunctionConfigurations, s3types.LambdaFunctionConfiguration{
					Events: []s3types.Event{s3types.Event(template.Text(member(item, "Event")))},
					Filter: keyFilter(template.List(member(item, "Filter", "S3Key", "Rules"))),
				})
			}
		}
		if eventBridge := member(configuration, "EventBridgeConfiguration"); eventBridge != nil &&
			template.Text(member(eventBridge, "EventBridgeEnabled")) != "false" {
			out.EventBridgeConfiguration = &s3types.EventBridgeConfiguration{}
		}
	}
	for _, r := range a.set.All("Custom::S3BucketNotifications") {
		if r.Text("BucketName") != *in.Bucket {
			continue
		}
		configuration := r.Get("NotificationConfiguration")
		for _, kind := range []string{"LambdaFunctionConfigurations", "QueueConfigurations", "TopicConfigurations"} {
			for _, item := range template.List(member(configuration, kind)) {
				c := s3types.LambdaFunctionConfiguration{Filter: keyFilter(template.List(member(item, "Filter", "Key", "FilterRules")))}
				for _, event := range template.List(member(item, "Events")) {
					c.Events = append(c.Events, s3types.Event(template.Text(event)))
				}
				out.LambdaFunctionConfigurations = append(out.LambdaFunctionConfigurations, c)
			}
		}
		if member(configuration, "EventBridgeConfiguration") != nil {
			out.EventBridgeConfiguration = &s3types.EventBridgeConfiguration{}
		}
	}
	return out, nil
}

func keyFilter(rules []any) *s3types.NotificationConfigurationFilter {
	filter := &s3types.S3KeyFilter{}
	for _, rule := range rules {
		name, value := template.Text(member(rule, "Name")), template.Text(member(rule, "Value"))
		filter.FilterRules = append(filter.FilterRules, s3types.FilterRule{
			Name: s3types.FilterRuleName(strings.ToLower(name)), Value: &value,
		})
	}
	return &s3types.NotificationConfigurationFilter{Key: filter}
}
