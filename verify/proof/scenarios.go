package proof

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

// Case is a scenario with what is expected of it.
type Case struct {
	scenario string
	build    func(constructs.Construct) // nil for a scenario of the package scenario
	expect   func(x *expectations)
	// warned are the rows that do not hold as synthesized, because a policy cannot be changed from
	// the app. All rows must hold with the statements of its warnings.
	warned []string
	// elsewhere are the rows that the policies of another app decide.
	elsewhere []string
	// crossAccount scenarios need the policies of both accounts, so that each hides what is wrong
	// with the other.
	crossAccount bool
	// openedCallers are the rows that do not hold where callers of another account may do
	// everything there, so that only the policies of this one deny.
	openedCallers []string
	// oneFlagSet spares the time of the other one, where others have the same statements with both.
	oneFlagSet bool
}

var bucketRows = []string{
	"read-documents", "documents-key", "write-results", "list-uploads", "read-results", "list-results", "read-results-key",
	"write-results-key", "service-role-results-key",
}

// cases in the order of the scenarios.
func cases() []Case {
	return []Case{
		{scenario: "Default", expect: func(x *expectations) { x.construct("Default/TextractAsync") }},
		{scenario: "Callers", expect: func(x *expectations) { x.addCallers(x.construct("Callers/TextractAsync"), "Callers/") }},
		{scenario: "Everything", expect: func(x *expectations) {
			e := x.addCallers(x.construct("Everything/TextractAsync"), "Everything/")
			e.Operations = []string{textDetection, lendingAnalysis}
			e.Inputs = []Location{
				{Bucket: x.arn("Everything/Incoming"), Prefix: "in/", Key: x.arn("Everything/IncomingKey")},
				{Bucket: x.arn("Everything/Archive")},
			}
			e.Output = Location{Bucket: x.arn("Everything/Results"), Prefix: "results/", Key: x.arn("Everything/ResultsKey")}
			e.Trusted = append(e.Trusted, scenario.OtherAccount)
		}},
		{scenario: "ServiceManaged", expect: func(x *expectations) {
			e := x.addCallers(x.withoutKey("ServiceManaged/TextractAsync"), "ServiceManaged/")
			e.ManagedPolicy = true
		}},
		{scenario: "CallerKinds", expect: func(x *expectations) {
			e := x.construct("CallerKinds/TextractAsync")
			e.Inputs = []Location{{Bucket: x.arn("CallerKinds/Incoming"), Key: x.arn("CallerKinds/IncomingKey")}}
			e.Output = Location{Bucket: x.arn("CallerKinds/Results"), Prefix: outputPrefix, Key: x.arn("CallerKinds/ResultsKey")}
			for _, arn := range []string{
				x.arn("CallerKinds/" + scenario.User), x.arn("CallerKinds/" + scenario.Group),
				x.arn("CallerKinds/" + scenario.FunctionRole),
				roleARN("service/caller"),
			} {
				e.Callers = append(e.Callers, Caller{ARN: arn, Grants: grantRun})
			}
		}},
		{scenario: "ExistingKey", expect: func(x *expectations) {
			e := x.addCallers(x.withKey("ExistingKey/TextractAsync", x.arn("ExistingKey/Key")), "ExistingKey/")
			e.ManagedPolicy = true
		}},
		{scenario: "Existing", expect: func(x *expectations) { x.existing("Existing/TextractAsync", "Existing", "Existing") }},
		{
			scenario: "Imported", warned: []string{"assume", "deliver", "deliver-key"},
			expect: func(x *expectations) {
				x.addCallers(x.add(&Expectation{
					Construct:        "Imported/TextractAsync",
					Topic:            arn("sns", "AmazonTextractImported"),
					TopicKey:         keyARN(scenario.Account, "0"),
					Queue:            arn("sqs", "imported"),
					QueueKey:         keyARN(scenario.Account, "0"),
					ServiceRole:      roleARN("service/imported"),
					Inputs:           []Location{{Bucket: "arn:aws:s3:::imported-1", Key: keyARN(scenario.Account, "1")}},
					Output:           Location{Bucket: "arn:aws:s3:::imported-2", Prefix: outputPrefix, Key: keyARN(scenario.Account, "2")},
					AllowHTTP:        true,
					BucketsAllowHTTP: true,
				}), "Imported/")
			},
		},
		{scenario: "Aliases", warned: []string{"deliver-key"}, expect: func(x *expectations) {
			notifications, documents, results := keyARN(scenario.Account, "0"), keyARN(scenario.Account, "1"), keyARN(scenario.Account, "2")
			e := x.addCallers(x.withKey("Aliases/TextractAsync", notifications), "Aliases/")
			e.Aliases = map[string]string{notifications: "alias/notifications", documents: "alias/documents", results: "alias/results"}
			e.Inputs = []Location{{Bucket: x.arn("Aliases/Incoming"), Key: documents}}
			e.Output = Location{Bucket: x.arn("Aliases/Results"), Prefix: outputPrefix, Key: results}
		}},
		{
			scenario: "CrossAccount", crossAccount: true,
			warned: slices.Concat(bucketRows, []string{"publish-key", "deliver-key", "consume-key"}),
			expect: func(x *expectations) {
				const other = scenario.OtherAccount
				e := x.addCallers(x.withKey("CrossAccount/TextractAsync", keyARN(other, "0")), "CrossAccount/")
				e.Inputs = []Location{{Bucket: "arn:aws:s3:::cross-account-1", Prefix: "in/", Key: keyARN(other, "1"), Owner: other}}
				e.Output = Location{Bucket: "arn:aws:s3:::cross-account-2", Prefix: outputPrefix, Key: keyARN(other, "2"), Owner: other}
				e.BucketsAllowHTTP = true
			},
		},
		{scenario: "Two", expect: func(x *expectations) {
			left, right := x.oneOfTwo("Left"), x.oneOfTwo("Right")
			left.Others, right.Others = []*Expectation{right}, []*Expectation{left}
		}},
		{scenario: "GovCloud", expect: func(x *expectations) {
			e := x.addCallers(x.construct("GovCloud/TextractAsync"), "GovCloud/")
			e.Inputs = []Location{{Bucket: x.arn("GovCloud/Incoming")}}
			e.Output = Location{Bucket: x.arn("GovCloud/Results"), Prefix: outputPrefix, Key: x.arn("GovCloud/ResultsKey")}
		}},
		{scenario: "Nested", expect: func(x *expectations) { x.addCallers(x.construct("Nested/Inner/TextractAsync"), "Nested/") }},
		{scenario: "Staged", expect: func(x *expectations) { x.addCallers(x.construct("Staged/Stack/TextractAsync"), "Staged/Stack/") }},
		{scenario: "CrossStack", expect: func(x *expectations) {
			x.existing("CrossStack/TextractAsync", "CrossStackExisting", "CrossStackCallers")
		}},
		{scenario: "Monitored", expect: func(x *expectations) {
			e := x.construct("Monitored/TextractAsync")
			e.AlarmTopic, e.AlarmKey = x.arn("Monitored/Alarms"), x.arn("Monitored/AlarmsKey")
		}},
		{scenario: "TextractAsyncSample", expect: func(x *expectations) {
			e := x.construct("TextractAsyncSample/TextractAsync")
			e.Inputs = []Location{{Bucket: x.arn("TextractAsyncSample/Documents")}}
			e.Output = Location{Bucket: x.arn("TextractAsyncSample/Results"), Prefix: outputPrefix}
			e.Callers = []Caller{{ARN: x.arn("TextractAsyncSample/Caller"), Grants: grantRun | grantUpload}}
		}},

		// Scenarios that only permissions tell apart.
		{
			scenario: "Immutable", build: buildImmutable,
			warned: []string{
				"assume",
				"publish",
				"publish-key",
				"start",
				"pass-role",
				"consume",
				"consume-lambda",
				"consume-by-name",
				"consume-key",
				"get",
				"write-results",
				"list-uploads",
				"read-results",
				"list-results",
				"read-results-key",
				"write-results-key",
				"service-role-results-key",
			},
			expect: func(x *expectations) {
				const construct = "Immutable/TextractAsync"
				key := x.arn(construct + "/EncryptionKey")
				x.add(&Expectation{
					Construct:        construct,
					Topic:            x.arn(construct + "/Topic"),
					TopicKey:         key,
					Queue:            x.arn(construct + "/Queue"),
					QueueKey:         key,
					DeadLetterQueue:  x.arn(construct + "/DeadLetterQueue"),
					ServiceRole:      roleARN("immutable"),
					BucketsAllowHTTP: true,
					Output: Location{
						Bucket: "arn:aws:s3:::immutable-2",
						Prefix: outputPrefix,
						Key:    keyARN(scenario.Account, "2"),
					},
					Callers: []Caller{{ARN: roleARN("immutable-caller"), Path: "Immutable/Caller", Grants: grantRun}},
				})
			},
		},
		{
			scenario: "Attributes", build: buildAttributes,
			elsewhere: []string{"assume", "publish", "publish-key", "service-role-results-key", "deliver", "deliver-key"},
			expect: func(x *expectations) {
				e := x.addCallers(x.add(&Expectation{
					Construct:   "Attributes/TextractAsync",
					Topic:       arn("sns", "AmazonTextractAttributes"),
					TopicKey:    keyARN(scenario.Account, "0"),
					Queue:       arn("sqs", "attributes"),
					QueueKey:    keyARN(scenario.Account, "0"),
					ServiceRole: roleARN("attributes"),
					Output: Location{
						Bucket: "arn:aws:s3:::attributes-2",
						Prefix: outputPrefix,
						Key:    keyARN(scenario.Account, "2"),
					},
					AllowHTTP:        true,
					BucketsAllowHTTP: true,
				}), "Attributes/")
				e.Operations = []string{expenseAnalysis}
			},
		},
		{scenario: "SharedCaller", build: buildSharedCaller, expect: func(x *expectations) {
			for _, stack := range []string{"SharedCallerA", "SharedCallerB"} {
				e := x.construct(stack + "/TextractAsync")
				e.Callers = []Caller{{ARN: roleARN("shared-caller"), Grants: grantConsume}}
			}
		}},
		{scenario: "SharedQueue", build: buildSharedQueue, expect: func(x *expectations) {
			for _, side := range []string{"Left", "Right"} {
				x.addCallers(x.add(&Expectation{
					Construct:   "SharedQueue/" + side,
					Topic:       x.arn("SharedQueue/" + side + "/Topic"),
					TopicKey:    x.arn("SharedQueue/" + side + "/EncryptionKey"),
					Queue:       x.arn("SharedQueue/Queue"),
					QueueKey:    x.arn("SharedQueue/Key"),
					ServiceRole: x.arn("SharedQueue/" + side + "/ServiceRole"),
				}), "SharedQueue/"+side)
			}
		}},
		{scenario: "Keys", build: buildKeys, oneFlagSet: true, expect: func(x *expectations) {
			e := x.addListener(x.withKey("Keys/TextractAsync", x.arn("Keys/Key")), "Keys/")
			e.DeadLetterKey, e.FormerKeys = x.arn("Keys/DeadLetterKey"), []string{x.arn("Keys/FormerKey")}
		}},
		{scenario: "ClosedKey", build: buildClosedKey, oneFlagSet: true, expect: func(x *expectations) {
			x.addListener(x.withKey("ClosedKey/TextractAsync", x.arn("ClosedKey/Key")), "ClosedKey/").ClosedKey = true
		}},
		{
			scenario: "OtherConsumer", build: buildOtherConsumer, oneFlagSet: true,
			warned: []string{"consume", "consume-lambda", "consume-by-name", "consume-key"},
			openedCallers: []string{
				"consume/misuse", "consume-lambda/misuse", "consume-by-name/misuse", "consume-key/misuse",
			},
			expect: func(x *expectations) {
				x.construct("OtherConsumer/TextractAsync").Callers = []Caller{{
					ARN: otherConsumer, Path: "OtherConsumer/Consumer", Grants: grantConsume,
				}}
			},
		},
		{scenario: "TwoAccounts", build: buildTwoAccounts, crossAccount: true, expect: func(x *expectations) {
			e := x.addCallers(x.construct("TwoAccounts/TextractAsync"), "TwoAccounts/")
			e.Output = Location{Bucket: x.arn("TwoAccountsBucket/Results"), Prefix: outputPrefix, Owner: scenario.OtherAccount}
		}},
	}
}

// expectations are what a case expects of a deployment, whose resources it finds by the paths of
// their constructs.
type expectations struct {
	*Deployment
	all []*Expectation
	err error
}

func (x *expectations) arn(path string) string {
	arn := x.arns[path]
	if arn == "" {
		x.err = errors.Join(x.err, fmt.Errorf("no resource at %s", path))
	}
	return arn
}

// add adds an expectation, by default of all operations for jobs of its account.
func (x *expectations) add(e *Expectation) *Expectation {
	e.Env, e.Operations, e.Trusted = x.env, allOperations, []string{x.env.Account}
	x.all = append(x.all, e)
	return e
}

// construct adds one with all defaults.
func (x *expectations) construct(path string) *Expectation {
	return x.withKey(path, x.arn(path+"/EncryptionKey"))
}

func (x *expectations) withKey(path, key string) *Expectation {
	e := x.withoutKey(path)
	e.TopicKey, e.QueueKey, e.DeadLetterQueue = key, key, x.arn(path+"/DeadLetterQueue")
	return e
}

// withoutKey adds one that has no dead-letter queue either.
func (x *expectations) withoutKey(path string) *Expectation {
	return x.add(&Expectation{
		Construct: path, Topic: x.arn(path + "/Topic"), Queue: x.arn(path + "/Queue"), ServiceRole: x.arn(path + "/ServiceRole"),
	})
}

// existing adds one over resources that another scope made.
func (x *expectations) existing(construct, scope, callers string) {
	key := x.arn(scope + "/Key")
	x.addCallers(x.add(&Expectation{
		Construct: construct, Topic: x.arn(scope + "/Topic"), TopicKey: key, Queue: x.arn(scope + "/Queue"), QueueKey: key,
		ServiceRole: x.arn(scope + "/Role"),
		Inputs:      []Location{{Bucket: x.arn(scope + "/Incoming"), Key: x.arn(scope + "/IncomingKey")}},
		Output:      Location{Bucket: x.arn(scope + "/Results"), Prefix: outputPrefix, Key: x.arn(scope + "/ResultsKey")},
	}), callers+"/")
}

func (x *expectations) oneOfTwo(side string) *Expectation {
	e := x.addCallers(x.construct("Two/"+side), "Two/"+side)
	e.Output = Location{Bucket: x.arn("Two/" + side + "Results"), Prefix: outputPrefix}
	return e
}

// addCallers adds the roles of scenario.AddCallers.
func (x *expectations) addCallers(e *Expectation, pathPrefix string) *Expectation {
	for _, c := range scenarioCallers {
		e.Callers = append(e.Callers, Caller{ARN: x.arn(pathPrefix + c.name), Grants: c.grants})
	}
	return e
}

// addListener adds one of them.
func (x *expectations) addListener(e *Expectation, pathPrefix string) *Expectation {
	e.Callers = append(e.Callers, Caller{ARN: x.arn(pathPrefix + scenario.Listener), Grants: grantConsume})
	return e
}

func arn(service, resource string) string {
	return "arn:aws:" + service + ":" + scenario.Region + ":" + scenario.Account + ":" + resource
}

func keyARN(account, digit string) string { return *scenario.KeyArn(account, digit) }

func roleARN(name string) string { return "arn:aws:iam::" + scenario.Account + ":role/" + name }

func newConstruct(stack awscdk.Stack, props *textractasync.TextractAsyncProps) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props)
}

func output(stack awscdk.Stack, bucketName string) *textractasync.OutputLocation {
	return &textractasync.OutputLocation{Bucket: awss3.Bucket_FromBucketAttributes(stack, jsii.String("Results"), &awss3.BucketAttributes{
		BucketName: jsii.String(bucketName), Account: jsii.String(scenario.Account), Region: jsii.String(scenario.Region),
		EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("ResultsKey"), scenario.KeyArn(scenario.Account, "2")),
	})}
}

func importedRole(stack awscdk.Stack, id, name string, isMutable bool) awsiam.IRole {
	return awsiam.Role_FromRoleArn(stack, jsii.String(id), jsii.String(roleARN(name)), &awsiam.FromRoleArnOptions{Mutable: &isMutable})
}

// buildImmutable uses roles that the CDK was told not to change.
func buildImmutable(app constructs.Construct) {
	stack := scenario.StackIn(app, "Immutable", scenario.Account, scenario.Region)
	newConstruct(stack, &textractasync.TextractAsyncProps{
		ServiceRole: importedRole(stack, "Role", "immutable", false), Output: output(stack, "immutable-2"),
	}).GrantRunJobs(importedRole(stack, "Caller", "immutable-caller", false))
}

// buildAttributes grants the use of a construct that was deployed before.
func buildAttributes(app constructs.Construct) {
	stack := scenario.StackIn(app, "Attributes", scenario.Account, scenario.Region)
	scenario.AddCallers(stack, "", textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("TextractAsync"),
		&textractasync.TextractAsyncAttributes{
			TopicArn: jsii.String(arn("sns", "AmazonTextractAttributes")), QueueArn: jsii.String(arn("sqs", "attributes")),
			ServiceRoleArn: jsii.String(roleARN("attributes")), EncryptionKeyArn: scenario.KeyArn(scenario.Account, "0"),
			Operations: &[]textractasync.Operation{textractasync.Operation_EXPENSE_ANALYSIS}, Output: output(stack, "attributes-2"),
		}))
}

// buildSharedCaller grants two constructs of two stacks to one imported role.
func buildSharedCaller(app constructs.Construct) {
	for _, name := range []string{"SharedCallerA", "SharedCallerB"} {
		stack := scenario.StackIn(app, name, scenario.Account, scenario.Region)
		newConstruct(stack, nil).GrantConsumeNotifications(importedRole(stack, "Role", "shared-caller", true))
	}
}

// buildSharedQueue has two constructs on one queue with a key: one statement of each policy is for
// both topics.
func buildSharedQueue(app constructs.Construct) {
	stack := scenario.StackIn(app, "SharedQueue", scenario.Account, scenario.Region)
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key, EnforceSSL: jsii.Bool(true)})
	for _, side := range []string{"Left", "Right"} {
		textract := textractasync.NewTextractAsync(stack, jsii.String(side), &textractasync.TextractAsyncProps{Queue: queue})
		scenario.AddCallers(stack, side, textract)
	}
}

// buildKeys has a key for each purpose: of topic and queue, of the dead-letter queue, and of the
// queue before.
func buildKeys(app constructs.Construct) {
	stack := scenario.StackIn(app, "Keys", scenario.Account, scenario.Region)
	key := func(id string) awskms.Key { return awskms.NewKey(stack, jsii.String(id), nil) }
	newConstruct(stack, &textractasync.TextractAsyncProps{
		EncryptionKey:        key("Key"),
		DeadLetterQueue:      &textractasync.DeadLetterQueueOptions{EncryptionKey: key("DeadLetterKey")},
		FormerEncryptionKeys: &[]awskms.IKey{key("FormerKey")},
	}).GrantConsumeNotifications(newListener(stack))
}

// buildClosedKey has a key that does not leave it to the account's IAM policies who may use it.
func buildClosedKey(app constructs.Construct) {
	stack := scenario.StackIn(app, "ClosedKey", scenario.Account, scenario.Region)
	key := awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{Policy: awsiam.PolicyDocument_FromJson(map[string]any{
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": map[string]any{"AWS": roleARN("keeper")},
		}},
	})})
	newConstruct(stack, &textractasync.TextractAsyncProps{EncryptionKey: key}).GrantConsumeNotifications(newListener(stack))
}

func newListener(stack awscdk.Stack) awsiam.Role {
	return awsiam.NewRole(stack, jsii.String(scenario.Listener), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
}

const otherConsumer = "arn:aws:iam::" + scenario.OtherAccount + ":role/consumer"

// buildOtherConsumer lets a role of another account consume the queue.
func buildOtherConsumer(app constructs.Construct) {
	stack := scenario.StackIn(app, "OtherConsumer", scenario.Account, scenario.Region)
	newConstruct(stack, nil).GrantConsumeNotifications(
		awsiam.Role_FromRoleArn(stack, jsii.String("Consumer"), jsii.String(otherConsumer), nil),
	)
}

// buildTwoAccounts writes results to a bucket that the same app makes in another account.
func buildTwoAccounts(app constructs.Construct) {
	other := scenario.StackIn(app, "TwoAccountsBucket", scenario.OtherAccount, scenario.Region)
	stack := scenario.StackIn(app, "TwoAccounts", scenario.Account, scenario.Region)
	bucket := awss3.NewBucket(other, jsii.String("Results"), &awss3.BucketProps{
		BucketName: jsii.String("two-accounts-results"), EnforceSSL: jsii.Bool(true),
	})
	scenario.AddCallers(
		stack, "",
		newConstruct(stack, &textractasync.TextractAsyncProps{Output: &textractasync.OutputLocation{Bucket: bucket}}),
	)
}
