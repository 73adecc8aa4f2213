package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
	"github.com/cdk-textract/textractasync/textractclient"
)

// What settings name in place of what templates do not have.
var (
	NoTopic  = template.Unknown("a topic that Textract publishes to")
	NoQueue  = template.Unknown("a queue that is subscribed to the topic")
	NoRole   = template.Unknown("a role that textract.amazonaws.com may assume")
	NoCaller = template.Unknown("a role or user that starts jobs")
)

// Validate reports everything that is missing or malformed, in one error of one line. What is wrong
// with the things that the settings name is the report's business.
func (s Settings) Validate() error {
	var problems []string
	add := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	add(s.TopicARN == "", "no topic is set: use --topic, --stack or %s", textractclient.EnvTopicARN)
	add(s.TopicARN != "" && !isARN(s.TopicARN, "sns", ""), "topic %q is malformed: use arn:PARTITION:sns:REGION:ACCOUNT:NAME", s.TopicARN)
	add(s.RoleARN == "", "no service role is set: use --role, --stack or %s", textractclient.EnvRoleARN)
	add(s.RoleARN != "" && !isARN(s.RoleARN, "iam", "role/"), "role %q is malformed: use arn:PARTITION:iam::ACCOUNT:role/NAME", s.RoleARN)
	isURL := strings.HasPrefix(s.Queue, "https://") || strings.HasPrefix(s.Queue, "http://")
	add(s.Queue == "", "no queue is set: use --queue, --stack or %s", textractclient.EnvQueueURL)
	add(s.Queue != "" && !isURL && !isARN(s.Queue, "sqs", ""), "queue %q is malformed: use its URL or ARN", s.Queue)
	add(s.Caller != "" && !isARN(s.Caller, "iam", "") && !isARN(s.Caller, "sts", ""),
		"caller %q is malformed: use the ARN of a role or user", s.Caller)
	if s.Output != nil {
		output := textractclient.Output{Bucket: s.Output.Bucket, Prefix: s.Output.Prefix, KMSKeyID: s.Output.KMSKeyID}
		if err := (textractclient.Config{Output: &output}).Validate(); err != nil {
			problems = append(problems, err.Error())
		}
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	return nil
}

func isARN(text, service, resource string) bool {
	parsed, err := arn.Parse(text)
	// The ARN of a subscription is that of its topic and an id.
	if isNamed := service == "sns" || service == "sqs"; isNamed && (parsed.Region == "" || strings.Contains(parsed.Resource, ":")) {
		return false
	}
	return err == nil && parsed.Service == service && len(parsed.AccountID) == len("111122223333") &&
		strings.HasPrefix(parsed.Resource, resource) && len(parsed.Resource) > len(resource)
}

// ParseObject parses s3://BUCKET/KEY.
func ParseObject(uri string) (*Object, error) {
	bucket, key, err := parseURI(uri)
	if err != nil || key == "" {
		return nil, fmt.Errorf("document %q is malformed: use s3://BUCKET/KEY", uri)
	}
	return &Object{Bucket: bucket, Key: key}, nil
}

// ParseOutput parses s3://BUCKET or s3://BUCKET/PREFIX.
func ParseOutput(uri string) (*Output, error) {
	bucket, prefix, err := parseURI(uri)
	if err != nil {
		return nil, fmt.Errorf("output %q is malformed: use s3://BUCKET/PREFIX", uri)
	}
	return &Output{Bucket: bucket, Prefix: prefix}, nil
}

func parseURI(uri string) (bucket, key string, err error) {
	path, ok := strings.CutPrefix(uri, "s3://")
	bucket, key, _ = strings.Cut(path, "/")
	if !ok || bucket == "" {
		return "", "", errors.New("no S3 URI")
	}
	return bucket, key, nil
}

// WritePolicy writes a policy with the permissions that doctor's reads need, for all resources:
// what it reads depends on what it finds.
func WritePolicy(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	type statement struct {
		Sid      string
		Effect   string
		Action   []string
		Resource string
	}
	return encoder.Encode(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", []statement{{"TextractAsyncDoctor", "Allow", Actions, "*"}}})
}
