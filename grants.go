package textractasync

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

const passRoleAction = "iam:PassRole"

// callerPermission is what a caller needs. The policy of its resource, where it has one, can allow
// it to a caller without policies.
type callerPermission struct {
	permission
	resource awscdk.IResource
	account  string    // of the resource
	prefix   string    // part of the statement that is not the resource's own
	key      *key      // the resource, where it is one
	made     *resource // the resource, where this app has it and it is an existing one

	prop, warning string // for the statement in the policy of the resource
}

func (b *textractAsyncBase) GrantStartJobs(grantee awsiam.IGrantable) awsiam.Grant {
	return b.grant("GrantStartJobs", grantee, b.toStartJobs())
}

func (b *textractAsyncBase) GrantConsumeNotifications(grantee awsiam.IGrantable) awsiam.Grant {
	b.noteConsumer(grantee)
	return b.grant("GrantConsumeNotifications", grantee, b.toConsumeNotifications())
}

func (b *textractAsyncBase) GrantReadResults(grantee awsiam.IGrantable) awsiam.Grant {
	return b.grant("GrantReadResults", grantee, b.toReadResults())
}

func (b *textractAsyncBase) GrantRunJobs(grantee awsiam.IGrantable) awsiam.Grant {
	b.noteConsumer(grantee)
	return b.grant("GrantRunJobs", grantee, slices.Concat(b.toStartJobs(), b.toConsumeNotifications(), b.toReadResults()))
}

func (b *textractAsyncBase) GrantPassRole(grantee awsiam.IGrantable) awsiam.Grant {
	return b.grant("GrantPassRole", grantee, []callerPermission{b.toPassRole()})
}

func (b *textractAsyncBase) toStartJobs() []callerPermission {
	all := []callerPermission{
		{permission: permission{actions: startActions(b.operations), resources: anyResource()}},
		b.toPassRole(),
	}
	for _, input := range b.inputs {
		all = append(all, input.callerPermission(input.readDocuments()))
		all = append(all, input.keyPermission(readKeyActions)...)
	}
	if b.output != nil {
		all = append(all, b.output.callerPermission(b.output.writeResults()))
		all = append(all, b.output.keyPermission(outputKeyActions)...)
	}
	return all
}

func (b *textractAsyncBase) toConsumeNotifications() []callerPermission {
	consume := permission{actions: consumeActions, resources: []string{b.queueARN}}
	all := append([]callerPermission{{permission: consume, resource: b.queue, prop: "Queue", warning: warningQueuePolicy}},
		keyPermission(b.queueKey, readKeyActions, "Queue", warningKeyPolicy)...)
	for _, former := range b.formerKeys {
		all = append(all, keyPermission(former, readKeyActions, "FormerEncryptionKeys", warningKeyPolicy)...)
	}
	return all
}

func (b *textractAsyncBase) toReadResults() []callerPermission {
	all := []callerPermission{{permission: permission{actions: getActions(b.operations), resources: anyResource()}}}
	if b.output != nil {
		all = append(all, b.output.callerPermission(b.output.readResults()), b.output.callerPermission(b.output.listResults()))
		all = append(all, b.output.keyPermission(readKeyActions)...)
	}
	return all
}

// toPassRole is step 8 of the guide.
func (b *textractAsyncBase) toPassRole() callerPermission {
	return callerPermission{permission: permission{
		actions:   []string{passRoleAction},
		resources: []string{b.serviceRoleARN()},
		condition: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": textractPrincipal}},
	}}
}

func keyPermission(k *key, actions []string, prop, warning string) []callerPermission {
	if k == nil {
		return nil
	}
	return []callerPermission{{
		permission: k.permission(actions), resource: k.IKey, account: k.env.Account, key: k, made: k.made, prop: prop, warning: warning,
	}}
}

func (l location) keyPermission(actions []string) []callerPermission {
	return keyPermission(l.key, actions, l.prop, warningBucketKeyPolicy)
}

func (l location) callerPermission(p permission) callerPermission {
	return callerPermission{
		permission: p, resource: l.bucket, account: l.env.Account, prefix: l.prefix, made: l.made,
		prop: l.prop + ".Bucket", warning: warningBucketPolicy,
	}
}

// grant writes the permissions into the grantee's policy. A grant that does not represent all of
// them represents none: it was dropped, and a warning prints what is missing.
func (b *textractAsyncBase) grant(method string, who awsiam.IGrantable, needed []callerPermission) awsiam.Grant {
	g := b.newGrantee(method, who)
	if g.policy == nil {
		return b.grantOnResources(method, g, needed)
	}
	b.checkDependencies(method, g, needed)
	var grant awsiam.Grant
	for i, p := range merge(permissionsOf(needed)) {
		written := addToPrincipal(g.policy, p)
		if g.isUncertain && !*written.Success() {
			return b.grantOnResources(method, g, needed)
		}
		if i == 0 { // all are in one policy, which the first represents
			grant = written
		}
		g.count(b.construct, method, p)
	}
	b.nameInKeys(g, needed)
	return grant
}

// nameInKeys names the grantee in the policies of keys that do not leave it to IAM who may use
// them.
func (b *textractAsyncBase) nameInKeys(g grantee, needed []callerPermission) {
	var closed []callerPermission // one for each key
	for _, p := range needed {
		if p.key == nil || !p.key.isClosed {
			continue
		}
		same := slices.IndexFunc(closed, func(other callerPermission) bool { return other.key.is(p.key) })
		if same < 0 {
			closed = append(closed, p)
		} else {
			closed[same].actions = union(closed[same].actions, p.actions)
		}
	}
	for _, p := range closed {
		requireKeyUser(b.construct, b.env, p.key, p.prop, p.warning, g.String(), g.principalARN(), p.actions)
	}
}

func permissionsOf(needed []callerPermission) []permission {
	permissions := make([]permission, len(needed))
	for i, p := range needed {
		permissions[i] = p.permission
	}
	return permissions
}

// grantOnResources writes what it can into the policies of buckets, queue and keys, and warns of
// the rest.
func (b *textractAsyncBase) grantOnResources(method string, g grantee, needed []callerPermission) awsiam.Grant {
	if g.otherAccount != "" {
		return b.grantToOtherAccount(method, g, needed)
	}
	var grant awsiam.Grant
	var missing []permission
	for _, p := range needed {
		written, ok := b.writeInto(g, p)
		b.measure(p, ok)
		if !ok || !g.isPrincipalEnough {
			missing = append(missing, p.permission)
		}
		switch {
		case written == nil:
		case grant == nil:
			grant = written
		default:
			grant = grant.Combine(written)
		}
	}
	if len(missing) == 0 {
		return grant
	}
	warnStatements(b.construct, warningGrantee, fmt.Sprintf("%s: %s %s, and without this policy it cannot do what the grant is for; %s",
		method, g, g.reason, g.fix), merge(missing))
	return awsiam.Grant_Drop(g.IGrantable, jsii.String(method))
}

// grantToOtherAccount names the grantee in the policies of queue, buckets and keys, and prints what
// its own account has to add. Jobs cannot be shared: a caller that starts them, or gets them, has
// to be in the account of the service role. Nor can anything be shared with a group.
func (b *textractAsyncBase) grantToOtherAccount(method string, g grantee, needed []callerPermission) awsiam.Grant {
	var shared, local []callerPermission
	startsJobs := false
	for _, p := range needed {
		if p.resource == nil {
			local = append(local, p)
			startsJobs = startsJobs || slices.Contains(p.actions, passRoleAction)
		} else {
			shared = append(shared, p)
		}
	}
	if startsJobs || !g.isPrincipal {
		local, shared = needed, nil
	}
	for _, p := range shared {
		b.nameInPolicy(g, p)
	}
	if len(shared) > 0 {
		warnStatements(b.construct, warningGrantee, fmt.Sprintf("%s: %s is in account %s, and this app cannot change its policies; "+
			"the policies of %s name it, or a warning prints what they lack; add this policy to it in its own account",
			method, g, g.otherAccount, propsOf(shared)), merge(permissionsOf(shared)))
	}
	if len(local) > 0 {
		why := "jobs and their results belong to the account that started them, "
		if !g.isPrincipal {
			why = "no policy of a resource can name it, so nothing can be shared with it from "
		}
		if startsJobs {
			why = "iam:PassRole does not reach the service role from there, because a role can only be passed within its account, "
		}
		warnStatements(
			b.construct,
			warningGrantee,
			fmt.Sprintf("%s: %s is in account %s; %s%s; let it assume a role of that account with this policy",
				method, g, g.otherAccount, why, b.env.account),
			merge(permissionsOf(local)),
		)
	}
	return awsiam.Grant_Drop(g.IGrantable, jsii.String(method))
}

// measure checks, at synthesis, the policy of a bucket, queue or key that was written into.
func (b *textractAsyncBase) measure(p callerPermission, written bool) {
	if !written {
		return
	}
	switch resource := p.resource.(type) {
	case awssqs.Queue:
		b.writesQueue(resource)
	case awss3.Bucket:
		b.writesBucket(p.prop, resource)
	}
	b.writesKey(p.prop, p.key)
}

// nameInPolicy lets a grantee of another account use a queue, bucket or key, as far as the policy
// of that belongs to this account.
func (b *textractAsyncBase) nameInPolicy(g grantee, p callerPermission) {
	if p.account == g.otherAccount {
		return // there its own policies are enough
	}
	in := policy{prop: p.prop, owner: p.resource, add: func(permission) bool {
		_, ok := b.writeInto(g, p)
		b.measure(p, ok)
		return ok
	}}
	named := p.permission
	if _, isKey := p.resource.(awskms.IKey); isKey {
		named.resources, named.condition = anyResource(), nil
	}
	named.principal = g.principalJSON()
	require(b.construct, requirement{
		permission: named, in: in, warning: p.warning, without: g.String() + " is denied its use from account " + g.otherAccount,
	})
}

// propsOf names the props of the resources, such as "Queue and Output.Bucket".
func propsOf(permissions []callerPermission) string {
	var props []string
	for _, p := range permissions {
		if !slices.Contains(props, p.prop) {
			props = append(props, p.prop)
		}
	}
	return strings.Join(props, " and ")
}
