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
	// The output is {"MapRunArn": "…", "Documents": n, "Failed": n, "Results": {"Bucket": "…", "Key": "…"}}.
	// Results is the manifest of the list of results. Objects that are no documents are in it with the
	// JobStatus SKIPPED, and in Documents.
	StateMachine() awsstepfunctions.StateMachine
}

// BatchProps are the properties of JobStateMachine.NewBatch.
type BatchProps struct {
	// The bucket of the documents, among the Inputs of TextractAsync, where it has any. Required.
	Bucket awss3.IBucket

	// The beginning of the keys.
	//
	// Default: the whole bucket.
	//
	Prefix *string

	// The number of jobs at a time: the quota of the account, less what its other programs need. More
	// than 1,000 may be throttled by Step Functions. Required.
	// See: https://docs.aws.amazon.com/textract/latest/dg/limits-quotas-explained.html
	MaxConcurrency *float64

	// The part of the documents that may fail, in percent, before the batch stops: 0 to 100. Step
	// Functions then aborts the executions that run; their jobs go on, and are billed.
	//
	// Default: 100, the batch goes on to its end, and its output has the number of failures.
	//
	ToleratedFailurePercentage *float64

	// The bucket of the list of results. Required.
	ResultBucket awss3.IBucket

	// The beginning of the keys of the list.
	//
	// Default: "textract_batch".
	//
	ResultPrefix *string

	// The logs of the state machine. For them, the CDK grants its role actions of CloudWatch Logs on
	// every resource.
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
)

type batch struct {
	constructs.Construct
	machine awsstepfunctions.StateMachine
}

func (b *batch) StateMachine() awsstepfunctions.StateMachine { return b.machine }

func (j *jobStateMachine) NewBatch(scope constructs.Construct, id *string, props *BatchProps) Batch {
	checkScope(scope, id)
	options := valueOr(props, BatchProps{})
	bucket, results := j.plainBucket(options.Bucket), j.plainBucket(options.ResultBucket)
	panicOnProblems(scope, id, validate.CheckBatch(validate.Batch{
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
	env := j.construct.EnvironmentOf(scope)
	resultPrefix := valueOr(options.ResultPrefix, defaultResultPrefix)

	role := newRole(b, "Role", "states.amazonaws.com", env, "states", "stateMachine:*")
	b.machine = awsstepfunctions.NewStateMachine(b, jsii.String("StateMachine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromString(jsii.String(text(j.batchDefinition(options, resultPrefix)))),
		Role:           role,
		Logs:           options.Logs,
		TracingEnabled: options.TracingEnabled,
	})
	statements := append(j.runStatements(), listStatement(bucket.ARN, valueOr(options.Prefix, "")), object{
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

	// Its own executions: a policy that is made after the state machine, which depends on the others.
	machineARN, name := *b.machine.StateMachineArn(), *b.machine.StateMachineName()
	children, runs := env.ARN("states", "execution:"+name+"/"+batchLabel+":*"), env.ARN("states", "mapRun:"+name+"/"+batchLabel+":*")
	awsiam.NewPolicy(b, jsii.String("MapPolicy"), &awsiam.PolicyProps{
		Roles: &[]awsiam.IRole{role},
		Document: awsiam.PolicyDocument_FromJson(object{"Statement": []object{
			{"Effect": "Allow", "Action": "states:StartExecution", "Resource": machineARN},
			{
				"Effect": "Allow", "Action": []string{"states:DescribeExecution", "states:StopExecution"},
				"Resource": []string{env.ARN("states", "execution:"+name+":*"), children},
			},
			{"Effect": "Allow", "Action": "states:RedriveExecution", "Resource": children},
			{"Effect": "Allow", "Action": "states:DescribeMapRun", "Resource": runs},
		}}),
	})
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
	run := object{
		"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + "states:startExecution.sync:2",
		"Arguments": object{
			"StateMachineArn": j.machineARN,
			"Input": object{
				"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": jsonata("$states.context.Execution.Id"),
				// The same content of the same document is the same job. An item with neither fails.
				"Id":               jsonata("$exists($states.input.Etag) ? $states.input.Etag : $states.input.ETag"),
				"DocumentLocation": object{"S3Object": object{"Bucket": bucket, "Name": jsonata("$states.input.Key")}},
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
		"Output": jsonata("$merge([{'Key': $states.input.Key}, $states.result.Output])"),
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
				"ItemProcessor": object{
					"ProcessorConfig": object{"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
					"StartAt":         "Document?",
					"States": object{
						"Document?": object{
							"Type": "Choice", "QueryLanguage": "JSONata",
							"Choices": []object{
								{
									"Condition": jsonata(
										"$states.input.Size > 0 and " + fmt.Sprintf(isDocument, "$states.input.Key"),
									),
									"Next": "Run",
								},
							},
							"Default": "Skipped",
						},
						"Skipped": object{
							"Type": "Pass", "QueryLanguage": "JSONata", "End": true,
							"Output": object{"Key": jsonata("$states.input.Key"), "JobStatus": "SKIPPED"},
						},
						"Run": run,
					},
				},
				"ResultWriter": object{
					"Resource":   states + "s3:putObject",
					"Parameters": object{"Bucket": options.ResultBucket.BucketName(), "Prefix": resultPrefix},
				},
				"Next": "Count",
			},
			"Count": object{
				"Type": "Task", "QueryLanguage": "JSONata", "Resource": states + "aws-sdk:sfn:describeMapRun",
				"Arguments": object{"MapRunArn": jsonata("$states.input.MapRunArn")},
				"Output": object{
					"MapRunArn": jsonata("$states.input.MapRunArn"),
					"Documents": jsonata("$states.result.ItemCounts.Total"),
					"Failed":    jsonata("$states.result.ItemCounts.Failed"),
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
