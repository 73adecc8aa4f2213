// Package rulepacks runs published sets of rules over what the scenarios synthesize, and lists the
// findings that are accepted.
package rulepacks

import (
	"regexp"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// Exception is a finding that is accepted, for the rules and at the resources that it names.
type Exception struct {
	// Rules is a name, or several with braces around the part in which they differ.
	Rules string
	// For the reader.
	Where, Finding, Reason string

	rule, detail, path *regexp.Regexp
}

const (
	// ours is within the path of the construct.
	ours = `/(TextractAsync|Left|Right)/`
	// serviceRolePolicy is the policy of the service role, also of an existing one.
	serviceRolePolicy = ours + `(ServiceRole/DefaultPolicy|ServiceRolePolicy)/Resource$`
	// ofUserOrGroup are the managed policies of users and groups.
	ofUserOrGroup = `/(` + scenario.User + `|` + scenario.Group + `)-TextractAsync-[^/]*/Resource$`
)

// ofCaller are the policies that grants make.
var ofCaller = ofUserOrGroup + `|/TextractAsync/CallerPolicy-[^/]*/Resource$|/(Left|Right)?(` + strings.Join([]string{
	scenario.Starter, scenario.Listener, scenario.Reader, scenario.Runner, scenario.Passer, scenario.FunctionRole, "Caller",
}, "|") + `)/DefaultPolicy/Resource$`

func exception(rules, detail, path, where, finding, reason string) Exception {
	pattern := strings.NewReplacer(`\{`, `(`, `\}`, `)`, `,`, `|`).Replace(regexp.QuoteMeta(rules))
	return Exception{
		Rules: rules, Where: where, Finding: finding, Reason: reason,
		rule: regexp.MustCompile(`^` + pattern + `$`), detail: regexp.MustCompile(`^` + detail + `$`), path: regexp.MustCompile(path),
	}
}

const (
	// ofJobs are the policies of the roles of job state machines, which are callers.
	ofJobs = `/(Jobs|Lending)/Role/DefaultPolicy/Resource$`
	// workflow is within the paths of package textractworkflow.
	workflow = `^Workflow\w*/(TextractAsync/Notifier|Jobs|Lending|Batch)/`
	// nestedRun are the policies that run job state machines, or the children of a batch.
	nestedRun = workflow + `(Role/Default|Map)Policy/Resource$`
)

// Exceptions are the accepted findings on what the construct makes. One that no finding needs fails
// the tests.
func Exceptions() []Exception {
	const (
		wildcard   = "AwsSolutions-IAM5"
		compliance = "{HIPAA.Security,NIST.800.53.R5,PCI.DSS.321}"
	)
	return []Exception{
		exception(wildcard, `Action::kms:GenerateDataKey\*`, serviceRolePolicy, "policy of the service role", "`kms:GenerateDataKey*`",
			"SNS documents this pattern for publishers; it is granted on the topic's key only."),
		exception(wildcard, `Action::kms:ReEncrypt\*`, serviceRolePolicy, "policy of the service role", "`kms:ReEncrypt*`",
			"The guide asks for `kms:ReEncrypt`, which is two actions in IAM; it is granted on the output's key only."),
		exception(wildcard, `Action::kms:ReEncrypt\*`, ofCaller, "policies of callers that start jobs", "`kms:ReEncrypt*`",
			"The same, for the caller, of whom another page of the guide asks it."),
		exception(
			wildcard, `Resource::.*:key/\*`, serviceRolePolicy+`|`+ofCaller,
			"policies, for a key that is known by its alias", "`key/*`",
			"A condition on `kms:ResourceAliases` limits it to the key that has the alias.",
		),
		exception(wildcard, `Resource::\*`, ofCaller, "policies of callers", "`Resource: *`",
			"The actions of Textract's asynchronous operations have no resource; nothing else is in the statement."),
		exception(wildcard, `Resource::.*/(\w+/)?\*`, ofCaller, "policies of callers", "`BUCKET/PREFIX/*`",
			"The objects below the prefix, which is as narrow as the names of documents and jobs allow."),
		exception(
			wildcard, `Resource::\*|Action::kms:ReEncrypt\*|Resource::.*/([\w']+/)?\*`, ofJobs,
			"roles of job state machines", "as callers", "They start jobs as callers do, for one operation.",
		),
		exception(wildcard, `Resource::\*`, `/Notifier/Role/DefaultPolicy/Resource$`, "role of the notifier", "`Resource: *`",
			"The actions of log delivery have no resource; nothing else is in the statement."),
		exception(wildcard, `Resource::.*:(execution|mapRun):.*:\*`, nestedRun, "roles that run executions", "`execution:NAME:*`",
			"The name of an execution is not known before it is started; its state machine is named."),
		exception(wildcard, `Resource::.*/\w+/\*`, `/Batch/Role/DefaultPolicy/Resource$`, "role of a batch", "`BUCKET/PREFIX/*`",
			"The list of results, whose keys Step Functions chooses."),
		exception("AwsSolutions-SF1", ``, workflow+`(Batch/)?StateMachine/Resource$`, "state machines", "not all events are logged",
			"`Logs` sets it; without, Step Functions keeps the history. The notifier logs errors, without the data of executions."),
		exception("AwsSolutions-SF2", ``, workflow+`(Batch/)?StateMachine/Resource$`, "state machines", "no X-Ray tracing",
			"`TracingEnabled` sets it; the notifier runs for a second."),
		exception("AwsSolutions-SQS3", ``, workflow+`\w+/DeadLetterQueue/Resource$`, "the queue of events that started nothing",
			"no dead-letter queue", "It is the dead-letter queue of an EventBridge rule."),
		exception(compliance+"-IAMNoInlinePolicy", ``, workflow+`.*Policy/Resource$`, "policies of the workflow's roles", "inline policy",
			"Each fits one role only, and is deleted with it."),
		exception("W3005", ``, `^Workflow\w*\.template\.json$`, "state machines, pipe and rule", "dependency on the role",
			"The CDK depends on the role together with its policy, which is the one that is needed."),
		exception("AwsSolutions-IAM4", `Policy::.*AmazonTextractServiceRole`, ours+`ServiceRole/Resource$`, "the service role",
			"AWS managed policy", "Only with `ServiceRolePolicy_AWS_MANAGED`, which asks for it."),
		exception("AwsSolutions-SQS3", ``, `^ServiceManaged`+ours+`Queue/Resource$`, "the queue", "no dead-letter queue",
			"Only with `DeadLetterQueue.Disabled`, which asks for it."),
		exception(compliance+"-SNSEncryptedKMS", ``, `^ServiceManaged`+ours+`Topic/Resource$`, "the topic", "no KMS key",
			"Only with `Encryption_SERVICE_MANAGED`, which asks for it."),
		exception(
			compliance+"-IAMNoInlinePolicy", ``, serviceRolePolicy, "policy of the service role",
			"inline policy",
			"The policy fits one role only, and is deleted with it. The CDK's grants write such policies, and so does step 8 of the guide.",
		),
		exception(compliance+"-IAMNoInlinePolicy", ``, ofCaller, "policies of callers", "inline policy",
			"The same; a `ManagedPolicy` as grantee avoids it."),
		exception(compliance+"-IAMUserNoPolicies", ``, ofUserOrGroup, "policy of a user", "attached to the user",
			"Step 1 of the guide has a user; grant to a group or role instead."),
		exception("CT.IAM.PR.4", ``, ofUserOrGroup, "policy of a user", "attached to the user", "The same."),
		exception("CT.KMS.PR.3", ``, ours+`EncryptionKey/Resource$`, "the construct's key", "no `Deny` of `kms:CreateGrant`",
			"Who may create grants is left to the account's IAM policies, as by KMS's default. Where the control is on, pass a key with "+
				"that statement as `EncryptionKey`."),
		exception("CT.SQS.PR.1", ``, `^ServiceManaged`+ours+`Queue/Resource$`, "the queue", "no dead-letter queue",
			"Only with `DeadLetterQueue.Disabled`, which asks for it."),
		exception("CT.SQS.PR.2", ``, `^Aliases`+ours+`Queue/Resource$`, "the queue, with a key that is known by its alias", "no encryption",
			"The queue is encrypted; the rule reads no ARN that is put together."),
		exception(
			"CT.STEPFUNCTIONS.PR.{1,2}", ``, workflow+`(Batch/)?StateMachine/Resource$`, "state machines",
			"no logs, no X-Ray tracing", "`Logs` and `TracingEnabled` set them; the notifier logs errors.",
		),
		exception(
			"CT.CLOUDWATCH.PR.{2,3}", ``, workflow+`Logs$`, "the notifier's log group",
			"kept for less than a year, no KMS key", "It has errors, without the data of executions.",
		),
		exception("CT.DYNAMODB.PR.2", ``, workflow+`Table$`, "the notifier's table", "no KMS key",
			"It has the task tokens of jobs in progress, and nothing of documents. DynamoDB encrypts it with a key of its own."),
		exception(
			"CT.SQS.PR.{1,2}", ``, workflow+`\w+/DeadLetterQueue/Resource$`,
			"the queue of events that started nothing", "no dead-letter queue, no encryption",
			"It is the dead-letter queue of an EventBridge rule. SQS encrypts a queue that sets nothing with SSE-SQS.",
		),
	}
}
