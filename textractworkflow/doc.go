// Package textractworkflow runs jobs of Amazon Textract in AWS Step Functions, without a Lambda
// function.
//
// A job state machine runs one job: it starts the job, waits for the notification, and ends with
// the job's status, document and reason. States of other state machines, uploads to a bucket, and
// batches over a bucket start it.
//
//	analysis := textractworkflow.NewJobStateMachine(stack, jsii.String("Analysis"), &textractworkflow.JobStateMachineProps{
//		TextractAsync: textract,
//		FeatureTypes:  jsii.PtrSlice("TABLES", "FORMS"),
//	})
//	read := analysis.NewTask(stack, jsii.String("Read invoice"), &textractworkflow.TaskProps{
//		Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"),
//	})
//
// # Guarantees
//
//   - No order of notification, task token, duplicate, abort and timeout loses a completion. The
//     execution ends with the job's own status at once, or after StatusCheckInterval where the
//     notification is lost.
//   - One execution starts one job. Executions with the same Id, document and settings share one
//     job for 7 days, unless it failed.
//   - A failed job is never a success. A job that succeeded in part is in JobStatus.
//   - A notification leaves the queue when its completion is recorded.
//   - Jobs wait for a quota until Timeout. Other errors end the execution at once, with their own
//     name.
//
// The functions and methods panic with a *textractasync.ValidationError that lists every problem.
//
// See: https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
package textractworkflow
