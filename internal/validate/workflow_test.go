package validate

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func rightJobs() Jobs {
	return Jobs{
		Environment: inStack, Construct: inStack, Operation: OperationDocumentAnalysis,
		Operations: []string{OperationTextDetection, OperationDocumentAnalysis}, FeatureTypes: []string{"TABLES"},
	}
}

func text(s string) *string { return &s }

func float(n float64) *float64 { return &n }

const featuresFix = "use one of TABLES, FORMS, QUERIES, SIGNATURES, LAYOUT"

var jobsCases = []ruleCase[Jobs]{
	{rule: "Environment of jobs", name: "same", change: func(*Jobs) {}},
	{rule: "Environment of jobs", name: "unknown", change: func(j *Jobs) { j.Environment = unknown }},
	{
		rule: "Environment of jobs", name: "other Region", change: func(j *Jobs) { j.Construct.Region = "eu-west-1" },
		want: []Problem{{"TextractAsync", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"}},
	},
	{
		rule: "Environment of jobs", name: "other account", change: func(j *Jobs) { j.Construct.Account = otherAccount },
		want: []Problem{{"TextractAsync", "one in account " + otherAccount, "use one in account " + stackAccount + ", that of the state machine"}},
	},
	{rule: "Operation of jobs", name: "one of several", change: func(*Jobs) {}},
	{rule: "Operation of jobs", name: "the only one", change: func(j *Jobs) {
		j.Operation, j.Operations = "", []string{OperationDocumentAnalysis}
	}},
	{
		rule: "Operation of jobs", name: "none", change: func(j *Jobs) { j.Operation = "" },
		want: []Problem{{"Operation", "none", "use one of the Operations of TextractAsync: TEXT_DETECTION, DOCUMENT_ANALYSIS"}},
	},
	{
		rule: "Operation of jobs", name: "another", change: func(j *Jobs) { j.Operation, j.FeatureTypes = OperationLendingAnalysis, nil },
		want: []Problem{{"Operation", `"LENDING_ANALYSIS"`, "use one of the Operations of TextractAsync: TEXT_DETECTION, DOCUMENT_ANALYSIS"}},
	},
	{
		rule: "Operation of jobs", name: "a token", change: func(j *Jobs) { j.Operation, j.FeatureTypes = aToken, nil },
		want: []Problem{{"Operation", `"` + aToken + `"`, "use a value that is known at synthesis: it chooses the action of the state"}},
	},
	{rule: "Features of jobs", name: "all", change: func(j *Jobs) {
		j.FeatureTypes, j.Queries = []string{"TABLES", "FORMS", "QUERIES", "SIGNATURES", "LAYOUT"}, []Query{{Text: text("?")}}
	}},
	{rule: "Features of jobs", name: "a token", change: func(j *Jobs) { j.FeatureTypes = []string{aToken} }},
	{rule: "Features of jobs", name: "none for text", change: func(j *Jobs) { j.Operation, j.FeatureTypes = OperationTextDetection, nil }},
	{
		rule: "Features of jobs", name: "none", change: func(j *Jobs) { j.FeatureTypes = nil },
		want: []Problem{{"FeatureTypes", "none", "use at least one of TABLES, FORMS, QUERIES, SIGNATURES, LAYOUT"}},
	},
	{
		rule: "Features of jobs", name: "of text", change: func(j *Jobs) { j.Operation = OperationTextDetection },
		want: []Problem{{"FeatureTypes", `"TABLES"`, "remove it, or use Operation_DOCUMENT_ANALYSIS: no other operation has features"}},
	},
	{
		rule: "Features of jobs", name: "unknown and repeated", change: func(j *Jobs) { j.FeatureTypes = []string{"TABLE", "FORMS", "FORMS"} },
		want: []Problem{{"FeatureTypes[0]", `"TABLE"`, featuresFix}, {"FeatureTypes[2]", `"FORMS"`, "name each feature once"}},
	},
	{
		rule: "Features of jobs", name: "a list token", change: func(j *Jobs) { j.FeatureTypes = []string{"#{Token[TOKEN.1]}"} },
		want: []Problem{{"FeatureTypes[0]", `"#{Token[TOKEN.1]}"`, listTokenFix}},
	},
	{rule: "Queries of jobs", name: "with the feature", change: func(j *Jobs) {
		j.FeatureTypes, j.Queries = []string{"QUERIES"}, []Query{{Text: text(strings.Repeat("ü", 200)), Alias: text("A")}}
	}},
	{
		rule: "Queries of jobs", name: "feature alone", change: func(j *Jobs) { j.FeatureTypes = []string{"QUERIES"} },
		want: []Problem{{"Queries", "none", "name at least one question, or remove the feature QUERIES"}},
	},
	{
		rule: "Queries of jobs", name: "queries alone", change: func(j *Jobs) { j.Queries = []Query{{Text: text("?")}} },
		want: []Problem{{"Queries", "1", "remove it, or add the feature QUERIES to FeatureTypes"}},
	},
	{
		rule: "Queries of jobs", name: "too many, too long and nil", change: func(j *Jobs) {
			j.FeatureTypes, j.Queries = []string{"QUERIES"}, make([]Query, 31)
			for i := range j.Queries {
				j.Queries[i].Text = text("?")
			}
			j.Queries[0], j.Queries[1].Text, j.Queries[2].Text, j.Queries[3].Alias = Query{Missing: true}, nil, text(strings.Repeat("?", 201)), text("")
		},
		want: []Problem{
			{"Queries", "31", "use at most 30"},
			{"Queries[0]", "nil", "remove the element, or pass a query"},
			{"Queries[1].Text", "none", "use 1 to 200 characters"},
			{"Queries[2].Text", `"` + strings.Repeat("?", 201) + `"`, "use 1 to 200 characters"},
			{"Queries[3].Alias", `""`, "use 1 to 200 characters"},
		},
	},
	{
		rule: "Queries of jobs", name: "pages", change: func(j *Jobs) {
			j.FeatureTypes, j.Queries = []string{"QUERIES"}, []Query{{Text: text("?"), Pages: []string{"1", "2-4", "*", "", "a", "1234567890"}}}
		},
		want: []Problem{
			{"Queries[0].Pages[3]", `""`, pagesFix}, {"Queries[0].Pages[4]", `"a"`, pagesFix}, {"Queries[0].Pages[5]", `"1234567890"`, pagesFix},
		},
	},
	{rule: "Adapters of jobs", name: "with the feature", change: func(j *Jobs) {
		j.FeatureTypes, j.Queries, j.HasAdapters = []string{"QUERIES"}, []Query{{Text: text("?")}}, true
		j.Adapters = []Adapter{{AdapterID: text("0123456789ab"), Version: text("1")}}
	}},
	{
		rule: "Adapters of jobs", name: "without the feature", change: func(j *Jobs) { j.HasAdapters = true },
		want: []Problem{
			{"AdaptersConfig", "set", "remove it, or add the feature QUERIES to FeatureTypes"},
			{"AdaptersConfig.Adapters", "0", "use 1 to 100"},
		},
	},
	{
		rule: "Adapters of jobs", name: "nil and short", change: func(j *Jobs) {
			j.FeatureTypes, j.Queries, j.HasAdapters = []string{"QUERIES"}, []Query{{Text: text("?")}}, true
			j.Adapters = []Adapter{{Missing: true}, {AdapterID: text("short")}}
		},
		want: []Problem{
			{"AdaptersConfig.Adapters[0]", "nil", "remove the element, or pass an adapter"},
			{"AdaptersConfig.Adapters[1].AdapterId", `"short"`, "use 12 to 1011 characters"},
			{"AdaptersConfig.Adapters[1].Version", "none", "use 1 to 128 characters"},
		},
	},
	{rule: "JobTag", name: "every character", change: func(j *Jobs) { j.JobTag = text("aZ0_.-:") }},
	{rule: "JobTag", name: "a token", change: func(j *Jobs) { j.JobTag = text(aToken) }},
	{
		rule: "JobTag", name: "a space", change: func(j *Jobs) { j.JobTag = text("a b") },
		want: []Problem{{"JobTag", `"a b"`, `use 1 to 64 letters, digits, "_", ".", "-" and ":"`}},
	},
	{rule: "Times of jobs", name: "shortest and longest", change: func(j *Jobs) {
		j.StatusCheckInterval, j.Timeout = &Seconds{Value: 3600}, &Seconds{Value: 604_800}
	}},
	{
		rule: "Times of jobs", name: "beyond the bounds", change: func(j *Jobs) {
			j.StatusCheckInterval, j.Timeout = &Seconds{Value: 3601}, &Seconds{Value: 604_801}
		},
		want: []Problem{{"StatusCheckInterval", "3601 seconds", "use 1 minute to 1 hour"}, {"Timeout", "604801 seconds", "use 1 minute to 7 days"}},
	},
	{
		rule: "Times of jobs", name: "a token, and a fraction", change: func(j *Jobs) {
			j.StatusCheckInterval, j.Timeout = &Seconds{Unresolved: true}, &Seconds{Value: 60.5}
		},
		want: []Problem{{"StatusCheckInterval", "a token", "use a duration that is known at synthesis"}, {"Timeout", "60.5 seconds", "use whole seconds"}},
	},
	{
		rule: "Times of jobs", name: "too many checks", change: func(j *Jobs) { j.StatusCheckInterval = &Seconds{Value: 172} },
		want: []Problem{{
			"StatusCheckInterval", "172 seconds, and a Timeout of 86400 seconds", "use at least 1/500 of Timeout: an execution has 25,000 events at most",
		}},
	},
}

var executionsCases = []ruleCase[Jobs]{
	{rule: "FailedExecutionsThreshold", name: "one", change: func(j *Jobs) { j.FailedExecutionsThreshold = float(1) }},
	{
		rule: "FailedExecutionsThreshold", name: "zero", change: func(j *Jobs) { j.FailedExecutionsThreshold = float(0) },
		want: []Problem{{"FailedExecutionsThreshold", "0", "use a number above 0"}},
	},
}

const pagesFix = `use a page, a range or all pages, such as "1", "2-4" or "*"`

var taskCases = []ruleCase[Task]{
	{rule: "Document of a task", name: "set", change: func(*Task) {}},
	{
		rule: "Document of a task", name: "missing", change: func(t *Task) { t.Bucket, t.Key = nil, text("") },
		want: []Problem{
			{"Bucket", "none", `use the name of the document's bucket, a path such as "$.bucket", or an expression`},
			{"Key", `""`, `use the key of the document, a path such as "$.key", or an expression`},
		},
	},
	{rule: "Environment of a task", name: "the same", change: func(t *Task) { t.Environment, t.Jobs = inStack, inStack }},
	{
		rule: "Environment of a task", name: "another", change: func(t *Task) {
			t.Environment, t.Jobs = Environment{Account: otherAccount, Region: "eu-west-1"}, inStack
		},
		want: []Problem{
			{"scope", "one in account " + otherAccount, "use one in account " + stackAccount + ", that of the state machine"},
			{"scope", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"},
		},
	},
	{rule: "Values of a task", name: "paths of every kind", change: func(t *Task) {
		t.Bucket, t.Key, t.ResultPath = text("$.a"), text("$$.Execution.Name"), text("$['a']")
	}},
	{rule: "Values of a task", name: "expressions", change: func(t *Task) { t.Bucket, t.ID = text("{% $a %}"), text("{% 1 %}") }},
	{
		rule: "Values of a task", name: "expressions that are texts", change: func(t *Task) {
			t.Bucket, t.Key, t.Version, t.ID = text("$states.input.b"), text(" {% $k %}"), text("{% $v"), text("$")
		},
		want: []Problem{
			{"Bucket", `"$states.input.b"`, "write an expression of JSONata as {% … %}"},
			{"Key", `" {% $k %}"`, "let the expression begin with {% and end with %}"},
			{"Version", `"{% $v"`, "let the expression begin with {% and end with %}"},
		},
	},
	{
		rule: "Values of a task", name: "empty texts", change: func(t *Task) { t.Version, t.ID = text(""), text("") },
		want: []Problem{
			{"Version", `""`, "remove it, or use a value that is not empty"}, {"Id", `""`, "remove it, or use a value that is not empty"},
		},
	},
	{
		rule: "Values of a task", name: "ResultPath that is none", change: func(t *Task) { t.ResultPath = text("textract") },
		want: []Problem{{"ResultPath", `"textract"`, `use a path of the input, such as "$.textract"`}},
	},
	{
		rule: "Values of a task", name: "ResultPath of the context", change: func(t *Task) { t.ResultPath = text("$$.a") },
		want: []Problem{{"ResultPath", `"$$.a"`, `use a path of the input, such as "$.textract"`}},
	},
	{rule: "Query language of a task", name: "JSONPath", change: func(t *Task) { t.Paths, t.ResultPath = []string{"Key"}, text("$.a") }},
	{rule: "Query language of a task", name: "JSONata", change: func(t *Task) { t.Expressions, t.HasOutputs = []string{"Key"}, true }},
	{
		rule: "Query language of a task", name: "both", change: func(t *Task) { t.Paths, t.Expressions = []string{"Bucket", "Id"}, []string{"Key"} },
		want: []Problem{{"Bucket, Id", "JSONPath, while Key uses JSONata", "use one query language for all values: a state has one"}},
	},
	{
		rule: "Query language of a task", name: "ResultPath with JSONata", change: func(t *Task) { t.Expressions, t.ResultPath = []string{"Key"}, text("$.a") },
		want: []Problem{{"ResultPath", `"$.a"`, "remove it, or write Key as JSONPath: a state with JSONata has Outputs instead"}},
	},
	{
		rule: "Query language of a task", name: "Outputs with JSONPath", change: func(t *Task) { t.Paths, t.HasOutputs = []string{"Key"}, true },
		want: []Problem{{"Outputs", "set", "remove it, or write all values as JSONata: a state with JSONPath has ResultPath instead"}},
	},
}

const documentsARN, resultsARN = "arn:aws:s3:::documents", "arn:aws:s3:::results"

func rightUploads() Uploads {
	return Uploads{Environment: inStack, Bucket: &WorkflowBucket{Environment: inStack, ARN: documentsARN}, Prefix: "in/"}
}

var uploadsCases = []ruleCase[Uploads]{
	{rule: "Bucket of uploads", name: "any, without Inputs", change: func(*Uploads) {}},
	{rule: "Bucket of uploads", name: "within Inputs", change: func(u *Uploads) {
		u.Inputs = []WorkflowLocation{{ARN: resultsARN}, {ARN: documentsARN, Prefix: "i"}}
	}},
	{
		rule: "Bucket of uploads", name: "not in Inputs", change: func(u *Uploads) { u.Inputs = []WorkflowLocation{{ARN: documentsARN, Prefix: "in/pdf/"}} },
		want: []Problem{{"Bucket", `one that is not in Inputs with the Prefix "in/"`, "name it in the Inputs of TextractAsync, so that its jobs may read it"}},
	},
	{
		rule: "Bucket of uploads", name: "nil", change: func(u *Uploads) { u.Bucket = nil },
		want: []Problem{{"Bucket", "nil", "name the bucket of the documents"}},
	},
	{
		rule: "Bucket of uploads", name: "elsewhere", change: func(u *Uploads) { u.Bucket.Account, u.Bucket.Region = otherAccount, "eu-west-1" },
		want: []Problem{
			{"Bucket", "one in account " + otherAccount, "use one in account " + stackAccount + ", that of the state machine"},
			{"Bucket", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"},
		},
	},
	{rule: "State machine of uploads", name: "in the same environment", change: func(u *Uploads) { u.StateMachine = inStack }},
	{
		rule: "State machine of uploads", name: "elsewhere", change: func(u *Uploads) { u.StateMachine = Environment{Account: otherAccount} },
		want: []Problem{
			{"StateMachine", "one in account " + otherAccount, "use one in account " + stackAccount + ", that of the state machine"},
		},
	},
	{rule: "Prefix of uploads", name: "beside the results", change: func(u *Uploads) {
		u.Output = &WorkflowLocation{ARN: documentsARN, Prefix: "out"}
	}},
	{rule: "Prefix of uploads", name: "results in another bucket", change: func(u *Uploads) {
		u.Output = &WorkflowLocation{ARN: resultsARN, Prefix: "in"}
	}},
	{
		rule: "Prefix of uploads", name: "with the results inside", change: func(u *Uploads) {
			u.Prefix, u.Output = "", &WorkflowLocation{ARN: documentsARN, Prefix: "out"}
		},
		want: []Problem{{"Prefix", `""`, `use another prefix or bucket than "out/" of Output, where Textract writes results`}},
	},
	{
		rule: "Prefix of uploads", name: "with a leading slash", change: func(u *Uploads) { u.Prefix = "/in/" },
		want: []Problem{{"Prefix", `"/in/"`, `remove the leading "/"`}},
	},
	{
		rule: "Prefix of uploads", name: "inside the results", change: func(u *Uploads) {
			u.Prefix, u.Output = "in/x", &WorkflowLocation{ARN: documentsARN, Prefix: "in"}
		},
		want: []Problem{{"Prefix", `"in/x"`, `use another prefix or bucket than "in/" of Output, where Textract writes results`}},
	},
	{
		rule: "Prefix of uploads", name: "too long", change: func(u *Uploads) { u.Prefix = strings.Repeat("a", 1025) },
		want: []Problem{{"Prefix", "1025 bytes", "use at most 1024 bytes, as keys of S3 have"}},
	},
	{rule: "Uploads that overlap", name: "others beside", change: func(u *Uploads) {
		u.Others = []WorkflowLocation{{ARN: documentsARN, Prefix: "out/"}, {ARN: resultsARN, Prefix: "in/"}, {ARN: documentsARN, Prefix: aToken}}
	}},
	{
		rule: "Uploads that overlap", name: "a token twice", change: func(u *Uploads) {
			u.Prefix, u.Others = aToken, []WorkflowLocation{{ARN: documentsARN, Prefix: aToken}}
		},
		want: []Problem{{"Prefix", quoted(aToken), overlapFix(aToken)}},
	},
	{
		rule: "Uploads that overlap", name: "within others, and around others", change: func(u *Uploads) {
			u.Others = []WorkflowLocation{{ARN: documentsARN}, {ARN: resultsARN}, {ARN: documentsARN, Prefix: "in/2024/"}}
		},
		want: []Problem{{"Prefix", `"in/"`, overlapFix("")}, {"Prefix", `"in/"`, overlapFix("in/2024/")}},
	},
}

func overlapFix(prefix string) string {
	return fmt.Sprintf("use a prefix that does not overlap %q, by which this bucket starts the same state machine", prefix)
}

func rightBatch() Batch {
	return Batch{
		Bucket: &WorkflowBucket{ARN: documentsARN}, ResultBucket: &WorkflowBucket{ARN: resultsARN}, MaxConcurrency: float(90),
		DefaultResultPrefix: "textract_batch",
	}
}

const concurrencyFix = "use a whole number from 1 to 10,000: the number of jobs that the account may run at a time"

var batchCases = []ruleCase[Batch]{
	{rule: "Environment of a batch", name: "the same", change: func(b *Batch) { b.Environment, b.Jobs = inStack, inStack }},
	{
		rule: "Environment of a batch", name: "another", change: func(b *Batch) {
			b.Environment, b.Jobs = Environment{Region: "eu-west-1"}, inStack
		},
		want: []Problem{{"scope", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"}},
	},
	{rule: "Bucket of a batch", name: "set", change: func(*Batch) {}},
	{
		rule: "Bucket of a batch", name: "nil", change: func(b *Batch) { b.Bucket = nil },
		want: []Problem{{"Bucket", "nil", "name the bucket of the documents"}},
	},
	{
		rule: "Bucket of a batch", name: "not in Inputs", change: func(b *Batch) { b.Inputs = []WorkflowLocation{{ARN: resultsARN}} },
		want: []Problem{{"Bucket", `one that is not in Inputs with the Prefix ""`, "name it in the Inputs of TextractAsync, so that its jobs may read it"}},
	},
	{
		rule: "Bucket of a batch", name: "in another Region", change: func(b *Batch) {
			b.Jobs = inStack
			b.Bucket.Environment = Environment{Region: "eu-west-1"}
		},
		want: []Problem{{"Bucket", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"}},
	},
	{rule: "MaxConcurrency of a batch", name: "most", change: func(b *Batch) { b.MaxConcurrency = float(10_000) }},
	{
		rule: "MaxConcurrency of a batch", name: "none", change: func(b *Batch) { b.MaxConcurrency = nil },
		want: []Problem{{"MaxConcurrency", "none", concurrencyFix}},
	},
	{
		rule: "MaxConcurrency of a batch", name: "zero", change: func(b *Batch) { b.MaxConcurrency = float(0) },
		want: []Problem{{"MaxConcurrency", "0", concurrencyFix}},
	},
	{
		rule: "MaxConcurrency of a batch", name: "too many", change: func(b *Batch) { b.MaxConcurrency = float(10_001) },
		want: []Problem{{"MaxConcurrency", "10001", concurrencyFix}},
	},
	{
		rule: "MaxConcurrency of a batch", name: "a fraction", change: func(b *Batch) { b.MaxConcurrency = float(1.5) },
		want: []Problem{{"MaxConcurrency", "1.5", concurrencyFix}},
	},
	{
		rule: "MaxConcurrency of a batch", name: "a token", change: func(b *Batch) { b.MaxConcurrency = float(-1.8881545897087626e+289) },
		want: []Problem{{"MaxConcurrency", "a token", "use a number that is known at synthesis"}},
	},
	{rule: "ToleratedFailurePercentage of a batch", name: "none", change: func(b *Batch) { b.ToleratedFailurePercentage = float(0) }},
	{
		rule: "ToleratedFailurePercentage of a batch", name: "negative", change: func(b *Batch) { b.ToleratedFailurePercentage = float(-1) },
		want: []Problem{{"ToleratedFailurePercentage", "-1", "use a number from 0 to 100"}},
	},
	{
		rule: "ToleratedFailurePercentage of a batch", name: "more than all", change: func(b *Batch) { b.ToleratedFailurePercentage = float(101) },
		want: []Problem{{"ToleratedFailurePercentage", "101", "use a number from 0 to 100"}},
	},
	{
		rule: "ToleratedFailurePercentage of a batch", name: "a token", change: func(b *Batch) {
			b.ToleratedFailurePercentage = float(-1.8881545897087626e+289)
		},
		want: []Problem{{"ToleratedFailurePercentage", "a token", "use a number that is known at synthesis"}},
	},
	{
		rule: "Results of a batch", name: "in another Region", change: func(b *Batch) {
			b.Jobs = inStack
			b.ResultBucket.Environment = Environment{Region: "eu-west-1"}
		},
		want: []Problem{{"ResultBucket", "one in Region eu-west-1", "use one in Region us-east-1, that of the state machine"}},
	},
	{rule: "Prefixes of a batch", name: "of letters", change: func(b *Batch) { b.Prefix, b.ResultPrefix = "it's ä/", text("results/of") }},
	{
		rule: "Prefixes of a batch", name: "that IAM reads otherwise", change: func(b *Batch) {
			b.Prefix, b.ResultPrefix = "/20*/", text("日${a}")
		},
		want: []Problem{
			{
				"ResultPrefix", `"日${a}"`,
				`remove "日" (U+65E5): a prefix in an IAM policy has characters from U+0020 to U+00FF, and no control characters`,
			},
			{"Prefix", `"/20*/"`, `remove "*" and "?": IAM would take them for wildcards`},
			{"ResultPrefix", `"日${a}"`, `remove "${": IAM would take it for a policy variable`},
			{"Prefix", `"/20*/"`, `remove the leading "/"`},
		},
	},
	{rule: "Results of a batch", name: "beside the documents", change: func(b *Batch) { b.ResultBucket, b.Prefix = b.Bucket, "in/" }},
	{
		rule: "Results of a batch", name: "nil", change: func(b *Batch) { b.ResultBucket = nil },
		want: []Problem{{"ResultBucket", "nil", "name the bucket of the list of results"}},
	},
	{
		rule: "Results of a batch", name: "among the documents", change: func(b *Batch) { b.ResultBucket = b.Bucket },
		want: []Problem{{"ResultPrefix", `"textract_batch"`, `use a prefix that does not begin with the Prefix "", or another ResultBucket`}},
	},
	{
		rule: "Results of a batch", name: "empty", change: func(b *Batch) { b.ResultPrefix = text("") },
		want: []Problem{{"ResultPrefix", `""`, `use a prefix that is not empty, and neither begins nor ends with "/"`}},
	},
}

func TestWorkflowRules(t *testing.T) {
	testRules(t, jobsRules, slices.Concat(jobsCases, executionsCases), CheckJobs, rightJobs)
	testRules(t, taskRules, taskCases, CheckTask, func() Task { return Task{Bucket: text("b"), Key: text("k")} })
	testRules(t, uploadsRules, uploadsCases, CheckUploads, rightUploads)
	testRules(t, batchRules, batchCases, CheckBatch, rightBatch)
}

func TestEveryWorkflowRuleHasCases(t *testing.T) {
	requireCases(t, jobsRules, slices.Concat(jobsCases, executionsCases))
	requireCases(t, taskRules, taskCases)
	requireCases(t, uploadsRules, uploadsCases)
	requireCases(t, batchRules, batchCases)
}
