package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Where the objects of a workflow's checks are, below which uploads start executions and batches
// read.
const (
	uploadsPrefix = "make-live/in/"
	batchPrefix   = "make-live/batch/"
)

const (
	noInterpreter = "Moto runs no state machine"
	usdQueries    = 0.015
)

// waited are the states of an execution that its notification resumed.
var waited = []string{"Start", "Wait for notification"}

// workflowChecks answer the open point Workflows of docs/deploy.md.
var workflowChecks = []check{
	{
		point: "Workflow: a job", done: "start an execution of a job state machine",
		expected: "`SUCCEEDED`, resumed by the notification: the notifier may send task successes by the ARN of a state machine",
		moto:     noInterpreter, pages: 1, usd: usdText, run: checkJob,
	},
	{
		point: "Workflow: an Id", done: "start two executions with one Id, one after the other",
		expected: "the same job: the failed condition of the second one's token is caught at once",
		moto:     noInterpreter, pages: 1, usd: usdText, run: checkID,
	},
	{
		point: "Workflow: a lost notification", done: "delete the item of that job, then start an execution with its Id",
		expected: "the same job, after a status check: Get reads the status of a job with an output and a key",
		moto:     noInterpreter, run: checkLostNotification,
	},
	{
		point: "Workflow: every setting", done: "start an execution of an analysis with a query, a tag and a key for its results",
		expected: "`SUCCEEDED`", moto: noInterpreter, pages: 1, usd: usdQueries, run: checkSettings,
	},
	{
		point: "Workflow: a document that Textract cannot read", done: "start an execution for a text with the name of a PDF",
		expected: "`FAILED` with an error of Textract and a cause", moto: noInterpreter, run: checkUnreadableDocument,
	},
	{
		point: "Workflow: a message that the notifier cannot read", done: "send a message to the queue, and wait for 5 receives",
		expected: "it is in the dead-letter queue", moto: noInterpreter, run: checkUnreadableMessage,
	},
	{
		point: "Workflow: a task", done: "start an execution of a state machine with a task",
		expected: "`SUCCEEDED` with the job's result", moto: noInterpreter, pages: 1, usd: usdText, run: checkTask,
	},
	{
		point: "Workflow: a redrive", done: "stop such an execution when its task runs, and redrive it",
		expected: "`SUCCEEDED`, and one job", moto: noInterpreter, pages: 1, usd: usdText, run: checkRedrive,
	},
	{
		point: "Workflow: an upload", done: "upload `a b+c.pdf`", expected: "an execution for this key: `SUCCEEDED`",
		moto: noInterpreter, pages: 1, usd: usdText, run: checkUpload,
	},
	{
		point: "Workflow: a batch", done: "run a batch over two documents and a text, twice",
		expected: "2 documents, 1 skipped, none failed, and the same jobs in the second run",
		moto:     noInterpreter, pages: 2, usd: 2 * usdText, run: checkBatch,
	},
}

// execution is one that has ended, or runs after the limit.
type execution struct {
	arn, status, error, cause, output string
	stopped                           time.Time
	states                            []string
	jobs                              []string // that its states started, in their order
	children                          []string // the ARNs of nested executions
}

func (e execution) String() string {
	text := fmt.Sprintf("%s after %s", e.status, strings.Join(e.states, ", "))
	if e.error != "" {
		text += fmt.Sprintf("; %s: %s", e.error, e.cause)
	}
	return text
}

// result is the output of a job state machine or a task.
func (e execution) result() (result struct {
	JobId, JobStatus string
	DocumentLocation struct{ S3Object struct{ Name string } }
},
) {
	_ = json.Unmarshal([]byte(e.output), &result) // empty where the output is another
	return result
}

func (a *account) sfn() *sfn.Client { return sfn.NewFromConfig(a.config) }

// documentInput is that of a job state machine.
func (a *account) documentInput(key, id string) string {
	input := map[string]any{"DocumentLocation": map[string]any{"S3Object": map[string]any{
		"Bucket": a.outputs["DocumentBucketName"], "Name": key,
	}}}
	if id != "" {
		input["Id"] = id
	}
	return asJSON(input)
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // of maps of strings
	}
	return string(text)
}

// start starts an execution of the state machine whose ARN is an output of the stack.
func (a *account) start(ctx context.Context, machine, input string) (string, error) {
	started, err := a.sfn().StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(a.outputs[machine]), Input: &input,
	})
	if err != nil {
		return "", err
	}
	return *started.ExecutionArn, nil
}

// execute starts an execution, and waits for its end.
func (a *account) execute(ctx context.Context, machine, input string) (execution, error) {
	arn, err := a.start(ctx, machine, input)
	if err != nil {
		return execution{}, err
	}
	return a.ended(ctx, arn)
}

// ended waits for the end of an execution, at most for the limit of a job.
func (a *account) ended(ctx context.Context, arn string) (execution, error) {
	e := execution{arn: arn}
	_, err := a.within(ctx, func() (bool, error) {
		got, err := a.sfn().DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil {
			return false, err
		}
		e.status, e.output = string(got.Status), aws.ToString(got.Output)
		e.error, e.cause, e.stopped = aws.ToString(got.Error), aws.ToString(got.Cause), aws.ToTime(got.StopDate)
		return got.Status != sfntypes.ExecutionStatusRunning, nil
	})
	if err != nil {
		return e, err
	}
	return e, a.readHistory(ctx, &e)
}

// within asks until it is done, at most for the limit of an execution.
func (a *account) within(ctx context.Context, ask func() (done bool, err error)) (done bool, err error) {
	for deadline := time.Now().Add(a.executionLimit); ; {
		if done, err := ask(); done || err != nil || time.Now().After(deadline) {
			return done, err
		}
		if err := sleep(ctx, a.executionLimit/200); err != nil {
			return false, err
		}
	}
}

// readHistory adds the states, the jobs and the nested executions.
func (a *account) readHistory(ctx context.Context, e *execution) error {
	e.states, e.jobs, e.children = nil, nil, nil
	pages := sfn.NewGetExecutionHistoryPaginator(a.sfn(), &sfn.GetExecutionHistoryInput{ExecutionArn: &e.arn, MaxResults: 1000})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			var output struct{ JobId, ExecutionArn string }
			switch {
			case event.StateEnteredEventDetails != nil:
				e.states = append(e.states, *event.StateEnteredEventDetails.Name)
			case event.TaskSucceededEventDetails != nil:
				_ = json.Unmarshal([]byte(aws.ToString(event.TaskSucceededEventDetails.Output)), &output)
				if output.JobId != "" {
					e.jobs = append(e.jobs, output.JobId)
				}
			case event.TaskSubmittedEventDetails != nil:
				_ = json.Unmarshal([]byte(aws.ToString(event.TaskSubmittedEventDetails.Output)), &output)
				if output.ExecutionArn != "" {
					e.children = append(e.children, output.ExecutionArn)
				}
			}
		}
	}
	return nil
}

// jobsBelow are the jobs of the nested executions, each once.
func (a *account) jobsBelow(ctx context.Context, parent execution) ([]string, error) {
	jobs := map[string]bool{}
	for _, arn := range parent.children {
		child := execution{arn: arn}
		if err := a.readHistory(ctx, &child); err != nil {
			return nil, err
		}
		for _, job := range child.jobs {
			jobs[job] = true
		}
	}
	return slices.Sorted(maps.Keys(jobs)), nil
}

// resumedAfter is the time between the notification's arrival at the notifier and the end of the
// execution.
func (a *account) resumedAfter(ctx context.Context, e execution) string {
	got, err := dynamodb.NewFromConfig(a.config).GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(a.outputs["WorkflowTableName"]), Key: itemOf(e.result().JobId),
	})
	if err != nil {
		return "its item cannot be read: " + err.Error()
	}
	at, _ := got.Item["At"].(*dynamodbtypes.AttributeValueMemberN)
	if at == nil {
		return "its item has no time of a notification"
	}
	millis, err := strconv.ParseInt(at.Value, 10, 64)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("resumed %v after the notifier had the notification", e.stopped.Sub(time.UnixMilli(millis)).Round(time.Millisecond))
}

func itemOf(job string) map[string]dynamodbtypes.AttributeValue {
	return map[string]dynamodbtypes.AttributeValue{"JobId": &dynamodbtypes.AttributeValueMemberS{Value: job}}
}

func (a *account) put(ctx context.Context, key string, content []byte) error {
	_, err := a.s3().PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(a.outputs["DocumentBucketName"]), Key: &key, Body: bytes.NewReader(content),
	})
	return err
}

// failed is what a check came to that could not be done.
func failed(err error) (result, string) { return notAsExpected, err.Error() }

func succeeded(e execution) bool { return e.status == string(sfntypes.ExecutionStatusSucceeded) }

func checkJob(ctx context.Context, a *account) (result, string) {
	e, err := a.execute(ctx, "WorkflowTextArn", a.documentInput(invoiceKey, ""))
	if err != nil {
		return failed(err)
	}
	seen := e.String()
	if succeeded(e) {
		seen += "; " + a.resumedAfter(ctx, e)
	} else {
		seen += "; the errors of the notifier are in log group " + a.outputs["WorkflowLogGroupName"]
	}
	return expectedIf(succeeded(e) && slices.Equal(e.states, waited)), seen
}

func checkID(ctx context.Context, a *account) (result, string) {
	first, err := a.execute(ctx, "WorkflowTextArn", a.documentInput(invoiceKey, "make-live"))
	if err != nil {
		return failed(err)
	}
	a.workflowJob = first.result().JobId
	second, err := a.execute(ctx, "WorkflowTextArn", a.documentInput(invoiceKey, "make-live"))
	if err != nil {
		return failed(err)
	}
	isSame := a.workflowJob != "" && a.workflowJob == second.result().JobId
	caught := slices.Equal(second.states, append(slices.Clone(waited), "Read completion", "Recorded?", "Succeeded"))
	return expectedIf(succeeded(first) && succeeded(second) && isSame && caught), fmt.Sprintf(
		"first: %v\nsecond: %v\nthe same job: %t", first, second, isSame,
	)
}

func checkLostNotification(ctx context.Context, a *account) (result, string) {
	if a.workflowJob == "" {
		return notJudged, "no job completed"
	}
	_, err := dynamodb.NewFromConfig(a.config).DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: aws.String(a.outputs["WorkflowTableName"]), Key: itemOf(a.workflowJob),
	})
	if err != nil {
		return failed(err)
	}
	e, err := a.execute(ctx, "WorkflowTextArn", a.documentInput(invoiceKey, "make-live"))
	if err != nil {
		return failed(err)
	}
	isSame := e.result().JobId == a.workflowJob
	return expectedIf(succeeded(e) && isSame && slices.Contains(e.states, "Get status")), fmt.Sprintf("%v\nthe same job: %t", e, isSame)
}

func checkSettings(ctx context.Context, a *account) (result, string) {
	e, err := a.execute(ctx, "WorkflowAnalysisArn", a.documentInput(invoiceKey, ""))
	if err != nil {
		return failed(err)
	}
	return expectedIf(succeeded(e)), e.String()
}

func checkUnreadableDocument(ctx context.Context, a *account) (result, string) {
	const key = "make-live/text.pdf"
	if err := a.put(ctx, key, []byte("This is no PDF.\n")); err != nil {
		return failed(err)
	}
	e, err := a.execute(ctx, "WorkflowTextArn", a.documentInput(key, ""))
	if err != nil {
		return failed(err)
	}
	isFailed := e.status == string(sfntypes.ExecutionStatusFailed)
	return expectedIf(isFailed && strings.HasPrefix(e.error, "Textract.") && e.cause != ""), e.String()
}

func checkUnreadableMessage(ctx context.Context, a *account) (result, string) {
	client, body := sqs.NewFromConfig(a.config), fmt.Sprintf("make live %d", time.Now().UnixNano())
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String(a.outputs["WorkflowQueueUrl"]), MessageBody: &body})
	if err != nil {
		return failed(err)
	}
	isMoved, err := a.isReceived(ctx, "WorkflowDeadLetterQueueUrl", a.executionLimit, func(text string) bool { return text == body })
	switch {
	case err != nil:
		return failed(err)
	case !isMoved:
		return notAsExpected, fmt.Sprintf("it is not in the dead-letter queue after %v", a.executionLimit)
	}
	return asExpected, "it is in the dead-letter queue"
}

func (a *account) taskInput() string {
	return asJSON(map[string]any{"bucket": a.outputs["DocumentBucketName"], "key": invoiceKey})
}

func checkTask(ctx context.Context, a *account) (result, string) {
	e, err := a.execute(ctx, "WorkflowTaskArn", a.taskInput())
	if err != nil {
		return failed(err)
	}
	return expectedIf(succeeded(e) && e.result().JobStatus == "SUCCEEDED"), fmt.Sprintf("%v\n%s", e, e.output)
}

func checkRedrive(ctx context.Context, a *account) (result, string) {
	arn, err := a.start(ctx, "WorkflowTaskArn", a.taskInput())
	if err != nil {
		return failed(err)
	}
	running := execution{arn: arn}
	runs, err := a.within(ctx, func() (bool, error) {
		err := a.readHistory(ctx, &running)
		return len(running.children) > 0, err
	})
	switch {
	case err != nil:
		return failed(err)
	case !runs:
		return notAsExpected, fmt.Sprintf("the task starts no execution within %v", a.executionLimit)
	}
	if _, err := a.sfn().StopExecution(ctx, &sfn.StopExecutionInput{ExecutionArn: &arn}); err != nil {
		return failed(err)
	}
	if _, err := a.sfn().RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: &arn}); err != nil {
		return failed(err)
	}
	e, err := a.ended(ctx, arn)
	if err != nil {
		return failed(err)
	}
	jobs, err := a.jobsBelow(ctx, e)
	if err != nil {
		return failed(err)
	}
	return expectedIf(succeeded(e) && len(jobs) == 1), fmt.Sprintf("%v\n%d nested executions, jobs %q", e, len(e.children), jobs)
}

// checkUpload finds the execution by its output, which has the key.
func checkUpload(ctx context.Context, a *account) (result, string) {
	const key = uploadsPrefix + "a b+c.pdf"
	if err := a.put(ctx, key, a.invoice); err != nil {
		return failed(err)
	}
	arn := ""
	isStarted, err := a.within(ctx, func() (bool, error) {
		listed, err := a.sfn().ListExecutions(ctx, &sfn.ListExecutionsInput{StateMachineArn: aws.String(a.outputs["WorkflowTextArn"])})
		if err != nil {
			return false, err
		}
		for _, each := range listed.Executions {
			arn = *each.ExecutionArn
			got, err := a.sfn().DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
			if err != nil || strings.Contains(aws.ToString(got.Input), asJSON(key)) {
				return true, err
			}
		}
		return false, nil
	})
	switch {
	case err != nil:
		return failed(err)
	case !isStarted:
		return notAsExpected, fmt.Sprintf("no execution within %v", a.executionLimit)
	}
	e, err := a.ended(ctx, arn)
	if err != nil {
		return failed(err)
	}
	return expectedIf(succeeded(e) && e.result().DocumentLocation.S3Object.Name == key), e.String()
}

func checkBatch(ctx context.Context, a *account) (result, string) {
	for _, name := range []string{"1.pdf", "2.PDF"} {
		// Two contents: the same one would have the same Id.
		if err := a.put(ctx, batchPrefix+name, append(slices.Clone(a.invoice), "% "+name+"\n"...)); err != nil {
			return failed(err)
		}
	}
	if err := a.put(ctx, batchPrefix+"readme.txt", []byte("no document\n")); err != nil {
		return failed(err)
	}
	var seen []string
	var runs []map[string]string
	isExpected := true
	for range 2 {
		e, err := a.execute(ctx, "WorkflowBatchArn", "{}")
		if err != nil {
			return failed(err)
		}
		var output struct {
			Documents, Failed, Skipped int
			Results                    struct{ Bucket, Key string }
		}
		_ = json.Unmarshal([]byte(e.output), &output) // empty where the batch failed
		jobs, err := a.listedJobs(ctx, output.Results.Bucket, output.Results.Key)
		if err != nil {
			return notAsExpected, fmt.Sprintf("%v\n%s\n%v", e, e.output, err)
		}
		isExpected = isExpected && succeeded(e) && output.Documents == 2 && output.Failed == 0 && output.Skipped == 1 && len(jobs) == 2
		seen, runs = append(seen, fmt.Sprintf("%v\n%s", e, e.output)), append(runs, jobs)
	}
	isSame := maps.Equal(runs[0], runs[1])
	return expectedIf(isExpected && isSame), fmt.Sprintf("%s\nthe same jobs: %t", strings.Join(seen, "\n"), isSame)
}

// listedJobs are the jobs in the list of results of a batch, by the key of the document.
func (a *account) listedJobs(ctx context.Context, bucket, manifest string) (map[string]string, error) {
	var files struct {
		ResultFiles struct{ SUCCEEDED []struct{ Key string } }
	}
	if err := a.readJSON(ctx, bucket, manifest, &files); err != nil {
		return nil, err
	}
	jobs := map[string]string{}
	for _, file := range files.ResultFiles.SUCCEEDED {
		var children []struct{ Output string }
		if err := a.readJSON(ctx, bucket, file.Key, &children); err != nil {
			return nil, err
		}
		for _, child := range children {
			var output struct{ Key, JobId string }
			if err := json.Unmarshal([]byte(child.Output), &output); err != nil {
				return nil, err
			}
			if output.JobId != "" { // not of one that was skipped
				jobs[output.Key] = output.JobId
			}
		}
	}
	return jobs, nil
}

func (a *account) readJSON(ctx context.Context, bucket, key string, into any) error {
	got, err := a.s3().GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return err
	}
	defer func() { _ = got.Body.Close() }()
	return json.NewDecoder(got.Body).Decode(into)
}
