package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/cdk-textract/textractasync/textractclient"
)

// Moto's account, a Region with Textract, and credentials that Moto takes for the account's root.
const (
	accountID       = "123456789012"
	region          = "us-east-1"
	rootAccessKey   = "testing"
	rootAccessValue = "testing"
)

// account looks at what is in the account, past the CDK CLI.
type account struct {
	cloudformation *cloudformation.Client
	cloudwatch     *cloudwatch.Client
	iam            *iam.Client
	kms            *kms.Client
	s3             *s3.Client
	sns            *sns.Client
	sqs            *sqs.Client
}

func newAccount(url string) *account {
	config := aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider(rootAccessKey, rootAccessValue, ""),
	}
	return &account{
		cloudformation: cloudformation.NewFromConfig(config),
		cloudwatch:     cloudwatch.NewFromConfig(config),
		iam:            iam.NewFromConfig(config),
		kms:            kms.NewFromConfig(config),
		s3:             s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		sns:            sns.NewFromConfig(config),
		sqs:            sqs.NewFromConfig(config),
	}
}

// user makes a user with an access key, as step 1 of the guide asks for.
func (a *account) user(ctx context.Context, name string) (aws.Credentials, error) {
	if _, err := a.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}); err != nil {
		return aws.Credentials{}, err
	}
	made, err := a.iam.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String(name)})
	if err != nil {
		return aws.Credentials{}, err
	}
	return aws.Credentials{AccessKeyID: *made.AccessKey.AccessKeyId, SecretAccessKey: *made.AccessKey.SecretAccessKey}, nil
}

// stack returns a stack's status and the types of its resources by their logical ids.
func (a *account) stack(ctx context.Context, name string) (status string, resources map[string]string, err error) {
	stacks, err := a.cloudformation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	if err != nil {
		return "", nil, err
	}
	described, err := a.cloudformation.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: aws.String(name)})
	if err != nil {
		return "", nil, err
	}
	resources = make(map[string]string)
	for _, resource := range described.StackResources {
		if resource.PhysicalResourceId != nil {
			resources[*resource.LogicalResourceId] = *resource.ResourceType
		}
	}
	return string(stacks.Stacks[0].StackStatus), resources, nil
}

// subscribers returns the endpoints of a topic's subscriptions.
func (a *account) subscribers(ctx context.Context, topic string) ([]string, error) {
	found, err := a.sns.ListSubscriptionsByTopic(ctx, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topic)})
	if err != nil {
		return nil, err
	}
	var endpoints []string
	for _, subscription := range found.Subscriptions {
		endpoints = append(endpoints, *subscription.Protocol+" "+*subscription.Endpoint)
	}
	return endpoints, nil
}

// takeNotification deletes the one message of the queue, a notification of a job that succeeded.
func (a *account) takeNotification(ctx context.Context, queueURL string) error {
	got, err := a.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(queueURL), MaxNumberOfMessages: 10, WaitTimeSeconds: 5})
	if err != nil {
		return err
	}
	if len(got.Messages) != 1 {
		return fmt.Errorf("the queue has %d messages, not one notification", len(got.Messages))
	}
	message := got.Messages[0]
	notification, err := textractclient.ParseNotification([]byte(aws.ToString(message.Body)))
	if err != nil {
		return err
	}
	if !notification.HasResults() {
		return fmt.Errorf("job %s has status %s", notification.JobID, notification.Status)
	}
	_, err = a.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(queueURL), ReceiptHandle: message.ReceiptHandle})
	return err
}

// messages counts what lies in all queues, dead letters among them, and what somebody has received but not deleted.
func (a *account) messages(ctx context.Context) (int, error) {
	queues, err := a.sqs.ListQueues(ctx, &sqs.ListQueuesInput{})
	if err != nil {
		return 0, err
	}
	total := 0
	names := []sqstypes.QueueAttributeName{
		sqstypes.QueueAttributeNameApproximateNumberOfMessages, sqstypes.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
	}
	for _, url := range queues.QueueUrls {
		got, err := a.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: aws.String(url), AttributeNames: names})
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			count, err := strconv.Atoi(got.Attributes[string(name)])
			if err != nil {
				return 0, fmt.Errorf("queue %s: %s: %w", url, name, err)
			}
			total += count
		}
	}
	return total, nil
}
