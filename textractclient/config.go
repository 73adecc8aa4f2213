package textractclient

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// The environment variables that the construct's EnvironmentVariables method returns, and that
// [ConfigFromEnv] reads.
const (
	// EnvTopicARN is the variable of Config.TopicARN.
	EnvTopicARN = "TEXTRACT_SNS_TOPIC_ARN"
	// EnvRoleARN is the variable of Config.RoleARN.
	EnvRoleARN = "TEXTRACT_ROLE_ARN"
	// EnvQueueURL is the variable of Config.QueueURL.
	EnvQueueURL = "TEXTRACT_QUEUE_URL"
	// EnvOutputBucket is the variable of Output.Bucket.
	EnvOutputBucket = "TEXTRACT_OUTPUT_BUCKET"
	// EnvOutputPrefix is the variable of Output.Prefix.
	EnvOutputPrefix = "TEXTRACT_OUTPUT_PREFIX"
	// EnvOutputKMSKeyID is the variable of Output.KMSKeyID.
	EnvOutputKMSKeyID = "TEXTRACT_OUTPUT_KMS_KEY_ID"
)

// DefaultOutputPrefix is the prefix of results in an output bucket where Output.Prefix is empty.
const DefaultOutputPrefix = "textract_output"

// Config names the resources of the construct. All fields are optional: reading results needs none
// of them.
type Config struct {
	// TopicARN is the SNS topic to which Textract publishes that a job completed. Start needs it,
	// together with RoleARN, unless StartInput.WithoutNotification is set.
	TopicARN string
	// RoleARN is the service role that Textract assumes to publish to the topic.
	RoleARN string
	// QueueURL is the URL, not the ARN, of the SQS queue that is subscribed to the topic. Listen
	// needs it.
	QueueURL string
	// Output is the location to which Textract writes results. Nil: Textract keeps them itself, for
	// 7 days.
	Output *Output
}

// Output is a location in S3 for results. The objects are called PREFIX/JOBID/1, PREFIX/JOBID/2 and
// so on.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
type Output struct {
	// Bucket is the bucket's name, not its ARN. Required.
	Bucket string
	// Prefix is the beginning of the results' keys. A slash at its end is ignored. Default:
	// DefaultOutputPrefix.
	Prefix string
	// KMSKeyID is the id or ARN, also of an alias, of the key that encrypts the results. Default:
	// none, Textract has S3 encrypt them with S3's own keys (SSE-S3), whatever the default
	// encryption of the bucket is.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
	KMSKeyID string
}

// ConfigFromEnv reads a Config from the environment variables that the construct's
// EnvironmentVariables method returns. A variable that is unset or empty leaves its field empty.
//
// It returns an error that wraps ErrNoSettings when none of the variables is set, and one that
// wraps ErrInvalidInput for malformed values.
func ConfigFromEnv() (Config, error) {
	config := Config{
		TopicARN: os.Getenv(EnvTopicARN),
		RoleARN:  os.Getenv(EnvRoleARN),
		QueueURL: os.Getenv(EnvQueueURL),
	}
	output := Output{
		Bucket:   os.Getenv(EnvOutputBucket),
		Prefix:   os.Getenv(EnvOutputPrefix),
		KMSKeyID: os.Getenv(EnvOutputKMSKeyID),
	}
	if output != (Output{}) {
		config.Output = &output
	}
	if config == (Config{}) {
		return Config{}, fmt.Errorf(
			"environment: %w: set %s and the others that EnvironmentVariables() of the construct returns, or write a Config",
			ErrNoSettings, EnvTopicARN,
		)
	}
	if err := config.Validate(); err != nil {
		return Config{}, fmt.Errorf("environment: %w", err)
	}
	return config, nil
}

var (
	topicARNPattern = regexp.MustCompile(`^arn:([a-z\d-]+):sns:([a-z\d-]+):(\d{12}):[\w-]{1,256}(\.fifo)?$`)
	roleARNPattern  = regexp.MustCompile(`^arn:([a-z\d-]+):iam::(\d{12}):role/[\w+=,.@/-]+$`)
	queueURLPattern = regexp.MustCompile(`^https?://[^/\s]+/\S+$`)
	// queueHostPattern finds the Region: sqs.REGION.amazonaws.com, sqs-fips.…,
	// vpce-….sqs.REGION.vpce.amazonaws.com, sqs.REGION.api.aws, and the older
	// REGION.queue.amazonaws.com.
	queueHostPattern = regexp.MustCompile(`^(?:.+\.)?sqs(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\.|^([a-z]+(?:-[a-z]+)+-\d+)\.queue\.`)
	bucketPattern    = regexp.MustCompile(`^[0-9A-Za-z._-]{1,255}$`)
	kmsKeyPattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]*$`)
)

// Validate returns an error that wraps ErrInvalidInput and lists, in one line, everything that is
// malformed or contradictory: topic ARN and role ARN without the other, topic and role in different
// partitions, topic and queue in different Regions, FIFO topics and queues. Empty fields are valid.
func (c Config) Validate() error {
	var problems problems
	c.validate(&problems, "")
	return problems.err()
}

// validate compares with the Region of the client too, unless it is empty.
func (c Config) validate(problems *problems, region string) {
	topic, role := topicARNPattern.FindStringSubmatch(c.TopicARN), roleARNPattern.FindStringSubmatch(c.RoleARN)
	problems.addf(c.TopicARN != "" && topic == nil,
		"topic ARN %q is malformed: use arn:PARTITION:sns:REGION:ACCOUNT:NAME", c.TopicARN)
	problems.addf(strings.HasSuffix(c.TopicARN, ".fifo"),
		"topic %q is a FIFO topic: Textract publishes to standard topics only", c.TopicARN)
	problems.addf(c.RoleARN != "" && role == nil,
		"role ARN %q is malformed: use arn:PARTITION:iam::ACCOUNT:role/NAME", c.RoleARN)
	problems.addf((c.TopicARN == "") != (c.RoleARN == ""),
		"topic ARN %q and role ARN %q go together: set both or neither", c.TopicARN, c.RoleARN)
	problems.addf(c.QueueURL != "" && !queueURLPattern.MatchString(c.QueueURL),
		"queue URL %q is malformed: use the queue's URL, not its ARN or name", c.QueueURL)
	problems.addf(strings.HasSuffix(c.QueueURL, ".fifo"),
		"queue %q is a FIFO queue: a standard topic delivers to standard queues only", c.QueueURL)

	queueRegion := regionOfQueue(c.QueueURL)
	if topic != nil {
		problems.addf(topic[1] != PartitionOf(topic[2]),
			"topic ARN %q has the partition %s, but %s is in %s: correct the ARN", c.TopicARN, topic[1], topic[2], PartitionOf(topic[2]))
		problems.addf(
			role != nil && role[1] != topic[1],
			"role ARN %q is in the partition %s, topic %q in %s: use a role of the topic's partition",
			c.RoleARN, at(role, 1), c.TopicARN, topic[1],
		)
		problems.addf(
			region != "" && topic[2] != region,
			"topic %q is in %s, the client in %s: Textract publishes within its own Region, so use one Region",
			c.TopicARN, topic[2], region,
		)
		problems.addf(queueRegion != "" && queueRegion != topic[2],
			"queue %q is in %s, topic %q in %s: use one Region", c.QueueURL, queueRegion, c.TopicARN, topic[2])
	}
	if topic == nil && role != nil && region != "" {
		problems.addf(
			role[1] != PartitionOf(region),
			"role ARN %q is in the partition %s, the client's Region %s in %s: use one partition", c.RoleARN,
			role[1], region, PartitionOf(region),
		)
	}
	problems.addf(queueRegion != "" && region != "" && queueRegion != region,
		"queue %q is in %s, the client in %s: use one Region", c.QueueURL, queueRegion, region)
	if c.Output != nil {
		c.Output.validate(problems)
	}
}

// at returns an element of a match, or "" without a match.
func at(match []string, i int) string {
	if match == nil {
		return ""
	}
	return match[i]
}

// regionOfQueue returns the Region in a queue's URL, or "" where it is not in the URL, such as that
// of a local API server.
func regionOfQueue(queueURL string) string {
	u, err := url.Parse(queueURL)
	if err != nil {
		return ""
	}
	match := queueHostPattern.FindStringSubmatch(u.Hostname())
	if match == nil {
		return ""
	}
	return match[1] + match[2]
}

func (o *Output) validate(problems *problems) {
	validateBucket(problems, "output bucket", o.Bucket)
	problems.addf(strings.HasPrefix(o.Prefix, "/"), "output prefix %q begins with a slash: remove it", o.Prefix)
	problems.addf(strings.HasPrefix(o.Prefix, "s3:"), "output prefix %q is a URI: use the prefix of the keys alone", o.Prefix)
	problems.addf(len(o.Prefix) > maxKey, "output prefix has %d bytes: use at most %d", len(o.Prefix), maxKey)
	problems.addf(
		o.Prefix != "" && strings.TrimSpace(o.Prefix) == "",
		"output prefix %q is blank: leave it empty for %s", o.Prefix, DefaultOutputPrefix,
	)
	problems.addf(o.KMSKeyID != "" && (len(o.KMSKeyID) > maxKMSKeyID || !kmsKeyPattern.MatchString(o.KMSKeyID)),
		"output KMS key %q is malformed: use a key id, key ARN, alias name or alias ARN", o.KMSKeyID)
}

func validateBucket(problems *problems, what, bucket string) {
	switch {
	case bucket == "":
		problems.addf(true, "%s is empty: set the bucket's name", what)
	case strings.HasPrefix(bucket, "arn:"):
		problems.addf(true, "%s %q is an ARN: use the bucket's name", what, bucket)
	case strings.Contains(bucket, "/"):
		problems.addf(true, "%s %q is a path or URI: use the bucket's name", what, bucket)
	default:
		problems.addf(!bucketPattern.MatchString(bucket), "%s %q is malformed: use the bucket's name", what, bucket)
	}
}

// prefix has no slash at the end, because Textract puts one between it and the job id.
func (o *Output) prefix() string {
	if prefix := strings.TrimRight(o.Prefix, "/"); prefix != "" {
		return prefix
	}
	return DefaultOutputPrefix
}
