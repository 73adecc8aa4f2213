package proof

import (
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

// Expectation is one construct with its callers, as its scenario means them: what the policies must
// allow is derived from it, never from the policies. A field without a value represents a resource
// that is not there.
type Expectation struct {
	Env              assembly.Environment
	Construct        string // path
	Topic, TopicKey  string // ARNs, as all below
	Queue, QueueKey  string
	DeadLetterQueue  string
	DeadLetterKey    string
	FormerKeys       []string // of the queue
	ClosedKey        bool     // the one of topic and queue names who may use it, and leaves nobody to IAM
	ServiceRole      string
	Inputs           []Location
	Output           Location
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
	ARN    string // of a role, user or group
	Path   string // of the construct, where a warning can be about it
	Grants grants
}

// grants is a set of the construct's grants, and of the sample's.
type grants int

const (
	grantStart grants = 1 << iota
	grantConsume
	grantRead
	grantPass
	grantUpload // of the sample's bucket
	grantRun    = grantStart | grantConsume | grantRead
	anyGrant    = grantRun | grantPass
)

// scenarioCallers are those of scenario.AddCallers.
var scenarioCallers = []struct {
	name   string
	grants grants
}{
	{scenario.Starter, grantStart},
	{scenario.Listener, grantConsume},
	{scenario.Reader, grantRead},
	{scenario.Runner, grantRun},
	{scenario.Passer, grantPass},
}

// otherCallers are those of another account.
func (e *Expectation) otherCallers() []Caller {
	return slices.DeleteFunc(slices.Clone(e.Callers), func(c Caller) bool { return accountIn(c.ARN) == e.Env.Account })
}

// callers are the names of those that have one of the grants.
func (g grants) callers() string {
	var names []string
	for _, c := range scenarioCallers {
		if c.grants&g != 0 {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", ")
}

const (
	textDetection    = "DocumentTextDetection"
	documentAnalysis = "DocumentAnalysis"
	expenseAnalysis  = "ExpenseAnalysis"
	lendingAnalysis  = "LendingAnalysis"

	outputPrefix = "textract_output/"
)

var allOperations = []string{textDetection, documentAnalysis, expenseAnalysis, lendingAnalysis}

func (e *Expectation) locations() []Location { return append(slices.Clone(e.Inputs), e.Output) }

// keys are all of the construct, its buckets and its alarms.
func (e *Expectation) keys() []string {
	return present(slices.Concat(keys(e.locations()...), e.FormerKeys, list{e.TopicKey, e.QueueKey, e.DeadLetterKey, e.AlarmKey})...)
}

func (e *Expectation) topics() []string { return present(e.Topic, e.AlarmTopic) }

func (e *Expectation) queues() []string { return present(e.Queue, e.DeadLetterQueue) }

// present drops what is not there, and what is there twice.
func present(arns ...string) []string {
	arns = slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { return arn == "" })
	slices.Sort(arns)
	return slices.Compact(arns)
}

func buckets(locations ...Location) []string {
	return ofEach(locations, func(l Location) []string { return []string{l.Bucket} })
}

func keys(locations ...Location) []string {
	return ofEach(locations, func(l Location) []string { return []string{l.Key} })
}

// objects are one in each location, named as documents and results are.
func objects(locations ...Location) []string {
	return ofEach(locations, func(l Location) []string { return []string{l.Bucket + "/" + l.Prefix + "1f2e3d4c/1"} })
}

// nearObjects are in the same bucket, but outside the prefix.
func nearObjects(locations ...Location) []string {
	return ofEach(locations, func(l Location) []string {
		if l.Prefix == "" {
			return nil
		}
		bare := strings.TrimSuffix(l.Prefix, "/")
		return []string{l.Bucket + "/" + bare, l.Bucket + "/" + bare + "_other/1", l.Bucket + "/1", l.Bucket + "/other/" + l.Prefix + "1"}
	})
}

func ofEach(locations []Location, part func(Location) []string) []string {
	var all []string
	for _, l := range locations {
		if l.Bucket != "" {
			all = append(all, part(l)...)
		}
	}
	return all
}

// aliasOf is the alias that a key has, for those that are known by it: a key of another name has
// another one, and the same key of another account or Region the same.
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
