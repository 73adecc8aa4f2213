// Package textractclient runs Amazon Textract's asynchronous operations over the resources of the
// textractasync construct: it starts jobs, handles their completion notifications, and reads their
// results.
//
// # Settings
//
// A [Config] names the topic, service role, queue and output. [ConfigFromEnv] reads it from the
// environment variables that the construct's EnvironmentVariables method returns. [New] checks it
// and returns a [Client].
//
// # Jobs
//
// [Client.Start] starts a job of one of the four operations. It may be repeated: a document that
// did not change gets its existing job, and a document that was overwritten, or whose job failed,
// gets a new job. A [JobRef] identifies a job.
//
//   - [Client.Listen] receives the completion notifications of all jobs from the queue, and calls a
//     handler for each.
//   - [ParseNotification] reads a notification that something else receives from the queue, such as
//     a Lambda function.
//   - [Client.Wait] waits for one job by its status. Start such a job with
//     StartInput.WithoutNotification, because nothing receives its notification from the queue.
//   - [Client.RunAll] runs a job for each of many documents, as quickly as the account's quotas
//     allow.
//
// # Results
//
// [Client.Results] iterates over the responses of a job's Get action; Textract keeps them for 7
// days. [Client.OutputResults] iterates over those in an output bucket.
//
// Package [textractdoc] makes a document of them: lines, tables, form fields, answers to queries,
// expenses and more.
//
// # Errors
//
// Errors wrap those of the AWS SDK and name the likely causes. The variables below distinguish the
// cases that a caller may handle in different ways. A failed job is a [*JobError].
//
// # Tests
//
// Package [textracttest] is a fake of AWS to test programs with.
//
// [textractdoc]:
// https://pkg.go.dev/github.com/cdk-textract/textractasync/textractclient/textractdoc
// [textracttest]:
// https://pkg.go.dev/github.com/cdk-textract/textractasync/textractclient/textracttest
package textractclient
