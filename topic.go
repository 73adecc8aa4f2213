package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// chooseTopicName gives the new topic a name of its own: only a name that is known lets the key's policy speak of the topic
// without a circular dependency between the two.
func (t *textractAsync) chooseTopicName(props *TextractAsyncProps) *string {
	if props.Topic != nil || props.TopicName != nil {
		return props.TopicName
	}
	prefix := validate.TopicNamePrefix + "-"
	unique := awscdk.Names_UniqueResourceName(t, &awscdk.UniqueResourceNameOptions{
		MaxLength: jsii.Number(validate.MaxTopicNameLength - len(prefix)),
		Separator: jsii.String("-"),
	})
	return jsii.String(prefix + *unique)
}

func (t *textractAsync) chooseTopic(props *TextractAsyncProps, name *string, removal awscdk.RemovalPolicy) awssns.ITopic {
	if props.Topic != nil {
		return props.Topic
	}
	topic := awssns.NewTopic(t, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:  name,
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

// sourceArn is the topic as the policies of key and queue name it in a condition.
type sourceArn struct {
	operator string
	arn      string
}

// sourceArn prefers the name to the topic's own reference, so that a key or queue in another stack, or a key of the topic
// itself, does not come to depend on the topic.
func (t *textractAsync) sourceArn(props *TextractAsyncProps, g given, name *string) sourceArn {
	switch {
	case name != nil:
		return sourceArn{"ArnEquals", t.env.topicArn(*name)}
	case g.topic.Name != "":
		return sourceArn{"ArnEquals", t.env.topicArn(g.topic.Name)}
	case isSameKey(props.Topic.MasterKey(), queueKeyOf(props, g)):
		warn(t, warningKeyPolicyPattern, "Topic: "+*props.Topic.Node().Path()+
			" has no known name and is encrypted with the key of the queue, so the key's policy lets SNS use it for every topic "+
			"of this account and Region; give the topic a TopicName, or the queue a key of its own")
		return sourceArn{"ArnLike", t.env.topicArn("*")}
	default:
		return sourceArn{"ArnEquals", *props.Topic.TopicArn()}
	}
}

// queueKeyOf is the key that the user brings for the queue.
func queueKeyOf(props *TextractAsyncProps, g given) awskms.IKey {
	if props.Queue != nil {
		return g.queueKey
	}
	return props.EncryptionKey
}

func isSameKey(a, b awskms.IKey) bool {
	return a != nil && b != nil && *a.Node().Path() == *b.Node().Path()
}
