package textractasync_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// withAndWithoutFlags runs a test in a stack of an app without feature flags, and of one with all
// that are recommended.
func withAndWithoutFlags(t *testing.T, test func(t *testing.T, home awscdk.Stack)) {
	t.Helper()
	for name, context := range map[string]map[string]any{"no flags": nil, "recommended flags": recommendedFlags(t)} {
		t.Run(name, func(t *testing.T) {
			app := awscdk.NewApp(&awscdk.AppProps{Context: &context, AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})
			test(t, newStackIn(app, "Home", region))
		})
	}
}

const otherKeyARN = "arn:aws:kms:" + region + ":" + account + ":key/00000000-0000-4000-8000-000000000000"

func queuePolicyDocument(arn *string) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": account}, "Action": "sqs:SendMessage", "Resource": arn,
	}}}
}

// A queue and a topic have one policy each, whatever writes it and wherever that is.
func TestOtherPoliciesEndSynthesis(t *testing.T) {
	for name, write := range map[string]func(home, other awscdk.Stack, topic awssns.ITopic, queue awssqs.IQueue){
		"QueuePolicy": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewQueuePolicy(home, jsii.String("Other"), &awssqs.QueuePolicyProps{Queues: &[]awssqs.IQueue{queue}})
		},
		"CfnQueuePolicy": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewCfnQueuePolicy(home, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
				Queues: &[]*string{queue.QueueUrl()}, PolicyDocument: queuePolicyDocument(queue.QueueArn()),
			})
		},
		"CfnQueuePolicy of another stack": func(_, other awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewCfnQueuePolicy(other, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
				Queues: &[]*string{queue.QueueUrl()}, PolicyDocument: queuePolicyDocument(queue.QueueArn()),
			})
		},
		"CfnQueueInlinePolicy in a construct": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewCfnQueueInlinePolicy(constructs.NewConstruct(home, jsii.String("Inner")), jsii.String("Other"), &awssqs.CfnQueueInlinePolicyProps{
				Queue: queue.QueueUrl(), PolicyDocument: queuePolicyDocument(queue.QueueArn()),
			})
		},
		"CfnQueuePolicy with Fn_Ref": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewCfnQueuePolicy(home, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
				Queues: &[]*string{awscdk.Fn_Ref(jsii.String(logicalID(queue)))}, PolicyDocument: queuePolicyDocument(queue.QueueArn()),
			})
		},
		"CfnQueuePolicy with Fn_Sub": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awssqs.NewCfnQueuePolicy(home, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
				Queues:         &[]*string{awscdk.Fn_Sub(jsii.String("${"+logicalID(queue)+"}"), nil)},
				PolicyDocument: queuePolicyDocument(queue.QueueArn()),
			})
		},
		"CfnQueuePolicy with a parameter of a nested stack": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			nested := awscdk.NewNestedStack(home, jsii.String("Nested"), &awscdk.NestedStackProps{
				Parameters: &map[string]*string{"Url": queue.QueueUrl()},
			})
			awssqs.NewCfnQueuePolicy(nested, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
				Queues:         &[]*string{awscdk.NewCfnParameter(nested, jsii.String("Url"), nil).ValueAsString()},
				PolicyDocument: queuePolicyDocument(jsii.String("*")),
			})
		},
		"generic resource with a Ref": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awscdk.NewCfnResource(home, jsii.String("Other"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::SQS::QueuePolicy"), Properties: &map[string]any{
					"Queues":         []any{map[string]any{"Ref": logicalID(queue)}},
					"PolicyDocument": queuePolicyDocument(queue.QueueArn()),
				},
			})
		},
		"generic resource": func(home, _ awscdk.Stack, _ awssns.ITopic, queue awssqs.IQueue) {
			awscdk.NewCfnResource(home, jsii.String("Other"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::SQS::QueuePolicy"), Properties: &map[string]any{
					"Queues": []any{queue.QueueUrl()}, "PolicyDocument": queuePolicyDocument(queue.QueueArn()),
				},
			})
		},
	} {
		for _, isNew := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, new queue: %t", name, isNew), func(t *testing.T) {
				withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
					other := newStackIn(awscdk.App_Of(home), "Other", region)
					props := &textractasync.TextractAsyncProps{}
					if !isNew {
						props.Queue = awssqs.NewQueue(home, jsii.String("Queue"), nil)
					}
					textract := newTextractAsync(home, props)
					write(home, other, textract.Topic(), textract.Queue())
					assertSynthesisFails(t, home, "[Home/TextractAsync] Queue: got one with the policy ")
					assertSynthesisFails(t, home, "/Other")
				})
			})
		}
	}
}

func TestOtherPolicyByTheURLOfANamedQueueEndsSynthesis(t *testing.T) {
	inRegion := func(region string) *string {
		return jsii.String("https://sqs." + region + ".amazonaws.com/" + account + "/documents")
	}
	for name, row := range map[string]struct {
		url   *string
		isOwn bool
	}{
		"this Region":    {inRegion(region), true},
		"another Region": {inRegion("us-east-1"), false},
		"pseudo parameters": {jsii.String(
			"https://sqs." + *awscdk.Aws_REGION() + "." + *awscdk.Aws_URL_SUFFIX() + "/" + *awscdk.Aws_ACCOUNT_ID() + "/documents",
		), true},
		"Fn::Sub": {awscdk.Fn_Sub(jsii.String("https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/documents"), nil), true},
		"Fn::Sub of another queue": {
			awscdk.Fn_Sub(jsii.String("https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/other"), nil), false,
		},
		"Fn::Join": {awscdk.Fn_Join(jsii.String("/"), &[]*string{
			jsii.String("https://sqs." + region + ".amazonaws.com"), awscdk.Aws_ACCOUNT_ID(), jsii.String("documents"),
		}), true},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, stack awscdk.Stack) {
				queue := awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{QueueName: jsii.String("documents")})
				newTextractAsync(stack, &textractasync.TextractAsyncProps{Queue: queue})
				awssqs.NewCfnQueuePolicy(stack, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
					Queues: &[]*string{row.url}, PolicyDocument: queuePolicyDocument(jsii.String("*")),
				})
				if row.isOwn {
					assertSynthesisFails(t, stack, "Queue: got one with the policy Home/Other")
				} else {
					warningsOf(t, stack).expectNoMore(t)
				}
			})
		})
	}
}

func TestOtherPolicyOfTheTopicEndsSynthesis(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textract := newTextractAsync(home, nil)
		awssns.NewCfnTopicPolicy(home, jsii.String("Other"), &awssns.CfnTopicPolicyProps{
			Topics: &[]*string{textract.Topic().TopicArn()}, PolicyDocument: queuePolicyDocument(jsii.String("*")),
		})
		assertSynthesisFails(t, home, "Topic: got one with the policy Home/Other")
	})
}

func TestOtherPolicyOfTheDeadLetterQueueEndsSynthesis(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textract := newTextractAsync(home, nil)
		awssqs.NewCfnQueuePolicy(home, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
			Queues: &[]*string{textract.DeadLetterQueue().QueueUrl()}, PolicyDocument: queuePolicyDocument(jsii.String("*")),
		})
		assertSynthesisFails(t, home, "DeadLetterQueue: got one with the policy Home/Other")
	})
}

// The policies of other queues and topics, and one statement more by the queue itself, are fine.
func TestPoliciesOfOthersAreNoProblem(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textract := newTextractAsync(home, nil)
		textract.Queue().GrantSendMessages(newLambdaRole(home, "Role"))
		queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
		awssqs.NewCfnQueuePolicy(home, jsii.String("Other"), &awssqs.CfnQueuePolicyProps{
			Queues: &[]*string{queue.QueueUrl()}, PolicyDocument: queuePolicyDocument(queue.QueueArn()),
		})
		awssqs.NewCfnQueuePolicy(home, jsii.String("Literal"), &awssqs.CfnQueuePolicyProps{
			Queues: jsii.Strings(
				"https://sqs.eu-west-1.amazonaws.com/" + account + "/other",
			),
			PolicyDocument: queuePolicyDocument(jsii.String("*")),
		})
		warningsOf(t, home).expectNoMore(t)
	})
}

// change is an aspect, and a mixin.
type change struct {
	to func(constructs.IConstruct)
}

func (c *change) Visit(node constructs.IConstruct) { c.to(node) }

// keyForAll encrypts every topic and queue with a key of the organization.
func keyForAll(node constructs.IConstruct) {
	switch r := node.(type) {
	case awssns.CfnTopic:
		r.SetKmsMasterKeyId(jsii.String(otherKeyARN))
	case awssqs.CfnQueue:
		r.SetKmsMasterKeyId(jsii.String(otherKeyARN))
	}
}

func TestKeysThatAnAspectChangesEndSynthesis(t *testing.T) {
	for name, props := range map[string]*textractasync.TextractAsyncProps{
		"KMS": nil, "SERVICE_MANAGED": {Encryption: textractasync.Encryption_SERVICE_MANAGED},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				newTextractAsync(home, props)
				awscdk.Aspects_Of(home).Add(&change{keyForAll}, nil)
				for _, prop := range []string{"Topic", "Queue", "DeadLetterQueue"} {
					assertSynthesisFails(t, home, prop+`: got one that is now encrypted with "`+otherKeyARN+`"; remove what changes it`)
				}
			})
		})
	}
}

func TestKeysOfExistingResourcesThatASetterChangesEndSynthesis(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		topic, queue := awssns.NewTopic(home, jsii.String("Topic"), nil), awssqs.NewQueue(home, jsii.String("Queue"), nil)
		newTextractAsync(home, &textractasync.TextractAsyncProps{Topic: topic, Queue: queue})
		keyForAll(topic.Node().DefaultChild())
		keyForAll(queue.Node().DefaultChild())
		assertSynthesisFails(t, home, "Topic: got one that is now encrypted with")
		assertSynthesisFails(t, home, "Queue: got one that is now encrypted with")
	})
}

// What setters change, or TryRemoveChild removes, in ways that leave names and keys as they were.
func TestOtherChangesEndSynthesis(t *testing.T) {
	for name, row := range map[string]struct {
		change func(home awscdk.Stack)
		want   string
	}{
		"queue becomes FIFO": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).Queue().Node().DefaultChild().(awssqs.CfnQueue).SetFifoQueue(true)
		}, "Queue: got one that is now FIFO; remove what changes it"},
		"subscription gets another endpoint": {func(home awscdk.Stack) {
			other := awssqs.NewQueue(home, jsii.String("Other"), nil)
			newTextractAsync(home, nil).Subscription().Node().DefaultChild().(awssns.CfnSubscription).SetEndpoint(other.QueueArn())
		}, "Subscription: got one that no longer sends to the queue; remove what changes it"},
		"subscription gets a filter": {func(home awscdk.Stack) {
			subscription := newTextractAsync(home, nil).Subscription().Node().DefaultChild().(awssns.CfnSubscription)
			subscription.SetFilterPolicy(map[string]any{"Status": []any{"SUCCEEDED"}})
		}, "Subscription: got one with a FilterPolicy of message attributes, which Textract does not send; remove what changes it"},
		"existing queue becomes FIFO": {func(home awscdk.Stack) {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{Queue: queue})
			queue.Node().DefaultChild().(awssqs.CfnQueue).SetFifoQueue(true)
		}, "Queue: got one that is now FIFO; remove what changes it"},
		"topic becomes FIFO": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).Topic().Node().DefaultChild().(awssns.CfnTopic).SetFifoTopic(true)
		}, "Topic: got one that is now FIFO; remove what changes it"},
		"queue loses its policy": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).Queue().Node().TryRemoveChild(jsii.String("Policy"))
		}, "Queue: got one without the policy that lets SNS send; remove what takes the policy away"},
		"queue loses its resource": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).Queue().Node().TryRemoveChild(jsii.String("Resource"))
		}, "Queue: got one that is removed from the app"},
		"existing queue loses its policy": {func(home awscdk.Stack) {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{Queue: queue})
			queue.Node().TryRemoveChild(jsii.String("Policy"))
		}, "Queue: got one without the policy that lets SNS send; remove what takes the policy away"},
		"existing queue gets another policy": {func(home awscdk.Stack) {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{Queue: queue})
			policyOf(queue).SetPolicyDocument(queuePolicyDocument(queue.QueueArn()))
		}, "Queue: got one whose policy, Home/Queue/Policy, has lost the statement for SNS; remove what changes it"},
		"policy of an existing queue is for another one": {func(home awscdk.Stack) {
			queue := awssqs.NewQueue(home, jsii.String("Queue"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{Queue: queue})
			policyOf(queue).SetQueues(&[]*string{awssqs.NewQueue(home, jsii.String("Other"), nil).QueueUrl()})
		}, "Queue: got one whose policy, Home/Queue/Policy, has lost the statement for SNS; remove what changes it"},
		"existing role gets another trust": {func(home awscdk.Stack) {
			role := newLambdaRole(home, "Role")
			newTextractAsync(home, &textractasync.TextractAsyncProps{ServiceRole: role})
			role.Node().DefaultChild().(awsiam.CfnRole).SetAssumeRolePolicyDocument(map[string]any{"Statement": []any{}})
		}, "ServiceRole: got one that no longer trusts Textract; remove what changes it"},
		"existing role loses its policy": {func(home awscdk.Stack) {
			newTextractAsync(home, &textractasync.TextractAsyncProps{ServiceRole: newLambdaRole(home, "Role")}).Node().
				TryRemoveChild(jsii.String("ServiceRolePolicy"))
		}, "ServiceRole: got the policy Home/TextractAsync/ServiceRolePolicy, which is removed from the app"},
		"user loses the policy": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).GrantRunJobs(awsiam.NewUser(home, jsii.String("User"), nil))
			home.Node().TryRemoveChild(jsii.String("User-TextractAsync-Home--TextractAsync"))
		}, "GrantRunJobs grantee: got the policy Home/User-TextractAsync-Home--TextractAsync, which is removed from the app"},
		"service role loses its policy": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).ServiceRole().Node().TryRemoveChild(jsii.String("DefaultPolicy"))
		}, "ServiceRole: got one without the policy that lets Textract publish; remove what takes the policy away"},
		"caller loses its policy": {func(home awscdk.Stack) {
			role := newLambdaRole(home, "Caller")
			newTextractAsync(home, nil).GrantRunJobs(role)
			role.Node().TryRemoveChild(jsii.String("DefaultPolicy"))
		}, "GrantRunJobs grantee: got Home/Caller without the policy with what was granted; remove what takes the policy away"},
		"key is disabled": {func(home awscdk.Stack) {
			key := awskms.NewKey(home, jsii.String("Key"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{EncryptionKey: key})
			key.Node().DefaultChild().(awskms.CfnKey).SetEnabled(false)
		}, "EncryptionKey: got the key Home/Key, which is now disabled; remove what changes it"},
		"key becomes asymmetric": {func(home awscdk.Stack) {
			key := awskms.NewKey(home, jsii.String("Key"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{EncryptionKey: key})
			key.Node().DefaultChild().(awskms.CfnKey).SetKeySpec(jsii.String("RSA_2048"))
		}, "EncryptionKey: got the key Home/Key, which is now RSA_2048; remove what changes it"},
		"dead-letter queue becomes FIFO": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).DeadLetterQueue().Node().DefaultChild().(awssqs.CfnQueue).SetFifoQueue(true)
		}, "DeadLetterQueue: got one that is now FIFO; remove what changes it"},
		"queue loses its dead-letter queue": {func(home awscdk.Stack) {
			newTextractAsync(home, nil).Queue().Node().DefaultChild().(awssqs.CfnQueue).SetRedrivePolicy(awscdk.Lazy_UncachedAny(&lazyValue{nil}, nil))
		}, "DeadLetterQueue: got a queue without its RedrivePolicy; remove what changes it"},
		"key gets another policy": {func(home awscdk.Stack) {
			key := awskms.NewKey(home, jsii.String("Key"), nil)
			newTextractAsync(home, &textractasync.TextractAsyncProps{EncryptionKey: key})
			key.Node().DefaultChild().(awskms.CfnKey).SetKeyPolicy(map[string]any{"Statement": []any{}})
		}, "EncryptionKey: got the key Home/Key, whose policy has lost the statement for SNS; remove what changes it"},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				row.change(home)
				assertSynthesisFails(t, home, row.want)
			})
		})
	}
}

// lazyValue is for Lazy: the setters of newer versions do not take nil itself.
type lazyValue struct{ value any }

func (l *lazyValue) Produce(awscdk.IResolveContext) any { return l.value }

// Every synthesis looks at the app as it is then, at all stacks and constructs, and names the one
// with the problem.
func TestEverySynthesisLooksAgain(t *testing.T) {
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)})
	newTextractAsync(newStackIn(app, "First", region), nil)
	stages := map[string]awscdk.Stage{"Second": app, "Stage/Third": awscdk.NewStage(app, jsii.String("Stage"), nil)}
	queues := map[string]awssqs.CfnQueue{}
	for name, stage := range stages {
		stack := newStackIn(stage, name[strings.Index(name, "/")+1:], region)
		newTextractAsync(stack, nil)
		queues[name] = textractasync.NewTextractAsync(stack, jsii.String("Further"), nil).Queue().Node().DefaultChild().(awssqs.CfnQueue)
	}
	app.Synth(nil) // and with it the stages in the app, for the first and last time
	again := &awscdk.StageSynthesisOptions{Force: jsii.Bool(true)}
	for range 2 {
		for name, queue := range queues {
			key := queue.KmsMasterKeyId()
			queue.SetKmsMasterKeyId(jsii.String(otherKeyARN))
			_, problem := rejectionOf(func() { stages[name].Synth(again) })
			if !strings.Contains(problem, "["+name+"/Further] Queue: got one that is now encrypted") ||
				strings.Count(problem, "Queue: got") != 1 {
				t.Errorf("synthesis ends with %q, want the problem of %s", problem, name)
			}
			queue.SetKmsMasterKeyId(key)
			stages[name].Synth(again)
		}
	}
}

func policyOf(queue awssqs.Queue) awssqs.CfnQueuePolicy {
	return queue.Node().FindChild(jsii.String("Policy")).Node().DefaultChild().(awssqs.CfnQueuePolicy)
}

func TestPartsThatAreRemovedEndSynthesis(t *testing.T) {
	for _, part := range []string{"Topic", "Queue", "DeadLetterQueue", "Subscription", "ServiceRole", "EncryptionKey"} {
		t.Run(part, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				newTextractAsync(home, nil).Node().TryRemoveChild(jsii.String(part))
				assertSynthesisFails(t, home, part+": got one that is removed from the app; remove what takes it away")
			})
		})
	}
}

// embeddingStack is a stack of a Go type, which an app may pass on, or the stack that it embeds.
type embeddingStack struct{ awscdk.Stack }

func (s *embeddingStack) ToString() *string { return s.Stack.ToString() }

// The stack of a construct is looked at whatever was made, or looked at, before.
func TestSecondLookAfterOtherConstructs(t *testing.T) {
	again := &awscdk.StageSynthesisOptions{Force: jsii.Bool(true)}
	for name, before := range map[string]func(home, next awscdk.Stack){
		"none": func(_, _ awscdk.Stack) {},
		"one that is removed": func(home, _ awscdk.Stack) {
			newTextractAsync(home, nil)
			home.Node().TryRemoveChild(jsii.String("TextractAsync"))
		},
		"one of which the CDK rejects a part": func(home, _ awscdk.Stack) {
			scope := constructs.NewConstruct(home, jsii.String("Scope"))
			awscdk.PropertyInjectors_Of(scope).Add(&injector{func(topic map[string]any) { topic["contentBasedDeduplication"] = true }})
			if _, problem := rejectionOf(func() { newTextractAsync(scope, nil) }); !strings.Contains(problem, "Content based deduplication") {
				t.Errorf("the construct is rejected with %q", problem)
			}
		},
		"one that is imported": func(home, _ awscdk.Stack) {
			textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String("Imported"), importedAttributes())
		},
		"a synthesis without any in its stack": func(home, next awscdk.Stack) {
			if invalid, _ := rejectionOf(func() { newTextractAsync(home, &textractasync.TextractAsyncProps{TopicName: jsii.String("!")}) }); invalid == nil {
				t.Error("the construct is not rejected")
			}
			newTextractAsync(next, nil)
			awscdk.App_Of(home).Synth(again)
		},
		"a validation of the next stack alone": func(home, next awscdk.Stack) {
			newTextractAsync(home, nil)
			newTextractAsync(next, nil)
			next.Node().Validate()
		},
		"a synthesis with one in a stack that is embedded": func(home, _ awscdk.Stack) {
			newTextractAsync(home, nil)
			embedding := &embeddingStack{}
			awscdk.NewStack_Override(embedding, awscdk.App_Of(home), jsii.String("Embedding"), nil)
			newTextractAsync(embedding.Stack, nil)
			awscdk.App_Of(home).Synth(again)
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := newStackWithEnv("Home")
			before(home, newStackIn(awscdk.App_Of(home), "Next", region))
			further := textractasync.NewTextractAsync(home, jsii.String("Further"), nil)
			further.Queue().Node().DefaultChild().(awssqs.CfnQueue).SetKmsMasterKeyId(jsii.String(otherKeyARN))
			for range 2 {
				_, problem := rejectionOf(func() { awscdk.App_Of(home).Synth(again) })
				if !strings.Contains(problem, "[Home/Further] Queue: got one that is now encrypted") || strings.Count(problem, ": got ") != 1 {
					t.Errorf("synthesis ends with %q, want the problem of the further construct", problem)
				}
			}
		})
	}
}

// A feature flag makes the CDK's subscription of a second queue name the topic in the queue's key.
func TestSecondQueueWithTheKeyOfTheTopic(t *testing.T) {
	const flag = "@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption"
	for name, key := range map[string]func(home awscdk.Stack, x textractasync.TextractAsync) awskms.IKey{
		"its key": func(_ awscdk.Stack, x textractasync.TextractAsync) awskms.IKey { return x.EncryptionKey() },
		"another key": func(home awscdk.Stack, _ textractasync.TextractAsync) awskms.IKey {
			return awskms.NewKey(home, jsii.String("Key"), nil)
		},
		"no key": func(awscdk.Stack, textractasync.TextractAsync) awskms.IKey { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				x := newTextractAsync(home, nil)
				queue := awssqs.NewQueue(home, jsii.String("Second"), &awssqs.QueueProps{EncryptionMasterKey: key(home, x)})
				x.Topic().AddSubscription(awssnssubscriptions.NewSqsSubscription(queue, nil))
				if name == "its key" && home.Node().TryGetContext(jsii.String(flag)) == true {
					assertSynthesisFails(
						t,
						home,
						"EncryptionKey: got the key Home/TextractAsync/EncryptionKey, whose policy refers to the topic "+
							"that it encrypts; use another key for the queue of Home/Second/",
					)
					return
				}
				got := synthesizeApp(t, app)
				assertNoCycle(t, got)
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// A service role with the managed policy alone has no policy to lose, and a policy of another role
// after it is not its own.
func TestPoliciesOfTheServiceRole(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			Encryption: textractasync.Encryption_SERVICE_MANAGED, ServiceRolePolicy: textractasync.ServiceRolePolicy_AWS_MANAGED,
		})
		warningsOf(t, home).expectNoMore(t)
	})
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		textract := newTextractAsync(home, nil)
		textract.GrantRunJobs(newLambdaRole(home, "Caller"))
		textract.ServiceRole().Node().TryRemoveChild(jsii.String("DefaultPolicy"))
		assertSynthesisFails(t, home, "ServiceRole: got one without the policy that lets Textract publish")
	})
}

// The CDK refers to nothing in another stage.
func TestResourcesOfOtherStagesAreRejected(t *testing.T) {
	app := awscdk.NewApp(nil)
	home := newStackIn(awscdk.NewStage(app, jsii.String("Prod"), nil), "Stack", region)
	for name, other := range map[string]awscdk.Stack{
		`"Test"`:           newStackIn(awscdk.NewStage(app, jsii.String("Test"), nil), "Other", region),
		`"the app itself"`: newStackIn(app, "Other", region),
	} {
		t.Run(name, func(t *testing.T) {
			scope := constructs.NewConstruct(home, jsii.String(strings.Trim(name, `"`)))
			invalid := panicOf(t, func() {
				newTextractAsync(scope, &textractasync.TextractAsyncProps{
					Queue:  awssqs.NewQueue(other, jsii.String("Queue"), nil),
					Inputs: &[]*textractasync.InputLocation{{Bucket: newKMSBucket(other, "Bucket")}},
				})
			})
			for _, want := range []string{"Inputs[0].Bucket: got a new bucket in stage " + name, "Queue: got a new queue in stage " + name} {
				if !strings.Contains(invalid.Error(), want) {
					t.Errorf("got %s, want %s", invalid, want)
				}
			}
			invalid = panicOf(t, func() { newTextractAsync(scope, nil).GrantRunJobs(newLambdaRole(other, "Role")) })
			if got, want := invalid.Problems[0].String(), "GrantRunJobs grantee: got one in stage "+name; !strings.HasPrefix(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// The same key in another spelling, and no key at all, take nothing away.
// A filter of the body may pass completions.
func TestFilterOfTheBodyIsNoProblem(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		subscription := newTextractAsync(home, nil).Subscription().Node().DefaultChild().(awssns.CfnSubscription)
		subscription.SetFilterPolicy(map[string]any{"Status": []any{"SUCCEEDED", "FAILED", "PARTIAL_SUCCESS"}})
		subscription.SetFilterPolicyScope(jsii.String("MessageBody"))
		warningsOf(t, home).expectNoMore(t)
	})
}

func TestKeysThatStillServe(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		key := awskms.NewKey(home, jsii.String("Key"), nil)
		textract := newTextractAsync(home, &textractasync.TextractAsyncProps{EncryptionKey: key})
		textract.Queue().Node().DefaultChild().(awssqs.CfnQueue).SetKmsMasterKeyId(key.KeyId())
		imported := textractasync.NewTextractAsync(home, jsii.String("ByID"), &textractasync.TextractAsyncProps{
			EncryptionKey: awskms.Key_FromKeyArn(home, jsii.String("Imported"), jsii.String(otherKeyARN)),
		})
		id := otherKeyARN[strings.LastIndex(otherKeyARN, "/")+1:]
		imported.Queue().Node().DefaultChild().(awssqs.CfnQueue).SetKmsMasterKeyId(&id)
		found := warningsOf(t, home)
		found.expect(t, "keyPolicy", true, "Home/Imported")
		found.expectNoMore(t)
	})
}

// A key that is written out as a reference is another token each time that it is read.
func TestKeysOfGenericResourcesAreUnchanged(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		key := awskms.NewCfnKey(home, jsii.String("Key"), &awskms.CfnKeyProps{KeyPolicy: map[string]any{}})
		generic := func(id, kind string, key any) awscdk.CfnResource {
			return awscdk.NewCfnResource(home, jsii.String(id), &awscdk.CfnResourceProps{
				Type: jsii.String(kind), Properties: &map[string]any{"KmsMasterKeyId": key},
			})
		}
		attribute := func(of awscdk.CfnResource, name string) *string {
			return awscdk.Token_AsString(of.GetAtt(jsii.String(name), awscdk.ResolutionTypeHint_STRING), nil)
		}
		queue := generic("Queue", "AWS::SQS::Queue", map[string]any{"Ref": "Key"})
		topic := generic("Topic", "AWS::SNS::Topic", key.GetAtt(jsii.String("Arn"), awscdk.ResolutionTypeHint_STRING))
		newTextractAsync(home, &textractasync.TextractAsyncProps{
			Queue: awssqs.Queue_FromQueueArn(home, jsii.String("ImportedQueue"), attribute(queue, "Arn")),
			Topic: awssns.Topic_FromTopicArn(home, jsii.String("ImportedTopic"), attribute(topic, "TopicArn")),
		})
		found := warningsOf(t, home)
		found.expect(t, "unknownKey", true, "known at deployment only")
		found.expect(t, "queuePolicy", true, "no notification arrives")
		found.expectNoMore(t)
	})
}

func TestKeyThatABucketGetsLaterWarns(t *testing.T) {
	for name, row := range map[string]struct {
		key, prop string
		warns     bool
	}{
		"another key":   {otherKeyARN, "", true},
		"the key of S3": {"alias/aws/s3", "", false},
		"EncryptionKey": {otherKeyARN, otherKeyARN, false},
		"no key at all": {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				bucket := awss3.NewBucket(home, jsii.String("Bucket"), nil)
				output := &textractasync.OutputLocation{Bucket: bucket}
				if row.prop != "" {
					output.EncryptionKey = awskms.Key_FromKeyArn(home, jsii.String("Key"), jsii.String(row.prop))
				}
				newTextractAsync(home, &textractasync.TextractAsyncProps{Output: output})
				if row.key != "" {
					bucket.Node().DefaultChild().(awss3.CfnBucket).SetBucketEncryption(bucketEncryption(&row.key))
				}
				found := warningsOf(t, home)
				found.expect(t, "unknownKey", row.warns, `Output.Bucket: Home/Bucket has got the key "`+otherKeyARN+`"`)
				found.expectNoMore(t)
			})
		})
	}
}

// injector sets a property of every topic that is made below its scope.
type injector struct {
	set func(topic map[string]any)
}

func (*injector) ConstructUniqueId() *string { return awssns.Topic_PROPERTY_INJECTION_ID() }

func (i *injector) Inject(props any, _ *awscdk.InjectionContext) any {
	topic := props.(map[string]any)
	i.set(topic)
	return topic
}

// jsii cannot give an injector in Go the key, and takes it out of what the injector returns.
func TestPropertyInjectorThatLosesTheKeyEndsSynthesis(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		awscdk.PropertyInjectors_Of(home).Add(&injector{func(map[string]any) {}})
		newTextractAsync(home, nil)
		assertSynthesisFails(t, home, "Topic: got one that is no longer encrypted with Home/TextractAsync/EncryptionKey/Resource; remove what changes it")
	})
}

func TestPropertyInjectorsThatChangeTheTopicEndSynthesis(t *testing.T) {
	withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
		key := awskms.NewKey(home, jsii.String("Key"), nil)
		awscdk.PropertyInjectors_Of(home).Add(&injector{func(topic map[string]any) {
			topic["masterKey"], topic["topicName"] = key, "acme-"+topic["topicName"].(string)
		}})
		newTextractAsync(home, &textractasync.TextractAsyncProps{Encryption: textractasync.Encryption_SERVICE_MANAGED})
		assertSynthesisFails(t, home, `Topic: got a topic that is now named "acme-AmazonTextract-`)
		assertSynthesisFails(t, home, "Topic: got one that is now encrypted with Home/Key/Resource; remove what changes it")
	})
}

// An alarm topic has one policy; the first that it gets replaces the default one, whenever that is.
func TestPoliciesOfAlarmTopics(t *testing.T) {
	withPolicy := func(id, service string) func(awscdk.Stack, awssns.Topic) {
		return func(home awscdk.Stack, topic awssns.Topic) {
			awssns.NewCfnTopicPolicy(home, jsii.String(id), &awssns.CfnTopicPolicyProps{
				Topics: &[]*string{topic.TopicArn()}, PolicyDocument: map[string]any{"Statement": []any{
					map[string]any{
						"Effect":    "Allow",
						"Principal": map[string]any{"Service": service},
						"Action":    "sns:Publish",
						"Resource":  topic.TopicArn(),
					},
				}},
			})
		}
	}
	later := func(_ awscdk.Stack, topic awssns.Topic) {
		topic.GrantPublish(awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil))
	}
	for name, row := range map[string]struct {
		before, after func(awscdk.Stack, awssns.Topic)
		isWarned      bool
		isWritten     bool
		fails         string
	}{
		"no policy":                         {},
		"L1 policy":                         {before: withPolicy("Policy", "events.amazonaws.com"), isWarned: true},
		"L1 policy, later":                  {after: withPolicy("Policy", "events.amazonaws.com"), isWarned: true},
		"L1 policy that lets CloudWatch in": {before: withPolicy("Policy", "cloudwatch.amazonaws.com"), isWritten: true},
		"its own policy":                    {before: later, isWritten: true},
		"its own policy, later":             {after: later, isWritten: true},
		"an L1 policy, and its own one":     {before: withPolicy("Policy", "cloudwatch.amazonaws.com"), after: later, fails: "Topic of AddAlarms: got a topic with the policies"},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				textract, topic := newTextractAsync(home, nil), awssns.NewTopic(home, jsii.String("Alarms"), nil)
				if row.before != nil {
					row.before(home, topic)
				}
				textract.AddAlarms(&textractasync.AlarmsProps{Topic: topic})
				if row.after != nil {
					row.after(home, topic)
				}
				if row.fails != "" {
					assertSynthesisFails(t, home, row.fails)
					return
				}
				warnings := warningsOf(t, home)
				warnings.expect(t, "alarmTopicPolicy", row.isWarned, "cloudwatch.amazonaws.com")
				warnings.expectNoMore(t)
				found := 0
				for _, policy := range propertiesOf(home, "AWS::SNS::TopicPolicy") {
					text := fmt.Sprint(policy)
					if strings.Contains(text, "Alarms") && strings.Contains(text, "cloudwatch.amazonaws.com") {
						found++
					}
				}
				if (found == 1) != row.isWritten {
					t.Errorf("%d policies let CloudWatch in", found)
				}
			})
		})
	}
}

// The queue of an L1 construct has the policy that the app makes for it.
func TestPolicyOfAnL1Queue(t *testing.T) {
	from := func(topic any) map[string]any {
		return map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": []any{topic}}}
	}
	type policy struct {
		service   string
		condition func(home awscdk.Stack) map[string]any // none for every topic
	}
	for name, row := range map[string]struct {
		*policy
		isWarned bool
	}{
		"none":       {nil, true},
		"for SNS":    {&policy{"sns.amazonaws.com", nil}, false},
		"for others": {&policy{"events.amazonaws.com", nil}, true},
		"for another topic by its ARN": {&policy{"sns.amazonaws.com", func(awscdk.Stack) map[string]any {
			return from("arn:aws:sns:" + region + ":" + account + ":other")
		}}, true},
		"for another topic by a reference": {&policy{"sns.amazonaws.com", func(home awscdk.Stack) map[string]any {
			return from(awssns.NewTopic(home, jsii.String("Other"), nil).TopicArn())
		}}, true},
		"for the topic by its ARN": {&policy{"sns.amazonaws.com", func(awscdk.Stack) map[string]any {
			return from("arn:aws:sns:" + region + ":" + account + ":AmazonTextractJobs")
		}}, false},
		"for the topic by a reference": {&policy{"sns.amazonaws.com", func(home awscdk.Stack) map[string]any {
			return from(home.Node().FindChild(jsii.String("TextractAsync")).(textractasync.TextractAsync).Topic().TopicArn())
		}}, false},
		"for topics that begin alike": {&policy{"sns.amazonaws.com", func(awscdk.Stack) map[string]any {
			return from("arn:aws:sns:*:" + account + ":AmazonTextract*")
		}}, false},
		"for a topic of a parameter": {&policy{"sns.amazonaws.com", func(home awscdk.Stack) map[string]any {
			return from(awscdk.NewCfnParameter(home, jsii.String("Topic"), nil).ValueAsString())
		}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			withAndWithoutFlags(t, func(t *testing.T, home awscdk.Stack) {
				queue := awssqs.NewCfnQueue(home, jsii.String("Queue"), nil)
				newTextractAsync(home, &textractasync.TextractAsyncProps{
					Queue:     awssqs.Queue_FromQueueArn(home, jsii.String("Imported"), queue.AttrArn()),
					TopicName: jsii.String("AmazonTextractJobs"),
				})
				if row.policy != nil {
					statement := map[string]any{
						"Effect":    "Allow",
						"Principal": map[string]any{"Service": row.service},
						"Action":    "sqs:SendMessage",
						"Resource":  queue.AttrArn(),
					}
					if row.condition != nil {
						statement["Condition"] = row.condition(home)
					}
					awssqs.NewCfnQueuePolicy(home, jsii.String("Policy"), &awssqs.CfnQueuePolicyProps{
						Queues: &[]*string{queue.Ref()}, PolicyDocument: map[string]any{"Statement": []any{statement}},
					})
				}
				warnings := warningsOf(t, home)
				warnings.expect(t, "queuePolicy", row.isWarned, "sns.amazonaws.com")
				warnings.expectNoMore(t)
			})
		})
	}
}
