package local

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// account has the clients with which the tests look at what the CDK CLI made.
type account struct {
	cloudformation *cloudformation.Client
	cloudwatch     *cloudwatch.Client
	iam            *iam.Client
	kms            *kms.Client
	s3             *s3.Client
	sns            *sns.Client
	sqs            *sqs.Client
}

func newAccount(url string) account {
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(url), Credentials: credentials.NewStaticCredentialsProvider("testing", "testing", ""),
	}
	return account{
		cloudformation.NewFromConfig(config), cloudwatch.NewFromConfig(config), iam.NewFromConfig(config), kms.NewFromConfig(config),
		s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), sns.NewFromConfig(config), sqs.NewFromConfig(config),
	}
}

// objects returns the contents of a bucket by their keys.
func (a account) objects(t *testing.T, bucket string) map[string]string {
	t.Helper()
	keys := collect(t, s3.NewListObjectsV2Paginator(a.s3, &s3.ListObjectsV2Input{Bucket: &bucket}), func(page *s3.ListObjectsV2Output) []string {
		return each(page.Contents, func(object s3types.Object) string { return *object.Key })
	})
	objects := map[string]string{}
	for _, key := range keys {
		got, err := a.s3.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(got.Body)
		if err != nil {
			t.Fatal(err)
		}
		_ = got.Body.Close()
		objects[key] = string(content)
	}
	return objects
}

// messages counts those in all queues, dead-letter queues among them, and those that somebody received and did not delete.
func (a account) messages(t *testing.T) int {
	t.Helper()
	names := []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	total := 0
	for _, url := range a.queues(t) {
		got, err := a.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			count, err := strconv.Atoi(got.Attributes[string(name)])
			if err != nil {
				t.Fatal(err)
			}
			total += count
		}
	}
	return total
}

func (a account) queues(t *testing.T) []string {
	return collect(t, sqs.NewListQueuesPaginator(a.sqs, &sqs.ListQueuesInput{}), func(page *sqs.ListQueuesOutput) []string { return page.QueueUrls })
}

// pendingKey begins the entry of a key that is pending deletion: KMS deletes none at once.
const pendingKey = "key pending deletion "

// inventory lists everything that the sample makes, whatever stack it belongs to.
func (a account) inventory(t *testing.T) []string {
	t.Helper()
	stacks := collect(t, cloudformation.NewListStacksPaginator(a.cloudformation, &cloudformation.ListStacksInput{}),
		func(page *cloudformation.ListStacksOutput) []string {
			return each(page.StackSummaries, func(s cfntypes.StackSummary) string { return *s.StackName + " " + string(s.StackStatus) })
		})
	topics := collect(t, sns.NewListTopicsPaginator(a.sns, &sns.ListTopicsInput{}), func(page *sns.ListTopicsOutput) []string {
		return each(page.Topics, func(topic snstypes.Topic) string { return *topic.TopicArn })
	})
	subscriptions := collect(t, sns.NewListSubscriptionsPaginator(a.sns, &sns.ListSubscriptionsInput{}),
		func(page *sns.ListSubscriptionsOutput) []string {
			return each(page.Subscriptions, func(s snstypes.Subscription) string { return *s.SubscriptionArn })
		})
	buckets := collect(t, s3.NewListBucketsPaginator(a.s3, &s3.ListBucketsInput{}), func(page *s3.ListBucketsOutput) []string {
		return each(page.Buckets, func(bucket s3types.Bucket) string { return *bucket.Name })
	})
	alarms := collect(t, cloudwatch.NewDescribeAlarmsPaginator(a.cloudwatch, &cloudwatch.DescribeAlarmsInput{}),
		func(page *cloudwatch.DescribeAlarmsOutput) []string {
			return each(page.MetricAlarms, func(alarm cloudwatchtypes.MetricAlarm) string { return *alarm.AlarmName })
		})
	dashboards := collect(t, cloudwatch.NewListDashboardsPaginator(a.cloudwatch, &cloudwatch.ListDashboardsInput{}),
		func(page *cloudwatch.ListDashboardsOutput) []string {
			return each(page.DashboardEntries, func(d cloudwatchtypes.DashboardEntry) string { return *d.DashboardName })
		})
	roles := collect(t, iam.NewListRolesPaginator(a.iam, &iam.ListRolesInput{}), func(page *iam.ListRolesOutput) []string {
		return each(page.Roles, func(role iamtypes.Role) string { return *role.RoleName })
	})
	policies := collect(t, iam.NewListPoliciesPaginator(a.iam, &iam.ListPoliciesInput{Scope: iamtypes.PolicyScopeTypeLocal}),
		func(page *iam.ListPoliciesOutput) []string {
			return each(page.Policies, func(policy iamtypes.Policy) string { return *policy.Arn })
		})
	userPolicies := collect(t, iam.NewListUserPoliciesPaginator(a.iam, &iam.ListUserPoliciesInput{UserName: aws.String(callerUser)}),
		func(page *iam.ListUserPoliciesOutput) []string { return page.PolicyNames })

	all := a.keys(t)
	for kind, names := range map[string][]string{
		"stack": slices.DeleteFunc(stacks, func(s string) bool { return strings.HasSuffix(s, " DELETE_COMPLETE") }), // listed for 90 days
		"queue": a.queues(t), "topic": topics, "subscription": subscriptions, "bucket": buckets, "alarm": alarms, "dashboard": dashboards,
		"role": roles, "managed policy": policies, "policy of the user": userPolicies,
	} {
		for _, name := range names {
			all = append(all, kind+" "+name)
		}
	}
	return all
}

// keys leaves out those that services make for themselves.
func (a account) keys(t *testing.T) []string {
	t.Helper()
	ids := collect(t, kms.NewListKeysPaginator(a.kms, &kms.ListKeysInput{}), func(page *kms.ListKeysOutput) []string {
		return each(page.Keys, func(key kmstypes.KeyListEntry) string { return *key.KeyId })
	})
	var all []string
	for _, id := range ids {
		key, err := a.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: &id})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case key.KeyMetadata.KeyManager != kmstypes.KeyManagerTypeCustomer:
		case key.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion:
			all = append(all, pendingKey+id)
		default:
			all = append(all, "key "+id)
		}
	}
	return all
}

// paginator is what the paginators of the AWS SDK have in common.
type paginator[Page, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// collect returns the entries of all pages.
func collect[Page, Options any](t *testing.T, pages paginator[Page, Options], entries func(Page) []string) []string {
	t.Helper()
	var all []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, entries(page)...)
	}
	return all
}

func each[Item any](items []Item, text func(Item) string) []string {
	var all []string
	for _, item := range items {
		all = append(all, text(item))
	}
	return all
}
