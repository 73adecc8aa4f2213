package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// nameTopic settles how policies speak of the topic. A name of its own lets the policy of the new topic's key, and of a queue or
// key in another stack, speak of the topic without a circular dependency.
func (t *textractAsync) nameTopic(props *TextractAsyncProps, g given) {
	switch {
	case props.Topic == nil:
		t.topicName = t.chooseTopicName(props)
		t.namedTopicArn = t.env.topicArn(*t.topicName)
	case isKnown(*props.Topic.TopicArn()):
		t.namedTopicArn = *props.Topic.TopicArn()
	case g.topic.Name != "":
		t.namedTopicArn = t.env.topicArn(g.topic.Name)
	}
}

func (t *textractAsync) chooseTopicName(props *TextractAsyncProps) *string {
	if props.TopicName != nil {
		return props.TopicName
	}
	prefix := validate.TopicNamePrefix + "-"
	unique := awscdk.Names_UniqueResourceName(t, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(validate.MaxTopicNameLength - len(prefix)),
		Separator: jsii.String("-"),
	})
	return jsii.String(prefix + *unique)
}

func (t *textractAsync) chooseTopic(props *TextractAsyncProps, removal awscdk.RemovalPolicy) awssns.ITopic {
	if props.Topic != nil {
		return props.Topic
	}
	topic := awssns.NewTopic(t, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:  t.topicName,
		MasterKey:  t.key,
		EnforceSSL: jsii.Bool(true),
	})
	// A topic has no prop for it, and is destroyed unless told otherwise.
	if removal != awscdk.RemovalPolicy_DESTROY {
		topic.ApplyRemovalPolicy(removal)
	}
	return topic
}

func (t *textractAsync) subscribe(queueArn string, raw *bool) awssns.Subscription {
	return awssns.NewSubscription(t, jsii.String("Subscription"), &awssns.SubscriptionProps{
		Topic:              t.topic,
		Protocol:           awssns.SubscriptionProtocol_SQS,
		Endpoint:           jsii.String(queueArn),
		RawMessageDelivery: raw,
		DeadLetterQueue:    t.deadLetterQueue,
	})
}

// fromTopic is the condition that holds when SNS acts for the topic, for the policy of a queue or key that the user brings.
func (t *textractAsync) fromTopic(props *TextractAsyncProps, target awscdk.IResource) map[string]any {
	if t.namedTopicArn != "" || !t.wouldGoRound(props.Topic, target) {
		return t.fromExactTopic(props)
	}
	warn(t, warningTopicPattern, "Topic: "+*props.Topic.Node().Path()+" has no known name, so the policy of "+
		*target.Node().Path()+" cannot speak of it without a circular dependency, and lets SNS act for every topic of this "+
		"account and Region; give the topic a TopicName")
	return sourceArn("ArnLike", t.env.topicArn("*"))
}

func (t *textractAsync) fromExactTopic(props *TextractAsyncProps) map[string]any {
	if t.namedTopicArn == "" {
		return sourceArn("ArnEquals", *props.Topic.TopicArn())
	}
	return sourceArn("ArnEquals", t.namedTopicArn)
}

func sourceArn(operator, arn string) map[string]any {
	return map[string]any{operator: map[string]any{"aws:SourceArn": arn}}
}

// wouldGoRound says that the target's policy cannot refer to the topic: the topic is encrypted with that key, or the stack of
// the target is one that this stack, with the topic in it, refers to.
func (t *textractAsync) wouldGoRound(topic awssns.ITopic, target awscdk.IResource) bool {
	if key := topic.MasterKey(); key != nil && *key.Node().Path() == *target.Node().Path() {
		return true
	}
	home := stackPath(t)
	return stackPath(topic) == home && stackPath(target) != home
}

func stackPath(c constructs.IConstruct) string { return *awscdk.Stack_Of(c).Node().Path() }
