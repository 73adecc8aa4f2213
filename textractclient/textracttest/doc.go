// Package textracttest is a fake of Textract, SNS, SQS and S3, for tests of programs that use
// package [textractclient].
//
// The fake speaks the wire protocols of the services, as far as textractclient calls them, so that
// tests run the real client over the real SDK. It rejects what the services reject, and fails,
// throttles and delays calls on demand. It does not check credentials and permissions.
//
// [New] makes a fake, and [AWS.Config] the AWS configuration for textractclient.New. [S3.Put]
// stores documents, [Textract.Outcome] decides how their jobs end, and [Textract.Subscribe] sends
// the completion notifications to a [Queue].
//
// # Actions
//
//   - Textract: StartDocumentTextDetection, StartDocumentAnalysis, StartExpenseAnalysis,
//     StartLendingAnalysis, GetDocumentTextDetection, GetDocumentAnalysis, GetExpenseAnalysis,
//     GetLendingAnalysis, GetLendingAnalysisSummary;
//   - SQS: ReceiveMessage, DeleteMessage, DeleteMessageBatch, ChangeMessageVisibility,
//     ChangeMessageVisibilityBatch, GetQueueAttributes, SendMessage, SendMessageBatch, GetQueueUrl,
//     ListQueues;
//   - S3: HeadObject, GetObject, PutObject, DeleteObject, ListObjectsV2, ListBuckets, HeadBucket,
//     CreateBucket, GetBucketLocation.
//
// A call of another action fails.
//
// # Virtual time
//
// Calls need no network. In a bubble of testing/synctest, jobs, visibility timeouts and retries of
// hours therefore take no real time.
//
// # Other processes
//
// [AWS] is an http.Handler. With httptest.NewServer and AWS_ENDPOINT_URL, programs in other
// processes can use the fake too.
//
// [textractclient]: https://pkg.go.dev/github.com/cdk-textract/textractasync/textractclient
package textracttest
