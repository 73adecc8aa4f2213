package textractasync_test

import (
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// publishStatement allows a service to publish.
func publishStatement(service string, topic awssns.ITopic) object {
	return object{
		"Effect": "Allow", "Principal": object{"Service": service}, "Action": "sns:Publish", "Resource": topic.TopicArn(),
	}
}

// A topic has one policy, whatever resource writes it and whenever: each has to let the alarms
// publish, or a warning prints the statement.
func TestEveryPolicyOfTheAlarmTopicLetsAlarmsPublish(t *testing.T) {
	l1 := func(home awscdk.Stack, ops awssns.ITopic, service string) {
		awssns.NewCfnTopicPolicy(home, jsii.String("L1Policy"), &awssns.CfnTopicPolicyProps{
			PolicyDocument: object{"Statement": []any{publishStatement(service, ops)}}, Topics: &[]*string{ops.TopicArn()},
		})
	}
	statement := func(ops awssns.ITopic) awsiam.PolicyStatement {
		return awsiam.PolicyStatement_FromJson(publishStatement("events.amazonaws.com", ops))
	}
	for name, row := range map[string]struct {
		before, after func(home awscdk.Stack, ops awssns.ITopic)
		statements    int
		warning       bool
	}{
		"an L1 policy before AddAlarms": {
			before:  func(home awscdk.Stack, ops awssns.ITopic) { l1(home, ops, "events.amazonaws.com") },
			warning: true,
		},
		"an L1 policy after AddAlarms": {
			after:   func(home awscdk.Stack, ops awssns.ITopic) { l1(home, ops, "events.amazonaws.com") },
			warning: true,
		},
		"an L1 policy that allows it": {
			before: func(home awscdk.Stack, ops awssns.ITopic) { l1(home, ops, "cloudwatch.amazonaws.com") }, statements: 1,
		},
		"an L1 policy by the ARN of the topic's name": {
			before: func(home awscdk.Stack, ops awssns.ITopic) {
				awssns.NewCfnTopicPolicy(home, jsii.String("L1Policy"), &awssns.CfnTopicPolicyProps{
					PolicyDocument: object{"Statement": []any{publishStatement("events.amazonaws.com", ops)}},
					Topics:         jsii.Strings("arn:aws:sns:" + region + ":" + account + ":ops"),
				})
			},
			warning: true,
		},
		"an inline policy": {
			before: func(home awscdk.Stack, ops awssns.ITopic) {
				awssns.NewCfnTopicInlinePolicy(home, jsii.String("Inline"), &awssns.CfnTopicInlinePolicyProps{
					PolicyDocument: object{"Statement": []any{publishStatement("events.amazonaws.com", ops)}}, TopicArn: ops.TopicArn(),
				})
			},
			warning: true,
		},
		"a generic resource": {
			before: func(home awscdk.Stack, ops awssns.ITopic) {
				awscdk.NewCfnResource(home, jsii.String("Generic"), &awscdk.CfnResourceProps{
					Type: jsii.String("AWS::SNS::TopicPolicy"), Properties: &map[string]any{
						"Topics":         []any{ops.TopicArn()},
						"PolicyDocument": object{"Statement": []any{publishStatement("events.amazonaws.com", ops)}},
					},
				})
			},
			warning: true,
		},
		"a statement after AddAlarms": {
			after:      func(_ awscdk.Stack, ops awssns.ITopic) { ops.AddToResourcePolicy(statement(ops)) },
			statements: 1,
		},
		"a TopicPolicy after AddAlarms, in another scope": {
			after: func(home awscdk.Stack, ops awssns.ITopic) {
				scope := constructs.NewConstruct(home, jsii.String("Scope"))
				awssns.NewTopicPolicy(scope, jsii.String("Policy"), &awssns.TopicPolicyProps{Topics: &[]awssns.ITopic{ops}}).
					Document().AddStatements(statement(ops))
			},
			statements: 1,
		},
		"an aspect": {
			before: func(home awscdk.Stack, ops awssns.ITopic) {
				awscdk.Aspects_Of(home).Add(&visitor{func(node constructs.IConstruct) {
					if node == constructs.IConstruct(ops) {
						ops.AddToResourcePolicy(statement(ops))
					}
				}}, nil)
			},
			statements: 1,
		},
		"no policy": {},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				ops := awssns.NewTopic(home, jsii.String("Ops"), &awssns.TopicProps{TopicName: jsii.String("ops")})
				if row.before != nil {
					row.before(home, ops)
				}
				newTextractAsync(home, nil).AddAlarms(&textractasync.AlarmsProps{Topic: ops})
				if row.after != nil {
					row.after(home, ops)
				}
				got := synthesizeApp(t, app)
				found := got.where("AWS::SNS::TopicPolicy", "sns:Publish", func(a allowed) bool {
					return a.principal == "Service:cloudwatch.amazonaws.com"
				})
				if len(found) != row.statements {
					t.Errorf("statements for CloudWatch: %v, want %d", found, row.statements)
				}
				got.warnings.expect(t, "alarmTopicPolicy", row.warning, `"Service":"cloudwatch.amazonaws.com"`)
				got.warnings.expectNoMore(t)
			})
		})
	}
}

// visitor is an aspect.
type visitor struct{ visit func(constructs.IConstruct) }

func (v *visitor) Visit(node constructs.IConstruct) { v.visit(node) }

// A topic to which Textract publishes is no alarm topic, in whatever form it is passed.
func TestAlarmTopicOfAConstructIsRejected(t *testing.T) {
	type (
		construct = textractasync.TextractAsync
		alarms    = textractasync.AlarmsProps
	)
	const onAlarm, onOK = "AlarmActions of AddAlarms", "OkActions of AddAlarms"
	type form struct {
		prop  string
		props func(home awscdk.Stack, own, other construct) *alarms
	}
	action := func(arn *string) *[]awscloudwatch.IAlarmAction { return &[]awscloudwatch.IAlarmAction{&pager{*arn}} }
	for name, row := range map[string]form{
		"the topic of another construct": {onAlarm, func(_ awscdk.Stack, _, other construct) *alarms {
			return &alarms{Topic: other.Topic()}
		}},
		"an action on its own topic": {onAlarm, func(_ awscdk.Stack, own, _ construct) *alarms {
			return &alarms{AlarmActions: action(own.Topic().TopicArn())}
		}},
		"an OK action on another construct's": {onOK, func(_ awscdk.Stack, _, other construct) *alarms {
			return &alarms{OkActions: action(other.Topic().TopicArn())}
		}},
		"an import of another construct's": {onAlarm, func(home awscdk.Stack, _, other construct) *alarms {
			return &alarms{Topic: awssns.Topic_FromTopicArn(home, jsii.String("Again"), other.Topic().TopicArn())}
		}},
		"an ARN that is known": {onAlarm, func(home awscdk.Stack, _, _ construct) *alarms {
			return &alarms{Topic: awssns.Topic_FromTopicArn(home, jsii.String("Again"),
				jsii.String("arn:aws:sns:"+region+":"+account+":AmazonTextract-Other"))}
		}},
		"the topic of an imported construct": {onAlarm, func(home awscdk.Stack, _, _ construct) *alarms {
			imported := textractasync.TextractAsync_FromTextractAsyncAttributes(home, jsii.String("Imported"), importedAttributes())
			return &alarms{Topic: imported.Topic()}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				own := newTextractAsync(home, nil)
				other := textractasync.NewTextractAsync(home, jsii.String("Other"), &textractasync.TextractAsyncProps{
					TopicName: jsii.String("AmazonTextract-Other"),
				})
				own.AddAlarms(row.props(home, own, other))
				assertSynthesisFails(t, app, row.prop+": got the topic of Home/")
			})
		})
	}
}

// Actions name topics too.
func TestActionsOnTopicsThatTakeNoAlarm(t *testing.T) {
	for name, row := range map[string]struct {
		topic awssns.TopicProps
		want  string
	}{
		"FIFO":      {awssns.TopicProps{Fifo: jsii.Bool(true)}, "AlarmActions of AddAlarms: got a FIFO topic"},
		"encrypted": {awssns.TopicProps{}, "AlarmActions of AddAlarms: got a topic encrypted with alias/aws/sns"},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				if name == "encrypted" {
					row.topic.MasterKey = awskms.Alias_FromAliasName(home, jsii.String("Key"), jsii.String("alias/aws/sns"))
				}
				ops := awssns.NewTopic(home, jsii.String("Ops"), &row.topic)
				newTextractAsync(home, nil).AddAlarms(&textractasync.AlarmsProps{
					AlarmActions: &[]awscloudwatch.IAlarmAction{&pager{*ops.TopicArn()}},
				})
				assertSynthesisFails(t, app, row.want)
			})
		})
	}
}

func TestAlarmTopicThatIsEncryptedLater(t *testing.T) {
	eachFlagSet(t, func(t *testing.T, app awscdk.App) {
		home := homeIn(app)
		ops := awssns.NewTopic(home, jsii.String("Ops"), nil)
		newTextractAsync(home, nil).AddAlarms(&textractasync.AlarmsProps{Topic: ops})
		key := awskms.NewKey(home, jsii.String("OpsKey"), nil)
		ops.Node().DefaultChild().(awssns.CfnTopic).SetKmsMasterKeyId(key.KeyArn())
		assertSynthesisFails(t, app, `Topic of AddAlarms: got one that is now encrypted with Home/OpsKey`)
	})
}

func TestFIFOAlarmTopicIsRejected(t *testing.T) {
	stack := newStack("Stack")
	for name, topic := range map[string]awssns.ITopic{
		"new":      awssns.NewTopic(stack, jsii.String("Ops"), &awssns.TopicProps{Fifo: jsii.Bool(true)}),
		"imported": awssns.Topic_FromTopicArn(stack, jsii.String("Old"), jsii.String("arn:aws:sns:"+region+":"+account+":old.fifo")),
		"an L1": awssns.Topic_FromTopicArn(stack, jsii.String("L1Topic"), awssns.NewCfnTopic(stack, jsii.String("L1"),
			&awssns.CfnTopicProps{FifoTopic: true, TopicName: jsii.String("ops.fifo")}).Ref()),
	} {
		t.Run(name, func(t *testing.T) {
			textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"+strings.ReplaceAll(name, " ", "")), nil)
			err := panicOf(t, func() { textract.AddAlarms(&textractasync.AlarmsProps{Topic: topic}) })
			if len(err.Problems) != 1 || err.Problems[0].Prop != "Topic" || err.Problems[0].Value != "a FIFO topic" {
				t.Errorf("got %v", err)
			}
		})
	}
}

// JSON has no word for a number that is not finite, so the kernel would end.
func TestOnlyFiniteNumbersPass(t *testing.T) {
	textract := newTextractAsync(newStack("Stack"), nil)
	for _, number := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -math.MaxFloat64, -1.5e300} {
		err := panicOf(t, func() {
			textract.AddAlarms(&textractasync.AlarmsProps{UserErrors: &textractasync.AlarmOptions{
				Threshold: &number, EvaluationPeriods: &number, DatapointsToAlarm: &number,
			}})
		})
		if len(err.Problems) < 2 || err.Problems[0].Prop != "UserErrors.Threshold" ||
			err.Problems[1].Prop != "UserErrors.EvaluationPeriods" {
			t.Errorf("%v: got %v", number, err)
		}
		err = panicOf(t, func() {
			newTextractAsync(newStack("Stack"), &textractasync.TextractAsyncProps{
				DeadLetterQueue: &textractasync.DeadLetterQueueOptions{MaxReceiveCount: &number},
			})
		})
		if len(err.Problems) != 1 || err.Problems[0].Prop != "DeadLetterQueue.MaxReceiveCount" {
			t.Errorf("%v: got %v", number, err)
		}
	}
}

// CloudWatch has one dashboard of a name in an account.
func TestDashboardNameThatIsTaken(t *testing.T) {
	name := jsii.String("Documents")
	dashboard := func(textract textractasync.TextractAsync) {
		textract.AddDashboard(&textractasync.DashboardProps{DashboardName: name})
	}
	for reason, row := range map[string]struct {
		build   func(app awscdk.App, home awscdk.Stack)
		isTaken bool
	}{
		"by another construct": {func(_ awscdk.App, home awscdk.Stack) {
			dashboard(textractasync.NewTextractAsync(home, jsii.String("Other"), nil))
		}, true},
		"by a dashboard of the app": {func(_ awscdk.App, home awscdk.Stack) {
			awscloudwatch.NewDashboard(home, jsii.String("Other"), &awscloudwatch.DashboardProps{DashboardName: name})
		}, true},
		"by an L1 dashboard": {func(_ awscdk.App, home awscdk.Stack) {
			awscloudwatch.NewCfnDashboard(home, jsii.String("Other"), &awscloudwatch.CfnDashboardProps{
				DashboardName: name, DashboardBody: jsii.String("{}"),
			})
		}, true},
		"by a generic resource": {func(_ awscdk.App, home awscdk.Stack) {
			awscdk.NewCfnResource(home, jsii.String("Other"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::CloudWatch::Dashboard"), Properties: &map[string]any{"DashboardName": name, "DashboardBody": "{}"},
			})
		}, true},
		"in another Region": {func(app awscdk.App, _ awscdk.Stack) {
			dashboard(newTextractAsync(newStackIn(app, "Other", "us-east-1"), nil))
		}, true},
		"in another account": {func(app awscdk.App, _ awscdk.Stack) {
			other := awscdk.NewStack(app, jsii.String("Other"), &awscdk.StackProps{
				Env: &awscdk.Environment{Account: jsii.String(otherAccount), Region: jsii.String(region)},
			})
			dashboard(newTextractAsync(other, nil))
		}, false},
		"by none": {func(_ awscdk.App, home awscdk.Stack) {
			textractasync.NewTextractAsync(home, jsii.String("Other"), nil).AddDashboard(nil)
		}, false},
	} {
		t.Run(reason, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				dashboard(newTextractAsync(home, nil))
				row.build(app, home)
				if row.isTaken {
					assertSynthesisFails(t, app, `DashboardName: got "Documents"; use another name`)
				} else {
					synthesizeApp(t, app)
				}
			})
		})
	}
}

func TestDashboardShowsAlarmsInEitherOrder(t *testing.T) {
	for name, add := range map[string]func(textractasync.TextractAsync){
		"alarms first":    func(x textractasync.TextractAsync) { x.AddAlarms(nil); x.AddDashboard(nil) },
		"dashboard first": func(x textractasync.TextractAsync) { x.AddDashboard(nil); x.AddAlarms(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			stack := newStack("Dashboard")
			add(newTextractAsync(stack, nil))
			shown := 0
			for _, widget := range bodyOfDashboard(t, stack).Widgets {
				if widget.Type == "alarm" {
					shown += len(widget.Properties.Alarms)
				}
			}
			if shown != len(alarmDefaultsOf)-1 {
				t.Errorf("%d alarms", shown)
			}
		})
	}
}

// What the stack does not know of its environment, an existing queue tells.
func TestAlarmTopicsThatAlarmsCannotReach(t *testing.T) {
	for name, row := range map[string]struct {
		topic func(app awscdk.App, stack awscdk.Stack) awssns.ITopic
		want  string
	}{
		"of another stage": {func(app awscdk.App, _ awscdk.Stack) awssns.ITopic {
			return awssns.NewTopic(newStackIn(awscdk.NewStage(app, jsii.String("Test"), nil), "Ops", region), jsii.String("Ops"), nil)
		}, `Topic: got a new topic in stage "Test"`},
		"of another Region than the queue": {func(_ awscdk.App, stack awscdk.Stack) awssns.ITopic {
			return awssns.Topic_FromTopicArn(stack, jsii.String("Ops"), jsii.String("arn:aws:sns:us-east-1:"+account+":ops"))
		}, `Topic: got Region "us-east-1"; use a topic in the stack's Region, "eu-west-1"`},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				stack := awscdk.NewStack(app, jsii.String("Agnostic"), nil)
				textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
					Queue: awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":jobs")),
				})
				topic := row.topic(app, stack)
				err := panicOf(t, func() { textract.AddAlarms(&textractasync.AlarmsProps{Topic: topic}) })
				if !strings.Contains(err.Error(), row.want) {
					t.Errorf("got %v, want %s", err, row.want)
				}
			})
		})
	}
}
