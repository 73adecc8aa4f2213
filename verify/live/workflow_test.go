package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeStates are the state machines of the stack, as far as the checks see them, with the table of
// the notifier.
type fakeStates struct {
	// change breaks what an execution came to.
	change func(e *fakeExecution)
	// forgets reports that a repeated Id starts another job.
	forgets bool
	// deaf reports that uploads start nothing.
	deaf bool

	put func(bucket, key, content string) // into S3

	mu         sync.Mutex
	executions []*fakeExecution
	jobs       map[string]string // by identity
	items      map[string]bool   // the jobs whose notification the table has
}

type fakeExecution struct {
	arn, machine, input          string
	status, error, cause, output string
	states                       []string
	jobs, children               []string
}

func newFakeStates() *fakeStates {
	return &fakeStates{change: func(*fakeExecution) {}, jobs: map[string]string{}, items: map[string]bool{}}
}

// serve reports whether the request is one to Step Functions or DynamoDB.
func (s *fakeStates) serve(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service != "AWSStepFunctions" && service != "DynamoDB_20120810" {
		if key, err := url.PathUnescape(r.URL.EscapedPath()); r.Method == http.MethodPut && err == nil && !s.deaf {
			if _, key, _ = strings.Cut(strings.TrimPrefix(key, "/"), "/"); strings.HasPrefix(key, uploadsPrefix) {
				s.start("text", asJSON(map[string]any{"source": "aws.s3", "detail": map[string]any{"object": map[string]any{"key": key}}}))
			}
		}
		return false
	}
	var request struct {
		StateMachineArn, Input, ExecutionArn string
		Key                                  struct{ JobId struct{ S string } }
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &request) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return true
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	answer := s.answer(action, request.StateMachineArn, request.Input, request.ExecutionArn, request.Key.JobId.S)
	if answer == nil {
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]any{"__type": "AccessDeniedException", "message": action}
	}
	_ = json.NewEncoder(w).Encode(answer)
	return true
}

// answer is nil for what is denied.
func (s *fakeStates) answer(action, machine, input, arn, job string) any {
	find := func() *fakeExecution {
		i := slices.IndexFunc(s.executions, func(e *fakeExecution) bool { return e.arn == arn })
		return s.executions[i]
	}
	switch action {
	case "StartExecution":
		e := s.start(machine, input)
		if e.error == "denied" {
			return nil
		}
		return map[string]any{"executionArn": e.arn, "startDate": 1}
	case "DescribeExecution":
		e := find()
		described := map[string]any{
			"executionArn": e.arn, "stateMachineArn": e.machine, "status": e.status, "startDate": 1, "input": e.input,
		}
		for name, value := range map[string]string{"output": e.output, "error": e.error, "cause": e.cause} {
			if value != "" {
				described[name] = value
			}
		}
		if e.status != "RUNNING" {
			described["stopDate"] = 1767225600.5
		}
		return described
	case "GetExecutionHistory":
		return map[string]any{"events": find().events()}
	case "ListExecutions":
		var all []any
		for _, e := range s.executions {
			if e.machine == machine {
				all = append(
					all,
					map[string]any{"executionArn": e.arn, "stateMachineArn": e.machine, "name": e.arn, "status": e.status, "startDate": 1},
				)
			}
		}
		return map[string]any{"executions": all}
	case "StopExecution":
		find().status = "ABORTED"
		return map[string]any{"stopDate": 2}
	case "RedriveExecution": // its task runs again
		e := find()
		s.task(e)
		return map[string]any{"redriveDate": 3}
	case "GetItem":
		if !s.items[job] {
			return map[string]any{}
		}
		return map[string]any{"Item": map[string]any{"At": map[string]any{"N": "1767225600000"}}}
	case "DeleteItem":
		delete(s.items, job)
		return map[string]any{}
	}
	return nil
}

func (e *fakeExecution) events() (events []any) {
	add := func(kind, details string, content map[string]any) {
		events = append(events, map[string]any{"id": len(events) + 1, "timestamp": 1, "type": kind, details: content})
	}
	for _, name := range e.states {
		add("TaskStateEntered", "stateEnteredEventDetails", map[string]any{"name": name})
	}
	for _, job := range e.jobs {
		add("TaskSucceeded", "taskSucceededEventDetails", map[string]any{
			"resource": "startDocumentTextDetection", "resourceType": "aws-sdk:textract", "output": asJSON(map[string]string{"JobId": job}),
		})
	}
	for _, child := range e.children {
		add("TaskSubmitted", "taskSubmittedEventDetails", map[string]any{
			"resource": "startExecution.sync:2", "resourceType": "states", "output": asJSON(map[string]string{"ExecutionArn": child}),
		})
	}
	return events
}

func (s *fakeStates) start(machine, input string) *fakeExecution {
	e := &fakeExecution{
		arn:     fmt.Sprintf("arn:aws:states:us-east-1:111122223333:execution:x:%d", len(s.executions)),
		machine: machine,
		input:   input,
	}
	s.executions = append(s.executions, e)
	switch machine {
	case "text", "analysis":
		s.runJob(e)
	case "task":
		s.task(e)
	case "batch":
		s.batch(e)
	}
	s.change(e)
	return e
}

// runJob is an execution of a job state machine.
func (s *fakeStates) runJob(e *fakeExecution) {
	var input struct {
		Id               string
		DocumentLocation struct{ S3Object struct{ Name string } }
		Detail           struct{ Object struct{ Key string } }
	}
	if err := json.Unmarshal([]byte(e.input), &input); err != nil {
		panic(err)
	}
	key := input.DocumentLocation.S3Object.Name
	if e.states = slices.Clone(waited); input.Detail.Object.Key != "" {
		key, e.states = input.Detail.Object.Key, append([]string{"Document?"}, e.states...)
	}
	identity := input.Id + "/" + key
	if input.Id == "" || s.forgets {
		identity = e.arn
	}
	job, isKnown := s.jobs[identity]
	if !isKnown {
		job = fmt.Sprintf("job%d", len(s.jobs))
	}
	e.status, e.jobs = "SUCCEEDED", []string{job}
	switch {
	case key == "make-live/text.pdf":
		e.status, e.error, e.cause = "FAILED", "Textract.JobFailed", "Job job0 of s3://documents/make-live/text.pdf: FAILED, INVALID_IMAGE_TYPE"
		e.states = append(e.states, "Read completion", "Recorded?", "Get status", "Completed?", "Failed")
	case isKnown && s.items[job]:
		e.states = append(e.states, "Read completion", "Recorded?", "Succeeded")
	case isKnown:
		e.states = append(e.states, "Read completion", "Recorded?", "Get status", "Completed?", "Succeeded")
	}
	s.jobs[identity], s.items[job] = job, true
	if e.status == "SUCCEEDED" {
		e.output = asJSON(map[string]any{
			"JobId":            job,
			"JobStatus":        "SUCCEEDED",
			"DocumentLocation": map[string]any{"S3Object": map[string]any{"Bucket": "documents", "Name": key}},
		})
	}
}

// task is an execution with a task, whose Id is the execution.
func (s *fakeStates) task(e *fakeExecution) {
	child := s.start("text", asJSON(map[string]any{
		"Id": e.arn, "DocumentLocation": map[string]any{"S3Object": map[string]any{"Bucket": "documents", "Name": invoiceKey}},
	}))
	e.states, e.children, e.status, e.output = append(e.states, "Read"), append(e.children, child.arn), child.status, child.output
}

// batch is an execution over two documents and a text.
func (s *fakeStates) batch(e *fakeExecution) {
	var children []any
	for _, name := range []string{"1.pdf", "2.PDF"} {
		key := batchPrefix + name
		child := s.start("text", asJSON(map[string]any{
			"Id": name, "DocumentLocation": map[string]any{"S3Object": map[string]any{"Bucket": "documents", "Name": key}},
		}))
		children = append(children, map[string]any{"Output": asJSON(map[string]string{"Key": key, "JobId": child.jobs[0]})})
	}
	children = append(
		children,
		map[string]any{"Output": asJSON(map[string]string{"Key": batchPrefix + "readme.txt", "JobStatus": "SKIPPED"})},
	)
	s.put("results", "list/SUCCEEDED_0.json", asJSON(children))
	s.put("results", "list/manifest.json", asJSON(map[string]any{"ResultFiles": map[string]any{
		"SUCCEEDED": []any{map[string]any{"Key": "list/SUCCEEDED_0.json"}},
	}}))
	e.states, e.status = []string{"Documents", "Count skipped", "Count"}, "SUCCEEDED"
	e.output = asJSON(map[string]any{
		"Documents": 2, "Failed": 0, "Skipped": 1, "Results": map[string]any{"Bucket": "results", "Key": "list/manifest.json"},
	})
}

// The checks of workflows, on accounts that answer differently.
func TestWorkflowChecks(t *testing.T) {
	// ending changes the executions of one state machine, from the n-th on.
	ending := func(machine string, n int, change func(*fakeExecution)) func(*fakeAWS, *account) {
		return func(f *fakeAWS, _ *account) {
			count := 0
			f.states.change = func(e *fakeExecution) {
				if e.machine == machine {
					if count++; count >= n {
						change(e)
					}
				}
			}
		}
	}
	fails := func(name string) func(*fakeExecution) {
		return func(e *fakeExecution) {
			e.status, e.error, e.cause, e.output = "FAILED", name, "as the test wants it", ""
		}
	}
	runs := func(e *fakeExecution) { e.status, e.output = "RUNNING", "" }
	forgets := func(f *fakeAWS, _ *account) { f.states.forgets = true }
	withJob := func(change func(*fakeAWS, *account)) func(*fakeAWS, *account) {
		return func(f *fakeAWS, a *account) {
			checkID(t.Context(), a)
			if change != nil {
				change(f, a)
			}
		}
	}
	for _, row := range []checkCase{
		{"Workflow: a job", "resumes", nil, asExpected, []string{"SUCCEEDED after Start, Wait for notification; resumed 500ms after"}},
		{"Workflow: a job", "denies the notifier", ending("text", 1, func(e *fakeExecution) {
			e.states = append(e.states, "Read completion", "Recorded?", "Succeeded")
		}), notAsExpected, []string{"Read completion"}},
		{"Workflow: a job", "hangs", ending("text", 1, runs), notAsExpected, []string{"RUNNING", "log group Logs"}},
		{"Workflow: a job", "denies the start", ending("text", 1, fails("denied")), notAsExpected, []string{"AccessDeniedException"}},

		{"Workflow: an Id", "knows it", nil, asExpected, []string{"the same job: true", "Recorded?, Succeeded"}},
		{"Workflow: an Id", "forgets it", forgets, notAsExpected, []string{"the same job: false"}},
		{
			"Workflow: an Id", "has another error for the condition", ending("text", 2, fails("DynamoDb.ConditionalCheckFailedException")),
			notAsExpected,
			[]string{"second: FAILED", "DynamoDb.ConditionalCheckFailedException"},
		},
		{"Workflow: an Id", "catches it after a status check", ending("text", 2, func(e *fakeExecution) {
			e.states = append(e.states, "Get status")
		}), notAsExpected, []string{"Get status"}},

		{"Workflow: a lost notification", "has no job", nil, notJudged, []string{"no job completed"}},
		{"Workflow: a lost notification", "asks Textract", withJob(nil), asExpected, []string{"Get status", "the same job: true"}},
		{
			"Workflow: a lost notification", "denies Get", withJob(ending("text", 1, fails("Textract.InvalidKMSKeyException"))),
			notAsExpected,
			[]string{"InvalidKMSKeyException"},
		},
		{"Workflow: a lost notification", "has it still", withJob(func(_ *fakeAWS, a *account) {
			a.workflowJob = "another"
		}), notAsExpected, []string{"the same job: false"}},

		{"Workflow: every setting", "takes them", nil, asExpected, []string{"SUCCEEDED"}},
		{
			"Workflow: every setting", "knows another spelling", ending("analysis", 1, fails("Textract.InvalidParameterException")),
			notAsExpected,
			[]string{"InvalidParameterException"},
		},

		{"Workflow: a document that Textract cannot read", "says so", nil, asExpected, []string{"Textract.JobFailed", "INVALID_IMAGE_TYPE"}},
		{
			"Workflow: a document that Textract cannot read", "rejects the start", ending("text", 1, fails("Textract.UnsupportedDocumentException")),
			asExpected,
			[]string{"UnsupportedDocumentException"},
		},
		{
			"Workflow: a document that Textract cannot read", "fails otherwise", ending("text", 1, fails("States.QueryEvaluationError")),
			notAsExpected,
			[]string{"QueryEvaluationError"},
		},
		{"Workflow: a document that Textract cannot read", "reads it", ending("text", 1, func(e *fakeExecution) {
			e.status, e.error = "SUCCEEDED", ""
		}), notAsExpected, []string{"SUCCEEDED"}},

		{"Workflow: a message that the notifier cannot read", "keeps it", func(f *fakeAWS, _ *account) {
			go f.moveMessages(t.Context())
		}, asExpected, []string{"it is in the dead-letter queue"}},
		{"Workflow: a message that the notifier cannot read", "loses it", nil, notAsExpected, []string{"is not in the dead-letter queue after 1s"}},

		{"Workflow: a task", "runs", nil, asExpected, []string{"SUCCEEDED after Read", `"JobStatus":"SUCCEEDED"`}},
		{"Workflow: a task", "denies the rule", ending("task", 1, fails("States.TaskFailed")), notAsExpected, []string{"States.TaskFailed"}},

		{"Workflow: a redrive", "finds the job", nil, asExpected, []string{"2 nested executions", `jobs ["job0"]`}},
		{"Workflow: a redrive", "starts another", forgets, notAsExpected, []string{`jobs ["job0" "job1"]`}},
		{
			"Workflow: a redrive", "starts nothing", ending("task", 1, func(e *fakeExecution) { e.children = nil }),
			notAsExpected,
			[]string{"starts no execution within 1s"},
		},

		{"Workflow: an upload", "announces it", nil, asExpected, []string{"SUCCEEDED after Document?, Start, Wait for notification"}},
		{"Workflow: an upload", "is silent", func(f *fakeAWS, _ *account) { f.states.deaf = true }, notAsExpected, []string{"no execution within 1s"}},
		{"Workflow: an upload", "encodes the key", ending("text", 1, func(e *fakeExecution) {
			e.input = strings.ReplaceAll(e.input, "a b+c", "a+b%2Bc")
		}), notAsExpected, []string{"no execution within 1s"}},

		{"Workflow: a batch", "runs", nil, asExpected, []string{`"Skipped":1`, "the same jobs: true"}},
		{"Workflow: a batch", "forgets the Ids", forgets, notAsExpected, []string{"the same jobs: false"}},
		{"Workflow: a batch", "spells Etag otherwise", ending("batch", 1, func(e *fakeExecution) {
			e.output = strings.Replace(e.output, `"Failed":0`, `"Failed":2`, 1)
		}), notAsExpected, []string{`"Failed":2`}},
		{
			"Workflow: a batch", "may not write the list", ending("batch", 1, fails("States.ResultWriterFailed")),
			notAsExpected,
			[]string{"States.ResultWriterFailed"},
		},
	} {
		t.Run(row.point+"/"+row.aws, row.run)
	}
}

// TestEveryPointIsOne finds a row of the report that has the heading of another.
func TestEveryPointIsOne(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range allChecks {
		if seen[c.point] || c.run == nil || c.expected == "" {
			t.Errorf("%q is twice, or checks nothing", c.point)
		}
		seen[c.point] = true
	}
}

// moveMessages stands in for the redrive of the workflow's queue.
func (f *fakeAWS) moveMessages(ctx context.Context) {
	for sleep(ctx, 10*time.Millisecond) == nil {
		for _, body := range f.workflowQueue.Bodies() {
			f.workflowDeadLetterQueue.Send(body)
			return
		}
	}
}
