package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// account is an account and Region, and the stack in it.
type account struct {
	config aws.Config
	id     string
	isAWS  bool // and no local AWS API
	binary string
	log    *log.Logger
	// assume returns credentials of the sample's caller, limited to a session policy unless that is
	// empty.
	assume func(ctx context.Context, policy string) (aws.Credentials, error)
	// notifyLimit is how long a notification may take, jobLimit a job, and executionLimit an
	// execution of a state machine.
	notifyLimit, jobLimit, executionLimit time.Duration

	outputs map[string]string // of the stack
	invoice []byte
	job     string // of the encrypted delivery, whose results are read from the output bucket
	adapter string // ID:VERSION, of one of the account

	workflowJob string // of the executions with one Id
}

// openAccount takes credentials and Region from the environment, as the CDK CLI does.
func openAccount(ctx context.Context, binary string) (*account, error) {
	config, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if config.Region == "" {
		return nil, errors.New("no Region is set: use AWS_REGION, or AWS_PROFILE with a Region")
	}
	identity, err := sts.NewFromConfig(config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	a := &account{
		config: config, id: *identity.Account, isAWS: config.BaseEndpoint == nil, binary: binary, log: log.New(os.Stderr, "", 0),
		notifyLimit: 2 * time.Minute, jobLimit: 10 * time.Minute, executionLimit: 10 * time.Minute,
	}
	a.assume = a.assumeCaller
	if !a.isAWS {
		a.notifyLimit, a.jobLimit, a.executionLimit = 5*time.Second, 5*time.Second, time.Second
	}
	return a, nil
}

// assumeCaller tries for a minute: IAM applies a new role with a delay.
func (a *account) assumeCaller(ctx context.Context, policy string) (aws.Credentials, error) {
	input := &sts.AssumeRoleInput{RoleArn: aws.String(a.outputs["CallerRoleArn"]), RoleSessionName: aws.String("make-live")}
	if policy != "" {
		input.Policy = &policy
	}
	for deadline := time.Now().Add(time.Minute); ; {
		assumed, err := sts.NewFromConfig(a.config).AssumeRole(ctx, input)
		if err == nil {
			session := assumed.Credentials
			return aws.Credentials{
				AccessKeyID: *session.AccessKeyId, SecretAccessKey: *session.SecretAccessKey, SessionToken: *session.SessionToken,
			}, nil
		}
		if time.Now().After(deadline) || sleep(ctx, 5*time.Second) != nil {
			return aws.Credentials{}, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// as returns a configuration with the caller's credentials.
func (a *account) as(ctx context.Context, policy string) (aws.Config, error) {
	session, err := a.assume(ctx, policy)
	if err != nil {
		return aws.Config{}, err
	}
	config := a.config.Copy()
	config.Credentials = credentials.StaticCredentialsProvider{Value: session}
	return config, nil
}

// s3 addresses the buckets of another endpoint than that of AWS by their path.
func (a *account) s3() *s3.Client {
	return s3.NewFromConfig(a.config, func(o *s3.Options) { o.UsePathStyle = a.config.BaseEndpoint != nil })
}

// environment is that of the processes which act with the credentials of this one.
func (a *account) environment() []string {
	return append(os.Environ(), "AWS_REGION="+a.config.Region, "AWS_DEFAULT_REGION="+a.config.Region)
}

// callerEnvironment is that of textract-async as the caller. Variables replace those of the
// sample's resources.
func (a *account) callerEnvironment(ctx context.Context, policy string, variables ...string) ([]string, error) {
	session, err := a.assume(ctx, policy)
	if err != nil {
		return nil, err
	}
	environment := slices.DeleteFunc(a.environment(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_PROFILE=") || strings.HasPrefix(variable, "AWS_DEFAULT_PROFILE=")
	})
	environment = append(
		environment, "AWS_ACCESS_KEY_ID="+session.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+session.SecretAccessKey, "AWS_SESSION_TOKEN="+session.SessionToken,
		"TEXTRACT_SNS_TOPIC_ARN="+a.outputs["TopicArn"], "TEXTRACT_ROLE_ARN="+a.outputs["ServiceRoleArn"],
		"TEXTRACT_QUEUE_URL="+a.outputs["QueueUrl"], "TEXTRACT_OUTPUT_BUCKET="+a.outputs["OutputBucketName"],
		"TEXTRACT_OUTPUT_PREFIX="+a.outputs["OutputPrefix"], "TEXTRACT_OUTPUT_KMS_KEY_ID=",
	)
	if a.config.BaseEndpoint != nil {
		environment = append(environment, "AWS_ENDPOINT_URL="+*a.config.BaseEndpoint)
	}
	return append(environment, variables...), nil
}

// answer is what a process came to.
type answer struct {
	code           int
	stdout, stderr string
}

// textractAsync runs the command as the caller, to its end.
func (a *account) textractAsync(ctx context.Context, policy string, variables []string, args ...string) answer {
	environment, err := a.callerEnvironment(ctx, policy, variables...)
	if err != nil {
		return answer{-1, "", "the caller's role cannot be assumed: " + err.Error()}
	}
	return a.run(ctx, environment, args...)
}

func (a *account) run(ctx context.Context, environment []string, args ...string) answer {
	a.log.Println("textract-async", strings.Join(args, " "))
	var stdout, stderr strings.Builder
	command := process(ctx, a.binary, args...)
	command.Env, command.Stdout, command.Stderr = environment, &stdout, &stderr
	if err := command.Run(); command.ProcessState == nil {
		return answer{-1, "", err.Error()}
	}
	return answer{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// process is interrupted at the end of the context, and killed half a minute later.
func process(ctx context.Context, name string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, name, args...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	return command
}

var jobID = regexp.MustCompile(`(?m)^job (\S+) [A-Z_]+ after `)

// job is the id of the job that run started, or empty.
func (r answer) job() string {
	if found := jobID.FindStringSubmatch(r.stderr); found != nil {
		return found[1]
	}
	return ""
}

// failure describes a failure in one line.
func (r answer) failure() string {
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	return fmt.Sprintf("exit code %d, %s", r.code, lines[len(lines)-1])
}

// isNotified reports whether textract-async listen prints the notification of a job.
func (a *account) isNotified(ctx context.Context, job string) (bool, error) {
	environment, err := a.callerEnvironment(ctx, "")
	if err != nil {
		return false, err
	}
	ctx, stop := context.WithTimeout(ctx, a.notifyLimit)
	defer stop()
	a.log.Println("textract-async listen")
	var stderr strings.Builder
	command := process(ctx, a.binary, "listen")
	command.Env, command.Stderr = environment, &stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		return false, err
	}
	if err := command.Start(); err != nil {
		return false, err
	}
	found := false
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var notification struct {
			JobID string `json:"JobId"`
		}
		if json.Unmarshal(lines.Bytes(), &notification) == nil && notification.JobID == job {
			found = true
			stop()
		}
	}
	unread := lines.Err()
	if unread != nil {
		stop()
	}
	_ = command.Wait() // it is always interrupted
	if code := command.ProcessState.ExitCode(); code != 0 {
		return found, errors.New(answer{code, "", stderr.String()}.failure())
	}
	if unread != nil && !found { // after stop, reading may fail as well
		return false, unread
	}
	return found, nil
}
