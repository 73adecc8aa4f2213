package props

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// Consumed gives a worker what it needs to run jobs.
func Consumed(textract textractasync.TextractAsync, worker awsiam.IGrantable) *map[string]*string {
	// region consume
	textract.GrantRunJobs(worker) // a role, user, group, function or state machine, or the role of a task
	environment := textract.EnvironmentVariables()
	// endregion
	return environment
}

// Monitored adds alarms and a dashboard.
func Monitored(stack awscdk.Stack, textract textractasync.TextractAsync) {
	// region monitoring
	key := awskms.NewKey(stack, jsii.String("OperatorsKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	operators := awssns.NewTopic(stack, jsii.String("Operators"), &awssns.TopicProps{MasterKey: key, EnforceSSL: jsii.Bool(true)})
	awssns.NewSubscription(stack, jsii.String("Pager"), &awssns.SubscriptionProps{ // a topic without one notifies nobody
		Topic: operators, Protocol: awssns.SubscriptionProtocol_EMAIL, Endpoint: jsii.String("operators@example.com"),
	})
	textract.AddAlarms(&textractasync.AlarmsProps{
		Topic:           operators,
		NotificationAge: &textractasync.AgeAlarmOptions{Threshold: awscdk.Duration_Minutes(jsii.Number(15))},
		UserErrors:      &textractasync.AlarmOptions{Threshold: jsii.Number(1)}, // few documents: each error counts
		NoCompletions:   &textractasync.AlarmOptions{},                          // no other construct or program starts jobs
	})
	textract.AddDashboard(nil)
	// endregion
}
