package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

// Expectation is one construct with its callers, as its scenario means them: what the policies must allow is derived from it, never
// from the policies. A field without a value represents a resource that is not there.
type Expectation struct {
	Env              assembly.Environment
	Construct        string // path
	Topic, TopicKey  string // ARNs, as all below
	Queue, QueueKey  string
	DeadLetterQueue  string
	ServiceRole      string
	Inputs           []Location
	Output           *Location
	Operations       []string
	Trusted          []string // accounts
	ManagedPolicy    bool     // the service role has AmazonTextractServiceRole
	AllowHTTP        bool     // topic and queue were made elsewhere, and may allow plain HTTP
	BucketsAllowHTTP bool
	AlarmTopic       string
	AlarmKey         string
	Aliases          map[string]string // of keys that are known by an alias only, by the ARN of the key
	Callers          []Caller
	Others           []*Expectation // of other constructs in the app

	catalogue catalogue
}

// Location is a part of a bucket.
type Location struct {
	Bucket string // ARN
	Prefix string // with which the objects' keys begin, a slash included
	Key    string // ARN, empty where S3 encrypts without a key of yours
	Owner  string // account, empty where it is the construct's
}

// Caller has a grant.
type Caller struct {
	ARN          string // of a role, user or group
	Path         string // of the construct, where a warning can be about it
	Grants       grants
	PutDocuments bool // as the caller of the sample may
}

// grants is a set of the construct's grants.
type grants int

const (
	grantStart grants = 1 << iota
	grantConsume
	grantRead
	grantPass
	grantRun = grantStart | grantConsume | grantRead
	anyGrant = grantRun | grantPass
)

// callers of scenario.AddCallers.
var callers = []struct {
	name   string
	grants grants
}{
	{scenario.Starter, grantStart},
	{scenario.Listener, grantConsume},
	{scenario.Reader, grantRead},
	{scenario.Runner, grantRun},
	{scenario.Passer, grantPass},
}

const (
	textDetection    = "DocumentTextDetection"
	documentAnalysis = "DocumentAnalysis"
	expenseAnalysis  = "ExpenseAnalysis"
	lendingAnalysis  = "LendingAnalysis"

	outputPrefix = "textract_output/"
)

var allOperations = []string{textDetection, documentAnalysis, expenseAnalysis, lendingAnalysis}

// finder finds resources by the paths of their constructs.
type finder struct {
	*Deployment
	err error
}

func (f *finder) arn(path string) string {
	arn := f.arns[path]
	if arn == "" {
		f.err = errors.Join(f.err, fmt.Errorf("no resource at %s", path))
	}
	return arn
}

// construct is one with all defaults.
func (f *finder) construct(path string) *Expectation {
	key := f.arn(path + "/EncryptionKey")
	e := f.withoutKey(path)
	e.TopicKey, e.QueueKey, e.DeadLetterQueue = key, key, f.arn(path+"/DeadLetterQueue")
	return e
}

func (f *finder) withoutKey(path string) *Expectation {
	return &Expectation{
		Env: f.env, Construct: path, Operations: allOperations, Trusted: []string{f.env.Account},
		Topic: f.arn(path + "/Topic"), Queue: f.arn(path + "/Queue"), ServiceRole: f.arn(path + "/ServiceRole"),
	}
}

// addCallers adds the roles of scenario.AddCallers.
func (f *finder) addCallers(e *Expectation, pathPrefix string) *Expectation {
	for _, c := range callers {
		e.Callers = append(e.Callers, Caller{ARN: f.arn(pathPrefix + c.name), Grants: c.grants})
	}
	return e
}

// keys are all of the construct, its buckets and its alarms.
func (e *Expectation) keys() []string {
	all := []string{e.TopicKey, e.QueueKey, e.AlarmKey}
	for _, l := range e.locations() {
		all = append(all, l.Key)
	}
	return present(all...)
}

func (e *Expectation) topics() []string { return present(e.Topic, e.AlarmTopic) }

func (e *Expectation) queues() []string { return present(e.Queue, e.DeadLetterQueue) }

func (e *Expectation) outputs() []Location {
	if e.Output == nil {
		return nil
	}
	return []Location{*e.Output}
}

func (e *Expectation) locations() []Location { return slices.Concat(e.Inputs, e.outputs()) }

// present drops what is not there, and what is there twice.
func present(arns ...string) []string {
	var all []string
	for _, arn := range arns {
		if arn != "" && !slices.Contains(all, arn) {
			all = append(all, arn)
		}
	}
	return all
}

// object is one of the location's, named as documents and results are.
func (l Location) object() string { return l.Bucket + "/" + l.Prefix + "1f2e3d4c/1" }

// aliasOf is the alias that a key has, for those that are known by it: a key of another name has another one, and the same key of
// another account or Region the same.
func (e *Expectation) aliasOf(arn string) string {
	for key, alias := range e.Aliases {
		_, id, _ := strings.Cut(key, ":key/")
		switch {
		case strings.HasSuffix(arn, id):
			return alias
		case strings.HasSuffix(arn, id+"-2"):
			return alias + "-2"
		}
	}
	return "alias/another"
}
