package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// environment is what ARNs are made of: known values, or tokens where the stack is environment-agnostic. Each is read once,
// because every read is a round trip to the jsii kernel.
type environment struct {
	partition, region, account string
}

func environmentOf(stack awscdk.Stack) environment {
	return environment{
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
