package textractworkflow

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// The table's name and its attributes are an interface between executions that are up to 7 days old
// and the newest notifier: they change only by addition.
const (
	attributeJobID     = "JobId"     // the key
	attributeToken     = "Token"     // of the execution that waits for the job
	attributeCompleted = "Completed" // the job's status
	attributeAt        = "At"        // when the notification came, in milliseconds since the epoch
	attributeExpires   = "Expires"   // for the deletion by DynamoDB
)

// Expressions of JSONata. They use only what every implementation of it evaluates alike.
const (
	// The document of an event of S3, or of the input that a task, a batch or a caller passes.
	documentOfInput = "($d := ($states.input.source = 'aws.s3' ? " +
		"{'Bucket': $states.input.detail.bucket.name, 'Name': $states.input.detail.object.key, " +
		"'Version': $states.input.detail.object.`version-id`} : $states.input.DocumentLocation.S3Object); " +
		"$sift({'Bucket': $d.Bucket, 'Name': $d.Name, 'Version': $d.Version}, function($v) { $v != null and $v != '' }))"

	// What makes executions with the same document and settings one job: the event of an upload,
	// which S3 may deliver twice; the Id that a caller passes; or the execution, whose first Start
	// may be tried again.
	identityOfInput = "$states.input.source = 'aws.s3' ? $states.input.detail.object.sequencer : " +
		"($exists($states.input.Id) and $states.input.Id != null and $states.input.Id != '') ? " +
		"$states.input.Id : $states.context.Execution.Id"

	// Items live longer than the results, which Textract keeps for 7 days.
	expiry = "$string($floor($millis() / 1000) + 691200)"

	isSuccess = "$jobStatus in ['SUCCEEDED', 'PARTIAL_SUCCESS']"

	// What Textract reads, by its key. A folder, and a result of Textract, have no such extension.
	isDocument = "$contains($lowercase(%s), /[.](pdf|png|jpg|jpeg|tif|tiff)$/)"
)

// The pause before another wait, in seconds: short where the wait timed out, because it was the
// pause itself; otherwise doubled, because the table cannot be written.
const shortestPause = 10

type object = map[string]any

func jsonata(expression string) string { return "{% " + expression + " %}" }

// literal is a string that Step Functions takes as it is.
func literal(text string) string {
	if strings.HasPrefix(text, "{%") {
		return jsonata(quoted(text))
	}
	return text
}

// quoted is a string literal of JSONata, which knows no \'.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\u0027`).Replace(text) + "'"
}

// An action of Textract, as Step Functions spells it, and its names in the errors.
var actionsOf = map[textractasync.Operation]struct{ start, get string }{
	textractasync.Operation_TEXT_DETECTION:    {"startDocumentTextDetection", "getDocumentTextDetection"},
	textractasync.Operation_DOCUMENT_ANALYSIS: {"startDocumentAnalysis", "getDocumentAnalysis"},
	textractasync.Operation_EXPENSE_ANALYSIS:  {"startExpenseAnalysis", "getExpenseAnalysis"},
	// The summary has the status too, and no page in it.
	textractasync.Operation_LENDING_ANALYSIS: {"startLendingAnalysis", "getLendingAnalysisSummary"},
}

// retryTextract waits for a quota until the execution's timeout: with full jitter, 5,000 attempts
// take longer than the longest. What may last for ever is tried a few times, errors without a name
// of their own among it.
func retryTextract() []object {
	return []object{
		{
			"ErrorEquals": []string{
				"Textract.LimitExceededException", "Textract.ProvisionedThroughputExceededException", "Textract.ThrottlingException",
			},
			"IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 300, "MaxAttempts": 5000, "JitterStrategy": "FULL",
		},
		{
			"ErrorEquals": []string{
				"Textract.InternalServerErrorException",
				"Textract.InternalServerError",
				"Textract.SdkClientException",
				"Textract.TextractException",
			},
			"IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 6, "JitterStrategy": "FULL",
		},
	}
}

// retryCompletion fills the time of an Express execution: after a burst, thousands of them share
// the quotas of DynamoDB and Step Functions.
func retryCompletion() object {
	return object{
		"ErrorEquals": []string{"States.TaskFailed"}, "IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 10, "MaxAttempts": 20,
		"JitterStrategy": "FULL",
	}
}

// arguments of the Start action, but for the document and the request token.
func (j *jobStateMachine) arguments() object {
	arguments := object{"NotificationChannel": j.channel}
	if len(j.settings.featureTypes) > 0 {
		arguments["FeatureTypes"] = j.settings.featureTypes
	}
	if len(j.settings.queries) > 0 {
		arguments["QueriesConfig"] = object{"Queries": literalQueries(j.settings.queries)}
	}
	if len(j.settings.adapters) > 0 {
		arguments["AdaptersConfig"] = object{"Adapters": j.settings.adapters}
	}
	if j.settings.jobTag != "" {
		arguments["JobTag"] = j.settings.jobTag
	}
	if output := j.construct.Output; output != nil {
		arguments["OutputConfig"] = object{"S3Bucket": j.outputBucket, "S3Prefix": literal(output.Prefix)}
		if output.KeyID != "" {
			arguments["KmsKeyId"] = output.KeyID
		}
	}
	return arguments
}

// Step Functions hashes at most 10,000 characters, with the document and the identity among them.
// See: https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
const longestInToken = 2_000

// shortened are the arguments for the request token, with a digest for a long list.
func shortened(arguments object) object {
	short := maps.Clone(arguments)
	for _, name := range []string{"QueriesConfig", "AdaptersConfig"} {
		if list := text(short[name]); len(list) > longestInToken && !validate.Unresolved(list) {
			short[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(list)))
		}
	}
	return short
}

// literalQueries are questions that are no expressions.
func literalQueries(queries []*Query) []Query {
	all := make([]Query, len(queries))
	for i, query := range queries {
		all[i] = Query{Text: jsii.String(literal(*query.Text)), Pages: query.Pages}
		if query.Alias != nil {
			all[i].Alias = jsii.String(literal(*query.Alias))
		}
	}
	return all
}

// result is the output of an execution. OutputConfig is the folder of the job's results.
func (j *jobStateMachine) result(status string) object {
	result := object{
		"JobId": jsonata("$jobId"), "JobStatus": jsonata(status), "DocumentLocation": object{"S3Object": jsonata("$document")},
	}
	if output := j.construct.Output; output != nil {
		result["OutputConfig"] = object{
			"S3Bucket": j.outputBucket, "S3Prefix": jsonata(quoted(output.Prefix+"/") + " & $jobId"),
		}
	}
	return result
}

// definition is the state machine of one job. An execution whose notification comes has two
// transitions. Variables and states:
//
//	started   when the execution began, to tell a completion of an earlier one
//	isOld     whether the job completed before that
//	isExpired whether a job was found that Textract has forgotten
//	pause     the seconds of the last Pause
func (j *jobStateMachine) definition() object {
	sdk := "arn:" + j.construct.Partition + ":states:::aws-sdk:"
	actions := actionsOf[j.settings.operation]
	fixed := j.arguments()

	start := maps.Clone(fixed)
	// Textract rejects a token that comes with other parameters than before, so it depends on all.
	start["ClientRequestToken"] = jsonata("$hash($string([$states.context.StateMachine.Id, " + documentOfInput + ", " +
		quoted(text(shortened(fixed))) + ", (" + identityOfInput + ")]), 'SHA-256')")
	start["DocumentLocation"] = object{"S3Object": jsonata(documentOfInput)}

	// Derived from the job that failed: the next execution with this Id finds this job again.
	again := maps.Clone(fixed)
	again["ClientRequestToken"] = jsonata("$hash($string(['again', $jobId]), 'SHA-256')")
	again["DocumentLocation"] = object{"S3Object": jsonata("$document")}

	item := func() object { return object{attributeJobID: object{"S": jsonata("$jobId")}} }
	states := object{
		"Start": object{
			"Type": "Task", "Resource": sdk + "textract:" + actions.start, "Arguments": start, "Retry": retryTextract(),
			"Assign": object{
				"jobId": jsonata("$states.result.JobId"), "document": jsonata(documentOfInput),
				"jobStatus": "IN_PROGRESS", "reason": "no reason",
				"started": jsonata("$toMillis($states.context.State.EnteredTime)"),
				"isOld":   false, "isExpired": false, "pause": shortestPause / 2,
			},
			"Output": object{}, "Next": "Wait for notification",
		},
		// Both this and the notifier write the item of the job. Whoever comes second sees the
		// first: the notifier gets the token, or this write fails.
		"Wait for notification": object{
			"Type": "Task", "Resource": sdk + "dynamodb:updateItem.waitForTaskToken", "TimeoutSeconds": j.settings.statusCheckInterval,
			"Arguments": object{
				"TableName":                j.notifier.tableName,
				"Key":                      item(),
				"UpdateExpression":         "SET #token = :token, #expires = :expires",
				"ConditionExpression":      "attribute_not_exists(#completed)",
				"ExpressionAttributeNames": names(attributeToken, attributeExpires, attributeCompleted),
				"ExpressionAttributeValues": object{
					":token": object{"S": jsonata("$states.context.Task.Token")}, ":expires": object{"N": jsonata(expiry)},
				},
			},
			"Output": j.result("$states.result.JobStatus"),
			// Whatever the reason, and whatever its name: the item and Textract know more.
			"Catch": []object{{
				"ErrorEquals": []string{"States.ALL"}, "Output": object{}, "Next": "Read completion",
				"Assign": object{"pause": jsonata(fmt.Sprintf(
					"$states.errorOutput.Error = 'States.Timeout' ? %d : $min([2 * $pause, %v])",
					shortestPause, j.settings.statusCheckInterval,
				))},
			}},
			"End": true,
		},
		"Read completion": object{
			"Type": "Task", "Resource": sdk + "dynamodb:getItem",
			"Arguments": object{"TableName": j.notifier.tableName, "Key": item(), "ConsistentRead": true},
			"Assign": object{
				"jobStatus": jsonata("$exists($states.result.Item.Completed.S) ? $states.result.Item.Completed.S : 'IN_PROGRESS'"),
				"isOld":     jsonata("$exists($states.result.Item.At.N) ? $number($states.result.Item.At.N) < $started : false"),
			},
			"Catch": []object{{
				"ErrorEquals": []string{"States.ALL"}, "Output": object{}, "Next": "Get status",
				"Assign": object{"jobStatus": "IN_PROGRESS", "isOld": false},
			}},
			"Output": object{}, "Next": "Recorded?",
		},
		"Recorded?": object{
			"Type": "Choice",
			"Choices": []object{
				{"Condition": jsonata(isSuccess), "Next": "Succeeded"},
				{"Condition": jsonata("$isOld"), "Next": "Start again"},
			},
			"Default": "Get status",
		},
		// No notification came, or it says that the job failed and not why.
		"Get status": object{
			"Type": "Task", "Resource": sdk + "textract:" + actions.get, "Retry": retryTextract(),
			"Arguments": getArguments(j.settings.operation),
			"Assign": object{
				"jobStatus": jsonata("$states.result.JobStatus"),
				"reason":    jsonata("$exists($states.result.StatusMessage) ? $states.result.StatusMessage : 'no reason'"),
			},
			"Catch": []object{
				// Textract knows the request token longer than the job.
				{
					"ErrorEquals": []string{"Textract.InvalidJobIdException"}, "Output": object{}, "Next": "Completed?",
					"Assign": object{
						"jobStatus": "UNKNOWN",
						"reason":    jsonata("$states.errorOutput.Cause"),
						"isOld":     jsonata("$not($isExpired)"),
						"isExpired": true,
					},
				},
				// States.ALL does not catch it. A job with so much in it has results, and may lack
				// a page.
				{
					"ErrorEquals": []string{"States.DataLimitExceeded"}, "Output": object{}, "Next": "Succeeded",
					"Assign": object{"jobStatus": "PARTIAL_SUCCESS"},
				},
			},
			"Output": object{}, "Next": "Completed?",
		},
		"Completed?": object{
			"Type": "Choice",
			"Choices": []object{
				{"Condition": jsonata(isSuccess), "Next": "Succeeded"},
				{"Condition": jsonata("$jobStatus = 'IN_PROGRESS'"), "Next": "Pause"},
				{"Condition": jsonata("$isOld"), "Next": "Start again"},
			},
			"Default": "Failed",
		},
		"Start again": object{
			"Type": "Task", "Resource": sdk + "textract:" + actions.start, "Arguments": again, "Retry": retryTextract(),
			"Assign": object{"jobId": jsonata("$states.result.JobId"), "jobStatus": "IN_PROGRESS"},
			"Output": object{}, "Next": "Wait for notification",
		},
		"Pause":     object{"Type": "Wait", "Seconds": jsonata("$pause"), "Next": "Wait for notification"},
		"Succeeded": object{"Type": "Succeed", "Output": j.result("$jobStatus")},
		"Failed": object{
			"Type":  "Fail",
			"Error": ErrorJobFailed,
			"Cause": jsonata(
				"'Job ' & $jobId & ' of s3://' & $document.Bucket & '/' & $document.Name & ': ' & $jobStatus & ', ' & $reason",
			),
		},
	}
	startAt := "Start"
	if j.filtersUploads {
		startAt = "Document?"
		states["Document?"] = object{
			"Type": "Choice",
			"Choices": []object{
				{
					"Condition": jsonata(
						"$not($states.input.source = 'aws.s3') or " + fmt.Sprintf(isDocument, "$states.input.detail.object.key"),
					),
					"Next": "Start",
				},
			},
			"Default": "Skipped",
		}
		states["Skipped"] = object{"Type": "Succeed", "Output": object{"JobStatus": "SKIPPED"}}
	}
	return object{
		"Comment": "Runs one job of Amazon Textract", "QueryLanguage": "JSONata", "TimeoutSeconds": j.settings.timeout,
		"StartAt": startAt, "States": states,
	}
}

func getArguments(operation textractasync.Operation) object {
	arguments := object{"JobId": jsonata("$jobId")}
	if operation != textractasync.Operation_LENDING_ANALYSIS {
		arguments["MaxResults"] = 1 // the status, and not the results: a state holds 256 KiB
	}
	return arguments
}

// completionDefinition records a completion and resumes the execution that waits for it. Its input
// is one message of the queue, in a list. An execution that fails leaves the message in the queue.
func completionDefinition(partition, table string, timeout float64) object {
	sdk := "arn:" + partition + ":states:::aws-sdk:"
	// The execution timed out, was aborted, or was resumed by a duplicate. The names with and
	// without the suffix have both been seen.
	resumed := []string{
		"Sfn.TaskTimedOutException", "Sfn.TaskDoesNotExistException", "Sfn.InvalidTokenException",
		"Sfn.TaskTimedOut", "Sfn.TaskDoesNotExist", "Sfn.InvalidToken",
	}
	resume := func(action string, arguments object) object {
		return object{
			"Type": "Task", "Resource": sdk + "sfn:" + action, "Arguments": arguments, "Output": object{}, "End": true,
			"Retry": []object{{"ErrorEquals": resumed, "MaxAttempts": 0}, retryCompletion()},
			"Catch": []object{{"ErrorEquals": resumed, "Output": object{}, "Next": "Nothing waits"}},
		}
	}
	return object{
		"Comment":       "Resumes the execution that waits for a job of Amazon Textract",
		"QueryLanguage": "JSONata", "TimeoutSeconds": timeout,
		"StartAt": "Read",
		"States": object{
			"Read": object{ // the notification, with or without the envelope of SNS
				"Type": "Pass",
				"Assign": object{"n": jsonata(
					"($body := $parse($states.input[0].body); $exists($body.Message) ? $parse($body.Message) : $body)",
				)},
				"Next": "Record completion",
			},
			"Record completion": object{
				"Type": "Task", "Resource": sdk + "dynamodb:updateItem",
				"Arguments": object{
					"TableName": table,
					"Key":       object{attributeJobID: object{"S": jsonata("$n.JobId")}},
					// The time of the first notification: a duplicate may come much later.
					"UpdateExpression":         "SET #completed = :status, #at = if_not_exists(#at, :at), #expires = :expires",
					"ExpressionAttributeNames": names(attributeCompleted, attributeAt, attributeExpires),
					"ExpressionAttributeValues": object{
						":status":  object{"S": jsonata("$uppercase($n.Status)")},
						":at":      object{"N": jsonata("$string($millis())")},
						":expires": object{"N": jsonata(expiry)},
					},
					"ReturnValues": "ALL_NEW",
				},
				"Retry":  []object{retryCompletion()},
				"Assign": object{"token": jsonata("$exists($states.result.Attributes.Token.S) ? $states.result.Attributes.Token.S : ''")},
				"Output": object{}, "Next": "Waiting?",
			},
			"Waiting?": object{
				"Type": "Choice",
				"Choices": []object{
					{"Condition": jsonata("$token = ''"), "Next": "Nothing waits"},
					{"Condition": jsonata("$uppercase($n.Status) in ['SUCCEEDED', 'PARTIAL_SUCCESS']"), "Next": "Resume"},
				},
				"Default": "Resume after failure",
			},
			"Resume": resume("sendTaskSuccess", object{
				"TaskToken": jsonata("$token"), "Output": jsonata("$string({'JobStatus': $uppercase($n.Status)})"),
			}),
			"Resume after failure": resume("sendTaskFailure", object{
				"TaskToken": jsonata("$token"), "Error": ErrorJobFailed, "Cause": jsonata("$string($n)"),
			}),
			"Nothing waits": object{"Type": "Succeed", "Output": object{}},
		},
	}
}

// names are the placeholders of attributes, which may be reserved words of DynamoDB.
func names(attributes ...string) object {
	all := object{}
	for _, attribute := range attributes {
		all["#"+strings.ToLower(attribute)] = attribute
	}
	return all
}

// text is the JSON of a definition; tokens stay as they are.
func text(definition any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(definition); err != nil {
		panic(fmt.Errorf("encoding a definition: %w", err))
	}
	return strings.TrimSpace(b.String())
}
