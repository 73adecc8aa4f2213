package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"
)

const cloudWatchPrincipal = "cloudwatch.amazonaws.com"

// The ids by which Annotations.AcknowledgeWarning silences each.
const (
	warningAlarmTopicPolicy    = warningPrefix + "alarmTopicPolicy"
	warningAlarmTopicKeyPolicy = warningPrefix + "alarmTopicKeyPolicy"
)

// alarmActions are what every alarm does.
type alarmActions struct {
	topicArns *[]*string // nil without a topic
	onAlarm   []awscloudwatch.IAlarmAction
	onOk      []awscloudwatch.IAlarmAction
}

func (t *textractAsync) alarmActions(props *AlarmsProps) alarmActions {
	actions := alarmActions{
		onAlarm: valueOr(props.AlarmActions, nil),
		onOk:    valueOr(props.OkActions, nil),
	}
	if props.Topic != nil {
		arn := props.Topic.TopicArn()
		actions.topicArns = &[]*string{arn}
		t.letAlarmsPublish(props.Topic, *arn)
	}
	return actions
}

// addTo sets the topic by its ARN, which spares users the package of the CDK that knows every target of an alarm. It comes
// first: actions are added to what is set.
func (a alarmActions) addTo(alarm awscloudwatch.Alarm) {
	if a.topicArns != nil {
		alarm.SetAlarmActionArns(a.topicArns)
		alarm.SetOkActionArns(a.topicArns)
	}
	if len(a.onAlarm) > 0 {
		alarm.AddAlarmAction(a.onAlarm...)
	}
	if len(a.onOk) > 0 {
		alarm.AddOkAction(a.onOk...)
	}
}

// letAlarmsPublish extends the policies of topic and key. A topic with a policy of its own, such as one that refuses plain
// HTTP, has lost the one by which SNS lets the alarms of the account in.
func (t *textractAsync) letAlarmsPublish(topic awssns.ITopic, arn string) {
	publish := statement{
		"Effect":    "Allow",
		"Principal": map[string]any{"Service": cloudWatchPrincipal},
		"Action":    "sns:Publish",
		"Resource":  arn,
		"Condition": t.fromAlarms(),
	}
	if !*topic.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(publish)).StatementAdded {
		warnStatement(t, warningAlarmTopicPolicy, "Topic of AddAlarms: the policy of "+*topic.Node().Path()+
			" is out of reach; unless it is the one that SNS gives a new topic, alarms need this statement in it", publish)
	}
	if key := topic.MasterKey(); key != nil {
		t.letAlarmsUse(key)
	}
}

// letAlarmsUse lets CloudWatch encrypt what it publishes.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func (t *textractAsync) letAlarmsUse(key awskms.IKey) {
	use := publishKeyStatement(cloudWatchPrincipal, t.fromAlarms())
	if !*key.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(use), jsii.Bool(true)).StatementAdded {
		warnStatement(t, warningAlarmTopicKeyPolicy, "Topic of AddAlarms: the policy of "+*key.Node().Path()+
			" is out of reach, and without this statement no alarm reaches the topic", use)
	}
}

// fromAlarms is the condition that holds when CloudWatch acts for an alarm of this account and Region. The alarms' own names
// are CloudFormation's, and to refer to them would go round in a circle where topic and alarms are in different stacks.
func (t *textractAsync) fromAlarms() map[string]any {
	return map[string]any{
		"ArnLike":      map[string]any{"aws:SourceArn": t.env.alarmArn("*")},
		"StringEquals": map[string]any{"aws:SourceAccount": t.env.account},
	}
}

func (e environment) alarmArn(name string) string {
	return "arn:" + e.partition + ":cloudwatch:" + e.region + ":" + e.account + ":alarm:" + name
}
