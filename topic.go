package textractasync

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// existingTopic is the prop Topic, read once.
type existingTopic struct {
	awssns.ITopic
	arn     string
	name    string // empty where unknown
	unnamed bool   // made by this app without a name
	isFIFO  bool
	key     *key
	env     validate.Environment
}

func newExistingTopic(env environment, topic awssns.ITopic) *existingTopic {
	if topic == nil {
		return nil
	}
	t := &existingTopic{
		ITopic: topic,
		arn:    *topic.TopicArn(),
		isFIFO: isTrue(topic.Fifo()),
		key:    newKeyOf(env, topic.MasterKey()),
		env:    env.of(topic),
	}
	if name := *topic.TopicName(); isKnown(name) {
		t.name = name
		return t
	}
	// A topic of this app answers with a token even where it has a name.
	if resource, ok := resourceOf(topic).(awssns.CfnTopic); ok {
		name := awscdk.Stack_Of(topic).Resolve(resource.TopicName())
		t.name, _ = name.(string)
		t.unnamed = name == nil
	}
	return t
}

func (t *existingTopic) plain() *validate.Topic {
	if t == nil {
		return nil
	}
	return &validate.Topic{
		Environment: t.env, ARN: t.arn, Name: t.name, Unnamed: t.unnamed, FIFO: t.isFIFO, Key: t.key.plain(),
	}
}

// topicIdentity is how policies name the topic.
type topicIdentity struct {
	arn         string
	name        *string // of a new topic
	isReference bool    // only a reference to the topic gives its ARN
}

// resolveTopicARN chooses the topic's ARN before there is a topic: an ARN made of a name lets the
// key's and the queue's policies refer to the topic without a circular dependency.
// See: https://github.com/aws/aws-cdk/issues/35418
func resolveTopicARN(t constructs.Construct, s settings) topicIdentity {
	switch {
	case s.topic == nil:
		name := s.topicName
		if name == nil {
			name = uniqueTopicName(t)
		}
		return topicIdentity{arn: s.env.topicARN(*name), name: name}
	case isKnown(s.topic.arn):
		return topicIdentity{arn: s.topic.arn}
	case s.topic.name != "":
		return topicIdentity{arn: s.env.topicARN(s.topic.name)}
	default:
		return topicIdentity{arn: s.topic.arn, isReference: true}
	}
}

func uniqueTopicName(t constructs.Construct) *string {
	prefix := validate.TopicNamePrefix + "-"
	unique := awscdk.Names_UniqueResourceName(t, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(validate.MaxTopicNameLength - len(prefix)),
		Separator: jsii.String("-"),
	})
	return jsii.String(prefix + *unique)
}

// condition is true where SNS acts for this topic.
func (a topicIdentity) condition() map[string]any { return sourceARN("ArnEquals", a.arn) }

// conditionFor is the condition for the policy of an existing queue or key. Where a reference to
// the topic there would be a circular dependency, it covers every topic of this account and Region,
// with a warning.
func (a topicIdentity) conditionFor(t constructs.Construct, s settings, target awscdk.IResource) map[string]any {
	if !a.isReference || !createsCycle(t, s.topic, target) {
		return a.condition()
	}
	warn(t, warningTopicPattern, "Topic: "+pathOf(s.topic.ITopic)+" has no known name, so the policy of "+pathOf(target)+
		" cannot refer to it without a circular dependency, and lets SNS act for every topic of this account and Region; "+
		"give the topic a TopicName")
	return sourceARN("ArnLike", s.env.topicARN("*"))
}

func sourceARN(operator, arn string) map[string]any {
	return map[string]any{operator: map[string]any{sourceARNKey: arn}}
}

const sourceARNKey = "aws:SourceArn"

// createsCycle reports whether the policy of a queue or key must not refer to the topic, as far as
// it is in this app. The policy of a key is part of the key, which must not be the one that
// encrypts the topic. The stack of queue or key must not be one on which the topic's stack, or this
// one, may depend.
func createsCycle(t constructs.Construct, topic *existingTopic, target awscdk.IResource) bool {
	var made constructs.IConstruct
	if key, ok := target.(awskms.IKey); ok {
		resource := cfnKeyOf(key)
		if resource == nil {
			return false
		}
		if resourceOf(topic.ITopic) == nil || topic.key != nil && cfnKeyOf(topic.key.IKey) == resource {
			return true
		}
		made = resource
	} else if isNew(target) {
		made = target
	} else {
		return false
	}
	topicStack, targetStack := awscdk.Stack_Of(topic.ITopic), awscdk.Stack_Of(made)
	return targetStack != topicStack && targetStack != awscdk.Stack_Of(t)
}

// existingOrNewTopic is step 3 of the guide.
func existingOrNewTopic(t constructs.Construct, s settings, identity topicIdentity, topicKey *key) awssns.ITopic {
	if s.topic != nil {
		return s.topic.ITopic
	}
	props := &awssns.TopicProps{TopicName: identity.name, EnforceSSL: jsii.Bool(true)}
	if topicKey != nil {
		props.MasterKey = topicKey.IKey
	}
	topic := awssns.NewTopic(t, jsii.String("Topic"), props)
	// A topic has no prop for it; without it CloudFormation deletes the topic.
	if s.removalPolicy != awscdk.RemovalPolicy_DESTROY {
		topic.ApplyRemovalPolicy(s.removalPolicy)
	}
	return topic
}

// newSubscription is step 5 of the guide.
func newSubscription(
	t constructs.Construct, s settings, topic awssns.ITopic, queueARN string, deadLetterQueue awssqs.IQueue,
) awssns.Subscription {
	return awssns.NewSubscription(t, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic:              topic,
		Protocol:           awssns.SubscriptionProtocol_SQS,
		Endpoint:           jsii.String(queueARN),
		RawMessageDelivery: s.rawMessageDelivery,
		DeadLetterQueue:    deadLetterQueue,
	})
}

// subscriber returns the path of what has subscribed an existing queue to an existing topic
// already; empty where nothing has. SNS takes the same subscription twice as one, and rejects one
// with other attributes.
// See: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
func subscriber(scope constructs.Construct, topic *existingTopic, queue *existingQueue) string {
	if topic == nil || queue == nil {
		return ""
	}
	for _, c := range *scope.Node().Root().Node().FindAll(constructs.ConstructOrder_PREORDER) {
		subscription, ok := c.(awssns.CfnSubscription)
		if ok && sameARN(valueOr(subscription.TopicArn(), ""), topic.arn) && sameARN(valueOr(subscription.Endpoint(), ""), queue.arn) {
			return pathOf(subscription.Node().Scope())
		}
	}
	return ""
}

// checkTopicName rejects, at synthesis, a TopicName that another topic of this app has in the same
// environment.
func (t *textractAsync) checkTopicName(name *string, topic awssns.ITopic) {
	if name == nil || validate.Dummy(*name) {
		return
	}
	t.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		own := resourceOf(topic)
		for _, other := range app.topicsNamed(*name) {
			if other != own && t.env.isSameAs(other, isKnown(*name)) {
				return []validate.Problem{{
					Prop: "TopicName", Value: strconv.Quote(*name),
					Fix: "use another name: " + pathOf(other.Node().Scope()) + " has a topic with this one",
				}}
			}
		}
		return nil
	})
}
