// Package scenario has the stacks that the snapshots, the rule packs and the permission proof
// share.
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

// The accounts and Regions of the scenarios.
const (
	Account      = "111122223333"
	OtherAccount = "444455556666"
	Region       = "eu-west-1"
	GovRegion    = "us-gov-west-1"
)

// The ids of the roles of AddCallers, each with one grant.
const (
	Starter  = "Starter"  // GrantStartJobs
	Listener = "Listener" // GrantConsumeNotifications
	Reader   = "Reader"   // GrantReadResults
	Runner   = "Runner"   // GrantRunJobs
	Passer   = "Passer"   // GrantPassRole
)

// The ids of the other kinds of callers, each with GrantRunJobs.
const (
	User         = "User"
	Group        = "Group"
	ImportedRole = "ImportedRole"
	FunctionRole = "FunctionRole" // of a grantee that is no role itself, as a Lambda function
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
		{"CallerKinds", buildCallerKinds},
		{"ExistingKey", buildExistingKey},
		{"Existing", buildExisting},
		{"Imported", buildImported},
		{"Aliases", buildAliases},
		{"CrossAccount", buildCrossAccount},
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

// buildCallerKinds grants everything to callers that are no roles of this app.
func buildCallerKinds(app constructs.Construct) {
	stack := StackIn(app, "CallerKinds", Account, Region)
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: newBucket(stack, "Incoming", newKey(stack, "IncomingKey"))}},
		Output: &textractasync.OutputLocation{Bucket: newBucket(stack, "Results", newKey(stack, "ResultsKey"))},
	})
	textract.GrantRunJobs(awsiam.NewUser(stack, jsii.String(User), nil))
	textract.GrantRunJobs(awsiam.NewGroup(stack, jsii.String(Group), nil))
	textract.GrantRunJobs(awsiam.Role_FromRoleArn(stack, jsii.String(ImportedRole),
		jsii.String("arn:aws:iam::"+Account+":role/service/caller"), nil))
	textract.GrantRunJobs(&function{newRole(stack, FunctionRole)})
}

// function is a grantee with a role, as the CDK's Lambda function.
type function struct{ role awsiam.Role }

func (f *function) GrantPrincipal() awsiam.IPrincipal { return f.role }

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
		RetentionPeriod:   awscdk.Duration_Days(jsii.Number(3)),
		DeadLetterQueue: &textractasync.DeadLetterQueueOptions{
			MaxReceiveCount: jsii.Number(10),
			RetentionPeriod: awscdk.Duration_Days(jsii.Number(10)),
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
		DeadLetterQueue:   &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true)},
	})
	AddCallers(stack, "", textract)
}

func buildExistingKey(app constructs.Construct) {
	stack := stackOf(app, "ExistingKey")
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		EncryptionKey:     newKey(stack, "Key"),
		ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
	})
	AddCallers(stack, "", textract)
}

// existing are existing resources: topic and queue with one key, and a role of another service.
func existing(scope constructs.Construct) *textractasync.TextractAsyncProps {
	key := newKey(scope, "Key")
	return &textractasync.TextractAsyncProps{
		Topic: awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
			TopicName: jsii.String("AmazonTextractExisting"), MasterKey: key, EnforceSSL: jsii.Bool(true),
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

func buildExisting(app constructs.Construct) {
	stack := stackOf(app, "Existing")
	AddCallers(stack, "", construct(stack, "TextractAsync", existing(stack)))
}

func buildImported(app constructs.Construct) {
	stack := StackIn(app, "Imported", Account, Region)
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		Topic: awssns.Topic_FromTopicAttributes(stack, jsii.String("Topic"), &awssns.TopicAttributes{
			TopicArn: arnIn(Account, "sns", "AmazonTextractImported"), KeyArn: KeyArn(Account, "0"),
		}),
		Queue: awssqs.Queue_FromQueueAttributes(stack, jsii.String("Queue"), &awssqs.QueueAttributes{
			QueueArn: arnIn(Account, "sqs", "imported"), KeyArn: KeyArn(Account, "0"),
		}),
		ServiceRole: awsiam.Role_FromRoleArn(stack, jsii.String("Role"),
			jsii.String("arn:aws:iam::"+Account+":role/service/imported"), nil),
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: importedBucket(stack, "Incoming", Account, "imported-1", importedKey(stack, "IncomingKey", Account, "1")),
		}},
		Output: &textractasync.OutputLocation{
			Bucket: importedBucket(stack, "Results", Account, "imported-2", importedKey(stack, "ResultsKey", Account, "2")),
		},
	})
	AddCallers(stack, "", textract)
}

func arnIn(account, service, resource string) *string {
	return jsii.String("arn:aws:" + service + ":" + Region + ":" + account + ":" + resource)
}

// KeyArn is the ARN of a key of no app; the digit is the last of its id.
func KeyArn(account, digit string) *string {
	return arnIn(account, "kms", "key/00000000-0000-4000-8000-00000000000"+digit)
}

func importedKey(scope constructs.Construct, id, account, digit string) awskms.IKey {
	return awskms.Key_FromKeyArn(scope, jsii.String(id), KeyArn(account, digit))
}

func importedBucket(scope constructs.Construct, id, account, name string, key awskms.IKey) awss3.IBucket {
	return awss3.Bucket_FromBucketAttributes(scope, jsii.String(id), &awss3.BucketAttributes{
		BucketName: jsii.String(name), Account: jsii.String(account), Region: jsii.String(Region), EncryptionKey: key,
	})
}

// buildAliases knows the keys by the names of their aliases only.
func buildAliases(app constructs.Construct) {
	stack := StackIn(app, "Aliases", Account, Region)
	alias := func(name string) awskms.IKey {
		return awskms.Alias_FromAliasName(stack, jsii.String(name), jsii.String("alias/"+name))
	}
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		EncryptionKey: alias("notifications"),
		Inputs:        &[]*textractasync.InputLocation{{Bucket: newBucket(stack, "Incoming", alias("documents"))}},
		Output: &textractasync.OutputLocation{
			Bucket: newBucket(stack, "Results", nil), EncryptionKey: alias("results"),
		},
	})
	AddCallers(stack, "", textract)
}

// buildCrossAccount uses buckets and keys of another account, which nothing in this app can change.
func buildCrossAccount(app constructs.Construct) {
	stack := StackIn(app, "CrossAccount", Account, Region)
	key := func(id, digit string) awskms.IKey { return importedKey(stack, id, OtherAccount, digit) }
	textract := construct(stack, "TextractAsync", &textractasync.TextractAsyncProps{
		EncryptionKey: key("Key", "0"),
		Inputs: &[]*textractasync.InputLocation{{
			Bucket: importedBucket(stack, "Incoming", OtherAccount, "cross-account-1", key("IncomingKey", "1")), Prefix: jsii.String("in/"),
		}},
		Output: &textractasync.OutputLocation{
			Bucket: importedBucket(stack, "Results", OtherAccount, "cross-account-2", key("ResultsKey", "2")),
		},
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

// buildCrossStack has the existing resources in one stack, the construct in a second and its
// callers in a third.
func buildCrossStack(app constructs.Construct) {
	textract := construct(stackOf(app, "CrossStack"), "TextractAsync", existing(stackOf(app, "CrossStackExisting")))
	AddCallers(stackOf(app, "CrossStackCallers"), "", textract)
}

// buildMonitored sends its alarms to a topic that is encrypted and denies plain HTTP.
func buildMonitored(app constructs.Construct) {
	stack := stackOf(app, "Monitored")
	textract := construct(stack, "TextractAsync", nil)
	textract.AddAlarms(&textractasync.AlarmsProps{
		Topic: awssns.NewTopic(stack, jsii.String("Alarms"), &awssns.TopicProps{
			MasterKey: newKey(stack, "AlarmsKey"), EnforceSSL: jsii.Bool(true),
		}),
		NoCompletions: &textractasync.AlarmOptions{},
	})
	textract.AddDashboard(nil)
}

func buildSample(app constructs.Construct) {
	sample.NewStack(app, jsii.String("TextractAsyncSample"), nil)
}
