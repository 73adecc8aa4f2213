package workflow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const (
	region    = "us-east-1"
	accountID = "123456789012" // Moto's
)

// account is a local AWS account in virtual time: time moves when nothing else happens.
type account struct {
	server         *server
	gateway        *gateway
	textract       *textract
	cloudformation *cloudformation.Client
	s3             *s3.Client
	sfn            *sfn.Client
	sns            *sns.Client
	sqs            *sqs.Client
	pipes          []*pipe
	subscribers    map[string]func(message string) // in place of topics

	mu     sync.Mutex
	time   time.Time
	events []event // what the test does at a time, the earliest first
}

type event struct {
	at time.Time
	do func()
}

// openAccount starts everything.
func openAccount(dir string) (a *account, closeAll func(), err error) {
	a = &account{}
	a.textract = &textract{schedule: a.schedule, publish: a.publish, now: a.now, tokens: map[string]*job{}}
	a.gateway = &gateway{textract: a.textract, now: a.now, sleep: a.sleep}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	proxy := &http.Server{Handler: a.gateway, ReadHeaderTimeout: time.Minute, ErrorLog: nil}
	go func() { _ = proxy.Serve(listener) }()
	var stop func()
	if a.server, stop, err = startServer(dir, "http://"+listener.Addr().String()); err != nil {
		return nil, nil, errors.Join(err, proxy.Close())
	}
	closeAll = func() {
		stop()
		_ = proxy.Close()
	}
	if err := a.gateway.connect(a.server.moto); err != nil {
		return nil, nil, err
	}
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(a.server.moto),
		Credentials: credentials.NewStaticCredentialsProvider("testing", "testing", ""),
	}
	a.cloudformation, a.sfn = cloudformation.NewFromConfig(config), sfn.NewFromConfig(config)
	a.sns, a.sqs = sns.NewFromConfig(config), sqs.NewFromConfig(config)
	a.s3 = s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true })
	a.advance(time.Time{})
	return a, closeAll, nil
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (a *account) now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.time
}

// schedule does something after some time; zero is as soon as nothing runs.
func (a *account) schedule(after time.Duration, do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, event{a.time.Add(after), do})
	slices.SortStableFunc(a.events, func(x, y event) int { return x.at.Compare(y.at) })
}

// sleep holds up a request of a state machine.
func (a *account) sleep(d time.Duration) {
	must(a.server.ask("sleep", object{"seconds": d.Seconds()}, &object{}))
}

// publish is a notification of Textract, which arrives later where calls take time.
func (a *account) publish(topic, message string) {
	send := func() {
		if receive := a.subscribers[topic]; receive != nil {
			receive(message)
			return
		}
		_, err := a.sns.Publish(context.Background(), &sns.PublishInput{TopicArn: &topic, Message: &message})
		must(err)
	}
	if a.gateway.latency == 0 {
		send()
		return
	}
	hops := time.Duration(1)
	if a.subscribers[topic] != nil {
		hops = 3 // the start of a function, and its two calls
	}
	a.schedule(hops*a.gateway.latency, send)
}

// situation is what class Control of moto_states.py answers when nothing runs.
type situation struct {
	Now     int64
	Next    *int64
	Waiting []string // queues that have messages
	Ended   int      // executions
}

// tick is the unit of virtual time.
const tick = int64(time.Second) / 512

func asTime(ticks int64) time.Time { return time.Unix(0, ticks*tick) }

// advance moves the time, or only waits until nothing runs.
func (a *account) advance(to time.Time) situation {
	question := object{}
	if !to.IsZero() {
		ticks := (to.UnixNano() + tick - 1) / tick
		question["to"] = ticks
		a.mu.Lock()
		a.time = asTime(ticks)
		a.mu.Unlock()
	}
	var s situation
	must(a.server.ask("advance", question, &s))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.time = asTime(s.Now)
	return s
}

// runUntil lets time pass until something is so, at most until a limit. It is asked whenever an
// execution has ended, or the test has done something.
func (a *account) runUntil(limit time.Duration, done func() bool) {
	end := a.now().Add(limit)
	s, asked := a.advance(time.Time{}), -1
	for {
		changed := a.receive(s.Waiting)
		if s.Ended != asked {
			asked, changed = s.Ended, a.acknowledge() || changed
			if done() {
				return
			}
		}
		if a.happen() {
			changed, asked = true, -1
		}
		if changed {
			s = a.advance(time.Time{})
			continue
		}
		next, ok := a.next(s)
		if !ok || next.After(end) {
			a.advance(end)
			done()
			return
		}
		s = a.advance(next)
	}
}

// pass lets time pass.
func (a *account) pass(d time.Duration) { a.runUntil(d, func() bool { return false }) }

func (a *account) next(s situation) (next time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Next != nil {
		next, ok = asTime(*s.Next), true
	}
	if len(a.events) > 0 && (!ok || a.events[0].at.Before(next)) {
		next, ok = a.events[0].at, true
	}
	return next, ok
}

// happen does what is due.
func (a *account) happen() (some bool) {
	for {
		a.mu.Lock()
		if len(a.events) == 0 || a.events[0].at.After(a.time) {
			a.mu.Unlock()
			return some
		}
		do := a.events[0].do
		a.events = a.events[1:]
		a.mu.Unlock()
		do()
		some = true
	}
}

// forget drops what was to happen.
func (a *account) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = nil
}

// pipe stands in for a pipe of EventBridge from a queue to a state machine: batches of one, invoked
// with REQUEST_RESPONSE. A message is deleted when its execution succeeded, and else received
// again.
type pipe struct {
	source, target, url string
	stopped             bool
	inFlight            map[string]string // receipt handles, by execution
	ended               []string          // the status of the executions
}

func (a *account) addPipe(source, target string) *pipe {
	name := source[strings.LastIndex(source, ":")+1:]
	found, err := a.sqs.GetQueueUrl(context.Background(), &sqs.GetQueueUrlInput{QueueName: &name})
	must(err)
	p := &pipe{source: source, target: target, url: *found.QueueUrl, inFlight: map[string]string{}}
	a.pipes = append(a.pipes, p)
	return p
}

// receive starts an execution for each message.
func (a *account) receive(waiting []string) (some bool) {
	for _, p := range a.pipes {
		for !p.stopped && slices.Contains(waiting, p.source) {
			got, err := a.sqs.ReceiveMessage(context.Background(), &sqs.ReceiveMessageInput{
				QueueUrl: &p.url, MaxNumberOfMessages: 1, MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"All"},
			})
			must(err)
			if len(got.Messages) == 0 {
				break
			}
			m := got.Messages[0]
			record := []object{{
				"messageId": m.MessageId, "receiptHandle": m.ReceiptHandle, "body": m.Body, "attributes": m.Attributes,
				"messageAttributes": object{}, "md5OfBody": m.MD5OfBody, "eventSource": "aws:sqs", "eventSourceARN": p.source,
				"awsRegion": region,
			}}
			handle := *m.ReceiptHandle
			begin := func() { p.inFlight[a.start(p.target, record)] = handle }
			if a.gateway.latency > 0 {
				a.schedule(2*a.gateway.latency, begin) // the receive and the start
			} else {
				begin()
			}
			some = true
		}
	}
	return some
}

// acknowledge deletes the messages whose executions succeeded.
func (a *account) acknowledge() (some bool) {
	for _, p := range a.pipes {
		for execution, handle := range p.inFlight {
			r := a.describe(execution)
			if r.status == "RUNNING" {
				continue
			}
			delete(p.inFlight, execution)
			p.ended = append(p.ended, r.status)
			some = true
			if r.status == "SUCCEEDED" {
				_, err := a.sqs.DeleteMessage(context.Background(), &sqs.DeleteMessageInput{QueueUrl: &p.url, ReceiptHandle: &handle})
				must(err)
			}
		}
	}
	return some
}

// depth is the number of messages in a queue, those in flight too.
func (a *account) depth(url string) string {
	got, err := a.sqs.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl: &url, AttributeNames: []sqstypes.QueueAttributeName{"All"},
	})
	must(err)
	return got.Attributes["ApproximateNumberOfMessages"] + "+" + got.Attributes["ApproximateNumberOfMessagesNotVisible"]
}

// start starts an execution, and returns its ARN.
func (a *account) start(machine string, input any) string {
	text, err := json.Marshal(input)
	must(err)
	started, err := a.sfn.StartExecution(
		context.Background(),
		&sfn.StartExecutionInput{StateMachineArn: &machine, Input: aws.String(string(text))},
	)
	must(err)
	return *started.ExecutionArn
}

// result is the end of an execution.
type result struct {
	arn, status  string
	output       object
	error, cause string
	stopped      time.Time
}

func (r result) String() string {
	output, _ := json.Marshal(r.output)
	return fmt.Sprintf("%s %s %s %s", r.status, output, r.error, r.cause)
}

func (a *account) describe(execution string) result {
	got, err := a.sfn.DescribeExecution(context.Background(), &sfn.DescribeExecutionInput{ExecutionArn: &execution})
	must(err)
	r := result{arn: execution, status: string(got.Status), error: aws.ToString(got.Error), cause: aws.ToString(got.Cause)}
	r.stopped = aws.ToTime(got.StopDate)
	if got.Output != nil {
		_ = json.Unmarshal([]byte(*got.Output), &r.output) // a batch may have another type than object
	}
	return r
}

// wait waits until executions have ended, at most for a time, and returns their ends.
func (a *account) wait(limit time.Duration, executions ...string) []result {
	var ends []result
	a.runUntil(limit, func() bool {
		ends = nil
		for _, e := range executions {
			ends = append(ends, a.describe(e))
		}
		return !slices.ContainsFunc(ends, func(r result) bool { return r.status == "RUNNING" })
	})
	return ends
}

func (a *account) stop(execution string) {
	_, err := a.sfn.StopExecution(context.Background(), &sfn.StopExecutionInput{ExecutionArn: &execution})
	must(err)
}

// history is what an execution did.
type history struct {
	states      []string
	errors      []string
	events      int
	transitions int // that are billed: states, and retries
}

func (a *account) history(execution string) history {
	var h history
	tries, tasks := 0, 0
	pages := sfn.NewGetExecutionHistoryPaginator(a.sfn, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(err)
		for _, e := range page.Events {
			h.events++
			switch {
			case e.StateEnteredEventDetails != nil:
				h.states = append(h.states, *e.StateEnteredEventDetails.Name)
				if e.Type == "TaskStateEntered" {
					tasks++
				}
			case e.TaskScheduledEventDetails != nil:
				tries++
			case e.TaskFailedEventDetails != nil:
				h.errors = append(h.errors, aws.ToString(e.TaskFailedEventDetails.Error))
			case e.TaskTimedOutEventDetails != nil:
				h.errors = append(h.errors, aws.ToString(e.TaskTimedOutEventDetails.Error))
			}
		}
	}
	h.transitions = len(h.states) + max(tries-tasks, 0)
	return h
}

// deploy creates a stack, and returns the physical ids of its resources.
func (a *account) deploy(name, templateFile string) (map[string]string, error) {
	text, err := os.ReadFile(templateFile)
	if err != nil {
		return nil, err
	}
	var template object
	if err := json.Unmarshal(text, &template); err != nil {
		return nil, err
	}
	delete(template, "Rules")
	delete(template, "Parameters") // the version of the bootstrap stack
	if text, err = json.Marshal(template); err != nil {
		return nil, err
	}
	ctx := context.Background()
	_, err = a.cloudformation.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: &name, TemplateBody: aws.String(string(text)), Capabilities: []cfn.Capability{cfn.CapabilityCapabilityIam},
	})
	if err != nil {
		return nil, err
	}
	stacks, err := a.cloudformation.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		return nil, err
	}
	if s := stacks.Stacks[0]; s.StackStatus != cfn.StackStatusCreateComplete {
		return nil, fmt.Errorf("stack %s: %s: %s", name, s.StackStatus, aws.ToString(s.StackStatusReason))
	}
	resources, err := a.cloudformation.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name})
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, r := range resources.StackResources {
		ids[*r.LogicalResourceId] = aws.ToString(r.PhysicalResourceId)
	}
	return ids, nil
}

// definition is that of a state machine.
func (a *account) definition(machine string) string {
	got, err := a.sfn.DescribeStateMachine(context.Background(), &sfn.DescribeStateMachineInput{StateMachineArn: &machine})
	must(err)
	return cmp.Or(aws.ToString(got.Definition), "{}")
}

// create creates a state machine.
func (a *account) create(name, definition string) string {
	made, err := a.sfn.CreateStateMachine(context.Background(), &sfn.CreateStateMachineInput{
		Name: &name, Definition: &definition, RoleArn: aws.String("arn:aws:iam::" + accountID + ":role/states"),
	})
	must(err)
	return *made.StateMachineArn
}
