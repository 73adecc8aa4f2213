package doctor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
)

// add adds statements to a policy.
func add(policy *string, statements ...string) {
	*policy = strings.Replace(*policy, `]}`, `,`+strings.Join(statements, ",")+`]}`, 1)
	*policy = strings.Replace(*policy, `[,`, `[`, 1)
}

// swap replaces a part that the text has.
func swap(text *string, from, to string) {
	if !strings.Contains(*text, from) {
		panic(fmt.Sprintf("%s lacks %s", *text, from))
	}
	*text = strings.ReplaceAll(*text, from, to)
}

// swapQueuePolicy does so in the policy of the queue.
func swapQueuePolicy(f *fakeAWS, from, to string) {
	text := f.queue["Policy"]
	swap(&text, from, to)
	f.queue["Policy"] = text
}

func addToQueuePolicy(f *fakeAWS, statement string) {
	text := f.queue["Policy"]
	add(&text, statement)
	f.queue["Policy"] = text
}

// TestUnusualSetups are right, each in a way that few are: nothing is wrong, and nothing is left
// unjudged.
func TestUnusualSetups(t *testing.T) {
	const tlsOnly = `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	for name, change := range map[string]func(*fakeAWS, *doctor.Settings){
		"TLS only, everywhere": func(f *fakeAWS, _ *doctor.Settings) {
			addToQueuePolicy(f, tlsOnly)
			f.topic["Policy"] = `{"Statement":[` + tlsOnly + `]}`
			f.bucketPolicy = f.topic["Policy"]
			add(&f.keyPolicy, tlsOnly)
		},
		"action in capitals, with a wildcard": func(f *fakeAWS, _ *doctor.Settings) {
			swapQueuePolicy(f, "sqs:SendMessage", "SQS:Send*")
		},
		"everybody, for this topic": func(f *fakeAWS, _ *doctor.Settings) {
			swapQueuePolicy(f, `{"Service":"sns.amazonaws.com"}`, `"*"`)
		},
		"SourceArn as a text": func(f *fakeAWS, _ *doctor.Settings) {
			swapQueuePolicy(f, "ArnEquals", "StringEquals")
			swap(&f.keyPolicy, "ArnEquals", "StringLike")
		},
		"no service but SNS": func(f *fakeAWS, _ *doctor.Settings) {
			addToQueuePolicy(f, `{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringNotEqualsIfExists":{"aws:PrincipalServiceName":"sns.amazonaws.com"}}}`)
		},
		"a key for SNS without a condition, and exact actions": func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.keyPolicy, `,"Condition":{"ArnEquals":{"aws:SourceArn":"`+topicARN+`"}}`, "")
			swap(&f.keyPolicy, "kms:GenerateDataKey*", "kms:GenerateDataKey")
		},
		"a trust of several services and accounts": func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.trust, `"textract.amazonaws.com"`, `["lambda.amazonaws.com","textract.amazonaws.com"]`)
			swap(&f.trust, `"`+account+`"`, `["444455556666","`+account+`"]`)
		},
		"a trust for one Region": func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.trust, `"StringEquals":{"aws:SourceAccount":"`+account+`"}`, `"ArnLike":{"aws:SourceArn":"arn:aws:textract:eu-west-1:`+account+`:*"}`)
		},
		"all topics but for a deny of the others": func(f *fakeAWS, _ *doctor.Settings) {
			f.role = `{"Statement":[{"Effect":"Allow","Action":["sns:*","kms:*"],"Resource":"*"},{"Effect":"Deny","Action":"sns:Publish","NotResource":"` + topicARN + `"}]}`
		},
		"a boundary with a deny of IAM": func(f *fakeAWS, _ *doctor.Settings) {
			f.boundary = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":["iam:*","organizations:*"],"Resource":"*"}]}`
			f.team = `{"Statement":[]}` // the team has the boundary as a policy too
			f.user = `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
			f.boundary = strings.Replace(f.boundary, `"iam:*",`, "", 1)
		},
		"a Region lock": func(f *fakeAWS, _ *doctor.Settings) {
			lock := `{"Effect":"Deny","NotAction":["sts:*","support:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-west-3","us-east-1"]}}}`
			add(&f.user, lock)
			add(&f.role, lock)
		},
		"no calls through services": func(f *fakeAWS, _ *doctor.Settings) {
			add(&f.user, `{"Effect":"Deny","Action":["textract:*","iam:PassRole"],"Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}}`)
		},
		"all but IAM": func(f *fakeAWS, _ *doctor.Settings) {
			f.user = `{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}`
		},
		"PassRole of a path, to a pattern of services": func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.team, `"`+roleARN+`"`, `"arn:aws:iam::`+account+`:role/ocr/*","Condition":{"StringLike":{"iam:PassedToService":"textract*"}}`)
		},
		"a queue by its ARN": func(_ *fakeAWS, s *doctor.Settings) { s.Queue = queueARN },
		"a queue by its older URL": func(_ *fakeAWS, s *doctor.Settings) {
			s.Queue = "https://eu-west-1.queue.amazonaws.com/" + account + "/notifications"
		},
		"a queue by the URL of a VPC endpoint": func(_ *fakeAWS, s *doctor.Settings) {
			s.Queue = "https://vpce-1a2b.sqs.eu-west-1.vpce.amazonaws.com/" + account + "/notifications"
		},
		"no keys": func(f *fakeAWS, s *doctor.Settings) {
			delete(f.queue, "KmsMasterKeyId")
			delete(f.topic, "KmsMasterKeyId")
			s.Output.KMSKeyID = ""
		},
		"SSE-SQS next to a topic with a key": func(f *fakeAWS, _ *doctor.Settings) {
			delete(f.queue, "KmsMasterKeyId")
			f.queue["SqsManagedSseEnabled"] = "true"
		},
		"keys by their aliases": func(f *fakeAWS, _ *doctor.Settings) {
			f.queue["KmsMasterKeyId"], f.topic["KmsMasterKeyId"] = "alias/ocr", "alias/ocr"
		},
		"raw delivery, and a filter for others": func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription["RawMessageDelivery"], f.subscription["FilterPolicy"] = "true", `{"team":[{"exists":false}]}`
		},
		"a filter that every completion passes": func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription["FilterPolicyScope"] = "MessageBody"
			f.subscription["FilterPolicy"] = `{"JobId":[{"exists":true}],"Status":["SUCCEEDED","PARTIAL_SUCCESS",{"anything-but":["SUCCEEDED"]}]}`
		},
		"a bucket for one user": func(f *fakeAWS, _ *doctor.Settings) {
			f.bucketPolicy = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::documents","arn:aws:s3:::documents/*"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":["` + userARN + `","arn:aws:iam::` + account + `:role/Admin*"]}}}]}`
		},
		"a document of another bucket, without an extension": func(_ *fakeAWS, s *doctor.Settings) {
			s.Document = &doctor.Object{Bucket: "incoming", Key: "2026/scan"}
		},
		"a document in capitals, with a key that begins with a slash": func(_ *fakeAWS, s *doctor.Settings) { s.Document.Key = "/IN/LETTER.TIFF" },
		"a restored document": func(f *fakeAWS, _ *doctor.Settings) {
			f.document = s3.HeadObjectOutput{
				ContentLength: aws.Int64(1000), StorageClass: s3types.StorageClassDeepArchive,
				Restore: aws.String(`ongoing-request="false", expiry-date="Fri, 23 Dec 2026 00:00:00 GMT"`),
			}
		},
		"a document that is archived for instant reads": func(f *fakeAWS, _ *doctor.Settings) {
			f.document = s3.HeadObjectOutput{ContentLength: aws.Int64(1000), StorageClass: s3types.StorageClassGlacierIr}
		},
		"a notification of documents alone": func(f *fakeAWS, _ *doctor.Settings) {
			f.notifications = &s3.GetBucketNotificationConfigurationOutput{QueueConfigurations: []s3types.QueueConfiguration{{
				Events: []s3types.Event{"s3:ObjectCreated:*"},
				Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{FilterRules: []s3types.FilterRule{
					{Name: "Suffix", Value: aws.String(".pdf")},
				}}},
			}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, s := healthy(), settings()
			change(f, &s)
			report := inspect(t, f, s)
			if len(findings(report)) > 0 {
				t.Errorf("%v\n%s", findings(report), text(t, report, doctor.Style{}))
			}
		})
	}
}

// TestSubtleFaults are each found, by one check that names the cause, or below it the statement,
// the command or the policy to add.
func TestSubtleFaults(t *testing.T) {
	const condition = `"Condition":{"ArnEquals":{"aws:SourceArn":"` + topicARN + `"}}`
	filter := func(text string) func(*fakeAWS, *doctor.Settings) {
		return func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription["FilterPolicyScope"], f.subscription["FilterPolicy"] = "MessageBody", text
		}
	}
	document := func(head s3.HeadObjectOutput) func(*fakeAWS, *doctor.Settings) {
		return func(f *fakeAWS, _ *doctor.Settings) { f.document = head }
	}
	// Queue and dead-letter queue are one in the fake: faults of the queue are without the latter.
	queuePolicy := func(from, to string) func(*fakeAWS, *doctor.Settings) {
		return func(f *fakeAWS, _ *doctor.Settings) { f.subscription = nil; swapQueuePolicy(f, from, to) }
	}
	for _, tt := range []struct {
		name   string
		breaks func(*fakeAWS, *doctor.Settings)
		want   []string
		text   string
	}{
		{"the queue policy allows to receive", queuePolicy("sqs:SendMessage", "sqs:ReceiveMessage"), []string{"wrong queue-policy"}, "but for its action sqs:ReceiveMessage"},
		{"the queue policy is of another queue", queuePolicy(`:notifications"`, `:Notifications"`), []string{"wrong queue-policy"}, "but for its resource " + strings.Replace(queueARN, ":n", ":N", 1)},
		{"the queue policy has the topic of another Region", queuePolicy("sns:eu-west-1", "sns:eu-west-2"), []string{"wrong queue-policy"}, "but for ArnEquals aws:SourceArn arn:aws:sns:eu-west-2"},
		{"the queue policy has the subscription's ARN", queuePolicy("AmazonTextractJobs", "AmazonTextractJobs:1234"), []string{"wrong queue-policy"}, "AmazonTextractJobs:1234"},
		{"the queue is for S3 alone", func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription = nil
			addToQueuePolicy(f, `{"Sid":"S3","Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*","Condition":{"StringNotEquals":{"aws:PrincipalServiceName":"s3.amazonaws.com"}}}`)
		}, []string{"wrong queue-policy"}, "statement 2 (S3) of the policy of queue notifications denies it"},
		{"SNS may decrypt only", func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription = nil
			swap(&f.keyPolicy, `["kms:Decrypt","kms:GenerateDataKey*"]`, `"kms:Decrypt"`)
		}, []string{"wrong queue-key"}, `"Action":["kms:Decrypt","kms:GenerateDataKey*"]`},
		{"the key is for the queue, not for the topic", func(f *fakeAWS, _ *doctor.Settings) {
			f.subscription = nil
			swap(&f.keyPolicy, condition, strings.Replace(condition, topicARN, queueARN, 1))
		}, []string{"wrong queue-key"}, "but for ArnEquals aws:SourceArn " + queueARN},
		{"a key without its material", func(f *fakeAWS, _ *doctor.Settings) { f.keyState = kmstypes.KeyStatePendingImport }, []string{"wrong keys"}, "key 1234abcd is PendingImport"},
		{"a key that is gone", func(f *fakeAWS, _ *doctor.Settings) { f.fails["kms:DescribeKey"] = apiError("NotFoundException") }, []string{"wrong keys"}, keyARN + ": key not found"},
		{"the trust is for web identities", func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.trust, "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity")
		}, []string{"wrong trust"}, "but for its action sts:AssumeRoleWithWebIdentity"},
		{"the trust is for jobs of Rekognition", func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.trust, `"StringEquals":{"aws:SourceAccount":"`+account+`"}`, `"ArnLike":{"aws:SourceArn":"arn:aws:rekognition:*:`+account+`:*"}`)
		}, []string{"wrong trust"}, "but for ArnLike aws:SourceArn arn:aws:rekognition"},
		{"the trust is for another Region", func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.trust, `"StringEquals":{"aws:SourceAccount":"`+account+`"}`, `"ArnLike":{"aws:SourceArn":"arn:aws:textract:us-east-1:`+account+`:*"}`)
		}, []string{"wrong trust"}, "arn:aws:textract:us-east-1"},
		{"the role publishes elsewhere", func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.role, topicARN, "arn:aws:sns:us-*:111122223333:AmazonTextract*")
		}, []string{"wrong publish"}, "but for its resource arn:aws:sns:us-*"},
		{"the role may do all but publish", func(f *fakeAWS, _ *doctor.Settings) {
			f.role = `{"Statement":[{"Effect":"Allow","NotAction":["sns:Publish","iam:*"],"Resource":"*"}]}`
		}, []string{"wrong publish"}, "but for its NotAction sns:Publish, iam:*"},
		{"the topic denies the role", func(f *fakeAWS, _ *doctor.Settings) {
			f.topic["Policy"] = `{"Statement":[{"Sid":"Ops","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/Ops"}}}]}`
		}, []string{"wrong publish"}, "statement 1 (Ops) of the topic's policy denies it"},
		{"the role is locked to another Region", func(f *fakeAWS, s *doctor.Settings) {
			s.Output.KMSKeyID = ""
			add(&f.role, `{"Sid":"Lock","Effect":"Deny","Action":"sns:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-east-1"}}}`)
		}, []string{"wrong publish"}, "(Lock) of inline policy Publish denies it"},
		{"PassRole of another account's role", func(f *fakeAWS, _ *doctor.Settings) { swap(&f.team, account, "444455556666") }, []string{"wrong pass-role"}, "but for its resource arn:aws:iam::444455556666"},
		{"PassRole to Lambda", func(f *fakeAWS, _ *doctor.Settings) {
			swap(&f.team, `"`+roleARN+`"`, `"`+roleARN+`","Condition":{"StringEquals":{"iam:PassedToService":["lambda.amazonaws.com","ec2.amazonaws.com"]}}`)
		}, []string{"wrong pass-role"}, "but for StringEquals iam:PassedToService lambda.amazonaws.com"},
		{"jobs in another Region", func(f *fakeAWS, _ *doctor.Settings) {
			f.user = `{"Statement":[{"Effect":"Allow","Action":"textract:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}},{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}]}`
		}, []string{"wrong start"}, "but for StringEquals aws:RequestedRegion us-east-1"},
		{"jobs through a service", func(f *fakeAWS, _ *doctor.Settings) {
			f.user = `{"Statement":[{"Effect":"Allow","Action":"textract:*","Resource":"*","Condition":{"Bool":{"aws:ViaAWSService":"true"}}},{"Effect":"Allow","Action":["s3:*","kms:*"],"Resource":"*"}]}`
		}, []string{"wrong start"}, "but for Bool aws:ViaAWSService true"},
		{"an empty document", document(s3.HeadObjectOutput{ContentLength: aws.Int64(0)}), []string{"wrong document"}, "in/letter.pdf is empty"},
		{"a document that is too large", document(s3.HeadObjectOutput{ContentLength: aws.Int64(600 << 20)}), []string{"wrong document"}, "has 629145600 bytes"},
		{"a document in Word", func(_ *fakeAWS, s *doctor.Settings) { s.Document.Key = "in/letter.docx" }, []string{"warning document"}, "Textract reads PDF, TIFF, JPEG and PNG"},
		{"a folder", func(_ *fakeAWS, s *doctor.Settings) { s.Document.Key = "in/" }, []string{"wrong document"}, "is no document"},
		{"an archived document", document(s3.HeadObjectOutput{ContentLength: aws.Int64(9), StorageClass: s3types.StorageClassGlacier}), []string{"wrong document"}, "aws s3api restore-object --region eu-west-1 --bucket documents --key 'in/letter.pdf'"},
		{"a document that is being restored", document(s3.HeadObjectOutput{
			ContentLength: aws.Int64(9), StorageClass: s3types.StorageClassDeepArchive, Restore: aws.String(`ongoing-request="true"`),
		}), []string{"wrong document"}, "is archived (DEEP_ARCHIVE)"},
		{"a document that Intelligent-Tiering archived", document(s3.HeadObjectOutput{
			ContentLength: aws.Int64(9), StorageClass: s3types.StorageClassIntelligentTiering, ArchiveStatus: s3types.ArchiveStatusDeepArchiveAccess,
		}), []string{"wrong document"}, "is archived (DEEP_ARCHIVE_ACCESS)"},
		{"a document whose key is in another Region", func(f *fakeAWS, _ *doctor.Settings) { f.documentKey = keyIn("us-east-1") }, []string{"wrong document-access"}, "is in us-east-1, and is used in eu-west-1"},
		{"a filter in small letters", filter(`{"Status":[{"prefix":"succ"}]}`), []string{"wrong subscription"}, "Status of completions is one of SUCCEEDED"},
		{"a filter on the Get action", filter(`{"API":["GetDocumentAnalysis"]}`), []string{"wrong subscription"}, "API of completions is one of StartDocumentTextDetection"},
		{"a filter on the bucket at the top", filter(`{"S3Bucket":["documents"]}`), []string{"wrong subscription"}, "completions have no field S3Bucket"},
		{"a filter on a text as a number", filter(`{"JobId":[{"numeric":[">",1]}]}`), []string{"wrong subscription"}, "no JobId of completions is like that"},
		{"results where only an administrator may write", func(f *fakeAWS, _ *doctor.Settings) {
			f.bucketPolicy = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::documents/out/*","Condition":{"StringNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/Admin"}}}]}`
		}, []string{"wrong output-access"}, "statement 1 of the policy of bucket documents denies it"},
		{"the caller reads objects of another prefix", func(f *fakeAWS, s *doctor.Settings) {
			f.user = `{"Statement":[{"Effect":"Allow","Action":["textract:*","kms:*"],"Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::documents","arn:aws:s3:::documents/out*"]}]}`
			s.Caller = userARN[:len(userARN)-len("alice")] + "bob"
		}, []string{"wrong document-access"}, "s3:GetObject"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, s := healthy(), settings()
			tt.breaks(f, &s)
			report := inspect(t, f, s)
			if got := text(t, report, doctor.Style{}); !slices.Equal(findings(report), tt.want) || !strings.Contains(got, tt.text) {
				t.Errorf("%v, want %v and %q\n%s", findings(report), tt.want, tt.text, got)
			}
		})
	}
}
