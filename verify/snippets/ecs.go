package snippets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapplicationautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func ecsWorker(stack awscdk.Stack, vpc awsec2.IVpc, textract textractasync.TextractAsync) awsecs.FargateService {
	// region worker
	task := awsecs.NewFargateTaskDefinition(stack, jsii.String("Worker"), nil)
	task.AddContainer(jsii.String("worker"), &awsecs.ContainerDefinitionOptions{
		Image:       awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/example/worker:1"), nil),
		Environment: textract.EnvironmentVariables(),
		StopTimeout: awscdk.Duration_Seconds(jsii.Number(120)),
		Logging:     awsecs.LogDrivers_AwsLogs(&awsecs.AwsLogDriverProps{StreamPrefix: jsii.String("worker")}),
	})
	textract.GrantRunJobs(task.TaskRole())

	service := awsecs.NewFargateService(stack, jsii.String("Service"), &awsecs.FargateServiceProps{
		Cluster:           awsecs.NewCluster(stack, jsii.String("Cluster"), &awsecs.ClusterProps{Vpc: vpc}),
		TaskDefinition:    task,
		MinHealthyPercent: jsii.Number(100),
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
	// endregion
	return service
}
