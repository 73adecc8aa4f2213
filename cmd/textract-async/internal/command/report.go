package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/textract/types"
	"github.com/spf13/pflag"

	"github.com/cdk-textract/textractasync/textractclient"
)

// reportOptions are the flags of the commands that print results.
type reportOptions struct {
	json bool
	out  string
}

func (o *reportOptions) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.json, "json", false, "print the results as JSON under the API's names, one line for each answer, instead of text")
	flags.StringVar(&o.out, "out", "", "also write text.txt, tables as CSV and the answers as JSON into this directory")
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
}

// pages iterates over the results. Where Textract no longer has them, fromAuto goes on to the output bucket, if there is one.
func (s source) pages(ctx context.Context, p *pipeline) iter.Seq2[*textractclient.ResultPage, error] {
	if s.from == fromOutput {
		return p.client.OutputResults(ctx, s.job, *p.output)
	}
	byGet := p.client.Results(ctx, s.job)
	if s.from == fromGet || p.output == nil {
		return byGet
	}
	return func(yield func(*textractclient.ResultPage, error) bool) {
		for page, err := range byGet {
			if errors.Is(err, textractclient.ErrJobUnknown) {
				p.client.OutputResults(ctx, s.job, *p.output)(yield)
				return
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

func (s source) summary(ctx context.Context, p *pipeline) (*textractclient.LendingSummary, error) {
	if s.from == fromOutput {
		return p.client.OutputLendingSummary(ctx, s.job, *p.output)
	}
	summary, err := p.client.LendingSummary(ctx, s.job)
	if s.from == fromAuto && p.output != nil && errors.Is(err, textractclient.ErrJobUnknown) {
		return p.client.OutputLendingSummary(ctx, s.job, *p.output)
	}
	return summary, err
}

// results are all results of a job.
type results struct {
	pages   []*textractclient.ResultPage
	summary *textractclient.LendingSummary // of a lending analysis only
}

// report prints a job's results, and writes them to files where that is wanted. Of a job that succeeded in part it prints what
// there is before it returns the error.
func (a *app) report(ctx context.Context, p *pipeline, s source, o reportOptions) error {
	all, err := collect(ctx, p, s)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := all.writeFiles(o.out); err != nil {
			return err
		}
	}
	if o.json {
		err = all.writeJSON(a.stdout)
	} else {
		err = all.writeText(a.stdout)
	}
	if err != nil {
		return err
	}
	return all.partial()
}

// collect reads all results: text is in its order only once all blocks are there.
func collect(ctx context.Context, p *pipeline, s source) (all results, err error) {
	for page, err := range s.pages(ctx, p) {
		if err != nil {
			return results{}, err
		}
		all.pages = append(all.pages, page)
	}
	if s.job.Operation == textractclient.LendingAnalysis {
		all.summary, err = s.summary(ctx, p)
	}
	return all, err
}

// partial returns an error for a job that succeeded in part, with each of its warnings once: every page repeats them.
func (r results) partial() error {
	var warnings []string
	partial := false
	for _, page := range r.pages {
		partial = partial || page.JobStatus == types.JobStatusPartialSuccess
		for _, warning := range page.Warnings {
			text := fmt.Sprintf("%s on pages %v", aws.ToString(warning.ErrorCode), warning.Pages)
			if !slices.Contains(warnings, text) {
				warnings = append(warnings, text)
			}
		}
	}
	switch {
	case !partial:
		return nil
	case len(warnings) == 0:
		return errPartial
	}
	return fmt.Errorf("%w: %s", errPartial, strings.Join(warnings, ", "))
}

func (r results) writeJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	for _, page := range r.pages {
		if err := encoder.Encode(page); err != nil {
			return fmt.Errorf("print results: %w", err)
		}
	}
	if r.summary == nil {
		return nil
	}
	return encoder.Encode(r.summary)
}
