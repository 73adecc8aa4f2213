package command

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/batch"
	"github.com/cdk-textract/textractasync/textractclient"
)

const batchHelp = `Read all documents below the prefixes, or those whose keys or s3:// URIs come
on stdin, one a line (-), at the pace of the account's quotas. The pace is
learned: nobody has to know the quotas. Folders, access checks and files that
Textract does not read are left out and counted.

Each document's results go to a folder of its own in --out: text.txt,
document.md, the tables as CSV and the answers as JSON. The file
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
  aws s3api list-objects-v2 … | textract-async batch --out read --bucket documents -`,
		Args: cobra.MinimumNArgs(1),
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
	flags.StringVar(&o.bucket, "bucket", "", "bucket of keys on stdin that are no s3:// URIs (default the stack's output DocumentBucketName)")
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
	case o.startRate < 0 || o.startRate > 1000:
		return usagef("--start-rate %v: use starts a second up to 1000, or 0 to learn it", o.startRate)
	case o.maxJobs < 0:
		return usagef("--max-jobs %d: use a positive number, or 0 to learn it", o.maxJobs)
	case o.price < 0:
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

// withSlash ends the bucket's name, so that one bucket is not within another whose name begins alike.
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
	p, err := a.settings.open(ctx, a.progress, o.ownQueue || o.job.notify)
	if err != nil {
		return err
	}
	in.Document = textractclient.S3Object{Bucket: "b", Key: "k"}
	if err := p.client.Check(in); err != nil {
		return err
	}
	in.Document = textractclient.S3Object{}
	source := &documentSource{client: p.client, args: args, stdin: a.stdin, bucket: o.bucket, output: p.output}
	if source.bucket == "" {
		source.bucket = p.documentBucket
	}
	var counted tally
	if o.dryRun || !source.once() {
		a.progress.show("counting the documents", "")
		if counted, err = count(source.all(ctx)); err != nil {
			return err
		}
		a.progress.say("%s", counted.describe(o.price))
	}
	if o.dryRun {
		return nil
	}
	return a.runBatch(ctx, p, source, counted, batch.Plan{Inputs: args, Start: in, Config: p.config}, o)
}

func (a *app) runBatch(ctx context.Context, p *pipeline, source *documentSource, counted tally, plan batch.Plan, o batchOptions) error {
	shown := &batchProgress{progress: a.progress, total: counted.documents, begin: time.Now()}
	stop := shown.keepShowing()
	// Of keys on stdin, which come once, what is left out becomes known on the way.
	var leftOut tally
	summary, err := batch.Run(ctx, batch.Options{
		Client: p.client, Plan: plan, Folder: o.out, NewJobs: o.job.newJob, RetryFailed: o.retryFailed,
		Documents: documents(source.all(ctx), &leftOut),
		Write: func(ctx context.Context, outcome *textractclient.Outcome, folder string) (int, error) {
			return writeOutcome(ctx, p, outcome, folder)
		},
		Tell: shown.tell,
		Warn: a.progress.say,
		Run: func(options *textractclient.RunOptions) {
			options.StartRate, options.MaxJobs, options.OwnQueue, options.Progress = o.startRate, o.maxJobs, o.ownQueue, shown.update
		},
	})
	stop()
	if source.once() {
		a.progress.say("%s", leftOut.describe(o.price))
	}
	a.progress.say("%s", describe(summary, o, shown))
	var other *batch.PlanError
	switch {
	case errors.As(err, &other), errors.Is(err, batch.ErrLocked):
		return &usageError{err}
	case err != nil:
		a.progress.say("batch is not complete: repeat the command to continue")
		return err
	case summary.Failed+summary.EarlierFailed > 0:
		return fmt.Errorf("%w: %d; %s tells why, and --retry-failed tries again",
			errSomeFailed, summary.Failed+summary.EarlierFailed, filepath.Join(o.out, ".textract-async-batch.jsonl"))
	}
	return nil
}

func describe(s batch.Summary, o batchOptions, shown *batchProgress) string {
	text := fmt.Sprintf("%d done, %d failed in %s", s.Done, s.Failed, elapsed(shown.begin))
	if s.Pages > 0 {
		text += fmt.Sprintf(", %d pages", s.Pages)
		if o.price > 0 {
			text += fmt.Sprintf(" (%.2f)", float64(s.Pages)*o.price)
		}
	}
	if s.Partial > 0 {
		text += fmt.Sprintf(", %d of them with pages missing", s.Partial)
	}
	if s.EarlierDone+s.EarlierFailed > 0 {
		text += fmt.Sprintf("; before that %d done, %d failed", s.EarlierDone, s.EarlierFailed)
	}
	return text
}

// writeOutcome writes a job's results into a new folder, and returns the number of pages.
func writeOutcome(ctx context.Context, p *pipeline, outcome *textractclient.Outcome, folder string) (int, error) {
	files, err := newFiles(folder)
	if err != nil {
		return 0, err
	}
	defer files.discard()
	from := source{job: outcome.Job.Ref(), from: fromAuto, known: outcome.Results}
	if p.output != nil {
		from.from = fromOutput
	}
	pages := &pageCount{}
	_, err = read(ctx, p, from, []sink{files, pages})
	var (
		service smithy.APIError
		network net.Error
	)
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, errWrite):
		return pages.count, err
	case errors.Is(err, textractclient.ErrJobUnknown):
		return 0, &batch.UnreadableError{Err: err}
	case errors.As(err, &service), errors.As(err, &network):
		return 0, err // of all documents
	}
	return 0, &batch.UnreadableError{Err: err}
}

type pageCount struct {
	noSink
	count int
}

func (s *pageCount) page(*textractclient.Page) error {
	s.count++
	return nil
}

// documentSource lists the documents of the arguments.
type documentSource struct {
	client *textractclient.Client
	args   []string
	stdin  io.Reader
	bucket string // of keys on stdin
	output *textractclient.Output
}

// once reports whether the documents can be listed once only.
func (s *documentSource) once() bool { return s.args[0] == "-" }

func (s *documentSource) all(ctx context.Context) iter.Seq2[candidate, error] {
	if s.once() {
		return s.fromStdin(ctx)
	}
	return func(yield func(candidate, error) bool) {
		for _, arg := range s.args {
			bucket, prefix, _ := strings.Cut(strings.TrimPrefix(arg, "s3://"), "/")
			for object, err := range s.client.List(ctx, bucket, prefix) {
				if !yield(candidate{object, s.whyNot(object)}, err) || err != nil {
					return
				}
			}
		}
	}
}

// candidate is an object that may be a document.
type candidate struct {
	textractclient.ListedObject
	whyNot string // empty for a document
}

func (s *documentSource) whyNot(object textractclient.ListedObject) string {
	if s.output != nil && s.output.Bucket == object.Bucket && strings.HasPrefix(object.Key, outputPrefix(s.output)+"/") {
		return "results of Textract"
	}
	return object.WhyNot()
}

func outputPrefix(output *textractclient.Output) string {
	if prefix := strings.TrimRight(output.Prefix, "/"); prefix != "" {
		return prefix
	}
	return textractclient.DefaultOutputPrefix
}

// fromStdin leaves out what comes twice. S3 tells ETags, one document after the other: an object that there is not fails when it is started.
func (s *documentSource) fromStdin(ctx context.Context) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		seen := make(map[[16]byte]struct{})
		lines := bufio.NewScanner(s.stdin)
		for lines.Scan() {
			name := strings.TrimRight(lines.Text(), "\r")
			if name == "" {
				continue
			}
			object := textractclient.S3Object{Bucket: s.bucket, Key: name}
			if rest, isURI := strings.CutPrefix(name, "s3://"); isURI {
				object.Bucket, object.Key, _ = strings.Cut(rest, "/")
			}
			if object.Bucket == "" {
				yield(candidate{}, usagef("no bucket for the key %q: use --bucket, or s3:// URIs", name))
				return
			}
			sum := sha256.Sum256([]byte(object.Bucket + "\x00" + object.Key))
			listed := candidate{ListedObject: textractclient.ListedObject{S3Object: object, Size: 1}}
			if _, twice := seen[[16]byte(sum[:16])]; twice {
				listed.whyNot = "repeated keys"
			} else if listed.whyNot = s.whyNot(listed.ListedObject); listed.whyNot == "" {
				if found, err := s.client.Stat(ctx, object); err == nil {
					listed.S3Object = found
				} else if ctx.Err() != nil {
					yield(candidate{}, ctx.Err())
					return
				}
			}
			seen[[16]byte(sum[:16])] = struct{}{}
			if !yield(listed, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(candidate{}, fmt.Errorf("read keys from stdin: %w", err))
		}
	}
}

// documents passes on what may be a document, and counts all.
func documents(all iter.Seq2[candidate, error], counted *tally) iter.Seq2[textractclient.S3Object, error] {
	return func(yield func(textractclient.S3Object, error) bool) {
		for object, err := range all {
			if err == nil {
				counted.add(object)
			}
			if object.whyNot == "" && !yield(object.S3Object, err) || err != nil {
				return
			}
		}
	}
}

// tally counts objects.
type tally struct {
	documents, images int
	leftOut           map[string]int
}

func (t *tally) add(object candidate) {
	if object.whyNot != "" {
		if t.leftOut == nil {
			t.leftOut = make(map[string]int)
		}
		t.leftOut[object.whyNot]++
		return
	}
	t.documents++
	if object.IsImage() {
		t.images++
	}
}

func count(all iter.Seq2[candidate, error]) (tally, error) {
	var t tally
	for object, err := range all {
		if err != nil {
			return t, err
		}
		t.add(object)
	}
	return t, nil
}

// describe tells what is known of pages: an image is one page, any other document one at least.
func (t *tally) describe(price float64) string {
	text := fmt.Sprintf("%d documents, %d of them images of one page", t.documents, t.images)
	if price > 0 {
		least := ""
		if t.images < t.documents {
			least = "at least "
		}
		text += fmt.Sprintf("; %s%d pages, %s%.2f", least, t.documents, least, float64(t.documents)*price)
	}
	parts := make([]string, 0, len(t.leftOut))
	for _, why := range slices.Sorted(maps.Keys(t.leftOut)) {
		parts = append(parts, fmt.Sprintf("%d %s", t.leftOut[why], why))
	}
	if len(parts) > 0 {
		text += "; left out: " + strings.Join(parts, ", ")
	}
	return text
}

// batchProgress is the progress line of a batch.
type batchProgress struct {
	progress *progress
	total    int // 0: unknown
	begin    time.Time

	mu           sync.Mutex
	done, failed int
	now          textractclient.RunProgress
}

func (b *batchProgress) tell(document textractclient.S3Object, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.done++
		return
	}
	b.failed++
	b.progress.say("failed: %s: %s", document, strings.ReplaceAll(err.Error(), "\n", " "))
}

func (b *batchProgress) update(now textractclient.RunProgress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
}

// keepShowing shows the line until it is stopped: often on a terminal, now and then elsewhere.
func (b *batchProgress) keepShowing() (stop func()) {
	every := time.Second
	if !b.progress.onTerminal() {
		every = 30 * time.Second
	}
	ended := make(chan struct{})
	var shower sync.WaitGroup
	shower.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				b.progress.show(b.line(), "")
			}
		}
	})
	return func() { close(ended); shower.Wait() }
}

func (b *batchProgress) line() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	of, left := "", ""
	if b.total > 0 {
		of = fmt.Sprintf(" of %d", b.total)
	}
	ended, passed := b.done+b.failed, time.Since(b.begin)
	perSecond := float64(ended) / max(passed.Seconds(), 1)
	if b.total > ended && ended > 0 {
		left = ", about " + (time.Duration(float64(b.total-ended)/perSecond) * time.Second).String() + " left"
	}
	return fmt.Sprintf("%d%s done, %d failed, %d in progress, %.1f documents a second%s", b.done, of, b.failed, b.now.InProgress, perSecond, left)
}
