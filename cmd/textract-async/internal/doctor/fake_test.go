package doctor_test

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
)

const (
	account  = "111122223333"
	topicARN = "arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"
	queueARN = "arn:aws:sqs:eu-west-1:111122223333:notifications"
	queueURL = "https://sqs.eu-west-1.amazonaws.com/111122223333/notifications"
	keyARN   = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	roleARN  = "arn:aws:iam::111122223333:role/ocr/Textract"
	userARN  = "arn:aws:iam::111122223333:user/alice"
)

// fakeAWS is a fake account with one set-up. What is set in it may be changed by tests.
type fakeAWS struct {
	fails map[string]error // by the permission that a read needs
	empty string           // the permission of the read whose answer is empty
	seen  map[string]bool

	topic, queue, subscription         map[string]string
	endpoint, protocol                 string
	keyPolicy, trust, role, user, team string
	boundary                           string
	bucketPolicy, bucketRegion         string
	documentKey                        string // empty: one of the bucket's Region
	document                           s3.HeadObjectOutput
	keyState                           kmstypes.KeyState
	notifications                      *s3.GetBucketNotificationConfigurationOutput
}

const (
	sendStatement = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:111122223333:notifications","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"}}}]}`
	keyStatements = `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"}}}]}`
	trustPolicy   = `{"Statement":[{"Effect":"Allow","Principal":{"Service":"textract.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"}}}]}`
	rolePolicy    = `{"Statement":[{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:eu-west-1:111122223333:AmazonTextractJobs"},{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}`
	userPolicy    = `{"Statement":[{"Effect":"Allow","Action":["textract:*","s3:*","kms:*"],"Resource":"*"}]}`
	teamPolicy    = `{"Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::111122223333:role/ocr/Textract"}]}`
)

func healthy() *fakeAWS {
	return &fakeAWS{
		fails:         map[string]error{},
		seen:          map[string]bool{},
		topic:         map[string]string{"KmsMasterKeyId": keyARN},
		queue:         map[string]string{"QueueArn": queueARN, "Policy": sendStatement, "KmsMasterKeyId": keyARN},
		subscription:  map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + queueARN + `"}`},
		endpoint:      queueARN,
		protocol:      "sqs",
		keyPolicy:     keyStatements,
		trust:         trustPolicy,
		role:          rolePolicy,
		user:          userPolicy,
		team:          teamPolicy,
		bucketRegion:  "eu-west-1",
		keyState:      kmstypes.KeyStateEnabled,
		notifications: &s3.GetBucketNotificationConfigurationOutput{},
	}
}

func settings() doctor.Settings {
	return doctor.Settings{
		Region: "eu-west-1", TopicARN: topicARN, RoleARN: roleARN, Queue: queueURL,
		Document: &doctor.Object{Bucket: "documents", Key: "in/letter.pdf"},
		Output:   &doctor.Output{Bucket: "documents", Prefix: "out", KMSKeyID: keyARN},
	}
}

func (f *fakeAWS) clients() doctor.Clients {
	return doctor.Clients{STS: f, SNS: f, SQS: f, IAM: f, KMS: f, S3: f}
}

// keyIn is the ARN of a key in that Region.
func keyIn(region string) string { return strings.Replace(keyARN, "eu-west-1", region, 1) }

func apiError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "because of the test"}
}

// headError is an answer to HEAD, which has no body to tell a code.
func headError(status int, region string) error {
	header := http.Header{}
	if region != "" {
		header.Set("X-Amz-Bucket-Region", region)
	}
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header}},
		Err:      apiError(""),
	}
}

// answer returns the output unless the read is to fail.
func answer[T any](f *fakeAWS, action string, output *T) (*T, error) {
	f.seen[action] = true
	if err := f.fails[action]; err != nil {
		return nil, err
	}
	if f.empty == action {
		return new(T), nil
	}
	return output, nil
}

func (f *fakeAWS) GetCallerIdentity(
	context.Context,
	*sts.GetCallerIdentityInput,
	...func(*sts.Options),
) (*sts.GetCallerIdentityOutput, error) {
	return answer(f, "sts:GetCallerIdentity", &sts.GetCallerIdentityOutput{Account: aws.String(account), Arn: aws.String(userARN)})
}

func (f *fakeAWS) GetTopicAttributes(
	context.Context,
	*sns.GetTopicAttributesInput,
	...func(*sns.Options),
) (*sns.GetTopicAttributesOutput, error) {
	return answer(f, "sns:GetTopicAttributes", &sns.GetTopicAttributesOutput{Attributes: f.topic})
}

// ListSubscriptionsByTopic has the queue's subscription on the second page.
func (f *fakeAWS) ListSubscriptionsByTopic(
	_ context.Context,
	in *sns.ListSubscriptionsByTopicInput,
	_ ...func(*sns.Options),
) (*sns.ListSubscriptionsByTopicOutput, error) {
	if in.NextToken == nil {
		return answer(f, "sns:ListSubscriptionsByTopic", &sns.ListSubscriptionsByTopicOutput{
			NextToken: aws.String(
				"2",
			),
			Subscriptions: []snstypes.Subscription{{Protocol: aws.String("email"), Endpoint: aws.String("ocr@example.com")}},
		})
	}
	return &sns.ListSubscriptionsByTopicOutput{Subscriptions: []snstypes.Subscription{
		{Protocol: &f.protocol, Endpoint: &f.endpoint, SubscriptionArn: aws.String(topicARN + ":1234")},
	}}, nil
}

func (f *fakeAWS) GetSubscriptionAttributes(
	context.Context,
	*sns.GetSubscriptionAttributesInput,
	...func(*sns.Options),
) (*sns.GetSubscriptionAttributesOutput, error) {
	return answer(f, "sns:GetSubscriptionAttributes", &sns.GetSubscriptionAttributesOutput{Attributes: f.subscription})
}

func (f *fakeAWS) GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error) {
	return answer(f, "sqs:GetQueueUrl", &sqs.GetQueueUrlOutput{QueueUrl: aws.String(queueURL)})
}

func (f *fakeAWS) GetQueueAttributes(
	context.Context,
	*sqs.GetQueueAttributesInput,
	...func(*sqs.Options),
) (*sqs.GetQueueAttributesOutput, error) {
	return answer(f, "sqs:GetQueueAttributes", &sqs.GetQueueAttributesOutput{Attributes: f.queue})
}

// encoded is a policy as IAM returns it.
func encoded(text string) *string {
	return aws.String(strings.ReplaceAll(url.QueryEscape(text), "+", "%20"))
}

func (f *fakeAWS) GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error) {
	role := &iamtypes.Role{Arn: aws.String(roleARN), AssumeRolePolicyDocument: encoded(f.trust)}
	if f.boundary != "" {
		role.PermissionsBoundary = &iamtypes.AttachedPermissionsBoundary{
			PermissionsBoundaryArn: aws.String("arn:aws:iam::" + account + ":policy/Boundary"),
		}
	}
	return answer(f, "iam:GetRole", &iam.GetRoleOutput{Role: role})
}

func (f *fakeAWS) ListRolePolicies(
	_ context.Context,
	in *iam.ListRolePoliciesInput,
	_ ...func(*iam.Options),
) (*iam.ListRolePoliciesOutput, error) {
	if in.Marker == nil {
		return answer(f, "iam:ListRolePolicies", &iam.ListRolePoliciesOutput{Marker: aws.String("2"), IsTruncated: true})
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: []string{"Publish"}}, nil
}

func (f *fakeAWS) GetRolePolicy(context.Context, *iam.GetRolePolicyInput, ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return answer(f, "iam:GetRolePolicy", &iam.GetRolePolicyOutput{PolicyDocument: encoded(f.role)})
}

func (f *fakeAWS) ListAttachedRolePolicies(
	context.Context,
	*iam.ListAttachedRolePoliciesInput,
	...func(*iam.Options),
) (*iam.ListAttachedRolePoliciesOutput, error) {
	return answer(f, "iam:ListAttachedRolePolicies", &iam.ListAttachedRolePoliciesOutput{})
}

func (f *fakeAWS) GetUser(context.Context, *iam.GetUserInput, ...func(*iam.Options)) (*iam.GetUserOutput, error) {
	return answer(f, "iam:GetUser", &iam.GetUserOutput{User: &iamtypes.User{Arn: aws.String(userARN)}})
}

func (f *fakeAWS) ListUserPolicies(
	context.Context,
	*iam.ListUserPoliciesInput,
	...func(*iam.Options),
) (*iam.ListUserPoliciesOutput, error) {
	return answer(f, "iam:ListUserPolicies", &iam.ListUserPoliciesOutput{PolicyNames: []string{"Start"}})
}

func (f *fakeAWS) GetUserPolicy(context.Context, *iam.GetUserPolicyInput, ...func(*iam.Options)) (*iam.GetUserPolicyOutput, error) {
	return answer(f, "iam:GetUserPolicy", &iam.GetUserPolicyOutput{PolicyDocument: encoded(f.user)})
}

func (f *fakeAWS) ListAttachedUserPolicies(
	context.Context,
	*iam.ListAttachedUserPoliciesInput,
	...func(*iam.Options),
) (*iam.ListAttachedUserPoliciesOutput, error) {
	return answer(f, "iam:ListAttachedUserPolicies", &iam.ListAttachedUserPoliciesOutput{})
}

func (f *fakeAWS) ListGroupsForUser(
	context.Context,
	*iam.ListGroupsForUserInput,
	...func(*iam.Options),
) (*iam.ListGroupsForUserOutput, error) {
	return answer(f, "iam:ListGroupsForUser", &iam.ListGroupsForUserOutput{Groups: []iamtypes.Group{{GroupName: aws.String("Team")}}})
}

func (f *fakeAWS) ListGroupPolicies(
	context.Context,
	*iam.ListGroupPoliciesInput,
	...func(*iam.Options),
) (*iam.ListGroupPoliciesOutput, error) {
	return answer(f, "iam:ListGroupPolicies", &iam.ListGroupPoliciesOutput{PolicyNames: []string{"Team"}})
}

func (f *fakeAWS) GetGroupPolicy(context.Context, *iam.GetGroupPolicyInput, ...func(*iam.Options)) (*iam.GetGroupPolicyOutput, error) {
	return answer(f, "iam:GetGroupPolicy", &iam.GetGroupPolicyOutput{PolicyDocument: encoded(f.team)})
}

func (f *fakeAWS) ListAttachedGroupPolicies(
	context.Context,
	*iam.ListAttachedGroupPoliciesInput,
	...func(*iam.Options),
) (*iam.ListAttachedGroupPoliciesOutput, error) {
	return answer(f, "iam:ListAttachedGroupPolicies", &iam.ListAttachedGroupPoliciesOutput{
		AttachedPolicies: []iamtypes.AttachedPolicy{
			{PolicyName: aws.String("Boundary"), PolicyArn: aws.String("arn:aws:iam::" + account + ":policy/Boundary")},
		},
	})
}

func (f *fakeAWS) GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error) {
	return answer(f, "iam:GetPolicy", &iam.GetPolicyOutput{Policy: &iamtypes.Policy{DefaultVersionId: aws.String("v1")}})
}

func (f *fakeAWS) GetPolicyVersion(
	context.Context,
	*iam.GetPolicyVersionInput,
	...func(*iam.Options),
) (*iam.GetPolicyVersionOutput, error) {
	text := f.boundary
	if text == "" {
		text = `{"Statement":[]}`
	}
	return answer(f, "iam:GetPolicyVersion", &iam.GetPolicyVersionOutput{PolicyVersion: &iamtypes.PolicyVersion{Document: encoded(text)}})
}

func (f *fakeAWS) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	metadata := &kmstypes.KeyMetadata{Arn: aws.String(keyARN), KeyState: f.keyState, KeyManager: kmstypes.KeyManagerTypeCustomer}
	if strings.HasPrefix(*in.KeyId, "arn:") {
		metadata.Arn = in.KeyId
	}
	if strings.HasPrefix(*in.KeyId, "alias/aws/") {
		metadata.KeyManager = kmstypes.KeyManagerTypeAws
	}
	return answer(f, "kms:DescribeKey", &kms.DescribeKeyOutput{KeyMetadata: metadata})
}

func (f *fakeAWS) GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error) {
	return answer(f, "kms:GetKeyPolicy", &kms.GetKeyPolicyOutput{Policy: &f.keyPolicy})
}

func (f *fakeAWS) HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	return answer(f, "s3:ListBucket", &s3.HeadBucketOutput{BucketRegion: &f.bucketRegion})
}

func (f *fakeAWS) HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	head := f.document
	head.SSEKMSKeyId = aws.String(cmp.Or(f.documentKey, keyIn(f.bucketRegion)))
	return answer(f, "s3:GetObject", &head)
}

func (f *fakeAWS) GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error) {
	if f.bucketPolicy == "" {
		f.seen["s3:GetBucketPolicy"] = true
		if err := f.fails["s3:GetBucketPolicy"]; err != nil {
			return nil, err
		}
		return nil, apiError("NoSuchBucketPolicy")
	}
	return answer(f, "s3:GetBucketPolicy", &s3.GetBucketPolicyOutput{Policy: &f.bucketPolicy})
}

func (f *fakeAWS) GetBucketNotificationConfiguration(
	context.Context,
	*s3.GetBucketNotificationConfigurationInput,
	...func(*s3.Options),
) (*s3.GetBucketNotificationConfigurationOutput, error) {
	return answer(f, "s3:GetBucketNotification", f.notifications)
}
