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

// documentedDefaults says of every optional prop what its comment must name as the default, and where a template with
// defaults shows it. It is a function because matchers are objects of the kernel.
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
		"TextractAsyncProps.Topic": {"a new standard topic that refuses plain HTTP", "AWS::SNS::TopicPolicy", object{
			"PolicyDocument": document(object{"Effect": "Deny", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}),
		}},
		"TextractAsyncProps.TopicName": {`"AmazonTextract-" and a name unique to the construct's path`, "AWS::SNS::Topic", object{
			"TopicName": assertions.Match_StringLikeRegexp(jsii.String("^AmazonTextract-Defaults-TextractAsync-[0-9A-F]{8}$")),
		}},
		"TextractAsyncProps.Queue": {"a new standard queue that refuses plain HTTP", "AWS::SQS::QueuePolicy", object{
			"PolicyDocument": document(object{"Effect": "Deny", "Condition": object{"Bool": object{"aws:SecureTransport": "false"}}}),
		}},
		"TextractAsyncProps.VisibilityTimeout": {"5 minutes", "AWS::SQS::Queue", object{"VisibilityTimeout": 300}},
		"TextractAsyncProps.MessageRetention":  {"7 days", "AWS::SQS::Queue", object{"MessageRetentionPeriod": 604800, "VisibilityTimeout": 300}},
		"TextractAsyncProps.DeadLetters": {"on, 3 receives, 14 days", "AWS::SNS::Subscription", object{
			"RedrivePolicy": object{"deadLetterTargetArn": assertions.Match_AnyValue()},
		}},
		"TextractAsyncProps.RawMessageDelivery": {"false", "AWS::SNS::Subscription", object{"RawMessageDelivery": assertions.Match_Absent()}},
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
		"TextractAsyncProps.RemovalPolicy": {"awscdk.RemovalPolicy_DESTROY", "AWS::KMS::Key", object{}},
		"DeadLetters.Disabled":             {"false", "AWS::SQS::Queue", object{"RedrivePolicy": assertions.Match_AnyValue()}},
		"DeadLetters.MaxReceiveCount":      {"3", "AWS::SQS::Queue", object{"RedrivePolicy": object{"maxReceiveCount": 3}}},
		"DeadLetters.Retention":            {"14 days", "AWS::SQS::Queue", object{"MessageRetentionPeriod": 1209600}},
	}
}

// Defaults of locations show only with a bucket in the props, and are held by TestLocationDefaults.
var locationDefaults = map[string]string{
	"InputLocation.Prefix":         "the whole bucket",
	"OutputLocation.Prefix":        `"textract_output"`,
	"OutputLocation.EncryptionKey": "the bucket's own",
}

func TestDocumentedDefaults(t *testing.T) {
	stack := newStack("Defaults")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{})
	textract.GrantRunJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)

	defaults := documentedDefaults()
	for prop, comment := range optionalProps(t) {
		t.Run(prop, func(t *testing.T) {
			want, ok := defaults[prop]
			if !ok {
				if want.text, ok = locationDefaults[prop]; !ok {
					t.Fatal("no default is known to this test")
				}
			}
			_, documented, found := strings.Cut(comment, "Default: ")
			if !found || !strings.HasPrefix(documented, want.text) {
				t.Errorf("documented default %q, want one that begins with %q", documented, want.text)
			}
			if want.resource != "" {
				mustHold(t, func() { template.HasResourceProperties(jsii.String(want.resource), want.shown) })
			}
		})
	}

	template.AllResources(jsii.String("AWS::KMS::Key"), object{"DeletionPolicy": "Delete"})
	template.AllResources(jsii.String("AWS::SQS::Queue"), object{"DeletionPolicy": "Delete"})
}

func TestLocationDefaults(t *testing.T) {
	stack := newStack("Defaults")
	documents, results := newKMSBucket(stack, "Documents"), newKMSBucket(stack, "Results")
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: documents}},
		Output: &textractasync.OutputLocation{Bucket: results},
	})
	textract.GrantRunJobs(newLambdaRole(stack, "Caller"))
	template := assertions.Template_FromStack(stack, nil)

	for prop, statement := range map[string]object{
		"InputLocation.Prefix":         {"Resource": join(arnOf(documents), "/*")},
		"OutputLocation.Prefix":        {"Resource": []any{arnOf(results), join(arnOf(results), "/textract_output/*")}},
		"OutputLocation.EncryptionKey": {"Resource": arnOf(results.EncryptionKey()), "Action": outputKeyActions},
	} {
		t.Run(prop, func(t *testing.T) {
			mustHold(t, func() {
				template.HasResourceProperties(jsii.String("AWS::IAM::Policy"), object{"PolicyDocument": document(statement)})
			})
		})
	}
}

// optionalProps returns the comment of every prop that may be left out.
func optionalProps(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "props.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	required := map[string]bool{"InputLocation.Bucket": true, "OutputLocation.Bucket": true}
	props := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		structure, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range structure.Fields.List {
			if name := spec.Name.Name + "." + field.Names[0].Name; !required[name] {
				props[name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
			}
		}
		return false
	})
	return props
}
