// Package scenario holds the stacks that goldens, rule packs and the permission proof look at.
package scenario

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/app/sample"
)

// The accounts and Regions that the scenarios speak of.
const (
	Account      = "111122223333"
	OtherAccount = "444455556666"
	Region       = "eu-west-1"
	GovRegion    = "us-gov-west-1"
)

// The ids of the callers' roles, each with the grant of the same name.
const (
	Starter  = "Starter"  // GrantStartJobs
	Listener = "Listener" // GrantConsumeNotifications
	Reader   = "Reader"   // GrantReadResults
	Runner   = "Runner"   // GrantRunJobs
	Passer   = "Passer"   // GrantPassRole
)

// Scenario builds stacks in an app.
type Scenario struct {
	Name  string
	Build func(app constructs.Construct)
}

// All returns every scenario, in the order of reading.
func All() []Scenario {
	return []Scenario{
		{"Default", buildDefault},
		{"Callers", buildCallers},
		{"Everything", buildEverything},
		{"ServiceManaged", buildServiceManaged},
		{"GivenKey", buildGivenKey},
		{"Given", buildGiven},
		{"Imported", buildImported},
		{"Two", buildTwo},
		{"GovCloud", buildGovCloud},
		{"Nested", buildNested},
		{"Staged", buildStaged},
		{"CrossStack", buildCrossStack},
		{"Monitored", buildMonitored},
		{"TextractAsyncSample", buildSample},
	}
}

func stackOf(app constructs.Construct, name string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(name), nil)
}

// StackIn makes a stack with a known environment.
func StackIn(app constructs.Construct, name, account, region string) awscdk.Stack {
	return awscdk.NewStack(app, jsii.String(name), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)},
	})
}

func construct(scope constructs.Construct, id string, props *textractasync.TextractAsyncProps) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(scope, jsii.String(id), props)
}

// AddCallers makes a role for each grant; prefix tells the callers of two constructs apart.
func AddCallers(scope constructs.Construct, prefix string, textract textractasync.ITextractAsync) {
	textract.GrantStartJobs(newRole(scope, prefix+Starter))
	textract.GrantConsumeNotifications(newRole(scope, prefix+Listener))
	textract.GrantReadResults(newRole(scope, prefix+Reader))
	textract.GrantRunJobs(newRole(scope, prefix+Runner))
	textract.GrantPassRole(newRole(scope, prefix+Passer))
}

func newRole(scope constructs.Construct, id string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
}

func newKey(scope constructs.Construct, id string) awskms.Key {
	return awskms.NewKey(scope, jsii.String(id), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
}

func newBucket(scope constructs.Construct, id string, key awskms.IKey) awss3.Bucket {
	encryption := awss3.BucketEncryption_S3_MANAGED
	if key != nil {
		encryption = awss3.BucketEncryption_KMS
	}
	return awss3.NewBucket(scope, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        encryption,
		EncryptionKey:     key,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}

func buildDefault(app constructs.Construct) {
	construct(stackOf(app, "Default"), "TextractAsync", nil)
}

func buildCallers(app constructs.Construct) {
	stack := stackOf(app, "Callers")
	AddCallers(stack, "", construct(stack, "TextractAsync", nil))
}

func buildEverything(app constructs.Construct) {
	stack := StackIn(app, "Everything", Account, Region)
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Operations: &[]textractasync.Operation{
			textractasync.Operation_TEXT_DETECTION, textractasync.Operation_LENDING_ANALYSIS,
		},
		Inputs: &[]*textractasync.InputLocation{
			{Bucket: newBucket(stack, "Incoming", newKey(stack, "IncomingKey")), Prefix: jsii.String("in/")},
			{Bucket: newBucket(stack, "Archive", nil)},
		},
		Output: &textractasync.OutputLocation{
			Bucket:        newBucket(stack, "Results", nil),
			Prefix:        jsii.String("results"),
			EncryptionKey: newKey(stack, "ResultsKey"),
		},
		TopicName:         jsii.String("AmazonTextractEverything"),
		VisibilityTimeout: awscdk.Duration_Minutes(jsii.Number(15)),
		MessageRetention:  awscdk.Duration_Days(jsii.Number(3)),
		DeadLetters: &textractasync.DeadLetters{
			MaxReceiveCount: jsii.Number(5),
			Retention:       awscdk.Duration_Days(jsii.Number(10)),
		},
		RawMessageDelivery: jsii.Bool(true),
		ServiceRolePolicy:  textractasync.ServiceRolePolicy_TOPIC_ONLY,
		TrustedAccounts:    jsii.Strings(OtherAccount),
		Encryption:         textractasync.Encryption_KMS,
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	AddCallers(stack, "", textract)
}

func buildServiceManaged(app constructs.Construct) {
	stack := stackOf(app, "ServiceManaged")
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Encryption:        textractasync.Encryption_SERVICE_MANAGED,
		ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
		DeadLetters:       &textractasync.DeadLetters{Disabled: jsii.Bool(true)},
	})
	AddCallers(stack, "", textract)
}

func buildGivenKey(app constructs.Construct) {
	stack := stackOf(app, "GivenKey")
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		EncryptionKey:     newKey(stack, "Key"),
		ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
	})
	AddCallers(stack, "", textract)
}

// given makes what the user may bring: a topic and queue with a key of their own, and a role of another service.
func given(scope constructs.Construct) *textractasync.TextractAsyncProps {
	key := newKey(scope, "Key")
	return &textractasync.TextractAsyncProps{
		Topic: awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
			TopicName: jsii.String("AmazonTextractGiven"), MasterKey: key, EnforceSSL: jsii.Bool(true),
		}),
		Queue: awssqs.NewQueue(scope, jsii.String("Queue"), &awssqs.QueueProps{
			Encryption: awssqs.QueueEncryption_KMS, EncryptionMasterKey: key, EnforceSSL: jsii.Bool(true),
		}),
		ServiceRole: newRole(scope, "Role"),
		Inputs: &[]*textractasync.InputLocation{
			{Bucket: newBucket(scope, "Incoming", newKey(scope, "IncomingKey"))},
		},
		Output: &textractasync.OutputLocation{Bucket: newBucket(scope, "Results", newKey(scope, "ResultsKey"))},
	}
}

func buildGiven(app constructs.Construct) {
	stack := stackOf(app, "Given")
	AddCallers(stack, "", construct(stack, "TextractAsync", given(stack)))
}

func buildImported(app constructs.Construct) {
	stack := StackIn(app, "Imported", Account, Region)
	arn := func(service, resource string) *string {
		return jsii.String("arn:aws:" + service + ":" + Region + ":" + Account + ":" + resource)
	}
	key := func(id string) *string { return arn("kms", "key/00000000-0000-4000-8000-00000000000"+id) }
	bucket := func(id, name string) awss3.IBucket {
		return awss3.Bucket_FromBucketAttributes(stack, jsii.String(id), &awss3.BucketAttributes{
			BucketName:    jsii.String(name),
			EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String(id+"Key"), key(name[len(name)-1:])),
		})
	}
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Topic: awssns.Topic_FromTopicAttributes(stack, jsii.String("Topic"), &awssns.TopicAttributes{
			TopicArn: arn("sns", "AmazonTextractImported"), KeyArn: key("0"),
		}),
		Queue: awssqs.Queue_FromQueueAttributes(stack, jsii.String("Queue"), &awssqs.QueueAttributes{
			QueueArn: arn("sqs", "imported"), KeyArn: key("0"),
		}),
		ServiceRole: awsiam.Role_FromRoleArn(stack, jsii.String("Role"),
			jsii.String("arn:aws:iam::"+Account+":role/service/imported"), nil),
		Inputs: &[]*textractasync.InputLocation{{Bucket: bucket("Incoming", "imported-1")}},
		Output: &textractasync.OutputLocation{Bucket: bucket("Results", "imported-2")},
	})
	AddCallers(stack, "", textract)
}

func buildTwo(app constructs.Construct) {
	stack := stackOf(app, "Two")
	for _, side := range []string{"Left", "Right"} {
		textract := construct(stack, side, &textractasync.TextractAsyncProps{
			Output: &textractasync.OutputLocation{Bucket: newBucket(stack, side+"Results", nil)},
		})
		AddCallers(stack, side, textract)
	}
}

func buildGovCloud(app constructs.Construct) {
	stack := StackIn(app, "GovCloud", Account, GovRegion)
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: newBucket(stack, "Incoming", nil)}},
		Output: &textractasync.OutputLocation{Bucket: newBucket(stack, "Results", newKey(stack, "ResultsKey"))},
	})
	AddCallers(stack, "", textract)
}

func buildNested(app constructs.Construct) {
	parent := stackOf(app, "Nested")
	nested := awscdk.NewNestedStack(parent, jsii.String("Inner"), nil)
	AddCallers(parent, "", construct(nested, "TextractAsync", nil))
}

func buildStaged(app constructs.Construct) {
	stage := awscdk.NewStage(app, jsii.String("Staged"), &awscdk.StageProps{
		Env: &awscdk.Environment{Account: jsii.String(Account), Region: jsii.String(Region)},
	})
	stack := stackOf(stage, "Stack")
	AddCallers(stack, "", construct(stack, "TextractAsync", nil))
}

// buildCrossStack keeps what the user brings in one stack, the construct in a second and its callers in a third.
func buildCrossStack(app constructs.Construct) {
	textract := construct(stackOf(app, "CrossStack"), "TextractAsync", given(stackOf(app, "CrossStackGiven")))
	AddCallers(stackOf(app, "CrossStackCallers"), "", textract)
}

// buildMonitored sends its alarms to a topic that is encrypted and refuses plain HTTP.
func buildMonitored(app constructs.Construct) {
	stack := stackOf(app, "Monitored")
	textract := construct(stack, "TextractAsync", nil)
	textract.AddAlarms(&textractasync.AlarmsProps{
		Topic: awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
			MasterKey: newKey(stack, "AlarmsKey"), EnforceSSL: jsii.Bool(true),
		}),
	})
	textract.AddDashboard(nil)
}

func buildSample(app constructs.Construct) {
	sample.NewStack(app, jsii.String("TextractAsyncSample"), nil)
}
