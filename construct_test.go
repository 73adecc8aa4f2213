package textractasync_test

import (
	"flag"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the templates in testdata")

// How one stack refers to another is the choice of an app and the business of the CDK, whose older
// versions know one way only. The permission proof in verify has the other way.
const crossStackReferences = "@aws-cdk/core:defaultCrossStackReferences"

// TestSnapshots compares the templates of every scenario with those in testdata, whatever the
// version of the CDK.
func TestSnapshots(t *testing.T) {
	flagSets, err := scenario.FlagSets(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range flagSets {
		delete(flags.Context, crossStackReferences)
		for _, s := range scenario.All() {
			t.Run(flags.Name+"/"+s.Name, func(t *testing.T) {
				templates := synthesize(t, s, flags.Context)
				snapshot.Compare(t, filepath.Join("testdata", flags.Name), templates, *update)
			})
		}
	}
}

// TestFeatureFlagsChangeSpellingOnly sets the two flags that change how a template is written:
// whether statements are merged, and whether the partition of a known Region is spelled out. With
// them alone the templates are those with all recommended flags.
func TestFeatureFlagsChangeSpellingOnly(t *testing.T) {
	spelling := map[string]any{
		"@aws-cdk/aws-iam:minimizePolicies":     true,
		"@aws-cdk/core:enablePartitionLiterals": true,
	}
	for _, s := range scenario.All() {
		t.Run(s.Name, func(t *testing.T) {
			snapshot.Compare(t, filepath.Join("testdata", "flags-recommended"), synthesize(t, s, spelling), false)
		})
	}
}

// TestGuide has a row for every line of the table in docs/guide.md: what each step asks for is in
// the template.
func TestGuide(t *testing.T) {
	stack := newStack("Guide")
	documents, results := newKMSBucket(stack, "Documents"), newKMSBucket(stack, "Results")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents, Prefix: jsii.String("in/")}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	callerRole := newLambdaRole(stack, "Caller")
	textract.GrantRunJobs(callerRole)
	template := assertions.Template_FromStack(stack, nil)

	topic, topicArn := ref(textract.Topic()), topicARN(textract.Topic())
	queueArn, deadLetterQueueArn := arnOf(textract.Queue()), arnOf(textract.DeadLetterQueue())
	serviceRole, key := textract.ServiceRole(), arnOf(textract.EncryptionKey())
	policyOf := func(role awsiam.IRole, statement object) object {
		return object{"Roles": []any{ref(role)}, "PolicyDocument": document(statement)}
	}

	rows := []struct {
		step, name, resource string
		properties           object
	}{
		{"1", "the caller may start and get all operations", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Resource": "*", "Action": []any{
				"textract:StartDocumentTextDetection", "textract:StartDocumentAnalysis",
				"textract:StartExpenseAnalysis", "textract:StartLendingAnalysis",
				"textract:GetDocumentTextDetection", "textract:GetDocumentAnalysis",
				"textract:GetExpenseAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
			},
		})},
		{"1", "the caller may read the documents", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Action": []any{"s3:GetObject", "s3:GetObjectVersion"}, "Resource": join(arnOf(documents), "/in/*"),
		})},
		{"1", "the caller may consume the notifications", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Resource": queueArn, "Action": []any{
				"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			},
		})},
		{"3", "a standard topic whose name begins with AmazonTextract", "AWS::SNS::Topic", object{
			"TopicName": assertions.Match_StringLikeRegexp(jsii.String("^AmazonTextract")), "FifoTopic": assertions.Match_Absent(),
		}},
		{"3", "the topic denies plain HTTP", "AWS::SNS::TopicPolicy", object{
			"Topics": []any{topic}, "PolicyDocument": document(denyPlainHTTP("sns:Publish", topic)),
		}},
		{"4", "a standard queue with a dead-letter queue", "AWS::SQS::Queue", object{
			"FifoQueue": assertions.Match_Absent(), "RedrivePolicy": object{"deadLetterTargetArn": deadLetterQueueArn},
		}},
		{"4", "the queue denies plain HTTP", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(denyPlainHTTP("sqs:*", queueArn)),
		}},
		{"4", "the dead-letter queue denies plain HTTP", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(denyPlainHTTP("sqs:*", deadLetterQueueArn)),
		}},
		{"5", "the queue is subscribed to the topic", "AWS::SNS::Subscription", object{
			"Protocol": "sqs", "TopicArn": topic, "Endpoint": queueArn,
			"RedrivePolicy": object{"deadLetterTargetArn": deadLetterQueueArn},
		}},
		{"6", "the topic may send to the queue", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(object{
				"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queueArn,
				"Principal": object{"Service": "sns.amazonaws.com"},
				"Condition": object{"ArnEquals": object{"aws:SourceArn": topicArn}},
			}),
		}},
		{"6", "the topic may send to the dead-letter queue", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(object{
				"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": deadLetterQueueArn,
				"Principal": object{"Service": "sns.amazonaws.com"},
				"Condition": object{"ArnEquals": object{"aws:SourceArn": topic}},
			}),
		}},
		{"7", "Textract may assume the service role, for this account alone", "AWS::IAM::Role", object{
			"AssumeRolePolicyDocument": document(object{
				"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": object{"Service": "textract.amazonaws.com"},
				"Condition": object{
					"ArnLike": object{"aws:SourceArn": []any{
						join("arn:", pseudo("Partition"), ":textract:*:", pseudo("AccountId"), ":*"),
					}},
					"StringEquals": object{"aws:SourceAccount": []any{pseudo("AccountId")}},
				},
			}),
		}},
		{"7", "the service role may publish to the topic", "AWS::IAM::Policy", policyOf(serviceRole, object{
			"Effect": "Allow", "Action": "sns:Publish", "Resource": topicArn,
		})},
		{"8", "the caller may pass the service role to Textract alone", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Action": "iam:PassRole", "Resource": arnOf(serviceRole),
			"Condition": object{"StringEquals": object{"iam:PassedToService": "textract.amazonaws.com"}},
		})},
		{"output", "the caller may write results below the prefix", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Resource": []any{arnOf(results), join(arnOf(results), "/textract_output/*")}, "Action": []any{
				"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
				"s3:ListBucketMultipartUploads",
			},
		})},
		{"output", "the caller may list results below the prefix", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arnOf(results),
			"Condition": object{"StringLike": object{"s3:prefix": "textract_output/*"}},
		})},
		{"KMS", "SNS may use the key for this topic", "AWS::KMS::Key", object{
			"EnableKeyRotation": true,
			"KeyPolicy": document(object{
				"Effect": "Allow", "Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": "*",
				"Principal": object{"Service": "sns.amazonaws.com"},
				"Condition": object{"ArnEquals": object{"aws:SourceArn": topicArn}},
			}),
		}},
		{"KMS", "the service role may use the topic's key", "AWS::IAM::Policy", policyOf(serviceRole, object{
			"Effect": "Allow", "Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": key,
		})},
		{"KMS", "the caller may decrypt notifications", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Action": "kms:Decrypt", "Resource": assertions.Match_ArrayWith(&[]any{key}),
		})},
		{"KMS", "the caller may decrypt documents", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Action": "kms:Decrypt", "Resource": assertions.Match_ArrayWith(&[]any{arnOf(documents.EncryptionKey())}),
		})},
		{"KMS", "the caller may use the results' key", "AWS::IAM::Policy", policyOf(callerRole, object{
			"Effect": "Allow", "Resource": arnOf(results.EncryptionKey()), "Action": outputKeyActions,
		})},
		{"KMS", "the service role may use the results' key", "AWS::IAM::Policy", policyOf(serviceRole, object{
			"Effect": "Allow", "Resource": arnOf(results.EncryptionKey()), "Action": outputKeyActions,
		})},
	}
	for _, row := range rows {
		t.Run("step "+row.step+" "+row.name, func(t *testing.T) {
			mustMatch(t, func() { template.HasResourceProperties(jsii.String(row.resource), row.properties) })
		})
	}
}
