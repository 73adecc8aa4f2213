package rulepacks

import (
	"regexp"
	"strings"
)

// ours matches what the construct makes within its own path.
const ours = `/(TextractAsync|Left|Right)/`

// serviceRolePolicy matches the policy of the service role, also of one that was brought along.
const serviceRolePolicy = ours + `(Adopted/)?ServiceRole/\w+/Resource$`

func exception(rules, detail, path, where, finding, reason string) Exception {
	patterns := strings.ReplaceAll(regexp.QuoteMeta(rules), `\{`, `(`)
	patterns = strings.NewReplacer(`\}`, `)`, `,`, `|`).Replace(patterns)
	return Exception{
		Rules: rules, Where: where, Finding: finding, Reason: reason,
		rule: regexp.MustCompile(`^` + patterns + `$`), detail: regexp.MustCompile(`^` + detail + `$`), path: regexp.MustCompile(path),
	}
}

// Exceptions are the findings that stand on what the construct makes. One that no finding needs fails the run.
func Exceptions() []Exception {
	const (
		wildcard   = "AwsSolutions-IAM5"
		compliance = "{HIPAA.Security,NIST.800.53.R5,PCI.DSS.321}"
	)
	return []Exception{
		exception(wildcard, `Action::kms:GenerateDataKey\*`, serviceRolePolicy, "policy of the service role",
			"`kms:GenerateDataKey*`", "SNS documents this pattern for publishers; it is granted on the topic's key alone."),
		exception(wildcard, `Action::kms:ReEncrypt\*`, serviceRolePolicy, "policy of the service role",
			"`kms:ReEncrypt*`", "The guide asks for `kms:ReEncrypt`, which IAM knows as two actions; it is granted on the output's key alone."),
		exception(wildcard, `Action::kms:ReEncrypt\*`, grantees, "policies of callers that start jobs",
			"`kms:ReEncrypt*`", "The same, for the caller, of whom another page of the guide asks it."),
		exception(wildcard, `Resource::\*`, grantees, "policies of callers", "`Resource: *`",
			"The actions of Textract's asynchronous operations have no resource; the statement holds nothing else."),
		exception(wildcard, `Resource::.*/\*`, grantees, "policies of callers", "`BUCKET/PREFIX/*`",
			"The objects below the prefix, which is as narrow as the names of documents and jobs allow."),
		exception("AwsSolutions-IAM4", `Policy::.*AmazonTextractServiceRole`, ours+`ServiceRole/Resource$`, "the service role",
			"AWS managed policy", "Only with `ServiceRolePolicy_AWS_MANAGED`, which asks for it."),
		exception("AwsSolutions-SQS3", ``, `^ServiceManaged`+ours+`Queue/Resource$`, "the queue", "no dead-letter queue",
			"Only with `DeadLetters.Disabled`, which asks for it."),
		exception(compliance+"-SNSEncryptedKMS", ``, `^ServiceManaged`+ours+`Topic/Resource$`,
			"the topic", "no KMS key", "Only with `Encryption_SERVICE_MANAGED`, which asks for it."),
		exception(compliance+"-IAMNoInlinePolicy", ``, serviceRolePolicy,
			"policy of the service role", "inline policy",
			"The policy fits one role only, and is deleted with it. The CDK's grants write such policies, and so does step 8 of the guide."),
		exception(compliance+"-IAMNoInlinePolicy", ``, grantees,
			"policies of callers", "inline policy", "The same; a caller of your own may carry permissions in managed policies."),
	}
}
