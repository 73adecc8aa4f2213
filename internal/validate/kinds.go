package validate

// kindRules say what kind of topic and queue a user may bring.
var kindRules = []rule[Settings]{
	{
		name: "Topic FIFO",
		doc: "The guide asks for a standard topic." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: func(s *Settings) []Problem {
			if s.Topic == nil || !s.Topic.FIFO {
				return nil
			}
			return []Problem{{Prop: "Topic", Value: "a FIFO topic", Mend: "use a standard topic"}}
		},
	},
	{
		name: "Queue FIFO",
		doc: "The guide asks for a standard queue." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: func(s *Settings) []Problem {
			if s.Queue == nil || !s.Queue.FIFO {
				return nil
			}
			return []Problem{{Prop: "Queue", Value: "a FIFO queue", Mend: "use a standard queue"}}
		},
	},
	{
		name: "Queue encryption",
		doc: "The policy of the key alias/aws/sqs cannot be changed to let SNS use it, so SNS drops every message without a trace." +
			" See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html",
		check: func(s *Settings) []Problem {
			if s.Queue == nil || !s.Queue.AWSManaged {
				return nil
			}
			return []Problem{{
				Prop:  "Queue",
				Value: "a queue encrypted with alias/aws/sqs",
				Mend:  "encrypt it with a customer managed key or with SSE-SQS: SNS cannot use that key and would drop every message",
			}}
		},
	},
}
