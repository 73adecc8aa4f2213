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
			{"TopicArn", "none", topicForm},
			{"QueueArn", "none", queueForm},
			{"ServiceRoleArn", "none", roleForm},
		},
	},
	{
		rule: "ARN required", name: "empty",
		change: func(a *Attributes) {
			*a = Attributes{TopicArn: ptr(""), QueueArn: ptr(""), ServiceRoleArn: ptr(""), EncryptionKeyArn: ptr("")}
		},
		want: []Problem{
			{"TopicArn", `""`, topicForm},
			{"QueueArn", `""`, queueForm},
			{"ServiceRoleArn", `""`, roleForm},
			{"EncryptionKeyArn", `""`, keyForm},
		},
	},

	topicForms("longest name", "arn:aws:sns:us-east-1:111122223333:"+strings.Repeat("a", 256), ""),
	topicForms("longer name", "arn:aws:sns:us-east-1:111122223333:"+strings.Repeat("a", 257), topicForm),
	topicForms("no name", "arn:aws:sns:us-east-1:111122223333:", topicForm),
	topicForms("name alone", "AmazonTextractJobs", topicForm),
	topicForms("queue", "arn:aws:sqs:us-east-1:111122223333:jobs", topicForm),
	topicForms("subscription", "arn:aws:sns:us-east-1:111122223333:jobs:1234abcd-12ab-34cd-56ef-1234567890ab", topicForm),
	topicForms("no Region", "arn:aws:sns::111122223333:jobs", topicForm),
	topicForms("zone", "arn:aws:sns:us-east-1a:111122223333:jobs", topicForm),
	topicForms("Region of 21 characters", "arn:aws:sns:eu-southwesternmost-1:111122223333:jobs", topicForm),
	topicForms("11 digits", "arn:aws:sns:us-east-1:11112222333:jobs", topicForm),
	topicForms("other partition name", "arn:amazon:sns:us-east-1:111122223333:jobs", topicForm),
	topicForms("space at the end", "arn:aws:sns:us-east-1:111122223333:jobs ", topicForm),
	topicForms("line feed at the end", "arn:aws:sns:us-east-1:111122223333:jobs\n", topicForm),
	topicForms("token for the Region", "arn:aws:sns:"+aToken+":111122223333:jobs", ""),
	topicForms("token with colons in its name", "arn:${Token[AWS::Partition.7]}:sns:us-east-1:111122223333:jobs", ""),
	topicForms("token for the last parts", "arn:aws:sns:"+aToken, ""),
	topicForms("queue with tokens", "arn:${Token[AWS.Partition.7]}:sqs:"+aToken+":"+aToken+":jobs", topicForm),
	topicForms("partition of 1,000 letters", "arn:aws-"+strings.Repeat("a", 1_000)+":sns:us-east-1:111122223333:jobs", topicForm),

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
		rule: "Topic FIFO", name: "FIFO",
		change: func(a *Attributes) { a.TopicArn = ptr("arn:aws:sns:us-east-1:111122223333:jobs.fifo") },
		want:   []Problem{{"TopicArn", "a FIFO topic", "use a standard topic"}},
	},
	{
		rule: "Queue FIFO", name: "FIFO with tokens",
		change: func(a *Attributes) { a.QueueArn = ptr("arn:aws:sqs:" + aToken + ":" + aToken + ":jobs.fifo") },
		want:   []Problem{{"QueueArn", "a FIFO queue", "use a standard queue"}},
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
			"use the ARN of the key itself, arn:aws:kms:REGION:ACCOUNT:key/ID: IAM does not accept an alias in its place",
		}},
	},

	{
		rule: "AWS managed key", name: "alias",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:111122223333:alias/aws/sqs") },
		want:   []Problem{{"EncryptionKeyArn", `"alias/aws/sqs"`, managedKeyFix}},
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
		rule: "ARN partition", name: "all of another than the stack's",
		change: func(a *Attributes) {
			moveTo(a, "aws-us-gov", "us-gov-west-1")
			a.Stack = inStack
		},
		want: []Problem{
			{"TopicArn", `"arn:aws-us-gov:sns:us-gov-west-1:111122223333:jobs"`, `use a topic in the stack's partition, "aws"`},
			{"QueueArn", `"arn:aws-us-gov:sqs:us-gov-west-1:111122223333:jobs"`, `use a queue in the stack's partition, "aws"`},
			{"ServiceRoleArn", `"arn:aws-us-gov:iam::111122223333:role/textract"`, `use a role in the stack's partition, "aws"`},
		},
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

	{rule: "Topic Region", name: "longest", change: func(a *Attributes) { moveTo(a, "aws", "eu-southwesternmos-1") }},
	{
		rule: "Topic Region", name: "all in another than the stack's",
		change: func(a *Attributes) {
			moveTo(a, "aws", otherRegion)
			a.Stack = inStack
			a.EncryptionKeyArn = ptr("arn:aws:kms:eu-west-1:111122223333:" + uuidKey)
			a.Output = &Location{Bucket: in(Environment{Region: otherRegion})}
		},
	},
	{
		rule: "Queue Region", name: "another than the topic's",
		change: func(a *Attributes) { a.QueueArn = ptr("arn:aws:sqs:eu-west-1:111122223333:jobs") },
		want:   []Problem{{"QueueArn", `Region "eu-west-1"`, `use a queue in the topic's Region, "us-east-1"`}},
	},
	{
		rule: "Key Region", name: "another than the topic's",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:eu-west-1:111122223333:" + uuidKey) },
		want:   []Problem{{"EncryptionKeyArn", `a key in Region "eu-west-1"`, `use a key in the topic's Region, "us-east-1"`}},
	},
	{
		rule: "Key Region", name: "another than the queue's",
		change: func(a *Attributes) {
			a.TopicArn = ptr(aToken)
			a.EncryptionKeyArn = ptr("arn:aws:kms:eu-west-1:111122223333:" + uuidKey)
		},
		want: []Problem{{"EncryptionKeyArn", `a key in Region "eu-west-1"`, `use a key in the queue's Region, "us-east-1"`}},
	},
	{
		rule: "Bucket Region", name: "another than the topic's",
		change: func(a *Attributes) {
			moveTo(a, "aws", otherRegion)
			a.Stack = inStack
			a.Output = &Location{Bucket: in(inStack)}
		},
		want: []Problem{{
			"Output.Bucket", `Region "us-east-1"`,
			`use a bucket in the topic's Region, "eu-west-1", or import this one with its Region by awss3.Bucket_FromBucketAttributes`,
		}},
	},
	{
		rule: "Bucket Region", name: "a third one",
		change: func(a *Attributes) { a.Output = &Location{Bucket: in(elsewhere)} },
		want:   []Problem{{"Output.Bucket", `Region "eu-west-1"`, `use a bucket in the topic's Region, "us-east-1"`}},
	},
	{
		rule: "ServiceRole account", name: "the key's is another",
		change: func(a *Attributes) { a.EncryptionKeyArn = ptr("arn:aws:kms:us-east-1:444455556666:" + mrkKey) },
	},
	{
		rule: "ServiceRole account", name: "role of a lookup to come",
		change: func(a *Attributes) { a.ServiceRoleArn = ptr("arn:aws:iam:us-east-1:123456789012:role/DUMMY_ARN") },
	},
	{
		rule: "ServiceRole account", name: "another than the stack's, with tokens",
		change: func(a *Attributes) {
			a.ServiceRoleArn = ptr("arn:" + aToken + ":iam::444455556666:role/-1.8881545897087626e+289")
		},
		want: []Problem{{"ServiceRoleArn", `account "444455556666"`, "use a role " + inStackAccount}},
	},
	{
		rule: "Topic account", name: "another than the stack's",
		change: func(a *Attributes) { a.Stack.Account = otherAccount },
		want:   []Problem{{"TopicArn", `account "111122223333"`, `use a topic in the stack's account, "444455556666"`}},
		others: 2,
	},
	{
		rule: "Queue account", name: "another than the stack's",
		change: func(a *Attributes) { a.Stack.Account = otherAccount },
		want:   []Problem{{"QueueArn", `account "111122223333"`, `use a queue in the stack's account, "444455556666"`}},
		others: 2,
	},
	{
		rule: "ServiceRole account", name: "role of another than the topic's",
		change: func(a *Attributes) {
			a.Stack = unknown
			a.ServiceRoleArn = ptr("arn:aws:iam::444455556666:role/textract")
		},
		want: []Problem{{"ServiceRoleArn", `account "444455556666"`, `use a role in the topic's account, "111122223333"`}},
	},
	{
		rule: "Bucket ARN", name: "access point alias",
		change: func(a *Attributes) {
			a.Inputs = []Location{{Bucket: &Bucket{ARN: "arn:" + aToken + ":s3:::documents-abc-s3alias"}}}
		},
		want: []Problem{{"Inputs[0].Bucket", `"documents-abc-s3alias"`, accessPointAlias}},
	},
	{
		rule: "List token", name: "ARN",
		change: func(a *Attributes) { a.TopicArn = ptr(aListToken) },
		want:   []Problem{{"TopicArn", quoted(aListToken), listTokenFix}},
	},
}

// topicForms and the functions below expect no problem where fix is empty.
func topicForms(name, arn, fix string) ruleCase[Attributes] {
	return arnFormCase("TopicArn", name, arn, fix, func(a *Attributes) { a.TopicArn = &arn })
}

func queueForms(name, arn, fix string) ruleCase[Attributes] {
	return arnFormCase("QueueArn", name, arn, fix, func(a *Attributes) { a.QueueArn = &arn })
}

func roleForms(name, arn, fix string) ruleCase[Attributes] {
	return arnFormCase("ServiceRoleArn", name, arn, fix, func(a *Attributes) { a.ServiceRoleArn = &arn })
}

func keyForms(name, arn, fix string) ruleCase[Attributes] {
	return arnFormCase("EncryptionKeyArn", name, arn, fix, func(a *Attributes) { a.EncryptionKeyArn = &arn })
}

func arnFormCase(prop, name, arn, fix string, change func(*Attributes)) ruleCase[Attributes] {
	c := ruleCase[Attributes]{rule: "ARN form", name: prop + ": " + name, change: change}
	if fix != "" {
		c.want = []Problem{{prop, quoted(arn), fix}}
	}
	return c
}

func moveTo(a *Attributes, partition, region string) {
	a.Stack = Environment{Account: stackAccount}
	a.TopicArn = ptr("arn:" + partition + ":sns:" + region + ":111122223333:jobs")
	a.QueueArn = ptr("arn:" + partition + ":sqs:" + region + ":111122223333:jobs")
	a.ServiceRoleArn = ptr("arn:" + partition + ":iam::111122223333:role/textract")
}

func TestAttributesKeepTheRulesOfOperationsAndBuckets(t *testing.T) {
	var a Attributes
	moveTo(&a, "aws", "us-east-1")
	a.Operations = []string{"OCR"}
	a.Inputs = []Location{
		{Bucket: in(elsewhere), Prefix: ptr("/in")},
		{Bucket: &Bucket{Environment: inStack, Key: keyIn(elsewhere)}},
		{},
	}
	a.Output = &Location{Missing: true}
	want := []Problem{
		{"Operations[0]", `"OCR"`, fourOperations},
		{"Inputs[0].Bucket", `Region "eu-west-1"`, `use a bucket in the topic's Region, "us-east-1"`},
		{"Inputs[0].Prefix", `"/in"`, `remove the leading "/"`},
		{"Inputs[1].Bucket", `a key in Region "eu-west-1"`, `use a key in the topic's Region, "us-east-1"`},
		{"Inputs[2].Bucket", "none", "name the bucket"},
		{"Output", "nil", "name a bucket, or remove the location"},
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
