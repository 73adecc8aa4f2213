package textractasync

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

const (
	textractNamespace  = "AWS/Textract"
	operationDimension = "Operation"

	sum     = "Sum"
	average = "Average"
)

func (t *textractAsync) MetricSuccessfulRequests(
	operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	return t.operationMetric("SuccessfulRequestCount", sum, operation, props)
}

func (t *textractAsync) MetricThrottledRequests(
	operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	return t.operationMetric("ThrottledCount", sum, operation, props)
}

func (t *textractAsync) MetricServerErrors(
	operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	return t.operationMetric("ServerErrorCount", sum, operation, props)
}

func (t *textractAsync) MetricUserErrors(
	operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	return t.operationMetric("UserErrorCount", sum, operation, props)
}

func (t *textractAsync) MetricResponseTime(
	operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	return t.operationMetric("ResponseTime", average, operation, props)
}

func (t *textractAsync) MetricNotificationsPublished(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.topic.MetricNumberOfMessagesPublished(props)
}

func (t *textractAsync) MetricFailedDeliveries(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.topic.MetricNumberOfNotificationsFailed(props)
}

func (t *textractAsync) MetricLostNotifications(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if t.deadLetterQueue == nil {
		return nil
	}
	options := valueOr(props, awscloudwatch.MetricOptions{})
	if options.Statistic == nil {
		options.Statistic = jsii.String(sum)
	}
	return t.topic.Metric(jsii.String("NumberOfNotificationsFailedToRedriveToDlq"), &options)
}

func (t *textractAsync) MetricNotificationsWaiting(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.queue.MetricApproximateNumberOfMessagesVisible(props)
}

func (t *textractAsync) MetricNotificationsInFlight(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.queue.MetricApproximateNumberOfMessagesNotVisible(props)
}

func (t *textractAsync) MetricNotificationAge(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return t.queue.MetricApproximateAgeOfOldestMessage(props)
}

// MetricDeadLetters does not count what is sent to the queue: SQS leaves out of that what a redrive policy moves.
func (t *textractAsync) MetricDeadLetters(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if t.deadLetterQueue == nil {
		return nil
	}
	return t.deadLetterQueue.MetricApproximateNumberOfMessagesVisible(props)
}

// operationMetric belongs to the construct's stack, so that a dashboard elsewhere knows its Region and account where they are
// known.
func (t *textractAsync) operationMetric(
	name, statistic string, operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	t.requireChosen(operation)
	given := valueOr(props, awscloudwatch.MetricOptions{})
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(textractNamespace),
		MetricName:    jsii.String(name),
		DimensionsMap: firstOf(given.DimensionsMap, &map[string]*string{operationDimension: jsii.String(string(operation))}),
		Statistic:     firstOf(given.Statistic, &statistic),
		StackRegion:   firstOf(given.StackRegion, onlyKnown(t.env.region)),
		StackAccount:  firstOf(given.StackAccount, onlyKnown(t.env.account)),
		Account:       given.Account,
		Region:        given.Region,
		Period:        given.Period,
		Unit:          given.Unit,
		Label:         given.Label,
		Color:         given.Color,
		Id:            given.Id,
		Visible:       given.Visible,
	})
}

func onlyKnown(value string) *string {
	if !isKnown(value) {
		return nil
	}
	return &value
}

func (t *textractAsync) requireChosen(operation APIOperation) {
	var chosen []string
	for _, each := range t.apiOperations() {
		chosen = append(chosen, string(each))
	}
	t.panicOnProblems(validate.CheckAPIOperation(string(operation), chosen))
}

// apiOperations are those that the grants allow, each Start before its Get.
func (t *textractAsync) apiOperations() []APIOperation {
	var all []APIOperation
	for _, operation := range t.operations {
		all = append(all, apiOperationsOf(operationActions[operation].start)...)
		all = append(all, apiOperationsOf(operationActions[operation].get)...)
	}
	return all
}

// apiOperationsOf reads them from the actions of IAM, which have the same names.
func apiOperationsOf(actions []string) []APIOperation {
	operations := make([]APIOperation, len(actions))
	for i, action := range actions {
		operations[i] = APIOperation(strings.TrimPrefix(action, "textract:"))
	}
	return operations
}
