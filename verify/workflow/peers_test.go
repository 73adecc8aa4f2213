package workflow

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/cdk-textract/textractasync/internal/snapshot"
)

// pollLoop asks for the status each 30 seconds.
const pollLoop = `{
  "StartAt": "Start", "TimeoutSeconds": 21600,
  "States": {
    "Start": {
      "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:textract:startDocumentAnalysis", "ResultPath": "$.Job", "Next": "Wait",
      "Parameters": {
        "ClientRequestToken.$": "$$.Execution.Name", "DocumentLocation.$": "$.DocumentLocation", "FeatureTypes": ["TABLES"],
        "NotificationChannel": {"SnsTopicArn": "none", "RoleArn": "none"}
      }
    },
    "Wait": {"Type": "Wait", "Seconds": 30, "Next": "Get"},
    "Get": {
      "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:textract:getDocumentAnalysis", "ResultPath": "$.Result", "Next": "Completed?",
      "Parameters": {"JobId.$": "$.Job.JobId", "MaxResults": 1}
    },
    "Completed?": {
      "Type": "Choice", "Default": "Succeeded",
      "Choices": [
        {"Variable": "$.Result.JobStatus", "StringEquals": "IN_PROGRESS", "Next": "Wait"},
        {"Variable": "$.Result.JobStatus", "StringEquals": "FAILED", "Next": "Failed"}
      ]
    },
    "Succeeded": {"Type": "Succeed"},
    "Failed": {"Type": "Fail"}
  }
}`

// callback has the order of AWS's sample: it starts the job, then writes the token by the job's id.
// A function that gets the notification reads the token, and reports a success.
const callback = `{
  "StartAt": "Start",
  "States": {
    "Start": {
      "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:textract:startDocumentAnalysis", "ResultPath": "$.Job", "Next": "Wait",
      "Parameters": {
        "ClientRequestToken.$": "$$.Execution.Name", "DocumentLocation.$": "$.DocumentLocation", "FeatureTypes": ["TABLES"],
        "NotificationChannel": {"SnsTopicArn": "callback", "RoleArn": "none"}
      }
    },
    "Wait": {
      "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken", "TimeoutSeconds": 1800, "End": true,
      "Parameters": {"TableName": "callback", "Item": {"JobId": {"S.$": "$.Job.JobId"}, "Token": {"S.$": "$$.Task.Token"}}}
    }
  }
}`

// dynamoDB calls an action.
func (a *account) dynamoDB(action string, body object) (answer object) {
	text, err := json.Marshal(body)
	must(err)
	request, err := http.NewRequest(http.MethodPost, a.server.moto, bytes.NewReader(text))
	must(err)
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=testing/20260101/"+region+"/dynamodb/aws4_request")
	response, err := http.DefaultClient.Do(request)
	must(err)
	must(json.NewDecoder(response.Body).Decode(&answer))
	must(response.Body.Close())
	return answer
}

// report is what the function of the callback does with a notification.
func (a *account) report(message string) {
	var notification struct{ JobId string }
	must(json.Unmarshal([]byte(message), &notification))
	item, _ := a.dynamoDB("GetItem", object{"TableName": "callback", "Key": object{"JobId": object{"S": notification.JobId}}})["Item"].(object)
	if item == nil {
		return // an exception, which it logs
	}
	token := item["Token"].(object)["S"].(string)
	_, _ = a.sfn.SendTaskSuccess(context.Background(), &sfn.SendTaskSuccessInput{TaskToken: &token, Output: aws.String("{}")})
}

// way is one to run a job.
type way struct {
	name    string
	machine string
}

// cost is the mean of some jobs.
type cost struct{ transitions, getCalls, late float64 }

// page has the table, between two comments.
const page = "../../docs/workflow.md"

var (
	update   = flag.Bool("update", false, "write the table of costs into "+page)
	measured = regexp.MustCompile(`(?s)(<!-- verify/workflow -->\n).*?(<!-- end of verify/workflow -->)`)
)

// latency is assumed of each call and of each step of a notification.
const latency = 100 * time.Millisecond

// measure runs jobs of about a duration at the same time: they end at other points of a poll's
// interval.
func measure(t *testing.T, machine string, about time.Duration) (mean cost) {
	app.gateway.reset()
	app.textract.follow(func(j *job) plan {
		after, err := time.ParseDuration(j.document()["Name"].(string))
		must(err)
		return plan{after: after}
	})
	first := len(app.textract.started(0))
	executions := map[string]string{} // the keys of the documents, by execution
	for i := -1; i <= 1; i++ {
		key := (about + time.Duration(10*i)*time.Second).String()
		executions[app.start(machine, documentInput(nil, key))] = key
	}
	ends := app.wait(time.Hour, slices.Collect(maps.Keys(executions))...)
	completed := map[any]time.Time{}
	for _, j := range app.textract.started(first) {
		completed[j.document()["Name"]] = j.completed
	}
	for _, end := range ends {
		if end.status != "SUCCEEDED" {
			t.Fatalf("the execution ended as %v", end)
		}
		mean.transitions += float64(app.history(end.arn).transitions)
		mean.late += end.stopped.Sub(completed[executions[end.arn]]).Seconds()
	}
	n := float64(len(ends))
	return cost{mean.transitions / n, float64(len(app.gateway.callsOf("Textract.Get"))) / n, mean.late / n}
}

func (c cost) String() string {
	return fmt.Sprintf("%.1f / %.1f / %.1f s", c.transitions, c.getCalls, c.late)
}

// outcome is what becomes of an execution.
func outcome(machine string, p plan, hold time.Duration) (text string, end result) {
	app.gateway.reset()
	if hold > 0 {
		app.gateway.during(fault{action: updateItem, when: hasToken, delay: hold})
		app.gateway.during(fault{action: "DynamoDB_20120810.PutItem", delay: hold})
	}
	app.textract.follow(func(*job) plan { return p })
	first := len(app.textract.started(0))
	end = app.wait(3*time.Hour, app.start(machine, documentInput(nil, "k.pdf")))[0]
	late := end.stopped.Sub(app.textract.started(first)[0].completed)
	return fmt.Sprintf("%s after %.0f s", end.status, late.Seconds()), end
}

func TestCostsAndLatencyAgainstOtherWays(t *testing.T) {
	app.gateway.latency = latency
	app.subscribers = map[string]func(string){"callback": app.report, "none": func(string) {}}
	defer func() { app.gateway.latency, app.subscribers = 0, nil }()
	app.notifier.stopped = false
	app.dynamoDB("CreateTable", object{
		"TableName": "callback", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": []object{{"AttributeName": "JobId", "AttributeType": "S"}},
		"KeySchema":            []object{{"AttributeName": "JobId", "KeyType": "HASH"}},
	})
	ways := []way{
		{"`NewJobStateMachine`", app.machines["job"]},
		{"polling, every 30 s", app.create("poll-loop", pollLoop)},
		{"token written after the start", app.create("callback", callback)},
	}
	durations := []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute}
	costs := map[string][]cost{}
	var table strings.Builder
	table.WriteString("| | 15 s | 60 s | 300 s | the job fails | notification before the token | notification lost |\n" +
		"| --- | --- | --- | --- | --- | --- | --- |\n")
	ends := map[string][]result{}
	for _, w := range ways {
		fmt.Fprintf(&table, "| %s |", w.name)
		for _, d := range durations {
			c := measure(t, w.machine, d)
			costs[w.name] = append(costs[w.name], c)
			fmt.Fprintf(&table, " %s |", c)
		}
		for _, fault := range []struct {
			plan plan
			hold time.Duration
		}{
			{plan{after: time.Minute, status: "FAILED"}, 0},
			{plan{early: true}, 5 * time.Second},
			{plan{after: time.Minute, notified: lost}, 0},
		} {
			text, end := outcome(w.machine, fault.plan, fault.hold)
			ends[w.name] = append(ends[w.name], end)
			fmt.Fprintf(&table, " %s |", text)
		}
		table.WriteString("\n")
	}
	t.Logf("Each call takes %v:\n%s", latency, &table)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := measured.ReplaceAllString(string(text), "${1}"+table.String()+"${2}")
	if !strings.Contains(want, table.String()) {
		t.Errorf("%s has no place for the table", page)
	}
	snapshot.Page(t, page, string(text), want, *update)

	ours, poll, sample := ways[0].name, ways[1].name, ways[2].name
	for i, d := range durations {
		if c := costs[ours][i]; c.transitions != 2 || c.getCalls != 0 {
			t.Errorf("jobs of %v have %v", d, c)
		}
		if got, most := costs[ours][i].late, costs[poll][i].late/10; got > most {
			t.Errorf("jobs of %v: %.2f s late, more than a tenth of the poll loop's: %.2f s", d, got, most)
		}
	}
	if got, most := costs[ours][1].transitions, costs[poll][1].transitions/4; got > most {
		t.Errorf("jobs of a minute have %.1f transitions, more than a fourth of the poll loop's: %.1f", got, most)
	}
	for name, want := range map[string][]string{
		ours:   {"FAILED", "SUCCEEDED", "SUCCEEDED"},
		poll:   {"FAILED", "SUCCEEDED", "SUCCEEDED"},
		sample: {"SUCCEEDED", "FAILED", "FAILED"},
	} {
		for i, end := range ends[name] {
			if end.status != want[i] {
				t.Errorf("%s: fault %d ends as %v, not %s", name, i, end, want[i])
			}
		}
	}
}
