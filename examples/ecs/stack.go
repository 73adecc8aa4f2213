package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3notifications"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func newStack(app awscdk.App, props *awscdk.StackProps) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("Documents"), props)
	documents := awss3.NewBucket(stack, jsii.String("Incoming"), &awss3.BucketProps{EnforceSSL: jsii.Bool(true)})
	textract := textractasync.NewTextractAsync(stack, jsii.String("Textract"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	newService(stack, newVpc(stack), textract, newUploads(stack, documents))
	return stack
}

// newUploads is a queue that receives an event for each document. What could not be started is in
// its dead-letter queue.
func newUploads(stack awscdk.Stack, documents awss3.Bucket) awssqs.Queue {
	failed := awssqs.NewQueue(stack, jsii.String("FailedUploads"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true), RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	uploads := awssqs.NewQueue(stack, jsii.String("Uploads"), &awssqs.QueueProps{
		EnforceSSL: jsii.Bool(true), RetentionPeriod: awscdk.Duration_Days(jsii.Number(7)),
		DeadLetterQueue: &awssqs.DeadLetterQueue{Queue: failed, MaxReceiveCount: jsii.Number(5)},
	})
	documents.AddEventNotification(awss3.EventType_OBJECT_CREATED, awss3notifications.NewSqsDestination(uploads))
	return uploads
}

func newVpc(stack awscdk.Stack) awsec2.Vpc {
	// region endpoints
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
		NatGateways: jsii.Number(0),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{
			Name: jsii.String("workers"), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED,
		}},
		GatewayEndpoints: &map[string]*awsec2.GatewayVpcEndpointOptions{
			"S3": {Service: awsec2.GatewayVpcEndpointAwsService_S3()}, // documents, results, and the layers of images
		},
	})
	for _, endpoint := range []struct { // a list: the order of a map, and of the template, differs from run to run
		id      string
		service awsec2.InterfaceVpcEndpointAwsService
	}{
		{"Textract", awsec2.InterfaceVpcEndpointAwsService_TEXTRACT()},
		{"Sqs", awsec2.InterfaceVpcEndpointAwsService_SQS()},
		{"EcrApi", awsec2.InterfaceVpcEndpointAwsService_ECR()},
		{"EcrDkr", awsec2.InterfaceVpcEndpointAwsService_ECR_DOCKER()},
		{"Logs", awsec2.InterfaceVpcEndpointAwsService_CLOUDWATCH_LOGS()},
	} {
		vpc.AddInterfaceEndpoint(jsii.String(endpoint.id), &awsec2.InterfaceVpcEndpointOptions{Service: endpoint.service})
	}
	// endregion
	return vpc
}

// region service
// newService works for a new construct and for an imported one.
func newService(
	stack awscdk.Stack, vpc awsec2.IVpc, textract textractasync.ITextractAsync, uploads awssqs.IQueue,
) awsecs.FargateService {
	environment := textract.EnvironmentVariables() // a new map each time, so one may add to it
	(*environment)["TEXTRACT_UPLOADS_QUEUE_URL"] = uploads.QueueUrl()
	task := awsecs.NewFargateTaskDefinition(stack, jsii.String("Worker"), &awsecs.FargateTaskDefinitionProps{
		RuntimePlatform: &awsecs.RuntimePlatform{CpuArchitecture: awsecs.CpuArchitecture_ARM64()},
	})
	task.AddContainer(jsii.String("worker"), &awsecs.ContainerDefinitionOptions{
		Image:       awsecs.ContainerImage_FromAsset(jsii.String("image"), nil),
		Environment: environment,
		StopTimeout: awscdk.Duration_Seconds(jsii.Number(60)),
		Logging:     awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{StreamPrefix: jsii.String("worker")}),
	})
	textract.GrantRunJobs(task.TaskRole())
	uploads.GrantConsumeMessages(task.TaskRole())

	service := awsecs.NewFargateService(stack, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:           awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc}),
		TaskDefinition:    task,
		VpcSubnets:        &awsec2.SubnetSelection{SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED},
		MinHealthyPercent: jsii.Number(100),
		CircuitBreaker:    &awsecs.DeploymentCircuitBreaker{Rollback: jsii.Bool(true)},
	})
	scaling := service.AutoScaleTaskCount(&awsapplicationautoscaling.EnableScalingProps{
		MinCapacity: jsii.Number(1), MaxCapacity: jsii.Number(10),
	})
	scaling.ScaleOnMetric(jsii.String("Waiting"), &awsapplicationautoscaling.BasicStepScalingPolicyProps{
		Metric: textract.MetricNotificationsWaiting(nil),
		ScalingSteps: &[]*awsapplicationautoscaling.ScalingInterval{
			{Upper: jsii.Number(0), Change: jsii.Number(-1)},
			{Lower: jsii.Number(100), Change: jsii.Number(1)},
			{Lower: jsii.Number(1000), Change: jsii.Number(5)},
		},
	})
	return service
}

// endregion
