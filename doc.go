// Package textractasync is an AWS CDK construct for the asynchronous operations of Amazon Textract.
//
// One statement builds what the guide "Configuring Amazon Textract for Asynchronous Operations" has people put together by
// hand: an SNS topic, an SQS queue with dead letters, the subscription between them, the queue's policy, the service role
// that Textract assumes, and a key for all of it. Grants give a caller the rest: the Textract actions, iam:PassRole, S3 and
// KMS.
//
//	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
//	textract.GrantRunJobs(worker)
//
// # What it guarantees
//
// Every step of the guide is there, tighter where the guide is loose. Nothing it makes carries an AWS managed policy or allows
// an action on every resource, but for the Textract actions, for which IAM knows no resource, and the policy of a key, where
// "*" is that key. Topic and queues refuse plain HTTP.
//
// A mistake that can be seen at synthesis ends there and not in a bare InvalidParameterException or a message that never comes:
// NewTextractAsync and TextractAsync_FromTextractAsyncAttributes panic with a [*ValidationError] that names every prop, its
// value and the mend. Unresolved tokens pass. What no construct can change, such as the policy of an imported queue, ends in a
// warning that holds the statement to add; Annotations.AcknowledgeWarning silences it.
//
// # What it leaves to you
//
// StartDocumentInsights takes no notification channel, so it is out of scope. The buckets stay yours: the construct grants
// what is in them and makes none.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
package textractasync
