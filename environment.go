package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// environment is what ARNs are made of: known values, or tokens where the stack is environment-agnostic. Each is read once,
// because every read is a round trip to the jsii kernel.
type environment struct {
	stack                      awscdk.Stack
	partition, region, account string
}

func environmentOf(stack awscdk.Stack) environment {
	return environment{
		stack:     stack,
		partition: *stack.Partition(),
		region:    *stack.Region(),
		account:   *stack.Account(),
	}
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
