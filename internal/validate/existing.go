package validate

import (
	"fmt"
	"slices"
	"strings"
)

// MaxQueueStatements is the most that SQS takes in the policy of one queue.
const MaxQueueStatements = 20

const maxQueueNameLength = 80

// otherTypes are resources that a prop may name in place of one of another type. The attribute of a
// custom resource or of a nested stack, say, may be any ARN.
var otherTypes = []string{
	"AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::SQS::Queue", "AWS::KMS::Key", bucketType,
	"AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::IAM::InstanceProfile", "AWS::Lambda::Function",
}

func checkType(prop, noun, got string) []Problem {
	if !slices.Contains(otherTypes, got) {
		return nil
	}
	return []Problem{{prop, "a resource of type " + got, "use a " + noun}}
}

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
			if s.Queue == nil || !s.Queue.FIFO && !strings.HasSuffix(knownEnd(s.Queue.ARN), fifoSuffix) {
				return nil
			}
			return []Problem{{"Queue", "a FIFO queue", "use a standard queue"}}
		},
	},
	{
		name: "Queue name",
		// SQS takes names of at most 80 characters, and only FIFO queues end with .fifo.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
		check: func(s *Settings) []Problem {
			if s.Queue == nil || s.Queue.FIFO {
				return nil
			}
			return checkParts("Queue", &s.Queue.Name, func(name string) string {
				known := knownParts(name)
				switch {
				case len(known) > maxQueueNameLength:
					return fmt.Sprintf(
						"use a queue with a name of at most %d characters, it has %s",
						maxQueueNameLength,
						thousands(len(known)),
					)
				case strings.HasSuffix(knownEnd(name), fifoSuffix):
					return `use a standard queue, whose name does not end with ".fifo"`
				case !topicNameCharacters.MatchString(known): // those of a queue
					return `use a queue with a name of the characters A-Z, a-z, 0-9, "-" and "_"`
				default:
					return ""
				}
			})
		},
	},
	{
		name: "Type of the resource",
		// A reference to the ARN of another kind of resource is known to be wrong, although its
		// text is not.
		check: func(s *Settings) []Problem {
			var problems []Problem
			if s.Topic != nil {
				problems = append(problems, checkType("Topic", "topic", s.Topic.OtherType)...)
			}
			if s.Queue != nil {
				problems = append(problems, checkType("Queue", "queue", s.Queue.OtherType)...)
			}
			if s.ServiceRole != nil {
				problems = append(problems, checkType("ServiceRole", "role", s.ServiceRole.OtherType)...)
			}
			for _, k := range s.keys() {
				if !k.isOwn {
					problems = append(problems, checkType(k.prop, "key", k.OtherType)...)
				}
			}
			return problems
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
