package validate

import (
	"slices"
	"strconv"
	"strings"
)

// The operations that take a NotificationChannel.
const (
	OperationTextDetection    = "TEXT_DETECTION"
	OperationDocumentAnalysis = "DOCUMENT_ANALYSIS"
	OperationExpenseAnalysis  = "EXPENSE_ANALYSIS"
	OperationLendingAnalysis  = "LENDING_ANALYSIS"
)

// The values of Encryption.
const (
	EncryptionKMS            = "KMS"
	EncryptionServiceManaged = "SERVICE_MANAGED"
)

// The values of ServiceRolePolicy.
const (
	ServiceRolePolicyTopicOnly  = "TOPIC_ONLY"
	ServiceRolePolicyAWSManaged = "AWS_MANAGED"
)

// The values of the CDK's RemovalPolicy.
const (
	RemovalPolicyDestroy                = "DESTROY"
	RemovalPolicyRetain                 = "RETAIN"
	RemovalPolicyRetainOnUpdateOrDelete = "RETAIN_ON_UPDATE_OR_DELETE"
	RemovalPolicySnapshot               = "SNAPSHOT"
)

var (
	operations = []string{
		OperationTextDetection, OperationDocumentAnalysis, OperationExpenseAnalysis, OperationLendingAnalysis,
	}
	encryptions         = []string{EncryptionKMS, EncryptionServiceManaged}
	serviceRolePolicies = []string{ServiceRolePolicyTopicOnly, ServiceRolePolicyAWSManaged}
	removalPolicies     = []string{RemovalPolicyDestroy, RemovalPolicyRetain, RemovalPolicyRetainOnUpdateOrDelete}
)

var operationRules = []rule[Settings]{
	{
		name: "Operations empty",
		doc:  "Without an operation no grant would allow anything; leaving the prop out stands for all.",
		check: func(s *Settings) []Problem {
			return emptyList("Operations", s.Operations, "name an operation, or leave out Operations for all four")
		},
	},
	{
		name: "Operations known",
		doc: "Four operations take a NotificationChannel." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html",
		check: func(s *Settings) []Problem {
			return eachString("Operations", s.Operations, oneOf(operations))
		},
	},
	{
		name: "Operations repeated",
		doc:  "An operation that stands twice is most likely a slip for another one.",
		check: func(s *Settings) []Problem {
			return repeated("Operations", s.Operations)
		},
	},
}

var choiceRules = []rule[Settings]{
	{
		name: "ServiceRolePolicy known",
		doc: "The service role publishes to its topic alone, or gets the policy that the guide attaches." +
			" See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html",
		check: func(s *Settings) []Problem {
			return checkString("ServiceRolePolicy", s.ServiceRolePolicy, oneOf(serviceRolePolicies))
		},
	},
	{
		name: "Encryption known",
		doc: "SQS encrypts with a key of KMS or with its own." +
			" See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
		check: func(s *Settings) []Problem {
			return checkString("Encryption", s.Encryption, oneOf(encryptions))
		},
	},
	{
		name: "RemovalPolicy known",
		doc: "CloudFormation knows these deletion policies." +
			" See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html",
		check: func(s *Settings) []Problem {
			allowed := oneOf(removalPolicies)
			return checkString("RemovalPolicy", s.RemovalPolicy, func(value string) string {
				if value == RemovalPolicySnapshot {
					return ""
				}
				return allowed(value)
			})
		},
	},
	{
		name: "RemovalPolicy snapshot",
		doc: "CloudFormation takes snapshots of a few types only: topics, queues and keys are none of them." +
			" See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html",
		check: func(s *Settings) []Problem {
			return checkString("RemovalPolicy", s.RemovalPolicy, func(value string) string {
				if value != RemovalPolicySnapshot {
					return ""
				}
				return "use " + alternatives(removalPolicies) + ": topics, queues and keys have no snapshots"
			})
		},
	},
}

func oneOf(allowed []string) mendOf {
	return func(value string) string {
		if slices.Contains(allowed, value) {
			return ""
		}
		return "use " + alternatives(allowed)
	}
}

// alternatives writes at least two values as "A", "B" or "C".
func alternatives(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(value)
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}

func emptyList(prop string, values []string, mend string) []Problem {
	if values == nil || len(values) > 0 {
		return nil
	}
	return []Problem{{Prop: prop, Value: "an empty list", Mend: mend}}
}

func eachString(prop string, values []string, mend mendOf) []Problem {
	var problems []Problem
	for i := range values {
		problems = append(problems, checkString(element(prop, i), &values[i], mend)...)
	}
	return problems
}

// repeated does not compare tokens: the same one may stand for different values in a list.
func repeated(prop string, values []string) []Problem {
	var problems []Problem
	for i := range values {
		problems = append(problems, checkString(element(prop, i), &values[i], func(value string) string {
			first := slices.Index(values, value)
			if first == i {
				return ""
			}
			return "leave it out: it is " + element(prop, first) + " already"
		})...)
	}
	return problems
}
