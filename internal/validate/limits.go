package validate

import (
	"fmt"
	"math"
	"strconv"
)

// The bounds of SQS, in seconds, and what this construct sets without being told.
const (
	MinVisibilityTimeout = 0
	MaxVisibilityTimeout = 43_200 // 12 hours
	MinRetention         = 60
	MaxRetention         = 1_209_600 // 14 days

	DefaultMessageRetention    = 604_800 // 7 days
	DefaultDeadLetterRetention = MaxRetention
)

// The bounds of SQS for how often a message is received before it moves to the dead-letter queue.
const (
	MinReceiveCount = 1
	MaxReceiveCount = 1_000
)

var limitRules = []rule[Settings]{
	{
		name: "VisibilityTimeout range",
		doc: "SQS takes whole seconds up to 12 hours." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
		check: func(s *Settings) []Problem {
			return checkSeconds("VisibilityTimeout", s.VisibilityTimeout, MinVisibilityTimeout, MaxVisibilityTimeout, "12 hours")
		},
	},
	{
		name: "MessageRetention range",
		doc: "SQS takes whole seconds from 1 minute to 14 days." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
		check: func(s *Settings) []Problem {
			return checkSeconds("MessageRetention", s.MessageRetention, MinRetention, MaxRetention, "14 days")
		},
	},
	{
		name: "DeadLetters.MaxReceiveCount range",
		doc: "SQS takes whole numbers from 1 to 1,000." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue.html",
		check: checkReceiveCount,
	},
	{
		name: "DeadLetters.Retention range",
		doc: "SQS takes whole seconds from 1 minute to 14 days." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
		check: func(s *Settings) []Problem {
			if s.DeadLetters == nil {
				return nil
			}
			return checkSeconds("DeadLetters.Retention", s.DeadLetters.Retention, MinRetention, MaxRetention, "14 days")
		},
	},
	{
		name: "DeadLetters.Retention against MessageRetention",
		doc: "A message keeps the time of its first arrival when it moves, so a shorter retention loses it on the way." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html",
		check: checkDeadLetterRetention,
	},
}

func checkReceiveCount(s *Settings) []Problem {
	if s.DeadLetters == nil || s.DeadLetters.MaxReceiveCount == nil {
		return nil
	}
	count := *s.DeadLetters.MaxReceiveCount
	if wholeWithin(count, MinReceiveCount, MaxReceiveCount) {
		return nil
	}
	return []Problem{{
		Prop:  "DeadLetters.MaxReceiveCount",
		Value: number(count),
		Mend:  fmt.Sprintf("use a whole number of receives from %d to %s", MinReceiveCount, thousands(MaxReceiveCount)),
	}}
}

// checkDeadLetterRetention is silent where something else is to be mended first: a queue that is given, dead letters that are
// off, or a duration out of range.
func checkDeadLetterRetention(s *Settings) []Problem {
	if s.DeadLetters == nil || isTrue(s.DeadLetters.Disabled) || s.Queue != nil {
		return nil
	}
	kept, ok := retention(s.MessageRetention, DefaultMessageRetention)
	if !ok {
		return nil
	}
	deadKept, ok := retention(s.DeadLetters.Retention, DefaultDeadLetterRetention)
	if !ok || deadKept >= kept {
		return nil
	}
	return []Problem{{
		Prop:  "DeadLetters.Retention",
		Value: number(deadKept) + " seconds",
		Mend: fmt.Sprintf("use at least the %s seconds of MessageRetention, or shorten that:"+
			" the age of a notification counts from its first arrival", thousands(int(kept))),
	}}
}

// retention is not ok where it is unknown or out of range.
func retention(given *Seconds, fallback float64) (seconds float64, ok bool) {
	switch {
	case given == nil:
		return fallback, true
	case given.Unresolved:
		return 0, false
	default:
		return given.Value, wholeWithin(given.Value, MinRetention, MaxRetention)
	}
}

func checkSeconds(prop string, given *Seconds, low, high int, highInWords string) []Problem {
	if given == nil || given.Unresolved || wholeWithin(given.Value, low, high) {
		return nil
	}
	return []Problem{{
		Prop:  prop,
		Value: number(given.Value) + " seconds",
		Mend:  fmt.Sprintf("use whole seconds from %d to %s (%s)", low, thousands(high), highInWords),
	}}
}

// wholeWithin is false for what is no number at all, which compares with nothing.
func wholeWithin(value float64, low, high int) bool {
	return value >= float64(low) && value <= float64(high) && value == math.Trunc(value)
}

// number writes an exponent only where the digits could not be read any more.
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
