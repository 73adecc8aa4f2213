package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ITextractAsync is what a new and an imported construct share.
type ITextractAsync interface {
	constructs.IConstruct

	// The topic to which Textract publishes that a job completed.
	Topic() awssns.ITopic
	// The queue that receives the notifications of the topic.
	Queue() awssqs.IQueue
	// The role that Textract assumes to publish to the topic.
	ServiceRole() awsiam.IRole
	// The key of the queue; nil where SQS encrypts it without a key of yours.
	EncryptionKey() awskms.IKey

	// Lets the grantee start the operations: the Start actions, iam:PassRole on the service role, reading the documents, writing
	// the results, and the keys of both.
	//
	// The grantee is a role, user, group, function or policy of the service role's account. A user or group gets a managed policy.
	// A grant reports success only where all of it was granted; a warning prints the statements that could not be. The grant
	// represents the policy of the grantee, or those of bucket and queue where the grantee has none.
	//
	// It panics with a *ValidationError for nil, or a grantee that this app makes in another account.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantStartJobs(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee receive, delete and extend the notifications in the queue, and decrypt them. Grantee, grant and panics are
	// those of GrantStartJobs.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-iam-policies.html
	GrantConsumeNotifications(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee read results: the Get actions of the operations, and listing, reading and decrypting what Textract wrote to
	// the output. Grantee, grant and panics are those of GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantReadResults(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee do all three: start jobs, consume notifications, read results. Grantee, grant and panics are those of
	// GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantRunJobs(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee pass the service role to Textract and to no other service: step 8 of the guide. Grantee, grant and panics
	// are those of GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantPassRole(grantee awsiam.IGrantable) awsiam.Grant

	// The notification channel that a Start operation takes, in the casing of a Step Functions task.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html
	NotificationChannel() *NotificationChannel
	// The environment variables of a caller or consumer: TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN, TEXTRACT_QUEUE_URL; with an
	// output TEXTRACT_OUTPUT_BUCKET, TEXTRACT_OUTPUT_PREFIX; with a key for it TEXTRACT_OUTPUT_KMS_KEY_ID, the id of a key that this
	// app makes, and the ARN of any other. The map is a new one each time, so that you may add to it.
	EnvironmentVariables() *map[string]*string

	// NumberOfMessagesPublished of the topic: how many jobs completed, where nothing else publishes to it. Sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricNotificationsPublished(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// NumberOfNotificationsFailed of the topic: how many notifications SNS gave up delivering. Sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricFailedDeliveries(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesVisible of the queue: how many notifications wait for a consumer. Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsWaiting(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesNotVisible of the queue: how many notifications a consumer has received and not deleted yet.
	// Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsInFlight(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateAgeOfOldestMessage of the queue: how many seconds the oldest notification has been there. SQS omits what was
	// received 3 times already. Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationAge(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

// textractAsyncBase is all of ITextractAsync but the construct itself.
type textractAsyncBase struct {
	construct   constructs.Construct // itself, for policies, warnings and panics
	env         environment
	operations  []Operation
	inputs      []location
	output      *location
	topic       awssns.ITopic
	queue       awssqs.IQueue
	queueARN    string
	queueKey    *key
	serviceRole awsiam.IRole

	roleARN string // read at the first use
	region  string // of topic and queue, where that is another one than the stack's
}

// newBase has what is known before the construct: jsii fills an embedded struct that is empty with a proxy.
func newBase(env environment, operations []Operation, inputs []location, output *location) textractAsyncBase {
	return textractAsyncBase{env: env, operations: operations, inputs: inputs, output: output}
}

func (b *textractAsyncBase) Topic() awssns.ITopic { return b.topic }

func (b *textractAsyncBase) Queue() awssqs.IQueue { return b.queue }

func (b *textractAsyncBase) ServiceRole() awsiam.IRole { return b.serviceRole }

func (b *textractAsyncBase) EncryptionKey() awskms.IKey {
	if b.queueKey == nil {
		return nil
	}
	return b.queueKey.IKey
}

// NotificationChannel is what a Start operation takes, in the casing of a Step Functions task.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html
type NotificationChannel struct {
	// The ARN of the topic.
	SnsTopicArn *string `json:"SnsTopicArn"`
	// The ARN of the service role.
	RoleArn *string `json:"RoleArn"`
}

func (b *textractAsyncBase) NotificationChannel() *NotificationChannel {
	return &NotificationChannel{SnsTopicArn: b.topic.TopicArn(), RoleArn: jsii.String(b.serviceRoleARN())}
}

// The environment variables that EnvironmentVariables sets.
const (
	envTopicArn     = "TEXTRACT_SNS_TOPIC_ARN"
	envRoleArn      = "TEXTRACT_ROLE_ARN"
	envQueueURL     = "TEXTRACT_QUEUE_URL"
	envOutputBucket = "TEXTRACT_OUTPUT_BUCKET"
	envOutputPrefix = "TEXTRACT_OUTPUT_PREFIX"
	envOutputKey    = "TEXTRACT_OUTPUT_KMS_KEY_ID"
)

func (b *textractAsyncBase) EnvironmentVariables() *map[string]*string {
	variables := map[string]*string{
		envTopicArn: b.topic.TopicArn(),
		envRoleArn:  jsii.String(b.serviceRoleARN()),
		envQueueURL: b.queue.QueueUrl(),
	}
	if b.output != nil {
		variables[envOutputBucket] = b.output.bucket.BucketName()
		variables[envOutputPrefix] = jsii.String(b.output.prefix)
		if key := b.output.key; key != nil {
			// Textract looks for a bare id in the caller's account, where an imported key need not be.
			variables[envOutputKey] = jsii.String(key.arn)
			if key.isNew {
				variables[envOutputKey] = key.KeyId()
			}
		}
	}
	return &variables
}

func (b *textractAsyncBase) serviceRoleARN() string {
	if b.roleARN == "" {
		b.roleARN = *b.serviceRole.RoleArn()
	}
	return b.roleARN
}
