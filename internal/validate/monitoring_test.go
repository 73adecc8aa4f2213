package validate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	periodMend   = "use whole minutes up to 7 days, a multiple of 60 seconds: the metrics come once a minute"
	periodsMend  = "use a whole number of periods, 1 or more"
	aboveMend    = "use a number above 0 that a count can reach"
	ageMend      = "use less than the 604,800 seconds that the queue keeps a notification: the age never gets there"
	nameMend     = `use 1 to 255 of the characters A-Z, a-z, 0-9, "-" and "_"`
	ownTopicMend = "use another topic: alarms would end among the notifications in the queue"
)

var alarmsCases = []ruleCase[Alarms]{
	{rule: "AddAlarms once", name: "first call", change: func(*Alarms) {}},
	{
		rule: "AddAlarms once", name: "second call", change: func(a *Alarms) { a.Repeated = true },
		want: []Problem{{"AddAlarms", "a second call", "leave out all calls of AddAlarms but one"}},
	},
	{rule: "Topic Region", name: "same", change: func(a *Alarms) { a.Topic = &AlarmTopic{Place: home} }},
	{
		rule: "Topic Region", name: "another account",
		change: func(a *Alarms) { a.Topic = &AlarmTopic{Place: Place{Account: otherAccount, Region: homeRegion}} },
	},
	{rule: "Topic Region", name: "unknown", change: func(a *Alarms) { a.Topic = &AlarmTopic{Place: unknown} }},
	{
		rule: "Topic Region", name: "other", change: func(a *Alarms) { a.Topic = &AlarmTopic{Place: elsewhere} },
		want: []Problem{{"Topic", `Region "eu-west-1"`, `use a topic in the stack's Region, "us-east-1"`}},
	},
	{rule: "Topic of its own", name: "another", change: func(a *Alarms) { a.Topic = &AlarmTopic{} }},
	{
		rule: "Topic of its own", name: "the construct's", change: func(a *Alarms) { a.Topic = &AlarmTopic{Own: true} },
		want: []Problem{{"Topic", "the construct's own topic", ownTopicMend}},
	},
	{rule: "AlarmActions given", name: "there", change: func(a *Alarms) { a.AlarmActions = []bool{true, true} }},
	{
		rule: "AlarmActions given", name: "nil", change: func(a *Alarms) { a.AlarmActions = []bool{true, false} },
		want: []Problem{{"AlarmActions[1]", "nil", "give an action, or leave it out"}},
	},
	{rule: "OkActions given", name: "none", change: func(a *Alarms) { a.OkActions = []bool{} }},
	{
		rule: "OkActions given", name: "nil", change: func(a *Alarms) { a.OkActions = []bool{false} },
		want: []Problem{{"OkActions[0]", "nil", "give an action, or leave it out"}},
	},
}

var alarmCases = slices.Concat(
	thresholdCases,
	[]ruleCase[Alarm]{
		alarm("Alarm possible", "not asked for", "", "", "", func(a *Alarm) { a.Impossible = "there is none" }),
		alarm("Alarm possible", "switched off", "", "", "", func(a *Alarm) {
			a.Impossible, a.Disabled = "there is none", ptr(true)
		}),
		alarm("Alarm possible", "asked for", "", "settings for an alarm", "leave out Throttles: there is none", func(a *Alarm) {
			a.Impossible, a.Threshold = "there is none", ptr(1.0)
		}),
		alarm("Alarm possible", "switched on", "", "settings for an alarm", "leave out Throttles: there is none", func(a *Alarm) {
			a.Impossible, a.Disabled = "there is none", ptr(false)
		}),

		alarm("Disabled without settings", "alone", "", "", "", func(a *Alarm) { a.Disabled = ptr(true) }),
		alarm("Disabled without settings", "on with settings", "", "", "", func(a *Alarm) {
			a.Disabled, a.Threshold = ptr(false), ptr(1.0)
		}),
		alarm("Disabled without settings", "with a period", "", "Disabled with other settings",
			"leave out Disabled, or the other settings", func(a *Alarm) { a.Disabled, a.Period = ptr(true), &Seconds{Value: 60} }),

		period("lowest", 60, ""),
		period("highest", 604_800, ""),
		period("zero", 0, "0 seconds"),
		period("negative", -60, "-60 seconds"),
		period("high resolution", 10, "10 seconds"),
		period("half a minute", 30, "30 seconds"),
		period("no multiple", 90, "90 seconds"),
		period("fraction", 60.5, "60.5 seconds"),
		period("too high", 604_860, "604860 seconds"),
		period("no number", math.NaN(), "NaN seconds"),
		alarm("Period whole minutes", "unknown", "", "", "", func(a *Alarm) { a.Period = &Seconds{Unresolved: true} }),

		periods("lowest", 1, 60, ""),
		periods("a day of minutes", 1_440, 60, ""),
		periods("a week of hours", 168, 3_600, ""),
		periods("zero", 0, 60, "0"),
		periods("negative", -1, 60, "-1"),
		periods("fraction", 1.5, 60, "1.5"),
		periods("no number", math.NaN(), 60, "NaN"),
		alarm("EvaluationPeriods range", "more than a day of minutes", ".EvaluationPeriods", "1441 periods of 60 seconds",
			"use fewer or shorter periods, together at most 1 day", func(a *Alarm) {
				a.EvaluationPeriods, a.Period = ptr(1_441.0), &Seconds{Value: 60}
			}),
		alarm("EvaluationPeriods range", "more than a day of the default period", ".EvaluationPeriods", "289 periods of 300 seconds",
			"use fewer or shorter periods, together at most 1 day", func(a *Alarm) { a.EvaluationPeriods = ptr(289.0) }),
		alarm("EvaluationPeriods range", "more than a week with the default", ".EvaluationPeriods", "3 periods of 259200 seconds",
			"use fewer or shorter periods, together at most 7 days", func(a *Alarm) { a.Period = &Seconds{Value: 259_200} }),
		alarm("EvaluationPeriods range", "unknown period", "", "", "", func(a *Alarm) {
			a.EvaluationPeriods, a.Period = ptr(9_999.0), &Seconds{Unresolved: true}
		}),

		datapoints("lowest", 1, ""),
		datapoints("highest", 3, ""),
		datapoints("zero", 0, "0"),
		datapoints("more than periods", 4, "4"),
		datapoints("fraction", 1.5, "1.5"),
		datapoints("no number", math.NaN(), "NaN"),
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
	threshold("no number", math.NaN(), "NaN"),
	threshold("infinite", math.Inf(1), "+Inf"),

	age("below retention", 604_799, 604_800, "", ""),
	age("of a queue that is given", 9_999_999, 0, "", ""),
	age("zero", 0, 604_800, "0 seconds", "use an age above 0"),
	age("negative", -1, 0, "-1 seconds", "use an age above 0"),
	age("no number", math.NaN(), 604_800, "NaN seconds", "use an age above 0"),
	age("retention", 604_800, 604_800, "604800 seconds", ageMend),
	age("above retention", 604_801, 604_800, "604801 seconds", ageMend),
	alarm("Threshold below retention", "unknown", "", "", "", func(a *Alarm) { a.MaxAge = &Seconds{Unresolved: true} }),
	alarm("Threshold below retention", "unknown retention", "", "", "", func(a *Alarm) {
		a.MaxAge, a.Retention = &Seconds{Value: 9_999_999}, &Seconds{Unresolved: true}
	}),
}

var dashboardCases = []ruleCase[Dashboard]{
	{rule: "AddDashboard once", name: "first call", change: func(*Dashboard) {}},
	{
		rule: "AddDashboard once", name: "second call", change: func(d *Dashboard) { d.Repeated = true },
		want: []Problem{{"AddDashboard", "a second call", "leave out all calls of AddDashboard but one"}},
	},
	name("letters", "Textract-1_a", ""),
	name("longest", strings.Repeat("a", 255), ""),
	name("a token", aToken, ""),
	name("empty", "", `""`),
	name("space", "my dashboard", `"my dashboard"`),
	name("too long", strings.Repeat("a", 256), `"`+strings.Repeat("a", 256)+`"`),
	interval("a minute", &Seconds{Value: 60}, ""),
	interval("unknown", &Seconds{Unresolved: true}, ""),
	interval("too short", &Seconds{Value: 59}, "59 seconds"),
	interval("negative", &Seconds{Value: -60}, "-60 seconds"),
}

func TestAlarmsRules(t *testing.T) {
	testRules(t, alarmsRules, alarmsCases, CheckAlarms, func() Alarms { return Alarms{Stack: home} })
}

func TestAlarmRules(t *testing.T) {
	all := func(a Alarm) []Problem { return CheckAlarms(Alarms{Each: []Alarm{a}}) }
	testRules(t, alarmRules, alarmCases, all, func() Alarm { return Alarm{Prop: "Throttles", DefaultEvaluationPeriods: 3} })
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
	chosen := []string{"StartDocumentAnalysis", "GetDocumentAnalysis"}
	for operation, want := range map[string][]Problem{
		"GetDocumentAnalysis": nil,
		aToken:                nil,
		"GetExpenseAnalysis": {{
			"operation", `"GetExpenseAnalysis"`,
			`use "StartDocumentAnalysis" or "GetDocumentAnalysis", or name its operation in Operations`,
		}},
	} {
		if diff := cmp.Diff(want, CheckAPIOperation(operation, chosen)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", operation, diff)
		}
	}
}

// alarm expects to pass where no value is refused.
func alarm(rule, name, setting, value, mend string, change func(*Alarm)) ruleCase[Alarm] {
	c := ruleCase[Alarm]{rule: rule, name: name, change: change}
	if value != "" {
		c.want = []Problem{{"Throttles" + setting, value, mend}}
	}
	return c
}

func threshold(name string, value float64, refused string) ruleCase[Alarm] {
	return alarm("Threshold above zero", name, ".Threshold", refused, aboveMend,
		func(a *Alarm) { a.Threshold = &value })
}

// age has a queue of the user's where nothing is known of its retention.
func age(name string, value, retention float64, refused, mend string) ruleCase[Alarm] {
	return alarm("Threshold below retention", name, ".Threshold", refused, mend, func(a *Alarm) {
		a.MaxAge = &Seconds{Value: value}
		if retention != 0 {
			a.Retention = &Seconds{Value: retention}
		}
	})
}

func period(name string, seconds float64, refused string) ruleCase[Alarm] {
	return alarm("Period whole minutes", name, ".Period", refused, periodMend, func(a *Alarm) {
		a.Period, a.EvaluationPeriods = &Seconds{Value: seconds}, ptr(1.0)
	})
}

func periods(name string, value, seconds float64, refused string) ruleCase[Alarm] {
	return alarm("EvaluationPeriods range", name, ".EvaluationPeriods", refused, periodsMend, func(a *Alarm) {
		a.EvaluationPeriods, a.Period = &value, &Seconds{Value: seconds}
	})
}

func datapoints(name string, value float64, refused string) ruleCase[Alarm] {
	return alarm("DatapointsToAlarm range", name, ".DatapointsToAlarm", refused,
		"use a whole number from 1 to the 3 of EvaluationPeriods", func(a *Alarm) { a.DatapointsToAlarm = &value })
}

func name(name, value, refused string) ruleCase[Dashboard] {
	c := ruleCase[Dashboard]{rule: "DashboardName", name: name, change: func(d *Dashboard) { d.Name = &value }}
	if refused != "" {
		c.want = []Problem{{"DashboardName", refused, nameMend}}
	}
	return c
}

func interval(name string, value *Seconds, refused string) ruleCase[Dashboard] {
	c := ruleCase[Dashboard]{rule: "DefaultInterval", name: name, change: func(d *Dashboard) { d.Interval = value }}
	if refused != "" {
		c.want = []Problem{{"DefaultInterval", refused, "use at least 1 minute"}}
	}
	return c
}
