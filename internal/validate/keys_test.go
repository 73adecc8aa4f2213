package validate

const (
	managedQueueFix    = "encrypt it with a customer managed key or with SSE-SQS: SNS cannot use that key and would drop every message"
	managedTopicFix    = "encrypt it with a customer managed key: the policy of an AWS managed key cannot be changed for the service role"
	managedKeyFix      = "use a customer managed key: SNS cannot use that key and would drop every message"
	managedLocationFix = "remove EncryptionKey, or use a customer managed key: S3 needs no grant for an AWS managed key"
	managedBucketFix   = "remove the key where the bucket is imported, or use a customer managed key: S3 needs no grant for an AWS managed key"

	newKeyReason = ": CloudFormation cannot refer to a new key of another account"
)

var keyCases = []ruleCase[Settings]{
	{
		rule: "FormerEncryptionKeys nil", name: "a key",
		change: func(s *Settings) { s.FormerEncryptionKeys = []*Key{{}} },
	},
	{
		rule: "FormerEncryptionKeys nil", name: "nil",
		change: func(s *Settings) { s.FormerEncryptionKeys = []*Key{{}, nil} },
		want:   []Problem{{"FormerEncryptionKeys[1]", "nil", "use a key, or remove it"}},
	},
	{
		rule: "AWS managed key", name: "of the dead-letter queue, and a former one",
		change: func(s *Settings) {
			s.DeadLetterQueue = &DeadLetterQueue{EncryptionKey: &Key{Alias: "alias/aws/sqs"}}
			s.FormerEncryptionKeys = []*Key{{Alias: "alias/aws/sqs"}}
		},
		want: []Problem{
			{"DeadLetterQueue.EncryptionKey", `"alias/aws/sqs"`, managedKeyFix},
			{"FormerEncryptionKeys[0]", `"alias/aws/sqs"`, "remove it: SQS needs no grant for an AWS managed key"},
		},
	},
	{
		rule: "Key kind", name: "symmetric",
		change: func(s *Settings) { s.EncryptionKey = &Key{Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"} },
	},
	{rule: "Key kind", name: "token", change: func(s *Settings) { s.EncryptionKey = &Key{Spec: aToken, Usage: aToken} }},
	{
		rule: "Key kind", name: "asymmetric",
		change: func(s *Settings) {
			s.EncryptionKey, s.Queue = &Key{Spec: "RSA_4096", Usage: "ENCRYPT_DECRYPT"}, &Queue{Key: &Key{Spec: "RSA_2048", Usage: "SIGN_VERIFY"}}
		},
		want: []Problem{
			{"Queue", "a queue with a key of RSA_2048", "use a symmetric key for encryption: AWS services take no other"},
			{"EncryptionKey", "a key of RSA_4096", "use a symmetric key for encryption: AWS services take no other"},
		},
	},
	{
		rule: "Key kind", name: "HMAC",
		change: func(s *Settings) { s.EncryptionKey = &Key{Usage: "GENERATE_VERIFY_MAC"} },
		want:   []Problem{{"EncryptionKey", "a key of GENERATE_VERIFY_MAC", "use a symmetric key for encryption: AWS services take no other"}},
	},
	{rule: "Key disabled", name: "enabled", change: func(s *Settings) { s.EncryptionKey = &Key{} }},
	{
		rule: "Key disabled", name: "disabled",
		change: func(s *Settings) { s.EncryptionKey = &Key{Disabled: true} },
		want: []Problem{{
			"EncryptionKey", "a key of Enabled false", "use a key that is enabled: no notification or document can be encrypted with it",
		}},
	},
	{
		rule: "AWS managed key", name: "other aliases",
		change: func(s *Settings) {
			key := &Key{Alias: "alias/awsome", ARN: "arn:aws:kms:us-east-1:111122223333:alias/awsome"}
			s.Queue, s.EncryptionKey = &Queue{Key: key}, key
			s.Inputs = []Location{{Bucket: &Bucket{Key: key}, EncryptionKey: key}}
		},
	},
	{
		rule: "AWS managed key", name: "queue by its encryption type",
		change: func(s *Settings) { s.Queue = &Queue{AWSManaged: true} },
		want:   []Problem{{"Queue", "a queue encrypted with alias/aws/sqs", managedQueueFix}},
	},
	{
		rule: "AWS managed key", name: "queue by the ARN of its key",
		change: func(s *Settings) {
			s.Queue = &Queue{Key: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:alias/aws/sqs"}}
		},
		want: []Problem{{"Queue", "a queue encrypted with alias/aws/sqs", managedQueueFix}},
	},
	{
		rule: "AWS managed key", name: "queue by the alias of its key",
		change: func(s *Settings) { s.Queue = &Queue{Key: &Key{Alias: "alias/aws/sqs"}} },
		want:   []Problem{{"Queue", "a queue encrypted with alias/aws/sqs", managedQueueFix}},
	},
	{
		rule: "AWS managed key", name: "topic",
		change: func(s *Settings) {
			s.Topic = &Topic{Key: &Key{ARN: "arn:${Token[AWS.Partition.7]}:kms:" + aToken + ":" + aToken + ":alias/aws/sns"}}
		},
		want: []Problem{{"Topic", "a topic encrypted with alias/aws/sns", managedTopicFix}},
	},
	{
		rule: "AWS managed key", name: "new topic and queue",
		change: func(s *Settings) { s.EncryptionKey = &Key{Alias: "alias/aws/sns"} },
		want:   []Problem{{"EncryptionKey", `"alias/aws/sns"`, managedKeyFix}},
	},
	{
		rule: "AWS managed key", name: "location",
		change: func(s *Settings) {
			key := &Key{Alias: "alias/aws/s3"}
			s.Inputs = []Location{{Bucket: &Bucket{}, EncryptionKey: key}}
			s.Output = &Location{Bucket: &Bucket{}, EncryptionKey: key}
		},
		want: []Problem{
			{"Inputs[0].EncryptionKey", `"alias/aws/s3"`, managedLocationFix},
			{"Output.EncryptionKey", `"alias/aws/s3"`, managedLocationFix},
		},
	},
	{
		rule: "AWS managed key", name: "bucket",
		change: func(s *Settings) {
			bucket := &Bucket{Key: &Key{ARN: "arn:aws:kms:us-east-1:111122223333:alias/aws/s3"}}
			s.Inputs, s.Output = []Location{{Bucket: bucket}}, &Location{Bucket: bucket}
		},
		want: []Problem{
			{"Inputs[0].Bucket", "a bucket encrypted with alias/aws/s3", managedBucketFix},
			{"Output.Bucket", "a bucket encrypted with alias/aws/s3", managedBucketFix},
		},
	},
	{
		rule: "AWS managed key", name: "bucket whose key is not used",
		change: func(s *Settings) {
			s.Output = &Location{Bucket: &Bucket{Key: &Key{Alias: "alias/aws/s3"}}, EncryptionKey: &Key{}}
		},
	},

	{
		rule: "New key of another account", name: "new keys of the stack's account, existing keys and unknown accounts",
		change: func(s *Settings) {
			s.EncryptionKey = &Key{Environment: inStack, New: true}
			s.Inputs = []Location{
				{Bucket: &Bucket{}, EncryptionKey: &Key{Environment: Environment{Account: otherAccount}}},
				{Bucket: &Bucket{}, EncryptionKey: &Key{Environment: unknown, New: true}},
				{Bucket: &Bucket{Key: &Key{Environment: inOtherAccount, New: true}}, EncryptionKey: &Key{}},
			}
		},
	},
	{
		rule: "New key of another account", name: "unknown account of the stack",
		change: func(s *Settings) {
			s.Stack = unknown
			s.EncryptionKey = &Key{Environment: inOtherAccount, New: true}
		},
	},
	{
		rule: "New key of another account", name: "keys of the props",
		change: func(s *Settings) {
			key := &Key{Environment: inOtherAccount, New: true}
			s.EncryptionKey = key
			s.Inputs = []Location{{Bucket: &Bucket{}, EncryptionKey: key}}
			s.Output = &Location{Bucket: &Bucket{}, EncryptionKey: key}
		},
		want: []Problem{
			{"EncryptionKey", `a new key in account "444455556666"`, "import the key by its ARN with awskms.Key_FromKeyArn" + newKeyReason},
			{
				"Inputs[0].EncryptionKey",
				`a new key in account "444455556666"`,
				"import the key by its ARN with awskms.Key_FromKeyArn" + newKeyReason,
			},
			{
				"Output.EncryptionKey",
				`a new key in account "444455556666"`,
				"import the key by its ARN with awskms.Key_FromKeyArn" + newKeyReason,
			},
		},
	},
	{
		rule: "New key of another account", name: "keys of buckets",
		change: func(s *Settings) {
			bucket := &Bucket{Environment: inOtherAccount, Key: &Key{Environment: inOtherAccount, New: true}}
			s.Inputs, s.Output = []Location{{Bucket: bucket}}, &Location{Bucket: bucket}
		},
		want: []Problem{
			{
				"Inputs[0].Bucket", `a bucket with a new key in account "444455556666"`,
				"import the key by its ARN with awskms.Key_FromKeyArn, and set Inputs[0].EncryptionKey to it" + newKeyReason,
			},
			{
				"Output.Bucket", `a bucket with a new key in account "444455556666"`,
				"import the key by its ARN with awskms.Key_FromKeyArn, and set Output.EncryptionKey to it" + newKeyReason,
			},
		},
	},
}
