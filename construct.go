package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// TextractAsync is everything that the asynchronous operations of Amazon Textract need.
type TextractAsync interface {
	constructs.Construct
	ITextractAsync

	// The dead-letter queue: notifications that consumers failed to process, or that SNS could not deliver. Nil where it is disabled
	// or the queue is an existing one.
	DeadLetterQueue() awssqs.IQueue
	// The subscription of the queue to the topic.
	Subscription() awssns.Subscription

	// Adds the alarms, one for each symptom, and returns them: messages in the dead-letter queue, the age of the oldest notification,
	// failed deliveries, failed redrives, and throttles, server errors and user errors of the Start and Get operations together. A
	// nil props represents all defaults. The metrics of Textract count the whole account in the stack's Region, so one construct
	// in an account and Region needs the last three.
	//
	// It panics with a *ValidationError that lists every problem of the props, or when it is called a second time.
	// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
	AddAlarms(props *AlarmsProps) *[]awscloudwatch.Alarm
	// Adds a dashboard that shows, from left to right, requests, jobs, the queue and failures; below them the alarms, where AddAlarms
	// was called before. A nil props represents all defaults.
	//
	// It panics with a *ValidationError that lists every problem of the props, or when it is called a second time.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
	AddDashboard(props *DashboardProps) awscloudwatch.Dashboard

	// SuccessfulRequestCount: how many requests Textract answered (200 to 299) in the whole account; of a Start operation, how
	// many jobs were started. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is not one of the construct's.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricSuccessfulRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ThrottledCount: how many requests Textract throttled in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is not one of the construct's.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricThrottledRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ServerErrorCount: how many requests got a server error (500 to 599) in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is not one of the construct's.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricServerErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// UserErrorCount: how many requests Textract answered with a user error (400 to 499) in the whole account. Sum over 5 minutes.
	//
	// It panics with a *ValidationError when the operation is not one of the construct's.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricUserErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ResponseTime: how many milliseconds Textract took to answer a request, which is not the time of a job. Average over 5
	// minutes; the statistic SampleCount is the number of all requests.
	//
	// It panics with a *ValidationError when the operation is not one of the construct's.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricResponseTime(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// NumberOfNotificationsFailedToRedriveToDlq of the topic: how many notifications SNS could not even move to the dead-letter
	// queue. Sum over 5 minutes. Nil where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricFailedRedrives(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// ApproximateNumberOfMessagesVisible of the dead-letter queue: how many notifications are in it. Maximum over 5 minutes. Nil
	// where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricDeadLetterQueueMessages(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

type textractAsync struct {
	constructs.Construct
	textractAsyncBase
	deadLetterQueue awssqs.IQueue
	subscription    awssns.Subscription
	monitoring      monitoring
}

func (t *textractAsync) DeadLetterQueue() awssqs.IQueue { return t.deadLetterQueue }

func (t *textractAsync) Subscription() awssns.Subscription { return t.subscription }

// NewTextractAsync builds what the guide "Configuring Amazon Textract for Asynchronous Operations" asks for: topic, queue,
// subscription, policies, service role and key. A nil props represents all defaults.
//
// It panics with a *ValidationError that lists every problem of the props, before anything is created.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func NewTextractAsync(scope constructs.Construct, id *string, props *TextractAsyncProps) TextractAsync {
	checkScope(scope, id)
	if props == nil {
		props = &TextractAsyncProps{}
	}
	s := resolve(scope, props)
	panicOnProblems(scope, id, validate.Check(s.plain(props)))

	t := &textractAsync{textractAsyncBase: newBase(s.env, s.operations, s.inputs, s.output)}
	constructs.NewConstruct_Override(t, scope, id)
	reserveTopicName(t, s.env, s.topicName)

	// 1. The topic's ARN first: the policies of key and queue below refer to it.
	topicARN := resolveTopicARN(t, s)

	// 2. The keys of topic and queue. SNS may use the queue's for this topic.
	topicKey, queueKey := existingOrNewKeys(t, s, topicARN)
	requireKeys(t, s, topicARN, topicKey, queueKey)

	// 3. The topic (step 3 of the guide).
	topic := existingOrNewTopic(t, s, topicARN, topicKey)

	// 4. The queue with its dead-letter queue (step 4).
	queue, deadLetterQueue := existingOrNewQueue(t, s, queueKey)
	queueARN := *queue.QueueArn()

	// 5. The queue's subscription to the topic (step 5).
	subscription := newSubscription(t, s, topic, queueARN, deadLetterQueue)

	// 6. The topic allowed to send to the queue (step 6).
	allowSending(t, s, topicARN, queue, queueARN)

	// 7. The role with which Textract publishes to the topic (step 7).
	serviceRole := existingOrNewServiceRole(t, s, topicARN, topicKey)

	// 8. Buckets and keys of other accounts, and what this app cannot know or change: statements or warnings.
	requireLocations(t, s.env, s.inputs, s.output)
	warnOfUnknownKeys(t, s)
	warnOfRegion(t, s.env)

	// Step 8 of the guide, and all else that callers need, is in the grants.
	t.construct, t.topic, t.queue, t.queueARN, t.queueKey, t.serviceRole = t, topic, queue, queueARN, queueKey, serviceRole
	t.deadLetterQueue, t.subscription = deadLetterQueue, subscription
	t.monitoring.retentionPeriod = s.retentionPeriod
	return t
}
