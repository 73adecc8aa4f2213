package textractasync

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/bridge"
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
			one := t.textractAsyncBase
			one.operations = []Operation{Operation(operation)}
			one.grant("NewJobStateMachine", role, slices.Concat(one.toStartJobs(), one.toReadResults()))
		},
		GrantConsume: func(role awsiam.IRole) {
			t.grant("NewJobStateMachine", role, t.toConsumeNotifications())
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

// queueOfWorkflow is what a pipe asks of the queue that it consumes.
func (t *textractAsync) queueOfWorkflow() bridge.Queue {
	q := bridge.Queue{ARN: t.queueARN, Existing: t.settings.queue != nil}
	if q.Existing {
		if resource, ok := resourceOf(t.queue).(awssqs.CfnQueue); ok {
			visibility := valueOr(resource.VisibilityTimeout(), defaultVisibilityOfSQS)
			q.VisibilitySeconds = knownNumber(&visibility)
			redrive, _ := t.env.stack.Resolve(resource.RedrivePolicy()).(map[string]any)
			count, isKnown := redrive["maxReceiveCount"].(float64)
			if isKnown || redrive == nil {
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
