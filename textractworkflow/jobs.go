package textractworkflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/bridge"
)

// ErrorJobFailed is the error of an execution of a job state machine whose job failed. Its cause
// names the job, the document and Textract's reason.
//
// A state machine that runs a [Task] sees the error States.TaskFailed instead, as for each nested
// execution that fails: the field Error of its cause, which is JSON, has this name.
const ErrorJobFailed = "Textract.JobFailed"

// JobStateMachine is a state machine that runs one job of Amazon Textract. [NewJobStateMachine]
// creates it.
type JobStateMachine interface {
	constructs.Construct

	// StateMachine returns the state machine, for grants and metrics. Its input is
	//
	//	{"DocumentLocation": {"S3Object": {"Bucket": "…", "Name": "…", "Version": "…"}}, "Id": "…"}
	//
	// Version and Id are optional. Executions with the same Id, document and settings share one job
	// for 7 days; where two of them wait for it, the earlier one learns of its end at its next
	// status check. The output is
	//
	//	{"JobId": "…", "JobStatus": "…", "DocumentLocation": {…}, "OutputConfig": {"S3Bucket": "…", "S3Prefix": "…"}}
	//
	// JobStatus is SUCCEEDED or PARTIAL_SUCCESS. OutputConfig is the folder of the results, where
	// the construct has an Output.
	StateMachine() awsstepfunctions.StateMachine

	// Notifier returns what resumes the executions. All job state machines of one TextractAsync
	// share it.
	Notifier() Notifier

	// NewTask returns a state that runs one job and continues when it completed. The role of the
	// state machine that contains it gets the permissions for it.
	NewTask(scope constructs.Construct, id *string, props *TaskProps) Task

	// AddUploads starts an execution for each document that is uploaded to a bucket.
	AddUploads(id *string, props *UploadsProps) Uploads

	// NewBatch creates a state machine that runs a job for each document of a bucket.
	NewBatch(scope constructs.Construct, id *string, props *BatchProps) Batch
}

// JobStateMachineProps are the properties of [NewJobStateMachine].
type JobStateMachineProps struct {
	// The topic, queue and service role of the jobs, of textractasync.NewTextractAsync. The queue
	// must have no other consumer. Required.
	TextractAsync textractasync.ITextractAsync

	// The operation. Required, unless TextractAsync has only one.
	Operation textractasync.Operation

	// What to analyze: TABLES, FORMS, QUERIES, SIGNATURES and LAYOUT. Required for
	// Operation_DOCUMENT_ANALYSIS, and rejected for the other operations.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
	FeatureTypes *[]*string

	// The questions to a document: at most 30, with the feature QUERIES.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_QueriesConfig.html
	//
	// Default: none.
	//
	Queries *[]*Query

	// The adapters that answer the queries: at most 100, with the feature QUERIES.
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_AdaptersConfig.html
	//
	// Default: none.
	//
	AdaptersConfig *AdaptersConfig

	// A tag in the notifications of the jobs: 1 to 64 letters, digits, "_", ".", "-" and ":".
	// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
	//
	// Default: none.
	//
	JobTag *string

	// The time after which an execution that got no notification asks Textract for the job's
	// status: 1 minute to 1 hour, and at least 1/500 of Timeout.
	//
	// Default: 15 minutes.
	//
	StatusCheckInterval awscdk.Duration

	// The time after which an execution is aborted: 1 minute to 7 days. It includes the wait for a
	// quota of Textract.
	//
	// Default: 1 day.
	//
	Timeout awscdk.Duration

	// The number of executions in 5 minutes that fail, and that time out, at which the alarms that
	// TextractAsync.AddAlarms adds for them go into ALARM. A document that Textract cannot read
	// fails one.
	//
	// Default: 1.
	//
	FailedExecutionsThreshold *float64

	// The logs of the state machine. For them, the CDK grants its role actions of CloudWatch Logs
	// on every resource.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
	//
	// Default: none, Step Functions keeps the history of each execution for 90 days.
	//
	Logs *awsstepfunctions.LogOptions

	// Whether AWS X-Ray traces the executions.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
	//
	// Default: false.
	//
	TracingEnabled *bool

	// The key that encrypts the definition and the history of the executions.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
	//
	// Default: none, Step Functions uses a key that AWS owns.
	//
	EncryptionKey awskms.IKey
}

// Query is a question to a document.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_Query.html
type Query struct {
	// The question: 1 to 200 characters. Required.
	Text *string `json:"Text"`
	// The name of the answer: 1 to 200 characters.
	//
	// Default: none.
	//
	Alias *string `json:"Alias,omitempty"`
	// The pages, such as "1", "2-4" or "*".
	//
	// Default: page 1.
	//
	Pages *[]*string `json:"Pages,omitempty"`
}

// AdaptersConfig are the adapters of an analysis.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_AdaptersConfig.html
type AdaptersConfig struct {
	// The adapters: 1 to 100. Required.
	Adapters *[]*Adapter `json:"Adapters"`
}

// Adapter is a version of an adapter.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_Adapter.html
type Adapter struct {
	// The id of the adapter: 12 to 1,011 characters. Required.
	AdapterId *string `json:"AdapterId"`
	// The version: 1 to 128 characters. Required.
	Version *string `json:"Version"`
	// The pages, such as "1", "2-4" or "*".
	//
	// Default: page 1.
	//
	Pages *[]*string `json:"Pages,omitempty"`
}

type jobStateMachine struct {
	constructs.Construct
	construct   *bridge.Construct
	environment bridge.Environment
	settings    settings
	notifier    *notifier

	channel      *textractasync.NotificationChannel
	outputBucket *string

	machine       awsstepfunctions.StateMachine
	machineARN    string
	encryptionKey *encryptionKey
	resumePolicy  awsiam.Policy

	filtersUploads bool
}

func (j *jobStateMachine) StateMachine() awsstepfunctions.StateMachine { return j.machine }

func (j *jobStateMachine) Notifier() Notifier { return j.notifier }

// NewJobStateMachine creates a state machine that runs one job, and, for the first one of a
// TextractAsync, the notifier: a table of the waiting executions, and an EventBridge pipe from the
// queue to a state machine that resumes them. The notifier is in the stack of TextractAsync.
//
// It panics with a *textractasync.ValidationError that lists every problem of the props, before it
// creates anything.
//
// See: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
func NewJobStateMachine(scope constructs.Construct, id *string, props *JobStateMachineProps) JobStateMachine {
	j := &jobStateMachine{}
	j.construct, j.environment, j.settings = resolve(scope, id, props)
	constructs.NewConstruct_Override(j, scope, id)

	// 1. What resumes the executions.
	j.notifier = notifierOf(j.construct)

	j.channel = j.settings.textract.NotificationChannel()
	if output := j.construct.Output; output != nil {
		j.outputBucket = output.Bucket.BucketName()
	}

	// 2. The state machine, whose role runs jobs of one operation.
	role := newRole(j, "Role", "states.amazonaws.com", j.environment, "states", "stateMachine:*")
	j.construct.GrantRunJob(role, string(j.settings.operation))
	allow(role, []string{"dynamodb:UpdateItem", "dynamodb:GetItem"}, j.notifier.tableARN)
	j.machine = awsstepfunctions.NewStateMachine(j, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromString(jsii.String(text(j.definition()))),
		Role:           role,
		Logs:           j.settings.logs,
		TracingEnabled: j.settings.tracing,
	})
	j.machineARN = *j.machine.StateMachineArn()
	j.encryptionKey = encryptWith(j, j.machine, j.machineARN, role, j.settings.encryptionKey)

	// 3. The notifier may resume its executions. The policy is in this stack, so that the
	//    notifier's does not depend on it.
	j.resumePolicy = j.notifier.allowToResume(j)
	j.watchExecutions(j, j.machine, j.environment)
	return j
}

// newRole is a role for one service, which it may assume for resources of this account alone.
func newRole(scope constructs.Construct, id, principal string, env bridge.Environment, service, resource string) awsiam.Role {
	conditions := map[string]any{
		"StringEquals": map[string]any{"aws:SourceAccount": env.Account},
		"ArnLike":      map[string]any{"aws:SourceArn": env.ARN(service, resource)},
	}
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String(principal), &awsiam.ServicePrincipalOpts{Conditions: &conditions}),
	})
}

func allow(who awsiam.IGrantable, actions []string, resources ...string) {
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: who, Actions: jsii.Strings(actions...), ResourceArns: jsii.Strings(resources...),
	})
}

func allowIf(who awsiam.IGrantable, condition object, actions []string, resources ...string) {
	conditions := map[string]*map[string]any{}
	for operator, keys := range condition {
		values := keys.(object)
		conditions[operator] = &values
	}
	awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee: who, Actions: jsii.Strings(actions...), ResourceArns: jsii.Strings(resources...), Conditions: &conditions,
	})
}
