package textractworkflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/bridge"
)

// The descriptions that people read when an alarm goes into ALARM.
const (
	failedText = "Executions of a state machine for Amazon Textract failed: read their errors and causes in Step Functions. " +
		"Textract.JobFailed is a document that Textract could not read; fix the cause of any other error, then start an " +
		"execution for the document again."
	timedOutText = "Executions of a state machine for Amazon Textract timed out: a quota was used up for as long, " +
		"or Timeout is too short. " +
		"Their jobs may have completed: start an execution for the document again."
	notStartedText = "EventBridge could not start executions for uploaded documents within 1 day. The events are in the " +
		"dead-letter queue: " +
		"fix the cause, then start an execution with each of them."
)

// watchExecutions lets AddAlarms and AddDashboard of TextractAsync show the executions.
func (j *jobStateMachine) watchExecutions(scope constructs.Construct, machine awsstepfunctions.StateMachine, env bridge.Environment) {
	threshold := valueOr(j.settings.failedThreshold, 1)
	j.watch(scope, env, "FailedAlarm", "Failed", failedText, threshold, machine.MetricFailed)
	j.watch(scope, env, "TimedOutAlarm", "Timed out", timedOutText, threshold, machine.MetricTimedOut)
}

func (j *jobStateMachine) watch(
	scope constructs.Construct, env bridge.Environment, id, label, description string, threshold float64,
	metric func(*awscloudwatch.MetricOptions) awscloudwatch.Metric,
) {
	j.construct.State.Watch(bridge.Watched{
		Scope: scope, ID: id, Label: label, Description: description, Threshold: threshold, Metric: metric,
		IsNear: env.Stack == j.construct.Stack,
	})
}
