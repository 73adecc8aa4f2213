package textractasync

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// The second look. Aspects, property injectors, mixins, setters and whatever else the app makes
// after a construct may change what the construct was told, so that is looked at once more at
// synthesis: the CDK runs validations after the aspects and before it writes a template.

// synthesisCheck looks once more at what a construct depends on. What it returns ends the
// synthesis. Warnings that it adds reach the output as those of the constructor do.
type synthesisCheck func(app *synthesizedApp) []validate.Problem

// atSynthesis adds a check.
func (b *textractAsyncBase) atSynthesis(check synthesisCheck) { b.checks = append(b.checks, check) }

// secondLook is the one at a stack and the constructs of this package in it.
type secondLook struct {
	stack        awscdk.Stack
	isRegistered bool
	app          *synthesizedApp // of the synthesis that has begun
}

// register has the CDK call, at synthesis, an object that calls Validate.
func (l *secondLook) register(validation constructs.IValidation) {
	l.stack.Node().AddValidation(validation)
	l.isRegistered = true
}

// Validate implements constructs.IValidation: the CDK calls it at synthesis, once for each stack,
// and looks at the constructs in the stack next. The first stack searches the app for all of them.
func (l *secondLook) Validate() *[]*string {
	app := l.app
	l.app = nil // the next synthesis searches again
	if app == nil {
		app = newSynthesizedApp(awscdk.Stage_Of(l.stack))
		l.share(app)
	}
	for _, each := range app.textractAsyncs() {
		if each.env.stack == l.stack {
			each.check(app)
		}
	}
	return &[]*string{}
}

// share spares the stacks after this one in the tree, to which the CDK comes next, their search. So
// no stack gets an app of a former synthesis: the first one always searches.
func (l *secondLook) share(app *synthesizedApp) {
	isNext := false
	for _, stack := range ofType[awscdk.Stack](app) {
		if other, found := answersOf[stack]; isNext && found && awscdk.Stage_Of(stack) == app.stage {
			other.secondLook.app = app
		}
		isNext = isNext || stack == l.stack
	}
}

// check runs the checks of one construct. Only one with problems gets a validation, which reports
// them with its path.
func (b *textractAsyncBase) check(app *synthesizedApp) {
	b.problems.messages = nil
	for _, check := range b.checks {
		for _, problem := range allReadable(b.construct, check(app)) {
			b.problems.messages = append(b.problems.messages, jsii.String(Problem(problem).String()))
		}
	}
	if len(b.problems.messages) > 0 && !b.problems.isAdded {
		b.construct.Node().AddValidation(&b.problems)
		b.problems.isAdded = true
	}
}

// problemsAtSynthesis are those of one construct at the last synthesis.
type problemsAtSynthesis struct {
	messages []*string
	isAdded  bool
}

// Validate implements constructs.IValidation.
func (p *problemsAtSynthesis) Validate() *[]*string { return &p.messages }

func (b *textractAsyncBase) base() *textractAsyncBase { return b }

// lookAgain checks, at synthesis, that topic and queues are still what the policies were written
// for, and that nothing else in the app writes their policies or subscribes the queue.
func (t *textractAsync) lookAgain(s settings, identity topicIdentity, topicKey, queueKey *key) {
	topic := lookedAt{owner: t.topic, prop: "Topic", name: identity.name, key: topicKey.text()}
	queue := lookedAt{owner: t.queue, prop: "Queue", key: queueKey.text()}
	deadLetterQueue := lookedAt{owner: t.deadLetterQueue, prop: "DeadLetterQueue"}
	if s.redrive != nil {
		deadLetterQueue.key = s.redrive.key.text()
	}
	t.made = []madePart{{"Subscription", t.subscription}}
	if s.topic == nil {
		t.made = append(t.made, madePart{"Topic", t.topic})
	} else if topic.made, topic.key = s.topic.made, ""; topic.made != nil {
		topic.name, topic.key = onlyKnown(s.topic.name), topic.made.text(keyProperty)
	}
	if s.queue == nil {
		t.made = append(t.made, madePart{"Queue", t.queue})
	} else if queue.made, queue.key = s.queue.made, ""; queue.made != nil {
		queue.key = queue.made.text(keyProperty)
	}
	if t.deadLetterQueue != nil {
		t.made = append(t.made, madePart{"DeadLetterQueue", t.deadLetterQueue})
	}
	parts := slices.Clone(t.made)
	if s.serviceRole == nil {
		parts = append(parts, madePart{"ServiceRole", t.serviceRole})
	}
	for _, k := range []*key{topicKey, queueKey} {
		if k != nil && k.isOurs {
			parts = append(parts, madePart{"EncryptionKey", k.IKey})
			break
		}
	}
	isPolicyWritten := s.serviceRole == nil && len(servicePermissions(s, identity, topicKey)) > 0
	t.atSynthesis(func(app *synthesizedApp) []validate.Problem {
		if problems := app.checkParts(parts); len(problems) > 0 {
			return problems
		}
		problems := slices.Concat(
			topic.checkName(app), topic.checkKey(app, "the service role"), topic.checkFIFO(app, "fifoTopic", "Textract publishes to"),
			queue.checkKey(app, "SNS and consumers"), queue.checkFIFO(app, "fifoQueue", "a standard topic delivers to"),
			queue.checkPolicies(app, t.queueARN), t.checkSubscriptions(app, topic.now(app), queue.now(app)),
			t.checkKeyOfTopic(app, topic.now(app), topicKey), t.checkSubscription(app),
		)
		if s.queue == nil && !app.hasPolicy(t.queue) {
			problems = append(problems, queueLacksPolicy)
		}
		if isPolicyWritten && app.lacksPolicy(t.serviceRole) {
			problems = append(problems, validate.Problem{
				Prop: "ServiceRole", Value: "one without the policy that lets Textract publish", Fix: removedLater,
			})
		}
		if s.topic == nil {
			problems = append(problems, topic.checkPolicies(app, identity.arn)...)
			problems = append(problems, t.checkNameIsUnique(app, topic, s.topicName)...)
		}
		if t.deadLetterQueue != nil {
			problems = append(problems, deadLetterQueue.checkKey(app, "SNS")...)
			problems = append(problems, deadLetterQueue.checkFIFO(app, "fifoQueue", "a standard queue moves messages to")...)
			problems = append(problems, checkRedrive(queue.now(app))...)
			problems = append(problems, deadLetterQueue.checkPolicies(app, "")...)
		}
		return problems
	})
}

// madePart is what the construct has made for a prop.
type madePart struct {
	prop  string
	owner constructs.IConstruct
}

// checkParts rejects parts that are no longer in the app: notifications would be lost, or others
// refer to what the template lacks.
func (app *synthesizedApp) checkParts(parts []madePart) []validate.Problem {
	var problems []validate.Problem
	for _, p := range parts {
		if !app.has(p.owner) {
			problems = append(problems, validate.Problem{
				Prop:  p.prop,
				Value: "one that is removed from the app",
				Fix:   "remove what takes it away after the construct, such as TryRemoveChild",
			})
		}
	}
	return problems
}

// has reports whether the app still has a part with its resource, which the CDK makes first.
func (app *synthesizedApp) has(owner constructs.IConstruct) bool {
	i, found := app.indexes[owner]
	if _, isRole := owner.(awsiam.Role); isRole || !found { // Role_CustomizeRoles makes no resource of a role
		return found
	}
	if i+1 == len(app.nodes) {
		return false
	}
	_, isResource := app.nodes[i+1].(awscdk.CfnResource)
	return isResource
}

// lookedAt is a topic or queue with what the policies were written for.
type lookedAt struct {
	owner constructs.IConstruct
	prop  string
	made  *resource // of an existing one; nil where that is imported, and of a new one
	name  *string   // of a topic; nil where the policies do not name it
	key   string    // as its property had it
}

// now reads the resource again; nil where this app has none.
func (l lookedAt) now(app *synthesizedApp) *resource {
	if l.made != nil {
		return app.read(l.made.cfn)
	}
	return app.read(app.newResources[l.owner])
}

const changedLater = "remove what changes it after or behind the construct, such as a property injector, an aspect, a mixin or a setter"

var queueLacksPolicy = validate.Problem{Prop: "Queue", Value: "one without the policy that lets SNS send", Fix: removedLater}

const removedLater = "remove what takes the policy away after the construct, such as TryRemoveChild"

// checkFIFO rejects a topic or queue that has become FIFO.
func (l lookedAt) checkFIFO(app *synthesizedApp, property, users string) []validate.Problem {
	now := l.now(app)
	if now == nil || !now.isTrue(property) {
		return nil
	}
	return []validate.Problem{{
		Prop: l.prop, Value: "one that is now FIFO", Fix: changedLater + ": " + users + " a standard one only",
	}}
}

// checkRedrive rejects a queue that no longer moves messages to the dead-letter queue.
func checkRedrive(queue *resource) []validate.Problem {
	if queue == nil {
		return nil
	}
	policy := queue.property("redrivePolicy")
	if properties, isMap := policy.(map[string]any); policy != nil && (!isMap || len(properties) > 0) {
		return nil
	}
	return []validate.Problem{{
		Prop: "DeadLetterQueue", Value: "a queue without its RedrivePolicy",
		Fix: changedLater + ", or disable the dead-letter queue: it gets no message that consumers fail to process",
	}}
}

// checkName compares the topic's name with the one that the policies have.
func (l lookedAt) checkName(app *synthesizedApp) []validate.Problem {
	now := l.now(app)
	if now == nil || l.name == nil || now.text("topicName") == *l.name || now.name("topicName") == *l.name {
		return nil
	}
	return []validate.Problem{{
		Prop: l.prop, Value: "a topic that is now named " + strconv.Quote(now.text("topicName")),
		Fix: changedLater + ": the policies of queue, key and service role name the topic " + strconv.Quote(*l.name),
	}}
}

// checkKey compares the key with the one that its users may use. Without any they need none, but a
// new topic or queue has lost the encryption that the props ask for. An injector in Go that gives
// back what it got does that.
func (l lookedAt) checkKey(app *synthesizedApp, users string) []validate.Problem {
	now := l.now(app)
	if now == nil {
		return nil
	}
	text := now.text(keyProperty)
	if text == "" && l.key != "" && l.made == nil {
		return []validate.Problem{{
			Prop: l.prop, Value: "one that is no longer encrypted with " + app.nameOf(l.key),
			Fix: changedLater + ", or use the props of the construct to choose that encryption",
		}}
	}
	if text == "" || text == l.key || isIDOf(l.key, text) || app.refersToSame(text, l.key) || now.isSameValue(text, l.key) {
		return nil
	}
	fix := ", or set EncryptionKey to that key"
	if l.made != nil {
		fix = ", or do that before"
	}
	return []validate.Problem{{
		Prop: l.prop, Value: "one that is now encrypted with " + app.nameOf(text),
		Fix: changedLater + fix + ": " + users + " may not use this key, and notifications would be lost",
	}}
}

// isIDOf reports whether a text is the id in the ARN of a key. A queue or topic looks for an id in
// its own account and Region, where its key was.
func isIDOf(key, text string) bool {
	_, id, _ := strings.Cut(key, ":key/")
	return id != "" && id == text
}

// checkPolicies rejects other resources that write the policy of a topic or queue: it has one, so
// they overwrite each other.
func (l lookedAt) checkPolicies(app *synthesizedApp, arn string) []validate.Problem {
	now := l.now(app)
	if now == nil || l.made != nil && !l.made.isOwn { // a warning asks for the statement
		return nil
	}
	others := pathsOf(app.policiesOf(now.cfn, arn))
	if len(others) > 0 {
		own := pathOf(l.owner) + "/Policy/Resource"
		others = slices.DeleteFunc(others, func(path string) bool { return path == own })
	}
	if len(others) == 0 {
		return nil
	}
	return []validate.Problem{{
		Prop: l.prop, Value: "one with the policy " + strings.Join(others, " and "),
		Fix: "use AddToResourcePolicy of the topic or queue for its statements: it has one policy, and the construct writes that",
	}}
}

// checkSubscription rejects changes of the subscription by which notifications would be lost.
// Textract sends no message attributes, so a filter of them passes none.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-message-filtering.html
func (t *textractAsync) checkSubscription(app *synthesizedApp) []validate.Problem {
	now, got := app.read(app.newResources[t.subscription]), ""
	switch {
	case now.text("protocol") != "sqs" || !app.isSame(now.text("endpoint"), t.queueARN):
		got = "one that no longer sends to the queue"
	case now.property("filterPolicy") != nil && now.text("filterPolicyScope") != "MessageBody":
		got = "one with a FilterPolicy of message attributes, which Textract does not send"
	case t.deadLetterQueue != nil && now.property("redrivePolicy") == nil:
		got = "one without its RedrivePolicy"
	default:
		return nil
	}
	return []validate.Problem{{Prop: "Subscription", Value: got, Fix: changedLater + ": notifications would be lost"}}
}

// checkSubscriptions rejects another subscription of the queue to the topic: SNS takes the same one
// twice, and rejects one with other attributes.
// See: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
func (t *textractAsync) checkSubscriptions(app *synthesizedApp, topic, queue *resource) []validate.Problem {
	is := func(other subscription, text string, made *resource, arn string) bool {
		return app.isSame(text, arn) || made != nil && app.isByLogicalID(other.node, text, made.cfn)
	}
	for _, other := range app.otherSubscriptions() {
		isOwn := other.node == app.newResources[t.subscription]
		if isOwn || !is(other, other.queue, queue, t.queueARN) || !is(other, other.topic, topic, *t.topic.TopicArn()) {
			continue
		}
		use := "TextractAsync_FromTextractAsyncAttributes with the ARNs of both"
		for _, each := range ofType[*textractAsync](app) {
			if app.newResources[each.subscription] == other.node {
				use = "the construct " + pathOf(each)
			}
		}
		return []validate.Problem{{
			Prop: "Queue", Value: "a queue that is subscribed to the Topic by " + pathOf(other.node),
			Fix: "use " + use + ", remove that subscription, or use another queue",
		}}
	}
	return nil
}

// checkKeyOfTopic rejects a key that encrypts the topic and names it in its policy. With the
// feature flag @aws-cdk/aws-sns-subscriptions:restrictSqsDescryption, the CDK's SqsSubscription
// writes the topic into the policy of its queue's key.
func (t *textractAsync) checkKeyOfTopic(app *synthesizedApp, topic *resource, k *key) []validate.Problem {
	if topic == nil || k == nil || !k.isNew() {
		return nil
	}
	isOther := func(s subscription) bool {
		return s.node != app.newResources[t.subscription] && app.referredToBy(s.topic) == topic.cfn
	}
	i := slices.IndexFunc(app.otherSubscriptions(), isOther)
	if i < 0 {
		return nil
	}
	written := app.read(resourceOf(k.IKey))
	if written == nil || written.stack() != topic.stack() {
		return nil
	}
	policy := fmt.Sprint(fnsub.Flatten(written.stack().Resolve(written.property("keyPolicy"))))
	if id := "${" + *topic.stack().GetLogicalId(topic.cfn); !strings.Contains(policy, id+"}") && !strings.Contains(policy, id+".") {
		return nil
	}
	return []validate.Problem{{
		Prop: "EncryptionKey", Value: "the key " + pathOf(k.IKey) + ", whose policy refers to the topic that it encrypts",
		Fix: "use another key for the queue of " + pathOf(app.otherSubscriptions()[i].node) + ": with the feature flag " +
			"@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption, SqsSubscription writes the topic into the policy of the queue's key, " +
			"which is a circular dependency",
	}}
}

// checkNameIsUnique rejects a TopicName that another topic of this app has in the same environment.
func (t *textractAsync) checkNameIsUnique(app *synthesizedApp, topic lookedAt, name *string) []validate.Problem {
	if name == nil || validate.Dummy(*name) {
		return nil
	}
	for _, other := range app.topicsNamed(*name) {
		if other != app.newResources[topic.owner] && t.env.isSameAs(other, isKnown(*name)) {
			return []validate.Problem{{
				Prop: "TopicName", Value: strconv.Quote(*name),
				Fix: "use another name: " + strings.TrimSuffix(pathOf(other), "/Resource") + " is a topic with this one",
			}}
		}
	}
	return nil
}

// synthesizedApp is what an app or stage makes, found by one search. Each part of it is read once,
// for all constructs, when the first one asks.
type synthesizedApp struct {
	stage   awscdk.Stage
	nodes   []constructs.IConstruct
	indexes map[constructs.IConstruct]int // of nodes
	byType  map[reflect.Type]any
	written map[any][]*writtenPolicy // by their owners

	// The resources of the topics, queues and subscriptions that constructs of this package made,
	// by their L2 constructs, and of their policies.
	newResources map[constructs.IConstruct]constructs.IConstruct
	newPolicies  map[constructs.IConstruct]bool

	resources     map[constructs.IConstruct]*resource
	references    map[string]constructs.IConstruct
	generics      []*resource                        // that the app made with awscdk.NewCfnResource
	topics        map[string][]constructs.IConstruct // by their names, where they are known
	policies      []resourcePolicy
	subscriptions []subscription
	isSearched    bool
}

// resourcePolicy is a resource that writes the policies of queues or topics.
type resourcePolicy struct {
	node constructs.IConstruct
	of   []string
}

// subscription is a resource that subscribes something to a topic.
type subscription struct {
	node         constructs.IConstruct
	topic, queue string
}

func newSynthesizedApp(stage awscdk.Stage) *synthesizedApp {
	app := &synthesizedApp{
		stage:        stage,
		nodes:        *stage.Node().FindAll(constructs.ConstructOrder_PREORDER),
		indexes:      map[constructs.IConstruct]int{},
		byType:       map[reflect.Type]any{},
		newResources: map[constructs.IConstruct]constructs.IConstruct{},
		newPolicies:  map[constructs.IConstruct]bool{},
		resources:    map[constructs.IConstruct]*resource{},
		references:   map[string]constructs.IConstruct{},
	}
	isOurs := map[constructs.IConstruct]bool{}
	for _, each := range ofType[*textractAsync](app) {
		for _, made := range each.made {
			isOurs[made.owner] = true
		}
	}
	// The CDK makes the resource of a topic or queue first, and the policy that denies plain HTTP
	// next.
	for i, node := range app.nodes {
		app.indexes[node] = i
		if !isOurs[node] || i+1 == len(app.nodes) {
			continue
		}
		app.newResources[node] = app.nodes[i+1]
		if i+3 >= len(app.nodes) {
			continue
		}
		switch app.nodes[i+3].(type) {
		case awssns.CfnTopicPolicy, awssqs.CfnQueuePolicy:
			app.newPolicies[app.nodes[i+3]] = true
		}
	}
	return app
}

// hasPolicy reports whether a new topic or queue still has its policy.
func (app *synthesizedApp) hasPolicy(owner constructs.IConstruct) bool {
	if i, found := app.indexes[owner]; found && i+3 < len(app.nodes) && app.newPolicies[app.nodes[i+3]] {
		return true
	}
	return owner.Node().TryFindChild(jsii.String("Policy")) != nil
}

// lacksPolicy reports whether a new role has lost the inline policy with what was granted to it.
// The CDK makes the policy after the resource of the role, so that is looked at first.
func (app *synthesizedApp) lacksPolicy(role constructs.IConstruct) bool {
	i, found := app.indexes[role]
	if !found {
		return false
	}
	if i+2 < len(app.nodes) {
		_, isMade := app.nodes[i+1].(awsiam.CfnRole)
		if _, hasPolicy := app.nodes[i+2].(awsiam.Policy); isMade && hasPolicy {
			return false
		}
	}
	node := role.Node()
	_, isMade := node.DefaultChild().(awsiam.CfnRole)
	return isMade && node.TryFindChild(jsii.String("DefaultPolicy")) == nil && !reportsRoles(role)
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

// read returns a resource as it is now.
func (app *synthesizedApp) read(c constructs.IConstruct) *resource {
	if c == nil {
		return nil
	}
	r, ok := app.resources[c]
	if !ok {
		r = newResource(c)
		app.resources[c] = r
	}
	return r
}

// referredToBy is the function of this name, which asks once for each text.
func (app *synthesizedApp) referredToBy(text string) constructs.IConstruct {
	target, ok := app.references[text]
	if !ok {
		target = referredToBy(text)
		app.references[text] = target
	}
	return target
}

// nameOf names a key by its path where this app has it, and else as the property does.
func (app *synthesizedApp) nameOf(text string) string {
	if target := app.referredToBy(text); target != nil {
		return pathOf(target)
	}
	return strconv.Quote(text)
}

// refersToSame reports whether both texts refer to the same construct.
func (app *synthesizedApp) refersToSame(a, b string) bool {
	target := app.referredToBy(a)
	return target != nil && target == app.referredToBy(b)
}

// isSame reports whether two ARNs are the same, or refer to the same.
func (app *synthesizedApp) isSame(a, b string) bool {
	return a == b || validate.SameARN(a, b) || app.refersToSame(a, b)
}

// topicsNamed returns the topics of a name.
func (app *synthesizedApp) topicsNamed(name string) []constructs.IConstruct {
	if app.topics == nil {
		app.topics = map[string][]constructs.IConstruct{}
		for _, topic := range ofTypeOrGeneric[awssns.CfnTopic](app, typeTopic) {
			name := app.read(topic).text("topicName")
			app.topics[name] = append(app.topics[name], topic)
		}
	}
	return app.topics[name]
}

// ofTypeOrGeneric returns the resources of a type, those of awscdk.NewCfnResource among them.
func ofTypeOrGeneric[T constructs.IConstruct](app *synthesizedApp, kind string) []constructs.IConstruct {
	var found []constructs.IConstruct
	for _, each := range ofType[T](app) {
		found = append(found, each)
	}
	for _, each := range app.genericResources() {
		if each.kind == kind {
			found = append(found, each.cfn)
		}
	}
	return found
}

// policiesOf returns the resources that write the policy of a topic or queue, other than those that
// constructs of this package made with it.
func (app *synthesizedApp) policiesOf(owner constructs.IConstruct, arn string) []constructs.IConstruct {
	app.search()
	var all []constructs.IConstruct
	for _, policy := range app.policies {
		names := func(text string) bool {
			if app.referredToBy(text) == owner || validate.SameARN(text, arn) || app.isURLOf(text, owner) || app.isARNOf(text, owner) {
				return true
			}
			flat, from := app.flat(policy.node, text)
			return app.isURLOf(flat, owner) || app.isARNOf(flat, owner) || app.isLogicalIDOf(flat, from, owner)
		}
		if slices.ContainsFunc(policy.of, names) {
			all = append(all, policy.node)
		}
	}
	return all
}

// names reports whether a property of a policy still lists its owner.
func (app *synthesizedApp) names(policy *resource, property string, owner constructs.IConstruct) bool {
	made := resourceOf(owner)
	return slices.ContainsFunc(policy.textList(property), func(text string) bool { return app.referredToBy(text) == made })
}

// isURLOf reports whether a known URL is that of a queue of the app, by its name.
func (app *synthesizedApp) isURLOf(url string, owner constructs.IConstruct) bool {
	if !strings.HasPrefix(url, "https://") {
		return false
	}
	queue := app.read(owner)
	return validate.IsURLOfQueue(url, "arn:aws:sqs:"+*queue.stack().Region()+":"+*queue.stack().Account()+":"+queue.text("queueName"))
}

// isARNOf reports whether an ARN is that of a topic of the app, by its name.
func (app *synthesizedApp) isARNOf(arn string, owner constructs.IConstruct) bool {
	if !strings.HasPrefix(arn, "arn:") {
		return false
	}
	topic := app.read(owner)
	name, partition := topic.text("topicName"), strings.Split(arn, ":")[1]
	return name != "" && validate.SameARN(arn, "arn:"+partition+":sns:"+*topic.stack().Region()+":"+*topic.stack().Account()+":"+name)
}

// flat writes a text of a resource that is no reference of the CDK, such as one of Fn::Sub or
// awscdk.Fn_Ref, as Fn::Sub does. It is empty for any other text. A parameter of a nested stack has
// the value that the resource of that stack, which is returned then, gives it.
func (app *synthesizedApp) flat(from constructs.IConstruct, text string) (string, constructs.IConstruct) {
	if !validate.Unresolved(text) || validate.Dummy(text) {
		return "", from
	}
	var value any
	switch target := app.referredToBy(text).(type) {
	case nil:
		value = app.read(from).stack().Resolve(text)
	case awscdk.CfnParameter:
		nested := app.read(target.Stack().NestedStackResource())
		if nested == nil {
			return "", from
		}
		parameters, _ := nested.property("parameters").(map[string]any)
		from, value = nested.cfn, parameters[*target.Stack().GetLogicalId(target)]
	default:
		return "", from
	}
	flat := fmt.Sprint(fnsub.Flatten(value))
	if inner, isSub := strings.CutPrefix(flat, "${Fn::Sub "); isSub {
		return strings.TrimSuffix(inner, "}"), from
	}
	return flat, from
}

// isByLogicalID reports whether a text of one resource names another one by its logical id.
func (app *synthesizedApp) isByLogicalID(from constructs.IConstruct, text string, owner constructs.IConstruct) bool {
	flat, from := app.flat(from, text)
	return app.isLogicalIDOf(flat, from, owner)
}

// isLogicalIDOf reports whether a flat text of one resource names another one by its logical id.
func (app *synthesizedApp) isLogicalIDOf(flat string, from, owner constructs.IConstruct) bool {
	made := app.read(owner)
	if flat == "" || app.read(from).stack() != made.stack() {
		return false
	}
	id := "${" + *made.stack().GetLogicalId(made.cfn)
	return flat == id+"}" || strings.HasPrefix(flat, id+".")
}

func pathsOf(all []constructs.IConstruct) []string {
	var paths []string
	for _, each := range all {
		paths = append(paths, pathOf(each))
	}
	return paths
}

// publisherTo returns the construct of this package to whose topic an ARN refers; nil where it
// refers to another topic.
func (app *synthesizedApp) publisherTo(arn string) *textractAsyncBase {
	target := app.referredToBy(arn)
	for _, each := range app.textractAsyncs() {
		if app.isSame(arn, each.topicARN) || target != nil && target == app.newResources[each.topic] {
			return each
		}
	}
	return nil
}

func (app *synthesizedApp) otherSubscriptions() []subscription {
	app.search()
	return app.subscriptions
}

// search reads the policies and subscriptions of the app.
func (app *synthesizedApp) search() {
	if app.isSearched {
		return
	}
	app.isSearched = true
	isNew := map[constructs.IConstruct]bool{}
	for _, made := range app.newResources {
		isNew[made] = true
	}
	for _, each := range ofType[*textractAsync](app) {
		if len(each.made) == 1 { // topic and queue may be those of another construct, with its subscription
			isNew = nil
		}
	}
	for _, node := range app.nodes {
		if isNew[node] || app.newPolicies[node] {
			continue
		}
		switch r := node.(type) {
		case awssqs.CfnQueuePolicy:
			app.policies = append(app.policies, resourcePolicy{node, texts(r.Queues())})
		case awssqs.CfnQueueInlinePolicy:
			app.policies = append(app.policies, resourcePolicy{node, []string{*r.Queue()}})
		case awssns.CfnTopicPolicy:
			app.policies = append(app.policies, resourcePolicy{node, texts(r.Topics())})
		case awssns.CfnTopicInlinePolicy:
			app.policies = append(app.policies, resourcePolicy{node, []string{*r.TopicArn()}})
		case awssns.CfnSubscription:
			app.subscriptions = append(app.subscriptions, subscription{node, valueOr(r.TopicArn(), ""), valueOr(r.Endpoint(), "")})
		}
	}
	for _, each := range app.genericResources() {
		app.addGeneric(each)
	}
}

// genericResources are read once.
func (app *synthesizedApp) genericResources() []*resource {
	if app.generics == nil {
		app.generics = []*resource{}
		for _, node := range app.nodes {
			if _, ok := node.(awscdk.CfnResource); ok && reflect.TypeOf(node).Elem().Name() == "jsiiProxy_CfnResource" {
				app.generics = append(app.generics, app.read(node).withKind())
			}
		}
	}
	return app.generics
}

// addGeneric adds a resource that an app made with awscdk.NewCfnResource.
func (app *synthesizedApp) addGeneric(r *resource) {
	switch r.kind {
	case "AWS::SQS::QueuePolicy":
		app.policies = append(app.policies, resourcePolicy{r.cfn, r.textList("queues")})
	case "AWS::SQS::QueueInlinePolicy":
		app.policies = append(app.policies, resourcePolicy{r.cfn, []string{r.text("queue")}})
	case "AWS::SNS::TopicPolicy":
		app.policies = append(app.policies, resourcePolicy{r.cfn, r.textList("topics")})
	case "AWS::SNS::TopicInlinePolicy":
		app.policies = append(app.policies, resourcePolicy{r.cfn, []string{r.text("topicArn")}})
	case "AWS::SNS::Subscription":
		app.subscriptions = append(app.subscriptions, subscription{r.cfn, r.text("topicArn"), r.text("endpoint")})
	}
}
