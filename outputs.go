package textractasync

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// OutputsProps are the props of AddOutputs.
type OutputsProps struct {
	// What the names of the outputs begin with: letters and digits, at most 200. Only the second
	// construct of a stack needs it; the command has it in --stack-prefix.
	//
	// Default: none, the names are TopicArn, QueueUrl and so on.
	//
	Prefix *string

	// The bucket that the command uploads documents to: the output DocumentBucketName.
	//
	// Default: the bucket of Inputs; none where Inputs have none, or several.
	//
	DocumentBucket awss3.IBucket

	// A role that may run jobs, which the command assumes with --assume-caller: the output
	// CallerRoleArn.
	//
	// Default: none.
	//
	CallerRole awsiam.IRole
}

// stackOutput is an output of a stack, by its name without the prefix.
type stackOutput struct {
	name, description string
	value             *string
}

func (b *textractAsyncBase) AddOutputs(props *OutputsProps) {
	all := valueOr(props, OutputsProps{})
	problems := goValues{{"DocumentBucket", all.DocumentBucket}, {"CallerRole", all.CallerRole}}.check()
	prefix := valueOr(all.Prefix, "")
	if validate.Dummy(prefix) {
		prefix = "" // until it is looked up; nobody deploys this template
	} else if !outputsPrefix.MatchString(prefix) {
		problems = append(problems, validate.Problem{
			Prop: "Prefix", Value: fmt.Sprintf("%q", prefix), Fix: "use letters and digits that are known at synthesis, at most 200",
		})
	}
	panicOnProblemsOf(b.construct, problems)

	outputs := b.stackOutputs(&all)
	panicOnProblemsOf(b.construct, b.checkOutputs(prefix, outputs))
	for _, output := range outputs {
		awscdk.NewCfnOutput(b.env.stack, jsii.String(prefix+output.name), &awscdk.CfnOutputProps{
			Value: output.value, Description: jsii.String(output.description),
		})
	}
}

var outputsPrefix = regexp.MustCompile(`^[A-Za-z0-9]{0,200}$`)

func (b *textractAsyncBase) stackOutputs(props *OutputsProps) []stackOutput {
	environment := *b.EnvironmentVariables()
	outputs := []stackOutput{
		{"TopicArn", "Topic of the notification channel", environment[envTopicArn]},
		{"QueueUrl", "Queue that receives the notifications", environment[envQueueURL]},
		{"QueueArn", "The same queue's ARN", b.queue.QueueArn()},
		{"ServiceRoleArn", "Role of the notification channel", environment[envRoleArn]},
	}
	add := func(name, description string, value *string) {
		outputs = append(outputs, stackOutput{name, description, value})
	}
	documents := props.DocumentBucket
	if documents == nil {
		documents = b.inputBucket()
	}
	if documents != nil {
		add("DocumentBucketName", "Bucket to put documents in", documents.BucketName())
	}
	if b.output != nil {
		add("OutputBucketName", "Bucket with the results", environment[envOutputBucket])
		add("OutputPrefix", "Prefix of the results", environment[envOutputPrefix])
	}
	if key := environment[envOutputKey]; key != nil {
		add("OutputKmsKeyId", "Key of the results", key)
	}
	if props.CallerRole != nil {
		add("CallerRoleArn", "Role of the caller: starts jobs, consumes notifications, reads results", props.CallerRole.RoleArn())
	}
	if b.queueKey != nil {
		add("EncryptionKeyArn", "Key of topic and queues", b.queueKey.KeyArn())
	}
	return outputs
}

// inputBucket returns the bucket of Inputs, or nil where they have not exactly one.
func (b *textractAsyncBase) inputBucket() awss3.IBucket {
	if len(b.inputs) == 0 {
		return nil
	}
	first := b.inputs[0]
	if slices.ContainsFunc(b.inputs[1:], func(other location) bool { return !first.isSameBucket(other) }) {
		return nil
	}
	return first.bucket
}

// checkOutputs finds the names that are taken, before any output is written: of another construct
// in the stack, or of an earlier call.
func (b *textractAsyncBase) checkOutputs(prefix string, outputs []stackOutput) []validate.Problem {
	var taken []string
	node := b.env.stack.Node()
	for _, output := range outputs {
		if node.TryFindChild(jsii.String(prefix+output.name)) != nil {
			taken = append(taken, prefix+output.name)
		}
	}
	if taken == nil {
		return nil
	}
	return []validate.Problem{{
		Prop: "Prefix", Value: fmt.Sprintf("%q", prefix),
		Fix: "set another Prefix, and call AddOutputs once for each construct: the stack has " + strings.Join(taken, ", ") + " already",
	}}
}
