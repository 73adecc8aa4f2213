package textractasync_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/policyjson"
)

// Several constructs on one key or queue have one statement in its policy, for the topics of all of
// them: KMS takes 32,768 bytes, SQS 20 statements and, as documented, 10 conditions.
func TestConstructsShareAStatement(t *testing.T) {
	const count = 24
	newQueue := func(stack awscdk.Stack) awssqs.IQueue {
		return awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{EnforceSSL: jsii.Bool(true)})
	}
	for name, row := range map[string]struct {
		props    func(awscdk.Stack) *textractasync.TextractAsyncProps
		kind     string
		property string
		bytes    int // at most
	}{
		"a key": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil)}
		}, "AWS::KMS::Key", "KeyPolicy", 600 + count*110},
		"a queue": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: newQueue(stack)}
		}, "AWS::SQS::QueuePolicy", "PolicyDocument", 600 + count*110},
		"a queue with a key": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
				EncryptionMasterKey: awskms.NewKey(stack, jsii.String("Key"), nil),
			})}
		}, "AWS::KMS::Key", "KeyPolicy", 600 + count*110},
		"a key of an L1": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{
				Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
					EncryptionMasterKey: awskms.Key_FromCfnKey(awskms.NewCfnKey(stack, jsii.String("Key"), &awskms.CfnKeyProps{
						KeyPolicy: map[string]any{"Statement": []any{map[string]any{
							"Effect": "Allow", "Action": "kms:*", "Resource": "*",
							"Principal": map[string]any{"AWS": "arn:aws:iam::" + account + ":root"},
						}}},
					})),
				}),
			}
		}, "AWS::KMS::Key", "KeyPolicy", 900 + count*110 + count*230},
		"a topic without a name": {func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: newQueue(stack), Topic: awssns.NewTopic(stack, jsii.String("Topic"), nil)}
		}, "AWS::SQS::QueuePolicy", "PolicyDocument", 700},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				props := row.props(home)
				topics, want := map[string]bool{}, count
				if props.Topic != nil {
					want = 1 // a topic and a queue have one subscription
				}
				for i := range want {
					textractasync.NewTextractAsync(home, jsii.String(fmt.Sprintf("T%02d", i)), props)
				}
				got := synthesizeApp(t, app)
				got.warnings.expectNoMore(t)
				for _, resource := range got.templates["Home"]["Resources"].(map[string]any) {
					r := resource.(map[string]any)
					properties, _ := r["Properties"].(map[string]any)
					if r["Type"] != row.kind {
						continue
					}
					if size := policyjson.Size(properties[row.property]); size > row.bytes {
						t.Errorf("the policy has %d bytes, want at most %d", size, row.bytes)
					}
					for _, statement := range policyjson.Statements(properties[row.property]) {
						condition, _ := statement["Condition"].(map[string]any)
						equals, _ := condition["ArnEquals"].(map[string]any)
						for _, topic := range list(equals["aws:SourceArn"]) {
							topics[topic] = true
						}
					}
					if conditions := policyjson.Conditions(properties[row.property]); conditions > 2 {
						t.Errorf("the policy has %d conditions", conditions)
					}
				}
				if len(topics) != want {
					t.Errorf("%d topics in the policy, want %d", len(topics), want)
				}
			})
		})
	}
}

func TestPolicyOfABucketThatGrowsTooLong(t *testing.T) {
	stack := newStackWithEnv("Home")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Output: &textractasync.OutputLocation{Bucket: awss3.NewBucket(stack, jsii.String("Bucket"), nil)},
	})
	for i := range 50 {
		textract.GrantReadResults(awsiam.NewArnPrincipal(jsii.String(fmt.Sprintf("arn:aws:iam::%s:role/reader-%d", otherAccount, i))))
	}
	warningsOf(t, stack).expect(t, "policySize", true, "and S3 takes 20480")
}

// What other statements of the app make of the policy of a key or queue is measured at synthesis.
func TestPoliciesOfKeysAndQueuesThatGrowTooLong(t *testing.T) {
	statement := func(i int, action, condition string) awsiam.PolicyStatement {
		props := &awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewArnPrincipal(jsii.String(fmt.Sprintf("arn:aws:iam::%s:role/r%d", account, i)))},
			Actions:    jsii.Strings(action), Resources: jsii.Strings(fmt.Sprintf("arn:aws:sqs:%s:%s:q%d", region, account, i)),
		}
		if condition != "" {
			props.Conditions = &map[string]any{"StringEquals": map[string]any{condition: fmt.Sprint(i)}}
		}
		return awsiam.NewPolicyStatement(props)
	}
	for name, row := range map[string]struct {
		grow func(queue awssqs.Queue, key awskms.Key)
		text string
	}{
		"a key": {func(_ awssqs.Queue, key awskms.Key) {
			for i := range 40 {
				arns := jsii.Strings()
				for j := range 10 {
					*arns = append(*arns, jsii.String(fmt.Sprintf("arn:aws:s3:::%060d-%d-%d", 0, i, j)))
				}
				key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
					Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("s3.amazonaws.com"), nil)},
					Actions:    jsii.Strings("kms:Decrypt"), Resources: jsii.Strings("*"),
					Conditions: &map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": arns}},
				}), nil)
			}
		}, "KMS takes 32768"},
		"statements of a queue": {func(queue awssqs.Queue, _ awskms.Key) {
			for i := range 20 {
				queue.AddToResourcePolicy(statement(i, "sqs:SendMessage", ""))
			}
		}, "21 statements, and SQS documents a limit of 20"},
		"conditions of a queue": {func(queue awssqs.Queue, _ awskms.Key) {
			for i := range 10 {
				queue.AddToResourcePolicy(statement(i, "sqs:SendMessage", "aws:PrincipalTag/x"))
			}
		}, "11 conditions, and SQS documents a limit of 10"},
		"nothing": {func(queue awssqs.Queue, _ awskms.Key) { queue.AddToResourcePolicy(statement(0, "sqs:SendMessage", "")) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			eachFlagSet(t, func(t *testing.T, app awscdk.App) {
				home := homeIn(app)
				key := awskms.NewKey(home, jsii.String("Key"), nil)
				queue := awssqs.NewQueue(home, jsii.String("Queue"), &awssqs.QueueProps{EncryptionMasterKey: key})
				for i := range 2 {
					textractasync.NewTextractAsync(
						home, jsii.String(fmt.Sprintf("T%d", i)),
						&textractasync.TextractAsyncProps{Queue: queue},
					)
				}
				row.grow(queue, key)
				got := synthesizeApp(t, app)
				if texts := got.warnings["policySize"]; len(texts) > 1 {
					t.Errorf("warned %d times: %v", len(texts), texts)
				}
				got.warnings.expect(t, "policySize", row.text != "", row.text)
				got.warnings.expectNoMore(t)
			})
		})
	}
}
