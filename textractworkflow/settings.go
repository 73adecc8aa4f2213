package textractworkflow

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/bridge"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// settings are the props of a job state machine, resolved once.
type settings struct {
	textract                     textractasync.ITextractAsync
	operation                    textractasync.Operation
	featureTypes                 []string
	queries                      []*Query
	adapters                     []*Adapter
	jobTag                       string
	statusCheckInterval, timeout float64
	failedThreshold              *float64
	logs                         *awsstepfunctions.LogOptions
	tracing                      *bool
	encryptionKey                awskms.IKey
}

func resolve(scope constructs.Construct, id *string, props *JobStateMachineProps) (*bridge.Construct, bridge.Environment, settings) {
	checkScope(scope, id)
	options := valueOr(props, JobStateMachineProps{})
	construct, problems := bridgeOf(options.TextractAsync)
	panicOnProblems(scope, id, problems)

	env := construct.Environment
	if awscdk.Stack_Of(scope) != env.Stack {
		env = construct.EnvironmentOf(scope)
	}
	s := settings{
		textract:        options.TextractAsync,
		operation:       options.Operation,
		featureTypes:    texts(options.FeatureTypes),
		queries:         copies(options.Queries),
		jobTag:          valueOr(options.JobTag, ""),
		failedThreshold: options.FailedExecutionsThreshold,
		logs:            options.Logs, tracing: options.TracingEnabled, encryptionKey: options.EncryptionKey,
	}
	if options.AdaptersConfig != nil {
		s.adapters = copies(options.AdaptersConfig.Adapters)
	}
	plain := validate.Jobs{
		Environment:  plainEnvironment(env),
		Construct:    plainEnvironment(construct.Environment),
		Operation:    string(options.Operation),
		Operations:   construct.Operations,
		FeatureTypes: s.featureTypes,
		HasAdapters:  options.AdaptersConfig != nil,
		JobTag:       options.JobTag,

		StatusCheckInterval: seconds(options.StatusCheckInterval),
		Timeout:             seconds(options.Timeout),

		FailedExecutionsThreshold: options.FailedExecutionsThreshold,
	}
	if options.Queries != nil {
		plain.Queries = []validate.Query{}
	}
	for _, q := range s.queries {
		of := valueOr(q, Query{})
		plain.Queries = append(plain.Queries, validate.Query{Missing: q == nil, Text: of.Text, Alias: of.Alias, Pages: texts(of.Pages)})
	}
	for _, a := range s.adapters {
		of := valueOr(a, Adapter{})
		plain.Adapters = append(plain.Adapters, validate.Adapter{
			Missing: a == nil, AdapterID: of.AdapterId, Version: of.Version, Pages: texts(of.Pages),
		})
	}
	problems = validate.CheckJobs(plain)
	if made, ok := construct.State.Notifier.(*notifier); ok && made.jobStateMachines >= maxJobStateMachines {
		problems = append(problems, validate.Problem{
			Prop: "TextractAsync", Value: "one with 35 job state machines",
			Fix: "use another NewTextractAsync for more of them: the policies that let its notifier resume them would exceed IAM's limit",
		})
	}
	panicOnProblems(scope, id, problems)

	if s.operation == "" || validate.Dummy(string(s.operation)) {
		s.operation = textractasync.Operation(construct.Operations[0])
	}
	s.statusCheckInterval, s.timeout = validate.DefaultStatusCheckInterval, validate.DefaultTimeout
	if d := plain.StatusCheckInterval; d != nil {
		s.statusCheckInterval = d.Value
	}
	if d := plain.Timeout; d != nil {
		s.timeout = d.Value
	}
	return construct, env, s
}

// bridgeOf rejects an imported construct: the pipe of its own app may consume the queue already,
// and each of the two would take half of the notifications away from the other.
func bridgeOf(textract textractasync.ITextractAsync) (*bridge.Construct, []validate.Problem) {
	if value := reflect.ValueOf(textract); !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil() {
		return nil, []validate.Problem{{
			Prop: "TextractAsync", Value: "nil", Fix: "pass the construct of NewTextractAsync whose topic, queue and role the jobs use",
		}}
	}
	type bridged interface{ WorkflowBridge() *bridge.Construct }
	made, ok := textract.(bridged)
	if !ok { // a Go struct around it, or an imported one
		node := textract.Node()
		made, ok = node.Scope().Node().TryFindChild(node.Id()).(bridged)
	}
	if !ok {
		return nil, []validate.Problem{
			{
				Prop:  "TextractAsync",
				Value: "an imported one",
				Fix: "pass one of NewTextractAsync with the imported Topic and ServiceRole, which has a " +
					"queue of its own: something in its own app may consume the imported queue",
			},
		}
	}
	return made.WorkflowBridge(), nil
}

// environmentOf reads the environment of a scope only where it is not in the stack of the job state
// machine.
func (j *jobStateMachine) environmentOf(scope constructs.Construct) bridge.Environment {
	if awscdk.Stack_Of(scope) == j.environment.Stack {
		return j.environment
	}
	return j.construct.EnvironmentOf(scope)
}

func plainEnvironment(env bridge.Environment) validate.Environment {
	return validate.Environment{Account: env.Account, Region: env.Region}
}

func checkScope(scope constructs.Construct, id *string) {
	var problems []validate.Problem
	if scope == nil {
		problems = append(problems, validate.Problem{Prop: "scope", Value: "nil", Fix: "pass the stack or construct to build in"})
	}
	if _, ok := scope.(awscdk.Stage); ok { // an App is one
		problems = append(problems, validate.Problem{Prop: "scope", Value: "an app or stage", Fix: "pass a stack, or a construct in one"})
	}
	if valueOr(id, "") == "" {
		problems = append(problems, validate.Problem{Prop: "id", Value: "none", Fix: "pass an id that is unique in the scope"})
	}
	panicWith("textractworkflow", problems)
}

// panicOnProblems reads the path of the new construct only for a panic: each read is a jsii call.
func panicOnProblems(scope constructs.Construct, id *string, problems []validate.Problem) {
	if len(problems) > 0 {
		panicWith(strings.TrimPrefix(*scope.Node().Path()+"/"+*id, "/"), problems)
	}
}

func panicWith(path string, found []validate.Problem) {
	if len(found) == 0 {
		return
	}
	problems := make([]textractasync.Problem, len(found))
	for i, problem := range found {
		problems[i] = textractasync.Problem(problem)
	}
	panic(&textractasync.ValidationError{Path: path, Problems: problems})
}

func seconds(duration awscdk.Duration) *validate.Seconds {
	switch {
	case duration == nil:
		return nil
	case *duration.IsUnresolved():
		return &validate.Seconds{Unresolved: true}
	default:
		return &validate.Seconds{Value: *duration.ToSeconds(&awscdk.TimeConversionOptions{Integral: jsii.Bool(false)})}
	}
}

func texts(pointers *[]*string) []string {
	if pointers == nil {
		return nil
	}
	all := make([]string, len(*pointers))
	for i, text := range *pointers {
		all[i] = valueOr(text, "")
	}
	return all
}

// copies are of props that the caller may change before AddUploads writes the definition again.
func copies[T any](pointers *[]*T) []*T {
	all := slices.Clone(valueOr(pointers, nil))
	for i, pointer := range all {
		if pointer != nil {
			value := *pointer
			all[i] = &value
		}
	}
	return all
}

func valueOr[T any](value *T, fallback T) T {
	if value == nil {
		return fallback
	}
	return *value
}

// plainBucket reads a bucket; nil where it is missing.
func (j *jobStateMachine) plainBucket(bucket awss3.IBucket) *validate.WorkflowBucket {
	if bucket == nil {
		return nil
	}
	b := &validate.WorkflowBucket{ARN: j.construct.ARNOf(bucket)}
	if _, isNew := bucket.(awss3.Bucket); !isNew {
		_, isOfResource := bucket.Node().Scope().(awss3.CfnBucket)
		b.Imported = !isOfResource
	} else if awscdk.Stack_Of(bucket) == j.environment.Stack {
		b.Environment = plainEnvironment(j.environment)
		return b
	}
	env := bucket.Env()
	b.Environment = validate.Environment{Account: valueOr(env.Account, ""), Region: valueOr(env.Region, "")}
	return b
}

func plainLocations(locations []bridge.Location) []validate.WorkflowLocation {
	plain := make([]validate.WorkflowLocation, len(locations))
	for i, l := range locations {
		plain[i] = validate.WorkflowLocation{ARN: l.ARN, Prefix: l.Prefix}
	}
	return plain
}

func plainLocation(l *bridge.Location) *validate.WorkflowLocation {
	if l == nil {
		return nil
	}
	return &validate.WorkflowLocation{ARN: l.ARN, Prefix: l.Prefix}
}
