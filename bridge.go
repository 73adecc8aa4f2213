package textractasync

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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
// and pipes, by the methods of their resources, and the notifiers of other constructs.
func (t *textractAsync) watchQueue(warnOf func(consumer string)) {
	t.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		for _, mapping := range ofType[interface {
			constructs.IConstruct
			EventSourceArn() *string
		}](app) {
			if sameARN(valueOr(mapping.EventSourceArn(), ""), t.queueARN) {
				warnOf(pathOf(mapping))
			}
		}
		for _, pipe := range ofType[interface {
			constructs.IConstruct
			Source() *string
			Target() *string
		}](app) {
			if sameARN(valueOr(pipe.Source(), ""), t.queueARN) {
				warnOf(pathOf(pipe))
			}
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
