package validate

import "testing"

var arnCases = []ruleCase[Settings]{
	{
		rule: "ARN form", name: "right kinds",
		change: func(s *Settings) {
			s.Topic = &Topic{
				ARN: "arn:aws:sns:us-east-1:111122223333:jobs",
				Key: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:alias/jobs"},
			}
			s.Queue = &Queue{
				ARN: "arn:aws:sqs:us-east-1:111122223333:jobs",
				Key: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:" + uuidKey},
			}
			s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:role/service-role/textract"}
		},
	},
	{
		rule: "ARN form", name: "made by this app",
		change: func(s *Settings) {
			s.Topic, s.Queue, s.ServiceRole = &Topic{ARN: aToken, Key: &Key{ARN: aToken}}, &Queue{ARN: aToken}, &Role{ARN: aToken}
		},
	},
	{
		rule: "ARN form", name: "role of a lookup to come",
		change: func(s *Settings) { s.ServiceRole = &Role{ARN: "arn:aws:iam:us-east-1:123456789012:role/DUMMY_ARN"} },
	},
	{
		rule: "ARN form", name: "key of a lookup to come",
		change: func(s *Settings) {
			s.EncryptionKey = &Key{ARN: "arn:${Token[AWS.Partition.7]}:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
		},
	},
	{
		rule: "ARN form", name: "half-known",
		change: func(s *Settings) {
			s.Topic = &Topic{ARN: "arn:aws:sns:us-east-1:111122223333:jobs-" + aToken}
			s.Queue = &Queue{ARN: "arn:aws:sqs:us-east-1:111122223333:" + aToken + "-jobs"}
			s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:role/" + aToken + "/textract"}
			s.Output = &Location{Bucket: &Bucket{}, EncryptionKey: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:" + aToken}}
		},
	},
	{
		rule: "ARN form", name: "half-known, of other kinds",
		change: func(s *Settings) {
			s.Topic = &Topic{ARN: "arn:aws:sns:us-east-1:111122223333:my jobs " + aToken}
			s.Queue = &Queue{ARN: "arn:aws:sqs:us-east-1:111122223333:jobs/" + aToken}
			s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:user/" + aToken}
			s.Output = &Location{Bucket: &Bucket{}, EncryptionKey: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:jobs-" + aToken}}
		},
		want: []Problem{
			{"Topic", quoted("arn:aws:sns:us-east-1:111122223333:my jobs " + aToken), topicForm},
			{"Queue", quoted("arn:aws:sqs:us-east-1:111122223333:jobs/" + aToken), queueForm},
			{"ServiceRole", quoted("arn:aws:iam::111122223333:user/" + aToken), roleForm},
			{
				"Output.EncryptionKey",
				quoted("arn:aws:kms:us-east-1:111122223333:jobs-" + aToken),
				"begin the name of an alias with \"alias/\", as in " +
					quoted("alias/jobs-"+aToken) + ", or use the ARN of a key",
			},
		},
	},
	{
		rule: "ARN form", name: "subscription, topic, user and topic",
		change: func(s *Settings) {
			s.Topic = &Topic{ARN: "arn:aws:sns:us-east-1:111122223333:jobs:1234abcd-12ab-34cd-56ef-1234567890ab"}
			s.Queue = &Queue{ARN: "arn:aws:sns:us-east-1:111122223333:jobs"}
			s.ServiceRole = &Role{ARN: "arn:aws:iam::111122223333:user/textract"}
			s.Output = &Location{Bucket: &Bucket{}, EncryptionKey: &Key{ARN: "arn:aws:sns:us-east-1:111122223333:jobs"}}
		},
		want: []Problem{
			{"Topic", `"arn:aws:sns:us-east-1:111122223333:jobs:1234abcd-12ab-34cd-56ef-1234567890ab"`, topicForm},
			{"Queue", `"arn:aws:sns:us-east-1:111122223333:jobs"`, queueForm},
			{"ServiceRole", `"arn:aws:iam::111122223333:user/textract"`, roleForm},
			{"Output.EncryptionKey", `"arn:aws:sns:us-east-1:111122223333:jobs"`, keyForm},
		},
	},
	{
		rule: "ARN form", name: "alias without its prefix",
		change: func(s *Settings) {
			s.EncryptionKey = &Key{ARN: "arn:aws:kms:us-east-1:111122223333:documents", Alias: "documents"}
		},
		want: []Problem{{
			"EncryptionKey", `"arn:aws:kms:us-east-1:111122223333:documents"`,
			`begin the name of an alias with "alias/", as in "alias/documents", or use the ARN of a key`,
		}},
	},
	{
		rule: "ARN form", name: "kinds that are known although account and Region are not",
		change: func(s *Settings) {
			s.ServiceRole = &Role{ARN: "arn:" + aToken + ":iam::" + aToken + ":user/textract"}
			s.Queue = &Queue{ARN: "arn:" + aToken + ":sns:" + aToken + ":" + aToken + ":" + aToken}
		},
		want: []Problem{
			{"Queue", quoted("arn:" + aToken + ":sns:" + aToken + ":" + aToken + ":" + aToken), queueForm},
			{"ServiceRole", quoted("arn:" + aToken + ":iam::" + aToken + ":user/textract"), roleForm},
		},
	},
	{
		rule: "ARN form", name: "keys of existing resources",
		change: func(s *Settings) {
			key := &Key{ARN: "arn:aws:iam::111122223333:role/textract"}
			s.Topic, s.Queue, s.Output = &Topic{Key: key}, &Queue{Key: key}, &Location{Bucket: &Bucket{Key: key}}
		},
		want: []Problem{
			{"Topic", `a topic with key "arn:aws:iam::111122223333:role/textract"`, keyForm},
			{"Queue", `a queue with key "arn:aws:iam::111122223333:role/textract"`, keyForm},
			{"Output.Bucket", `a bucket with key "arn:aws:iam::111122223333:role/textract"`, keyForm},
		},
	},

	{
		rule: "ARN partition of Region", name: "the Region's",
		change: func(s *Settings) { s.Topic = &Topic{ARN: "arn:aws:sns:us-east-1:111122223333:jobs"} },
	},
	{
		rule: "ARN partition of Region", name: "another",
		change: func(s *Settings) { s.Topic = &Topic{ARN: "arn:aws-cn:sns:us-east-1:111122223333:jobs"} },
		want: []Problem{{
			"Topic", `"arn:aws-cn:sns:us-east-1:111122223333:jobs"`, `use partition "aws", which us-east-1 is in`,
		}},
	},
	{
		rule: "ARN partition", name: "the stack's",
		change: func(s *Settings) { s.Output = &Location{Bucket: &Bucket{ARN: "arn:aws:s3:::results"}} },
	},
	{
		rule: "ARN partition", name: "another Region is another rule's",
		change: func(s *Settings) {
			s.Topic = &Topic{
				Environment: Environment{Account: stackAccount, Region: "us-gov-west-1"},
				ARN:         "arn:aws-us-gov:sns:us-gov-west-1:111122223333:jobs",
			}
		},
		others: 1,
	},
	{
		rule: "ARN partition", name: "another",
		change: func(s *Settings) {
			s.ServiceRole = &Role{ARN: "arn:aws-us-gov:iam::111122223333:role/textract"}
			s.Output = &Location{Bucket: &Bucket{ARN: "arn:aws-us-gov:s3:::results"}}
		},
		want: []Problem{
			{"ServiceRole", `"arn:aws-us-gov:iam::111122223333:role/textract"`, `use a role in the stack's partition, "aws"`},
			{"Output.Bucket", `"arn:aws-us-gov:s3:::results"`, `use a bucket in the stack's partition, "aws"`},
		},
	},
}

func TestARNsAreComparedByTheirParts(t *testing.T) {
	const arn = "arn:aws:sns:eu-west-1:111122223333:docs"
	for other, want := range map[string]bool{
		arn: true,
		"arn:" + aToken + ":sns:eu-west-1:111122223333:docs":        true,
		"arn:" + aToken + ":sns:" + aToken + ":" + aToken + ":docs": true,
		"arn:aws:sns:eu-west-1:111122223333:docs2":                  false,
		"arn:aws:sqs:eu-west-1:111122223333:docs":                   false,
		"arn:aws:sns:eu-west-2:111122223333:docs":                   false,
		"arn:aws:sns:eu-west-1:444455556666:docs":                   false,
		"arn:aws-us-gov:sns:eu-west-1:111122223333:docs":            false,
		"arn:aws:sns:eu-west-1:111122223333:" + aToken:              false,
		aToken: false,
		"docs": false,
		"":     false,
	} {
		if got := SameARN(arn, other); got != want {
			t.Errorf("SameARN(%q, %q) is %t", arn, other, got)
		}
		if got := SameARN(other, arn); got != want {
			t.Errorf("SameARN(%q, %q) is %t", other, arn, got)
		}
	}
}

func TestURLsOfQueues(t *testing.T) {
	const arn = "arn:aws:sqs:eu-west-1:111122223333:docs"
	for url, want := range map[string]bool{
		"https://sqs.eu-west-1.amazonaws.com/111122223333/docs":  true,
		"https://sqs.eu-west-1.amazonaws.com/111122223333/docs2": false,
		"https://sqs.eu-west-1.amazonaws.com/444455556666/docs":  false,
		"https://sqs.us-east-1.amazonaws.com/111122223333/docs":  false,
		aToken: false,
		arn:    false,
	} {
		if got := IsURLOfQueue(url, arn); got != want {
			t.Errorf("IsURLOfQueue(%q) is %t", url, got)
		}
	}
}

func TestEnvironmentOfARNs(t *testing.T) {
	got := EnvironmentOf(
		"arn:aws:iam::"+aToken+":role/r",
		aToken,
		"arn:aws:sns:eu-west-1:111122223333:t",
		"arn:aws:sqs:us-east-1:444455556666:q",
	)
	if want := (Environment{Account: "111122223333", Region: "eu-west-1"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMayMatch(t *testing.T) {
	const own = "arn:aws:sns:eu-west-1:111122223333:jobs"
	for pattern, want := range map[string]bool{
		own: true, "*": true, "arn:aws:sns:*": true, "arn:aws:sns:eu-west-1:111122223333:*": true,
		"arn:*:sns:*:111122223333:jobs": true, "arn:aws:sns:eu-west-1:111122223333:jobs?": false,
		"arn:aws:sns:eu-west-1:111122223333:other": false, "arn:aws:sns:us-east-1:111122223333:jobs": false,
		"arn:aws:sns:eu-west-1:444455556666:*": false, "arn:aws:sns:eu-west-1:" + aToken + ":jobs": true,
	} {
		if got := MayMatch(pattern, own); got != want {
			t.Errorf("%s: got %t", pattern, got)
		}
		if !MayMatch(pattern, aToken) {
			t.Errorf("%s does not match an unknown ARN", pattern)
		}
	}
}
