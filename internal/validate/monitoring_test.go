package validate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	periodFix   = "use whole minutes up to 7 days, a multiple of 60 seconds: CloudWatch gets the metrics once a minute"
	periodsFix  = "use a whole number of periods, 1 or more"
	aboveFix    = "use a number above 0 that a count can reach"
	ageFix      = "use less than the 604,800 seconds of the queue's RetentionPeriod: the age never reaches that"
	nameFix     = `use 1 to 255 of the characters A-Z, a-z, 0-9, "-" and "_"`
	knownFix    = "use a duration that is known at synthesis: the CDK cannot use a token here"
	fifoFix     = "use a standard topic: an alarm has no MessageGroupId to publish with"
	ownTopicFix = "use another topic: alarms would arrive in the queue among the notifications"
)

var alarmsCases = []ruleCase[Alarms]{
	{rule: "AddAlarms once", name: "first call", change: func(*Alarms) {}},
	{
		rule: "AddAlarms once", name: "second call", change: func(a *Alarms) { a.Repeated = true },
		want: []Problem{{"AddAlarms", "a second call", "call AddAlarms once"}},
	},
	{rule: "Topic Region", name: "same", change: func(a *Alarms) { a.Topic = &AlarmTopic{Environment: inStack} }},
	{
		rule: "Topic Region", name: "another account",
		change: func(a *Alarms) {
			a.Topic = &AlarmTopic{Environment: Environment{Account: otherAccount, Region: stackRegion}}
		},
	},
	{rule: "Topic Region", name: "unknown", change: func(a *Alarms) { a.Topic = &AlarmTopic{Environment: unknown} }},
	{
		rule: "Topic Region", name: "other", change: func(a *Alarms) { a.Topic = &AlarmTopic{Environment: elsewhere} },
		want: []Problem{{"Topic", `Region "eu-west-1"`, `use a topic in the stack's Region, "us-east-1"`}},
	},
	{rule: "Topic stack", name: "same", change: func(a *Alarms) { a.Topic = &AlarmTopic{Environment: inStack} }},
	{
		rule: "Topic stack", name: "another stage",
		change: func(a *Alarms) {
			a.Topic = &AlarmTopic{Environment: Environment{Account: stackAccount, Region: stackRegion, OtherStage: "Test"}}
		},
		want: []Problem{{
			"Topic", `a new topic in stage "Test"`, "use one in the stage of the construct, or import it by its ARN as text: " +
				"the CDK refers to no resource of another stage",
		}},
	},
	{
		rule: "Topic stack", name: "another environment",
		change: func(a *Alarms) {
			a.Topic = &AlarmTopic{
				Environment: Environment{Account: otherAccount, Region: stackRegion, Unreachable: "aws://444455556666/us-east-1"},
			}
		},
		want: []Problem{{
			"Topic", "a new topic in environment aws://444455556666/us-east-1",
			"use the same Env for both stacks, give the topic a name, or import it by its ARN: " +
				"CloudFormation cannot refer to a resource without a name in another environment",
		}},
	},
	{
		rule: "Topic ARN", name: "a topic",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{ARN: "arn:aws:sns:us-east-1:111122223333:Alarms"} },
	},
	{rule: "Topic ARN", name: "unknown", change: func(a *Alarms) { a.Topic = &AlarmTopic{ARN: aToken} }},
	{
		rule: "Topic ARN", name: "a queue of the app",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{ARN: aToken, OtherType: "AWS::SQS::Queue"} },
		want:   []Problem{{"Topic", "a resource of type AWS::SQS::Queue", "use a topic"}},
	},
	{
		rule: "Topic key", name: "disabled",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{Key: &Key{ARN: aToken, Disabled: true}} },
		want:   []Problem{{"Topic", "a topic encrypted with a disabled key", "use a key that is enabled: no alarm would arrive"}},
	},
	{
		rule: "Topic ARN", name: "a queue",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{ARN: "arn:aws:sqs:us-east-1:111122223333:alarms"} },
		want:   []Problem{{"Topic", `"arn:aws:sqs:us-east-1:111122223333:alarms"`, topicARN.fix()}},
	},
	{rule: "Topic FIFO", name: "a standard topic", change: func(a *Alarms) { a.Topic = &AlarmTopic{} }},
	{
		rule: "Topic FIFO", name: "a FIFO topic", change: func(a *Alarms) { a.Topic = &AlarmTopic{FIFO: true} },
		want: []Problem{{"Topic", "a FIFO topic", fifoFix}},
	},
	{
		rule: "Topic FIFO", name: "by its ARN",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{ARN: "arn:aws:sns:us-east-1:111122223333:Alarms.fifo"} },
		want:   []Problem{{"Topic", "a FIFO topic", fifoFix}},
	},
	{rule: "Topic key", name: "none", change: func(a *Alarms) { a.Topic = &AlarmTopic{} }},
	{
		rule: "Topic key", name: "customer managed", change: func(a *Alarms) { a.Topic = &AlarmTopic{Key: &Key{Alias: "alias/alarms"}} },
	},
	{
		rule: "Topic key", name: "AWS managed", change: func(a *Alarms) { a.Topic = &AlarmTopic{Key: &Key{Alias: "alias/aws/sns"}} },
		want: []Problem{{
			"Topic", "a topic encrypted with alias/aws/sns",
			"encrypt it with a customer managed key: CloudWatch cannot use that key, and no alarm would arrive",
		}},
	},
	{rule: "Topic of its own", name: "another", change: func(a *Alarms) { a.Topic = &AlarmTopic{} }},
	{
		rule: "Topic of its own", name: "the construct's", change: func(a *Alarms) { a.Topic = &AlarmTopic{Own: true} },
		want: []Problem{{"Topic", "the construct's own topic", ownTopicFix}},
	},
	{rule: "Number of actions", name: "five", change: func(a *Alarms) { a.OkActions = slices.Repeat([]bool{true}, 5) }},
	{
		rule: "Number of actions", name: "five and a topic",
		change: func(a *Alarms) { a.Topic, a.AlarmActions = &AlarmTopic{}, slices.Repeat([]bool{true}, 5) },
		want: []Problem{{
			"AlarmActions", "6 actions, with the Topic",
			"use at most 5, or send to a topic and subscribe to it: CloudWatch takes no more",
		}},
	},
	{rule: "AlarmActions nil", name: "there", change: func(a *Alarms) { a.AlarmActions = []bool{true, true} }},
	{
		rule: "AlarmActions nil", name: "nil", change: func(a *Alarms) { a.AlarmActions = []bool{true, false} },
		want: []Problem{{"AlarmActions[1]", "nil", "use an action, or remove it"}},
	},
	{rule: "OkActions nil", name: "none", change: func(a *Alarms) { a.OkActions = []bool{} }},
	{
		rule: "OkActions nil", name: "nil", change: func(a *Alarms) { a.OkActions = []bool{false} },
		want: []Problem{{"OkActions[0]", "nil", "use an action, or remove it"}},
	},
}

var alarmCases = slices.Concat(
	thresholdCases,
	[]ruleCase[Alarm]{
		alarm("Alarm unavailable", "not set", "", "", "", func(a *Alarm) { a.Unavailable = "there is none" }),
		alarm("Alarm unavailable", "disabled", "", "", "", func(a *Alarm) {
			a.Unavailable, a.Disabled = "there is none", ptr(true)
		}),
		alarm("Alarm unavailable", "set", "", "options of an alarm", "remove Throttles: there is none", func(a *Alarm) {
			a.Unavailable, a.Threshold = "there is none", ptr(1.0)
		}),
		alarm("Alarm unavailable", "enabled", "", "options of an alarm", "remove Throttles: there is none", func(a *Alarm) {
			a.Unavailable, a.Disabled = "there is none", ptr(false)
		}),

		alarm("Disabled with other options", "alone", "", "", "", func(a *Alarm) { a.Disabled = ptr(true) }),
		alarm("Disabled with other options", "on with settings", "", "", "", func(a *Alarm) {
			a.Disabled, a.Threshold = ptr(false), ptr(1.0)
		}),
		alarm("Disabled with other options", "with a period", "", "Disabled with other options",
			"remove Disabled, or the other options", func(a *Alarm) { a.Disabled, a.Period = ptr(true), &Seconds{Value: 60} }),

		period("lowest", 60, ""),
		period("highest", 604_800, ""),
		period("zero", 0, "0 seconds"),
		period("negative", -60, "-60 seconds"),
		period("high resolution", 10, "10 seconds"),
		period("half a minute", 30, "30 seconds"),
		period("no multiple", 90, "90 seconds"),
		period("fraction", 60.5, "60.5 seconds"),
		period("too high", 604_860, "604860 seconds"),
		period("NaN", math.NaN(), "NaN seconds"),
		alarm("Period whole minutes", "token", ".Period", "a token", knownFix, func(a *Alarm) { a.Period = &Seconds{Unresolved: true} }),

		periods("lowest", 1, 60, ""),
		periods("a day of minutes", 1_440, 60, ""),
		periods("a week of hours", 168, 3_600, ""),
		periods("zero", 0, 60, "0"),
		periods("negative", -1, 60, "-1"),
		periods("fraction", 1.5, 60, "1.5"),
		periods("NaN", math.NaN(), 60, "NaN"),
		alarm("EvaluationPeriods range", "more than a day of minutes", ".EvaluationPeriods", "1441 periods of 60 seconds",
			"use fewer or shorter periods, together at most 1 day", func(a *Alarm) {
				a.EvaluationPeriods, a.Period = ptr(1_441.0), &Seconds{Value: 60}
			}),
		alarm("EvaluationPeriods range", "more than a day of the default period", ".EvaluationPeriods", "289 periods of 300 seconds",
			"use fewer or shorter periods, together at most 1 day", func(a *Alarm) { a.EvaluationPeriods = ptr(289.0) }),
		alarm("EvaluationPeriods range", "more than a week with the default", ".EvaluationPeriods", "3 periods of 259200 seconds",
			"use fewer or shorter periods, together at most 7 days", func(a *Alarm) { a.Period = &Seconds{Value: 259_200} }),

		datapoints("lowest", 1, ""),
		datapoints("highest", 3, ""),
		datapoints("zero", 0, "0"),
		datapoints("more than periods", 4, "4"),
		datapoints("fraction", 1.5, "1.5"),
		datapoints("NaN", math.NaN(), "NaN"),
		alarm("DatapointsToAlarm range", "unknown periods", "", "", "", func(a *Alarm) {
			a.DefaultEvaluationPeriods, a.DatapointsToAlarm = 0, ptr(9.0)
		}),
	},
)

var thresholdCases = []ruleCase[Alarm]{
	threshold("one", 1, ""),
	threshold("fraction", 0.5, ""),
	threshold("zero", 0, "0"),
	threshold("negative", -1, "-1"),
	threshold("NaN", math.NaN(), "NaN"),
	threshold("infinite", math.Inf(1), "+Inf"),

	age("below retention", 604_799, 604_800, "", ""),
	age("of an existing queue", 9_999_999, 0, "", ""),
	age("zero", 0, 604_800, "0 seconds", "use an age above 0"),
	age("negative", -1, 0, "-1 seconds", "use an age above 0"),
	age("NaN", math.NaN(), 604_800, "NaN seconds", "use an age above 0"),
	age("retention", 604_800, 604_800, "604800 seconds", ageFix),
	age("above retention", 604_801, 604_800, "604801 seconds", ageFix),
	alarm("Threshold below RetentionPeriod", "unknown", "", "", "", func(a *Alarm) { a.MaxAge = &Seconds{Unresolved: true} }),
	alarm("Threshold below RetentionPeriod", "token in seconds", "", "", "", func(a *Alarm) {
		a.MaxAge = &Seconds{Unresolved: true, Unit: "seconds"}
	}),
	alarm("Threshold below RetentionPeriod", "token in hours", ".Threshold", "a token in hours",
		"use awscdk.Duration_Seconds for a token: the CDK cannot convert it", func(a *Alarm) {
			a.MaxAge = &Seconds{Unresolved: true, Unit: "hours"}
		}),
	alarm("Threshold below RetentionPeriod", "unknown retention", "", "", "", func(a *Alarm) {
		a.MaxAge, a.RetentionPeriod = &Seconds{Value: 9_999_999}, &Seconds{Unresolved: true}
	}),
}

var dashboardCases = []ruleCase[Dashboard]{
	{rule: "AddDashboard once", name: "first call", change: func(*Dashboard) {}},
	{
		rule: "AddDashboard once", name: "second call", change: func(d *Dashboard) { d.Repeated = true },
		want: []Problem{{"AddDashboard", "a second call", "call AddDashboard once"}},
	},
	name("letters", "Textract-1_a", ""),
	name("longest", strings.Repeat("a", 255), ""),
	name("a token", aToken, ""),
	name("empty", "", `""`),
	name("space", "my dashboard", `"my dashboard"`),
	name("too long", strings.Repeat("a", 256), `"`+strings.Repeat("a", 256)+`"`),
	name("half-known", "documents-"+aToken, ""),
	name("half-known with a space", "my dashboard "+aToken, quoted("my dashboard "+aToken)),
	{
		rule: "DashboardName", name: "list token", change: func(d *Dashboard) { d.Name = ptr(aListToken) },
		want: []Problem{{"DashboardName", quoted(aListToken), listTokenFix}},
	},
	interval("a minute", &Seconds{Value: 60}, "", ""),
	interval("token", &Seconds{Unresolved: true}, "a token", knownFix),
	interval("too short", &Seconds{Value: 59}, "59 seconds", "use at least 1 minute"),
	interval("negative", &Seconds{Value: -60}, "-60 seconds", "use at least 1 minute"),
}

func TestAlarmsRules(t *testing.T) {
	testRules(t, alarmsRules, alarmsCases, CheckAlarms, func() Alarms { return Alarms{Stack: inStack} })
}

func TestAlarmRules(t *testing.T) {
	all := func(a Alarm) []Problem { return CheckAlarms(Alarms{Each: []Alarm{a}}) }
	testRules(
		t,
		alarmRules,
		alarmCases,
		all,
		func() Alarm { return Alarm{Prop: "Throttles", DefaultPeriod: 300, DefaultEvaluationPeriods: 3} },
	)
}

func TestDashboardRules(t *testing.T) {
	testRules(t, dashboardRules, dashboardCases, CheckDashboard, func() Dashboard { return Dashboard{} })
}

func TestEveryMonitoringRuleHasCases(t *testing.T) {
	requireCases(t, alarmsRules, alarmsCases)
	requireCases(t, alarmRules, alarmCases)
	requireCases(t, dashboardRules, dashboardCases)
}

func TestAlarmProblemsComeInTheOrderOfTheAlarms(t *testing.T) {
	wrong := func(prop string) Alarm {
		return Alarm{
			Prop: prop, Threshold: ptr(0.0), Period: &Seconds{Value: 1},
			EvaluationPeriods: ptr(2.0), DatapointsToAlarm: ptr(3.0),
		}
	}
	got := paths(CheckAlarms(Alarms{Repeated: true, Each: []Alarm{wrong("Throttles"), wrong("ServerErrors")}}))
	want := []string{
		"AddAlarms",
		"Throttles.Threshold", "Throttles.Period", "Throttles.DatapointsToAlarm",
		"ServerErrors.Threshold", "ServerErrors.Period", "ServerErrors.DatapointsToAlarm",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("props of the problems (-want +got):\n%s", diff)
	}
}

func TestAPIOperation(t *testing.T) {
	allowed := []string{"StartDocumentAnalysis", "GetDocumentAnalysis"}
	for operation, want := range map[string][]Problem{
		"GetDocumentAnalysis": nil,
		aToken:                nil,
		"GetExpenseAnalysis": {{
			"operation", `"GetExpenseAnalysis"`,
			`use "StartDocumentAnalysis" or "GetDocumentAnalysis", or add its operation to Operations`,
		}},
	} {
		if diff := cmp.Diff(want, CheckAPIOperation(operation, allowed)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", operation, diff)
		}
	}
}

// alarm expects no problem where bad is empty.
func alarm(rule, name, setting, bad, fix string, change func(*Alarm)) ruleCase[Alarm] {
	c := ruleCase[Alarm]{rule: rule, name: name, change: change}
	if bad != "" {
		c.want = []Problem{{"Throttles" + setting, bad, fix}}
	}
	return c
}

func threshold(name string, value float64, bad string) ruleCase[Alarm] {
	return alarm("Threshold above zero", name, ".Threshold", bad, aboveFix,
		func(a *Alarm) { a.Threshold = &value })
}

// age has an existing queue where retention is 0.
func age(name string, value, retention float64, bad, fix string) ruleCase[Alarm] {
	return alarm("Threshold below RetentionPeriod", name, ".Threshold", bad, fix, func(a *Alarm) {
		a.MaxAge = &Seconds{Value: value}
		if retention != 0 {
			a.RetentionPeriod = &Seconds{Value: retention}
		}
	})
}

func period(name string, seconds float64, bad string) ruleCase[Alarm] {
	return alarm("Period whole minutes", name, ".Period", bad, periodFix, func(a *Alarm) {
		a.Period, a.EvaluationPeriods = &Seconds{Value: seconds}, ptr(1.0)
	})
}

func periods(name string, value, seconds float64, bad string) ruleCase[Alarm] {
	return alarm("EvaluationPeriods range", name, ".EvaluationPeriods", bad, periodsFix, func(a *Alarm) {
		a.EvaluationPeriods, a.Period = &value, &Seconds{Value: seconds}
	})
}

func datapoints(name string, value float64, bad string) ruleCase[Alarm] {
	return alarm("DatapointsToAlarm range", name, ".DatapointsToAlarm", bad,
		"use a whole number from 1 to the 3 of EvaluationPeriods", func(a *Alarm) { a.DatapointsToAlarm = &value })
}

func name(name, value, bad string) ruleCase[Dashboard] {
	c := ruleCase[Dashboard]{rule: "DashboardName", name: name, change: func(d *Dashboard) { d.Name = &value }}
	if bad != "" {
		c.want = []Problem{{"DashboardName", bad, nameFix}}
	}
	return c
}

func interval(name string, value *Seconds, bad, fix string) ruleCase[Dashboard] {
	c := ruleCase[Dashboard]{rule: "DefaultInterval", name: name, change: func(d *Dashboard) { d.Interval = value }}
	if bad != "" {
		c.want = []Problem{{"DefaultInterval", bad, fix}}
	}
	return c
}
