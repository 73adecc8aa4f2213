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

// environment is what ARNs are made of: known values, or tokens where the stack is environment-agnostic.
type environment struct {
	stack                      awscdk.Stack
	partition, region, account string
}

// environmentOf takes any ARN of the stack apart: one round trip to the jsii kernel instead of three. One more tells the stack
// where the scope is none itself.
func environmentOf(scope constructs.Construct) environment {
	stack, ok := scope.(awscdk.Stack)
	if !ok {
		stack = awscdk.Stack_Of(scope)
	}
	arn := *stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("sns"), Resource: jsii.String("topic")})
	parts := strings.Split(arn, ":") // a token has no colon
	return environment{stack: stack, partition: parts[1], region: parts[3], account: parts[4]}
}

func (e environment) topicArn(name string) string {
	return "arn:" + e.partition + ":sns:" + e.region + ":" + e.account + ":" + name
}

// textractArn stands for everything of Textract in an account, as the guide's trust policy names it.
func (e environment) textractArn(account string) string {
	return "arn:" + e.partition + ":textract:*:" + account + ":*"
}

func (e environment) rootArn() string {
	return "arn:" + e.partition + ":iam::" + e.account + ":root"
}

func (e environment) place() validate.Place {
	return validate.Place{Account: e.account, Region: e.region}
}

// placeOf says where a resource lives. What was made in the same stack lives there; to ask anything else takes three round trips.
func (e environment) placeOf(resource awscdk.IResource) validate.Place {
	if isNew(resource) && awscdk.Stack_Of(resource) == e.stack {
		return e.place()
	}
	env := resource.Env()
	return validate.Place{Account: valueOr(env.Account, ""), Region: valueOr(env.Region, "")}
}

func (e environment) optionalPlaceOf(resource awscdk.IResource) *validate.Place {
	if resource == nil {
		return nil
	}
	place := e.placeOf(resource)
	return &place
}

// isNew tells a resource that this app makes from an imported one, which need not live where its stack does.
func isNew(resource awscdk.IResource) bool {
	switch resource.(type) {
	case awsiam.Role, awskms.Key, awss3.Bucket, awssns.Topic, awssqs.Queue:
		return true
	default:
		return false
	}
}
