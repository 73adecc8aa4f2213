package validate

import (
	"fmt"
	"strings"
)

// awsAlias is how the aliases of AWS managed keys begin.
const awsAlias = "alias/aws/"

var keyRules = []rule[Settings]{
	{
		name: "AWS managed key",
		// The policy of an AWS managed key cannot be changed. SNS cannot use alias/aws/sqs, so it
		// drops every message silently.
		// See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
		check: eachKey(func(k keyUse, _ *Settings) []Problem {
			alias := k.awsManaged()
			if alias == "" {
				return nil
			}
			value := quoted(alias)
			if k.isOwn {
				value = fmt.Sprintf("a %s encrypted with %s", k.encrypts, alias)
			}
			return []Problem{{k.prop, value, k.fixOfAWSManaged()}}
		}),
	},
	{
		name: "FormerEncryptionKeys nil",
		// A key that is nil decrypts nothing.
		check: func(s *Settings) []Problem {
			var problems []Problem
			for i, former := range s.FormerEncryptionKeys {
				if former == nil {
					problems = append(problems, Problem{element("FormerEncryptionKeys", i), "nil", "use a key, or remove it"})
				}
			}
			return problems
		},
	},
	{
		name: "Key kind",
		// SNS, SQS and S3 encrypt with symmetric keys only.
		// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
		check: eachKey(func(k keyUse, _ *Settings) []Problem {
			for _, each := range []struct{ value, want string }{{k.Spec, "SYMMETRIC_DEFAULT"}, {k.Usage, "ENCRYPT_DECRYPT"}} {
				if known(each.value) && each.value != each.want {
					return []Problem{{k.prop, k.described(each.value), "use a symmetric key for encryption: AWS services take no other"}}
				}
			}
			return nil
		}),
	},
	{
		name: "Key disabled",
		// Nothing can be encrypted with a disabled key.
		// See: https://docs.aws.amazon.com/kms/latest/developerguide/enabling-keys.html
		check: eachKey(func(k keyUse, _ *Settings) []Problem {
			if !k.Disabled {
				return nil
			}
			return []Problem{{
				k.prop, k.described("Enabled false"), "use a key that is enabled: no notification or document can be encrypted with it",
			}}
		}),
	},
	{
		name: "New key of another account",
		// CloudFormation cannot refer to a resource of another account, and a key has no name to
		// refer to it by.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/resources.html
		check: eachKey(func(k keyUse, s *Settings) []Problem {
			if !k.New || !account.differs(k.environment(), account.expected(s)) {
				return nil
			}
			value := fmt.Sprintf("a new key in account %q", k.Account)
			const fix = "import the key by its ARN with awskms.Key_FromKeyArn%s: CloudFormation cannot " +
				"refer to a new key of another account"
			switch {
			case !k.isOwn:
				return []Problem{{k.prop, value, fmt.Sprintf(fix, "")}}
			case k.encrypts == "bucket":
				prop := strings.TrimSuffix(k.prop, "Bucket") + "EncryptionKey"
				return []Problem{{k.prop, "a bucket with " + value, fmt.Sprintf(fix, ", and set "+prop+" to it")}}
			default: // synthesis of the topic or queue fails with such a key in any case
				return nil
			}
		}),
	},
}

// keyUse is a key with the prop that it comes from.
type keyUse struct {
	*Key
	prop     string
	isOwn    bool   // the key comes with the topic, queue or bucket that the prop names
	encrypts string // "topic", "queue" or "bucket"; empty for a key of what the construct makes
	region   string // of what it encrypts
	isFormer bool   // encrypted what waits in the queue
}

func (s *Settings) keys() []keyUse {
	var all []keyUse
	add := func(use keyUse) {
		if use.Key != nil {
			all = append(all, use)
		}
	}
	if s.Topic != nil {
		add(keyUse{s.Topic.Key, "Topic", true, "topic", s.topicEnvironment().Region, false})
	}
	if s.Queue != nil {
		add(keyUse{s.Queue.key(), "Queue", true, "queue", s.queueEnvironment().Region, false})
	}
	if s.DeadLetterQueue != nil {
		add(keyUse{Key: s.DeadLetterQueue.EncryptionKey, prop: "DeadLetterQueue.EncryptionKey"})
	}
	add(keyUse{Key: s.EncryptionKey, prop: "EncryptionKey"})
	for i, former := range s.FormerEncryptionKeys {
		add(keyUse{Key: former, prop: element("FormerEncryptionKeys", i), isFormer: true})
	}
	for _, l := range s.locations() {
		bucketKey := keyUse{encrypts: "bucket"}
		if l.Bucket != nil {
			bucketKey = keyUse{l.Bucket.Key, l.path + ".Bucket", true, "bucket", l.bucketEnvironment().Region, false}
		}
		if l.EncryptionKey != nil { // used instead of the bucket's own
			bucketKey.Key, bucketKey.prop, bucketKey.isOwn = l.EncryptionKey, l.path+".EncryptionKey", false
		}
		add(bucketKey)
	}
	return all
}

func eachKey(check func(keyUse, *Settings) []Problem) func(*Settings) []Problem {
	return func(s *Settings) []Problem {
		var problems []Problem
		for _, k := range s.keys() {
			problems = append(problems, check(k, s)...)
		}
		return problems
	}
}

// described names the key by its property.
func (k keyUse) described(property string) string {
	if k.isOwn {
		return "a " + k.encrypts + " with a key of " + property
	}
	return "a key of " + property
}

func (q *Queue) key() *Key {
	if q.AWSManaged {
		return &Key{Alias: awsAlias + "sqs"}
	}
	return q.Key
}

// awsManaged is the alias of an AWS managed key, and empty for any other key.
func (k *Key) awsManaged() string {
	found, _ := parse(k.ARN)
	for _, alias := range []string{k.Alias, found.resource} {
		if strings.HasPrefix(alias, awsAlias) {
			return alias
		}
	}
	return ""
}

func (k keyUse) fixOfAWSManaged() string {
	switch {
	case k.isFormer:
		return "remove it: SQS needs no grant for an AWS managed key"
	case k.isOwn && k.encrypts == "topic":
		return "encrypt it with a customer managed key: the policy of an AWS managed key cannot be changed for the service role"
	case k.isOwn && k.encrypts == "queue":
		return "encrypt it with a customer managed key or with SSE-SQS: SNS cannot use that key and would drop every message"
	case k.isOwn:
		return "remove the key where the bucket is imported, or use a customer managed key: S3 needs no grant for an AWS managed key"
	case k.encrypts == "bucket":
		return "remove EncryptionKey, or use a customer managed key: S3 needs no grant for an AWS managed key"
	default:
		return "use a customer managed key: SNS cannot use that key and would drop every message"
	}
}
