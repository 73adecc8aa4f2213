package textractworkflow

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Batch is a state machine that runs a job for each document of a bucket.
type Batch interface {
	constructs.Construct

	// StateMachine returns the state machine. Start it with {}. Run it again to start jobs for the
	// documents that are new, changed, or failed: within 7 days, the others keep their jobs.
	//
	// The output is
	//
	//	{
	//	  "MapRunArn": "…", "Documents": n, "Failed": n, "Skipped": n,
	//	  "Results": {"Bucket": "…", "Key": "…"}
	//	}
	//
	// Results is the manifest of the list of results. Skipped is the number of objects that are no
	// documents: they are in the list with the JobStatus SKIPPED, and not in Documents.
	StateMachine() awsstepfunctions.StateMachine
}

// BatchProps are the properties of JobStateMachine.NewBatch.
type BatchProps struct {
	// The bucket of the documents, in the Region of the job state machine, and among the Inputs of
	// TextractAsync, where it has any. Required.
	Bucket awss3.IBucket

	// The beginning of the keys.
	//
	// Default: the whole bucket.
	//
	Prefix *string

	// The number of jobs at a time: the quota of the account, less what its other programs need.
	// More than 1,000 may be throttled by Step Functions. Required.
	// See: https://docs.aws.amazon.com/textract/latest/dg/limits-quotas-explained.html
	MaxConcurrency *float64

	// The part of the documents that may fail, in percent, before the batch stops: 0 to 100. Step
	// Functions then aborts the executions that run; their jobs go on, and are billed.
	//
	// Default: 100, the batch goes on to its end, and its output has the number of failures.
	//
	ToleratedFailurePercentage *float64

	// The bucket of the list of results, in the Region of the job state machine. Required.
	ResultBucket awss3.IBucket

	// The beginning of the keys of the list.
	//
	// Default: "textract_batch".
	//
	ResultPrefix *string

	// The logs of the state machine. For them, the CDK grants its role actions of CloudWatch Logs
	// on every resource.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
	//
	// Default: none, Step Functions keeps the history of each execution for 90 days.
	//
	Logs *awsstepfunctions.LogOptions

	// Whether AWS X-Ray traces the executions.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
	//
	// Default: false.
	//
	TracingEnabled *bool

	// The key that encrypts the definition and the history of the executions.
	// See: https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html
	//
	// Default: none, Step Functions uses a key that AWS owns.
	//
	EncryptionKey awskms.IKey
}

const (
	batchLabel          = "Documents"
	defaultResultPrefix = "textract_batch"
	defaultTolerated    = 100.0

	attributeSkipped = "Skipped" // of the item of a batch: the number of objects that are no documents
	// A batch takes up to a year.
	batchExpiry = "$string($floor($millis() / 1000) + 34560000)"
)

// The errors of a write that did not happen.
var skipThrottlingErrors = []string{
	"DynamoDb.ThrottlingException", "DynamoDb.ProvisionedThroughputExceededException", "DynamoDb.RequestLimitExceededException",
	"DynamoDb.RequestLimitExceeded",
}

type batch struct {
	constructs.Construct
	machine awsstepfunctions.StateMachine
}

func (b *batch) StateMachine() awsstepfunctions.StateMachine { return b.machine }

func (j *jobStateMachine) NewBatch(scope constructs.Construct, id *string, props *BatchProps) Batch {
	checkScope(scope, id)
	options := valueOr(props, BatchProps{})
	bucket, results := j.plainBucket(options.Bucket), j.plainBucket(options.ResultBucket)
	env := j.environmentOf(scope)
	panicOnProblems(scope, id, validate.CheckBatch(validate.Batch{
		Environment:                plainEnvironment(env),
		Jobs:                       plainEnvironment(j.environment),
		Bucket:                     bucket,
		Prefix:                     valueOr(options.Prefix, ""),
		MaxConcurrency:             options.MaxConcurrency,
		ToleratedFailurePercentage: options.ToleratedFailurePercentage,
		ResultBucket:               results,
		ResultPrefix:               options.ResultPrefix,
		DefaultResultPrefix:        defaultResultPrefix,
		Inputs:                     plainLocations(j.construct.Inputs),
	}))
	b := &batch{}
	constructs.NewConstruct_Override(b, scope, id)
	resultPrefix := valueOr(options.ResultPrefix, defaultResultPrefix)

	role := newRole(b, "Role", "states.amazonaws.com", env, "states", "stateMachine:*")
	b.machine = awsstepfunctions.NewStateMachine(b, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromString(jsii.String(text(j.batchDefinition(options, resultPrefix)))),
		Role:           role,
		Logs:           options.Logs,
		TracingEnabled: options.TracingEnabled,
	})
	statements := append(j.runStatements(), listStatement(bucket.ARN, valueOr(options.Prefix, "")), object{
		"Effect": "Allow", "Action": []string{"dynamodb:UpdateItem", "dynamodb:GetItem"}, "Resource": j.notifier.tableARN,
	}, object{
		"Effect": "Allow", "Action": []string{"s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"},
		"Resource": results.ARN + "/" + resultPrefix + "/*",
	})
	if key := options.ResultBucket.EncryptionKey(); key != nil {
		statements = append(statements, object{"Effect": "Allow", "Action": keyActions, "Resource": key.KeyArn()})
	} else if results.Imported {
		j.construct.Warn(
			b,
			warningBatch,
			"ResultBucket: "+*options.ResultBucket.Node().Path()+" is imported without its key, so no permission "+
				"for one is granted; if the bucket is encrypted with a customer managed key, import it with "+
				"awss3.Bucket_FromBucketAttributes and "+
				"EncryptionKey, else acknowledge this warning",
		)
	}
	j.warnOfOtherAccount(b, "Bucket", bucket, "s3:ListBucket on it")
	j.warnOfOtherAccount(
		b, "ResultBucket", results,
		"s3:PutObject, s3:GetObject, s3:ListMultipartUploadParts and s3:AbortMultipartUpload on its objects",
	)
	for _, statement := range statements {
		role.AddToPrincipalPolicy(awsiam.PolicyStatement_FromJson(statement))
	}

	// Its own executions: a policy that is made after the state machine, which depends on the
	// others.
	machineARN, name := *b.machine.StateMachineArn(), *b.machine.StateMachineName()
	children, runs := env.ARN("states", "execution:"+name+"/"+batchLabel+":*"), env.ARN("states", "mapRun:"+name+"/"+batchLabel+":*")
	role.AttachInlinePolicy(awsiam.NewPolicy(b, jsii.String("MapPolicy"), &awsiam.PolicyProps{
		Document: awsiam.PolicyDocument_FromJson(object{"Statement": []object{
			{"Effect": "Allow", "Action": "states:StartExecution", "Resource": machineARN},
			{
				"Effect": "Allow", "Action": []string{"states:DescribeExecution", "states:StopExecution"},
				"Resource": []string{env.ARN("states", "execution:"+name+":*"), children},
			},
			{"Effect": "Allow", "Action": "states:RedriveExecution", "Resource": children},
			{"Effect": "Allow", "Action": "states:DescribeMapRun", "Resource": runs},
		}}),
	}))
	encryptWith(b, b.machine, machineARN, role, options.EncryptionKey)
	j.watchExecutions(b, b.machine, env)
	return b
}

func listStatement(bucketARN, prefix string) object {
	list := object{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucketARN}
	if prefix != "" {
		list["Condition"] = object{"StringLike": object{"s3:prefix": prefix + "*"}}
	}
	return list
}

// batchDefinition is a Distributed Map, which is JSONPath, with children in JSONata.
func (j *jobStateMachine) batchDefinition(options BatchProps, resultPrefix string) object {
	states := "arn:" + j.construct.Partition + ":states:::"
	bucket := options.Bucket.BucketName()
	list := object{"Bucket": bucket}
	if prefix := valueOr(options.Prefix, ""); prefix != "" {
		list["Prefix"] = prefix
	}
	// The item of the table that counts what was skipped, by the execution of the batch.
	counter := func(execution string) object {
		return object{"TableName": j.notifier.tableName, "Key": object{attributeJobID: object{"S": jsonata(execution)}}}
	}
	skip := counter("$states.input.Batch")
	skip["UpdateExpression"] = "ADD #skipped :one SET #expires = :expires"
	skip["ExpressionAttributeNames"] = names(attributeSkipped, attributeExpires)
	skip["ExpressionAttributeValues"] = object{":one": object{"N": "1"}, ":expires": object{"N": jsonata(batchExpiry)}}
	counted := counter("$states.context.Execution.Id")
	counted["ConsistentRead"] = true
	skipped := object{"Key": jsonata("$states.input.Item.Key"), "JobStatus": "SKIPPED"}
	run := object{
		"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + nestedRunResource,
		"Arguments": object{
			"StateMachineArn": j.machineARN,
			"Input": object{
				"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": jsonata("$states.context.Execution.Id"),
				// The same content of the same document is the same job. An item with neither
				// fails.
				"Id":               jsonata("$exists($states.input.Item.Etag) ? $states.input.Item.Etag : $states.input.Item.ETag"),
				"DocumentLocation": object{"S3Object": object{"Bucket": bucket, "Name": jsonata("$states.input.Item.Key")}},
			},
		},
		"Retry": []object{
			{
				"ErrorEquals":     throttlingErrors,
				"IntervalSeconds": 1,
				"BackoffRate":     2,
				"MaxDelaySeconds": 300,
				"MaxAttempts":     throttlingAttempts,
				"JitterStrategy":  "FULL",
			},
		},
		"Output": jsonata("$merge([{'Key': $states.input.Item.Key}, $states.result.Output])"),
		"End":    true,
	}
	return object{
		"Comment": "Runs a job of Amazon Textract for each document of a bucket",
		"StartAt": batchLabel,
		"States": object{
			batchLabel: object{
				"Type":                       "Map",
				"Label":                      batchLabel,
				"MaxConcurrency":             *options.MaxConcurrency,
				"ToleratedFailurePercentage": valueOr(options.ToleratedFailurePercentage, defaultTolerated),
				"ItemReader":                 object{"Resource": states + "s3:listObjectsV2", "Parameters": list},
				"ItemSelector":               object{"Item.$": "$$.Map.Item.Value", "Batch.$": "$$.Execution.Id"},
				"ItemProcessor": object{
					"ProcessorConfig": object{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
					"StartAt":         "Document?",
					"States": object{
						"Document?": object{
							"Type": "Choice", "QueryLanguage": "JSONata",
							"Choices": []object{
								{
									"Condition": jsonata(
										"$states.input.Item.Size > 0 and " + fmt.Sprintf(isDocument, "$states.input.Item.Key"),
									),
									"Next": "Run",
								},
							},
							"Default": "Skipped",
						},
						// A write that may have happened is not tried again: it would count twice.
						// One that fails is no failure of the batch.
						"Skipped": object{
							"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + "aws-sdk:dynamodb:updateItem",
							"Arguments": skip, "Output": skipped, "End": true,
							"Retry": []object{{
								"ErrorEquals": skipThrottlingErrors, "IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 60,
								"MaxAttempts": throttlingAttempts, "JitterStrategy": "FULL",
							}},
							"Catch": []object{{"ErrorEquals": []string{"States.ALL"}, "Output": skipped, "Next": "Not counted"}},
						},
						"Not counted": object{"Type": "Pass", "QueryLanguage": "JSONata", "End": true},
						"Run":         run,
					},
				},
				"ResultWriter": object{
					"Resource":   states + "s3:putObject",
					"Parameters": object{"Bucket": options.ResultBucket.BucketName(), "Prefix": resultPrefix},
				},
				"Next": "Count skipped",
			},
			"Count skipped": object{
				"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + "aws-sdk:dynamodb:getItem",
				"Arguments": counted,
				"Assign": object{
					"skipped": jsonata("$exists($states.result.Item.Skipped.N) ? $number($states.result.Item.Skipped.N) : 0"),
				},
				"Output": jsonata("$states.input"),
				"Retry":  []object{retryCompletion()},
				"Next":   "Count",
			},
			"Count": object{
				"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + "aws-sdk:sfn:describeMapRun",
				"Arguments": object{"MapRunArn": jsonata("$states.input.MapRunArn")},
				"Output": object{
					"MapRunArn": jsonata("$states.input.MapRunArn"),
					"Documents": jsonata("$states.result.ItemCounts.Total - $skipped"),
					"Failed":    jsonata("$states.result.ItemCounts.Failed"),
					"Skipped":   jsonata("$skipped"),
					"Results":   jsonata("$states.input.ResultWriterDetails"),
				},
				"Retry": []object{retryCompletion()},
				"End":   true,
			},
		},
	}
}

func (j *jobStateMachine) warnOfOtherAccount(b constructs.Construct, prop string, bucket *validate.WorkflowBucket, actions string) {
	env := plainEnvironment(j.environment)
	if !validate.InAnotherAccount(bucket.Environment, env) {
		return
	}
	j.construct.Warn(b, warningBatch, prop+": the bucket is in account "+bucket.Account+", so its policy must allow the role of the batch "+
		actions+"; add that there, then acknowledge this warning")
}
