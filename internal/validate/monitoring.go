package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Alarms are the settings of a construct's alarms as plain values.
type Alarms struct {
	Stack Environment

	Repeated     bool
	Topic        *AlarmTopic
	AlarmActions []bool // whether each is not nil
	OkActions    []bool

	Each []Alarm
}

// AlarmTopic is the topic that alarms send to.
type AlarmTopic struct {
	Environment
	ARN  string // empty or unresolved where unknown
	FIFO bool
	Key  *Key
	Own  bool // the topic that Textract publishes to

	OtherType string // of the resource of this app that the ARN refers to, where that is no topic
}

// Alarm has the options of one alarm. A nil pointer is an option that is not set.
type Alarm struct {
	Prop        string
	Unavailable string // why there can be no such alarm; empty where there can

	Disabled          *bool
	Threshold         *float64
	MaxAge            *Seconds // the threshold of the alarm on age
	Period            *Seconds
	EvaluationPeriods *float64
	DatapointsToAlarm *float64

	DefaultPeriod            float64  // in seconds
	DefaultEvaluationPeriods float64  // 0 when EvaluationPeriods is a token
	RetentionPeriod          *Seconds // of the queue, for the alarm on age; nil when unknown
}

// Dashboard are the settings of a dashboard as plain values.
type Dashboard struct {
	Repeated bool
	Name     *string
	Interval *Seconds
}

// The bounds of CloudWatch, in seconds.
const (
	minute       = 60
	hour         = 3_600
	shortestSpan = 86_400  // 1 day, for periods below an hour
	longestSpan  = 604_800 // 7 days
)

// MaxDashboardNameLength is the longest name, in characters, that CloudWatch takes (PutDashboard).
const MaxDashboardNameLength = 255

const knownDuration = "use a duration that is known at synthesis: the CDK cannot use a token here"

var dashboardName = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// CheckAlarms finds every problem of the alarms, in the order of the props. It returns nil when
// there is none.
func CheckAlarms(a Alarms) []Problem {
	problems := run(alarmsRules, &a)
	for i := range a.Each {
		problems = append(problems, run(alarmRules, &a.Each[i])...)
	}
	return problems
}

// CheckDashboard finds every problem of the dashboard, in the order of the props. It returns nil
// when there is none.
func CheckDashboard(d Dashboard) []Problem { return run(dashboardRules, &d) }

// CheckAPIOperation finds a problem where the API operation is not one of those that Operations
// allow.
func CheckAPIOperation(operation string, allowed []string) []Problem {
	return checkString("operation", &operation, func(value string) string {
		if slices.Contains(allowed, value) {
			return ""
		}
		return "use " + alternatives(allowed) + ", or add its operation to Operations"
	})
}

var alarmsRules = []rule[Alarms]{
	{
		name: "AddAlarms once",
		// A second set of the same alarms has the same construct ids, and costs as much again.
		check: func(a *Alarms) []Problem {
			return repeatedCall("AddAlarms", a.Repeated)
		},
	},
	{
		name: "Topic Region",
		// An alarm sends to a topic of its own Region only.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
		check: func(a *Alarms) []Problem {
			if a.Topic == nil {
				return nil
			}
			return region.compare("Topic", "topic", &a.Topic.Environment, reference{"stack", a.Stack.Region})
		},
	},
	{
		name: "Topic stack",
		// The alarms refer to the topic, which another stage or environment may not allow.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/stages.html
		check: func(a *Alarms) []Problem {
			if a.Topic == nil {
				return nil
			}
			switch topic := (ofOtherStack{"Topic", "topic", &a.Topic.Environment}); {
			case a.Topic.OtherStage != "":
				return []Problem{topic.inOtherStage()}
			case a.Topic.Unreachable != "" && !region.differs(a.Topic.Environment, reference{"stack", a.Stack.Region}):
				return []Problem{topic.isUnreachable()}
			default:
				return nil
			}
		},
	},
	{
		name: "Topic ARN",
		// An alarm sends to a topic, and the CDK imports one by an ARN of any kind.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		check: func(a *Alarms) []Problem {
			if a.Topic == nil {
				return nil
			}
			if problems := checkType("Topic", "topic", a.Topic.OtherType); problems != nil {
				return problems
			}
			if a.Topic.ARN == "" || topicARN.matches(a.Topic.ARN) {
				return nil
			}
			return []Problem{{"Topic", quoted(a.Topic.ARN), topicARN.fix()}}
		},
	},
	{
		name: "Topic FIFO",
		// A message to a FIFO topic has a MessageGroupId, which an alarm has none of.
		// See: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
		check: func(a *Alarms) []Problem {
			if a.Topic == nil || !a.Topic.FIFO && !strings.HasSuffix(a.Topic.ARN, ".fifo") {
				return nil
			}
			return []Problem{{"Topic", "a FIFO topic", "use a standard topic: an alarm has no MessageGroupId to publish with"}}
		},
	},
	{
		name: "Topic key",
		// The policy of alias/aws/sns does not let CloudWatch use it, so no alarm would arrive.
		// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
		check: func(a *Alarms) []Problem {
			switch {
			case a.Topic == nil || a.Topic.Key == nil:
				return nil
			case a.Topic.Key.awsManaged() != "":
				return []Problem{{
					"Topic", "a topic encrypted with " + a.Topic.Key.awsManaged(),
					"encrypt it with a customer managed key: CloudWatch cannot use that key, and no alarm would arrive",
				}}
			case a.Topic.Key.Disabled:
				return []Problem{{
					"Topic", "a topic encrypted with a disabled key", "use a key that is enabled: no alarm would arrive",
				}}
			default:
				return nil
			}
		},
	},
	{
		name: "Topic of its own",
		// Alarms that are sent to the construct's topic arrive in its queue, where no consumer
		// expects them.
		check: func(a *Alarms) []Problem {
			if a.Topic == nil || !a.Topic.Own {
				return nil
			}
			return []Problem{{
				"Topic", "the construct's own topic",
				"use another topic: alarms would arrive in the queue among the notifications",
			}}
		},
	},
	{
		name: "Number of actions",
		// CloudWatch takes five actions for each state of an alarm.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		check: func(a *Alarms) []Problem {
			return append(tooManyActions("AlarmActions", a.AlarmActions, a.Topic), tooManyActions("OkActions", a.OkActions, a.Topic)...)
		},
	},
	{
		name: "AlarmActions nil",
		// An action that is nil does nothing.
		check: func(a *Alarms) []Problem {
			return missingActions("AlarmActions", a.AlarmActions)
		},
	},
	{
		name: "OkActions nil",
		// An action that is nil does nothing.
		check: func(a *Alarms) []Problem {
			return missingActions("OkActions", a.OkActions)
		},
	},
}

var alarmRules = []rule[Alarm]{
	{
		name: "Alarm unavailable",
		// Options of an alarm that there cannot be would be ignored silently.
		check: func(a *Alarm) []Problem {
			if a.Unavailable == "" || isTrue(a.Disabled) {
				return nil
			}
			return conflict(
				a.Prop, a, alarmOptions, a.hasOptions() || a.Disabled != nil,
				fmt.Sprintf("remove %s: %s", a.Prop, a.Unavailable),
			)
		},
	},
	{
		name: "Disabled with other options",
		// Options of a disabled alarm would be ignored silently.
		check: func(a *Alarm) []Problem {
			return conflict(a.Prop, a, alarmOptions, isTrue(a.Disabled) && a.hasOptions(),
				"remove Disabled, or the other options")
		},
	},
	{
		name: "Threshold above zero",
		// A count is always at least 0, so an alarm with threshold 0 never returns to OK.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		check: checkThreshold,
	},
	{
		name: "Threshold below RetentionPeriod",
		// SQS deletes a notification after the retention period, so its age never reaches that.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
		check: checkMaxAge,
	},
	{
		name: "Period whole minutes",
		// CloudWatch gets these metrics once a minute, so an alarm with a shorter period has no
		// data most of the time.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		check: func(a *Alarm) []Problem {
			switch {
			case a.Period == nil || !a.Period.Unresolved && wholeMinutes(a.Period.Value):
				return nil
			case a.Period.Unresolved:
				return []Problem{{a.Prop + ".Period", "a token", knownDuration}}
			}
			return []Problem{{
				a.Prop + ".Period", duration(*a.Period),
				"use whole minutes up to 7 days, a multiple of 60 seconds: CloudWatch gets the metrics once a minute",
			}}
		},
	},
	{
		name: "EvaluationPeriods range",
		// CloudWatch takes whole numbers from 1, for at most 1 day, or 7 days with periods of an
		// hour or more.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		check: checkEvaluationPeriods,
	},
	{
		name: "DatapointsToAlarm range",
		// CloudWatch takes whole numbers from 1 to EvaluationPeriods.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
		check: checkDatapoints,
	},
}

var dashboardRules = []rule[Dashboard]{
	{
		name: "AddDashboard once",
		// A second dashboard would show the same as the first.
		check: func(d *Dashboard) []Problem {
			return repeatedCall("AddDashboard", d.Repeated)
		},
	},
	{
		name: "DashboardName",
		// CloudWatch takes ASCII letters, digits, hyphens and underscores, at most 255.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
		check: func(d *Dashboard) []Problem {
			if d.Name != nil && listToken.MatchString(*d.Name) {
				return []Problem{{"DashboardName", quoted(*d.Name), listTokenFix}}
			}
			return checkParts("DashboardName", d.Name, func(name string) string {
				known := knownParts(name)
				if name != "" && dashboardName.MatchString(known) && len(known) <= MaxDashboardNameLength {
					return ""
				}
				return fmt.Sprintf(`use 1 to %d of the characters A-Z, a-z, 0-9, "-" and "_"`, MaxDashboardNameLength)
			})
		},
	},
	{
		name: "DefaultInterval",
		// A graph shows a minute or more.
		// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
		check: func(d *Dashboard) []Problem {
			switch {
			case d.Interval == nil || !d.Interval.Unresolved && d.Interval.Value >= minute:
				return nil
			case d.Interval.Unresolved:
				return []Problem{{"DefaultInterval", "a token", knownDuration}}
			}
			return []Problem{{"DefaultInterval", duration(*d.Interval), "use at least 1 minute"}}
		},
	},
}

func repeatedCall(method string, again bool) []Problem {
	if !again {
		return nil
	}
	return []Problem{{method, "a second call", fmt.Sprintf("call %s once", method)}}
}

// maxActions is the most that CloudWatch takes for one state.
const maxActions = 5

func tooManyActions(prop string, actions []bool, topic *AlarmTopic) []Problem {
	count := len(actions)
	if topic != nil {
		count++
	}
	if count <= maxActions {
		return nil
	}
	return []Problem{{
		prop, fmt.Sprintf("%d actions, with the Topic", count),
		fmt.Sprintf("use at most %d, or send to a topic and subscribe to it: CloudWatch takes no more", maxActions),
	}}
}

func missingActions(prop string, present []bool) []Problem {
	var problems []Problem
	for i, isPresent := range present {
		if !isPresent {
			problems = append(problems, Problem{element(prop, i), "nil", "use an action, or remove it"})
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
	prop, age := a.Prop+".Threshold", a.MaxAge
	switch {
	case age == nil || age.Unresolved:
		return checkUnit(prop, age)
	case !isCount(age.Value):
		return []Problem{{prop, duration(*age), "use an age above 0"}}
	case a.RetentionPeriod == nil || a.RetentionPeriod.Unresolved || age.Value < a.RetentionPeriod.Value:
		return nil
	}
	return []Problem{{
		prop, duration(*age),
		fmt.Sprintf("use less than the %s seconds of the queue's RetentionPeriod: the age never reaches that",
			thousands(int(a.RetentionPeriod.Value))),
	}}
}

// checkEvaluationPeriods does not check the span where the period itself is wrong.
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

// period is not ok where it is unknown or wrong.
func (a *Alarm) period() (seconds float64, ok bool) {
	switch {
	case a.Period == nil:
		return a.DefaultPeriod, true
	case a.Period.Unresolved:
		return 0, false
	default:
		return a.Period.Value, wholeMinutes(a.Period.Value)
	}
}

// hasOptions reports whether an option other than Disabled is set.
func (a *Alarm) hasOptions() bool {
	return a.Threshold != nil || a.MaxAge != nil || a.Period != nil || a.EvaluationPeriods != nil || a.DatapointsToAlarm != nil
}

func alarmOptions(a Alarm) string {
	if isTrue(a.Disabled) {
		return "Disabled with other options"
	}
	return "options of an alarm"
}

// isCount is false for NaN, and for what no metric reaches.
func isCount(value float64) bool { return value > 0 && value <= 1e15 }

func wholeMinutes(seconds float64) bool {
	return wholeWithin(seconds, minute, longestSpan) && wholeWithin(seconds/minute, 1, longestSpan/minute)
}
