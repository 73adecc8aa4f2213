package snippets

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/docscheck"
	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the outputs that docs/ shows")

const docs = "../../docs"

// outputs is what docs/ shows of what the construct says and builds, each made anew by the code.
var outputs = map[string]func(*testing.T) string{
	"resources":   resources,
	"variables":   variables,
	"definition":  definition,
	"key policy":  func(t *testing.T) string { return statements(t, "AWS::KMS::Key", "KeyPolicy") },
	"trust":       func(t *testing.T) string { return statements(t, "AWS::IAM::Role", "AssumeRolePolicyDocument") },
	"publish":     func(t *testing.T) string { return statements(t, "AWS::IAM::Policy", "PolicyDocument") },
	"topicPolicy": func(t *testing.T) string { return statements(t, "AWS::SNS::TopicPolicy", "PolicyDocument") },
	"queuePolicy": queuePolicy,

	"warnings imported": warningsFrom(func(stack awscdk.Stack) { imported(stack) }),
	"warnings key":      warningsFrom(func(stack awscdk.Stack) { importedKey(stack) }),
	"warnings foreign":  warningsFrom(func(stack awscdk.Stack) { foreignBucket(stack) }),
	"warnings unnamed":  warningsFrom(func(stack awscdk.Stack) { unnamedTopic(stack) }),
	"warnings role":     warningsFrom(immutableRole),
	"warnings region":   warningsOfRegion,

	"panic awsManagedQueue": panicFrom(func(stack awscdk.Stack) { awsManagedQueue(stack) }),
	"panic bucketRegion":    panicFrom(bucketOfAnotherRegion),
	"panic managedPolicy":   panicFrom(managedPolicyOfAnotherTopic),
	"panic arns":            panicFrom(wrongArns),
	"panic contradictions":  panicFrom(contradictions),
	"panic serviceManaged":  panicFrom(keyOfServiceManaged),
}

func TestOutputs(t *testing.T) {
	pages, err := docscheck.Pages(docs)
	if err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want, err := docscheck.Rewrite(string(text), "output", func(name string) (string, error) {
			output, ok := outputs[name]
			if !ok {
				return "", fmt.Errorf("no output %q", name)
			}
			if _, done := made[name]; !done {
				made[name] = output(t)
			}
			return made[name], nil
		})
		if err != nil {
			t.Errorf("%s: %v", page, err)
			continue
		}
		snapshot.Page(t, page, string(text), want, *update)
	}
	for _, name := range slices.Sorted(maps.Keys(outputs)) {
		if _, done := made[name]; !done {
			t.Errorf("output %q is on no page", name)
		}
	}
}

// resources counts those of the default construct by type.
func resources(*testing.T) string {
	stack := newStack()
	newTextract(stack)
	counts := map[string]int{}
	for _, resource := range (*assertions.Template_FromStack(stack, nil).ToJSON())["Resources"].(object) {
		counts[resource.(object)["Type"].(string)]++
	}
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&text, "%d %s\n", counts[kind], kind)
	}
	return text.String()
}

// variables are those of the construct with an output that is encrypted with a key.
func variables(*testing.T) string {
	stack := newStack()
	var text strings.Builder
	values := *outputKey(stack).EnvironmentVariables()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&text, "%s=%s\n", name, flat(stack, values[name]))
	}
	return text.String()
}

func definition(t *testing.T) string {
	stack := newStack()
	stepFunctions(stack, newTextract(stack))
	return pretty(t, definitionOf(t, stack, assertions.Template_FromStack(stack, nil)))
}

// statements are those of a policy of the default construct.
func statements(t *testing.T, kind, policy string) string {
	stack := newStack()
	newTextract(stack)
	properties := propertiesOf(t, assertions.Template_FromStack(stack, nil), kind)
	return pretty(t, flat(stack, properties[policy].(object)["Statement"]))
}

// queuePolicy is that of the queue, and not that of the dead letters.
func queuePolicy(t *testing.T) string {
	stack := newStack()
	queue := newTextract(stack).Queue()
	id := *stack.GetLogicalId(queue.Node().DefaultChild().(awscdk.CfnElement))
	policies := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::SQS::QueuePolicy"), object{
		"Properties": object{"Queues": []any{object{"Ref": id}}},
	})
	for _, found := range policies {
		return pretty(t, flat(stack, (*found)["Properties"].(object)["PolicyDocument"].(object)["Statement"]))
	}
	t.Fatal("the queue has no policy")
	return ""
}

func warningsFrom(build func(awscdk.Stack)) func(*testing.T) string {
	return func(t *testing.T) string {
		stack := newHome()
		build(stack)
		return textOf(warningsOf(t, stack))
	}
}

func textOf(warnings []warning) string {
	texts := make([]string, len(warnings))
	for i, w := range warnings {
		texts[i] = w.String() + "\n"
	}
	return strings.Join(texts, "\n")
}

func warningsOfRegion(t *testing.T) string {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String("eu-north-1")},
	})
	newTextract(stack)
	return textOf(warningsOf(t, stack))
}

// immutableRole is one whose policies the CDK was told to leave alone.
func immutableRole(stack awscdk.Stack) {
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Publisher"),
		jsii.String("arn:aws:iam::"+account+":role/textract-publisher"), &awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)})
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{ServiceRole: role})
}

func panicFrom(build func(awscdk.Stack)) func(*testing.T) string {
	return func(t *testing.T) (text string) {
		defer func() {
			problem, ok := recover().(*textractasync.ValidationError)
			if !ok {
				t.Fatal("no *ValidationError")
			}
			text = problem.Error() + "\n"
		}()
		build(newHome())
		return ""
	}
}

func bucketOfAnotherRegion(stack awscdk.Stack) {
	bucket := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Incoming"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents"), Region: jsii.String("us-east-1"),
	})
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: bucket}},
	})
}

func managedPolicyOfAnotherTopic(stack awscdk.Stack) {
	topic := awssns.NewTopic(stack, jsii.String("Ended"), &awssns.TopicProps{TopicName: jsii.String("Completions")})
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic, ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
	})
}

func wrongArns(stack awscdk.Stack) {
	textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Textract"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:       jsii.String("arn:aws:sns:us-east-1:" + account + ":AmazonTextract-Documents"),
			QueueArn:       jsii.String("https://sqs.eu-west-1.amazonaws.com/" + account + "/documents"),
			ServiceRoleArn: jsii.String("arn:aws:iam::" + account + ":user/documents"),
		})
}

func contradictions(stack awscdk.Stack) {
	topic := awssns.NewTopic(stack, jsii.String("Ended"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Topic: topic, TopicName: jsii.String("AmazonTextract-Ended"),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true), MaxReceiveCount: jsii.Number(5)},
	})
}

func keyOfServiceManaged(stack awscdk.Stack) {
	key := textractasync.NewTextractAsync(stack, jsii.String("Other"), nil).EncryptionKey()
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Encryption: textractasync.Encryption_SERVICE_MANAGED, EncryptionKey: key,
	})
}
