package textractasync

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// The limits of IAM, in characters without white space, and those of KMS, SQS and S3, in bytes.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrustPolicy    = 2_048
	maxManagedPolicy  = 6_144
	maxInlinePolicies = 10_240 // of a role, together
	maxGroupPolicies  = 5_120  // of a group, together
	maxUserPolicies   = 2_048  // of a user, together

	maxStatement = 5_900 // in a managed policy, with what is around it

	maxKeyPolicy       = 32_768
	maxQueuePolicy     = 8_192
	maxQueueConditions = 10
	maxBucketPolicy    = 20_480

	maxManagedPolicies = 10 // attached to one user or group

	symmetricSpec = "SYMMETRIC_DEFAULT" // of a key that sets none

	minMeasuredRole = 4_000 // below that, what the constructs add to a role is far from any limit
)

// warnOfTrustSize measures the trust of a new service role, which grows with the accounts that it
// trusts.
func warnOfTrustSize(t constructs.Construct, s settings, trust permission) {
	if len(s.trustedAccounts) == 0 {
		return
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{trust.statement()}})
	if err != nil {
		panic(fmt.Errorf("encoding the trust policy: %w", err))
	}
	size := len(strings.NewReplacer(s.env.account, "111122223333", s.env.partition, "aws").Replace(string(text)))
	if size > maxTrustPolicy {
		warn(t, warningPolicySize, fmt.Sprintf("TrustedAccounts: the trust policy of the service role has %d characters and IAM takes %d, "+
			"4,096 on request; name fewer accounts, or ask for a higher quota and acknowledge this warning", size, maxTrustPolicy))
	}
}

// statementsOf counts the statements in the policy of a queue of this app.
func statementsOf(queue awssqs.IQueue) int {
	policy, ok := queue.Node().TryFindChild(jsii.String("Policy")).(awssqs.QueuePolicy)
	if !ok {
		return 0
	}
	return int(*policy.Document().StatementCount())
}

// inlineLimitOf is the lowest limit of what an inline policy is attached to.
func inlineLimitOf(policy awsiam.Policy) (limit int, isAttached bool) {
	resource, ok := resourceOf(policy).(awsiam.CfnPolicy)
	if !ok {
		return maxInlinePolicies, true
	}
	stack := awscdk.Stack_Of(policy)
	attached := func(names *[]*string) bool {
		all, _ := stack.Resolve(names).([]any)
		return len(all) > 0
	}
	switch {
	case attached(resource.Users()):
		return maxUserPolicies, true
	case attached(resource.Groups()):
		return maxGroupPolicies, true
	default:
		return maxInlinePolicies, attached(resource.Roles())
	}
}

// writtenPolicy is a policy, or several that IAM counts together, that a construct writes into.
// Several constructs may write into one, so it is measured at synthesis, where the CDK has merged
// and split what it writes.
type writtenPolicy struct {
	owner any // what has the limit: a policy, role, user or group, or the ARN of a role
	added int // characters, about, that this construct has added
	// Whether the topic sends to the queue that is the owner.
	isForSNS bool
	// The policies of this construct that count together.
	parts []awsiam.Policy
	// check warns. all are those of the same owner, of which the first one checks.
	check func(app *synthesizedApp, all []*writtenPolicy) []validate.Problem
}

func (b *textractAsyncBase) writes(
	owner any, check func(*synthesizedApp, []*writtenPolicy) []validate.Problem,
) *writtenPolicy {
	for _, written := range b.written {
		if written.owner == owner {
			return written
		}
	}
	written := &writtenPolicy{owner: owner, check: check}
	b.written = append(b.written, written)
	return written
}

// checkWrittenPolicies is a check at synthesis.
func (b *textractAsyncBase) checkWrittenPolicies(app *synthesizedApp) []validate.Problem {
	var problems []validate.Problem
	for _, written := range b.written {
		if all := app.writtenInto(written.owner); all[0] == written {
			problems = append(problems, written.check(app, all)...)
		}
	}
	return problems
}

// writtenInto returns what the constructs of the app write into one owner's policies.
func (app *synthesizedApp) writtenInto(owner any) []*writtenPolicy {
	if app.written == nil {
		app.written = map[any][]*writtenPolicy{}
		for _, each := range app.textractAsyncs() {
			for _, written := range each.written {
				app.written[written.owner] = append(app.written[written.owner], written)
			}
		}
	}
	return app.written[owner]
}

func (b *textractAsyncBase) warnOfPolicySize(method, what string, size, limit int, fix string) {
	if size > limit {
		warn(b.construct, warningPolicySize, fmt.Sprintf("%s: %s about %d characters and IAM takes %d; %s", method, what, size, limit, fix))
	}
}

// writesManagedPolicy is for a managed policy, which has a limit of its own.
func (b *textractAsyncBase) writesManagedPolicy(method string, policy awsiam.ManagedPolicy, fix string) *writtenPolicy {
	return b.writes(policy, func(app *synthesizedApp, _ []*writtenPolicy) []validate.Problem {
		if problems := app.checkRemoved(method, policy); problems != nil {
			return problems
		}
		path := pathOf(policy)
		b.warnOfPolicySize(method, "the managed policy "+path+" has", documentSize(policy, policy.Document()), maxManagedPolicy, fix)
		return nil
	})
}

// writesInlinePolicy is for an inline policy that the app attaches to whom it likes, or forgets to.
func (b *textractAsyncBase) writesInlinePolicy(method string, policy awsiam.Policy) *writtenPolicy {
	return b.writes(policy, func(app *synthesizedApp, _ []*writtenPolicy) []validate.Problem {
		if problems := app.checkRemoved(method, policy); problems != nil {
			return problems
		}
		path := pathOf(policy)
		limit, isAttached := inlineLimitOf(policy)
		if !isAttached && reportsRoles(policy) {
			warn(b.construct, warningGrantee, method+": the policy "+path+" is not in the template, because of Role_CustomizeRoles, "+
				"and the report has the statements that the policy had when it was attached to a role; "+
				"pass the role as the grantee, or attach the policy after the grant and acknowledge this warning")
			return nil
		}
		if !isAttached {
			return []validate.Problem{{
				Prop: method + " grantee", Value: "the policy " + path + ", which is attached to nobody",
				Fix: "attach it to a role, user or group: the CDK does not synthesize it, and nobody is granted anything",
			}}
		}
		b.warnOfPolicySize(method, "the inline policy "+path+" has", documentSize(policy, policy.Document()), limit,
			"pass an awsiam.ManagedPolicy as the grantee, attached to the same role, user or group")
		return nil
	})
}

// writesPolicyOfRole is for an inline policy that a construct attaches to a role: those of one role
// count together.
func (b *textractAsyncBase) writesPolicyOfRole(method, role string, policy awsiam.Policy) *writtenPolicy {
	fix := "pass several awsiam.ManagedPolicy as the grantees, attached to the role"
	if method == "ServiceRole" {
		fix = "use fewer constructs with this role, or leave ServiceRole out, so that each construct has a role of its own"
	}
	written := b.writes(role, func(app *synthesizedApp, all []*writtenPolicy) []validate.Problem {
		sum := 0
		for _, each := range all {
			for _, part := range each.parts {
				if problems := app.checkRemoved(method, part); problems != nil {
					return problems
				}
				sum += documentSize(part, part.Document())
			}
		}
		b.warnOfPolicySize(method, "the inline policies of "+role+" in this app together have", sum, maxInlinePolicies, fix)
		return nil
	})
	if !slices.Contains(written.parts, policy) {
		written.parts = append(written.parts, policy)
	}
	return written
}

// checkRemoved rejects a policy that is no longer in the app, with what was written into it.
func (app *synthesizedApp) checkRemoved(method string, policy constructs.IConstruct) []validate.Problem {
	if _, found := app.indexes[policy]; found {
		return nil
	}
	prop := method
	if strings.HasPrefix(method, "Grant") {
		prop += " grantee"
	}
	return []validate.Problem{{Prop: prop, Value: "the policy " + pathOf(policy) + ", which is removed from the app", Fix: removedLater}}
}

// writesRole is for a new role. The CDK moves what is too long for its inline policy into managed
// ones, by an estimate that counts conditions short.
func (b *textractAsyncBase) writesRole(method string, role awsiam.Role) *writtenPolicy {
	return b.writes(role, func(app *synthesizedApp, all []*writtenPolicy) []validate.Problem {
		if app.lacksPolicy(role) {
			return []validate.Problem{{
				Prop: method + " grantee", Value: pathOf(role) + " without the policy with what was granted", Fix: removedLater,
			}}
		}
		added := 0
		for _, each := range all {
			added += each.added
		}
		if added < minMeasuredRole {
			return nil
		}
		path := pathOf(role)
		const fix = "pass several awsiam.ManagedPolicy as the grantees of the constructs, attached to the role, or use several roles"
		for _, child := range *role.Node().Children() {
			switch policy := child.(type) {
			case awsiam.Policy:
				b.warnOfPolicySize(method, "the inline policy that the CDK leaves to "+path+" has", documentSize(policy, policy.Document()),
					maxInlinePolicies, fix)
			case awsiam.ManagedPolicy:
				b.warnOfPolicySize(method, "the managed policy "+pathOf(policy)+" that the CDK splits off has",
					documentSize(policy, policy.Document()), maxManagedPolicy, fix)
			}
		}
		return nil
	})
}

// writesLazyRole is for a role that the CDK makes when it is first used.
func (b *textractAsyncBase) writesLazyRole(method string, role awsiam.IRole) *writtenPolicy {
	return b.writes(role, func(*synthesizedApp, []*writtenPolicy) []validate.Problem {
		if role.Node().TryFindChild(jsii.String("Default")) != nil {
			return nil
		}
		return []validate.Problem{{
			Prop: method + " grantee", Value: "the lazy role " + pathOf(role) + ", which nothing uses",
			Fix: "use it: the CDK does not synthesize it before, and nobody is granted anything",
		}}
	})
}

// attachesManagedPolicy counts, at synthesis, the managed policies of one user or group: those of
// this app's constructs and, where this app makes the user or group, its own.
func (b *textractAsyncBase) attachesManagedPolicy(member constructs.IConstruct) {
	b.writes(member, func(_ *synthesizedApp, all []*writtenPolicy) []validate.Problem {
		count := len(all)
		limit, more := maxManagedPolicies, ""
		if _, isUser := member.(awsiam.IUser); isUser {
			more = ", 20 on request"
		}
		var listed *[]*string
		switch resource := resourceOf(member).(type) {
		case awsiam.CfnUser:
			listed = resource.ManagedPolicyArns()
		case awsiam.CfnGroup:
			listed = resource.ManagedPolicyArns()
		}
		if listed != nil {
			others, _ := awscdk.Stack_Of(member).Resolve(listed).([]any)
			count += len(others)
		}
		if path := pathOf(member); count > limit {
			warn(b.construct, warningPolicySize, fmt.Sprintf("%s has %d managed policies and IAM attaches %d%s; "+
				"grant a role that it may assume instead", path, count, limit, more))
		}
		return nil
	})
}

// writesQueue is for the policy of a queue of this app, in which several constructs and the app's
// own statements add up.
// See: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
func (b *textractAsyncBase) writesQueue(queue awssqs.Queue) *writtenPolicy {
	return b.writes(queue, func(app *synthesizedApp, all []*writtenPolicy) []validate.Problem {
		made, ok := queue.Node().TryFindChild(jsii.String("Policy")).(awssqs.QueuePolicy)
		isForSNS := slices.ContainsFunc(all, func(each *writtenPolicy) bool { return each.isForSNS })
		if !ok {
			if isForSNS {
				return []validate.Problem{queueLacksPolicy}
			}
			return nil
		}
		written := app.read(resourceOf(made))
		document := written.stack().Resolve(written.property("policyDocument"))
		if isForSNS && (!policyjson.AllowsService(document, snsPrincipal, "sqs:SendMessage") || !app.names(written, "queues", queue)) {
			return []validate.Problem{{
				Prop: "Queue", Value: "one whose policy, " + pathOf(made) + ", has lost the statement for SNS", Fix: changedLater,
			}}
		}
		for _, limited := range []struct {
			count, limit int
			of           string
		}{
			{policyjson.Size(document), maxQueuePolicy, "bytes"},
			{len(policyjson.Statements(document)), validate.MaxQueueStatements, "statements"},
			{policyjson.Conditions(document), maxQueueConditions, "conditions"},
		} {
			if limited.count > limited.limit {
				warn(
					b.construct,
					warningPolicySize,
					fmt.Sprintf("Queue: the policy of %s has about %d %s, and SQS documents a limit of %d; "+
						"use another queue for some of the constructs, or remove statements",
						pathOf(queue), limited.count, limited.of, limited.limit),
				)
			}
		}
		return nil
	})
}

// writesBucket is for the policy of a bucket of this app.
// See: https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
func (b *textractAsyncBase) writesBucket(prop string, bucket awss3.Bucket) {
	b.writes(bucket, func(*synthesizedApp, []*writtenPolicy) []validate.Problem {
		policy := bucket.Policy()
		if policy == nil {
			return nil
		}
		if size := documentSize(policy, policy.Document()); size > maxBucketPolicy {
			warn(b.construct, warningPolicySize, fmt.Sprintf("%s: the policy of %s has about %d bytes and S3 takes %d; "+
				"grant roles of this account, which others may assume", prop, pathOf(bucket), size, maxBucketPolicy))
		}
		return nil
	})
}

// measurePolicies checks, at synthesis, the policies of existing queues and keys.
func (t *textractAsync) measurePolicies(s settings, topicKey, queueKey *key) {
	if s.queue != nil {
		if queue, ok := s.queue.IQueue.(awssqs.Queue); ok {
			t.writesQueue(queue).isForSNS = true
		}
	}
	measure := func(prop string, k *key) {
		if k != nil && !k.isOurs {
			t.writesKey(prop, k)
		}
	}
	if s.queue != nil {
		measure("Queue", queueKey)
	} else {
		measure("EncryptionKey", queueKey)
	}
	if s.topic != nil {
		measure("Topic", topicKey)
	}
	for _, input := range s.inputs {
		measure(input.prop, input.key)
	}
	if s.output != nil {
		measure(s.output.prop, s.output.key)
	}
}

// writesKey is for the policy of a key of this app.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
func (b *textractAsyncBase) writesKey(prop string, k *key) {
	if k == nil || !k.isNew() {
		return
	}
	b.writes(k.IKey, func(app *synthesizedApp, _ []*writtenPolicy) []validate.Problem {
		var cfn constructs.IConstruct
		if k.made != nil {
			cfn = k.made.cfn
		} else {
			cfn = resourceOf(k.IKey)
		}
		made := app.read(cfn)
		if made.text("enabled") == "false" {
			return []validate.Problem{{
				Prop: prop, Value: "the key " + pathOf(k.IKey) + ", which is now disabled", Fix: changedLater + ": nobody can use it",
			}}
		}
		if spec := cmp.Or(made.text("keySpec"), symmetricSpec); isKnown(spec) && spec != symmetricSpec {
			return []validate.Problem{{
				Prop: prop, Value: "the key " + pathOf(k.IKey) + ", which is now " + spec,
				Fix: changedLater + ": AWS services take a symmetric key only",
			}}
		}
		document := made.stack().Resolve(made.property("keyPolicy"))
		if k.shared != nil && !policyjson.AllowsService(document, snsPrincipal, publishKeyActions[0]) {
			return []validate.Problem{{
				Prop: prop, Value: "the key " + pathOf(k.IKey) + ", whose policy has lost the statement for SNS",
				Fix: changedLater + ": without the statement no notification reaches the queue",
			}}
		}
		size := policyjson.Size(document)
		if size > maxKeyPolicy {
			warn(b.construct, warningPolicySize, fmt.Sprintf("%s: the policy of %s has about %d bytes and KMS takes %d; "+
				"use another key for some of the constructs", prop, pathOf(k.IKey), size, maxKeyPolicy))
		}
		return nil
	})
}

// count adds up what is written. It warns of a statement that is too long for any policy: the CDK
// moves what is too long for a role's inline policy into managed ones, statement by statement.
func (g grantee) count(c constructs.IConstruct, method string, p permission) {
	size := len(strings.Join(p.actions, `","`)) + len(strings.Join(p.resources, `","`))
	if g.written != nil {
		g.written.added += size + len(fmt.Sprint(p.condition))
	}
	if g.isSplit && size > maxStatement {
		warn(c, warningPolicySize, fmt.Sprintf("%s: one statement for %s has about %d characters and IAM takes %d in a managed policy; "+
			"use fewer or shorter prefixes, or one bucket", method, g, size, maxManagedPolicy))
	}
}

func documentSize(owner constructs.IConstruct, document awsiam.PolicyDocument) int {
	return policyjson.Size(awscdk.Stack_Of(owner).Resolve(document))
}
