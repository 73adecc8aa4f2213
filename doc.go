// Package textractasync is an AWS CDK construct for the asynchronous operations of Amazon Textract.
//
// One statement builds what the guide "Configuring Amazon Textract for Asynchronous Operations" asks for: an SNS topic, an SQS queue
// with a dead-letter queue, the subscription between them, the queue's policy, the service role that Textract assumes, and a key for
// all of it. Grants give a caller the rest: the Textract actions, iam:PassRole, S3 and KMS.
//
//	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
//	textract.GrantRunJobs(worker)
//
// # What it guarantees
//
// Every step of the guide is there, tighter where the guide is loose. Nothing that it makes has an AWS managed policy or allows an
// action on every resource, except for the Textract actions, for which IAM knows no resource, and the policy of a key, where "*" is
// that key. Topic and queues deny plain HTTP.
//
// Every permission that the flow needs is in the template; or a warning prints the statement to add, where no app can write it, such
// as in the policy of an imported queue; or the prop is rejected. Annotations.AcknowledgeWarning silences a warning.
//
// A mistake that synthesis can see is a panic and not a bare InvalidParameterException or a message that never comes:
// NewTextractAsync, TextractAsync_FromTextractAsyncAttributes and the methods panic with a [*ValidationError] that names every prop,
// its value and the fix. Tokens are unknown and pass, and so do the dummy values of a context lookup's first pass.
//
// # Out of scope
//
// StartDocumentInsights has no notification channel; its own notification setting is not known to the SDK for Go yet. The construct
// makes no buckets: it grants access to yours.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
package textractasync
