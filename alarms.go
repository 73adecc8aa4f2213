package textractasync

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// AlarmsProps are the properties of AddAlarms. All are optional. Actions apply to all alarms. The
// default of each alarm is that of its threshold, number of periods and period; its options change
// them.
type AlarmsProps struct {
	// The topic to which each alarm sends when it goes into ALARM and when it returns to OK: a
	// standard topic in the stack's Region, and not one to which Textract publishes. It needs a
	// subscription.
	//
	// A topic of this app with a policy, for instance one that denies plain HTTP, gets a statement
	// for the alarms of this account, and so does its key. A topic of this app without a policy
	// keeps the default policy of SNS, which allows them to publish; a policy that it gets later is
	// looked at once more at synthesis. For an imported topic, or the policy of an L1 construct, a
	// warning prints the statement that the policy may need.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
	//
	// Default: none.
	//
	Topic awssns.ITopic

	// Other actions of each alarm when it goes into ALARM: at most 5, together with Topic.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
	//
	// Default: none.
	//
	AlarmActions *[]awscloudwatch.IAlarmAction

	// Other actions of each alarm when it returns to OK: at most 5, together with Topic.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
	//
	// Default: none.
	//
	OkActions *[]awscloudwatch.IAlarmAction

	// The alarm on messages in the dead-letter queue. It does not return to OK while there are any,
	// although SQS stops reporting the metric of an unused queue.
	//
	// There is no such alarm without a dead-letter queue.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html
	//
	// Default: on, 1 message in 1 period of 5 minutes.
	//
	DeadLetterQueue *AlarmOptions

	// The alarm on the age of the oldest notification in the queue.
	//
	// SQS does not count notifications that were received 3 times or more, which the alarm on the
	// dead-letter queue covers.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	//
	// Default: on, 1 hour in 1 period of 5 minutes.
	//
	NotificationAge *AgeAlarmOptions

	// The alarm on notifications that SNS could not deliver, after its retries, to the queue or
	// another subscriber of the topic.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	//
	// Default: on, 1 notification in 1 period of 5 minutes.
	//
	FailedDeliveries *AlarmOptions

	// The alarm on notifications that SNS could neither deliver nor move to the dead-letter queue:
	// they are lost.
	//
	// There is no such alarm without a dead-letter queue.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	//
	// Default: on, 1 notification in 1 period of 5 minutes.
	//
	FailedRedrives *AlarmOptions

	// The alarm on requests that Textract throttles, of all Start and Get actions together.
	//
	// Callers retry throttled requests, so the alarm is for throttling that lasts.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	//
	// Default: on, 10 requests in each of 3 periods of 5 minutes.
	//
	Throttles *AlarmOptions

	// The alarm on server errors (500 to 599) of Textract, of all Start and Get actions together.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	//
	// Default: on, 5 requests in 1 period of 5 minutes.
	//
	ServerErrors *AlarmOptions

	// The alarm on user errors (400 to 499) of Textract, of all Start and Get actions together: a
	// missing permission, a document that it cannot read, too many jobs at a time, or results that
	// are older than 7 days.
	//
	// For few documents, use a lower threshold, down to 1. RunAll of the client and the command's
	// batch learn the quota of jobs from up to six of these errors in a period.
	// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
	//
	// Default: on, 10 requests in 1 period of 5 minutes.
	//
	UserErrors *AlarmOptions

	// The alarm on jobs that were started while none completed: the service role may not publish to
	// the topic or use its key any more, which no other alarm reports. The threshold is a number of
	// jobs.
	//
	// It compares the Start actions of the whole account with the notifications of this topic. Set
	// it for the one construct that gets the completion of every job of the account in the Region:
	// where other constructs, or programs that poll, start jobs as well, their jobs set it off
	// while this construct has none. EvaluationPeriods are as long as the longest job takes, at
	// least.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	//
	// Default: off. With an empty AlarmOptions on, 1 job in each of 6 periods of 1 hour.
	//
	NoCompletions *AlarmOptions
}

// AlarmOptions are the options of an alarm on a count.
//
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
type AlarmOptions struct {
	// Whether the alarm is not created. It excludes the other options.
	//
	// Default: false.
	//
	Disabled *bool

	// The count in a period at which the alarm goes into ALARM: more than 0.
	//
	// Default: that of the alarm, as AlarmsProps documents it.
	//
	Threshold *float64

	// The length of a period: whole minutes, at most 7 days, because CloudWatch gets these metrics
	// once a minute.
	//
	// Default: that of the alarm, as AlarmsProps documents it.
	//
	Period awscdk.Duration

	// The number of periods that are evaluated: a whole number from 1. Together they are at most 1
	// day, or 7 days for periods of an hour or more.
	//
	// Default: that of the alarm, as AlarmsProps documents it.
	//
	EvaluationPeriods *float64

	// The number of these periods in which the threshold must be reached: a whole number from 1 to
	// EvaluationPeriods.
	//
	// Default: EvaluationPeriods.
	//
	DatapointsToAlarm *float64
}

// AgeAlarmOptions are the options of the alarm on the age of the oldest notification.
//
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
type AgeAlarmOptions struct {
	// Whether the alarm is not created. It excludes the other options.
	//
	// Default: false.
	//
	Disabled *bool

	// The age at which the alarm goes into ALARM: shorter than the queue's RetentionPeriod, because
	// SQS deletes older notifications.
	//
	// Default: 1 hour.
	//
	Threshold awscdk.Duration

	// The length of a period: whole minutes, at most 7 days, because CloudWatch gets this metric
	// once a minute.
	//
	// Default: 5 minutes.
	//
	Period awscdk.Duration

	// The number of periods that are evaluated: a whole number from 1. Together they are at most 1
	// day, or 7 days for periods of an hour or more.
	//
	// Default: 1.
	//
	EvaluationPeriods *float64

	// The number of these periods in which the threshold must be reached: a whole number from 1 to
	// EvaluationPeriods.
	//
	// Default: EvaluationPeriods.
	//
	DatapointsToAlarm *float64
}

// monitoring is what AddAlarms and AddDashboard know of each other and of the queue.
type monitoring struct {
	retentionPeriod awscdk.Duration // of a new queue; nil for an existing one

	hasAlarms    bool
	alarms       []awscloudwatch.Alarm
	ageThreshold *float64 // in seconds, where there is an alarm on it
	dashboard    awscloudwatch.Dashboard
}

// alarmSpec is one alarm, which one prop of AlarmsProps sets: what it is about, the options that
// are set, and the defaults of the others.
type alarmSpec struct {
	prop        string
	unavailable string // why there can be no such alarm; empty where there can
	isOff       bool   // disabled, or not asked for

	metric      func(*awscloudwatch.MetricOptions) awscloudwatch.IMetric
	description string
	missingData awscloudwatch.TreatMissingData

	options AlarmOptions
	maxAge  awscdk.Duration // in place of options.Threshold

	defaultThreshold float64
	defaultPeriod    float64 // in seconds
	defaultPeriods   float64
}

// The defaults that AlarmsProps documents.
const (
	defaultPeriod               = 300
	defaultAgeSeconds           = 3_600
	defaultThrottles            = 10
	defaultThrottlePeriods      = 3
	defaultServerErrors         = 5
	defaultUserErrors           = 10
	defaultNoCompletionsPeriod  = 3_600
	defaultNoCompletionsPeriods = 6
)

// The descriptions that people read when an alarm goes into ALARM.
const (
	deadLetterQueueText = "Messages are in the dead-letter queue: consumers failed to process them, or SNS could not deliver them. " +
		"Textract deletes results after 7 days. Check the consumers' logs, fix the cause, then start a DLQ redrive."
	notificationAgeText = "The oldest notification waits too long: consumers are down or too slow. Textract deletes results after " +
		"7 days. Check that consumers run and may receive, delete and decrypt, then add more of them."
	failedDeliveriesText = "SNS gave up delivering notifications: most likely the policy of the queue or of its key does not let SNS " +
		"in any more, the key is disabled, or the queue is deleted. Compare them with the template. The notifications are in the " +
		"dead-letter queue, if the subscription has one and the alarm FailedRedrives is OK. Fix the cause, then start a DLQ redrive."
	failedRedrivesText = "SNS could neither deliver notifications nor move them to the dead-letter queue, so they are lost. Fix the " +
		"policies of the dead-letter queue and of its key, and read the results of the jobs by their JobIds within 7 days."
	throttlesText = "Textract keeps throttling requests: more calls a second than the quota of this account and Region allows. " +
		"Spread the calls, retry with exponential backoff and jitter, or ask for a higher quota in Service Quotas."
	serverErrorsText = "Textract answers requests with server errors (500 to 599). Retry the calls. If it lasts, look at the AWS " +
		"Health Dashboard for this Region."
	userErrorsText = "Textract answers requests with user errors (400 to 499): no permission, a document that it cannot read, too " +
		"many jobs at a time, or results older than 7 days. Read the exception in the caller's log, or look in CloudTrail."
	noCompletionsText = "Jobs were started hours ago, and no completion was published since. Most likely the service role may not " +
		"publish to the topic or use its key any more, or the key is disabled: compare them with the template. Read the results of " +
		"the jobs by their JobIds within 7 days. Jobs without this notification channel, and those of other constructs, count too."
)

const alarmTopicProp = "Topic of AddAlarms"

const withoutDeadLetterQueue = "there is no dead-letter queue"

// alarmSpecs are one alarm for each symptom, in the order of the props.
func (t *textractAsync) alarmSpecs(props *AlarmsProps) []alarmSpec {
	unavailable := ""
	if t.deadLetterQueue == nil {
		unavailable = withoutDeadLetterQueue
	}
	specs := []alarmSpec{
		{
			prop:             "DeadLetterQueue",
			options:          valueOr(props.DeadLetterQueue, AlarmOptions{}),
			unavailable:      unavailable,
			metric:           single(t.MetricDeadLetterQueueMessages),
			description:      deadLetterQueueText,
			missingData:      awscloudwatch.TreatMissingData_IGNORE,
			defaultThreshold: 1,
		},
		{
			prop:             "NotificationAge",
			options:          valueOr(props.NotificationAge, AgeAlarmOptions{}).withoutThreshold(),
			maxAge:           valueOr(props.NotificationAge, AgeAlarmOptions{}).Threshold,
			metric:           single(t.MetricNotificationAge),
			description:      notificationAgeText,
			defaultThreshold: defaultAgeSeconds,
		},
		{
			prop:             "FailedDeliveries",
			options:          valueOr(props.FailedDeliveries, AlarmOptions{}),
			metric:           single(t.MetricFailedDeliveries),
			description:      failedDeliveriesText,
			defaultThreshold: 1,
		},
		{
			prop:             "FailedRedrives",
			options:          valueOr(props.FailedRedrives, AlarmOptions{}),
			unavailable:      unavailable,
			metric:           single(t.MetricFailedRedrives),
			description:      failedRedrivesText,
			defaultThreshold: 1,
		},
		{
			prop:             "Throttles",
			options:          valueOr(props.Throttles, AlarmOptions{}),
			metric:           t.sum(t.MetricThrottledRequests),
			description:      ofAccount(throttlesText, t.apiOperations()),
			defaultThreshold: defaultThrottles,
			defaultPeriods:   defaultThrottlePeriods,
		},
		{
			prop:             "ServerErrors",
			options:          valueOr(props.ServerErrors, AlarmOptions{}),
			metric:           t.sum(t.MetricServerErrors),
			description:      ofAccount(serverErrorsText, t.apiOperations()),
			defaultThreshold: defaultServerErrors,
		},
		{
			prop:             "UserErrors",
			options:          valueOr(props.UserErrors, AlarmOptions{}),
			metric:           t.sum(t.MetricUserErrors),
			description:      ofAccount(userErrorsText, t.apiOperations()),
			defaultThreshold: defaultUserErrors,
		},
		{
			prop:             "NoCompletions",
			options:          valueOr(props.NoCompletions, AlarmOptions{}),
			isOff:            props.NoCompletions == nil,
			metric:           t.startedWithoutCompletion,
			description:      ofAccount(noCompletionsText, apiOperationsOf(startActions(t.operations))),
			missingData:      awscloudwatch.TreatMissingData_MISSING,
			defaultThreshold: 1,
			defaultPeriod:    defaultNoCompletionsPeriod,
			defaultPeriods:   defaultNoCompletionsPeriods,
		},
	}
	for i := range specs {
		specs[i].fillIn()
	}
	return specs
}

// fillIn adds what most alarms have in common.
func (s *alarmSpec) fillIn() {
	s.isOff = s.isOff || s.unavailable != "" || isTrue(s.options.Disabled)
	if s.missingData == "" { // the metric is not reported while there is nothing to report
		s.missingData = awscloudwatch.TreatMissingData_NOT_BREACHING
	}
	if s.defaultPeriod == 0 {
		s.defaultPeriod = defaultPeriod
	}
	if s.defaultPeriods == 0 {
		s.defaultPeriods = 1
	}
}

func single(
	metric func(*awscloudwatch.MetricOptions) awscloudwatch.Metric,
) func(*awscloudwatch.MetricOptions) awscloudwatch.IMetric {
	return func(options *awscloudwatch.MetricOptions) awscloudwatch.IMetric { return metric(options) }
}

// metricOfOperation is a method of TextractAsync for one of Textract's metrics.
type metricOfOperation func(APIOperation, *awscloudwatch.MetricOptions) awscloudwatch.Metric

// sum adds up a metric of all operations, of which CloudWatch allows ten in one expression.
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
func (t *textractAsync) sum(metric metricOfOperation) func(*awscloudwatch.MetricOptions) awscloudwatch.IMetric {
	return func(options *awscloudwatch.MetricOptions) awscloudwatch.IMetric {
		terms, metrics := termsOf(t.apiOperations(), metric, options)
		return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
			Expression:   jsii.String(terms),
			UsingMetrics: &metrics,
			Period:       options.Period,
		})
	}
}

// termsOf is a sum of a metric over operations. Textract reports none for an operation that was not
// called, which counts as 0.
func termsOf(
	operations []APIOperation, metric metricOfOperation, options *awscloudwatch.MetricOptions,
) (sum string, metrics map[string]awscloudwatch.IMetric) {
	metrics = map[string]awscloudwatch.IMetric{}
	var terms []string
	for i, operation := range operations {
		id := fmt.Sprintf("m%d", i)
		metrics[id] = metric(operation, options)
		terms = append(terms, "FILL("+id+",0)")
	}
	return strings.Join(terms, "+"), metrics
}

// startedWithoutCompletion is the number of jobs that were started in a period in which none
// completed, and 0 in a period in which one did. It has no value for a period with neither, so that
// the alarm still knows the last period that had one: it goes into ALARM where the oldest value
// that breaches is as old as DatapointsToAlarm, and all since then breach or are missing.
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func (t *textractAsync) startedWithoutCompletion(options *awscloudwatch.MetricOptions) awscloudwatch.IMetric {
	const completed = "FILL(completed,0)"
	started, metrics := termsOf(apiOperationsOf(startActions(t.operations)), t.MetricSuccessfulRequests, options)
	metrics["completed"] = t.MetricNotificationsPublished(options)
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression:   jsii.String("IF(" + started + "+" + completed + ">0,IF(" + completed + ">0,0," + started + "))"),
		UsingMetrics: &metrics,
		Period:       options.Period,
	})
}

func ofAccount(text string, operations []APIOperation) string {
	var names []string
	for _, operation := range operations {
		names = append(names, string(operation))
	}
	return text + " Sum of the whole account in this Region over " + strings.Join(names, ", ") + "."
}

// withoutThreshold are the options that both kinds of alarms have.
func (o AgeAlarmOptions) withoutThreshold() AlarmOptions {
	return AlarmOptions{
		Disabled: o.Disabled, Period: o.Period, EvaluationPeriods: o.EvaluationPeriods, DatapointsToAlarm: o.DatapointsToAlarm,
	}
}

func (s alarmSpec) threshold() *float64 {
	if s.maxAge != nil {
		return s.maxAge.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})
	}
	return firstOf(s.options.Threshold, &s.defaultThreshold)
}

func (t *textractAsync) AddAlarms(props *AlarmsProps) *[]awscloudwatch.Alarm {
	all := valueOr(props, AlarmsProps{})
	panicOnProblemsOf(t, goValues{{"Topic", all.Topic}}.check())
	specs := t.alarmSpecs(&all)
	topic := newExistingTopic(t.env, all.Topic)
	panicOnProblemsOf(t, validate.CheckAlarms(t.plainAlarms(&all, topic, specs)))
	t.monitoring.hasAlarms = true

	actions := t.newAlarmActions(&all, topic)
	scope := constructs.NewConstruct(t, jsii.String("Alarms"))
	periods := map[float64]awscdk.Duration{}
	for _, spec := range specs {
		if !spec.isOff {
			t.addAlarm(scope, spec, periods, actions)
		}
	}
	t.alarmOnExecutions(actions)
	t.lookAtAlarmsAgain(topic)
	if t.monitoring.dashboard != nil && len(t.monitoring.alarms) > 0 {
		t.monitoring.dashboard.AddWidgets(t.statusOfAlarms())
	}
	alarms := append([]awscloudwatch.Alarm{}, t.monitoring.alarms...)
	return &alarms
}

// addAlarm makes each default period once: each is a jsii call.
func (t *textractAsync) addAlarm(
	scope constructs.Construct, spec alarmSpec, periods map[float64]awscdk.Duration, actions alarmActions,
) {
	period := spec.options.Period
	if period == nil {
		if periods[spec.defaultPeriod] == nil {
			periods[spec.defaultPeriod] = awscdk.Duration_Seconds(&spec.defaultPeriod)
		}
		period = periods[spec.defaultPeriod]
	}
	threshold := spec.threshold()
	if spec.prop == "NotificationAge" {
		t.monitoring.ageThreshold = threshold
	}
	alarm := awscloudwatch.NewAlarm(scope, jsii.String(spec.prop), &awscloudwatch.AlarmProps{
		AlarmDescription:   jsii.String(spec.description),
		Metric:             spec.metric(&awscloudwatch.MetricOptions{Period: period}),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          threshold,
		EvaluationPeriods:  firstOf(spec.options.EvaluationPeriods, &spec.defaultPeriods),
		DatapointsToAlarm:  spec.options.DatapointsToAlarm,
		TreatMissingData:   spec.missingData,
	})
	actions.addTo(alarm)
	t.monitoring.alarms = append(t.monitoring.alarms, alarm)
}

// plainAlarms returns the props as they are set as values for the rules.
func (t *textractAsync) plainAlarms(props *AlarmsProps, topic *existingTopic, specs []alarmSpec) validate.Alarms {
	plain := validate.Alarms{
		Stack:        t.env.known,
		Repeated:     t.monitoring.hasAlarms,
		AlarmActions: arePresent(props.AlarmActions),
		OkActions:    arePresent(props.OkActions),
	}
	if topic != nil {
		plain.Topic = &validate.AlarmTopic{
			Environment: topic.env,
			ARN:         topic.arn,
			FIFO:        topic.isFIFO,
			Key:         topic.key.plain(),
			OtherType:   topic.otherType,
			Own:         topic.ITopic == t.topic || sameARN(topic.arn, *t.topic.TopicArn()) || validate.SameARN(topic.arn, t.topicARN),
		}
	}
	for _, spec := range specs {
		plain.Each = append(plain.Each, t.plainAlarm(spec))
	}
	return plain
}

func (t *textractAsync) plainAlarm(spec alarmSpec) validate.Alarm {
	alarm := validate.Alarm{
		Prop:                     spec.prop,
		Unavailable:              spec.unavailable,
		Disabled:                 spec.options.Disabled,
		Threshold:                knownNumber(spec.options.Threshold),
		MaxAge:                   seconds(spec.maxAge),
		Period:                   seconds(spec.options.Period),
		EvaluationPeriods:        knownNumber(spec.options.EvaluationPeriods),
		DatapointsToAlarm:        knownNumber(spec.options.DatapointsToAlarm),
		DefaultPeriod:            spec.defaultPeriod,
		DefaultEvaluationPeriods: spec.defaultPeriods,
	}
	if alarm.EvaluationPeriods == nil && spec.options.EvaluationPeriods != nil {
		alarm.DefaultEvaluationPeriods = 0 // a token
	}
	if alarm.MaxAge != nil {
		alarm.RetentionPeriod = seconds(t.monitoring.retentionPeriod)
	}
	return alarm
}

func arePresent(actions *[]awscloudwatch.IAlarmAction) []bool {
	present := make([]bool, len(valueOr(actions, nil)))
	for i := range present {
		present[i] = (*actions)[i] != nil
	}
	return present
}

// alarmActions are the actions of every alarm.
type alarmActions struct {
	topicARNs *[]*string // nil without a topic
	onAlarm   []awscloudwatch.IAlarmAction
	onOK      []awscloudwatch.IAlarmAction
}

func (t *textractAsync) newAlarmActions(props *AlarmsProps, topic *existingTopic) alarmActions {
	actions := alarmActions{
		onAlarm: valueOr(props.AlarmActions, nil),
		onOK:    valueOr(props.OkActions, nil),
	}
	if topic != nil {
		actions.topicARNs = &[]*string{&topic.arn}
		t.allowAlarms(topic)
	}
	return actions
}

// addTo sets the topic by its ARN, which spares users the package of the CDK that knows every
// target of an alarm. It comes first, because actions are added to what is set.
func (a alarmActions) addTo(alarm awscloudwatch.Alarm) {
	if a.topicARNs != nil {
		alarm.SetAlarmActionArns(a.topicARNs)
		alarm.SetOkActionArns(a.topicARNs)
	}
	if len(a.onAlarm) > 0 {
		alarm.AddAlarmAction(a.onAlarm...)
	}
	if len(a.onOK) > 0 {
		alarm.AddOkAction(a.onOK...)
	}
}

// allowAlarms extends the policies of topic and key. A topic of this app without a policy keeps the
// default one of SNS, which lets the alarms of the account publish; the first statement would
// replace it.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
func (t *textractAsync) allowAlarms(topic *existingTopic) {
	isOthers := t.env.isOtherAccount(topic.env.Account)
	if add, hasDefault := addToTopicPolicy(topic); !hasDefault || isOthers {
		without := "alarms may publish only if nobody edited that policy: if nobody did, acknowledge this warning"
		if isOthers {
			without = "its account denies the alarms of this one"
		}
		require(t, requirement{
			permission: allowAlarmsToPublish(topic.arn, t.fromAlarms()),
			in:         policy{prop: alarmTopicProp, owner: topic.ITopic, add: add},
			warning:    warningAlarmTopicPolicy,
			without:    without,
		})
	}
	if topic.made != nil && !isOthers {
		t.atSynthesis(func(app *synthesizedApp) []validate.Problem { return t.checkAlarmTopic(app, topic) })
	}
	topic.warnOfUnknownKey(t, alarmTopicProp, "CloudWatch")
	if topic.key != nil {
		require(t, requirement{
			permission: allowServiceToUseKey(cloudWatchPrincipal, t.fromAlarms()),
			in:         topic.key.policy(alarmTopicProp),
			warning:    warningAlarmTopicKeyPolicy,
			without:    "no alarm reaches the topic",
		})
	}
}

// checkAlarmTopic looks for policies that the topic has got otherwise or later: the first one
// replaces the default policy of SNS.
func (t *textractAsync) checkAlarmTopic(app *synthesizedApp, topic *existingTopic) []validate.Problem {
	policies := app.policiesOf(topic.made.cfn, topic.arn)
	switch len(policies) {
	case 0:
		return nil
	case 1:
	default:
		return []validate.Problem{{
			Prop: alarmTopicProp, Value: "a topic with the policies " + strings.Join(pathsOf(policies), " and "),
			Fix: "use one policy for the topic: it has one, so these overwrite each other, and alarms may not publish",
		}}
	}
	written := app.read(policies[0])
	if policyjson.AllowsService(written.stack().Resolve(written.property("policyDocument")), cloudWatchPrincipal, "sns:Publish") {
		return nil
	}
	in := policy{prop: alarmTopicProp, owner: policies[0]}
	if made, ok := policies[0].Node().Scope().(awssns.TopicPolicy); ok {
		in.add = addToDocument(made)
	}
	require(t, requirement{
		permission: allowAlarmsToPublish(topic.arn, t.fromAlarms()), in: in, warning: warningAlarmTopicPolicy,
		without: "no alarm reaches the topic",
	})
	return nil
}

func addToDocument(policy awssns.TopicPolicy) func(permission) bool {
	return func(p permission) bool {
		policy.Document().AddStatements(awsiam.PolicyStatement_FromJson(p.statement()))
		return true
	}
}

// addToTopicPolicy writes into the policy that a topic of this app has: its own, or a TopicPolicy
// next to it, which would overwrite that. A topic without either has the default one of SNS.
func addToTopicPolicy(topic *existingTopic) (add func(permission) bool, hasDefault bool) {
	for _, sibling := range *topic.Node().Scope().Node().Children() {
		policy, ok := sibling.(awssns.TopicPolicy)
		if !ok {
			continue
		}
		if resource, ok := resourceOf(policy).(awssns.CfnTopicPolicy); ok && anySame(resource.Topics(), topic.arn) {
			return addToDocument(policy), false
		}
	}
	return addToResource(topic), topic.made != nil && topic.Node().TryFindChild(jsii.String("Policy")) == nil
}

// lookAtAlarmsAgain checks, at synthesis, where the alarms are sent to, and that their topic has
// the key that CloudWatch may use.
func (t *textractAsync) lookAtAlarmsAgain(topic *existingTopic) {
	if len(t.monitoring.alarms) == 0 {
		return
	}
	t.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		first := t.monitoring.alarms[0] // all have the same actions
		problems := append(
			t.checkAlarmActions(app, "AlarmActions of AddAlarms", first.AlarmActionArns()),
			t.checkAlarmActions(app, "OkActions of AddAlarms", first.OkActionArns())...,
		)
		if topic == nil || topic.made == nil {
			return problems
		}
		lookedAt := lookedAt{owner: topic.ITopic, prop: alarmTopicProp, made: topic.made, key: topic.made.text(keyProperty)}
		return append(problems, lookedAt.checkKey(app, "CloudWatch")...)
	})
}

// checkAlarmActions rejects a topic to which Textract publishes.
func (t *textractAsync) checkAlarmActions(app *synthesizedApp, prop string, arns *[]*string) []validate.Problem {
	for _, arn := range texts(arns) {
		if other := app.publisherTo(arn); other != nil {
			return []validate.Problem{{
				Prop: prop, Value: "the topic of " + pathOf(other.construct),
				Fix: "use another topic: alarms would arrive in its queue among the notifications",
			}}
		}
		if topic := app.read(app.referredToBy(arn)).ofKind(typeTopic); topic != nil {
			for _, problem := range topic.asAlarmTopic() {
				problem.Prop = prop
				return []validate.Problem{problem}
			}
		}
	}
	return nil
}

// asAlarmTopic checks a topic of this app that an action refers to, as the prop Topic is.
func (r *resource) asAlarmTopic() []validate.Problem {
	topic := &validate.AlarmTopic{FIFO: r.isTrue("fifoTopic")}
	if _, alias, isAlias := strings.Cut(r.text(keyProperty), "alias/"); isAlias {
		topic.Key = &validate.Key{Alias: "alias/" + alias}
	}
	return validate.CheckAlarms(validate.Alarms{Topic: topic})
}

// fromAlarms is true where CloudWatch acts for an alarm of this account and Region. The alarms' own
// names are CloudFormation's, and a reference to them is a circular dependency where topic and
// alarms are in different stacks.
func (t *textractAsync) fromAlarms() map[string]any {
	return map[string]any{
		"ArnLike":      map[string]any{"aws:SourceArn": t.env.alarmARN("*")},
		"StringEquals": map[string]any{"aws:SourceAccount": t.env.account},
	}
}
