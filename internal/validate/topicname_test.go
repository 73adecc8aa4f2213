package validate

import "strings"

var topicNameCases = []ruleCase[Settings]{
	named("TopicName empty", "one character more", "AmazonTextractA", ""),
	named("TopicName empty", "none", "", `remove TopicName for a unique name, or use one that begins with "AmazonTextract"`),
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
	named("TopicName FIFO", "fifo", "AmazonTextract.fifo", `remove ".fifo": Textract needs a standard topic`),
	named("TopicName prefix", "known beginning", "AmazonTextract-"+aToken, ""),
	named("TopicName prefix", "part of it", "Amazon"+aToken, ""),
	named("TopicName prefix", "token", aToken, ""),
	named("TopicName prefix", "other beginning", "documents-"+aToken, `begin the name with "AmazonTextract"`),
	named("TopicName characters", "in a known part", "AmazonTextract-"+aToken+".a", `use only the characters A-Z, a-z, 0-9, "-" and "_"`),
	named("TopicName FIFO", "known end", "AmazonTextract-"+aToken+".fifo", `remove ".fifo": Textract needs a standard topic`),
	named("TopicName length", "known parts", nameOfLength(257)+aToken, "use at most 256 characters, it has 257"),
	{rule: "TopicName generated", name: "token", change: func(s *Settings) { s.TopicName = ptr(aToken) }},
	{
		rule: "TopicName generated", name: "generated",
		change: func(s *Settings) { s.TopicName, s.TopicNameGenerated = ptr(aToken), true },
		want:   []Problem{{"TopicName", "PhysicalName_GENERATE_IF_NEEDED", "remove TopicName: the construct generates a unique name"}},
	},
	{rule: "Topic name", name: "of this app", change: func(s *Settings) { s.Topic = &Topic{New: true, Name: nameOfLength(256)} }},
	{rule: "Topic name", name: "without one", change: func(s *Settings) { s.Topic = &Topic{New: true} }},
	{
		rule: "Topic name", name: "FIFO without the property",
		change: func(s *Settings) { s.Topic = &Topic{New: true, Name: "AmazonTextract.fifo"} },
		want:   []Problem{{"Topic", `"AmazonTextract.fifo"`, `use a standard topic, whose name does not end with ".fifo"`}},
	},
	{
		rule: "Topic name", name: "too long",
		change: func(s *Settings) { s.Topic = &Topic{New: true, Name: nameOfLength(257)} },
		want:   []Problem{{"Topic", quoted(nameOfLength(257)), "use a topic with a name of at most 256 characters, it has 257"}},
	},
	{
		rule: "Topic name", name: "other characters",
		change: func(s *Settings) { s.Topic = &Topic{New: true, Name: "jobs:" + aToken} },
		want:   []Problem{{"Topic", quoted("jobs:" + aToken), `use a topic with a name of the characters A-Z, a-z, 0-9, "-" and "_"`}},
	},
	{
		rule: "ServiceRolePolicy managed", name: "known beginning",
		change: func(s *Settings) { managed(s, "documents-"+aToken) },
		want: []Problem{{
			"ServiceRolePolicy", `"AWS_MANAGED"`,
			`use "TOPIC_ONLY", or a topic whose name begins with "AmazonTextract" instead of "documents-` + aToken +
				`": the managed policy publishes to no other`,
		}},
	},
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
		rule: "ServiceRolePolicy managed", name: "not set",
		change: func(s *Settings) {
			managed(s, "jobs")
			s.ServiceRolePolicy = nil
		},
	},
	{
		rule: "ServiceRolePolicy managed", name: "topic with the name of a lookup to come",
		change: func(s *Settings) { managed(s, aDummy) },
	},
	{
		rule: "ServiceRolePolicy managed", name: "unnamed topic",
		change: func(s *Settings) {
			managed(s, "")
			s.Topic.Unnamed = true
		},
		want: []Problem{{
			"ServiceRolePolicy", `"AWS_MANAGED"`,
			`use "TOPIC_ONLY", or a topic whose name begins with "AmazonTextract":` +
				` the managed policy publishes to no other, and CloudFormation names this one after the stack`,
		}},
	},
	{
		rule: "ServiceRolePolicy managed", name: "topic without the prefix",
		change: func(s *Settings) { managed(s, "jobs") },
		want: []Problem{
			{
				"ServiceRolePolicy",
				`"AWS_MANAGED"`,
				`use "TOPIC_ONLY", or a topic whose name begins with "AmazonTextract" instead of "jobs": the managed policy publishes to no other`,
			},
		},
	},
}

func managed(s *Settings, topic string) {
	s.Topic = &Topic{Name: topic}
	s.ServiceRolePolicy = ptr(ServiceRolePolicyAWSManaged)
}

func nameOfLength(n int) string {
	return TopicNamePrefix + strings.Repeat("a", n-len(TopicNamePrefix))
}

// named expects no problem where fix is empty.
func named(rule, name, topic, fix string) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: rule, name: name, change: func(s *Settings) { s.TopicName = &topic }}
	if fix != "" {
		c.want = []Problem{{"TopicName", quoted(topic), fix}}
	}
	return c
}
