package textractasync

import (
	"fmt"
	"reflect"
	"strconv"
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
	// Whether only the CDK knows that the policy takes statements.
	isUncertain bool
	// Whether the CDK splits the policy where it becomes too long.
	isSplit bool
	// What the construct writes into the policy counts here.
	written *writtenPolicy

	// Why there is no policy, and what to do, for a warning.
	reason, fix string
	// Whether the policy of a resource can name the grantee, and whether that is enough for access.
	isPrincipal, isPrincipalEnough bool
	// The grantee's account, where it is known to be another one.
	otherAccount string
}

const (
	passTheRole    = "pass the role that it assumes, or add this policy to that role"
	addToTheRole   = "add this policy to it, or pass a role that this app may change"
	addToRoleOrARN = "add this policy to it, or import it with awsiam.Role_FromRoleArn or awsiam.User_FromUserArn"
)

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
	b.checkGoValue(method, who)
	switch p := who.(type) {
	case awsiam.ManagedPolicy:
		b.checkEnvironment(method, p)
		return grantee{IGrantable: who, policy: p, written: b.writesManagedPolicy(method, p,
			"pass another awsiam.ManagedPolicy as the grantee of some constructs")}
	case awsiam.Policy:
		b.checkEnvironment(method, p)
		return grantee{IGrantable: who, policy: p, written: b.writesInlinePolicy(method, p)}
	}
	return b.newIdentityGrantee(method, who, b.principalOf(method, who))
}

func (b *textractAsyncBase) newIdentityGrantee(method string, who awsiam.IGrantable, principal awsiam.IPrincipal) grantee {
	switch p := principal.(type) {
	case awsiam.Role: // the CDK moves what is too long for its inline policy into managed ones
		b.checkEnvironment(method, p)
		if b.dependencies.hasStackOf(p) {
			return b.newAttachedGrantee(method, who, p, *p.RoleArn())
		}
		return grantee{IGrantable: who, policy: p, isSplit: true, written: b.writesRole(method, p)}
	case awsiam.IRole:
		return b.newRoleGrantee(method, who, p)
	case awsiam.IUser:
		_, isNew := p.(awsiam.User)
		return b.newMemberGrantee(method, who, p, isNew, func(policy awsiam.ManagedPolicy) { policy.AttachToUser(p) })
	case awsiam.IGroup:
		_, isNew := p.(awsiam.Group)
		return b.newMemberGrantee(method, who, p, isNew, func(policy awsiam.ManagedPolicy) {
			policy.AttachToGroup(b.groupWithoutPath(p, isNew))
		})
	default:
		return b.newPrincipalGrantee(method, who, p)
	}
}

// newRoleGrantee is for a role that is not made here: imported, or made by the CDK when it is first
// used.
func (b *textractAsyncBase) newRoleGrantee(method string, who awsiam.IGrantable, role awsiam.IRole) grantee {
	if _, isLazy := role.(awsiam.LazyRole); isLazy {
		b.checkEnvironment(method, role)
		return grantee{IGrantable: who, policy: role, isSplit: true, written: b.writesLazyRole(method, role)}
	}
	arn := *role.RoleArn()
	if validate.Dummy(arn) { // the first pass of a lookup, whose template nobody deploys
		return grantee{IGrantable: who, policy: role}
	}
	for _, problem := range validate.CheckRole(arn, b.env.known.Region) {
		b.rejectGrantee(method, problem.Value, problem.Fix)
	}
	if account := b.otherAccountOf(role); account != "" {
		return grantee{IGrantable: who, otherAccount: account, isPrincipal: true}
	}
	if isImmutable(role) {
		// With AddGrantsToResources the role takes no statement, because it wants its grants in the
		// policies of resources.
		takesNone := !*addToPrincipal(role, b.toPassRole().permission).Success()
		return grantee{
			IGrantable: who, isPrincipal: takesNone, isPrincipalEnough: takesNone,
			reason: "takes no policy from this app (Mutable is false, or it comes from WithoutPolicyUpdates)", fix: addToTheRole,
		}
	}
	if reportsRoles(role) {
		return grantee{IGrantable: who, policy: role}
	}
	b.warnOfUnknownPath(method, "role", arn, "awsiam.Role_FromRoleName")
	return b.newAttachedGrantee(method, who, role, arn)
}

// newAttachedGrantee is for a role that gets a policy of the construct's stack.
func (b *textractAsyncBase) newAttachedGrantee(method string, who awsiam.IGrantable, role awsiam.IRole, arn string) grantee {
	id := jsii.String("CallerPolicy-" + pathOf(role))
	policy, ok := b.construct.Node().TryFindChild(id).(awsiam.Policy)
	if !ok {
		policy = awsiam.NewPolicy(b.construct, id, &awsiam.PolicyProps{
			PolicyName: policyName(b.construct, *id), Roles: &[]awsiam.IRole{role},
		})
	}
	return grantee{IGrantable: who, policy: policy, written: b.writesPolicyOfRole(method, arn, policy)}
}

// newMemberGrantee is for a user or group, which gets a managed policy: together, the inline
// policies of a user may have 2,048 characters, and those of a group 5,120.
func (b *textractAsyncBase) newMemberGrantee(
	method string, who awsiam.IGrantable, member awsiam.IIdentity, isNew bool, attach func(awsiam.ManagedPolicy),
) grantee {
	if isNew {
		b.checkEnvironment(method, member)
	} else {
		b.checkMember(method, member)
		if account := b.otherAccountOf(member); account != "" {
			_, isUser := member.(awsiam.IUser)
			return grantee{IGrantable: who, otherAccount: account, isPrincipal: isUser}
		}
	}
	// The policy of a new user is in the user's stack, which depends on the construct's, unless
	// that depends on the user's already. One for an imported user refers to nothing there, and the
	// construct's stack may depend on that of the import.
	scope, id := b.construct, jsii.String("CallerPolicy-"+pathOf(member))
	if isNew && !b.dependencies.hasStackOf(member) {
		scope = member.Node().Scope().(constructs.Construct)
		id = jsii.String(*member.Node().Id() + "-TextractAsync-" + pathOf(b.construct))
	}
	policy, ok := scope.Node().TryFindChild(id).(awsiam.ManagedPolicy)
	if !ok {
		if preventsRoles(scope) { // the CDK would not synthesize the policy, and reports those of roles only
			return grantee{
				IGrantable: who, reason: "gets no policy, because Role_CustomizeRoles prevents its synthesis",
				fix: "add this policy to it",
			}
		}
		policy = awsiam.NewManagedPolicy(scope, id, nil)
		attach(policy)
		if !isNew {
			b.warnOfUnknownMember(method, member)
		}
	}
	b.attachesManagedPolicy(member)
	return grantee{IGrantable: who, policy: policy, written: b.writesManagedPolicy(method, policy,
		"use fewer or shorter prefixes, or grant the constructs to several users or roles")}
}

// checkMember panics for an imported user or group that IAM has not: the CDK takes any text for its
// name.
func (b *textractAsyncBase) checkMember(method string, member awsiam.IIdentity) {
	arn, noun, want := "", "user", validate.UserPrincipal
	switch m := member.(type) {
	case awsiam.IUser:
		arn = *m.UserArn()
	case awsiam.IGroup:
		arn, noun, want = *m.GroupArn(), "group", validate.GroupPrincipal
	}
	if kind, _ := validate.PrincipalOf(arn); kind != want && kind != validate.UnknownPrincipal {
		b.rejectGrantee(method, strconv.Quote(arn), "use the ARN of one "+noun+", arn:aws:iam::ACCOUNT:"+noun+"/NAME")
	}
	for _, problem := range validate.CheckPrincipal(arn, b.env.known.Region) {
		b.rejectGrantee(method, problem.Value, problem.Fix)
	}
}

// groupWithoutPath is the group by its name alone: the name of one that was imported by an ARN has
// the path in it, and IAM takes no such name.
func (b *textractAsyncBase) groupWithoutPath(group awsiam.IGroup, isNew bool) awsiam.IGroup {
	if isNew {
		return group
	}
	name := *group.GroupName()
	last := strings.LastIndex(name, "/")
	if last < 0 {
		return group
	}
	return awsiam.Group_FromGroupName(b.construct, jsii.String("Caller-"+pathOf(group)), jsii.String(name[last+1:]))
}

func (b *textractAsyncBase) warnOfUnknownMember(method string, member awsiam.IIdentity) {
	switch m := member.(type) {
	case awsiam.IUser:
		b.warnOfUnknownPath(method, "user", *m.UserArn(), "awsiam.User_FromUserName")
	case awsiam.IGroup:
		b.warnOfUnknownPath(method, "group", *m.GroupArn(), "awsiam.Group_FromGroupName")
	}
}

// warnOfUnknownPath is for an ARN that is a token as a whole: the CDK takes the part after the
// first slash for the name, which is the first folder of a path.
func (b *textractAsyncBase) warnOfUnknownPath(method, noun, arn, importer string) {
	if hasUnknownPath(arn) {
		warn(
			b.construct,
			warningGrantee,
			fmt.Sprintf("%s: the ARN of %s %s becomes known at deployment; if it has a path, the CDK takes the "+
				"first folder for the name and attaches the policy to another %[2]s; import it by its name with %[4]s, "+
				"or acknowledge this warning where it has no path", method, noun, arn, importer),
		)
	}
}

// hasUnknownPath reports whether the CDK cannot tell the name in the ARN of a role, user or group
// from a path before it.
func hasUnknownPath(arn string) bool {
	if strings.HasPrefix(arn, "arn:") || validate.Dummy(arn) {
		return false
	}
	reference := referenceIn(arn)
	if reference == nil {
		return true
	}
	switch made := reference.Target().(type) { // by this app
	case awsiam.CfnRole:
		return made.Path() != nil && *made.Path() != "/"
	case awsiam.CfnUser:
		return made.Path() != nil && *made.Path() != "/"
	case awsiam.CfnGroup:
		return made.Path() != nil && *made.Path() != "/"
	default:
		return true
	}
}

// newPrincipalGrantee is for what is no role, user, group or policy. It has no policy of its own,
// and some pass statements on to one that they do not name.
func (b *textractAsyncBase) newPrincipalGrantee(method string, who awsiam.IGrantable, principal awsiam.IPrincipal) grantee {
	g := grantee{IGrantable: who, reason: "has no policy of its own", fix: passTheRole}
	switch p := principal.(type) {
	case awsiam.CompositePrincipal:
		g.reason, g.fix = "is several principals, which have no common policy", "grant to each of them, or add this policy to each"
	case interface{ AppendDedupe(*string) *string }: // PrincipalWithConditions and SessionTagsPrincipal
		return b.newWrappedGrantee(method, who, principal)
	case awsiam.AccountPrincipal: // its ARN is a token
		return b.newAccountGrantee(method, who, valueOr(p.PrincipalAccount(), ""))
	case awsiam.ArnPrincipal: // AnyPrincipal among them
		return b.newARNGrantee(method, who, *p.Arn())
	case awsiam.ServicePrincipal:
		g.isPrincipal, g.isPrincipalEnough = true, true
	case awsiam.OrganizationPrincipal:
		g.reason, g.fix = "is an organization, which has no policy of its own", passTheRole
	case awsiam.FederatedPrincipal:
		g.reason, g.fix = "is an identity provider, which has no policy of its own", passTheRole
	default:
		if isUnknown(principal) {
			g.reason, g.fix = "is imported without its role", "import it with its role, or add this policy to that role"
			return g
		}
		g.policy, g.isUncertain = who, true
		if account := b.otherAccountOf(principal); account != "" {
			g.otherAccount, g.policy, g.isPrincipal = account, nil, true
		}
	}
	return g
}

// newARNGrantee reads the ARN of a principal as IAM does.
func (b *textractAsyncBase) newARNGrantee(method string, who awsiam.IGrantable, arn string) grantee {
	for _, problem := range validate.CheckPrincipal(arn, b.env.known.Region) {
		b.rejectGrantee(method, problem.Value, problem.Fix)
	}
	g := grantee{IGrantable: who, reason: "has no policy of its own", fix: passTheRole}
	kind, account := validate.PrincipalOf(arn)
	if _, isGroup := referredToBy(arn).(awsiam.CfnGroup); isGroup {
		kind = validate.GroupPrincipal
	}
	switch kind {
	case validate.AccountPrincipal:
		return b.newAccountGrantee(method, who, account)
	case validate.EverybodyPrincipal:
		g.reason, g.fix = "is everybody", "pass the roles that need it, or add this policy to them"
	case validate.GroupPrincipal:
		g.reason = "is a group, which no policy of a resource can name"
		g.fix = "import it with awsiam.Group_FromGroupArn, or add this policy to it"
	case validate.ProviderPrincipal:
		g.reason = "is an identity provider, which has no policy of its own"
	case validate.SessionPrincipal:
		g.isPrincipal, g.isPrincipalEnough, g.reason = true, true, "is a session, which has the policies of its role or user"
	case validate.RolePrincipal, validate.UserPrincipal, validate.UnknownPrincipal:
		g.isPrincipal, g.isPrincipalEnough, g.reason, g.fix = true, true, "is known by its ARN alone", addToRoleOrARN
	}
	if b.env.isOtherAccount(account) {
		g.otherAccount = account
	}
	return g
}

// newAccountGrantee is for an account: a policy that names it leaves it to the policies of the
// account's roles and users.
func (b *textractAsyncBase) newAccountGrantee(method string, who awsiam.IGrantable, account string) grantee {
	if kind, _ := validate.PrincipalOf(account); isKnown(account) && kind != validate.AccountPrincipal {
		b.rejectGrantee(method, "account "+strconv.Quote(account), "use the id of one account, 12 digits")
	}
	g := grantee{
		IGrantable: who, isPrincipal: true,
		reason: "is a whole account, which has no policy of its own", fix: "pass the roles that need it, or add this policy to them",
	}
	if b.env.isOtherAccount(account) {
		g.otherAccount = account
	}
	return g
}

// newWrappedGrantee is for a principal with conditions or session tags, which passes statements on
// to a role or user, if it has one in it. Only how the CDK compares principals tells which.
func (b *textractAsyncBase) newWrappedGrantee(method string, who awsiam.IGrantable, principal awsiam.IPrincipal) grantee {
	if isUnknown(principal) {
		return grantee{
			IGrantable: who,
			reason:     "is imported without its role",
			fix:        "import it with its role, or add this policy to that role",
		}
	}
	g := grantee{
		IGrantable: who,
		reason:     "is a principal with conditions, which only the policies of resources can express",
		fix:        passTheRole,
	}
	named := valueOr((*principal.PolicyFragment().PrincipalJson())["AWS"], nil)
	if len(named) != 1 {
		_, isService := (*principal.PolicyFragment().PrincipalJson())["Service"]
		g.isPrincipal, g.isPrincipalEnough = isService, isService
		return g
	}
	arn := *named[0]
	compared := valueOr(principal.(interface{ DedupeString() *string }).DedupeString(), "")
	if reference := referenceIn(arn); reference != nil && compared == "" {
		owner, isIdentity := reference.Target().Node().Scope().(awsiam.IPrincipal)
		if isIdentity && !hasImmutableTwin(owner.(constructs.IConstruct)) {
			return b.newIdentityGrantee(method, who, owner)
		}
		g.reason, g.fix = "may take no policy from this app (WithoutPolicyUpdates)", addToTheRole
		return g
	}
	kind, _ := validate.PrincipalOf(arn)
	id := jsii.String("Caller-" + arn)
	switch {
	case strings.Contains(compared, "ImportedRole:") && !isKnown(arn): // no id for a construct
		g.policy = who
		return g
	case strings.Contains(compared, "ImportedRole:"), compared == "" && kind == validate.RolePrincipal && reportsRoles(b.construct):
		role, ok := b.construct.Node().TryFindChild(id).(awsiam.IRole)
		if !ok {
			role = awsiam.Role_FromRoleArn(b.construct, id, jsii.String(arn), nil)
		}
		return b.newIdentityGrantee(method, who, role)
	case compared == "" && kind == validate.UserPrincipal:
		user, ok := b.construct.Node().TryFindChild(id).(awsiam.IUser)
		if !ok {
			user = awsiam.User_FromUserArn(b.construct, id, jsii.String(arn))
		}
		return b.newIdentityGrantee(method, who, user)
	case compared == "":
		g.reason, g.fix = "takes no policy from this app (Mutable is false)", addToTheRole
		return g
	case principal.PrincipalAccount() != nil:
		return b.newAccountGrantee(method, who, *principal.PrincipalAccount())
	default:
		g := b.newARNGrantee(method, who, arn)
		g.isPrincipal = g.isPrincipal || kind == validate.EverybodyPrincipal // its conditions say who
		return g
	}
}

// hasImmutableTwin reports whether WithoutPolicyUpdates was called on a role of this app: its
// result has the same ARN, and takes no policy.
func hasImmutableTwin(role constructs.IConstruct) bool {
	return role.Node().Scope().Node().TryFindChild(jsii.String("ImmutableRole"+*role.Node().Id())) != nil
}

// principalOf spares a jsii call where the grantee is a role, user or group itself, and no Go
// struct around one.
func (b *textractAsyncBase) principalOf(method string, who awsiam.IGrantable) awsiam.IPrincipal {
	name := reflect.TypeOf(who).Elem().Name()
	if name == "" || strings.HasPrefix(name, "jsiiProxy_") {
		switch p := who.(type) {
		case awsiam.IRole:
			return p
		case awsiam.IUser:
			return p
		case awsiam.IGroup:
			return p
		}
	}
	principal := who.GrantPrincipal()
	if principal == nil {
		b.rejectGrantee(method, "a grantee without a principal", "return a role, user or group from its GrantPrincipal")
	}
	return principal
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

// customizeRoles is the context in which Role_CustomizeRoles keeps its options.
const customizeRoles = "@aws-cdk/iam:customizeRoles"

// reportsRoles reports whether Role_CustomizeRoles is in effect: the policies of roles are in a
// report, and not in the template.
func reportsRoles(c constructs.IConstruct) bool {
	return c.Node().TryGetContext(jsii.String(customizeRoles)) != nil
}

// preventsRoles reports whether Role_CustomizeRoles keeps roles and managed policies out of the
// template.
func preventsRoles(c constructs.IConstruct) bool {
	options, ok := c.Node().TryGetContext(jsii.String(customizeRoles)).(map[string]any)
	return ok && options["preventSynthesis"] != false
}

// checkGoValue panics for what no grant can be made to.
func (b *textractAsyncBase) checkGoValue(method string, who awsiam.IGrantable) {
	value := reflect.ValueOf(who)
	switch {
	case !value.IsValid() || value.Kind() == reflect.Pointer && value.IsNil():
		b.rejectGrantee(method, "nil", "pass a role, user, group, function or policy")
	case value.Kind() != reflect.Pointer:
		b.rejectGrantee(method, fmt.Sprintf("a %T", who), "pass a pointer to it: jsii takes no Go value")
	}
}

// checkEnvironment panics for a grantee that this app makes in another account: the service role,
// the jobs and their results belong to this one. In another Region the CDK takes the grantee where
// the stacks have CrossRegionReferences, and says so where they have not.
func (b *textractAsyncBase) checkEnvironment(method string, resource awscdk.IResource) {
	if awscdk.Stack_Of(resource) == b.env.stack {
		return
	}
	if account := valueOr(resource.Env().Account, ""); b.env.isOtherAccount(account) {
		b.rejectGrantee(method, "one in account "+account, "use a grantee in account "+b.env.account+
			": a role can only be passed within its account, and jobs and their results belong to it; "+
			"callers of another account may assume a role there")
	}
	home := awscdk.Stack_Of(resource)
	if stage := otherStage(b.env.stack, home); stage != "" {
		b.rejectGrantee(method, "one in stage "+strconv.Quote(stage), "use a grantee in the stage of the construct, or grant to what "+
			"TextractAsync_FromTextractAsyncAttributes returns there, with ARNs as text: the CDK refers to no resource of another stage")
	}
	if *home.Environment() == *b.env.stack.Environment() {
		return
	}
	for _, arn := range []string{b.serviceRoleARN(), b.queueARN} {
		if !canRefer(home, arn) {
			b.rejectGrantee(method, "one in environment "+*home.Environment(), "use the same Env for both stacks, or grant to what "+
				"TextractAsync_FromTextractAsyncAttributes returns in the grantee's stack, with ARNs as text: CloudFormation cannot refer "+
				"to a resource without a name in another environment")
		}
	}
}

// otherAccountOf returns the account of a principal where it is known to be another one.
func (b *textractAsyncBase) otherAccountOf(principal awsiam.IPrincipal) string {
	if account := valueOr(principal.PrincipalAccount(), ""); b.env.isOtherAccount(account) {
		return account
	}
	return ""
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
	case awskms.IKey:
		p.resources, p.condition = anyResource(), nil // in the policy of a key, that key
		return nil, p.key.isNew() && *resource.AddToResourcePolicy(g.statement(p.permission), jsii.Bool(true)).StatementAdded
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

// principalARN is the ARN by which the policy of a key can name the grantee; empty for a policy, a
// group, and others that it cannot name.
func (g grantee) principalARN() string {
	switch g.IGrantable.(type) {
	case awsiam.ManagedPolicy, awsiam.Policy, awsiam.IGroup:
		return ""
	}
	arn, _ := g.principalJSON()["AWS"].(string)
	return arn
}

// principalJSON is how the policy of a resource names the grantee.
func (g grantee) principalJSON() map[string]any {
	named := map[string]any{}
	for kind, values := range *g.GrantPrincipal().PolicyFragment().PrincipalJson() {
		if all := texts(values); len(all) == 1 {
			named[kind] = all[0]
		} else {
			named[kind] = all
		}
	}
	return named
}
