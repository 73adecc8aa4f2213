package validate

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// attributeRules look at the ARNs. What is wrong with the form of an ARN is all that is said of it.
var attributeRules = []rule[Attributes]{
	{
		name: "ARN required",
		doc: "Without its topic, queue and service role the construct could not be used." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: eachArn(func(a arnAttribute, _ *Attributes) []Problem {
			if a.arn != nil || a.isOptional {
				return nil
			}
			return []Problem{{Prop: a.prop, Value: "none", Mend: fmt.Sprintf("give the ARN of the %s, %s", a.kind.noun, a.kind.example)}}
		}),
	},
	{
		name: "ARN form",
		doc: "Textract answers an ARN of the wrong form or kind with a bare InvalidParameterException." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html",
		check: eachArn(func(a arnAttribute, _ *Attributes) []Problem {
			return checkString(a.prop, a.arn, func(text string) string {
				if a.kind.matches(text) {
					return ""
				}
				return fmt.Sprintf("use the ARN of a %s, %s", a.kind.noun, a.kind.example)
			})
		}),
	},
	{
		name: "ARN FIFO",
		doc: "The guide asks for a standard topic and a standard queue." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: eachKnownArn(func(a arnAttribute, found arn, _ *Attributes) string {
			if !a.kind.mayBeFIFO || !strings.HasSuffix(found.resource, fifoSuffix) {
				return ""
			}
			return fmt.Sprintf("use a standard %s", a.kind.noun)
		}),
	},
	{
		name: "ARN alias",
		doc: "In the resource of a policy only the key's own ARN allows its use: an alias there is not the key." +
			" See: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html",
		check: eachKnownArn(func(a arnAttribute, found arn, _ *Attributes) string {
			if !strings.HasPrefix(found.resource, "alias/") {
				return ""
			}
			return "use the ARN of the key itself, " + a.kind.example + ": to IAM an alias is no key"
		}),
	},
	{
		name: "ARN partition of Region",
		doc: "Every Region is of one partition." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
		check: eachKnownArn(func(_ arnAttribute, found arn, _ *Attributes) string {
			want := PartitionOf(found.Region)
			if want == "" || found.partition == want {
				return ""
			}
			return fmt.Sprintf("use partition %q, which %s is in", want, found.Region)
		}),
	},
	{
		name: "ARN partition",
		doc: "No permission reaches from one partition into another. Where a Region is known it tells; a role's ARN has none." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
		check: eachKnownArn(func(a arnAttribute, found arn, all *Attributes) string {
			home := all.homePartition()
			if PartitionOf(found.Region) != "" || home.value == "" || found.partition == home.value {
				return ""
			}
			return fmt.Sprintf("use a %s in the %s's partition, %q", a.kind.noun, home.owner, home.value)
		}),
	},
	{
		name: "ARN Region",
		doc: "Topic and queue are in the Region of the Textract endpoint that is called, and their key with them." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html",
		check: eachKnownArn(func(a arnAttribute, found arn, all *Attributes) string {
			return region.mendOf(a.kind.noun, found, all)
		}),
	},
	{
		name: "ARN account",
		doc: "A role is passed only to a service of its own account, so callers, role, topic and queue share one; a key may be another's." +
			" See: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
		check: eachKnownArn(func(a arnAttribute, found arn, all *Attributes) string {
			if a.kind.anyAccount {
				return ""
			}
			return account.mendOf(a.kind.noun, found, all)
		}),
	},
}

// arnAttribute is one ARN among the attributes.
type arnAttribute struct {
	prop       string
	arn        *string
	kind       arnKind
	isOptional bool
}

func (a *Attributes) topic() arnAttribute {
	return arnAttribute{prop: "TopicArn", arn: a.TopicArn, kind: topicArns}
}

func (a *Attributes) queue() arnAttribute {
	return arnAttribute{prop: "QueueArn", arn: a.QueueArn, kind: queueArns}
}

func (a *Attributes) arns() []arnAttribute {
	return []arnAttribute{
		a.topic(),
		a.queue(),
		{prop: "ServiceRoleArn", arn: a.ServiceRoleArn, kind: roleArns},
		{prop: "EncryptionKeyArn", arn: a.EncryptionKeyArn, kind: keyArns, isOptional: true},
	}
}

// parts is not ok where the ARN is not given, unresolved or malformed.
func (a arnAttribute) parts() (found arn, ok bool) {
	if a.arn == nil || Unresolved(*a.arn) || !a.kind.matches(*a.arn) {
		return arn{}, false
	}
	return parse(*a.arn), true
}

func eachArn(check func(arnAttribute, *Attributes) []Problem) func(*Attributes) []Problem {
	return func(all *Attributes) []Problem {
		var problems []Problem
		for _, a := range all.arns() {
			problems = append(problems, check(a, all)...)
		}
		return problems
	}
}

func eachKnownArn(mend func(arnAttribute, arn, *Attributes) string) func(*Attributes) []Problem {
	return eachArn(func(a arnAttribute, all *Attributes) []Problem {
		found, ok := a.parts()
		if !ok {
			return nil
		}
		return problemIf(a.prop, strconv.Quote(*a.arn), mend(a, found, all))
	})
}

// settings has what the rules of a new construct can tell about an existing one. Its topic and queue stand in where the
// stack's Region or account is unknown.
func (a *Attributes) settings() Settings {
	s := Settings{Stack: a.Stack, Operations: a.Operations, Inputs: a.Inputs, Output: a.Output}
	if found, ok := a.topic().parts(); ok {
		s.Topic = &Topic{Place: found.Place}
	}
	if found, ok := a.queue().parts(); ok {
		s.Queue = &Queue{Place: found.Place}
	}
	return s
}

func (p part) mendOf(noun string, found arn, all *Attributes) string {
	s := all.settings()
	home := p.home(&s)
	if !p.differs(found.Place, home) {
		return ""
	}
	return p.mend(noun, home)
}

// homePartition is that of the stack's Region, or else the topic's or the queue's.
func (a *Attributes) homePartition() reference {
	if name := PartitionOf(a.Stack.Region); name != "" {
		return reference{"stack", name}
	}
	for _, attribute := range []arnAttribute{a.topic(), a.queue()} {
		if found, ok := attribute.parts(); ok {
			return reference{attribute.kind.noun, cmp.Or(PartitionOf(found.Region), found.partition)}
		}
	}
	return reference{}
}
