package textractasync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/fnsub"
)

const (
	allKeys       = "arn:${AWS::Partition}:kms:eu-west-1:111122223333:key/*"
	keyArnPattern = "arn:aws:kms:" + region + ":" + otherAccount + ":key/00000000-0000-4000-8000-000000000000"
)

// allKeysIn writes the ARN as the flag set does.
func isAllKeys(resource string) bool {
	return resource == allKeys || resource == strings.ReplaceAll(allKeys, "${AWS::Partition}", "aws")
}

// The policy of a grantee finds a key of which only the alias is known by kms:ResourceAliases: to
// IAM an alias is not a key.
func assertGrantedByAlias(t *testing.T, found []allowed, alias string, actions ...string) {
	t.Helper()
	for _, action := range actions {
		ok := false
		for _, a := range found {
			if a.action == action && isAllKeys(a.resource) &&
				a.condition == `{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"`+alias+`"}}` {
				ok = true
			}
		}
		if !ok {
			t.Errorf("no %s by %s in %+v", action, alias, found)
		}
	}
}

func TestEncryptionKeyByImportedAlias(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			EncryptionKey: awskms.Alias_FromAliasName(home, jsii.String("Alias"), jsii.String("alias/documents")),
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		got := synthesizeApp(t, app)
		assertGrantedByAlias(t, got.where("AWS::IAM::Policy", "kms:", to("Caller")), "alias/documents", "kms:Decrypt")
		assertGrantedByAlias(t, got.where("AWS::IAM::Policy", "kms:", to("TextractAsyncServiceRole")), "alias/documents",
			"kms:Decrypt", "kms:GenerateDataKey*")
		got.warnings.expect(t, "keyPolicy", true, `"Resource":"*"`)
		if len(got.warnings) > 0 {
			t.Errorf("unexpected warnings %v", got.warnings)
		}
	})
}

func TestBucketKeysByImportedAlias(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		bucket := func(id string) awss3.IBucket {
			return awss3.NewBucket(home, jsii.String(id), &awss3.BucketProps{
				Encryption:    awss3.BucketEncryption_KMS,
				EncryptionKey: awskms.Alias_FromAliasName(home, jsii.String(id+"Alias"), jsii.String("alias/"+strings.ToLower(id))),
			})
		}
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{Bucket: bucket("Documents")}},
			Output: &textractasync.OutputLocation{Bucket: bucket("Results")},
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		variables := *textract.EnvironmentVariables()
		got := synthesizeApp(t, app)
		caller := got.where("AWS::IAM::Policy", "kms:", to("Caller"))
		output := []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"}
		assertGrantedByAlias(t, caller, "alias/documents", "kms:Decrypt")
		assertGrantedByAlias(t, caller, "alias/results", output...)
		assertGrantedByAlias(t, got.where("AWS::IAM::Policy", "kms:", to("TextractAsyncServiceRole")), "alias/results", output...)
		if key := *variables["TEXTRACT_OUTPUT_KMS_KEY_ID"]; !strings.HasSuffix(key, ":alias/results") {
			t.Errorf("output key %s, want the alias", key)
		}
		if len(got.warnings) > 0 {
			t.Errorf("unexpected warnings %v", got.warnings)
		}
	})
}

// The name of an alias may be known at deployment only.
func TestEncryptionKeyByAliasOfUnknownName(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		name := awscdk.NewCfnParameter(home, jsii.String("AliasName"), nil).ValueAsString()
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			EncryptionKey: awskms.Alias_FromAliasName(home, jsii.String("Alias"), name),
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		assertGrantedByAlias(t, synthesizeApp(t, app).where("AWS::IAM::Policy", "kms:", to("Caller")), "${AliasName}", "kms:Decrypt")
	})
}

// A key's policy may leave its use to another account, to named roles, or to nobody in this one.
func TestKeyThatDoesNotTrustTheAccount(t *testing.T) {
	statement := func(principal string) awsiam.PolicyDocument {
		return awsiam.PolicyDocument_FromJson(map[string]any{"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": map[string]any{"AWS": principal},
		}}})
	}
	for name, row := range map[string]struct {
		principal string
		isTrusted bool
	}{
		"a role":          {"arn:aws:iam::" + account + ":role/admin", false},
		"another account": {"arn:aws:iam::" + otherAccount + ":root", false},
		"the account":     {account, true},
		"its root":        {"arn:aws:iam::" + account + ":root", true},
	} {
		for kind, make := range map[string]func(awscdk.Stack) awskms.IKey{
			"Key": func(stack awscdk.Stack) awskms.IKey {
				return awskms.NewKey(stack, jsii.String("Key"), &awskms.KeyProps{Policy: statement(row.principal)})
			},
			"CfnKey": func(stack awscdk.Stack) awskms.IKey {
				return awskms.Key_FromCfnKey(awskms.NewCfnKey(stack, jsii.String("Key"), &awskms.CfnKeyProps{
					KeyPolicy: statement(row.principal).ToJSON(),
				}))
			},
		} {
			t.Run(name+" of a "+kind, func(t *testing.T) {
				context := map[string]any{"@aws-cdk/core:enablePartitionLiterals": true}
				app := awscdk.NewApp(&awscdk.AppProps{Context: &context})
				home := homeIn(app)
				textractasync.NewTextractAsync(
					home, jsii.String("TextractAsync"),
					&textractasync.TextractAsyncProps{EncryptionKey: make(home)},
				)
				got := synthesizeApp(t, app)
				assertNoCycle(t, got)
				found := got.where(
					"AWS::KMS::Key", "kms:GenerateDataKey",
					func(a allowed) bool { return a.principal != "Service:sns.amazonaws.com" },
				)
				for _, a := range found {
					if !strings.HasPrefix(a.principal, "AWS:${TextractAsyncServiceRole") {
						t.Errorf("%s for %s, want the service role alone", a.action, a.principal)
					}
				}
				if isExpected := !row.isTrusted || kind == "CfnKey"; (len(found) > 0) != isExpected {
					t.Errorf("statements for the service role: %v", found)
				}
			})
		}
	}
}

// A key that names one role alone stays closed: it names those that are granted its use, or a
// warning says that it could not.
func TestClosedKeyNamesItsUsers(t *testing.T) {
	closed := func(stack awscdk.Stack, id string) awskms.IKey {
		return awskms.NewKey(stack, jsii.String(id), &awskms.KeyProps{
			Policy: awsiam.PolicyDocument_FromJson(map[string]any{"Statement": []any{map[string]any{
				"Effect": "Allow", "Action": "kms:*", "Resource": "*",
				"Principal": map[string]any{"AWS": "arn:aws:iam::" + account + ":role/admin"},
			}}}),
		})
	}
	for name, row := range map[string]struct {
		grantee func(home, other awscdk.Stack) awsiam.IGrantable
		named   string // the beginning of the principal
		why     string // of the warning
	}{
		"a role": {func(home, _ awscdk.Stack) awsiam.IGrantable { return newLambdaRole(home, "Caller") }, "AWS:${Caller", ""},
		"a user": {func(home, _ awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewUser(home, jsii.String("Caller"), nil)
		}, "AWS:${Caller", ""},
		"an imported role": {func(home, _ awscdk.Stack) awsiam.IGrantable { return importedRole(home, account, true) }, "AWS:arn:aws:iam::" + account + ":role/service/Role", ""},
		"a role of another stack": {func(_, other awscdk.Stack) awsiam.IGrantable {
			return newLambdaRole(other, "Caller")
		}, "AWS:arn:", "is in another stack"},
		"a managed policy": {func(home, _ awscdk.Stack) awsiam.IGrantable {
			return awsiam.NewManagedPolicy(home, jsii.String("Policy"), nil)
		}, "AWS:arn:", "is not a role or user"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				other := newStackIn(app, "Other", region)
				bucket := awss3.NewBucket(home, jsii.String("Results"), &awss3.BucketProps{EncryptionKey: closed(home, "ResultsKey")})
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
					EncryptionKey: closed(home, "Key"), Output: &textractasync.OutputLocation{Bucket: bucket},
				})
				if !*textract.GrantRunJobs(row.grantee(home, other)).Success() {
					t.Error("the grant reports no success")
				}
				got := synthesizeApp(t, app)
				assertNoCycle(t, got)
				keys := map[string]int{}
				for _, a := range got.where("AWS::KMS::Key", "kms:Decrypt", nil) {
					isRoot := strings.HasSuffix(a.principal, ":root")
					if isRoot && row.why == "" {
						t.Errorf("%s is opened for the whole account", a.id)
					}
					if strings.HasPrefix(a.principal, row.named) && isRoot == (row.why != "") {
						keys[a.id]++
					}
				}
				if ids := slices.Collect(maps.Values(keys)); !slices.Equal(ids, []int{1, 1}) {
					t.Errorf("statements of keys for %s: %v, want one in each of both", row.named, keys)
				}
				for _, id := range []string{"keyPolicy", "bucketKeyPolicy"} {
					got.warnings.expect(t, id, row.why != "", row.why)
				}
				got.warnings.expectNoMore(t)
			})
		})
	}
}

func TestTopicEncryptedByImportedAlias(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Topic: awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{
				TopicName: jsii.String("AmazonTextractX"),
				MasterKey: awskms.Alias_FromAliasName(home, jsii.String("Alias"), jsii.String("alias/topics")),
			}),
		})
		got := synthesizeApp(t, app)
		assertGrantedByAlias(t, got.where("AWS::IAM::Policy", "kms:", to("TextractAsyncServiceRole")), "alias/topics",
			"kms:Decrypt", "kms:GenerateDataKey*")
	})
}

func TestAWSManagedKeysAreRejected(t *testing.T) {
	alias := func(stack awscdk.Stack, name string) awskms.IAlias {
		return awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String(name))
	}
	for name, row := range map[string]struct {
		props func(awscdk.Stack) *textractasync.TextractAsyncProps
		prop  string
		alias string
	}{
		"a new queue": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
				EncryptionMasterKey: alias(stack, "alias/aws/sqs"),
			})}
		}, "Queue", "alias/aws/sqs"},
		"an imported queue": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.Queue_FromQueueAttributes(stack, jsii.String("Queue"), &awssqs.QueueAttributes{
				QueueArn: jsii.String("arn:aws:sqs:" + region + ":" + account + ":old"),
				KeyArn:   jsii.String("arn:aws:kms:" + region + ":" + account + ":alias/aws/sqs"),
			})}
		}, "Queue", "alias/aws/sqs"},
		"EncryptionKey": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: alias(stack, "alias/aws/sns")}
		}, "EncryptionKey", "alias/aws/sns"},
		"a topic": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Topic: awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{
				TopicName: jsii.String("AmazonTextractX"), MasterKey: alias(stack, "alias/aws/sns"),
			})}
		}, "Topic", "alias/aws/sns"},
		"an output": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Output: &textractasync.OutputLocation{
				Bucket: awss3.NewBucket(stack, jsii.String("Results"), nil), EncryptionKey: alias(stack, "alias/aws/s3"),
			}}
		}, "Output.EncryptionKey", "alias/aws/s3"},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStackWithEnv("Home")
			props := row.props(stack)
			err := panicOf(t, func() { textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != row.prop || !strings.Contains(err.Error(), row.alias) {
				t.Errorf("got %v, want one problem of %s that names %s", err, row.prop, row.alias)
			}
		})
	}
}

// An alias of this app is its key: the key's policy must not refer to a topic that the key
// encrypts.
func TestAliasOfThisAppIsItsKey(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		key := awskms.NewKey(home, jsii.String("Key"), nil)
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			Topic:         awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{MasterKey: key}),
			EncryptionKey: key.AddAlias(jsii.String("alias/documents")),
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		if textract.EncryptionKey() != awskms.IKey(key) {
			t.Error("EncryptionKey is not the key of the alias")
		}
		got := synthesizeApp(t, app)
		assertNoCycle(t, got)
		got.warnings.expect(t, "topicPattern", true, "give the topic a TopicName")
		for _, a := range got.where("AWS::IAM::Policy", "kms:", nil) {
			if !strings.HasPrefix(a.resource, "${Key") || a.condition != "null" {
				t.Errorf("%s on %s if %s, want the key's own ARN", a.action, a.resource, a.condition)
			}
		}
	})
}

// A key of another account has to let this account use it: the policies of roles do not reach that
// far alone.
func TestEncryptionKeyOfAnotherAccount(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("Key"), jsii.String(keyArnPattern)),
		})
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		got := synthesizeApp(t, app)
		principals := map[string]bool{}
		for _, a := range got.warnings.printed(t) {
			if a.id == "keyPolicy" && a.action == "kms:Decrypt" {
				principals[a.principal] = true
			}
		}
		for _, want := range []string{"Service:sns.amazonaws.com", "AWS:arn:aws:iam::" + account + ":root"} {
			if !principals[want] {
				t.Errorf("no statement for %s in %v", want, got.warnings)
			}
		}
		for _, a := range got.where("AWS::IAM::Policy", "kms:", nil) {
			if a.resource != keyArnPattern {
				t.Errorf("%s on %s, want the key alone", a.action, a.resource)
			}
		}
	})
}

// Textract looks for a bare id in the caller's account.
func TestOutputKeyIsHandedOutByARN(t *testing.T) {
	for name, stack := range map[string]awscdk.Stack{"known account": newStackWithEnv("Home"), "environment-agnostic": newStack("Home")} {
		t.Run(name, func(t *testing.T) {
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
				Output: &textractasync.OutputLocation{
					Bucket:        awss3.NewBucket(stack, jsii.String("Results"), nil),
					EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyArnPattern)),
				},
			})
			if got := *(*textract.EnvironmentVariables())["TEXTRACT_OUTPUT_KMS_KEY_ID"]; got != keyArnPattern {
				t.Errorf("got %s, want the ARN", got)
			}
		})
	}
}

func TestEncryptionKeyIsTheQueuesKey(t *testing.T) {
	stack := newStackWithEnv("Home")
	key := awskms.NewKey(stack, jsii.String("QueueKey"), nil)
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key}),
	})
	if textract.EncryptionKey() != awskms.IKey(key) {
		t.Error("EncryptionKey is not the queue's key")
	}
	plain := textractasync.NewTextractAsync(stack, jsii.String("Plain"), &textractasync.TextractAsyncProps{
		Queue: awssqs.NewQueue(stack, jsii.String("PlainQueue"), nil),
	})
	if plain.EncryptionKey() != nil {
		t.Error("EncryptionKey of a queue without a key is not nil")
	}
}

// What SNS cannot deliver goes to the dead-letter queue. A policy of the queue's key that shuts SNS
// out, or a disabled key, must not lose it there as well.
func TestDeadLetterQueueDoesNotShareTheQueuesKey(t *testing.T) {
	fromTopic := func(a allowed) bool {
		return a.principal == "Service:sns.amazonaws.com" && strings.Contains(a.condition, "AmazonTextract-Home-TextractAsync")
	}
	for name, row := range map[string]struct {
		props        func(home awscdk.Stack) *textractasync.TextractAsyncProps
		deadLetterOf string // the logical id of the dead-letter queue's key; empty for SSE-SQS
		warning      string
	}{
		"by default": {func(awscdk.Stack) *textractasync.TextractAsyncProps { return nil }, "", ""},
		"with an EncryptionKey": {func(home awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: awskms.NewKey(home, jsii.String("Key"), nil)}
		}, "", ""},
		"with a key of its own": {func(home awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{
				EncryptionKey: awskms.NewKey(home, jsii.String("DeadLetterKey"), nil),
			}}
		}, "DeadLetterKey", ""},
		"with an imported key of its own": {func(home awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{
				EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("DeadLetterKey"),
					jsii.String("arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000")),
			}}
		}, "arn:aws:kms", "DeadLetterQueue.EncryptionKey: "},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), row.props(home))
				ids := []string{logicalID(textract.Queue()), logicalID(textract.DeadLetterQueue())}
				got := synthesizeApp(t, app)
				resources := got.templates["Home"]["Resources"].(map[string]any)
				keyOf := func(id string) string {
					key := fnsub.Flatten(resources[id].(map[string]any)["Properties"].(map[string]any)["KmsMasterKeyId"])
					return strings.TrimPrefix(fmt.Sprint(key), "${")
				}
				queueKey, deadLetterKey := keyOf(ids[0]), keyOf(ids[1])
				if deadLetterKey == queueKey {
					t.Errorf("queue and dead-letter queue share the key %s", queueKey)
				}
				switch {
				case row.deadLetterOf == "" && deadLetterKey != "<nil>",
					!strings.HasPrefix(deadLetterKey, row.deadLetterOf) && row.deadLetterOf != "":
					t.Errorf("the key of the dead-letter queue is %s, want %q", deadLetterKey, row.deadLetterOf)
				case row.deadLetterOf == "DeadLetterKey":
					if len(
						got.where(
							"AWS::KMS::Key", "kms:",
							func(a allowed) bool { return fromTopic(a) && strings.HasPrefix(a.id, "DeadLetterKey") },
						),
					) == 0 {
						t.Error("SNS may not use the key of the dead-letter queue")
					}
				}
				got.warnings.expect(t, "keyPolicy", row.warning != "", row.warning)
				got.warnings.expectNoMore(t)
				assertNoCycle(t, got)
			})
		})
	}
}

// Messages stay encrypted with the key of the queue that they were sent to. After a change of key,
// consumers have to decrypt with both.
func TestConsumersDecryptWithFormerKeys(t *testing.T) {
	const former = "arn:aws:kms:" + region + ":" + account + ":key/00000000-0000-4000-8000-00000000000a"
	changes := map[string]func(awscdk.Stack) *textractasync.TextractAsyncProps{
		"to an EncryptionKey": func(home awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: awskms.NewKey(home, jsii.String("Key"), nil)}
		},
		"to the default key": func(awscdk.Stack) *textractasync.TextractAsyncProps { return &textractasync.TextractAsyncProps{} },
		"to SERVICE_MANAGED": func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Encryption: textractasync.Encryption_SERVICE_MANAGED}
		},
		"of an existing queue": func(home awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(home, jsii.String("Queue"), &awssqs.QueueProps{
				EncryptionMasterKey: awskms.NewKey(home, jsii.String("Key"), nil),
			})}
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				props := change(home)
				props.FormerEncryptionKeys = &[]awskms.IKey{awskms.Key_FromKeyArn(home, jsii.String("Former"), jsii.String(former))}
				textract := textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), props)
				textract.GrantConsumeNotifications(newLambdaRole(home, "Consumer"))
				textract.GrantRunJobs(newLambdaRole(home, "Runner"))
				textract.GrantStartJobs(newLambdaRole(home, "Starter"))
				got := synthesizeApp(t, app)
				for role, want := range map[string]int{"Consumer": 1, "Runner": 1, "Starter": 0, "TextractAsyncServiceRole": 0} {
					found := got.where(
						"AWS::IAM::Policy", "kms:Decrypt",
						func(a allowed) bool { return to(role)(a) && a.resource == former },
					)
					if len(found) != want {
						t.Errorf("%s: %v, want %d statements", role, found, want)
					}
				}
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// A former key of another account has to let this account use it.
func TestFormerKeyOfAnotherAccount(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
			FormerEncryptionKeys: &[]awskms.IKey{awskms.Key_FromKeyArn(home, jsii.String("Former"), jsii.String(keyArnPattern))},
		})
		got := synthesizeApp(t, app)
		got.warnings.expect(t, "keyPolicy", true, "FormerEncryptionKeys[0]: ")
		got.warnings.expectNoMore(t)
	})
}

func TestInvalidKeysOfQueues(t *testing.T) {
	stack := newStack("Stack")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	alias := awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String("alias/aws/sqs"))
	for name, row := range map[string]struct {
		props textractasync.TextractAsyncProps
		want  []textractasync.Problem
	}{
		"no dead-letter queue": {
			textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true), EncryptionKey: key}},
			[]textractasync.Problem{{Prop: "DeadLetterQueue.EncryptionKey", Value: "a key"}},
		},
		"no key": {
			textractasync.TextractAsyncProps{
				Encryption:      textractasync.Encryption_SERVICE_MANAGED,
				DeadLetterQueue: &textractasync.DeadLetterQueueOptions{EncryptionKey: key},
			},
			[]textractasync.Problem{{Prop: "DeadLetterQueue.EncryptionKey", Value: "a key"}},
		},
		"the key of SQS": {
			textractasync.TextractAsyncProps{
				DeadLetterQueue:      &textractasync.DeadLetterQueueOptions{EncryptionKey: alias},
				FormerEncryptionKeys: &[]awskms.IKey{key, nil, alias},
			},
			[]textractasync.Problem{
				{Prop: "DeadLetterQueue.EncryptionKey", Value: `"alias/aws/sqs"`},
				{Prop: "FormerEncryptionKeys[1]", Value: "nil"},
				{Prop: "FormerEncryptionKeys[2]", Value: `"alias/aws/sqs"`},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assertProblems(t, row.want, panicOf(t, func() { newTextractAsync(stack, &row.props) }))
		})
	}
}
