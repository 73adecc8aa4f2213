package proof

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

// Case is a scenario with what is expected of it.
type Case struct {
	scenario string
	build    func(constructs.Construct) // nil for a scenario of the package scenario
	expect   func(f *finder) []*Expectation
	// warned are the rows that do not hold as synthesized, because a policy cannot be changed from the app. All rows must hold with the
	// statements of its warnings.
	warned []string
	// elsewhere are the rows that the policies of another app decide.
	elsewhere []string
	// crossAccount scenarios need the policies of both accounts, so that each hides what is wrong with the other.
	crossAccount bool
}

var bucketRows = []string{
	"read-documents", "documents-key", "write-results", "list-uploads", "read-results", "list-results", "read-results-key",
	"write-results-key", "service-role-results-key",
}

// cases in the order of the scenarios.
func cases() []Case {
	return []Case{
		{scenario: "Default", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.construct("Default/TextractAsync")}
		}},
		{scenario: "Callers", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.addCallers(f.construct("Callers/TextractAsync"), "Callers/")}
		}},
		{scenario: "Everything", expect: func(f *finder) []*Expectation {
			e := f.addCallers(f.construct("Everything/TextractAsync"), "Everything/")
			e.Operations = []string{textDetection, lendingAnalysis}
			e.Inputs = []Location{
				{Bucket: f.arn("Everything/Incoming"), Prefix: "in/", Key: f.arn("Everything/IncomingKey")},
				{Bucket: f.arn("Everything/Archive")},
			}
			e.Output = &Location{Bucket: f.arn("Everything/Results"), Prefix: "results/", Key: f.arn("Everything/ResultsKey")}
			e.Trusted = append(e.Trusted, scenario.OtherAccount)
			return []*Expectation{e}
		}},
		{scenario: "ServiceManaged", expect: func(f *finder) []*Expectation {
			e := f.addCallers(f.withoutKey("ServiceManaged/TextractAsync"), "ServiceManaged/")
			e.ManagedPolicy = true
			return []*Expectation{e}
		}},
		{scenario: "CallerKinds", expect: func(f *finder) []*Expectation {
			e := f.construct("CallerKinds/TextractAsync")
			e.Inputs = []Location{{Bucket: f.arn("CallerKinds/Incoming"), Key: f.arn("CallerKinds/IncomingKey")}}
			e.Output = &Location{Bucket: f.arn("CallerKinds/Results"), Prefix: outputPrefix, Key: f.arn("CallerKinds/ResultsKey")}
			for _, arn := range []string{
				f.arn("CallerKinds/" + scenario.User), f.arn("CallerKinds/" + scenario.Group), f.arn("CallerKinds/" + scenario.FunctionRole),
				roleARN("service/caller"),
			} {
				e.Callers = append(e.Callers, Caller{ARN: arn, Grants: grantRun})
			}
			return []*Expectation{e}
		}},
		{scenario: "ExistingKey", expect: func(f *finder) []*Expectation {
			const construct = "ExistingKey/TextractAsync"
			e := f.addCallers(f.withoutKey(construct), "ExistingKey/")
			e.TopicKey, e.QueueKey, e.DeadLetterQueue = f.arn("ExistingKey/Key"), f.arn("ExistingKey/Key"), f.arn(construct+"/DeadLetterQueue")
			e.ManagedPolicy = true
			return []*Expectation{e}
		}},
		{scenario: "Existing", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.existing("Existing/TextractAsync", "Existing", "Existing")}
		}},
		{
			scenario: "Imported", warned: []string{"assume", "deliver", "deliver-key"},
			expect: func(f *finder) []*Expectation {
				key := keyARN(scenario.Account, "0")
				return []*Expectation{f.addCallers(&Expectation{
					Env: f.env, Construct: "Imported/TextractAsync", Operations: allOperations, Trusted: []string{scenario.Account},
					Topic: arn("sns", "AmazonTextractImported"), TopicKey: key, Queue: arn("sqs", "imported"), QueueKey: key,
					ServiceRole: roleARN("service/imported"),
					Inputs:      []Location{{Bucket: "arn:aws:s3:::imported-1", Key: keyARN(scenario.Account, "1")}},
					Output:      &Location{Bucket: "arn:aws:s3:::imported-2", Prefix: outputPrefix, Key: keyARN(scenario.Account, "2")},
					AllowHTTP:   true, BucketsAllowHTTP: true,
				}, "Imported/")}
			},
		},
		{scenario: "Aliases", warned: []string{"deliver-key"}, expect: func(f *finder) []*Expectation {
			const construct = "Aliases/TextractAsync"
			e := f.addCallers(f.withoutKey(construct), "Aliases/")
			notifications, documents, results := keyARN(scenario.Account, "0"), keyARN(scenario.Account, "1"), keyARN(scenario.Account, "2")
			e.Aliases = map[string]string{notifications: "alias/notifications", documents: "alias/documents", results: "alias/results"}
			e.TopicKey, e.QueueKey, e.DeadLetterQueue = notifications, notifications, f.arn(construct+"/DeadLetterQueue")
			e.Inputs = []Location{{Bucket: f.arn("Aliases/Incoming"), Key: documents}}
			e.Output = &Location{Bucket: f.arn("Aliases/Results"), Prefix: outputPrefix, Key: results}
			return []*Expectation{e}
		}},
		{
			scenario: "CrossAccount", crossAccount: true,
			warned: slices.Concat(bucketRows, []string{"publish-key", "deliver-key", "consume-key"}),
			expect: func(f *finder) []*Expectation {
				const construct, other = "CrossAccount/TextractAsync", scenario.OtherAccount
				e := f.addCallers(f.withoutKey(construct), "CrossAccount/")
				e.TopicKey, e.QueueKey, e.DeadLetterQueue = keyARN(other, "0"), keyARN(other, "0"), f.arn(construct+"/DeadLetterQueue")
				e.Inputs = []Location{{Bucket: "arn:aws:s3:::cross-account-1", Prefix: "in/", Key: keyARN(other, "1"), Owner: other}}
				e.Output = &Location{Bucket: "arn:aws:s3:::cross-account-2", Prefix: outputPrefix, Key: keyARN(other, "2"), Owner: other}
				e.BucketsAllowHTTP = true
				return []*Expectation{e}
			},
		},
		{scenario: "Two", expect: func(f *finder) []*Expectation {
			left, right := f.oneOfTwo("Left"), f.oneOfTwo("Right")
			left.Others, right.Others = []*Expectation{right}, []*Expectation{left}
			return []*Expectation{left, right}
		}},
		{scenario: "GovCloud", expect: func(f *finder) []*Expectation {
			e := f.addCallers(f.construct("GovCloud/TextractAsync"), "GovCloud/")
			e.Inputs = []Location{{Bucket: f.arn("GovCloud/Incoming")}}
			e.Output = &Location{Bucket: f.arn("GovCloud/Results"), Prefix: outputPrefix, Key: f.arn("GovCloud/ResultsKey")}
			return []*Expectation{e}
		}},
		{scenario: "Nested", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.addCallers(f.construct("Nested/Inner/TextractAsync"), "Nested/")}
		}},
		{scenario: "Staged", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.addCallers(f.construct("Staged/Stack/TextractAsync"), "Staged/Stack/")}
		}},
		{scenario: "CrossStack", expect: func(f *finder) []*Expectation {
			return []*Expectation{f.existing("CrossStack/TextractAsync", "CrossStackExisting", "CrossStackCallers")}
		}},
		{scenario: "Monitored", expect: func(f *finder) []*Expectation {
			e := f.construct("Monitored/TextractAsync")
			e.AlarmTopic, e.AlarmKey = f.arn("Monitored/Alarms"), f.arn("Monitored/AlarmsKey")
			return []*Expectation{e}
		}},
		{scenario: "TextractAsyncSample", expect: func(f *finder) []*Expectation {
			e := f.construct("TextractAsyncSample/TextractAsync")
			e.Inputs = []Location{{Bucket: f.arn("TextractAsyncSample/Documents")}}
			e.Output = &Location{Bucket: f.arn("TextractAsyncSample/Results"), Prefix: outputPrefix}
			e.Callers = []Caller{{ARN: f.arn("TextractAsyncSample/Caller"), Grants: grantRun, PutDocuments: true}}
			return []*Expectation{e}
		}},

		// Scenarios that only permissions tell apart.
		{
			scenario: "Immutable", build: buildImmutable,
			warned: []string{
				"assume", "publish", "publish-key", "start", "pass-role", "consume", "consume-lambda", "consume-by-name", "consume-key", "get",
				"write-results", "list-uploads", "read-results", "list-results", "read-results-key", "write-results-key", "service-role-results-key",
			},
			expect: func(f *finder) []*Expectation {
				const construct = "Immutable/TextractAsync"
				key := f.arn(construct + "/EncryptionKey")
				return []*Expectation{{
					Env: f.env, Construct: construct, Operations: allOperations, Trusted: []string{scenario.Account},
					Topic: f.arn(construct + "/Topic"), TopicKey: key, Queue: f.arn(construct + "/Queue"), QueueKey: key,
					DeadLetterQueue: f.arn(construct + "/DeadLetterQueue"), ServiceRole: roleARN("immutable"),
					Output: &Location{
						Bucket: "arn:aws:s3:::immutable-2", Prefix: outputPrefix, Key: keyARN(scenario.Account, "2"),
					},
					BucketsAllowHTTP: true,
					Callers:          []Caller{{ARN: roleARN("immutable-caller"), Path: "Immutable/Caller", Grants: grantRun}},
				}}
			},
		},
		{
			scenario: "Attributes", build: buildAttributes,
			elsewhere: []string{"assume", "publish", "publish-key", "service-role-results-key", "deliver", "deliver-key"},
			expect: func(f *finder) []*Expectation {
				key := keyARN(scenario.Account, "0")
				return []*Expectation{f.addCallers(&Expectation{
					Env: f.env, Construct: "Attributes/TextractAsync", Operations: []string{expenseAnalysis}, Trusted: []string{scenario.Account},
					Topic: arn("sns", "AmazonTextractAttributes"), TopicKey: key, Queue: arn("sqs", "attributes"), QueueKey: key,
					ServiceRole: roleARN("attributes"),
					Output:      &Location{Bucket: "arn:aws:s3:::attributes-2", Prefix: outputPrefix, Key: keyARN(scenario.Account, "2")},
					AllowHTTP:   true, BucketsAllowHTTP: true,
				}, "Attributes/")}
			},
		},
		{scenario: "SharedCaller", build: buildSharedCaller, expect: func(f *finder) []*Expectation {
			var all []*Expectation
			for _, stack := range []string{"SharedCallerA", "SharedCallerB"} {
				e := f.construct(stack + "/TextractAsync")
				e.Callers = []Caller{{ARN: roleARN("shared-caller"), Grants: grantConsume}}
				all = append(all, e)
			}
			return all
		}},
		{scenario: "TwoAccounts", build: buildTwoAccounts, crossAccount: true, expect: func(f *finder) []*Expectation {
			e := f.addCallers(f.construct("TwoAccounts/TextractAsync"), "TwoAccounts/")
			e.Output = &Location{Bucket: f.arn("TwoAccountsBucket/Results"), Prefix: outputPrefix, Owner: scenario.OtherAccount}
			return []*Expectation{e}
		}},
	}
}

// existing is a construct over resources that another scope made.
func (f *finder) existing(construct, scope, callers string) *Expectation {
	key := f.arn(scope + "/Key")
	return f.addCallers(&Expectation{
		Env: f.env, Construct: construct, Operations: allOperations, Trusted: []string{f.env.Account},
		Topic: f.arn(scope + "/Topic"), TopicKey: key, Queue: f.arn(scope + "/Queue"), QueueKey: key, ServiceRole: f.arn(scope + "/Role"),
		Inputs: []Location{{Bucket: f.arn(scope + "/Incoming"), Key: f.arn(scope + "/IncomingKey")}},
		Output: &Location{Bucket: f.arn(scope + "/Results"), Prefix: outputPrefix, Key: f.arn(scope + "/ResultsKey")},
	}, callers+"/")
}

func (f *finder) oneOfTwo(side string) *Expectation {
	e := f.addCallers(f.construct("Two/"+side), "Two/"+side)
	e.Output = &Location{Bucket: f.arn("Two/" + side + "Results"), Prefix: outputPrefix}
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

// buildTwoAccounts writes results to a bucket that the same app makes in another account.
func buildTwoAccounts(app constructs.Construct) {
	other := scenario.StackIn(app, "TwoAccountsBucket", scenario.OtherAccount, scenario.Region)
	stack := scenario.StackIn(app, "TwoAccounts", scenario.Account, scenario.Region)
	bucket := awss3.NewBucket(other, jsii.String("Results"), &awss3.BucketProps{
		BucketName: jsii.String("two-accounts-results"), EnforceSSL: jsii.Bool(true),
	})
	scenario.AddCallers(stack, "", newConstruct(stack, &textractasync.TextractAsyncProps{Output: &textractasync.OutputLocation{Bucket: bucket}}))
}
