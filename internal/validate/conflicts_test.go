package validate

import "testing"

var conflictCases = []ruleCase[Settings]{
	{
		rule: "TopicName with Topic", name: "TopicName alone",
		change: func(s *Settings) { s.TopicName = ptr("AmazonTextractJobs") },
	},
	{
		rule: "TopicName with Topic", name: "both",
		change: func(s *Settings) { s.Topic, s.TopicName = &Topic{}, ptr("AmazonTextractJobs") },
		want:   []Problem{{"TopicName", `"AmazonTextractJobs"`, "remove TopicName or Topic: an existing topic has its own"}},
	},
	{
		rule: "VisibilityTimeout with Queue", name: "VisibilityTimeout alone",
		change: func(s *Settings) { s.VisibilityTimeout = &Seconds{Value: 60} },
	},
	{
		rule: "VisibilityTimeout with Queue", name: "both",
		change: func(s *Settings) { s.Queue, s.VisibilityTimeout = &Queue{}, &Seconds{Value: 60} },
		want: []Problem{{
			"VisibilityTimeout", "60 seconds", "remove VisibilityTimeout or Queue: an existing queue has its own",
		}},
	},
	{
		rule: "RetentionPeriod with Queue", name: "RetentionPeriod alone",
		change: func(s *Settings) { s.RetentionPeriod = &Seconds{Value: 60} },
	},
	{
		rule: "RetentionPeriod with Queue", name: "both, the value unknown",
		change: func(s *Settings) { s.Queue, s.RetentionPeriod = &Queue{}, &Seconds{Unresolved: true} },
		want: []Problem{{
			"RetentionPeriod", "a duration", "remove RetentionPeriod or Queue: an existing queue has its own",
		}},
	},
	{
		rule: "DeadLetterQueue with Queue", name: "DeadLetterQueue alone",
		change: func(s *Settings) { s.DeadLetterQueue = &DeadLetterQueue{} },
	},
	{
		rule: "DeadLetterQueue with Queue", name: "both",
		change: func(s *Settings) { s.Queue, s.DeadLetterQueue = &Queue{}, &DeadLetterQueue{} },
		want: []Problem{{
			"DeadLetterQueue", "options", "remove DeadLetterQueue or Queue: an existing queue has its own",
		}},
	},
	{
		rule: "DeadLetterQueue.MaxReceiveCount with Disabled", name: "not disabled",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{Disabled: ptr(false), MaxReceiveCount: ptr(5.0)}
		},
	},
	{
		rule: "DeadLetterQueue.MaxReceiveCount with Disabled", name: "both",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{Disabled: ptr(true), MaxReceiveCount: ptr(5.0)}
		},
		want: []Problem{{"DeadLetterQueue.MaxReceiveCount", "5", "remove MaxReceiveCount or Disabled"}},
	},
	{
		rule: "DeadLetterQueue.RetentionPeriod with Disabled", name: "disabled alone",
		change: func(s *Settings) { s.DeadLetterQueue = &DeadLetterQueue{Disabled: ptr(true)} },
	},
	{
		rule: "DeadLetterQueue.RetentionPeriod with Disabled", name: "both",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{Disabled: ptr(true), RetentionPeriod: &Seconds{Value: 1_209_600}}
		},
		want: []Problem{{"DeadLetterQueue.RetentionPeriod", "1209600 seconds", "remove RetentionPeriod or Disabled"}},
	},
	{
		rule: "ServiceRolePolicy with ServiceRole", name: "ServiceRole alone",
		change: func(s *Settings) { s.ServiceRole = &Role{} },
	},
	{
		rule: "ServiceRolePolicy with ServiceRole", name: "both",
		change: func(s *Settings) { s.ServiceRole, s.ServiceRolePolicy = &Role{}, ptr("TOPIC_ONLY") },
		want: []Problem{{
			"ServiceRolePolicy", `"TOPIC_ONLY"`,
			"remove ServiceRolePolicy or ServiceRole: it chooses the policy of a new role",
		}},
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "TrustedAccounts alone",
		change: func(s *Settings) { s.TrustedAccounts = []string{otherAccount} },
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "ServiceRole alone",
		change: func(s *Settings) { s.ServiceRole = &Role{} },
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "both",
		change: func(s *Settings) { s.ServiceRole, s.TrustedAccounts = &Role{}, []string{stackAccount, otherAccount} },
		want: []Problem{{
			"TrustedAccounts", `["111122223333" "444455556666"]`,
			"remove TrustedAccounts or ServiceRole: it extends the trust of a new role",
		}},
	},
	{
		rule: "EncryptionKey with SERVICE_MANAGED", name: "KMS",
		change: func(s *Settings) { s.EncryptionKey, s.Encryption = &Key{}, ptr("KMS") },
	},
	{
		rule: "EncryptionKey with SERVICE_MANAGED", name: "both",
		change: func(s *Settings) { s.EncryptionKey, s.Encryption = &Key{}, ptr("SERVICE_MANAGED") },
		want:   []Problem{{"EncryptionKey", "a key", `remove EncryptionKey, or use Encryption "KMS"`}},
	},
	{
		rule: "DeadLetterQueue.EncryptionKey with SERVICE_MANAGED", name: "KMS",
		change: func(s *Settings) {
			s.DeadLetterQueue, s.Encryption = &DeadLetterQueue{EncryptionKey: &Key{}}, ptr("KMS")
		},
	},
	{
		rule: "DeadLetterQueue.EncryptionKey with SERVICE_MANAGED", name: "both",
		change: func(s *Settings) {
			s.DeadLetterQueue, s.Encryption = &DeadLetterQueue{EncryptionKey: &Key{}}, ptr("SERVICE_MANAGED")
		},
		want: []Problem{{"DeadLetterQueue.EncryptionKey", "a key", `remove EncryptionKey, or use Encryption "KMS"`}},
	},
	{
		rule: "DeadLetterQueue.EncryptionKey with Disabled", name: "not disabled",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{EncryptionKey: &Key{}, Disabled: ptr(false)}
		},
	},
	{
		rule: "DeadLetterQueue.EncryptionKey with Disabled", name: "disabled",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{EncryptionKey: &Key{}, Disabled: ptr(true)}
		},
		want: []Problem{{"DeadLetterQueue.EncryptionKey", "a key", "remove EncryptionKey or Disabled"}},
	},
	{
		rule: "Encryption with Topic and Queue", name: "new queue",
		change: func(s *Settings) { s.Topic, s.Encryption = &Topic{}, ptr("KMS") },
	},
	{
		rule: "Encryption with Topic and Queue", name: "all three",
		change: func(s *Settings) { s.Topic, s.Queue, s.Encryption = &Topic{}, &Queue{}, ptr("KMS") },
		want: []Problem{{
			"Encryption", `"KMS"`, "remove Encryption: an existing topic and queue have their own encryption",
		}},
	},
	{
		rule: "EncryptionKey with Topic and Queue", name: "new topic",
		change: func(s *Settings) { s.Queue, s.EncryptionKey = &Queue{}, &Key{} },
	},
	{
		rule: "EncryptionKey with Topic and Queue", name: "all three",
		change: func(s *Settings) { s.Topic, s.Queue, s.EncryptionKey = &Topic{}, &Queue{}, &Key{} },
		want: []Problem{{
			"EncryptionKey", "a key", "remove EncryptionKey: an existing topic and queue have their own encryption",
		}},
	},
}

func TestEverySettingOfAnExistingQueueIsReported(t *testing.T) {
	got := paths(Check(Settings{
		Queue:             &Queue{},
		VisibilityTimeout: &Seconds{Value: 60},
		RetentionPeriod:   &Seconds{Value: 60},
		DeadLetterQueue:   &DeadLetterQueue{},
	}))
	if len(got) != 3 || got[0] != "VisibilityTimeout" || got[1] != "RetentionPeriod" || got[2] != "DeadLetterQueue" {
		t.Errorf("got problems of %q", got)
	}
}
