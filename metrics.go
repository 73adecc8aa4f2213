package textractasync

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// APIOperation is an action of Textract's API, as in the dimension Operation of its metrics.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/textract-monitoring.html
type APIOperation string

const (
	// Starts a job of Operation_TEXT_DETECTION.
	APIOperation_START_DOCUMENT_TEXT_DETECTION APIOperation = "StartDocumentTextDetection"
	// Reads results of Operation_TEXT_DETECTION.
	APIOperation_GET_DOCUMENT_TEXT_DETECTION APIOperation = "GetDocumentTextDetection"
	// Starts a job of Operation_DOCUMENT_ANALYSIS.
	APIOperation_START_DOCUMENT_ANALYSIS APIOperation = "StartDocumentAnalysis"
	// Reads results of Operation_DOCUMENT_ANALYSIS.
	APIOperation_GET_DOCUMENT_ANALYSIS APIOperation = "GetDocumentAnalysis"
	// Starts a job of Operation_EXPENSE_ANALYSIS.
	APIOperation_START_EXPENSE_ANALYSIS APIOperation = "StartExpenseAnalysis"
	// Reads results of Operation_EXPENSE_ANALYSIS.
	APIOperation_GET_EXPENSE_ANALYSIS APIOperation = "GetExpenseAnalysis"
	// Starts a job of Operation_LENDING_ANALYSIS.
	APIOperation_START_LENDING_ANALYSIS APIOperation = "StartLendingAnalysis"
	// Reads results of Operation_LENDING_ANALYSIS.
	APIOperation_GET_LENDING_ANALYSIS APIOperation = "GetLendingAnalysis"
	// Reads the summary of Operation_LENDING_ANALYSIS.
	APIOperation_GET_LENDING_ANALYSIS_SUMMARY APIOperation = "GetLendingAnalysisSummary"
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

func (b *textractAsyncBase) MetricNotificationsPublished(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return b.topic.MetricNumberOfMessagesPublished(b.inItsEnvironment(props))
}

func (b *textractAsyncBase) MetricFailedDeliveries(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return b.topic.MetricNumberOfNotificationsFailed(b.inItsEnvironment(props))
}

func (t *textractAsync) MetricFailedRedrives(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if t.deadLetterQueue == nil {
		return nil
	}
	options := valueOr(props, awscloudwatch.MetricOptions{})
	if options.Statistic == nil {
		options.Statistic = jsii.String(sum)
	}
	return t.topic.Metric(jsii.String("NumberOfNotificationsFailedToRedriveToDlq"), &options)
}

func (b *textractAsyncBase) MetricNotificationsWaiting(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return b.queue.MetricApproximateNumberOfMessagesVisible(b.inItsEnvironment(props))
}

func (b *textractAsyncBase) MetricNotificationsInFlight(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return b.queue.MetricApproximateNumberOfMessagesNotVisible(b.inItsEnvironment(props))
}

func (b *textractAsyncBase) MetricNotificationAge(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return b.queue.MetricApproximateAgeOfOldestMessage(b.inItsEnvironment(props))
}

// inItsEnvironment names the Region of an imported construct: the CDK takes a metric for one of the
// stack's.
func (b *textractAsyncBase) inItsEnvironment(props *awscloudwatch.MetricOptions) *awscloudwatch.MetricOptions {
	if b.region == "" {
		return props
	}
	options := valueOr(props, awscloudwatch.MetricOptions{})
	options.Region = firstOf(options.Region, &b.region)
	return &options
}

// MetricDeadLetterQueueMessages does not count what is sent to the queue: SQS omits what a redrive
// policy moves.
func (t *textractAsync) MetricDeadLetterQueueMessages(props *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if t.deadLetterQueue == nil {
		return nil
	}
	return t.deadLetterQueue.MetricApproximateNumberOfMessagesVisible(props)
}

// operationMetric belongs to the construct's stack, so that a dashboard elsewhere knows its Region
// and account where they are known.
func (t *textractAsync) operationMetric(
	name, statistic string, operation APIOperation, props *awscloudwatch.MetricOptions,
) awscloudwatch.Metric {
	t.checkOperation(operation)
	options := valueOr(props, awscloudwatch.MetricOptions{})
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace:     jsii.String(textractNamespace),
		MetricName:    jsii.String(name),
		DimensionsMap: firstOf(options.DimensionsMap, &map[string]*string{operationDimension: jsii.String(string(operation))}),
		Statistic:     firstOf(options.Statistic, &statistic),
		StackRegion:   firstOf(options.StackRegion, onlyKnown(t.env.region)),
		StackAccount:  firstOf(options.StackAccount, onlyKnown(t.env.account)),
		Account:       options.Account,
		Region:        options.Region,
		Period:        options.Period,
		Unit:          options.Unit,
		Label:         options.Label,
		Color:         options.Color,
		Id:            options.Id,
		Visible:       options.Visible,
	})
}

func (t *textractAsync) checkOperation(operation APIOperation) {
	var allowed []string
	for _, each := range t.apiOperations() {
		allowed = append(allowed, string(each))
	}
	panicOnProblemsOf(t, validate.CheckAPIOperation(string(operation), allowed))
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
