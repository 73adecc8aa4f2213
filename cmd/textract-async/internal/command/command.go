// Package command is the command textract-async.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/textractclient"
)

// The exit codes, as exitCodes documents them.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitJobFailed   = 3
	exitPartial     = 4
	exitUnknown     = 5
	exitNotEnded    = 6
	exitInterrupted = 130
)

const exitCodes = `Exit codes:
  0    success
  1    any other error
  2    wrong usage: arguments, flags or settings
  3    the job failed
  4    the job succeeded in part; what there is was printed
  5    job unknown, or its results are gone: Textract keeps them for 7 days
  6    the job has not ended, within --timeout or at all
  130  interrupted (listen ends with 0)`

const settingsHelp = `Settings come from a stack's outputs (--stack: TopicArn, QueueUrl, ServiceRoleArn, DocumentBucketName,
OutputBucketName, OutputPrefix, CallerRoleArn) or from the environment that the construct's EnvironmentVariables
method describes (TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN, TEXTRACT_QUEUE_URL, TEXTRACT_OUTPUT_BUCKET,
TEXTRACT_OUTPUT_PREFIX, TEXTRACT_OUTPUT_KMS_KEY_ID). Credentials, Region and endpoint are those of the AWS SDK
(AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and so on).`

// errPartial reports after the results that pages are missing from them.
var errPartial = errors.New("the job succeeded in part")

// errUsage marks errors of arguments, flags and settings.
var errUsage = errors.New("usage")

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// usageError is errUsage without a word of its own.
type usageError struct{ error }

func (e *usageError) Unwrap() []error { return []error{errUsage, e.error} }

// Run runs the command and returns its exit code. Results go to stdout; progress and errors, of one line each, to stderr.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stderr: stderr}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.parsed {
		err = &usageError{err}
	}
	if report := (*findings)(nil); errors.As(err, &report) {
		return report.code
	}
	if err != nil {
		newProgress(stderr).say("textract-async: %s", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	return exitCode(err)
}

func exitCode(err error) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errUsage):
		return exitUsage
	case errors.Is(err, textractclient.ErrJobFailed):
		return exitJobFailed
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.Is(err, textractclient.ErrJobUnknown), errors.Is(err, textractclient.ErrNoOutput):
		return exitUnknown
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, textractclient.ErrJobInProgress), errors.Is(err, context.DeadlineExceeded):
		return exitNotEnded
	}
	return exitError
}

// app is one run of the command.
type app struct {
	stdout, stderr io.Writer
	settings       settings
	parsed         bool // whether arguments and flags were understood
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "textract-async",
		Short:         "Read documents with Amazon Textract's asynchronous operations",
		Long:          "Read documents with Amazon Textract's asynchronous operations, over what the textractasync construct built.\n\n" + settingsHelp + "\n\n" + exitCodes,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("no command given: use run, listen, results or doctor, or --help")
		},
		PersistentPreRun: func(cmd *cobra.Command, _ []string) { a.parsed = cmd.HasParent() },
	}
	a.settings.addFlags(root.PersistentFlags())
	root.AddCommand(a.runCommand(), a.listenCommand(), a.resultsCommand(), a.doctorCommand())
	return root
}
