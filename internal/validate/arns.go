package validate

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Parts of ARNs. The Region is RegionType of the KMS model, its length that in SNSTopicArn of the
// Textract model.
var (
	arnPartition = regexp.MustCompile(`^aws(?:-[a-z]{1,10}){0,3}$`)
	arnRegion    = regexp.MustCompile(`^(?:[a-z]+-){2,3}[0-9]+$`)
	nothing      = regexp.MustCompile(`^$`)
)

const maxRegionLength = 20

// arnKind is the form of the ARNs of one kind of resource.
type arnKind struct {
	noun     string
	example  string
	service  string
	region   *regexp.Regexp
	account  *regexp.Regexp
	resource *regexp.Regexp

	// What the known parts of a resource that has a token may be, and how it may begin.
	parts      *regexp.Regexp
	beginnings []string
}

// A FIFO name or an alias matches as well: other rules have a better fix for it.
var (
	// CreateTopicInput$Name of the SNS model.
	topicARN = &arnKind{
		noun: "topic", example: "arn:aws:sns:REGION:ACCOUNT:NAME",
		service: "sns", region: arnRegion, account: accountID,
		resource: regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}(?:\.fifo)?$`),
		parts:    regexp.MustCompile(`^[A-Za-z0-9_-]*(?:\.fifo)?$`), beginnings: []string{""},
	}
	// CreateQueueRequest$QueueName of the SQS model.
	queueARN = &arnKind{
		noun: "queue", example: "arn:aws:sqs:REGION:ACCOUNT:NAME",
		service: "sqs", region: arnRegion, account: accountID,
		resource: regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$`),
		parts:    regexp.MustCompile(`^[A-Za-z0-9_-]*(?:\.fifo)?$`), beginnings: []string{""},
	}
	// RoleArn of the Textract model for the path's characters, pathType and roleNameType of the IAM
	// model for the lengths.
	roleARN = &arnKind{
		noun: "role", example: "arn:aws:iam::ACCOUNT:role/NAME",
		service: "iam", region: nothing, account: accountID,
		resource: regexp.MustCompile(`^role/(?:[A-Za-z0-9_+=,.@/-]{1,510}/)?[A-Za-z0-9_+=,.@-]{1,64}$`),
		parts:    regexp.MustCompile(`^[A-Za-z0-9_+=,.@/-]*$`), beginnings: []string{"role/"},
	}
	// The ids of CreateKey of the KMS model, the second of multi-Region keys, and AliasNameType.
	keyARN = &arnKind{
		noun:    "key",
		example: "arn:aws:kms:REGION:ACCOUNT:key/ID",
		service: "kms",
		region:  arnRegion,
		account: accountID,
		resource: regexp.MustCompile(
			`^(?:key/(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})|alias/[a-zA-Z0-9:/_-]{1,250})$`,
		),
		parts: regexp.MustCompile(`^[a-zA-Z0-9:/_-]*$`), beginnings: []string{"key/", "alias/"},
	}
	// S3Bucket of the Textract model, which has room for the old names of us-east-1.
	bucketARN = &arnKind{
		noun: "bucket", example: "arn:aws:s3:::NAME",
		service: "s3", region: nothing, account: nothing,
		resource: regexp.MustCompile(`^[0-9A-Za-z._-]{3,255}$`),
		parts:    regexp.MustCompile(`^[0-9A-Za-z._-]*$`), beginnings: []string{""},
	}
)

// arn is an ARN in parts, each of which may be unknown.
type arn struct {
	Environment
	partition string
	service   string
	resource  string
}

// parse reports false where no part is known, or the text is not an ARN.
func parse(text string) (arn, bool) {
	if Dummy(text) {
		return arn{}, false
	}
	// The name of a token may have colons.
	masked := token.ReplaceAllStringFunc(text, func(name string) string { return strings.Repeat("_", len(name)) })
	parts := strings.SplitN(masked, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return arn{}, false
	}
	start := 0
	for i, part := range parts {
		parts[i] = text[start : start+len(part)]
		start += len(part) + 1
	}
	return arn{
		partition:   parts[1],
		service:     parts[2],
		Environment: Environment{Region: parts[3], Account: parts[4]},
		resource:    parts[5],
	}, true
}

// matches compares the parts that are known.
func (k *arnKind) matches(text string) bool {
	found, ok := parse(text)
	if !ok {
		return Unresolved(text)
	}
	isRight := func(part string, form *regexp.Regexp) bool { return Unresolved(part) || form.MatchString(part) }
	return isRight(found.partition, arnPartition) &&
		(Unresolved(found.service) || found.service == k.service) &&
		isRight(found.Region, k.region) && (Unresolved(found.Region) || len(found.Region) <= maxRegionLength) &&
		isRight(found.Account, k.account) &&
		isRight(found.resource, k.resource) && k.mayBe(found.resource)
}

// mayBe checks the known parts of a resource.
func (k *arnKind) mayBe(resource string) bool {
	mayBegin := func(beginning string) bool { return mayBeginWith(resource, beginning) }
	return k.parts.MatchString(knownParts(resource)) && slices.ContainsFunc(k.beginnings, mayBegin)
}

func (k *arnKind) fix() string { return fmt.Sprintf("use the ARN of a %s, %s", k.noun, k.example) }

// resource is an existing resource with the prop that it comes from.
type resource struct {
	prop  string
	owner string // whose key it is; empty where the prop is the resource itself
	kind  *arnKind
	arn   string // empty or unresolved where unknown
}

func (s *Settings) resources() []resource {
	var all []resource
	if s.Topic != nil {
		all = append(all, resource{"Topic", "", topicARN, s.Topic.ARN})
	}
	if s.Queue != nil {
		all = append(all, resource{"Queue", "", queueARN, s.Queue.ARN})
	}
	if s.ServiceRole != nil {
		all = append(all, resource{"ServiceRole", "", roleARN, s.ServiceRole.ARN})
	}
	for _, l := range s.locations() {
		if l.Bucket != nil {
			all = append(all, resource{l.path + ".Bucket", "", bucketARN, l.Bucket.ARN})
		}
	}
	for _, k := range s.keys() {
		owner := ""
		if k.isOwn {
			owner = k.encrypts
		}
		all = append(all, resource{k.prop, owner, keyARN, k.ARN})
	}
	return all
}

var arnRules = []rule[Settings]{
	{
		name: "ARN form",
		// The CDK imports a resource by an ARN of any kind, and Textract answers a wrong one with a
		// bare InvalidParameterException.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html
		check: eachResource(func(r resource, _ *Settings) string {
			if r.kind == bucketARN || r.kind.matches(r.arn) { // a bucket has a rule of its own
				return ""
			}
			if found, ok := parse(r.arn); ok && r.kind == keyARN && found.service == "kms" && !strings.Contains(found.resource, "/") {
				return fmt.Sprintf("begin the name of an alias with \"alias/\", as in %q, or use the ARN of a key", "alias/"+found.resource)
			}
			return r.kind.fix()
		}),
	},
	{
		name: "ARN partition of Region",
		// Every Region is in one partition.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
		check: eachARN(func(_ resource, found arn, _ *Settings) string {
			want := PartitionOf(found.Region)
			if want == "" || !known(found.partition) || found.partition == want {
				return ""
			}
			return fmt.Sprintf("use partition %q, which %s is in", want, found.Region)
		}),
	},
	{
		name: "ARN partition",
		// No permission reaches from one partition into another.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
		check: eachARN(func(r resource, found arn, s *Settings) string {
			want := s.partition()
			got := found.inPartition()
			if got == "" || want.value == "" || got == want.value {
				return ""
			}
			if region.differs(found.Environment, region.expected(s)) { // another rule reports the Region
				return ""
			}
			return fmt.Sprintf("use a %s in the %s's partition, %q", r.kind.noun, want.owner, want.value)
		}),
	},
}

func eachResource(fix func(resource, *Settings) string) func(*Settings) []Problem {
	return func(s *Settings) []Problem {
		var problems []Problem
		for _, r := range s.resources() {
			if r.arn == "" {
				continue
			}
			problems = append(problems, problemIf(r.prop, r.value(), fix(r, s))...)
		}
		return problems
	}
}

// eachARN skips an ARN of a wrong form: that is all to say about it.
func eachARN(fix func(resource, arn, *Settings) string) func(*Settings) []Problem {
	return eachResource(func(r resource, s *Settings) string {
		found, ok := parse(r.arn)
		if !ok || !r.kind.matches(r.arn) {
			return ""
		}
		return fix(r, found, s)
	})
}

func (r resource) value() string {
	if r.owner == "" {
		return quoted(r.arn)
	}
	return fmt.Sprintf("a %s with key %q", r.owner, r.arn)
}

// inPartition is empty where it is unknown. A Region is in one partition, whatever the ARN says.
func (a arn) inPartition() string {
	if name := PartitionOf(a.Region); name != "" || !known(a.partition) {
		return name
	}
	return a.partition
}

// partition is that of the stack's Region, or else the topic's or the queue's.
func (s *Settings) partition() reference {
	if name := PartitionOf(s.Stack.Region); name != "" {
		return reference{"stack", name}
	}
	for _, r := range s.resources() {
		if found, ok := parse(r.arn); ok && (r.kind == topicARN || r.kind == queueARN) {
			if name := found.inPartition(); name != "" {
				return reference{r.kind.noun, name}
			}
		}
	}
	return reference{}
}

// SameARN reports whether two ARNs name the same resource. An unknown part, such as the partition
// that one of them has as a token, is the same as any.
func SameARN(a, b string) bool {
	x, okX := parse(a)
	y, okY := parse(b)
	if !okX || !okY || !known(x.resource) || x.resource != y.resource || x.service != y.service {
		return false
	}
	same := func(a, b string) bool { return a == b || Unresolved(a) || Unresolved(b) }
	return same(x.partition, y.partition) && same(x.Region, y.Region) && same(x.Account, y.Account)
}

// MayMatch reports whether a pattern in a policy may match an ARN, as far as both are known.
func MayMatch(pattern, arn string) bool {
	x, okX := parse(pattern)
	y, okY := parse(arn)
	if !okX || !okY {
		return true
	}
	matches := func(pattern, part string) bool {
		isMatch, _ := path.Match(pattern, part)
		return isMatch || Unresolved(pattern) || Unresolved(part)
	}
	return matches(x.partition, y.partition) && matches(x.service, y.service) && matches(x.Region, y.Region) &&
		matches(x.Account, y.Account) && matches(x.resource, y.resource)
}

// IsURLOfQueue reports whether a URL is that of the queue with an ARN. A part that one of them has
// as a token, or as a reference in Fn::Sub, is the same as any.
func IsURLOfQueue(url, arn string) bool {
	found, ok := parse(arn)
	address, isURL := strings.CutPrefix(url, "https://")
	parts := strings.Split(address, "/")
	if !ok || !isURL || len(parts) != 3 || !known(found.resource) || parts[2] != found.resource {
		return false
	}
	isUnknown := func(part string) bool { return strings.Contains(part, "${") || !known(part) }
	return (isUnknown(parts[0]) || isUnknown(found.Region) || strings.Contains(parts[0], found.Region+".")) &&
		(isUnknown(parts[1]) || isUnknown(found.Account) || parts[1] == found.Account)
}

// EnvironmentOf returns the account and Region that ARNs tell, each as the first ARN does that has
// it.
func EnvironmentOf(arns ...string) Environment {
	var env Environment
	for _, text := range arns {
		found, _ := parse(text)
		if !known(env.Account) && known(found.Account) {
			env.Account = found.Account
		}
		if !known(env.Region) && known(found.Region) {
			env.Region = found.Region
		}
	}
	return env
}
