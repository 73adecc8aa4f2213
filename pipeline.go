package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// pipeline is what a new construct and an imported one have in common: all of ITextractAsync but the construct itself.
type pipeline struct {
	env         environment
	operations  []Operation
	inputs      []location
	output      *location
	topic       awssns.ITopic
	queue       awssqs.IQueue
	serviceRole awsiam.IRole
	key         awskms.IKey

	topicArn, roleArn string // read at the first use
}

func newPipeline(
	scope constructs.Construct, operations *[]Operation, inputs *[]*InputLocation, output *OutputLocation,
) pipeline {
	env := environmentOf(scope)
	return pipeline{
		env:        env,
		operations: chosenOperations(operations),
		inputs:     newInputs(env, inputs),
		output:     newOutput(env, output),
	}
}

// Topic is where Textract publishes that a job has ended.
func (p *pipeline) Topic() awssns.ITopic { return p.topic }

// Queue receives the notifications of the topic.
func (p *pipeline) Queue() awssqs.IQueue { return p.queue }

// ServiceRole is the role that Textract assumes to publish to the topic.
func (p *pipeline) ServiceRole() awsiam.IRole { return p.serviceRole }

// EncryptionKey encrypts topic and queues; nil when the services' own keys are used.
func (p *pipeline) EncryptionKey() awskms.IKey { return p.key }

// NotificationChannel is what a Start operation takes, in the casing of a Step Functions task.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_NotificationChannel.html
type NotificationChannel struct {
	// The ARN of the topic.
	SnsTopicArn *string `json:"SnsTopicArn"`
	// The ARN of the service role.
	RoleArn *string `json:"RoleArn"`
}

// NotificationChannel returns what a Start operation takes.
func (p *pipeline) NotificationChannel() *NotificationChannel {
	return &NotificationChannel{
		SnsTopicArn: jsii.String(p.snsTopicArn()),
		RoleArn:     jsii.String(p.serviceRoleArn()),
	}
}

// The environment variables that EnvironmentVariables sets.
const (
	envTopicArn     = "TEXTRACT_SNS_TOPIC_ARN"
	envRoleArn      = "TEXTRACT_ROLE_ARN"
	envQueueURL     = "TEXTRACT_QUEUE_URL"
	envOutputBucket = "TEXTRACT_OUTPUT_BUCKET"
	envOutputPrefix = "TEXTRACT_OUTPUT_PREFIX"
	envOutputKey    = "TEXTRACT_OUTPUT_KMS_KEY_ID"
)

// EnvironmentVariables returns what a caller or consumer reads from its environment: TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN
// and TEXTRACT_QUEUE_URL; with an output TEXTRACT_OUTPUT_BUCKET and TEXTRACT_OUTPUT_PREFIX; where the results are encrypted
// with a key TEXTRACT_OUTPUT_KMS_KEY_ID.
func (p *pipeline) EnvironmentVariables() *map[string]*string {
	variables := map[string]*string{
		envTopicArn: jsii.String(p.snsTopicArn()),
		envRoleArn:  jsii.String(p.serviceRoleArn()),
		envQueueURL: p.queue.QueueUrl(),
	}
	if p.output != nil {
		variables[envOutputBucket] = p.output.bucket.BucketName()
		variables[envOutputPrefix] = jsii.String(p.output.prefix)
		if p.output.key != nil {
			variables[envOutputKey] = p.outputKeyID()
		}
	}
	return &variables
}

// outputKeyID is the id that KMSKeyId documents; only an ARN finds a key in another account.
func (p *pipeline) outputKeyID() *string {
	key := p.output.key
	if p.isForeign(key.place) {
		return jsii.String(key.arn)
	}
	return key.KeyId()
}

func (p *pipeline) snsTopicArn() string {
	if p.topicArn == "" {
		p.topicArn = *p.topic.TopicArn()
	}
	return p.topicArn
}

func (p *pipeline) serviceRoleArn() string {
	if p.roleArn == "" {
		p.roleArn = *p.serviceRole.RoleArn()
	}
	return p.roleArn
}

// isForeign says that a resource is known to live in another account.
func (p *pipeline) isForeign(place validate.Place) bool {
	return isKnown(place.Account) && isKnown(p.env.account) && place.Account != p.env.account
}

func isKnown(value string) bool { return value != "" && !validate.Unresolved(value) }
