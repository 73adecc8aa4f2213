package validate

var existingCases = []ruleCase[Settings]{
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
	{
		rule: "ServiceRole of AWS", name: "service role",
		change: func(s *Settings) { s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:role/service-role/textract"} },
	},
	{
		rule: "ServiceRole of AWS", name: "service-linked role",
		change: func(s *Settings) {
			s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:role/aws-service-role/sns.amazonaws.com/AWSServiceRoleForSNS"}
		},
		want: []Problem{{
			"ServiceRole", `"arn:aws:iam::111122223333:role/aws-service-role/sns.amazonaws.com/AWSServiceRoleForSNS"`,
			"use a role that AWS does not manage: its trust and policies cannot be changed",
		}},
	},
	{rule: "Queue statements", name: "19", change: func(s *Settings) { s.Queue = &Queue{Statements: 19} }},
	{
		rule: "Queue statements", name: "20",
		change: func(s *Settings) { s.Queue = &Queue{Statements: 20} },
		want: []Problem{{
			"Queue", "a queue with 20 statements in its policy",
			"use another queue, or remove statements from its policy: SQS takes 20, and the topic needs one",
		}},
	},
}
