package textractasync

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// TextractAsyncAttributes are the attributes of an existing construct, for instance one of another
// app. The ARNs of topic, queue and service role are required.
type TextractAsyncAttributes struct {
	// The ARN of the topic. Required.
	TopicArn *string

	// The ARN of the queue, in the topic's account and Region. Required.
	QueueArn *string

	// The ARN of the service role, in the topic's account. Required.
	ServiceRoleArn *string

	// The ARN of the key that encrypts the queue.
	//
	// Default: none, the queue has no customer managed key.
	//
	EncryptionKeyArn *string

	// The asynchronous operations that grants cover.
	//
	// Default: all four.
	//
	Operations *[]Operation

	// The locations of the documents, which GrantStartJobs covers.
	//
	// Default: none, the caller may already read its documents.
	//
	Inputs *[]*InputLocation

	// The location of the results, which GrantStartJobs and GrantReadResults cover.
	//
	// Default: none, only the Get actions return the results.
	//
	Output *OutputLocation
}

type importedTextractAsync = jsiiProxy_importedTextractAsync

// jsiiProxy_importedTextractAsync is named as jsiiProxy_textractAsync is.
type jsiiProxy_importedTextractAsync struct {
	constructs.Construct
	textractAsyncBase
}

// TextractAsync_FromTextractAsyncAttributes returns an existing construct. Its grants,
// NotificationChannel and EnvironmentVariables work as those of a new one. It creates no resource,
// and changes none of the existing ones. Topic and queue may be in another Region than the stack.
//
// It panics with a [*ValidationError] that lists every problem of the attributes.
//
// See: https://docs.aws.amazon.com/cdk/v2/guide/resources.html#resources-external
func TextractAsync_FromTextractAsyncAttributes(
	scope constructs.Construct, id *string, attrs *TextractAsyncAttributes,
) ITextractAsync {
	checkScope(scope, id)
	if attrs == nil {
		attrs = &TextractAsyncAttributes{}
	}
	panicOnProblems(scope, id, goValuesOf(attrs.Inputs, attrs.Output).check())
	env := environmentOf(scope).learn(nil, []validate.Environment{validate.EnvironmentOf(
		valueOr(attrs.ServiceRoleArn, ""), valueOr(attrs.TopicArn, ""), valueOr(attrs.QueueArn, ""),
	)})
	if !isKnown(env.account) && isKnown(env.known.Account) {
		env.account = env.known.Account // in the statements that warnings print
	}
	inputs, output := newInputs(env, attrs.Inputs), newOutput(env, attrs.Output)
	for i := range inputs {
		inputs[i].forgetAssumedRegion(env)
	}
	if output != nil {
		output.forgetAssumedRegion(env)
	}
	panicOnProblems(scope, id, validate.CheckAttributes(validate.Attributes{
		Stack:            env.plain(),
		TopicArn:         attrs.TopicArn,
		QueueArn:         attrs.QueueArn,
		ServiceRoleArn:   attrs.ServiceRoleArn,
		EncryptionKeyArn: attrs.EncryptionKeyArn,
		Operations:       operationNames(attrs.Operations),
		Inputs:           plainLocations(inputs),
		Output:           plainLocation(output),
	}))

	t := &importedTextractAsync{textractAsyncBase: newBase(env, operationsOrAll(attrs.Operations), inputs, output)}
	constructs.NewConstruct_Override(t, scope, id)
	t.construct = t
	if look := &answersOn(env.stack).secondLook; !look.isRegistered {
		look.register(look)
	}
	t.atSynthesis(t.checkWrittenPolicies)
	queue := awssqs.Queue_FromQueueAttributes(t, jsii.String("Queue"), &awssqs.QueueAttributes{
		QueueArn: lookedUp(attrs.QueueArn),
		KeyArn:   lookedUp(attrs.EncryptionKeyArn),
	})
	t.queue, t.queueARN, t.queueKey = queue, *attrs.QueueArn, newKeyOf(env, queue.EncryptionMasterKey())
	t.topicARN = *attrs.TopicArn
	t.topic = awssns.Topic_FromTopicArn(t, jsii.String("Topic"), lookedUp(attrs.TopicArn))
	t.serviceRole = awsiam.Role_FromRoleArn(t, jsii.String("ServiceRole"), lookedUp(attrs.ServiceRoleArn), nil)
	t.roleARN = *attrs.ServiceRoleArn
	if topic := env.of(t.topic, nil); isKnown(topic.Region) && topic.Region != env.region {
		t.region = topic.Region
	}
	if made := newResource(referredToBy(*attrs.QueueArn)).ofKind(typeQueue); made != nil && t.queueKey == nil { // a queue of this app
		unknown := ""
		if t.queueKey, unknown = made.keyOf(env, queue.EncryptionMasterKey, keyProperty); unknown != "" {
			warnOfKeyAtDeployment(t, "EncryptionKeyArn", queue, "consumers")
		}
	}
	if t.queueKey != nil {
		requireKeyUse(t, env, t.queueKey, "EncryptionKeyArn", readKeyActions, warningKeyPolicy)
	}
	requireLocations(t, env, inputs, output)
	t.lookAtBucketsAgain()
	warnOfRegion(t, cmp.Or(t.region, env.region))
	return t
}

// forgetAssumedRegion is for topics of another Region than the stack's: the CDK assumes the stack's
// for a bucket that was imported by its name.
func (l *location) forgetAssumedRegion(env environment) {
	if l.bucket != nil && l.made == nil && l.env.Region == env.region {
		l.env.Region = ""
	}
}
