package validate

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// shape is a string shape of a service's API model (service-2.json of botocore 1.43.11).
type shape struct {
	name     string
	pattern  *regexp.Regexp
	min, max int // in characters
}

// Patterns are anchored where the model leaves that out, since the services match whole strings.
var (
	// SNS names no shape for it: the documentation of CreateTopicInput$Name says so.
	snsTopicName = newShape("CreateTopicInput$Name of sns", `^[A-Za-z0-9_-]+$`, 1, 256)
	// SQS names no shape for it: the documentation of CreateQueueRequest$QueueName says so.
	sqsQueueName = newShape("CreateQueueRequest$QueueName of sqs", `^[A-Za-z0-9_-]+$`, 1, 80)

	iamRoleName = newShape("roleNameType of iam", `^[\w+=,.@-]+$`, 1, 64)
	iamPath     = newShape("pathType of iam", `^((\x{002F})|(\x{002F}[\x{0021}-\x{007E}]+\x{002F}))$`, 1, 512)

	kmsAccountID = newShape("AccountIdType of kms", `^[0-9]{12}$`, 12, 12)
	kmsArn       = newShape("ArnType of kms", ``, 20, 2048)
	kmsRegion    = newShape("RegionType of kms", `^([a-z]+-){2,3}\d+$`, 1, 32)

	textractTopicArn   = newShape("SNSTopicArn of textract", `(^arn:([a-z\d-]+):sns:[a-zA-Z\d-]{1,20}:\w{12}:.+$)`, 20, 1024)
	textractRoleArn    = newShape("RoleArn of textract", `^arn:([a-z\d-]+):iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$`, 20, 2048)
	textractKeyID      = newShape("KMSKeyId of textract", `^[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]*$`, 1, 2048)
	textractObjectName = newShape("S3ObjectName of textract", `.*\S.*`, 1, 1024)
)

// Forms that no model has.
var (
	iamText      = regexp.MustCompile(`^[\x{0020}-\x{007E}\x{00A0}-\x{00FF}]+$`)
	queueArnForm = regexp.MustCompile(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[^:/]+$`)
	keyArnForm   = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/(mrk-)?[0-9a-f-]+$`)
)

func newShape(name, pattern string, least, most int) shape {
	return shape{name: name, pattern: regexp.MustCompile(pattern), min: least, max: most}
}

func (s shape) require(t *testing.T, value string) {
	t.Helper()
	length := utf8.RuneCountInString(value)
	if length < s.min || length > s.max || !s.pattern.MatchString(value) {
		t.Errorf("%q passes, but is no %s", value, s.name)
	}
}

// FuzzValidate looks for values that pass the rules but that the services would reject. What must
// pass is in the seeds below and in the table tests.
func FuzzValidate(f *testing.F) {
	f.Add("AmazonTextractJobs", "in/2026", stackAccount, "arn:aws:sns:us-east-1:111122223333:AmazonTextractJobs",
		"arn:aws:sqs:us-east-1:111122223333:jobs", "arn:aws:iam::111122223333:role/a/textract",
		"arn:aws:kms:us-east-1:111122223333:"+uuidKey)
	f.Fuzz(func(t *testing.T, name, prefix, account, topicArn, queueArn, roleArn, keyArn string) {
		fuzzSettings(t, name, prefix, account)
		fuzzAttributes(t, Attributes{
			TopicArn: &topicArn, QueueArn: &queueArn, ServiceRoleArn: &roleArn, EncryptionKeyArn: &keyArn,
		})
	})
}

func fuzzSettings(t *testing.T, name, prefix, account string) {
	t.Helper()
	location := Location{Bucket: in(inStack), Prefix: &prefix}
	rejected := rejectedProps(t, Check(Settings{
		TopicName:       &name,
		Inputs:          []Location{location},
		Output:          &location,
		TrustedAccounts: []string{account},
	}))
	passes := func(prop, value string) bool { return !rejected[prop] && !Unresolved(value) }
	if passes("TopicName", name) {
		snsTopicName.require(t, name)
	}
	if passes("TrustedAccounts[0]", account) {
		kmsAccountID.require(t, account)
	}
	if passes("Inputs[0].Prefix", prefix) {
		requirePlainPrefix(t, prefix)
	}
	if passes("Output.Prefix", prefix) {
		requirePlainPrefix(t, prefix)
		textractObjectName.require(t, prefix)
		textractObjectName.require(t, prefix+"/"+strings.Repeat("j", 64)+"/.s3_access_check")
	}
}

// requirePlainPrefix fails unless IAM takes the prefix as it is written.
func requirePlainPrefix(t *testing.T, prefix string) {
	t.Helper()
	if !iamText.MatchString(prefix) || prefix[0] == '/' || len(prefix) > 1024 || strings.ContainsAny(prefix, "*?") ||
		strings.Contains(prefix, "${") {
		t.Errorf("%q passes, but is no prefix that IAM takes as it is", prefix)
	}
}

func fuzzAttributes(t *testing.T, a Attributes) {
	t.Helper()
	rejected := rejectedProps(t, CheckAttributes(a))
	var environments []Environment
	for _, attribute := range a.arns() {
		if rejected[attribute.prop] || Unresolved(*attribute.arn) {
			continue
		}
		requireArn(t, attribute.prop, *attribute.arn)
		parts := strings.Split(*attribute.arn, ":")
		if attribute.prop != "EncryptionKeyArn" {
			environments = append(environments, Environment{Region: parts[3], Account: parts[4]})
		}
	}
	for _, e := range environments {
		if e.Account != environments[0].Account || e.Region != "" && environments[0].Region != "" && e.Region != environments[0].Region {
			t.Errorf("%v and %v pass together", environments[0], e)
		}
	}
}

func requireArn(t *testing.T, prop, arn string) {
	t.Helper()
	parts := strings.SplitN(arn, ":", 6)
	kmsAccountID.require(t, parts[4])
	if prop != "ServiceRoleArn" {
		kmsRegion.require(t, parts[3])
	}
	switch prop {
	case "TopicArn":
		textractTopicArn.require(t, arn)
		snsTopicName.require(t, parts[5])
	case "QueueArn":
		requireForm(t, queueArnForm, arn)
		sqsQueueName.require(t, parts[5])
	case "ServiceRoleArn":
		textractRoleArn.require(t, arn)
		path := strings.TrimPrefix(parts[5], "role")
		slash := strings.LastIndex(path, "/") + 1
		iamPath.require(t, path[:slash])
		iamRoleName.require(t, path[slash:])
	case "EncryptionKeyArn":
		requireForm(t, keyArnForm, arn)
		kmsArn.require(t, arn)
		textractKeyID.require(t, arn)
	}
}

func requireForm(t *testing.T, form *regexp.Regexp, arn string) {
	t.Helper()
	if !form.MatchString(arn) {
		t.Errorf("%q passes, but has not the form %s", arn, form)
	}
}

// rejectedProps also fails for a problem that lacks a text or is not in the order of the props.
func rejectedProps(t *testing.T, problems []Problem) map[string]bool {
	t.Helper()
	rejected := map[string]bool{}
	for i, p := range problems {
		if p.Value == "" || p.Fix == "" || !utf8.ValidString(p.Value+p.Fix) {
			t.Errorf("%+v lacks a value or a fix", p)
		}
		if i > 0 && compareProblems(problems[i-1], p) > 0 {
			t.Errorf("%s comes before %s", problems[i-1].Prop, p.Prop)
		}
		rejected[p.Prop] = true
	}
	return rejected
}
