// Package textractasync is an AWS CDK construct for the asynchronous operations of Amazon Textract.
//
// One statement creates what the AWS guide "Configuring Amazon Textract for Asynchronous
// Operations" asks for: an SNS topic, an SQS queue with a dead-letter queue, the subscription
// between them, the queue's policy, the service role that Textract assumes, and a KMS key for topic
// and queues. Grants give a caller the rest: the Textract actions, iam:PassRole, S3 and KMS.
//
//	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
//	textract.GrantRunJobs(worker)
//
// # Guarantees
//
//   - Complete: every step of the guide is in the template, with tighter permissions where the
//     guide's are loose.
//   - Least privilege: no AWS managed policy, and no action on every resource, except for the
//     Textract actions, which have no resources in IAM, and in the policy of a key, where "*" is
//     that key. New topics and queues deny plain HTTP.
//   - Never silent: a permission that this app cannot write, such as one in the policy of an
//     imported queue, is in a warning with the statement to add, or the prop is rejected.
//     Annotations.AcknowledgeWarning of the CDK acknowledges a warning.
//   - Checked at synthesis: [NewTextractAsync], [TextractAsync_FromTextractAsyncAttributes] and the
//     methods panic with a [*ValidationError] that lists every problem with its prop, its value and
//     the fix. Tokens, and the dummy values of the first pass of a context lookup, are unknown and
//     accepted. What aspects, property injectors, mixins and setters change afterwards is looked at
//     once more by App.Synth, which panics with the CDK's own error and the same texts.
//
// # Concurrency
//
// jsii is not made for concurrent use: create constructs and call their methods from one goroutine
// at a time.
//
// # Related packages
//
// Module [textractclient] starts the jobs, handles their notifications and reads their results.
//
// # Out of scope
//
// The construct creates no buckets; it grants access to existing ones. StartDocumentInsights has no
// notification channel.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
//
// [textractclient]: https://pkg.go.dev/github.com/cdk-textract/textractasync/textractclient
package textractasync
