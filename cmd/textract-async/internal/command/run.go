package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cdk-textract/textractasync/textractclient"
)

const runHelp = `Upload a document (unless it is in S3 already), start a job, wait until it
completes, and print the text.

A document is not read, and billed, again within 7 days, unless its content
changed or its job failed; --new-job starts a new job nevertheless. The uploaded
document stays in the bucket.

run waits by the job's status and receives nothing from the queue, so any number
of them may run at once, next to listen. Its job publishes no notification,
which would stay in the queue; --notify publishes one for a listener.

Queries ask all pages unless --pages says otherwise. Textract bills each page by
its features, and queries at a price of their own:
https://aws.amazon.com/textract/pricing`

// runOptions are the flags of run.
type runOptions struct {
	report  reportOptions
	job     jobOptions
	bucket  string
	prefix  string
	timeout time.Duration
}

// jobOptions are the flags of the commands that start jobs.
type jobOptions struct {
	operation string
	features  []string
	queries   []string
	aliases   []string
	pages     []string
	adapters  []string
	tag       string
	newJob    bool
	notify    bool
}

func (o *jobOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(
		&o.operation,
		"operation",
		"",
		"text-detection, document-analysis, expense-analysis or lending-analysis (default "+
			"text-detection, with --features or --query document-analysis)",
	)
	flags.StringSliceVar(&o.features, "features", nil, "what document-analysis looks for: TABLES, FORMS, QUERIES, SIGNATURES, LAYOUT")
	flags.StringArrayVar(&o.queries, "query", nil, "a question for the feature QUERIES; may be repeated")
	flags.StringArrayVar(&o.aliases, "alias", nil, "a name for the answer; the first is that of the first --query, and so on")
	flags.StringSliceVar(&o.pages, "pages", nil, "pages that queries and adapters are for, such as 1,3-5 or 4-* (default all pages)")
	flags.StringArrayVar(&o.adapters, "adapter", nil, "an adapter for the queries, as ID:VERSION; may be repeated")
	flags.StringVar(&o.tag, "tag", "", "job tag; characters that Textract does not allow are replaced")
	flags.BoolVar(&o.newJob, "new-job", false, "start a new job even if the document did not change")
	flags.BoolVar(&o.notify, "notify", false, "publish the completion to the topic, for a listener on the queue")
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run FILE|s3://BUCKET/KEY",
		Short: "Read one document",
		Long:  runHelp + "\n\n" + exitCodes,
		Example: `  textract-async run --stack TextractAsyncSample letter.pdf
  textract-async run --features TABLES,FORMS --out read s3://documents/form.pdf
  textract-async run --query "What is the total?" --alias total bill.pdf`,
		Args: oneArgument("FILE or s3://BUCKET/KEY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), args[0], o)
		},
	}
	flags := cmd.Flags()
	o.report.addFlags(flags)
	o.job.addFlags(flags)
	flags.StringVar(&o.bucket, "bucket", "", "bucket to upload to (default the stack's output DocumentBucketName)")
	flags.StringVar(&o.prefix, "prefix", "textract-async", "prefix of the upload's key")
	flags.DurationVar(&o.timeout, "timeout", 24*time.Hour, "stop waiting after this time; a job that was started goes on")
	return cmd
}

func (a *app) run(ctx context.Context, name string, o runOptions) error {
	if err := o.report.check(); err != nil {
		return err
	}
	if o.timeout <= 0 {
		return usagef("--timeout %s: use a positive duration", o.timeout)
	}
	in, err := o.job.startInput()
	if err != nil {
		return err
	}
	if o.job.newJob {
		in.Salt = rand.Text()
	}
	session, err := a.flags.open(ctx, a.progress, false)
	if err != nil {
		return err
	}
	document, err := locate(session, name, o)
	if err != nil {
		return err
	}
	in.Document = document.object
	if err := session.client.Check(in); err != nil {
		return err
	}
	if err := document.upload(ctx, session.client, a.progress); err != nil {
		return err
	}
	in.Document = document.object
	deadline := time.Now().Add(o.timeout)
	job, err := start(ctx, session, in, deadline)
	if err != nil {
		return err
	}
	if err := a.wait(ctx, session, job, time.Until(deadline)); err != nil {
		return err
	}
	return a.report(ctx, session, source{job: job.Ref(), from: fromAuto}, o.report)
}

// startInput makes what to start of the flags, without the document.
func (o *jobOptions) startInput() (textractclient.StartInput, error) {
	in := textractclient.StartInput{Operation: textractclient.TextDetection, WithoutNotification: !o.notify, WaitForStatus: true}
	switch {
	case len(o.aliases) > len(o.queries):
		return in, usagef("%d --alias for %d --query: each alias is for a query", len(o.aliases), len(o.queries))
	case len(o.queries)+len(o.adapters) == 0 && len(o.pages) > 0:
		return in, usagef("--pages is for --query and --adapter: Textract reads all pages otherwise")
	}
	if len(o.queries) > 0 {
		o.features = append(o.features, string(types.FeatureTypeQueries))
	}
	if len(o.features)+len(o.adapters) > 0 {
		in.Operation = textractclient.DocumentAnalysis
	}
	if o.operation != "" {
		var err error
		if in.Operation, err = parseOperation(o.operation); err != nil {
			return in, err
		}
	}
	for _, name := range o.features {
		in.Features = append(in.Features, types.FeatureType(strings.ToUpper(strings.TrimSpace(name))))
	}
	for i, text := range o.queries {
		query := types.Query{Text: aws.String(text), Pages: o.pages}
		if i < len(o.aliases) {
			query.Alias = aws.String(o.aliases[i])
		}
		in.Queries = append(in.Queries, query)
	}
	for _, text := range o.adapters {
		id, version, found := strings.Cut(text, ":")
		if !found {
			return in, usagef("--adapter %q is not ID:VERSION", text)
		}
		in.Adapters = append(in.Adapters, types.Adapter{AdapterId: aws.String(id), Version: aws.String(version), Pages: o.pages})
	}
	if o.tag != "" {
		in.JobTag = textractclient.DeriveJobTag(o.tag)
	}
	return in, nil
}

func start(ctx context.Context, session *session, in textractclient.StartInput, deadline time.Time) (*textractclient.Job, error) {
	starting, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	job, err := session.client.Start(starting, in)
	if err != nil && starting.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %w", errNotStarted, err)
	}
	return job, err
}

func (a *app) wait(ctx context.Context, session *session, job *textractclient.Job, timeout time.Duration) error {
	begin := time.Now()
	state, err := session.client.Wait(ctx, job.Ref(), max(timeout, time.Nanosecond), func(o *textractclient.WaitOptions) {
		o.OnStatus = func(s *textractclient.JobState) {
			if s.Status == types.JobStatusInProgress {
				a.progress.show(fmt.Sprintf("job %s %s", job.ID, s.Status), elapsed(begin))
			}
		}
	})
	if state != nil {
		a.progress.say("job %s %s after %s", job.ID, state.Status, elapsed(begin))
	}
	if err != nil && !errors.Is(err, textractclient.ErrJobFailed) {
		a.progress.say("the job was started, for its results: textract-async results %s", job.ID)
	}
	return err
}

func elapsed(begin time.Time) string { return time.Since(begin).Round(time.Second).String() }
