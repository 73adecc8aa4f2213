package doctor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// fault breaks a set-up in one way.
type fault struct {
	name   string
	breaks func(*setUp)
	// What doctor says of it: the one check that finds it, its result, and a part of the line and
	// of what is below it.
	check, result, found, below string
	// skips are the checks that have nothing to check then.
	skips []string
}

const (
	wrong   = "wrong"
	warning = "warning"
	unknown = "unknown"
)

var faults = []fault{
	{
		name: "the topic is missing", check: "topic", result: wrong, found: "not found in eu-west-1",
		breaks: func(s *setUp) {
			must(s.sns.DeleteTopic(s.t.Context(), &sns.DeleteTopicInput{TopicArn: &s.topicARN}))(s.t)
		},
		skips: []string{"subscription", "publish", "topic-key", "keys", "dead-letter-queue"},
	},
	{
		name:   "the topic is in another Region",
		check:  "topic",
		result: wrong,
		found:  "is in eu-west-1, and Textract is called in eu-west-2",
		breaks: func(s *setUp) {
			// Everything else moves along, or has its Region in its ARN.
			s.queueFlag = s.queueARN
			moved := newBucketIn(s, "eu-west-2")
			s.flags = []string{
				"--region",
				"eu-west-2",
				"--document",
				"s3://" + moved + "/in/letter.pdf",
				"--output",
				"s3://" + moved + "/out",
			}
			s.callerStatements = append(
				s.callerStatements,
				document{
					"Effect":   "Allow",
					"Action":   "s3:*",
					"Resource": []string{"arn:aws:s3:::" + moved, "arn:aws:s3:::" + moved + "/*"},
				},
			)
			s.putCallerPolicy(s.callerStatements...)
		},
		skips: []string{"queue", "keys", "document", "document-access", "output", "output-access", "output-key", "output-loop"},
	},
	{
		name: "a FIFO topic", check: "topic", result: wrong, found: "is a FIFO topic",
		breaks: func(s *setUp) {
			s.replaceTopic("AmazonTextract-"+s.name+".fifo", map[string]string{"FifoTopic": "true", "KmsMasterKeyId": s.topicKeyARN})
		},
		skips: []string{"subscription", "dead-letter-queue"},
	},
	{
		name: "a FIFO queue", check: "queue", result: wrong, found: "is a FIFO queue",
		breaks: func(s *setUp) { s.replaceQueue(s.name+".fifo", map[string]string{"FifoQueue": "true"}) },
		skips:  []string{"subscription", "dead-letter-queue"},
	},
	{
		name: "the queue is missing", check: "queue", result: wrong, found: "not found",
		breaks: func(s *setUp) {
			must(s.sqs.DeleteQueue(s.t.Context(), &sqs.DeleteQueueInput{QueueUrl: &s.queueURL}))(s.t)
		},
		skips: []string{"subscription", "queue-policy", "dead-letter-queue"},
	},
	{
		name:   "not subscribed",
		check:  "subscription",
		result: wrong,
		found:  "it has no subscription",
		below:  "aws sns subscribe --region eu-west-1 --topic-arn",
		breaks: func(s *setUp) { s.unsubscribe() },
		skips:  []string{"dead-letter-queue"},
	},
	{
		name: "subscribed with a wrong protocol", check: "subscription", result: wrong, found: `the protocol "sqss"`,
		breaks: func(s *setUp) { s.unsubscribe(); s.subscribe("sqss", s.queueARN) },
		skips:  []string{"dead-letter-queue"},
	},
	{
		name:   "another queue is subscribed",
		check:  "subscription",
		result: wrong,
		found:  "its subscriptions are sqs arn:aws:sqs:eu-west-1:111122223333:other",
		breaks: func(s *setUp) { s.unsubscribe(); s.subscribe("sqs", "arn:aws:sqs:eu-west-1:"+account+":other") },
		skips:  []string{"dead-letter-queue"},
	},
	{
		name: "a filter on attributes", check: "subscription", result: wrong, found: "Textract sends no message attributes",
		breaks: func(s *setUp) { s.filter(`{"type":["textract"]}`, "MessageAttributes") },
	},
	{
		name: "a filter on a field that is not there", check: "subscription", result: wrong, found: "completions have no field state",
		breaks: func(s *setUp) { s.filter(`{"state":["SUCCEEDED"]}`, "MessageBody") },
	},
	{
		name: "a filter on the status", check: "subscription", result: warning, found: "SNS drops completions that do not match",
		breaks: func(s *setUp) { s.filter(`{"Status":["SUCCEEDED"]}`, "MessageBody") },
	},
	{
		name: "a filter on a status that there is not", check: "subscription", result: wrong, found: "Status of completions is one of SUCCEEDED",
		breaks: func(s *setUp) { s.filter(`{"Status":["Succeeded"]}`, "MessageBody") },
	},
	{
		name: "the queue keeps messages for a minute", check: "queue", result: warning, found: "keeps messages for 1m0s only",
		breaks: func(s *setUp) {
			must(s.sqs.SetQueueAttributes(s.t.Context(), &sqs.SetQueueAttributesInput{
				QueueUrl: &s.queueURL, Attributes: map[string]string{
					"MessageRetentionPeriod": "60", "KmsMasterKeyId": s.queueKeyARN, "Policy": *text(s.t, s.send(s.queueARN)),
				},
			}))(s.t)
		},
	},
	{
		name: "the results' key is in another Region", check: "keys", result: wrong, found: "is in us-east-1, and is used in eu-west-1",
		breaks: func(s *setUp) {
			s.flags = append(s.flags, "--output-key", strings.Replace(s.outputKeyARN, region, "us-east-1", 1))
		},
		skips: []string{"output-key"},
	},
	{
		name: "the caller may start and not get", check: "start", result: warning, found: "not call GetDocumentTextDetection",
		below: `"textract:GetDocumentTextDetection"`,
		breaks: func(s *setUp) {
			s.putCallerPolicy(with(s.callerStatements, 0, but(s.callerStatements[0], "Action", "textract:Start*"))...)
		},
	},
	{
		name: "no queue policy", check: "queue-policy", result: wrong, found: "SNS may not send", below: `"Action":["sqs:SendMessage"]`,
		breaks: func(s *setUp) { s.setQueue(s.queueURL, s.queueKeyARN) },
	},
	{
		name:   "the queue policy names another topic",
		check:  "queue-policy",
		result: wrong,
		found:  "SNS may not send",
		below:  "statement 1 of the policy of queue NAME would allow it but for ArnEquals aws:SourceArn arn:aws:sns:eu-west-1:111122223333:Old",
		breaks: func(s *setUp) {
			s.setQueue(
				s.queueURL,
				s.queueKeyARN,
				but(
					s.send(s.queueARN), "Condition",
					document{"ArnEquals": document{"aws:SourceArn": "arn:aws:sns:eu-west-1:" + account + ":Old"}},
				),
			)
		},
	},
	{
		name:   "the queue policy names the role",
		check:  "queue-policy",
		result: wrong,
		found:  "SNS may not send",
		below:  "but for its principal arn:aws:iam::111122223333:role/ocr/Service-",
		breaks: func(s *setUp) {
			s.setQueue(s.queueURL, s.queueKeyARN, but(s.send(s.queueARN), "Principal", document{"AWS": s.roleARN}))
		},
	},
	{
		name:   "the queue policy is open to every topic",
		check:  "queue-policy",
		result: warning,
		found:  "the topics of every account may send",
		breaks: func(s *setUp) { s.setQueue(s.queueURL, s.queueKeyARN, but(s.send(s.queueARN), "Condition", nil)) },
	},
	{
		name:   "the queue policy depends on the organization",
		check:  "queue-policy",
		result: unknown,
		found:  "not judged",
		below:  "StringEquals aws:SourceOrgID o-1234567890",
		breaks: func(s *setUp) {
			s.setQueue(
				s.queueURL, s.queueKeyARN,
				but(s.send(s.queueARN), "Condition", document{"StringEquals": document{"aws:SourceOrgID": "o-1234567890"}}),
			)
		},
	},
	{
		name:   "the queue is encrypted with the key of AWS",
		check:  "queue-key",
		result: wrong,
		found:  "alias/aws/sqs, which SNS can never use",
		breaks: func(s *setUp) { s.setQueue(s.queueURL, "alias/aws/sqs", s.send(s.queueARN)) },
	},
	{
		name:   "SNS may not use the queue's key",
		check:  "queue-key",
		result: wrong,
		found:  "SNS may not use the key",
		below:  `"kms:GenerateDataKey*"`,
		breaks: func(s *setUp) { s.setQueue(s.queueURL, s.newKey(s.keyStatements[0]), s.send(s.queueARN)) },
	},
	{
		name:   "SNS may not use the queue's key for this topic",
		check:  "queue-key",
		result: wrong,
		found:  "SNS may not use the key",
		below:  "but for ArnEquals aws:SourceArn",
		breaks: func(s *setUp) {
			s.setQueue(
				s.queueURL,
				s.newKey(
					s.keyStatements[0],
					but(
						s.keyStatements[1], "Condition",
						document{"ArnEquals": document{"aws:SourceArn": "arn:aws:sns:eu-west-1:" + account + ":Old"}},
					),
				),
				s.send(s.queueARN),
			)
		},
	},
	{
		name: "a key is disabled", check: "keys", result: wrong, found: "is Disabled",
		breaks: func(s *setUp) {
			must(s.kms.DisableKey(s.t.Context(), &kms.DisableKeyInput{KeyId: keyID(s.topicKeyARN)}))(s.t)
		},
		skips: []string{"topic-key"},
	},
	{
		name: "a key is to be deleted", check: "keys", result: wrong, found: "is PendingDeletion, on 20",
		breaks: func(s *setUp) {
			key := s.newKey(s.keyStatements...)
			s.setQueue(s.queueURL, key, s.send(s.queueARN))
			must(s.kms.ScheduleKeyDeletion(s.t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: keyID(key)}))(s.t)
		},
		skips: []string{"queue-key"},
	},
	{
		name:   "the role may not use the topic's key",
		check:  "topic-key",
		result: wrong,
		found:  "the role may not use the topic's key",
		below:  `"Action":["kms:Decrypt","kms:GenerateDataKey*"]`,
		breaks: func(s *setUp) { s.putRolePolicy(without(s.roleStatements, 1)...) },
	},
	{
		name:   "the topic's key does not count on the account",
		check:  "topic-key",
		result: wrong,
		found:  "the role may not use the topic's key",
		below:  "the policy of key arn:aws:kms",
		breaks: func(s *setUp) {
			key := s.newKey(but(s.keyStatements[0], "Principal", document{"AWS": "arn:aws:iam::" + account + ":role/Admin"}))
			must(
				s.sns.SetTopicAttributes(
					s.t.Context(),
					&sns.SetTopicAttributesInput{TopicArn: &s.topicARN, AttributeName: aws.String("KmsMasterKeyId"), AttributeValue: &key},
				),
			)(
				s.t,
			)
			s.putRolePolicy(with(s.roleStatements, 1, but(s.roleStatements[1], "Resource", key))...)
		},
	},
	{
		name: "the role is missing", check: "service-role", result: wrong, found: "not found",
		breaks: func(s *setUp) { s.roleARN = "arn:aws:iam::" + account + ":role/Missing" },
		skips:  []string{"trust", "publish", "topic-key", "pass-role", "output-key"},
	},
	{
		name:   "the role's ARN is without its path",
		check:  "service-role",
		result: wrong,
		found:  "the role's ARN is arn:aws:iam::111122223333:role/ocr/Service-",
		breaks: func(s *setUp) { s.roleARN = strings.Replace(s.roleARN, "/ocr/", "/", 1) },
	},
	{
		name:   "the trust is of another service",
		check:  "trust",
		result: wrong,
		found:  "Textract may not assume the role",
		below:  "but for its principal rekognition.amazonaws.com",
		breaks: func(s *setUp) {
			s.setTrust(but(s.trust(account), "Principal", document{"Service": "rekognition.amazonaws.com"}))
		},
	},
	{
		name:   "the trust is of another account",
		check:  "trust",
		result: wrong,
		found:  "Textract may not assume the role",
		below:  "but for ArnLike aws:SourceArn arn:aws:textract:*:444455556666:* and StringEquals aws:SourceAccount 444455556666",
		breaks: func(s *setUp) { s.setTrust(s.trust(otherAccount)) },
	},
	{
		name: "the trust is open to every account", check: "trust", result: warning, found: "for jobs of any account",
		breaks: func(s *setUp) { s.setTrust(but(s.trust(account), "Condition", nil)) },
	},
	{
		name: "the trust depends on the organization", check: "trust", result: unknown, found: "not judged", below: "aws:SourceOrgID",
		breaks: func(s *setUp) {
			s.setTrust(but(s.trust(account), "Condition", document{"StringEquals": document{"aws:SourceOrgID": "o-1234567890"}}))
		},
	},
	{
		name:   "the role may not publish",
		check:  "publish",
		result: wrong,
		found:  "the role may not publish",
		below:  `"Action":["sns:Publish"]`,
		breaks: func(s *setUp) { s.putRolePolicy(without(s.roleStatements, 0)...) },
	},
	{
		name:   "a deny",
		check:  "publish",
		result: wrong,
		found:  "the role may not publish",
		below:  "statement 4 (Nobody) of inline policy Publish denies it",
		breaks: func(s *setUp) {
			s.putRolePolicy(
				append(slices.Clone(s.roleStatements), document{"Sid": "Nobody", "Effect": "Deny", "Action": "sns:*", "Resource": "*"})...)
		},
	},
	{
		name:   "a boundary",
		check:  "publish",
		result: wrong,
		found:  "the role may not publish",
		below:  "the permissions boundary KeysOnly-NAME does not allow it",
		breaks: func(s *setUp) {
			boundary := must(s.iam.CreatePolicy(s.t.Context(), &iam.CreatePolicyInput{
				PolicyName: aws.String(
					"KeysOnly-" + s.name,
				),
				PolicyDocument: text(s.t, document{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}),
			}))(s.t).Policy.Arn
			must(
				s.iam.PutRolePermissionsBoundary(
					s.t.Context(),
					&iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("Service-" + s.name), PermissionsBoundary: boundary},
				),
			)(
				s.t,
			)
		},
	},
	{
		name:   "no PassRole",
		check:  "pass-role",
		result: wrong,
		found:  "may not pass the role",
		below:  `"iam:PassedToService":"textract.amazonaws.com"`,
		breaks: func(s *setUp) { s.putCallerPolicy(without(s.callerStatements, 1)...) },
	},
	{
		name:   "PassRole without the role's path",
		check:  "pass-role",
		result: wrong,
		found:  "may not pass the role",
		below:  "but for its resource arn:aws:iam::111122223333:role/Service-",
		breaks: func(s *setUp) {
			s.putCallerPolicy(
				with(s.callerStatements, 1, but(s.callerStatements[1], "Resource", strings.Replace(s.roleARN, "/ocr/", "/", 1)))...)
		},
	},
	{
		name:   "PassRole to another service",
		check:  "pass-role",
		result: wrong,
		found:  "may not pass the role",
		below:  "but for StringEquals iam:PassedToService ec2.amazonaws.com",
		breaks: func(s *setUp) {
			s.putCallerPolicy(
				with(
					s.callerStatements, 1,
					but(s.callerStatements[1], "Condition", document{"StringEquals": document{"iam:PassedToService": "ec2.amazonaws.com"}}),
				)...)
		},
	},
	{
		name: "the caller may not start jobs", check: "start", result: wrong, found: "the caller may not start jobs",
		breaks: func(s *setUp) { s.putCallerPolicy(without(s.callerStatements, 0)...) },
	},
	{
		name:   "the documents are in another Region",
		check:  "document",
		result: wrong,
		found:  "is in us-west-2, and Textract is called in eu-west-1",
		breaks: func(s *setUp) { s.flags[1] = "s3://" + newBucketIn(s, "us-west-2") + "/in/letter.pdf" },
		skips:  []string{"output-loop", "document-access"}, // it is about documents and results in one bucket
	},
	{
		name: "the document is missing", check: "document", result: wrong, found: "not found",
		breaks: func(s *setUp) { s.flags[1] = "s3://" + s.bucket + "/in/missing.pdf" },
		skips:  []string{"document-access"},
	},
	{
		name:   "the caller may not read the document",
		check:  "document-access",
		result: wrong,
		found:  "the caller may not read the document",
		below:  "s3:GetObject",
		breaks: func(s *setUp) {
			s.putCallerPolicy(
				with(
					s.callerStatements, 2,
					but(s.callerStatements[2], "Resource", []string{"arn:aws:s3:::" + s.bucket, "arn:aws:s3:::" + s.bucket + "/out/*"}),
				)...)
		},
	},
	{
		name:   "the caller may not use the document's key",
		check:  "document-access",
		result: wrong,
		found:  "or its key",
		below:  `"Action":["kms:Decrypt"]`,
		breaks: func(s *setUp) {
			must(s.s3.PutObject(s.t.Context(), &s3.PutObjectInput{
				Bucket: &s.bucket, Key: aws.String("in/letter.pdf"), Body: strings.NewReader("%PDF-1.7"),
				ServerSideEncryption: s3types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String(s.newKey(s.keyStatements[0])),
			}))(s.t)
		},
	},
	{
		name:   "the caller may not write results",
		check:  "output-access",
		result: wrong,
		found:  "may not write results",
		below:  "s3:AbortMultipartUpload",
		breaks: func(s *setUp) {
			s.putCallerPolicy(with(s.callerStatements, 2, but(s.callerStatements[2], "Action", "s3:GetObject"))...)
		},
	},
	{
		name:   "the caller may not use the results' key",
		check:  "output-key",
		result: wrong,
		found:  "the caller may not use the key of the results",
		below:  "kms:ReEncrypt*",
		breaks: func(s *setUp) { s.flags = append(s.flags, "--output-key", s.newKey(s.keyStatements[0])) },
	},
	{
		name:   "the role may not use the results' key",
		check:  "output-key",
		result: warning,
		found:  "the service role may not use the key of the results",
		breaks: func(s *setUp) { s.putRolePolicy(without(s.roleStatements, 2)...) },
	},
	{
		name:   "results start jobs",
		check:  "output-loop",
		result: warning,
		found:  "a notification of the bucket covers documents and results",
		breaks: func(s *setUp) {
			must(s.s3.PutBucketNotificationConfiguration(s.t.Context(), &s3.PutBucketNotificationConfigurationInput{
				Bucket: &s.bucket, NotificationConfiguration: &s3types.NotificationConfiguration{
					QueueConfigurations: []s3types.QueueConfiguration{
						{Events: []s3types.Event{"s3:ObjectCreated:*"}, QueueArn: &s.queueARN},
					},
				},
			}))(s.t)
		},
	},
	{
		name:   "the subscription's dead-letter queue cannot be reached",
		check:  "dead-letter-queue",
		result: warning,
		found:  "SNS may not send to",
		breaks: func(s *setUp) { s.setQueue(s.deadLetterURL, s.queueKeyARN) },
	},
}

func newBucketIn(s *setUp, region string) string {
	s.t.Helper()
	there := *s
	there.api = newAPI(region)
	there.region = region
	name := strings.ToLower(s.name) + "-" + region
	there.newBucket(name)
	must(
		there.s3.PutObject(
			s.t.Context(),
			&s3.PutObjectInput{Bucket: &name, Key: aws.String("in/letter.pdf"), Body: strings.NewReader("%PDF-1.7")},
		),
	)(
		s.t,
	)
	return name
}

// keyID is what Moto takes for a key where it takes no ARN.
func keyID(keyARN string) *string {
	_, id, _ := strings.Cut(keyARN, "/")
	return &id
}

func (s *setUp) unsubscribe() {
	s.t.Helper()
	must(s.sns.Unsubscribe(s.t.Context(), &sns.UnsubscribeInput{SubscriptionArn: &s.subscriptionARN}))(s.t)
}

func (s *setUp) subscribe(protocol, endpoint string) {
	s.t.Helper()
	must(s.sns.Subscribe(s.t.Context(), &sns.SubscribeInput{TopicArn: &s.topicARN, Protocol: &protocol, Endpoint: &endpoint}))(s.t)
}

func (s *setUp) filter(filter, scope string) {
	s.t.Helper()
	for name, value := range map[string]string{"FilterPolicyScope": scope, "FilterPolicy": filter} {
		must(
			s.sns.SetSubscriptionAttributes(
				s.t.Context(),
				&sns.SetSubscriptionAttributesInput{SubscriptionArn: &s.subscriptionARN, AttributeName: &name, AttributeValue: &value},
			),
		)(
			s.t,
		)
	}
}

// replaceTopic puts another topic in the place of the topic, and all that refers to it.
func (s *setUp) replaceTopic(name string, attributes map[string]string) {
	s.t.Helper()
	s.unsubscribe()
	s.topicARN = *must(s.sns.CreateTopic(s.t.Context(), &sns.CreateTopicInput{Name: &name, Attributes: attributes}))(s.t).TopicArn
	s.subscribe("sqs", s.queueARN)
	s.referToTopic()
}

// referToTopic makes policies refer to the topic that it is now.
func (s *setUp) referToTopic() {
	s.t.Helper()
	fromTopic := document{"ArnEquals": document{"aws:SourceArn": s.topicARN}}
	s.keyStatements = with(s.keyStatements, 1, but(s.keyStatements[1], "Condition", fromTopic))
	s.queueKeyARN = s.newKey(s.keyStatements...)
	s.setQueue(s.queueURL, s.queueKeyARN, s.send(s.queueARN))
	s.roleStatements = with(s.roleStatements, 0, but(s.roleStatements[0], "Resource", s.topicARN))
	s.putRolePolicy(s.roleStatements...)
}

// replaceQueue puts a FIFO queue in the place of the queue. SNS does not let it subscribe.
func (s *setUp) replaceQueue(name string, attributes map[string]string) {
	s.t.Helper()
	s.queueURL = *must(s.sqs.CreateQueue(s.t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes}))(s.t).QueueUrl
	s.queueARN = fmt.Sprintf("arn:aws:sqs:%s:%s:%s", s.region, account, name)
	s.setQueue(s.queueURL, s.queueKeyARN, s.send(s.queueARN))
}

// TestFaults breaks the set-up in each way: exactly that fault is found.
func TestFaults(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := newSetUp(t, region)
			f.breaks(s)
			report, code := s.doctor()
			found := report.findings()
			if len(found) != 1 || !f.isFound(s, found[0]) {
				t.Errorf("want %s %s: %s; %s\n%s", f.result, f.check, f.found, f.below, report)
			}
			if want := map[string]int{wrong: 7, unknown: 8, warning: 0}[f.result]; code != want {
				t.Errorf("exit code %d, want %d", code, want)
			}
			for _, c := range report.Checks {
				if c.Result == "skipped" && !slices.Contains(f.skips, c.ID) {
					t.Errorf("%s is skipped", c.ID)
				}
			}
		})
	}
}

func (f *fault) isFound(s *setUp, c check) bool {
	below := strings.Join(c.Near, "\n") + "\n" + c.To + "\n" + c.Run
	if c.Add != nil {
		below += "\n" + string(marshal(s.t, c.Add))
	}
	want := strings.ReplaceAll(f.below, "NAME", s.name)
	return c.ID == f.check && c.Result == f.result && strings.Contains(c.Found, f.found) && strings.Contains(below, want) &&
		strings.HasSuffix(c.Docs, "#"+c.ID)
}

// TestTwoFaults breaks the set-up in two ways at different places, in one pair of each two checks:
// both are found, unless the one leaves nothing of the other.
func TestTwoFaults(t *testing.T) {
	checks := map[[2]string]bool{}
	for i, first := range faults {
		for _, second := range faults[i+1:] {
			pair := [2]string{first.check, second.check}
			if checks[pair] || first.check == second.check || slices.Contains(first.skips, second.check) ||
				slices.Contains(second.skips, first.check) || exclude(&first, &second) {
				continue
			}
			checks[pair] = true
			t.Run(first.name+", "+second.name, func(t *testing.T) {
				t.Parallel()
				s := newSetUp(t, region)
				first.breaks(s)
				second.breaks(s)
				report, _ := s.doctor()
				found := report.findings()
				if len(found) != 2 || !slices.ContainsFunc(found, func(c check) bool { return first.isFound(s, c) }) ||
					!slices.ContainsFunc(found, func(c check) bool { return second.isFound(s, c) }) {
					t.Errorf("want %s and %s\n%s", first.check, second.check, report)
				}
			})
		}
	}
}

// exclude reports whether the two write the same thing, so that the second undoes the first.
func exclude(first, second *fault) bool { return writes(first) == writes(second) }

func writes(f *fault) string {
	if f.name == "the role may not use the results' key" {
		return "role"
	}
	switch f.check {
	case "queue-policy", "queue-key", "keys", "queue":
		return "queue"
	case "publish", "topic-key":
		return "role"
	case "pass-role", "start", "output-access", "document-access":
		return "caller"
	}
	return f.name
}
