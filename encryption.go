package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
)

const snsPrincipal = "sns.amazonaws.com"

// What a publisher, SNS among them, needs of the key of an encrypted topic or queue.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
var publishKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey*"}

// What the guide asks for, of the caller on one page and of the service role on another.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
var outputKeyActions = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"}

var readKeyActions = []string{"kms:Decrypt"}

// chooseKey also lets SNS use the key of the queue, which is another one where the user brings the queue.
func (t *textractAsync) chooseKey(props *TextractAsyncProps, g given, removal awscdk.RemovalPolicy) awskms.IKey {
	if brought := queueKeyOf(props, g); brought != nil {
		t.letTopicUse(brought, props)
	}
	switch {
	case props.EncryptionKey != nil:
		return props.EncryptionKey
	case props.Queue != nil && props.Topic != nil:
		return g.queueKey
	case props.Encryption == Encryption_SERVICE_MANAGED:
		return nil
	case props.Queue != nil:
		return t.newKey(removal, accountKeyStatement(t.env))
	default:
		return t.newKey(removal, accountKeyStatement(t.env), deliverKeyStatement(t.fromExactTopic(props)))
	}
}

// queueKeyOf is the key that the user brings for the queue.
func queueKeyOf(props *TextractAsyncProps, g given) awskms.IKey {
	if props.Queue != nil {
		return g.queueKey
	}
	return props.EncryptionKey
}

func (t *textractAsync) newKey(removal awscdk.RemovalPolicy, policy ...statement) awskms.Key {
	return awskms.NewKey(t, jsii.String("EncryptionKey"), &awskms.KeyProps{
		Description:       jsii.String("Notifications of Amazon Textract: topic, queue and dead letters"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     removal,
		Policy:            awsiam.PolicyDocument_FromJson(map[string]any{"Statement": policy}),
	})
}

func (t *textractAsync) letTopicUse(key awskms.IKey, props *TextractAsyncProps) {
	deliver := deliverKeyStatement(t.fromTopic(props, key))
	if !*key.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(deliver), jsii.Bool(true)).StatementAdded {
		warnStatement(t, warningKeyPolicy, "EncryptionKey: the policy of "+*key.Node().Path()+
			" is out of reach, and without this statement SNS drops every notification silently", deliver)
	}
}

// accountKeyStatement leaves it to the account's IAM policies who administers and uses the key, as the KMS console does.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func accountKeyStatement(env environment) statement {
	return statement{
		"Effect":    "Allow",
		"Principal": map[string]any{"AWS": env.rootArn()},
		"Action":    "kms:*",
		"Resource":  "*",
	}
}

// deliverKeyStatement lets SNS deliver this topic's notifications to a queue that the key encrypts.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
func deliverKeyStatement(fromTopic map[string]any) statement {
	return publishKeyStatement(snsPrincipal, fromTopic)
}

// publishKeyStatement lets a service publish to a topic or queue that the key encrypts.
func publishKeyStatement(service string, condition map[string]any) statement {
	return statement{
		"Effect":    "Allow",
		"Principal": map[string]any{"Service": service},
		"Action":    publishKeyActions,
		"Resource":  "*",
		"Condition": condition,
	}
}
