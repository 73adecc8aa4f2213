package textractasync

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// callerPermission is what a caller needs. The policy of its resource, where it has one, can allow
// it to a caller without policies.
type callerPermission struct {
	permission
	resource awscdk.IResource
	account  string // of the resource
	prefix   string // part of the statement that is not the resource's own
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
		all = append(all, keyPermission(input.key, readKeyActions)...)
	}
	if b.output != nil {
		all = append(all, b.output.callerPermission(b.output.writeResults()))
		all = append(all, keyPermission(b.output.key, outputKeyActions)...)
	}
	return all
}

func (b *textractAsyncBase) toConsumeNotifications() []callerPermission {
	consume := permission{actions: consumeActions, resources: []string{b.queueARN}}
	all := append([]callerPermission{{permission: consume, resource: b.queue}}, keyPermission(b.queueKey, readKeyActions)...)
	for _, former := range b.formerKeys {
		all = append(all, keyPermission(former, readKeyActions)...)
	}
	return all
}

func (b *textractAsyncBase) toReadResults() []callerPermission {
	all := []callerPermission{{permission: permission{actions: getActions(b.operations), resources: anyResource()}}}
	if b.output != nil {
		all = append(all, b.output.callerPermission(b.output.readResults()), b.output.callerPermission(b.output.listResults()))
		all = append(all, keyPermission(b.output.key, readKeyActions)...)
	}
	return all
}

// toPassRole is step 8 of the guide.
func (b *textractAsyncBase) toPassRole() callerPermission {
	return callerPermission{permission: permission{
		actions:   []string{"iam:PassRole"},
		resources: []string{b.serviceRoleARN()},
		condition: map[string]any{"StringEquals": map[string]any{"iam:PassedToService": textractPrincipal}},
	}}
}

func keyPermission(k *key, actions []string) []callerPermission {
	if k == nil {
		return nil
	}
	return []callerPermission{{permission: k.permission(actions), resource: k.IKey, account: k.env.Account}}
}

func (l location) callerPermission(p permission) callerPermission {
	return callerPermission{permission: p, resource: l.bucket, account: l.env.Account, prefix: l.prefix}
}

// grant writes the permissions into the grantee's policy. A grant that does not represent all of
// them represents none: it was dropped, and a warning prints what is missing.
func (b *textractAsyncBase) grant(method string, who awsiam.IGrantable, needed []callerPermission) awsiam.Grant {
	g := b.newGrantee(method, who)
	if g.policy == nil {
		return b.grantOnResources(method, g, needed)
	}
	permissions := make([]permission, len(needed))
	for i, p := range needed {
		permissions[i] = p.permission
	}
	var grant awsiam.Grant
	for i, p := range merge(permissions) {
		written := addToPrincipal(g.policy, p)
		if i == 0 { // all are in one policy, which the first represents
			grant = written
		}
		warnOfStatementSize(b.construct, method, g, p)
	}
	if g.checkSize != nil {
		g.checkSize()
	}
	return grant
}

// grantOnResources writes what it can into the policies of buckets, queue and keys, and warns of
// the rest.
func (b *textractAsyncBase) grantOnResources(method string, g grantee, needed []callerPermission) awsiam.Grant {
	var grant awsiam.Grant
	var missing []permission
	for _, p := range needed {
		written, ok := b.writeInto(g, p)
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
	warnStatements(b.construct, warningGrantee, fmt.Sprintf("%s: %s %s; without this policy it cannot do what the grant is for; "+
		"add it there, or pass another grantee", method, g, g.reason), merge(missing))
	return awsiam.Grant_Drop(g.IGrantable, jsii.String(method))
}
