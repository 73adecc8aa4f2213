package textractasync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const textractPrincipal = "textract.amazonaws.com"

const managedServiceRolePolicy = "service-role/AmazonTextractServiceRole"

// With this feature flag off, two stacks that adopt one role would overwrite each other's policy in it.
const flagStackSafePolicyName = "@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName"

func (t *textractAsync) chooseServiceRole(props *TextractAsyncProps) awsiam.IRole {
	if props.ServiceRole != nil {
		t.adoptServiceRole(props.ServiceRole)
		return props.ServiceRole
	}
	role := t.newServiceRole(props.ServiceRolePolicy, props.TrustedAccounts)
	if props.ServiceRolePolicy == ServiceRolePolicy_AWS_MANAGED {
		// The managed policy has sns:Publish, and nothing of the key that an encrypted topic takes besides.
		if key := t.topic.MasterKey(); key != nil {
			key.Grant(role, *jsii.Strings(publishKeyActions...)...)
		}
	} else {
		t.topic.GrantPublish(role)
	}
	t.letServiceRoleEncryptOutput(role)
	return role
}

func (t *textractAsync) newServiceRole(policy ServiceRolePolicy, trusted *[]*string) awsiam.Role {
	var managed *[]awsiam.IManagedPolicy
	if policy == ServiceRolePolicy_AWS_MANAGED {
		managed = &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(managedServiceRolePolicy)),
		}
	}
	return awsiam.NewRole(t, jsii.String("ServiceRole"), &awsiam.RoleProps{
		Description: jsii.String("Lets Amazon Textract publish the completion of asynchronous jobs"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String(textractPrincipal), &awsiam.ServicePrincipalOpts{
			Conditions: trustConditions(t.env, trusted),
		}),
		ManagedPolicies: managed,
	})
}

// The guide asks it of the service role on one page and of the caller on another; grants give it to the caller too.
func (t *textractAsync) letServiceRoleEncryptOutput(role awsiam.IRole) {
	if t.output != nil {
		t.grantKey(role, t.output.key, outputKeyActions)
	}
}

// trustConditions keep Textract from using the role for another account's jobs.
// See: https://docs.aws.amazon.com/textract/latest/dg/cross-service-confused-deputy-prevention.html
func trustConditions(env environment, trusted *[]*string) *map[string]any {
	accounts := []string{env.account}
	for _, account := range valueOr(trusted, nil) {
		if !slices.Contains(accounts, *account) {
			accounts = append(accounts, *account)
		}
	}
	arns := make([]string, len(accounts))
	for i, account := range accounts {
		arns[i] = env.textractArn(account)
	}
	return &map[string]any{
		"ArnLike":      map[string]any{"aws:SourceArn": arns},
		"StringEquals": map[string]any{"aws:SourceAccount": accounts},
	}
}

// adoptServiceRole lets a role that the user brings do what a new one does, as far as it can be changed from here.
func (t *textractAsync) adoptServiceRole(role awsiam.IRole) {
	trust := statement{
		"Effect":    "Allow",
		"Principal": map[string]any{"Service": textractPrincipal},
		"Action":    "sts:AssumeRole",
		"Condition": *trustConditions(t.env, nil),
	}
	if own, ok := role.(awsiam.Role); ok {
		t.warnOfOpenTrust(own)
		own.AssumeRolePolicy().AddStatements(awsiam.PolicyStatement_FromJson(trust))
	} else {
		warnStatement(t, warningServiceRoleTrust, "ServiceRole: the trust policy of "+*role.Node().Path()+
			" is out of reach, and without this statement every start fails with InvalidParameterException", trust)
	}
	if isImmutable(role) {
		t.warnOfServiceRolePolicy(role)
		return
	}
	// Under its name the role takes its policy from this stack; a policy in the stack of the role would make each of the two
	// stacks depend on the other.
	scope := constructs.NewConstruct(t, jsii.String("Adopted"))
	scope.Node().SetContext(jsii.String(flagStackSafePolicyName), true)
	adopted := awsiam.Role_FromRoleName(scope, jsii.String("ServiceRole"), role.RoleName(), nil)
	t.topic.GrantPublish(adopted)
	t.letServiceRoleEncryptOutput(adopted)
}

// warnOfOpenTrust speaks up for a role that trusts Textract already: a further statement with conditions does not close what
// one without them has opened.
func (t *textractAsync) warnOfOpenTrust(role awsiam.Role) {
	trust, _ := awscdk.Stack_Of(role).Resolve(role.AssumeRolePolicy()).(map[string]any)
	statements, _ := trust["Statement"].([]any)
	for _, each := range statements {
		s, _ := each.(map[string]any)
		trusted := fmt.Sprint(s["Principal"])
		conditions := fmt.Sprint(s["Condition"])
		if s["Effect"] == "Allow" && strings.Contains(trusted, textractPrincipal) && !strings.Contains(conditions, "aws:SourceAccount") {
			warn(t, warningServiceRoleOpenTrust, "ServiceRole: "+*role.Node().Path()+" trusts Textract without aws:SourceAccount, so "+
				"jobs of other accounts may use it; leave that statement out, the construct adds one with both conditions of the guide")
		}
	}
}

func (t *textractAsync) warnOfServiceRolePolicy(role awsiam.IRole) {
	missing := func(actions any, resource string) {
		warnStatement(t, warningServiceRolePolicy, "ServiceRole: the policies of "+*role.Node().Path()+
			" are out of reach, and without this statement no notification is sent",
			statement{"Effect": "Allow", "Action": actions, "Resource": resource})
	}
	topicArn := t.namedTopicArn
	if topicArn == "" {
		topicArn = t.snsTopicArn()
	}
	missing("sns:Publish", topicArn)
	if key := t.topic.MasterKey(); key != nil {
		missing(publishKeyActions, *key.KeyArn())
	}
	if t.output != nil && t.output.key != nil {
		missing(outputKeyActions, t.output.key.arn)
	}
}

// isImmutable recognizes an imported role that was declared not to be changed: its methods pretend to change it, and only
// the ids that the CDK gives in Role_FromRoleArn and WithoutPolicyUpdates tell.
func isImmutable(role awsiam.IRole) bool {
	node := role.Node()
	id := *node.Id()
	return strings.HasPrefix(id, "ImmutableRole") ||
		node.Scope().Node().TryFindChild(jsii.String("MutableRole"+id)) != nil
}
