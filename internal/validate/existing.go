package validate

import (
	"fmt"
	"strings"
)

// MaxQueueStatements is the most that SQS takes in the policy of one queue.
const MaxQueueStatements = 20

// existingRules are about existing resources that cannot be used because of their kind or their
// other uses.
var existingRules = []rule[Settings]{
	{
		name: "Topic FIFO",
		// The guide asks for a standard topic.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(s *Settings) []Problem {
			if s.Topic == nil || !s.Topic.FIFO {
				return nil
			}
			return []Problem{{"Topic", "a FIFO topic", "use a standard topic"}}
		},
	},
	{
		name: "Queue FIFO",
		// The guide asks for a standard queue.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(s *Settings) []Problem {
			if s.Queue == nil || !s.Queue.FIFO {
				return nil
			}
			return []Problem{{"Queue", "a FIFO queue", "use a standard queue"}}
		},
	},
	{
		name: "ServiceRole of AWS",
		// A service-linked role or one of IAM Identity Center trusts one service, and its policies
		// cannot be changed.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
		check: func(s *Settings) []Problem {
			if s.ServiceRole == nil {
				return nil
			}
			found, _ := parse(s.ServiceRole.ARN)
			for _, path := range []string{"role/aws-service-role/", "role/aws-reserved/"} {
				if strings.HasPrefix(found.resource, path) {
					return []Problem{
						{
							"ServiceRole",
							quoted(s.ServiceRole.ARN),
							"use a role that AWS does not manage: its trust and policies cannot be changed",
						},
					}
				}
			}
			return nil
		},
	},
	{
		name: "Queue statements",
		// SQS takes 20 statements in the policy of a queue, and the topic needs one.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
		check: func(s *Settings) []Problem {
			if s.Queue == nil || s.Queue.Statements < MaxQueueStatements {
				return nil
			}
			return []Problem{
				{
					"Queue",
					fmt.Sprintf("a queue with %d statements in its policy", s.Queue.Statements),
					fmt.Sprintf(
						"use another queue, or remove statements from its policy: SQS takes %d, and the topic needs one",
						MaxQueueStatements,
					),
				},
			}
		},
	},
}
