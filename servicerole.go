package textractasync

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

const managedServiceRolePolicy = "service-role/AmazonTextractServiceRole"

// existingRole is the prop ServiceRole, read once.
type existingRole struct {
	awsiam.IRole
	arn         string
	env         validate.Environment
	role        awsiam.Role // nil where its trust cannot be changed from this app
	made        *resource   // of this app; nil where the role is imported
	otherType   string      // of the resource of this app that the ARN refers to, where that is no role
	isImmutable bool
}

func newExistingRole(env environment, role awsiam.IRole) *existingRole {
	if role == nil {
		return nil
	}
	r := &existingRole{IRole: role, arn: *role.RoleArn()}
	r.made, r.otherType = readKind(role, r.arn, typeRole)
	r.env = env.withReach(env.of(role, r.made), r.made, r.arn)
	switch role := role.(type) {
	case awsiam.Role:
		r.role = role
	case awsiam.LazyRole: // makes its role when it is first asked for the ARN
		r.role, _ = role.Node().TryFindChild(jsii.String("Default")).(awsiam.Role)
	default:
		r.isImmutable = isImmutable(role)
		if !r.isImmutable {
			r.role, _ = ownerOf(r.made).(awsiam.Role)
		}
	}
	return r
}

func (r *existingRole) plain() *validate.Role {
	if r == nil {
		return nil
	}
	plain := &validate.Role{Environment: r.env, ARN: r.arn, OtherType: r.otherType}
	if r.role != nil && strings.HasSuffix(r.arn, ":role") { // Role_CustomizeRoles, which asks for a name itself
		plain.ARN = ""
	}
	return plain
}

// isImmutable recognizes a role that was imported with Mutable false, or of another account, or
// with WithoutPolicyUpdates: its methods pretend to change it, and only the ids that the CDK gives
// in Role_FromRoleArn and WithoutPolicyUpdates tell.
func isImmutable(role awsiam.IRole) bool {
	node := role.Node()
	id, siblings := *node.Id(), node.Scope().Node()
	if original, ok := strings.CutPrefix(id, "ImmutableRole"); ok && siblings.TryFindChild(jsii.String(original)) != nil {
		return true
	}
	return siblings.TryFindChild(jsii.String("MutableRole"+id)) != nil
}

// existingOrNewServiceRole is step 7 of the guide.
func existingOrNewServiceRole(t *textractAsync, s settings, identity topicIdentity, topicKey *key) awsiam.IRole {
	if s.serviceRole != nil {
		requireTrust(t, s)
		requireService(t, existingServiceRolePolicy(t, s.serviceRole), servicePermissions(s, identity, topicKey))
		return s.serviceRole.IRole
	}
	role := newServiceRole(t, s)
	requireService(t, policy{prop: "ServiceRole", owner: role, add: func(p permission) bool {
		addToPrincipal(role, p)
		return true
	}}, servicePermissions(s, identity, topicKey))
	return role
}

// requireKeysOfService names the service role in the policies of keys that do not leave it to IAM
// who may use them.
func requireKeysOfService(t constructs.Construct, s settings, role awsiam.IRole, topicKey *key) {
	require := func(k *key, prop, warning string, actions []string) {
		if k != nil && k.isClosed {
			requireKeyUser(t, s.env, k, prop, warning, "the service role", *role.RoleArn(), actions)
		}
	}
	prop := "EncryptionKey"
	if s.topic != nil {
		prop = "Topic"
	}
	require(topicKey, prop, warningKeyPolicy, publishKeyActions)
	if s.output != nil {
		require(s.output.key, s.output.prop, warningBucketKeyPolicy, outputKeyActions)
	}
}

func newServiceRole(t constructs.Construct, s settings) awsiam.Role {
	var managed *[]awsiam.IManagedPolicy
	if s.serviceRolePolicy == ServiceRolePolicy_AWS_MANAGED {
		managed = &[]awsiam.IManagedPolicy{
			awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String(managedServiceRolePolicy)),
		}
	}
	trust := allowTextractToAssume(s.env, s.trustedAccounts)
	warnOfTrustSize(t, s, trust)
	return awsiam.NewRole(t, jsii.String("ServiceRole"), &awsiam.RoleProps{
		Description:     jsii.String("Lets Amazon Textract publish the completion of asynchronous jobs"),
		AssumedBy:       answersOn(s.env.stack).textract(s.trustedAccounts, trust),
		ManagedPolicies: managed,
	})
}

// servicePermissions are what Textract does as the service role.
func servicePermissions(s settings, identity topicIdentity, topicKey *key) []permission {
	var all []permission
	if s.serviceRolePolicy != ServiceRolePolicy_AWS_MANAGED {
		all = append(all, permission{actions: []string{"sns:Publish"}, resources: []string{identity.arn}})
	}
	// The managed policy has sns:Publish, and nothing of the key of an encrypted topic.
	if topicKey != nil {
		all = append(all, topicKey.permission(publishKeyActions))
	}
	// The guide asks for it of the service role on one page and of the caller on another; grants
	// give it to the caller too.
	if s.output != nil && s.output.key != nil {
		all = append(all, s.output.key.permission(outputKeyActions))
	}
	return all
}

func requireService(t constructs.Construct, in policy, permissions []permission) {
	for _, p := range permissions {
		require(t, requirement{permission: p, in: in, warning: warningServiceRolePolicy, without: "no notification is sent"})
	}
}

// existingServiceRolePolicy is a policy of this construct: one in the role's own stack would make
// each of the two stacks depend on the other.
func existingServiceRolePolicy(t *textractAsync, role *existingRole) policy {
	switch {
	case validate.Dummy(role.arn): // the first pass of a lookup, whose template nobody deploys
		return policy{prop: "ServiceRole", owner: role.IRole, add: func(permission) bool { return true }}
	case role.isImmutable:
		return policy{prop: "ServiceRole", owner: role.IRole}
	case reportsRoles(role.IRole):
		return policy{prop: "ServiceRole", owner: role.IRole, add: func(p permission) bool {
			addToPrincipal(role.IRole, p)
			return true
		}}
	case hasUnknownPath(role.arn):
		warn(t, warningServiceRolePolicy, "ServiceRole: the ARN of "+pathOf(role.IRole)+" becomes known at deployment; if it has a path, "+
			"the CDK takes the first folder for the name and attaches the policy to another role; "+
			"import the role by an ARN that is text, or acknowledge this warning where it has no path")
	}
	const id = "ServiceRolePolicy"
	attached := awsiam.NewPolicy(t, jsii.String(id), &awsiam.PolicyProps{
		PolicyName: policyName(t, id),
		Roles:      &[]awsiam.IRole{role.IRole},
	})
	owner := role.arn
	if role.role != nil {
		owner = pathOf(role.role)
	}
	t.writesPolicyOfRole("ServiceRole", owner, attached)
	return policy{prop: "ServiceRole", owner: role.IRole, add: func(p permission) bool {
		addToPrincipal(attached, p)
		return true
	}}
}

// requireTrust lets Textract assume an existing role.
func requireTrust(t *textractAsync, s settings) {
	in := policy{prop: "ServiceRole", owner: s.serviceRole.IRole}
	if role := s.serviceRole.role; role != nil {
		warnOfOpenTrust(t, role)
	}
	// Role_CustomizeRoles reports the trust that the role was made with.
	if role := s.serviceRole.role; role != nil && !preventsRoles(role) {
		in.add = func(p permission) bool {
			// As the trust of a new role: with the feature flag minimizePolicies, the CDK cannot merge
			// the same conditions of a principal and of a statement.
			role.AssumeRolePolicy().AddStatements(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: jsii.Strings(p.actions...), Principals: &[]awsiam.IPrincipal{answersOn(s.env.stack).textract(nil, p)},
			}))
			return true
		}
	}
	if validate.Dummy(s.serviceRole.arn) {
		return
	}
	r := requirement{
		permission: allowTextractToAssume(s.env, nil), in: in, warning: warningServiceRoleTrust,
		without: "every start fails with InvalidParameterException",
	}
	if s.serviceRole.made != nil {
		t.atSynthesis(func(app *synthesizedApp) []validate.Problem { return t.checkTrust(app, s.serviceRole, r) })
	}
	if s.serviceRole.made == nil || in.add != nil {
		require(t, r)
	}
}

// checkTrust looks at the trust of a role of this app. An L1 construct takes no statement from here,
// and may have it already.
func (t *textractAsync) checkTrust(app *synthesizedApp, role *existingRole, r requirement) []validate.Problem {
	now := app.read(role.made.cfn)
	trust := now.stack().Resolve(now.property("assumeRolePolicyDocument"))
	isTrusted := policyjson.AllowsService(trust, textractPrincipal, "sts:AssumeRole")
	switch isAdded := r.in.add != nil; {
	case isAdded && !isTrusted:
		return []validate.Problem{{Prop: "ServiceRole", Value: "one that no longer trusts Textract", Fix: changedLater}}
	case !isTrusted:
		require(t, r)
	case !isAdded && policyjson.IsOpenTo(trust, textractPrincipal):
		warnThatTrustIsOpen(t, role.IRole, "replace that statement by one with both conditions of the guide")
	}
	return nil
}

// policyName is unique to the construct, its stack and Region: IAM puts an inline policy under its
// name, so two deployments that use one name for one role would overwrite each other's permissions.
func policyName(c constructs.Construct, policyID string) *string {
	stack := awscdk.Stack_Of(c)
	for parent := stack.NestedStackParent(); parent != nil; parent = parent.NestedStackParent() {
		stack = parent // a nested stack gets its name at deployment
	}
	name := *stack.StackName()
	sum := sha256.Sum256([]byte(name + "/" + pathOf(c) + "/" + policyID))
	return jsii.String("TextractAsync-" + name[:min(len(name), 64)] + "-" + hex.EncodeToString(sum[:6]) + "-" + *stack.Region())
}

// warnOfOpenTrust looks for a statement that lets Textract use the role for every account: the one
// that the construct adds does not close what that one opens.
func warnOfOpenTrust(t constructs.Construct, role awsiam.Role) {
	if policyjson.IsOpenTo(awscdk.Stack_Of(role).Resolve(role.AssumeRolePolicy()), textractPrincipal) {
		warnThatTrustIsOpen(t, role, "remove that statement, the construct adds one with both conditions of the guide")
	}
}

func warnThatTrustIsOpen(t constructs.Construct, role awsiam.IRole, fix string) {
	warn(t, warningServiceRoleOpenTrust, "ServiceRole: "+pathOf(role)+" trusts Textract without a condition on the source, so "+
		"jobs of other accounts may use it; "+fix)
}
