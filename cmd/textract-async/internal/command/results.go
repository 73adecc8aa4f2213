package command

import (
	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/textractclient"
)

const resultsHelp = `Print the results of a job that has ended.

Textract keeps results for 7 days. What it wrote to an output bucket stays there: with an output in the settings,
--from=auto goes on to the bucket when Textract no longer knows the job.`

func (a *app) resultsCommand() *cobra.Command {
	var (
		report          reportOptions
		operation, from string
	)
	cmd := &cobra.Command{
		Use:   "results JOBID",
		Short: "Print the results of a job",
		Long:  resultsHelp + "\n\n" + exitCodes,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.results(cmd, args[0], operation, from, report)
		},
	}
	flags := cmd.Flags()
	report.addFlags(flags)
	flags.StringVar(&operation, "operation", "text-detection", "the operation that the job was started with")
	flags.StringVar(&from, "from", fromAuto, "where to read: get (Textract), output (the output bucket) or auto")
	return cmd
}

func (a *app) results(cmd *cobra.Command, jobID, operation, from string, report reportOptions) error {
	if err := report.check(); err != nil {
		return err
	}
	parsed, err := parseOperation(operation)
	if err != nil {
		return err
	}
	if from != fromAuto && from != fromGet && from != fromOutput {
		return usagef("--from %q is unknown: use get, output or auto", from)
	}
	p, err := a.settings.open(cmd.Context(), a.stderr)
	if err != nil {
		return err
	}
	if from == fromOutput && p.output == nil {
		return usagef("--from=output needs an output: set TEXTRACT_OUTPUT_BUCKET, or --stack with the output OutputBucketName")
	}
	return a.report(cmd.Context(), p, source{textractclient.JobRef{Operation: parsed, ID: jobID}, from}, report)
}
