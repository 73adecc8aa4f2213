package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/textractclient"
)

const runHelp = `Upload a document (unless it is in S3 already), start a job, wait for it, and print what was read.

The upload's key is made of the file's content, and the job's client request token of all its parameters: the same
document is not read, and billed, again within 7 days. --new-job starts a new job nevertheless, as after a failure
whose cause is mended. The uploaded document stays in the bucket.

The wait asks Textract for the job's status. It receives nothing from the queue.`

// runOptions are the flags of run.
type runOptions struct {
	report    reportOptions
	operation string
	features  []string
	queries   []string
	bucket    string
	prefix    string
	tag       string
	newJob    bool
	timeout   time.Duration
}

func (a *app) runCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:     "run FILE|s3://BUCKET/KEY",
		Short:   "Read one document",
		Long:    runHelp + "\n\n" + exitCodes,
		Example: "  textract-async run --stack TextractAsyncSample letter.pdf\n  textract-async run --features TABLES,FORMS --out read s3://documents/form.pdf",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), args[0], o)
		},
	}
	flags := cmd.Flags()
	o.report.addFlags(flags)
	flags.StringVar(&o.operation, "operation", "", "text-detection, document-analysis, expense-analysis or lending-analysis (default text-detection, with --features document-analysis)")
	flags.StringSliceVar(&o.features, "features", nil, "what document-analysis looks for: TABLES, FORMS, QUERIES, SIGNATURES, LAYOUT")
	flags.StringArrayVar(&o.queries, "query", nil, "a question for the feature QUERIES; may be repeated")
	flags.StringVar(&o.bucket, "bucket", "", "bucket to upload to (default the stack's output DocumentBucketName)")
	flags.StringVar(&o.prefix, "prefix", "textract-async", "prefix of the upload's key")
	flags.StringVar(&o.tag, "tag", "", "job tag; what Textract does not allow in it is replaced")
	flags.BoolVar(&o.newJob, "new-job", false, "start a new job even if the same one was started within 7 days")
	flags.DurationVar(&o.timeout, "timeout", 24*time.Hour, "stop waiting after this time; the job goes on")
	return cmd
}

func (a *app) run(ctx context.Context, document string, o runOptions) error {
	if err := o.report.check(); err != nil {
		return err
	}
	in, err := o.startInput()
	if err != nil {
		return err
	}
	p, err := a.settings.open(ctx, a.stderr)
	if err != nil {
		return err
	}
	progress := newProgress(a.stderr)
	defer progress.end()
	if in.Document, err = a.locate(ctx, p, document, o, progress); err != nil {
		return err
	}
	job, err := p.client.Start(ctx, in)
	if err != nil {
		return err
	}
	if err := waitFor(ctx, p, job, o.timeout, progress); err != nil {
		return err
	}
	return a.report(ctx, p, source{job.Ref(), fromAuto}, o.report)
}

// startInput makes what to start of the flags, but for the document.
func (o *runOptions) startInput() (textractclient.StartInput, error) {
	in := textractclient.StartInput{Operation: textractclient.TextDetection}
	if len(o.queries) > 0 {
		o.features = append(o.features, string(types.FeatureTypeQueries))
	}
	if len(o.features) > 0 {
		in.Operation = textractclient.DocumentAnalysis
	}
	if o.operation != "" {
		var err error
		if in.Operation, err = parseOperation(o.operation); err != nil {
			return in, err
		}
	}
	if err := o.addFeatures(&in); err != nil {
		return in, err
	}
	for _, query := range o.queries {
		in.Queries = append(in.Queries, types.Query{Text: aws.String(query)})
	}
	if o.tag != "" {
		in.JobTag = textractclient.DeriveJobTag(o.tag)
	}
	if o.newJob {
		in.Salt = rand.Text()
	}
	return in, nil
}

// addFeatures refuses before the upload what Textract would refuse after it, in words that do not name the cause.
func (o *runOptions) addFeatures(in *textractclient.StartInput) error {
	known := types.FeatureType("").Values()
	for _, name := range o.features {
		feature := types.FeatureType(strings.ToUpper(strings.TrimSpace(name)))
		if !slices.Contains(known, feature) {
			return usagef("feature %q is unknown: use %v", name, known)
		}
		in.Features = append(in.Features, feature)
	}
	switch analysis := in.Operation == textractclient.DocumentAnalysis; {
	case analysis && len(o.features) == 0:
		return usagef("document-analysis needs --features: give at least one of %v", known)
	case !analysis && len(o.features) > 0:
		return usagef("--features and --query are for document-analysis: leave --operation=%s out", in.Operation.Name())
	case slices.Contains(in.Features, types.FeatureTypeQueries) && len(o.queries) == 0:
		return usagef("the feature QUERIES needs questions: add --query")
	}
	return nil
}

func waitFor(ctx context.Context, p *pipeline, job *textractclient.Job, timeout time.Duration, progress *progress) error {
	begin := time.Now()
	state, err := p.client.Wait(ctx, job.Ref(), timeout, func(o *textractclient.WaitOptions) {
		o.OnStatus = func(s *textractclient.JobState) {
			if s.Status == types.JobStatusInProgress {
				progress.show(fmt.Sprintf("job %s %s", job.ID, s.Status), elapsed(begin))
			}
		}
	})
	if state != nil {
		progress.say("job %s %s after %s", job.ID, state.Status, elapsed(begin))
	}
	switch {
	case errors.Is(err, textractclient.ErrJobFailed):
		return fmt.Errorf("%w (once the cause is fixed, run again with --new-job: for 7 days this job would be found again)", err)
	case err != nil:
		progress.say("job %s was started, for its results: textract-async results --operation %s %s", job.ID, job.Operation.Name(), job.ID)
	}
	return err
}

func elapsed(begin time.Time) string { return time.Since(begin).Round(time.Second).String() }
