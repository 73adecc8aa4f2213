package validate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	topicForm = "use the ARN of a topic, arn:aws:sns:REGION:ACCOUNT:NAME"
	queueForm = "use the ARN of a queue, arn:aws:sqs:REGION:ACCOUNT:NAME"
	roleForm  = "use the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME"
	keyForm   = "use the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID"

	uuidKey = "key/1234abcd-12ab-34cd-56ef-1234567890ab"
	mrkKey  = "key/mrk-1234abcd12ab34cd56ef1234567890ab"
)

var attributeCases = []ruleCase[Attributes]{
	{rule: "ARN required", name: "all but the key", change: func(*Attributes) {}},
	{
		rule: "ARN required", name: "none",
		change: func(a *Attributes) { *a = Attributes{} },
		want: []Problem{
			{"TopicArn", "none", "give the ARN of the topic, arn:aws:sns:REGION:ACCOUNT:NAME"},
			{"QueueArn", "none", "give the ARN of the queue, arn:aws:sqs:REGION:ACCOUNT:NAME"},
			{"ServiceRoleArn", "none", "give the ARN of the role, arn:aws:iam::ACCOUNT:role/NAME"},
		},
	},

	topicForms("longest name", "arn:aws:sns:us-east-1:111122223333:"+strings.Repeat("a", 256), ""),
	topicForms("longer name", "arn:aws:sns:us-east-1:111122223333:"+strings.Repeat("a", 257), topicForm),
	topicForms("no name", "arn:aws:sns:us-east-1:111122223333:", topicForm),
	topicForms("empty", "", topicForm),
	topicForms("name alone", "AmazonTextractJobs", topicForm),
	topicForms("queue", "arn:aws:sqs:us-east-1:111122223333:jobs", topicForm),
	topicForms("subscription", "arn:aws:sns:us-east-1:111122223333:jobs:1234abcd-12ab-34cd-56ef-1234567890ab", topicForm),
	topicForms("no Region", "arn:aws:sns::111122223333:jobs", topicForm),
	topicForms("zone", "arn:aws:sns:us-east-1a:111122223333:jobs", topicForm),
	topicForms("Region of 21 characters", "arn:aws:sns:eu-southwesternmost-1:111122223333:jobs", topicForm),
	topicForms("11 digits", "arn:aws:sns:us-east-1:11112222333:jobs", topicForm),
	topicForms("other partition name", "arn:amazon:sns:us-east-1:111122223333:jobs", topicForm),
	topicForms("blank at the end", "arn:aws:sns:us-east-1:111122223333:jobs ", topicForm),
	topicForms("line feed at the end", "arn:aws:sns:us-east-1:111122223333:jobs\n", topicForm),
	topicForms("too long", "arn:aws-"+strings.Repeat("a", 1_000)+":sns:us-east-1:111122223333:jobs", topicForm),

	queueForms("longest name", "arn:aws:sqs:us-east-1:111122223333:"+strings.Repeat("a", 80), ""),
	queueForms("longer name", "arn:aws:sqs:us-east-1:111122223333:"+strings.Repeat("a", 81), queueForm),
	queueForms("URL", "https://sqs.us-east-1.amazonaws.com/111122223333/jobs", queueForm),

	roleForms("longest name", "arn:aws:iam::111122223333:role/"+strings.Repeat("a", 64), ""),
	roleForms("longer name", "arn:aws:iam::111122223333:role/"+strings.Repeat("a", 65), roleForm),
	roleForms("all characters", "arn:aws:iam::111122223333:role/service-role/A_+=,.@-z", ""),
	roleForms("longest path", "arn:aws:iam::111122223333:role/"+strings.Repeat("p", 510)+"/textract", ""),
	roleForms("longer path", "arn:aws:iam::111122223333:role/"+strings.Repeat("p", 511)+"/textract", roleForm),
	roleForms("Region", "arn:aws:iam:us-east-1:111122223333:role/textract", roleForm),
	roleForms("user", "arn:aws:iam::111122223333:user/textract", roleForm),
	roleForms("session", "arn:aws:sts::111122223333:assumed-role/textract/session", roleForm),
	roleForms("managed policy", "arn:aws:iam::aws:policy/service-role/AmazonTextractServiceRole", roleForm),
	roleForms("no name", "arn:aws:iam::111122223333:role/", roleForm),

	keyForms("UUID", "arn:aws:kms:us-east-1:111122223333:"+uuidKey, ""),
	keyForms("multi-Region", "arn:aws:kms:us-east-1:111122223333:"+mrkKey, ""),
	keyForms("id alone", "1234abcd-12ab-34cd-56ef-1234567890ab", keyForm),
	keyForms("short id", "arn:aws:kms:us-east-1:111122223333:key/1234abcd", keyForm),
	keyForms("short multi-Region id", "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd", keyForm),
	keyForms("wildcard", "arn:aws:kms:us-east-1:111122223333:key/*", keyForm),

	{
		rule: "ARN FIFO", name: "standard",
		change: func(a *Attributes) { a.ServiceRoleArn = ptr("arn:aws:iam::111122223333:role/textract.fifo") },
	},
	{
		rule: "ARN FIFO", name: "FIFO",
		change: func(a *Attributes) {
			a.TopicArn = ptr("arn:aws:sns:us-east-1:111122223333:jobs.fifo")
			a.QueueArn = ptr("arn:aws:sqs:us-east-1:111122223333:jobs.fifo")
		},
		want: []Problem{
			{"TopicArn", `"arn:aws:sns:us-east-1:111122223333:jobs.fifo"`, "use a standard topic"},
			{"QueueArn", `"arn:aws:sqs:us-east-1:111122223333:jobs.fifo"`, "use a standard queue"},
		},
	},
	{
		rule: "ARN alias", name: "key",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:111122223333:" + uuidKey) },
	},
	{
		rule: "ARN alias", name: "alias",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:111122223333:alias/jobs") },
		want: []Problem{{
			"EncryptionKeyArn", `"arn:aws:kms:us-east-1:111122223333:alias/jobs"`,
			"use the ARN of the key itself, arn:aws:kms:REGION:ACCOUNT:key/ID: to IAM an alias is no key",
		}},
	},

	{rule: "ARN partition of Region", name: "GovCloud", change: func(a *Attributes) { moveTo(a, "aws-us-gov", "us-gov-west-1") }},
	{rule: "ARN partition of Region", name: "isolated", change: func(a *Attributes) { moveTo(a, "aws-iso", "us-iso-east-1") }},
	{rule: "ARN partition of Region", name: "a Region to come", change: func(a *Attributes) { moveTo(a, "aws", "eu-north-9") }},
	{
		rule: "ARN partition of Region", name: "another partition",
		change: func(a *Attributes) {
			moveTo(a, "aws-us-gov", "us-gov-west-1")
			a.QueueArn = ptr("arn:aws:sqs:us-gov-west-1:111122223333:jobs")
		},
		want: []Problem{{
			"QueueArn", `"arn:aws:sqs:us-gov-west-1:111122223333:jobs"`,
			`use partition "aws-us-gov", which us-gov-west-1 is in`,
		}},
	},
	{rule: "ARN partition", name: "one for all", change: func(a *Attributes) { moveTo(a, "aws-us-gov", "us-gov-east-1") }},
	{
		rule: "ARN partition", name: "role of the topic's Region, unlike the topic",
		change: func(a *Attributes) {
			moveTo(a, "aws-us-gov", "us-gov-east-1")
			a.TopicArn = ptr("arn:aws:sns:us-gov-east-1:111122223333:jobs")
		},
		others: 1,
	},
	{
		rule: "ARN partition", name: "role of another than the topic's",
		change: func(a *Attributes) {
			moveTo(a, "aws-us-gov", "us-gov-east-1")
			a.Stack = unknown
			a.ServiceRoleArn = ptr("arn:aws:iam::111122223333:role/textract")
		},
		want: []Problem{{
			"ServiceRoleArn", `"arn:aws:iam::111122223333:role/textract"`,
			`use a role in the topic's partition, "aws-us-gov"`,
		}},
	},
	{
		rule: "ARN partition", name: "role of another than the stack's",
		change: func(a *Attributes) { a.ServiceRoleArn = ptr("arn:aws-cn:iam::111122223333:role/textract") },
		want: []Problem{{
			"ServiceRoleArn", `"arn:aws-cn:iam::111122223333:role/textract"`,
			`use a role in the stack's partition, "aws"`,
		}},
	},
	{
		rule: "ARN partition", name: "queue of another in a Region to come",
		change: func(a *Attributes) {
			moveTo(a, "aws", "eu-north-9")
			a.QueueArn = ptr("arn:aws-cn:sqs:eu-north-9:111122223333:jobs")
		},
		want: []Problem{{
			"QueueArn", `"arn:aws-cn:sqs:eu-north-9:111122223333:jobs"`,
			`use a queue in the topic's partition, "aws"`,
		}},
	},

	{rule: "ARN Region", name: "longest", change: func(a *Attributes) { moveTo(a, "aws", "eu-southwesternmos-1") }},
	{
		rule: "ARN Region", name: "the key's account is another",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:444455556666:" + uuidKey) },
	},
	{
		rule: "ARN Region", name: "another than the stack's",
		change: func(a *Attributes) {
			moveTo(a, "aws", "eu-west-1")
			a.Stack = home
			a.EncryptionKeyArn = ptr("arn:aws:kms:eu-west-1:111122223333:" + uuidKey)
		},
		want: []Problem{
			{"TopicArn", `"arn:aws:sns:eu-west-1:111122223333:jobs"`, "use a topic " + inStackRegion},
			{"QueueArn", `"arn:aws:sqs:eu-west-1:111122223333:jobs"`, "use a queue " + inStackRegion},
			{"EncryptionKeyArn", `"arn:aws:kms:eu-west-1:111122223333:` + uuidKey + `"`, "use a key " + inStackRegion},
		},
	},
	{
		rule: "ARN Region", name: "queue and key of another than the topic's",
		change: func(a *Attributes) {
			a.Stack = unknown
			a.QueueArn = ptr("arn:aws:sqs:eu-west-1:111122223333:jobs")
			a.EncryptionKeyArn = ptr("arn:aws:kms:eu-west-1:111122223333:" + uuidKey)
		},
		want: []Problem{
			{"QueueArn", `"arn:aws:sqs:eu-west-1:111122223333:jobs"`, `use a queue in the topic's Region, "us-east-1"`},
			{
				"EncryptionKeyArn", `"arn:aws:kms:eu-west-1:111122223333:` + uuidKey + `"`,
				`use a key in the topic's Region, "us-east-1"`,
			},
		},
	},
	{
		rule: "ARN account", name: "the key's is another",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:444455556666:" + mrkKey) },
	},
	{
		rule: "ARN account", name: "role whose name is a token",
		change: func(a *Attributes) {
			a.ServiceRoleArn = ptr("arn:aws:iam::444455556666:role/-1.8881545897087626e+289")
		},
	},
	{
		rule: "ARN account", name: "another than the stack's",
		change: func(a *Attributes) { a.Stack.Account = otherAccount },
		want: []Problem{
			{
				"TopicArn", `"arn:aws:sns:us-east-1:111122223333:AmazonTextractJobs"`,
				`use a topic in the stack's account, "444455556666"`,
			},
			{"QueueArn", `"arn:aws:sqs:us-east-1:111122223333:jobs"`, `use a queue in the stack's account, "444455556666"`},
			{"ServiceRoleArn", `"arn:aws:iam::111122223333:role/textract"`, `use a role in the stack's account, "444455556666"`},
		},
	},
	{
		rule: "ARN account", name: "role of another than the topic's",
		change: func(a *Attributes) {
			a.Stack = unknown
			a.ServiceRoleArn = ptr("arn:aws:iam::444455556666:role/textract")
		},
		want: []Problem{{
			"ServiceRoleArn", `"arn:aws:iam::444455556666:role/textract"`,
			`use a role in the topic's account, "111122223333"`,
		}},
	},
}

// topicForms and its like expect to pass where there is no mend.
func topicForms(name, arn, mend string) ruleCase[Attributes] {
	return arnFormCase("TopicArn", name, arn, mend, func(a *Attributes) { a.TopicArn = &arn })
}

func queueForms(name, arn, mend string) ruleCase[Attributes] {
	return arnFormCase("QueueArn", name, arn, mend, func(a *Attributes) { a.QueueArn = &arn })
}

func roleForms(name, arn, mend string) ruleCase[Attributes] {
	return arnFormCase("ServiceRoleArn", name, arn, mend, func(a *Attributes) { a.ServiceRoleArn = &arn })
}

func keyForms(name, arn, mend string) ruleCase[Attributes] {
	return arnFormCase("EncryptionKeyArn", name, arn, mend, func(a *Attributes) { a.EncryptionKeyArn = &arn })
}

func arnFormCase(prop, name, arn, mend string, change func(*Attributes)) ruleCase[Attributes] {
	c := ruleCase[Attributes]{rule: "ARN form", name: prop + ": " + name, change: change}
	if mend != "" {
		c.want = []Problem{{prop, quoted(arn), mend}}
	}
	return c
}

func moveTo(a *Attributes, partition, region string) {
	a.Stack = Place{Account: homeAccount}
	a.TopicArn = ptr("arn:" + partition + ":sns:" + region + ":111122223333:jobs")
	a.QueueArn = ptr("arn:" + partition + ":sqs:" + region + ":111122223333:jobs")
	a.ServiceRoleArn = ptr("arn:" + partition + ":iam::111122223333:role/textract")
}

func TestAttributesKeepTheRulesOfOperationsAndBuckets(t *testing.T) {
	var a Attributes
	moveTo(&a, "aws", "us-east-1")
	a.Operations = []string{"OCR"}
	a.Inputs = []Location{{Bucket: &elsewhere, Prefix: ptr("/in")}, {Bucket: &home, Key: &elsewhere}, {}}
	a.Output = &Location{Missing: true}
	want := []Problem{
		{"Operations[0]", `"OCR"`, fourOperations},
		{"Inputs[0].Bucket", `Region "eu-west-1"`, `use a bucket in the topic's Region, "us-east-1"`},
		{"Inputs[0].Prefix", `"/in"`, `leave out the leading "/"`},
		{"Inputs[1].Bucket", `a key in Region "eu-west-1"`, `use a key in the topic's Region, "us-east-1"`},
		{"Inputs[2].Bucket", "none", "name the bucket"},
		{"Output", "nil", "name a bucket, or leave the location out"},
	}
	if diff := cmp.Diff(want, CheckAttributes(a)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAttributesInOrderAreNil(t *testing.T) {
	var a Attributes
	moveTo(&a, "aws-us-gov", "us-gov-west-1")
	if got := CheckAttributes(a); got != nil {
		t.Errorf("got %+v, want nil", got)
	}
}
