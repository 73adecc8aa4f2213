package textractasync

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// existingTopic is the prop Topic, read once.
type existingTopic struct {
	awssns.ITopic
	arn        string
	made       *resource // of this app; nil where the topic is imported
	otherType  string    // of the resource of this app that the ARN refers to, where that is no topic
	name       string    // empty where unknown
	unnamed    bool      // made by this app without a name
	isFIFO     bool
	key        *key
	unknownKey string // a key that is known at deployment only
	env        validate.Environment
}

func newExistingTopic(env environment, topic awssns.ITopic) *existingTopic {
	if topic == nil {
		return nil
	}
	t := &existingTopic{ITopic: topic, arn: *topic.TopicArn()}
	t.made, t.otherType = readKind(topic, t.arn, typeTopic)
	if own, ok := ownerOf(t.made).(awssns.Topic); ok {
		return newExistingTopic(env, own)
	}
	t.env = env.withReach(env.of(topic, t.made), t.made, t.arn)
	if t.made == nil {
		t.name, t.isFIFO, t.key = *topic.TopicName(), isTrue(topic.Fifo()), newKeyOf(env, topic.MasterKey())
		return t
	}
	t.name, t.isFIFO = t.made.name("topicName"), t.made.isTrue("fifoTopic")
	t.unnamed = t.name == ""
	t.key, t.unknownKey = t.made.keyOf(env, topic.MasterKey, keyProperty)
	return t
}

func (t *existingTopic) plain() *validate.Topic {
	if t == nil {
		return nil
	}
	return &validate.Topic{
		Environment: t.env, ARN: t.arn, Name: t.name, Unnamed: t.unnamed, New: t.made != nil, FIFO: t.isFIFO, Key: t.key.plain(),
		OtherType: t.otherType,
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
func resolveTopicARN(t constructs.Construct, id string, s settings) topicIdentity {
	switch {
	case s.topic == nil:
		name := s.topicName
		if name == nil {
			name = uniqueTopicName(t, id)
		}
		return topicIdentity{arn: s.env.topicARN(*name), name: name}
	case isKnown(s.topic.arn):
		return topicIdentity{arn: s.topic.arn}
	case isKnown(s.topic.name):
		return topicIdentity{arn: s.env.topicARN(s.topic.name)}
	default:
		return topicIdentity{arn: s.topic.arn, isReference: true}
	}
}

// uniqueTopicName always has a hash. The CDK omits it for a construct with the id Default in a
// stack, whose name alone is left, without what is no letter or digit.
func uniqueTopicName(t constructs.Construct, id string) *string {
	prefix, suffix := validate.TopicNamePrefix+"-", ""
	if id == "Default" {
		sum := sha256.Sum256([]byte(*awscdk.Stack_Of(t).StackName() + "/" + pathOf(t)))
		suffix = "-" + strings.ToUpper(hex.EncodeToString(sum[:4]))
	}
	unique := awscdk.Names_UniqueResourceName(t, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(validate.MaxTopicNameLength - len(prefix) - len(suffix)),
		Separator: jsii.String("-"),
	})
	return jsii.String(prefix + *unique + suffix)
}

// condition is true where SNS acts for this topic.
func (a topicIdentity) condition() map[string]any { return sourceARN("ArnEquals", a.arn) }

func sourceARN(operator, arn string) map[string]any {
	return map[string]any{operator: map[string]any{sourceARNKey: arn}}
}

const sourceARNKey = "aws:SourceArn"

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

// newSubscription is step 5 of the guide. The first one in a stack also has the CDK look at the
// stack again at synthesis: an object for that alone would take one jsii call more.
func newSubscription(
	t constructs.Construct, s settings, topic awssns.ITopic, queueARN string, deadLetterQueue awssqs.IQueue,
) awssns.Subscription {
	id, props := jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic:              topic,
		Protocol:           awssns.SubscriptionProtocol_SQS,
		Endpoint:           jsii.String(queueARN),
		RawMessageDelivery: s.rawMessageDelivery,
		DeadLetterQueue:    deadLetterQueue,
	}
	look := &answersOn(s.env.stack).secondLook
	if look.isRegistered {
		return awssns.NewSubscription(t, id, props)
	}
	first := &firstSubscription{look: look}
	awssns.NewSubscription_Override(first, t, id, props)
	look.register(first)
	return first
}

// firstSubscription is the first one in a stack.
type firstSubscription struct {
	awssns.Subscription
	look *secondLook
}

// Validate implements constructs.IValidation.
func (s *firstSubscription) Validate() *[]*string { return s.look.Validate() }
