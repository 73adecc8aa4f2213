package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// ITextractAsync is what a new and an imported construct have in common.
type ITextractAsync interface {
	constructs.IConstruct

	// The topic to which Textract publishes that a job has ended.
	Topic() awssns.ITopic
	// The queue that receives the notifications of the topic.
	Queue() awssqs.IQueue
	// The role that Textract assumes to publish to the topic.
	ServiceRole() awsiam.IRole
	// The key of topic and queues; nil when the services' own keys are used.
	EncryptionKey() awskms.IKey

	// Lets the grantee start the chosen operations: the Start actions, iam:PassRole on the service role, reading the
	// documents, writing the results, and the keys of both.
	//
	// The grant that is returned stands for the policy of the grantee and those of the buckets.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantStartJobs(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee receive, delete and extend the notifications in the queue, and decrypt them.
	GrantConsumeNotifications(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee read results: the Get actions of the chosen operations, and listing, reading and decrypting what
	// Textract wrote to the output.
	GrantReadResults(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee do all three: start jobs, consume notifications, read results.
	GrantRunJobs(grantee awsiam.IGrantable) awsiam.Grant
	// Lets the grantee pass the service role to Textract and to no other service.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	GrantPassRole(grantee awsiam.IGrantable) awsiam.Grant

	// What a Start operation takes, in the casing of a Step Functions task.
	NotificationChannel() *NotificationChannel
	// What a caller or consumer reads from its environment: TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN, TEXTRACT_QUEUE_URL;
	// with an output TEXTRACT_OUTPUT_BUCKET, TEXTRACT_OUTPUT_PREFIX; with a key for it TEXTRACT_OUTPUT_KMS_KEY_ID.
	EnvironmentVariables() *map[string]*string
}

// TextractAsync is everything that the asynchronous operations of Amazon Textract need.
type TextractAsync interface {
	constructs.Construct
	ITextractAsync

	// The queue for notifications that no consumer could handle or that SNS could not deliver; nil when it is switched off
	// or the queue is yours.
	DeadLetterQueue() awssqs.IQueue
	// The subscription of the queue to the topic.
	Subscription() awssns.Subscription

	// Makes the alarms of what goes wrong without anybody noticing, and returns them: dead letters, waiting notifications,
	// deliveries that failed, and throttles, server errors and user errors of each Start and Get operation that was chosen. A
	// nil props stands for all defaults. The metrics of Textract count the whole account in the stack's Region.
	//
	// It panics with a *ValidationError that lists every problem of the props, or when it is called a second time.
	// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
	AddAlarms(props *AlarmsProps) *[]awscloudwatch.Alarm
	// Makes a dashboard that shows, from left to right, what comes in, what Textract does, what waits and what failed; below
	// that the alarms, where AddAlarms was called before. A nil props stands for all defaults.
	//
	// It panics with a *ValidationError that lists every problem of the props, or when it is called a second time.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
	AddDashboard(props *DashboardProps) awscloudwatch.Dashboard

	// SuccessfulRequestCount: how many requests Textract answered (200 to 299) in the whole account; of a Start operation, how
	// many jobs were started. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is none of the chosen ones.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricSuccessfulRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ThrottledCount: how many requests Textract throttled in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is none of the chosen ones.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricThrottledRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ServerErrorCount: how many requests ended in a server error (500 to 599) in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is none of the chosen ones.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricServerErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// UserErrorCount: how many requests Textract refused (400 to 499) in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is none of the chosen ones.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricUserErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ResponseTime: how many milliseconds Textract took to answer a request, which is not the time of a job. Average over 5
	// minutes; the statistic SampleCount is the number of all requests.
	//
	// It panics with a *ValidationError when the operation is none of the chosen ones.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricResponseTime(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// NumberOfMessagesPublished of the topic: how many jobs ended, where nothing else publishes to it. Sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricNotificationsPublished(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// NumberOfNotificationsFailed of the topic: how many notifications SNS gave up delivering. Sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricFailedDeliveries(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// NumberOfNotificationsFailedToRedriveToDlq of the topic: how many notifications SNS could not even move to the dead-letter
	// queue. Sum over 5 minutes. Nil where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricLostNotifications(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesVisible of the queue: how many notifications wait for a consumer. Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsWaiting(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesNotVisible of the queue: how many notifications a consumer has received and not deleted yet.
	// Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationsInFlight(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateAgeOfOldestMessage of the queue: how many seconds the oldest notification has been there. SQS leaves out what
	// was received 3 times already. Maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricNotificationAge(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesVisible of the dead-letter queue: how many notifications lie there. Maximum over 5 minutes. Nil
	// where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricDeadLetters(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

type textractAsync struct {
	constructs.Construct
	pipeline
	topicName       *string // of a new topic
	namedTopicArn   string  // empty where only a reference to the topic tells its ARN
	deadLetterQueue awssqs.IQueue
	subscription    awssns.Subscription
	monitoring      monitoring
}

func (t *textractAsync) DeadLetterQueue() awssqs.IQueue { return t.deadLetterQueue }

func (t *textractAsync) Subscription() awssns.Subscription { return t.subscription }

// NewTextractAsync builds what the guide "Configuring Amazon Textract for Asynchronous Operations" asks for: topic, queue,
// subscription, policies, service role and key. A nil props stands for all defaults.
//
// It panics with a *ValidationError that lists every problem of the props, before anything is created.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func NewTextractAsync(scope constructs.Construct, id *string, props *TextractAsyncProps) TextractAsync {
	requireScope(scope, id)
	if props == nil {
		props = &TextractAsyncProps{}
	}
	t := &textractAsync{
		pipeline: newPipeline(scope, props.Operations, props.Inputs, props.Output),
		monitoring: monitoring{
			queueIsGiven:   props.Queue != nil,
			queueRetention: props.MessageRetention,
		},
	}
	given := newGiven(t.env, props)
	panicOnProblems(scope, id, validate.Check(settingsOf(props, &t.pipeline, given)))

	constructs.NewConstruct_Override(t, scope, id)
	removal := orDefault(props.RemovalPolicy, awscdk.RemovalPolicy_DESTROY)

	// 1. The name of the topic, before the topic: the policies below speak of it.
	t.nameTopic(props, given)

	// 2. The key of topic and queues, which SNS may use for this topic.
	t.key = t.chooseKey(props, given, removal)

	// 3. The topic (step 3 of the guide).
	t.topic = t.chooseTopic(props, removal)

	// 4. The queue with its dead letters (step 4).
	t.queue = t.chooseQueue(props, removal)
	queueArn := *t.queue.QueueArn()

	// 5. The queue's subscription to the topic (step 5).
	t.subscription = t.subscribe(queueArn, props.RawMessageDelivery)

	// 6. The topic allowed to send to the queue (step 6).
	t.letTopicSend(props, queueArn)

	// 7. The role with which Textract publishes to the topic (step 7).
	t.serviceRole = t.chooseServiceRole(props)

	// 8. What no construct can change, said.
	t.warnOfRegion()
	t.warnOfForeignLocations(t)
	return t
}
