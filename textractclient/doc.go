// Package textractclient runs Amazon Textract's asynchronous operations over what the textractasync construct built: it starts
// jobs, waits for them, and reads their results.
//
// # Settings
//
// A [Config] says which topic, role, queue and output there are. It comes from the environment variables that the construct's
// EnvironmentVariables method sets ([ConfigFromEnv]), or is written out. [New] makes a [Client] of it.
//
// # Jobs
//
// [Client.Start] starts a job of any of the four operations. It may be repeated safely: its client request token is derived from
// all that makes the job what it is, so the same document is not read, and billed, twice within 7 days.
//
// [Client.Listen] receives the completion notifications of all jobs from the queue and calls a handler for each. [Client.Wait]
// waits for one job, by its status.
//
// # Results
//
// [Client.Results] iterates over a job's results by the Get operations, [Client.OutputResults] over those in an output bucket.
// [ReadDocument] makes lines, tables, form fields and answers to queries of them. Textract keeps results for 7 days; what is in
// an output bucket stays there.
//
// # Errors
//
// Errors wrap those of the AWS SDK. [JobError], [ErrJobFailed], [ErrJobUnknown], [ErrJobInProgress], [ErrNoOutput] and
// [ErrNotNotification] are this package's own.
package textractclient
