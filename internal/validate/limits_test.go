package validate

import "math"

const (
	timeoutMend   = "use whole seconds from 0 to 43,200 (12 hours)"
	retentionMend = "use whole seconds from 60 to 1,209,600 (14 days)"
	countMend     = "use a whole number of receives from 1 to 1,000"
)

var limitCases = []ruleCase[Settings]{
	timeout("lowest", 0, ""),
	timeout("highest", 43_200, ""),
	timeout("too low", -1, "-1 seconds"),
	timeout("too high", 43_201, "43201 seconds"),
	timeout("far too high", 9e20, "9e+20 seconds"),
	timeout("fraction", 0.5, "0.5 seconds"),
	timeout("no number", math.NaN(), "NaN seconds"),
	timeout("infinite", math.Inf(1), "+Inf seconds"),

	kept("lowest", 60, ""),
	kept("highest", 1_209_600, ""),
	kept("too low", 59, "59 seconds"),
	kept("too high", 1_209_601, "1209601 seconds"),
	kept("fraction", 60.25, "60.25 seconds"),
	kept("no number", math.NaN(), "NaN seconds"),
	kept("infinite", math.Inf(-1), "-Inf seconds"),

	receives("lowest", 1, ""),
	receives("highest", 1_000, ""),
	receives("too low", 0, "0"),
	receives("too high", 1_001, "1001"),
	receives("fraction", 1.5, "1.5"),
	receives("no number", math.NaN(), "NaN"),
	receives("infinite", math.Inf(1), "+Inf"),

	deadKept("lowest", 60, ""),
	deadKept("highest", 1_209_600, ""),
	deadKept("too low", 59, "59 seconds"),
	deadKept("too high", 1_209_601, "1209601 seconds"),
	deadKept("fraction", 90.5, "90.5 seconds"),
	deadKept("no number", math.NaN(), "NaN seconds"),
	deadKept("infinite", math.Inf(1), "+Inf seconds"),

	keptAgainst("as long", &Seconds{Value: 3_600}, &Seconds{Value: 3_600}, nil),
	keptAgainst("as long as the default", nil, &Seconds{Value: 604_800}, nil),
	keptAgainst("the longest against the default", &Seconds{Value: 1_209_600}, nil, nil),
	keptAgainst("unknown retention", &Seconds{Unresolved: true}, &Seconds{Value: 60}, nil),
	keptAgainst("shorter", &Seconds{Value: 3_600}, &Seconds{Value: 3_599}, []Problem{{
		"DeadLetters.Retention", "3599 seconds",
		"use at least the 3,600 seconds of MessageRetention, or shorten that: the age of a notification counts from its first arrival",
	}}),
	keptAgainst("shorter than the default", nil, &Seconds{Value: 604_799}, []Problem{{
		"DeadLetters.Retention", "604799 seconds",
		"use at least the 604,800 seconds of MessageRetention, or shorten that: the age of a notification counts from its first arrival",
	}}),
	{
		rule: "DeadLetters.Retention against MessageRetention", name: "out of range is another rule's",
		change: func(s *Settings) {
			s.MessageRetention = &Seconds{Value: 1_300_000}
			s.DeadLetters = &DeadLetters{Retention: &Seconds{Value: 60}}
		},
		others: 1,
	},
	{
		rule: "DeadLetters.Retention against MessageRetention", name: "a given queue is another rule's",
		change: func(s *Settings) {
			s.Queue = &Queue{}
			s.DeadLetters = &DeadLetters{Retention: &Seconds{Value: 60}}
		},
		others: 1,
	},
	{
		rule: "DeadLetters.Retention against MessageRetention", name: "off is another rule's",
		change: func(s *Settings) {
			s.DeadLetters = &DeadLetters{Disabled: ptr(true), Retention: &Seconds{Value: 60}}
		},
		others: 1,
	},
}

func timeout(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("VisibilityTimeout range", name, "VisibilityTimeout", value, timeoutMend,
		func(s *Settings) { s.VisibilityTimeout = &Seconds{Value: seconds} })
}

func kept(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("MessageRetention range", name, "MessageRetention", value, retentionMend,
		func(s *Settings) { s.MessageRetention = &Seconds{Value: seconds} })
}

func receives(name string, count float64, value string) ruleCase[Settings] {
	return limit("DeadLetters.MaxReceiveCount range", name, "DeadLetters.MaxReceiveCount", value, countMend,
		func(s *Settings) { s.DeadLetters = &DeadLetters{MaxReceiveCount: &count} })
}

// deadKept keeps messages for as short as it may be, so that the dead letters alone are out of range.
func deadKept(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("DeadLetters.Retention range", name, "DeadLetters.Retention", value, retentionMend, func(s *Settings) {
		s.MessageRetention = &Seconds{Value: MinRetention}
		s.DeadLetters = &DeadLetters{Retention: &Seconds{Value: seconds}}
	})
}

// limit expects to pass where no value is refused.
func limit(rule, name, prop, value, mend string, change func(*Settings)) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: change}
	if value != "" {
		c.want = []Problem{{prop, value, mend}}
	}
	return c
}

func keptAgainst(name string, messages, dead *Seconds, want []Problem) ruleCase[Settings] {
	return ruleCase[Settings]{
		rule: "DeadLetters.Retention against MessageRetention",
		name: name,
		change: func(s *Settings) {
			s.MessageRetention = messages
			s.DeadLetters = &DeadLetters{Retention: dead}
		},
		want: want,
	}
}
