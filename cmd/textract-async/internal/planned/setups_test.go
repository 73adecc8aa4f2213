package planned_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/planned"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
)

// What others' set-ups have that the complete one has not. Each is right, unless want says more.
func TestSetUpsOfOtherKinds(t *testing.T) {
	const (
		queuePolicy = "  QueuePolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Queue]\n"
		withoutKey  = "Properties: {TopicName: !Sub 'AmazonTextract-${Stage}', KmsMasterKeyId: !GetAtt TopicKey.Arn}"
	)
	for _, test := range []struct {
		name       string
		change     []string
		parameters map[string]string
		want       []string
		text       string
	}{
		{
			name: "one policy for several queues", change: []string{
				"Queues: [!Ref Queue]", "Queues: [!Ref Queue, !Ref DeadLetterQueue]",
				"            Resource: !GetAtt Queue.Arn\n", "            Resource: '*'\n",
				"Queues: [!Ref DeadLetterQueue]", "Queues: [!Ref Unused]",
				"  DeadLetterQueue:\n    Type", "  Unused:\n    Type: AWS::SQS::Queue\n  DeadLetterQueue:\n    Type",
			},
		},
		{name: "a policy of one queue", change: []string{
			queuePolicy, "  QueuePolicy:\n    Type: AWS::SQS::QueueInlinePolicy\n    Properties:\n      Queue: !Ref Queue\n",
		}},
		{name: "names by Fn::Join", change: []string{
			"TopicName: !Sub 'AmazonTextract-${Stage}'", "TopicName: !Join ['-', [AmazonTextract, !Ref Stage]]",
		}},
		{name: "names by Fn::Select, Fn::Split and Fn::FindInMap", change: []string{
			"TopicName: !Sub 'AmazonTextract-${Stage}'",
			"TopicName: !Join ['-', [!Select [1, !Split ['/', 'a/AmazonTextract']], !FindInMap [Stages, !Ref Stage, Name]]]",
			"Conditions:", "Mappings:\n  Stages: {prod: {Name: prod}}\nConditions:",
		}},
		{name: "a branch of a condition", change: []string{
			"Resource: !Ref Topic}", "Resource: !If [IsProd, !Ref Topic, !Ref AWS::NoValue]}",
		}},
		{
			name: "the other branch", parameters: map[string]string{"Stage": "test"}, change: []string{
				"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}",
				"!If [IsProd, {Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}, !Ref AWS::NoValue]",
			}, want: []string{"wrong publish"}, text: "the role may not publish to AmazonTextract-test",
		},
		{
			name: "a resource that the condition leaves out", parameters: map[string]string{"Stage": "test"}, change: []string{
				"  QueuePolicy:\n    Type", "  QueuePolicy:\n    Condition: IsProd\n    Type",
			}, want: []string{"wrong queue-policy"}, text: "SNS may not send",
		},
		{
			name: "a condition on a parameter without a value", change: []string{
				"Default: prod", "MinLength: 1", "  QueuePolicy:\n    Type", "  QueuePolicy:\n    Condition: IsProd\n    Type",
			}, want: []string{"not-in-template queue-policy"}, text: "${condition IsProd}",
		},
		{
			name: "a statement that depends on a parameter without a value", change: []string{
				"Default: prod", "MinLength: 1", "{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}",
				"!If [IsProd, {Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}, {Effect: Allow, Action: sns:Publish, Resource: '*'}]",
			}, want: []string{"not-in-template output-key", "not-in-template publish", "not-in-template topic-key"},
			text: "statement 1 of inline policy Publish cannot be judged: ${If IsProd ",
		},
		{
			name: "a name that is a parameter without a value", change: []string{
				"Default: prod", "MinLength: 1", "TopicName: !Sub 'AmazonTextract-${Stage}'", "TopicName: !Ref Stage",
				":AmazonTextract-${Stage}'", ":${Stage}'",
			}, want: []string{"warning topic"}, text: "${Stage}",
		},
		{
			name: "a key that is a parameter without a value", change: []string{
				"Parameters:\n", "Parameters:\n  Key: {Type: String}\n",
				"KmsMasterKeyId: !GetAtt TopicKey.Arn", "KmsMasterKeyId: !Ref Key", "Resource: !GetAtt TopicKey.Arn", "Resource: !Ref Key",
			}, want: []string{"not-in-template topic-key"}, text: "not in the template: key Key",
		},
		{
			name: "a key from an import", change: []string{"KmsMasterKeyId: !GetAtt TopicKey.Arn", "KmsMasterKeyId: !ImportValue shared-key"},
			want: []string{"not-in-template topic-key"}, text: "not in the template: key ImportValue shared-key",
		},
		{
			name: "a topic that is a parameter", change: []string{
				"  Topic:\n    Type: AWS::SNS::Topic\n    " + withoutKey + "\n", "",
				"Parameters:\n", "Parameters:\n  Topic: {Type: String}\n",
				"!Sub 'arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:AmazonTextract-${Stage}'", "!Ref Topic",
			},
			want: []string{"not-in-template publish", "not-in-template topic"}, text: "not in the template: topic Topic",
		},
		{
			name: "the key of AWS for the topic", change: []string{"KmsMasterKeyId: !GetAtt TopicKey.Arn", "KmsMasterKeyId: alias/aws/sns"},
		},
		{
			name: "a managed policy of AWS for the role", change: []string{
				"      Path: /ocr/", "      Path: /ocr/\n      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonTextractServiceRole']",
				"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}", "{Effect: Allow, Action: sns:Subscribe, Resource: !Ref Topic}",
			}, want: []string{"warning publish"}, text: "to other topics too",
		},
		{
			name: "a managed policy of AWS that is not known", change: []string{
				"      Path: /ocr/", "      Path: /ocr/\n      ManagedPolicyArns: ['arn:aws:iam::aws:policy/SecurityAudit']",
			},
		},
		{
			name: "a managed policy that is not known, and no other", change: []string{
				"      Path: /ocr/", "      Path: /ocr/\n      ManagedPolicyArns: ['arn:aws:iam::111122223333:policy/Publish']",
				"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}", "{Effect: Allow, Action: sns:Subscribe, Resource: !Ref Topic}",
			}, want: []string{"not-in-template output-key", "not-in-template publish", "not-in-template topic-key"}, text: "policy arn:aws:iam::111122223333:policy/Publish",
		},
		{name: "NotAction", change: []string{
			"{Sid: Jobs, Effect: Allow, Action: ['textract:Start*', 'textract:Get*'], Resource: '*'}",
			"{Sid: Jobs, Effect: Allow, NotAction: 'iam:*', Resource: '*'}",
		}},
		{name: "statements that are no list", change: []string{
			"        Statement:\n          - {Effect: Allow, Action: ['kms:Decrypt', 'kms:DescribeKey'", "        Statement:\n          {Effect: Allow, Action: ['kms:Decrypt', 'kms:DescribeKey'",
		}},
		{name: "a subscription of the topic itself", change: []string{
			"  Subscription:\n    Type: AWS::SNS::Subscription\n    Properties:\n      TopicArn: !Ref Topic\n      Protocol: sqs\n      Endpoint: !GetAtt Queue.Arn\n      RedrivePolicy: {deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn}\n", "",
			"Properties: {TopicName:", "Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Queue.Arn}], TopicName:",
		}},
		{
			name: "a function that is subscribed instead of a queue", change: []string{
				"Protocol: sqs", "Protocol: lambda", "Endpoint: !GetAtt Queue.Arn", "Endpoint: !Sub 'arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:read'",
				queuePolicy, strings.Replace(queuePolicy, "!Ref Queue]", "!Ref DeadLetterQueue]", 1),
				"Queues: [!Ref DeadLetterQueue]\n      PolicyDocument:\n        Statement:\n          - Effect: Allow\n            Principal: {Service: sns.amazonaws.com}\n            Action: sqs:SendMessage\n            Resource: !GetAtt DeadLetterQueue.Arn", "Queues: [unknown]\n      PolicyDocument:\n        Statement:\n          - Effect: Allow\n            Principal: {Service: sns.amazonaws.com}\n            Action: sqs:SendMessage\n            Resource: !GetAtt DeadLetterQueue.Arn",
			},
			want: []string{"not-in-template queue", "not-in-template queue-policy", "not-in-template subscription"},
			text: "a queue that is subscribed to the topic",
		},
		{
			name: "exports that stacks of others use", change: []string{
				"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}", "{Effect: Allow, Action: sns:Subscribe, Resource: !Ref Topic}",
				"Conditions:", "Outputs:\n  Role: {Value: !GetAtt ServiceRole.Arn, Export: {Name: ocr-role}}\nConditions:",
			}, want: []string{"not-in-template publish"}, text: "of another stack that uses ServiceRole",
		},
		{
			name: "a nested stack whose template is elsewhere", change: []string{
				"Queues: [!Ref Queue]", "Queues: [unknown]",
				"Resources:\n", "Resources:\n  Policies: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: 'https://example.com/policies.yaml', Parameters: {Queue: !Ref Queue}}}\n",
			}, want: []string{"not-in-template queue-policy"}, text: "of another stack that uses Queue",
		},
		{
			name: "a macro of the account", change: []string{
				"Queues: [!Ref Queue]", "Queues: [unknown]", "Conditions:", "Transform: [AWS::LanguageExtensions, Secure]\nConditions:",
			}, want: []string{"not-in-template queue-policy"}, text: "it is ${of transform Secure}",
		},
		{
			name: "an included part", change: []string{
				"Queues: [!Ref Queue]", "Queues: [unknown]",
				"Resources:\n", "Resources:\n  Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: 's3://parts/policies.yaml'}}\n",
			}, want: []string{"not-in-template queue-policy"}, text: "it is ${of transform AWS.Include}",
		},
		{
			name: "a connector of SAM", change: []string{
				"{Effect: Allow, Action: sns:Publish, Resource: !Ref Topic}", "{Effect: Allow, Action: sns:Subscribe, Resource: !Ref Topic}",
				"Resources:\n", "Resources:\n  MayPublish: {Type: 'AWS::Serverless::Connector', Properties: {Source: {Id: ServiceRole}, Destination: {Id: Topic}, Permissions: [Write]}}\n",
			}, want: []string{"not-in-template publish"}, text: "policy of connector MayPublish",
		},
		{
			name: "a loop", change: []string{
				"Conditions:", "Transform: AWS::LanguageExtensions\nConditions:",
				queuePolicy, "  Fn::ForEach::Policies:\n  - Of\n  - [Queue]\n  - '${Of}Policy':\n     Type: AWS::SQS::QueuePolicy\n     Properties:\n      Queues: [!Ref '${Of}']\n",
				"            Resource: !GetAtt Queue.Arn", "            Resource: {'Fn::GetAtt': [!Ref Of, Arn]}",
			},
		},
		{
			name: "a loop over a parameter", parameters: map[string]string{"Queues": "Queue"}, change: []string{
				"Conditions:", "Transform: AWS::LanguageExtensions\nConditions:", "Parameters:\n", "Parameters:\n  Queues: {Type: CommaDelimitedList}\n",
				queuePolicy, "  Fn::ForEach::Policies:\n  - Of\n  - !Ref Queues\n  - '${Of}Policy':\n     Type: AWS::SQS::QueuePolicy\n     Properties:\n      Queues: [!Ref '${Of}']\n",
			},
		},
		{
			name: "a loop over a parameter without a value", change: []string{
				"Conditions:", "Transform: AWS::LanguageExtensions\nConditions:", "Parameters:\n", "Parameters:\n  Queues: {Type: CommaDelimitedList}\n",
				queuePolicy, "  Fn::ForEach::Policies:\n  - Of\n  - !Ref Queues\n  - '${Of}Policy':\n     Type: AWS::SQS::QueuePolicy\n     Properties:\n      Queues: [!Ref '${Of}']\n",
			}, want: []string{"not-in-template queue-policy"}, text: "it is ${of Fn.ForEach.Policies}",
		},
		{
			name: "a filter that is a parameter without a value", change: []string{
				"Parameters:\n", "Parameters:\n  Status: {Type: String}\n",
				"      Protocol: sqs", "      FilterPolicyScope: MessageBody\n      FilterPolicy: {Status: [!Ref Status]}\n      Protocol: sqs",
			}, want: []string{"not-in-template subscription"}, text: "a part of the filter policy",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			all := inspect(t, write(t, change(t, complete(t), test.change...)), planned.Choice{OutputKey: "ResultsKey"}, test.parameters)
			if got := findings(all...); len(all) != 1 || !slices.Equal(got, test.want) || !strings.Contains(text(t, all...), test.text) {
				t.Errorf("got %v, want %v and %q\n%s", got, test.want, test.text, text(t, all...))
			}
		})
	}
}

const (
	samFunctions = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12}}
Resources:
  Documents: {Type: 'AWS::S3::Bucket'}
  Done: {Type: 'AWS::SNS::Topic', Properties: {TopicName: AmazonTextractDone}}
  Queue: {Type: 'AWS::SQS::Queue'}
  Publish:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Service: [textract.amazonaws.com]}
          Action: ['sts:AssumeRole']
          Condition: {StringEquals: {'aws:SourceAccount': !Ref 'AWS::AccountId'}}
      Policies: [{PolicyName: Done, PolicyDocument: {Statement: {Effect: Allow, Action: 'sns:Publish', Resource: !Ref Done}}}]
  Start:
    Type: AWS::Serverless::Function
    Properties:
      Environment: {Variables: {TOPIC: !Ref Done, ROLE: !GetAtt Publish.Arn}}
      Policies:
        - AWSLambdaBasicExecutionRole
        - TextractDetectAnalyzePolicy: {}
        - S3ReadPolicy: {BucketName: !Ref Documents}
        - Statement: [{Effect: Allow, Action: 'iam:PassRole', Resource: !GetAtt Publish.Arn}]
  Read:
    Type: AWS::Serverless::Function
    Properties:
      Policies: [{TextractGetResultPolicy: {}}]
      Events: {Done: {Type: SNS, Properties: {Topic: !Ref Done, SqsSubscription: {QueueArn: !GetAtt Queue.Arn, QueueUrl: !Ref Queue}}}}
`
	exporting = `Resources:
  Done: {Type: 'AWS::SNS::Topic', Properties: {TopicName: AmazonTextractDone}}
  Publish:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: textract.amazonaws.com}, Action: 'sts:AssumeRole', Condition: {StringEquals: {'aws:SourceAccount': !Ref 'AWS::AccountId'}}}}
      Policies: [{PolicyName: Done, PolicyDocument: {Statement: {Effect: Allow, Action: 'sns:Publish', Resource: !Ref Done}}}]
Outputs:
  Topic: {Value: !Ref Done, Export: {Name: !Sub '${AWS::StackName}-topic'}}
  Role: {Value: !GetAtt Publish.Arn, Export: {Name: ocr-role}}
`
	importing = `Resources:
  Queue: {Type: 'AWS::SQS::Queue'}
  Subscription: {Type: 'AWS::SNS::Subscription', Properties: {TopicArn: !ImportValue stack1-topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn}}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument: {Statement: {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: 'sqs:SendMessage', Resource: '*', Condition: {ArnLike: {'aws:SourceArn': !ImportValue stack1-topic}}}}
  Caller: {Type: 'AWS::IAM::User'}
  Run:
    Type: AWS::IAM::UserPolicy
    Properties:
      UserName: !Ref Caller
      PolicyName: Run
      PolicyDocument:
        Statement:
          - {Effect: Allow, Action: 'textract:*', Resource: '*'}
          - {Effect: Allow, Action: 'iam:PassRole', Resource: !ImportValue ocr-role}
`
)

func TestSAM(t *testing.T) {
	all := inspect(t, write(t, samFunctions), planned.Choice{}, nil)
	if got := text(t, all...); len(findings(all...)) > 0 || !strings.Contains(got, "the caller may start DocumentTextDetection, DocumentAnalysis\n") {
		t.Errorf("got\n%s", got)
	}
}

// A setting that functions share is one of each function: here it bounds the caller.
func TestGlobalsOfSAM(t *testing.T) {
	const boundary = "  Boundary: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Statement: {Effect: Allow, Action: 'textract:*', Resource: '*'}}}}\n"
	bounded := change(t, samFunctions, "Runtime: python3.12", "PermissionsBoundary: !Ref Boundary", "  Publish:\n", boundary+"  Publish:\n")
	all := inspect(t, write(t, bounded), planned.Choice{}, nil)
	if got := findings(all...); !slices.Equal(got, []string{"wrong document-access", "wrong pass-role"}) {
		t.Errorf("got %v\n%s", got, text(t, all...))
	}
	shared := change(t, samFunctions, "Runtime: python3.12", "Environment: {Variables: {TEXTRACT_OUTPUT_BUCKET: !Ref Documents, TEXTRACT_OUTPUT_PREFIX: out}}")
	all = inspect(t, write(t, shared), planned.Choice{}, nil)
	if got := text(t, all...); !slices.Equal(findings(all...), []string{"wrong output-access"}) {
		t.Errorf("got %v\n%s", findings(all...), got)
	}
}

func TestTwoStacks(t *testing.T) {
	if all := inspect(t, write(t, exporting, importing), planned.Choice{}, nil); len(findings(all...)) > 0 {
		t.Errorf("together:\n%s", text(t, all...))
	}
	for i, stack := range []string{exporting, importing} {
		for _, finding := range findings(inspect(t, write(t, stack), planned.Choice{}, nil)...) {
			if !strings.HasPrefix(finding, string(doctor.NotInTemplate)) {
				t.Errorf("%d alone: %s", i+1, finding)
			}
		}
	}
	broken := change(t, importing, "ImportValue stack1-topic}}}}", "ImportValue ocr-role}}}}")
	if got := findings(inspect(t, write(t, exporting, broken), planned.Choice{}, nil)...); !slices.Equal(got, []string{"wrong queue-policy"}) {
		t.Errorf("got %v", got)
	}
}

func TestStacksOfOneNameAreJudgedApart(t *testing.T) {
	set, err := template.Load(write(t, exporting, exporting), template.Options{Region: region})
	if err == nil {
		_, err = planned.New(set).SetUps(planned.Choice{})
	}
	const want = "stack1.Done and stack2.Done are both arn:aws:sns:eu-west-1:111122223333:AmazonTextractDone, so the stacks are for different accounts"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %q", err, want)
	}
}

func TestNestedStacks(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"inner.yaml": change(t, exporting, "Resources:", "Parameters: {Name: {Type: String}}\nResources:", "AmazonTextractDone", "!Ref Name"),
		"outer.yaml": change(t, importing, "!ImportValue stack1-topic", "!GetAtt Inner.Outputs.Topic", "!ImportValue ocr-role", "!GetAtt Inner.Outputs.Role",
			"Resources:", "Resources:\n  Inner: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: ./inner.yaml, Parameters: {Name: !Sub 'AmazonTextract-${AWS::Region}'}}}"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := inspect(t, []string{filepath.Join(dir, "outer.yaml")}, planned.Choice{}, nil)
	if got := text(t, all...); len(findings(all...)) > 0 || !strings.Contains(got, "AmazonTextract-eu-west-1: standard") {
		t.Errorf("got\n%s", got)
	}
}

func TestAnAssemblySaysWhereStacksAre(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"manifest.json": `{"artifacts": {
			"A": {"type": "aws:cloudformation:stack", "environment": "aws://444455556666/us-west-2", "properties": {"templateFile": "a.yaml", "stackName": "stack1"}},
			"B": {"type": "aws:cloudformation:stack", "environment": "aws://444455556666/us-west-2", "properties": {"templateFile": "b.yaml"}},
			"Tree": {"type": "cdk:tree"}}}`,
		"a.yaml": exporting, "b.yaml": importing,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set, err := template.LoadAssembly(dir, template.Options{Region: region})
	if err != nil {
		t.Fatal(err)
	}
	all := reports(t, set, planned.Choice{})
	if len(findings(all...)) > 0 || all[0].Region != "us-west-2" || all[0].Caller != "arn:aws:iam::444455556666:user/B-Caller" {
		t.Errorf("got\n%s", text(t, all...))
	}
}

func TestSeveralSetUpsAreJudgedEach(t *testing.T) {
	second := strings.NewReplacer("Done:", "Done2:", "!Ref Done", "!Ref Done2", "AmazonTextractDone", "AmazonTextractDone2", "sns:Publish", "sns:Publish", "Publish", "Publish2",
		"Queue:", "Queue2:", "Queue}", "Queue2}", "Queue.Arn", "Queue2.Arn", "Start:", "Start2:", "Read:", "Read2:", "Documents", "Documents2").Replace(samFunctions)
	_, resources, _ := strings.Cut(second, "Resources:\n")
	all := inspect(t, write(t, samFunctions+change(t, resources, "'sns:Publish'", "'sns:Subscribe'")), planned.Choice{}, nil)
	if len(all) != 2 || len(findings(all[0])) > 0 || !slices.Equal(findings(all[1]), []string{"wrong publish"}) {
		t.Errorf("got\n%s", text(t, all...))
	}
}

func TestWhatCannotBeJudgedAtAllIsAnError(t *testing.T) {
	const other = "Resources:\n  Topic: {Type: 'AWS::SNS::Topic'}\n"
	for _, test := range []struct {
		name, text string
		choice     planned.Choice
		want       string
	}{
		{"nothing of Textract", other, planned.Choice{}, "no set-up of Textract"},
		{"a role that publishes nothing", "Resources:\n  Publish:" + strings.SplitN(strings.SplitN(exporting, "  Publish:", 2)[1], "      Policies:", 2)[0], planned.Choice{}, "may assume to publish to a topic"},
		{"a topic that is not there", samFunctions, planned.Choice{Topic: "Dnoe"}, "--topic Dnoe is not in the templates, which have Done"},
		{"two topics of which either may be the one", change(t, exporting, "Resource: !Ref Done", "Resource: '*'", ", Properties: {TopicName: AmazonTextractDone}}", "}\n  Other: {Type: 'AWS::SNS::Topic'}"), planned.Choice{}, "name one with --topic: Done, Other"},
		{"two accounts", change(t, exporting, "!Ref 'AWS::AccountId'", "['444455556666', '777788889999']"), planned.Choice{}, "--parameter AWS::AccountId=444455556666"},
		{"no template", "a: b\n", planned.Choice{}, "it has no Resources"},
		{"text", "hello", planned.Choice{}, "it is not an object"},
		{"nothing", "", planned.Choice{}, "it is empty"},
		{"broken JSON", `{"Resources": {`, planned.Choice{}, "unexpected EOF"},
		{"broken YAML", "Resources: [", planned.Choice{}, "yaml"},
	} {
		set, err := template.Load(write(t, test.text), template.Options{Region: region})
		if err == nil {
			_, err = planned.New(set).SetUps(test.choice)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %q", test.name, err, test.want)
		}
	}
}
