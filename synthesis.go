package textractasync

import (
	"reflect"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// The second look. Aspects, property injectors, mixins, setters and whatever else the app makes
// after a construct may change what the construct was told, so that is looked at once more at
// synthesis: the CDK runs validations after the aspects and before it writes a template.

// synthesisCheck looks once more at what a construct depends on. What it returns ends the
// synthesis. Warnings that it adds reach the output as those of the constructor do.
type synthesisCheck func(app *synthesizedApp) []validate.Problem

// atSynthesis adds a check.
func (b *textractAsyncBase) atSynthesis(check synthesisCheck) {
	if b.checks == nil {
		b.construct.Node().AddValidation(b.construct.(constructs.IValidation))
	}
	b.checks = append(b.checks, check)
}

// Validate implements constructs.IValidation: the CDK calls it at synthesis, once for each
// construct. The first one searches the app for all of them.
func (b *textractAsyncBase) Validate() *[]*string {
	if b.app == nil {
		app := newSynthesizedApp(b.construct)
		for _, each := range app.textractAsyncs() {
			each.app = app
		}
	}
	app := b.app
	b.app = nil // the next synthesis searches again
	messages := []*string{}
	for _, check := range b.checks {
		for _, problem := range check(app) {
			messages = append(messages, jsii.String(Problem(problem).String()))
		}
	}
	return &messages
}

func (b *textractAsyncBase) base() *textractAsyncBase { return b }

// synthesizedApp is what an app or stage makes, found by one search.
type synthesizedApp struct {
	nodes  []constructs.IConstruct
	byType map[reflect.Type]any
	topics map[string][]awssns.CfnTopic // by their names, where they are known

	written map[any][]*writtenPolicy // by their owners
}

func newSynthesizedApp(c constructs.Construct) *synthesizedApp {
	return &synthesizedApp{
		nodes:  *awscdk.Stage_Of(c).Node().FindAll(constructs.ConstructOrder_PREORDER),
		byType: map[reflect.Type]any{},
	}
}

// ofType returns the constructs of one type, such as awssns.CfnTopic, in the order of the tree.
func ofType[T any](app *synthesizedApp) []T {
	if found, ok := app.byType[reflect.TypeFor[T]()].([]T); ok {
		return found
	}
	found := []T{}
	for _, node := range app.nodes {
		if each, ok := node.(T); ok {
			found = append(found, each)
		}
	}
	app.byType[reflect.TypeFor[T]()] = found
	return found
}

// textractAsyncs returns the constructs of this package, new and imported.
func (app *synthesizedApp) textractAsyncs() []*textractAsyncBase {
	var all []*textractAsyncBase
	for _, each := range ofType[interface{ base() *textractAsyncBase }](app) {
		all = append(all, each.base())
	}
	return all
}

// topicsNamed returns the topics of a name.
func (app *synthesizedApp) topicsNamed(name string) []awssns.CfnTopic {
	if app.topics == nil {
		app.topics = map[string][]awssns.CfnTopic{}
		for _, topic := range ofType[awssns.CfnTopic](app) {
			name := valueOr(topic.TopicName(), "")
			app.topics[name] = append(app.topics[name], topic)
		}
	}
	return app.topics[name]
}
