package validate

import (
	"regexp"
	"strings"
)

// Parts of ARNs. Region is RegionType of the KMS model.
const (
	arnPartition = `arn:aws(?:-[a-z]+)*`
	arnRegion    = `(?:[a-z]+-){2,3}[0-9]+`
	arnAccount   = `[0-9]{12}`
	// In SNSTopicArn of the Textract model.
	maxRegionLength = 20

	keyID = `[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}`
)

// arnKind is the form of the ARNs of one kind of resource.
type arnKind struct {
	noun       string
	form       *regexp.Regexp
	maxLength  int
	example    string
	mayBeFIFO  bool
	anyAccount bool // its own policy lets other accounts use it
}

// A FIFO name or an alias has the form as well: rules of their own tell what is wrong with it.
var (
	// SNSTopicArn of the Textract model for the length, CreateTopicInput$Name of the SNS model for the name.
	topicArns = arnKind{
		noun:      "topic",
		form:      arnForm("sns", arnRegion, `[A-Za-z0-9_-]{1,256}(?:\.fifo)?`),
		maxLength: 1_024,
		example:   "arn:aws:sns:REGION:ACCOUNT:NAME",
		mayBeFIFO: true,
	}
	// CreateQueueRequest$QueueName of the SQS model.
	queueArns = arnKind{
		noun:      "queue",
		form:      arnForm("sqs", arnRegion, `[A-Za-z0-9_-]{1,80}(?:\.fifo)?`),
		maxLength: 2_048,
		example:   "arn:aws:sqs:REGION:ACCOUNT:NAME",
		mayBeFIFO: true,
	}
	// RoleArn of the Textract model for the length and the path's characters, pathType and roleNameType of the IAM model for
	// their lengths.
	roleArns = arnKind{
		noun:      "role",
		form:      arnForm("iam", "", `role/(?:[A-Za-z0-9_+=,.@/-]{1,510}/)?[A-Za-z0-9_+=,.@-]{1,64}`),
		maxLength: 2_048,
		example:   "arn:aws:iam::ACCOUNT:role/NAME",
	}
	// KMSKeyId of the Textract model for the length; the ids are those of CreateKey, the second of multi-Region keys.
	keyArns = arnKind{
		noun:       "key",
		form:       arnForm("kms", arnRegion, `(?:key/(?:`+keyID+`)|alias/[a-zA-Z0-9:/_-]{1,250})`),
		maxLength:  2_048,
		example:    "arn:aws:kms:REGION:ACCOUNT:key/ID",
		anyAccount: true,
	}
)

func arnForm(service, region, resource string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.Join([]string{arnPartition, service, region, arnAccount, resource}, ":") + "$")
}

func (k arnKind) matches(text string) bool {
	return len(text) <= k.maxLength && k.form.MatchString(text) && len(parse(text).Region) <= maxRegionLength
}

// arn is an ARN taken apart.
type arn struct {
	Place
	partition string
	resource  string
}

// parse expects what the form of an arnKind matches.
func parse(text string) arn {
	parts := strings.SplitN(text, ":", 6)
	return arn{partition: parts[1], Place: Place{Region: parts[3], Account: parts[4]}, resource: parts[5]}
}
