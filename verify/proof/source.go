package proof

// Source is the page that a row follows.
type Source struct {
	Title, URL string
}

const awsDocs = "https://docs.aws.amazon.com/"

// The pages of AWS that the rows follow.
var (
	asyncRoles = Source{
		"Textract: configuring asynchronous operations", awsDocs + "textract/latest/dg/api-async-roles.html",
	}
	asyncCalls  = Source{"Textract: calling asynchronous operations", awsDocs + "textract/latest/dg/api-async.html"}
	textractIAM = Source{
		"Textract: how it works with IAM", awsDocs + "textract/latest/dg/security_iam_service-with-iam.html",
	}
	textractDeputy = Source{
		"Textract: confused deputy", awsDocs + "textract/latest/dg/cross-service-confused-deputy-prevention.html",
	}
	textractObject = Source{"Textract: S3Object", awsDocs + "textract/latest/dg/API_S3Object.html"}
	managedRole    = Source{
		"AmazonTextractServiceRole", awsDocs + "aws-managed-policy/latest/reference/AmazonTextractServiceRole.html",
	}
	snsKeys     = Source{"SNS: key management", awsDocs + "sns/latest/dg/sns-key-management.html"}
	snsDelivery = Source{
		"SNS: encrypted topic with an encrypted queue",
		awsDocs + "sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html",
	}
	snsSubscribe   = Source{"SNS: fanout to SQS queues", awsDocs + "sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html"}
	snsDeadLetters = Source{"SNS: dead-letter queues", awsDocs + "sns/latest/dg/sns-dead-letter-queues.html"}
	snsTransit     = Source{"SNS: security best practices", awsDocs + "sns/latest/dg/sns-security-best-practices.html"}
	sqsActions     = Source{
		"SQS: API permissions", awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html",
	}
	sqsTransit = Source{
		"SQS: security best practices", awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html",
	}
	sqsKeys = Source{
		"SQS: key management", awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html",
	}
	lambdaTrigger = Source{
		"SQS: Lambda triggers",
		awsDocs + "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html",
	}
	s3Actions   = Source{"S3: policy actions", awsDocs + "AmazonS3/latest/userguide/using-with-s3-policy-actions.html"}
	s3Prefix    = Source{"S3: condition keys", awsDocs + "AmazonS3/latest/userguide/amazon-s3-policy-keys.html"}
	s3Transit   = Source{"S3: security best practices", awsDocs + "AmazonS3/latest/userguide/security-best-practices.html"}
	s3Keys      = Source{"S3: SSE-KMS", awsDocs + "AmazonS3/latest/userguide/UsingKMSEncryption.html"}
	alarmTopics = Source{
		"re:Post: alarms and SNS topics", "https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger",
	}
	alarmKeys = Source{
		"re:Post: alarms and encrypted SNS topics", "https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns",
	}
	kmsDefault = Source{"KMS: default key policy", awsDocs + "kms/latest/developerguide/key-policy-default.html"}
	evaluation = Source{
		"IAM: policy evaluation", awsDocs + "IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
	}
	deputy = Source{"IAM: confused deputy", awsDocs + "IAM/latest/UserGuide/confused-deputy.html"}
)
