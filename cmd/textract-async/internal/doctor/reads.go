package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// Clients are the clients that doctor reads with. It calls nothing that writes.
type Clients struct {
	STS STSAPI
	SNS SNSAPI
	SQS SQSAPI
	IAM IAMAPI
	KMS KMSAPI
	S3  S3API
}

// The parts of the AWS clients that doctor calls.
type (
	// STSAPI is the part of STS.
	STSAPI interface {
		GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
	}
	// SNSAPI is the part of SNS.
	SNSAPI interface {
		GetTopicAttributes(context.Context, *sns.GetTopicAttributesInput, ...func(*sns.Options)) (*sns.GetTopicAttributesOutput, error)
		ListSubscriptionsByTopic(
			context.Context,
			*sns.ListSubscriptionsByTopicInput,
			...func(*sns.Options),
		) (*sns.ListSubscriptionsByTopicOutput, error)
		GetSubscriptionAttributes(
			context.Context,
			*sns.GetSubscriptionAttributesInput,
			...func(*sns.Options),
		) (*sns.GetSubscriptionAttributesOutput, error)
	}
	// SQSAPI is the part of SQS.
	SQSAPI interface {
		GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
		GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	}
	// IAMAPI is the part of IAM.
	IAMAPI interface {
		GetRole(context.Context, *iam.GetRoleInput, ...func(*iam.Options)) (*iam.GetRoleOutput, error)
		ListRolePolicies(context.Context, *iam.ListRolePoliciesInput, ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error)
		GetRolePolicy(context.Context, *iam.GetRolePolicyInput, ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error)
		ListAttachedRolePolicies(
			context.Context,
			*iam.ListAttachedRolePoliciesInput,
			...func(*iam.Options),
		) (*iam.ListAttachedRolePoliciesOutput, error)
		GetUser(context.Context, *iam.GetUserInput, ...func(*iam.Options)) (*iam.GetUserOutput, error)
		ListUserPolicies(context.Context, *iam.ListUserPoliciesInput, ...func(*iam.Options)) (*iam.ListUserPoliciesOutput, error)
		GetUserPolicy(context.Context, *iam.GetUserPolicyInput, ...func(*iam.Options)) (*iam.GetUserPolicyOutput, error)
		ListAttachedUserPolicies(
			context.Context,
			*iam.ListAttachedUserPoliciesInput,
			...func(*iam.Options),
		) (*iam.ListAttachedUserPoliciesOutput, error)
		ListGroupsForUser(context.Context, *iam.ListGroupsForUserInput, ...func(*iam.Options)) (*iam.ListGroupsForUserOutput, error)
		ListGroupPolicies(context.Context, *iam.ListGroupPoliciesInput, ...func(*iam.Options)) (*iam.ListGroupPoliciesOutput, error)
		GetGroupPolicy(context.Context, *iam.GetGroupPolicyInput, ...func(*iam.Options)) (*iam.GetGroupPolicyOutput, error)
		ListAttachedGroupPolicies(
			context.Context,
			*iam.ListAttachedGroupPoliciesInput,
			...func(*iam.Options),
		) (*iam.ListAttachedGroupPoliciesOutput, error)
		GetPolicy(context.Context, *iam.GetPolicyInput, ...func(*iam.Options)) (*iam.GetPolicyOutput, error)
		GetPolicyVersion(context.Context, *iam.GetPolicyVersionInput, ...func(*iam.Options)) (*iam.GetPolicyVersionOutput, error)
	}
	// KMSAPI is the part of KMS.
	KMSAPI interface {
		DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
		GetKeyPolicy(context.Context, *kms.GetKeyPolicyInput, ...func(*kms.Options)) (*kms.GetKeyPolicyOutput, error)
	}
	// S3API is the part of S3.
	S3API interface {
		HeadBucket(context.Context, *s3.HeadBucketInput, ...func(*s3.Options)) (*s3.HeadBucketOutput, error)
		HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
		GetBucketPolicy(context.Context, *s3.GetBucketPolicyInput, ...func(*s3.Options)) (*s3.GetBucketPolicyOutput, error)
		GetBucketNotificationConfiguration(
			context.Context,
			*s3.GetBucketNotificationConfigurationInput,
			...func(*s3.Options),
		) (*s3.GetBucketNotificationConfigurationOutput, error)
	}
)

// NewClients returns clients of AWS.
func NewClients(cfg aws.Config) Clients {
	return Clients{
		STS: sts.NewFromConfig(cfg), SNS: sns.NewFromConfig(cfg), SQS: sqs.NewFromConfig(cfg),
		IAM: iam.NewFromConfig(cfg), KMS: kms.NewFromConfig(cfg),
		// Only AWS resolves the names of buckets as a part of the host.
		S3: s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil }),
	}
}

// Actions are the permissions that doctor's reads need. GetCallerIdentity needs none.
var Actions = []string{
	"iam:GetGroupPolicy", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy", "iam:GetUser", "iam:GetUserPolicy",
	"iam:ListAttachedGroupPolicies", "iam:ListAttachedRolePolicies", "iam:ListAttachedUserPolicies", "iam:ListGroupPolicies",
	"iam:ListGroupsForUser", "iam:ListRolePolicies", "iam:ListUserPolicies",
	"kms:DescribeKey", "kms:GetKeyPolicy",
	"s3:GetBucketNotification", "s3:GetBucketPolicy", "s3:GetObject", "s3:ListBucket",
	"sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic",
	"sqs:GetQueueAttributes", "sqs:GetQueueUrl",
}

const notInTemplate = "not in the template"

// NotInTemplateError is a read whose answer templates do not have.
type NotInTemplateError struct {
	What string
	// AllowsOnly reports of a policy that it denies nothing, whatever it is.
	AllowsOnly bool
}

func (e *NotInTemplateError) Error() string { return notInTemplate + ": " + e.What }

// unread is a policy that could not be read.
func unread(name string, failure *readError) policy.Document {
	var absent *NotInTemplateError
	if errors.As(failure, &absent) {
		return policy.Unresolved(name, failure.Error(), absent.AllowsOnly)
	}
	return policy.Unreadable(name, failure.Error())
}

// readError is a read that failed.
type readError struct {
	action string
	err    error
}

func (e *readError) Error() string {
	var absent *NotInTemplateError
	if errors.As(e.err, &absent) {
		return absent.Error()
	}
	if e.denied() {
		return e.action + " is denied to you"
	}
	var apiErr smithy.APIError
	if errors.As(e.err, &apiErr) {
		return fmt.Sprintf("%s failed: %s: %s", e.action, apiErr.ErrorCode(), apiErr.ErrorMessage())
	}
	return fmt.Sprintf("%s failed: %v", e.action, e.err)
}

func (e *readError) Unwrap() error { return e.err }

func (e *readError) code() string {
	var apiErr smithy.APIError
	if errors.As(e.err, &apiErr) {
		return apiErr.ErrorCode()
	}
	return ""
}

func (e *readError) status() int {
	var response *smithyhttp.ResponseError
	if errors.As(e.err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// denied reports whether the permission is missing. Status 403 is also that of credentials that are
// not valid.
func (e *readError) denied() bool {
	switch e.code() {
	case "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedOperation":
		return true
	case "Forbidden", "": // S3 answers HEAD without a body
		return e.status() == http.StatusForbidden
	}
	return false
}

// missing reports whether the thing does not exist.
func (e *readError) missing() bool {
	switch e.code() {
	case "NotFound", "NotFoundException", "NoSuchEntity", "NoSuchEntityException", "NoSuchBucket", "NoSuchKey", "QueueDoesNotExist",
		"AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucketPolicy":
		return true
	case "":
		return e.status() == http.StatusNotFound
	}
	return false
}

// reader reads each thing once.
type reader struct {
	Clients
	reads  int
	cached map[string]any
}

type cachedRead struct {
	value any
	err   *readError
}

// read calls get, or returns what it returned for the same action and key. The action is one of
// Actions.
func read[T any](r *reader, action, key string, get func() (T, error)) (T, *readError) {
	key = action + " " + key
	if known, ok := r.cached[key].(cachedRead); ok {
		return known.value.(T), known.err
	}
	r.reads++
	value, err := get()
	var failure *readError
	if err != nil {
		failure = &readError{action, err}
	}
	r.cached[key] = cachedRead{value, failure}
	return value, failure
}

// errEmpty is an answer without what was asked for.
var errEmpty = errors.New("the answer is empty")

// notEmpty makes an answer that lacks its one part an error.
func notEmpty[T any](out T, err error, isEmpty func(T) bool) (T, error) {
	if err == nil && isEmpty(out) {
		err = errEmpty
	}
	return out, err
}

// decoded is a policy as IAM returns it to this SDK: URL-encoded.
func decoded(document *string) string {
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		return aws.ToString(document)
	}
	return text
}
