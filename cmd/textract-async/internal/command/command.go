// Package command is the command textract-async.
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
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
	exitNotStarted  = 9 // 7 and 8 are those of doctor
	exitInterrupted = 130
)

// Help is at most this wide.
const helpWidth = 80

const exitCodes = `Exit codes:
  0    success
  1    any other error
  2    wrong usage: arguments, flags, settings or credentials, or a queue that
       cannot be read
  3    the job failed; of batch, some documents failed
  4    the job succeeded in part; the pages that there are were printed
  5    job unknown, or its results are gone: Textract keeps them for 7 days
  6    the job has not completed, within --timeout or at all
  9    no job was started within --timeout, as while Textract throttles
  130  interrupted (listen ends with 0); batch goes on when it is run again`

const settingsHelp = `Settings come from a stack's outputs (--stack: TopicArn, QueueUrl,
ServiceRoleArn, DocumentBucketName, OutputBucketName, OutputPrefix,
OutputKmsKeyId, CallerRoleArn, which AddOutputs of the construct writes) or
from the environment variables that the construct's EnvironmentVariables
method returns (TEXTRACT_SNS_TOPIC_ARN, TEXTRACT_ROLE_ARN,
TEXTRACT_QUEUE_URL, TEXTRACT_OUTPUT_BUCKET, TEXTRACT_OUTPUT_PREFIX,
TEXTRACT_OUTPUT_KMS_KEY_ID). Credentials, Region and endpoint are those of the
AWS SDK (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and so on).`

var (
	// errPartial reports after the results that pages are missing from them.
	errPartial = errors.New("the job succeeded in part")
	// errNotStarted reports that --timeout ended before a job was started.
	errNotStarted = errors.New("no job was started within --timeout")
	// errSomeFailed reports that a batch is complete, but for documents that failed.
	errSomeFailed = errors.New("some documents failed")
	// errUsage marks errors of arguments, flags and settings.
	errUsage = errors.New("usage")
)

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// usageError is errUsage without a word of its own.
type usageError struct{ error }

func (e *usageError) Unwrap() []error { return []error{errUsage, e.error} }

// Run runs the command and returns its exit code. Results go to stdout; progress, logs and errors
// to stderr.
func Run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{stdin: os.Stdin, stdout: stdout, stderr: stderr, progress: newProgress(stderr)}
	a.flags.askForToken = func() (string, error) {
		return askForToken(a.stdin, isTerminal(a.stdin) && a.progress.onTerminal(), a.progress)
	}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err != nil && !a.parsed {
		err = &usageError{err}
	}
	var found *findings
	if errors.As(err, &found) {
		return found.code
	}
	if err != nil {
		a.progress.say("textract-async: %s", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
	}
	a.progress.end()
	return exitCode(err)
}

func exitCode(err error) int {
	is := func(targets ...error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
	switch {
	case err == nil:
		return exitOK
	case is(errUsage, textractclient.ErrInvalidInput, textractclient.ErrNoSettings, textractclient.ErrNothingReceived):
		return exitUsage
	case is(errNotStarted):
		return exitNotStarted
	case is(textractclient.ErrJobFailed, errSomeFailed):
		return exitJobFailed
	case is(errPartial):
		return exitPartial
	case is(textractclient.ErrJobUnknown, textractclient.ErrNoOutput):
		return exitUnknown
	case is(context.Canceled):
		return exitInterrupted
	case is(textractclient.ErrJobInProgress):
		return exitNotEnded
	}
	return exitError
}

// app is one run of the command.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	progress       *progress
	flags          globalFlags
	parsed         bool // whether arguments and flags were understood
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "textract-async",
		Short: "Read documents with Amazon Textract's asynchronous operations",
		Long: "Read documents with Amazon Textract's asynchronous operations, over the\nresources of the textractasync construct.\n\n" +
			settingsHelp + "\n\n" + exitCodes + "\nThose of doctor are in its own help.",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("no command given: use run, batch, listen, results, doctor or local, or --help")
		},
		PersistentPreRun: func(cmd *cobra.Command, _ []string) { a.parsed = cmd.HasParent() },
	}
	a.flags.addFlags(root.PersistentFlags())
	root.AddCommand(a.runCommand(), a.batchCommand(), a.listenCommand(), a.resultsCommand(), a.doctorCommand(), a.localCommand())
	root.SetUsageFunc(writeUsage)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		text := err.Error()
		match := goError.FindStringSubmatch(text)
		if match == nil {
			return err
		}
		why := cmp.Or(match[1], match[2], "not a number")
		return errors.New(strings.TrimSuffix(text, match[0]) + ": " + why)
	})
	return root
}

// oneArgument and atLeastOneArgument check the number of arguments, and name what is missing.
func oneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s accepts 1 argument, %s, and got %d", cmd.Name(), what, len(args))
		}
		return nil
	}
}

func atLeastOneArgument(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s needs an argument, %s", cmd.Name(), what)
		}
		return nil
	}
}

// goError finds the words of Go's packages in an error about the value of a flag.
var goError = regexp.MustCompile(
	`: (?:strconv\.\w+: parsing ".*": invalid syntax|` + `strconv\.\w+: parsing ".*": (value out of range)|time: (.*))$`,
)

// writeUsage writes a command's usage as cobra does, with lines of at most helpWidth. With a
// template instead, the linker would keep every method of the AWS clients, which doubles the size
// of the binary.
func writeUsage(cmd *cobra.Command) error {
	var usage strings.Builder
	usage.WriteString("Usage:\n")
	if cmd.Runnable() {
		usage.WriteString("  " + cmd.UseLine() + "\n")
	}
	if cmd.HasExample() {
		usage.WriteString("\nExamples:\n" + cmd.Example + "\n")
	}
	if cmd.HasAvailableSubCommands() {
		usage.WriteString("  " + cmd.CommandPath() + " [command]\n\nAvailable Commands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&usage, "  %-*s %s\n", sub.NamePadding(), sub.Name(), sub.Short)
			}
		}
	}
	if cmd.HasAvailableLocalFlags() {
		usage.WriteString("\nFlags:\n" + cmd.LocalFlags().FlagUsagesWrapped(helpWidth))
	}
	if cmd.HasAvailableInheritedFlags() {
		usage.WriteString("\nGlobal Flags:\n" + cmd.InheritedFlags().FlagUsagesWrapped(helpWidth))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&usage, "\nUse \"%s [command] --help\" for more information about a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(cmd.OutOrStderr(), usage.String())
	return err
}

// version returns the one that go install built, or (devel): a build in a checkout takes the client
// of its workspace.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
