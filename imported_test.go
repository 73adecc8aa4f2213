package textractasync_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// importedAttributes are those of a construct of another app, for one operation.
func importedAttributes() *textractasync.TextractAsyncAttributes {
	return &textractasync.TextractAsyncAttributes{
		TopicArn:         jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextractOld"),
		QueueArn:         jsii.String("arn:aws:sqs:eu-west-1:111122223333:old"),
		ServiceRoleArn:   jsii.String("arn:aws:iam::111122223333:role/service/old"),
		EncryptionKeyArn: jsii.String("arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000000"),
		Operations:       &[]textractasync.Operation{textractasync.Operation_LENDING_ANALYSIS},
	}
}

func TestImportedConstructGrants(t *testing.T) {
	stack := newStackWithEnv("Stack")
	attrs := importedAttributes()
	results := newKMSBucket(stack, "Results")
	attrs.Output = &textractasync.OutputLocation{Bucket: results}
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"), attrs)
	caller := newLambdaRole(stack, "Caller")
	textract.GrantRunJobs(caller)
	template := assertions.Template_FromStack(stack, nil)

	for _, statement := range []object{
		{"Resource": "*", "Action": []any{
			"textract:StartLendingAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
		}},
		{
			"Action": "iam:PassRole", "Resource": *attrs.ServiceRoleArn,
			"Condition": object{"StringEquals": object{"iam:PassedToService": "textract.amazonaws.com"}},
		},
		{"Action": assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}), "Resource": *attrs.QueueArn},
		{"Action": "kms:Decrypt", "Resource": *attrs.EncryptionKeyArn},
		{"Action": outputKeyActions, "Resource": arnOf(results.EncryptionKey())},
		{"Action": "s3:ListBucket", "Resource": arnOf(results)},
	} {
		mustMatch(t, func() {
			template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
				"Roles": []any{ref(caller)}, "PolicyDocument": document(statement),
			})
		})
	}
	for _, kind := range []string{"AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SNS::Subscription", "AWS::SQS::QueuePolicy"} {
		template.ResourceCountIs(jsii.String(kind), jsii.Number(0))
	}
	warningsOf(t, stack).expectNoMore(t)
}

func TestImportedConstructReturnsItsAttributes(t *testing.T) {
	attrs := importedAttributes()
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(newStackWithEnv("Stack"), jsii.String("TextractAsync"), attrs)

	channel := textractasync.NotificationChannel{SnsTopicArn: attrs.TopicArn, RoleArn: attrs.ServiceRoleArn}
	if diff := cmp.Diff(&channel, textract.NotificationChannel()); diff != "" {
		t.Errorf("notification channel (-want +got):\n%s", diff)
	}
	if got := *textract.Topic().TopicArn(); got != *attrs.TopicArn {
		t.Errorf("topic %s", got)
	}
	if got := *textract.ServiceRole().RoleArn(); got != *attrs.ServiceRoleArn {
		t.Errorf("role %s", got)
	}
	if got := *textract.EncryptionKey().KeyArn(); got != *attrs.EncryptionKeyArn {
		t.Errorf("key %s", got)
	}
	variables := *textract.EnvironmentVariables()
	for name, want := range map[string]string{
		"TEXTRACT_SNS_TOPIC_ARN": *attrs.TopicArn,
		"TEXTRACT_ROLE_ARN":      *attrs.ServiceRoleArn,
	} {
		if got := *variables[name]; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if _, ok := variables["TEXTRACT_QUEUE_URL"]; !ok || len(variables) != 3 {
		t.Errorf("variables %v", variables)
	}
}

func TestImportedConstructHasMetricsOfTopicAndQueue(t *testing.T) {
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(
		newStackWithEnv("Stack"), jsii.String("TextractAsync"), importedAttributes())
	for metric, want := range map[awscloudwatch.Metric]string{
		textract.MetricNotificationsPublished(nil): "NumberOfMessagesPublished map[TopicName:AmazonTextractOld]",
		textract.MetricFailedDeliveries(nil):       "NumberOfNotificationsFailed map[TopicName:AmazonTextractOld]",
		textract.MetricNotificationsWaiting(nil):   "ApproximateNumberOfMessagesVisible map[QueueName:old]",
		textract.MetricNotificationsInFlight(nil):  "ApproximateNumberOfMessagesNotVisible map[QueueName:old]",
		textract.MetricNotificationAge(nil):        "ApproximateAgeOfOldestMessage map[QueueName:old]",
	} {
		if got := fmt.Sprint(*metric.MetricName(), " ", *metric.Dimensions()); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestImportedConstructWithoutKey(t *testing.T) {
	attrs := importedAttributes()
	attrs.EncryptionKeyArn = nil
	textract := textractasync.TextractAsync_FromTextractAsyncAttributes(newStackWithEnv("Stack"), jsii.String("TextractAsync"), attrs)
	if key := textract.EncryptionKey(); key != nil {
		t.Errorf("key %v, want nil", key)
	}
}

// A reference to a queue of this app tells its key.
func TestImportedConstructWithAQueueOfThisApp(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		made := newTextractAsync(home, nil)
		imported := textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String("Imported"), &textractasync.TextractAsyncAttributes{
			TopicArn: made.Topic().TopicArn(), QueueArn: made.Queue().QueueArn(), ServiceRoleArn: made.ServiceRole().RoleArn(),
		})
		imported.GrantConsumeNotifications(newLambdaRole(home, "Caller"))
		got := synthesizeApp(t, app)
		if len(got.where("AWS::IAM::Policy", "kms:Decrypt", to("Caller"))) == 0 {
			t.Error("the caller may not decrypt")
		}
		got.warnings.expectNoMore(t)
	})
}

func TestInvalidAttributes(t *testing.T) {
	for _, row := range []struct {
		reason string
		change func(*textractasync.TextractAsyncAttributes)
		prop   string
	}{
		{"a required ARN is missing", func(a *textractasync.TextractAsyncAttributes) { a.QueueArn = nil }, "QueueArn"},
		{"a name instead of an ARN", func(a *textractasync.TextractAsyncAttributes) {
			a.TopicArn = jsii.String("AmazonTextractOld")
		}, "TopicArn"},
		{"a user instead of a role", func(a *textractasync.TextractAsyncAttributes) {
			a.ServiceRoleArn = jsii.String("arn:aws:iam::111122223333:user/old")
		}, "ServiceRoleArn"},
		{"an alias instead of a key", func(a *textractasync.TextractAsyncAttributes) {
			a.EncryptionKeyArn = jsii.String("arn:aws:kms:eu-west-1:111122223333:alias/old")
		}, "EncryptionKeyArn"},
		{"a queue in another Region", func(a *textractasync.TextractAsyncAttributes) {
			a.QueueArn = jsii.String("arn:aws:sqs:us-east-1:111122223333:old")
		}, "QueueArn"},
	} {
		t.Run(row.reason, func(t *testing.T) {
			attrs := importedAttributes()
			row.change(attrs)
			err := panicOf(t, func() {
				textractasync.TextractAsync_FromTextractAsyncAttributes(newStackWithEnv("Stack"), jsii.String("TextractAsync"), attrs)
			})
			if len(err.Problems) != 1 || err.Problems[0].Prop != row.prop {
				t.Errorf("got %v, want one problem of %s", err, row.prop)
			}
		})
	}
}
