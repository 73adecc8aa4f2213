package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/spf13/pflag"

	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textractdoc"
)

// reportOptions are the flags of the commands that print results.
type reportOptions struct {
	json, markdown, csv bool
	minConfidence       float32
	out                 string
	svg                 bool
}

func (o *reportOptions) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "print the results as JSON under the API's names, one line for each response, instead of text")
	flags.BoolVar(
		&o.markdown, "markdown", false,
		"print the results as Markdown instead of text; the feature LAYOUT gives headings and lists",
	)
	flags.BoolVar(
		&o.csv, "csv", false,
		"print the tables as CSV instead of text, with an empty line between tables; needs the feature TABLES",
	)
	flags.Float32Var(&o.minConfidence, "min-confidence", 0,
		"print what Textract is less sure of, in percent, instead of text: page, kind, name, text, confidence and block, separated by tabs")
	flags.StringVar(&o.out, "out", "", "also write text.txt, document.md, the tables as CSV and the responses as JSON into this directory")
	flags.BoolVar(&o.svg, "svg", false, "with --out, also draw each page with what was found on it, as page-NUMBER.svg")
}

func (o *reportOptions) check() error {
	forms := 0
	for _, form := range []bool{o.json, o.markdown, o.csv, o.minConfidence != 0} {
		if form {
			forms++
		}
	}
	switch {
	case forms > 1 && o.minConfidence != 0:
		return usagef("--min-confidence excludes --json, --markdown and --csv: use --out for all forms")
	case forms > 1:
		return usagef("--json, --markdown and --csv exclude each other: use one, or --out for all forms")
	case o.svg && o.out == "":
		return usagef("--svg needs --out: name the directory for the pictures of the pages")
	case o.minConfidence < 0 || o.minConfidence > 100 || math.IsNaN(float64(o.minConfidence)):
		return usagef("--min-confidence %v is no percentage: use a number from 0 to 100", o.minConfidence)
	}
	return nil
}

// printer returns the form to print in.
func (o *reportOptions) printer(w io.Writer) sink {
	switch {
	case o.json:
		return &jsonSink{w: w}
	case o.markdown:
		return &markdownSink{w: w}
	case o.csv:
		return &csvSink{w: w}
	case o.minConfidence != 0:
		return &reviewSink{w: w, limit: o.minConfidence}
	default:
		return &textSink{w: w}
	}
}

// Where results are read from.
const (
	fromAuto   = "auto"
	fromGet    = "get"
	fromOutput = "output"
)

// source names a job's results.
type source struct {
	job  textractclient.JobRef
	from string
	// known iterates over the results of a job that batch knows the outcome of. Nil: none was.
	known func(context.Context) iter.Seq2[*textractdoc.Response, error]
}

// responses iterates over the results. Where Textract no longer has them, fromAuto goes on to the
// output bucket, if there is one. Once a part has been read it is an error: the bucket has all of
// them again.
func (s source) responses(ctx context.Context, session *session) iter.Seq2[*textractdoc.Response, error] {
	if s.known != nil {
		return s.known(ctx)
	}
	if s.from == fromOutput {
		return session.client.OutputResults(ctx, s.job, *session.output)
	}
	byGet := session.client.Results(ctx, s.job)
	if s.from == fromGet || session.output == nil {
		return byGet
	}
	return func(yield func(*textractdoc.Response, error) bool) {
		first := true
		for response, err := range byGet {
			if first && errors.Is(err, textractclient.ErrJobUnknown) {
				session.client.OutputResults(ctx, s.job, *session.output)(yield)
				return
			}
			if errors.Is(err, textractclient.ErrJobUnknown) {
				err = fmt.Errorf("%w: the results expired while they were read; read all of them with results --from=output", err)
			}
			if !yield(response, err) {
				return
			}
			first = false
		}
	}
}

func (s source) summary(ctx context.Context, session *session) (*textractdoc.LendingSummary, error) {
	if s.from == fromOutput {
		return session.client.OutputLendingSummary(ctx, s.job, *session.output)
	}
	summary, err := session.client.LendingSummary(ctx, s.job)
	if s.from == fromAuto && session.output != nil && errors.Is(err, textractclient.ErrJobUnknown) {
		return session.client.OutputLendingSummary(ctx, s.job, *session.output)
	}
	return summary, err
}

// report prints a job's results page by page, and writes them to files where that is wanted. Of a
// job that succeeded in part it prints the pages that there are before it returns the error.
func (a *app) report(ctx context.Context, session *session, s source, o reportOptions) (err error) {
	stdout := bufio.NewWriter(a.stdout)
	defer func() { err = errors.Join(err, stdout.Flush()) }()
	printer := o.printer(stdout)
	sinks := []sink{printer}
	if o.out != "" {
		files, err := newFiles(o.out)
		if err != nil {
			return err
		}
		defer files.discard()
		files.svg = o.svg
		sinks = append(sinks, files)
	}
	if a.progress.onTerminal() && !newProgress(a.stdout).onTerminal() { // which shows the pages themselves
		sinks = append(sinks, &pagesRead{progress: a.progress})
		defer a.progress.end()
	}
	missing, err := read(ctx, session, s, sinks)
	if err != nil {
		return err
	}
	if tables, isCSV := printer.(*csvSink); isCSV && tables.count == 0 {
		a.progress.say("no tables: Textract looks for them with the feature TABLES")
	}
	return missing.err()
}

// read passes a job's results on to the sinks, one response and one page in memory at a time.
func read(ctx context.Context, session *session, s source, sinks []sink) (missing missingPages, err error) {
	responses := func(yield func(*textractdoc.Response, error) bool) {
		for response, err := range s.responses(ctx, session) {
			if err == nil {
				missing.add(response)
				err = each(sinks, func(s sink) error { return s.response(response) })
			}
			if !yield(response, err) || err != nil {
				return
			}
		}
	}
	for page, err := range textractdoc.Pages(responses) {
		if err == nil {
			err = each(sinks, func(s sink) error { return s.page(page) })
		}
		if err != nil {
			return missing, err
		}
	}
	if s.job.Operation == textractclient.LendingAnalysis {
		summary, err := s.summary(ctx, session)
		if err == nil {
			err = each(sinks, func(s sink) error { return s.summary(summary) })
		}
		if err != nil {
			return missing, err
		}
	}
	return missing, each(sinks, sink.end)
}

// errWrite marks errors of writing results, as against those of reading them.
var errWrite = errors.New("write results")

func each(sinks []sink, do func(sink) error) error {
	for _, s := range sinks {
		if err := do(s); err != nil {
			return fmt.Errorf("%w: %w", errWrite, err)
		}
	}
	return nil
}

// missingPages are the warnings of a job that succeeded in part, each once: every response
// repeats them.
type missingPages struct {
	partial  bool
	warnings []string
}

func (m *missingPages) add(response *textractdoc.Response) {
	m.partial = m.partial || response.JobStatus == types.JobStatusPartialSuccess
	for _, warning := range response.Warnings {
		text := fmt.Sprintf("%s on pages %v", aws.ToString(warning.ErrorCode), warning.Pages)
		if !slices.Contains(m.warnings, text) {
			m.warnings = append(m.warnings, text)
		}
	}
}

func (m *missingPages) err() error {
	switch {
	case !m.partial:
		return nil
	case len(m.warnings) == 0:
		return errPartial
	}
	return fmt.Errorf("%w: %s", errPartial, strings.Join(m.warnings, ", "))
}
