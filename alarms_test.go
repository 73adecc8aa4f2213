package textractasync_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

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

// alarmsOf returns the alarms by their construct's id, without their descriptions.
func alarmsOf(stack awscdk.Stack, alarms *[]awscloudwatch.Alarm) (properties map[string]object, descriptions map[string]string) {
	resources := templateOf(stack, "AWS::CloudWatch::Alarm")
	properties, descriptions = map[string]object{}, map[string]string{}
	for _, alarm := range *alarms {
		id := *alarm.Node().Id()
		properties[id] = maps.Clone(resources[logicalID(alarm)])
		descriptions[id], _ = properties[id]["AlarmDescription"].(string)
		delete(properties[id], "AlarmDescription")
	}
	return properties, descriptions
}

func TestAlarms(t *testing.T) {
	stack := newStack("Alarms")
	textract := newMonitored(stack, nil)
	alarms := textract.AddAlarms(nil)
	got, descriptions := alarmsOf(stack, alarms)

	want := map[string]object{}
	expect := func(id string, row alarmRow, dimension string, value any) {
		want[id] = object{
			"Namespace": row.namespace, "MetricName": row.metric, "Statistic": row.statistic, "Period": 300.0,
			"Dimensions":         []any{object{"Name": dimension, "Value": value}},
			"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": row.threshold,
			"EvaluationPeriods": row.periods, "TreatMissingData": "notBreaching",
		}
	}
	nameOf := func(resource awscdk.IResource, attribute string) object {
		return object{"Fn::GetAtt": []any{logicalID(resource), attribute}}
	}
	expect("DeadLetters", alarmRows["DeadLetters"], "QueueName", nameOf(textract.DeadLetterQueue(), "QueueName"))
	expect("NotificationAge", alarmRows["NotificationAge"], "QueueName", nameOf(textract.Queue(), "QueueName"))
	for _, family := range []string{"FailedDeliveries", "LostNotifications"} {
		expect(family, alarmRows[family], "TopicName", nameOf(textract.Topic(), "TopicName"))
	}
	for _, family := range []string{"Throttles", "ServerErrors", "UserErrors"} {
		for _, operations := range apiOperationsOf {
			for _, operation := range operations {
				expect(string(operation)+family, alarmRows[family], "Operation", string(operation))
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	if all := templateOf(stack, "AWS::CloudWatch::Alarm"); len(all) != len(*alarms) {
		t.Errorf("%d alarms in the template, %d returned", len(all), len(*alarms))
	}
	for id, description := range descriptions {
		// PutMetricAlarm takes 1,024 characters. A second sentence says what to do.
		if len(description) > 1024 || strings.Count(description, ". ") == 0 {
			t.Errorf("%s: description %q", id, description)
		}
	}
}

func TestAlarmsOfChosenOperations(t *testing.T) {
	stack := newStack("Alarms")
	textract := newMonitored(stack, &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS},
	})
	got, _ := alarmsOf(stack, textract.AddAlarms(nil))
	want := []string{
		"DeadLetters", "FailedDeliveries",
		"GetExpenseAnalysisServerErrors", "GetExpenseAnalysisThrottles", "GetExpenseAnalysisUserErrors",
		"LostNotifications", "NotificationAge",
		"StartExpenseAnalysisServerErrors", "StartExpenseAnalysisThrottles", "StartExpenseAnalysisUserErrors",
	}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}

func TestNoAlarmThatCannotGoOff(t *testing.T) {
	for reason, props := range map[string]func(awscdk.Stack) *textractasync.TextractAsyncProps{
		"dead letters off": func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetters: &textractasync.DeadLetters{Disabled: jsii.Bool(true)}}
		},
		"a given queue": func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{
				Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), Encryption: textractasync.Encryption_SERVICE_MANAGED,
			}
		},
	} {
		t.Run(reason, func(t *testing.T) {
			stack := newStack("Alarms")
			textract := newMonitored(stack, props(stack))
			got, _ := alarmsOf(stack, textract.AddAlarms(&textractasync.AlarmsProps{
				DeadLetters: &textractasync.AlarmSettings{Disabled: jsii.Bool(true)},
			}))
			if len(got) != 29 || got["DeadLetters"] != nil || got["LostNotifications"] != nil {
				t.Errorf("alarms %v", slices.Sorted(maps.Keys(got)))
			}
			if textract.MetricDeadLetters(nil) != nil || textract.MetricLostNotifications(nil) != nil {
				t.Error("a metric without a dead-letter queue")
			}
			textract.AddDashboard(nil)
		})
	}
}

func TestAlarmSettings(t *testing.T) {
	stack := newStack("Alarms")
	minutes := func(n float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	off := &textractasync.AlarmSettings{Disabled: jsii.Bool(true)}
	got, _ := alarmsOf(stack, newMonitored(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		DeadLetters: &textractasync.AlarmSettings{
			Threshold: jsii.Number(7), Period: minutes(1), EvaluationPeriods: jsii.Number(5), DatapointsToAlarm: jsii.Number(2),
		},
		NotificationAge: &textractasync.AgeAlarmSettings{
			Threshold: awscdk.Duration_Hours(jsii.Number(2)), Period: minutes(15),
			EvaluationPeriods: jsii.Number(4), DatapointsToAlarm: jsii.Number(3),
		},
		FailedDeliveries: off, LostNotifications: off, Throttles: off, ServerErrors: off, UserErrors: off,
	}))

	wanted := map[string]object{
		"DeadLetters":     {"Threshold": 7.0, "Period": 60.0, "EvaluationPeriods": 5.0, "DatapointsToAlarm": 2.0},
		"NotificationAge": {"Threshold": 7200.0, "Period": 900.0, "EvaluationPeriods": 4.0, "DatapointsToAlarm": 3.0},
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
}

// pager is an action that the CDK asks for its ARN.
type pager struct{ arn string }

func (p *pager) Bind(constructs.Construct, awscloudwatch.IAlarm) *awscloudwatch.AlarmActionConfig {
	return &awscloudwatch.AlarmActionConfig{AlarmActionArn: jsii.String(p.arn)}
}

func TestAlarmTopicAndActions(t *testing.T) {
	const onAlarm, onOk = "arn:aws:ssm:us-east-1:111122223333:opsitem:1", "arn:aws:ssm:us-east-1:111122223333:opsitem:2"
	stack := newStack("Alarms")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	topic := awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key, EnforceSSL: jsii.Bool(true)})
	alarms := newMonitored(stack, nil).AddAlarms(&textractasync.AlarmsProps{
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
	mustHold(t, func() {
		template.HasResourceProperties(jsii.String("AWS::SNS::TopicPolicy"), object{
			"Topics": []any{ref(topic)},
			"PolicyDocument": document(object{
				"Effect": "Allow", "Principal": cloudWatch, "Action": "sns:Publish", "Resource": ref(topic), "Condition": condition,
			}),
		})
	})
	mustHold(t, func() {
		template.HasResourceProperties(jsii.String("AWS::KMS::Key"), object{
			"KeyPolicy": document(object{
				"Effect": "Allow", "Principal": cloudWatch, "Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"},
				"Resource": "*", "Condition": condition,
			}),
		})
	})
}

func TestImportedAlarmTopicWarns(t *testing.T) {
	stack := newHome()
	arn := func(service, resource string) *string {
		return jsii.String("arn:aws:" + service + ":" + region + ":" + account + ":" + resource)
	}
	newMonitored(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		Topic: awssns.Topic_FromTopicAttributes(stack, jsii.String("Topic"), &awssns.TopicAttributes{
			TopicArn: arn("sns", "pager"), KeyArn: arn("kms", "key/00000000-0000-4000-8000-000000000000"),
		}),
	})
	warnings := assertions.Annotations_FromStack(stack)
	for _, want := range []string{
		`"Action":"sns:Publish".*"aws:SourceArn":"` + *arn("cloudwatch", "alarm:\\*") + `".*"Resource":"` + *arn("sns", "pager"),
		`"Action":\["kms:Decrypt","kms:GenerateDataKey\*"\].*"Service":"cloudwatch.amazonaws.com"`,
	} {
		mustHold(t, func() {
			warnings.HasWarning(jsii.String("/Home/TextractAsync"), assertions.Match_StringLikeRegexp(jsii.String(want)))
		})
	}
}

func TestAlarmMistakes(t *testing.T) {
	minute := func() awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(1)) }
	rows := []struct {
		reason string
		props  func(awscdk.Stack, textractasync.TextractAsync) *textractasync.AlarmsProps
		want   []textractasync.Problem
	}{
		{
			"settings of every kind",
			func(awscdk.Stack, textractasync.TextractAsync) *textractasync.AlarmsProps {
				return &textractasync.AlarmsProps{
					AlarmActions:     &[]awscloudwatch.IAlarmAction{nil},
					OkActions:        &[]awscloudwatch.IAlarmAction{&pager{"arn"}, nil},
					DeadLetters:      &textractasync.AlarmSettings{Threshold: jsii.Number(0)},
					NotificationAge:  &textractasync.AgeAlarmSettings{Threshold: awscdk.Duration_Days(jsii.Number(7))},
					FailedDeliveries: &textractasync.AlarmSettings{Period: awscdk.Duration_Seconds(jsii.Number(30))},
					Throttles:        &textractasync.AlarmSettings{DatapointsToAlarm: jsii.Number(4)},
					ServerErrors:     &textractasync.AlarmSettings{EvaluationPeriods: jsii.Number(1.5)},
					UserErrors:       &textractasync.AlarmSettings{Disabled: jsii.Bool(true), Period: minute()},
				}
			},
			[]textractasync.Problem{
				{Prop: "AlarmActions[0]", Value: "nil"},
				{Prop: "OkActions[1]", Value: "nil"},
				{Prop: "DeadLetters.Threshold", Value: "0"},
				{Prop: "NotificationAge.Threshold", Value: "604800 seconds"},
				{Prop: "FailedDeliveries.Period", Value: "30 seconds"},
				{Prop: "Throttles.DatapointsToAlarm", Value: "4"},
				{Prop: "ServerErrors.EvaluationPeriods", Value: "1.5"},
				{Prop: "UserErrors", Value: "Disabled with other settings"},
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
			stack := newHome()
			textract := newMonitored(stack, nil)
			props := row.props(stack, textract)
			assertProblems(t, row.want, panicOf(t, func() { textract.AddAlarms(props) }))
		})
	}
}

func TestAgeAgainstRetention(t *testing.T) {
	hours := func(n float64) awscdk.Duration { return awscdk.Duration_Hours(jsii.Number(n)) }
	age := &textractasync.AlarmsProps{NotificationAge: &textractasync.AgeAlarmSettings{Threshold: hours(5)}}
	kept := func(n float64) textractasync.TextractAsync {
		return newMonitored(newStack("Home"), &textractasync.TextractAsyncProps{MessageRetention: hours(n)})
	}
	kept(6).AddAlarms(age)
	assertProblems(t, []textractasync.Problem{{Prop: "NotificationAge.Threshold", Value: "18000 seconds"}},
		panicOf(t, func() { kept(5).AddAlarms(age) }))

	stack := newStack("Home")
	given := newMonitored(stack, &textractasync.TextractAsyncProps{
		Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil), Encryption: textractasync.Encryption_SERVICE_MANAGED,
	})
	given.AddAlarms(&textractasync.AlarmsProps{NotificationAge: &textractasync.AgeAlarmSettings{Threshold: hours(24 * 13)}})
}

func TestAlarmOfWhatThereIsNot(t *testing.T) {
	textract := newMonitored(newStack("Home"), &textractasync.TextractAsyncProps{
		DeadLetters: &textractasync.DeadLetters{Disabled: jsii.Bool(true)},
	})
	settings := &textractasync.AlarmSettings{Threshold: jsii.Number(2)}
	assertProblems(t, []textractasync.Problem{{Prop: "DeadLetters"}, {Prop: "LostNotifications"}}, panicOf(t, func() {
		textract.AddAlarms(&textractasync.AlarmsProps{DeadLetters: settings, LostNotifications: settings})
	}))
}

func TestAlarmTokensPass(t *testing.T) {
	stack := newStack("Home")
	number := func(id string) *float64 {
		return awscdk.NewCfnParameter(stack, jsii.String(id), &awscdk.CfnParameterProps{Type: jsii.String("Number")}).ValueAsNumber()
	}
	got, _ := alarmsOf(stack, newMonitored(stack, nil).AddAlarms(&textractasync.AlarmsProps{
		DeadLetters: &textractasync.AlarmSettings{
			Threshold: number("Threshold"), EvaluationPeriods: number("Periods"), DatapointsToAlarm: jsii.Number(9),
		},
		NotificationAge: &textractasync.AgeAlarmSettings{Threshold: awscdk.Duration_Seconds(number("Age"))},
	}))
	for id, parameter := range map[string]string{"DeadLetters": "Threshold", "NotificationAge": "Age"} {
		if diff := cmp.Diff(object{"Ref": parameter}, got[id]["Threshold"]); diff != "" {
			t.Errorf("%s: threshold (-want +got):\n%s", id, diff)
		}
	}
}
