package textractasync_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// What users tripped over in public threads, each prevented or said at synthesis.

// boto/boto3 4212: values of a notification channel that Textract refuses with nothing but InvalidParameterException.
func TestPain_BareInvalidParameterException(t *testing.T) {
	textract := textractasync.NewTextractAsync(newHome(), jsii.String("TextractAsync"), nil)
	text, err := json.Marshal(textract.NotificationChannel())
	if err != nil {
		t.Fatal(err)
	}
	channel := map[string]string{}
	if err := json.Unmarshal(text, &channel); err != nil {
		t.Fatal(err)
	}
	if channel["SnsTopicArn"] != *textract.Topic().TopicArn() || channel["RoleArn"] != *textract.ServiceRole().RoleArn() {
		t.Errorf("channel %s does not hold the construct's own topic and role", text)
	}
}

// boto/boto3 2653 and 2379: the bucket's ARN where its name belongs, and a role's ARN that is none.
func TestPain_ArnInPlaceOfName(t *testing.T) {
	stack := newStack("Home")
	results := awss3.NewBucket(stack, jsii.String("Results"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
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
func TestPain_BucketInAnotherRegion(t *testing.T) {
	stack := newHome()
	bucket := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Bucket"), &awss3.BucketAttributes{
		BucketName: jsii.String("documents"), Region: jsii.String("us-east-1"),
	})
	err := panicOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{Bucket: bucket}},
		})
	})
	if err.Problems[0].Prop != "Inputs[0].Bucket" || !strings.Contains(err.Error(), "us-east-1") {
		t.Errorf("got %v", err)
	}
}

// amazon-textract-textractor 364: InvalidS3ObjectException where it is the key that may not be used.
func TestPain_ObjectReadableButNotItsKey(t *testing.T) {
	stack := newStack("Home")
	documents := newKMSBucket(stack, "Documents")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
	})
	textract.GrantStartJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)
	mustHold(t, func() {
		template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
			"PolicyDocument": document(object{"Action": "kms:Decrypt", "Resource": arnOf(documents.EncryptionKey())}),
		})
	})
}

// amazon-rekognition-developer-guide 4: the managed policy publishes to AmazonTextract* only, so no message ever arrives.
func TestPain_ManagedPolicyWithAnotherTopic(t *testing.T) {
	stack := newStack("Home")
	topic := awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String("Completions")})
	err := panicOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Topic: topic, ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
		})
	})
	if !strings.Contains(err.Error(), "Completions") && !strings.Contains(err.Error(), "AWS_MANAGED") {
		t.Errorf("got %v", err)
	}
}

// aws/aws-cdk 11122, 12120 and 19796: SNS cannot use alias/aws/sqs, and drops what it should deliver.
func TestPain_QueueWithTheServicesOwnKey(t *testing.T) {
	stack := newStack("Home")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	err := panicOf(t, func() {
		textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{Queue: queue})
	})
	if err.Problems[0].Prop != "Queue" || !strings.Contains(err.Error(), "alias/aws/sqs") {
		t.Errorf("got %v", err)
	}
}

// aws/aws-cdk 35418: one key for topic and queue whose policy names the topic is a circular dependency.
func TestPain_OneKeyForTopicAndQueue(t *testing.T) {
	stack := newStack("Home")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
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
func TestPain_OverBroadPermissions(t *testing.T) {
	stack := newStack("Home")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), withInputAndOutput(stack))
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
		t.Error("no policy was looked at")
	}
}

// aeksco/aws-pdf-textract-pipeline 4: the permission on the wrong principal.
func TestPain_PermissionOnTheWrongPrincipal(t *testing.T) {
	stack := newStack("Home")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	starter, listener := newLambdaRole(stack, "Starter"), newLambdaRole(stack, "Listener")
	textract.GrantStartJobs(starter)
	textract.GrantConsumeNotifications(listener)
	template := assertions.Template_FromStack(stack, nil)

	lacks := func(role awsiam.IRole, action any) {
		t.Helper()
		mustHold(t, func() {
			template.ResourcePropertiesCountIs(jsii.String("AWS::IAM::Policy"), object{
				"Roles": []any{ref(role)}, "PolicyDocument": document(object{"Action": action}),
			}, jsii.Number(0))
		})
	}
	lacks(listener, "iam:PassRole")
	lacks(starter, assertions.Match_ArrayWith(&[]any{"sqs:ReceiveMessage"}))
	lacks(textract.ServiceRole(), "iam:PassRole")
}

// large-scale-document-processing 27: failures that are lost.
func TestPain_FailuresLost(t *testing.T) {
	stack := newStack("Home")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	template := assertions.Template_FromStack(stack, nil)
	redrive := object{"deadLetterTargetArn": arnOf(textract.DeadLetterQueue())}
	for _, kind := range []string{"AWS::SQS::Queue", "AWS::SNS::Subscription"} {
		mustHold(t, func() { template.HasResourceProperties(jsii.String(kind), object{"RedrivePolicy": redrive}) })
	}
}

// aws-step-functions-data-science-sdk-python 198: Step Functions takes SnsTopicArn and refuses SNSTopicArn.
func TestPain_CasingOfStepFunctions(t *testing.T) {
	text, err := json.Marshal(textractasync.NotificationChannel{SnsTopicArn: jsii.String("t"), RoleArn: jsii.String("r")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(text), `{"SnsTopicArn":"t","RoleArn":"r"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A role that was imported not to be changed, and a Region without Textract, end in a warning.
func TestWarnsOfWhatItCannotChange(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Home"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String("eu-north-1")},
	})
	role := awsiam.Role_FromRoleArn(stack, jsii.String("Role"), jsii.String("arn:aws:iam::"+account+":role/old"),
		&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)})
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role})

	got := warningsOf(t, stack)
	got.expect(t, "serviceRoleTrust", true, `"sts:AssumeRole"`)
	if key := got["serviceRolePolicy"][1]; !strings.Contains(key, "put in what each ${…} stands for") {
		t.Errorf("warning %q leaves a policy variable to IAM unsaid", key)
	}
	if len(got["serviceRolePolicy"]) != 2 {
		t.Errorf("%d warnings of the role's policies, want one of the topic and one of its key", len(got["serviceRolePolicy"]))
	}
	got.expect(t, "serviceRolePolicy", true, `"Resource":"arn:aws:sns:eu-north-1:111122223333:AmazonTextract-Home-`)
	got.expect(t, "region", true, "eu-north-1")
	if len(got) > 0 {
		t.Errorf("unexpected warnings %v", got)
	}
}

// A role that trusts Textract already stays open to the jobs of other accounts, whatever is added beside that.
func TestWarnsOfOpenTrust(t *testing.T) {
	conditions := &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": account}}
	for _, row := range []struct {
		name    string
		trusted awsiam.IPrincipal
		want    bool
	}{
		{"another service", awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil), false},
		{"Textract without conditions", awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), nil), true},
		{
			"Textract for this account",
			awsiam.NewServicePrincipal(jsii.String("textract.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: conditions}),
			false,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			stack := newHome()
			role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{AssumedBy: row.trusted})
			textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{ServiceRole: role})
			got := warningsOf(t, stack)
			got.expect(t, "serviceRoleOpenTrust", row.want, "both conditions of the guide")
			if len(got) > 0 {
				t.Errorf("unexpected warnings %v", got)
			}
		})
	}
}

func TestAcknowledgedWarningIsSilent(t *testing.T) {
	stack := newHome()
	queue := awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old"))
	awscdk.Annotations_Of(stack).AcknowledgeWarning(jsii.String("@cdk-textract/textractasync:queuePolicy"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{Queue: queue})
	warningsOf(t, stack).expect(t, "queuePolicy", false, "")
}

// TestForeignBucket grants by exact ARNs, and says what the bucket's owner must add.
func TestForeignBucket(t *testing.T) {
	const other = "444455556666"
	stack := newHome()
	keyArn := "arn:aws:kms:" + region + ":" + other + ":key/00000000-0000-4000-8000-000000000000"
	results := awss3.Bucket_FromBucketAttributes(stack, jsii.String("Results"), &awss3.BucketAttributes{
		BucketName: jsii.String("results-of-another-account"), Account: jsii.String(other), Region: jsii.String(region),
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyArn)),
	})
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	caller := newLambdaRole(stack, "Caller")
	textract.GrantRunJobs(caller)

	template := assertions.Template_FromStack(stack, nil)
	for _, role := range []awsiam.IRole{caller, textract.ServiceRole()} {
		mustHold(t, func() {
			template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
				"Roles": []any{ref(role)}, "PolicyDocument": document(object{"Action": outputKeyActions, "Resource": keyArn}),
			})
		})
	}
	if got := *(*textract.EnvironmentVariables())["TEXTRACT_OUTPUT_KMS_KEY_ID"]; got != keyArn {
		t.Errorf("key id %s, want the ARN, for an id finds no key in another account", got)
	}
	got := warningsOf(t, stack)
	if len(got["bucketPolicy"]) != 2 {
		t.Errorf("%d warnings of the bucket's policy, want one of the objects and one of the list", len(got["bucketPolicy"]))
	}
	got.expect(t, "bucketKeyPolicy", true, `"kms:GenerateDataKey"`)
}
