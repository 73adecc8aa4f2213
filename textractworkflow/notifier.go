package textractworkflow

import (
	"fmt"
	"math"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/bridge"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// Notifier takes the notifications out of the queue of one TextractAsync, and resumes the
// executions that wait for them. It is a child of that construct.
type Notifier interface {
	constructs.Construct

	// StateMachine returns the Express state machine that handles one notification.
	StateMachine() awsstepfunctions.StateMachine
	// LogGroup returns the logs of its executions that failed, without their data: an Express
	// execution has no history.
	LogGroup() awscdk.CfnResource
	// Table returns the DynamoDB table of the jobs that executions wait for.
	Table() awscdk.CfnResource
	// Pipe returns the EventBridge pipe from the queue to the state machine.
	Pipe() awscdk.CfnResource
}

type notifier struct {
	constructs.Construct
	construct           *bridge.Construct
	machine             awsstepfunctions.StateMachine
	table, pipe         awscdk.CfnResource
	logGroup            awscdk.CfnResource
	tableName, tableARN string
	role                awsiam.Role
	jobStateMachines    int
	uploads             map[string][]validate.WorkflowLocation // by the ARN of the state machine that they start
}

func (n *notifier) StateMachine() awsstepfunctions.StateMachine { return n.machine }

func (n *notifier) LogGroup() awscdk.CfnResource { return n.logGroup }

func (n *notifier) Table() awscdk.CfnResource { return n.table }

func (n *notifier) Pipe() awscdk.CfnResource { return n.pipe }

// A pipe asks for a visibility timeout of six times that of its target. The default visibility
// timeout gives 50 seconds, and a notification needs less than one.
const (
	longestCompletion = 50
	visibilityFactor  = 6
)

// IAM's limit of 10,240 characters for the inline policies of a role is enough for so many policies
// of job state machines on the notifier's.
const maxJobStateMachines = 35

// notifierOf returns the notifier of a construct, and makes it for its first job state machine. It
// depends on nothing but the construct: not on that state machine, which may be removed one day.
func notifierOf(c *bridge.Construct) *notifier {
	if made, ok := c.State.Notifier.(*notifier); ok {
		return made
	}
	n := &notifier{construct: c, uploads: map[string][]validate.WorkflowLocation{}}
	constructs.NewConstruct_Override(n, c.Scope, jsii.String("Notifier"))
	c.State.Notifier = n
	queue := c.Queue()

	// 1. The table: one item for each job that an execution waits for, or that completed before.
	n.table = newTaggable(n, "Table", "AWS::DynamoDB::Table", awscdk.TagType_KEY_VALUE, object{
		"AttributeDefinitions":             []object{{"AttributeName": attributeJobID, "AttributeType": "S"}},
		"KeySchema":                        []object{{"AttributeName": attributeJobID, "KeyType": "HASH"}},
		"BillingMode":                      "PAY_PER_REQUEST",
		"TimeToLiveSpecification":          object{"AttributeName": attributeExpires, "Enabled": true},
		"PointInTimeRecoverySpecification": object{"PointInTimeRecoveryEnabled": true},
	})
	n.tableName = *n.table.Ref()
	n.tableARN = c.ARN("dynamodb", "table/"+n.tableName)

	// 2. The state machine that handles one notification. The policy that lets it resume an
	//    execution comes with each job state machine.
	n.role = newRole(n, "Role", "states.amazonaws.com", c.Environment, "states", "stateMachine:*")
	allow(n.role, []string{"dynamodb:UpdateItem"}, n.tableARN)
	allow(n.role, logActions, "*")
	n.logGroup = newTaggable(n, "Logs", "AWS::Logs::LogGroup", awscdk.TagType_KEY_VALUE, object{"RetentionInDays": 30})
	n.machine = awsstepfunctions.NewStateMachine(n, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		StateMachineType: awsstepfunctions.StateMachineType_EXPRESS,
		DefinitionBody: awsstepfunctions.DefinitionBody_FromString(jsii.String(text(
			completionDefinition(c.Partition, n.tableName, completionTimeout(queue))))),
		Role: n.role,
	})
	n.machine.Node().DefaultChild().(awsstepfunctions.CfnStateMachine).SetLoggingConfiguration(loggingTo(n.logGroup))
	machineARN := *n.machine.StateMachineArn()

	// 3. The pipe: it deletes a message when the execution for it succeeded. Another one is
	//    received again.
	role := newRole(n, "PipeRole", "pipes.amazonaws.com", c.Environment, "pipes", "pipe/*")
	c.GrantConsume(role)
	allow(role, []string{"states:StartSyncExecution"}, machineARN)
	n.pipe = newTaggable(n, "Pipe", "AWS::Pipes::Pipe", awscdk.TagType_MAP, object{
		"RoleArn":          role.RoleArn(),
		"Source":           queue.ARN,
		"SourceParameters": object{"SqsQueueParameters": object{"BatchSize": 1}},
		"Target":           machineARN,
		"TargetParameters": object{"StepFunctionStateMachineParameters": object{"InvocationType": "REQUEST_RESPONSE"}},
	})
	n.pipe.Node().AddDependency(role) // with its policy: EventBridge checks it when it creates the pipe
	n.warnOfQueue(queue)
	n.warnOfConsumers()
	return n
}

// What Step Functions needs to write logs: these actions have no resource.
// See: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
var logActions = []string{
	"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
	"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
}

func loggingTo(group awscdk.CfnResource) any {
	return &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
		Level: jsii.String("ERROR"), IncludeExecutionData: jsii.Bool(false),
		Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
			CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{
				LogGroupArn: awscdk.Token_AsString(group.GetAtt(jsii.String("Arn"), awscdk.ResolutionTypeHint_STRING), nil),
			},
		}},
	}
}

func completionTimeout(queue bridge.Queue) float64 {
	if queue.VisibilitySeconds == nil {
		return longestCompletion
	}
	return max(1, min(longestCompletion, math.Floor(*queue.VisibilitySeconds/visibilityFactor)))
}

// allowToResume lets the notifier resume the executions of a job state machine.
func (n *notifier) allowToResume(j *jobStateMachine) awsiam.Policy {
	n.jobStateMachines++
	policy := awsiam.NewPolicy(j, jsii.String("ResumePolicy"), nil)
	allow(policy, []string{"states:SendTaskSuccess", "states:SendTaskFailure"}, j.machineARN)
	j.encryptionKey.allowUse(policy)
	n.role.AttachInlinePolicy(policy) // last: the report of Role_CustomizeRoles has what is in it then
	return policy
}

// taggable is a resource of a service whose CDK module is not imported: typed, table, pipe and log
// group would bring 18 more packages. The CDK finds its tags by the method Tags.
type taggable struct {
	awscdk.CfnResource
	tags awscdk.TagManager
}

// Tags returns the manager of the resource's tags.
func (t *taggable) Tags() awscdk.TagManager { return t.tags }

func newTaggable(scope constructs.Construct, id, resourceType string, tagType awscdk.TagType, properties object) awscdk.CfnResource {
	t := &taggable{tags: awscdk.NewTagManager(tagType, jsii.String(resourceType), nil, &awscdk.TagManagerOptions{
		TagPropertyName: jsii.String("Tags"),
	})}
	awscdk.NewCfnResource_Override(t, scope, jsii.String(id), &awscdk.CfnResourceProps{
		Type: jsii.String(resourceType), Properties: &properties,
	})
	return t
}

// warnOfQueue warns of a queue that does not suit a pipe.
func (n *notifier) warnOfQueue(queue bridge.Queue) {
	warn := func(problem string) {
		n.construct.Warn(n, warningQueue, "Queue: "+problem)
	}
	if visibility := queue.VisibilitySeconds; visibility != nil && *visibility < 60 {
		warn(
			fmt.Sprintf(
				"its visibility timeout is %v seconds, so a burst of notifications is received twice and may reach the dead-letter "+
					"queue; set at least 60",
				*visibility,
			),
		)
	}
	switch count := queue.MaxReceiveCount; {
	case count == nil && queue.VisibilitySeconds == nil && queue.Existing:
		warn(
			"it is imported; check that it has a dead-letter queue with a MaxReceiveCount of at least 5, a VisibilityTimeout " +
				"of at least 60 " +
				"seconds, and no other consumer, such as a pipe of another app; then acknowledge this warning",
		)
	case count == nil:
	case *count == 0:
		warn(
			"it has no dead-letter queue, so a message that cannot be read is received until it expires; give it one " +
				"with a MaxReceiveCount " +
				"of at least 5",
		)
	case *count < 5:
		warn(
			fmt.Sprintf(
				"its MaxReceiveCount is %v, so a short failure moves notifications to the dead-letter queue; set at least 5",
				*count,
			),
		)
	}
}

// warnOfConsumers warns of each grantee that may take notifications away from the pipe, granted
// before or later.
func (n *notifier) warnOfConsumers() {
	state := n.construct.State
	state.WarnOfConsumer = func(name string) {
		n.construct.Warn(n, warningConsumer, "TextractAsync: "+name+" may consume the queue, and would take notifications away "+
			"from the notifier, so that executions wait until StatusCheckInterval; give the other consumer a queue of its own: a second "+
			"NewTextractAsync with the Topic and ServiceRole of this one")
	}
	for _, name := range state.Consumers {
		state.WarnOfConsumer(name())
	}
	n.construct.WatchQueue(func(consumer string) { state.WarnOfConsumer(consumer) })
}
