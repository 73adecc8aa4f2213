package textractworkflow_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awspipes"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

func TestPropsAreRejectedBeforeAnythingIsMade(t *testing.T) {
	analysis := textractasync.Operation_DOCUMENT_ANALYSIS
	for _, c := range []struct {
		name  string
		props *textractworkflow.JobStateMachineProps
		want  []string
	}{
		{"nil props", nil, []string{"TextractAsync"}},
		{"no construct", &textractworkflow.JobStateMachineProps{}, []string{"TextractAsync"}},
		{"no operation", &textractworkflow.JobStateMachineProps{}, []string{"Operation"}},
		{"everything at once", &textractworkflow.JobStateMachineProps{
			Operation: analysis, Queries: &[]*textractworkflow.Query{nil}, AdaptersConfig: &textractworkflow.AdaptersConfig{},
			JobTag: jsii.String("an invoice"), StatusCheckInterval: awscdk.Duration_Hours(jsii.Number(2)),
			Timeout: awscdk.Duration_Days(jsii.Number(8)),
		}, []string{
			"FeatureTypes", "Queries", "Queries[0]", "AdaptersConfig", "AdaptersConfig.Adapters", "JobTag", "StatusCheckInterval", "Timeout",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := newStack(newApp(), "Stack")
			if c.props != nil && c.name != "no construct" {
				c.props.TextractAsync = newTextract(stack, analysis, textractasync.Operation_TEXT_DETECTION)
			}
			before := len(*stack.Node().FindAll(""))
			problems := problemsOf(t, func() { textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), c.props) })
			var got []string
			for _, problem := range problems {
				got = append(got, problem.Prop)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if after := len(*stack.Node().FindAll("")); after != before {
				t.Errorf("%d constructs before, %d after", before, after)
			}
		})
	}
}

func TestScopeAndIDAreRejected(t *testing.T) {
	app := newApp()
	textract := newTextract(newStack(app, "Stack"), textractasync.Operation_TEXT_DETECTION)
	for _, c := range []struct {
		name, want string
		build      func()
	}{
		{"nil scope", "scope", func() { newJobs(nil, "Jobs", textract) }},
		{"an app", "scope", func() { newJobs(app, "Jobs", textract) }},
		{"no id", "id", func() { newJobs(newStack(app, "Other"), "", textract) }},
	} {
		if problems := problemsOf(t, c.build); len(problems) != 1 || problems[0].Prop != c.want {
			t.Errorf("%s: %v, want %s", c.name, problems, c.want)
		}
	}
}

// pipeline is a construct of a Go program that has one of this package in it.
type pipeline struct{ textractasync.TextractAsync }

func TestAGoStructAroundTheConstruct(t *testing.T) {
	stack := newStackIn(newApp(), "Stack", account, region)
	textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
	newJobs(stack, "Jobs", &pipeline{textract})
	newJobs(stack, "More", pipeline{textract})
	if found := propertiesOf(stack, "AWS::Pipes::Pipe"); len(found) != 1 {
		t.Errorf("%d pipes, want one", len(found))
	}
	problems := problemsOf(t, func() { newJobs(stack, "None", (*pipeline)(nil)) })
	if len(problems) != 1 || problems[0].Value != "nil" {
		t.Errorf("%v", problems)
	}
}

func TestAnImportedConstructIsRejected(t *testing.T) {
	stack := newStackIn(newApp(), "Stack", account, region)
	imported := textractasync.TextractAsync_FromTextractAsyncAttributes(
		stack,
		jsii.String("Imported"),
		&textractasync.TextractAsyncAttributes{
			TopicArn:       jsii.String("arn:aws:sns:eu-west-1:111122223333:AmazonTextract"),
			QueueArn:       jsii.String("arn:aws:sqs:eu-west-1:111122223333:queue"),
			ServiceRoleArn: jsii.String("arn:aws:iam::111122223333:role/service"),
		},
	)
	problems := problemsOf(t, func() { newJobs(stack, "Jobs", imported) })
	if len(problems) != 1 || problems[0].Prop != "TextractAsync" || !strings.Contains(problems[0].Fix, "queue of its own") {
		t.Errorf("%v", problems)
	}
}

func TestTheConstructIsInTheSameAccountAndRegion(t *testing.T) {
	app := newApp()
	textract := newTextract(newStackIn(app, "Stack", account, region), textractasync.Operation_TEXT_DETECTION)
	for _, c := range []struct{ account, region, want string }{
		{"444455556666", region, "account 111122223333"},
		{account, "eu-central-1", "Region eu-west-1"},
	} {
		stack := newStackIn(app, "Stack"+c.account+c.region, c.account, c.region)
		problems := problemsOf(t, func() { newJobs(stack, "Jobs", textract) })
		if len(problems) != 1 || !strings.Contains(problems[0].Value, c.want) {
			t.Errorf("%v, want %s", problems, c.want)
		}
	}
}

// TestPoliciesNameTheirResources allows "*" to Textract and CloudWatch Logs, whose actions have no
// resource, and no managed policy, Lambda function or custom resource at all.
func TestPoliciesNameTheirResources(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	jobs := newText(stack)
	documents := newBucket(stack, "Documents")
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents})
	jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: documents, ResultBucket: newBucket(stack, "Results"), MaxConcurrency: jsii.Number(10),
	})
	template := assertions.Template_FromStack(stack, nil)
	for _, absent := range []string{"AWS::Lambda::Function", "AWS::CloudFormation::CustomResource", "Custom::S3BucketNotifications", "AWS::IAM::ManagedPolicy"} {
		template.ResourceCountIs(jsii.String(absent), jsii.Number(0))
	}
	var open []string
	for _, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		for _, each := range policy["PolicyDocument"].(object)["Statement"].([]any) {
			statement := each.(object)
			if statement["Resource"] == "*" {
				open = append(open, actionsOf(statement)...)
			}
		}
	}
	for _, action := range open {
		if !strings.HasPrefix(action, "textract:") && !strings.HasPrefix(action, "logs:") {
			t.Errorf("%s on every resource", action)
		}
	}
	if len(open) != 10 {
		t.Errorf("%v on every resource, want the Start and the Get action, and 8 of CloudWatch Logs", open)
	}
	for id, role := range propertiesOf(stack, "AWS::IAM::Role") {
		if strings.Contains(id, "ServiceRole") {
			continue
		}
		trust := fmt.Sprint(role["AssumeRolePolicyDocument"])
		if !strings.Contains(trust, "aws:SourceAccount") || !strings.Contains(trust, "aws:SourceArn") || role["ManagedPolicyArns"] != nil {
			t.Errorf("%s: %v", id, role)
		}
	}
}

func TestTheRoleRunsOneOperation(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_EXPENSE_ANALYSIS,
	})
	var actions []string
	for _, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		for _, each := range policy["PolicyDocument"].(object)["Statement"].([]any) {
			actions = append(actions, actionsOf(each.(object))...)
		}
	}
	got := slices.DeleteFunc(actions, func(action string) bool { return !strings.HasPrefix(action, "textract:") })
	if diff := cmp.Diff([]string{"textract:StartExpenseAnalysis", "textract:GetExpenseAnalysis"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheConstructKeepsItsOperations(t *testing.T) {
	defer func() {
		if problem := recover(); problem != nil {
			t.Error(problem) // a failed assertion
		}
	}()
	stack := newStack(newApp(), "Stack")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), nil)
	textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
		TextractAsync: textract, Operation: textractasync.Operation_EXPENSE_ANALYSIS,
	})
	textract.GrantStartJobs(newRole(stack))
	assertions.Template_FromStack(stack, nil).HasResourceProperties(jsii.String("AWS::IAM::Policy"), &object{
		"PolicyDocument": object{"Statement": assertions.Match_ArrayWith(&[]any{assertions.Match_ObjectLike(&object{"Action": []any{
			"textract:StartDocumentTextDetection",
			"textract:StartDocumentAnalysis",
			"textract:StartExpenseAnalysis",
			"textract:StartLendingAnalysis",
		}})})},
	})
}

func actionsOf(statement object) []string {
	if one, ok := statement["Action"].(string); ok {
		return []string{one}
	}
	var all []string
	for _, action := range statement["Action"].([]any) {
		all = append(all, action.(string))
	}
	return all
}

// TestTheNotifierIsInTheStackOfTheConstruct builds two job state machines in both orders.
func TestTheNotifierIsInTheStackOfTheConstruct(t *testing.T) {
	var ids []string
	for _, order := range [][]string{{"B", "C"}, {"C", "B"}} {
		app := newApp()
		a := newStack(app, "A")
		textract := newTextract(a, textractasync.Operation_TEXT_DETECTION)
		stacks := map[string]awscdk.Stack{"B": newStack(app, "B"), "C": newStack(app, "C")}
		for _, name := range order {
			newJobs(stacks[name], "Jobs", textract)
		}
		app.Synth(nil)
		for _, resource := range []string{"AWS::Pipes::Pipe", "AWS::DynamoDB::Table"} {
			for id := range propertiesOf(a, resource) {
				ids = append(ids, id)
			}
			for name, stack := range stacks {
				if found := propertiesOf(stack, resource); len(found) > 0 {
					t.Errorf("%s has %v", name, found)
				}
			}
		}
		for name, stack := range stacks {
			for _, dependency := range *stack.Dependencies() {
				if *dependency.StackName() != "A" {
					t.Errorf("%s depends on %s", name, *dependency.StackName())
				}
			}
		}
		if len(*a.Dependencies()) > 0 {
			t.Error("the stack of the construct depends on another")
		}
	}
	if len(ids) != 4 || ids[0] != ids[2] || ids[1] != ids[3] {
		t.Errorf("the order of the job state machines changes the notifier: %v", ids)
	}
}

func TestAnotherConsumerIsWarnedOf(t *testing.T) {
	for _, c := range []struct {
		name string
		add  func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func())
		want string
	}{
		{"none", func(_ awscdk.Stack, _ textractasync.TextractAsync, jobs func()) { jobs() }, ""},
		{"GrantStartJobs and GrantReadResults", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			textract.GrantStartJobs(newRole(stack))
			textract.GrantReadResults(newRole(stack))
		}, ""},
		{"GrantConsumeNotifications before", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			textract.GrantConsumeNotifications(newRole(stack))
			jobs()
		}, "Stack/Role"},
		{"GrantRunJobs later", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			textract.GrantRunJobs(newRole(stack))
		}, "Stack/Role"},
		{"a grant of the queue itself", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			textract.Queue().GrantConsumeMessages(newRole(stack))
		}, "Stack/Role/DefaultPolicy"},
		{"a grant of the queue itself, in another stack", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			textract.Queue().GrantConsumeMessages(newRole(newStack(awscdk.App_Of(stack), "Other")))
		}, "Other/Role/DefaultPolicy"},
		{"a grant of the dead-letter queue", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			textract.DeadLetterQueue().GrantConsumeMessages(newRole(stack))
			textract.Queue().GrantSendMessages(newRole(stack))
		}, ""},
		{"the event source of a function", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			awslambda.NewCfnEventSourceMapping(stack, jsii.String("Mapping"), &awslambda.CfnEventSourceMappingProps{
				FunctionName: jsii.String("other"), EventSourceArn: textract.Queue().QueueArn(),
			})
		}, "Stack/Mapping"},
		{"the event source of a function, by Fn::GetAtt", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			id := stack.GetLogicalId(textract.Queue().Node().DefaultChild().(awscdk.CfnElement))
			awslambda.NewCfnEventSourceMapping(stack, jsii.String("Mapping"), &awslambda.CfnEventSourceMappingProps{
				FunctionName: jsii.String("other"), EventSourceArn: awscdk.Token_AsString(awscdk.Fn_GetAtt(id, jsii.String("Arn")), nil),
			})
		}, "Stack/Mapping"},
		{"a generic event source", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			awscdk.NewCfnResource(stack, jsii.String("Mapping"), &awscdk.CfnResourceProps{
				Type: jsii.String("AWS::Lambda::EventSourceMapping"), Properties: &map[string]any{
					"FunctionName": "other", "EventSourceArn": textract.Queue().QueueArn(),
				},
			})
		}, "Stack/Mapping"},
		{"the event source of a function for another queue", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			jobs()
			awslambda.NewCfnEventSourceMapping(stack, jsii.String("Mapping"), &awslambda.CfnEventSourceMappingProps{
				FunctionName: jsii.String("other"), EventSourceArn: textract.DeadLetterQueue().QueueArn(),
			})
		}, ""},
		{"a pipe", func(stack awscdk.Stack, textract textractasync.TextractAsync, jobs func()) {
			awspipes.NewCfnPipe(stack, jsii.String("Pipe"), &awspipes.CfnPipeProps{
				RoleArn: newRole(stack).RoleArn(), Source: textract.Queue().QueueArn(), Target: jsii.String("arn:aws:sqs:eu-west-1:111122223333:other"),
			})
			jobs()
		}, "Stack/Pipe"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := newStack(newApp(), "Stack")
			textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
			c.add(stack, textract, func() { newJobs(stack, "Jobs", textract) })
			expectWarning(t, stack, "workflowConsumer", c.want)
		})
	}
}

func newRole(stack awscdk.Stack) awsiam.Role {
	if made, ok := stack.Node().TryFindChild(jsii.String("Role")).(awsiam.Role); ok {
		return made
	}
	return awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
}

func TestTwoNotifiersOnOneQueueEndTheSynthesis(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	for _, id := range []string{"Left", "Right"} {
		textract := textractasync.NewTextractAsync(stack, jsii.String(id), &textractasync.TextractAsyncProps{
			Queue: queue, Operations: &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION},
		})
		newJobs(stack, id+"Jobs", textract)
	}
	defer func() {
		if problem := fmt.Sprint(recover()); !strings.Contains(problem, "two notifiers") {
			t.Errorf("%s", problem)
		}
	}()
	awscdk.App_Of(stack).Synth(nil)
}

func TestAQueueThatDoesNotSuitAPipeIsWarnedOf(t *testing.T) {
	minutes := func(n float64) awscdk.Duration { return awscdk.Duration_Minutes(jsii.Number(n)) }
	deadLetterQueue := func(stack awscdk.Stack, count float64) *awssqs.DeadLetterQueue {
		return &awssqs.DeadLetterQueue{Queue: awssqs.NewQueue(stack, jsii.String("Dead"), nil), MaxReceiveCount: jsii.Number(count)}
	}
	for _, c := range []struct {
		name  string
		props func(awscdk.Stack) *textractasync.TextractAsyncProps
		want  string
	}{
		{"default", func(awscdk.Stack) *textractasync.TextractAsyncProps { return &textractasync.TextractAsyncProps{} }, ""},
		{"short visibility timeout", func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(30))}
		}, "visibility timeout is 30 seconds"},
		{"no dead-letter queue", func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true)}}
		}, "no dead-letter queue"},
		{"few receives", func(awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{DeadLetterQueue: &textractasync.DeadLetterQueueOptions{MaxReceiveCount: jsii.Number(2)}}
		}, "MaxReceiveCount is 2"},
		{"existing queue that suits", func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
				VisibilityTimeout: minutes(5), DeadLetterQueue: deadLetterQueue(stack, 5),
			})}
		}, ""},
		{"existing queue with few receives", func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), &awssqs.QueueProps{
				VisibilityTimeout: minutes(5), DeadLetterQueue: deadLetterQueue(stack, 3),
			})}
		}, "MaxReceiveCount is 3"},
		{"existing queue with the defaults of SQS", func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{Queue: awssqs.NewQueue(stack, jsii.String("Queue"), nil)}
		}, "visibility timeout is 30 seconds"},
		{"imported queue", func(stack awscdk.Stack) *textractasync.TextractAsyncProps {
			return &textractasync.TextractAsyncProps{
				Queue: awssqs.Queue_FromQueueArn(stack, jsii.String("Queue"), jsii.String("arn:aws:sqs:eu-west-1:111122223333:queue")),
				Topic: awssns.NewTopic(stack, jsii.String("Topic"), &awssns.TopicProps{TopicName: jsii.String("AmazonTextract")}),
			}
		}, "it is imported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			stack := newStackIn(newApp(), "Stack", account, region)
			props := c.props(stack)
			props.Operations = &[]textractasync.Operation{textractasync.Operation_TEXT_DETECTION}
			newJobs(stack, "Jobs", textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props))
			expectWarning(t, stack, "workflowQueue", c.want)
		})
	}
}

// expectWarning checks that there is a warning with a text, or none where the text is empty.
func expectWarning(t *testing.T, stack awscdk.Stack, id, want string) {
	t.Helper()
	var all []string
	for _, text := range warningsOf(t, stack) {
		if strings.Contains(text, "[ack: @cdk-textract/textractasync:"+id+"]") {
			all = append(all, text)
		}
	}
	switch got := strings.Join(all, "\n"); {
	case want == "" && got != "":
		t.Errorf("warning %s, want none", got)
	case want != "" && !strings.Contains(got, want):
		t.Errorf("warnings %q, want one with %q", got, want)
	}
}

func TestAKeyOfAStateMachineNamesTheStateMachine(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	key := awskms.NewKey(stack, jsii.String("Key"), nil)
	jobs := textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
		TextractAsync: newTextract(stack, textractasync.Operation_TEXT_DETECTION), EncryptionKey: key,
	})
	awsstepfunctions.NewStateMachine(stack, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		DefinitionBody: awsstepfunctions.DefinitionBody_FromChainable(jobs.NewTask(stack, jsii.String("Read"), &textractworkflow.TaskProps{
			Bucket: jsii.String("$.bucket"), Key: jsii.String("$.key"),
		})),
	})
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: newBucket(stack, "Documents")})
	machines := propertiesOf(stack, "AWS::StepFunctions::StateMachine")
	var machine string
	for id, properties := range machines {
		if properties["EncryptionConfiguration"] != nil {
			machine = id
		}
	}
	if !strings.HasPrefix(machine, "Jobs") {
		t.Fatalf("%q has the key", machine)
	}
	// Its own role, the notifier's, the rule's and that of the machine with the task.
	allowed := map[string]bool{}
	for id, policy := range propertiesOf(stack, "AWS::IAM::Policy") {
		for _, each := range policy["PolicyDocument"].(object)["Statement"].([]any) {
			statement := each.(object)
			condition, _ := statement["Condition"].(object)
			equals, _ := condition["StringEquals"].(object)
			context, _ := equals["kms:EncryptionContext:aws:states:stateMachineArn"].(object)
			if context["Ref"] == machine && len(actionsOf(statement)) == 2 {
				allowed[id[:len(id)-8]] = true
			}
		}
	}
	want := map[string]bool{
		"JobsEncryptionPolicy":         true,
		"JobsResumePolicy":             true,
		"JobsUploadsRoleDefaultPolicy": true,
		"MachineRoleDefaultPolicy":     true,
	}
	if diff := cmp.Diff(want, allowed); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTagsReachEveryResourceOfTheNotifier(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	newText(stack)
	awscdk.Tags_Of(stack).Add(jsii.String("team"), jsii.String("invoices"), nil)
	pair := []any{object{"Key": "team", "Value": "invoices"}}
	for resource, want := range map[string]any{
		"AWS::DynamoDB::Table": pair, "AWS::Logs::LogGroup": pair, "AWS::Pipes::Pipe": object{"team": "invoices"},
	} {
		for id, properties := range propertiesOf(stack, resource) {
			if diff := cmp.Diff(want, properties["Tags"]); diff != "" {
				t.Errorf("%s: -want +got:\n%s", id, diff)
			}
		}
	}
}

func TestMoreJobStateMachinesThanAPolicyHoldsAreRejected(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
	for i := range 35 {
		newJobs(stack, fmt.Sprintf("Jobs%d", i), textract)
	}
	if problems := problemsOf(t, func() { newJobs(stack, "More", textract) }); len(problems) != 1 || problems[0].Prop != "TextractAsync" {
		t.Errorf("%v", problems)
	}
}

func TestTheNotifierIsOneAndReachable(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
	first, second := newJobs(stack, "First", textract).Notifier(), newJobs(stack, "Second", textract).Notifier()
	if first != second {
		t.Error("two notifiers")
	}
	for _, resource := range []awscdk.CfnResource{first.Table(), first.Pipe(), first.LogGroup()} {
		resource.AddPropertyOverride(jsii.String("Name"), "mine")
	}
	if first.StateMachine().StateMachineArn() == nil {
		t.Error("no state machine")
	}
}

// With Role_CustomizeRoles nothing of a role is in the template, and all of it in the report.
func TestCustomizedRoles(t *testing.T) {
	stack := newStack(newApp(), "Stack")
	awsiam.Role_CustomizeRoles(stack, nil)
	documents := newBucket(stack, "Documents")
	jobs := textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
		TextractAsync: newTextract(stack, textractasync.Operation_TEXT_DETECTION),
		EncryptionKey: awskms.NewKey(stack, jsii.String("Key"), nil),
	})
	jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents})
	jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
		Bucket: documents, ResultBucket: newBucket(stack, "Results"), MaxConcurrency: jsii.Number(1),
	})
	directory := *awscdk.App_Of(stack).Synth(nil).Directory()
	if found := propertiesOf(stack, "AWS::IAM::Policy"); len(found) > 0 {
		t.Errorf("policies in the template: %v", found)
	}
	report, err := os.ReadFile(filepath.Join(directory, "iam-policy-report.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"states:SendTaskSuccess", "states:RedriveExecution", "states:StartSyncExecution", "kms:GenerateDataKey", "sqs:ReceiveMessage"} {
		if !strings.Contains(string(report), `"`+action+`"`) {
			t.Errorf("no %s in the report", action)
		}
	}
}
