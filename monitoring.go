package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
)

// Properties for AddAlarms. All are optional, and nil stands for all defaults.
//
// Periods, numbers of periods and thresholds are documented with each alarm; what is left out of its settings stays as it is
// there.
type AlarmsProps struct {
	// A topic, not the construct's own, to which every alarm sends when it goes off and when it is over. It is in the stack's
	// Region.
	//
	// The policies of a topic of this app and of its key are extended so that the alarms of this account may publish, which
	// they may not to a topic that refuses plain HTTP or is encrypted; for an imported topic a warning says what its policy
	// must hold.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
	//
	// Default: none.
	//
	Topic awssns.ITopic

	// What else every alarm does when it goes off.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
	//
	// Default: none.
	//
	AlarmActions *[]awscloudwatch.IAlarmAction

	// What else every alarm does when it is over.
	//
	// Default: none.
	//
	OkActions *[]awscloudwatch.IAlarmAction

	// Notifications lie in the dead-letter queue.
	//
	// Left out where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/dead-letter-queues-alarms-cloudwatch.html
	//
	// Default: on, 1 notification in 1 period of 5 minutes.
	//
	DeadLetters *AlarmSettings

	// The oldest notification waits too long.
	//
	// SQS leaves out of the age what was received 3 times already; that is the business of the dead letters.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
	//
	// Default: on, 1 hour in 1 period of 5 minutes.
	//
	NotificationAge *AgeAlarmSettings

	// SNS gave up delivering notifications: to the queue, and to whatever else is subscribed to the topic.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	//
	// Default: on, 1 notification in 1 period of 5 minutes.
	//
	FailedDeliveries *AlarmSettings

	// SNS could not even move to the dead-letter queue what it gave up delivering: these notifications are lost.
	//
	// Left out where there is no dead-letter queue.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
	//
	// Default: on, 1 notification in 1 period of 5 minutes.
	//
	LostNotifications *AlarmSettings

	// Textract throttles requests. One alarm for each Start and Get operation.
	//
	// Callers retry what is throttled, so it goes off only when that does not end.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	//
	// Default: on, 10 requests in each of 3 periods of 5 minutes.
	//
	Throttles *AlarmSettings

	// Textract answers requests with server errors (500 to 599). One alarm for each Start and Get operation.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cloudwatch-metricsdim.html
	//
	// Default: on, 5 requests in 1 period of 5 minutes.
	//
	ServerErrors *AlarmSettings

	// Textract refuses requests (400 to 499): no permission, a document it cannot read, too many jobs at a time, results that
	// are older than 7 days. One alarm for each Start and Get operation.
	//
	// A pipeline with few documents may lower the threshold, down to 1.
	// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
	//
	// Default: on, 10 requests in 1 period of 5 minutes.
	//
	UserErrors *AlarmSettings
}

// When an alarm that counts goes off.
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
type AlarmSettings struct {
	// Whether to go without.
	//
	// Default: false.
	//
	Disabled *bool

	// How many of what it counts in one period make it go off: more than 0.
	//
	// Default: as documented with the alarm.
	//
	Threshold *float64

	// The length of one period: whole minutes, for these metrics come once a minute.
	//
	// Default: 5 minutes.
	//
	Period awscdk.Duration

	// How many periods are looked at: a whole number. All of them are not longer than 1 day, or 7 days with periods of an hour
	// or more.
	//
	// Default: as documented with the alarm.
	//
	EvaluationPeriods *float64

	// In how many of these periods the threshold must be reached: a whole number, at most EvaluationPeriods.
	//
	// Default: EvaluationPeriods.
	//
	DatapointsToAlarm *float64
}

// When the alarm on the age of the oldest notification goes off.
// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
type AgeAlarmSettings struct {
	// Whether to go without.
	//
	// Default: false.
	//
	Disabled *bool

	// The age that makes it go off: shorter than the queue keeps a notification, for none gets older.
	//
	// Default: 1 hour.
	//
	Threshold awscdk.Duration

	// The length of one period: whole minutes, for this metric comes once a minute.
	//
	// Default: 5 minutes.
	//
	Period awscdk.Duration

	// How many periods are looked at: a whole number. All of them are not longer than 1 day, or 7 days with periods of an hour
	// or more.
	//
	// Default: 1.
	//
	EvaluationPeriods *float64

	// In how many of these periods the threshold must be reached: a whole number, at most EvaluationPeriods.
	//
	// Default: EvaluationPeriods.
	//
	DatapointsToAlarm *float64
}

// Properties for AddDashboard. All are optional, and nil stands for all defaults.
type DashboardProps struct {
	// The name of the dashboard: letters, digits, "-" and "_", at most 255 characters, unique in the account.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
	//
	// Default: a name that CloudFormation makes.
	//
	DashboardName *string

	// The time that the graphs show when the dashboard is opened: at least 1 minute.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
	//
	// Default: 1 day.
	//
	DefaultInterval awscdk.Duration
}

// An operation of Textract's API, as the dimension Operation of its metrics spells it.
// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
type APIOperation string

const (
	// Starts a job of Operation_TEXT_DETECTION.
	APIOperation_START_DOCUMENT_TEXT_DETECTION APIOperation = "StartDocumentTextDetection"
	// Reads results of Operation_TEXT_DETECTION.
	APIOperation_GET_DOCUMENT_TEXT_DETECTION APIOperation = "GetDocumentTextDetection"
	// Starts a job of Operation_DOCUMENT_ANALYSIS.
	APIOperation_START_DOCUMENT_ANALYSIS APIOperation = "StartDocumentAnalysis"
	// Reads results of Operation_DOCUMENT_ANALYSIS.
	APIOperation_GET_DOCUMENT_ANALYSIS APIOperation = "GetDocumentAnalysis"
	// Starts a job of Operation_EXPENSE_ANALYSIS.
	APIOperation_START_EXPENSE_ANALYSIS APIOperation = "StartExpenseAnalysis"
	// Reads results of Operation_EXPENSE_ANALYSIS.
	APIOperation_GET_EXPENSE_ANALYSIS APIOperation = "GetExpenseAnalysis"
	// Starts a job of Operation_LENDING_ANALYSIS.
	APIOperation_START_LENDING_ANALYSIS APIOperation = "StartLendingAnalysis"
	// Reads results of Operation_LENDING_ANALYSIS.
	APIOperation_GET_LENDING_ANALYSIS APIOperation = "GetLendingAnalysis"
	// Reads the summary of Operation_LENDING_ANALYSIS.
	APIOperation_GET_LENDING_ANALYSIS_SUMMARY APIOperation = "GetLendingAnalysisSummary"
)

// monitoring is what the construct has to remember for its alarms and its dashboard.
type monitoring struct {
	queueIsGiven   bool
	queueRetention awscdk.Duration // nil for the default

	hasAlarms    bool
	alarms       []awscloudwatch.Alarm
	ageThreshold *float64 // in seconds, where there is an alarm on it
	hasDashboard bool
}
