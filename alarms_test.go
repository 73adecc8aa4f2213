package textractasync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// alarmDefaults are what AWS documents of a metric, and what the prop of its alarm documents as the
// default.
type alarmDefaults struct {
	documented, namespace, metric, statistic string
	threshold, periods                       float64
	missingData                              string
}

var alarmDefaultsOf = map[string]alarmDefaults{
	"DeadLetterQueue": {
		"on, 1 message in 1 period of 5 minutes",
		"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 1, 1, "ignore",
	},
	"NotificationAge": {
		"on, 1 hour in 1 period of 5 minutes",
		"AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 3600, 1, "notBreaching",
	},
	"FailedDeliveries": {
		"on, 1 notification in 1 period of 5 minutes",
		"AWS/SNS", "NumberOfNotificationsFailed", "Sum", 1, 1, "notBreaching",
	},
	"FailedRedrives": {
		"on, 1 notification in 1 period of 5 minutes",
		"AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum", 1, 1, "notBreaching",
	},
	"Throttles": {
		"on, 10 requests in each of 3 periods of 5 minutes",
		"AWS/Textract", "ThrottledCount", "Sum", 10, 3, "notBreaching",
	},
	"ServerErrors": {
		"on, 5 requests in 1 period of 5 minutes",
		"AWS/Textract", "ServerErrorCount", "Sum", 5, 1, "notBreaching",
	},
	"UserErrors": {
		"on, 10 requests in 1 period of 5 minutes",
		"AWS/Textract", "UserErrorCount", "Sum", 10, 1, "notBreaching",
	},
	"NoCompletions": {
		"off. With an empty AlarmOptions on, 1 job in each of 6 periods of 1 hour",
		"AWS/Textract", "SuccessfulRequestCount", "Sum", 1, 6, "missing",
	},
}

// withAll asks for the alarm that is off by default.
func withAll() *textractasync.AlarmsProps {
	return &textractasync.AlarmsProps{NoCompletions: &textractasync.AlarmOptions{}}
}

// alarmsOf returns the alarms by their construct's id, and apart from that their descriptions.
func alarmsOf(stack awscdk.Stack, alarms *[]awscloudwatch.Alarm) (properties map[string]object, descriptions map[string]string) {
	resources := propertiesOf(stack, "AWS::CloudWatch::Alarm")
	properties, descriptions = map[string]object{}, map[string]string{}
	for _, alarm := range *alarms {
		id := *alarm.Node().Id()
		properties[id] = maps.Clone(resources[logicalID(alarm)])
		descriptions[id], _ = properties[id]["AlarmDescription"].(string)
		delete(properties[id], "AlarmDescription")
	}
	return properties, descriptions
}

func (d alarmDefaults) properties() object {
	return object{
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": d.threshold,
		"EvaluationPeriods": d.periods, "TreatMissingData": d.missingData,
	}
}

// single is an alarm on one metric.
func (d alarmDefaults) single(dimension string, value any) object {
	alarm := d.properties()
	alarm["Namespace"], alarm["MetricName"], alarm["Statistic"], alarm["Period"] = d.namespace, d.metric, d.statistic, 300.0
	alarm["Dimensions"] = []any{object{"Name": dimension, "Value": value}}
	return alarm
}

// sum is an alarm on the sum of one metric over the operations.
func (d alarmDefaults) sum(operations ...textractasync.APIOperation) object {
	var terms []string
	var metrics []any
	for i, operation := range operations {
		id := fmt.Sprintf("m%d", i)
		terms = append(terms, "FILL("+id+",0)")
		metrics = append(metrics, object{"Id": id, "ReturnData": false, "MetricStat": object{
			"Metric": object{
				"Namespace": d.namespace, "MetricName": d.metric,
				"Dimensions": []any{object{"Name": "Operation", "Value": string(operation)}},
			},
			"Period": 300.0, "Stat": d.statistic,
		}})
	}
	alarm := d.properties()
	alarm["Metrics"] = append([]any{object{"Id": "expr_1", "Expression": strings.Join(terms, "+"), "ReturnData": true}}, metrics...)
	return alarm
}

func TestAlarms(t *testing.T) {
	stack := newStack("Alarms")
	textract := newTextractAsync(stack, nil)
	alarms := textract.AddAlarms(nil)
	got, descriptions := alarmsOf(stack, alarms)

	all := slices.Concat(
		apiOperationsOf[textractasync.Operation_TEXT_DETECTION], apiOperationsOf[textractasync.Operation_DOCUMENT_ANALYSIS],
		apiOperationsOf[textractasync.Operation_EXPENSE_ANALYSIS], apiOperationsOf[textractasync.Operation_LENDING_ANALYSIS],
	)
	want := map[string]object{}
	for id, defaults := range alarmDefaultsOf {
		switch id {
		case "NoCompletions": // off
		case "DeadLetterQueue":
			want[id] = defaults.single("QueueName", attributeOf(textract.DeadLetterQueue(), "QueueName"))
		case "NotificationAge":
			want[id] = defaults.single("QueueName", attributeOf(textract.Queue(), "QueueName"))
		case "FailedDeliveries", "FailedRedrives":
			want[id] = defaults.single("TopicName", attributeOf(textract.Topic(), "TopicName"))
		default:
			want[id] = defaults.sum(all...)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	if made := propertiesOf(stack, "AWS::CloudWatch::Alarm"); len(made) != len(*alarms) {
		t.Errorf("%d alarms in the template, %d returned", len(made), len(*alarms))
	}
	for id, description := range descriptions {
		// PutMetricAlarm takes 1,024 characters. A second sentence says what to do.
		if len(description) > 1024 || strings.Count(description, ". ") == 0 {
			t.Errorf("%s: description %q", id, description)
		}
		for _, operation := range all {
			if sums := got[id]["Metrics"] != nil; sums != strings.Contains(description, string(operation)) {
				t.Errorf("%s: description %q, want %s in it: %t", id, description, operation, sums)
			}
		}
	}
}

func TestAlarmsOfChosenOperations(t *testing.T) {
	stack := newStack("Alarms")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS},
	})
	got, descriptions := alarmsOf(stack, textract.AddAlarms(nil))
	if len(got) != len(alarmDefaultsOf)-1 {
		t.Errorf("alarms %v", slices.Sorted(maps.Keys(got)))
	}
	for _, id := range []string{"Throttles", "ServerErrors", "UserErrors"} {
		want := alarmDefaultsOf[id].sum(apiOperationsOf[textractasync.Operation_EXPENSE_ANALYSIS]...)
		if diff := cmp.Diff(want, got[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
		if text := descriptions[id]; !strings.Contains(text, "StartExpenseAnalysis, GetExpenseAnalysis.") {
			t.Errorf("%s: description %q does not list the operations", id, text)
		}
	}
}

func TestNoAlarmOfADeadLetterQueueThatIsNotThere(t *testing.T) {
	for reason, props := range map[string]func(awscdk.Stack) *textractasync.TextractAsyncProps{
		"disabled": func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true)}}
		},
		"an existing queue": func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{
				Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), Encryption: textractasync.Encryption_SERVICE_MANAGED,
			}
		},
	} {
		t.Run(reason, func(t *testing.T) {
			stack := newStack("Alarms")
			textract := newTextractAsync(stack, props(stack))
			got, _ := alarmsOf(stack, textract.AddAlarms(&textractasync.AlarmsProps{
				DeadLetterQueue: &textractasync.AlarmOptions{Disabled: jsii.Bool(true)},
			}))
			want := []string{"FailedDeliveries", "NotificationAge", "ServerErrors", "Throttles", "UserErrors"}
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
				t.Errorf("alarms (-want +got):\n%s", diff)
			}
			if textract.MetricDeadLetterQueueMessages(nil) != nil || textract.MetricFailedRedrives(nil) != nil {
				t.Error("a metric without a dead-letter queue")
			}
			textract.AddDashboard(nil)
		})
	}
}

func TestAlarmOptions(t *testing.T) {
	stack := newStack("Alarms")
	minutes := func(n float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	off := &textractasync.AlarmOptions{Disabled: jsii.Bool(true)}
	got, _ := alarmsOf(stack, newTextractAsync(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		DeadLetterQueue: &textractasync.AlarmOptions{
			Threshold: jsii.Number(7), Period: minutes(1), EvaluationPeriods: jsii.Number(5), DatapointsToAlarm: jsii.Number(2),
		},
		NotificationAge: &textractasync.AgeAlarmOptions{
			Threshold: awscdk.Duration_Hours(jsii.Number(2)), Period: minutes(15),
			EvaluationPeriods: jsii.Number(4), DatapointsToAlarm: jsii.Number(3),
		},
		FailedDeliveries: off, FailedRedrives: off, Throttles: off, ServerErrors: off,
		UserErrors: &textractasync.AlarmOptions{Threshold: jsii.Number(1), Period: minutes(1)},
	}))

	wanted := map[string]object{
		"DeadLetterQueue": {"Threshold": 7.0, "Period": 60.0, "EvaluationPeriods": 5.0, "DatapointsToAlarm": 2.0},
		"NotificationAge": {"Threshold": 7200.0, "Period": 900.0, "EvaluationPeriods": 4.0, "DatapointsToAlarm": 3.0},
		"UserErrors":      {"Threshold": 1.0, "EvaluationPeriods": 1.0},
	}
	if len(got) != len(wanted) {
		t.Errorf("alarms %v", slices.Sorted(maps.Keys(got)))
	}
	for id, want := range wanted {
		for property, value := range want {
			if got[id][property] != value {
				t.Errorf("%s: %s %v, want %v", id, property, got[id][property], value)
			}
		}
	}
	for _, metric := range got["UserErrors"]["Metrics"].([]any)[1:] {
		if period := metric.(object)["MetricStat"].(object)["Period"]; period != 60.0 {
			t.Errorf("UserErrors: period %v of %v, want 60", period, metric)
		}
	}
}

// pager is an alarm action with an ARN.
type pager struct{ arn string }

func (p *pager) Bind(constructs.Construct, awscloudwatch.IAlarm) *awscloudwatch.AlarmActionConfig {
	return &awscloudwatch.AlarmActionConfig{AlarmActionArn: jsii.String(p.arn)}
}

func TestAlarmTopicAndActions(t *testing.T) {
	const onAlarm, onOk = "arn:aws:ssm:us-east-1:111122223333:opsitem:1", "arn:aws:ssm:us-east-1:111122223333:opsitem:2"
	stack := newStack("Alarms")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key, EnforceSSL: jsii.Bool(true)})
	alarms := newTextractAsync(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		Topic:        topic,
		AlarmActions: &[]awscloudwatch.IAlarmAction{&pager{onAlarm}},
		OkActions:    &[]awscloudwatch.IAlarmAction{&pager{onOk}},
	})
	got, _ := alarmsOf(stack, alarms)
	for id, alarm := range got {
		if diff := cmp.Diff([]any{ref(topic), onAlarm}, alarm["AlarmActions"]); diff != "" {
			t.Errorf("%s: alarm actions (-want +got):\n%s", id, diff)
		}
		if diff := cmp.Diff([]any{ref(topic), onOk}, alarm["OKActions"]); diff != "" {
			t.Errorf("%s: OK actions (-want +got):\n%s", id, diff)
		}
	}

	template := assertions.Template_FromStack(stack, nil)
	condition := object{
		"ArnLike": object{"aws:SourceArn": join(
			"arn:", pseudo("Partition"), ":cloudwatch:", pseudo("Region"), ":", pseudo("AccountId"), ":alarm:*")},
		"StringEquals": object{"aws:SourceAccount": pseudo("AccountId")},
	}
	cloudWatch := object{"Service": "cloudwatch.amazonaws.com"}
	mustMatch(t, func() {
		template.HasResourceProperties(jsii.String("AWS::SNS::TopicPolicy"), object{
			"Topics": []any{ref(topic)},
			"PolicyDocument": document(object{
				"Effect": "Allow", "Principal": cloudWatch, "Action": "sns:Publish", "Resource": ref(topic), "Condition": condition,
			}),
		})
	})
	mustMatch(t, func() {
		template.HasResourceProperties(jsii.String("AWS::KMS::Key"), object{
			"KeyPolicy": document(object{
				"Effect": "Allow", "Principal": cloudWatch, "Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"},
				"Resource": "*", "Condition": condition,
			}),
		})
	})
}

func TestImportedAlarmTopic(t *testing.T) {
	stack := newStackWithEnv("Stack")
	arn := func(service, resource string) *string {
		return jsii.String("arn:aws:" + service + ":" + region + ":" + account + ":" + resource)
	}
	newTextractAsync(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		Topic: awssns.Topic_FromTopicAttributes(stack, jsii.String("Topic"), &awssns.TopicAttributes{
			TopicArn: arn("sns", "pager"), KeyArn: arn("kms", "key/00000000-0000-4000-8000-000000000000"),
		}),
	})
	warnings := assertions.Annotations_FromStack(stack)
	for _, want := range []string{
		`"Action":"sns:Publish".*"aws:SourceArn":"` + *arn("cloudwatch", "alarm:\\*") + `".*"Resource":"` + *arn("sns", "pager"),
		`"Action":\["kms:Decrypt","kms:GenerateDataKey\*"\].*"Service":"cloudwatch.amazonaws.com"`,
	} {
		mustMatch(t, func() {
			warnings.HasWarning(jsii.String("/Stack/TextractAsync"), assertions.Match_StringLikeRegexp(jsii.String(want)))
		})
	}
}

func TestInvalidAlarmsProps(t *testing.T) {
	minute := func() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }
	rows := []struct {
		reason string
		props  func(awscdk.Stack, textractasync.TextractAsync) *textractasync.AlarmsProps
		want   []textractasync.Problem
	}{
		{
			"options of every kind",
			func(awscdk.Stack, textractasync.TextractAsync) *textractasync.AlarmsProps {
				return &textractasync.AlarmsProps{
					AlarmActions:     &[]awscloudwatch.IAlarmAction{nil},
					OkActions:        &[]awscloudwatch.IAlarmAction{&pager{"arn"}, nil},
					DeadLetterQueue:  &textractasync.AlarmOptions{Threshold: jsii.Number(0)},
					NotificationAge:  &textractasync.AgeAlarmOptions{Threshold: awscdk.Duration_Days(jsii.Number(7))},
					FailedDeliveries: &textractasync.AlarmOptions{Period: awscdk.Duration_Seconds(jsii.Number(30))},
					Throttles:        &textractasync.AlarmOptions{DatapointsToAlarm: jsii.Number(4)},
					ServerErrors:     &textractasync.AlarmOptions{EvaluationPeriods: jsii.Number(1.5)},
					UserErrors:       &textractasync.AlarmOptions{Disabled: jsii.Bool(true), Period: minute()},
				}
			},
			[]textractasync.Problem{
				{Prop: "AlarmActions[0]", Value: "nil"},
				{Prop: "OkActions[1]", Value: "nil"},
				{Prop: "DeadLetterQueue.Threshold", Value: "0"},
				{Prop: "NotificationAge.Threshold", Value: "604800 seconds"},
				{Prop: "FailedDeliveries.Period", Value: "30 seconds"},
				{Prop: "Throttles.DatapointsToAlarm", Value: "4"},
				{Prop: "ServerErrors.EvaluationPeriods", Value: "1.5"},
				{Prop: "UserErrors", Value: "Disabled with other options"},
			},
		},
		{
			"the construct's own topic",
			func(_ awscdk.Stack, textract textractasync.TextractAsync) *textractasync.AlarmsProps {
				return &textractasync.AlarmsProps{Topic: textract.Topic()}
			},
			[]textractasync.Problem{{Prop: "Topic", Value: "the construct's own topic"}},
		},
		{
			"a topic in another Region",
			func(stack awscdk.Stack, _ textractasync.TextractAsync) *textractasync.AlarmsProps {
				return &textractasync.AlarmsProps{Topic: awssns.Topic_FromTopicArn(stack, jsii.String("Pager"),
					jsii.String("arn:aws:sns:eu-central-1:111122223333:pager"))}
			},
			[]textractasync.Problem{{Prop: "Topic", Value: `Region "eu-central-1"`}},
		},
		{
			"a second call",
			func(_ awscdk.Stack, textract textractasync.TextractAsync) *textractasync.AlarmsProps {
				textract.AddAlarms(nil)
				return nil
			},
			[]textractasync.Problem{{Prop: "AddAlarms", Value: "a second call"}},
		},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			stack := newStackWithEnv("Stack")
			textract := newTextractAsync(stack, nil)
			props := row.props(stack, textract)
			assertProblems(t, row.want, panicOf(t, func() { textract.AddAlarms(props) }))
		})
	}
}

func TestAgeThresholdIsShorterThanRetentionPeriod(t *testing.T) {
	hours := func(n float64) awscdk.Duration { return awscdk.Duration_Hours(jsii.Number(n)) }
	age := &textractasync.AlarmsProps{NotificationAge: &textractasync.AgeAlarmOptions{Threshold: hours(5)}}
	keptFor := func(n float64) textractasync.TextractAsync {
		return newTextractAsync(newStack("Stack"), &textractasync.TextractAsyncProps{RetentionPeriod: hours(n)})
	}
	keptFor(6).AddAlarms(age)
	assertProblems(t, []textractasync.Problem{{Prop: "NotificationAge.Threshold", Value: "18000 seconds"}},
		panicOf(t, func() { keptFor(5).AddAlarms(age) }))

	stack := newStack("Stack")
	existingQueue := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), Encryption: textractasync.Encryption_SERVICE_MANAGED,
	})
	existingQueue.AddAlarms(&textractasync.AlarmsProps{NotificationAge: &textractasync.AgeAlarmOptions{Threshold: hours(24 * 13)}})
}

func TestAlarmOfADeadLetterQueueThatIsNotThere(t *testing.T) {
	textract := newTextractAsync(newStack("Stack"), &textractasync.TextractAsyncProps{
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true)},
	})
	options := &textractasync.AlarmOptions{Threshold: jsii.Number(2)}
	assertProblems(t, []textractasync.Problem{{Prop: "DeadLetterQueue"}, {Prop: "FailedRedrives"}}, panicOf(t, func() {
		textract.AddAlarms(&textractasync.AlarmsProps{DeadLetterQueue: options, FailedRedrives: options})
	}))
}

func TestAlarmTokensPass(t *testing.T) {
	stack := newStack("Stack")
	number := func(id string) *float64 {
		return awscdk.NewCfnParameter(stack, jsii.String(id), &awscdk.CfnParameterProps{Type: jsii.String("Number")}).ValueAsNumber()
	}
	got, _ := alarmsOf(stack, newTextractAsync(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		DeadLetterQueue: &textractasync.AlarmOptions{
			Threshold: number("Threshold"), EvaluationPeriods: number("Periods"), DatapointsToAlarm: jsii.Number(9),
		},
		NotificationAge: &textractasync.AgeAlarmOptions{Threshold: awscdk.Duration_Seconds(number("Age"))},
	}))
	for id, parameter := range map[string]string{"DeadLetterQueue": "Threshold", "NotificationAge": "Age"} {
		if diff := cmp.Diff(object{"Ref": parameter}, got[id]["Threshold"]); diff != "" {
			t.Errorf("%s: threshold (-want +got):\n%s", id, diff)
		}
	}
}

// An alarm topic of every origin lets the alarms publish, or a warning says what is missing.
func TestAlarmTopicOfEveryOrigin(t *testing.T) {
	for name, row := range map[string]struct {
		topic     func(home, other awscdk.Stack) awssns.ITopic
		isGranted bool   // by a policy of a template
		warning   string // the id; empty for none
	}{
		"without a policy": {func(home, _ awscdk.Stack) awssns.ITopic { return awssns.NewTopic(home, jsii.String("Alarms"), nil) }, false, ""},
		"that denies plain HTTP": {func(home, _ awscdk.Stack) awssns.ITopic {
			return awssns.NewTopic(home, jsii.String("Alarms"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
		}, true, ""},
		"with a TopicPolicy": {func(home, _ awscdk.Stack) awssns.ITopic {
			topic := awssns.NewTopic(home, jsii.String("Alarms"), nil)
			awssns.NewTopicPolicy(home, jsii.String("Policy"), &awssns.TopicPolicyProps{Topics: &[]awssns.ITopic{topic}}).Document().
				AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
					Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
					Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
				}))
			return topic
		}, true, ""},
		"of another account": {func(_, other awscdk.Stack) awssns.ITopic {
			return awssns.NewTopic(other, jsii.String("Alarms"), &awssns.TopicProps{TopicName: jsii.String("ops")})
		}, true, ""},
		"imported": {func(home, _ awscdk.Stack) awssns.ITopic {
			return awssns.Topic_FromTopicArn(home, jsii.String("Alarms"), jsii.String("arn:aws:sns:"+region+":"+account+":ops"))
		}, false, "if nobody did, acknowledge"},
		"imported of another account": {func(home, _ awscdk.Stack) awssns.ITopic {
			return awssns.Topic_FromTopicArn(home, jsii.String("Alarms"), jsii.String("arn:aws:sns:"+region+":"+otherAccount+":ops"))
		}, false, "denies the alarms of this one"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{
					Env: &awscdk.Environment{Account: jsii.String(otherAccount), Region: jsii.String(region)},
				})
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), nil)
				textract.AddAlarms(&textractasync.AlarmsProps{Topic: row.topic(home, other)})
				got := synthesizeApp(t, app)
				granted := got.where("AWS::SNS::TopicPolicy", "sns:Publish", func(a allowed) bool {
					return a.principal == "Service:cloudwatch.amazonaws.com"
				})
				if (len(granted) > 0) != row.isGranted {
					t.Errorf("statements for CloudWatch: %v", granted)
				}
				got.warnings.expect(t, "alarmTopicPolicy", row.warning != "", row.warning)
			})
		})
	}
}

func TestAlarmTopicWithTheServicesOwnKeyIsRejected(t *testing.T) {
	stack := newStackWithEnv("Home")
	topic := awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
		MasterKey: awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String("alias/aws/sns")),
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	err := panicOf(t, func() { textract.AddAlarms(&textractasync.AlarmsProps{Topic: topic}) })
	if len(err.Problems) != 1 || err.Problems[0].Prop != "Topic" {
		t.Errorf("got %v", err)
	}
}
