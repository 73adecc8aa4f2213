package textractclient

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// The environment variables that the construct's EnvironmentVariables method sets.
const (
	EnvTopicARN       = "TEXTRACT_SNS_TOPIC_ARN"
	EnvRoleARN        = "TEXTRACT_ROLE_ARN"
	EnvQueueURL       = "TEXTRACT_QUEUE_URL"
	EnvOutputBucket   = "TEXTRACT_OUTPUT_BUCKET"
	EnvOutputPrefix   = "TEXTRACT_OUTPUT_PREFIX"
	EnvOutputKMSKeyID = "TEXTRACT_OUTPUT_KMS_KEY_ID"
)

// DefaultOutputPrefix is where Textract writes results in an output bucket when no prefix is given.
const DefaultOutputPrefix = "textract_output"

// Config says what the construct built. The zero value serves for jobs without notifications and for reading results.
type Config struct {
	// TopicARN is the SNS topic that Textract publishes completions to. Start sends it together with RoleARN.
	TopicARN string
	// RoleARN is the service role that Textract assumes to publish.
	RoleARN string
	// QueueURL is the SQS queue that is subscribed to the topic. Listen needs it.
	QueueURL string
	// Output is where Textract writes results. Nil: Textract keeps them itself, for 7 days.
	Output *Output
}

// Output is a place in S3 for results.
type Output struct {
	// Bucket is the bucket's name, not its ARN.
	Bucket string
	// Prefix comes before the job id in the results' keys. Empty: DefaultOutputPrefix.
	Prefix string
	// KMSKeyID encrypts the results. Empty: Textract has S3 encrypt them with its own keys (SSE-S3), whatever the bucket's default.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
	KMSKeyID string
}

// ConfigFromEnv reads the construct's environment variables. Variables that are unset or empty leave their field empty;
// those that are set must be well-formed.
func ConfigFromEnv() (Config, error) {
	config := Config{
		TopicARN: os.Getenv(EnvTopicARN),
		RoleARN:  os.Getenv(EnvRoleARN),
		QueueURL: os.Getenv(EnvQueueURL),
	}
	if bucket := os.Getenv(EnvOutputBucket); bucket != "" {
		config.Output = &Output{
			Bucket:   bucket,
			Prefix:   os.Getenv(EnvOutputPrefix),
			KMSKeyID: os.Getenv(EnvOutputKMSKeyID),
		}
	}
	if err := config.Validate(); err != nil {
		return Config{}, fmt.Errorf("environment: %w", err)
	}
	return config, nil
}

var (
	topicARNPattern = regexp.MustCompile(`^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}(\.fifo)?$`)
	roleARNPattern  = regexp.MustCompile(`^arn:[\w-]+:iam::\d{12}:role/.+$`)
	queueURLPattern = regexp.MustCompile(`^https?://[^/]+/.+$`)
)

// Validate reports everything that is malformed, in one error of one line. Empty fields are no errors.
func (c Config) Validate() error {
	var problems problems
	problems.addf(c.TopicARN != "" && !topicARNPattern.MatchString(c.TopicARN),
		"topic ARN %q is malformed: use arn:PARTITION:sns:REGION:ACCOUNT:NAME", c.TopicARN)
	problems.addf(strings.HasSuffix(c.TopicARN, ".fifo"),
		"topic %q is a FIFO topic: Textract publishes to standard topics only", c.TopicARN)
	problems.addf(c.RoleARN != "" && !roleARNPattern.MatchString(c.RoleARN),
		"role ARN %q is malformed: use arn:PARTITION:iam::ACCOUNT:role/NAME", c.RoleARN)
	problems.addf((c.TopicARN == "") != (c.RoleARN == ""),
		"topic ARN %q and role ARN %q go together: give both or neither", c.TopicARN, c.RoleARN)
	problems.addf(c.QueueURL != "" && !queueURLPattern.MatchString(c.QueueURL),
		"queue URL %q is malformed: use the queue's URL, not its ARN or name", c.QueueURL)
	if c.Output != nil {
		c.Output.validate(&problems)
	}
	return problems.err()
}

func (o *Output) validate(problems *problems) {
	validateBucket(problems, "output bucket", o.Bucket)
	problems.addf(strings.HasPrefix(o.Prefix, "/"), "output prefix %q begins with a slash: leave it out", o.Prefix)
}

func validateBucket(problems *problems, what, bucket string) {
	problems.addf(bucket == "", "%s is empty: give the bucket's name", what)
	problems.addf(strings.HasPrefix(bucket, "arn:"), "%s %q is an ARN: give the bucket's name", what, bucket)
}

// prefix has no trailing slash, for Textract puts one between it and the job id.
func (o *Output) prefix() string {
	if prefix := strings.TrimRight(o.Prefix, "/"); prefix != "" {
		return prefix
	}
	return DefaultOutputPrefix
}

// problems collects what is wrong, so that a user mends it in one go.
type problems []string

func (p *problems) addf(wrong bool, format string, args ...any) {
	if wrong {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	return errors.New(strings.Join(*p, "; "))
}
