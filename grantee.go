package textractasync

import (
	"strings"

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

	// The policy that takes the statements: the grantee itself, or one that is attached to it. Nil where this app cannot change any.
	policy awsiam.IGrantable
	// Whether the policy is known to take statements, so that nobody has to ask.
	isMutable bool
	// The document of a policy with a limit that the CDK does not check; nil for any other.
	document func() awsiam.PolicyDocument
	limit    int

	// Whether the policy of a resource can name the grantee, and whether that is enough for access.
	isPrincipal, isPrincipalEnough bool
	// Why there is no policy, in a warning.
	reason string
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

// newGrantee finds the policy in which the grantee's statements belong. It panics for a grantee that can never be granted what
// method grants.
func (b *textractAsyncBase) newGrantee(method string, who awsiam.IGrantable) grantee {
	if who == nil {
		b.rejectGrantee(method, "nil", "pass a role, user, group, function or policy")
	}
	g := grantee{IGrantable: who}
	switch p := who.(type) {
	case awsiam.ManagedPolicy:
		b.requireSameAccount(method, p.GrantPrincipal(), true)
		g.setPolicy(p, p.Document, maxManagedPolicy)
		return g
	case awsiam.Policy:
		b.requireSameAccount(method, p.GrantPrincipal(), true)
		g.setPolicy(p, p.Document, maxInlinePolicies)
		return g
	}

	principal := principalOf(who)
	switch p := principal.(type) {
	case awsiam.Role: // the CDK moves what is too long for its inline policy into managed ones
		b.requireSameAccount(method, p, true)
		g.policy, g.isMutable = who, true
	case awsiam.IRole:
		b.grantToRole(method, &g, p)
	case awsiam.IUser:
		_, isNew := p.(awsiam.User)
		if b.requireSameAccount(method, p, isNew) {
			policy := managedPolicyOf(b.construct, p)
			policy.AttachToUser(p)
			g.setPolicy(policy, policy.Document, maxManagedPolicy)
		} else {
			g.reason = b.inAnotherAccount(p)
		}
	case awsiam.IGroup:
		_, isNew := p.(awsiam.Group)
		if b.requireSameAccount(method, p, isNew) {
			policy := managedPolicyOf(b.construct, p)
			policy.AttachToGroup(p)
			g.setPolicy(policy, policy.Document, maxManagedPolicy)
		} else {
			g.reason = b.inAnotherAccount(p)
		}
	default:
		b.grantToPrincipal(&g, p)
	}
	return g
}

// grantToRole is for a role that is not made here: imported, or made by the CDK when it is first used.
func (b *textractAsyncBase) grantToRole(method string, g *grantee, role awsiam.IRole) {
	if _, isLazy := role.(awsiam.LazyRole); isLazy {
		b.requireSameAccount(method, role, true)
		g.policy, g.isMutable = g.IGrantable, true
		return
	}
	arn := *role.RoleArn()
	switch {
	case validate.Dummy(arn): // the first pass of a lookup, whose template nobody deploys
		g.policy, g.isMutable = g.IGrantable, true
	case !b.requireSameAccount(method, role, false):
		g.reason = b.inAnotherAccount(role)
	case isImmutable(role):
		g.reason = "takes no policy from this app (Mutable is false, or it comes from WithoutPolicyUpdates)"
		// With AddGrantsToResources the role wants its grants in the policies of resources, and says that it takes none.
		takesNone := !*addToPrincipal(role, b.toPassRole().permission).Success()
		g.isPrincipal, g.isPrincipalEnough = takesNone, takesNone
	default:
		policy := inlinePolicyOf(role)
		g.setPolicy(policy, policy.Document, maxInlinePolicies)
	}
}

// grantToPrincipal is for what is no role, user or group: most principals have no policy.
func (b *textractAsyncBase) grantToPrincipal(g *grantee, principal awsiam.IPrincipal) {
	if !hasPolicyFragment(principal) {
		g.reason = "is imported without its role"
		return
	}
	g.isPrincipal = true
	switch p := principal.(type) {
	case awsiam.PrincipalWithConditions: // would pass statements on to a principal that it does not name
		g.reason = "is a principal with conditions, which only the policies of resources can express"
	case awsiam.AccountPrincipal:
		g.reason = "is a whole account, which has no policy of its own"
	case awsiam.ArnPrincipal, awsiam.ServicePrincipal:
		g.reason = "has no policy of its own"
		g.isPrincipalEnough = !b.env.isOtherAccount(accountOf(p))
	default:
		g.reason = "has no policy of its own"
		g.policy = g.IGrantable // grant asks whether it takes statements
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

func (g *grantee) setPolicy(policy awsiam.IGrantable, document func() awsiam.PolicyDocument, limit int) {
	g.policy, g.isMutable, g.document, g.limit = policy, true, document, limit
}

// principalOf spares a jsii call where the grantee is a principal itself.
func principalOf(grantee awsiam.IGrantable) awsiam.IPrincipal {
	if principal, ok := grantee.(awsiam.IPrincipal); ok {
		return principal
	}
	return grantee.GrantPrincipal()
}

// hasPolicyFragment is false for what was imported without its role, such as a function: the CDK panics there.
func hasPolicyFragment(principal awsiam.IPrincipal) (has bool) {
	defer func() {
		if recover() != nil {
			has = false
		}
	}()
	return principal.PolicyFragment() != nil
}

// requireSameAccount reports whether the principal is in this account, as far as that is known. It panics for one that this app
// makes in another one: the role, the jobs and their results belong to this account.
func (b *textractAsyncBase) requireSameAccount(method string, principal awsiam.IPrincipal, isNew bool) bool {
	account := valueOr(principal.PrincipalAccount(), "")
	if !b.env.isOtherAccount(account) {
		return true
	}
	if isNew {
		b.rejectGrantee(method, "one in account "+account, "use a grantee in account "+b.env.account+
			": a role can only be passed within its account, and jobs and their results belong to it; "+
			"callers of another account may assume a role there")
	}
	return false
}

func (b *textractAsyncBase) inAnotherAccount(principal awsiam.IPrincipal) string {
	return "is in account " + valueOr(principal.PrincipalAccount(), "") + ", and this app cannot change its policies; " +
		"iam:PassRole does not reach the service role from there, because a role can only be passed within its account, " +
		b.env.account + ": let it assume a role of that account instead"
}

func (b *textractAsyncBase) rejectGrantee(method, value, fix string) {
	panicOnProblemsOf(b.construct, []validate.Problem{{Prop: method + " grantee", Value: value, Fix: fix}})
}

// inlinePolicyOf is the one policy for an imported role, whatever constructs are granted to it, so that its length can be measured.
func inlinePolicyOf(role awsiam.IRole) awsiam.Policy {
	scope, id := nextTo(role, "TextractAsync")
	if policy, ok := scope.Node().TryFindChild(id).(awsiam.Policy); ok {
		return policy
	}
	return awsiam.NewPolicy(scope, id, &awsiam.PolicyProps{PolicyName: policyName(role), Roles: &[]awsiam.IRole{role}})
}

// managedPolicyOf is the policy of one construct for a user or group: together, the inline policies of a user may have 2,048
// characters, and those of a group 5,120.
func managedPolicyOf(construct, owner constructs.IConstruct) awsiam.ManagedPolicy {
	scope, id := nextTo(owner, managedPolicyPrefix+pathOf(construct))
	if policy, ok := scope.Node().TryFindChild(id).(awsiam.ManagedPolicy); ok {
		return policy
	}
	warnOfPolicyCount(construct, scope, owner)
	return awsiam.NewManagedPolicy(scope, id, nil)
}

const managedPolicyPrefix = "TextractAsync-"

// nextTo returns a scope and id for a policy in the stack of its owner: there it depends on the construct, and never the reverse.
func nextTo(owner constructs.IConstruct, suffix string) (scope constructs.Construct, id *string) {
	return owner.Node().Scope().(constructs.Construct), jsii.String(*owner.Node().Id() + "-" + suffix)
}

// writeInto reports whether the policy of the permission's own resource took it. The policy of a key is not part of the grant, as
// in the grants of the CDK's own buckets.
func (g grantee) writeInto(p callerPermission) (grant awsiam.Grant, ok bool) {
	if !g.isPrincipal {
		return nil, false
	}
	switch resource := p.resource.(type) {
	case awss3.Bucket:
		return g.grantOn(resource, p.permission), true
	case awssqs.Queue:
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
