package validate

import (
	"fmt"
	"strconv"
)

var environmentRules = []rule[Settings]{
	{
		name: "Bucket Region",
		// Textract reads and writes buckets of its own Region only; another account's bucket is
		// fine.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
		check: func(s *Settings) []Problem {
			return eachLocation(func(l location) []Problem {
				problems := region.compare(l.path+".Bucket", "bucket", l.bucketEnvironment(), region.expected(s))
				if problems != nil && s.anyRegion && l.Bucket.Region == s.Stack.Region { // what the CDK assumes of an imported bucket
					problems[0].Fix += ", or import this one with its Region by awss3.Bucket_FromBucketAttributes"
				}
				return problems
			})(s)
		},
	},
	{
		name: "Topic Region",
		// The guide asks for a topic in the Region of the Textract endpoint that is called.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(s *Settings) []Problem {
			return region.compare("Topic", "topic", s.topicEnvironment(), region.expected(s))
		},
	},
	{
		name: "Topic account",
		// The service role publishes to a topic of another account only if that account's policy
		// allows it.
		// See: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
		check: func(s *Settings) []Problem {
			return account.compare("Topic", "topic", s.topicEnvironment(), account.expected(s))
		},
	},
	{
		name: "Queue Region",
		// Topic, queue and the construct's other resources are in one Region.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(s *Settings) []Problem {
			return region.compare("Queue", "queue", s.queueEnvironment(), region.expected(s))
		},
	},
	{
		name: "Queue account",
		// A queue of another account has to be subscribed by that account.
		// See: https://docs.aws.amazon.com/sns/latest/dg/sns-send-message-to-sqs-cross-account.html
		check: func(s *Settings) []Problem {
			return account.compare("Queue", "queue", s.queueEnvironment(), account.expected(s))
		},
	},
	{
		name: "ServiceRole account",
		// A role is passed only to a service of its own account; IAM has no Regions.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
		check: func(s *Settings) []Problem {
			return account.compare("ServiceRole", "role", s.roleEnvironment(), account.expected(s))
		},
	},
	{
		name: "Key Region",
		// SNS, SQS and S3 encrypt with a key of their own Region only; another account's key is
		// fine.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
		check: eachKey(func(k keyUse, s *Settings) []Problem {
			return compareKeyRegion(k, region.expected(s), reference{k.encrypts, k.region})
		}),
	},
	{
		name: "Stage",
		// Stages are deployed apart, so a resource of one cannot refer to one of another.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/stages.html
		check: func(s *Settings) []Problem {
			var problems []Problem
			named := map[string]bool{} // a bucket and its key have one prop
			for _, r := range s.resourcesOfOtherStacks() {
				if r.env != nil && r.env.OtherStage != "" && !named[r.prop] {
					named[r.prop] = true
					problems = append(problems, r.inOtherStage())
				}
			}
			return problems
		},
	},
	{
		name: "Environment unreachable",
		// CloudFormation cannot refer to a resource without a name in another environment.
		// See: https://docs.aws.amazon.com/cdk/v2/guide/resources.html
		check: func(s *Settings) []Problem {
			var problems []Problem
			for _, r := range s.resourcesOfOtherStacks() {
				if r.env == nil || r.env.Unreachable == "" ||
					region.differs(*r.env, region.expected(s)) || r.noun != "bucket" && account.differs(*r.env, account.expected(s)) {
					continue // another rule has a better fix
				}
				problems = append(problems, r.isUnreachable())
			}
			return problems
		},
	},
}

// otherStacks are existing resources with what a fix calls them.
type ofOtherStack struct {
	prop, noun string
	env        *Environment
}

func (r ofOtherStack) inOtherStage() Problem {
	return Problem{
		r.prop, "a new " + r.noun + " in stage " + strconv.Quote(r.env.OtherStage),
		"use one in the stage of the construct, or import it by its ARN as text: the CDK refers to no resource of another stage",
	}
}

func (r ofOtherStack) isUnreachable() Problem {
	fix := "use the same Env for both stacks, or import the " + r.noun + " by its ARN"
	if r.noun != "key" {
		fix = "use the same Env for both stacks, give the " + r.noun + " a name, or import it by its ARN"
	}
	return Problem{
		r.prop, "a new " + r.noun + " in environment " + r.env.Unreachable,
		fix + ": CloudFormation cannot refer to a resource without a name in another environment",
	}
}

func (s *Settings) resourcesOfOtherStacks() []ofOtherStack {
	all := []ofOtherStack{
		{"Topic", "topic", s.topicEnvironment()},
		{"Queue", "queue", s.queueEnvironment()},
		{"ServiceRole", "role", s.roleEnvironment()},
	}
	for _, l := range s.locations() {
		all = append(all, ofOtherStack{l.path + ".Bucket", "bucket", l.bucketEnvironment()})
	}
	for _, k := range s.keys() {
		if !k.isOwn || k.encrypts == "bucket" {
			env := k.environment()
			all = append(all, ofOtherStack{k.prop, "key", &env})
		}
	}
	return all
}

// part is what environments are compared by.
type part struct {
	name string
	of   func(Environment) string
}

var (
	region  = part{"Region", func(e Environment) string { return e.Region }}
	account = part{"account", func(e Environment) string { return e.Account }}
)

// reference is the Region or account that another is compared with.
type reference struct {
	owner string
	value string // empty or unresolved when unknown
}

// expected is the stack's, or, where that is unknown, the topic's or the queue's, which must be the
// same.
func (p part) expected(s *Settings) reference {
	stack := s.Stack
	if s.anyRegion {
		stack.Region = ""
	}
	candidates := []reference{{"stack", p.of(stack)}}
	if s.Topic != nil {
		candidates = append(candidates, reference{"topic", p.of(*s.topicEnvironment())})
	}
	if s.Queue != nil {
		candidates = append(candidates, reference{"queue", p.of(*s.queueEnvironment())})
	}
	if s.ServiceRole != nil && p.name == account.name {
		candidates = append(candidates, reference{"role", p.of(*s.roleEnvironment())})
	}
	for _, candidate := range candidates {
		if known(candidate.value) {
			return candidate
		}
	}
	return reference{}
}

// compare finds nothing where either side is unknown.
func (p part) compare(prop, noun string, e *Environment, with reference) []Problem {
	if e == nil || !p.differs(*e, with) {
		return nil
	}
	return []Problem{{prop, p.name + " " + quoted(p.of(*e)), p.fix(noun, with)}}
}

// compareKeyRegion finds nothing where the key is in one of the Regions: where what it encrypts is
// in a wrong Region, another rule reports that.
func compareKeyRegion(k keyUse, references ...reference) []Problem {
	var problems []Problem
	for _, with := range references {
		switch {
		case !known(with.value):
		case !region.differs(k.environment(), with):
			return nil
		case problems == nil:
			problems = []Problem{{k.prop, "a key in Region " + quoted(k.Region), region.fix("key", with)}}
		}
	}
	return problems
}

func (p part) differs(e Environment, with reference) bool {
	value := p.of(e)
	return known(value) && known(with.value) && value != with.value
}

func (p part) fix(noun string, with reference) string {
	return fmt.Sprintf("use a %s in the %s's %s, %q", noun, with.owner, p.name, with.value)
}

func (s *Settings) topicEnvironment() *Environment {
	if s.Topic == nil {
		return nil
	}
	return environmentOf(s.Topic.Environment, s.Topic.ARN)
}

func (s *Settings) queueEnvironment() *Environment {
	if s.Queue == nil {
		return nil
	}
	return environmentOf(s.Queue.Environment, s.Queue.ARN)
}

func (s *Settings) roleEnvironment() *Environment {
	if s.ServiceRole == nil {
		return nil
	}
	return environmentOf(s.ServiceRole.Environment, s.ServiceRole.ARN)
}

func (l location) bucketEnvironment() *Environment {
	if l.Bucket == nil {
		return nil
	}
	return environmentOf(l.Bucket.Environment, l.Bucket.ARN)
}

func (k keyUse) environment() Environment { return *environmentOf(k.Environment, k.ARN) }

// environmentOf is unknown for a dummy ARN: the CDK reads account 123456789012 from it.
func environmentOf(e Environment, arn string) *Environment {
	if Dummy(arn) {
		return &Environment{}
	}
	return &e
}
