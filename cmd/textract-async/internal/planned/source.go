// Package planned answers doctor's reads from CloudFormation templates: the same checks judge what
// is deployed and what is to be.
package planned

import (
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// Source has the resources of templates as the AWS APIs would return them.
type Source struct {
	set *template.Set

	topics, queues, buckets map[string]*template.Resource // by ARN, and buckets by name
	queueURLs               map[string]*template.Resource
	keys                    map[string]*template.Resource // by ARN
	aliases                 map[string]string             // keys by REGION alias/NAME
	identities              map[string]*identity          // by role/NAME, user/NAME, group/NAME
	managed                 map[string]*template.Resource // policies by ARN
	subscriptions           []subscription
	queuePolicies           map[string][]document // by the queue's ARN
	topicPolicies           map[string][]document
	bucketPolicies          map[string][]document // by name
	elsewhere               map[string]bool       // ARNs and names that stacks use that are not in the templates
}

// adder is what may add to a resource without being in the templates, as a noun phrase, or "".
func (s *Source) adder(r *template.Resource, arn, ref string) string {
	switch {
	case s.elsewhere[arn] || s.elsewhere[ref]:
		return "another stack that uses " + r.String()
	case r.Stack.More != "":
		return r.Stack.More
	}
	return ""
}

// document is the text of a policy and where it is from.
type document struct{ name, text string }

// New indexes the resources of templates.
func New(set *template.Set) *Source {
	s := &Source{
		set: set, topics: byARN(set, "AWS::SNS::Topic"), queues: byARN(set, "AWS::SQS::Queue"),
		keys: byARN(set, "AWS::KMS::Key", "AWS::KMS::ReplicaKey"), managed: byARN(set, "AWS::IAM::ManagedPolicy"),
		buckets: make(map[string]*template.Resource), queueURLs: make(map[string]*template.Resource),
		elsewhere: make(map[string]bool), aliases: make(map[string]string), identities: make(map[string]*identity),
		queuePolicies: make(map[string][]document), topicPolicies: make(map[string][]document), bucketPolicies: make(map[string][]document),
	}
	for _, r := range set.All("AWS::S3::Bucket") {
		s.buckets[r.Name()] = r
	}
	for _, r := range s.queues {
		s.queueURLs[r.Ref()] = r
	}
	for _, value := range set.UsedElsewhere() {
		s.elsewhere[value] = true
	}
	s.addAliases()
	s.addResourcePolicies()
	s.addIdentities()
	s.addSubscriptions()
	return s
}

func byARN(set *template.Set, types ...string) map[string]*template.Resource {
	all := make(map[string]*template.Resource)
	for _, r := range set.All(types...) {
		all[r.ARN()] = r
	}
	return all
}

func (s *Source) addAliases() {
	for _, r := range s.set.All("AWS::KMS::Alias") {
		s.aliases[r.Stack.Env.Region+" "+r.Text("AliasName")] = r.Text("TargetKeyId")
	}
}

func (s *Source) addResourcePolicies() {
	add := func(to map[string][]document, name string, r *template.Resource) {
		to[name] = append(to[name], documentOf(r))
	}
	for _, r := range s.set.All("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy") {
		for _, property := range []string{"Queues", "Queue"} {
			for _, queue := range r.Texts(property) {
				if known, ok := s.queueURLs[queue]; ok {
					queue = known.ARN()
				}
				add(s.queuePolicies, queue, r)
			}
		}
	}
	for _, r := range s.set.All("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy") {
		for _, property := range []string{"Topics", "TopicArn"} {
			for _, topic := range r.Texts(property) {
				add(s.topicPolicies, topic, r)
			}
		}
	}
	for _, r := range s.set.All("AWS::S3::BucketPolicy") {
		add(s.bucketPolicies, r.Text("Bucket"), r)
	}
	for arn, r := range s.queues {
		if adder := s.adder(r, arn, r.Ref()); adder != "" && len(s.queuePolicies[arn]) == 0 {
			s.queuePolicies[arn] = []document{{r.String(), unknownPolicy("it is " + template.Unknown("of "+adder))}}
		}
	}
}

// documentOf is the policy of a resource that has one.
func documentOf(r *template.Resource) document {
	return document{r.String(), policyText(r, r.Get("PolicyDocument"))}
}

// policyText is a policy in JSON. What stands in the place of a statement that is not known says
// why.
func policyText(r *template.Resource, policy any) string {
	text, isText := policy.(string)
	switch {
	case r.Maybe != "":
		return unknownPolicy("it depends on " + template.Unknown("condition "+r.Maybe))
	case isText && template.IsUnknown(text):
		return unknownPolicy("it is " + text)
	}
	return template.Text(policy)
}

func unknownPolicy(why string) string {
	return template.Text(map[string]any{"Statement": []any{why}})
}

// onePolicy is the policy of a resource that can have one only.
func onePolicy(all []document) string {
	switch len(all) {
	case 0:
		return ""
	case 1:
		return all[0].text
	}
	names := make([]string, len(all))
	for i, d := range all {
		if names[i] = d.name; d.text != all[0].text {
			all[0].text = ""
		}
	}
	if all[0].text != "" {
		return all[0].text
	}
	return unknownPolicy(fmt.Sprintf("%s overwrite each other: which one is the last is not known", strings.Join(names, " and ")))
}

// absent is the error of what templates do not have.
func absent(format string, args ...any) error {
	for i, arg := range args {
		if text, ok := arg.(string); ok && strings.HasPrefix(text, "${") && strings.Count(text, "${") == 1 && strings.HasSuffix(text, "}") {
			args[i] = strings.Trim(text, "${}")
		}
	}
	return &doctor.NotInTemplateError{What: fmt.Sprintf(format, args...)}
}

func notFound(code string) error { return &smithy.GenericAPIError{Code: code} }

// textOf is a property in JSON, or "" where it is absent.
func textOf(value any) string {
	if value == nil {
		return ""
	}
	return template.Text(value)
}

// member is a part of a resolved property, or nil.
func member(value any, path ...string) any {
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[name]
	}
	return value
}
