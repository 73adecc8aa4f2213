package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/pflag"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/stack"
	"github.com/cdk-textract/textractasync/textractclient"
)

// globalFlags are the flags that all commands have.
type globalFlags struct {
	stack, stackPrefix, profile, region string
	assumeCaller, verbose               bool

	askForToken func() (string, error) // the code of an MFA device
}

func (f *globalFlags) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&f.stack, "stack", "", "take the settings from this stack's outputs instead of the environment")
	flags.StringVar(&f.stackPrefix, "stack-prefix", "", "what the names of the stack's outputs begin with, as Prefix of AddOutputs")
	flags.BoolVar(&f.assumeCaller, "assume-caller", false, "act as the role of the stack's output CallerRoleArn")
	flags.StringVar(&f.profile, "profile", "", "AWS profile")
	flags.StringVar(&f.region, "region", "", "AWS Region")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "log more to stderr")
}

// withoutStack finds flags that mean nothing without --stack.
func (f *globalFlags) withoutStack() error {
	switch {
	case f.assumeCaller:
		return usagef("--assume-caller needs --stack, whose output CallerRoleArn names the role")
	case f.stackPrefix != "":
		return usagef("--stack-prefix %s needs --stack, whose outputs have the prefix", f.stackPrefix)
	default:
		return nil
	}
}

// session is what a command works with.
type session struct {
	aws            aws.Config
	client         *textractclient.Client
	config         textractclient.Config
	output         *textractclient.Output
	documentBucket string // empty when unknown
}

// open makes a client of the settings. A command that needs none of the construct's resources does
// without.
func (f *globalFlags) open(ctx context.Context, progress *progress, required bool) (*session, error) {
	cfg, err := f.awsConfig(ctx)
	if err != nil {
		return nil, err
	}
	session := &session{}
	var config textractclient.Config
	if f.stack == "" {
		if err := f.withoutStack(); err != nil {
			return nil, err
		}
		config, err = textractclient.ConfigFromEnv()
		if err != nil && (required || !errors.Is(err, textractclient.ErrNoSettings)) {
			return nil, &usageError{err}
		}
	} else if config, err = f.fromStack(ctx, &cfg, session); err != nil {
		return nil, err
	}
	session.aws, session.config, session.output = cfg, config, config.Output
	if session.client, err = textractclient.New(
		cfg, config, func(o *textractclient.Options) { o.Logger = progress.logger(f.level()) },
	); err != nil {
		return nil, &usageError{err}
	}
	return session, nil
}

// accountTimeout bounds the question whose account it is.
const accountTimeout = time.Minute

// account returns the id of the account whose credentials these are. The caller needs no permission
// for it.
func (s *session) account(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, accountTimeout)
	defer cancel()
	identity, err := sts.NewFromConfig(s.aws).GetCallerIdentity(ctx, nil)
	if err != nil {
		return "", fmt.Errorf("find out the account of the credentials: %w", err)
	}
	return aws.ToString(identity.Account), nil
}

// regionOf is the Region of flag and environment, or "". It reads no profile.
func (f *globalFlags) regionOf() string {
	return cmp.Or(f.region, os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

func (f *globalFlags) awsConfig(ctx context.Context) (aws.Config, error) {
	var options []func(*awsconfig.LoadOptions) error
	if f.profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(f.profile))
	}
	if !f.verbose {
		options = append(options, awsconfig.WithLogger(logging.Nop{}))
	}
	if f.region != "" {
		options = append(options, awsconfig.WithRegion(f.region))
	}
	options = append(options, awsconfig.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
		o.TokenProvider = f.askForToken
	}))
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, f.explain(ctx, err)
	}
	if cfg.Region == "" {
		return aws.Config{}, usagef("no Region is set: use --region, AWS_REGION or a profile with a Region")
	}
	// Without credentials each call would be tried for a minute.
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return aws.Config{}, f.explain(ctx, err)
	}
	return cfg, nil
}

func (f *globalFlags) fromStack(ctx context.Context, cfg *aws.Config, session *session) (textractclient.Config, error) {
	outputs, err := f.readStack(ctx, cfg)
	if err != nil {
		return textractclient.Config{}, err
	}
	config, err := outputs.Config()
	if err != nil {
		return textractclient.Config{}, &usageError{err}
	}
	session.documentBucket = outputs.DocumentBucket
	return config, nil
}

// readStack reads the stack's outputs, and makes cfg act as its caller's role with --assume-caller.
func (f *globalFlags) readStack(ctx context.Context, cfg *aws.Config) (*stack.Outputs, error) {
	outputs, err := stack.Read(ctx, cloudformation.NewFromConfig(*cfg), f.stack, f.stackPrefix)
	if err != nil {
		return nil, err
	}
	if f.assumeCaller {
		if outputs.CallerRoleARN == "" {
			return nil, usagef("stack %q has no output %sCallerRoleArn: omit --assume-caller", f.stack, f.stackPrefix)
		}
		cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(*cfg), outputs.CallerRoleARN))
	}
	return outputs, nil
}

func (f *globalFlags) level() slog.Level {
	if f.verbose {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
