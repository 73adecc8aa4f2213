package workflow

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// machines are the state machines of the app, by name.
type machines map[string]awsstepfunctions.StateMachine

// newApp is a stack with a state machine of each kind.
func newApp(scope constructs.Construct) machines {
	stack := awscdk.NewStack(scope, jsii.String("Workflow"), nil)
	documents := awss3.NewBucket(
		stack, jsii.String("Documents"),
		&awss3.BucketProps{EnforceSSL: jsii.Bool(true), Versioned: jsii.Bool(true)},
	)
	results := awss3.NewBucket(stack, jsii.String("Results"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	analysis := textractworkflow.NewJobStateMachine(stack, jsii.String("Analysis"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_DOCUMENT_ANALYSIS, FeatureTypes: jsii.PtrSlice("TABLES", "QUERIES"),
		Queries: &[]*textractworkflow.Query{{Text: jsii.String("What's the \"total\"?"), Alias: jsii.String("total")}},
		AdaptersConfig: &textractworkflow.AdaptersConfig{Adapters: &[]*textractworkflow.Adapter{
			{AdapterId: jsii.String("0123456789ab"), Version: jsii.String("1"), Pages: jsii.PtrSlice("1-3")},
		}},
		JobTag: jsii.String("invoices"),
	})
	expense := textractworkflow.NewJobStateMachine(stack, jsii.String("Expense"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_EXPENSE_ANALYSIS,
	})
	lending := textractworkflow.NewJobStateMachine(stack, jsii.String("Lending"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_LENDING_ANALYSIS,
	})
	text := textractworkflow.NewJobStateMachine(stack, jsii.String("Text"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_TEXT_DETECTION,
	})
	text.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents, Prefix: jsii.String("in/")})
	batch := text.NewBatch(stack, jsii.String("Backlog"), &textractworkflow.BatchProps{
		Bucket: documents, Prefix: jsii.String("2024/"), MaxConcurrency: jsii.Number(3), ResultBucket: results,
	})
	brake := text.NewBatch(stack, jsii.String("Brake"), &textractworkflow.BatchProps{
		Bucket: documents, Prefix: jsii.String("2023/"), MaxConcurrency: jsii.Number(1), ToleratedFailurePercentage: jsii.Number(25),
		ResultBucket: results, ResultPrefix: jsii.String("brake"),
	})
	read := func(id, bucket, key string) textractworkflow.Task {
		return analysis.NewTask(stack, jsii.String(id), &textractworkflow.TaskProps{Bucket: &bucket, Key: &key})
	}
	retried := read("Read and retry", "$.bucket", "$.key")
	retried.AddRetry(&awsstepfunctions.RetryProps{Errors: jsii.Strings("States.ALL"), MaxAttempts: jsii.Number(3)})
	paths := analysis.NewTask(stack, jsii.String("Read paths"), &textractworkflow.TaskProps{
		Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"), ResultPath: jsii.String("$.textract"),
	})
	return machines{
		"job":     analysis.StateMachine(),
		"expense": expense.StateMachine(),
		"lending": lending.StateMachine(),
		"text":    text.StateMachine(),
		"batch":   batch.StateMachine(),
		"brake":   brake.StateMachine(),
		"paths":   newParent(stack, "Paths", "", paths),
		"expressions": newParent(
			stack, "Expressions", awsstepfunctions.QueryLanguage_JSONATA,
			read("Read expressions", "{% $states.input.bucket %}", "{% 'in/' & $states.input.key %}"),
		),
		"literals": newParent(
			stack, "Literals", awsstepfunctions.QueryLanguage_JSONATA,
			read("Read literals", *documents.BucketName(), "in/one.pdf"),
		),
		"function": newParent(stack, "Function", "", read("Read function", *documents.BucketName(), "States.Format('in/{}.pdf', $.id)")),
		"retry":    newParent(stack, "Retry", "", retried),
		"catch":    newParent(stack, "Catch", "", caught(stack, read("Read and catch", "$.bucket", "$.key"))),
	}
}

// caught tells a failed job from every other failure.
func caught(stack awscdk.Stack, task textractworkflow.Task) awsstepfunctions.IChainable {
	failure := awsstepfunctions.NewPass(stack, jsii.String("Read the cause"), &awsstepfunctions.PassProps{
		Parameters: &map[string]any{"cause.$": "States.StringToJson($.error.Cause)"},
	})
	rejected := awsstepfunctions.NewFail(stack, jsii.String("Rejected"), &awsstepfunctions.FailProps{Error: jsii.String("Rejected")})
	broken := awsstepfunctions.NewFail(stack, jsii.String("Broken"), &awsstepfunctions.FailProps{Error: jsii.String("Broken")})
	isFailedJob := awsstepfunctions.Condition_StringEquals(jsii.String("$.cause.Error"), jsii.String(textractworkflow.ErrorJobFailed))
	failure.Next(
		awsstepfunctions.NewChoice(stack, jsii.String("Did the job fail?"), nil).When(isFailedJob, rejected, nil).Otherwise(broken),
	)
	task.AddCatch(failure, &awsstepfunctions.CatchProps{ResultPath: jsii.String("$.error")})
	return task
}

func newParent(
	stack awscdk.Stack,
	id string,
	language awsstepfunctions.QueryLanguage,
	chain awsstepfunctions.IChainable,
) awsstepfunctions.StateMachine {
	return awsstepfunctions.NewStateMachine(stack, jsii.String(id), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(chain), QueryLanguage: language,
	})
}

// deployment is the app in an account.
type deployment struct {
	*account
	machines        map[string]string // ARNs
	notifier        *pipe
	queue           string // its URL
	deadLetterQueue string
	documents       string // the bucket
	results         string
	uploads         int
}

func deployApp(a *account, dir string) (*deployment, error) {
	out := filepath.Join(dir, "cdk.out")
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: &out, AnalyticsReporting: jsii.Bool(false)})
	made := newApp(app)
	ids := map[string]string{}
	for name, machine := range made {
		ids[name] = *machine.Stack().GetLogicalId(machine.Node().DefaultChild().(awscdk.CfnElement))
	}
	app.Synth(nil)
	physical, err := a.deploy("Workflow", filepath.Join(out, "Workflow.template.json"))
	if err != nil {
		return nil, err
	}
	d := &deployment{account: a, machines: map[string]string{}}
	for name, id := range ids {
		d.machines[name] = physical[id]
	}
	var pipes []struct{ Source, Target string }
	if err := a.server.ask("pipes", object{}, &pipes); err != nil {
		return nil, err
	}
	if len(pipes) != 1 {
		return nil, errors.New("not one pipe")
	}
	d.notifier = a.addPipe(pipes[0].Source, pipes[0].Target)
	for id, name := range physical {
		switch {
		case strings.HasPrefix(id, "TextractQueue") && strings.HasPrefix(name, "http"):
			d.queue = name
		case strings.HasPrefix(id, "TextractDeadLetterQueue") && strings.HasPrefix(name, "http"):
			d.deadLetterQueue = name
		}
	}
	for id, name := range physical {
		if strings.HasPrefix(id, "Documents") && !strings.HasPrefix(id, "DocumentsPolicy") {
			d.documents = name
		} else if strings.HasPrefix(id, "Results") && !strings.HasPrefix(id, "ResultsPolicy") {
			d.results = name
		}
	}
	return d, nil
}

// app is deployed once for all tests.
var app *deployment

func TestMain(m *testing.M) {
	code, err := withApp(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withApp(run func() int) (code int, err error) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil { // the CDK's template validator, which takes two seconds
		return 0, err
	}
	defer jsii.Close()
	dir, err := os.MkdirTemp("", "workflow-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	a, closeAll, err := openAccount(dir)
	if err != nil {
		return 0, err
	}
	defer closeAll()
	if app, err = deployApp(a, dir); err != nil {
		log, _ := os.ReadFile(a.server.log)
		return 0, fmt.Errorf("deploying the app: %w\n%s", err, log)
	}
	return run(), nil
}
