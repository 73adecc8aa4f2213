package validate

import "testing"

var contradictionCases = []ruleCase[Settings]{
	{
		rule: "TopicName with Topic", name: "TopicName alone",
		change: func(s *Settings) { s.TopicName = ptr("AmazonTextractJobs") },
	},
	{
		rule: "TopicName with Topic", name: "both",
		change: func(s *Settings) { s.Topic, s.TopicName = &Topic{}, ptr("AmazonTextractJobs") },
		want:   []Problem{{"TopicName", `"AmazonTextractJobs"`, "leave out TopicName or Topic: a given topic has its name"}},
	},
	{
		rule: "VisibilityTimeout with Queue", name: "VisibilityTimeout alone",
		change: func(s *Settings) { s.VisibilityTimeout = &Seconds{Value: 60} },
	},
	{
		rule: "VisibilityTimeout with Queue", name: "both",
		change: func(s *Settings) { s.Queue, s.VisibilityTimeout = &Queue{}, &Seconds{Value: 60} },
		want: []Problem{{
			"VisibilityTimeout", "60 seconds", "leave out VisibilityTimeout or Queue: a given queue has settings of its own",
		}},
	},
	{
		rule: "MessageRetention with Queue", name: "MessageRetention alone",
		change: func(s *Settings) { s.MessageRetention = &Seconds{Value: 60} },
	},
	{
		rule: "MessageRetention with Queue", name: "both, the value unknown",
		change: func(s *Settings) { s.Queue, s.MessageRetention = &Queue{}, &Seconds{Unresolved: true} },
		want: []Problem{{
			"MessageRetention", "a duration", "leave out MessageRetention or Queue: a given queue has settings of its own",
		}},
	},
	{
		rule: "DeadLetters with Queue", name: "DeadLetters alone",
		change: func(s *Settings) { s.DeadLetters = &DeadLetters{} },
	},
	{
		rule: "DeadLetters with Queue", name: "both",
		change: func(s *Settings) { s.Queue, s.DeadLetters = &Queue{}, &DeadLetters{} },
		want: []Problem{{
			"DeadLetters", "settings for dead letters", "leave out DeadLetters or Queue: a given queue has settings of its own",
		}},
	},
	{
		rule: "DeadLetters.MaxReceiveCount with Disabled", name: "not disabled",
		change: func(s *Settings) { s.DeadLetters = &DeadLetters{Disabled: ptr(false), MaxReceiveCount: ptr(5.0)} },
	},
	{
		rule: "DeadLetters.MaxReceiveCount with Disabled", name: "both",
		change: func(s *Settings) { s.DeadLetters = &DeadLetters{Disabled: ptr(true), MaxReceiveCount: ptr(5.0)} },
		want:   []Problem{{"DeadLetters.MaxReceiveCount", "5", "leave out MaxReceiveCount or Disabled"}},
	},
	{
		rule: "DeadLetters.Retention with Disabled", name: "disabled alone",
		change: func(s *Settings) { s.DeadLetters = &DeadLetters{Disabled: ptr(true)} },
	},
	{
		rule: "DeadLetters.Retention with Disabled", name: "both",
		change: func(s *Settings) {
			s.DeadLetters = &DeadLetters{Disabled: ptr(true), Retention: &Seconds{Value: 1_209_600}}
		},
		want: []Problem{{"DeadLetters.Retention", "1209600 seconds", "leave out Retention or Disabled"}},
	},
	{
		rule: "ServiceRolePolicy with ServiceRole", name: "ServiceRole alone",
		change: func(s *Settings) { s.ServiceRole = &home },
	},
	{
		rule: "ServiceRolePolicy with ServiceRole", name: "both",
		change: func(s *Settings) { s.ServiceRole, s.ServiceRolePolicy = &home, ptr("TOPIC_ONLY") },
		want: []Problem{{
			"ServiceRolePolicy", `"TOPIC_ONLY"`,
			"leave out ServiceRolePolicy or ServiceRole: it chooses the policy of a new role",
		}},
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "TrustedAccounts alone",
		change: func(s *Settings) { s.TrustedAccounts = []string{otherAccount} },
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "ServiceRole alone",
		change: func(s *Settings) { s.ServiceRole = &home },
	},
	{
		rule: "TrustedAccounts with ServiceRole", name: "both",
		change: func(s *Settings) { s.ServiceRole, s.TrustedAccounts = &home, []string{homeAccount, otherAccount} },
		want: []Problem{{
			"TrustedAccounts", `["111122223333" "444455556666"]`,
			"leave out TrustedAccounts or ServiceRole: it extends the trust of a new role",
		}},
	},
	{
		rule: "EncryptionKey with SERVICE_MANAGED", name: "KMS",
		change: func(s *Settings) { s.EncryptionKey, s.Encryption = &home, ptr("KMS") },
	},
	{
		rule: "EncryptionKey with SERVICE_MANAGED", name: "both",
		change: func(s *Settings) { s.EncryptionKey, s.Encryption = &home, ptr("SERVICE_MANAGED") },
		want:   []Problem{{"EncryptionKey", "a key", `leave out EncryptionKey, or use Encryption "KMS"`}},
	},
	{
		rule: "Encryption with Topic and Queue", name: "new queue",
		change: func(s *Settings) { s.Topic, s.Encryption = &Topic{}, ptr("KMS") },
	},
	{
		rule: "Encryption with Topic and Queue", name: "all three",
		change: func(s *Settings) { s.Topic, s.Queue, s.Encryption = &Topic{}, &Queue{}, ptr("KMS") },
		want: []Problem{{
			"Encryption", `"KMS"`, "leave out Encryption: a given topic and queue have encryption of their own",
		}},
	},
	{
		rule: "EncryptionKey with Topic and Queue", name: "new topic",
		change: func(s *Settings) { s.Queue, s.EncryptionKey = &Queue{}, &home },
	},
	{
		rule: "EncryptionKey with Topic and Queue", name: "all three",
		change: func(s *Settings) { s.Topic, s.Queue, s.EncryptionKey = &Topic{}, &Queue{}, &home },
		want: []Problem{{
			"EncryptionKey", "a key", "leave out EncryptionKey: a given topic and queue have encryption of their own",
		}},
	},
}

func TestEachSettingOfAGivenQueueIsNamed(t *testing.T) {
	got := paths(Check(Settings{
		Queue:             &Queue{},
		VisibilityTimeout: &Seconds{Value: 60},
		MessageRetention:  &Seconds{Value: 60},
		DeadLetters:       &DeadLetters{},
	}))
	if len(got) != 3 || got[0] != "VisibilityTimeout" || got[1] != "MessageRetention" || got[2] != "DeadLetters" {
		t.Errorf("got problems of %q", got)
	}
}
