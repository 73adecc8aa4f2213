package textractasync

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
)

// The limits of IAM, in characters without white space.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxTrustPolicy    = 2_048
	maxManagedPolicy  = 6_144
	maxInlinePolicies = 10_240 // of a role, together

	maxManagedPolicies = 10 // attached to one user or group
)

// warnOfTrustSize measures the trust of a new service role, which grows with the accounts that it trusts.
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

// warnOfPolicySize measures a policy that callers' permissions are written into.
func warnOfPolicySize(scope constructs.IConstruct, method, owner string, document awsiam.PolicyDocument, limit int) {
	size := policySize(awscdk.Stack_Of(scope).Resolve(document))
	if size > limit {
		warn(scope, warningPolicySize, fmt.Sprintf("%s: the policy of %s has about %d characters and IAM takes %d; "+
			"pass a new awsiam.ManagedPolicy as the grantee, attached to the same role or user", method, owner, size, limit))
	}
}

// warnOfPolicyCount counts the managed policies of constructs next to a user or group, before there is one more.
func warnOfPolicyCount(construct, scope, owner constructs.IConstruct) {
	count := 1
	for _, sibling := range *scope.Node().Children() {
		if _, ok := sibling.(awsiam.ManagedPolicy); ok && strings.HasPrefix(*sibling.Node().Id(), *owner.Node().Id()+"-"+managedPolicyPrefix) {
			count++
		}
	}
	if count > maxManagedPolicies {
		warn(construct, warningPolicySize, fmt.Sprintf("%s has managed policies of %d constructs and IAM attaches %d, 20 on request; "+
			"grant a role that it may assume instead", pathOf(owner), count, maxManagedPolicies))
	}
}

// policySize counts the characters of a policy as IAM does. A value that is known only at deployment counts as an ARN of usual length.
func policySize(value any) int {
	const (
		referenceSize = 80
		pseudoSize    = 14
	)
	switch v := value.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			switch {
			case name == "Ref" && strings.HasPrefix(fmt.Sprint(argument), "AWS::"):
				return pseudoSize
			case name == "Fn::Join":
				return joinSize(argument)
			default:
				return referenceSize
			}
		}
		size := 2
		for key, element := range v {
			size += len(key) + len(`"":,`) + quotedSize(element)
		}
		return size
	case []any:
		size := 2
		for _, element := range v {
			size += quotedSize(element) + 1
		}
		return size
	default:
		return len(fmt.Sprint(v))
	}
}

// quotedSize adds the quotes of a string.
func quotedSize(value any) int {
	size := policySize(value)
	switch v := value.(type) {
	case string:
		return size + 2
	case map[string]any:
		if _, _, ok := intrinsic(v); ok {
			return size + 2
		}
	}
	return size
}

func joinSize(argument any) int {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return 0
	}
	texts, _ := parts[1].([]any)
	size := 0
	for _, text := range texts {
		size += policySize(text)
	}
	return size
}

func intrinsic(v map[string]any) (name string, argument any, ok bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for name, argument = range v {
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}
