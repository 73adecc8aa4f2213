package textractasync

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/bridge"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// WorkflowBridge is for package textractworkflow: nobody else can name its result.
func (t *textractAsync) WorkflowBridge() *bridge.Construct {
	plain := func(e environment) bridge.Environment {
		return bridge.Environment{Stack: e.stack, Partition: e.partition, Region: e.region, Account: e.account}
	}
	c := &bridge.Construct{
		Environment: plain(t.env),
		Scope:       t,
		Operations:  operationNames(&t.operations),
		ARNOf:       t.arnOfBucket,
		Queue:       t.queueOfWorkflow,
		State:       &t.workflow,
		Warn:        warn,
		GrantRunJob: func(role awsiam.IRole, operation string) {
			all := t.operations
			t.operations = []Operation{Operation(operation)}
			needed := slices.Concat(t.toStartJobs(), t.toReadResults())
			t.operations = all
			t.grant("NewJobStateMachine", role, needed)
		},
		GrantConsume: func(role awsiam.IRole) {
			t.grant("NewJobStateMachine", role, t.toConsumeNotifications())
		},
		WatchQueue: t.watchQueue,
		AtSynthesis: func(check func([]constructs.IConstruct) []validate.Problem) {
			t.atSynthesis(func(app *synthesizedApp) []validate.Problem { return check(app.nodes) })
		},
		EnvironmentOf: func(scope constructs.Construct) bridge.Environment { return plain(environmentOf(scope)) },
	}
	for _, input := range t.inputs {
		c.Inputs = append(c.Inputs, input.bridged())
	}
	if t.output != nil {
		output := t.output.bridged()
		output.KeyID = t.output.key.id()
		c.Output = &output
	}
	return c
}

func (t *textractAsync) arnOfBucket(bucket awss3.IBucket) string {
	l := location{bucket: bucket}
	var behind *resource
	l.arn, behind = answersOn(t.env.stack).bucket(bucket)
	l.made = behind.ofKind(typeBucket)
	for _, other := range t.locations() {
		if l.isSameBucket(other) {
			return other.arn
		}
	}
	return l.arn
}

func (l location) bridged() bridge.Location {
	return bridge.Location{Bucket: l.bucket, ARN: l.arn, Prefix: l.prefix}
}

// noteConsumer lets textractworkflow warn of two consumers of one queue.
func (b *textractAsyncBase) noteConsumer(who awsiam.IGrantable) {
	if who != nil {
		b.workflow.AddConsumer(func() string { return grantee{IGrantable: who}.String() })
	}
}

// watchQueue finds, at synthesis, what else consumes the queue: event sources of Lambda functions
// and pipes, by the methods of their resources, policies, and the notifiers of other constructs.
func (t *textractAsync) watchQueue(warnOf func(consumer string)) {
	t.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		queue := resourceOf(t.queue)
		if t.settings.queue != nil && t.settings.queue.made != nil {
			queue = t.settings.queue.made.cfn
		}
		isQueue := func(from constructs.IConstruct, text string) bool {
			return sameARN(text, t.queueARN) || queue != nil && app.isByLogicalID(from, text, queue)
		}
		var consumers []string
		for _, mapping := range ofType[interface {
			constructs.IConstruct
			EventSourceArn() *string
		}](app) {
			if isQueue(mapping, valueOr(mapping.EventSourceArn(), "")) {
				consumers = append(consumers, pathOf(mapping))
			}
		}
		for _, pipe := range ofType[interface {
			constructs.IConstruct
			Source() *string
			Target() *string
		}](app) {
			if isQueue(pipe, valueOr(pipe.Source(), "")) {
				consumers = append(consumers, pathOf(pipe))
			}
		}
		for _, generic := range app.genericResources() {
			source := map[string]string{"AWS::Lambda::EventSourceMapping": "eventSourceArn", "AWS::Pipes::Pipe": "source"}[generic.kind]
			if source != "" && isQueue(generic.cfn, generic.text(source)) {
				consumers = append(consumers, pathOf(generic.cfn))
			}
		}
		if len(consumers) == 0 && len(t.workflow.Consumers) == 0 {
			consumers = t.allowedByOthers(app)
		}
		for _, consumer := range consumers {
			warnOf(consumer)
		}
		var problems []validate.Problem
		for _, other := range app.textractAsyncs() {
			if other != &t.textractAsyncBase && other.workflow.Notifier != nil && sameARN(other.queueARN, t.queueARN) {
				problems = append(problems, validate.Problem{
					Prop:  "TextractAsync",
					Value: pathOf(t) + ", whose queue " + pathOf(other.construct) + " has job state machines for as well",
					Fix:   "use one of them for all job state machines: two notifiers would take notifications away from each other",
				})
			}
		}
		return problems
	})
}

// allowedByOthers returns the paths of the policies that let somebody else receive from the queue,
// such as those of awssqs.Queue.GrantConsumeMessages.
func (t *textractAsync) allowedByOthers(app *synthesizedApp) (policies []string) {
	ofNotifier := pathOf(t) + "/Notifier/"
	for _, node := range app.nodes {
		var document any
		switch policy := node.(type) {
		case awsiam.CfnPolicy:
			document = policy.PolicyDocument()
		case awsiam.CfnManagedPolicy:
			document = policy.PolicyDocument()
		default:
			continue
		}
		if strings.HasPrefix(pathOf(node), ofNotifier) {
			continue
		}
		stack := awscdk.Stack_Of(node)
		resolved, _ := stack.Resolve(document).(map[string]any)
		queue := stack.Resolve(t.queueARN)
		for _, each := range listOf(resolved["Statement"]) {
			statement, _ := each.(map[string]any)
			receives := slices.Contains(listOf(statement["Action"]), any("sqs:ReceiveMessage"))
			isQueue := func(resource any) bool { return reflect.DeepEqual(resource, queue) }
			if receives && slices.ContainsFunc(listOf(statement["Resource"]), isQueue) {
				policies = append(policies, pathOf(node))
				break
			}
		}
	}
	return policies
}

// listOf is a value of a policy, which may be a list or alone.
func listOf(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// queueOfWorkflow is what a pipe asks of the queue that it consumes.
func (t *textractAsync) queueOfWorkflow() bridge.Queue {
	q := bridge.Queue{ARN: t.queueARN, Existing: t.settings.queue != nil}
	if q.Existing {
		if resource, ok := resourceOf(t.queue).(awssqs.CfnQueue); ok {
			visibility := valueOr(resource.VisibilityTimeout(), defaultVisibilityOfSQS)
			q.VisibilitySeconds = knownNumber(&visibility)
			count, isKnown := 0.0, true
			if redrive := resource.RedrivePolicy(); redrive != nil {
				policy, _ := t.env.stack.Resolve(redrive).(map[string]any)
				count, isKnown = policy["maxReceiveCount"].(float64)
			}
			if isKnown {
				q.MaxReceiveCount = &count
			}
		}
		return q
	}
	none := 0.0
	q.MaxReceiveCount = &none
	if t.settings.redrive != nil {
		q.MaxReceiveCount = knownNumber(&t.settings.redrive.maxReceiveCount)
	}
	if v := seconds(t.settings.visibilityTimeout); !v.Unresolved {
		q.VisibilitySeconds = &v.Value
	}
	return q
}

// In seconds, of a queue that sets none.
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
const defaultVisibilityOfSQS = 30.0
