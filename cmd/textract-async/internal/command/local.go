package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/localapi"
	"github.com/cdk-textract/textractasync/textractclient"
	"github.com/cdk-textract/textractasync/textractclient/textracttest"
)

const localHelp = `Serve an API of SQS, S3 and Textract on this machine, for development: without
an account, until an interrupt. What it stores is in memory.

The environment variables for programs that use it go to stdout, and the log to
stderr:

  textract-async local --documents scans > local.env &
  sleep 1 && test -s local.env && . ./local.env
  textract-async run --bucket documents letter.pdf

The files of --documents are in the bucket documents, also those that are added
later. Each object there sends an event to the queue TEXTRACT_UPLOADS_QUEUE_URL.

The answer for NAME.pdf is NAME.pdf.json or NAME.json of --answers: responses of
the Get action, as --json prints them. Where there is none, it is generated from
the request, and its text says so. Permissions are not checked, and there is no
SNS, KMS and IAM: doctor needs a real account.`

type localOptions struct {
	localapi.Options

	listen   string
	failures []string
}

func (a *app) localCommand() *cobra.Command {
	var o localOptions
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Serve SQS, S3 and Textract on this machine, for development",
		Long:  localHelp,
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.local(cmd.Context(), o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:4571", "the loopback address to listen on; port 0: any free one")
	flags.StringVar(&o.Documents, "documents", "", "the folder whose files are in the bucket documents")
	flags.StringVar(&o.Answers, "answers", "", "the folder of saved answers, named and written as above (default: all are generated)")
	flags.DurationVar(&o.JobTime, "job-time", time.Second, "how long a job takes")
	flags.IntVar(&o.MaxJobs, "max-jobs", 0, "quota of jobs at a time (default: none)")
	flags.Float64Var(&o.StartRate, "start-rate", 0, "quota of Start calls a second (default: none)")
	flags.Float64Var(&o.GetRate, "get-rate", 0, "quota of Get calls a second (default: none)")
	flags.StringArrayVar(
		&o.failures, "fail", nil,
		"make the first calls of an action fail: ACTION=CODE or ACTION=CODE*TIMES, such as\n"+
			"StartDocumentAnalysis=ThrottlingException*3; repeatable",
	)
	return cmd
}

func (a *app) local(ctx context.Context, o localOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	failures, err := parseFailures(o.failures)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return usagef("--listen: %w: use another port, or 0 for any free one", err)
	}
	level := slog.LevelInfo
	if a.flags.verbose {
		level = slog.LevelDebug
	}
	o.Log = a.progress.logger(level)
	endpoint := "http://" + listener.Addr().String()
	api, err := localapi.New(endpoint, o.Options)
	if err != nil {
		return errors.Join(&usageError{err}, listener.Close())
	}
	for _, failure := range failures {
		api.Fail(failure.action, failure.faults...)
	}
	if err := printEnvironment(a.stdout, endpoint, api); err != nil {
		return errors.Join(err, listener.Close())
	}
	a.progress.say("listening on %s until an interrupt", endpoint)
	return serve(ctx, listener, api)
}

// serve returns when ctx ends. Calls that wait for a message end with it.
func serve(ctx context.Context, listener net.Listener, api *localapi.API) error {
	server := &http.Server{
		Handler: api, ReadHeaderTimeout: time.Minute,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go api.Watch(watching)
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() { closed <- server.Close() })
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

func (o *localOptions) check() error {
	host, _, err := net.SplitHostPort(o.listen)
	if err != nil {
		return usagef("--listen %q: %w: use 127.0.0.1:PORT", o.listen, err)
	}
	// A name may resolve to any address.
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usagef("--listen %q is no loopback address: anybody could call the API, so use 127.0.0.1:PORT", o.listen)
	}
	switch {
	case o.JobTime < 0:
		return usagef("--job-time %s: use 0 or more", o.JobTime)
	case o.MaxJobs < 0:
		return usagef("--max-jobs %d: use 0 or more", o.MaxJobs)
	case !(o.StartRate >= 0):
		return usagef("--start-rate %v: use 0 or more", o.StartRate)
	case !(o.GetRate >= 0):
		return usagef("--get-rate %v: use 0 or more", o.GetRate)
	}
	return nil
}

type failure struct {
	action string
	faults []textracttest.Fault
}

const maxFaults = 100_000

func parseFailures(texts []string) (failures []failure, err error) {
	for _, text := range texts {
		action, code, found := strings.Cut(text, "=")
		code, count, repeated := strings.Cut(code, "*")
		times := 1
		if repeated {
			times, err = strconv.Atoi(count)
		}
		if !found || code == "" || err != nil || times < 1 || times > maxFaults {
			return nil, usagef("--fail %q: write ACTION=CODE or ACTION=CODE*TIMES, with up to %d times", text, maxFaults)
		}
		if !slices.Contains(textracttest.Actions(), action) {
			return nil, usagef("--fail %q: action %q is unknown: use one of %s", text, action, strings.Join(textracttest.Actions(), ", "))
		}
		failures = append(failures, failure{action, slices.Repeat([]textracttest.Fault{{Code: code, Status: statusOf(code)}}, times)})
	}
	return failures, nil
}

// statusOf returns the HTTP status of an error code. Those of a failure of the service end with
// ServerError or Failure.
func statusOf(code string) int {
	switch {
	case strings.HasSuffix(code, "ServerError"), strings.HasPrefix(code, "Internal"), code == "ServiceUnavailable", code == "SlowDown":
		return http.StatusServiceUnavailable
	case code == "AccessDenied":
		return http.StatusForbidden
	case code == "NoSuchKey", code == "NotFound":
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}

// printEnvironment prints what a POSIX shell can source. All values are without quotes and blanks.
func printEnvironment(w io.Writer, endpoint string, api *localapi.API) error {
	var text strings.Builder
	text.WriteString("unset AWS_PROFILE AWS_SESSION_TOKEN\n")
	for _, variable := range [][2]string{
		{"AWS_ENDPOINT_URL", endpoint},
		{"AWS_REGION", localapi.Region},
		{"AWS_DEFAULT_REGION", localapi.Region}, // of the AWS CLI and boto3
		{"AWS_ACCESS_KEY_ID", "local"},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		{textractclient.EnvTopicARN, localapi.TopicARN},
		{textractclient.EnvRoleARN, localapi.RoleARN},
		{textractclient.EnvQueueURL, api.QueueURL},
		{"TEXTRACT_UPLOADS_QUEUE_URL", api.UploadQueueURL},
		{textractclient.EnvOutputBucket, localapi.OutputBucket},
		{textractclient.EnvOutputPrefix, localapi.OutputPrefix},
	} {
		fmt.Fprintf(&text, "export %s=%s\n", variable[0], variable[1])
	}
	_, err := io.WriteString(w, text.String())
	return err
}
