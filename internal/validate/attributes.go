package validate

import (
	"slices"
	"strings"
)

// attributeRules are those of the attributes alone; sharedRules apply to them too.
var attributeRules = []rule[Attributes]{
	{
		name: "ARN required",
		// Without its topic, queue and service role the construct cannot be used.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(a *Attributes) []Problem {
			var problems []Problem
			for _, ref := range a.arns() {
				switch {
				case ref.arn != nil && *ref.arn == "":
					problems = append(problems, Problem{ref.prop, `""`, ref.kind.fix()})
				case ref.arn == nil && ref.prop != "EncryptionKeyArn":
					problems = append(problems, Problem{ref.prop, "none", ref.kind.fix()})
				}
			}
			return problems
		},
	},
	{
		name: "ARN alias",
		// As the resource of a policy only the key's own ARN allows its use.
		// See: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
		check: func(a *Attributes) []Problem {
			return checkString("EncryptionKeyArn", a.EncryptionKeyArn, func(text string) string {
				found, _ := parse(text)
				if !strings.HasPrefix(found.resource, "alias/") || strings.HasPrefix(found.resource, awsAlias) {
					return ""
				}
				return "use the ARN of the key itself, " + keyARN.example + ": IAM does not accept an alias in its place"
			})
		},
	},
}

// allAttributeRules has the shared rules with the names of the attributes.
var allAttributeRules = slices.Concat(attributeRules, forAttributes(sharedRules))

func forAttributes(rules []rule[Settings]) []rule[Attributes] {
	var all []rule[Attributes]
	for _, shared := range rules {
		all = append(all, rule[Attributes]{name: shared.name, check: func(a *Attributes) []Problem {
			s := a.settings()
			problems := shared.check(&s)
			for i, p := range problems {
				if slices.Contains([]string{"Topic", "Queue", "ServiceRole", "EncryptionKey"}, p.Prop) {
					problems[i].Prop += "Arn"
				}
			}
			return problems
		}})
	}
	return all
}

// arnAttribute is one ARN among the attributes.
type arnAttribute struct {
	prop string
	arn  *string
	kind *arnKind
}

func (a *Attributes) arns() []arnAttribute {
	return []arnAttribute{
		{"TopicArn", a.TopicArn, topicARN},
		{"QueueArn", a.QueueArn, queueARN},
		{"ServiceRoleArn", a.ServiceRoleArn, roleARN},
		{"EncryptionKeyArn", a.EncryptionKeyArn, keyARN},
	}
}

// settings has what the shared rules need. IAM has no Regions, so the existing construct may be in
// another than the stack's.
func (a *Attributes) settings() Settings {
	s := Settings{Stack: a.Stack, anyRegion: true, Operations: a.Operations, Inputs: a.Inputs, Output: a.Output}
	if a.TopicArn != nil {
		found := partsOf(*a.TopicArn, topicARN)
		s.Topic = &Topic{Environment: found.Environment, ARN: *a.TopicArn, FIFO: strings.HasSuffix(found.resource, fifoSuffix)}
	}
	if a.QueueArn != nil {
		found := partsOf(*a.QueueArn, queueARN)
		s.Queue = &Queue{Environment: found.Environment, ARN: *a.QueueArn, FIFO: strings.HasSuffix(found.resource, fifoSuffix)}
	}
	if a.ServiceRoleArn != nil {
		s.ServiceRole = &Role{Environment: partsOf(*a.ServiceRoleArn, roleARN).Environment, ARN: *a.ServiceRoleArn}
	}
	if a.EncryptionKeyArn != nil {
		s.EncryptionKey = &Key{Environment: partsOf(*a.EncryptionKeyArn, keyARN).Environment, ARN: *a.EncryptionKeyArn}
	}
	return s
}

// partsOf is empty for an ARN of a wrong form.
func partsOf(text string, kind *arnKind) arn {
	if !kind.matches(text) {
		return arn{}
	}
	found, _ := parse(text)
	return found
}
