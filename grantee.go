package textractasync

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// grantee is who a grant is for, read once.
type grantee struct {
	awsiam.IGrantable

	// The policy that takes the statements: the grantee itself, or one that is attached to it. Nil
	// where this app cannot change any.
	policy awsiam.IGrantable
	// Warns where the policy has become too long; nil where the CDK splits it.
	checkSize func()

	// Why there is no policy, for a warning.
	reason string
	// Whether the policy of a resource can name the grantee, and whether that is enough for access.
	isPrincipal, isPrincipalEnough bool
}

// String names the grantee: the path of a construct, or the principal.
func (g grantee) String() string {
	switch named := g.IGrantable.(type) {
	case constructs.IConstruct:
		return pathOf(named)
	case interface{ ToString() *string }:
		return *named.ToString()
	default:
		return "the grantee"
	}
}

// newGrantee finds the policy in which the grantee's statements belong. It panics for a grantee
// that can never be granted what method grants.
func (b *textractAsyncBase) newGrantee(method string, who awsiam.IGrantable) grantee {
	if who == nil {
		b.rejectGrantee(method, "nil", "pass a role, user, group, function or policy")
	}
	switch p := who.(type) {
	case awsiam.ManagedPolicy:
		b.checkEnvironment(method, p)
		return grantee{IGrantable: who, policy: p, checkSize: func() {
			warnOfPolicySize(b.construct, method, pathOf(p), documentSize(p, p.Document()), maxManagedPolicy)
		}}
	case awsiam.Policy:
		b.checkEnvironment(method, p)
		return grantee{IGrantable: who, policy: p, checkSize: func() {
			warnOfPolicySize(b.construct, method, pathOf(p), documentSize(p, p.Document()), inlineLimitOf(p))
		}}
	}
	switch p := principalOf(who).(type) {
	case awsiam.Role: // the CDK moves what is too long for its inline policy into managed ones
		b.checkEnvironment(method, p)
		return grantee{IGrantable: who, policy: who}
	case awsiam.IRole:
		return b.newRoleGrantee(method, who, p)
	case awsiam.IUser:
		_, isNew := p.(awsiam.User)
		return b.newMemberGrantee(method, who, p, isNew, func(policy awsiam.ManagedPolicy) { policy.AttachToUser(p) })
	case awsiam.IGroup:
		_, isNew := p.(awsiam.Group)
		return b.newMemberGrantee(method, who, p, isNew, func(policy awsiam.ManagedPolicy) { policy.AttachToGroup(p) })
	default:
		return b.newPrincipalGrantee(who, p)
	}
}

// newRoleGrantee is for a role that is not made here: imported, or made by the CDK when it is first
// used.
func (b *textractAsyncBase) newRoleGrantee(method string, who awsiam.IGrantable, role awsiam.IRole) grantee {
	if _, isLazy := role.(awsiam.LazyRole); isLazy {
		b.checkEnvironment(method, role)
		return grantee{IGrantable: who, policy: who}
	}
	arn := *role.RoleArn()
	if validate.Dummy(arn) { // the first pass of a lookup, whose template nobody deploys
		return grantee{IGrantable: who, policy: who}
	}
	for _, problem := range validate.CheckRole(arn, b.env.region) {
		b.rejectGrantee(method, problem.Value, problem.Fix)
	}
	if b.isInAnotherAccount(role) {
		return grantee{IGrantable: who, reason: b.inAnotherAccount(role)}
	}
	if isImmutable(role) {
		// With AddGrantsToResources the role takes no statement, because it wants its grants in the
		// policies of resources.
		takesNone := !*addToPrincipal(role, b.toPassRole().permission).Success()
		return grantee{
			IGrantable: who, isPrincipal: takesNone, isPrincipalEnough: takesNone,
			reason: "takes no policy from this app (Mutable is false, or it comes from WithoutPolicyUpdates)",
		}
	}
	id := jsii.String("CallerPolicy-" + pathOf(role))
	policy, ok := b.construct.Node().TryFindChild(id).(awsiam.Policy)
	if !ok {
		policy = awsiam.NewPolicy(b.construct, id, &awsiam.PolicyProps{
			PolicyName: policyName(b.construct, *id), Roles: &[]awsiam.IRole{role},
		})
		b.checkRolePolicies(method, arn, policy)
	}
	return grantee{IGrantable: who, policy: policy, checkSize: func() {}}
}

// newMemberGrantee is for a user or group, which gets a managed policy: together, the inline
// policies of a user may have 2,048 characters, and those of a group 5,120.
func (b *textractAsyncBase) newMemberGrantee(
	method string, who awsiam.IGrantable, member awsiam.IIdentity, isNew bool, attach func(awsiam.ManagedPolicy),
) grantee {
	if isNew {
		b.checkEnvironment(method, member)
	} else if b.isInAnotherAccount(member) {
		return grantee{IGrantable: who, reason: b.inAnotherAccount(member)}
	}
	// The policy of a new user is in the user's stack, which depends on the construct's. One for an
	// imported user refers to nothing there, and the construct's stack may depend on that of the
	// import.
	scope, id := b.construct, jsii.String("CallerPolicy-"+pathOf(member))
	if isNew {
		scope = member.Node().Scope().(constructs.Construct)
		id = jsii.String(*member.Node().Id() + "-TextractAsync-" + pathOf(b.construct))
	}
	policy, ok := scope.Node().TryFindChild(id).(awsiam.ManagedPolicy)
	if !ok {
		policy = awsiam.NewManagedPolicy(scope, id, nil)
		attach(policy)
		b.checkManagedPolicies(member)
	}
	if resourceOf(policy) == nil { // with Role_CustomizeRoles
		return grantee{IGrantable: who, reason: "gets no policy, because Role_CustomizeRoles prevents its synthesis"}
	}
	return grantee{IGrantable: who, policy: policy, checkSize: func() {
		warnOfPolicySize(b.construct, method, pathOf(policy), documentSize(policy, policy.Document()), maxManagedPolicy)
	}}
}

// newPrincipalGrantee is for what is no role, user, group or policy. It has no policy of its own,
// and some may pass statements on to one that they do not name.
func (b *textractAsyncBase) newPrincipalGrantee(who awsiam.IGrantable, principal awsiam.IPrincipal) grantee {
	g := grantee{IGrantable: who, reason: "has no policy of its own"}
	switch p := principal.(type) {
	case awsiam.PrincipalWithConditions:
		g.isPrincipal, g.reason = true, "is a principal with conditions, which only the policies of resources can express"
	case awsiam.CompositePrincipal:
		g.reason = "is several principals, which have no common policy"
	case awsiam.AccountPrincipal:
		g.isPrincipal, g.reason = true, "is a whole account, which has no policy of its own"
	case awsiam.ArnPrincipal:
		g.isPrincipal, g.isPrincipalEnough = namesPrincipal(*p.Arn())
		g.isPrincipalEnough = g.isPrincipalEnough && !b.env.isOtherAccount(accountOf(p))
	case awsiam.ServicePrincipal:
		g.isPrincipal, g.isPrincipalEnough = true, true
	default:
		if isUnknown(principal) {
			g.reason = "is imported without its role"
		}
	}
	return g
}

// namesPrincipal reports whether the policy of a resource can name an ARN, and whether that is
// enough for access: the root of an account leaves it to the account's IAM policies, a group is no
// principal, and "*" is everybody.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func namesPrincipal(arn string) (can, isEnough bool) {
	switch {
	case !isKnown(arn):
		return true, true
	case strings.HasSuffix(arn, ":root"):
		return true, false
	default:
		isEnough = strings.Contains(arn, ":role/") || strings.Contains(arn, ":user/")
		return isEnough, isEnough
	}
}

// accountOf returns the account of a principal; an ArnPrincipal has it in its ARN only.
func accountOf(principal awsiam.IPrincipal) string {
	if p, ok := principal.(awsiam.ArnPrincipal); ok {
		if parts := strings.Split(*p.Arn(), ":"); len(parts) > 4 {
			return parts[4]
		}
	}
	return valueOr(principal.PrincipalAccount(), "")
}

// principalOf spares a jsii call where the grantee is a principal itself.
func principalOf(grantee awsiam.IGrantable) awsiam.IPrincipal {
	if principal, ok := grantee.(awsiam.IPrincipal); ok {
		return principal
	}
	return grantee.GrantPrincipal()
}

// isUnknown recognizes what was imported without its role, such as a function: the CDK panics when
// it is asked for its principal.
func isUnknown(principal awsiam.IPrincipal) (unknown bool) {
	defer func() {
		if problem := recover(); problem != nil {
			if !strings.Contains(fmt.Sprint(problem), "imported without a role") {
				panic(problem)
			}
			unknown = true
		}
	}()
	principal.PolicyFragment()
	return false
}

// checkEnvironment panics for a grantee that this app makes in another account or Region. The
// service role, the jobs and their results belong to this account, and CloudFormation refers to
// neither from another Region.
func (b *textractAsyncBase) checkEnvironment(method string, resource awscdk.IResource) {
	if awscdk.Stack_Of(resource) == b.env.stack {
		return
	}
	env := resource.Env()
	account, region := valueOr(env.Account, ""), valueOr(env.Region, "")
	if b.env.isOtherAccount(account) {
		b.rejectGrantee(method, "one in account "+account, "use a grantee in account "+b.env.account+
			": a role can only be passed within its account, and jobs and their results belong to it; "+
			"callers of another account may assume a role there")
	}
	if isKnown(region) && isKnown(b.env.region) && region != b.env.region {
		b.rejectGrantee(method, "one in Region "+region, "grant in a stack of "+region+" to what "+
			"TextractAsync_FromTextractAsyncAttributes returns there: CloudFormation cannot refer to resources of another Region")
	}
}

func (b *textractAsyncBase) isInAnotherAccount(principal awsiam.IPrincipal) bool {
	return b.env.isOtherAccount(valueOr(principal.PrincipalAccount(), ""))
}

func (b *textractAsyncBase) inAnotherAccount(principal awsiam.IPrincipal) string {
	return "is in account " + valueOr(principal.PrincipalAccount(), "") + ", and this app cannot change its policies; " +
		"iam:PassRole does not reach the service role from there, because a role can only be passed within its account, " +
		b.env.account + ": let it assume a role of that account instead"
}

func (b *textractAsyncBase) rejectGrantee(method, value, fix string) {
	panicOnProblemsOf(b.construct, []validate.Problem{{Prop: method + " grantee", Value: value, Fix: fix}})
}

// writeInto reports whether the policy of the permission's own resource took it. One in another
// account is not enough, and one in another stack must not refer to what is in this one; SQS takes
// 20 statements. The policy of a key is not part of the grant, as in the grants of the CDK's own
// buckets.
func (b *textractAsyncBase) writeInto(g grantee, p callerPermission) (grant awsiam.Grant, ok bool) {
	if !g.isPrincipal || p.resource == nil || b.env.isOtherAccount(p.account) {
		return nil, false
	}
	if validate.Unresolved(p.prefix) && awscdk.Stack_Of(p.resource) != b.env.stack {
		return nil, false
	}
	switch resource := p.resource.(type) {
	case awss3.Bucket:
		return g.grantOn(resource, p.permission), true
	case awssqs.Queue:
		if statementsOf(resource) >= validate.MaxQueueStatements {
			return nil, false
		}
		return g.grantOn(resource, p.permission), true
	case awskms.Key:
		p.resources = anyResource() // in the policy of a key, that key
		return nil, *resource.AddToResourcePolicy(g.statement(p.permission), jsii.Bool(true)).StatementAdded
	default:
		return nil, false
	}
}

func (g grantee) grantOn(resource awsiam.IResourceWithPolicy, p permission) awsiam.Grant {
	return awsiam.Grant_AddStatementToResourcePolicy(&awsiam.GrantPolicyWithResourceOptions{
		Grantee:      g.IGrantable,
		Actions:      jsii.Strings(p.actions...),
		ResourceArns: jsii.Strings(p.resources...),
		Resource:     resource,
		Statement:    g.statement(p),
	})
}

func (g grantee) statement(p permission) awsiam.PolicyStatement {
	props := &awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{g.GrantPrincipal()},
		Actions:    jsii.Strings(p.actions...),
		Resources:  jsii.Strings(p.resources...),
	}
	if p.condition != nil {
		props.Conditions = &p.condition
	}
	return awsiam.NewPolicyStatement(props)
}
