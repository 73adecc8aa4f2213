package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/batch"
	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

const batchHelp = `Read all documents whose keys begin with the prefixes, or those whose keys or
s3:// URIs come on stdin, one a line (-), at the pace of the account's quotas.
The pace is learned: nobody has to know the quotas. Folders, access checks and
files that Textract does not read are left out and counted. End a prefix with a
slash: s3://BUCKET/2024 covers 2024-old/ too.

Each document's results go to a folder of its own in --out: text.txt,
document.md, the tables as CSV and the responses as JSON. The file
.textract-async-batch.jsonl there is the journal: interrupt batch at any time,
even by a power failure, and repeat the command to continue. Each document is
started, and billed, once. Documents that failed are reported, and tried again
with --retry-failed. For keys on stdin repeat the same keys.

batch asks for the status of jobs, sparsely. With --own-queue it receives from
the queue of the settings instead, which is quicker. That queue must be batch's
own, as of a construct of its own: the notifications of others would be hidden
from them, and each receive counts towards their dead-letter queue.

--price is what a page costs with these features, in any currency:
https://aws.amazon.com/textract/pricing`

type batchOptions struct {
	job         jobOptions
	out         string
	bucket      string
	startRate   float64
	maxJobs     int
	ownQueue    bool
	retryFailed bool
	dryRun      bool
	price       float64
}

func (a *app) batchCommand() *cobra.Command {
	var o batchOptions
	cmd := &cobra.Command{
		Use:   "batch s3://BUCKET/PREFIX...|-",
		Short: "Read many documents at the pace of the quotas",
		Long:  batchHelp + "\n\n" + exitCodes,
		Example: `  textract-async batch --stack TextractAsyncSample --out read s3://documents/2024/
  textract-async batch --dry-run --price 0.0015 s3://documents/
  textract-async batch --out read --bucket documents - < keys.txt`,
		Args: atLeastOneArgument("s3://BUCKET/PREFIX or -"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(args); err != nil {
				return err
			}
			return a.batch(cmd.Context(), args, o)
		},
	}
	flags := cmd.Flags()
	o.job.addFlags(flags)
	flags.StringVar(&o.out, "out", "", "directory for the results and the journal; required, but for --dry-run")
	flags.StringVar(
		&o.bucket, "bucket", "",
		"bucket of keys on stdin that are no s3:// URIs (default the stack's output DocumentBucketName)",
	)
	flags.Float64Var(&o.startRate, "start-rate", 0, "at most this many starts a second (default: learned)")
	flags.IntVar(&o.maxJobs, "max-jobs", 0, "at most this many jobs in progress (default: learned)")
	flags.BoolVar(&o.ownQueue, "own-queue", false, "learn completions from the queue of the settings, which is batch's own")
	flags.BoolVar(&o.retryFailed, "retry-failed", false, "also try the documents again that failed before")
	flags.BoolVar(&o.dryRun, "dry-run", false, "count the documents, and start nothing")
	flags.Float64Var(&o.price, "price", 0, "price of a page, to estimate the cost")
	return cmd
}

func (o *batchOptions) check(args []string) error {
	switch {
	case o.out == "" && !o.dryRun:
		return usagef("--out is missing: name a directory for the results, or use --dry-run")
	case strings.HasPrefix(o.out, "s3://"):
		return usagef("--out %s: name a directory on this machine", o.out)
	case o.startRate != 0 && !(o.startRate >= 0.01 && o.startRate <= 1000):
		return usagef("--start-rate %v: use 0.01 to 1000 starts a second, or 0 to learn it", o.startRate)
	case o.maxJobs < 0:
		return usagef("--max-jobs %d: use a positive number, or 0 to learn it", o.maxJobs)
	case !(o.price >= 0 && o.price <= 1e6):
		return usagef("--price %v: use the price of a page", o.price)
	case slices.Contains(args, "-") && len(args) > 1:
		return usagef("- reads keys from stdin and excludes other arguments")
	}
	for i, arg := range args {
		if arg == "-" {
			continue
		}
		if bucket, _, _ := strings.Cut(strings.TrimPrefix(arg, "s3://"), "/"); !strings.HasPrefix(arg, "s3://") || bucket == "" {
			return usagef("%q is not s3://BUCKET/PREFIX", arg)
		}
		for j, other := range args {
			if i != j && strings.HasPrefix(withSlash(arg), withSlash(other)) {
				return usagef("%s is within %s: name each document once", arg, other)
			}
		}
	}
	return nil
}

// withSlash ends the bucket's name, so that one bucket is not within another whose name begins
// alike.
func withSlash(uri string) string {
	if strings.Count(uri, "/") == 2 {
		return uri + "/"
	}
	return uri
}

func (a *app) batch(ctx context.Context, args []string, o batchOptions) error {
	in, err := o.job.startInput()
	if err != nil {
		return err
	}
	in.WithoutNotification = !o.job.notify && !o.ownQueue
	session, err := a.flags.open(ctx, a.progress, o.ownQueue || o.job.notify)
	if err != nil {
		return err
	}
	if o.ownQueue && session.config.QueueURL == "" {
		return usagef("--own-queue: the settings have no queue: set %s, or use --stack", textractclient.EnvQueueURL)
	}
	in.Document = textractclient.S3Object{Bucket: "b", Key: "k"}
	if err := session.client.Check(in); err != nil {
		return err
	}
	in.Document = textractclient.S3Object{}
	source := &batch.Source{
		Client: session.client, Args: args, Stdin: a.stdin, Bucket: cmp.Or(o.bucket, session.documentBucket), Output: session.output,
		CountOnly: o.dryRun,
	}
	if o.dryRun {
		_, err := a.count(ctx, source, o.price)
		return asUsage(err)
	}
	account, err := session.account(ctx)
	if err != nil {
		return err
	}
	plan := batch.Plan{Inputs: args, Start: in, Config: session.config, Account: account, Region: session.aws.Region}
	return a.runBatch(ctx, session, source, plan, o)
}

// count shows what there is to read.
func (a *app) count(ctx context.Context, source *batch.Source, price float64) (documents int, err error) {
	var counted batch.Count
	a.progress.show("counting the documents", "")
	if err := batch.CountAll(source.All(ctx), &counted); err != nil {
		return 0, err
	}
	a.progress.say("%s", counted.Describe(price))
	if counted.Documents() == 0 {
		a.progress.say("there are no documents: check the prefixes %s", strings.Join(source.Args, " "))
	}
	return counted.Documents(), nil
}

func (a *app) runBatch(ctx context.Context, session *session, source *batch.Source, plan batch.Plan, o batchOptions) error {
	shown := &batchProgress{progress: a.progress, begin: time.Now()}
	opened, stop := false, func() {} // nothing is shown before there is something to do
	// Of keys on stdin, which come once, what is left out becomes known on the way.
	var passed batch.Count
	summary, err := batch.Run(ctx, batch.Options{
		Client: session.client, Plan: plan, Folder: o.out, NewJobs: o.job.newJob, RetryFailed: o.retryFailed,
		Documents: batch.Documents(source.All(ctx), &passed),
		Opened: func() (err error) {
			opened = true
			if !source.Once() {
				shown.total, err = a.count(ctx, source, o.price)
			}
			shown.begin = time.Now()
			stop = shown.keepShowing()
			return err
		},
		Write: func(ctx context.Context, outcome *textractclient.Outcome, folder string) (int, error) {
			pages, missing, err := writeOutcome(ctx, session, outcome, folder)
			if err == nil && missing.partial {
				a.progress.say("%v: %s", missing.err(), quoteUnprintable(outcome.Input.Document.String()))
			}
			return pages, err
		},
		Report:  shown.report,
		Changed: shown.change,
		Warn:    a.progress.say,
		Run: func(options *textractclient.RunOptions) {
			options.StartRate, options.MaxJobs, options.OwnQueue, options.Progress = o.startRate, o.maxJobs, o.ownQueue, shown.update
		},
	})
	stop()
	var (
		otherPlan        *batch.PlanError
		otherEnvironment *batch.EnvironmentError
	)
	if errors.As(err, &otherPlan) || errors.As(err, &otherEnvironment) || errors.Is(err, batch.ErrLocked) {
		return &usageError{err}
	}
	if !opened {
		return err
	}
	if source.Once() {
		a.progress.say("%s", passed.Describe(o.price))
	}
	a.progress.say("%s", describe(summary, o, shown))
	switch err = asUsage(err); {
	case errors.Is(err, errUsage): // a line on stdin
		return err
	case err != nil:
		a.progress.say("batch is not complete: repeat the command to continue")
		if !errors.Is(err, context.Canceled) && !errors.Is(err, textractclient.ErrInvalidInput) &&
			!errors.Is(err, textractclient.ErrNothingReceived) {
			return errors.New(err.Error()) // the exit codes for one job are not those of a batch
		}
		return err
	case summary.Failed+summary.EarlierFailed > 0:
		return fmt.Errorf("%w: %d; %s tells why, and --retry-failed tries again",
			errSomeFailed, summary.Failed+summary.EarlierFailed, filepath.Join(o.out, ".textract-async-batch.jsonl"))
	}
	return nil
}

// asUsage marks the error of a line on stdin as one of usage.
func asUsage(err error) error {
	var key *batch.KeyError
	if errors.As(err, &key) {
		return &usageError{err}
	}
	return err
}

func describe(s batch.Summary, o batchOptions, shown *batchProgress) string {
	text := fmt.Sprintf("%d done, %d failed in %s", s.Done, s.Failed, elapsed(shown.begin))
	if s.Pages > 0 {
		text += fmt.Sprintf(", %d pages", s.Pages)
		if o.price > 0 {
			text += fmt.Sprintf(" (%s)", batch.Amount(float64(s.Pages)*o.price))
		}
	}
	if s.Partial > 0 {
		text += fmt.Sprintf(", %d of them with pages missing", s.Partial)
	}
	if s.Open > 0 {
		text += fmt.Sprintf(", %d left open", s.Open)
	}
	if s.EarlierDone+s.EarlierFailed > 0 {
		text += fmt.Sprintf("; before that %d done, %d failed", s.EarlierDone, s.EarlierFailed)
	}
	return text
}

// writeOutcome writes a job's results into a new folder, and returns the number of pages and those
// that are missing.
func writeOutcome(ctx context.Context, session *session, outcome *textractclient.Outcome, folder string) (int, missingPages, error) {
	files, err := newFiles(folder)
	if err != nil {
		return 0, missingPages{}, err
	}
	defer files.discard()
	from := source{job: outcome.Job.Ref(), from: fromAuto, known: outcome.Results}
	if session.output != nil {
		from.from = fromOutput
	}
	pages := &pageCount{}
	missing, err := read(ctx, session, from, []sink{files, pages})
	var (
		service smithy.APIError
		network net.Error
	)
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, errWrite):
		return pages.count, missing, err
	case errors.Is(err, textractclient.ErrUnavailable), errors.Is(err, textractclient.ErrThrottled),
		errors.Is(err, textractclient.ErrJobInProgress):
		return 0, missing, err // of this document, for now
	case errors.Is(err, textractclient.ErrJobUnknown), errors.Is(err, textractclient.ErrNoOutput):
		return 0, missing, &batch.UnreadableError{Err: err}
	case errors.As(err, &service), errors.As(err, &network):
		return 0, missing, err // of all documents
	}
	return 0, missing, &batch.UnreadableError{Err: err}
}

type pageCount struct {
	noSink
	count int
}

func (s *pageCount) page(*textractdoc.Page) error {
	s.count++
	return nil
}
