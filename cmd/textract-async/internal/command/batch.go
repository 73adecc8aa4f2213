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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

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
	flags.StringVar(
		&o.bucket,
		"bucket",
		"",
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
	session, err := a.settings.open(ctx, a.progress, o.ownQueue || o.job.notify)
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
	source := &documentSource{client: session.client, args: args, stdin: a.stdin, bucket: o.bucket, output: session.output, countOnly: o.dryRun}
	if source.bucket == "" {
		source.bucket = session.documentBucket
	}
	var counted objectCount
	if o.dryRun || !source.once() {
		a.progress.show("counting the documents", "")
		if err := count(source.all(ctx), &counted); err != nil {
			return err
		}
		a.progress.say("%s", counted.describe(o.price))
		if counted.documents == 0 {
			a.progress.say("there are no documents: check the prefixes %s", strings.Join(args, " "))
		}
	}
	if o.dryRun {
		return nil
	}
	return a.runBatch(ctx, session, source, counted.documents, batch.Plan{Inputs: args, Start: in, Config: session.config}, o)
}

func (a *app) runBatch(ctx context.Context, session *session, source *documentSource, total int, plan batch.Plan, o batchOptions) error {
	shown := &batchProgress{progress: a.progress, total: total, begin: time.Now()}
	stop := shown.keepShowing()
	// Of keys on stdin, which come once, what is left out becomes known on the way.
	var passed objectCount
	summary, err := batch.Run(ctx, batch.Options{
		Client: session.client, Plan: plan, Folder: o.out, NewJobs: o.job.newJob, RetryFailed: o.retryFailed,
		Documents: documents(source.all(ctx), &passed),
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
	if source.once() {
		a.progress.say("%s", passed.describe(o.price))
	}
	a.progress.say("%s", describe(summary, o, shown))
	var other *batch.PlanError
	switch {
	case errors.As(err, &other), errors.Is(err, batch.ErrLocked):
		return &usageError{err}
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

// documentSource lists the documents of the arguments.
type documentSource struct {
	client *textractclient.Client
	args   []string
	stdin  io.Reader
	bucket string // of keys on stdin
	output *textractclient.Output
	// countOnly leaves out what only a start needs.
	countOnly bool
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
	if s.output != nil && s.output.Bucket == object.Bucket {
		if result, below := strings.CutPrefix(object.Key, outputPrefix(s.output)+"/"); below && jobFolder.MatchString(result) {
			return "results of Textract"
		}
	}
	return object.WhyNot()
}

// jobFolder matches the keys below a job's id. Documents may have the prefix of results.
var jobFolder = regexp.MustCompile(`^[0-9a-f]{64}/`)

func outputPrefix(output *textractclient.Output) string {
	if prefix := strings.TrimRight(output.Prefix, "/"); prefix != "" {
		return prefix
	}
	return textractclient.DefaultOutputPrefix
}

// fromStdin leaves out what comes twice. S3 tells ETags, one document after the other: an object
// that there is not fails when it is started.
func (s *documentSource) fromStdin(ctx context.Context) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		seen := make(map[[16]byte]struct{})
		for line, err := range linesOf(ctx, s.stdin) {
			if err != nil {
				yield(candidate{}, fmt.Errorf("read keys from stdin: %w", err))
				return
			}
			name := strings.TrimSuffix(line, "\r")
			if name == "" {
				continue
			}
			listed, err := s.parseLine(name)
			if err != nil {
				yield(candidate{}, err)
				return
			}
			sum := sha256.Sum256([]byte(listed.Bucket + "\x00" + listed.Key))
			id := [16]byte(sum[:16])
			if _, twice := seen[id]; twice {
				listed.whyNot = "repeated keys"
			} else if listed.whyNot = s.whyNot(listed.ListedObject); listed.whyNot == "" && !s.countOnly {
				if found, err := s.client.Stat(ctx, listed.S3Object); err == nil {
					listed.S3Object = found
				} else if ctx.Err() != nil {
					yield(candidate{}, ctx.Err())
					return
				}
			}
			seen[id] = struct{}{}
			if !yield(listed, nil) {
				return
			}
		}
	}
}

// parseLine returns the object of a key or s3:// URI.
func (s *documentSource) parseLine(name string) (candidate, error) {
	object := textractclient.S3Object{Bucket: s.bucket, Key: name}
	if rest, isURI := strings.CutPrefix(name, "s3://"); isURI {
		object.Bucket, object.Key, _ = strings.Cut(rest, "/")
	}
	switch {
	case !utf8.ValidString(name):
		return candidate{}, usagef("the key %q on stdin is not UTF-8, as keys are: convert the list", name)
	case object.Bucket == "":
		return candidate{}, usagef("no bucket for the key %q: use --bucket, or s3:// URIs", name)
	case object.Key == "":
		return candidate{}, usagef("%q on stdin names no object: for all objects of a bucket use it as the argument", name)
	}
	return candidate{ListedObject: textractclient.ListedObject{S3Object: object, Size: 1}}, nil
}

// linesOf iterates over lines until ctx ends, also while the next line does not come.
func linesOf(ctx context.Context, r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		lines := make(chan string)
		var err error
		go func() {
			defer close(lines)
			scanner := bufio.NewScanner(r)
			for scanner.Scan() {
				select {
				case lines <- scanner.Text():
				case <-ctx.Done():
					return
				}
			}
			err = scanner.Err()
		}()
		for {
			select {
			case line, more := <-lines:
				if !more && err != nil {
					yield("", err)
				}
				if !more || !yield(line, nil) {
					return
				}
			case <-ctx.Done():
				yield("", ctx.Err())
				return
			}
		}
	}
}

// documents passes on what may be a document, and counts all.
func documents(all iter.Seq2[candidate, error], counted *objectCount) iter.Seq2[textractclient.S3Object, error] {
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

// objectCount counts objects.
type objectCount struct {
	mu                sync.Mutex
	documents, images int
	leftOut           map[string]int
}

func (c *objectCount) add(object candidate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if object.whyNot != "" {
		if c.leftOut == nil {
			c.leftOut = make(map[string]int)
		}
		c.leftOut[object.whyNot]++
		return
	}
	c.documents++
	if object.IsImage() {
		c.images++
	}
}

func count(all iter.Seq2[candidate, error], counted *objectCount) error {
	for object, err := range all {
		if err != nil {
			return err
		}
		counted.add(object)
	}
	return nil
}

// describe tells what is known of pages: an image is one page, any other document one at least.
func (c *objectCount) describe(price float64) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := fmt.Sprintf("%d documents, %d of them images of one page", c.documents, c.images)
	if price > 0 {
		least := ""
		if c.images < c.documents {
			least = "at least "
		}
		text += fmt.Sprintf("; %s%d pages, %s%.2f", least, c.documents, least, float64(c.documents)*price)
	}
	parts := make([]string, 0, len(c.leftOut))
	for _, why := range slices.Sorted(maps.Keys(c.leftOut)) {
		parts = append(parts, fmt.Sprintf("%d %s", c.leftOut[why], why))
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

	mu  sync.Mutex
	sum batch.Summary
	now textractclient.RunProgress
}

func (b *batchProgress) report(document textractclient.S3Object, err error) {
	if err != nil {
		b.progress.say("failed: %s: %s", quoteUnprintable(document.String()), strings.ReplaceAll(err.Error(), "\n", " "))
	}
}

// quoteUnprintable quotes what a terminal would not show as it is.
func quoteUnprintable(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}

func (b *batchProgress) change(sum batch.Summary) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum = sum
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
	done, failed := b.sum.EarlierDone+b.sum.Done, b.sum.EarlierFailed+b.sum.Failed
	ended, open := b.sum.Done+b.sum.Failed, b.total-done-failed
	perSecond := float64(ended) / max(time.Since(b.begin).Seconds(), 1)
	if open > 0 && ended > 0 {
		left = ", about " + (time.Duration(float64(open)/perSecond) * time.Second).String() + " left"
	}
	return fmt.Sprintf(
		"%d%s done, %d failed, %d in progress, %.1f documents a second%s",
		done,
		of,
		failed,
		b.now.InProgress,
		perSecond,
		left,
	)
}
