package textractasync_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// request is one call of AWS as IAM sees it.
type request struct {
	action, resource string
	context          map[string]string
}

// statement is one action on one resource that a template allows or a warning prints, with every
// reference replaced by its value.
type statement struct {
	allowed
	owner      string // the ARN of the resource that has the policy
	conditions map[string]map[string]any
	warning    string // its text
	needed     bool
}

func (s *statement) allows(r request) bool {
	return like(s.action, r.action) && (s.resource == "" || like(s.resource, r.resource)) && s.isTrueFor(r.context)
}

func (s *statement) isTrueFor(context map[string]string) bool {
	for operator, keys := range s.conditions {
		matches := like
		switch strings.TrimPrefix(operator, "ForAnyValue:") {
		case "StringEquals", "ArnEquals":
			matches = func(pattern, value string) bool { return pattern == value }
		case "StringLike", "ArnLike":
		default:
			return false
		}
		if keys == nil {
			return false
		}
		for key, values := range keys {
			value, ok := context[key]
			if !ok || !slices.ContainsFunc(list(values), func(pattern string) bool { return matches(pattern, value) }) {
				return false
			}
		}
	}
	return true
}

func like(pattern, value string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return pattern == value
	}
	expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
	return regexp.MustCompile("^" + expression + "$").MatchString(value)
}

// judge compares the template and warnings of one app with what the flow needs.
type judge struct {
	*recorder
	origins
	synthesis
	inTemplates, printed []*statement
	isKnown              bool // the account of the construct

	topicKey, queueKey *keyFacts
	input, output      *locationFacts
}

func newJudge(r *recorder, o origins, s synthesis) *judge {
	j := &judge{recorder: r, origins: o, synthesis: s, isKnown: o["stacks"] == known || o.tellsAccount()}
	for stack := range s.templates {
		for id, resource := range j.resources(stack) {
			flat := fnsub.Flatten(resource).(map[string]any)
			var one synthesis
			one.addResource(id, flat)
			properties, _ := flat["Properties"].(map[string]any)
			owner := j.value(stack, id+".Arn")
			for _, prop := range []string{"Queues", "Bucket"} {
				if owners := list(properties[prop]); len(owners) > 0 && one.allowed != nil {
					owner = j.arnOf(j.text(stack, owners[0]))
				}
			}
			for _, a := range one.allowed {
				st := j.statement(stack, a)
				st.owner = owner
				if a.in == "AWS::IAM::ManagedPolicy" {
					st.to = append(st.to, j.value(stack, id))
				}
				j.inTemplates = append(j.inTemplates, st)
			}
			if strings.Contains(fmt.Sprint(properties["ManagedPolicyArns"]), ":iam::aws:policy/service-role/AmazonTextractServiceRole") {
				j.inTemplates = append(j.inTemplates, &statement{allowed: allowed{
					in:       "AWS::IAM::ManagedPolicy",
					to:       []string{j.value(stack, id)},
					action:   "sns:Publish",
					resource: "arn:aws:sns:*:*:AmazonTextract*",
				}})
			}
		}
	}
	j.topicKey, j.queueKey = j.keyOf("Topic"), j.keyOf("Queue")
	j.input, j.output = j.location("Input"), j.location("Output")
	for id, texts := range s.warnings {
		for _, text := range texts {
			for _, a := range (warnings{id: {text}}).printed(r) {
				st := j.statement(homeStack, a)
				st.warning = text
				j.printed = append(j.printed, st)
			}
		}
	}
	return j
}

func (j *judge) statement(stack string, a allowed) *statement {
	s := &statement{allowed: a}
	s.principal, s.resource, s.to = j.text(stack, a.principal), j.text(stack, a.resource), nil
	for _, owner := range a.to {
		s.to = append(s.to, j.text(stack, owner))
	}
	conditions := map[string]any{}
	if err := json.Unmarshal([]byte(j.text(stack, a.condition)), &conditions); err != nil {
		j.Errorf("condition %s: %v", a.condition, err)
	}
	s.conditions = map[string]map[string]any{}
	for operator, keys := range conditions {
		s.conditions[operator], _ = keys.(map[string]any) // nil where a custom resource of the CDK writes them
	}
	return s
}

func (j *judge) resources(stack string) map[string]any {
	resources, _ := j.templates[stack]["Resources"].(map[string]any)
	return resources
}

var (
	innermost   = regexp.MustCompile(`\$\{([^${}]+)\}`)
	stackOutput = regexp.MustCompile(`^Fn::GetStackOutput (\S+) (?:\S+ )*(\S+)$`)
)

// text replaces every reference by what CloudFormation would make of it.
func (j *judge) text(stack, text string) string {
	for range 5 {
		text = innermost.ReplaceAllStringFunc(text, func(reference string) string { return j.value(stack, reference[2:len(reference)-1]) })
	}
	return text
}

func (j *judge) value(stack, name string) string {
	owner := account
	if stack == "OtherAccount" {
		owner = otherAccount
	}
	pseudo := map[string]string{
		"AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": owner, "AWS::StackName": stack, "AWS::URLSuffix": "amazonaws.com",
	}
	if value, ok := pseudo[name]; ok {
		return value
	}
	if export, ok := strings.CutPrefix(name, "Fn::ImportValue "); ok {
		return j.exported(export)
	}
	if found := stackOutput.FindStringSubmatch(name); found != nil {
		outputs, _ := j.templates[found[2]]["Outputs"].(map[string]any)
		output, _ := fnsub.Flatten(outputs[found[1]]).(map[string]any)
		return j.text(found[2], fmt.Sprint(output["Value"]))
	}
	id, attribute, _ := strings.Cut(name, ".")
	if parameters, _ := j.templates[stack]["Parameters"].(map[string]any); parameters[id] != nil {
		return "value-of-" + id
	}
	if _, isHere := j.resources(stack)[id]; !isHere { // a warning prints a resource of another stack like one of its own
		for other := range j.templates {
			if _, isThere := j.resources(other)[id]; isThere {
				return j.value(other, name)
			}
		}
		return "unknown-" + name
	}
	resource := j.resources(stack)[id].(map[string]any)
	properties, _ := resource["Properties"].(map[string]any)
	named := func(property string) string {
		if value, ok := properties[property]; ok {
			return j.text(stack, fmt.Sprint(fnsub.Flatten(value)))
		}
		return stack + "-" + id
	}
	var physical, arn string
	in := ":" + region + ":" + owner + ":"
	switch resource["Type"] {
	case "AWS::SNS::Topic":
		arn = "arn:aws:sns" + in + named("TopicName")
		physical = arn
	case "AWS::SQS::Queue":
		physical = "https://sqs/" + stack + "/" + id
		arn = "arn:aws:sqs" + in + named("QueueName")
	case "AWS::KMS::Key":
		physical = stack + "-" + id
		arn = "arn:aws:kms" + in + "key/" + physical
	case "AWS::S3::Bucket":
		physical = strings.ToLower(named("BucketName"))
		arn = "arn:aws:s3:::" + physical
	case "AWS::IAM::ManagedPolicy":
		physical = "arn:aws:iam::" + owner + ":policy/" + id
	case "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group":
		kind := strings.ToLower(strings.TrimPrefix(fmt.Sprint(resource["Type"]), "AWS::IAM::"))
		physical = stack + "-" + id
		arn = "arn:aws:iam::" + owner + ":" + kind + "/" + physical
	default:
		physical, arn = stack+"-"+id, stack+"-"+id
	}
	if attribute == "Arn" || attribute == "TopicArn" {
		return arn
	}
	return physical
}

func (j *judge) exported(export string) string {
	for stack, template := range j.templates {
		outputs, _ := template["Outputs"].(map[string]any)
		for _, output := range outputs {
			o := fnsub.Flatten(output).(map[string]any)
			if named, _ := o["Export"].(map[string]any); named != nil && j.text(stack, fmt.Sprint(named["Name"])) == export {
				return j.text(stack, fmt.Sprint(o["Value"]))
			}
		}
	}
	return "unknown-" + export
}

// arnOf finds the ARN of a queue by its URL, and of a bucket by its name.
func (j *judge) arnOf(physical string) string {
	for stack := range j.templates {
		for id := range j.resources(stack) {
			if j.value(stack, id) == physical {
				return j.value(stack, id+".Arn")
			}
		}
	}
	return "arn:aws:s3:::" + physical
}

// find returns an attribute of the resource that a construct of this id made.
func (j *judge) find(stack, id, attribute string) string {
	for logicalID := range j.resources(stack) {
		if len(logicalID) > 8 && (idOf(logicalID) == id || idOf(logicalID) == id+"L1") {
			return j.value(stack, logicalID+attribute)
		}
	}
	return ""
}

// keyFacts is a key, whatever it was named by.
type keyFacts struct {
	arn, path      string
	aliases        string
	inOtherAccount bool
	isMade         bool
}

// keyFactsOf returns nil for no key. The path is that of an import, by which a warning names the
// owner of the policy.
func (j *judge) keyFactsOf(name, usedIn, path string) *keyFacts {
	if name == none || name == notSet || name == serviceOwn {
		return nil
	}
	origin := keyOriginOf(name)
	if origin.stack != "" {
		id := keyID(strings.TrimPrefix(name, "alias of a "))
		if !strings.HasPrefix(name, "alias of") || !strings.Contains(path, "/TextractAsyncKey") { // known by the alias alone
			path = origin.stack + "/" + id
		}
		return &keyFacts{arn: j.find(origin.stack, id, ".Arn"), path: path, aliases: "alias/" + id, isMade: true}
	}
	owner := origin.account
	if usedIn == "OtherAccount" && (name == "imported alias" || name == "looked up key") { // in the account of the stack
		owner = otherAccount
	}
	resource := map[bool]string{true: "key/00000000-0000-4000-8000-000000000000", false: "key/00000000-0000-4000-8000-000000000001"}[owner == account]
	switch {
	case name == "looked up key":
		resource = "key/1234abcd-12ab-34cd-56ef-1234567890ab"
	case origin.alias != "":
		resource = "key/behind-" + origin.alias
	}
	return &keyFacts{
		arn:            "arn:aws:kms:" + region + ":" + owner + ":" + resource,
		path:           path,
		aliases:        origin.alias,
		inOtherAccount: owner != account && j.isKnown,
	}
}

// keyOf returns the key of the topic or queue.
func (j *judge) keyOf(owner string) *keyFacts {
	name, key := j.origins[owner], j.origins[keyProp(owner)]
	switch {
	case !isExisting(name) && j.origins["EncryptionKey"] == notSet:
		return &keyFacts{
			arn:    j.find(homeStack, "TextractAsyncEncryptionKey", ".Arn"),
			path:   "Home/TextractAsync/EncryptionKey",
			isMade: true,
		}
	case !isExisting(name):
		return j.keyFactsOf(j.origins["EncryptionKey"], homeStack, "Home/EncryptionKey")
	case name == withItsKey:
		k := j.keyFactsOf(key, homeStack, "")
		k.path = "Home/" + owner + "/Key"
		return k
	default:
		return j.keyFactsOf(key, stackOf(name), j.pathOfKey(stackOf(name), owner))
	}
}

// pathOfKey is how a warning names an imported key of a topic, queue or bucket that the app makes:
// by the import, or where only the resource names the key by the one that is made for it.
func (j *judge) pathOfKey(stack, owner string) string {
	isMade := !strings.HasPrefix(j.origins[strings.TrimSuffix(owner, "Bucket")], "imported") && stack != "OtherAccount"
	switch path := stack + "/" + owner; {
	case isMade && j.origins["resources"] == setLater:
		return path + "/Resource/TextractAsyncKey"
	case isMade && j.origins["resources"] == byL1:
		return path + "L1/Resource/TextractAsyncKey"
	case isMade && j.origins["resources"] == byInclude:
		return path + "Include/" + owner + "L100000000/TextractAsyncKey"
	default:
		return path + "Key"
	}
}

// locationFacts is an input or output.
type locationFacts struct {
	arn, path      string
	inOtherAccount bool
	isUnknown      bool // its key
	key            *keyFacts
	prefixes       []string
}

func (j *judge) location(location string) *locationFacts {
	name := j.origins[location]
	if name == none {
		return nil
	}
	stack := stackOf(name)
	l := &locationFacts{path: stack + "/" + location + "Bucket", inOtherAccount: j.isKnown && strings.Contains(name, "of another account")}
	switch {
	case strings.HasPrefix(name, "imported"):
		l.arn = "arn:aws:s3:::old-" + strings.ToLower(location)
	default:
		l.arn = j.find(stack, location+"Bucket", ".Arn")
	}
	key, keyPath, keyStack := j.origins[location+" EncryptionKey"], "Home/"+location+"Key", homeStack
	if key == notSet {
		key, keyPath, keyStack = j.origins[keyProp(location)], j.pathOfKey(stack, location+"Bucket"), stack
	}
	l.key = j.keyFactsOf(key, keyStack, keyPath)
	l.isUnknown = l.key == nil && strings.HasPrefix(name, "imported")
	switch prefix := j.origins[location+" Prefix"]; prefix {
	case none:
		l.prefixes = []string{map[string]string{"Input": "", "Output": "textract_output"}[location]}
	case "token":
		l.prefixes = []string{"value-of-" + location + "Prefix"}
	case lookedUp:
		l.prefixes = []string{"dummy-value-for-/prefix/" + location}
	case longOnes:
		for _, each := range longPrefixes() {
			l.prefixes = append(l.prefixes, *each)
		}
	default:
		l.prefixes = []string{prefix}
	}
	return l
}
