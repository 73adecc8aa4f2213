package textractasync_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// A policy names the topic wherever no dependency of the app makes that circular, and has a pattern
// with a warning elsewhere.
func TestPoliciesNameATopicInAnotherStack(t *testing.T) {
	topicIn := func(scope constructs.Construct) awssns.ITopic {
		return awssns.NewTopic(scope, jsii.String("Topic"), nil)
	}
	queueIn := func(scope constructs.Construct) awssqs.IQueue {
		return awssqs.NewQueue(scope, jsii.String("Queue"), nil)
	}
	keyIn := func(scope constructs.Construct) awskms.Key { return awskms.NewKey(scope, jsii.String("Key"), nil) }
	encrypted := func(topic, key constructs.Construct) awssns.ITopic {
		return awssns.NewTopic(topic, jsii.String("Topic"), &awssns.TopicProps{MasterKey: keyIn(key)})
	}
	imported := func(scope constructs.Construct, arn *string) awssns.ITopic {
		return awssns.Topic_FromTopicArn(scope, jsii.String("Topic"), arn)
	}
	parameterIn := func(scope constructs.Construct) *string {
		return awscdk.NewCfnParameter(scope, jsii.String("Name"), nil).ValueAsString()
	}
	type stacks struct{ home, base, other, nested awscdk.Stack } // nested in home
	type props = textractasync.TextractAsyncProps
	const beginning = "AmazonTextract-*"
	for name, row := range map[string]struct {
		props   func(s stacks) *props
		later   func(s stacks, x textractasync.TextractAsync)
		pattern string // the end of it; none for the topic itself
	}{
		"topic in Base, queue in Other": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.base), Queue: queueIn(s.other)}
		}},
		"topic in Base, EncryptionKey in Other": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.base), EncryptionKey: keyIn(s.other)}
		}},
		"topic in Base, queue and its key in Other": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.base), Queue: awssqs.NewQueue(s.other, jsii.String("Queue"), &awssqs.QueueProps{
				EncryptionMasterKey: keyIn(s.other),
			})}
		}},
		"topic in Base with a key of Other, queue in Other": {
			props:   func(s stacks) *props { return &props{Topic: encrypted(s.base, s.other), Queue: queueIn(s.other)} },
			pattern: "*",
		},
		"topic in Base, queue in Other, Base refers to Other afterwards": {
			props: func(s stacks) *props { return &props{Topic: topicIn(s.base), Queue: queueIn(s.other)} },
			later: func(s stacks, x textractasync.TextractAsync) {
				awscdk.NewCfnOutput(s.base, jsii.String("QueueArn"), &awscdk.CfnOutputProps{Value: x.Queue().QueueArn()})
			},
			pattern: "*",
		},
		"topic in Base, queue in Other, Base depends on Other by a fourth stack": {
			props: func(s stacks) *props { return &props{Topic: topicIn(s.base), Queue: queueIn(s.other)} },
			later: func(s stacks, _ textractasync.TextractAsync) {
				fourth := stackIn(awscdk.App_Of(s.home).(awscdk.App), "Fourth")
				fourth.AddDependency(s.other, nil)
				s.base.AddDependency(fourth, nil)
			},
			pattern: "*",
		},
		"two constructs, whose policies would refer to each other's stack": {
			props: func(s stacks) *props { return &props{Topic: topicIn(s.base), Queue: queueIn(s.other)} },
			later: func(s stacks, _ textractasync.TextractAsync) {
				textractasync.NewTextractAsync(s.home, jsii.String("Second"), &props{
					Topic: awssns.NewTopic(s.other, jsii.String("SecondTopic"), nil),
					Queue: awssqs.NewQueue(s.base, jsii.String("SecondQueue"), nil),
				})
			},
			pattern: "*", // of one of them
		},
		"topic in Home, queue in Base": {
			props:   func(s stacks) *props { return &props{Topic: topicIn(s.home), Queue: queueIn(s.base)} },
			pattern: "*",
		},
		"TopicName with a parameter of Base, queue in Other": {props: func(s stacks) *props {
			return &props{TopicName: jsii.String("AmazonTextract-" + *parameterIn(s.base)), Queue: queueIn(s.other)}
		}},
		"TopicName with a parameter of Other, queue in Other": {props: func(s stacks) *props {
			return &props{TopicName: jsii.String("AmazonTextract-" + *parameterIn(s.other)), Queue: queueIn(s.other)}
		}},
		"topic with a name of a parameter of Base, queue in Other": {props: func(s stacks) *props {
			return &props{
				Topic: awssns.NewTopic(s.base, jsii.String("Topic"), &awssns.TopicProps{TopicName: parameterIn(s.base)}), Queue: queueIn(s.other),
			}
		}},
		"TopicName with a parameter of Home, queue in Other": {
			props: func(s stacks) *props {
				return &props{TopicName: jsii.String("AmazonTextract-" + *parameterIn(s.home)), Queue: queueIn(s.other)}
			},
			pattern: beginning,
		},
		"TopicName with a parameter of Home, queue in a nested stack": {props: func(s stacks) *props {
			return &props{TopicName: jsii.String("AmazonTextract-" + *parameterIn(s.home)), Queue: queueIn(s.nested)}
		}},
		"topic in a parameter, EncryptionKey in a nested stack": {props: func(s stacks) *props {
			return &props{Topic: imported(s.home, parameterIn(s.home)), EncryptionKey: keyIn(s.nested)}
		}},
		"topic in Home, queue in a nested stack": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.home), Queue: queueIn(s.nested)}
		}},
		"topic in Home, EncryptionKey in a nested stack": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.home), EncryptionKey: keyIn(s.nested)}
		}},
		"topic in Home with a key of the nested stack, queue there": {
			props:   func(s stacks) *props { return &props{Topic: encrypted(s.home, s.nested), Queue: queueIn(s.nested)} },
			pattern: "*",
		},
		"topic in a nested stack, queue in Base": {
			props:   func(s stacks) *props { return &props{Topic: topicIn(s.nested), Queue: queueIn(s.base)} },
			pattern: "*",
		},
		"topic in a nested stack of Base, queue in Other": {props: func(s stacks) *props {
			return &props{Topic: topicIn(awscdk.NewNestedStack(s.base, jsii.String("Topics"), nil)), Queue: queueIn(s.other)}
		}},
		"topic in Base, queue in a nested stack of it": {props: func(s stacks) *props {
			return &props{Topic: topicIn(s.base), Queue: queueIn(awscdk.NewNestedStack(s.base, jsii.String("Queues"), nil))}
		}},
		"topic in a nested stack of Base, queue in Base": {props: func(s stacks) *props {
			return &props{Topic: topicIn(awscdk.NewNestedStack(s.base, jsii.String("Topics"), nil)), Queue: queueIn(s.base)}
		}},
		"topic in a parameter, EncryptionKey": {props: func(s stacks) *props {
			return &props{Topic: imported(s.home, parameterIn(s.home)), EncryptionKey: keyIn(s.home)}
		}},
		"topic in a parameter of Systems Manager, EncryptionKey": {props: func(s stacks) *props {
			return &props{
				Topic:         imported(s.home, awsssm.StringParameter_ValueForStringParameter(s.home, jsii.String("/topic"), nil)),
				EncryptionKey: keyIn(s.home),
			}
		}},
		"topic of an export, EncryptionKey in Other": {props: func(s stacks) *props {
			return &props{Topic: imported(s.home, awscdk.Fn_ImportValue(jsii.String("TopicArn"))), EncryptionKey: keyIn(s.other)}
		}},
		"topic of a resource of Home, EncryptionKey": {
			props: func(s stacks) *props {
				custom := awscdk.NewCustomResource(s.home, jsii.String("Custom"), &awscdk.CustomResourceProps{
					ServiceToken: jsii.String("arn:aws:lambda:" + region + ":" + account + ":function:custom"),
				})
				return &props{Topic: imported(s.home, custom.GetAttString(jsii.String("TopicArn"))), EncryptionKey: keyIn(s.home)}
			},
			pattern: "*",
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				s := stacks{home, stackIn(app, "Base"), stackIn(app, "Other"), awscdk.NewNestedStack(home, jsii.String("Nested"), nil)}
				textract := newTextractAsync(home, row.props(s))
				if row.later != nil {
					row.later(s, textract)
				}
				got := synthesizeApp(t, app)
				assertNoCycle(t, got)
				got.warnings.expect(t, "topicPattern", row.pattern != "", "without a circular dependency")
				delete(got.warnings, "unknownKey")
				got.warnings.expectNoMore(t)

				patterns, conditions := 0, got.conditionsForSNS()
				for _, condition := range conditions {
					if strings.HasSuffix(condition, ":"+row.pattern+`"}}`) {
						patterns++
					} else if strings.Contains(condition, "*") {
						t.Errorf("condition %s, want the topic or %q", condition, row.pattern)
					}
				}
				if len(conditions) == 0 || patterns == 0 != (row.pattern == "") {
					t.Errorf("conditions %q, want %q", conditions, row.pattern)
				}
			})
		})
	}
}

// conditionsForSNS returns the conditions in policies of queues and keys that allow SNS something.
func (s synthesis) conditionsForSNS() []string {
	var conditions []string
	for _, a := range s.allowed {
		if a.principal == "Service:sns.amazonaws.com" {
			conditions = append(conditions, a.condition)
		}
	}
	return conditions
}
