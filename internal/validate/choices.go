package validate

import (
	"slices"
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
		// Without an operation no grant would allow anything; the default is all four.
		check: func(s *Settings) []Problem {
			return emptyList("Operations", s.Operations, "name an operation, or remove Operations for all four")
		},
	},
	{
		name: "Operations known",
		// Four operations take a NotificationChannel.
		// See: https://docs.aws.amazon.com/textract/latest/dg/api-async.html
		check: func(s *Settings) []Problem {
			var problems []Problem
			for i, operation := range s.Operations {
				problems = append(problems, checkChoice(element("Operations", i), &operation, operations)...)
			}
			return problems
		},
	},
	{
		name: "Operations repeated",
		// An operation that is named twice is most likely a mistake for another one.
		check: func(s *Settings) []Problem {
			return repeated("Operations", s.Operations)
		},
	},
}

var choiceRules = []rule[Settings]{
	{
		name: "ServiceRolePolicy known",
		// The service role publishes to its topic alone, or gets the policy that the guide
		// attaches.
		// See: https://docs.aws.amazon.com/textract/latest/dg/security-iam-awsmanpol.html
		check: func(s *Settings) []Problem {
			return checkChoice("ServiceRolePolicy", s.ServiceRolePolicy, serviceRolePolicies)
		},
	},
	{
		name: "Encryption known",
		// SQS encrypts with a KMS key or with its own.
		// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
		check: func(s *Settings) []Problem {
			return checkChoice("Encryption", s.Encryption, encryptions)
		},
	},
	{
		name: "RemovalPolicy known",
		// CloudFormation has these deletion policies.
		// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
		check: func(s *Settings) []Problem {
			if s.RemovalPolicy != nil && *s.RemovalPolicy == RemovalPolicySnapshot {
				return nil
			}
			return checkChoice("RemovalPolicy", s.RemovalPolicy, removalPolicies)
		},
	},
	{
		name: "RemovalPolicy snapshot",
		// CloudFormation takes snapshots of a few types only: not of topics, queues and keys.
		// See: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
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

// checkChoice rejects tokens as well: synthesis itself needs the value. It accepts a dummy value,
// which a lookup will replace.
func checkChoice(prop string, value *string, allowed []string) []Problem {
	if value == nil || Dummy(*value) || slices.Contains(allowed, *value) {
		return nil
	}
	fix := "use " + alternatives(allowed)
	if Unresolved(*value) {
		fix += ": it must be known at synthesis, and a token is not"
	}
	return []Problem{{prop, quoted(*value), fix}}
}

// alternatives writes at least two values as "A", "B" or "C".
func alternatives(values []string) string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = quoted(value)
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

func emptyList(prop string, values []string, fix string) []Problem {
	if values == nil || len(values) > 0 {
		return nil
	}
	return []Problem{{prop, "an empty list", fix}}
}

// repeated does not compare tokens: the same one may represent different values in a list.
func repeated(prop string, values []string) []Problem {
	var problems []Problem
	for i := range values {
		problems = append(problems, checkString(element(prop, i), &values[i], func(value string) string {
			first := slices.Index(values, value)
			if first == i {
				return ""
			}
			return "remove it: it is " + element(prop, first) + " already"
		})...)
	}
	return problems
}
