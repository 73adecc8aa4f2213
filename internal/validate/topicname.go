package validate

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// TopicNamePrefix begins the topic's name, as the guide asks for. The managed policy
	// AmazonTextractServiceRole publishes to topics with this prefix only.
	TopicNamePrefix = "AmazonTextract"
	// MaxTopicNameLength is the longest name, in characters, that SNS takes (CreateTopic).
	MaxTopicNameLength = 256

	fifoSuffix = ".fifo"
)

var topicNameCharacters = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

var topicNameRules = []rule[Settings]{
	{
		name: "TopicName empty",
		// SNS takes no topic without a name.
		// See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
		check: topicName(func(name string) string {
			if name != "" {
				return ""
			}
			return "remove TopicName for a unique name, or use one that begins with " + quoted(TopicNamePrefix)
		}),
	},
	{
		name: "TopicName prefix",
		// The guide asks for a topic whose name begins with AmazonTextract.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: topicName(func(name string) string {
			if name == "" || mayBeginWith(name, TopicNamePrefix) {
				return ""
			}
			return "begin the name with " + quoted(TopicNamePrefix)
		}),
	},
	{
		name: "TopicName characters",
		// SNS takes ASCII letters, digits, hyphens and underscores.
		// See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
		check: topicName(func(name string) string {
			if topicNameCharacters.MatchString(strings.TrimSuffix(knownParts(name), fifoSuffix)) {
				return ""
			}
			return `use only the characters A-Z, a-z, 0-9, "-" and "_"`
		}),
	},
	{
		name: "TopicName length",
		// SNS takes names of at most 256 characters.
		// See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
		check: topicName(func(name string) string {
			length := utf8.RuneCountInString(knownParts(name))
			if length <= MaxTopicNameLength {
				return ""
			}
			return fmt.Sprintf("use at most %d characters, it has %s", MaxTopicNameLength, thousands(length))
		}),
	},
	{
		name: "TopicName FIFO",
		// The guide asks for a standard topic, and the names of FIFO topics end with .fifo.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: topicName(func(name string) string {
			if !strings.HasSuffix(knownEnd(name), fifoSuffix) {
				return ""
			}
			return `remove ".fifo": Textract needs a standard topic`
		}),
	},
	{
		name: "TopicName generated",
		// The CDK generates a PhysicalName only where a reference needs it, and the policies name
		// the topic by its name.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/resources.html
		check: func(s *Settings) []Problem {
			if !s.TopicNameGenerated {
				return nil
			}
			return []Problem{{"TopicName", "PhysicalName_GENERATE_IF_NEEDED", "remove TopicName: the construct generates a unique name"}}
		},
	},
	{
		name: "Topic name",
		// SNS takes names of at most 256 characters, and only FIFO topics, which Textract does not
		// take, end with .fifo.
		// See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
		check: func(s *Settings) []Problem {
			if s.Topic == nil || !s.Topic.New || s.Topic.FIFO {
				return nil
			}
			return checkParts("Topic", &s.Topic.Name, func(name string) string {
				length := utf8.RuneCountInString(knownParts(name))
				switch {
				case length > MaxTopicNameLength:
					return fmt.Sprintf("use a topic with a name of at most %d characters, it has %s", MaxTopicNameLength, thousands(length))
				case strings.HasSuffix(knownEnd(name), fifoSuffix):
					return `use a standard topic, whose name does not end with ".fifo"`
				case !topicNameCharacters.MatchString(knownParts(name)):
					return `use a topic with a name of the characters A-Z, a-z, 0-9, "-" and "_"`
				default:
					return ""
				}
			})
		},
	},
	{
		name: "ServiceRolePolicy managed",
		// AmazonTextractServiceRole publishes to topics whose names begin with AmazonTextract; no
		// other topic would get a notification.
		// See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html
		check: func(s *Settings) []Problem {
			if s.Topic == nil || s.ServiceRolePolicy == nil || *s.ServiceRolePolicy != ServiceRolePolicyAWSManaged {
				return nil
			}
			reason := ": the managed policy publishes to no other"
			switch {
			case s.Topic.Unnamed:
				reason += ", and CloudFormation names this one after the stack"
			case s.Topic.Name != "" && !mayBeginWith(s.Topic.Name, TopicNamePrefix):
				reason = " instead of " + quoted(s.Topic.Name) + reason
			default:
				return nil
			}
			return []Problem{{
				"ServiceRolePolicy", quoted(*s.ServiceRolePolicy),
				fmt.Sprintf("use %q, or a topic whose name begins with %q", ServiceRolePolicyTopicOnly, TopicNamePrefix) + reason,
			}}
		},
	},
}

func topicName(fix fixOf) func(*Settings) []Problem {
	return func(s *Settings) []Problem { return checkParts("TopicName", s.TopicName, fix) }
}
