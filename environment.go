package textractasync

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// environment is the partition, Region and account of a stack: known values, or tokens where the
// stack is environment-agnostic.
type environment struct {
	stack                      awscdk.Stack
	partition, region, account string

	// The account and Region as far as the stack or an existing resource tells them.
	known validate.Environment
}

// learn takes over from existing resources what the stack does not tell: topic, queue and role are
// in the account of the construct, and topic and queue in its Region.
func (e environment) learn(inRegion, inAccount []validate.Environment) environment {
	e.known = e.plain()
	for _, other := range slices.Concat(inRegion, inAccount) {
		if !isKnown(e.known.Account) {
			e.known.Account = other.Account
		}
	}
	for _, other := range inRegion {
		if !isKnown(e.known.Region) {
			e.known.Region = other.Region
		}
	}
	return e
}

func environmentOf(scope constructs.Construct) environment {
	stack, ok := scope.(awscdk.Stack)
	if !ok {
		stack = awscdk.Stack_Of(scope)
	}
	return answersOn(stack).environment
}

// askForEnvironment reads all three from one ARN of the stack: one jsii call instead of three.
func askForEnvironment(stack awscdk.Stack) environment {
	arn := *stack.FormatArn(&awscdk.ArnComponents{Service: jsii.String("sns"), Resource: jsii.String("topic")})
	parts := strings.Split(arn, ":") // a token has no colon
	e := environment{stack: stack, partition: parts[1], region: parts[3], account: parts[4]}
	return e.learn(nil, nil)
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

// of returns the environment of an existing resource: that of its stack where this app makes it,
// and else that of its ARN. To ask takes jsii calls, and most are in the same stack.
func (e environment) of(imported awscdk.IResource, made *resource) validate.Environment {
	switch {
	case made == nil:
		env := imported.Env()
		return validate.Environment{Account: valueOr(env.Account, ""), Region: valueOr(env.Region, "")}
	case made.stack() == e.stack:
		return e.plain()
	default:
		return validate.Environment{Account: *made.stack().Account(), Region: *made.stack().Region()}
	}
}

// isOtherAccount reports whether an account is known to be another one than the construct's.
func (e environment) isOtherAccount(account string) bool {
	return isKnown(account) && isKnown(e.known.Account) && account != e.known.Account
}

// withReach adds the environment of a resource of this app that CloudFormation cannot refer to from
// here: one of another account or Region, or of one that is known where this is not. By its name,
// the CDK can refer to one that an L2 construct made.
func (e environment) withReach(env validate.Environment, made *resource, arn string) validate.Environment {
	if made == nil || made.stack() == e.stack {
		return env
	}
	if env.OtherStage = otherStage(e.stack, made.cfn); env.OtherStage != "" || *made.stack().Environment() == *e.stack.Environment() {
		return env
	}
	if made.kind == typeKey || !made.isOwn || !canRefer(e.stack, arn) { // a key has no name
		env.Unreachable = *made.stack().Environment()
	}
	return env
}

// otherStage names the stage of a construct where it is another one: stages are deployed apart, and
// the CDK refers to nothing in another one.
func otherStage(stack awscdk.Stack, other constructs.IConstruct) string {
	there := awscdk.Stage_Of(other)
	if there == nil || there == awscdk.Stage_Of(stack) {
		return ""
	}
	if path := pathOf(there); path != "" {
		return path
	}
	return "the app itself"
}

// spelled writes out a text that is one token as a whole, such as one of Fn::Join, Fn::Sub or Lazy,
// so that what is known of it can be checked.
func (e environment) spelled(text *string) (out *string) {
	if text == nil || !validate.Unresolved(*text) || validate.Dummy(*text) || validate.KnownBeginning(*text) != "" {
		return text
	}
	defer func() {
		if recover() != nil { // the CDK does not resolve all tokens before synthesis
			out = text
		}
	}()
	if spelled := spell(e.stack.Resolve(*text)); validate.KnownBeginning(spelled) != "" {
		return &spelled
	}
	return text
}

func spell(value any) string {
	function, isFunction := value.(map[string]any)
	if !isFunction {
		return textOf(value)
	}
	if template, ok := function["Fn::Sub"].(string); ok {
		return subReference.ReplaceAllStringFunc(template, func(reference string) string { return *awscdk.Fn_Sub(&reference, nil) })
	}
	join, _ := function["Fn::Join"].([]any)
	if len(join) != 2 {
		return textOf(value)
	}
	parts, ok := join[1].([]any)
	if !ok {
		return textOf(value)
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = spell(part)
	}
	return strings.Join(texts, fmt.Sprint(join[0]))
}

// subReference is what Fn::Sub replaces.
var subReference = regexp.MustCompile(`\$\{[^!}][^}]*\}`)

// canRefer asks the CDK, which panics where a reference to another environment needs a name.
func canRefer(from awscdk.Stack, arn string) (can bool) {
	defer func() { can = recover() == nil }()
	from.Resolve(arn)
	return true
}

// isSameAccount is isSameAs for what is the same in all Regions.
func (e environment) isSameAccount(resource constructs.IConstruct, severalStacks bool) bool {
	stack := awscdk.Stack_Of(resource)
	return stack == e.stack ||
		severalStacks && (outermost(stack) == outermost(e.stack) || isKnown(e.account) && *stack.Account() == e.account)
}

// isSameAs reports whether a resource of this app is known to be in the same account and Region: in
// the same stack, or, where several count, in one that has the same.
func (e environment) isSameAs(resource constructs.IConstruct, severalStacks bool) bool {
	stack := awscdk.Stack_Of(resource)
	if stack == e.stack || !severalStacks {
		return stack == e.stack
	}
	return outermost(stack) == outermost(e.stack) ||
		isKnown(e.account) && isKnown(e.region) && *stack.Account() == e.account && *stack.Region() == e.region
}

// resourceOf returns the CloudFormation resource of a construct; nil where it is imported.
func resourceOf(c constructs.IConstruct) constructs.IConstruct { return c.Node().DefaultChild() }

func pathOf(c constructs.IConstruct) string { return *c.Node().Path() }
