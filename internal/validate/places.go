package validate

import (
	"fmt"
	"slices"
	"strconv"
)

var placeRules = slices.Concat(locationPlaceRules, resourcePlaceRules)

var locationPlaceRules = []rule[Settings]{
	{
		name: "Bucket Region",
		doc: "Textract reads and writes buckets of its own Region only; another account's bucket is fine." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html",
		check: eachLocationPlace(func(l *Location, at locationPath, home reference) []Problem {
			return region.compare(at.path+".Bucket", "bucket", l.Bucket, home)
		}),
	},
	{
		name: "Bucket key Region",
		doc: "S3 encrypts with a key of the bucket's Region only; another account's key is fine." +
			" See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
		check: eachLocationPlace(checkBucketKey),
	},
}

var resourcePlaceRules = []rule[Settings]{
	{
		name: "Topic Region",
		doc: "The guide asks for a topic in the Region of the Textract endpoint that is called." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: func(s *Settings) []Problem { return region.compare("Topic", "topic", s.topicPlace(), region.home(s)) },
	},
	{
		name: "Topic account",
		doc: "The service role publishes without the consent of another account, which a topic there would need." +
			" See: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html",
		check: func(s *Settings) []Problem { return account.compare("Topic", "topic", s.topicPlace(), account.home(s)) },
	},
	{
		name: "Queue Region",
		doc: "Topic, queue and the construct's other resources are of one Region." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: func(s *Settings) []Problem { return region.compare("Queue", "queue", s.queuePlace(), region.home(s)) },
	},
	{
		name: "Queue account",
		doc: "A queue of another account has to be subscribed by that account." +
			" See: https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html",
		check: func(s *Settings) []Problem { return account.compare("Queue", "queue", s.queuePlace(), account.home(s)) },
	},
	{
		name: "Queue key Region",
		doc: "SQS encrypts with a key of the queue's Region only." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
		check: func(s *Settings) []Problem {
			if s.Queue == nil {
				return nil
			}
			owner := reference{owner: "queue", value: s.Queue.Region}
			return region.compareKey("Queue", s.Queue.Key, region.home(s), owner)
		},
	},
	{
		name: "ServiceRole account",
		doc: "A role is passed only to a service of its own account; IAM knows no Regions." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
		check: func(s *Settings) []Problem {
			return account.compare("ServiceRole", "role", s.ServiceRole, account.home(s))
		},
	},
	{
		name: "EncryptionKey Region",
		doc: "SNS and SQS encrypt with a key of their own Region only; another account's key is fine." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
		check: func(s *Settings) []Problem {
			return region.compareKey("EncryptionKey", s.EncryptionKey, region.home(s))
		},
	},
}

// part is what places are compared by.
type part struct {
	name string
	of   func(Place) string
}

var (
	region  = part{"Region", func(p Place) string { return p.Region }}
	account = part{"account", func(p Place) string { return p.Account }}
)

// reference is the Region or account that another is compared with.
type reference struct {
	owner string
	value string // empty or unresolved when unknown
}

// home is the stack's, or, where that is unknown, the topic's or the queue's, which must be the same.
func (p part) home(s *Settings) reference {
	stack := reference{"stack", p.of(s.Stack)}
	candidates := []reference{stack}
	if s.Topic != nil {
		candidates = append(candidates, reference{"topic", p.of(s.Topic.Place)})
	}
	if s.Queue != nil {
		candidates = append(candidates, reference{"queue", p.of(s.Queue.Place)})
	}
	for _, candidate := range candidates {
		if known(candidate.value) {
			return candidate
		}
	}
	return stack
}

// compare finds nothing where either side is unknown.
func (p part) compare(prop, kind string, place *Place, with reference) []Problem {
	if place == nil || !p.differs(*place, with) {
		return nil
	}
	return []Problem{{Prop: prop, Value: p.name + " " + strconv.Quote(p.of(*place)), Mend: p.mend(kind, with)}}
}

// compareKey finds nothing where the key is at one of the references: a key at its owner's side moves along with its owner,
// of which another rule speaks.
func (p part) compareKey(prop string, key *Place, references ...reference) []Problem {
	var problems []Problem
	for _, with := range references {
		if !known(with.value) {
			continue
		}
		found := p.compare(prop, "key", key, with)
		if found == nil {
			return nil
		}
		if problems == nil {
			found[0].Value = "a key in " + found[0].Value
			problems = found
		}
	}
	return problems
}

func (p part) differs(place Place, with reference) bool {
	value := p.of(place)
	return known(value) && known(with.value) && value != with.value
}

func (p part) mend(kind string, with reference) string {
	return fmt.Sprintf("use a %s in the %s's %s, %q", kind, with.owner, p.name, with.value)
}

func (s *Settings) topicPlace() *Place {
	if s.Topic == nil {
		return nil
	}
	return &s.Topic.Place
}

func (s *Settings) queuePlace() *Place {
	if s.Queue == nil {
		return nil
	}
	return &s.Queue.Place
}

func eachLocationPlace(check func(*Location, locationPath, reference) []Problem) func(*Settings) []Problem {
	return func(s *Settings) []Problem {
		home := region.home(s)
		return eachLocation(func(l *Location, at locationPath) []Problem { return check(l, at, home) })(s)
	}
}

// checkBucketKey names the bucket of an input, whose key cannot be given apart from it.
func checkBucketKey(l *Location, at locationPath, home reference) []Problem {
	prop := at.path + ".Bucket"
	if at.isOutput {
		prop = at.path + ".EncryptionKey"
	}
	var bucket reference
	if l.Bucket != nil {
		bucket = reference{owner: "bucket", value: l.Bucket.Region}
	}
	return region.compareKey(prop, l.Key, home, bucket)
}
