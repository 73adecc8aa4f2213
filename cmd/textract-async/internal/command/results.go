package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/textractclient"
)

const resultsHelp = `Print the results of a job that has completed.

Textract keeps results for 7 days. Those in an output bucket stay there: with an
output in the settings, --from=auto goes on to the bucket when Textract no
longer knows the job. Without --operation all operations are tried.`

func (a *app) resultsCommand() *cobra.Command {
	var (
		report          reportOptions
		operation, from string
	)
	cmd := &cobra.Command{
		Use:   "results JOBID",
		Short: "Print the results of a job",
		Long:  resultsHelp + "\n\n" + exitCodes,
		Args:  oneArgument("JOBID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.results(cmd.Context(), args[0], operation, from, report)
		},
	}
	flags := cmd.Flags()
	report.addFlags(flags)
	flags.StringVar(&operation, "operation", "", "the operation that started the job (default: looked up)")
	flags.StringVar(&from, "from", fromAuto, "where to read: get (Textract), output (the output bucket) or auto")
	return cmd
}

func (a *app) results(ctx context.Context, jobID, operation, from string, report reportOptions) error {
	if err := report.check(); err != nil {
		return err
	}
	if from != fromAuto && from != fromGet && from != fromOutput {
		return usagef("--from %q is unknown: use get, output or auto", from)
	}
	job := textractclient.JobRef{ID: jobID}
	if operation != "" {
		var err error
		if job.Operation, err = parseOperation(operation); err != nil {
			return err
		}
	}
	session, err := a.flags.open(ctx, a.progress, false)
	if err != nil {
		return err
	}
	if from == fromOutput && session.output == nil {
		return usagef("--from=output needs an output: set TEXTRACT_OUTPUT_BUCKET, or --stack with the output OutputBucketName")
	}
	if job.Operation == "" {
		if job.Operation, err = operationOf(ctx, session, jobID, from); err != nil {
			return err
		}
	}
	return a.report(ctx, session, source{job: job, from: from}, report)
}

// operationOf finds the operation that started a job: each Get action knows the jobs of its own
// Start operation only, and results in an output bucket are those of one operation. There text
// detection and document analysis are alike.
func operationOf(ctx context.Context, session *session, jobID, from string) (textractclient.Operation, error) {
	if from != fromOutput {
		for _, operation := range textractclient.Operations() {
			_, err := session.client.Status(ctx, textractclient.JobRef{Operation: operation, ID: jobID})
			if !errors.Is(err, textractclient.ErrJobUnknown) {
				return operation, err
			}
		}
	}
	if from == fromGet || session.output == nil {
		return "", &unknownJobError{id: jobID}
	}
	var failure error // what is wrong with the results, rather than that an operation has none
	for _, operation := range []textractclient.Operation{
		textractclient.TextDetection, textractclient.ExpenseAnalysis, textractclient.LendingAnalysis,
	} {
		for _, err := range session.client.OutputResults(ctx, textractclient.JobRef{Operation: operation, ID: jobID}, *session.output) {
			if err == nil {
				return operation, nil
			}
			if failure == nil || errors.Is(failure, textractclient.ErrNoOutput) {
				failure = err
			}
		}
	}
	if errors.Is(failure, textractclient.ErrNoOutput) {
		return "", fmt.Errorf("job %q: %w", jobID, textractclient.ErrNoOutput)
	}
	return "", failure
}

// unknownJobError reports that no operation has a job.
type unknownJobError struct{ id string }

func (e *unknownJobError) Error() string {
	return fmt.Sprintf("job %q is unknown to all operations: wrong id, Region or account, or results expired after 7 days", e.id)
}

func (e *unknownJobError) Unwrap() error { return textractclient.ErrJobUnknown }
