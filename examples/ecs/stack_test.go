package main

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/examples/internal/synthtest"
)

type object = map[string]any

func TestMain(m *testing.M) { synthtest.Main(m) }

func TestService(t *testing.T) {
	stack := newStack(awscdk.NewApp(nil), nil)
	template := assertions.Template_FromStack(stack, nil)
	task := stack.Node().FindChild(jsii.String("Worker")).(awsecs.FargateTaskDefinition)
	synthtest.MayDo(t, template, task.TaskRole(), "textract:StartDocumentAnalysis", "iam:PassRole", "sqs:DeleteMessage", "s3:GetObject")

	for _, variable := range []string{"TEXTRACT_SNS_TOPIC_ARN", "TEXTRACT_ROLE_ARN", "TEXTRACT_QUEUE_URL", "TEXTRACT_UPLOADS_QUEUE_URL"} {
		template.HasResourceProperties(jsii.String("AWS::ECS::TaskDefinition"), object{
			"ContainerDefinitions": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&object{
				"Environment": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&object{"Name": variable})}),
			})}),
		})
	}
	template.HasResourceProperties(jsii.String("AWS::CloudWatch::Alarm"), object{
		"MetricName": "ApproximateNumberOfMessagesVisible", "Namespace": "AWS/SQS",
	})
}

// TestEndpoints finds all that a task without a way to the internet calls, so that it can also pull
// its image and write logs.
func TestEndpoints(*testing.T) {
	stack := newStack(awscdk.NewApp(nil), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
	})
	template := assertions.Template_FromStack(stack, nil)
	template.ResourceCountIs(jsii.String("AWS::EC2::NatGateway"), jsii.Number(0))
	for _, service := range []string{"textract", "sqs", "ecr.api", "ecr.dkr", "logs"} {
		template.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), object{
			"ServiceName": "com.amazonaws.eu-west-1." + service, "VpcEndpointType": "Interface", "PrivateDnsEnabled": true,
		})
	}
	template.HasResourceProperties(jsii.String("AWS::EC2::VPCEndpoint"), object{"VpcEndpointType": "Gateway"})
}

// TestServiceOfImportedConstruct builds the same service over a construct of another app.
func TestServiceOfImportedConstruct(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Worker"), nil)
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Textract"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:       jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract-Documents"),
			QueueArn:       jsii.String("arn:aws:sqs:eu-west-1:111122223333:documents"),
			ServiceRoleArn: jsii.String("arn:aws:iam::111122223333:role/documents"),
		})
	uploads := newUploads(stack, awss3.NewBucket(stack, jsii.String("Incoming"), nil))
	service := newService(stack, newVpc(stack), textract, uploads)
	synthtest.MayDo(t, assertions.Template_FromStack(stack, nil), service.TaskDefinition().TaskRole(), "sqs:DeleteMessage")
}
