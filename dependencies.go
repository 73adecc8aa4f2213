package textractasync

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// dependencies are the other stacks of the construct's existing resources. Where its own stack
// refers to one of them, nothing there may refer to the construct: two stacks that refer to each
// other are a circular dependency, for which the CDK's error names neither a prop nor a fix.
type dependencies struct {
	all      []awscdk.Stack                         // to which the construct's stack refers
	possible []awscdk.Stack                         // to which the policies of callers refer
	callers  map[awscdk.Stack]constructs.IConstruct // in possible ones, to one each of which was granted

	areChecked bool
	problems   []validate.Problem // found while the CDK resolves the values of EnvironmentVariables
}

func newDependencies(s settings, keys ...*key) dependencies {
	var d dependencies
	var all, possible []*resource
	if s.topic != nil {
		all = append(all, s.topic.made)
	}
	if s.queue != nil {
		all = append(all, s.queue.made)
	}
	if s.serviceRole != nil {
		all = append(all, s.serviceRole.made)
	}
	if s.redrive != nil {
		keys = append(keys, s.redrive.key)
	}
	var ofCallers []*key
	ofCallers = append(ofCallers, s.formerEncryptionKeys...)
	for _, input := range s.inputs {
		possible, ofCallers = append(possible, input.made), append(ofCallers, input.key)
	}
	if s.output != nil {
		possible = append(possible, s.output.made)
		keys = append(keys, s.output.key) // in the policy of the service role
	}
	madeOf := func(keys []*key) (made []*resource) {
		for _, k := range keys {
			if k != nil {
				made = append(made, k.made)
			}
		}
		return made
	}
	d.all = otherStacks(s.env.stack, append(all, madeOf(keys)...))
	d.possible = otherStacks(s.env.stack, append(possible, madeOf(ofCallers)...))
	return d
}

func otherStacks(home awscdk.Stack, made []*resource) []awscdk.Stack {
	var stacks []awscdk.Stack
	for _, r := range made {
		if r != nil && r.stack() != home && !slices.Contains(stacks, r.stack()) {
			stacks = append(stacks, r.stack())
		}
	}
	return stacks
}

// areNone reports whether all is in one stack, which is the usual case and takes no jsii call.
func (d *dependencies) areNone() bool { return len(d.all)+len(d.possible) == 0 }

// hasStackOf reports whether the construct's stack refers to that of a construct.
func (d *dependencies) hasStackOf(c constructs.IConstruct) bool {
	return len(d.all) > 0 && slices.Contains(d.all, awscdk.Stack_Of(c))
}

// checkDependencies rejects a grant that would be a circular dependency, and notes what the others
// refer to.
func (b *textractAsyncBase) checkDependencies(method string, g grantee, needed []callerPermission) {
	d := &b.dependencies
	written, ok := g.policy.(constructs.IConstruct)
	if d.areNone() || !ok {
		return
	}
	home := awscdk.Stack_Of(written)
	switch {
	case home == b.env.stack:
		for _, p := range needed {
			if p.made == nil || p.made.stack() == home || slices.Contains(d.all, p.made.stack()) {
				continue
			}
			there := p.made.stack()
			if caller := d.callers[there]; caller != nil {
				b.rejectGrantee(method, g.String(), "call this grant before the one for "+pathOf(caller)+
					", or use a grantee in another stack: "+
					"the policy of that one, in stack "+pathOf(there)+", refers to the construct, "+
					"and this one would refer to "+p.prop+" there")
			}
			d.all = append(d.all, there)
		}
	case slices.Contains(d.all, home):
		b.rejectGrantee(method, g.String(), "use a grantee in the construct's stack or a third one, or a role instead of its policy: "+
			"stack "+pathOf(b.env.stack)+" refers to stack "+pathOf(home)+" already, because of the existing resources or a former grant")
	case slices.Contains(d.possible, home):
		if d.callers == nil {
			d.callers = map[awscdk.Stack]constructs.IConstruct{}
		}
		d.callers[home] = written
	}
}

// inOtherStacks returns a value of the construct that must not be used in a stack to which the
// construct's own refers. Only at synthesis is known who uses it.
func (b *textractAsyncBase) inOtherStacks(value *string) *string {
	if b.dependencies.areNone() {
		return value
	}
	if !b.dependencies.areChecked {
		b.dependencies.areChecked = true
		b.atSynthesis(func(*synthesizedApp) []validate.Problem { return b.dependencies.problems })
	}
	return awscdk.Lazy_UncachedString(&checkedValue{b, value}, nil)
}

type checkedValue struct {
	base  *textractAsyncBase
	value *string
}

// Produce implements awscdk.IStringProducer. In place of a value that must not be used it returns
// text without a reference, because the CDK looks for circular dependencies before the validations,
// which end the synthesis. A panic here would leave the kernel of jsii in the middle of the call.
func (v *checkedValue) Produce(context awscdk.IResolveContext) *string {
	b, user := v.base, context.Scope()
	if !b.dependencies.hasStackOf(user) {
		return v.value
	}
	problem := validate.Problem{
		Prop: "EnvironmentVariables", Value: pathOf(user) + ", which uses them in stack " + pathOf(awscdk.Stack_Of(user)),
		Fix: "use them in the construct's stack or a third one: stack " + pathOf(b.env.stack) + " refers to that stack already, because " +
			"of the existing resources or a grant, and two stacks cannot refer to each other",
	}
	if d := &b.dependencies; !slices.Contains(d.problems, problem) { // one of several values
		d.problems = append(d.problems, problem)
	}
	return jsii.String("not available in this stack")
}
