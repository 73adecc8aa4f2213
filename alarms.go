package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

func (t *textractAsync) AddAlarms(props *AlarmsProps) *[]awscloudwatch.Alarm {
	given := valueOr(props, AlarmsProps{})
	families := t.alarmFamilies(&given)
	t.panicOnProblems(validate.CheckAlarms(t.alarmSettings(&given, families)))
	t.monitoring.hasAlarms = true

	actions := t.alarmActions(&given)
	scope := constructs.NewConstruct(t, jsii.String("Alarms"))
	period := awscdk.Duration_Seconds(jsii.Number(validate.DefaultAlarmPeriod))
	for _, family := range families {
		if family.impossible == "" && !isTrue(family.settings.disabled) {
			t.addFamily(scope, family, period, actions)
		}
	}
	alarms := append([]awscloudwatch.Alarm{}, t.monitoring.alarms...)
	return &alarms
}

func (t *textractAsync) addFamily(
	scope constructs.Construct, family alarmFamily, defaultPeriod awscdk.Duration, actions alarmActions,
) {
	period := family.settings.period
	if period == nil {
		period = defaultPeriod
	}
	threshold := family.threshold()
	if family.isAge {
		t.monitoring.ageThreshold = threshold
	}
	for _, w := range family.watched {
		alarm := awscloudwatch.NewAlarm(scope, jsii.String(w.id), &awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String(w.description),
			Metric:             w.metric(&awscloudwatch.MetricOptions{Period: period}),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			Threshold:          threshold,
			EvaluationPeriods:  firstOf(family.settings.evaluationPeriods, &family.defaultPeriods),
			DatapointsToAlarm:  family.settings.datapointsToAlarm,
			// None of these metrics is reported while there is nothing to report.
			TreatMissingData: awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		actions.addTo(alarm)
		t.monitoring.alarms = append(t.monitoring.alarms, alarm)
	}
}

// alarmSettings puts the props as they were given into plain values.
func (t *textractAsync) alarmSettings(props *AlarmsProps, families []alarmFamily) validate.Alarms {
	settings := validate.Alarms{
		Stack:        t.env.place(),
		Repeated:     t.monitoring.hasAlarms,
		AlarmActions: arePresent(props.AlarmActions),
		OkActions:    arePresent(props.OkActions),
	}
	if props.Topic != nil {
		settings.Topic = &validate.AlarmTopic{
			Place: t.env.placeOf(props.Topic),
			Own:   *props.Topic.TopicArn() == t.snsTopicArn(),
		}
	}
	for i := range families {
		settings.Each = append(settings.Each, t.familySettings(&families[i]))
	}
	return settings
}

func (t *textractAsync) familySettings(f *alarmFamily) validate.Alarm {
	alarm := validate.Alarm{
		Prop:                     f.prop,
		Impossible:               f.impossible,
		Disabled:                 f.settings.disabled,
		Threshold:                knownNumber(f.settings.threshold),
		MaxAge:                   seconds(f.settings.maxAge),
		Period:                   seconds(f.settings.period),
		EvaluationPeriods:        knownNumber(f.settings.evaluationPeriods),
		DatapointsToAlarm:        knownNumber(f.settings.datapointsToAlarm),
		DefaultEvaluationPeriods: f.defaultPeriods,
	}
	if alarm.EvaluationPeriods == nil && f.settings.evaluationPeriods != nil {
		alarm.DefaultEvaluationPeriods = 0
	}
	if alarm.MaxAge != nil {
		alarm.Retention = t.monitoring.retention()
	}
	return alarm
}

// retention is how long the queue keeps a notification; nil where the queue is the user's.
func (m *monitoring) retention() *validate.Seconds {
	switch {
	case m.queueIsGiven:
		return nil
	case m.queueRetention == nil:
		return &validate.Seconds{Value: validate.DefaultMessageRetention}
	default:
		return seconds(m.queueRetention)
	}
}

func arePresent(actions *[]awscloudwatch.IAlarmAction) []bool {
	present := make([]bool, len(valueOr(actions, nil)))
	for i := range present {
		present[i] = (*actions)[i] != nil
	}
	return present
}
