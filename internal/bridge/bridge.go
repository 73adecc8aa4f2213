// Package bridge has what package textractworkflow needs of a construct, and what the public API
// does not return.
package bridge

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Construct is a new construct; an imported one has none.
type Construct struct {
	Environment

	// Scope is the construct itself.
	Scope constructs.Construct

	Operations []string
	Inputs     []Location
	Output     *Location
	// ARNOf returns the ARN of a bucket, as the Inputs or the Output have it where it is one of
	// them in another form.
	ARNOf func(bucket awss3.IBucket) string
	// Queue reads what is known of the queue.
	Queue func() Queue

	// State is the same for every Construct of one construct.
	State *State

	// GrantRunJob lets a role start jobs of one operation and get their status and results.
	GrantRunJob func(role awsiam.IRole, operation string)
	// GrantConsume lets the role of the pipe consume the queue.
	GrantConsume func(role awsiam.IRole)
	// WatchQueue calls warnOf at synthesis for whatever else in the app consumes the queue, with
	// its path.
	WatchQueue func(warnOf func(consumer string))
	// AtSynthesis adds a check of all that the app makes. What it returns ends the synthesis.
	AtSynthesis func(check func(app []constructs.IConstruct) []validate.Problem)
	// EnvironmentOf returns the environment of a construct.
	EnvironmentOf func(scope constructs.Construct) Environment
	// Warn adds a warning to a construct.
	Warn func(scope constructs.IConstruct, id, message string)
}

// Environment is the partition, Region and account of a stack: known values or tokens.
type Environment struct {
	Stack                      awscdk.Stack
	Partition, Region, Account string
}

// ARN returns the ARN of a resource in the environment.
func (e Environment) ARN(service, resource string) string {
	return "arn:" + e.Partition + ":" + service + ":" + e.Region + ":" + e.Account + ":" + resource
}

// Location is a bucket with the beginning of its keys.
type Location struct {
	Bucket      awss3.IBucket
	ARN, Prefix string
	KeyID       string // of the results: the id or ARN of their key; empty for none
}

// Queue is what is known of the queue.
type Queue struct {
	ARN string
	// Existing reports whether the queue was not made by the construct.
	Existing bool
	// VisibilitySeconds is nil where it is not known.
	VisibilitySeconds *float64
	// MaxReceiveCount is 0 without a dead-letter queue, and nil where it is not known.
	MaxReceiveCount *float64
}

// State is what textractworkflow has added to a construct, and the consumers that it competes with.
type State struct {
	// Notifier is that of package textractworkflow, which consumes the queue; nil before it exists.
	Notifier any
	// ChecksParents reports whether tasks are looked for at synthesis.
	ChecksParents bool
	// Consumers return the names of the grantees that may consume the queue.
	Consumers []func() string
	// WarnOfConsumer warns of one more; nil before the notifier exists.
	WarnOfConsumer func(name string)

	// Watched are the metrics that alarms and the dashboard show.
	Watched []Watched
	// OnWatched adds an alarm; nil before AddAlarms.
	OnWatched func(Watched)
}

// Watched is a metric that should be 0, over periods of 5 minutes.
type Watched struct {
	// Scope is the owner of the alarm: a construct in the stack of the metric's resource.
	Scope                  constructs.Construct
	ID, Label, Description string
	Metric                 func(*awscloudwatch.MetricOptions) awscloudwatch.Metric
	Threshold              float64
	// IsNear reports whether the stack is that of TextractAsync, whose dashboard can refer to it.
	IsNear bool
}

// Watch adds a metric, and its alarm where AddAlarms was called before.
func (s *State) Watch(w Watched) {
	s.Watched = append(s.Watched, w)
	if s.OnWatched != nil {
		s.OnWatched(w)
	}
}

// AddConsumer notes a grantee that may consume the queue.
func (s *State) AddConsumer(name func() string) {
	s.Consumers = append(s.Consumers, name)
	if s.WarnOfConsumer != nil {
		s.WarnOfConsumer(name())
	}
}
