package planned

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/doctor"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
	"github.com/cdk-textract/textractasync/textractclient"
)

// Choice names parts of a set-up: by logical id, STACK.LOGICALID, name or ARN. What is empty is
// found.
type Choice struct {
	Topic, Queue, Role, Caller string
	Document                   *doctor.Object
	Output                     *doctor.Output
	OutputKey                  string
}

// SetUp is a set-up that templates have, and where it is deployed.
type SetUp struct {
	doctor.Settings
	Env template.Environment
	// Name names its topic and queue where there are several set-ups, and is empty else.
	Name string
	// File is the template of the topic, or the first one.
	File string
}

// SetUps finds the set-ups by what refers to what. Of a topic with several queues or callers each
// is in one of them.
func (s *Source) SetUps(c Choice) ([]SetUp, error) {
	if err := s.checkNames(); err != nil {
		return nil, err
	}
	roles, err := s.roles(c)
	if err != nil {
		return nil, err
	}
	var all []SetUp
	for _, role := range roles {
		topics, err := s.topicsOf(role, c)
		if err != nil {
			return nil, err
		}
		for _, topic := range topics {
			setUps, err := s.complete(role, topic, c)
			if err != nil {
				return nil, err
			}
			all = append(all, setUps...)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the templates have no set-up of Textract's asynchronous operations: " +
			"no role that textract.amazonaws.com may assume to publish to a topic, " +
			"and no topic that a caller of Textract could name; name it with --topic")
	}
	for i := range all {
		all[i].File = s.set.Stacks[0].File
		if r := s.topics[all[i].TopicARN]; r != nil {
			all[i].File = r.Stack.File
		}
		if len(all) > 1 {
			all[i].Name = "topic " + s.nameOf(all[i].TopicARN)
			if r := s.queues[all[i].Queue]; r != nil {
				all[i].Name += ", queue " + r.String()
			}
			if all[i].TopicARN == doctor.NoTopic {
				all[i].Name = "topic not in the template"
			}
		}
	}
	return all, nil
}

// checkNames is an error for stacks that have one name for two resources: they are of different
// accounts or Regions, which the templates do not tell, as the stages of an app.
func (s *Source) checkNames() error {
	byARN := make(map[string]*template.Resource)
	for _, r := range s.set.All("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::IAM::Role") {
		other := byARN[r.ARN()]
		if other != nil && other.Stack != r.Stack && !template.IsUnknown(r.ARN()) {
			return fmt.Errorf("%s and %s are both %s, so the stacks are for different accounts or Regions: judge them apart, "+
				"with --template for each or --assembly for the folder of each stage", other, r, r.ARN())
		}
		byARN[r.ARN()] = r
	}
	return nil
}

// roles are the service roles, or NoRole.
func (s *Source) roles(c Choice) ([]string, error) {
	if c.Role != "" {
		arn, err := s.pick("role", c.Role)
		return []string{arn}, err
	}
	var roles []string
	for _, i := range s.principals() {
		if slices.ContainsFunc(statements(i.trust), func(st statement) bool {
			return slices.ContainsFunc(list(st.Principal["Service"]), func(p string) bool { return strings.HasPrefix(p, "textract.") })
		}) {
			roles = append(roles, i.arn)
		}
	}
	if len(roles) == 0 {
		// A role of another stack is what callers pass to Textract.
		for _, i := range s.principals() {
			for _, st := range s.allowed(i) {
				isForTextract := strings.Contains(template.Text(st.Condition), "textract.amazonaws.com")
				if !st.allows("iam:PassRole") || !isForTextract && (st.Condition != nil || !s.starts(i)) {
					continue
				}
				for _, role := range st.exact() {
					if s.identityOf(role) == nil {
						roles = append(roles, role)
					}
				}
			}
		}
	}
	slices.Sort(roles)
	roles = slices.Compact(roles)
	if len(roles) == 0 {
		roles = []string{doctor.NoRole}
	}
	return roles, nil
}

// What speaks for a topic.
const (
	namedByRole    = 4 // the role's policies have its ARN
	namedWithRole  = 3 // a function or a state machine has it and the role
	namedTextract  = 2
	isSubscribed   = 1
	isInTemplate   = 1
	isOfAlarms     = -4
	elsewhereNamed = 3 // the role's policies have its ARN, and nothing else has
)

// topicsOf are the topics that a role publishes to.
func (s *Source) topicsOf(role string, c Choice) ([]string, error) {
	if c.Topic != "" {
		arn, err := s.pick("topic", c.Topic)
		return []string{arn}, err
	}
	scores, isNamed := make(map[string]int), false
	for arn, r := range s.topics {
		scores[arn] = isInTemplate
		if strings.HasPrefix(r.Name(), "AmazonTextract") {
			isNamed = true
			scores[arn] += namedTextract
		}
		if s.isNamedBy(arn, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::Budgets::Budget") {
			scores[arn] += isOfAlarms
		}
	}
	isPublisher := s.identityOf(role) == nil // of a role of another stack it is not known
	if i := s.identityOf(role); i != nil {
		for _, st := range s.allowed(i) {
			if !st.allows("sns:Publish") {
				continue
			}
			isPublisher = true
			for _, arn := range st.exact() {
				if s.topics[arn] == nil && !s.hasSubscription(arn) {
					scores[arn] += elsewhereNamed
				} else {
					scores[arn] += namedByRole
				}
			}
		}
	}
	best := 0
	for arn := range scores {
		if s.hasSubscription(arn) {
			scores[arn] += isSubscribed
		}
		if role != doctor.NoRole && s.isNamedTogether(arn, role) {
			scores[arn] += namedWithRole
		}
		best = max(best, scores[arn])
	}
	if role == doctor.NoRole && c.Caller == "" && !isNamed || len(scores) == 0 && !isPublisher {
		return nil, nil // of something else
	}
	var topics []string
	for _, arn := range slices.Sorted(maps.Keys(scores)) {
		if scores[arn] == best {
			topics = append(topics, arn)
		}
	}
	if len(topics) > 1 && best < namedTextract {
		return nil, fmt.Errorf("which topic Textract publishes to is not clear: name one with --topic: %s", s.namesOf(topics))
	}
	if len(topics) == 0 {
		topics = []string{doctor.NoTopic}
	}
	return topics, nil
}

func (s *Source) hasSubscription(topic string) bool {
	return slices.ContainsFunc(s.subscriptions, func(sub subscription) bool { return sub.topic == topic })
}

// isNamedBy reports whether a resource of these types has the ARN in a property.
func (s *Source) isNamedBy(arn string, types ...string) bool {
	return slices.ContainsFunc(s.set.All(types...), func(r *template.Resource) bool { return names(r, arn) })
}

// users are the types of resources that call Textract, or whose code does.
var users = []string{
	"AWS::Lambda::Function", "AWS::Serverless::Function", "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine",
	"AWS::ECS::TaskDefinition",
}

func (s *Source) isNamedTogether(a, b string) bool {
	return slices.ContainsFunc(s.set.All(users...), func(r *template.Resource) bool {
		return settingsName(r, a) && settingsName(r, b)
	})
}

// names reports whether a property has the text, of all but some.
func names(r *template.Resource, text string, but ...string) bool {
	for property := range r.Properties {
		if !slices.Contains(but, property) && has(template.Text(r.Get(property)), text) {
			return true
		}
	}
	return false
}

// has reports whether a text has the name, and not only a longer one that begins with it.
func has(text, name string) bool {
	for {
		_, after, found := strings.Cut(text, name)
		if !found {
			return false
		}
		if after == "" || !strings.ContainsAny(after[:1], "-_./0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			return true
		}
		text = after
	}
}

// settingsName is names, without the role that the resource runs as.
func settingsName(r *template.Resource, text string) bool { return names(r, text, "Role", "RoleArn") }

// runsAs is the ARN of the role that a resource acts as.
func (s *Source) runsAs(r *template.Resource) string {
	for _, property := range []string{"Role", "RoleArn", "TaskRoleArn"} {
		if arn := r.Text(property); arn != "" {
			return arn
		}
	}
	_, arn := r.GeneratedRole()
	return arn
}

// complete adds queues, callers, documents and results to a role and a topic.
func (s *Source) complete(role, topic string, c Choice) ([]SetUp, error) {
	queues, err := s.queuesOf(topic, c)
	if err != nil {
		return nil, err
	}
	callers, err := s.callersOf(role, c)
	if err != nil {
		return nil, err
	}
	env := s.environmentOf(role, topic, callers[0])
	var all []SetUp
	for n := range max(len(queues), len(callers)) {
		queue, caller := queues[min(n, len(queues)-1)], callers[min(n, len(callers)-1)]
		setUp := SetUp{Env: env, Settings: doctor.Settings{
			Region: s.regionOf(caller, env), TopicARN: topic, RoleARN: role, Queue: queue, Caller: caller, OthersGet: s.othersGet(caller),
		}}
		s.addBuckets(&setUp, c)
		all = append(all, setUp)
	}
	return all, nil
}

func (s *Source) environmentOf(role, topic, caller string) template.Environment {
	for _, name := range []string{role, caller} {
		if i := s.identityOf(name); i != nil {
			env := i.resource.Stack.Env
			if r := s.topics[topic]; r != nil {
				env.Region = r.Stack.Env.Region
			}
			return env
		}
	}
	if r := s.topics[topic]; r != nil {
		return r.Stack.Env
	}
	return s.set.Stacks[0].Env
}

// regionOf is where the caller's code runs, else where the topic is.
func (s *Source) regionOf(caller string, env template.Environment) string {
	for _, r := range s.set.All(users...) {
		if s.runsAs(r) == caller {
			return r.Stack.Env.Region
		}
	}
	return env.Region
}

// queuesOf are the queues that are subscribed to a topic, or else those whose policies are for it.
func (s *Source) queuesOf(topic string, c Choice) ([]string, error) {
	if c.Queue != "" {
		arn, err := s.pick("queue", c.Queue)
		return []string{arn}, err
	}
	var queues, deadLetter []string
	for _, sub := range s.subscriptions {
		if sub.topic == topic && (sub.protocol == "sqs" || s.queues[sub.endpoint] != nil) {
			queues = append(queues, sub.endpoint)
		}
		deadLetter = append(deadLetter, sub.attributes["RedrivePolicy"])
	}
	isKnown := slices.ContainsFunc(queues, func(queue string) bool { return s.queues[queue] != nil })
	if s.topics[topic] != nil && !isKnown {
		for _, arn := range slices.Sorted(maps.Keys(s.queues)) {
			isDeadLetter := slices.ContainsFunc(deadLetter, func(policy string) bool { return strings.Contains(policy, arn+`"`) })
			isForTopic := slices.ContainsFunc(s.queuePolicies[arn], func(d document) bool {
				return strings.Contains(d.text, `"`+topic+`"`)
			})
			isElsewhere := s.adder(s.queues[arn], arn, s.queues[arn].Ref()) != "" || s.adder(s.topics[topic], topic, topic) != ""
			if isForTopic && !isDeadLetter && !isElsewhere && !slices.Contains(queues, arn) {
				queues = append(queues, arn)
			}
		}
	}
	if len(queues) == 0 {
		queues = []string{doctor.NoQueue}
	}
	slices.Sort(queues)
	return slices.Compact(queues), nil
}

// callersOf are those who start jobs with this role, or NoCaller.
func (s *Source) callersOf(role string, c Choice) ([]string, error) {
	if c.Caller != "" {
		arn, err := s.pick("caller", c.Caller)
		return []string{arn}, err
	}
	var callers, starters, passers []string
	for _, i := range s.principals() {
		starts := s.starts(i)
		passes := slices.ContainsFunc(s.allowed(i), func(st statement) bool {
			return st.allows("iam:PassRole") && (slices.Contains(st.exact(), role) || starts && st.covers(role)) &&
				(st.Condition == nil || starts || strings.Contains(template.Text(st.Condition), "textract"))
		})
		runs := slices.ContainsFunc(s.set.All(users...), func(r *template.Resource) bool {
			return s.runsAs(r) == i.arn && settingsName(r, role)
		})
		switch {
		case starts && (passes || runs):
			callers = append(callers, i.arn)
		case starts:
			starters = append(starters, i.arn)
		case passes:
			passers = append(passers, i.arn)
		}
	}
	for _, found := range [][]string{callers, starters, passers} {
		if len(found) > 0 {
			return found, nil
		}
	}
	return []string{doctor.NoCaller}, nil
}

// othersGet reports whether another principal may get results.
func (s *Source) othersGet(caller string) bool {
	return slices.ContainsFunc(s.principals(), func(i *identity) bool {
		return i.arn != caller && slices.ContainsFunc(s.allowed(i), func(st statement) bool {
			return slices.ContainsFunc(list(st.Action), func(pattern string) bool {
				pattern = strings.ToLower(pattern)
				return strings.HasPrefix(pattern, "textract:get") || pattern == "textract:*"
			})
		})
	})
}

// starts reports whether a statement of the principal is about starting jobs.
func (s *Source) starts(i *identity) bool {
	return slices.ContainsFunc(s.allowed(i), func(st statement) bool {
		return slices.ContainsFunc(list(st.Action), func(pattern string) bool {
			pattern = strings.ToLower(pattern)
			isStart := func(o textractclient.Operation) bool {
				return policy.Glob(pattern, "textract:"+strings.ToLower(string(o)))
			}
			return strings.HasPrefix(pattern, "textract:") && slices.ContainsFunc(textractclient.Operations(), isStart)
		})
	})
}

// addBuckets adds the buckets of documents and of results.
func (s *Source) addBuckets(setUp *SetUp, c Choice) {
	setUp.Output, setUp.Document = c.Output, c.Document
	if setUp.Output != nil {
		output := *setUp.Output
		output.Bucket = s.bucketName(output.Bucket)
		setUp.Output = &output
	} else {
		setUp.Output = s.outputOf(setUp.Caller)
	}
	if c.OutputKey != "" && setUp.Output != nil {
		setUp.Output.KMSKeyID = s.keyName(c.OutputKey)
	}
	if setUp.Document != nil {
		setUp.Document = &doctor.Object{Bucket: s.bucketName(setUp.Document.Bucket), Key: setUp.Document.Key}
		return
	}
	i := s.identityOf(setUp.Caller)
	if i == nil {
		return
	}
	for _, st := range s.allowed(i) {
		if !st.allows("s3:GetObject") {
			continue
		}
		for _, resource := range list(st.Resource) {
			_, object, _ := strings.Cut(resource, ":s3:::")
			bucket, key, hasKey := strings.Cut(object, "/")
			key = strings.ReplaceAll(key, "*", "document")
			if s.buckets[bucket] == nil || !hasKey ||
				setUp.Output != nil && setUp.Output.Bucket == bucket && strings.HasPrefix(key, setUp.Output.Prefix) {
				continue
			}
			setUp.Document = &doctor.Object{Bucket: bucket, Key: key}
			return
		}
	}
}

// outputOf is where the caller's jobs write results, by the settings of functions and tasks, or by
// the permission that only those who write results need.
func (s *Source) outputOf(caller string) *doctor.Output {
	for _, r := range s.set.All(users...) {
		if s.runsAs(r) != caller {
			continue
		}
		settings := environment(r)
		if bucket := settings[textractclient.EnvOutputBucket]; bucket != "" {
			return &doctor.Output{
				Bucket: bucket, Prefix: settings[textractclient.EnvOutputPrefix], KMSKeyID: settings[textractclient.EnvOutputKMSKeyID],
			}
		}
	}
	i := s.identityOf(caller)
	if i == nil {
		return nil
	}
	for _, st := range s.allowed(i) {
		if !st.allows("s3:ListMultipartUploadParts") || st.allows("s3:GetBucketPolicy") {
			continue
		}
		for _, resource := range list(st.Resource) {
			_, object, _ := strings.Cut(resource, ":s3:::")
			bucket, key, hasKey := strings.Cut(object, "/")
			prefix, isPrefix := strings.CutSuffix(key, "/*")
			if s.buckets[bucket] != nil && hasKey && isPrefix && !strings.Contains(prefix, "*") {
				return &doctor.Output{Bucket: bucket, Prefix: prefix}
			}
		}
	}
	return nil
}

// environment has the environment variables of a function or of a task.
func environment(r *template.Resource) map[string]string {
	all := make(map[string]string)
	variables, _ := member(r.Get("Environment"), "Variables").(map[string]any)
	for name, value := range variables {
		all[name] = template.Text(value)
	}
	for _, container := range r.List("ContainerDefinitions") {
		for _, item := range template.List(member(container, "Environment")) {
			all[template.Text(member(item, "Name"))] = template.Text(member(item, "Value"))
		}
	}
	return all
}

func (s *Source) keyName(name string) string {
	for arn, r := range s.keys {
		if r.ID == name || r.String() == name {
			return arn
		}
	}
	return name
}

func (s *Source) bucketName(name string) string {
	for _, r := range s.set.All("AWS::S3::Bucket") {
		if r.ID == name || r.String() == name {
			return r.Name()
		}
	}
	return name
}

// pick finds what a flag names.
func (s *Source) pick(flag, name string) (string, error) {
	var found, all []string
	add := func(r *template.Resource, arn string, names ...string) {
		all = append(all, r.String())
		if slices.Contains(append(names, r.ID, r.String(), arn, r.Ref()), name) {
			found = append(found, arn)
		}
	}
	switch flag {
	case "topic":
		for _, r := range s.set.All("AWS::SNS::Topic") {
			add(r, r.ARN(), r.Name())
		}
	case "queue":
		for _, r := range s.set.All("AWS::SQS::Queue") {
			add(r, r.ARN(), r.Name())
		}
	default:
		for _, i := range s.principals() {
			if flag == "caller" || i.kind == "role" {
				add(i.resource, i.arn, i.name)
			}
		}
		for _, r := range s.set.All(users...) {
			if arn := s.runsAs(r); flag == "caller" && arn != "" && (r.ID == name || r.String() == name) && !slices.Contains(found, arn) {
				found = append(found, arn)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", fmt.Errorf("--%s %s is in several stacks: use STACK.LOGICALID", flag, name)
	case strings.HasPrefix(name, "arn:"):
		return name, nil
	case len(all) == 0:
		return "", fmt.Errorf("--%s %s is not in the templates: they have no %s; use its ARN", flag, name, flag)
	}
	return "", fmt.Errorf("--%s %s is not in the templates, which have %s", flag, name, strings.Join(all, ", "))
}

// principals are the roles and users, in the order of their ARNs.
func (s *Source) principals() []*identity {
	var all []*identity
	for _, key := range slices.Sorted(maps.Keys(s.identities)) {
		if i := s.identities[key]; i.kind != "group" {
			all = append(all, i)
		}
	}
	return all
}

func (s *Source) identityOf(arn string) *identity {
	for _, i := range s.identities {
		if i.arn == arn {
			return i
		}
	}
	return nil
}

func (s *Source) nameOf(arn string) string {
	if i := s.identityOf(arn); i != nil {
		return i.resource.String()
	}
	if r := s.topics[arn]; r != nil {
		return r.String()
	}
	return strings.TrimSuffix(strings.TrimPrefix(arn, "${"), "}")
}

func (s *Source) namesOf(arns []string) string {
	var all []string
	for _, arn := range arns {
		all = append(all, s.nameOf(arn))
	}
	return strings.Join(all, ", ")
}

// statement is what finding reads of a statement. The checks read all of it.
type statement struct {
	Effect           string
	Principal        map[string]any
	Action, Resource any
	Condition        map[string]any
}

// allowed are the statements that the principal's policies allow by, those of its groups too.
func (s *Source) allowed(i *identity) []statement {
	if i.allowed != nil {
		return i.allowed
	}
	texts := make([]string, 0, len(i.inline))
	for _, d := range i.inline {
		texts = append(texts, d.text)
	}
	for _, arn := range i.attached {
		if r := s.managed[arn]; r != nil {
			texts = append(texts, documentOf(r).text)
		} else if text, ok := awsPolicy(arn); ok {
			texts = append(texts, text)
		}
	}
	all := []statement{}
	for _, text := range texts {
		for _, st := range statements(text) {
			if st.Effect == "Allow" {
				all = append(all, st)
			}
		}
	}
	for _, group := range i.groups {
		if g, ok := s.identities["group/"+group]; ok && g != i {
			all = append(all, s.allowed(g)...)
		}
	}
	i.allowed = all
	return all
}

func statements(text string) []statement {
	var document struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &document) != nil {
		return nil
	}
	var raw []json.RawMessage
	if json.Unmarshal(document.Statement, &raw) != nil {
		raw = []json.RawMessage{document.Statement}
	}
	var all []statement
	for _, each := range raw {
		var st statement
		if json.Unmarshal(each, &st) == nil || st.Effect != "" {
			all = append(all, st)
		}
	}
	return all
}

func list(value any) []string {
	var texts []string
	for _, item := range template.List(value) {
		texts = append(texts, template.Text(item))
	}
	return texts
}

// allows reports whether an action is one of the statement's.
func (st statement) allows(action string) bool {
	return slices.ContainsFunc(list(st.Action), func(pattern string) bool {
		return policy.Glob(strings.ToLower(pattern), strings.ToLower(action))
	})
}

func (st statement) covers(resource string) bool {
	return slices.ContainsFunc(list(st.Resource), func(pattern string) bool { return policy.Glob(pattern, resource) })
}

// exact are the resources without wildcards.
func (st statement) exact() []string {
	return slices.DeleteFunc(list(st.Resource), func(resource string) bool { return strings.ContainsAny(resource, "*?") })
}
