package textractworkflow

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Task is a state that runs one job as a nested execution, and continues when it completed. Its
// result is the output of the job state machine: JobId, JobStatus, DocumentLocation and, with an
// Output, OutputConfig.
//
// Where the job fails, the state fails with the error States.TaskFailed. Its cause is JSON, whose
// field Error is [ErrorJobFailed] for a failed job, and another name for every other failure.
type Task interface{ awsstepfunctions.CustomState }

// TaskProps are the properties of a [Task]. Bucket, Key, Version and Id are each a value, a path of
// JSONPath such as "$.bucket" or, of a variable, "$bucket", an intrinsic function such as
// "States.Format('{}.pdf', $.id)", or an expression of JSONata such as "{% $states.input.bucket
// %}". Paths and expressions are not mixed in one task. A task with paths is for state machines
// with JSONPath; any other one is for both query languages. The state machine is a standard one.
type TaskProps struct {
	// The name of the document's bucket. Required.
	Bucket *string

	// The key of the document. Required.
	Key *string

	// The version of the document.
	//
	// Default: the newest version.
	//
	Version *string

	// What identifies the job: executions with the same Id, document and settings share one job for
	// 7 days, unless it failed.
	//
	// Default: the execution and the name of the state, so that a Retry of the state and a redrive
	// find the job again. A loop that wants a new job for the same document sets Id.
	//
	Id *string

	// Where the result goes in the input of the state, with JSONPath.
	//
	// Default: "$", the result replaces the input.
	//
	ResultPath *string

	// The output of the state, with JSONata: an expression, or a map with expressions, of $states.
	//
	// Default: the result.
	//
	Outputs any

	// The time after which the state fails with States.Timeout, and the nested execution is
	// stopped. The job goes on, and is billed. A heartbeat has no meaning for this state.
	//
	// Default: none, the Timeout of the job state machine ends it.
	//
	TaskTimeout awsstepfunctions.Timeout

	// A comment in the definition.
	//
	// Default: none.
	//
	Comment *string
}

type task struct {
	awsstepfunctions.CustomState
	jobs *jobStateMachine
}

// WhenBoundToGraph gives the role of the state machine the permissions for the state. The CDK calls
// it when the state becomes a part of a state machine.
func (t *task) WhenBoundToGraph(graph awsstepfunctions.StateGraph) {
	t.CustomState.WhenBoundToGraph(graph)
	for _, statement := range t.jobs.runStatements() {
		graph.RegisterPolicyStatement(awsiam.PolicyStatement_FromJson(statement))
	}
}

// runStatements are the permissions for a nested execution.
// See: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
func (j *jobStateMachine) runStatements() []object {
	statements := []object{
		{"Effect": "Allow", "Action": "states:StartExecution", "Resource": j.machineARN},
		{
			"Effect": "Allow", "Action": []string{"states:DescribeExecution", "states:StopExecution"},
			"Resource": j.environment.ARN("states", "execution:"+*j.machine.StateMachineName()+":*"),
		},
		{
			"Effect": "Allow", "Action": []string{"events:PutTargets", "events:PutRule", "events:DescribeRule"},
			"Resource": j.environment.ARN("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"),
		},
	}
	if j.encryptionKey != nil {
		statements = append(statements, j.encryptionKey.statement())
	}
	return statements
}

// The errors of a throttled start of the nested execution, and of one without a name of its own. A
// failed job is not retried.
var throttlingErrors = []string{
	"StepFunctions.ThrottlingException", "StepFunctions.ExecutionLimitExceededException", "StepFunctions.ExecutionLimitExceeded",
	"StepFunctions.SfnException", "StepFunctions.AWSStepFunctionsException",
}

const throttlingAttempts = 10 // 1, 2, 4 … seconds: up to 17 minutes

func (j *jobStateMachine) NewTask(scope constructs.Construct, id *string, props *TaskProps) Task {
	checkScope(scope, id)
	options := valueOr(props, TaskProps{})
	v := newTaskValues(options)
	panicOnProblems(scope, id, validate.CheckTask(validate.Task{
		Environment: plainEnvironment(j.environmentOf(scope)), Jobs: plainEnvironment(j.environment),
		Bucket: options.Bucket, Key: options.Key, Version: options.Version, ID: options.Id, TimeoutPath: v.timeoutPath,
		Paths: v.paths, Expressions: v.expressions,
		ResultPath: options.ResultPath, HasOutputs: options.Outputs != nil,
	}))
	state := j.taskState(options, v)
	if state := j.construct.State; !state.ChecksParents {
		state.ChecksParents = true
		j.construct.AtSynthesis(checkParents)
	}
	t := &task{jobs: j}
	awsstepfunctions.NewCustomState_Override(t, scope, id, &awsstepfunctions.CustomStateProps{StateJson: &state})
	t.AddRetry(&awsstepfunctions.RetryProps{
		Errors: jsii.PtrSlice(
			throttlingErrors...),
		MaxAttempts:    jsii.Number(throttlingAttempts),
		JitterStrategy: awsstepfunctions.JitterType_FULL,
	})
	return t
}

// taskValues are the names of the values of a task that are paths, and of those that are
// expressions.
type taskValues struct {
	paths, expressions []string
	timeoutPath        *string
}

func newTaskValues(props TaskProps) taskValues {
	var v taskValues
	if props.TaskTimeout != nil {
		v.timeoutPath = props.TaskTimeout.Path()
	}
	for _, each := range []struct {
		prop  string
		value *string
	}{
		{"Bucket", props.Bucket}, {"Key", props.Key}, {"Version", props.Version}, {"Id", props.Id}, {"TaskTimeout", v.timeoutPath},
	} {
		switch {
		case each.value == nil:
		case strings.HasPrefix(*each.value, "{%"):
			v.expressions = append(v.expressions, each.prop)
		case isPath(*each.value):
			v.paths = append(v.paths, each.prop)
		}
	}
	return v
}

// A path of the input, of the context, or of a variable. A token of the CDK begins with "${".
var path = regexp.MustCompile(`^(\$$|\$\.|\$\$\.|\$\[|\$[a-zA-Z_]|States\.[A-Z])`)

// isPath reports whether a value is one of JSONPath.
func isPath(value string) bool {
	if validate.Unresolved(value) && *awsstepfunctions.JsonPath_IsEncodedJsonPath(&value) {
		return true
	}
	return path.MatchString(value) && !strings.HasPrefix(value, "$states.")
}

// taskState is the JSON of the state: with JSONPath where a value or ResultPath is of it, else with
// JSONata, which a state machine of either language takes.
func (j *jobStateMachine) taskState(props TaskProps, v taskValues) object {
	usesJSONPath := len(v.paths) > 0 || props.ResultPath != nil
	field := func(into object, name string, value *string) {
		switch {
		case value == nil:
		case usesJSONPath && isPath(*value):
			into[name+".$"] = *value
		default:
			into[name] = *value
		}
	}
	document := object{}
	field(document, "Bucket", props.Bucket)
	field(document, "Name", props.Key)
	field(document, "Version", props.Version)
	input := object{"DocumentLocation": object{"S3Object": document}}
	field(input, "Id", props.Id)

	state := object{"Type": "Task", "Resource": "arn:" + j.environment.Partition + ":states:::" + nestedRunResource}
	call := object{"StateMachineArn": j.machineARN, "Input": input}
	if props.Comment != nil {
		state["Comment"] = *props.Comment
	}
	if !usesJSONPath {
		input["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"] = jsonata("$states.context.Execution.Id")
		if props.Id == nil {
			input["Id"] = jsonata("$states.context.Execution.Id & '/' & $states.context.State.Name")
		}
		state["QueryLanguage"], state["Arguments"], state["Output"] = "JSONata", call, any(jsonata("$states.result.Output"))
		if props.Outputs != nil {
			state["Output"] = props.Outputs
		}
		setTimeout(state, props.TaskTimeout, "TimeoutSeconds")
		return state
	}
	input["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$"] = "$$.Execution.Id"
	if props.Id == nil {
		input["Id.$"] = "States.Format('{}/{}', $$.Execution.Id, $$.State.Name)"
	}
	result := object{}
	for _, name := range j.resultNames() {
		result[name+".$"] = "$.Output." + name
	}
	state["Parameters"], state["ResultSelector"] = call, result
	if props.ResultPath != nil {
		state["ResultPath"] = *props.ResultPath
	}
	setTimeout(state, props.TaskTimeout, "TimeoutSecondsPath")
	return state
}

func setTimeout(state object, timeout awsstepfunctions.Timeout, pathField string) {
	if timeout == nil {
		return
	}
	if s := timeout.Seconds(); s != nil {
		state["TimeoutSeconds"] = *s
	} else {
		state[pathField] = *timeout.Path()
	}
}

func (j *jobStateMachine) resultNames() []string {
	names := []string{"JobId", "JobStatus", "DocumentLocation"}
	if j.construct.Output != nil {
		names = append(names, "OutputConfig")
	}
	return names
}
