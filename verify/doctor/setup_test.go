package doctor_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// setUp is a set-up on Moto.
type setUp struct {
	*api
	t *testing.T

	name                                            string // of all its parts
	topicARN, queueURL, queueARN, deadLetterURL     string
	subscriptionARN                                 string
	topicKeyARN, queueKeyARN, outputKeyARN          string
	roleARN, userARN, bucket                        string
	roleStatements, callerStatements, keyStatements []document
	queueFlag                                       string   // the queue as doctor is given it, empty for its URL
	flags                                           []string // further flags of doctor
	endpoint                                        string   // of the AWS API that doctor calls
}

var setUps atomic.Int32

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func text(t *testing.T, statements ...document) *string {
	t.Helper()
	return aws.String(string(marshal(t, document{"Version": "2012-10-17", "Statement": statements})))
}

// newSetUp builds a set-up that is right, and tight, in all its parts: topic, queue, dead-letter
// queue and results are encrypted with keys; documents and results are in one bucket; the caller is
// a user in a group.
func newSetUp(t *testing.T, region string) *setUp {
	t.Helper()
	s := &setUp{api: newAPI(region), t: t, name: fmt.Sprintf("Jobs%d", setUps.Add(1)), endpoint: motoURL}
	ctx := t.Context()
	s.topicARN = fmt.Sprintf("arn:aws:sns:%s:%s:AmazonTextract-%s", region, account, s.name)
	fromTopic := document{"ArnEquals": document{"aws:SourceArn": s.topicARN}}
	s.keyStatements = []document{
		{"Effect": "Allow", "Principal": document{"AWS": "arn:aws:iam::" + account + ":root"}, "Action": "kms:*", "Resource": "*"},
		{
			"Effect":    "Allow",
			"Principal": document{"Service": "sns.amazonaws.com"},
			"Action":    []string{"kms:Decrypt", "kms:GenerateDataKey*"},
			"Resource":  "*",
			"Condition": fromTopic,
		},
	}
	s.topicKeyARN, s.queueKeyARN, s.outputKeyARN = s.newKey(
		s.keyStatements[:1]...), s.newKey(
		s.keyStatements...), s.newKey(
		s.keyStatements[:1]...)

	must(
		s.sns.CreateTopic(
			ctx,
			&sns.CreateTopicInput{
				Name:       aws.String("AmazonTextract-" + s.name),
				Attributes: map[string]string{"KmsMasterKeyId": s.topicKeyARN},
			},
		),
	)(
		t,
	)
	s.queueURL = s.newQueue(s.name)
	s.deadLetterURL = s.newQueue(s.name + "-dead")
	s.queueARN = fmt.Sprintf("arn:aws:sqs:%s:%s:%s", region, account, s.name)
	s.subscriptionARN = *must(s.sns.Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: &s.topicARN, Protocol: aws.String("sqs"), Endpoint: &s.queueARN, ReturnSubscriptionArn: true,
		Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + s.queueARN + `-dead"}`},
	}))(t).SubscriptionArn

	s.roleARN = fmt.Sprintf("arn:aws:iam::%s:role/ocr/Service-%s", account, s.name)
	_, err := s.iam.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String("Service-" + s.name), Path: aws.String("/ocr/"), AssumeRolePolicyDocument: text(t, s.trust(account)),
	})
	// The name is of this set-up alone: the SDK repeated a call whose response was lost.
	if repeated := new(*iamtypes.EntityAlreadyExistsException); !errors.As(err, repeated) {
		must(s.roleARN, err)(t)
	}
	outputKey := document{
		"Effect":   "Allow",
		"Action":   []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"},
		"Resource": s.outputKeyARN,
	}
	s.roleStatements = []document{
		{"Effect": "Allow", "Action": "sns:Publish", "Resource": s.topicARN},
		{"Effect": "Allow", "Action": []string{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": s.topicKeyARN},
		outputKey,
	}
	s.putRolePolicy(s.roleStatements...)

	s.bucket = strings.ToLower(s.name) + "-documents"
	s.newBucket(s.bucket)
	must(
		s.s3.PutBucketEncryption(
			ctx,
			&s3.PutBucketEncryptionInput{Bucket: &s.bucket, ServerSideEncryptionConfiguration: &s3types.ServerSideEncryptionConfiguration{
				Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &s3types.ServerSideEncryptionByDefault{
					// Results are not encrypted with it.
					SSEAlgorithm: s3types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(s.newKey(s.keyStatements[:1]...)),
				}}},
			}},
		),
	)(
		t,
	)
	must(s.s3.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &s.bucket, Key: aws.String("in/letter.pdf"), Body: strings.NewReader("%PDF-1.7"),
		ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: &s.outputKeyARN,
	}))(t)

	s.userARN = fmt.Sprintf("arn:aws:iam::%s:user/ocr/Caller-%s", account, s.name)
	must(s.iam.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("Caller-" + s.name), Path: aws.String("/ocr/")}))(t)
	s.callerStatements = []document{
		{"Effect": "Allow", "Action": "textract:*", "Resource": "*"},
		{
			"Effect":    "Allow",
			"Action":    "iam:PassRole",
			"Resource":  s.roleARN,
			"Condition": document{"StringEquals": document{"iam:PassedToService": "textract.amazonaws.com"}},
		},
		{"Effect": "Allow", "Action": "s3:*", "Resource": []string{"arn:aws:s3:::" + s.bucket, "arn:aws:s3:::" + s.bucket + "/*"}},
		outputKey,
	}
	s.putCallerPolicy(s.callerStatements...)
	group := aws.String("Group-" + s.name)
	must(s.iam.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: group}))(t)
	must(s.iam.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: group, UserName: aws.String("Caller-" + s.name)}))(t)
	must(
		s.iam.PutGroupPolicy(
			ctx,
			&iam.PutGroupPolicyInput{
				GroupName:      group,
				PolicyName:     aws.String("Look"),
				PolicyDocument: text(t, document{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}),
			},
		),
	)(
		t,
	)
	must(
		s.iam.AttachGroupPolicy(
			ctx,
			&iam.AttachGroupPolicyInput{GroupName: group, PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess")},
		),
	)(
		t,
	)
	s.flags = []string{
		"--document", "s3://" + s.bucket + "/in/letter.pdf", "--output", "s3://" + s.bucket + "/out", "--output-key", s.outputKeyARN,
	}
	return s
}

func (s *setUp) newKey(statements ...document) string {
	s.t.Helper()
	return *must(s.kms.CreateKey(s.t.Context(), &kms.CreateKeyInput{Policy: text(s.t, statements...)}))(s.t).KeyMetadata.Arn
}

// newQueue makes a queue that SNS may send to.
func (s *setUp) newQueue(name string) string {
	s.t.Helper()
	url := *must(s.sqs.CreateQueue(s.t.Context(), &sqs.CreateQueueInput{QueueName: &name}))(s.t).QueueUrl
	s.setQueue(url, s.queueKeyARN, s.send(fmt.Sprintf("arn:aws:sqs:%s:%s:%s", s.region, account, name)))
	return url
}

// setQueue sets key and policy together: Moto forgets the policy when other attributes are set.
func (s *setUp) setQueue(url, key string, statements ...document) {
	s.t.Helper()
	attributes := map[string]string{"KmsMasterKeyId": key, "Policy": ""}
	if len(statements) > 0 {
		attributes["Policy"] = *text(s.t, statements...)
	}
	must(s.sqs.SetQueueAttributes(s.t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &url, Attributes: attributes}))(s.t)
}

func (s *setUp) send(queueARN string) document {
	return document{
		"Effect": "Allow", "Principal": document{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queueARN,
		"Condition": document{"ArnEquals": document{"aws:SourceArn": s.topicARN}},
	}
}

func (s *setUp) trust(account string) document {
	return document{
		"Effect": "Allow", "Principal": document{"Service": "textract.amazonaws.com"}, "Action": "sts:AssumeRole",
		"Condition": document{
			"ArnLike":      document{"aws:SourceArn": "arn:aws:textract:*:" + account + ":*"},
			"StringEquals": document{"aws:SourceAccount": account},
		},
	}
}

func (s *setUp) setTrust(statements ...document) {
	s.t.Helper()
	must(
		s.iam.UpdateAssumeRolePolicy(
			s.t.Context(),
			&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("Service-" + s.name), PolicyDocument: text(s.t, statements...)},
		),
	)(
		s.t,
	)
}

func (s *setUp) putRolePolicy(statements ...document) {
	s.t.Helper()
	must(
		s.iam.PutRolePolicy(
			s.t.Context(),
			&iam.PutRolePolicyInput{
				RoleName:       aws.String("Service-" + s.name),
				PolicyName:     aws.String("Publish"),
				PolicyDocument: text(s.t, statements...),
			},
		),
	)(
		s.t,
	)
}

func (s *setUp) putCallerPolicy(statements ...document) {
	s.t.Helper()
	must(
		s.iam.PutUserPolicy(
			s.t.Context(),
			&iam.PutUserPolicyInput{
				UserName:       aws.String("Caller-" + s.name),
				PolicyName:     aws.String("Start"),
				PolicyDocument: text(s.t, statements...),
			},
		),
	)(
		s.t,
	)
}

func (s *setUp) newBucket(name string) {
	s.t.Helper()
	input := &s3.CreateBucketInput{Bucket: &name}
	if s.region != "us-east-1" {
		input.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{LocationConstraint: s3types.BucketLocationConstraint(s.region)}
	}
	must(s.s3.CreateBucket(s.t.Context(), input))(s.t)
}

// without returns the statements but one.
func without(statements []document, i int) []document {
	return slices.Delete(slices.Clone(statements), i, i+1)
}

// with returns the statements with another one in place of one.
func with(statements []document, i int, replacement document) []document {
	all := slices.Clone(statements)
	all[i] = replacement
	return all
}

// but returns the statement with another element.
func but(statement document, element string, value any) document {
	changed := maps.Clone(statement)
	if value == nil {
		delete(changed, element)
	} else {
		changed[element] = value
	}
	return changed
}

// check and report are what doctor --json prints.
type check struct {
	ID, Step, Result, Found, To, Run, Docs string
	Near                                   []string
	Add                                    document
}

type report struct {
	Caller, Region                           string
	Wrong, Warnings, Unknown, Skipped, Reads int
	Checks                                   []check
}

// findings are the checks that are neither right nor skipped.
func (r *report) findings() []check {
	return slices.DeleteFunc(slices.Clone(r.Checks), func(c check) bool { return c.Result == "ok" || c.Result == "skipped" })
}

func (r *report) String() string {
	var lines []string
	for _, c := range r.Checks {
		lines = append(lines, fmt.Sprintf("%-8s %-18s %s %v %v", c.Result, c.ID, c.Found, c.Near, c.Add))
	}
	return strings.Join(lines, "\n")
}

// run runs the command, and returns its exit code.
func run(t *testing.T, endpoint, region string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = []string{
		"AWS_ENDPOINT_URL=" + endpoint, "AWS_REGION=" + region, "AWS_ACCESS_KEY_ID=testing", "AWS_SECRET_ACCESS_KEY=testing",
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull, "LANG=C.UTF-8",
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// doctor runs doctor over the set-up.
func (s *setUp) doctor(flags ...string) (*report, int) {
	s.t.Helper()
	queue := s.queueFlag
	if queue == "" {
		queue = s.queueURL
	}
	args := append(
		[]string{"doctor", "--json", "--topic", s.topicARN, "--queue", queue, "--role", s.roleARN, "--caller", s.userARN},
		s.flags...)
	code, stdout, stderr := run(s.t, s.endpoint, s.region, append(args, flags...)...)
	return parseReport(s.t, stdout, stderr), code
}

func parseReport(t *testing.T, stdout, stderr string) *report {
	t.Helper()
	var r report
	if err := json.Unmarshal([]byte(stdout), &r); err != nil {
		t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
	}
	return &r
}
