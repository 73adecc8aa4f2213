package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// Alarms are the settings of a construct's alarms as plain values.
type Alarms struct {
	Stack Place

	Repeated     bool
	Topic        *AlarmTopic
	AlarmActions []bool // whether each is there
	OkActions    []bool

	Each []Alarm
}

// AlarmTopic is the topic that alarms send to.
type AlarmTopic struct {
	Place
	Own bool // the topic that Textract publishes to
}

// Alarm is one alarm as it was given. A nil pointer is a setting that was not given.
type Alarm struct {
	Prop       string
	Impossible string // why there can be no such alarm

	Disabled          *bool
	Threshold         *float64
	MaxAge            *Seconds // the threshold of an alarm on age
	Period            *Seconds
	EvaluationPeriods *float64
	DatapointsToAlarm *float64

	DefaultEvaluationPeriods float64  // 0 when EvaluationPeriods is a token
	Retention                *Seconds // how long what ages is kept; nil when unknown
}

// Dashboard are the settings of a dashboard as plain values.
type Dashboard struct {
	Repeated bool
	Name     *string
	Interval *Seconds
}

// The bounds of CloudWatch, in seconds, and the period of an alarm that is not told otherwise.
const (
	DefaultAlarmPeriod = 300

	minute       = 60
	hour         = 3_600
	shortestSpan = 86_400  // 1 day, for periods below an hour
	longestSpan  = 604_800 // 7 days
)

// MaxDashboardNameLength is the longest name, in characters, that CloudWatch takes (PutDashboard).
const MaxDashboardNameLength = 255

var dashboardName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// CheckAlarms finds every problem of the alarms, in the order of the props. It is nil when there is none.
func CheckAlarms(a Alarms) []Problem {
	problems := run(alarmsRules, &a)
	for i := range a.Each {
		problems = append(problems, run(alarmRules, &a.Each[i])...)
	}
	return problems
}

// CheckDashboard finds every problem of the dashboard, in the order of the props. It is nil when there is none.
func CheckDashboard(d Dashboard) []Problem { return run(dashboardRules, &d) }

// CheckAPIOperation finds a problem where the operation is not one of the chosen ones.
func CheckAPIOperation(operation string, chosen []string) []Problem {
	return checkString("operation", &operation, func(value string) string {
		if slices.Contains(chosen, value) {
			return ""
		}
		return "use " + alternatives(chosen) + ", or name its operation in Operations"
	})
}

var alarmsRules = []rule[Alarms]{
	{
		name: "AddAlarms once",
		doc:  "A second set of the same alarms would clash with the first, and cost as much again.",
		check: func(a *Alarms) []Problem {
			return repeatedCall("AddAlarms", a.Repeated)
		},
	},
	{
		name: "Topic Region",
		doc: "An alarm sends to a topic of its own Region only." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html",
		check: func(a *Alarms) []Problem {
			if a.Topic == nil {
				return nil
			}
			return region.compare("Topic", "topic", &a.Topic.Place, reference{"stack", a.Stack.Region})
		},
	},
	{
		name: "Topic of its own",
		doc:  "Alarms that come to the notifications' own topic end in the queue, where no consumer knows them.",
		check: func(a *Alarms) []Problem {
			if a.Topic == nil || !a.Topic.Own {
				return nil
			}
			return []Problem{{
				Prop: "Topic", Value: "the construct's own topic",
				Mend: "use another topic: alarms would end among the notifications in the queue",
			}}
		},
	},
	{
		name: "AlarmActions given",
		doc:  "An action that is nil does nothing.",
		check: func(a *Alarms) []Problem {
			return missingActions("AlarmActions", a.AlarmActions)
		},
	},
	{
		name: "OkActions given",
		doc:  "An action that is nil does nothing.",
		check: func(a *Alarms) []Problem {
			return missingActions("OkActions", a.OkActions)
		},
	},
}

var alarmRules = []rule[Alarm]{
	{
		name: "Alarm possible",
		doc:  "Settings of an alarm that there cannot be would be ignored without a word.",
		check: func(a *Alarm) []Problem {
			if a.Impossible == "" || isTrue(a.Disabled) {
				return nil
			}
			return contradiction(a.Prop, a, settingsOfAlarm, a.isGiven(), fmt.Sprintf("leave out %s: %s", a.Prop, a.Impossible))
		},
	},
	{
		name: "Disabled without settings",
		doc:  "Settings of an alarm that is switched off would be ignored without a word.",
		check: func(a *Alarm) []Problem {
			return contradiction(a.Prop, a, settingsOfAlarm, isTrue(a.Disabled) && a.isSet(),
				"leave out Disabled, or the other settings")
		},
	},
	{
		name: "Threshold above zero",
		doc: "A count is always at least 0, so an alarm from 0 on never ends." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
		check: checkThreshold,
	},
	{
		name: "Threshold below retention",
		doc: "A notification leaves the queue when its retention is over, so the age never gets there." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html",
		check: checkMaxAge,
	},
	{
		name: "Period whole minutes",
		doc: "These metrics come once a minute; with a shorter period an alarm lacks data most of the time." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
		check: func(a *Alarm) []Problem {
			if a.Period == nil || a.Period.Unresolved || wholeMinutes(a.Period.Value) {
				return nil
			}
			return []Problem{{
				a.Prop + ".Period", duration(*a.Period),
				"use whole minutes up to 7 days, a multiple of 60 seconds: the metrics come once a minute",
			}}
		},
	},
	{
		name: "EvaluationPeriods range",
		doc: "CloudWatch takes whole numbers from 1, for at most 1 day, or 7 days with periods of an hour or more." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
		check: checkEvaluationPeriods,
	},
	{
		name: "DatapointsToAlarm range",
		doc: "CloudWatch takes whole numbers from 1 to EvaluationPeriods." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html",
		check: checkDatapoints,
	},
}

var dashboardRules = []rule[Dashboard]{
	{
		name: "AddDashboard once",
		doc:  "A second dashboard would show the same as the first.",
		check: func(d *Dashboard) []Problem {
			return repeatedCall("AddDashboard", d.Repeated)
		},
	},
	{
		name: "DashboardName",
		doc: "CloudWatch takes ASCII letters, digits, hyphens and underscores, at most 255." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html",
		check: func(d *Dashboard) []Problem {
			return checkString("DashboardName", d.Name, func(name string) string {
				if dashboardName.MatchString(name) && len(name) <= MaxDashboardNameLength {
					return ""
				}
				return fmt.Sprintf(`use 1 to %d of the characters A-Z, a-z, 0-9, "-" and "_"`, MaxDashboardNameLength)
			})
		},
	},
	{
		name: "DefaultInterval",
		doc: "A graph shows a minute or more." +
			" See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html",
		check: func(d *Dashboard) []Problem {
			if d.Interval == nil || d.Interval.Unresolved || d.Interval.Value >= minute {
				return nil
			}
			return []Problem{{"DefaultInterval", duration(*d.Interval), "use at least 1 minute"}}
		},
	},
}

func repeatedCall(method string, again bool) []Problem {
	if !again {
		return nil
	}
	return []Problem{{Prop: method, Value: "a second call", Mend: fmt.Sprintf("leave out all calls of %s but one", method)}}
}

func missingActions(prop string, given []bool) []Problem {
	var problems []Problem
	for i, there := range given {
		if !there {
			problems = append(problems, Problem{Prop: element(prop, i), Value: "nil", Mend: "give an action, or leave it out"})
		}
	}
	return problems
}

func checkThreshold(a *Alarm) []Problem {
	if a.Threshold == nil || isCount(*a.Threshold) {
		return nil
	}
	return []Problem{{a.Prop + ".Threshold", number(*a.Threshold), "use a number above 0 that a count can reach"}}
}

func checkMaxAge(a *Alarm) []Problem {
	age := a.MaxAge
	switch {
	case age == nil || age.Unresolved:
		return nil
	case !isCount(age.Value):
		return []Problem{{a.Prop + ".Threshold", duration(*age), "use an age above 0"}}
	case a.Retention == nil || a.Retention.Unresolved || age.Value < a.Retention.Value:
		return nil
	}
	return []Problem{{
		a.Prop + ".Threshold", duration(*age),
		fmt.Sprintf("use less than the %s seconds that the queue keeps a notification: the age never gets there",
			thousands(int(a.Retention.Value))),
	}}
}

// checkEvaluationPeriods is silent on the span where the period itself is to be mended.
func checkEvaluationPeriods(a *Alarm) []Problem {
	prop, periods := a.Prop+".EvaluationPeriods", a.periods()
	if a.EvaluationPeriods != nil && !wholeWithin(periods, 1, longestSpan/minute) {
		return []Problem{{prop, number(periods), "use a whole number of periods, 1 or more"}}
	}
	period, ok := a.period()
	if !ok {
		return nil
	}
	longest, inWords := shortestSpan, "1 day"
	if period >= hour {
		longest, inWords = longestSpan, "7 days"
	}
	if period*periods <= float64(longest) {
		return nil
	}
	value := fmt.Sprintf("%s periods of %s seconds", number(periods), number(period))
	return []Problem{{prop, value, "use fewer or shorter periods, together at most " + inWords}}
}

func checkDatapoints(a *Alarm) []Problem {
	periods := a.periods()
	if a.DatapointsToAlarm == nil || !wholeWithin(periods, 1, longestSpan/minute) ||
		wholeWithin(*a.DatapointsToAlarm, 1, int(periods)) {
		return nil
	}
	return []Problem{{
		a.Prop + ".DatapointsToAlarm", number(*a.DatapointsToAlarm),
		fmt.Sprintf("use a whole number from 1 to the %s of EvaluationPeriods", strconv.Itoa(int(periods))),
	}}
}

func (a *Alarm) periods() float64 {
	if a.EvaluationPeriods == nil {
		return a.DefaultEvaluationPeriods
	}
	return *a.EvaluationPeriods
}

// period is not ok where it is unknown or to be mended.
func (a *Alarm) period() (seconds float64, ok bool) {
	switch {
	case a.Period == nil:
		return DefaultAlarmPeriod, true
	case a.Period.Unresolved:
		return 0, false
	default:
		return a.Period.Value, wholeMinutes(a.Period.Value)
	}
}

// isSet says that something but Disabled was given.
func (a *Alarm) isSet() bool {
	return a.Threshold != nil || a.MaxAge != nil || a.Period != nil || a.EvaluationPeriods != nil || a.DatapointsToAlarm != nil
}

func (a *Alarm) isGiven() bool { return a.isSet() || a.Disabled != nil }

func settingsOfAlarm(a Alarm) string {
	if isTrue(a.Disabled) {
		return "Disabled with other settings"
	}
	return "settings for an alarm"
}

// isCount is false for what is no number at all, and for what no metric reaches.
func isCount(value float64) bool { return value > 0 && value <= 1e15 }

func wholeMinutes(seconds float64) bool {
	return wholeWithin(seconds, minute, longestSpan) && wholeWithin(seconds/minute, 1, longestSpan/minute)
}
