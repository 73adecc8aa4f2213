package textractasync

import (
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// topicPattern is the source in a policy that must not refer to the topic: every topic of this
// account and Region whose name begins alike. Where construct, topic and queue or key are in three
// stacks, only synthesis knows whether a reference would be a circular dependency. It is too late
// for a nested stack of the queue or key: the CDK has taken the hash of that template.
type topicPattern struct {
	pattern, exact string
	owner, topic   awscdk.Stack // that synthesis looks at; nil where it does not
}

// Produce implements awscdk.IStringProducer.
func (p *topicPattern) Produce(awscdk.IResolveContext) *string {
	if p.exact != "" {
		return &p.exact
	}
	return &p.pattern
}

// conditionFor is the condition for the policy of an existing queue or key of this app, or for one
// that is imported: made is nil. Where a reference to the topic there would be a circular
// dependency, it covers a pattern, with a warning.
func (a topicIdentity) conditionFor(t *textractAsync, s settings, owner constructs.IConstruct, made *resource) map[string]any {
	if made == nil || !a.createsCycle(s, made) {
		return a.condition()
	}
	var name, reason, fix string
	if s.topic != nil {
		name, reason, fix = s.topic.name, "Topic: "+pathOf(s.topic.ITopic)+" has no known name", "give the topic a TopicName"
	} else {
		name, reason, fix = *a.name, "TopicName: a name with a token", "use a TopicName without tokens"
	}
	pattern := validate.KnownBeginning(name) + "*"
	warn(t, warningTopicPattern, reason+", so the policy of "+pathOf(owner)+
		" cannot refer to it without a circular dependency, and lets SNS act for every topic of this account and Region"+
		beginningLike(pattern)+"; "+fix)
	p := &topicPattern{pattern: s.env.topicARN(pattern)}
	if t.patterns == nil {
		t.atSynthesis(func(*synthesizedApp) []validate.Problem { t.narrowPatterns(a); return nil })
	}
	t.patterns = append(t.patterns, p)
	if reference := a.reference(); reference != nil && made.stack().NestedStackParent() == nil {
		topic, home := outermost(awscdk.Stack_Of(reference.Target())), outermost(s.env.stack)
		if made.stack() != topic && made.stack() != home && topic != home {
			p.owner, p.topic = made.stack(), topic
			return sourceARN("ArnLike", *awscdk.Lazy_UncachedString(p, nil))
		}
	}
	return sourceARN("ArnLike", p.pattern)
}

func beginningLike(pattern string) string {
	if pattern == "*" {
		return ""
	}
	return " whose name begins with " + strconv.Quote(strings.TrimSuffix(pattern, "*"))
}

// createsCycle reports whether the policy of a queue or key must not name the topic, as far as it
// is in this app. The policy of a key is part of the key, which must not be the one that encrypts
// the topic. The stack of queue or key must not be one on which the topic's stack, or this one, may
// depend. Between a stack and those nested in it, dependencies are those of single resources.
func (a topicIdentity) createsCycle(s settings, made *resource) bool {
	owner := made.stack()
	if !a.isReference {
		// A name with a token, such as a parameter of this stack.
		if a.name == nil || !validate.Unresolved(*a.name) || validate.Dummy(*a.name) || owner == s.env.stack {
			return false
		}
		reference := a.reference()
		return !a.isInput(owner) && (reference == nil || awscdk.Stack_Of(reference.Target()) != owner)
	}
	if s.topic.made == nil { // imported
		return !a.isInput(owner) && (made.kind == typeKey || owner != s.topic.Stack() && owner != s.env.stack)
	}
	key, topic := s.topic.key, s.topic.made.stack()
	switch {
	case made.kind == typeKey && key != nil && key.made != nil && key.made.cfn == made.cfn:
		return true
	case owner == topic || owner == s.env.stack:
		return false
	case isNestedIn(owner, topic): // and made after the topic, unless that needs it
		return s.topic.unknownKey != "" || key != nil && key.made != nil && isNestedIn(key.made.stack(), topic)
	default: // nothing needs the policy of a queue
		return made.kind == typeKey || !isNestedIn(topic, owner)
	}
}

// isInput reports whether the ARN has no attribute of a resource: it is a parameter of the stack or
// of one that it is nested in, or in any stack an export or a dynamic reference.
func (a topicIdentity) isInput(in awscdk.Stack) bool {
	if reference := a.reference(); reference != nil {
		_, isParameter := reference.Target().(awscdk.CfnParameter)
		home := awscdk.Stack_Of(reference.Target())
		return isParameter && (home == in || isNestedIn(in, home))
	}
	switch value := in.Resolve(a.arn).(type) {
	case string:
		return true
	case map[string]any:
		_, isText := value["Fn::ImportValue"].(string)
		return isText
	default:
		return false
	}
}

// reference returns what a policy that names the topic refers to; nil where that is not one
// resource or parameter.
func (a topicIdentity) reference() awscdk.Reference {
	name := a.arn[strings.LastIndex(a.arn, ":")+1:]
	tokens := *awscdk.Tokenization_ReverseString(&name).Tokens()
	if len(tokens) != 1 {
		return nil
	}
	reference, _ := tokens[0].(awscdk.Reference)
	return reference
}

func isNestedIn(stack, other awscdk.Stack) bool {
	for parent := stack.NestedStackParent(); parent != nil; parent = parent.NestedStackParent() {
		if parent == other {
			return true
		}
	}
	return false
}

func outermost(stack awscdk.Stack) awscdk.Stack {
	for stack.NestedStackParent() != nil {
		stack = stack.NestedStackParent()
	}
	return stack
}

// narrowPatterns replaces patterns by the topic's ARN, where no dependency of the app makes that
// circular: the CDK has found all of them then, and has written no template yet.
func (t *textractAsync) narrowPatterns(topic topicIdentity) {
	areAll := true
	for _, p := range t.patterns {
		switch {
		case p.exact != "":
		case p.owner == nil || dependsOn(p.topic, p.owner, map[awscdk.Stack]bool{}):
			areAll = false
		default:
			reference := *topic.reference().ToString()
			p.owner.AddDependency(p.topic, jsii.String(pathOf(t)+" names the topic in a policy"))
			p.exact = strings.ReplaceAll(topic.arn, reference, *p.topic.ExportValue(reference, nil))
		}
	}
	if areAll {
		awscdk.Annotations_Of(t).AcknowledgeWarning(jsii.String(warningTopicPattern), jsii.String("the policies name the topic"))
	}
}

// dependsOn reports whether a stack depends on another one, also by others.
func dependsOn(stack, other awscdk.Stack, visited map[awscdk.Stack]bool) bool {
	visited[stack] = true
	for _, next := range *stack.Dependencies() {
		if next == other || !visited[next] && dependsOn(next, other, visited) {
			return true
		}
	}
	return false
}
