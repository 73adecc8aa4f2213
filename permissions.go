package textractasync

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Every permission that the flow needs is a permission value. require writes what belongs in the
// policy of a resource or of the service role, and grant (grants.go) what a caller needs; what
// neither can write becomes a warning with the statement to add.

const (
	snsPrincipal        = "sns.amazonaws.com"
	textractPrincipal   = "textract.amazonaws.com"
	cloudWatchPrincipal = "cloudwatch.amazonaws.com"
)

var (
	// What a publisher, SNS among them, needs of the key of an encrypted topic or queue.
	// See: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	publishKeyActions = []string{"kms:Decrypt", "kms:GenerateDataKey*"}

	// What the guide asks for, of the caller on one page and of the service role on another.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	outputKeyActions = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncrypt*"}

	readKeyActions = []string{"kms:Decrypt"}

	// What a caller needs of S3, as the guide and the API reference have it.
	// See: https://docs.aws.amazon.com/textract/latest/dg/api-async-roles.html
	readDocumentActions = []string{"s3:GetObject", "s3:GetObjectVersion"}
	readResultActions   = []string{"s3:GetObject"}
	writeResultActions  = []string{
		"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads",
	}

	// What a consumer needs of the queue.
	// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-basic-examples-of-iam-policies.html
	consumeActions = []string{
		"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
	}
)

// operationActions are named one by one: jobs have no ARN, so IAM knows these actions without a
// resource.
// See: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazontextract.html
var operationActions = map[Operation]struct{ start, get []string }{
	Operation_TEXT_DETECTION: {
		start: []string{"textract:StartDocumentTextDetection"},
		get:   []string{"textract:GetDocumentTextDetection"},
	},
	Operation_DOCUMENT_ANALYSIS: {
		start: []string{"textract:StartDocumentAnalysis"},
		get:   []string{"textract:GetDocumentAnalysis"},
	},
	Operation_EXPENSE_ANALYSIS: {
		start: []string{"textract:StartExpenseAnalysis"},
		get:   []string{"textract:GetExpenseAnalysis"},
	},
	Operation_LENDING_ANALYSIS: {
		start: []string{"textract:StartLendingAnalysis"},
		get:   []string{"textract:GetLendingAnalysis", "textract:GetLendingAnalysisSummary"},
	},
}

func startActions(operations []Operation) []string {
	var actions []string
	for _, operation := range operations {
		actions = append(actions, operationActions[operation].start...)
	}
	return actions
}

func getActions(operations []Operation) []string {
	var actions []string
	for _, operation := range operations {
		actions = append(actions, operationActions[operation].get...)
	}
	return actions
}

// permission is one statement of a policy. It has a principal in the policy of a resource, and none
// in that of a role or user.
type permission struct {
	principal map[string]any
	actions   []string
	resources []string
	condition map[string]any
}

// statement is the permission in the JSON of IAM.
func (p permission) statement() map[string]any {
	s := map[string]any{"Effect": "Allow", "Action": p.actions}
	if p.principal != nil {
		s["Principal"] = p.principal
	}
	if len(p.actions) == 1 {
		s["Action"] = p.actions[0]
	}
	if len(p.resources) == 1 {
		s["Resource"] = p.resources[0]
	} else if len(p.resources) > 1 {
		s["Resource"] = p.resources
	}
	if p.condition != nil {
		s["Condition"] = p.condition
	}
	return s
}

func service(name string) map[string]any { return map[string]any{"Service": name} }

func anyResource() []string { return []string{"*"} }

// allowAccountToUseKey leaves it to the account's IAM policies who may take these actions on a key.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func allowAccountToUseKey(env environment, actions []string) permission {
	return permission{principal: map[string]any{"AWS": env.rootARN()}, actions: actions, resources: anyResource()}
}

// allowServiceToUseKey lets a service publish to a topic or queue that the key encrypts.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
func allowServiceToUseKey(name string, condition map[string]any) permission {
	return permission{principal: service(name), actions: publishKeyActions, resources: anyResource(), condition: condition}
}

// allowTopicToSend lets SNS deliver this topic's notifications to the queue: step 6 of the guide.
func allowTopicToSend(queueARN string, fromTopic map[string]any) permission {
	return permission{
		principal: service(snsPrincipal), actions: []string{"sqs:SendMessage"}, resources: []string{queueARN}, condition: fromTopic,
	}
}

// allowTextractToAssume lets Textract use the service role for jobs of these accounts: step 7 of
// the guide.
// See: https://docs.aws.amazon.com/textract/latest/dg/cross-service-confused-deputy-prevention.html
func allowTextractToAssume(env environment, trusted []string) permission {
	accounts := []string{env.account}
	for _, account := range trusted {
		if !slices.Contains(accounts, account) {
			accounts = append(accounts, account)
		}
	}
	arns := make([]string, len(accounts))
	for i, account := range accounts {
		arns[i] = env.textractARN(account)
	}
	return permission{
		principal: service(textractPrincipal), actions: []string{"sts:AssumeRole"},
		condition: map[string]any{
			"ArnLike":      map[string]any{"aws:SourceArn": arns},
			"StringEquals": map[string]any{"aws:SourceAccount": accounts},
		},
	}
}

// allowAlarmsToPublish lets CloudWatch publish the state of this account's alarms.
func allowAlarmsToPublish(topicARN string, fromAlarms map[string]any) permission {
	return permission{
		principal: service(cloudWatchPrincipal), actions: []string{"sns:Publish"}, resources: []string{topicARN}, condition: fromAlarms,
	}
}

// policy is where a permission belongs.
type policy struct {
	prop  string // the prop that names the owner
	owner constructs.IConstruct
	add   func(permission) bool // reports whether the policy took it; nil where it cannot be changed from this app
}

// requirement is a permission with the policy that it belongs in.
type requirement struct {
	permission permission
	in         policy
	warning    string // the id of the warning where the policy cannot be changed
	without    string // what happens without the permission
}

// require writes a permission where it belongs, or warns with the statement to add.
func require(scope constructs.Construct, r requirement) {
	if r.in.add != nil && r.in.add(r.permission) {
		return
	}
	warnStatement(scope, r.warning, fmt.Sprintf(
		"%s: the policy of %s cannot be changed from this app, and without this statement %s; add it there",
		r.in.prop, pathOf(r.in.owner), r.without), r.permission)
}

// addToResource writes into the policy of a topic, queue or bucket.
func addToResource(resource interface {
	AddToResourcePolicy(awsiam.PolicyStatement) *awsiam.AddToResourcePolicyResult
},
) func(permission) bool {
	return func(p permission) bool {
		return *resource.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(p.statement())).StatementAdded
	}
}

// addToPrincipal writes a permission into the policies of a role or user.
func addToPrincipal(grantee awsiam.IGrantable, p permission) awsiam.Grant {
	var conditions *map[string]*map[string]any
	if p.condition != nil {
		conditions = &map[string]*map[string]any{}
		for operator, keys := range p.condition {
			values := keys.(map[string]any)
			(*conditions)[operator] = &values
		}
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(p.actions...),
		ResourceArns: jsii.Strings(p.resources...),
		Conditions:   conditions,
	})
}

// merge joins permissions that differ in nothing but their resources or nothing but their actions,
// and drops what another one allows already: policies are limited in length.
func merge(permissions []permission) []permission {
	var merged []permission
	for i, p := range permissions {
		covered := slices.ContainsFunc(permissions[:i], func(other permission) bool { return other.covers(p) }) ||
			slices.ContainsFunc(permissions[i+1:], func(other permission) bool { return other.covers(p) && !p.covers(other) })
		if covered {
			continue
		}
		if same := slices.IndexFunc(merged, p.differsInResources); same >= 0 {
			merged[same].resources = union(merged[same].resources, p.resources)
		} else if same := slices.IndexFunc(merged, p.differsInActions); same >= 0 {
			merged[same].actions = union(merged[same].actions, p.actions)
		} else {
			merged = append(merged, p)
		}
	}
	return merged
}

func (p permission) differsInResources(other permission) bool {
	return slices.Equal(p.actions, other.actions) && reflect.DeepEqual(p.condition, other.condition)
}

func (p permission) differsInActions(other permission) bool {
	return slices.Equal(p.resources, other.resources) && reflect.DeepEqual(p.condition, other.condition)
}

func (p permission) covers(other permission) bool {
	return reflect.DeepEqual(p.condition, other.condition) &&
		isSubset(other.actions, p.actions) && isSubset(other.resources, p.resources)
}

func isSubset(part, whole []string) bool {
	return !slices.ContainsFunc(part, func(s string) bool { return !slices.Contains(whole, s) })
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
