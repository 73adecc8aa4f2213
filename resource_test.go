package textractasync_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// setKey is what a setter, a mixin or an override of an L1 construct does.
func setKey(queue awssqs.IQueue, key string) awssqs.IQueue {
	queue.Node().DefaultChild().(awssqs.CfnQueue).SetKmsMasterKeyId(jsii.String(key))
	return queue
}

func encryptedBucket(home awscdk.Stack, key *string) awss3.CfnBucket {
	return awss3.NewCfnBucket(home, jsii.String("Bucket"), &awss3.CfnBucketProps{BucketEncryption: bucketEncryption(key)})
}

func bucketEncryption(key *string) *awss3.CfnBucket_BucketEncryptionProperty {
	return &awss3.CfnBucket_BucketEncryptionProperty{
		ServerSideEncryptionConfiguration: &[]any{&awss3.CfnBucket_ServerSideEncryptionRuleProperty{
			ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
				SseAlgorithm: jsii.String("aws:kms"), KmsMasterKeyId: key,
			},
		}},
	}
}

// What the template says counts, and not what an L2 construct was told.
func TestExistingResourcesThatAreRejected(t *testing.T) {
	type props = textractasync.TextractAsyncProps
	for name, row := range map[string]struct {
		props     func(home awscdk.Stack) *props
		prop, fix string
	}{
		"queue with alias/aws/sqs by a setter": {func(home awscdk.Stack) *props {
			return &props{Queue: setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), "alias/aws/sqs")}
		}, "Queue", "SNS cannot use that key"},
		"L1 queue with alias/aws/sqs, imported by its ARN": {func(home awscdk.Stack) *props {
			queue := awssqs.NewCfnQueue(home, jsii.String("Queue"), &awssqs.CfnQueueProps{KmsMasterKeyId: jsii.String("alias/aws/sqs")})
			return &props{Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Imported"), queue.AttrArn())}
		}, "Queue", "SNS cannot use that key"},
		"generic FIFO queue": {func(home awscdk.Stack) *props {
			queue := awscdk.NewCfnResource(home, jsii.String("Queue"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::SQS::Queue"), Properties: &map[string]any{"FifoQueue": true},
			})
			return &props{Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Imported"), awscdk.Token_AsString(queue.GetAtt(jsii.String("Arn"), awscdk.ResolutionTypeHint_STRING), nil))}
		}, "Queue", "standard queue"},
		"topic named .fifo without Fifo": {func(home awscdk.Stack) *props {
			return &props{Topic: awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String("AmazonTextract.fifo")})}
		}, "Topic", "standard topic"},
		"topic with a name of 257 characters": {func(home awscdk.Stack) *props {
			return &props{Topic: awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{
				TopicName: jsii.String("AmazonTextract" + strings.Repeat("a", 243)),
			})}
		}, "Topic", "at most 256 characters"},
		"topic with a half-known name for the managed policy": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{
				Topic: awssns.NewTopic(home, jsii.String("Topic"), &awssns.TopicProps{
					TopicName: jsii.String("documents-" + *parameter.ValueAsString()),
				}),
				ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
			}
		}, "ServiceRolePolicy", "AmazonTextract"},
		"half-known TopicName": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{TopicName: jsii.String("documents-" + *parameter.ValueAsString())}
		}, "TopicName", "begin the name"},
		"TopicName GENERATE_IF_NEEDED": {func(awscdk.Stack) *props {
			return &props{TopicName: awscdk.PhysicalName_GENERATE_IF_NEEDED()}
		}, "TopicName", "remove TopicName"},
		"TopicName of Fn::Join": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{TopicName: awscdk.Fn_Join(jsii.String("-"), &[]*string{jsii.String("documents"), parameter.ValueAsString()})}
		}, "TopicName", "begin the name"},
		"TopicName with Topic, which cannot be resolved": {func(home awscdk.Stack) *props {
			elsewhere := newStackIn(awscdk.App_Of(home), "Elsewhere", "us-east-1")
			name := awssqs.NewQueue(elsewhere, jsii.String("Queue"), nil).QueueName()
			return &props{Topic: awssns.NewTopic(home, jsii.String("Topic"), nil), TopicName: name}
		}, "TopicName", "remove TopicName or Topic"},
		"prefix of Fn::Sub": {func(home awscdk.Stack) *props {
			return &props{Output: &textractasync.OutputLocation{
				Bucket: awss3.NewBucket(home, jsii.String("Bucket"), nil), Prefix: awscdk.Fn_Sub(jsii.String("*/${AWS::StackName}"), nil),
			}}
		}, "Output.Prefix", "wildcards"},
		"half-known alias of SQS in a queue": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{Queue: setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), "alias/aws/"+*parameter.ValueAsString())}
		}, "Queue", "SNS cannot use that key"},
		"L1 queue named .fifo without FifoQueue": {func(home awscdk.Stack) *props {
			queue := awssqs.NewCfnQueue(home, jsii.String("Queue"), &awssqs.CfnQueueProps{QueueName: jsii.String("jobs.fifo")})
			return &props{Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Imported"), queue.AttrArn())}
		}, "Queue", "standard queue"},
		"a queue as the topic": {func(home awscdk.Stack) *props {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			return &props{Topic: awssns.Topic_FromTopicArn(home, jsii.String("Topic"), queue.QueueArn())}
		}, "Topic", "use a topic"},
		"a topic as the queue": {func(home awscdk.Stack) *props {
			topic := awssns.NewTopic(home, jsii.String("Topic"), nil)
			return &props{Queue: awssqs.Queue_FromQueueArn(home, jsii.String("Queue"), topic.TopicArn())}
		}, "Queue", "use a queue"},
		"a user as the service role": {func(home awscdk.Stack) *props {
			user := awsiam.NewUser(home, jsii.String("User"), nil)
			return &props{ServiceRole: awsiam.Role_FromRoleArn(home, jsii.String("Role"), user.UserArn(), nil)}
		}, "ServiceRole", "use a role"},
		"a bucket as the key": {func(home awscdk.Stack) *props {
			bucket := awss3.NewBucket(home, jsii.String("Bucket"), nil)
			return &props{EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("Key"), bucket.BucketArn())}
		}, "EncryptionKey", "use a key"},
		"a queue as the bucket": {func(home awscdk.Stack) *props {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			return &props{Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.Bucket_FromBucketName(home, jsii.String("Bucket"), queue.QueueName()),
			}}}
		}, "Inputs[0].Bucket", "use a bucket"},
		"wildcard before a token": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Prefix"), nil)
			return &props{Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.NewBucket(home, jsii.String("Bucket"), nil), Prefix: jsii.String("*/" + *parameter.ValueAsString()),
			}}}
		}, "Inputs[0].Prefix", "wildcards"},
		"asymmetric key": {func(home awscdk.Stack) *props {
			return &props{EncryptionKey: awskms.NewKey(home, jsii.String("Key"), &awskms.KeyProps{KeySpec: awskms.KeySpec_RSA_4096})}
		}, "EncryptionKey", "symmetric"},
		"HMAC key, by its L1": {func(home awscdk.Stack) *props {
			return &props{EncryptionKey: awskms.Key_FromCfnKey(awskms.NewCfnKey(home, jsii.String("Key"), &awskms.CfnKeyProps{
				KeySpec: jsii.String("HMAC_256"), KeyUsage: jsii.String("GENERATE_VERIFY_MAC"),
				KeyPolicy: map[string]any{"Statement": []any{}},
			}))}
		}, "EncryptionKey", "symmetric"},
		"disabled key": {func(home awscdk.Stack) *props {
			return &props{EncryptionKey: awskms.NewKey(home, jsii.String("Key"), &awskms.KeyProps{Enabled: jsii.Bool(false)})}
		}, "EncryptionKey", "enabled"},
		"access point of the app": {func(home awscdk.Stack) *props {
			point := awss3.NewCfnAccessPoint(home, jsii.String("Point"), &awss3.CfnAccessPointProps{Bucket: jsii.String("documents")})
			return &props{Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.Bucket_FromBucketName(home, jsii.String("Bucket"), point.AttrAlias()),
			}}}
		}, "Inputs[0].Bucket", "general purpose bucket"},
		"access point of the app, by its ARN": {func(home awscdk.Stack) *props {
			point := awss3.NewCfnAccessPoint(home, jsii.String("Point"), &awss3.CfnAccessPointProps{Bucket: jsii.String("documents")})
			return &props{Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.Bucket_FromBucketArn(home, jsii.String("Bucket"), point.AttrArn()),
			}}}
		}, "Inputs[0].Bucket", "general purpose bucket"},
		"half-known alias of an access point": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{Inputs: &[]*textractasync.InputLocation{{
				Bucket: awss3.Bucket_FromBucketName(home, jsii.String("Bucket"), jsii.String(*parameter.ValueAsString()+"--op-s3")),
			}}}
		}, "Inputs[0].Bucket", "bucket"},
		"half-known alias of AWS": {func(home awscdk.Stack) *props {
			parameter := awscdk.NewCfnParameter(home, jsii.String("Name"), nil)
			return &props{EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("Key"), jsii.String(
				"arn:aws:kms:"+region+":"+account+":alias/aws/"+*parameter.ValueAsString()))}
		}, "EncryptionKey", "customer managed key"},
		"queue of a stack without an environment": {func(home awscdk.Stack) *props {
			other := awscdk.NewStack(awscdk.App_Of(home), jsii.String("Agnostic"), nil)
			return &props{Queue: awssqs.NewQueue(other, jsii.String("Queue"), nil)}
		}, "Queue", "same Env"},
		"key of a stack with an environment that the construct's has not": {func(home awscdk.Stack) *props {
			return &props{EncryptionKey: awskms.NewKey(awscdk.NewStack(awscdk.App_Of(home), jsii.String("Keys"), nil), jsii.String("Key"), nil)}
		}, "EncryptionKey", "same Env"},
		"bucket without a name in another account": {func(home awscdk.Stack) *props {
			other := awscdk.NewStack(awscdk.App_Of(home), jsii.String("Other"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: jsii.String("444455556666"), Region: jsii.String(region)},
			})
			return &props{Inputs: &[]*textractasync.InputLocation{{Bucket: awss3.NewBucket(other, jsii.String("Bucket"), nil)}}}
		}, "Inputs[0].Bucket", "give the bucket a name"},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				err := panicOf(t, func() { newTextractAsync(home, row.props(home)) })
				if len(err.Problems) != 1 || err.Problems[0].Prop != row.prop || !strings.Contains(err.Problems[0].Fix, row.fix) {
					t.Errorf("got %v, want one problem of %s with %q", err, row.prop, row.fix)
				}
			})
		})
	}
}

// The caller may decrypt with the key that the bucket's resource names, by whichever name.
func TestKeysOfBucketsOfL1(t *testing.T) {
	const id = "00000000-0000-4000-8000-000000000000"
	for name, row := range map[string]struct {
		key       func(home awscdk.Stack) *string
		resource  any
		isUnknown bool
	}{
		"ARN": {func(awscdk.Stack) *string { return jsii.String(otherKeyARN) }, otherKeyARN, false},
		"id": {
			func(awscdk.Stack) *string { return jsii.String(id) },
			"key/" + id, false,
		},
		"alias": {
			func(awscdk.Stack) *string { return jsii.String("alias/documents") },
			"key/*", false,
		},
		"L1 key of the app": {func(home awscdk.Stack) *string {
			return awskms.NewCfnKey(home, jsii.String("Key"), &awskms.CfnKeyProps{KeyPolicy: map[string]any{"Statement": []any{}}}).Ref()
		}, object{"Fn::GetAtt": []any{"Key", "Arn"}}, false},
		"parameter": {func(home awscdk.Stack) *string {
			return awscdk.NewCfnParameter(home, jsii.String("Parameter"), nil).ValueAsString()
		}, nil, true},
		"alias of S3, which needs no grant": {func(awscdk.Stack) *string { return jsii.String("alias/aws/s3") }, nil, false},
		"ARN of the alias of S3": {func(awscdk.Stack) *string {
			return jsii.String("arn:aws:kms:" + region + ":" + account + ":alias/aws/s3")
		}, nil, false},
		"none": {func(awscdk.Stack) *string { return nil }, nil, false},
	} {
		check := func(t *testing.T, isRead bool) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				resource := encryptedBucket(home, row.key(home))
				if isRead {
					resource.BucketEncryption()
				}
				bucket := awss3.Bucket_FromCfnBucket(resource)
				textract := newTextractAsync(home, &textractasync.TextractAsyncProps{
					Inputs: &[]*textractasync.InputLocation{{Bucket: bucket}},
				})
				textract.GrantStartJobs(newLambdaRole(home, "Caller"))
				warnings := warningsOf(t, home)
				warnings.expect(t, "unknownKey", row.isUnknown, "known at deployment only")
				want := assertions.Match_Not(assertions.Match_ObjectLike(&map[string]any{
					"PolicyDocument": document(object{"Action": "kms:Decrypt"}),
				}))
				template := assertions.Template_FromStack(home, nil)
				key := row.resource
				if id, ok := key.(string); ok && id != otherKeyARN {
					key = home.Resolve(home.FormatArn(&awscdk.ArnComponents{Service: jsii.String("kms"), Resource: &id}))
				}
				if key == nil {
					mustMatch(t, func() { template.AllResourcesProperties(jsii.String("AWS::IAM::Policy"), want) })
					return
				}
				mustMatch(t, func() {
					template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
						"PolicyDocument": document(object{"Action": "kms:Decrypt", "Resource": key}),
					})
				})
			})
		}
		t.Run(name, func(t *testing.T) { check(t, false) })
		t.Run(name+", which the app has read", func(t *testing.T) { check(t, true) })
	}
}

// A key that only the queue's resource names gets the statement for SNS, or the warning with it.
func TestKeysOfQueuesBySetter(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		key := awskms.NewKey(home, jsii.String("Key"), nil)
		textract := newTextractAsync(home, &textractasync.TextractAsyncProps{
			Queue: setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), *key.KeyArn()),
		})
		textract.GrantConsumeNotifications(newLambdaRole(home, "Caller"))
		warningsOf(t, home).expectNoMore(t)
		template := assertions.Template_FromStack(home, nil)
		mustMatch(t, func() {
			template.HasResourceProperties(jsii.String("AWS::KMS::Key"), object{"KeyPolicy": document(object{
				"Action": []any{"kms:Decrypt", "kms:GenerateDataKey*"}, "Principal": object{"Service": "sns.amazonaws.com"},
			})})
			template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
				"PolicyDocument": document(object{"Action": "kms:Decrypt", "Resource": arnOf(key)}),
			})
		})
	})
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textract := newTextractAsync(home, &textractasync.TextractAsyncProps{
			Queue: setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), otherKeyARN),
		})
		if got := *textract.EncryptionKey().KeyArn(); got != otherKeyARN {
			t.Errorf("EncryptionKey is %s", got)
		}
		warnings := warningsOf(t, home)
		warnings.expect(t, "keyPolicy", true, "sns.amazonaws.com")
		warnings.expectNoMore(t)
	})
}

// A key that only a resource names can be read again, for another input or another construct.
// What this app makes takes statements, also where it is imported by a reference to its ARN.
func TestImportsOfResourcesOfThisApp(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		key, queueKey := awskms.NewKey(home, jsii.String("Key"), nil), awskms.NewKey(home, jsii.String("QueueKey"), nil)
		topic := awssns.NewTopic(
			home,
			jsii.String("Topic"),
			&awssns.TopicProps{MasterKey: key, TopicName: jsii.String("AmazonTextractJobs")},
		)
		queue := awssqs.NewQueue(home, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: queueKey})
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			Topic:       awssns.Topic_FromTopicArn(home, jsii.String("ImportedTopic"), topic.TopicArn()),
			Queue:       awssqs.Queue_FromQueueArn(home, jsii.String("ImportedQueue"), queue.QueueArn()),
			ServiceRole: awsiam.Role_FromRoleArn(home, jsii.String("ImportedRole"), newLambdaRole(home, "Role").RoleArn(), nil),
			FormerEncryptionKeys: &[]awskms.IKey{
				awskms.Key_FromKeyArn(home, jsii.String("ImportedKey"), awskms.NewKey(home, jsii.String("Former"), nil).KeyArn()),
			},
		})
		textractasync.NewTextractAsync(home, jsii.String("WithAnL1"), &textractasync.TextractAsyncProps{
			EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("ImportedL1"), awskms.NewCfnKey(home, jsii.String("L1"), &awskms.CfnKeyProps{
				KeyPolicy: map[string]any{"Statement": []any{}},
			}).AttrArn()),
		})
		got := synthesizeApp(t, app)
		for kind, action := range map[string]string{
			"AWS::SQS::QueuePolicy": "sqs:SendMessage", "AWS::KMS::Key": "kms:GenerateDataKey*", "AWS::IAM::Role": "sts:AssumeRole",
		} {
			isService := func(a allowed) bool {
				return a.principal == "Service:sns.amazonaws.com" || a.principal == "Service:textract.amazonaws.com"
			}
			if len(got.where(kind, action, isService)) == 0 {
				t.Errorf("no %s in %s", action, kind)
			}
		}
		got.warnings.expectNoMore(t)
	})
}

func TestKeyOfAResourceThatIsUsedTwice(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		bucket := awss3.NewBucket(home, jsii.String("Bucket"), nil)
		bucket.Node().DefaultChild().(awss3.CfnBucket).SetBucketEncryption(bucketEncryption(jsii.String(otherKeyARN)))
		queue := setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), otherKeyARN)
		for _, id := range []string{"First", "Second"} {
			textractasync.NewTextractAsync(home, jsii.String(id), &textractasync.TextractAsyncProps{
				Inputs: &[]*textractasync.InputLocation{
					{Bucket: bucket, Prefix: jsii.String("a/")},
					{Bucket: bucket, Prefix: jsii.String("b/")},
				},
				Queue: queue,
			}).GrantRunJobs(newLambdaRole(home, id+"Caller"))
		}
		warnings := warningsOf(t, home)
		warnings.expect(t, "keyPolicy", true, "sns.amazonaws.com")
		warnings.expectNoMore(t)
	})
}

// The name of an alias of this app is a token of the CDK, which refers to the alias with one of the
// feature flags only.
func TestAliasOfThisAppInAResource(t *testing.T) {
	for name, key := range map[string]func(awskms.IAlias) *string{
		"ARN":  func(alias awskms.IAlias) *string { return alias.KeyArn() },
		"name": func(alias awskms.IAlias) *string { return alias.AliasName() },
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				alias := awskms.NewKey(home, jsii.String("Key"), nil).AddAlias(jsii.String("alias/documents"))
				textract := newTextractAsync(home, &textractasync.TextractAsyncProps{
					Queue: setKey(awssqs.NewQueue(home, jsii.String("Queue"), nil), *key(alias)),
				})
				textract.GrantConsumeNotifications(newLambdaRole(home, "Caller"))
				isReference := home.Node().TryGetContext(jsii.String("@aws-cdk/aws-kms:aliasNameRef")) == true
				want := object{
					"Action":   "kms:Decrypt",
					"Resource": assertions.Match_ObjectLike(&object{"Fn::GetAtt": assertions.Match_AnyValue()}),
				}
				if !isReference {
					want = object{"Action": "kms:Decrypt", "Condition": object{
						"ForAnyValue:StringEquals": object{"kms:ResourceAliases": "alias/documents"},
					}}
				}
				warnings := warningsOf(t, home)
				warnings.expect(t, "keyPolicy", !isReference, "sns.amazonaws.com")
				warnings.expectNoMore(t)
				mustMatch(t, func() {
					assertions.Template_FromStack(home, nil).HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{
						"PolicyDocument": document(want),
					})
				})
			})
		})
	}
}

// Accounts that only the ARNs tell count as well.
func TestAccountsOfARNsInAStackWithoutEnvironment(t *testing.T) {
	const other, third = "444455556666", "777788889999"
	for name, context := range map[string]map[string]any{"no flags": nil, "recommended flags": recommendedFlags(t)} {
		t.Run(name, func(t *testing.T) {
			stack := awscdk.NewStack(awscdk.NewApp(&awscdk.AppProps{Context: &context}), jsii.String("Home"), nil)
			textractasync.TextractAsync_FromTextractAsyncAttributes(stack, jsii.String("Existing"), &textractasync.TextractAsyncAttributes{
				TopicArn:         jsii.String("arn:aws:sns:eu-west-1:" + other + ":AmazonTextractOld"),
				QueueArn:         jsii.String("arn:aws:sqs:eu-west-1:" + other + ":old"),
				ServiceRoleArn:   jsii.String("arn:aws:iam::" + other + ":role/old"),
				EncryptionKeyArn: jsii.String("arn:aws:kms:eu-west-1:" + third + ":key/00000000-0000-4000-8000-000000000000"),
				Inputs: &[]*textractasync.InputLocation{{
					Bucket: awss3.Bucket_FromBucketAttributes(stack, jsii.String("Bucket"), &awss3.BucketAttributes{
						BucketName: jsii.String("documents"), Account: jsii.String(third),
					}),
					EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"),
						jsii.String("arn:aws:kms:eu-west-1:"+third+":key/00000000-0000-4000-8000-000000000001")),
				}},
			})
			warnings := warningsOf(t, stack)
			for _, id := range []string{"keyPolicy", "bucketPolicy", "bucketKeyPolicy"} {
				warnings.expect(t, id, true, "iam::"+other+":root")
			}
			warnings.expectNoMore(t)
		})
	}
}

// One bucket by its ARN and by its name is the same with and without flags.
func TestOneBucketByItsARNAndByItsName(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{
				{Bucket: awss3.Bucket_FromBucketArn(home, jsii.String("In"), jsii.String("arn:aws:s3:::docs"))},
			},
			Output: &textractasync.OutputLocation{Bucket: awss3.Bucket_FromBucketName(home, jsii.String("Out"), jsii.String("docs"))},
		})
		warningsOf(t, home).expect(t, "outputInInputs", true, "of the same bucket")
	})
}

// The same topic and queue by literal ARNs and by FormatArn are the same with and without flags.
func TestOneSubscriptionByTwoFormsOfARNs(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		arn := func(service, name string) *string {
			return home.FormatArn(&awscdk.ArnComponents{Service: &service, Resource: &name})
		}
		for id, arns := range map[string][2]*string{
			"First": {
				jsii.String("arn:aws:sns:" + region + ":" + account + ":AmazonTextractOld"),
				jsii.String("arn:aws:sqs:" + region + ":" + account + ":old"),
			},
			"Second": {arn("sns", "AmazonTextractOld"), arn("sqs", "old")},
		} {
			textractasync.NewTextractAsync(home, jsii.String(id), &textractasync.TextractAsyncProps{
				Topic: awssns.Topic_FromTopicArn(home, jsii.String(id+"Topic"), arns[0]),
				Queue: awssqs.Queue_FromQueueArn(home, jsii.String(id+"Queue"), arns[1]),
			})
		}
		assertSynthesisFails(
			t, home,
			"[Home/First] Queue: got a queue that is subscribed to the Topic by Home/Second/Subscription/Resource",
		)
	})
}

// Two stacks whose names differ in a hyphen do not give two topics one name.
func TestTopicNamesOfConstructsWithTheIdDefault(t *testing.T) {
	app := awscdk.NewApp(nil)
	names := map[string]bool{}
	for _, id := range []string{"documents-pr-12", "documents-pr1-2"} {
		textract := textractasync.NewTextractAsync(newStackIn(app, id, region), jsii.String("Default"), nil)
		names[knownNameOf(textract.Topic())] = true
	}
	if len(names) != 2 {
		t.Errorf("names %v, want two", names)
	}
}

// A parameter in the topic's name must not make the queue's stack depend on the construct's.
func TestTopicNameWithAParameterAndAQueueOfAnotherStack(t *testing.T) {
	for name, props := range map[string]func(awscdk.Stack) *textractasync.TextractAsyncProps{
		"queue": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(base, jsii.String("Queue"), nil)}
		},
		"key": func(base awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: awskms.NewKey(base, jsii.String("Key"), nil)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				base := newStackIn(awscdk.App_Of(home), "Base", region)
				p := props(base)
				p.TopicName = jsii.String("AmazonTextract-" + *awscdk.NewCfnParameter(home, jsii.String("Name"), nil).ValueAsString())
				newTextractAsync(home, p)
				got := synthesizeApp(t, awscdk.App_Of(home).(awscdk.App))
				got.warnings.expect(t, "topicPattern", true, `whose name begins with "AmazonTextract-"`)
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// An imported construct in a Region without Textract is warned of as a new one is.
func TestRegionOfAnImportedConstruct(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String("Existing"), &textractasync.TextractAsyncAttributes{
			TopicArn:       jsii.String("arn:aws:sns:eu-north-1:" + account + ":AmazonTextractOld"),
			QueueArn:       jsii.String("arn:aws:sqs:eu-north-1:" + account + ":old"),
			ServiceRoleArn: jsii.String("arn:aws:iam::" + account + ":role/old"),
		})
		warnings := warningsOf(t, home)
		warnings.expect(t, "region", true, "eu-north-1")
		warnings.expectNoMore(t)
	})
}

// queueInGo is a Go struct around a queue, which jsii does not know.
type queueInGo struct{ awssqs.IQueue }

func TestGoValuesThatAreNoConstructs(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
		var none *queueInGo
		for name, row := range map[string]struct {
			queue awssqs.IQueue
			fix   string
		}{
			"struct":         {queueInGo{queue}, "use a construct"},
			"pointer to one": {&queueInGo{queue}, "use the construct that it embeds"},
			"nil pointer":    {none, "remove it"},
		} {
			err := panicOf(t, func() { newTextractAsync(home, &textractasync.TextractAsyncProps{Queue: row.queue}) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != "Queue" || !strings.Contains(err.Problems[0].Fix, row.fix) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// keyInGo and topicInGo are the same around a key and a topic.
type (
	keyInGo   struct{ awskms.IKey }
	topicInGo struct{ awssns.ITopic }
)

func TestGoValuesOfEveryPropThatTakesAConstruct(t *testing.T) {
	home := newStackWithEnv("Home")
	key := keyInGo{awskms.NewKey(home, jsii.String("Key"), nil)}
	var none *keyInGo
	err := panicOf(t, func() {
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			DeadLetterQueue:      &textractasync.DeadLetterQueueOptions{EncryptionKey: none},
			FormerEncryptionKeys: &[]awskms.IKey{key, &key},
		})
	})
	assertProblemsOf(t, err, "DeadLetterQueue.EncryptionKey", "FormerEncryptionKeys[0]", "FormerEncryptionKeys[1]")

	textract := newTextractAsync(home, nil)
	var noTopic *topicInGo
	for _, topic := range []awssns.ITopic{topicInGo{textract.Topic()}, noTopic} {
		err := panicOf(t, func() { textract.AddAlarms(&textractasync.AlarmsProps{Topic: topic}) })
		assertProblemsOf(t, err, "Topic")
	}
}

func assertProblemsOf(t *testing.T, err *textractasync.ValidationError, props ...string) {
	t.Helper()
	var got []string
	for _, problem := range err.Problems {
		got = append(got, problem.Prop)
	}
	if !slices.Equal(got, props) {
		t.Errorf("got problems of %v, want %v: %v", got, props, err)
	}
}

// What the construct refers to is in the stack of the caller: the caller's policy must not make
// that stack depend on the construct's.
func TestCallersInTheStackOfWhatTheConstructUses(t *testing.T) {
	for name, use := range map[string]func(awscdk.Stack, *textractasync.TextractAsyncProps){
		"output's key": func(base awscdk.Stack, props *textractasync.TextractAsyncProps) {
			props.Output = &textractasync.OutputLocation{Bucket: newKMSBucket(base, "Results")}
		},
		"queue": func(base awscdk.Stack, props *textractasync.TextractAsyncProps) {
			props.Queue = awssqs.NewQueue(base, jsii.String("Queue"), nil)
		},
		"input's key": func(base awscdk.Stack, props *textractasync.TextractAsyncProps) {
			props.Inputs = &[]*textractasync.InputLocation{{Bucket: newKMSBucket(base, "Documents")}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				base := newStackIn(awscdk.App_Of(home), "Base", region)
				props := &textractasync.TextractAsyncProps{}
				use(base, props)
				textract := newTextractAsync(home, props)
				for _, caller := range []awsiam.IGrantable{
					newLambdaRole(base, "Role"), awsiam.NewUser(base, jsii.String("User"), nil), awsiam.NewGroup(base, jsii.String("Group"), nil),
				} {
					if !*textract.GrantRunJobs(caller).Success() {
						t.Error("no success")
					}
				}
				got := synthesizeApp(t, awscdk.App_Of(home).(awscdk.App))
				assertNoCycle(t, got)
				got.warnings.expectNoMore(t)
			})
		})
	}
}

func TestCallerInAStackWithoutAnEnvironment(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		other := awscdk.NewStack(awscdk.App_Of(home), jsii.String("Agnostic"), nil)
		textract := newTextractAsync(home, nil)
		role := newLambdaRole(other, "Role")
		err := panicOf(t, func() { textract.GrantRunJobs(role) })
		if len(err.Problems) != 1 || !strings.Contains(err.Problems[0].Fix, "same Env") {
			t.Errorf("got %v", err)
		}
	})
}

// A name is taken by whatever makes a topic in the environment of the stack.
func TestTopicNameThatIsTaken(t *testing.T) {
	name := jsii.String("AmazonTextractJobs")
	for by, take := range map[string]func(stack awscdk.Stack) constructs.IConstruct{
		"an L1 topic in a construct": func(stack awscdk.Stack) constructs.IConstruct {
			inner := constructs.NewConstruct(stack, jsii.String("Inner"))
			return awssns.NewCfnTopic(inner, jsii.String("Topic"), &awssns.CfnTopicProps{TopicName: name})
		},
		"a generic resource": func(stack awscdk.Stack) constructs.IConstruct {
			return awscdk.NewCfnResource(stack, jsii.String("Topic"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::SNS::Topic"), Properties: &map[string]any{"TopicName": name},
			})
		},
		"a topic in a nested stack": func(stack awscdk.Stack) constructs.IConstruct {
			nested := awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)
			return awssns.NewTopic(nested, jsii.String("Topic"), &awssns.TopicProps{TopicName: name})
		},
	} {
		t.Run(by, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				for _, stack := range []awscdk.Stack{homeIn(app), awscdk.NewStack(app, jsii.String("Agnostic"), nil)} {
					newTextractAsync(stack, &textractasync.TextractAsyncProps{TopicName: name})
					path := *take(stack).Node().Path()
					assertSynthesisFails(t, app, `TopicName: got "AmazonTextractJobs"; use another name: `+path+" is a topic")
				}
			})
		})
	}
}
