package textractasync

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// answers are what every construct in a stack would ask the CDK for alike. They do not change, and
// each takes a jsii call, of which a construct has some twenty.
type answers struct {
	environment   environment
	minutes, days map[float64]awscdk.Duration
	buckets       map[awss3.IBucket]*knownBucket
	trusted       map[string]awsiam.IPrincipal // Textract on behalf of these accounts

	secondLook secondLook
}

// knownBucket has the resource of a bucket of this app, whose properties are read each time.
type knownBucket struct {
	arn  string
	made *resource
}

// answersOf has the stacks with constructs of this package. jsii returns the same Go object for a
// stack or bucket each time, and keeps it as long as the process runs.
var answersOf = map[awscdk.Stack]*answers{}

// answersOn returns the answers for a stack, and begins with its environment.
func answersOn(stack awscdk.Stack) *answers {
	a, found := answersOf[stack]
	if !found {
		a = &answers{
			environment: askForEnvironment(stack),
			minutes:     map[float64]awscdk.Duration{}, days: map[float64]awscdk.Duration{},
			buckets: map[awss3.IBucket]*knownBucket{}, trusted: map[string]awsiam.IPrincipal{},
			secondLook: secondLook{stack: stack},
		}
		answersOf[stack] = a
	}
	return a
}

func (a *answers) orMinutes(duration awscdk.Duration, minutes float64) awscdk.Duration {
	return orAsked(a.minutes, duration, minutes, awscdk.Duration_Minutes)
}

func (a *answers) orDays(duration awscdk.Duration, days float64) awscdk.Duration {
	return orAsked(a.days, duration, days, awscdk.Duration_Days)
}

func orAsked(asked map[float64]awscdk.Duration, duration awscdk.Duration, n float64, ask func(*float64) awscdk.Duration) awscdk.Duration {
	if duration != nil {
		return duration
	}
	if asked[n] == nil {
		asked[n] = ask(jsii.Number(n))
	}
	return asked[n]
}

// textract returns the principal of a trust policy, which is the same for the same accounts.
func (a *answers) textract(trustedAccounts []string, trust permission) awsiam.IPrincipal {
	accounts := strings.Join(trustedAccounts, " ")
	if a.trusted[accounts] == nil {
		options := &awsiam.ServicePrincipalOpts{Conditions: &trust.condition}
		a.trusted[accounts] = awsiam.NewServicePrincipal(jsii.String(textractPrincipal), options)
	}
	return a.trusted[accounts]
}

// bucket returns the ARN of a bucket and the resource behind it; nil where this app has none.
func (a *answers) bucket(b awss3.IBucket) (arn string, behind *resource) {
	if known, found := a.buckets[b]; found {
		return known.arn, known.made.withKeyNow()
	}
	arn = *b.BucketArn()
	behind = readResource(b, arn, typeBucket)
	if behind != nil && behind.isOwn {
		a.buckets[b] = &knownBucket{arn, behind}
	}
	return arn, behind
}
