package validate

import "fmt"

// conflictRules reject a setting that has no effect because of another prop: it would be ignored
// silently.
var conflictRules = []rule[Settings]{
	{
		name: "TopicName with Topic",
		// TopicName names the new topic; an existing one has its own.
		check: func(s *Settings) []Problem {
			return conflict("TopicName", s.TopicName, quoted, s.Topic != nil, "remove TopicName or Topic: an existing topic has its own")
		},
	},
	{
		name: "VisibilityTimeout with Queue",
		// VisibilityTimeout is a setting of the new queue.
		check: func(s *Settings) []Problem {
			return conflict("VisibilityTimeout", s.VisibilityTimeout, duration, s.Queue != nil, setOnQueue("VisibilityTimeout"))
		},
	},
	{
		name: "RetentionPeriod with Queue",
		// RetentionPeriod is a setting of the new queue.
		check: func(s *Settings) []Problem {
			return conflict("RetentionPeriod", s.RetentionPeriod, duration, s.Queue != nil, setOnQueue("RetentionPeriod"))
		},
	},
	{
		name: "DeadLetterQueue with Queue",
		// A dead-letter queue is a setting of the new queue.
		check: func(s *Settings) []Problem {
			return conflict("DeadLetterQueue", s.DeadLetterQueue, deadLetterOptions, s.Queue != nil, setOnQueue("DeadLetterQueue"))
		},
	},
	{
		name: "DeadLetterQueue.MaxReceiveCount with Disabled",
		// Without a dead-letter queue a message is never moved.
		check: func(s *Settings) []Problem {
			if s.DeadLetterQueue == nil {
				return nil
			}
			return conflict("DeadLetterQueue.MaxReceiveCount", s.DeadLetterQueue.MaxReceiveCount, number,
				isTrue(s.DeadLetterQueue.Disabled), "remove MaxReceiveCount or Disabled")
		},
	},
	{
		name: "DeadLetterQueue.RetentionPeriod with Disabled",
		// Without a dead-letter queue nothing is kept in it.
		check: func(s *Settings) []Problem {
			if s.DeadLetterQueue == nil {
				return nil
			}
			return conflict("DeadLetterQueue.RetentionPeriod", s.DeadLetterQueue.RetentionPeriod, duration,
				isTrue(s.DeadLetterQueue.Disabled), "remove RetentionPeriod or Disabled")
		},
	},
	{
		name: "DeadLetterQueue.EncryptionKey with Disabled",
		// Without a dead-letter queue nothing is encrypted in it.
		check: func(s *Settings) []Problem {
			if s.DeadLetterQueue == nil {
				return nil
			}
			return conflict("DeadLetterQueue.EncryptionKey", s.DeadLetterQueue.EncryptionKey, aKey,
				isTrue(s.DeadLetterQueue.Disabled), "remove EncryptionKey or Disabled")
		},
	},
	{
		name: "ServiceRolePolicy with ServiceRole",
		// ServiceRolePolicy chooses the policy of the new role.
		check: func(s *Settings) []Problem {
			return conflict("ServiceRolePolicy", s.ServiceRolePolicy, quoted, s.ServiceRole != nil,
				"remove ServiceRolePolicy or ServiceRole: it chooses the policy of a new role")
		},
	},
	{
		name: "TrustedAccounts with ServiceRole",
		// TrustedAccounts extends the trust of the new role.
		check: func(s *Settings) []Problem {
			if s.TrustedAccounts == nil {
				return nil
			}
			return conflict("TrustedAccounts", &s.TrustedAccounts, list, s.ServiceRole != nil,
				"remove TrustedAccounts or ServiceRole: it extends the trust of a new role")
		},
	},
	{
		name: "EncryptionKey with SERVICE_MANAGED",
		// A key is used with Encryption KMS only.
		check: func(s *Settings) []Problem {
			return conflict("EncryptionKey", s.EncryptionKey, aKey, s.isServiceManaged(), removeKey)
		},
	},
	{
		name: "DeadLetterQueue.EncryptionKey with SERVICE_MANAGED",
		// A key is used with Encryption KMS only.
		check: func(s *Settings) []Problem {
			if s.DeadLetterQueue == nil {
				return nil
			}
			return conflict("DeadLetterQueue.EncryptionKey", s.DeadLetterQueue.EncryptionKey, aKey, s.isServiceManaged(), removeKey)
		},
	},
	{
		name: "Encryption with Topic and Queue",
		// With an existing topic and queue nothing new is encrypted.
		check: func(s *Settings) []Problem {
			return conflict("Encryption", s.Encryption, quoted, s.nothingToEncrypt(), encryptedAlready("Encryption"))
		},
	},
	{
		name: "EncryptionKey with Topic and Queue",
		// With an existing topic and queue nothing new is encrypted; the queue's key is read from
		// the queue.
		check: func(s *Settings) []Problem {
			return conflict("EncryptionKey", s.EncryptionKey, aKey, s.nothingToEncrypt(), encryptedAlready("EncryptionKey"))
		},
	},
}

func conflict[T any](prop string, value *T, text func(T) string, excluded bool, fix string) []Problem {
	if value == nil || !excluded {
		return nil
	}
	return []Problem{{prop, text(*value), fix}}
}

const removeKey = `remove EncryptionKey, or use Encryption "` + EncryptionKMS + `"`

func (s *Settings) isServiceManaged() bool {
	return s.Encryption != nil && *s.Encryption == EncryptionServiceManaged
}

func (s *Settings) nothingToEncrypt() bool { return s.Topic != nil && s.Queue != nil }

func setOnQueue(prop string) string {
	return fmt.Sprintf("remove %s or Queue: an existing queue has its own", prop)
}

func encryptedAlready(prop string) string {
	return fmt.Sprintf("remove %s: an existing topic and queue have their own encryption", prop)
}

func list(values []string) string { return fmt.Sprintf("%q", values) }

func aKey(Key) string { return "a key" }

func deadLetterOptions(DeadLetterQueue) string { return "options" }

func duration(s Seconds) string {
	if s.Unresolved {
		return "a duration"
	}
	return number(s.Value) + " seconds"
}
