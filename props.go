package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
)

// Properties for NewTextractAsync. All are optional, and nil represents all defaults.
type TextractAsyncProps struct {
	// The asynchronous operations that callers may be granted.
	//
	// Grants cover the Start operation of each and the Get operations that read its results.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
	//
	// Default: all four.
	//
	Operations *[]Operation

	// The locations of the documents.
	//
	// GrantStartJobs lets its grantee read them, and decrypt with their keys.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: none, the caller may already read its documents.
	//
	Inputs *[]*InputLocation

	// The location to which Textract writes the results.
	//
	// GrantStartJobs lets its grantee write there, GrantReadResults read.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: none, Textract keeps the results for 7 days and only the Get operations read them.
	//
	Output *OutputLocation

	// An existing topic, not FIFO, in the stack's account and Region.
	//
	// An imported topic names its key with awssns.Topic_FromTopicAttributes only; otherwise a warning asks for it.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new standard topic that denies plain HTTP.
	//
	Topic awssns.ITopic

	// The name of the new topic: begins with "AmazonTextract", letters, digits, "-" and "_", at most 256 characters.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: "AmazonTextract-" and a name unique to the construct's path.
	//
	TopicName *string

	// An existing queue, not FIFO, in the stack's account and Region.
	//
	// SNS cannot deliver to a queue that is encrypted with alias/aws/sqs, which is rejected. An imported queue names its key with
	// awssqs.Queue_FromQueueAttributes only; otherwise a warning asks for it.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new standard queue that denies plain HTTP.
	//
	Queue awssqs.IQueue

	// How long a notification that a consumer received is hidden from other consumers: whole seconds, at most 12 hours.
	//
	// Default: 5 minutes.
	//
	VisibilityTimeout awscdk.Duration

	// How long the new queue keeps a notification: whole seconds, from 1 minute to 14 days.
	//
	// Default: 7 days, as long as Textract keeps results.
	//
	RetentionPeriod awscdk.Duration

	// The dead-letter queue: notifications that consumers failed to process, or that SNS could not deliver.
	//
	// Default: on, 5 receives, 14 days.
	//
	DeadLetterQueue *DeadLetterQueueOptions

	// Whether the queue receives the notification as Textract sends it, without the SNS envelope around it.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
	//
	// Default: false, the SNS envelope, as the examples of the guide read it.
	//
	RawMessageDelivery *bool

	// An existing role that Textract assumes to publish to the topic.
	//
	// The trust of a role of this app is extended; for an imported role a warning prints the statement that its trust needs. Its
	// permissions are in a policy of this stack, whose name is unique to the construct, stack and Region.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new role.
	//
	ServiceRole awsiam.IRole

	// What the new service role may publish to.
	// See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html
	//
	// Default: ServiceRolePolicy_TOPIC_ONLY.
	//
	ServiceRolePolicy ServiceRolePolicy

	// Further accounts, 12 digits each, whose jobs may use the new service role.
	//
	// They are listed in both confused-deputy conditions of its trust, after the stack's own.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cross-service-confused-deputy-prevention.html
	//
	// Default: the stack's account alone.
	//
	TrustedAccounts *[]*string

	// How the new topic and queues are encrypted at rest.
	//
	// A change on a deployed stack deletes the construct's key in the same update, and what is in the queues cannot be read any more:
	// deploy with RemovalPolicy RETAIN first, or let consumers empty the queues. KMS waits 30 days, in which the deletion can be
	// cancelled.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
	//
	// Default: Encryption_KMS.
	//
	Encryption Encryption

	// An existing key for the new topic and queues.
	//
	// The policy of a key of this app is extended so that SNS can deliver to the queue; for an imported key a warning prints the
	// statement that its policy needs. An alias of this app represents its key; an imported alias is granted by
	// kms:ResourceAliases; alias/aws/… is rejected. As with Encryption, a change makes what is in the queues unreadable once the old
	// key is deleted.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
	//
	// Default: a new customer managed key with rotation.
	//
	EncryptionKey awskms.IKey

	// What happens to the new topic, queues and key when they leave the stack: DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE.
	//
	// Default: awscdk.RemovalPolicy_DESTROY, because notifications are transient.
	//
	RemovalPolicy awscdk.RemovalPolicy
}

// A bucket, or a part of it, that documents are read from.
type InputLocation struct {
	// The bucket, in the stack's Region.
	Bucket awss3.IBucket

	// The beginning of the keys of the documents, compared as S3 compares prefixes: "in/" ends at the folder, "in" does not.
	//
	// Default: the whole bucket.
	//
	Prefix *string

	// The key that the documents are encrypted with.
	//
	// A bucket that this app makes, or that is imported with awss3.Bucket_FromBucketAttributes and EncryptionKey, names its own;
	// awss3.Bucket_FromBucketName and Bucket_FromBucketArn name none, and a warning asks for it.
	//
	// Default: the bucket's own.
	//
	EncryptionKey awskms.IKey
}

// A bucket, or a part of it, that Textract writes results to.
//
// The objects are called PREFIX/JOBID/1, PREFIX/JOBID/2 and so on.
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
type OutputLocation struct {
	// The bucket, in the stack's Region.
	Bucket awss3.IBucket

	// The prefix, without a slash at either end.
	//
	// Default: "textract_output".
	//
	Prefix *string

	// The key that the results are encrypted with.
	//
	// Imported buckets name it as those of an InputLocation do.
	//
	// Default: the bucket's own; results are encrypted by S3 where it has none.
	//
	EncryptionKey awskms.IKey
}

// Options of the dead-letter queue.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
type DeadLetterQueueOptions struct {
	// Whether there is none: a notification that nobody processes in time is then lost.
	//
	// Default: false.
	//
	Disabled *bool

	// How often a notification is received before it is moved: a whole number from 1 to 1,000. AWS Lambda asks for at least 5.
	// See: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	//
	// Default: 5.
	//
	MaxReceiveCount *float64

	// How long a notification is kept: whole seconds, at most 14 days and not shorter than the queue's RetentionPeriod, because the age
	// of a notification counts from its first arrival.
	//
	// Default: 14 days.
	//
	RetentionPeriod awscdk.Duration
}

// An asynchronous operation of Amazon Textract: Operation_TEXT_DETECTION, Operation_DOCUMENT_ANALYSIS, Operation_EXPENSE_ANALYSIS or
// Operation_LENDING_ANALYSIS.
// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
type Operation string

const (
	// StartDocumentTextDetection and GetDocumentTextDetection.
	Operation_TEXT_DETECTION Operation = "TEXT_DETECTION"
	// StartDocumentAnalysis and GetDocumentAnalysis.
	Operation_DOCUMENT_ANALYSIS Operation = "DOCUMENT_ANALYSIS"
	// StartExpenseAnalysis and GetExpenseAnalysis.
	Operation_EXPENSE_ANALYSIS Operation = "EXPENSE_ANALYSIS"
	// StartLendingAnalysis, GetLendingAnalysis and GetLendingAnalysisSummary.
	Operation_LENDING_ANALYSIS Operation = "LENDING_ANALYSIS"
)

// What the service role may publish to.
type ServiceRolePolicy string

const (
	// sns:Publish on this topic alone.
	ServiceRolePolicy_TOPIC_ONLY ServiceRolePolicy = "TOPIC_ONLY"
	// The AWS managed policy AmazonTextractServiceRole, as the guide attaches it: every topic of the account whose name begins
	// with AmazonTextract.
	ServiceRolePolicy_AWS_MANAGED ServiceRolePolicy = "AWS_MANAGED"
)

// How topic and queues are encrypted at rest.
type Encryption string

const (
	// With a customer managed key. A new key costs about 1 USD a month and is rotated every year.
	Encryption_KMS Encryption = "KMS"
	// As the services do without a customer managed key: SSE-SQS for the queues, the topic as SNS keeps it. No monthly cost.
	Encryption_SERVICE_MANAGED Encryption = "SERVICE_MANAGED"
)
