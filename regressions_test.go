package textractasync_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// Problems of users in public threads. The construct prevents each of them, or reports it at
// synthesis.

// boto/boto3 4212: values of a notification channel that Textract rejects with
// InvalidParameterException and no reason.
func TestRegression_BareInvalidParameterException(t *testing.T) {
	textract := textractasync.NewTextractAsync(newStackWithEnv("Stack"), jsii.String("TextractAsync"), nil)
	text, err := json.Marshal(textract.NotificationChannel())
	if err != nil {
		t.Fatal(err)
	}
	channel := map[string]string{}
	if err := json.Unmarshal(text, &channel); err != nil {
		t.Fatal(err)
	}
	if channel["SnsTopicArn"] != *textract.Topic().TopicArn() || channel["RoleArn"] != *textract.ServiceRole().RoleArn() {
		t.Errorf("channel %s is not the construct's topic and role", text)
	}
}

// boto/boto3 2653 and 2379: the bucket's ARN instead of its name, and a role's ARN that is not one.
func TestRegression_ArnInsteadOfName(t *testing.T) {
	stack := newStack("Stack")
	results := awss3.NewBucket(stack, jsii.String("Results"), nil)
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	variables := *textract.EnvironmentVariables()
	if got := *variables["TEXTRACT_OUTPUT_BUCKET"]; got != *results.BucketName() {
		t.Errorf("output bucket %s, want its name", got)
	}
	if got := *variables["TEXTRACT_ROLE_ARN"]; got != *textract.ServiceRole().RoleArn() {
		t.Errorf("role %s, want its ARN", got)
	}
}

// simonw/s3-ocr 24: a bucket in another Region.
func TestRegression_BucketInAnotherRegion(t *testing.T) {
	stack := newStackWithEnv("Stack")
	bucket := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Bucket"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents"), Region: jsii.String("us-east-1"),
	})
	err := panicOf(t, func() {
		newTextractAsync(stack, &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{Bucket: bucket}},
		})
	})
	if err.Problems[0].Prop != "Inputs[0].Bucket" || !strings.Contains(err.Error(), "us-east-1") {
		t.Errorf("got %v", err)
	}
}

// amazon-textract-textractor 364: InvalidS3ObjectException because the key may not be used.
func TestRegression_ObjectAllowedWithoutItsKey(t *testing.T) {
	stack := newStack("Stack")
	documents := newKMSBucket(stack, "Documents")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	textract.GrantStartJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)
	mustMatch(t, func() {
		template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
			"PolicyDocument": document(object{"Action": "kms:Decrypt", "Resource": arnOf(documents.EncryptionKey())}),
		})
	})
}

// amazon-rekognition-developer-guide 4: the managed policy allows AmazonTextract* only, so no
// message arrives.
func TestRegression_ManagedPolicyWithAnotherTopic(t *testing.T) {
	stack := newStack("Stack")
	topic := awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String("Completions")})
	err := panicOf(t, func() {
		newTextractAsync(stack, &textractasync.TextractAsyncProps{
			Topic: topic, ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
		})
	})
	if !strings.Contains(err.Error(), "Completions") && !strings.Contains(err.Error(), "AWS_MANAGED") {
		t.Errorf("got %v", err)
	}
}

// aws/aws-cdk 11122, 12120 and 19796: SNS cannot use alias/aws/sqs, and drops the messages.
func TestRegression_QueueWithAWSManagedKey(t *testing.T) {
	stack := newStack("Stack")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	err := panicOf(t, func() {
		newTextractAsync(stack, &textractasync.TextractAsyncProps{Queue: queue})
	})
	if err.Problems[0].Prop != "Queue" || !strings.Contains(err.Error(), "alias/aws/sqs") {
		t.Errorf("got %v", err)
	}
}

// aws/aws-cdk 35418: one key for topic and queue, whose policy refers to the topic, is a circular
// dependency.
func TestRegression_OneKeyForTopicAndQueue(t *testing.T) {
	stack := newStack("Stack")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Topic:         awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key}),
		EncryptionKey: key,
	})
	template := assertions.Template_FromStack(stack, nil) // panics on a circular dependency
	template.HasResourceProperties(jsii.String("AWS::KMS::Key"), object{"KeyPolicy": document(object{
		"Principal": object{"Service": "sns.amazonaws.com"},
		"Condition": object{"ArnLike": object{"aws:SourceArn": join(
			"arn:", pseudo("Partition"), ":sns:", pseudo("Region"), ":", pseudo("AccountId"), ":*",
		)}},
	})})
	warningsOf(t, stack).expect(t, "topicPattern", true, "give the topic a TopicName")
}

// amazon-textract-idp-cdk-constructs 35 and 40: over-broad IAM.
func TestRegression_OverBroadPermissions(t *testing.T) {
	stack := newStack("Stack")
	textract := newTextractAsync(stack, withInputAndOutput(stack))
	textract.GrantRunJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)

	policies := *template.FindResources(jsii.String("AWS::IAM::Policy"), nil)
	for id, policy := range policies {
		properties := (*policy)["Properties"].(map[string]any)
		for _, s := range properties["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			if statement["Resource"] != "*" {
				continue
			}
			for _, action := range statement["Action"].([]any) {
				if !strings.HasPrefix(action.(string), "textract:") {
					t.Errorf("%s allows %s on every resource", id, action)
				}
			}
		}
	}
	template.AllResourcesProperties(jsii.String("AWS::IAM::Role"), object{"ManagedPolicyArns": assertions.Match_Absent()})
	if len(policies) == 0 {
		t.Error("no policy in the template")
	}
}

// aeksco/aws-pdf-textract-pipeline 4: the permission on the wrong principal.
func TestRegression_PermissionOnTheWrongPrincipal(t *testing.T) {
	stack := newStack("Stack")
	textract := newTextractAsync(stack, nil)
	starter, listener := newLambdaRole(stack, "Starter"), newLambdaRole(stack, "Listener")
	textract.GrantStartJobs(starter)
	textract.GrantConsumeNotifications(listener)
	template := assertions.Template_FromStack(stack, nil)

	lacks := func(role awsiam.IRole, action any) {
		t.Helper()
		mustMatch(t, func() {
			template.ResourcePropertiesCountIs(jsii.String("AWS::IAM::Policy"), object{
				"Roles": []any{ref(role)}, "PolicyDocument": document(object{"Action": action}),
			}, jsii.Number(0))
		})
	}
	lacks(listener, "iam:PassRole")
	lacks(starter, assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}))
	lacks(textract.ServiceRole(), "iam:PassRole")
}

// large-scale-document-processing 27: notifications that nobody could process are lost.
func TestRegression_FailedNotificationsLost(t *testing.T) {
	stack := newStack("Stack")
	textract := newTextractAsync(stack, nil)
	template := assertions.Template_FromStack(stack, nil)
	redrive := object{"deadLetterTargetArn": arnOf(textract.DeadLetterQueue())}
	for _, kind := range []string{"AWS::SQS::Queue", "AWS::SNS::Subscription"} {
		mustMatch(t, func() { template.HasResourceProperties(jsii.String(kind), object{"RedrivePolicy": redrive}) })
	}
}

// aws-step-functions-data-science-sdk-python 198: Step Functions takes SnsTopicArn and rejects
// SNSTopicArn.
func TestRegression_CasingOfStepFunctions(t *testing.T) {
	text, err := json.Marshal(textractasync.NotificationChannel{SnsTopicArn: jsii.String("t"), RoleArn: jsii.String("r")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), `{"SnsTopicArn":"t","RoleArn":"r"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// srcecde/aws-tutorial-code 39: results in the bucket of the documents start jobs, whose results
// start jobs.
func TestRegression_ResultsStartJobs(t *testing.T) {
	stack := newStackWithEnv("Stack")
	bucket := func(id string) awss3.IBucket {
		return awss3.Bucket_FromBucketName(stack, jsii.String(id), jsii.String("documents"))
	}
	newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: bucket("Documents")}},
		Output: &textractasync.OutputLocation{Bucket: bucket("Results")},
	})
	warnings := warningsOf(t, stack)
	warnings.expect(t, "outputInInputs", true, "each result would start another one")
	warnings.expect(t, "unknownKey", true, "set Output.EncryptionKey")
	warnings.expectNoMore(t)
}
