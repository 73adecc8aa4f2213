package textractasync_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

type documentedDefault struct {
	text     string
	resource string
	shown    object
}

// documentedDefaults are the defaults of all optional props: what the comment must begin with, and
// where the template of a construct with all defaults shows it. It is a function because matchers
// are jsii objects.
func documentedDefaults() map[string]documentedDefault {
	return map[string]documentedDefault{
		"TextractAsyncProps.Operations": {"all four", "AWS::IAM::Policy", object{
			"PolicyDocument": document(object{"Resource": "*", "Action": []any{
				"textract:StartDocumentTextDetection", "textract:StartDocumentAnalysis",
				"textract:StartExpenseAnalysis", "textract:StartLendingAnalysis",
				"textract:GetDocumentTextDetection", "textract:GetDocumentAnalysis",
				"textract:GetExpenseAnalysis", "textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary",
			}}),
		}},
		"TextractAsyncProps.Inputs": {"none", "AWS::IAM::Policy", object{
			"PolicyDocument": assertions.Match_Not(document(object{"Action": []any{"s3:GetObject", "s3:GetObjectVersion"}})),
		}},
		"TextractAsyncProps.Output": {"none", "AWS::IAM::Policy", object{
			"PolicyDocument": assertions.Match_Not(document(object{"Action": "s3:ListBucket"})),
		}},
		"TextractAsyncProps.Topic": {"a new standard topic that denies plain HTTP", "AWS::SNS::TopicPolicy", object{
			"PolicyDocument": document(object{"Effect": "Deny", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}),
		}},
		"TextractAsyncProps.TopicName": {`"AmazonTextract-" and a name unique to the construct's path`, "AWS::SNS::Topic", object{
			"TopicName": assertions.Match_StringLikeRegexp(jsii.String("^AmazonTextract-Defaults-TextractAsync-[0-9A-F]{8}$")),
		}},
		"TextractAsyncProps.Queue": {"a new standard queue that denies plain HTTP", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(object{"Effect": "Deny", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}),
		}},
		"TextractAsyncProps.VisibilityTimeout": {"5 minutes", "AWS::SQS::Queue", object{"VisibilityTimeout": 300}},
		"TextractAsyncProps.RetentionPeriod": {
			"7 days",
			"AWS::SQS::Queue",
			object{"MessageRetentionPeriod": 604800, "VisibilityTimeout": 300},
		},
		"TextractAsyncProps.DeadLetterQueue": {"on, 5 receives, 14 days", "AWS::SNS::Subscription", object{
			"RedrivePolicy": object{"deadLetterTargetArn": assertions.Match_AnyValue()},
		}},
		"TextractAsyncProps.RawMessageDelivery": {
			"false",
			"AWS::SNS::Subscription",
			object{"RawMessageDelivery": assertions.Match_Absent()},
		},
		"TextractAsyncProps.ServiceRole": {"a new role", "AWS::IAM::Role", object{
			"AssumeRolePolicyDocument": document(object{"Principal": object{"Service": "textract.amazonaws.com"}}),
		}},
		"TextractAsyncProps.ServiceRolePolicy": {"ServiceRolePolicy_TOPIC_ONLY", "AWS::IAM::Role", object{
			"AssumeRolePolicyDocument": document(object{"Principal": object{"Service": "textract.amazonaws.com"}}),
			"ManagedPolicyArns":        assertions.Match_Absent(),
		}},
		"TextractAsyncProps.TrustedAccounts": {"the stack's account alone", "AWS::IAM::Role", object{
			"AssumeRolePolicyDocument": document(object{
				"Condition": object{"StringEquals": object{"aws:SourceAccount": []any{pseudo("AccountId")}}},
			}),
		}},
		"TextractAsyncProps.Encryption": {"Encryption_KMS", "AWS::SNS::Topic", object{"KmsMasterKeyId": assertions.Match_AnyValue()}},
		"TextractAsyncProps.EncryptionKey": {"a new customer managed key with rotation", "AWS::KMS::Key", object{
			"EnableKeyRotation": true, "KeySpec": assertions.Match_Absent(),
		}},
		"TextractAsyncProps.RemovalPolicy":       {"awscdk.RemovalPolicy_DESTROY", "AWS::KMS::Key", object{}},
		"DeadLetterQueueOptions.Disabled":        {"false", "AWS::SQS::Queue", object{"RedrivePolicy": assertions.Match_AnyValue()}},
		"DeadLetterQueueOptions.MaxReceiveCount": {"5", "AWS::SQS::Queue", object{"RedrivePolicy": object{"maxReceiveCount": 5}}},
		"DeadLetterQueueOptions.RetentionPeriod": {"14 days", "AWS::SQS::Queue", object{"MessageRetentionPeriod": 1209600}},
		"DeadLetterQueueOptions.EncryptionKey": {"none, the dead-letter queue has SSE-SQS", "AWS::SQS::Queue", object{
			"RedriveAllowPolicy": object{"redrivePermission": "allowAll"},
			"KmsMasterKeyId":     assertions.Match_Absent(), "SqsManagedSseEnabled": true,
		}},
		"TextractAsyncProps.FormerEncryptionKeys": {text: "none"},
	}
}

// The defaults of locations, which TestLocationDefaults checks because they show only with a bucket
// in the props.
var locationDefaults = map[string]string{
	"InputLocation.Prefix":         "the whole bucket",
	"InputLocation.EncryptionKey":  "the key of the bucket",
	"OutputLocation.Prefix":        `"textract_output"`,
	"OutputLocation.EncryptionKey": "the key of the bucket",
}

func TestDocumentedDefaults(t *testing.T) {
	stack := newStack("Defaults")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{})
	textract.GrantRunJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)

	defaults := documentedDefaults()
	required := map[string]bool{"InputLocation.Bucket": true, "OutputLocation.Bucket": true}
	for prop, comment := range exportedFields(t, "props.go") {
		if required[prop] {
			continue
		}
		t.Run(prop, func(t *testing.T) {
			want, ok := defaults[prop]
			if !ok {
				if want.text, ok = locationDefaults[prop]; !ok {
					t.Fatal("this test has no default of the prop")
				}
			}
			_, documented, found := strings.Cut(comment, "Default: ")
			if !found || !strings.HasPrefix(documented, want.text) {
				t.Errorf("documented default %q, want one that begins with %q", documented, want.text)
			}
			if want.resource != "" {
				mustMatch(t, func() { template.HasResourceProperties(jsii.String(want.resource), want.shown) })
			}
		})
	}

	template.AllResources(jsii.String("AWS::KMS::Key"), object{"DeletionPolicy": "Delete"})
	template.AllResources(jsii.String("AWS::SQS::Queue"), object{"DeletionPolicy": "Delete"})
}

func TestLocationDefaults(t *testing.T) {
	stack := newStack("Defaults")
	documents, results := newKMSBucket(stack, "Documents"), newKMSBucket(stack, "Results")
	textract := newTextractAsync(stack, &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	textract.GrantRunJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)

	for prop, statement := range map[string]object{
		"InputLocation.Prefix":         {"Resource": join(arnOf(documents), "/*")},
		"InputLocation.EncryptionKey":  {"Resource": assertions.Match_ArrayWith(&[]any{arnOf(documents.EncryptionKey())}), "Action": "kms:Decrypt"},
		"OutputLocation.Prefix":        {"Resource": []any{arnOf(results), join(arnOf(results), "/textract_output/*")}},
		"OutputLocation.EncryptionKey": {"Resource": arnOf(results.EncryptionKey()), "Action": outputKeyActions},
	} {
		t.Run(prop, func(t *testing.T) {
			mustMatch(t, func() {
				template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{"PolicyDocument": document(statement)})
			})
		})
	}
}

func TestDocumentedMonitoringDefaults(t *testing.T) {
	documented := map[string]string{
		"AlarmsProps.Topic":                 "none",
		"AlarmsProps.AlarmActions":          "none",
		"AlarmsProps.OkActions":             "none",
		"AlarmOptions.Disabled":             "false",
		"AlarmOptions.Threshold":            "that of the alarm, as AlarmsProps documents it",
		"AlarmOptions.Period":               "that of the alarm, as AlarmsProps documents it",
		"AlarmOptions.EvaluationPeriods":    "that of the alarm, as AlarmsProps documents it",
		"AlarmOptions.DatapointsToAlarm":    "EvaluationPeriods",
		"AgeAlarmOptions.Disabled":          "false",
		"AgeAlarmOptions.Threshold":         "1 hour",
		"AgeAlarmOptions.Period":            "5 minutes",
		"AgeAlarmOptions.EvaluationPeriods": "1",
		"AgeAlarmOptions.DatapointsToAlarm": "EvaluationPeriods",
		"DashboardProps.DashboardName":      "a name that CloudFormation generates",
		"DashboardProps.DefaultInterval":    "1 day",
	}
	for prop, defaults := range alarmDefaultsOf {
		documented["AlarmsProps."+prop] = defaults.documented
	}
	for _, path := range []string{"alarms.go", "dashboard.go"} {
		for prop, comment := range exportedFields(t, path) {
			_, text, _ := strings.Cut(comment, "Default: ")
			if want, ok := documented[prop]; !ok || text != want+"." {
				t.Errorf("%s: documented default %q, want %q", prop, text, want+".")
			}
			delete(documented, prop)
		}
	}
	for prop := range documented {
		t.Errorf("no prop %s", prop)
	}
}

// exportedFields returns the comments of the fields of a file's exported structs.
func exportedFields(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return !ok
		}
		if structure, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range structure.Fields.List {
				comments[spec.Name.Name+"."+field.Names[0].Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
			}
		}
		return false
	})
	return comments
}
