package textractasync

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// existingQueue is the prop Queue, read once.
type existingQueue struct {
	awssqs.IQueue
	arn          string
	made         *resource // of this app; nil where the queue is imported
	otherType    string    // of the resource of this app that the ARN refers to, where that is no queue
	name         string    // of one that this app made
	isFIFO       bool
	isAWSManaged bool // encrypted with alias/aws/sqs, by the encryption type of an imported queue
	key          *key
	unknownKey   string // a key that is known at deployment only
	env          validate.Environment
	statements   int // in its policy, where this app made it
}

func newExistingQueue(env environment, queue awssqs.IQueue) *existingQueue {
	if queue == nil {
		return nil
	}
	q := &existingQueue{IQueue: queue, arn: *queue.QueueArn()}
	q.made, q.otherType = readKind(queue, q.arn, typeQueue)
	if own, ok := ownerOf(q.made).(awssqs.Queue); ok {
		return newExistingQueue(env, own)
	}
	q.env = env.withReach(env.of(queue, q.made), q.made, q.arn)
	if q.made == nil {
		q.isFIFO, q.key = isTrue(queue.Fifo()), newKeyOf(env, queue.EncryptionMasterKey())
		q.isAWSManaged = queue.EncryptionType() == awssqs.QueueEncryption_KMS_MANAGED
		return q
	}
	q.name, q.isFIFO = q.made.name("queueName"), q.made.isTrue("fifoQueue")
	q.key, q.unknownKey = q.made.keyOf(env, queue.EncryptionMasterKey, keyProperty)
	q.statements = statementsOf(queue)
	if q.statements >= validate.MaxQueueStatements && hasShared(queue, snsPrincipal) {
		q.statements-- // the topic shares one of them
	}
	return q
}

func (q *existingQueue) plain() *validate.Queue {
	if q == nil {
		return nil
	}
	return &validate.Queue{
		Environment: q.env,
		ARN:         q.arn,
		Name:        q.name,
		OtherType:   q.otherType,
		FIFO:        q.isFIFO,
		AWSManaged:  q.isAWSManaged,
		Key:         q.key.plain(),
		Statements:  q.statements,
	}
}

func (q *existingQueue) policy() policy {
	add := addToResource(q.IQueue)
	return policy{prop: "Queue", owner: q.IQueue, add: func(p permission) bool {
		made, isNew := q.IQueue.(awssqs.Queue)
		return isNew && addShared(made, p, add) != nil || add(p)
	}}
}

// existingOrNewQueue is step 4 of the guide. An existing queue keeps its own redrive policy, or
// none.
func existingOrNewQueue(t constructs.Construct, s settings, queueKey *key) (queue, deadLetterQueue awssqs.IQueue) {
	if s.queue != nil {
		return s.queue.IQueue, nil
	}
	props := queueProps(s, queueKey, s.retentionPeriod)
	props.VisibilityTimeout = s.visibilityTimeout
	if s.redrive != nil {
		deadLetterQueue = newDeadLetterQueue(t, s)
		props.DeadLetterQueue = &awssqs.DeadLetterQueue{
			Queue:           deadLetterQueue,
			MaxReceiveCount: jsii.Number(s.redrive.maxReceiveCount),
		}
	}
	return awssqs.NewQueue(t, jsii.String("Queue"), props), deadLetterQueue
}

// newDeadLetterQueue does not share the queue's key: what SNS cannot deliver because that key shuts
// it out, or is disabled, would be lost here as well. What SQS moves from the queue stays encrypted
// with the queue's key. Naming the queue as the only source would be a circular dependency.
func newDeadLetterQueue(t constructs.Construct, s settings) awssqs.IQueue {
	props := queueProps(s, s.redrive.key, s.redrive.retentionPeriod)
	props.RedriveAllowPolicy = &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_ALLOW_ALL}
	return awssqs.NewQueue(t, jsii.String("DeadLetterQueue"), props)
}

// queueProps are what both queues have in common.
func queueProps(s settings, queueKey *key, retentionPeriod awscdk.Duration) *awssqs.QueueProps {
	props := &awssqs.QueueProps{
		RetentionPeriod: retentionPeriod,
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RemovalPolicy:   s.removalPolicy,
	}
	if queueKey != nil {
		props.Encryption, props.EncryptionMasterKey = awssqs.QueueEncryption_KMS, queueKey.IKey
	}
	return props
}

// allowSending is step 6 of the guide. It goes through the queue, which has one policy, and never
// makes a policy of its own.
func allowSending(t *textractAsync, s settings, identity topicIdentity, queue awssqs.IQueue, queueARN string) {
	if s.queue != nil {
		r := requirement{
			permission: allowTopicToSend(queueARN, identity.conditionFor(t, s, queue, s.queue.made)),
			in:         s.queue.policy(),
			warning:    warningQueuePolicy,
			without:    "no notification arrives",
		}
		if s.queue.made == nil || s.queue.made.isOwn {
			require(t, r)
			return
		}
		t.atSynthesis(func(app *synthesizedApp) []validate.Problem { return t.checkPolicyOfL1(app, s.queue.made, r) })
		return
	}
	// A new queue always takes a statement, and whether it did costs two more jsii calls to ask.
	fromTopic := identity.condition()
	awsiam.Grant_AddToPrincipalOrResource(&awsiam.GrantWithResourceOptions{
		Grantee:      awsiam.NewServicePrincipal(jsii.String(snsPrincipal), &awsiam.ServicePrincipalOpts{Conditions: &fromTopic}),
		Actions:      jsii.Strings("sqs:SendMessage"),
		ResourceArns: jsii.Strings(queueARN),
		Resource:     queue,
	})
}

// checkPolicyOfL1 looks for the policy that the app makes itself for the L1 construct of a queue,
// which takes no statement from here.
func (t *textractAsync) checkPolicyOfL1(app *synthesizedApp, made *resource, r requirement) []validate.Problem {
	policies := app.policiesOf(made.cfn, t.queueARN)
	switch len(policies) {
	case 0:
	case 1:
		written := app.read(policies[0])
		document := written.stack().Resolve(written.property("policyDocument"))
		if policyjson.AllowsServiceFor(document, snsPrincipal, "sqs:SendMessage", t.isTopicIn(app, written.stack())) {
			return nil
		}
		r.in = policy{prop: r.in.prop, owner: policies[0]}
	default:
		return []validate.Problem{{
			Prop: "Queue", Value: "one with the policies " + strings.Join(pathsOf(policies), " and "),
			Fix: "use one policy for the queue: it has one, so these overwrite each other",
		}}
	}
	require(t, r)
	return nil
}

// isTopicIn returns whether a value in a policy may be the topic's ARN. A reference in Fn::Sub or an
// import, say, may be; another ARN and a reference to another topic of the app are not.
func (t *textractAsync) isTopicIn(app *synthesizedApp, stack awscdk.Stack) func(value any) bool {
	return func(value any) bool {
		if pattern, isText := value.(string); isText {
			return validate.MayMatch(pattern, t.topicARN)
		}
		reference, _ := value.(map[string]any)
		for _, topic := range ofType[awssns.CfnTopic](app) {
			if topic.Stack() == stack && reference["Ref"] == *stack.GetLogicalId(topic) {
				return app.isTopicOf(topic, t)
			}
		}
		return true
	}
}

// isTopicOf reports whether a resource is the topic of a construct.
func (app *synthesizedApp) isTopicOf(topic constructs.IConstruct, t *textractAsync) bool {
	if t.settings.topic != nil {
		return t.settings.topic.made != nil && t.settings.topic.made.cfn == topic
	}
	return app.newResources[t.topic] == topic
}
