package workflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/cdk-textract/textractasync/textractworkflow"
)

// The settings of the app are the defaults: a status check each 15 minutes, a visibility timeout of
// 5 minutes, 5 receives.
const (
	check = 15 * time.Minute
	pause = 10 * time.Second

	accuracy = time.Millisecond // of the times that Step Functions tells
)

// scenario is what can happen to a workflow, with what must come of it.
type scenario struct {
	name string
	run  func(*run)
}

// run is one run of a scenario.
type run struct {
	*deployment
	first    int      // the number of jobs before
	objects  []string // the keys of what it put into the bucket
	problems []string
	oneIsAll bool // the first problem ends the run
}

// perform returns what was wrong; of a mutant only the first problem.
func (s scenario) perform(d *deployment, isMutant bool) (problems []string) {
	r := &run{deployment: d, first: len(d.textract.started(0)), oneIsAll: isMutant}
	d.gateway.reset()
	d.textract.follow(func(*job) plan { return plan{after: time.Minute} })
	d.notifier.stopped, d.notifier.ended = false, nil
	defer func() {
		if failure := recover(); failure != nil {
			r.problems = append(r.problems, fmt.Sprint(failure))
		}
		problems = r.problems
		d.forget()
		for _, key := range r.objects {
			_, err := r.s3.DeleteObject(context.Background(), &s3.DeleteObjectInput{Bucket: &r.documents, Key: &key})
			must(err)
		}
		clear(d.notifier.inFlight)
		must(d.server.ask("stop", object{}, &object{}))
		for _, url := range []string{d.queue, d.deadLetterQueue} {
			_, err := d.sqs.PurgeQueue(context.Background(), &sqs.PurgeQueueInput{QueueUrl: &url})
			must(err)
		}
	}()
	s.run(r)
	return problems
}

// want notes a problem where something is not so.
func (r *run) want(ok bool, format string, args ...any) {
	if ok {
		return
	}
	problem := fmt.Sprintf(format, args...)
	if r.oneIsAll {
		panic(problem)
	}
	r.problems = append(r.problems, problem)
}

func documentInput(id any, key string) object {
	input := object{"DocumentLocation": object{"S3Object": object{"Bucket": "b", "Name": key}}}
	if id != nil {
		input["Id"] = id
	}
	return input
}

// id is an Id that no earlier run has used, mutants' among them.
func (r *run) id() string { return fmt.Sprintf("order-%d", r.first) }

// job starts an execution for a document of its own.
func (r *run) job() string { return r.start(r.machines["job"], documentInput(nil, "k.pdf")) }

func (r *run) jobs() []*job { return r.textract.started(r.first) }

// ends waits until executions have ended, at most for 5 hours: longer than any scenario.
func (r *run) ends(executions ...string) []result { return r.wait(5*time.Hour, executions...) }

func (r *run) succeeded(e result) {
	r.want(e.status == "SUCCEEDED", "the execution ended as %v, not SUCCEEDED", e)
}

func (r *run) failed(e result, name string) {
	r.want(e.status == "FAILED" && e.error == name, "the execution ended as %v, not FAILED with %s", e, name)
}

func (r *run) billed(jobs int) {
	r.want(len(r.jobs()) == jobs, "%d jobs were started, not %d", len(r.jobs()), jobs)
}

// endedAfter checks the time between the end of the last job and that of an execution.
func (r *run) endedAfter(e result, most time.Duration) {
	jobs := r.jobs()
	if len(jobs) == 0 {
		r.want(false, "no job was started")
		return
	}
	late := e.stopped.Sub(jobs[len(jobs)-1].completed)
	r.want(late <= most+accuracy, "the execution ended %v after its job, not within %v", late, most)
}

func (r *run) getCalls(most int) {
	n := len(r.gateway.callsOf("Textract.Get"))
	r.want(n <= most, "%d Get calls, not %d", n, most)
}

// queuesAreEmpty lets redelivery happen, and finds messages that are left.
func (r *run) queuesAreEmpty() {
	r.pass(2 * time.Hour)
	for name, url := range map[string]string{"queue": r.queue, "dead-letter queue": r.deadLetterQueue} {
		depth := r.depth(url)
		r.want(depth == "0+0", "the %s has %s messages", name, depth)
	}
}

func hasToken(body object) bool {
	values, _ := body["ExpressionAttributeValues"].(object)
	return values[":token"] != nil
}

func hasNoToken(body object) bool { return !hasToken(body) }

const updateItem = "DynamoDB_20120810.UpdateItem"

func (r *run) follow(p plan) { r.textract.follow(func(*job) plan { return p }) }

// lateToken holds up the write of the token.
func (r *run) lateToken(d time.Duration) {
	r.gateway.during(fault{action: updateItem, when: hasToken, delay: d})
}

var scenarios = []scenario{
	{"a job succeeds", func(r *run) {
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.getCalls(0)
		want := fmt.Sprint(object{
			"JobId":            r.jobs()[0].id,
			"JobStatus":        "SUCCEEDED",
			"DocumentLocation": object{"S3Object": object{"Bucket": "b", "Name": "k.pdf"}},
			"OutputConfig":     object{"S3Bucket": r.results, "S3Prefix": "textract_output/" + r.jobs()[0].id},
		})
		r.want(fmt.Sprint(e.output) == want, "output %v, not %s", e.output, want)
		h := r.history(e.arn)
		r.want(h.transitions == 2, "%d transitions, not 2: %v", h.transitions, h.states)
		r.queuesAreEmpty()
	}},
	{"a job has every setting of an analysis", func(r *run) {
		r.succeeded(r.ends(r.job())[0])
		parameters := r.jobs()[0].parameters
		for name, want := range map[string]any{
			"FeatureTypes":  []any{"TABLES", "QUERIES"},
			"QueriesConfig": object{"Queries": []any{object{"Text": `What's the "total"?`, "Alias": "total"}}},
			"AdaptersConfig": object{"Adapters": []any{
				object{"AdapterId": "0123456789ab", "Version": "1", "Pages": []any{"1-3"}},
			}},
			"JobTag": "invoices",
		} {
			r.want(reflect.DeepEqual(parameters[name], want), "%s is %v, not %v", name, parameters[name], want)
		}
	}},
	{"a lending job succeeds, and its notification is lost", func(r *run) {
		r.succeeded(r.ends(r.start(r.machines["lending"], documentInput(nil, "k.pdf")))[0])
		r.getCalls(0)
		r.follow(plan{after: time.Minute, notified: lost})
		e := r.ends(r.start(r.machines["lending"], documentInput(nil, "k.pdf")))[0]
		r.succeeded(e)
		r.endedAfter(e, check)
		n := len(r.gateway.callsOf("Textract.GetLendingAnalysisSummary"))
		r.want(n == 1, "%d calls of GetLendingAnalysisSummary", n)
		r.follow(plan{after: time.Minute, status: "FAILED"})
		r.failed(r.ends(r.start(r.machines["lending"], documentInput(nil, "k.pdf")))[0], textractworkflow.ErrorJobFailed)
	}},
	{"a job is a task with paths of another state machine", func(r *run) {
		e := r.ends(r.start(r.machines["paths"], object{"bucket": "b", "key": "a b+c (1) 'ä'.pdf", "order": 7}))[0]
		r.succeeded(e)
		result, _ := e.output["textract"].(object)
		r.want(e.output["order"] == 7.0 && result["JobStatus"] == "SUCCEEDED" && result["OutputConfig"] != nil, "output %v", e.output)
		r.want(r.jobs()[0].document()["Name"] == "a b+c (1) 'ä'.pdf", "key %v", r.jobs()[0].document()["Name"])
		h := r.history(e.arn)
		r.want(h.transitions == 1, "%d transitions of the parent, not 1", h.transitions)
	}},
	{"a job is a task with expressions of another state machine", func(r *run) {
		e := r.ends(r.start(r.machines["expressions"], object{"bucket": "b", "key": "k.pdf"}))[0]
		r.succeeded(e)
		r.want(e.output["JobId"] == r.jobs()[0].id, "output %v", e.output)
		r.want(r.jobs()[0].document()["Name"] == "in/k.pdf", "key %v", r.jobs()[0].document()["Name"])
	}},
	{"a task names its bucket by the CDK, and its key as a literal", func(r *run) {
		r.succeeded(r.ends(r.start(r.machines["literals"], object{}))[0])
		want := fmt.Sprint(object{"Bucket": r.documents, "Name": "in/one.pdf"})
		r.want(fmt.Sprint(r.jobs()[0].document()) == want, "document %v, not %s", r.jobs()[0].document(), want)
	}},
	{"a task names its bucket by the CDK, and its key by an intrinsic function", func(r *run) {
		r.succeeded(r.ends(r.start(r.machines["function"], object{"id": "42"}))[0])
		r.billed(1)
		want := fmt.Sprint(object{"Bucket": r.documents, "Name": "in/42.pdf"})
		r.want(fmt.Sprint(r.jobs()[0].document()) == want, "document %v, not %s", r.jobs()[0].document(), want)
	}},
	{"a job succeeds in part", func(r *run) {
		r.follow(plan{after: time.Minute, status: "PARTIAL_SUCCESS"})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.want(e.output["JobStatus"] == "PARTIAL_SUCCESS", "output %v", e.output)
	}},
	{"a job fails", func(r *run) {
		r.follow(plan{after: time.Minute, status: "FAILED"})
		e := r.ends(r.job())[0]
		r.failed(e, textractworkflow.ErrorJobFailed)
		for _, part := range []string{r.jobs()[0].id, "s3://b/k.pdf", "FAILED", "the document is encrypted"} {
			r.want(strings.Contains(e.cause, part), "cause %q has no %q", e.cause, part)
		}
		r.endedAfter(e, 0)
		r.billed(1)
		r.queuesAreEmpty()
	}},
	{"a notification spells the status in another case", func(r *run) {
		r.follow(plan{after: time.Minute, spelled: "Succeeded"})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.getCalls(0)
		r.want(e.output["JobStatus"] == "SUCCEEDED", "output %v", e.output)
	}},
	{"a notification comes before the token is written", func(r *run) {
		r.follow(plan{early: true})
		r.lateToken(5 * time.Second)
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 5*time.Second)
		r.getCalls(0)
		r.queuesAreEmpty()
	}},
	{"a notification comes four times, once much later", func(r *run) {
		r.follow(plan{after: time.Minute, notified: []time.Duration{0, 0, 0, time.Hour}})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.queuesAreEmpty()
		r.want(!slices.Contains(r.notifier.ended, "FAILED"), "notifier: %v", r.notifier.ended)
	}},
	{"a notification of another program's job comes", func(r *run) {
		e := r.job()
		r.pass(time.Second)
		topic := r.jobs()[0].parameters["NotificationChannel"].(object)["SNSTopicArn"].(string)
		r.publish(topic, `{"JobId":"other","Status":"SUCCEEDED","Timestamp":1}`)
		r.succeeded(r.ends(e)[0])
		r.queuesAreEmpty()
		r.want(!slices.Contains(r.notifier.ended, "FAILED"), "notifier: %v", r.notifier.ended)
	}},
	{"a notification is lost", func(r *run) {
		r.follow(plan{after: time.Minute, notified: lost})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, check)
		r.getCalls(1)
	}},
	{"a notification is taken by another consumer of the queue", func(r *run) {
		r.notifier.stopped = true
		e := r.job()
		r.pass(2 * time.Minute)
		_, err := r.sqs.PurgeQueue(context.Background(), &sqs.PurgeQueueInput{QueueUrl: &r.queue})
		must(err)
		end := r.ends(e)[0]
		r.succeeded(end)
		r.endedAfter(end, check)
	}},
	{"a pipe of another app has a table of its own", func(r *run) {
		foreign := r.addForeignNotifier()
		defer r.removeForeignNotifier(foreign)
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, check)
		r.getCalls(1)
		r.want(slices.Equal(foreign.ended, []string{"SUCCEEDED"}), "the other notifier: %v", foreign.ended)
		foreign.stopped = true
		e = r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.billed(2)
		r.queuesAreEmpty()
	}},
	{"a notification is late", func(r *run) {
		r.follow(plan{after: time.Minute, notified: []time.Duration{3 * check}})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, check)
		r.queuesAreEmpty()
	}},
	{"a job takes longer than two status checks", func(r *run) {
		r.follow(plan{after: 40 * time.Minute})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.getCalls(2)
		h := r.history(e.arn)
		r.want(h.transitions <= 14, "%d transitions: %v", h.transitions, h.states)
		r.want(h.events <= 13+2*24, "%d events", h.events) // 500 checks are less than half of 25,000
	}},
	{"the quota of jobs is used up", func(r *run) {
		full := r.gateway.during(fault{action: "Textract.Start", code: "LimitExceededException"})
		r.schedule(time.Hour, func() { full.code = "ThrottlingException" })
		r.schedule(2*time.Hour, func() { full.code = "ProvisionedThroughputExceededException" })
		r.schedule(3*time.Hour, func() { r.gateway.remove(full) })
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.billed(1)
		tokens := map[any]bool{}
		for _, c := range r.gateway.callsOf("Textract.Start") {
			tokens[c.body["ClientRequestToken"]] = true
		}
		r.want(len(tokens) == 1, "%d tokens", len(tokens))
	}},
	{"a document is not supported", func(r *run) {
		r.gateway.during(fault{action: "Textract.Start", code: "UnsupportedDocumentException"})
		r.failed(r.ends(r.job())[0], "Textract.UnsupportedDocumentException")
		n := len(r.gateway.callsOf("Textract.Start"))
		r.want(n == 1, "%d calls of Start", n)
	}},
	{"Textract has an error that is not in its model", func(r *run) {
		r.gateway.during(fault{action: "Textract.Start", code: "ServiceUnavailable"})
		r.failed(r.wait(10*time.Minute, r.job())[0], "Textract.TextractException")
	}},
	{"the answer of Start is lost", func(r *run) {
		r.gateway.during(fault{action: "Textract.Start", times: 1, lost: true})
		r.succeeded(r.ends(r.job())[0])
		r.billed(1)
	}},
	{"the table throttles the write of the token", func(r *run) {
		r.gateway.during(fault{action: updateItem, when: hasToken, times: 1, code: "ThrottlingException"})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
	}},
	{"the table fails the notifier for two minutes", func(r *run) {
		down := r.gateway.during(fault{action: updateItem, when: hasNoToken, code: "InternalServerError"})
		r.schedule(3*time.Minute, func() { r.gateway.remove(down) })
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 6*time.Minute) // received again after the visibility timeout
		r.getCalls(0)
		r.queuesAreEmpty()
	}},
	{"Step Functions throttles the notifier", func(r *run) {
		r.gateway.during(fault{action: "AWSStepFunctions.SendTaskSuccess", times: 4, code: "ThrottlingException"})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 30*time.Second)
		r.queuesAreEmpty()
	}},
	{"an execution is stopped before its job ends", func(r *run) {
		e := r.job()
		r.pass(30 * time.Second)
		r.stop(e)
		r.queuesAreEmpty()
		r.want(slices.Equal(r.notifier.ended, []string{"SUCCEEDED"}), "notifier: %v", r.notifier.ended)
	}},
	{"a message cannot be read", func(r *run) {
		_, err := r.sqs.SendMessage(context.Background(), &sqs.SendMessageInput{QueueUrl: &r.queue, MessageBody: aws.String("no JSON")})
		must(err)
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, 0)
		r.pass(time.Hour)
		r.want(r.depth(r.deadLetterQueue) == "1+0", "the dead-letter queue has %s messages", r.depth(r.deadLetterQueue))
		failed := len(r.notifier.ended) - 1
		r.want(failed == 5, "the message was received %d times: %v", failed, r.notifier.ended)
	}},
	{"two executions have one Id", func(r *run) {
		input := documentInput(r.id(), "k.pdf")
		a, b := r.start(r.machines["job"], input), ""
		r.schedule(10*time.Second, func() { b = r.start(r.machines["job"], input) })
		r.pass(11 * time.Second)
		for _, e := range r.ends(a, b) {
			r.succeeded(e)
			r.endedAfter(e, check)
		}
		third := r.now()
		e := r.ends(r.start(r.machines["job"], input))[0]
		r.succeeded(e)
		r.want(e.stopped.Sub(third) < accuracy, "a later one took %v", e.stopped.Sub(third))
		r.billed(1)
	}},
	{"the job of an earlier execution with the same Id failed", func(r *run) {
		input := documentInput(r.id(), "k.pdf")
		r.follow(plan{after: time.Minute, status: "FAILED"})
		r.failed(r.ends(r.start(r.machines["job"], input))[0], textractworkflow.ErrorJobFailed)
		r.pass(time.Hour)
		r.follow(plan{after: time.Minute})
		for range 2 { // the second one has the new job
			e := r.ends(r.start(r.machines["job"], input))[0]
			r.succeeded(e)
			r.billed(2)
			r.want(e.output["JobId"] == r.jobs()[len(r.jobs())-1].id, "output %v", e.output)
			r.pass(time.Hour)
		}
	}},
	{"two executions have one Id for different documents", func(r *run) {
		for _, key := range []string{"a.pdf", "b.pdf"} {
			r.succeeded(r.ends(r.start(r.machines["job"], documentInput(r.id(), key)))[0])
		}
		r.billed(2)
	}},
	{"an Id is used again after an update of the features", func(r *run) {
		machine := r.machines["job"]
		before := r.definition(machine)
		defer func() { r.update(machine, before) }()
		r.succeeded(r.ends(r.start(machine, documentInput(r.id(), "k.pdf")))[0])
		r.update(machine, strings.ReplaceAll(before, "TABLES", "FORMS"))
		r.succeeded(r.ends(r.start(machine, documentInput(r.id(), "k.pdf")))[0])
		r.billed(2)
	}},
	{"a job fails before the token is written", func(r *run) {
		r.follow(plan{early: true, status: "FAILED"})
		r.lateToken(5 * time.Second)
		r.failed(r.wait(time.Minute, r.job())[0], textractworkflow.ErrorJobFailed)
		r.billed(1)
	}},
	{"a job fails in the pause after a status check", func(r *run) {
		r.follow(plan{after: check + pause/2, status: "FAILED"})
		r.failed(r.wait(2*check, r.job())[0], textractworkflow.ErrorJobFailed)
		r.billed(1)
	}},
	{"a job succeeds in the pause after a status check", func(r *run) {
		r.follow(plan{after: check + pause/2})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, pause)
	}},
	{"a parent retries its task", func(r *run) {
		r.follow(plan{after: time.Minute, notified: lost})
		r.gateway.during(fault{action: "Textract.Get", times: 2, code: "AccessDeniedException"})
		e := r.ends(r.start(r.machines["retry"], object{"bucket": "b", "key": "k.pdf"}))[0]
		r.succeeded(e)
		r.billed(1)
		n := len(r.gateway.callsOf("Textract.Start"))
		r.want(n == 3, "%d calls of Start", n)
	}},
	{"a parent tells a failed job from other failures", func(r *run) {
		r.follow(plan{after: time.Minute, status: "FAILED"})
		r.failed(r.ends(r.start(r.machines["catch"], object{"bucket": "b", "key": "k.pdf"}))[0], "Rejected")
		r.gateway.during(fault{action: "Textract.Start", code: "AccessDeniedException"})
		r.failed(r.ends(r.start(r.machines["catch"], object{"bucket": "b", "key": "k.pdf"}))[0], "Broken")
	}},
	{"the status of a job comes with 300 KB", func(r *run) {
		r.follow(plan{after: time.Minute, notified: lost})
		r.gateway.during(fault{action: "Textract.Get", answer: object{
			"JobStatus": "SUCCEEDED", "ExpenseDocuments": []any{object{"Blocks": []any{object{"Text": strings.Repeat("x", 300_000)}}}},
		}})
		r.succeeded(r.ends(r.start(r.machines["expense"], documentInput(nil, "k.pdf")))[0])
	}},
	{"the table is gone for fifteen minutes", func(r *run) {
		r.follow(plan{after: 15 * time.Minute})
		r.gateway.during(fault{action: "DynamoDB", code: "ResourceNotFoundException"})
		e := r.ends(r.job())[0]
		r.succeeded(e)
		r.endedAfter(e, check)
		h := r.history(e.arn)
		r.want(h.events < 300, "%d events in 15 minutes", h.events) // 1,300 if each pause took 10 seconds
		r.getCalls(10)
	}},
	{"Textract has forgotten the job of an Id", func(r *run) {
		input := documentInput(r.id(), "k.pdf")
		r.follow(plan{after: time.Minute, notified: lost})
		r.succeeded(r.ends(r.start(r.machines["job"], input))[0])
		forgotten := r.jobs()[0].id
		r.gateway.during(
			fault{
				action: "Textract.Get",
				when:   func(body object) bool { return body["JobId"] == forgotten },
				code:   "InvalidJobIdException",
			},
		)
		r.follow(plan{after: time.Minute})
		r.succeeded(r.ends(r.start(r.machines["job"], input))[0])
		r.billed(2)
	}},
	{"the version of a document is null", func(r *run) {
		input := documentInput(nil, "k.pdf")
		input["DocumentLocation"].(object)["S3Object"].(object)["Version"] = nil
		r.succeeded(r.ends(r.start(r.machines["job"], input))[0])
		_, has := r.jobs()[0].document()["Version"]
		r.want(!has, "document %v", r.jobs()[0].document())
	}},
	{"documents are uploaded", func(r *run) {
		documents := []string{"in/a.pdf", "in/b.PDF", "in/c.tiff", "in/d/e.jpeg", `in/a b+c "q" 'ä'.png`, "in/x.JpG"}
		others := []string{"in/", "in/readme.txt", "in/pdf", "in/result/1", "in/a.pdf.json"}
		for i, key := range slices.Concat(documents, others) {
			r.upload(key, 9, fmt.Sprintf("v%d", i))
		}
		r.upload("in/empty.pdf", 0, "v")
		r.upload("out/a.pdf", 9, "v")
		r.pass(time.Hour)
		r.billed(len(documents))
		for i, j := range r.jobs() {
			want := fmt.Sprint(object{"Bucket": r.documents, "Name": documents[i], "Version": fmt.Sprintf("v%d", i)})
			r.want(fmt.Sprint(j.document()) == want, "document %v, not %s", j.document(), want)
		}
	}},
	{"an upload has three transitions", func(r *run) {
		r.upload("in/one.pdf", 9, "")
		r.pass(time.Hour)
		listed, err := r.sfn.ListExecutions(context.Background(), &sfn.ListExecutionsInput{
			StateMachineArn: aws.String(r.machines["text"]), MaxResults: 1,
		})
		must(err)
		h := r.history(*listed.Executions[0].ExecutionArn)
		r.want(h.transitions == 3, "%d transitions: %v", h.transitions, h.states)
	}},
	{"an upload is announced twice", func(r *run) {
		e := r.upload("in/twice.pdf", 9, "")
		r.announce(e)
		r.pass(time.Hour)
		r.billed(1)
		_, has := r.jobs()[0].document()["Version"]
		r.want(!has, "document %v", r.jobs()[0].document())
	}},
	{"an object is overwritten", func(r *run) {
		r.upload("in/again.pdf", 9, "")
		r.upload("in/again.pdf", 9, "")
		r.pass(time.Hour)
		r.billed(2)
	}},
	{"a batch runs twice", func(r *run) {
		bad := map[any]bool{"2024/3.pdf": true}
		running, most := 0, 0
		r.textract.follow(func(j *job) plan {
			if running++; running > most {
				most = running
			}
			r.schedule(time.Minute, func() { running-- })
			if bad[j.document()["Name"]] {
				return plan{after: time.Minute, status: "FAILED"}
			}
			return plan{after: time.Minute}
		})
		for _, key := range []string{"2024/1.pdf", "2024/2.PNG", "2024/3.pdf", "2024/a b'ü.tif", "2024/readme.txt", "2025/5.pdf"} {
			r.put(key, "first")
		}
		r.put("2024/", "")
		r.put("2024/empty.pdf", "")
		batch := func(failed int, documents ...string) {
			before := len(r.jobs())
			e := r.ends(r.start(r.machines["batch"], object{}))[0]
			r.succeeded(e)
			var started []string
			for _, j := range r.jobs()[before:] {
				started = append(started, j.document()["Name"].(string))
			}
			slices.Sort(started)
			r.want(slices.Equal(started, documents), "jobs were started for %q, not %q", started, documents)
			r.want(e.output["Documents"] == 4.0 && e.output["Failed"] == float64(failed) && e.output["Skipped"] == 3.0, "output %v", e.output)
			results, _ := e.output["Results"].(object)
			manifest := r.get(fmt.Sprint(results["Bucket"]), fmt.Sprint(results["Key"]))
			r.want(strings.Contains(manifest, "ResultFiles"), "manifest %s", manifest)
			r.pass(time.Hour)
		}
		batch(1, "2024/1.pdf", "2024/2.PNG", "2024/3.pdf", "2024/a b'ü.tif")
		r.want(most <= 3, "%d jobs at a time", most)
		delete(bad, "2024/3.pdf")
		r.put("2024/1.pdf", "second")
		batch(0, "2024/1.pdf", "2024/3.pdf") // what changed, and what failed
	}},
	{"more documents of a batch fail than may", func(r *run) {
		failed := 1
		r.textract.follow(func(*job) plan {
			if failed--; failed >= 0 {
				return plan{after: time.Minute, status: "FAILED"}
			}
			return plan{after: time.Minute}
		})
		for i := range 4 {
			r.put(fmt.Sprintf("2023/%d.pdf", i), "first")
		}
		e := r.ends(r.start(r.machines["brake"], object{}))[0]
		r.succeeded(e) // a fourth is no more than 25 %
		r.want(e.output["Documents"] == 4.0 && e.output["Failed"] == 1.0, "output %v", e.output)
		r.billed(4)
		failed = 2
		for i := range 4 {
			r.put(fmt.Sprintf("2023/%d.pdf", i), "second")
		}
		r.failed(r.ends(r.start(r.machines["brake"], object{}))[0], "States.ExceedToleratedFailureThreshold")
		r.billed(6) // none after the second failure
	}},
	{"the table does not count what a batch skips", func(r *run) {
		r.put("2024/readme.txt", "first")
		r.put("2024/1.pdf", "first")
		r.gateway.during(fault{action: updateItem, when: func(body object) bool {
			return strings.HasPrefix(fmt.Sprint(body["UpdateExpression"]), "ADD ")
		}, code: "InternalServerError"})
		e := r.ends(r.start(r.machines["batch"], object{}))[0]
		r.succeeded(e)
		r.want(e.output["Failed"] == 0.0 && e.output["Skipped"] == 0.0, "output %v", e.output)
	}},
	{"Step Functions throttles the starts of a batch", func(r *run) {
		r.put("2024/1.pdf", "third")
		r.put("2024/2.PNG", "third")
		r.gateway.during(fault{action: "AWSStepFunctions.StartExecution", times: 3, code: "Throttling"})
		e := r.ends(r.start(r.machines["batch"], object{}))[0]
		r.succeeded(e)
		r.want(e.output["Failed"] == 0.0, "output %v", e.output)
		r.billed(2)
	}},
}

// addForeignNotifier adds a pipe that takes notifications first.
func (r *run) addForeignNotifier() *pipe {
	const table = "foreign"
	var d definition
	must(json.Unmarshal([]byte(r.definition(r.notifier.target)), &d))
	record := d.state("Record completion")["Arguments"].(object)
	record["TableName"] = table
	text, err := json.Marshal(d)
	must(err)
	r.dynamoDB("CreateTable", object{
		"TableName": table, "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": []object{{"AttributeName": "JobId", "AttributeType": "S"}},
		"KeySchema":            []object{{"AttributeName": "JobId", "KeyType": "HASH"}},
	})
	foreign := r.addPipe(r.notifier.source, r.create("foreign", string(text)))
	r.pipes = []*pipe{foreign, r.notifier}
	return foreign
}

func (r *run) removeForeignNotifier(foreign *pipe) {
	r.pipes = []*pipe{r.notifier}
	_, err := r.sfn.DeleteStateMachine(context.Background(), &sfn.DeleteStateMachineInput{StateMachineArn: &foreign.target})
	must(err)
	r.dynamoDB("DeleteTable", object{"TableName": "foreign"})
}

// upload is what S3 tells EventBridge of a new object.
func (r *run) upload(key string, size int, version string) object {
	r.uploads++
	content := object{"key": key, "size": size, "etag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": fmt.Sprintf("%016X", r.uploads)}
	if version != "" {
		content["version-id"] = version
	}
	e := object{
		"version": "0", "id": fmt.Sprint(r.uploads), "detail-type": "Object Created", "source": "aws.s3", "account": accountID,
		"time": r.now().UTC().Format(time.RFC3339), "region": region, "resources": []string{"arn:aws:s3:::" + r.documents},
		"detail": object{"version": "0", "bucket": object{"name": r.documents}, "object": content, "reason": "PutObject"},
	}
	r.announce(e)
	return e
}

func (r *run) announce(e object) {
	must(r.server.ask("event", object{"event": e}, &object{}))
	r.advance(time.Time{}) // so that jobs start in this order
}

// put writes an object whose content no earlier run has written, but for empty ones.
func (r *run) put(key, content string) {
	if content != "" {
		content += r.id()
	}
	r.objects = append(r.objects, key)
	_, err := r.s3.PutObject(context.Background(), &s3.PutObjectInput{Bucket: &r.documents, Key: &key, Body: strings.NewReader(content)})
	must(err)
}

func (a *account) get(bucket, key string) string {
	got, err := a.s3.GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	must(err)
	text, err := io.ReadAll(got.Body)
	must(errors.Join(err, got.Body.Close()))
	return string(text)
}

func (a *account) update(machine, definition string) {
	_, err := a.sfn.UpdateStateMachine(
		context.Background(),
		&sfn.UpdateStateMachineInput{StateMachineArn: &machine, Definition: &definition},
	)
	must(err)
}

func TestScenarios(t *testing.T) {
	ran := 0
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			ran++
			for _, problem := range s.perform(app, false) {
				t.Error(problem)
			}
		})
	}
	t.Run("a second interpreter of JSONata agrees", func(t *testing.T) { compareInterpreters(t, app, ran == len(scenarios)) })
}
