package textractasync

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// sharedStatement is one statement in the policy of a key or queue that several constructs use: for
// the topics of all of them, because SQS and KMS limit such policies. It is a child of the key or
// queue, so that the next construct finds it there.
type sharedStatement struct {
	constructs.Construct
	sources []string

	// What is read once from the policy of a key; nil before.
	leavesToAccount *bool
}

const sharedStatementID = "TextractAsyncSources-"

// Produce implements awscdk.IAnyProducer: the CDK asks at synthesis for the sources in the
// condition.
func (s *sharedStatement) Produce(awscdk.IResolveContext) any {
	if len(s.sources) == 1 {
		return s.sources[0]
	}
	return s.sources
}

// addShared adds the permission of a service for one source to the statement in the policy of its
// owner that is for others already, or as that statement. It returns nil where the permission is
// not for one source, or the policy does not take it.
func addShared(owner constructs.Construct, p permission, add func(permission) bool) *sharedStatement {
	source, operator := sourceOf(p.condition)
	name, _ := p.principal["Service"].(string)
	if source == "" || name == "" {
		return nil
	}
	node, id := owner.Node(), jsii.String(sharedStatementID+name)
	if shared, ok := node.TryFindChild(id).(*sharedStatement); ok {
		if !slices.Contains(shared.sources, source) {
			shared.sources = append(shared.sources, source)
		}
		return shared
	}
	shared := &sharedStatement{sources: []string{source}}
	constructs.NewConstruct_Override(shared, owner, id)
	p.condition = map[string]any{operator: map[string]any{sourceARNKey: awscdk.Lazy_UncachedAny(shared, nil)}}
	if !add(p) {
		node.TryRemoveChild(id)
		return nil
	}
	return shared
}

// hasShared reports whether the policy of the owner has a statement to share for a service.
func hasShared(owner constructs.IConstruct, service string) bool {
	return owner.Node().TryFindChild(jsii.String(sharedStatementID+service)) != nil
}

// sourceOf returns the one ARN that a condition compares the source with.
func sourceOf(condition map[string]any) (source, operator string) {
	const equals = "ArnEquals" // a pattern is for more than one source, and has a warning of its own
	keys, _ := condition[equals].(map[string]any)
	if len(condition) != 1 || len(keys) != 1 {
		return "", ""
	}
	source, _ = keys[sourceARNKey].(string)
	return source, equals
}
