package textractclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"
)

// RunOptions change how RunAll works.
type RunOptions struct {
	// StartRate is the most Start calls a second, from 0.01 to 1,000. Default: 0, which learns the quota from what Textract throttles.
	StartRate float64
	// MaxJobs is the most jobs in progress at a time. Default: 0, which learns the quota from LimitExceededException.
	MaxJobs int
	// OwnQueue has RunAll learn completions from the queue of the client's Config. The queue must be RunAll's own: it receives all
	// messages, which counts them towards a dead-letter queue, and deletes those of its jobs; others it leaves. Default: false, which
	// asks for the status of jobs by Get calls and touches no queue.
	OwnQueue bool
	// Workers is how many handlers run at a time, from 1 to 1,000. Default: 10.
	Workers int
	// MaxRejected is how many documents Textract may reject before it has taken one, in a way that wrong settings cause too, such as
	// a role that it may not assume. Then RunAll ends, rather than have all documents fail. Default: 10.
	MaxRejected int
	// Earlier returns the id of the job that an interrupted run started for an input, or "". The job is asked for, and not started.
	// Default: none.
	Earlier func(StartInput) (jobID string)
	// Starting is called before the Start calls of an input, whose document has the ETag that its token is derived from. Its error ends
	// RunAll. It is called on several goroutines. Default: nothing.
	Starting func(StartInput) error
	// Started is called with each job that was started, or was started before by the same token. Its error ends RunAll. It is called
	// on several goroutines. Default: nothing.
	Started func(StartInput, *Job) error
	// Progress is called when something changed, on one goroutine. It should return at once. Default: nothing.
	Progress func(RunProgress)
}

// RunProgress is what RunAll does at a time.
type RunProgress struct {
	// InProgress is how many jobs were started and are not known to have ended.
	InProgress int
	// StartRate is the pace of Start calls, a second.
	StartRate float64
	// MaxJobs is how many jobs may be in progress at a time, as far as that is known. 0: it is not.
	MaxJobs int
}

// Outcome is what became of an input of RunAll.
type Outcome struct {
	Input StartInput
	// Job is the document's job. Nil: none was started.
	Job *Job
	// Status is the job's status. Empty: none was started, or Textract forgot it.
	Status types.JobStatus
	// Err is nil when there are results to read: also of a job with an Output that Textract forgot. It is a *JobError when the job
	// failed, and wraps ErrJobUnknown when Textract forgot an earlier job; otherwise it is why no job was started, or why Textract
	// does not tell its status while it tells that of others.
	Err error

	client *Client
	first  *answeredPage // of the results, where it is known already
}

// answeredPage is an answer of a Get action, with the token of the next.
type answeredPage struct {
	page *ResultPage
	next *string
}

// Results iterates over the results: those in the output bucket where the job has one, else those that Textract keeps. ctx should be
// the handler's: its Get calls share RunAll's pace. Errors are those of Client.OutputResults and Client.Results.
func (o *Outcome) Results(ctx context.Context) iter.Seq2[*ResultPage, error] {
	return func(yield func(*ResultPage, error) bool) {
		if o.Err != nil {
			yield(nil, o.Err)
			return
		}
		if o.Job.Output == nil {
			o.client.results(ctx, o.Job.Ref(), o.first)(yield)
			return
		}
		first := true
		for page, err := range o.client.OutputResults(ctx, o.Job.Ref(), *o.Job.Output) {
			if first && errors.Is(err, ErrNoOutput) { // somebody moved or deleted them
				o.client.results(ctx, o.Job.Ref(), o.first)(yield)
				return
			}
			if first = false; !yield(page, err) {
				return
			}
		}
	}
}

// RunAll runs a job for each input, as many at a time and as quickly as the account's quotas allow, and calls handle with the outcome
// of each, once, in the order in which it learns of them. Both quotas are learned from Textract's answers, so that nobody has to know
// them; RunOptions bound them. Memory does not grow with the number of inputs.
//
// Inputs are iterated on a goroutine of their own, one by one as they are needed. An early end does not wait for an iterator that waits
// for something else: it ends with its next input. Each becomes one job, as with Start: it may be run again within
// 7 days and gets the job that is there already. Unlike Start, RunAll reports the failure of an earlier job as the outcome: set Salt
// to start another. An input without WithoutNotification publishes its completion, for OwnQueue or for another consumer.
//
// Handlers run several at a time (RunOptions.Workers). While they are slower than jobs, RunAll starts no more jobs.
//
// While Textract throttles or has too many jobs in progress, RunAll goes on until ctx ends, and logs when nothing can be started for a
// minute. Its pace takes the place of the AWS configuration's Retryer.
//
// RunAll returns nil when all outcomes were handled, whatever they are. It returns early, after the handlers that run have returned,
// with the error of a handler, Starting or Started, or with a panic of any function that it calls; when ctx ends; when the queue cannot be read; and when an error concerns more than
// one document, such as denied access or expired credentials. Jobs that were started go on: run the same inputs again.
func (c *Client) RunAll(
	ctx context.Context, inputs iter.Seq[StartInput], handle func(ctx context.Context, outcome *Outcome) error, optFns ...func(*RunOptions),
) error {
	options := RunOptions{Workers: 10, MaxRejected: 10}
	for _, fn := range optFns {
		if fn != nil {
			fn(&options)
		}
	}
	var problems problems
	problems.addf(inputs == nil, "inputs are nil: pass an iterator")
	problems.addf(handle == nil, "handler is nil: pass a function")
	problems.addf(options.StartRate != 0 && !(options.StartRate >= lowestRate && options.StartRate <= 1000),
		"start rate %v: use %v to 1000 calls a second, or 0 to learn it", options.StartRate, lowestRate)
	problems.addf(options.MaxJobs < 0, "maximum of jobs %d: use a positive number, or 0 to learn it", options.MaxJobs)
	problems.addf(options.Workers < 1 || options.Workers > maxWorkers, "workers %d: use 1 to %d", options.Workers, maxWorkers)
	problems.addf(options.MaxRejected < 1, "maximum of rejected documents %d: use a positive number", options.MaxRejected)
	problems.addf(options.OwnQueue && c.config.QueueURL == "", "own queue: the queue URL is empty: set %s or Config.QueueURL", EnvQueueURL)
	if err := problems.err(); err != nil {
		return fmt.Errorf("run all: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &runner{
		Client: c, options: options, handle: handle, cancel: cancel,
		events: make(chan func()), jobs: make(map[string]*runJob), times: newJobTimes(),
		starts: newPacer(options.StartRate), gets: newPacer(0),
		limit: math.Inf(1), probeEvery: leastProbe, askAtOnce: sampledJobs, takenAt: time.Now(),
	}
	if err := r.run(ctx, inputs); err != nil {
		return fmt.Errorf("run all: %w", err)
	}
	return nil
}
