package props

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// Consumed gives a worker what it needs to run jobs.
func Consumed(textract textractasync.TextractAsync, worker awsiam.IGrantable) *map[string]*string {
	// region consume
	textract.GrantRunJobs(worker) // a role, user, group, function, task or state machine
	environment := textract.EnvironmentVariables()
	// endregion
	return environment
}

// Monitored adds alarms and a dashboard.
func Monitored(stack awscdk.Stack, textract textractasync.TextractAsync) {
	// region monitoring
	operators := awssns.NewTopic(stack, jsii.String("Operators"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	textract.AddAlarms(&textractasync.AlarmsProps{
		Topic:           operators,
		NotificationAge: &textractasync.AgeAlarmOptions{Threshold: awscdk.Duration_Minutes(jsii.Number(15))},
		UserErrors:      &textractasync.AlarmOptions{Threshold: jsii.Number(1)}, // few documents: each error counts
	})
	textract.AddDashboard(nil) // after AddAlarms, so that it shows their states
	// endregion
}
