package textractclient

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/textract/types"

	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// RunOptions change how [Client.RunAll] works.
type RunOptions struct {
	// StartRate is the maximum number of Start calls per second, from 0.01 to 1,000. Default: 0,
	// RunAll learns the quota from throttled calls.
	StartRate float64
	// MaxJobs is the maximum number of jobs in progress at a time. Default: 0, RunAll learns the
	// quota from LimitExceededException.
	MaxJobs int
	// OwnQueue is whether completions are received from the queue of the client's Config, which
	// nothing else may use: RunAll receives all messages, which counts towards their maximum of
	// receives, and deletes only those of its jobs and of jobs that KnownJob knows. A message only
	// tells which job to look at: its status is that of the Get action. Default: false, RunAll
	// reads the status of jobs by Get actions alone, and uses no queue.
	OwnQueue bool
	// KnownJob reports whether a job is one of an earlier run, whose messages OwnQueue deletes too.
	// An interrupted run leaves some behind. Default: none.
	KnownJob func(jobID string) bool
	// Workers is the number of handlers that run at a time, from 1 to 1,000. Default: 10.
	Workers int
	// MaxRejected is the number of documents, before the first job, after whose rejection RunAll
	// ends, because wrong settings, such as those of a role that Textract may not assume, reject
	// all documents. Default: 10.
	MaxRejected int
	// Earlier returns the id of the job that an interrupted run started for an input, or "". RunAll
	// starts no other job for it. Default: none.
	Earlier func(StartInput) (jobID string)
	// Starting is called before the first Start call of an input, whose document has the ETag of
	// its token. It may be called concurrently. Its error ends RunAll. Default: none.
	Starting func(StartInput) error
	// Started is called with each job that a Start call returned, also one that an earlier call
	// with the same token started. It may be called concurrently. Its error ends RunAll. Default:
	// none.
	Started func(StartInput, *Job) error
	// Progress is called after each change, on one goroutine, which waits for it. Default: none.
	Progress func(RunProgress)
}

// RunProgress is the state of a run of [Client.RunAll].
type RunProgress struct {
	// InProgress is the number of jobs that were started and are not known to have completed.
	InProgress int
	// StartRate is the present number of Start calls per second.
	StartRate float64
	// MaxJobs is the present maximum of jobs in progress at a time, or 0 where it is not known yet.
	MaxJobs int
}

// Outcome is the result of an input of [Client.RunAll].
type Outcome struct {
	// Input is the input, with the ETag of its document, if RunAll looked that up.
	Input StartInput
	// Job is the job of the document. Nil: no job was started.
	Job *Job
	// Status is the final status of the job. It is empty where no job was started, or the job is
	// unknown to Textract.
	Status types.JobStatus
	// Err is nil where there are results to read, also those in an output bucket of a job that is
	// unknown to Textract. It is a *JobError for a failed job, and wraps ErrJobUnknown for an
	// earlier job that Textract has deleted. Any other error is why no job was started, or why the
	// status of this job alone could not be read. It wraps ErrUnavailable, ErrThrottled or
	// ErrQuotaExceeded where a repetition may succeed.
	Err error

	client *Client
	first  *textractdoc.Response // of the results, where it is known already
}

// Results iterates over the results of the job: those in its output bucket, or else those that
// Textract keeps. Pass the handler's context, with which Get actions share RunAll's pace. Errors
// are Err, or those of [Client.OutputResults] and [Client.Results].
func (o *Outcome) Results(ctx context.Context) iter.Seq2[*textractdoc.Response, error] {
	return func(yield func(*textractdoc.Response, error) bool) {
		if o.Err != nil {
			yield(nil, o.Err)
			return
		}
		if o.Job.Output == nil {
			o.client.results(ctx, o.Job.Ref(), o.first)(yield)
			return
		}
		first := true
		for response, err := range o.client.OutputResults(ctx, o.Job.Ref(), *o.Job.Output) {
			if first && errors.Is(err, ErrNoOutput) { // moved or deleted
				o.client.results(ctx, o.Job.Ref(), o.first)(yield)
				return
			}
			if first = false; !yield(response, err) {
				return
			}
		}
	}
}

// RunAll runs a job for each input, as many at a time and as quickly as the account's quotas allow,
// and calls handle once with the outcome of each, in the order in which it learns of them. It
// learns both quotas from Textract's responses; RunOptions limit them. Memory does not grow with
// the number of inputs.
//
// Each input becomes one job, as with Start: a run may be repeated, and for 7 days gets its
// existing jobs. Unlike Start, RunAll reports the failure of an earlier job as the outcome; set
// Salt to start another job. A job publishes its completion, for OwnQueue or another consumer,
// unless its input has WithoutNotification.
//
// RunAll iterates over the inputs on a goroutine of its own, one by one as it needs them. When it
// returns early while the iterator waits, that goroutine ends with the next input. Handlers run
// concurrently (RunOptions.Workers). While they are slower than the jobs, RunAll starts no more
// jobs.
//
// While Textract throttles, or the quota of jobs in progress is used up, RunAll continues until ctx
// ends, and logs when it could start nothing for a minute. Its pace replaces the Retryer of the AWS
// configuration.
//
// It returns nil when all outcomes were handled, whatever they are. It returns early, after the
// running handlers have returned, with
//
//   - an error of a handler, Starting or Started, or a panic of a function that it calls;
//   - the error of ctx when that ends;
//   - an error of the queue, or one that concerns more than one document, such as denied access or
//     expired credentials;
//   - an error that wraps ErrInvalidInput, without a call, for invalid options.
//
// Started jobs continue: run the same inputs again.
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
		starts: newPacer(options.StartRate), gets: newPacer(0), window: newWindow(),
		pollAtOnce: sampledJobs, takenAt: time.Now(),
	}
	if err := r.run(ctx, inputs); err != nil {
		return fmt.Errorf("run all: %w", err)
	}
	return nil
}
