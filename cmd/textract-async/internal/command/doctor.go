package command

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/textractclient"
)

// The exit codes of doctor, as doctorHelp documents them.
const (
	exitWrong     = 7
	exitNotJudged = 8
)

const doctorHelp = `Read a set-up of Textract's asynchronous operations, of this construct or of any
other origin, and report what is missing or wrong in it, by the steps of AWS's
guide. It only reads; --policy prints the permissions that it needs.

A line begins with a mark: ✓ right, ✗ wrong, ! a warning, ? not judged, because
a read is denied or a policy has something that doctor does not know, and - not
checked, because another line is wrong.

With --template or --assembly it judges CloudFormation templates before they are
deployed, without an AWS account: topic, queue, role, caller and buckets are
found by what refers to what. Flags name them by logical id where they are not.
A line that begins with · is about what is not in the template.

Topic, queue and role come from --topic, --queue and --role, or like those of
the other commands. Organization policies, session policies and KMS grants are
not seen.`

const doctorExitCodes = `Exit codes:
  0    nothing wrong; with --strict no warning either
  1    doctor itself failed, such as without a connection
  2    wrong usage: arguments, flags, settings or credentials
  7    something is wrong
  8    nothing wrong was found, but something was not judged
  130  interrupted`

// findings is a report that is not clean. It has been printed.
type findings struct{ code int }

func (f *findings) Error() string { return "doctor found something" }

type doctorOptions struct {
	topic, queue, role, caller  string
	document, output, outputKey string
	json, strict, policy        bool
	format, assembly            string
	templates, parameters       []string
}

// The values of --format.
const (
	formatText   = "text"
	formatJSON   = "json"
	formatGitHub = "github"
)

func (a *app) doctorCommand() *cobra.Command {
	var o doctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Report what is missing or wrong in a set-up",
		Long:  doctorHelp + "\n\n" + doctorExitCodes,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(o.templates) == 0 {
				return cobra.NoArgs(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.templates = append(o.templates, args...)
			return a.doctor(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.topic, "topic", "", "ARN of the topic, instead of that of the settings")
	flags.StringVar(&o.queue, "queue", "", "URL or ARN of the queue, instead of that of the settings")
	flags.StringVar(&o.role, "role", "", "ARN of the service role, instead of that of the settings")
	flags.StringVar(&o.caller, "caller", "", "ARN of the role or user that starts jobs (default: who calls doctor)")
	flags.StringVar(&o.document, "document", "", "s3://BUCKET/KEY of a document that the caller reads")
	flags.StringVar(&o.output, "output", "", "s3://BUCKET/PREFIX of the results, instead of that of the settings")
	flags.StringVar(&o.outputKey, "output-key", "", "KMS key of the results, instead of that of the settings (default SSE-S3)")
	flags.StringArrayVar(&o.templates, "template", nil, "CloudFormation template to judge, JSON or YAML; arguments are more of one app")
	flags.StringVar(&o.assembly, "assembly", "", "cloud assembly to judge, such as cdk.out")
	flags.StringArrayVar(&o.parameters, "parameter", nil, "NAME=VALUE of a parameter of the templates, or of AWS::Region, AWS::AccountId")
	flags.BoolVar(&o.json, "json", false, "print the report as JSON")
	flags.StringVar(&o.format, "format", formatText, "text, json, or github: annotations of a workflow")
	flags.BoolVar(&o.strict, "strict", false, "exit with 7 for warnings too")
	flags.BoolVar(&o.policy, "policy", false, "print a policy with the permissions that doctor needs, and read nothing")
	return cmd
}

func (a *app) doctor(ctx context.Context, o doctorOptions) error {
	if o.json {
		o.format = formatJSON
	}
	switch {
	case o.format != formatText && o.format != formatJSON && o.format != formatGitHub:
		return usagef("--format %q: use text, json or github", o.format)
	case len(o.templates) > 0 || o.assembly != "":
		return a.doctorTemplates(ctx, o)
	case len(o.parameters) > 0:
		return usagef("--parameter needs --template or --assembly")
	case o.policy:
		return doctor.WritePolicy(a.stdout)
	}
	cfg, err := a.flags.awsConfig(ctx)
	if err != nil {
		return err
	}
	settings, err := a.setUp(ctx, &cfg, o)
	if err != nil {
		return err
	}
	report, err := doctor.Run(ctx, doctor.NewClients(cfg), settings)
	if err != nil {
		return err
	}
	code := o.exitCode(report)
	if err := o.write(a.stdout, report, code, ""); err != nil {
		return err
	}
	if code != exitOK {
		return &findings{code}
	}
	return nil
}

func (o *doctorOptions) exitCode(report *doctor.Report) int {
	switch {
	case report.Wrong > 0, o.strict && report.Warnings > 0:
		return exitWrong
	case report.Unknown > 0:
		return exitNotJudged
	}
	return exitOK
}

// setUp takes the flags first, then the stack's outputs or the environment. What these name may be
// wrong: it is what doctor is to find.
func (a *app) setUp(ctx context.Context, cfg *aws.Config, o doctorOptions) (doctor.Settings, error) {
	s := doctor.Settings{
		Region: cfg.Region,
		TopicARN: os.Getenv(
			textractclient.EnvTopicARN,
		),
		RoleARN: os.Getenv(textractclient.EnvRoleARN),
		Queue:   os.Getenv(textractclient.EnvQueueURL),
		Output: &doctor.Output{
			Bucket: os.Getenv(textractclient.EnvOutputBucket), Prefix: os.Getenv(textractclient.EnvOutputPrefix),
			KMSKeyID: os.Getenv(textractclient.EnvOutputKMSKeyID),
		},
	}
	if a.flags.stack != "" {
		outputs, err := a.flags.readStack(ctx, cfg)
		if err != nil {
			return s, err
		}
		s = doctor.Settings{
			Region: cfg.Region, TopicARN: outputs.TopicARN, RoleARN: outputs.ServiceRoleARN, Queue: outputs.QueueURL,
			DocumentBucket: outputs.DocumentBucket, Output: &doctor.Output{},
		}
		if outputs.OutputBucket != "" {
			s.Output = &doctor.Output{
				Bucket: outputs.OutputBucket, Prefix: outputs.OutputPrefix, KMSKeyID: outputs.OutputKMSKeyID,
			}
		}
	} else if err := a.flags.withoutStack(); err != nil {
		return s, err
	}
	for _, flag := range []struct {
		value  string
		target *string
	}{{o.topic, &s.TopicARN}, {o.role, &s.RoleARN}, {o.queue, &s.Queue}, {o.caller, &s.Caller}} {
		if flag.value != "" {
			*flag.target = flag.value
		}
	}
	var errs []error
	if o.document != "" {
		document, err := doctor.ParseObject(o.document)
		s.Document, errs = document, append(errs, err)
	}
	if o.output != "" {
		output, err := doctor.ParseOutput(o.output)
		if err == nil {
			s.Output = output
		}
		errs = append(errs, err)
	}
	if o.outputKey != "" {
		s.Output.KMSKeyID = o.outputKey
	}
	if *s.Output == (doctor.Output{}) {
		s.Output = nil
	}
	if err := errors.Join(append(errs, s.Validate())...); err != nil {
		return s, &usageError{err}
	}
	return s, nil
}

func (o *doctorOptions) write(w io.Writer, report *doctor.Report, code int, file string) error {
	switch o.format {
	case formatJSON:
		return report.WriteJSON(w)
	case formatGitHub:
		return report.WriteAnnotations(w, file)
	}
	style := doctor.Style{ASCII: !isUTF8(), Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)}
	return report.WriteText(w, style, code)
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// isUTF8 reports whether the locale is one of UTF-8, by the variables that POSIX has for it, in its
// order.
func isUTF8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := os.Getenv(name); value != "" {
			value = strings.ToUpper(value)
			return strings.Contains(value, "UTF-8") || strings.Contains(value, "UTF8")
		}
	}
	return false
}
