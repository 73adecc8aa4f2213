package validate

import "math"

const (
	timeoutFix   = "use whole seconds from 0 to 43,200 (12 hours)"
	retentionFix = "use whole seconds from 60 to 1,209,600 (14 days)"
	countFix     = "use a whole number of receives from 1 to 1,000"
)

var limitCases = []ruleCase[Settings]{
	timeout("lowest", 0, ""),
	timeout("highest", 43_200, ""),
	timeout("too low", -1, "-1 seconds"),
	timeout("too high", 43_201, "43201 seconds"),
	timeout("far too high", 9e20, "9e+20 seconds"),
	timeout("fraction", 0.5, "0.5 seconds"),
	timeout("NaN", math.NaN(), "NaN seconds"),
	timeout("infinite", math.Inf(1), "+Inf seconds"),

	tokenInMinutes("VisibilityTimeout range", "VisibilityTimeout", func(s *Settings, token *Seconds) { s.VisibilityTimeout = token }),
	tokenInMinutes("RetentionPeriod range", "RetentionPeriod", func(s *Settings, token *Seconds) { s.RetentionPeriod = token }),
	tokenInMinutes("DeadLetterQueue.RetentionPeriod range", "DeadLetterQueue.RetentionPeriod",
		func(s *Settings, token *Seconds) { s.DeadLetterQueue = &DeadLetterQueue{RetentionPeriod: token} }),
	{
		rule: "VisibilityTimeout range", name: "token in seconds",
		change: func(s *Settings) { s.VisibilityTimeout = &Seconds{Unresolved: true, Unit: "seconds"} },
	},

	kept("lowest", 60, ""),
	kept("highest", 1_209_600, ""),
	kept("too low", 59, "59 seconds"),
	kept("too high", 1_209_601, "1209601 seconds"),
	kept("fraction", 60.25, "60.25 seconds"),
	kept("NaN", math.NaN(), "NaN seconds"),
	kept("infinite", math.Inf(-1), "-Inf seconds"),

	receives("lowest", 1, ""),
	receives("highest", 1_000, ""),
	receives("too low", 0, "0"),
	receives("too high", 1_001, "1001"),
	receives("fraction", 1.5, "1.5"),
	receives("NaN", math.NaN(), "NaN"),
	receives("infinite", math.Inf(1), "+Inf"),

	deadKept("lowest", 60, ""),
	deadKept("highest", 1_209_600, ""),
	deadKept("too low", 59, "59 seconds"),
	deadKept("too high", 1_209_601, "1209601 seconds"),
	deadKept("fraction", 90.5, "90.5 seconds"),
	deadKept("NaN", math.NaN(), "NaN seconds"),
	deadKept("infinite", math.Inf(1), "+Inf seconds"),

	keptAgainst("as long", &Seconds{Value: 3_600}, &Seconds{Value: 3_600}, nil),
	keptAgainst("as long as the default", nil, &Seconds{Value: 604_800}, nil),
	keptAgainst("the longest against the default", &Seconds{Value: 1_209_600}, nil, nil),
	keptAgainst("unknown retention", &Seconds{Unresolved: true}, &Seconds{Value: 60}, nil),
	keptAgainst("shorter", &Seconds{Value: 3_600}, &Seconds{Value: 3_599}, []Problem{
		{
			"DeadLetterQueue.RetentionPeriod",
			"3599 seconds",
			"use at least the 3,600 seconds of RetentionPeriod, or shorten RetentionPeriod: the age of a notification counts from its first arrival",
		},
	}),
	keptAgainst("shorter than the default", nil, &Seconds{Value: 604_799}, []Problem{
		{
			"DeadLetterQueue.RetentionPeriod",
			"604799 seconds",
			"use at least the 604,800 seconds of RetentionPeriod, or shorten RetentionPeriod: the age of a notification counts from its first arrival",
		},
	}),
	{
		rule: "DeadLetterQueue.RetentionPeriod against RetentionPeriod", name: "out of range is another rule's",
		change: func(s *Settings) {
			s.RetentionPeriod = &Seconds{Value: 1_300_000}
			s.DeadLetterQueue = &DeadLetterQueue{RetentionPeriod: &Seconds{Value: 60}}
		},
		others: 1,
	},
	{
		rule: "DeadLetterQueue.RetentionPeriod against RetentionPeriod", name: "an existing queue is another rule's",
		change: func(s *Settings) {
			s.Queue = &Queue{}
			s.DeadLetterQueue = &DeadLetterQueue{RetentionPeriod: &Seconds{Value: 60}}
		},
		others: 1,
	},
	{
		rule: "DeadLetterQueue.RetentionPeriod against RetentionPeriod", name: "disabled is another rule's",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{Disabled: ptr(true), RetentionPeriod: &Seconds{Value: 60}}
		},
		others: 1,
	},
}

func tokenInMinutes(rule, prop string, set func(*Settings, *Seconds)) ruleCase[Settings] {
	return limit(rule, "token in minutes", prop, "a token in minutes", "use awscdk.Duration_Seconds for a token: the CDK cannot convert it",
		func(s *Settings) { set(s, &Seconds{Unresolved: true, Unit: "minutes"}) })
}

func timeout(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("VisibilityTimeout range", name, "VisibilityTimeout", value, timeoutFix,
		func(s *Settings) { s.VisibilityTimeout = &Seconds{Value: seconds} })
}

func kept(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("RetentionPeriod range", name, "RetentionPeriod", value, retentionFix,
		func(s *Settings) { s.RetentionPeriod = &Seconds{Value: seconds} })
}

func receives(name string, count float64, value string) ruleCase[Settings] {
	return limit("DeadLetterQueue.MaxReceiveCount range", name, "DeadLetterQueue.MaxReceiveCount", value, countFix,
		func(s *Settings) { s.DeadLetterQueue = &DeadLetterQueue{MaxReceiveCount: &count} })
}

// deadKept has the shortest RetentionPeriod, so that only the dead-letter queue's is out of range.
func deadKept(name string, seconds float64, value string) ruleCase[Settings] {
	return limit("DeadLetterQueue.RetentionPeriod range", name, "DeadLetterQueue.RetentionPeriod", value, retentionFix, func(s *Settings) {
		s.RetentionPeriod = &Seconds{Value: MinRetentionPeriod}
		s.DeadLetterQueue = &DeadLetterQueue{RetentionPeriod: &Seconds{Value: seconds}}
	})
}

// limit expects no problem where value is empty.
func limit(rule, name, prop, value, fix string, change func(*Settings)) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: change}
	if value != "" {
		c.want = []Problem{{prop, value, fix}}
	}
	return c
}

func keptAgainst(name string, messages, dead *Seconds, want []Problem) ruleCase[Settings] {
	return ruleCase[Settings]{
		rule: "DeadLetterQueue.RetentionPeriod against RetentionPeriod",
		name: name,
		change: func(s *Settings) {
			s.RetentionPeriod = messages
			s.DeadLetterQueue = &DeadLetterQueue{RetentionPeriod: dead}
		},
		want: want,
	}
}
