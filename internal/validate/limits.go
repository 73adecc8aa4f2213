package validate

import (
	"fmt"
	"math"
	"strconv"
)

// The bounds of SQS and the defaults of this construct, in seconds.
const (
	MinVisibilityTimeout = 0
	MaxVisibilityTimeout = 43_200 // 12 hours
	MinRetentionPeriod   = 60
	MaxRetentionPeriod   = 1_209_600 // 14 days

	DefaultRetentionPeriod           = 604_800 // 7 days
	DefaultDeadLetterRetentionPeriod = MaxRetentionPeriod
)

// The bounds of SQS for how often a message is received before it moves to the dead-letter queue.
const (
	MinReceiveCount = 1
	MaxReceiveCount = 1_000
)

var limitRules = []rule[Settings]{
	{
		name: "VisibilityTimeout range",
		// SQS takes whole seconds up to 12 hours.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
		check: func(s *Settings) []Problem {
			return checkSeconds("VisibilityTimeout", s.VisibilityTimeout, MinVisibilityTimeout, MaxVisibilityTimeout, "12 hours")
		},
	},
	{
		name: "RetentionPeriod range",
		// SQS takes whole seconds from 1 minute to 14 days.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
		check: func(s *Settings) []Problem {
			return checkSeconds("RetentionPeriod", s.RetentionPeriod, MinRetentionPeriod, MaxRetentionPeriod, "14 days")
		},
	},
	{
		name: "DeadLetterQueue.MaxReceiveCount range",
		// SQS takes whole numbers from 1 to 1,000.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html
		check: checkReceiveCount,
	},
	{
		name: "DeadLetterQueue.RetentionPeriod range",
		// SQS takes whole seconds from 1 minute to 14 days.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
		check: func(s *Settings) []Problem {
			if s.DeadLetterQueue == nil {
				return nil
			}
			return checkSeconds("DeadLetterQueue.RetentionPeriod", s.DeadLetterQueue.RetentionPeriod,
				MinRetentionPeriod, MaxRetentionPeriod, "14 days")
		},
	},
	{
		name: "DeadLetterQueue.RetentionPeriod against RetentionPeriod",
		// A message keeps the time of its first arrival when it moves, so with a shorter period it
		// may be deleted at once.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
		check: checkDeadLetterRetention,
	},
}

func checkReceiveCount(s *Settings) []Problem {
	if s.DeadLetterQueue == nil || s.DeadLetterQueue.MaxReceiveCount == nil {
		return nil
	}
	count := *s.DeadLetterQueue.MaxReceiveCount
	if wholeWithin(count, MinReceiveCount, MaxReceiveCount) {
		return nil
	}
	return []Problem{{
		Prop:  "DeadLetterQueue.MaxReceiveCount",
		Value: number(count),
		Fix:   fmt.Sprintf("use a whole number of receives from %d to %s", MinReceiveCount, thousands(MaxReceiveCount)),
	}}
}

// checkDeadLetterRetention finds nothing where another rule reports the cause: an existing queue,
// no dead-letter queue, or a duration out of range.
func checkDeadLetterRetention(s *Settings) []Problem {
	if s.DeadLetterQueue == nil || isTrue(s.DeadLetterQueue.Disabled) || s.Queue != nil {
		return nil
	}
	kept, ok := retentionPeriod(s.RetentionPeriod, DefaultRetentionPeriod)
	if !ok {
		return nil
	}
	deadKept, ok := retentionPeriod(s.DeadLetterQueue.RetentionPeriod, DefaultDeadLetterRetentionPeriod)
	if !ok || deadKept >= kept {
		return nil
	}
	return []Problem{{
		Prop:  "DeadLetterQueue.RetentionPeriod",
		Value: number(deadKept) + " seconds",
		Fix: fmt.Sprintf("use at least the %s seconds of RetentionPeriod, or shorten RetentionPeriod:"+
			" the age of a notification counts from its first arrival", thousands(int(kept))),
	}}
}

// retentionPeriod is not ok where it is unknown or out of range.
func retentionPeriod(set *Seconds, fallback float64) (seconds float64, ok bool) {
	switch {
	case set == nil:
		return fallback, true
	case set.Unresolved:
		return 0, false
	default:
		return set.Value, wholeWithin(set.Value, MinRetentionPeriod, MaxRetentionPeriod)
	}
}

func checkSeconds(prop string, set *Seconds, low, high int, highInWords string) []Problem {
	if problems := checkUnit(prop, set); problems != nil {
		return problems
	}
	if set == nil || set.Unresolved || wholeWithin(set.Value, low, high) {
		return nil
	}
	return []Problem{{
		prop, number(set.Value) + " seconds",
		fmt.Sprintf("use whole seconds from %d to %s (%s)", low, thousands(high), highInWords),
	}}
}

// checkUnit rejects a token in another unit than seconds: the CDK fails to convert it at synthesis.
func checkUnit(prop string, set *Seconds) []Problem {
	if set == nil || !set.Unresolved || set.Unit == "" || set.Unit == "seconds" {
		return nil
	}
	return []Problem{{prop, "a token in " + set.Unit, "use awscdk.Duration_Seconds for a token: the CDK cannot convert it"}}
}

// wholeWithin is false for NaN, which compares with nothing.
func wholeWithin(value float64, low, high int) bool {
	return value >= float64(low) && value <= float64(high) && value == math.Trunc(value)
}

// number writes an exponent only for very large values.
func number(value float64) string {
	if math.Abs(value) < 1e15 {
		return strconv.FormatFloat(value, 'f', -1, 64)
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

// thousands writes 43200 as 43,200.
func thousands(value int) string {
	digits := strconv.Itoa(value)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
