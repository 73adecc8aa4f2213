package workflow

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// TestRetriesOfAQuotaLastForTheLongestTimeout counts with the mean of full jitter. More attempts
// would not fit into the history of an execution, beside the status checks.
func TestRetriesOfAQuotaLastForTheLongestTimeout(t *testing.T) {
	var d definition
	must(json.Unmarshal([]byte(app.definition(app.machines["job"])), &d))
	const week, history = 7 * 24 * 3600, 25_000
	for attempts, want := range map[float64]bool{
		0:      true, // as deployed
		1_000:  false,
		20_000: false, // too many events
	} {
		quota := d.state("Start")["Retry"].([]any)[0].(object)
		if attempts == 0 {
			attempts = quota["MaxAttempts"].(float64)
		}
		seconds, delay := 0.0, quota["IntervalSeconds"].(float64)
		for range int(attempts) {
			seconds += delay / 2
			delay = min(delay*quota["BackoffRate"].(float64), quota["MaxDelaySeconds"].(float64))
		}
		if fits := seconds >= week && 3*attempts+500*15 < history; fits != want {
			t.Errorf("%v attempts: %.1f days, %v events", attempts, seconds/24/3600, 3*attempts)
		}
	}
}

// TestABatchGoesOnAfterFailures, because Moto enforces no percentage.
func TestABatchGoesOnAfterFailures(t *testing.T) {
	var d definition
	must(json.Unmarshal([]byte(app.definition(app.machines["batch"])), &d))
	if got := d.state("Documents")["ToleratedFailurePercentage"]; got != 100.0 {
		t.Errorf("%v %% may fail, not 100", got)
	}
}

// TestTheNotifierStaysInTheStackOfItsQueue in whatever order job state machines are created: one
// that moved would leave running executions with the table that was.
func TestTheNotifierStaysInTheStackOfItsQueue(t *testing.T) {
	templates := map[string]string{}
	for _, order := range [][]string{{"B", "C"}, {"C", "B"}, {"C"}} {
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(filepath.Join(t.TempDir(), "cdk.out"))})
		textract := textractasync.NewTextractAsync(awscdk.NewStack(app, jsii.String("A"), nil), jsii.String("Textract"), nil)
		for _, name := range order {
			textractworkflow.NewJobStateMachine(
				awscdk.NewStack(app, jsii.String(name), nil),
				jsii.String("Jobs"),
				&textractworkflow.JobStateMachineProps{
					TextractAsync: textract, Operation: textractasync.Operation_TEXT_DETECTION,
				},
			)
		}
		assembly := app.Synth(nil)
		for _, stack := range *assembly.Stacks() {
			text, err := json.Marshal(stack.Template())
			must(err)
			pipes, isQueues := strings.Count(string(text), `"AWS::Pipes::Pipe"`), *stack.StackName() == "A"
			if isQueues != (pipes == 1) || pipes > 1 {
				t.Errorf("order %v: stack %s has %d pipes", order, *stack.StackName(), pipes)
			}
			key := strings.Join(slices.Sorted(slices.Values(order)), "") + *stack.StackName()
			if before := templates[key]; before != "" && before != string(text) {
				t.Errorf("order %v changes stack %s", order, *stack.StackName())
			}
			templates[key] = string(text)
		}
	}
}

func TestABatchMayWriteItsResultsWithAKey(t *testing.T) {
	for _, hasKey := range []bool{true, false} {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Stack"), nil)
		props := &awss3.BucketProps{EnforceSSL: jsii.Bool(true)}
		if hasKey {
			props.EncryptionKey = awskms.NewKey(stack, jsii.String("Key"), nil)
		}
		documents := awss3.NewBucket(stack, jsii.String("Documents"), nil)
		jobs := textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
			TextractAsync: textractasync.NewTextractAsync(
				stack, jsii.String("Textract"), nil,
			),
			Operation: textractasync.Operation_TEXT_DETECTION,
		})
		jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
			Bucket: documents, MaxConcurrency: jsii.Number(10), ResultBucket: awss3.NewBucket(stack, jsii.String("Results"), props),
		})
		policies := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::IAM::Policy"), nil)
		may := false
		for id, policy := range policies {
			text, err := json.Marshal(policy)
			must(err)
			may = may ||
				strings.HasPrefix(id, "Batch") && strings.Contains(string(text), "kms:GenerateDataKey") &&
					strings.Contains(string(text), `"Key`)
		}
		if may != hasKey {
			t.Errorf("with a key: %v; the role of the batch may use it: %v", hasKey, may)
		}
	}
}
