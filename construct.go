package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// TextractAsync has the resources that the asynchronous operations of Amazon Textract need.
// [NewTextractAsync] creates them.
type TextractAsync interface {
	constructs.Construct
	ITextractAsync

	// DeadLetterQueue returns the queue of the notifications that consumers failed to process, or
	// that SNS could not deliver. It is nil in two cases: where DeadLetterQueue.Disabled is set,
	// and with an existing Queue, whose own dead-letter queue belongs to whoever made the queue.
	// Compare it with nil where Queue is set in some of your environments only.
	DeadLetterQueue() awssqs.IQueue
	// Subscription returns the subscription of the queue to the topic.
	Subscription() awssns.Subscription

	// AddAlarms adds an alarm for each symptom, and returns the alarms: messages in the dead-letter
	// queue, the age of the oldest notification, failed deliveries, failed redrives, throttles,
	// server errors and user errors of the Start and Get actions together, and, where NoCompletions
	// is set, jobs that are started while none completes. The last four count the whole account in
	// the stack's Region, so that one construct for each account and Region needs them. Nil props
	// represent all defaults.
	//
	// An alarm topic of another construct, and statements that a policy of the alarm topic lacks,
	// are looked for at synthesis.
	//
	// It panics with a *ValidationError that lists every problem of the props, and when it is
	// called again.
	// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
	AddAlarms(props *AlarmsProps) *[]awscloudwatch.Alarm
	// AddDashboard adds a dashboard, and returns it. It shows, from left to right, requests, jobs,
	// the queue and failures, and below them the alarms, in whatever order AddAlarms and
	// AddDashboard are called. The threshold of NotificationAge is in its graph where AddAlarms was
	// called before. Nil props represent all defaults.
	//
	// It panics with a *ValidationError that lists every problem of the props, and when it is
	// called again.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html
	AddDashboard(props *DashboardProps) awscloudwatch.Dashboard

	// MetricSuccessfulRequests returns SuccessfulRequestCount of Textract: the number of requests
	// in the account that succeeded; of a Start action, the number of jobs that were started.
	// Default: the sum over 5 minutes.
	//
	// It panics with a *ValidationError for an operation that is not one of the construct's
	// Operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricSuccessfulRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricThrottledRequests returns ThrottledCount of Textract: the number of requests in the
	// account that were throttled. Default: the sum over 5 minutes.
	//
	// It panics with a *ValidationError for an operation that is not one of the construct's
	// Operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricThrottledRequests(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricServerErrors returns ServerErrorCount of Textract: the number of requests in the
	// account with a server error (500 to 599).
	// Default: the sum over 5 minutes.
	//
	// It panics with a *ValidationError for an operation that is not one of the construct's
	// Operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricServerErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricUserErrors returns UserErrorCount of Textract: the number of requests in the account
	// with a user error (400 to 499). Default: the sum over 5 minutes.
	//
	// It panics with a *ValidationError for an operation that is not one of the construct's
	// Operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricUserErrors(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricResponseTime returns ResponseTime of Textract: the duration of a request, not of a job,
	// in milliseconds. Default: the average over 5 minutes. The statistic SampleCount is the number
	// of all requests.
	//
	// It panics with a *ValidationError for an operation that is not one of the construct's
	// Operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	MetricResponseTime(operation APIOperation, props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricFailedRedrives returns NumberOfNotificationsFailedToRedriveToDlq of the topic: the
	// number of notifications that SNS could neither deliver nor move to the dead-letter queue. It
	// is nil where there is no dead-letter queue. Default: the sum over 5 minutes.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	MetricFailedRedrives(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
	// MetricDeadLetterQueueMessages returns ApproximateNumberOfMessagesVisible of the dead-letter
	// queue: the number of notifications in it. It is nil where there is no dead-letter queue.
	// Default: the maximum over 5 minutes.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	MetricDeadLetterQueueMessages(props *awscloudwatch.MetricOptions) awscloudwatch.Metric
}

type textractAsync = jsiiProxy_textractAsync

// jsiiProxy_textractAsync is named as the types that jsii generates: jsii compares an object of any
// other type, when it is made, with all interfaces of the CDK, which takes 2 ms.
type jsiiProxy_textractAsync struct {
	constructs.Construct
	textractAsyncBase
	deadLetterQueue awssqs.IQueue
	subscription    awssns.Subscription
	made            []madePart      // topic, queues and subscription, as far as they are new
	patterns        []*topicPattern // in place of the topic
	monitoring      monitoring
	settings        settings
}

func (t *textractAsync) DeadLetterQueue() awssqs.IQueue { return t.deadLetterQueue }

func (t *textractAsync) Subscription() awssns.Subscription { return t.subscription }

// NewTextractAsync creates what the AWS guide "Configuring Amazon Textract for Asynchronous
// Operations" asks for: topic, queue, subscription, policies, service role and key. scope is a
// stack or a construct in one. Nil props represent all defaults.
//
// It panics with a [*ValidationError] that lists every problem of the props, before it creates
// anything.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
func NewTextractAsync(scope constructs.Construct, id *string, props *TextractAsyncProps) TextractAsync {
	checkScope(scope, id)
	if props == nil {
		props = &TextractAsyncProps{}
	}
	panicOnProblems(scope, id, props.goValues().check())
	s := resolve(scope, props)
	panicOnProblems(scope, id, validate.Check(s.plain(props)))

	t := &textractAsync{textractAsyncBase: newBase(s.env, s.operations, s.inputs, s.output)}
	constructs.NewConstruct_Override(t, scope, id)
	t.construct = t
	t.atSynthesis(t.checkWrittenPolicies)

	// 1. The topic's ARN first: the policies of key and queue below refer to it.
	identity := resolveTopicARN(t, *id, s)

	// 2. The keys of topic and queue. SNS may use the queue's for this topic.
	topicKey, queueKey := existingOrNewKeys(t, s, identity)
	requireKeys(t, s, identity, topicKey, queueKey)

	// 3. The topic (step 3 of the guide).
	topic := existingOrNewTopic(t, s, identity, topicKey)

	// 4. The queue with its dead-letter queue (step 4).
	queue, deadLetterQueue := existingOrNewQueue(t, s, queueKey)
	queueARN := *queue.QueueArn()

	// 5. The queue's subscription to the topic (step 5).
	subscription := newSubscription(t, s, topic, queueARN, deadLetterQueue)

	// 6. The topic allowed to send to the queue (step 6).
	allowSending(t, s, identity, queue, queueARN)

	// 7. The role with which Textract publishes to the topic (step 7).
	serviceRole := existingOrNewServiceRole(t, s, identity, topicKey)

	// 8. Buckets and keys of other accounts, and what this app cannot know or change: statements or
	//    warnings.
	requireLocations(t, s.env, s.inputs, s.output)
	requireKeysOfService(t, s, serviceRole, topicKey)
	t.measurePolicies(s, topicKey, queueKey)
	warnOfUnknownKeys(t, s)
	warnOfRegion(t, s.env.known.Region)

	// Step 8 of the guide, and all else that callers need, is in the grants.
	t.topic, t.topicARN, t.queue, t.queueARN, t.queueKey, t.serviceRole = topic, identity.arn, queue, queueARN, queueKey, serviceRole
	t.deadLetterQueue, t.subscription, t.formerKeys = deadLetterQueue, subscription, s.formerEncryptionKeys
	t.monitoring.retentionPeriod, t.settings = s.retentionPeriod, s

	t.dependencies = newDependencies(s, topicKey, queueKey)

	// 9. What the app changes after this, looked at once more at synthesis.
	t.lookAgain(s, identity, topicKey, queueKey)
	t.lookAtBucketsAgain()
	return t
}
