package textractworkflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// TestValuesOfATask has each kind of value: what reaches the job state machine, and the query
// language of the state.
func TestValuesOfATask(t *testing.T) {
	const path, expression = "Bucket.$", "JSONata"
	for _, c := range []struct {
		name     string
		bucket   func(awss3.Bucket) *string
		result   func() *string
		field    string
		want     string
		language string // empty for JSONPath
	}{
		{"a literal", value("documents"), nil, "Bucket", "documents", expression},
		{"a literal with ResultPath", value("documents"), resultPath("$.a"), "Bucket", "documents", ""},
		{"the name of a bucket", func(b awss3.Bucket) *string { return b.BucketName() }, nil, "Bucket", "<Documents7E5B2978>", expression},
		{"the name of a bucket with ResultPath", func(b awss3.Bucket) *string { return b.BucketName() }, resultPath("$.a"), "Bucket", "<Documents7E5B2978>", ""},
		{"a path", value("$.bucket"), nil, path, "$.bucket", ""},
		{"the input", value("$"), nil, path, "$", ""},
		{"a path in brackets", value("$['a b']"), nil, path, "$['a b']", ""},
		{"the context", value("$$.Execution.Input.bucket"), nil, path, "$$.Execution.Input.bucket", ""},
		{"an intrinsic function", value("States.Format('{}-in', $.id)"), nil, path, "States.Format('{}-in', $.id)", ""},
		{"StringAt", func(awss3.Bucket) *string { return awsstepfunctions.JsonPath_StringAt(jsii.String("$.bucket")) }, nil, path, "$.bucket", ""},
		{"Format", func(awss3.Bucket) *string {
			return awsstepfunctions.JsonPath_Format(jsii.String("{}-in"), awsstepfunctions.JsonPath_StringAt(jsii.String("$.id")))
		}, nil, path, "States.Format('{}-in', $.id)", ""},
		{"an expression", value("{% $states.input.bucket %}"), nil, "Bucket", "{% $states.input.bucket %}", expression},
		{"a variable", value("$bucket"), nil, path, "$bucket", ""},
		{"a key that looks like a function", value("States."), nil, "Bucket", "States.", expression},
		{"DISCARD", value("$.bucket"), awsstepfunctions.JsonPath_DISCARD, path, "$.bucket", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := newStack(newApp(), "Stack")
			props := &textractworkflow.TaskProps{Bucket: c.bucket(newBucket(stack, "Documents")), Key: jsii.String("a.pdf")}
			if c.result != nil {
				props.ResultPath = c.result()
			}
			state := taskState(t, stack, newText(stack), props)
			arguments := "Parameters"
			if c.language == expression {
				arguments = "Arguments"
			}
			if got, _ := state["QueryLanguage"].(string); got != c.language {
				t.Errorf("query language %q, want %q", got, c.language)
			}
			input := state[arguments].(object)["Input"].(object)
			document := input["DocumentLocation"].(object)["S3Object"].(object)
			if diff := cmp.Diff(object{c.field: c.want, "Name": "a.pdf"}, document); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			id, of := "Id.$", "States.Format('{}/{}', $$.Execution.Id, $$.State.Name)"
			if c.language == expression {
				id, of = "Id", "{% $states.context.Execution.Id & '/' & $states.context.State.Name %}"
			}
			if input[id] != of {
				t.Errorf("Id %v, want the execution and the state: a Retry finds the job again", input[id])
			}
			if path, isSet := state["ResultPath"]; c.name == "DISCARD" && (!isSet || path != nil) {
				t.Errorf("ResultPath %v, want null", path)
			}
		})
	}
}

func value(text string) func(awss3.Bucket) *string {
	return func(awss3.Bucket) *string { return jsii.String(text) }
}

func resultPath(text string) func() *string { return func() *string { return jsii.String(text) } }

// taskState returns the JSON of a task in a state machine.
func taskState(t *testing.T, stack awscdk.Stack, jobs textractworkflow.JobStateMachine, props *textractworkflow.TaskProps) object {
	t.Helper()
	awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(jobs.NewTask(stack, jsii.String("Read"), props)),
	})
	return definitionOf(t, stack, "Machine")["States"].(object)["Read"].(object)
}

func TestATaskRetriesAThrottledStartAndNoFailedJob(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	jobs := newText(stack)
	read := jobs.NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{Bucket: jsii.String("$.b"), Key: jsii.String("$.k")})
	read.AddRetry(&awsstepfunctions.RetryProps{Errors: jsii.Strings("States.ALL"), MaxAttempts: jsii.Number(2)})
	read.AddCatch(awsstepfunctions.NewPass(stack, jsii.String("Failed"), nil), nil)
	awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(
			read.Next(awsstepfunctions.NewSucceed(stack, jsii.String("Done"), nil)),
		),
	})
	text := readable(t, definitionOf(t, stack, "Machine"))
	for _, want := range []string{`"StepFunctions.ThrottlingException"`, `"States.ALL"`, `"Catch"`, `"Next": "Done"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	if strings.Contains(text, "States.TaskFailed") {
		t.Errorf("a failed job is retried: %s", text)
	}
	for _, text := range warningsOf(t, stack) {
		t.Errorf("warning %s", text)
	}
}

func TestATaskInsideAMapBringsItsPermissions(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	each := awsstepfunctions.NewMap(stack, jsii.String("Each"), nil)
	each.ItemProcessor(newText(stack).NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
		Bucket: jsii.String("$.b"), Key: jsii.String("$.k"),
	}), nil)
	awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(each),
	})
	var got []string
	for id, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		if strings.HasPrefix(id, "MachineRole") {
			for _, statement := range policy["PolicyDocument"].(object)["Statement"].([]any) {
				got = append(got, actionsOf(statement.(object))...)
			}
		}
	}
	want := []string{
		"states:StartExecution",
		"states:DescribeExecution",
		"states:StopExecution",
		"events:PutTargets",
		"events:PutRule",
		"events:DescribeRule",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestBadTasksUploadsAndBatchesAreRejected(t *testing.T) {
	app := newApp()
	stack, elsewhere := newStackIn(app, "Stack", account, region), newStackIn(app, "Elsewhere", account, "us-east-1")
	jobs := newText(stack)
	documents := newBucket(stack, "Documents")
	for _, c := range []struct {
		name  string
		build func(id *string)
		want  []string
	}{
		{"task without props", func(id *string) { jobs.NewTask(stack, id, nil) }, []string{"Bucket", "Key"}},
		{"task in two languages", func(id *string) {
			jobs.NewTask(stack, id, &textractworkflow.TaskProps{Bucket: jsii.String("$.b"), Key: jsii.String("{% $states.input.k %}")})
		}, []string{"Bucket"}},
		{"task with a text for an expression", func(id *string) {
			jobs.NewTask(stack, id, &textractworkflow.TaskProps{Bucket: jsii.String("$states.input.b"), Key: jsii.String("{% $k")})
		}, []string{"Bucket", "Key"}},
		{"task with a timeout of the other language", func(id *string) {
			jobs.NewTask(stack, id, &textractworkflow.TaskProps{
				Bucket: jsii.String("{% $b %}"), Key: jsii.String("k"), TaskTimeout: awsstepfunctions.Timeout_At(jsii.String("$.t")),
			})
		}, []string{"TaskTimeout"}},
		{"task with an empty version and Id", func(id *string) {
			jobs.NewTask(stack, id, &textractworkflow.TaskProps{
				Bucket: jsii.String("b"), Key: jsii.String("k"), Version: jsii.String(""), Id: jsii.String(""),
			})
		}, []string{"Version", "Id"}},
		{"batch over a bucket in another Region", func(id *string) {
			other := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Other"), &awss3.BucketAttributes{
				BucketName: jsii.String("other"), Region: jsii.String("us-east-1"),
			})
			jobs.NewBatch(stack, id, &textractworkflow.BatchProps{
				Bucket: other, ResultBucket: other, ResultPrefix: jsii.String("r"), Prefix: jsii.String("in/"), MaxConcurrency: jsii.Number(1),
			})
		}, []string{"Bucket", "ResultBucket"}},
		{"task in another Region", func(id *string) {
			jobs.NewTask(elsewhere, id, &textractworkflow.TaskProps{Bucket: jsii.String("b"), Key: jsii.String("k")})
		}, []string{"scope"}},
		{"batch in another Region", func(id *string) {
			jobs.NewBatch(elsewhere, id, &textractworkflow.BatchProps{
				Bucket: documents, ResultBucket: newBucket(stack, "Results"), MaxConcurrency: jsii.Number(1),
			})
		}, []string{"scope"}},
		{"uploads for a state machine in another Region", func(id *string) {
			jobs.AddUploads(id, &textractworkflow.UploadsProps{
				Bucket: documents, StateMachine: awsstepfunctions.StateMachine_FromStateMachineArn(
					elsewhere, jsii.String("Machine"), jsii.String("arn:aws:states:us-east-1:111122223333:stateMachine:own"),
				),
			})
		}, []string{"StateMachine"}},
		{"uploads for a state machine in another account, imported in the same stack", func(id *string) {
			jobs.AddUploads(id, &textractworkflow.UploadsProps{
				Bucket: documents, StateMachine: awsstepfunctions.StateMachine_FromStateMachineArn(
					stack, jsii.String("Foreign"), jsii.String("arn:aws:states:"+region+":444455556666:stateMachine:own"),
				),
			})
		}, []string{"StateMachine"}},
		{"uploads without props", func(id *string) { jobs.AddUploads(id, nil) }, []string{"Bucket"}},
		{"batch without props", func(id *string) { jobs.NewBatch(stack, id, nil) }, []string{"Bucket", "MaxConcurrency", "ResultBucket"}},
		{"batch over its own results", func(id *string) {
			jobs.NewBatch(stack, id, &textractworkflow.BatchProps{Bucket: documents, ResultBucket: documents, MaxConcurrency: jsii.Number(1)})
		}, []string{"ResultPrefix"}},
	} {
		var got []string
		for _, problem := range problemsOf(t, func() { c.build(jsii.String(c.name)) }) {
			got = append(got, problem.Prop)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestATaskIsInAStateMachineThatCanRunIt has each kind of state machine around a task, and what the
// synthesis says.
func TestATaskIsInAStateMachineThatCanRunIt(t *testing.T) {
	const paths, expressions, literals = "$.b", "{% $states.input.b %}", "documents"
	const express, jsonata = "an Express execution cannot wait", "QueryLanguage_JSONATA"
	alone := func(_ awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable { return read }
	inMap := func(stack awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable {
		return awsstepfunctions.NewMap(stack, jsii.String("Each"), nil).ItemProcessor(read, nil)
	}
	inParallel := func(stack awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable {
		return awsstepfunctions.NewParallel(stack, jsii.String("Both"), nil).
			Branch(awsstepfunctions.NewPass(stack, jsii.String("Pass"), nil), read)
	}
	inMapWithParameter := func(stack awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable {
		most := awscdk.NewCfnParameter(stack, jsii.String("Most"), &awscdk.CfnParameterProps{Type: jsii.String("Number")})
		each := awsstepfunctions.NewMap(stack, jsii.String("Each"), &awsstepfunctions.MapProps{MaxConcurrency: most.ValueAsNumber()})
		return each.ItemProcessor(read, nil)
	}
	inMapInParallel := func(stack awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable {
		each := awsstepfunctions.NewMap(stack, jsii.String("Each"), nil).ItemProcessor(read, nil)
		return awsstepfunctions.NewParallel(stack, jsii.String("Both"), nil).Branch(each)
	}
	distributed := func(kind awsstepfunctions.StateMachineType) func(awscdk.Stack, textractworkflow.Task) awsstepfunctions.IChainable {
		return func(stack awscdk.Stack, read textractworkflow.Task) awsstepfunctions.IChainable {
			return awsstepfunctions.NewDistributedMap(stack, jsii.String("Each"), &awsstepfunctions.DistributedMapProps{MapExecutionType: kind}).
				ItemProcessor(read, nil)
		}
	}
	for _, c := range []struct {
		name, bucket string
		around       func(awscdk.Stack, textractworkflow.Task) awsstepfunctions.IChainable
		kind         awsstepfunctions.StateMachineType
		language     awsstepfunctions.QueryLanguage
		want         string
	}{
		{"a standard one", paths, alone, "", "", ""},
		{"a standard one, with expressions", expressions, alone, "", "", ""},
		{"a Map", paths, inMap, "", "", ""},
		{"a Distributed Map", paths, distributed(awsstepfunctions.StateMachineType_STANDARD), "", "", ""},
		{"JSONata, with paths", paths, alone, "", awsstepfunctions.QueryLanguage_JSONATA, jsonata},
		{"JSONata, with expressions", expressions, alone, "", awsstepfunctions.QueryLanguage_JSONATA, ""},
		{"JSONata, with literals", literals, alone, "", awsstepfunctions.QueryLanguage_JSONATA, ""},
		{"a Map of JSONata, with paths", paths, inMap, "", awsstepfunctions.QueryLanguage_JSONATA, jsonata},
		{"a Map of JSONata, with expressions", expressions, inMap, "", awsstepfunctions.QueryLanguage_JSONATA, ""},
		{"a Parallel of JSONata, with paths", paths, inParallel, "", awsstepfunctions.QueryLanguage_JSONATA, jsonata},
		{"a Map in a Parallel of JSONata, with paths", paths, inMapInParallel, "", awsstepfunctions.QueryLanguage_JSONATA, jsonata},
		{"a Map of JSONata with a parameter, with paths", paths, inMapWithParameter, "", awsstepfunctions.QueryLanguage_JSONATA, jsonata},
		{"Express", paths, alone, awsstepfunctions.StateMachineType_EXPRESS, "", express},
		{"Express, with literals", literals, alone, awsstepfunctions.StateMachineType_EXPRESS, "", express},
		{"a Parallel of Express", expressions, inParallel, awsstepfunctions.StateMachineType_EXPRESS, "", express},
		{"a Distributed Map of Express executions", paths, distributed(awsstepfunctions.StateMachineType_EXPRESS), "", "", express},
	} {
		t.Run(c.name, func(t *testing.T) {
			app := newApp()
			stack := newStack(app, "Stack")
			read := newText(newStack(app, "Jobs")).NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
				Bucket: jsii.String(c.bucket), Key: jsii.String("k"),
			})
			awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
				DefinitionBody:   awsstepfunctions.DefinitionBody_FromChainable(c.around(stack, read)),
				StateMachineType: c.kind, QueryLanguage: c.language,
			})
			problem := func() (problem string) {
				defer func() {
					if failure := recover(); failure != nil {
						problem = fmt.Sprint(failure)
					}
				}()
				app.Synth(nil)
				return ""
			}()
			for _, want := range []string{c.want, `state "Read"`, "Stack/Machine"} {
				if c.want == "" && problem != "" || c.want != "" && !strings.Contains(problem, want) {
					t.Errorf("the synthesis ends with %q, want %q", problem, want)
				}
			}
		})
	}
}

// TestUploadsStartAStateMachineOfAnotherStack, whose task makes it depend on the job state
// machine's.
func TestUploadsStartAStateMachineOfAnotherStack(t *testing.T) {
	app := newApp()
	stack, other := newStack(app, "Stack"), newStack(app, "Other")
	jobs := newText(stack)
	own := awsstepfunctions.NewStateMachine(other, jsii.String("Own"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(jobs.NewTask(other, jsii.String("Read"), &textractworkflow.TaskProps{
			Bucket: jsii.String("$.detail.bucket.name"), Key: jsii.String("$.detail.object.key"),
		})),
	})
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: newBucket(stack, "Documents"), StateMachine: own})
	app.Synth(nil) // without a cycle
	if len(propertiesOf(other, "AWS::Events::Rule")) != 1 || len(propertiesOf(stack, "AWS::Events::Rule")) != 0 {
		t.Error("the rule is not in the stack of its target")
	}
}

// A bucket is the same one by its name, its ARN and a reference.
func TestABucketInSeveralForms(t *testing.T) {
	type forms struct{ input, uploads awss3.IBucket }
	for name, of := range map[string]func(stack awscdk.Stack) forms{
		"ARN and name": func(stack awscdk.Stack) forms {
			return forms{
				awss3.Bucket_FromBucketArn(stack, jsii.String("ByARN"), jsii.String("arn:aws:s3:::documents")),
				awss3.Bucket_FromBucketName(stack, jsii.String("ByName"), jsii.String("documents")),
			}
		},
		"new and imported": func(stack awscdk.Stack) forms {
			documents := newBucket(stack, "Documents")
			return forms{documents, awss3.Bucket_FromBucketName(stack, jsii.String("ByName"), documents.BucketName())}
		},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackIn(newApp(), "Stack", account, region)
			f := of(stack)
			jobs := newJobs(stack, "Jobs", textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
				Inputs:     &[]*textractasync.InputLocation{{Bucket: f.input, Prefix: jsii.String("in/")}},
				Output:     &textractasync.OutputLocation{Bucket: f.input, Prefix: jsii.String("in/results")},
			}))
			jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: f.uploads, Prefix: jsii.String("in/new/")})
			problems := problemsOf(t, func() {
				jobs.AddUploads(jsii.String("OfResults"), &textractworkflow.UploadsProps{Bucket: f.uploads, Prefix: jsii.String("in/results/")})
			})
			if len(problems) != 1 || problems[0].Prop != "Prefix" || !strings.Contains(problems[0].Fix, "of Output") {
				t.Errorf("%v, want a rejection of uploads of results", problems)
			}
		})
	}
}

// TestUploadsThatOverlapAreRejected has a rule for documents below in/ of a bucket, and one more.
func TestUploadsThatOverlapAreRejected(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
	jobs, others := newJobs(stack, "Jobs", textract), newJobs(stack, "Others", textract)
	documents := newBucket(stack, "Documents")
	own := awsstepfunctions.NewStateMachine(stack, jsii.String("Own"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(awsstepfunctions.NewPass(stack, jsii.String("Pass"), nil)),
	})
	in := jsii.String("in/")
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: in})
	jobs.AddUploads(jsii.String("UploadsOfOwn"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: in, StateMachine: own})
	for _, c := range []struct {
		name  string
		jobs  textractworkflow.JobStateMachine
		props textractworkflow.UploadsProps
		want  int
	}{
		{"the same prefix", jobs, textractworkflow.UploadsProps{Bucket: documents, Prefix: in}, 1},
		{"a prefix within", jobs, textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String("in/2024/")}, 1},
		{"the whole bucket", jobs, textractworkflow.UploadsProps{Bucket: documents}, 1},
		{"the job state machine by its name", jobs, textractworkflow.UploadsProps{Bucket: documents, StateMachine: jobs.StateMachine()}, 1},
		{"another state machine twice", others, textractworkflow.UploadsProps{Bucket: documents, Prefix: in, StateMachine: own}, 1},
		{"another prefix", jobs, textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String("other/")}, 0},
		{"another bucket", jobs, textractworkflow.UploadsProps{Bucket: newBucket(stack, "More"), Prefix: in}, 0},
		{"another job state machine", others, textractworkflow.UploadsProps{Bucket: documents, Prefix: in}, 0},
	} {
		problems := problemsOf(t, func() { c.jobs.AddUploads(jsii.String(c.name), &c.props) })
		if len(problems) != c.want || c.want > 0 && (problems[0].Prop != "Prefix" || !strings.Contains(problems[0].Fix, `"in/"`)) {
			t.Errorf("%s: %v, want %d problems", c.name, problems, c.want)
		}
	}
}

func TestTheDeadLetterQueueOfUploadsIsEncrypted(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	newText(stack).AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: newBucket(stack, "Documents")})
	for id, queue := range propertiesOf(stack, "AWS::SQS::Queue") {
		if strings.Contains(id, "Uploads") && queue["SqsManagedSseEnabled"] != true {
			t.Errorf("%s: %v", id, queue)
		}
	}
}

// TestQueriesAreLiteralsAndCopies has a question that looks like an expression, and changes it
// after the state machine was made: AddUploads writes the definition again.
func TestQueriesAreLiteralsAndCopies(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	query := &textractworkflow.Query{Text: jsii.String("{% of what? %}"), Alias: jsii.String("it's")}
	jobs := textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
		TextractAsync: newTextract(stack, textractasync.Operation_DOCUMENT_ANALYSIS),
		FeatureTypes:  jsii.PtrSlice("QUERIES"), Queries: &[]*textractworkflow.Query{query},
	})
	query.Text = jsii.String("changed")
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: newBucket(stack, "Documents"), Prefix: jsii.String("in/")})
	start := definitionOf(t, stack, "JobsState")["States"].(object)["Start"].(object)
	want := object{"Queries": []any{object{"Text": "{% '{% of what? %}' %}", "Alias": "it's"}}}
	if diff := cmp.Diff(want, start["Arguments"].(object)["QueriesConfig"]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestTheRequestTokenIsOfAllSettings has as many questions as Textract takes, of which the last one
// differs: Step Functions does not hash so much text.
func TestTheRequestTokenIsOfAllSettings(t *testing.T) {
	tokens := map[string]bool{}
	for _, last := range []string{"a", "b", "c"} {
		var queries []*textractworkflow.Query
		for i := range 30 {
			queries = append(queries, &textractworkflow.Query{
				Text: jsii.String(fmt.Sprintf("%d", i) + strings.Repeat("?", 198)), Alias: jsii.String(strings.Repeat("'", 200)),
			})
		}
		queries[29].Alias = &last
		stack := newStack(newApp(), "Stack")
		textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
			TextractAsync: newTextract(stack, textractasync.Operation_DOCUMENT_ANALYSIS),
			FeatureTypes:  jsii.PtrSlice("QUERIES"), Queries: &queries,
		})
		start := definitionOf(t, stack, "JobsState")["States"].(object)["Start"].(object)["Arguments"].(object)
		token := start["ClientRequestToken"].(string)
		if tokens[token] = true; len(token) > 5_000 {
			t.Errorf("the expression of the token has %d characters", len(token))
		}
		if sent := start["QueriesConfig"].(object)["Queries"].([]any); len(sent) != 30 || sent[29].(object)["Alias"] != last {
			t.Errorf("%d questions are sent, the last one is %v", len(sent), sent[29])
		}
	}
	if len(tokens) != 3 {
		t.Errorf("%d tokens for 3 lists", len(tokens))
	}
}

// TestUploads matches events of S3 with the pattern of the rule, as EventBridge does.
func TestUploads(t *testing.T) {
	for _, c := range []struct {
		name, prefix string
		want         []any
		filters      bool
	}{
		{"the whole bucket", "", []any{
			suffix(".pdf"), suffix(".png"), suffix(".jpg"), suffix(".jpeg"), suffix(".tif"), suffix(".tiff"),
		}, false},
		{"a prefix", "in/*", []any{object{"prefix": "in/*"}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := newStack(newApp(), "Stack")
			jobs := newText(stack)
			props := &textractworkflow.UploadsProps{Bucket: newBucket(stack, "Documents")}
			if c.prefix != "" {
				props.Prefix = jsii.String(c.prefix)
			}
			uploads := jobs.AddUploads(jsii.String("Uploads"), props)
			if uploads.Rule().AttrArn() == nil || uploads.DeadLetterQueue().QueueArn() == nil {
				t.Error("no rule or no queue")
			}
			for _, rule := range propertiesOf(stack, "AWS::Events::Rule") {
				detail := rule["EventPattern"].(object)["detail"].(object)
				want := object{"key": c.want, "size": []any{object{"numeric": []any{">", 0.0}}}}
				if diff := cmp.Diff(want, detail["object"]); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
			_, filters := definitionOf(t, stack, "TextState")["States"].(object)["Document?"]
			if filters != c.filters {
				t.Errorf("the job state machine filters uploads: %t, want %t", filters, c.filters)
			}
			for _, bucket := range propertiesOf(stack, "AWS::S3::Bucket") {
				want := object{"EventBridgeConfiguration": object{"EventBridgeEnabled": true}}
				if diff := cmp.Diff(want, bucket["NotificationConfiguration"]); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			}
		})
	}
}

func suffix(extension string) object {
	return object{"suffix": object{"equals-ignore-case": extension}}
}

func TestUploadsStartYourStateMachine(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	jobs := newText(stack)
	own := awsstepfunctions.NewStateMachine(stack, jsii.String("Own"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(awsstepfunctions.NewPass(stack, jsii.String("Pass"), nil)),
	})
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{
		Bucket: newBucket(stack, "Documents"), Prefix: jsii.String("in/"), StateMachine: own,
	})
	for _, rule := range propertiesOf(stack, "AWS::Events::Rule") {
		if arn := fmt.Sprint(rule["Targets"].([]any)[0].(object)["Arn"]); !strings.Contains(arn, "Own") {
			t.Errorf("the target is %s", arn)
		}
	}
	if _, filters := definitionOf(t, stack, "TextState")["States"].(object)["Document?"]; filters {
		t.Error("the job state machine has one more transition for nothing")
	}
}

func TestTheRuleMayUseTheKeyOfYourStateMachine(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	uploads := newText(stack).AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{
		Bucket: newBucket(stack, "Documents"),
		StateMachine: awsstepfunctions.NewStateMachine(stack, jsii.String("Own"), &awsstepfunctions.StateMachineProps{
			DefinitionBody:          awsstepfunctions.DefinitionBody_FromChainable(awsstepfunctions.NewPass(stack, jsii.String("Pass"), nil)),
			EncryptionConfiguration: awsstepfunctions.NewCustomerManagedEncryptionConfiguration(key, nil),
		}),
	})
	key.GrantEncryptDecrypt(uploads.Role())
	for id, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		if text := fmt.Sprint(policy); strings.HasPrefix(id, "TextUploadsRole") && !strings.Contains(text, "kms:GenerateDataKey") {
			t.Errorf("%s: %s", id, text)
		}
	}
}

// TestNotificationsOfABucket keeps what the bucket sends already, and finds what would switch
// EventBridge off.
func TestNotificationsOfABucket(t *testing.T) {
	build := func(change func(awscdk.Stack, awss3.Bucket), later func(awscdk.Stack, awss3.Bucket)) awscdk.Stack {
		stack := newStack(newApp(), "Stack")
		bucket := newBucket(stack, "Documents")
		change(stack, bucket)
		newText(stack).AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: bucket})
		later(stack, bucket)
		return stack
	}
	nothing := func(awscdk.Stack, awss3.Bucket) {}
	resource := func(bucket awss3.Bucket) awss3.CfnBucket { return bucket.Node().DefaultChild().(awss3.CfnBucket) }

	stack := build(func(_ awscdk.Stack, bucket awss3.Bucket) {
		resource(bucket).SetNotificationConfiguration(&awss3.CfnBucket_NotificationConfigurationProperty{
			TopicConfigurations: &[]*awss3.CfnBucket_TopicConfigurationProperty{
				{Event: jsii.String("s3:ObjectRemoved:*"), Topic: jsii.String("arn")},
			},
		})
	}, nothing)
	for _, bucket := range propertiesOf(stack, "AWS::S3::Bucket") {
		configuration := bucket["NotificationConfiguration"].(object)
		if configuration["EventBridgeConfiguration"] == nil || configuration["TopicConfigurations"] == nil {
			t.Errorf("%v", configuration)
		}
	}

	enable := func(_ awscdk.Stack, bucket awss3.Bucket) { bucket.EnableEventBridgeNotification() }
	awscdk.App_Of(build(enable, nothing)).Synth(nil)
	awscdk.App_Of(build(nothing, enable)).Synth(nil)

	defer func() {
		if problem := fmt.Sprint(recover()); !strings.Contains(problem, "call EnableEventBridgeNotification on the bucket as well") {
			t.Errorf("a later notification: %s", problem)
		}
	}()
	awscdk.App_Of(build(nothing, func(_ awscdk.Stack, bucket awss3.Bucket) {
		bucket.AddObjectRemovedNotification(&destination{})
	})).Synth(nil)
}

// destination is a target of notifications that needs no other package.
type destination struct{}

func (*destination) Bind(_ constructs.Construct, _ interfacesawss3.IBucketRef) *awss3.BucketNotificationDestinationConfig {
	return &awss3.BucketNotificationDestinationConfig{
		Arn: jsii.String("arn:aws:sqs:eu-west-1:111122223333:removed"), Type: awss3.BucketNotificationDestinationType_QUEUE,
	}
}

func TestAnImportedBucketIsWarnedOf(t *testing.T) {
	stack := newStackIn(newApp(), "Stack", account, region)
	jobs := newText(stack)
	imported := awss3.Bucket_FromBucketName(stack, jsii.String("Imported"), jsii.String("imported"))
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: imported})
	jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: awss3.Bucket_FromBucketAttributes(stack, jsii.String("Other"), &awss3.BucketAttributes{
			BucketName: jsii.String("other"), Account: jsii.String("444455556666"),
		}),
		ResultBucket: imported, MaxConcurrency: jsii.Number(1),
	})
	expectWarning(t, stack, "workflowUploads", "switch on Amazon EventBridge")
	expectWarning(t, stack, "workflowBatch", "ResultBucket: Stack/Imported is imported without its key")
	expectWarning(t, stack, "workflowBatch", "Bucket: the bucket is in account 444455556666")
}

func TestTheRoleOfABatchUsesTheKeyOfItsResults(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	newText(stack).NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket:         newBucket(stack, "Documents"),
		MaxConcurrency: jsii.Number(1),
		ResultBucket: awss3.NewBucket(
			stack, jsii.String("Results"),
			&awss3.BucketProps{Encryption: awss3.BucketEncryption_KMS, EncryptionKey: key},
		),
	})
	found := false
	for id, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		if strings.HasPrefix(id, "BatchRole") {
			found = strings.Contains(fmt.Sprint(policy), "kms:GenerateDataKey") && strings.Contains(fmt.Sprint(policy), "kms:Decrypt")
		}
	}
	if !found {
		t.Error("the role of the batch may not use the key of ResultBucket")
	}
}

func TestABatchGoesOnAfterFailures(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	newText(stack).NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: newBucket(stack, "Documents"), ResultBucket: newBucket(stack, "Results"), MaxConcurrency: jsii.Number(90),
	})
	documents := definitionOf(t, stack, "Batch")["States"].(object)["Documents"].(object)
	if documents["ToleratedFailurePercentage"] != 100.0 || documents["MaxConcurrency"] != 90.0 {
		t.Errorf("%v", documents)
	}
}

func TestInputsAreThoseOfTheConstruct(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	documents := newBucket(stack, "Documents")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
		Inputs:     &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("in/")}},
		Output:     &textractasync.OutputLocation{Bucket: documents, Prefix: jsii.String("out")},
	})
	for prefix, want := range map[string]int{"in/": 0, "in/2024/": 0, "other/": 1, "out/": 2, "": 2} {
		problems := problemsOf(t, func() {
			jobs := newJobs(stack, "Jobs of "+prefix, textract)
			jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String(prefix)})
		})
		if len(problems) != want {
			t.Errorf("%q: %v, want %d problems", prefix, problems, want)
		}
	}
}
