package textractworkflow

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// Uploads starts executions for the documents that are uploaded to a bucket.
type Uploads interface {
	constructs.Construct

	// Rule returns the EventBridge rule.
	Rule() awsevents.CfnRule
	// Role returns the role that starts the executions. Grant it the key of your own state machine,
	// where that has one: awskms.Key.GrantEncryptDecrypt.
	Role() awsiam.IRole
	// DeadLetterQueue returns the queue of the events that EventBridge could not start an execution
	// for, within 1 day.
	DeadLetterQueue() awssqs.Queue
}

// UploadsProps are the properties of JobStateMachine.AddUploads.
type UploadsProps struct {
	// The bucket, in the account and Region of the job state machine, and among the Inputs of
	// TextractAsync, where it has any. AddUploads switches the bucket's events to Amazon
	// EventBridge on, without a Lambda function. For an imported bucket, a warning says that its
	// owner must. Required.
	Bucket awss3.IBucket

	// The beginning of the keys. With it, EventBridge starts an execution for each object, and
	// objects of other types end as SKIPPED: a rule cannot filter one field by its beginning and
	// its end. Each execution then has one more transition. Uploads that start the same state
	// machine must not overlap: EventBridge would start it twice for a document.
	//
	// Default: the whole bucket.
	//
	Prefix *string

	// The state machine to start, with the event of S3 as its input: yours, with a [Task] whose
	// Bucket is $.detail.bucket.name, Key $.detail.object.key, Version $.detail.object.version-id
	// where the bucket has versions, and Id $.detail.object.sequencer. EventBridge may deliver an
	// event twice: by that Id, both executions share one job. With Prefix, it is started for
	// objects of other types as well. Where it has a key, grant that to Role.
	//
	// Default: the job state machine.
	//
	StateMachine awsstepfunctions.IStateMachine
}

type uploads struct {
	constructs.Construct
	rule            awsevents.CfnRule
	role            awsiam.Role
	deadLetterQueue awssqs.Queue
}

func (u *uploads) Rule() awsevents.CfnRule { return u.rule }

func (u *uploads) Role() awsiam.IRole { return u.role }

func (u *uploads) DeadLetterQueue() awssqs.Queue { return u.deadLetterQueue }

// Extensions of what Textract reads. A folder, a result of Textract and .s3_access_check have none.
var extensions = []string{".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}

// EventBridge tries to start an execution for 1 day.
const (
	eventAgeSeconds = 86_400
	eventRetries    = 185
)

func (j *jobStateMachine) AddUploads(id *string, props *UploadsProps) Uploads {
	checkScope(j, id)
	options := valueOr(props, UploadsProps{})
	prefix := valueOr(options.Prefix, "")
	// A state machine with a task depends on the stack of the job state machine, so its rule is
	// with it.
	owner, ownerEnvironment := constructs.Construct(j), j.environment
	target := validate.Environment{}
	if machine := options.StateMachine; machine != nil {
		_, isNew := machine.(awsstepfunctions.StateMachine)
		isOfOtherStack := awscdk.Stack_Of(machine) != j.environment.Stack
		if isOfOtherStack || !isNew {
			env := machine.Env()
			target = validate.Environment{Account: valueOr(env.Account, ""), Region: valueOr(env.Region, "")}
		}
		if made, ok := machine.(constructs.Construct); ok && isOfOtherStack {
			owner, ownerEnvironment = made, j.construct.EnvironmentOf(made)
		}
	}
	targetARN := j.machineARN
	if options.StateMachine != nil {
		targetARN = *options.StateMachine.StateMachineArn()
	}
	bucket := j.plainBucket(options.Bucket)
	panicOnProblems(j, id, validate.CheckUploads(validate.Uploads{
		StateMachine: target,
		Environment:  plainEnvironment(j.environment),
		Bucket:       bucket,
		Prefix:       prefix,
		Inputs:       plainLocations(j.construct.Inputs),
		Output:       plainLocation(j.construct.Output),
		Others:       j.notifier.uploads[targetARN],
	}))
	u := &uploads{}
	constructs.NewConstruct_Override(u, owner, id)
	j.notifier.uploads[targetARN] = append(j.notifier.uploads[targetARN], validate.WorkflowLocation{ARN: bucket.ARN, Prefix: prefix})
	j.sendToEventBridge(u, options.Bucket)

	if options.StateMachine == nil && prefix != "" && !j.filtersUploads {
		j.filtersUploads = true
		j.machine.Node().DefaultChild().(awsstepfunctions.CfnStateMachine).SetDefinitionString(jsii.String(text(j.definition())))
	}
	u.role = newRole(u, "Role", "events.amazonaws.com", j.environment, "events", "rule/*")
	allow(u.role, []string{"states:StartExecution"}, targetARN)
	if options.StateMachine == nil {
		j.encryptionKey.allowUse(u.role)
	}
	u.deadLetterQueue = awssqs.NewQueue(u, jsii.String("DeadLetterQueue"), &awssqs.QueueProps{
		Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true), RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
		RedriveAllowPolicy: &awssqs.RedriveAllowPolicy{RedrivePermission: awssqs.RedrivePermission_DENY_ALL}, // it is the rule's alone
	})
	queueARN := u.deadLetterQueue.QueueArn()
	u.rule = awsevents.NewCfnRule(u, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Description:  jsii.String("Documents for Amazon Textract"),
		EventPattern: eventPattern(options.Bucket, prefix),
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("StateMachine"), Arn: jsii.String(targetARN), RoleArn: u.role.RoleArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: queueARN},
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(eventAgeSeconds), MaximumRetryAttempts: jsii.Number(eventRetries),
			},
		}},
	})
	// The first event may come at once: it finds the policies of the rule and of the notifier.
	u.rule.Node().AddDependency(u.role, j.resumePolicy)
	fromRule := map[string]any{"ArnEquals": object{"aws:SourceArn": u.rule.AttrArn()}}
	awsiam.Grant_AddToPrincipalOrResource(&awsiam.GrantWithResourceOptions{
		Grantee: awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), &awsiam.ServicePrincipalOpts{Conditions: &fromRule}),
		Actions: jsii.Strings("sqs:SendMessage"), ResourceArns: &[]*string{queueARN}, Resource: u.deadLetterQueue,
	})
	j.watch(
		u, ownerEnvironment, "NotStartedAlarm", "Not started", notStartedText, 1,
		u.deadLetterQueue.MetricApproximateNumberOfMessagesVisible,
	)
	return u
}

// eventPattern takes the documents by their extension, or every object below a prefix: wildcards,
// which can do both, are limited to 30 rules of a bus.
// See: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func eventPattern(bucket awss3.IBucket, prefix string) object {
	keys := []any{object{"prefix": prefix}}
	if prefix == "" {
		keys = nil
		for _, extension := range extensions {
			keys = append(keys, object{"suffix": object{"equals-ignore-case": extension}})
		}
	}
	return object{
		"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
		"detail": object{
			"bucket": object{"name": []any{bucket.BucketName()}},
			"object": object{"key": keys, "size": []any{object{"numeric": []any{">", 0}}}},
		},
	}
}

// sendToEventBridge sets the bucket's own property: EnableEventBridgeNotification of the CDK
// deploys a Lambda function for it.
func (j *jobStateMachine) sendToEventBridge(u constructs.Construct, bucket awss3.IBucket) {
	node := bucket.Node()
	resource, ok := node.DefaultChild().(awss3.CfnBucket)
	if !ok { // of Bucket_FromCfnBucket, or imported
		resource, ok = node.Scope().(awss3.CfnBucket)
	}
	if !ok {
		j.construct.Warn(u, warningUploads, "Bucket: "+*node.Path()+" is imported, so this app cannot make it send events, and no upload "+
			"starts a job; switch on Amazon EventBridge in the bucket's properties, then acknowledge this warning")
		return
	}
	if node.TryFindChild(jsii.String(bucketNotifications)) != nil {
		bucket.EnableEventBridgeNotification() // the CDK's function writes the whole configuration
		return
	}
	resource.AddPropertyOverride(jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
	node.AddValidation(&laterNotification{bucket: bucket})
}

// The CDK's own id for the custom resource of a bucket's notifications.
const bucketNotifications = "Notifications"

// laterNotification finds a notification that was added after AddUploads: the CDK's function would
// overwrite the configuration of the bucket, without a word.
type laterNotification struct{ bucket awss3.IBucket }

// Validate returns an error where uploads would start no jobs. The CDK calls it at synthesis.
func (v *laterNotification) Validate() *[]*string {
	notifications := v.bucket.Node().TryFindChild(jsii.String(bucketNotifications))
	if notifications == nil {
		return &[]*string{}
	}
	if resource, ok := notifications.Node().TryFindChild(jsii.String("Resource")).(awscdk.CfnResource); ok {
		properties, _ := awscdk.Stack_Of(v.bucket).Resolve(resource.CfnProperties()).(map[string]any)
		configuration, _ := properties["NotificationConfiguration"].(map[string]any)
		if configuration["EventBridgeConfiguration"] != nil {
			return &[]*string{}
		}
	}
	return jsii.PtrSlice("AddUploads: a notification was added to the bucket later, and the CDK's function for it would switch " +
		"Amazon EventBridge off; call EnableEventBridgeNotification on the bucket as well")
}
