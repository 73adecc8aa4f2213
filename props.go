package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
)

// TextractAsyncProps are the properties of [NewTextractAsync]. All are optional.
type TextractAsyncProps struct {
	// The asynchronous operations that grants cover: the Start action of each, and the Get actions
	// of its results.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
	//
	// Default: all four.
	//
	Operations *[]Operation

	// The locations of the documents.
	//
	// GrantStartJobs grants reading them, and decrypting them with their keys.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: none, the caller may already read its documents.
	//
	Inputs *[]*InputLocation

	// The location to which Textract writes the results.
	//
	// GrantStartJobs grants writing there, and GrantReadResults reading.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: none, Textract keeps the results for 7 days, and only the Get actions return them.
	//
	Output *OutputLocation

	// An existing standard topic in the stack's account and Region.
	//
	// Import an encrypted topic with awssns.Topic_FromTopicAttributes, which names its key. For a
	// topic of another import, a warning asks for the key.
	//
	// On a deployed stack, a change replaces the topic: jobs in progress publish to the former one,
	// and nobody is notified of them. Before it, stop starting jobs, and wait until none is in
	// progress and the queue is empty. Results stay readable by JobId for 7 days.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new standard topic that denies plain HTTP.
	//
	Topic awssns.ITopic

	// The name of the new topic: at most 256 ASCII letters, digits, "-" and "_", with
	// "AmazonTextract" at the beginning. Not together with Topic.
	//
	// On a deployed stack, a change replaces the topic, with the consequences and precautions of
	// Topic. So does a change of the construct's id or path, unless a TopicName is set.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: "AmazonTextract-" and a name unique to the construct's path.
	//
	TopicName *string

	// An existing standard queue in the stack's account and Region. It keeps its settings and its
	// dead-letter queue, so VisibilityTimeout, RetentionPeriod and DeadLetterQueue are rejected.
	//
	// A queue that is encrypted with alias/aws/sqs is rejected, because SNS cannot deliver to it.
	// Import an encrypted queue with awssqs.Queue_FromQueueAttributes, which names its key. For a
	// queue of another import, a warning asks for the key.
	//
	// On a deployed stack, setting it deletes the construct's queue and dead-letter queue with
	// their messages. Before it, let consumers empty both, with no job in progress; or deploy with
	// RemovalPolicy RETAIN first, and empty them afterwards.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new standard queue that denies plain HTTP.
	//
	Queue awssqs.IQueue

	// The time for which a received notification is hidden from other consumers of the new queue:
	// whole seconds, at most 12 hours.
	//
	// Default: 5 minutes.
	//
	VisibilityTimeout awscdk.Duration

	// The time for which the new queue keeps a notification: whole seconds, from 1 minute to 14
	// days.
	//
	// Default: 7 days, as long as Textract keeps results.
	//
	RetentionPeriod awscdk.Duration

	// The dead-letter queue of the new queue, for notifications that consumers failed to process,
	// or that SNS could not deliver. It takes messages of any source queue of the account
	// (allowAll), and SNS may send to it for this topic only.
	//
	// Default: on, 5 receives, 14 days.
	//
	DeadLetterQueue *DeadLetterQueueOptions

	// Whether the queue receives the notification of Textract alone, and not in an SNS envelope.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html
	//
	// Default: false, in an SNS envelope, as the examples of the guide expect it.
	//
	RawMessageDelivery *bool

	// An existing role that Textract assumes to publish to the topic.
	//
	// The trust policy of a role of this app is extended. For an imported role, a warning prints
	// the statement that its trust policy needs. The permissions are in a policy of this stack,
	// with a name that is unique to the construct, stack and Region.
	//
	// On a deployed stack, setting it deletes the construct's role, with which jobs in progress
	// publish: nobody is notified of them. Before it, stop starting jobs, and wait until none is in
	// progress. Callers need the new role in NotificationChannel or EnvironmentVariables.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	//
	// Default: a new role.
	//
	ServiceRole awsiam.IRole

	// The topics to which the new service role may publish. Not together with ServiceRole.
	// See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html
	//
	// Default: ServiceRolePolicy_TOPIC_ONLY.
	//
	ServiceRolePolicy ServiceRolePolicy

	// Other accounts, of 12 digits each, whose jobs may use the new service role. Not together with
	// ServiceRole.
	//
	// Both confused-deputy conditions of its trust policy list them, after the stack's account.
	// See: https://docs.aws.amazon.com/textract/latest/dg/cross-service-confused-deputy-prevention.html
	//
	// Default: the stack's account alone.
	//
	TrustedAccounts *[]*string

	// The encryption of the new topic and queues at rest.
	//
	// Messages stay encrypted with the key of the queue that they were sent to. Changing Encryption
	// on a deployed stack deletes the construct's key in the same update, and consumers lose the
	// permission to decrypt with it. Before it, let consumers empty both queues, with no job in
	// progress; or deploy with RemovalPolicy RETAIN first, and name the key in
	// FormerEncryptionKeys. KMS deletes a key after 30 days, in which the deletion can be
	// cancelled.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
	//
	// Default: Encryption_KMS.
	//
	Encryption Encryption

	// An existing key for the new topic and queue. Not together with Encryption_SERVICE_MANAGED.
	// The dead-letter queue has DeadLetterQueueOptions.EncryptionKey.
	//
	// The policy of a key of this app is extended, so that SNS can deliver to the queue. For an
	// imported key, a warning prints the statement that its policy needs. An alias of this app
	// represents its key. Permissions on an imported alias have the condition kms:ResourceAliases.
	// alias/aws/… is rejected. A change on a deployed stack takes the precautions of Encryption.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
	//
	// Default: a new customer managed key with rotation.
	//
	EncryptionKey awskms.IKey

	// The keys of the queue before a change of Encryption, EncryptionKey or the Queue's key, as
	// long as messages in the queue or dead-letter queue are encrypted with them.
	//
	// GrantConsumeNotifications and GrantRunJobs grant decrypting with them. Remove a key here
	// before it is deleted.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
	//
	// Default: none.
	//
	FormerEncryptionKeys *[]awskms.IKey

	// The removal policy of the new topic, queues and key: DESTROY, RETAIN or
	// RETAIN_ON_UPDATE_OR_DELETE.
	//
	// Default: awscdk.RemovalPolicy_DESTROY, because notifications are short-lived.
	//
	RemovalPolicy awscdk.RemovalPolicy
}

// InputLocation is a bucket, or a part of a bucket, with documents.
type InputLocation struct {
	// The bucket, in the stack's Region. Required.
	Bucket awss3.IBucket

	// The beginning of the documents' keys: "in/" covers a folder, and "in" also "invoices/". At
	// most 1,024 bytes of U+0020 to U+00FF, without a slash at the beginning, "*", "?" and "${".
	//
	// Default: the whole bucket.
	//
	Prefix *string

	// The key that encrypts the documents.
	//
	// Buckets of this app, and buckets that awss3.Bucket_FromBucketAttributes imports with
	// EncryptionKey, name their keys. Buckets of awss3.Bucket_FromBucketName and
	// Bucket_FromBucketArn do not, and a warning asks for the key.
	//
	// Default: the key of the bucket.
	//
	EncryptionKey awskms.IKey
}

// OutputLocation is a bucket, or a part of a bucket, to which Textract writes results. The objects
// are called PREFIX/JOBID/1, PREFIX/JOBID/2 and so on.
//
// See: https://docs.aws.amazon.com/textract/latest/dg/API_OutputConfig.html
type OutputLocation struct {
	// The bucket, in the stack's Region. Required.
	Bucket awss3.IBucket

	// The prefix: at most 942 bytes of U+0020 to U+00FF, without a slash at the beginning or end,
	// "*", "?" and "${".
	//
	// Default: "textract_output".
	//
	Prefix *string

	// The key that encrypts the results. Which buckets name their keys is documented with
	// InputLocation.EncryptionKey.
	//
	// Default: the key of the bucket, or encryption with the keys of S3 (SSE-S3) where it has none.
	//
	EncryptionKey awskms.IKey
}

// DeadLetterQueueOptions are the options of the dead-letter queue.
//
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
type DeadLetterQueueOptions struct {
	// Whether there is no dead-letter queue: notifications that are not processed within
	// RetentionPeriod are then lost. It excludes the other options.
	//
	// Setting it on a deployed stack deletes the dead-letter queue with its messages. Before it,
	// move them back (a DLQ redrive), or deploy with RemovalPolicy RETAIN first.
	//
	// Default: false.
	//
	Disabled *bool

	// The number of receives after which a notification is moved: a whole number from 1 to 1,000.
	// AWS recommends at least 5 for Lambda.
	// See: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
	//
	// Default: 5.
	//
	MaxReceiveCount *float64

	// The time for which the dead-letter queue keeps a notification: whole seconds, from the
	// queue's RetentionPeriod to 14 days, because the age of a notification counts from its arrival
	// in the queue.
	//
	// Default: 14 days.
	//
	RetentionPeriod awscdk.Duration

	// An existing key for the dead-letter queue, where a customer managed key is required of every
	// queue. Not together with Encryption_SERVICE_MANAGED. Its policy gets the statement that that
	// of EncryptionKey gets.
	//
	// Use another key than EncryptionKey: if one key serves both queues, and its policy shuts SNS
	// out or it is disabled, SNS can neither deliver a notification nor move it here, and it is
	// lost. SQS moves a message without encrypting it again, so reading what consumers failed to
	// process takes the queue's key in any case.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
	//
	// Default: none, the dead-letter queue has SSE-SQS, which needs no permission and costs
	// nothing.
	//
	EncryptionKey awskms.IKey
}

// Operation is an asynchronous operation of Amazon Textract: [Operation_TEXT_DETECTION],
// [Operation_DOCUMENT_ANALYSIS], [Operation_EXPENSE_ANALYSIS] or [Operation_LENDING_ANALYSIS].
//
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

// ServiceRolePolicy is the policy of the new service role: [ServiceRolePolicy_TOPIC_ONLY] or
// [ServiceRolePolicy_AWS_MANAGED].
//
// See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html
type ServiceRolePolicy string

const (
	// sns:Publish on the construct's topic.
	ServiceRolePolicy_TOPIC_ONLY ServiceRolePolicy = "TOPIC_ONLY"
	// The AWS managed policy AmazonTextractServiceRole, as in the guide: sns:Publish on every topic
	// with a name that begins with AmazonTextract.
	ServiceRolePolicy_AWS_MANAGED ServiceRolePolicy = "AWS_MANAGED"
)

// Encryption is the encryption of the new topic and queues at rest: [Encryption_KMS] or
// [Encryption_SERVICE_MANAGED].
type Encryption string

const (
	// A customer managed key of KMS for topic and queue, and SSE-SQS for the dead-letter queue. A
	// new key costs about 1 USD per month, and is rotated every year.
	Encryption_KMS Encryption = "KMS"
	// No customer managed key: SSE-SQS for the queues, and the encryption at rest of SNS for the
	// topic. No monthly cost.
	Encryption_SERVICE_MANAGED Encryption = "SERVICE_MANAGED"
)
