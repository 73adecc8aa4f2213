package workflow

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"
)

// plan is what becomes of a job.
type plan struct {
	after    time.Duration   // from its start
	status   string          // SUCCEEDED if empty
	spelled  string          // the status in the notification, if another
	notified []time.Duration // a notification each, so long after the end; one at once if nil
	early    bool            // notified before its start is answered
}

// lost is a notification that never comes.
var lost = []time.Duration{}

type job struct {
	id         string
	operation  string
	parameters object
	status     string
	completed  time.Time
}

func (j *job) document() object {
	return j.parameters["DocumentLocation"].(object)["S3Object"].(object)
}

// textract is the asynchronous half of Amazon Textract.
type textract struct {
	schedule func(after time.Duration, do func())
	publish  func(topic, message string)
	now      func() time.Time

	mu     sync.Mutex
	plan   func(*job) plan
	jobs   []*job
	tokens map[string]*job
}

var tokenPattern = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

func rejected(code, message string) (int, object) {
	return http.StatusBadRequest, object{"__type": code, "message": message}
}

func (x *textract) handle(operation string, parameters object) (status int, result object) {
	if strings.HasPrefix(operation, "Start") {
		return x.start(strings.TrimPrefix(operation, "Start"), parameters)
	}
	return x.get(strings.TrimSuffix(strings.TrimPrefix(operation, "Get"), "Summary"), parameters)
}

// start answers a token that it knows with the same job, and with an error if anything else in the
// request differs.
func (x *textract) start(operation string, parameters object) (int, object) {
	token, _ := parameters["ClientRequestToken"].(string)
	if !tokenPattern.MatchString(token) {
		return rejected("InvalidParameterException", fmt.Sprintf("ClientRequestToken %q", token))
	}
	x.mu.Lock()
	if known := x.tokens[token]; known != nil {
		defer x.mu.Unlock()
		if known.operation != operation || !reflect.DeepEqual(known.parameters, parameters) {
			return rejected("IdempotentParameterMismatchException", "ClientRequestToken was used with other parameters")
		}
		return http.StatusOK, object{"JobId": known.id}
	}
	j := &job{id: fmt.Sprintf("job%04d", len(x.jobs)+1), operation: operation, parameters: parameters, status: "IN_PROGRESS"}
	x.jobs = append(x.jobs, j)
	x.tokens[token] = j
	p := x.plan(j)
	x.mu.Unlock()
	if p.early {
		x.complete(j, p)
	} else if p.after > 0 {
		x.schedule(p.after, func() { x.complete(j, p) })
	}
	return http.StatusOK, object{"JobId": j.id}
}

func (x *textract) get(operation string, parameters object) (int, object) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, j := range x.jobs {
		if j.id == parameters["JobId"] && j.operation == operation {
			result := object{"JobStatus": j.status, "Blocks": []any{}}
			if j.status == "FAILED" {
				result["StatusMessage"] = "the document is encrypted"
			}
			return http.StatusOK, result
		}
	}
	return rejected("InvalidJobIdException", fmt.Sprintf("%v", parameters["JobId"]))
}

// complete ends a job, and publishes what its plan says.
func (x *textract) complete(j *job, p plan) {
	if p.status == "" {
		p.status = "SUCCEEDED"
	}
	if p.spelled == "" {
		p.spelled = p.status
	}
	if p.notified == nil {
		p.notified = []time.Duration{0}
	}
	x.mu.Lock()
	j.status, j.completed = p.status, x.now()
	x.mu.Unlock()
	channel := j.parameters["NotificationChannel"].(object)
	message, _ := json.Marshal(object{
		"JobId": j.id, "Status": p.spelled, "API": "Start" + j.operation, "Timestamp": x.now().UnixMilli(),
		"DocumentLocation": object{"S3ObjectName": j.document()["Name"], "S3Bucket": j.document()["Bucket"]},
	})
	for _, after := range p.notified {
		if after == 0 {
			x.publish(channel["SNSTopicArn"].(string), string(message))
			continue
		}
		x.schedule(after, func() { x.publish(channel["SNSTopicArn"].(string), string(message)) })
	}
}

// started are the jobs from the first one on.
func (x *textract) started(first int) []*job {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]*job(nil), x.jobs[first:]...)
}

func (x *textract) follow(plan func(*job) plan) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.plan = plan
}
