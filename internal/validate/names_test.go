package validate

import "strings"

var nameCases = []ruleCase[Settings]{
	named("TopicName empty", "one character more", "AmazonTextractA", ""),
	named("TopicName empty", "none", "", `leave out TopicName for a unique name, or give one that begins with "AmazonTextract"`),
	named("TopicName prefix", "nothing but the prefix", "AmazonTextract", ""),
	named("TopicName prefix", "other", "jobs", `begin the name with "AmazonTextract"`),
	named("TopicName prefix", "one character less", "AmazonTextrac", `begin the name with "AmazonTextract"`),
	named("TopicName prefix", "other case", "amazontextract", `begin the name with "AmazonTextract"`),
	named("TopicName characters", "all kinds", "AmazonTextract-azAZ_09", ""),
	named("TopicName characters", "dot", "AmazonTextract.jobs", `use only the characters A-Z, a-z, 0-9, "-" and "_"`),
	named("TopicName characters", "line feed at the end", "AmazonTextract\n", `use only the characters A-Z, a-z, 0-9, "-" and "_"`),
	named("TopicName characters", "letter beyond ASCII", "AmazonTextractÄ", `use only the characters A-Z, a-z, 0-9, "-" and "_"`),
	named("TopicName length", "256", nameOfLength(256), ""),
	named("TopicName length", "257", nameOfLength(257), "use at most 256 characters, it has 257"),
	named("TopicName length", "1,257", nameOfLength(1257), "use at most 256 characters, it has 1,257"),
	named("TopicName FIFO", "fifo without a dot", "AmazonTextractfifo", ""),
	named("TopicName FIFO", "fifo", "AmazonTextract.fifo", `leave out ".fifo": Textract needs a standard topic`),
	{
		rule: "ServiceRolePolicy managed", name: "topic with the prefix",
		change: func(s *Settings) { managed(s, "AmazonTextractJobs") },
	},
	{
		rule: "ServiceRolePolicy managed", name: "topic without a known name",
		change: func(s *Settings) { managed(s, "") },
	},
	{
		rule: "ServiceRolePolicy managed", name: "topic only",
		change: func(s *Settings) {
			managed(s, "jobs")
			s.ServiceRolePolicy = ptr(ServiceRolePolicyTopicOnly)
		},
	},
	{
		rule: "ServiceRolePolicy managed", name: "not given",
		change: func(s *Settings) {
			managed(s, "jobs")
			s.ServiceRolePolicy = nil
		},
	},
	{
		rule: "ServiceRolePolicy managed", name: "topic without the prefix",
		change: func(s *Settings) { managed(s, "jobs") },
		want: []Problem{{
			"ServiceRolePolicy", `"AWS_MANAGED"`,
			`use "TOPIC_ONLY", or a topic whose name begins with "AmazonTextract" instead of "jobs": the managed policy publishes to no other`,
		}},
	},
}

var kindCases = []ruleCase[Settings]{
	{rule: "Topic FIFO", name: "standard", change: func(s *Settings) { s.Topic = &Topic{} }},
	{
		rule: "Topic FIFO", name: "FIFO",
		change: func(s *Settings) { s.Topic = &Topic{FIFO: true} },
		want:   []Problem{{"Topic", "a FIFO topic", "use a standard topic"}},
	},
	{rule: "Queue FIFO", name: "standard", change: func(s *Settings) { s.Queue = &Queue{} }},
	{
		rule: "Queue FIFO", name: "FIFO",
		change: func(s *Settings) { s.Queue = &Queue{FIFO: true} },
		want:   []Problem{{"Queue", "a FIFO queue", "use a standard queue"}},
	},
	{rule: "Queue encryption", name: "customer managed key", change: func(s *Settings) { s.Queue = &Queue{Key: &home} }},
	{
		rule: "Queue encryption", name: "alias/aws/sqs",
		change: func(s *Settings) { s.Queue = &Queue{AWSManaged: true} },
		want: []Problem{{
			"Queue", "a queue encrypted with alias/aws/sqs",
			"encrypt it with a customer managed key or with SSE-SQS: SNS cannot use that key and would drop every message",
		}},
	},
}

func managed(s *Settings, topic string) {
	s.Topic = &Topic{Name: topic}
	s.ServiceRolePolicy = ptr(ServiceRolePolicyAWSManaged)
}

func nameOfLength(n int) string {
	return TopicNamePrefix + strings.Repeat("a", n-len(TopicNamePrefix))
}

// named expects to pass where there is no mend.
func named(rule, name, topic, mend string) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: func(s *Settings) { s.TopicName = &topic }}
	if mend != "" {
		c.want = []Problem{{"TopicName", quoted(topic), mend}}
	}
	return c
}
