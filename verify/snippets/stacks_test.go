package snippets

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
)

type object = map[string]any

// newStack has the name that the pages use, and no environment.
func newStack() awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), nil)
}

// newHome is the same stack in the account and Region that the pages use.
func newHome() awscdk.Stack {
	return awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Documents"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}

func newTextract(stack awscdk.Stack) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
}

func TestLambda(t *testing.T) {
	stack := newStack()
	function := lambdaConsumer(stack)
	template := assertions.Template_FromStack(stack, nil)

	properties := propertiesOf(t, template, "AWS::Lambda::Function")
	variables := properties["Environment"].(object)["Variables"].(object)
	for _, name := range []string{"TEXTRACT_SNS_TOPIC_ARN", "TEXTRACT_ROLE_ARN", "TEXTRACT_QUEUE_URL"} {
		if variables[name] == nil {
			t.Errorf("the function lacks %s", name)
		}
	}
	source := propertiesOf(t, template, "AWS::Lambda::EventSourceMapping")
	if types, ok := source["FunctionResponseTypes"].([]any); !ok || types[0] != "ReportBatchItemFailures" {
		t.Errorf("response types %v", source["FunctionResponseTypes"])
	}
	template.HasResourceProperties(jsii.String("AWS::SQS::Queue"), object{
		"VisibilityTimeout": 6 * properties["Timeout"].(float64),
		"RedrivePolicy":     object{"maxReceiveCount": 5},
	})
	// The event source itself grants what Lambda's pollers need; the grant is for the results.
	mayDo(t, template, function.Role(), "sqs:ReceiveMessage", "kms:Decrypt", "textract:GetDocumentAnalysis")
	mayNotDo(t, template, function.Role(), "iam:PassRole")
}

func TestECS(t *testing.T) {
	stack := newStack()
	textract := newTextract(stack)
	service := ecsWorker(stack, isolatedVpc(stack), textract)
	template := assertions.Template_FromStack(stack, nil)
	mayDo(t, template, service.TaskDefinition().TaskRole(), "textract:StartDocumentAnalysis", "iam:PassRole", "sqs:DeleteMessage")

	container := propertiesOf(t, template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"].([]any)[0].(object)
	if got := len(container["Environment"].([]any)); got != 3 {
		t.Errorf("%d variables, want the three of the notification channel and queue", got)
	}
	template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), object{
		"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS",
	})
}

func TestStepFunctions(t *testing.T) {
	stack := newStack()
	textract := newTextract(stack)
	machine := stepFunctions(stack, textract)
	template := assertions.Template_FromStack(stack, nil)

	definition := definitionOf(t, stack, template)
	start := definition["States"].(object)["StartAnalysis"].(object)
	if got, want := start["Resource"], "arn:${AWS::Partition}:states:::aws-sdk:textract:startDocumentAnalysis"; got != want {
		t.Errorf("resource %v, want %s", got, want)
	}
	channel := start["Parameters"].(object)["NotificationChannel"].(object)
	want := flat(stack, object{"SnsTopicArn": textract.Topic().TopicArn(), "RoleArn": textract.ServiceRole().RoleArn()}).(object)
	for name, value := range want {
		if channel[name] != value {
			t.Errorf("%s is %v, want %v", name, channel[name], value)
		}
	}
	if len(channel) != len(want) {
		t.Errorf("channel %v", channel)
	}
	mayDo(t, template, machine.Role(), "textract:startDocumentAnalysis", "iam:PassRole")
	mayNotDo(t, template, machine.Role(), "sns:Publish", "sqs:ReceiveMessage")
}

func TestVPC(*testing.T) {
	stack := newHome()
	isolatedVpc(stack)
	template := assertions.Template_FromStack(stack, nil)
	template.ResourceCountIs(jsii.String("AWS::EC2::NatGateway"), jsii.Number(0))
	for _, service := range []string{"com.amazonaws.eu-west-1.textract", "com.amazonaws.eu-west-1.sqs"} {
		template.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), object{
			"ServiceName": service, "VpcEndpointType": "Interface", "PrivateDnsEnabled": true,
		})
	}
	template.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), object{"VpcEndpointType": "Gateway"})
}

func TestExistingResources(t *testing.T) {
	for name, build := range map[string]func(awscdk.Stack){
		"of this app": func(stack awscdk.Stack) { ofThisApp(stack) },
		"attributes":  func(stack awscdk.Stack) { fromAttributes(stack) },
	} {
		stack := newHome()
		build(stack)
		if got := warningsOf(t, stack); len(got) > 0 {
			t.Errorf("%s: warnings %v", name, got)
		}
	}
	stack := newHome()
	acknowledged(stack)
	if got := warningsOf(t, stack); len(got) != 1 || got[0].id != "serviceRoleTrust" {
		t.Errorf("warnings after one was acknowledged: %v", got)
	}
}

func TestEncryption(t *testing.T) {
	keys := func(build func(awscdk.Stack) textractasync.TextractAsync, want float64) {
		t.Helper()
		stack := newHome()
		build(stack)
		assertions.Template_FromStack(stack, nil).ResourceCountIs(jsii.String("AWS::KMS::Key"), jsii.Number(want))
	}
	keys(newTextract, 1)
	keys(ownKey, 1)
	keys(importedKey, 0)
	keys(serviceManaged, 0)
	keys(outputKey, 2)
}
