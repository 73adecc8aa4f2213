package validate

import (
	"fmt"
	"strconv"
)

// contradictionRules refuse a setting that another prop leaves nothing to be set on: it would be ignored without a word.
var contradictionRules = []rule[Settings]{
	{
		name: "TopicName with Topic",
		doc:  "TopicName names the new topic; a given one has its name.",
		check: func(s *Settings) []Problem {
			return contradiction("TopicName", s.TopicName, quoted, s.Topic != nil, "leave out TopicName or Topic: a given topic has its name")
		},
	},
	{
		name: "VisibilityTimeout with Queue",
		doc:  "VisibilityTimeout is a setting of the new queue.",
		check: func(s *Settings) []Problem {
			return contradiction("VisibilityTimeout", s.VisibilityTimeout, duration, s.Queue != nil, setOnQueue("VisibilityTimeout"))
		},
	},
	{
		name: "MessageRetention with Queue",
		doc:  "MessageRetention is a setting of the new queue.",
		check: func(s *Settings) []Problem {
			return contradiction("MessageRetention", s.MessageRetention, duration, s.Queue != nil, setOnQueue("MessageRetention"))
		},
	},
	{
		name: "DeadLetters with Queue",
		doc:  "A dead-letter queue is a setting of the new queue.",
		check: func(s *Settings) []Problem {
			return contradiction("DeadLetters", s.DeadLetters, deadLetters, s.Queue != nil, setOnQueue("DeadLetters"))
		},
	},
	{
		name: "DeadLetters.MaxReceiveCount with Disabled",
		doc:  "Without a dead-letter queue a message is never moved.",
		check: func(s *Settings) []Problem {
			if s.DeadLetters == nil {
				return nil
			}
			return contradiction("DeadLetters.MaxReceiveCount", s.DeadLetters.MaxReceiveCount, number,
				isTrue(s.DeadLetters.Disabled), "leave out MaxReceiveCount or Disabled")
		},
	},
	{
		name: "DeadLetters.Retention with Disabled",
		doc:  "Without a dead-letter queue nothing is kept in it.",
		check: func(s *Settings) []Problem {
			if s.DeadLetters == nil {
				return nil
			}
			return contradiction("DeadLetters.Retention", s.DeadLetters.Retention, duration,
				isTrue(s.DeadLetters.Disabled), "leave out Retention or Disabled")
		},
	},
	{
		name: "ServiceRolePolicy with ServiceRole",
		doc:  "ServiceRolePolicy chooses the policy of the new role.",
		check: func(s *Settings) []Problem {
			return contradiction("ServiceRolePolicy", s.ServiceRolePolicy, quoted, s.ServiceRole != nil,
				"leave out ServiceRolePolicy or ServiceRole: it chooses the policy of a new role")
		},
	},
	{
		name: "TrustedAccounts with ServiceRole",
		doc:  "TrustedAccounts extends the trust of the new role.",
		check: func(s *Settings) []Problem {
			if s.TrustedAccounts == nil {
				return nil
			}
			return contradiction("TrustedAccounts", &s.TrustedAccounts, list, s.ServiceRole != nil,
				"leave out TrustedAccounts or ServiceRole: it extends the trust of a new role")
		},
	},
	{
		name: "EncryptionKey with SERVICE_MANAGED",
		doc:  "A key of yours is used with Encryption KMS only.",
		check: func(s *Settings) []Problem {
			serviceManaged := s.Encryption != nil && *s.Encryption == EncryptionServiceManaged
			return contradiction("EncryptionKey", s.EncryptionKey, aKey, serviceManaged,
				fmt.Sprintf("leave out EncryptionKey, or use Encryption %q", EncryptionKMS))
		},
	},
	{
		name: "Encryption with Topic and Queue",
		doc:  "With a topic and a queue that are given nothing is created that could be encrypted.",
		check: func(s *Settings) []Problem {
			return contradiction("Encryption", s.Encryption, quoted, s.nothingToEncrypt(), encryptedAlready("Encryption"))
		},
	},
	{
		name: "EncryptionKey with Topic and Queue",
		doc:  "With a topic and a queue that are given nothing is created that could be encrypted; the queue's key is read from the queue.",
		check: func(s *Settings) []Problem {
			return contradiction("EncryptionKey", s.EncryptionKey, aKey, s.nothingToEncrypt(), encryptedAlready("EncryptionKey"))
		},
	},
}

func contradiction[T any](prop string, given *T, text func(T) string, excluded bool, mend string) []Problem {
	if given == nil || !excluded {
		return nil
	}
	return []Problem{{Prop: prop, Value: text(*given), Mend: mend}}
}

func (s *Settings) nothingToEncrypt() bool { return s.Topic != nil && s.Queue != nil }

func setOnQueue(prop string) string {
	return fmt.Sprintf("leave out %s or Queue: a given queue has settings of its own", prop)
}

func encryptedAlready(prop string) string {
	return fmt.Sprintf("leave out %s: a given topic and queue have encryption of their own", prop)
}

func quoted(value string) string { return strconv.Quote(value) }

func list(values []string) string { return fmt.Sprintf("%q", values) }

func aKey(Place) string { return "a key" }

func deadLetters(DeadLetters) string { return "settings for dead letters" }

func duration(s Seconds) string {
	if s.Unresolved {
		return "a duration"
	}
	return number(s.Value) + " seconds"
}
