package textractasync

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// environment is the partition, Region and account of a stack: known values, or tokens where the
// stack is environment-agnostic.
type environment struct {
	stack                      awscdk.Stack
	partition, region, account string
}

// environmentOf reads all three from one ARN of the stack: one jsii call instead of three.
func environmentOf(scope constructs.Construct) environment {
	stack, ok := scope.(awscdk.Stack)
	if !ok {
		stack = awscdk.Stack_Of(scope)
	}
	arn := *stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("sns"), Resource: jsii.String("topic")})
	parts := strings.Split(arn, ":") // a token has no colon
	return environment{stack: stack, partition: parts[1], region: parts[3], account: parts[4]}
}

func (e environment) topicARN(name string) string {
	return "arn:" + e.partition + ":sns:" + e.region + ":" + e.account + ":" + name
}

func (e environment) alarmARN(name string) string {
	return "arn:" + e.partition + ":cloudwatch:" + e.region + ":" + e.account + ":alarm:" + name
}

// textractARN matches everything of Textract in an account, as the guide's trust policy does.
func (e environment) textractARN(account string) string {
	return "arn:" + e.partition + ":textract:*:" + account + ":*"
}

func (e environment) rootARN() string {
	return "arn:" + e.partition + ":iam::" + e.account + ":root"
}

func (e environment) plain() validate.Environment {
	return validate.Environment{Account: e.account, Region: e.region}
}

// of returns the environment of a resource. A resource that was made in the same stack has the
// stack's; to ask any other takes three jsii calls.
func (e environment) of(resource awscdk.IResource) validate.Environment {
	if isNew(resource) && awscdk.Stack_Of(resource) == e.stack {
		return e.plain()
	}
	env := resource.Env()
	return validate.Environment{Account: valueOr(env.Account, ""), Region: valueOr(env.Region, "")}
}

// isOtherAccount reports whether an account is known to be another one than the stack's.
func (e environment) isOtherAccount(account string) bool {
	return isKnown(account) && isKnown(e.account) && account != e.account
}

// isSameAs reports whether a resource of this app is known to be in the same account and Region: in
// the same stack, or, where several count, in one that has the same.
func (e environment) isSameAs(resource constructs.IConstruct, severalStacks bool) bool {
	stack := awscdk.Stack_Of(resource)
	if stack == e.stack || !severalStacks {
		return stack == e.stack
	}
	return isKnown(e.account) && isKnown(e.region) && *stack.Account() == e.account && *stack.Region() == e.region
}

// isNew reports whether this app makes the resource; otherwise it is imported.
func isNew(resource awscdk.IResource) bool {
	switch resource.(type) {
	case awsiam.Role, awskms.Key, awss3.Bucket, awssns.Topic, awssqs.Queue:
		return true
	default:
		return false
	}
}

// resourceOf returns the CloudFormation resource of a construct; nil where it is imported.
func resourceOf(c constructs.IConstruct) constructs.IConstruct { return c.Node().DefaultChild() }

func pathOf(c constructs.IConstruct) string { return *c.Node().Path() }
