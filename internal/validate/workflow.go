package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Jobs are the props of a job state machine as plain values. A nil pointer or slice is a prop that
// is not set.
type Jobs struct {
	// Environment and Construct are those of the state machine's stack and of TextractAsync.
	Environment, Construct Environment

	Operation    string
	Operations   []string // of TextractAsync
	FeatureTypes []string
	Queries      []Query
	Adapters     []Adapter
	HasAdapters  bool // AdaptersConfig is set
	JobTag       *string

	StatusCheckInterval *Seconds
	Timeout             *Seconds

	FailedExecutionsThreshold *float64
}

// Query is one of Queries; Missing reports that it is nil.
type Query struct {
	Missing bool
	Text    *string
	Alias   *string
	Pages   []string
}

// Adapter is one of AdaptersConfig.Adapters; Missing reports that it is nil.
type Adapter struct {
	Missing   bool
	AdapterID *string
	Version   *string
	Pages     []string
}

// The defaults of a job state machine, in seconds.
const (
	DefaultStatusCheckInterval = 900
	DefaultTimeout             = 86_400
)

const (
	queriesFeature = "QUERIES"

	maxQueries     = 30
	maxQueryLength = 200
	maxAdapters    = 100

	// An execution has 25,000 events at most: 500 status checks take 11,000, and the retries of 7
	// days 12,100.
	maxStatusChecks = 500

	longestTimeout = 604_800 // Textract keeps results for 7 days
)

var (
	featureTypes = []string{"TABLES", "FORMS", queriesFeature, "SIGNATURES", "LAYOUT"}
	jobTag       = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]{1,64}$`)
)

// CheckJobs finds every problem of a job state machine, in the order of the props. It returns nil
// when there is none.
func CheckJobs(j Jobs) []Problem { return run(jobsRules, &j) }

var jobsRules = []rule[Jobs]{
	{
		name: "Environment of jobs",
		// The topic must be in the Region of the endpoint that is called, and a role can only be
		// passed within its account.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
		check: func(j *Jobs) []Problem {
			return slices.Concat(
				differs("TextractAsync", "account", j.Construct.Account, j.Environment.Account),
				differs("TextractAsync", "Region", j.Construct.Region, j.Environment.Region),
			)
		},
	},
	{
		name: "Operation of jobs",
		// The grants and the table of results of a construct are for its Operations.
		check: func(j *Jobs) []Problem {
			switch known := strings.Join(j.Operations, ", "); {
			case j.Operation == "" && len(j.Operations) != 1:
				return []Problem{{"Operation", "none", "use one of the Operations of TextractAsync: " + known}}
			case j.Operation != "" && !Unresolved(j.Operation) && !slices.Contains(j.Operations, j.Operation):
				return []Problem{{"Operation", quoted(j.Operation), "use one of the Operations of TextractAsync: " + known}}
			case Unresolved(j.Operation) && !Dummy(j.Operation):
				return []Problem{
					{"Operation", quoted(j.Operation), "use a value that is known at synthesis: it chooses the action of the state"},
				}
			}
			return nil
		},
	},
	{
		name: "Features of jobs",
		// An analysis has at least one feature, and no other operation has any.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
		check: func(j *Jobs) []Problem {
			switch {
			case !j.isAnalysis() && j.Operation != "" && j.FeatureTypes != nil:
				return []Problem{
					{
						"FeatureTypes",
						quoted(strings.Join(j.FeatureTypes, ", ")),
						"remove it, or use Operation_DOCUMENT_ANALYSIS: no other operation has features",
					},
				}
			case j.isAnalysis() && len(j.FeatureTypes) == 0:
				return []Problem{{"FeatureTypes", "none", "use at least one of " + strings.Join(featureTypes, ", ")}}
			}
			var problems []Problem
			for i, feature := range j.FeatureTypes {
				if listToken.MatchString(feature) {
					problems = append(problems, Problem{element("FeatureTypes", i), quoted(feature), listTokenFix})
				}
				problems = append(problems, checkString(element("FeatureTypes", i), &feature, func(value string) string {
					switch {
					case !slices.Contains(featureTypes, value):
						return "use one of " + strings.Join(featureTypes, ", ")
					case slices.Index(j.FeatureTypes, value) < i:
						return "name each feature once"
					}
					return ""
				})...)
			}
			return problems
		},
	},
	{
		name: "Queries of jobs",
		// The feature QUERIES and the queries belong together: at most 30 of at most 200
		// characters.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_QueriesConfig.html
		check: func(j *Jobs) []Problem {
			asks := slices.Contains(j.FeatureTypes, queriesFeature)
			var problems []Problem
			switch {
			case asks && len(j.Queries) == 0:
				problems = append(problems, Problem{"Queries", "none", "name at least one question, or remove the feature QUERIES"})
			case !asks && j.Queries != nil && !slices.ContainsFunc(j.FeatureTypes, Unresolved):
				problems = append(
					problems,
					Problem{"Queries", fmt.Sprint(len(j.Queries)), "remove it, or add the feature QUERIES to FeatureTypes"},
				)
			case len(j.Queries) > maxQueries:
				problems = append(problems, Problem{"Queries", fmt.Sprint(len(j.Queries)), fmt.Sprintf("use at most %d", maxQueries)})
			}
			for i, query := range j.Queries {
				prop := element("Queries", i)
				if query.Missing {
					problems = append(problems, Problem{prop, "nil", "remove the element, or pass a query"})
					continue
				}
				problems = append(problems, requiredLength(prop+".Text", query.Text, 1, maxQueryLength)...)
				if query.Alias != nil {
					problems = append(problems, requiredLength(prop+".Alias", query.Alias, 1, maxQueryLength)...)
				}
				problems = append(problems, checkPages(prop+".Pages", query.Pages)...)
			}
			return problems
		},
	},
	{
		name: "Adapters of jobs",
		// Adapters answer queries: 1 to 100, each with its id and version.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_AdaptersConfig.html
		check: func(j *Jobs) []Problem {
			if !j.HasAdapters {
				return nil
			}
			var problems []Problem
			if !slices.Contains(j.FeatureTypes, queriesFeature) && !slices.ContainsFunc(j.FeatureTypes, Unresolved) {
				problems = append(problems, Problem{"AdaptersConfig", "set", "remove it, or add the feature QUERIES to FeatureTypes"})
			}
			if n := len(j.Adapters); n < 1 || n > maxAdapters {
				problems = append(problems, Problem{"AdaptersConfig.Adapters", fmt.Sprint(n), fmt.Sprintf("use 1 to %d", maxAdapters)})
			}
			for i, adapter := range j.Adapters {
				prop := element("AdaptersConfig.Adapters", i)
				if adapter.Missing {
					problems = append(problems, Problem{prop, "nil", "remove the element, or pass an adapter"})
					continue
				}
				problems = append(problems, requiredLength(prop+".AdapterId", adapter.AdapterID, 12, 1011)...)
				problems = append(problems, requiredLength(prop+".Version", adapter.Version, 1, 128)...)
				problems = append(problems, checkPages(prop+".Pages", adapter.Pages)...)
			}
			return problems
		},
	},
	{
		name: "JobTag",
		// A tag has letters, digits and four other characters.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_StartDocumentAnalysis.html
		check: func(j *Jobs) []Problem {
			return checkString("JobTag", j.JobTag, func(value string) string {
				if jobTag.MatchString(value) {
					return ""
				}
				return `use 1 to 64 letters, digits, "_", ".", "-" and ":"`
			})
		},
	},
	{
		name: "Times of jobs",
		// Results live 7 days, an execution has 25,000 events, and a deployment waits for the
		// executions of a state machine that it deletes.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
		check: func(j *Jobs) []Problem {
			problems := slices.Concat(
				secondsIn("StatusCheckInterval", j.StatusCheckInterval, minute, hour, "1 minute to 1 hour"),
				secondsIn("Timeout", j.Timeout, minute, longestTimeout, "1 minute to 7 days"),
			)
			interval, timeout := valueOf(j.StatusCheckInterval, DefaultStatusCheckInterval), valueOf(j.Timeout, DefaultTimeout)
			if len(problems) == 0 && timeout > interval*maxStatusChecks {
				problems = append(problems, Problem{
					"StatusCheckInterval", fmt.Sprintf("%v seconds, and a Timeout of %v seconds", interval, timeout),
					fmt.Sprintf("use at least 1/%d of Timeout: an execution has 25,000 events at most", maxStatusChecks),
				})
			}
			return problems
		},
	},
	{
		name: "FailedExecutionsThreshold",
		// A count of 0 or less is always reached.
		check: func(j *Jobs) []Problem {
			if n := j.FailedExecutionsThreshold; n != nil && *n <= 0 && *n > -1e280 {
				return []Problem{{"FailedExecutionsThreshold", fmt.Sprint(*n), "use a number above 0"}}
			}
			return nil
		},
	},
}

func (j *Jobs) isAnalysis() bool {
	return j.Operation == OperationDocumentAnalysis ||
		j.Operation == "" && len(j.Operations) == 1 && j.Operations[0] == OperationDocumentAnalysis
}

func differs(prop, what, value, other string) []Problem {
	if !known(value) || !known(other) || value == other {
		return nil
	}
	return []Problem{{prop, "one in " + what + " " + value, "use one in " + what + " " + other + ", that of the state machine"}}
}

var pages = regexp.MustCompile(`^[0-9*-]{1,9}$`)

func checkPages(prop string, list []string) (problems []Problem) {
	for i, value := range list {
		problems = append(problems, checkString(element(prop, i), &value, func(value string) string {
			if pages.MatchString(value) {
				return ""
			}
			return `use a page, a range or all pages, such as "1", "2-4" or "*"`
		})...)
	}
	return problems
}

// requiredLength counts characters.
func requiredLength(prop string, value *string, least, most int) []Problem {
	if value == nil {
		return []Problem{{prop, "none", fmt.Sprintf("use %d to %d characters", least, most)}}
	}
	return checkString(prop, value, func(value string) string {
		if n := len([]rune(value)); n >= least && n <= most {
			return ""
		}
		return fmt.Sprintf("use %d to %d characters", least, most)
	})
}

// secondsIn needs a duration that is known: a state machine has it as a number.
func secondsIn(prop string, s *Seconds, least, most float64, span string) []Problem {
	switch {
	case s == nil:
		return nil
	case s.Unresolved:
		return []Problem{{prop, "a token", "use a duration that is known at synthesis"}}
	case s.Value < least || s.Value > most:
		return []Problem{{prop, fmt.Sprintf("%v seconds", s.Value), "use " + span}}
	case s.Value != float64(int(s.Value)):
		return []Problem{{prop, fmt.Sprintf("%v seconds", s.Value), "use whole seconds"}}
	}
	return nil
}

func valueOf(s *Seconds, fallback float64) float64 {
	if s == nil {
		return fallback
	}
	return s.Value
}

// Task are the props of a task as plain values.
type Task struct {
	// Environment and Jobs are those of the task and of the job state machine.
	Environment, Jobs Environment

	Bucket, Key, Version, ID *string
	TimeoutPath              *string // of TaskTimeout

	Paths       []string // the props whose values are paths of JSONPath
	Expressions []string // the props whose values are expressions of JSONata
	ResultPath  *string
	HasOutputs  bool
}

// CheckTask finds every problem of a task, in the order of the props. It returns nil when there is
// none.
func CheckTask(t Task) []Problem { return run(taskRules, &t) }

var taskRules = []rule[Task]{
	{
		name: "Environment of a task",
		// A nested execution is in the account and Region of its parent.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
		check: func(t *Task) []Problem { return inEnvironmentOfJobs(t.Environment, t.Jobs) },
	},
	{
		name: "Document of a task",
		// A document is a bucket and a key.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
		check: func(t *Task) []Problem {
			return slices.Concat(
				missing("Bucket", t.Bucket, `use the name of the document's bucket, a path such as "$.bucket", or an expression`),
				missing("Key", t.Key, `use the key of the document, a path such as "$.key", or an expression`),
			)
		},
	},
	{
		name: "Values of a task",
		// An expression is between {% and %}, and a result goes to a path of the input.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
		check: func(t *Task) []Problem {
			problems := slices.Concat(
				checkValue("Bucket", t.Bucket), checkValue("Key", t.Key), checkValue("Version", t.Version), checkValue("Id", t.ID),
				checkValue("TaskTimeout", t.TimeoutPath), notEmpty("Version", t.Version), notEmpty("Id", t.ID),
			)
			if p := t.ResultPath; p != nil && !Unresolved(*p) && !resultPath.MatchString(*p) {
				problems = append(problems, Problem{"ResultPath", quoted(*p), `use a path of the input, such as "$.textract"`})
			}
			return problems
		},
	},
	{
		name: "Query language of a task",
		// A state has one query language.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
		check: func(t *Task) []Problem {
			paths, expressions := strings.Join(t.Paths, ", "), strings.Join(t.Expressions, ", ")
			switch {
			case len(t.Paths) > 0 && len(t.Expressions) > 0:
				return []Problem{{
					paths, "JSONPath, while " + expressions + " uses JSONata", "use one query language for all values: a state has one",
				}}
			case t.ResultPath != nil && len(t.Expressions) > 0:
				return []Problem{
					{
						"ResultPath",
						quoted(*t.ResultPath),
						"remove it, or write " + expressions + " as JSONPath: a state with JSONata has Outputs instead",
					},
				}
			case t.HasOutputs && (len(t.Paths) > 0 || t.ResultPath != nil):
				return []Problem{{
					"Outputs", "set", "remove it, or write all values as JSONata: a state with JSONPath has ResultPath instead",
				}}
			}
			return nil
		},
	},
}

// inEnvironmentOfJobs needs a scope in the account and Region of the job state machine.
func inEnvironmentOfJobs(scope, jobs Environment) []Problem {
	return slices.Concat(
		differs("scope", "account", scope.Account, jobs.Account),
		differs("scope", "Region", scope.Region, jobs.Region),
	)
}

// checkValue finds an expression that Step Functions would take for a text.
func checkValue(prop string, value *string) []Problem {
	switch {
	case value == nil:
		return nil
	case strings.HasPrefix(*value, "$states.") || strings.HasPrefix(*value, "$$states."):
		return []Problem{{prop, quoted(*value), "write an expression of JSONata as {% … %}"}}
	case strings.HasPrefix(strings.TrimSpace(*value), "{%") && !expression.MatchString(*value):
		return []Problem{{prop, quoted(*value), "let the expression begin with {% and end with %}"}}
	}
	return nil
}

var expression = regexp.MustCompile(`(?s)^\{%.*%\}$`)

var resultPath = regexp.MustCompile(`^\$($|\.|\[)`)

func missing(prop string, value *string, fix string) []Problem {
	switch {
	case value == nil:
		return []Problem{{prop, "none", fix}}
	case *value == "":
		return []Problem{{prop, `""`, fix}}
	}
	return nil
}

// notEmpty finds an optional value that is an empty text, which the job state machine would ignore.
func notEmpty(prop string, value *string) []Problem {
	if value == nil || *value != "" {
		return nil
	}
	return []Problem{{prop, `""`, "remove it, or use a value that is not empty"}}
}

// WorkflowBucket is a bucket of uploads or a batch.
type WorkflowBucket struct {
	Environment
	ARN      string
	Imported bool
}

// WorkflowLocation is one of the Inputs, or the Output, of TextractAsync.
type WorkflowLocation struct{ ARN, Prefix string }

// Uploads are the props of uploads as plain values.
type Uploads struct {
	Environment
	StateMachine Environment // of the one that is started

	Bucket *WorkflowBucket
	Prefix string

	Inputs []WorkflowLocation
	Output *WorkflowLocation

	Others []WorkflowLocation // of uploads that start the same state machine
}

// CheckUploads finds every problem of uploads, in the order of the props. It returns nil when there
// is none.
func CheckUploads(u Uploads) []Problem { return run(uploadsRules, &u) }

// EventBridge takes 2,048 characters in a pattern; the rest of this one, with the name of a bucket,
// has less than 512.
const maxUploadsPrefix = 1_024

var uploadsRules = []rule[Uploads]{
	{
		name: "Bucket of uploads",
		// The events of a bucket are on the event bus of its own account and Region.
		// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
		check: func(u *Uploads) []Problem {
			if u.Bucket == nil {
				return []Problem{{"Bucket", "nil", "name the bucket of the documents"}}
			}
			return slices.Concat(
				differs("Bucket", "account", u.Bucket.Account, u.Account),
				differs("Bucket", "Region", u.Bucket.Region, u.Region),
				notInInputs(u.Bucket.ARN, u.Prefix, u.Inputs),
			)
		},
	},
	{
		name: "State machine of uploads",
		// A rule is in the account and Region of its target.
		// See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html
		check: func(u *Uploads) []Problem {
			return slices.Concat(
				differs("StateMachine", "account", u.StateMachine.Account, u.Account),
				differs("StateMachine", "Region", u.StateMachine.Region, u.Region),
			)
		},
	},
	{
		name: "Prefix of uploads",
		// A result that starts a job starts the next ones, for ever.
		// See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
		check: func(u *Uploads) []Problem {
			if u.Bucket == nil {
				return nil
			}
			if problems := checkParts("Prefix", &u.Prefix, leadingSlash); problems != nil {
				return problems
			}
			if len(u.Prefix) > maxUploadsPrefix {
				return []Problem{
					{
						"Prefix",
						fmt.Sprintf("%d bytes", len(u.Prefix)),
						fmt.Sprintf("use at most %d bytes, as keys of S3 have", maxUploadsPrefix),
					},
				}
			}
			if u.Output != nil && isSameBucket(u.Output.ARN, u.Bucket.ARN) && overlaps(u.Output.Prefix+"/", u.Prefix) {
				return []Problem{
					{
						"Prefix",
						quoted(u.Prefix),
						fmt.Sprintf("use another prefix or bucket than %q of Output, where Textract writes results", u.Output.Prefix+"/"),
					},
				}
			}
			return nil
		},
	},
	{
		name: "Uploads that overlap",
		// EventBridge sends an event to every rule that matches it.
		// See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
		check: func(u *Uploads) (problems []Problem) {
			const fix = "use a prefix that does not overlap %q, by which this bucket starts the same state machine"
			for _, other := range u.Others {
				isSame := u.Bucket != nil && isSameBucket(other.ARN, u.Bucket.ARN)
				if isSame && (other.Prefix == u.Prefix || overlaps(other.Prefix, u.Prefix)) {
					problems = append(problems, Problem{"Prefix", quoted(u.Prefix), fmt.Sprintf(fix, other.Prefix)})
				}
			}
			return problems
		},
	},
}

// Batch are the props of a batch as plain values.
type Batch struct {
	// Environment and Jobs are those of the batch and of the job state machine.
	Environment, Jobs Environment

	Bucket                     *WorkflowBucket
	Prefix                     string
	MaxConcurrency             *float64
	ToleratedFailurePercentage *float64
	ResultBucket               *WorkflowBucket
	ResultPrefix               *string
	DefaultResultPrefix        string

	Inputs []WorkflowLocation
}

// CheckBatch finds every problem of a batch, in the order of the props. It returns nil when there
// is none.
func CheckBatch(b Batch) []Problem { return run(batchRules, &b) }

// Step Functions runs at most so many children of a Distributed Map at a time.
const maxConcurrency = 10_000

var batchRules = []rule[Batch]{
	{
		name: "Environment of a batch",
		// A nested execution is in the account and Region of its parent.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
		check: func(b *Batch) []Problem { return inEnvironmentOfJobs(b.Environment, b.Jobs) },
	},
	{
		name: "Bucket of a batch",
		// The role of the jobs reads only Inputs, and Textract a bucket of its own Region.
		// See: https://docs.aws.amazon.com/textract/latest/dg/API_S3Object.html
		check: func(b *Batch) []Problem {
			if b.Bucket == nil {
				return []Problem{{"Bucket", "nil", "name the bucket of the documents"}}
			}
			return slices.Concat(
				differs("Bucket", "Region", b.Bucket.Region, b.Jobs.Region),
				notInInputs(b.Bucket.ARN, b.Prefix, b.Inputs),
			)
		},
	},
	{
		name: "MaxConcurrency of a batch",
		// Each job that is over the quota of the account is retried, and each retry is billed.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
		check: func(b *Batch) []Problem {
			const fix = "use a whole number from 1 to 10,000: the number of jobs that the account may run at a time"
			switch n := b.MaxConcurrency; {
			case n == nil:
				return []Problem{{"MaxConcurrency", "none", fix}}
			case *n < -1e280: // a token
				return []Problem{{"MaxConcurrency", "a token", "use a number that is known at synthesis"}}
			case *n < 1 || *n > maxConcurrency || *n != float64(int(*n)):
				return []Problem{{"MaxConcurrency", fmt.Sprint(*n), fix}}
			}
			return nil
		},
	},
	{
		name: "ToleratedFailurePercentage of a batch",
		// Step Functions compares it with the part of the children that failed.
		// See: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
		check: func(b *Batch) []Problem {
			switch n := b.ToleratedFailurePercentage; {
			case n == nil:
			case *n < -1e280: // a token
				return []Problem{{"ToleratedFailurePercentage", "a token", "use a number that is known at synthesis"}}
			case *n < 0 || *n > 100:
				return []Problem{{"ToleratedFailurePercentage", fmt.Sprint(*n), "use a number from 0 to 100"}}
			}
			return nil
		},
	},
	{
		name: "Prefixes of a batch",
		// Both are in policies, where * and ? match anything and ${ begins a variable, which have
		// U+0020 to U+00FF only.
		// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
		check: func(b *Batch) (problems []Problem) {
			for _, fix := range []fixOf{policyCharacters, policyWildcards, policyVariables} {
				problems = append(problems, checkParts("Prefix", &b.Prefix, fix)...)
				problems = append(problems, checkParts("ResultPrefix", b.ResultPrefix, fix)...)
			}
			return append(problems, checkParts("Prefix", &b.Prefix, leadingSlash)...)
		},
	},
	{
		name: "Results of a batch",
		// The next run would list the results of the one before.
		check: func(b *Batch) []Problem {
			prefix := b.DefaultResultPrefix
			if b.ResultPrefix != nil {
				prefix = *b.ResultPrefix
			}
			if b.ResultBucket == nil {
				return []Problem{{"ResultBucket", "nil", "name the bucket of the list of results"}}
			}
			if problems := differs("ResultBucket", "Region", b.ResultBucket.Region, b.Jobs.Region); problems != nil {
				return problems
			}
			switch {
			case prefix == "" || strings.HasPrefix(prefix, "/") || strings.HasSuffix(prefix, "/"):
				return []Problem{{"ResultPrefix", quoted(prefix), `use a prefix that is not empty, and neither begins nor ends with "/"`}}
			case b.Bucket != nil && isSameBucket(b.Bucket.ARN, b.ResultBucket.ARN) && overlaps(prefix+"/", b.Prefix):
				return []Problem{
					{
						"ResultPrefix",
						quoted(prefix),
						fmt.Sprintf("use a prefix that does not begin with the Prefix %q, or another ResultBucket", b.Prefix),
					},
				}
			}
			return nil
		},
	},
}

// InAnotherAccount reports whether both accounts are known and differ.
func InAnotherAccount(resource, stack Environment) bool {
	return known(resource.Account) && known(stack.Account) && resource.Account != stack.Account
}

// isSameBucket compares ARNs of which one may have the partition as a token.
func isSameBucket(a, b string) bool { return a == b || SameARN(a, b) }

func notInInputs(arn, prefix string, inputs []WorkflowLocation) []Problem {
	covered := len(inputs) == 0 || slices.ContainsFunc(inputs, func(input WorkflowLocation) bool {
		return isSameBucket(input.ARN, arn) && (Unresolved(prefix) || Unresolved(input.Prefix) || strings.HasPrefix(prefix, input.Prefix))
	})
	if covered || Dummy(arn) {
		return nil
	}
	return []Problem{
		{
			"Bucket",
			"one that is not in Inputs with the Prefix " + quoted(prefix),
			"name it in the Inputs of TextractAsync, so that its jobs may read it",
		},
	}
}

// overlaps reports whether a key may begin with both prefixes.
func overlaps(one, other string) bool {
	return !Unresolved(one) && !Unresolved(other) && (strings.HasPrefix(one, other) || strings.HasPrefix(other, one))
}
