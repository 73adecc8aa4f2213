package textractasync_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// TestAPIOperationsAreTheGrantedActions compares the values of APIOperation with the actions that
// callers are granted.
func TestAPIOperationsAreTheGrantedActions(t *testing.T) {
	for operation, apiOperations := range apiOperationsOf {
		stack := newStack("Operations")
		textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{Operations: &[]textractasync.Operation{operation}})
		role := newLambdaRole(stack, "Role")
		textract.GrantRunJobs(role)

		var actions []any
		for _, apiOperation := range apiOperations {
			actions = append(actions, "textract:"+string(apiOperation))
		}
		mustMatch(t, func() {
			assertions.Template_FromStack(stack, nil).HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
				"PolicyDocument": document(object{"Resource": "*", "Action": actions}),
			})
		})
	}
}

func TestMetrics(t *testing.T) {
	textract := newTextractAsync(newStack("Metrics"), nil)
	const start = textractasync.APIOperation_START_DOCUMENT_ANALYSIS
	type onePer func(textractasync.APIOperation, *awscloudwatch.MetricOptions) awscloudwatch.Metric
	type one func(*awscloudwatch.MetricOptions) awscloudwatch.Metric
	of := func(metric onePer) one {
		return func(options *awscloudwatch.MetricOptions) awscloudwatch.Metric { return metric(start, options) }
	}
	queue, deadLetterQueue := *textract.Queue().QueueName(), *textract.DeadLetterQueue().QueueName()
	topic, operation := *textract.Topic().TopicName(), string(start)

	for _, row := range []struct {
		metric                                            one
		namespace, name, statistic, dimension, dimension1 string
	}{
		{of(textract.MetricSuccessfulRequests), "AWS/Textract", "SuccessfulRequestCount", "Sum", "Operation", operation},
		{of(textract.MetricThrottledRequests), "AWS/Textract", "ThrottledCount", "Sum", "Operation", operation},
		{of(textract.MetricServerErrors), "AWS/Textract", "ServerErrorCount", "Sum", "Operation", operation},
		{of(textract.MetricUserErrors), "AWS/Textract", "UserErrorCount", "Sum", "Operation", operation},
		{of(textract.MetricResponseTime), "AWS/Textract", "ResponseTime", "Average", "Operation", operation},
		{textract.MetricNotificationsPublished, "AWS/SNS", "NumberOfMessagesPublished", "Sum", "TopicName", topic},
		{textract.MetricFailedDeliveries, "AWS/SNS", "NumberOfNotificationsFailed", "Sum", "TopicName", topic},
		{textract.MetricFailedRedrives, "AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum", "TopicName", topic},
		{textract.MetricNotificationsWaiting, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName", queue},
		{textract.MetricNotificationsInFlight, "AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "Maximum", "QueueName", queue},
		{textract.MetricNotificationAge, "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", "QueueName", queue},
		{textract.MetricDeadLetterQueueMessages, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName", deadLetterQueue},
	} {
		t.Run(row.name, func(t *testing.T) {
			describe := func(m awscloudwatch.Metric) string {
				return fmt.Sprint(*m.Namespace(), *m.MetricName(), *m.Dimensions(), *m.Statistic(), *m.Period().ToSeconds(nil))
			}
			dimensions := map[string]any{row.dimension: row.dimension1}
			if got, want := describe(row.metric(nil)), fmt.Sprint(row.namespace, row.name, dimensions, row.statistic, 300.0); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
			changed := row.metric(&awscloudwatch.MetricOptions{
				Statistic: jsii.String("SampleCount"), Period: awscdk.Duration_Minutes(jsii.Number(1)),
			})
			if got, want := describe(changed), fmt.Sprint(row.namespace, row.name, dimensions, "SampleCount", 60.0); got != want {
				t.Errorf("changed: got %s, want %s", got, want)
			}
		})
	}
}

func TestMetricOfAnotherOperation(t *testing.T) {
	textract := newTextractAsync(newStack("Stack"), &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
	})
	for _, operation := range []textractasync.APIOperation{textractasync.APIOperation_GET_EXPENSE_ANALYSIS, "DetectDocumentText", ""} {
		assertProblems(t, []textractasync.Problem{{Prop: "operation", Value: fmt.Sprintf("%q", operation)}},
			panicOf(t, func() { textract.MetricThrottledRequests(operation, nil) }))
	}
}

func TestMetricsOfAConstructInAnotherRegion(t *testing.T) {
	stack := newStackIn(awscdk.NewApp(nil), "Stack", "us-east-1")
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), importedAttributes())
	for name, metric := range map[string]awscloudwatch.Metric{
		"published": textract.MetricNotificationsPublished(nil), "age": textract.MetricNotificationAge(nil),
	} {
		if got := metric.Region(); got == nil || *got != "eu-west-1" {
			t.Errorf("%s: Region %v, want that of the topic", name, got)
		}
	}
}
