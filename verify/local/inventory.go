package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
)

// pendingKey begins the entry of a key that waits for its deletion: KMS deletes none at once.
const pendingKey = "key pending deletion "

// inventory lists what the sample makes, of all stacks and of none.
func (a *account) inventory(ctx context.Context) ([]string, error) {
	var all []string
	for _, list := range []func(context.Context) ([]string, error){
		a.stacks, a.queues, a.topics, a.subscriptions, a.buckets, a.keys, a.roles, a.userPolicies, a.alarms, a.dashboards,
	} {
		found, err := list(ctx)
		if err != nil {
			return nil, fmt.Errorf("inventory: %w", err)
		}
		all = append(all, found...)
	}
	return all, nil
}

// added returns the entries of after that before lacks.
func added(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(entry string) bool { return slices.Contains(before, entry) })
}

// paginator is what the paginators of the AWS SDK have in common, but for NextPage's options, whose type is each service's own.
type paginator[Page any, Options any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*Options)) (Page, error)
}

// collect returns the entries of all pages.
func collect[Page, Options any](ctx context.Context, pages paginator[Page, Options], entries func(Page) []string) ([]string, error) {
	var all []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, entries(page)...)
	}
	return all, nil
}

// each returns an entry for each item.
func each[Item any](items []Item, entry func(Item) string) []string {
	var entries []string
	for _, item := range items {
		entries = append(entries, entry(item))
	}
	return entries
}

func (a *account) stacks(ctx context.Context) ([]string, error) {
	all, err := collect(ctx, cloudformation.NewListStacksPaginator(a.cloudformation, &cloudformation.ListStacksInput{}),
		func(page *cloudformation.ListStacksOutput) []string {
			return each(page.StackSummaries, func(stack cfntypes.StackSummary) string {
				return fmt.Sprintf("stack %s %s", *stack.StackName, stack.StackStatus)
			})
		})
	// CloudFormation lists deleted stacks for 90 days.
	return slices.DeleteFunc(all, func(entry string) bool {
		return strings.HasSuffix(entry, " "+string(cfntypes.StackStatusDeleteComplete))
	}), err
}

func (a *account) queues(ctx context.Context) ([]string, error) {
	return collect(ctx, sqs.NewListQueuesPaginator(a.sqs, &sqs.ListQueuesInput{}), func(page *sqs.ListQueuesOutput) []string {
		return each(page.QueueUrls, func(url string) string { return "queue " + url })
	})
}

func (a *account) topics(ctx context.Context) ([]string, error) {
	return collect(ctx, sns.NewListTopicsPaginator(a.sns, &sns.ListTopicsInput{}), func(page *sns.ListTopicsOutput) []string {
		return each(page.Topics, func(topic snstypes.Topic) string { return "topic " + *topic.TopicArn })
	})
}

func (a *account) subscriptions(ctx context.Context) ([]string, error) {
	return collect(ctx, sns.NewListSubscriptionsPaginator(a.sns, &sns.ListSubscriptionsInput{}), func(page *sns.ListSubscriptionsOutput) []string {
		return each(page.Subscriptions, func(subscription snstypes.Subscription) string {
			return "subscription " + *subscription.SubscriptionArn
		})
	})
}

func (a *account) buckets(ctx context.Context) ([]string, error) {
	return collect(ctx, s3.NewListBucketsPaginator(a.s3, &s3.ListBucketsInput{}), func(page *s3.ListBucketsOutput) []string {
		return each(page.Buckets, func(bucket s3types.Bucket) string { return "bucket " + *bucket.Name })
	})
}

func (a *account) alarms(ctx context.Context) ([]string, error) {
	return collect(ctx, cloudwatch.NewDescribeAlarmsPaginator(a.cloudwatch, &cloudwatch.DescribeAlarmsInput{}),
		func(page *cloudwatch.DescribeAlarmsOutput) []string {
			return each(page.MetricAlarms, func(alarm cloudwatchtypes.MetricAlarm) string { return "alarm " + *alarm.AlarmName })
		})
}

func (a *account) dashboards(ctx context.Context) ([]string, error) {
	return collect(ctx, cloudwatch.NewListDashboardsPaginator(a.cloudwatch, &cloudwatch.ListDashboardsInput{}),
		func(page *cloudwatch.ListDashboardsOutput) []string {
			return each(page.DashboardEntries, func(dashboard cloudwatchtypes.DashboardEntry) string {
				return "dashboard " + *dashboard.DashboardName
			})
		})
}

func (a *account) roles(ctx context.Context) ([]string, error) {
	return collect(ctx, iam.NewListRolesPaginator(a.iam, &iam.ListRolesInput{}), func(page *iam.ListRolesOutput) []string {
		return each(page.Roles, func(role iamtypes.Role) string { return "role " + *role.RoleName })
	})
}

// userPolicies lists the inline policies of all users. A role's go with the role.
func (a *account) userPolicies(ctx context.Context) ([]string, error) {
	users, err := collect(ctx, iam.NewListUsersPaginator(a.iam, &iam.ListUsersInput{}), func(page *iam.ListUsersOutput) []string {
		return each(page.Users, func(user iamtypes.User) string { return *user.UserName })
	})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, user := range users {
		policies, err := a.policiesOf(ctx, user)
		if err != nil {
			return nil, err
		}
		all = append(all, each(policies, func(policy string) string { return "policy " + policy + " of user " + user })...)
	}
	return all, nil
}

// policiesOf returns the names of a user's inline policies.
func (a *account) policiesOf(ctx context.Context, user string) ([]string, error) {
	return collect(ctx, iam.NewListUserPoliciesPaginator(a.iam, &iam.ListUserPoliciesInput{UserName: aws.String(user)}),
		func(page *iam.ListUserPoliciesOutput) []string { return page.PolicyNames })
}

func (a *account) keys(ctx context.Context) ([]string, error) {
	ids, err := collect(ctx, kms.NewListKeysPaginator(a.kms, &kms.ListKeysInput{}), func(page *kms.ListKeysOutput) []string {
		return each(page.Keys, func(key kmstypes.KeyListEntry) string { return *key.KeyId })
	})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, id := range ids {
		key, err := a.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String(id)})
		if err != nil {
			return nil, err
		}
		kind := "key "
		if key.KeyMetadata.KeyState == kmstypes.KeyStatePendingDeletion {
			kind = pendingKey
		}
		// Services make keys of their own when they are first used.
		if key.KeyMetadata.KeyManager == kmstypes.KeyManagerTypeCustomer {
			all = append(all, kind+id)
		}
	}
	return all, nil
}
