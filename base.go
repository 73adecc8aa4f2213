package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/bridge"
)

// ITextractAsync is a new construct, of [NewTextractAsync], or an existing one, of
// [TextractAsync_FromTextractAsyncAttributes].
type ITextractAsync interface {
	constructs.IConstruct

	// Topic returns the topic to which Textract publishes that a job completed.
	Topic() awssns.ITopic
	// Queue returns the queue that receives the notifications of the topic.
	Queue() awssqs.IQueue
	// ServiceRole returns the role that Textract assumes to publish to the topic.
	ServiceRole() awsiam.IRole
	// EncryptionKey returns the key that encrypts the queue, or nil where the queue has no customer
	// managed key.
	EncryptionKey() awskms.IKey

	// GrantStartJobs grants what starting jobs needs: the Start actions of the operations,
	// iam:PassRole on the service role, reading the documents of Inputs, writing to Output, and the
	// use of their keys.
	//
	// The grantee is a role, user, group, function or policy in the account of the service role, or
	// whatever passes statements on to one. A user or group gets a managed policy. The grant
	// reports success only where everything was granted; a warning prints the statements that this
	// app cannot write. The grant represents the policy of the grantee, or those of buckets and
	// queue where the grantee has none. A principal of another account can be granted notifications
	// and the objects of Output, but no jobs.
	//
	// It panics with a *ValidationError for a grantee that is nil or a Go value, for an ARN that is
	// no principal, and for what this app creates in another account. An inline policy that is
	// attached to nobody ends synthesis.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantStartJobs(grantee awsiam.IGrantable) awsiam.Grant
	// GrantConsumeNotifications grants what consuming the queue needs: receiving messages, deleting
	// them, extending their visibility timeouts, reading the queue's attributes, and decrypting
	// with its key and the FormerEncryptionKeys. Grantee, grant and panics are those of
	// GrantStartJobs.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-iam-policies.html
	GrantConsumeNotifications(grantee awsiam.IGrantable) awsiam.Grant
	// GrantReadResults grants what reading results needs: the Get actions of the operations, and
	// listing, reading and decrypting the objects of Output. Grantee, grant and panics are those of
	// GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantReadResults(grantee awsiam.IGrantable) awsiam.Grant
	// GrantRunJobs grants all of GrantStartJobs, GrantConsumeNotifications and GrantReadResults.
	// Grantee, grant and panics are those of GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantRunJobs(grantee awsiam.IGrantable) awsiam.Grant
	// GrantPassRole grants iam:PassRole on the service role, to Textract and no other service: step
	// 8 of the guide. GrantStartJobs includes it. Grantee, grant and panics are those of
	// GrantStartJobs.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantPassRole(grantee awsiam.IGrantable) awsiam.Grant

	// NotificationChannel returns the parameter NotificationChannel of a Start action, in the
	// casing of a Step Functions task.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html
	NotificationChannel() *NotificationChannel
	// EnvironmentVariables returns the environment variables of a caller or consumer, which
	// textractclient.ConfigFromEnv reads: TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN and
	// TEXTRACT_QUEUE_URL; with an Output, TEXTRACT_OUTPUT_BUCKET and TEXTRACT_OUTPUT_PREFIX; with a
	// key for it, TEXTRACT_OUTPUT_KMS_KEY_ID, which is the id of a key of this app, or the ARN of
	// any other key. The map is a new one, which the caller may change.
	EnvironmentVariables() *map[string]*string
	// AddOutputs writes the outputs that the command textract-async reads with --stack to the stack
	// of the construct: TopicArn, QueueUrl, QueueArn and ServiceRoleArn; with Inputs,
	// DocumentBucketName; with an Output, OutputBucketName and OutputPrefix, and OutputKmsKeyId
	// where the results have a key, as EnvironmentVariables has it; with a key of the queue,
	// EncryptionKeyArn. Nil props represent all defaults.
	//
	// It panics with a *ValidationError that lists every problem of the props, and where the stack
	// has one of the names already.
	// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
	AddOutputs(props *OutputsProps)

	// MetricNotificationsPublished returns NumberOfMessagesPublished of the topic: the number of
	// completed jobs, where nothing else publishes to it. Default: the sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricNotificationsPublished(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricFailedDeliveries returns NumberOfNotificationsFailed of the topic: the number of
	// notifications that SNS could not deliver, after its retries. Default: the sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricFailedDeliveries(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricNotificationsWaiting returns ApproximateNumberOfMessagesVisible of the queue: the
	// number of notifications that wait for a consumer. Default: the maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsWaiting(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricNotificationsInFlight returns ApproximateNumberOfMessagesNotVisible of the queue: the
	// number of notifications that consumers have received and not yet deleted. Default: the
	// maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsInFlight(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricNotificationAge returns ApproximateAgeOfOldestMessage of the queue: the age of the
	// oldest notification in seconds. SQS does not count notifications that were received 3 times
	// or more. Default: the maximum over 5 minutes.
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
	topicARN    string // as policies have it
	queue       awssqs.IQueue
	queueARN    string
	queueKey    *key
	formerKeys  []*key // with which messages in the queue may be encrypted
	serviceRole awsiam.IRole

	dependencies dependencies
	checks       []synthesisCheck
	problems     problemsAtSynthesis
	written      []*writtenPolicy // the policies that grants and the service role write into

	roleARN string // read at the first use
	region  string // of topic and queue, where that is another one than the stack's

	workflow bridge.State
}

// newBase has what is known before the construct: jsii fills an embedded struct that is empty with
// a proxy.
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

// NotificationChannel is the parameter NotificationChannel of a Start action, in the casing of a
// Step Functions task.
//
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
		envTopicArn: b.inOtherStacks(b.topic.TopicArn()),
		envRoleArn:  b.inOtherStacks(jsii.String(b.serviceRoleARN())),
		envQueueURL: b.inOtherStacks(b.queue.QueueUrl()),
	}
	if b.output != nil {
		variables[envOutputBucket] = b.output.bucket.BucketName()
		variables[envOutputPrefix] = jsii.String(b.output.prefix)
		if id := b.output.key.id(); id != "" {
			variables[envOutputKey] = jsii.String(id)
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
