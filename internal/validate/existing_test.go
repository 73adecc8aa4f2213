package validate

import "strings"

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
		rule: "Queue FIFO", name: "half-known ARN",
		change: func(s *Settings) { s.Queue = &Queue{ARN: "arn:aws:sqs:us-east-1:111122223333:" + aToken + ".fifo"} },
		want:   []Problem{{"Queue", "a FIFO queue", "use a standard queue"}},
	},
	{rule: "Queue name", name: "none", change: func(s *Settings) { s.Queue = &Queue{} }},
	{rule: "Queue name", name: "80 characters", change: func(s *Settings) { s.Queue = &Queue{Name: strings.Repeat("a", 80)} }},
	{rule: "Queue name", name: "half-known", change: func(s *Settings) { s.Queue = &Queue{Name: "jobs-" + aToken} }},
	queueName(strings.Repeat("a", 81), "use a queue with a name of at most 80 characters, it has 81"),
	queueName("jobs.fifo", `use a standard queue, whose name does not end with ".fifo"`),
	queueName("jobs of "+aToken, `use a queue with a name of the characters A-Z, a-z, 0-9, "-" and "_"`),
	{
		rule: "Type of the resource", name: "those that may have any ARN",
		change: func(s *Settings) {
			s.Topic, s.Queue = &Topic{OtherType: "AWS::CloudFormation::Stack"}, &Queue{OtherType: "Custom::Queue"}
			s.ServiceRole = &Role{OtherType: "AWS::SSM::Parameter"}
			s.FormerEncryptionKeys = []*Key{{OtherType: "AWS::KMS::ReplicaKey"}}
		},
	},
	{
		rule: "Type of the resource", name: "others",
		change: func(s *Settings) {
			s.Topic, s.Queue = &Topic{OtherType: "AWS::SQS::Queue"}, &Queue{OtherType: "AWS::SNS::Topic"}
			s.ServiceRole = &Role{OtherType: "AWS::IAM::User"}
			s.FormerEncryptionKeys = []*Key{{OtherType: "AWS::S3::Bucket"}}
		},
		want: []Problem{
			{"Topic", "a resource of type AWS::SQS::Queue", "use a topic"},
			{"Queue", "a resource of type AWS::SNS::Topic", "use a queue"},
			{"ServiceRole", "a resource of type AWS::IAM::User", "use a role"},
			{"FormerEncryptionKeys[0]", "a resource of type AWS::S3::Bucket", "use a key"},
		},
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

func queueName(name, fix string) ruleCase[Settings] {
	return ruleCase[Settings]{
		rule: "Queue name", name: name, change: func(s *Settings) { s.Queue = &Queue{Name: name} },
		want: []Problem{{"Queue", quoted(name), fix}},
	}
}
