package textractasync

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// alarmFamily is the alarms that one prop of AlarmsProps sets.
type alarmFamily struct {
	prop       string
	impossible string // why there can be no such alarm; empty where there can
	isAge      bool
	settings   alarmSettings

	defaultThreshold float64
	defaultPeriods   float64
	watched          []watched
}

// alarmSettings are AlarmSettings or AgeAlarmSettings.
type alarmSettings struct {
	disabled          *bool
	threshold         *float64
	maxAge            awscdk.Duration
	period            awscdk.Duration
	evaluationPeriods *float64
	datapointsToAlarm *float64
}

// watched is one metric with what its alarm tells people.
type watched struct {
	id          string
	metric      func(*awscloudwatch.MetricOptions) awscloudwatch.Metric
	description string
}

// The defaults that AlarmsProps documents.
const (
	defaultAgeSeconds      = 3_600
	defaultThrottles       = 10
	defaultThrottlePeriods = 3
	defaultServerErrors    = 5
	defaultUserErrors      = 10
)

// What people read when an alarm goes off.
const (
	deadLettersText = "Notifications lie in the dead-letter queue: no consumer could handle them, or SNS could not deliver them. " +
		"Their results are gone 7 days after the job ended. Read what the consumer logged and mend it, " +
		"then move the messages back to the queue, or read the results by the JobId in them."
	notificationAgeText = "The oldest notification waits too long: consumers are down or too slow, and results are gone 7 days after " +
		"the job ended. Check that consumers run and may receive, delete and decrypt, then add more of them."
	failedDeliveriesText = "SNS gave up delivering notifications: most likely the policy of the queue or of its key does not let SNS " +
		"in any more, or the queue is gone. Compare both with the template. What was not delivered lies in the " +
		"dead-letter queue where the subscription has one."
	lostNotificationsText = "SNS could neither deliver notifications nor move them to the dead-letter queue, so they are lost. Mend the " +
		"policies of the dead-letter queue and of its key, and read the results of the jobs by their JobIds within 7 days."
	throttlesText = "Textract keeps throttling %s: more calls a second than the quota of this account and Region allows. " +
		"Spread the calls, retry with exponential backoff and jitter, or ask for a higher quota in Service Quotas."
	serverErrorsText = "Textract answers %s with server errors (500 to 599). Calls are worth a retry. If it lasts, look at the AWS " +
		"Health Dashboard for this Region."
	userErrorsText = "Textract refuses %s (400 to 499): no permission, a document that it cannot read, too many jobs at a time, or " +
		"results older than 7 days. Read the exception that the caller logged, or look in CloudTrail."
)

const withoutDeadLetters = "there is no dead-letter queue"

func (t *textractAsync) alarmFamilies(props *AlarmsProps) []alarmFamily {
	impossible := ""
	if t.deadLetterQueue == nil {
		impossible = withoutDeadLetters
	}
	return []alarmFamily{
		{
			prop: "DeadLetters", impossible: impossible, settings: countSettings(props.DeadLetters),
			defaultThreshold: 1, defaultPeriods: 1,
			watched: []watched{{"DeadLetters", t.MetricDeadLetters, deadLettersText}},
		},
		{
			prop: "NotificationAge", isAge: true, settings: ageSettings(props.NotificationAge),
			defaultThreshold: defaultAgeSeconds, defaultPeriods: 1,
			watched: []watched{{"NotificationAge", t.MetricNotificationAge, notificationAgeText}},
		},
		{
			prop: "FailedDeliveries", settings: countSettings(props.FailedDeliveries),
			defaultThreshold: 1, defaultPeriods: 1,
			watched: []watched{{"FailedDeliveries", t.MetricFailedDeliveries, failedDeliveriesText}},
		},
		{
			prop: "LostNotifications", impossible: impossible, settings: countSettings(props.LostNotifications),
			defaultThreshold: 1, defaultPeriods: 1,
			watched: []watched{{"LostNotifications", t.MetricLostNotifications, lostNotificationsText}},
		},
		{
			prop: "Throttles", settings: countSettings(props.Throttles),
			defaultThreshold: defaultThrottles, defaultPeriods: defaultThrottlePeriods,
			watched: t.eachOperation("Throttles", t.MetricThrottledRequests, throttlesText),
		},
		{
			prop: "ServerErrors", settings: countSettings(props.ServerErrors),
			defaultThreshold: defaultServerErrors, defaultPeriods: 1,
			watched: t.eachOperation("ServerErrors", t.MetricServerErrors, serverErrorsText),
		},
		{
			prop: "UserErrors", settings: countSettings(props.UserErrors),
			defaultThreshold: defaultUserErrors, defaultPeriods: 1,
			watched: t.eachOperation("UserErrors", t.MetricUserErrors, userErrorsText),
		},
	}
}

// metricOfOperation is a method of TextractAsync for one of Textract's metrics.
type metricOfOperation func(APIOperation, *awscloudwatch.MetricOptions) awscloudwatch.Metric

// eachOperation watches them one by one. A sum of them would have no value in a period in which one of them was not called.
func (t *textractAsync) eachOperation(suffix string, metric metricOfOperation, text string) []watched {
	var all []watched
	for _, operation := range t.apiOperations() {
		all = append(all, watched{
			id: string(operation) + suffix,
			metric: func(options *awscloudwatch.MetricOptions) awscloudwatch.Metric {
				return metric(operation, options)
			},
			description: fmt.Sprintf(text, operation),
		})
	}
	return all
}

func countSettings(given *AlarmSettings) alarmSettings {
	s := valueOr(given, AlarmSettings{})
	return alarmSettings{
		disabled: s.Disabled, threshold: s.Threshold, period: s.Period,
		evaluationPeriods: s.EvaluationPeriods, datapointsToAlarm: s.DatapointsToAlarm,
	}
}

func ageSettings(given *AgeAlarmSettings) alarmSettings {
	s := valueOr(given, AgeAlarmSettings{})
	return alarmSettings{
		disabled: s.Disabled, maxAge: s.Threshold, period: s.Period,
		evaluationPeriods: s.EvaluationPeriods, datapointsToAlarm: s.DatapointsToAlarm,
	}
}

func (f *alarmFamily) threshold() *float64 {
	switch {
	case f.settings.maxAge != nil:
		return f.settings.maxAge.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})
	case f.settings.threshold != nil:
		return f.settings.threshold
	default:
		return &f.defaultThreshold
	}
}
