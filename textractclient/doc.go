// Package textractclient runs Amazon Textract's asynchronous operations over what the textractasync construct built: it starts
// jobs, waits for them, and reads their results.
//
// # Settings
//
// A [Config] names the topic, role, queue and output. It comes from the environment variables that the construct's
// EnvironmentVariables method returns ([ConfigFromEnv]), or is written out. [New] checks it and makes a [Client].
//
// # Jobs
//
// [Client.Start] starts a job of any of the four operations. It may be repeated: a document that did not change gets the job that is
// there, and one that was overwritten, or whose job failed, gets a new one. A [JobRef] names a job.
//
// [Client.Listen] receives the completion notifications of all jobs from the queue and calls a handler for each. [Client.Wait]
// waits for one job, by its status; start such a job with WithoutNotification, or its notification stays in the queue.
//
// # Results
//
// [Client.Results] iterates over a job's results by the Get operations, [Client.OutputResults] over those in an output bucket.
// Textract keeps results for 7 days; results in an output bucket stay there.
//
// [ReadDocument] makes a [Document] of them: lines, tables, form fields, answers to queries, expenses, each with the id of its block,
// its place on the page and its confidence. [Pages] does so one page at a time, in the memory of some pages.
//
// # Errors
//
// Errors wrap those of the AWS SDK, and name the likely causes. The variables below tell the cases apart that a caller may handle
// in different ways; a failed job is a [JobError].
//
// # Tests
//
// Package textracttest is a fake of AWS to test a worker against.
package textractclient
