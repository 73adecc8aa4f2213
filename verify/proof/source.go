package proof

// source is the page that a row follows.
type source struct{ title, url string }

const awsDocs = "https://docs.aws.amazon.com/"

// The pages of AWS that the rows follow.
var (
	asyncRoles     = source{"Textract: configuring asynchronous operations", awsDocs + "textract/latest/dg/api-async-roles.html"}
	asyncCalls     = source{"Textract: calling asynchronous operations", awsDocs + "textract/latest/dg/api-async.html"}
	textractIAM    = source{"Textract: how it works with IAM", awsDocs + "textract/latest/dg/security_iam_service-with-iam.html"}
	textractDeputy = source{"Textract: confused deputy", awsDocs + "textract/latest/dg/cross-service-confused-deputy-prevention.html"}
	textractObject = source{"Textract: S3Object", awsDocs + "textract/latest/dg/API_S3Object.html"}
	managedPolicy  = source{"AmazonTextractServiceRole", awsDocs + "aws-managed-policy/latest/reference/AmazonTextractServiceRole.html"}
	snsKeys        = source{"SNS: key management", awsDocs + "sns/latest/dg/sns-key-management.html"}
	snsDelivery    = source{
		"SNS: encrypted topic with an encrypted queue",
		awsDocs + "sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html",
	}
	snsSubscribe   = source{"SNS: fanout to SQS queues", awsDocs + "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"}
	snsDeadLetters = source{"SNS: dead-letter queues", awsDocs + "sns/latest/dg/sns-dead-letter-queues.html"}
	snsTransit     = source{"SNS: security best practices", awsDocs + "sns/latest/dg/sns-security-best-practices.html"}
	sqsActions     = source{
		"SQS: API permissions",
		awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html",
	}
	sqsTransit = source{
		"SQS: security best practices",
		awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
	}
	sqsKeys       = source{"SQS: key management", awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"}
	lambdaTrigger = source{
		"SQS: Lambda triggers",
		awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html",
	}
	s3Actions   = source{"S3: policy actions", awsDocs + "AmazonS3/latest/userguide/using-with-s3-policy-actions.html"}
	s3Prefix    = source{"S3: condition keys", awsDocs + "AmazonS3/latest/userguide/amazon-s3-policy-keys.html"}
	s3Transit   = source{"S3: security best practices", awsDocs + "AmazonS3/latest/userguide/security-best-practices.html"}
	s3Keys      = source{"S3: SSE-KMS", awsDocs + "AmazonS3/latest/userguide/UsingKMSEncryption.html"}
	alarmTopics = source{
		"re:Post: alarms and SNS topics",
		"https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger",
	}
	alarmKeys = source{
		"re:Post: alarms and encrypted SNS topics",
		"https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns",
	}
	kmsDefault = source{"KMS: default key policy", awsDocs + "kms/latest/developerguide/key-policy-default.html"}
	evaluation = source{"IAM: policy evaluation", awsDocs + "IAM/latest/UserGuide/reference_policies_evaluation-logic.html"}
	deputy     = source{"IAM: confused deputy", awsDocs + "IAM/latest/UserGuide/confused-deputy.html"}
)
