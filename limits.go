package textractasync

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// The limits of IAM, in characters without white space.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrustPolicy    = 2_048
	maxManagedPolicy  = 6_144
	maxInlinePolicies = 10_240 // of a role, together
	maxGroupPolicies  = 5_120  // of a group, together
	maxUserPolicies   = 2_048  // of a user, together

	maxStatement = 5_900 // in a managed policy, with what is around it

	maxManagedPolicies = 10 // attached to one user or group
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

// warnOfPolicySize warns of a policy that callers' permissions are written into.
func warnOfPolicySize(c constructs.IConstruct, method, owner string, size, limit int) {
	if size > limit {
		warn(c, warningPolicySize, fmt.Sprintf("%s: the policy of %s has about %d characters and IAM takes %d; "+
			"pass a new awsiam.ManagedPolicy as the grantee, attached to the same role or user", method, owner, size, limit))
	}
}

// warnOfStatementSize warns of a statement that is too long for any policy. The CDK moves what is
// too long for a role's inline policy into managed ones, statement by statement.
func warnOfStatementSize(c constructs.IConstruct, method string, g grantee, p permission) {
	size := len(strings.Join(p.actions, `","`)) + len(strings.Join(p.resources, `","`))
	if g.checkSize == nil && size > maxStatement {
		warn(c, warningPolicySize, fmt.Sprintf("%s: one statement for %s has about %d characters and IAM takes %d in a managed policy; "+
			"use fewer or shorter prefixes, or one bucket", method, g, size, maxManagedPolicy))
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

// inlineLimitOf is the lowest limit of what an inline policy is attached to so far.
func inlineLimitOf(policy awsiam.Policy) int {
	resource, ok := resourceOf(policy).(awsiam.CfnPolicy)
	if !ok {
		return maxInlinePolicies
	}
	stack := awscdk.Stack_Of(policy)
	attached := func(names *[]*string) bool {
		all, _ := stack.Resolve(names).([]any)
		return len(all) > 0
	}
	switch {
	case attached(resource.Users()):
		return maxUserPolicies
	case attached(resource.Groups()):
		return maxGroupPolicies
	default:
		return maxInlinePolicies
	}
}

// attachedPolicy is a policy that a construct attached to a role, user or group.
type attachedPolicy struct {
	owner string // the path or ARN of the role, user or group
	size  func() int
}

// checkRolePolicies adds up, at synthesis, the inline policies that the constructs of this app have
// written for one role. The first of these constructs warns.
func (b *textractAsyncBase) checkRolePolicies(method, role string, policy awsiam.Policy) {
	own := &attachedPolicy{owner: role, size: sync.OnceValue(func() int { return documentSize(policy, policy.Document()) })}
	b.rolePolicies = append(b.rolePolicies, own)
	b.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		all := app.attachedTo(role, func(other *textractAsyncBase) []*attachedPolicy { return other.rolePolicies })
		if all[0] != own {
			return nil
		}
		sum := 0
		for _, each := range all {
			sum += each.size()
		}
		warnOfPolicySize(b.construct, method, role+" (the inline policies of this app together)", sum, maxInlinePolicies)
		return nil
	})
}

// checkManagedPolicies counts, at synthesis, the managed policies of one user or group: those of
// this app's constructs and, where this app makes the user or group, its own.
func (b *textractAsyncBase) checkManagedPolicies(member constructs.IConstruct) {
	path := pathOf(member)
	own := &attachedPolicy{owner: path}
	b.memberPolicies = append(b.memberPolicies, own)
	b.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		all := app.attachedTo(path, func(other *textractAsyncBase) []*attachedPolicy { return other.memberPolicies })
		if all[0] != own {
			return nil
		}
		count := len(all)
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
		if count > maxManagedPolicies {
			warn(b.construct, warningPolicySize, fmt.Sprintf("%s has %d managed policies and IAM attaches %d, 20 on request; "+
				"grant a role that it may assume instead", path, count, maxManagedPolicies))
		}
		return nil
	})
}

// attachedTo returns what the constructs of the app have attached to one owner.
func (app *synthesizedApp) attachedTo(owner string, of func(*textractAsyncBase) []*attachedPolicy) []*attachedPolicy {
	var all []*attachedPolicy
	for _, each := range app.textractAsyncs() {
		for _, attached := range of(each) {
			if attached.owner == owner {
				all = append(all, attached)
			}
		}
	}
	return all
}

func documentSize(owner constructs.IConstruct, document awsiam.PolicyDocument) int {
	return policyjson.Size(awscdk.Stack_Of(owner).Resolve(document))
}
