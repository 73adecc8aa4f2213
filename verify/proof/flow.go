package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

// Flow is one construct and its callers, told by hand: what the policies must allow comes from here, never from the policies.
type Flow struct {
	Env         Environment
	Construct   string // its path
	Topic       string
	Queue       string
	DeadLetters string // empty where there are none
	ServiceRole string
	TopicKey    string // empty where SNS encrypts without a key of ours
	QueueKey    string
	Inputs      []Location
	Output      *Location
	Operations  []string
	Trusted     []string // accounts
	ManagedRole bool     // the service role has the AWS managed policy
	RefusesHTTP bool     // topic and queues are the construct's, or were made to refuse it
	OpenBuckets bool     // buckets that were made elsewhere, and may not refuse plain HTTP
	AlarmTopic  string   // empty where no alarm is sent anywhere
	AlarmKey    string
	Callers     []Caller
	Others      []*Flow // of other constructs in the same app

	catalogue catalogue
}

// Location is a part of a bucket.
type Location struct {
	Bucket string // ARN
	Prefix string // as the objects' keys begin, a slash included
	Key    string // ARN, empty where S3 encrypts without a key of ours
	Owner  string // account, empty where it is the flow's
}

// Caller is a role with a grant.
type Caller struct {
	Name   string // the grant's
	Role   string // ARN
	Grants grants
	// PutsDocuments is what the caller of the sample may do besides.
	PutsDocuments bool
}

// grants is a set of the construct's grants.
type grants int

const (
	grantStart grants = 1 << iota
	grantConsume
	grantRead
	grantPass
)

var grantsOf = map[string]grants{
	scenario.Starter:  grantStart,
	scenario.Listener: grantConsume,
	scenario.Reader:   grantRead,
	scenario.Runner:   grantStart | grantConsume | grantRead,
	scenario.Passer:   grantPass,
}

// callerNames in the order of reading.
var callerNames = []string{scenario.Starter, scenario.Listener, scenario.Reader, scenario.Runner, scenario.Passer}

const (
	textDetection    = "DocumentTextDetection"
	documentAnalysis = "DocumentAnalysis"
	expenseAnalysis  = "ExpenseAnalysis"
	lendingAnalysis  = "LendingAnalysis"
)

var allOperations = []string{textDetection, documentAnalysis, expenseAnalysis, lendingAnalysis}

const defaultOutputPrefix = "textract_output/"

// finder looks resources up by the path of their construct and keeps the first failure.
type finder struct {
	world *World
	err   error
}

func (f *finder) arn(path string) string {
	arn := f.world.Arns[path]
	if arn == "" {
		f.err = errors.Join(f.err, fmt.Errorf("no resource at %s", path))
	}
	return arn
}

// newFlow is a construct with all defaults.
func (f *finder) newFlow(construct string) *Flow {
	key := f.arn(construct + "/EncryptionKey")
	return &Flow{
		Env: f.world.Env, Construct: construct,
		Topic: f.arn(construct + "/Topic"), TopicKey: key,
		Queue: f.arn(construct + "/Queue"), QueueKey: key, DeadLetters: f.arn(construct + "/DeadLetterQueue"),
		ServiceRole: f.arn(construct + "/ServiceRole"),
		Operations:  allOperations, Trusted: []string{f.world.Env.Account}, RefusesHTTP: true,
	}
}

// callers adds the roles with the grants; where is what their paths begin with.
func (f *finder) callers(flow *Flow, where string) *Flow {
	for _, name := range callerNames {
		flow.Callers = append(flow.Callers, Caller{Name: name, Role: f.arn(where + name), Grants: grantsOf[name]})
	}
	return flow
}

func (f *finder) newGiven(construct, bringer, callers string) *Flow {
	key := f.arn(bringer + "/Key")
	return f.callers(&Flow{
		Env: f.world.Env, Construct: construct,
		Topic: f.arn(bringer + "/Topic"), TopicKey: key, Queue: f.arn(bringer + "/Queue"), QueueKey: key,
		ServiceRole: f.arn(bringer + "/Role"),
		Inputs:      []Location{{Bucket: f.arn(bringer + "/Incoming"), Key: f.arn(bringer + "/IncomingKey")}},
		Output: &Location{
			Bucket: f.arn(bringer + "/Results"), Prefix: defaultOutputPrefix, Key: f.arn(bringer + "/ResultsKey"),
		},
		Operations: allOperations, Trusted: []string{f.world.Env.Account}, RefusesHTTP: true,
	}, callers+"/")
}

// flowsOf tells what each scenario is meant to be.
var flowsOf = map[string]func(f *finder) []*Flow{
	"Default": func(f *finder) []*Flow {
		return []*Flow{f.newFlow("Default/TextractAsync")}
	},
	"Callers": func(f *finder) []*Flow {
		return []*Flow{f.callers(f.newFlow("Callers/TextractAsync"), "Callers/")}
	},
	"Everything": func(f *finder) []*Flow {
		flow := f.callers(f.newFlow("Everything/TextractAsync"), "Everything/")
		flow.Operations = []string{textDetection, lendingAnalysis}
		flow.Inputs = []Location{
			{Bucket: f.arn("Everything/Incoming"), Prefix: "in/", Key: f.arn("Everything/IncomingKey")},
			{Bucket: f.arn("Everything/Archive")},
		}
		flow.Output = &Location{
			Bucket: f.arn("Everything/Results"), Prefix: "results/", Key: f.arn("Everything/ResultsKey"),
		}
		flow.Trusted = append(flow.Trusted, scenario.OtherAccount)
		return []*Flow{flow}
	},
	"ServiceManaged": func(f *finder) []*Flow {
		return []*Flow{f.callers(&Flow{
			Env: f.world.Env, Construct: "ServiceManaged/TextractAsync",
			Topic: f.arn("ServiceManaged/TextractAsync/Topic"), Queue: f.arn("ServiceManaged/TextractAsync/Queue"),
			ServiceRole: f.arn("ServiceManaged/TextractAsync/ServiceRole"),
			Operations:  allOperations, Trusted: []string{f.world.Env.Account}, ManagedRole: true, RefusesHTTP: true,
		}, "ServiceManaged/")}
	},
	"ExistingKey": func(f *finder) []*Flow {
		key := f.arn("GivenKey/Key")
		return []*Flow{f.callers(&Flow{
			Env: f.world.Env, Construct: "GivenKey/TextractAsync",
			Topic: f.arn("GivenKey/TextractAsync/Topic"), TopicKey: key,
			Queue: f.arn("GivenKey/TextractAsync/Queue"), QueueKey: key,
			DeadLetters: f.arn("GivenKey/TextractAsync/DeadLetterQueue"),
			ServiceRole: f.arn("GivenKey/TextractAsync/ServiceRole"),
			Operations:  allOperations, Trusted: []string{f.world.Env.Account}, ManagedRole: true, RefusesHTTP: true,
		}, "GivenKey/")}
	},
	"Existing": func(f *finder) []*Flow {
		return []*Flow{f.newGiven("Given/TextractAsync", "Existing", "Existing")}
	},
	"Imported":   func(f *finder) []*Flow { return []*Flow{f.newImported()} },
	"Foreign":    func(f *finder) []*Flow { return []*Flow{f.newForeign()} },
	"Immutable":  func(f *finder) []*Flow { return []*Flow{f.newImmutable()} },
	"Attributes": func(f *finder) []*Flow { return []*Flow{f.newOfAttributes()} },
	"Two": func(f *finder) []*Flow {
		left, right := f.newOfTwo("Left"), f.newOfTwo("Right")
		left.Others, right.Others = []*Flow{right}, []*Flow{left}
		return []*Flow{left, right}
	},
	"GovCloud": func(f *finder) []*Flow {
		flow := f.callers(f.newFlow("GovCloud/TextractAsync"), "GovCloud/")
		flow.Inputs = []Location{{Bucket: f.arn("GovCloud/Incoming")}}
		flow.Output = &Location{
			Bucket: f.arn("GovCloud/Results"), Prefix: defaultOutputPrefix, Key: f.arn("GovCloud/ResultsKey"),
		}
		return []*Flow{flow}
	},
	"Nested": func(f *finder) []*Flow {
		return []*Flow{f.callers(f.newFlow("Nested/Inner/TextractAsync"), "Nested/")}
	},
	"Staged": func(f *finder) []*Flow {
		return []*Flow{f.callers(f.newFlow("Staged/Stack/TextractAsync"), "Staged/Stack/")}
	},
	"CrossStack": func(f *finder) []*Flow {
		return []*Flow{f.newGiven("CrossStack/TextractAsync", "CrossStackExisting", "CrossStackCallers")}
	},
	"Monitored": func(f *finder) []*Flow {
		flow := f.newFlow("Monitored/TextractAsync")
		flow.AlarmTopic, flow.AlarmKey = f.arn("Monitored/Alarms"), f.arn("Monitored/AlarmsKey")
		return []*Flow{flow}
	},
	"TextractAsyncSample": func(f *finder) []*Flow {
		flow := f.newFlow("TextractAsyncSample/TextractAsync")
		flow.Inputs = []Location{{Bucket: f.arn("TextractAsyncSample/Documents")}}
		flow.Output = &Location{Bucket: f.arn("TextractAsyncSample/Results"), Prefix: defaultOutputPrefix}
		flow.Callers = []Caller{{
			Name: scenario.Runner, Role: f.arn("TextractAsyncSample/Caller"), Grants: grantsOf[scenario.Runner], PutsDocuments: true,
		}}
		return []*Flow{flow}
	},
}

func (f *finder) newForeign() *Flow {
	flow := f.callers(f.newFlow("Foreign/TextractAsync"), "Foreign/")
	flow.Inputs = []Location{{
		Bucket: "arn:aws:s3:::foreign-1", Prefix: "in/", Key: assembly.KeyArn(assembly.BucketAccount, "1"), Owner: assembly.BucketAccount,
	}}
	flow.Output = &Location{
		Bucket: "arn:aws:s3:::foreign-2", Prefix: defaultOutputPrefix, Key: assembly.KeyArn(assembly.BucketAccount, "2"),
		Owner: assembly.BucketAccount,
	}
	flow.OpenBuckets = true
	return flow
}

func (f *finder) newImmutable() *Flow {
	const construct = "Immutable/TextractAsync"
	key := f.arn(construct + "/EncryptionKey")
	return f.callers(&Flow{
		Env: f.world.Env, Construct: construct,
		Topic: f.arn(construct + "/Topic"), TopicKey: key, Queue: f.arn(construct + "/Queue"), QueueKey: key,
		DeadLetters: f.arn(construct + "/DeadLetterQueue"),
		ServiceRole: "arn:aws:iam::" + scenario.Account + ":role/immutable",
		Output: &Location{
			Bucket: "arn:aws:s3:::immutable-2", Prefix: defaultOutputPrefix, Key: assembly.KeyArn(scenario.Account, "2"),
		},
		Operations: allOperations, Trusted: []string{scenario.Account}, RefusesHTTP: true, OpenBuckets: true,
	}, "Immutable/")
}

func (f *finder) newOfAttributes() *Flow {
	place := scenario.Region + ":" + scenario.Account + ":"
	key := assembly.KeyArn(scenario.Account, "0")
	return f.callers(&Flow{
		Env: f.world.Env, Construct: "Attributes/TextractAsync",
		Topic: "arn:aws:sns:" + place + "AmazonTextractAttributes", TopicKey: key,
		Queue: "arn:aws:sqs:" + place + "attributes", QueueKey: key,
		ServiceRole: "arn:aws:iam::" + scenario.Account + ":role/attributes",
		Output: &Location{
			Bucket: "arn:aws:s3:::attributes-2", Prefix: defaultOutputPrefix, Key: assembly.KeyArn(scenario.Account, "2"),
		},
		Operations: []string{expenseAnalysis}, Trusted: []string{scenario.Account},
	}, "Attributes/")
}

func (f *finder) newOfTwo(side string) *Flow {
	flow := f.callers(f.newFlow("Two/"+side), "Two/"+side)
	flow.Output = &Location{Bucket: f.arn("Two/" + side + "Results"), Prefix: defaultOutputPrefix}
	return flow
}

func (f *finder) newImported() *Flow {
	arn := func(service, rest string) string {
		return "arn:aws:" + service + ":" + scenario.Region + ":" + scenario.Account + ":" + rest
	}
	key := func(id string) string { return arn("kms", "key/00000000-0000-4000-8000-00000000000"+id) }
	return f.callers(&Flow{
		Env: f.world.Env, Construct: "Imported/TextractAsync",
		Topic: arn("sns", "AmazonTextractImported"), TopicKey: key("0"), Queue: arn("sqs", "imported"), QueueKey: key("0"),
		ServiceRole: "arn:aws:iam::" + scenario.Account + ":role/service/imported",
		Inputs:      []Location{{Bucket: "arn:aws:s3:::imported-1", Key: key("1")}},
		Output:      &Location{Bucket: "arn:aws:s3:::imported-2", Prefix: defaultOutputPrefix, Key: key("2")},
		Operations:  allOperations, Trusted: []string{scenario.Account},
	}, "Imported/")
}

// Flows returns the flows of a scenario over its world.
func Flows(name string, w *World) ([]*Flow, error) {
	build, ok := flowsOf[name]
	if !ok {
		return nil, fmt.Errorf("scenario %s: say in flow.go what it is meant to be", name)
	}
	f := &finder{world: w}
	flows := build(f)
	return flows, f.err
}

// keys are all that the flow touches.
func (f *Flow) keys() []string {
	all := []string{f.TopicKey, f.QueueKey, f.AlarmKey}
	for _, l := range f.locations() {
		all = append(all, l.Key)
	}
	all = slices.DeleteFunc(all, func(arn string) bool { return arn == "" })
	slices.Sort(all)
	return slices.Compact(all)
}

// topics are the flow's own and that of its alarms.
func (f *Flow) topics() []string {
	if f.AlarmTopic == "" {
		return []string{f.Topic}
	}
	return []string{f.Topic, f.AlarmTopic}
}

func (f *Flow) locations() []Location {
	all := slices.Clone(f.Inputs)
	if f.Output != nil {
		all = append(all, *f.Output)
	}
	return all
}

func (f *Flow) queues() []string {
	if f.DeadLetters == "" {
		return []string{f.Queue}
	}
	return []string{f.Queue, f.DeadLetters}
}

// An object of the location, as documents and results are called.
func (l Location) object() string { return l.Bucket + "/" + l.Prefix + "1f2e3d4c/1" }

// listed is a prefix of the location for s3:ListBucket.
func (l Location) listed() string { return l.Prefix + "1f2e3d4c/" }

func roleName(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }
