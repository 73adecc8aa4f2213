package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// What describes an existing construct, for instance one of another app.
type TextractAsyncAttributes struct {
	// The ARN of the topic.
	TopicArn *string

	// The ARN of the queue, in the topic's account and Region.
	QueueArn *string

	// The ARN of the service role, in the topic's account.
	ServiceRoleArn *string

	// The ARN of the key that encrypts the queue.
	//
	// Default: none, the services' own keys are used.
	//
	EncryptionKeyArn *string

	// The asynchronous operations that callers may be granted.
	//
	// Default: all four.
	//
	Operations *[]Operation

	// Where the documents lie.
	//
	// Default: none, the caller may already read its documents.
	//
	Inputs *[]*InputLocation

	// Where Textract writes the results.
	//
	// Default: none, only the Get operations read them.
	//
	Output *OutputLocation
}

type importedTextractAsync struct {
	constructs.Construct
	pipeline
}

// TextractAsync_FromTextractAsyncAttributes stands for a construct that exists already: its grants, NotificationChannel and
// EnvironmentVariables work as those of a new one. It creates nothing and changes nothing of what it stands for.
//
// It panics with a *ValidationError that lists every problem of the attributes.
func TextractAsync_FromTextractAsyncAttributes(
	scope constructs.Construct, id *string, attrs *TextractAsyncAttributes,
) ITextractAsync {
	requireScope(scope, id)
	if attrs == nil {
		attrs = &TextractAsyncAttributes{}
	}
	t := &importedTextractAsync{pipeline: newPipeline(scope, attrs.Operations, attrs.Inputs, attrs.Output)}
	panicOnProblems(scope, id, validate.CheckAttributes(attributeSettings(attrs, &t.pipeline)))

	constructs.NewConstruct_Override(t, scope, id)
	t.topicArn = *attrs.TopicArn
	t.topic = awssns.Topic_FromTopicArn(t, jsii.String("Topic"), attrs.TopicArn)
	t.queue = awssqs.Queue_FromQueueAttributes(t, jsii.String("Queue"), &awssqs.QueueAttributes{
		QueueArn: attrs.QueueArn,
		KeyArn:   attrs.EncryptionKeyArn,
	})
	t.roleArn = *attrs.ServiceRoleArn
	t.serviceRole = awsiam.Role_FromRoleArn(t, jsii.String("ServiceRole"), attrs.ServiceRoleArn, nil)
	t.key = t.queue.EncryptionMasterKey()
	t.warnOfForeignLocations(t)
	return t
}

func attributeSettings(attrs *TextractAsyncAttributes, p *pipeline) validate.Attributes {
	return validate.Attributes{
		Stack:            p.env.place(),
		TopicArn:         attrs.TopicArn,
		QueueArn:         attrs.QueueArn,
		ServiceRoleArn:   attrs.ServiceRoleArn,
		EncryptionKeyArn: attrs.EncryptionKeyArn,
		Operations:       operationNames(attrs.Operations),
		Inputs:           inputSettings(attrs.Inputs, p.inputs),
		Output:           outputSettings(attrs.Output, p.output),
	}
}
