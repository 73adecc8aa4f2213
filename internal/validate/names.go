package validate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// TopicNamePrefix is how the guide says that the topic's name must begin, and the only beginning to whose topics the managed policy
	// AmazonTextractServiceRole publishes.
	TopicNamePrefix = "AmazonTextract"
	// MaxTopicNameLength is the longest name, in characters, that SNS takes (CreateTopic).
	MaxTopicNameLength = 256

	fifoSuffix = ".fifo"
)

var topicNameCharacters = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

var nameRules = []rule[Settings]{
	{
		name: "TopicName empty",
		doc: "SNS takes no topic without a name." +
			" See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
		check: topicName(func(name string) string {
			if name != "" {
				return ""
			}
			return "leave out TopicName for a unique name, or give one that begins with " + strconv.Quote(TopicNamePrefix)
		}),
	},
	{
		name: "TopicName prefix",
		doc: "The guide asks for a topic whose name begins with AmazonTextract." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: topicName(func(name string) string {
			if name == "" || strings.HasPrefix(name, TopicNamePrefix) {
				return ""
			}
			return "begin the name with " + strconv.Quote(TopicNamePrefix)
		}),
	},
	{
		name: "TopicName characters",
		doc: "SNS takes ASCII letters, digits, hyphens and underscores." +
			" See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
		check: topicName(func(name string) string {
			if topicNameCharacters.MatchString(strings.TrimSuffix(name, fifoSuffix)) {
				return ""
			}
			return `use only the characters A-Z, a-z, 0-9, "-" and "_"`
		}),
	},
	{
		name: "TopicName length",
		doc: "SNS takes names of at most 256 characters." +
			" See: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html",
		check: topicName(func(name string) string {
			length := utf8.RuneCountInString(name)
			if length <= MaxTopicNameLength {
				return ""
			}
			return fmt.Sprintf("use at most %d characters, it has %s", MaxTopicNameLength, thousands(length))
		}),
	},
	{
		name: "TopicName FIFO",
		doc: "The guide asks for a standard topic, and only the names of FIFO topics end in .fifo." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: topicName(func(name string) string {
			if !strings.HasSuffix(name, fifoSuffix) {
				return ""
			}
			return `leave out ".fifo": Textract needs a standard topic`
		}),
	},
	{
		name: "ServiceRolePolicy managed",
		doc: "AmazonTextractServiceRole publishes to topics whose names begin with AmazonTextract; to any other nothing would ever come." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html",
		check: func(s *Settings) []Problem {
			if s.Topic == nil || !known(s.Topic.Name) || strings.HasPrefix(s.Topic.Name, TopicNamePrefix) {
				return nil
			}
			return checkString("ServiceRolePolicy", s.ServiceRolePolicy, func(policy string) string {
				if policy != ServiceRolePolicyAWSManaged {
					return ""
				}
				return fmt.Sprintf("use %q, or a topic whose name begins with %q instead of %q: the managed policy publishes to no other",
					ServiceRolePolicyTopicOnly, TopicNamePrefix, s.Topic.Name)
			})
		},
	},
}

func topicName(mend mendOf) func(*Settings) []Problem {
	return func(s *Settings) []Problem { return checkString("TopicName", s.TopicName, mend) }
}
