package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// given is what must be known of the topic and queue that the user brings, read once.
type given struct {
	topic *validate.Topic
	queue *validate.Queue

	queueKey awskms.IKey // nil where there is no queue, or no key of it is known
}

func newGiven(env environment, props *TextractAsyncProps) given {
	var g given
	if props.Topic != nil {
		g.topic = &validate.Topic{
			Place: env.placeOf(props.Topic),
			Name:  knownTopicName(props.Topic),
			FIFO:  isTrue(props.Topic.Fifo()),
		}
	}
	if props.Queue != nil {
		g.queueKey = props.Queue.EncryptionMasterKey()
		g.queue = &validate.Queue{
			Place:      env.placeOf(props.Queue),
			FIFO:       isTrue(props.Queue.Fifo()),
			AWSManaged: props.Queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED,
			Key:        env.optionalPlaceOf(g.queueKey),
		}
	}
	return g
}

// knownTopicName looks behind the token that a new topic has for its name, even where the name was given. It is empty where
// CloudFormation makes the name.
func knownTopicName(topic awssns.ITopic) string {
	if name := *topic.TopicName(); isKnown(name) {
		return name
	}
	resource, ok := topic.Node().DefaultChild().(awssns.CfnTopic)
	if !ok {
		return ""
	}
	if name := valueOr(resource.TopicName(), ""); isKnown(name) {
		return name
	}
	return ""
}

func seconds(duration awscdk.Duration) *validate.Seconds {
	switch {
	case duration == nil:
		return nil
	case *duration.IsUnresolved():
		return &validate.Seconds{Unresolved: true}
	default:
		return &validate.Seconds{Value: *duration.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})}
	}
}

func isTrue(value *bool) bool { return valueOr(value, false) }
