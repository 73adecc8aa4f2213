package textractasync_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"pgregory.net/rapid"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

// TestEveryPermissionIsGrantedOrPrinted builds apps of every mixture of origins and judges their
// templates and warnings by what the flow needs, which this file states again, apart from the
// tables of the package. -rapid.checks sets how many, -rapid.seed repeats.
func TestEveryPermissionIsGrantedOrPrinted(t *testing.T) {
	useFewerChecks(t, "60")
	flagSets, err := scenario.FlagSets(".")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		o := origins{}
		maybeRejected := rapid.IntRange(0, 7).Draw(r, "rejected where it is 7") == 7
		for _, d := range dimensions {
			possible := slices.DeleteFunc(slices.Clone(d.names), func(name string) bool {
				with := o.with(d.prop, name)
				return with.isInherent() || !maybeRejected && len(with.rejected()) > 0
			})
			o[d.prop] = rapid.SampledFrom(possible).Draw(r, d.prop)
		}
		for _, fault := range faultsOf(t, o, flagSets) {
			r.Error(fault)
		}
	})
}

// useFewerChecks keeps the suite quick, because each check is a synthesis, and the same each time.
func useFewerChecks(t *testing.T, checks string) {
	t.Helper()
	set := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { set[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true", "rapid.seed": "1"} {
		if set[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// origins has the name of the origin of each prop.
type origins map[string]string

// String names those that are not the default.
func (o origins) String() string {
	var named []string
	for _, d := range dimensions {
		if o[d.prop] != d.names[0] {
			named = append(named, d.prop+": "+o[d.prop])
		}
	}
	return strings.Join(named, "; ")
}

const (
	none        = "none"
	awsManaged  = "AWS managed alias"
	newInOther  = "new key of another account"
	withItsKey  = "imported with its key"
	otherOwn    = "of another account, of this app"
	otherWith   = "imported of another account with its key"
	longOnes    = "24 long ones"
	lookedUp    = "looked up"
	statements  = "here, with %d statements"
	known       = "known environment"
	agnostic    = "environment-agnostic"
	notSet      = "not set"
	serviceOwn  = "SERVICE_MANAGED"
	managedRole = "new, AWS_MANAGED"
	homeStack   = "Home"
)

// The stacks of an app depend on each other in this order; OtherAccount is in another account.
var stackOrder = []string{"Callers", homeStack, "Other", "Third"}

// keyOrigin is a key that the app makes in a stack, or imports where it is used.
type keyOrigin struct {
	name, stack string // stack is empty for an import
	account     string
	alias       string // where only the alias is known
	lookup      func(scope constructs.Construct, id *string) awskms.IKey
}

var keyOrigins = []keyOrigin{
	{name: "key here", stack: homeStack},
	{name: "another key here", stack: homeStack},
	{name: "key of another stack", stack: "Other"},
	{name: "key of a third stack", stack: "Third"},
	{name: "alias of a key here", stack: homeStack},
	{name: "alias of a key of another stack", stack: "Other"},
	{name: "imported key", account: account, lookup: keyByARN(account, "key/00000000-0000-4000-8000-000000000000")},
	{
		name:    "imported key of another account",
		account: otherAccount,
		lookup:  keyByARN(otherAccount, "key/00000000-0000-4000-8000-000000000001"),
	},
	{name: "imported alias", account: account, alias: "alias/imported", lookup: aliasNamed("alias/imported")},
	{name: "imported by the ARN of its alias", account: account, alias: "alias/arn", lookup: keyByARN(account, "alias/arn")},
	{
		name:    "imported by the ARN of its alias in another account",
		account: otherAccount,
		alias:   "alias/arn",
		lookup:  keyByARN(otherAccount, "alias/arn"),
	},
	{name: "looked up key", account: account, lookup: func(scope constructs.Construct, id *string) awskms.IKey {
		return awskms.Key_FromLookup(scope, id, &awskms.KeyLookupOptions{AliasName: jsii.String("alias/looked-up")})
	}},
	{name: awsManaged, account: account, alias: "alias/aws/sns", lookup: aliasNamed("alias/aws/sns")},
	{name: newInOther, stack: "OtherAccount", account: otherAccount},
}

func keyByARN(account, resource string) func(constructs.Construct, *string) awskms.IKey {
	return func(scope constructs.Construct, id *string) awskms.IKey {
		return awskms.Key_FromKeyArn(scope, id, jsii.String("arn:aws:kms:"+region+":"+account+":"+resource))
	}
}

func aliasNamed(name string) func(constructs.Construct, *string) awskms.IKey {
	return func(scope constructs.Construct, id *string) awskms.IKey {
		return awskms.Alias_FromAliasName(scope, id, jsii.String(name))
	}
}

func keyOriginOf(name string) keyOrigin {
	return keyOrigins[slices.IndexFunc(keyOrigins, func(k keyOrigin) bool { return k.name == name })]
}

func keyNames(first ...string) []string {
	for _, k := range keyOrigins {
		first = append(first, k.name)
	}
	return first
}

// dimensions are what varies; the first name of each is the default.
var dimensions = []struct {
	prop  string
	names []string
}{
	{"flags", []string{"flags-none", "flags-recommended"}},
	{"stacks", []string{known, agnostic}},
	{"Topic", []string{
		"new", "new, with TopicName", "new, with TopicName looked up", "named here", "unnamed here", "named in another stack",
		"unnamed in another stack", "unnamed in a third stack", "imported by ARN", withItsKey,
	}},
	{"Topic's key", keyNames(none)},
	{"Queue", []string{
		"new", "new, without DeadLetterQueue", "here", "in another stack", "in a third stack", "imported by ARN", withItsKey,
		fmt.Sprintf(statements, 19), fmt.Sprintf(statements, 20), "here, KMS_MANAGED",
	}},
	{"Queue's key", keyNames(none)},
	{"EncryptionKey", keyNames(notSet, serviceOwn)},
	{"ServiceRole", []string{
		"new", managedRole, "new, with TrustedAccounts", "role here", "role of another stack", "lazy role", "without policy updates",
		"imported", "imported immutable", lookedUp,
	}},
	{"Input", bucketNames},
	{"Input bucket's key", keyNames(none)},
	{"Input EncryptionKey", keyNames(notSet)},
	{"Input Prefix", []string{none, "in/", "token", lookedUp, longOnes}},
	{"Output", bucketNames},
	{"Output bucket's key", keyNames(none)},
	{"Output EncryptionKey", keyNames(notSet)},
	{"Output Prefix", []string{none, "out", "token", lookedUp}},
	{"Grant", []string{"GrantRunJobs", "GrantStartJobs", "GrantConsumeNotifications", "GrantReadResults", "GrantPassRole"}},
	{"grantee", granteeNames()},
	{"second construct", []string{none, "in the same stack", "in a stack like the first"}},
}

// tellsAccount reports whether the ARN of topic, queue or role tells the account of all.
func (o origins) tellsAccount() bool {
	return slices.ContainsFunc([]string{"Topic", "Queue", "ServiceRole"}, func(prop string) bool {
		return strings.HasPrefix(o[prop], "imported")
	})
}

var bucketNames = []string{
	none, "here", "in another stack", "in a third stack", "imported by name", withItsKey,
	"imported of another account", otherWith, otherOwn,
}

// inherent is what fails without this package, or cannot be had: it is never drawn.
var inherent = []struct {
	reason string
	is     func(o origins) bool
}{
	{"only a stack with a known environment looks up", func(o origins) bool {
		return o["stacks"] == agnostic &&
			slices.ContainsFunc(slices.Collect(maps.Values(o)), func(name string) bool { return strings.Contains(name, lookedUp) })
	}},
	{"CloudFormation cannot refer from an environment-agnostic stack to another account", func(o origins) bool {
		return o["stacks"] == agnostic && slices.ContainsFunc(slices.Collect(maps.Values(o)), func(name string) bool {
			return name == otherOwn || name == newInOther || name == "made in another account"
		})
	}},
	{"no resource to encrypt, or one whose key its import does not name", func(o origins) bool {
		for _, owner := range []string{"Topic", "Queue", "Input", "Output"} {
			hasKey := strings.HasPrefix(o[owner], "named") || strings.HasPrefix(o[owner], "unnamed") || o[owner] == "here" ||
				strings.HasPrefix(o[owner], "in a") || o[owner] == withItsKey || o[owner] == otherWith || o[owner] == otherOwn
			if key := o[keyProp(owner)]; key != "" && key != none && !hasKey {
				return true
			}
		}
		return false
	}},
	{"whether the managed policy fits is known after the first pass of a lookup", func(o origins) bool {
		return o["ServiceRole"] == managedRole && o["Topic"] == "new, with TopicName looked up"
	}},
	{"a policy in another account cannot refer to a parameter of this stack", func(o origins) bool {
		return o["Input"] == otherOwn && o["Input Prefix"] == "token" || o["Output"] == otherOwn && o["Output Prefix"] == "token"
	}},
	{"an import names its key by an ARN, and that of a key of this app is a token", func(o origins) bool {
		for _, owner := range []string{"Topic", "Queue"} {
			if key := o[keyProp(owner)]; o[owner] == withItsKey && key != "" && key != none && keyOriginOf(key).stack != "" {
				return true
			}
		}
		return false
	}},
	{"an import with its key has one", func(o origins) bool {
		for _, owner := range []string{"Topic", "Queue", "Input", "Output"} {
			if (o[owner] == withItsKey || o[owner] == otherWith) && o[keyProp(owner)] == none {
				return true
			}
		}
		return false
	}},
	{"no location", func(o origins) bool {
		for _, location := range []string{"Input", "Output"} {
			for _, prop := range []string{" EncryptionKey", " Prefix"} {
				if value := o[location+prop]; o[location] == none && value != "" && value != none && value != notSet {
					return true
				}
			}
		}
		return false
	}},
	{
		"a resource encrypted with a key of a stack that uses the resource: a circular dependency between the user's own stacks",
		func(o origins) bool {
			for _, owner := range []string{"Topic", "Queue", "Input", "Output"} {
				if key := o[keyProp(owner)]; key != "" && key != none &&
					slices.Index(stackOrder, keyOriginOf(key).stack) != -1 && o[owner] != withItsKey &&
					slices.Index(stackOrder, keyOriginOf(key).stack) < slices.Index(stackOrder, stackOf(o[owner])) {
					return true
				}
			}
			return false
		},
	},
	{"the CDK's topic, queue or bucket cannot refer to a new key of another account", func(o origins) bool {
		for _, owner := range []string{"Topic", "Queue", "Input", "Output"} {
			key := o[keyProp(owner)]
			if key == newInOther && o[owner] != otherOwn ||
				o[owner] == otherOwn && key != "" && key != none && key != newInOther && keyOriginOf(key).stack != "" {
				return true
			}
		}
		return false
	}},
}

func keyProp(owner string) string {
	if owner == "Input" || owner == "Output" {
		return owner + " bucket's key"
	}
	return owner + "'s key"
}

func (o origins) with(prop, name string) origins {
	changed := maps.Clone(o)
	changed[prop] = name
	return changed
}

func (o origins) isInherent() bool {
	for _, i := range inherent {
		if i.is(o) {
			return true
		}
	}
	return false
}

// rejected are the props that a *ValidationError has to name, each for a reason; any other
// rejection is a fault.
func (o origins) rejected() map[string]string {
	found := map[string]string{}
	if key := o["EncryptionKey"]; key != "" && key != notSet && isExisting(o["Topic"]) && isExisting(o["Queue"]) {
		prop := map[bool]string{true: "Encryption", false: "EncryptionKey"}[key == serviceOwn]
		found[prop] = "nothing new to encrypt"
	}
	const noPolicy = "the policy of the key cannot be changed"
	const noReference = "CloudFormation cannot refer to a new key of another account"
	for _, owner := range []string{"Topic", "Queue"} {
		if o[keyProp(owner)] == awsManaged {
			found[owner] = noPolicy
		}
	}
	reject := func(prop, key string) {
		switch key {
		case awsManaged:
			found[prop] = noPolicy
		case newInOther:
			found[prop] = noReference
		}
	}
	reject("EncryptionKey", o["EncryptionKey"])
	for owner, prop := range map[string]string{"Input": "Inputs[0]", "Output": "Output"} {
		if key := o[owner+" EncryptionKey"]; key != notSet {
			reject(prop+".EncryptionKey", key)
		} else {
			reject(prop+".Bucket", o[keyProp(owner)])
		}
		if o[owner+" Prefix"] == longOnes { // each of them
			for i := 1; i < 24; i++ {
				for _, suffix := range []string{".Bucket", ".EncryptionKey"} {
					if reason := found["Inputs[0]"+suffix]; reason != "" {
						found[fmt.Sprintf("Inputs[%d]%s", i, suffix)] = reason
					}
				}
			}
		}
	}
	switch o["Queue"] {
	case "here, KMS_MANAGED":
		found["Queue"] = noPolicy
	case fmt.Sprintf(statements, 20):
		found["Queue"] = "SQS takes 20 statements"
	}
	if o["ServiceRole"] == managedRole && strings.HasPrefix(o["Topic"], "unnamed") {
		found["ServiceRolePolicy"] = "the managed policy publishes to AmazonTextract* only"
	}
	return found
}

func isExisting(name string) bool { return !strings.HasPrefix(name, "new") }

func stackOf(name string) string {
	switch {
	case strings.HasSuffix(name, "in another stack"), strings.HasSuffix(name, "of another stack"):
		return "Other"
	case strings.HasSuffix(name, "in a third stack"):
		return "Third"
	case name == otherOwn:
		return "OtherAccount"
	default:
		return homeStack
	}
}

// propertyApp makes the resources of an app by the names of their origins.
type propertyApp struct {
	origins
	app    awscdk.App
	stacks map[string]awscdk.Stack
	made   map[string]awskms.IKey
}

func (p *propertyApp) stack(name string) awscdk.Stack {
	if stack, ok := p.stacks[name]; ok {
		return stack
	}
	props := &awscdk.StackProps{}
	if p.origins["stacks"] == known {
		props.Env = &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)}
	}
	if name == "OtherAccount" {
		props.Env = &awscdk.Environment{Account: jsii.String(otherAccount), Region: jsii.String(region)}
	}
	p.stacks[name] = awscdk.NewStack(p.app, jsii.String(name), props)
	return p.stacks[name]
}

// key makes a key once, and imports it in the stack that uses it.
func (p *propertyApp) key(name, usedIn, by string) awskms.IKey {
	if name == none || name == notSet || name == serviceOwn || name == "" {
		return nil
	}
	k := keyOriginOf(name)
	if k.stack == "" {
		return k.lookup(p.stack(usedIn), jsii.String(by+"Key"))
	}
	id := keyID(strings.TrimPrefix(name, "alias of a "))
	if p.made[id] == nil {
		p.made[id] = awskms.NewKey(p.stack(k.stack), jsii.String(id), nil)
	}
	if !strings.HasPrefix(name, "alias of") {
		return p.made[id]
	}
	if p.made[name] == nil {
		p.made[name] = p.made[id].AddAlias(jsii.String("alias/" + id))
	}
	return p.made[name]
}

func keyID(name string) string {
	return map[string]string{
		"key here": "KeyHere", "another key here": "AnotherKeyHere", "key of another stack": "KeyOfOther", "key of a third stack": "KeyOfThird",
		newInOther: "KeyOfOtherAccount",
	}[name]
}

func (p *propertyApp) topic(name string) awssns.ITopic {
	stack, id, arn := stackOf(name), jsii.String("Topic"), jsii.String("arn:aws:sns:"+region+":"+account+":AmazonTextractOld")
	key := p.key(p.origins["Topic's key"], stack, "Topic")
	switch {
	case !isExisting(name):
		return nil
	case name == withItsKey:
		return awssns.Topic_FromTopicAttributes(p.stack(stack), id, &awssns.TopicAttributes{TopicArn: arn, KeyArn: key.KeyArn()})
	case strings.HasPrefix(name, "imported"):
		return awssns.Topic_FromTopicArn(p.stack(stack), id, arn)
	}
	props := &awssns.TopicProps{MasterKey: key}
	if strings.HasPrefix(name, "named") {
		props.TopicName = jsii.String("AmazonTextractNamed")
	}
	return awssns.NewTopic(p.stack(stack), id, props)
}

func (p *propertyApp) queue(name string) awssqs.IQueue {
	stack, id, arn := stackOf(name), jsii.String("Queue"), jsii.String("arn:aws:sqs:"+region+":"+account+":old")
	key := p.key(p.origins["Queue's key"], stack, "Queue")
	switch {
	case !isExisting(name):
		return nil
	case name == withItsKey:
		return awssqs.Queue_FromQueueAttributes(p.stack(stack), id, &awssqs.QueueAttributes{QueueArn: arn, KeyArn: key.KeyArn()})
	case strings.HasPrefix(name, "imported"):
		return awssqs.Queue_FromQueueArn(p.stack(stack), id, arn)
	case name == "here, KMS_MANAGED":
		return awssqs.NewQueue(p.stack(stack), id, &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	}
	queue := awssqs.NewQueue(p.stack(stack), id, &awssqs.QueueProps{EncryptionMasterKey: key})
	count := 0
	_, _ = fmt.Sscanf(name, statements, &count)
	for i := range count {
		queue.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("sqs:PurgeQueue"), Resources: jsii.Strings(*queue.QueueArn()),
			Principals: &[]awsiam.IPrincipal{awsiam.NewArnPrincipal(jsii.String(fmt.Sprintf("arn:aws:iam::%s:role/r%d", account, i)))},
		}))
	}
	return queue
}

func (p *propertyApp) bucket(location string) awss3.IBucket {
	name, id := p.origins[location], jsii.String(location+"Bucket")
	stack := stackOf(name)
	key := p.key(p.origins[keyProp(location)], stack, location+"Bucket")
	attributes := &awss3.BucketAttributes{BucketName: jsii.String("old-" + strings.ToLower(location)), EncryptionKey: key}
	switch {
	case name == none:
		return nil
	case name == "imported of another account", name == otherWith:
		attributes.Account, attributes.Region = jsii.String(otherAccount), jsii.String(region)
		fallthrough
	case strings.HasPrefix(name, "imported"):
		return awss3.Bucket_FromBucketAttributes(p.stack(stack), id, attributes)
	}
	props := &awss3.BucketProps{EncryptionKey: key}
	if name == otherOwn {
		props.BucketName = jsii.String("other-account-" + strings.ToLower(location))
	}
	return awss3.NewBucket(p.stack(stack), id, props)
}

func (p *propertyApp) prefix(location string) *string {
	switch name := p.origins[location+" Prefix"]; name {
	case none:
		return nil
	case "token":
		return awscdk.NewCfnParameter(p.stack(homeStack), jsii.String(location+"Prefix"), nil).ValueAsString()
	case lookedUp:
		return awsssm.StringParameter_ValueFromLookup(p.stack(homeStack), jsii.String("/prefix/"+location), nil, nil)
	default:
		return jsii.String(name)
	}
}

const importedServiceRole = "arn:aws:iam::" + account + ":role/path/service"

func (p *propertyApp) serviceRole(name string) awsiam.IRole {
	home := p.stack(homeStack)
	switch name {
	case "role here":
		return newLambdaRole(home, "Service")
	case "role of another stack":
		return newLambdaRole(p.stack("Other"), "Service")
	case "lazy role":
		return awsiam.NewLazyRole(
			home,
			jsii.String("Service"),
			&awsiam.LazyRoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil)},
		)
	case "without policy updates":
		return newLambdaRole(home, "Service").WithoutPolicyUpdates(nil)
	case "imported", "imported immutable":
		return awsiam.Role_FromRoleArn(home, jsii.String("Service"), jsii.String(importedServiceRole),
			&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(name == "imported")})
	case lookedUp:
		return awsiam.Role_FromLookup(home, jsii.String("Service"), &awsiam.RoleLookupOptions{RoleName: jsii.String("service")})
	default:
		return nil
	}
}

func (p *propertyApp) props() *textractasync.TextractAsyncProps {
	props := &textractasync.TextractAsyncProps{
		Topic: p.topic(p.origins["Topic"]), Queue: p.queue(p.origins["Queue"]), ServiceRole: p.serviceRole(p.origins["ServiceRole"]),
		EncryptionKey: p.key(p.origins["EncryptionKey"], homeStack, "Encryption"),
	}
	switch p.origins["Topic"] {
	case "new, with TopicName":
		props.TopicName = jsii.String("AmazonTextractNew")
	case "new, with TopicName looked up":
		props.TopicName = awsssm.StringParameter_ValueFromLookup(p.stack(homeStack), jsii.String("/topic"), nil, nil)
	}
	if p.origins["Queue"] == "new, without DeadLetterQueue" {
		props.DeadLetterQueue = &textractasync.DeadLetterQueueOptions{Disabled: jsii.Bool(true)}
	}
	if p.origins["EncryptionKey"] == serviceOwn {
		props.Encryption = textractasync.Encryption_SERVICE_MANAGED
	}
	switch p.origins["ServiceRole"] {
	case managedRole:
		props.ServiceRolePolicy = textractasync.ServiceRolePolicy_AWS_MANAGED
	case "new, with TrustedAccounts":
		props.TrustedAccounts = jsii.Strings(otherAccount)
	}
	if bucket := p.bucket("Input"); bucket != nil {
		key, prefixes := p.key(p.origins["Input EncryptionKey"], homeStack, "Input"), []*string{p.prefix("Input")}
		if p.origins["Input Prefix"] == longOnes {
			prefixes = longPrefixes()
		}
		props.Inputs = &[]*textractasync.InputLocation{}
		for _, prefix := range prefixes {
			*props.Inputs = append(*props.Inputs, &textractasync.InputLocation{Bucket: bucket, Prefix: prefix, EncryptionKey: key})
		}
	}
	if bucket := p.bucket("Output"); bucket != nil {
		props.Output = &textractasync.OutputLocation{
			Bucket: bucket, Prefix: p.prefix("Output"), EncryptionKey: p.key(p.origins["Output EncryptionKey"], homeStack, "Output"),
		}
	}
	return props
}

func longPrefixes() []*string {
	var all []*string
	for i := range 24 {
		all = append(all, jsii.String(fmt.Sprintf("in/%02d/%s/", i, strings.Repeat("x", 500))))
	}
	return all
}

// caller is how policies name a grantee.
type caller struct {
	grantable      awsiam.IGrantable
	owner          string // the name of the role, user or group, or the id of the policy, in a template
	stack          string // where that is
	principal      string // in the policy of a resource; empty where that cannot name it, or a name in the template is the role's
	isService      bool
	isDummy        bool
	inOtherAccount bool // imported from another account
}

const importedCaller = "arn:aws:iam::" + account + ":role/path/caller"

// grantees make a caller each. The stack Callers depends on all others, and none on it.
var grantees = map[string]func(p *propertyApp, home awscdk.Stack) caller{
	"a role here": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: newLambdaRole(home, "Caller"), owner: "${Caller}"}
	},
	"a role of another stack": func(p *propertyApp, _ awscdk.Stack) caller {
		return caller{grantable: newLambdaRole(p.stack("Callers"), "Caller"), owner: "${Caller}", stack: "Callers"}
	},
	"a lazy role": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewLazyRole(home, jsii.String("Caller"), &awsiam.LazyRoleProps{
			AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		}), owner: "${Caller}"}
	},
	"a role without policy updates": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: newLambdaRole(home, "Caller").WithoutPolicyUpdates(nil), owner: "${Caller}"}
	},
	"an imported role":           importedCallerRole(account, &awsiam.FromRoleArnOptions{}),
	"an imported immutable role": importedCallerRole(account, &awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false)}),
	"an imported role, granted by resources": importedCallerRole(account,
		&awsiam.FromRoleArnOptions{Mutable: jsii.Bool(false), AddGrantsToResources: jsii.Bool(true)}),
	"an imported role of another account": importedCallerRole(otherAccount, &awsiam.FromRoleArnOptions{}),
	"a role looked up": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{
			grantable: awsiam.Role_FromLookup(home, jsii.String("Caller"), &awsiam.RoleLookupOptions{RoleName: jsii.String("caller")}),
			isDummy:   true,
		}
	},
	"made in another account": func(p *propertyApp, _ awscdk.Stack) caller {
		return caller{grantable: newLambdaRole(p.stack("OtherAccount"), "Caller")}
	},
	"a user": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewUser(home, jsii.String("Caller"), nil), owner: "${Caller}"}
	},
	"an imported user": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.User_FromUserName(home, jsii.String("Caller"), jsii.String("ann")), owner: "ann"}
	},
	"an imported user of another account": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{
			grantable:      awsiam.User_FromUserArn(home, jsii.String("Caller"), jsii.String("arn:aws:iam::"+otherAccount+":user/ann")),
			owner:          "ann",
			inOtherAccount: true,
		}
	},
	"a group": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewGroup(home, jsii.String("Caller"), nil), owner: "${Caller}"}
	},
	"a group of another stack": func(p *propertyApp, _ awscdk.Stack) caller {
		return caller{grantable: awsiam.NewGroup(p.stack("Callers"), jsii.String("Caller"), nil), owner: "${Caller}", stack: "Callers"}
	},
	"an imported group": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.Group_FromGroupName(home, jsii.String("Caller"), jsii.String("ops")), owner: "ops"}
	},
	"a function": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awslambda.NewFunction(home, jsii.String("Caller"), &awslambda.FunctionProps{
			Runtime: awslambda.Runtime_NODEJS_22_X(),
			Handler: jsii.String("index.handler"),
			Code:    awslambda.Code_FromInline(jsii.String("exports.handler = 1")),
		}), owner: "${CallerServiceRole}"}
	},
	"a managed policy": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewManagedPolicy(home, jsii.String("Caller"), nil), owner: "${Caller}"}
	},
	"an inline policy": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewPolicy(home, jsii.String("CallerPolicy"), &awsiam.PolicyProps{
			Roles: &[]awsiam.IRole{newLambdaRole(home, "Caller")},
		}), owner: "${Caller}"}
	},
	"a service": func(*propertyApp, awscdk.Stack) caller {
		return caller{
			grantable: awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
			principal: "Service:states.amazonaws.com",
			isService: true,
		}
	},
	"an ARN": func(*propertyApp, awscdk.Stack) caller {
		return caller{grantable: awsiam.NewArnPrincipal(jsii.String(importedCaller)), principal: "AWS:" + importedCaller}
	},
	"an ARN of another account": func(*propertyApp, awscdk.Stack) caller {
		const arn = "arn:aws:iam::" + otherAccount + ":role/caller"
		return caller{grantable: awsiam.NewArnPrincipal(jsii.String(arn)), principal: "AWS:" + arn, inOtherAccount: true}
	},
	"an account": func(*propertyApp, awscdk.Stack) caller {
		return caller{grantable: awsiam.NewAccountPrincipal(jsii.String(account))}
	},
}

func granteeNames() []string {
	names := slices.Sorted(maps.Keys(grantees))
	slices.SortStableFunc(names, func(a, b string) int { // the default first
		return strings.Compare(fmt.Sprint(a != "a role here"), fmt.Sprint(b != "a role here"))
	})
	return names
}

func importedCallerRole(account string, options *awsiam.FromRoleArnOptions) func(*propertyApp, awscdk.Stack) caller {
	return func(_ *propertyApp, home awscdk.Stack) caller {
		arn := "arn:aws:iam::" + account + ":role/path/caller"
		return caller{
			grantable: awsiam.Role_FromRoleArn(
				home,
				jsii.String("Caller"),
				jsii.String(arn),
				options,
			),
			owner:          "caller",
			principal:      "AWS:" + arn,
			inOtherAccount: account != "111122223333",
		}
	}
}

// recorder collects the errors of a check of other tests.
type recorder struct {
	testing.TB
	faults []string
}

func (r *recorder) Errorf(format string, arguments ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, arguments...))
}

// faultsOf builds one app, and returns what is wrong with it.
func faultsOf(t *testing.T, o origins, flagSets []scenario.FlagSet) (faults []string) {
	flags := flagSets[slices.IndexFunc(flagSets, func(f scenario.FlagSet) bool { return f.Name == o["flags"] })]
	p := &propertyApp{origins: o, stacks: map[string]awscdk.Stack{}, made: map[string]awskms.IKey{}, app: awscdk.NewApp(&awscdk.AppProps{
		Context: &flags.Context, Outdir: jsii.String(t.TempDir()), AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false),
	})}
	home := p.stack(homeStack)
	props, who := p.props(), grantees[o["grantee"]](p, home)

	rejected := o.rejected()
	var textract textractasync.TextractAsync
	var grant awsiam.Grant
	invalid, problem := rejectionOf(func() { textract = textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), props) })
	if problem == "" && invalid == nil {
		if o["grantee"] == "made in another account" {
			rejected[o["Grant"]+" grantee"] = "a role can only be passed within its account"
		}
		invalid, problem = rejectionOf(func() { grant = grantsOf(textract)[o["Grant"]](who.grantable) })
	}
	if problem != "" {
		return []string{"panic: " + problem}
	}
	if invalid != nil || len(rejected) > 0 {
		return compareRejections(rejected, invalid)
	}

	if invalid, problem := rejectionOf(func() { p.addSecond(props, who) }); invalid != nil || problem != "" {
		return []string{fmt.Sprintf("second construct: %v%s", invalid, problem)}
	}
	if lazy, ok := who.grantable.(awsiam.LazyRole); ok {
		lazy.RoleArn() // the CDK makes the role when something uses it
	}

	r := &recorder{TB: t}
	var s synthesis
	success := *grant.Success()
	if _, problem := rejectionOf(func() { s = synthesizeApp(r, p.app) }); problem != "" {
		return append(r.faults, "synthesis: "+problem)
	}
	assertNoCycle(r, s)
	j := newJudge(r, o, s)
	j.flow()
	j.caller(who, success)
	j.warnings()
	j.limits()
	return r.faults
}

// addSecond grants to the same caller, or deploys a stack like the first with the same imported
// roles.
func (p *propertyApp) addSecond(first *textractasync.TextractAsyncProps, who caller) {
	grant := p.origins["Grant"]
	switch p.origins["second construct"] {
	case "in the same stack":
		props := &textractasync.TextractAsyncProps{ServiceRole: first.ServiceRole}
		grantsOf(textractasync.NewTextractAsync(p.stack(homeStack), jsii.String("Second"), props))[grant](who.grantable)
	case "in a stack like the first":
		twin := p.stack("Twin")
		props := &textractasync.TextractAsyncProps{}
		if p.origins["ServiceRole"] == "imported" {
			props.ServiceRole = awsiam.Role_FromRoleArn(twin, jsii.String("Service"), jsii.String(importedServiceRole), nil)
		}
		textract := textractasync.NewTextractAsync(twin, jsii.String("TextractAsync"), props)
		if p.origins["grantee"] == "an imported role" {
			grantsOf(textract)[grant](awsiam.Role_FromRoleArn(twin, jsii.String("Caller"), jsii.String(importedCaller), nil))
		}
	}
}

// rejectionOf returns the *ValidationError with which a function panics, or the text of any other
// panic.
func rejectionOf(function func()) (invalid *textractasync.ValidationError, problem string) {
	defer func() {
		if value := recover(); value != nil {
			if err, ok := value.(error); !ok || !errors.As(err, &invalid) {
				problem = fmt.Sprint(value)
			}
		}
	}()
	function()
	return nil, ""
}

func compareRejections(want map[string]string, got *textractasync.ValidationError) (faults []string) {
	found := map[string]bool{}
	if got != nil {
		for _, problem := range got.Problems {
			found[problem.Prop] = true
			if want[problem.Prop] == "" {
				faults = append(faults, "rejected, although it can be used: "+problem.String())
			}
		}
	}
	for prop, reason := range want {
		if !found[prop] {
			faults = append(faults, fmt.Sprintf("accepted: %s, although %s", prop, reason))
		}
	}
	return faults
}

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
	if err := json.Unmarshal([]byte(j.text(stack, a.condition)), &s.conditions); err != nil {
		j.Errorf("condition %s: %v", a.condition, err)
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
		if len(logicalID) > 8 && idOf(logicalID) == id {
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
		return &keyFacts{arn: j.find(origin.stack, id, ".Arn"), path: origin.stack + "/" + id, aliases: "alias/" + id, isMade: true}
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
		return j.keyFactsOf(key, stackOf(name), stackOf(name)+"/"+owner+"Key")
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
		key, keyPath, keyStack = j.origins[keyProp(location)], stack+"/"+location+"BucketKey", stack
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

const accountRoot = "AWS:arn:aws:iam::" + account + ":root"

// identity reports whether the policies of a role, user or group allow it.
func (j *judge) identity(owner string, r request) bool {
	return owner != "" && slices.ContainsFunc(j.inTemplates, func(s *statement) bool { return slices.Contains(s.to, owner) && s.allows(r) })
}

// resource reports whether the policy of a resource allows it to one of the principals.
func (j *judge) resource(owner string, principals []string, r request) bool {
	return slices.ContainsFunc(j.inTemplates, func(s *statement) bool {
		return s.owner == owner && s.to == nil && slices.Contains(principals, s.principal) && s.allows(r)
	})
}

// isPrinted reports whether a warning prints it for the policy of the owner at a path; for an
// identity there is no principal.
func (j *judge) isPrinted(path string, principals []string, r request) bool {
	found := false
	for _, s := range j.printed {
		isThere := strings.Contains(s.warning, path) && slices.Contains(principals, s.principal)
		if isThere && s.allows(r) {
			s.needed, found = true, true
		}
	}
	return found
}

func (j *judge) need(what string, isGranted bool, path string, principals []string, r request) {
	if !isGranted && !j.isPrinted(path, principals, r) {
		j.Errorf("neither granted nor printed: %s: %s on %s", what, r.action, r.resource)
	}
}

var (
	publishWithKey = []string{"kms:Decrypt", "kms:GenerateDataKey"}
	writeWithKey   = []string{"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"}
	readWithKey    = []string{"kms:Decrypt"}
)

func (k *keyFacts) requests(actions []string) (all []request) {
	if k == nil {
		return nil
	}
	for _, action := range actions {
		all = append(all, request{action, k.arn, map[string]string{"kms:ResourceAliases": k.aliases}})
	}
	return all
}

// flow is what AWS does without a caller, and what the account may do at all with buckets and keys.
func (j *judge) flow() {
	topic := "arn:aws:sns:" + region + ":" + account + ":AmazonTextractOld"
	switch {
	case !isExisting(j.origins["Topic"]):
		topic = j.find(homeStack, "TextractAsyncTopic", "")
	case !strings.HasPrefix(j.origins["Topic"], "imported"):
		topic = j.find(stackOf(j.origins["Topic"]), "Topic", "")
	}
	fromTopic := map[string]string{"aws:SourceArn": topic, "aws:SourceAccount": account}
	sns := []string{"Service:sns.amazonaws.com"}

	queue, queuePath := j.queueARN()
	queues := map[string]string{queue: queuePath}
	if j.origins["Queue"] == "new" {
		queues[j.find(homeStack, "TextractAsyncDeadLetterQueue", ".Arn")] = "Home/TextractAsync/DeadLetterQueue"
	}
	for arn, path := range queues {
		r := request{"sqs:SendMessage", arn, fromTopic}
		j.need("SNS sends to "+path, j.resource(arn, sns, r), "the policy of "+path+" ", sns, r)
	}
	for _, r := range j.queueKey.requests(publishWithKey) {
		r.context = fromTopic
		j.needOfKey("SNS uses the queue's key", j.queueKey, sns, r)
	}

	j.service(topic)
	j.mayUseKey("topic's key", j.topicKey, publishWithKey)
	j.mayUseKey("queue's key", j.queueKey, readWithKey)
	for what, l := range map[string]*locationFacts{"input": j.input, "output": j.output} {
		if l == nil {
			continue
		}
		actions := map[string][]string{"input": readWithKey, "output": writeWithKey}[what]
		j.mayUseKey(what+"'s key", l.key, actions)
		if !l.inOtherAccount {
			continue
		}
		for _, r := range j.locationRequests(what, l) {
			j.need(
				"the account uses the "+what,
				j.resource(l.arn, []string{accountRoot}, r),
				"the policy of "+l.path+" ",
				[]string{accountRoot},
				r,
			)
		}
	}
}

// mayUseKey judges the policy of a key: that of an imported key of this account is taken for the
// default one, which leaves it to IAM.
func (j *judge) mayUseKey(what string, k *keyFacts, actions []string) {
	if k == nil || !k.isMade && !k.inOtherAccount {
		return
	}
	for _, r := range k.requests(actions) {
		j.needOfKey("the account uses the "+what, k, []string{accountRoot}, r)
	}
}

// needOfKey takes the statement for any import of the key.
func (j *judge) needOfKey(what string, k *keyFacts, principals []string, r request) {
	inTemplate, isPrinted := j.resource(k.arn, principals, r), false
	same := []*keyFacts{j.topicKey, j.queueKey}
	for _, l := range []*locationFacts{j.input, j.output} {
		if l != nil {
			same = append(same, l.key)
		}
	}
	for _, other := range same {
		if other != nil && other.arn == k.arn && !inTemplate && j.isPrinted("the policy of "+other.path+" ", principals, r) {
			isPrinted = true
		}
	}
	j.need(what, inTemplate || isPrinted, "the policy of "+k.path+" ", principals, r)
}

func (j *judge) queueARN() (arn, path string) {
	switch name := j.origins["Queue"]; {
	case !isExisting(name):
		return j.find(homeStack, "TextractAsyncQueue", ".Arn"), "Home/TextractAsync/Queue"
	case strings.HasPrefix(name, "imported"):
		return "arn:aws:sqs:" + region + ":" + account + ":old", "Home/Queue"
	default:
		return j.find(stackOf(name), "Queue", ".Arn"), stackOf(name) + "/Queue"
	}
}

// serviceRole returns the name and ARN of the service role; none where it is looked up.
func (j *judge) serviceRole() (name, arn string) {
	switch origin := j.origins["ServiceRole"]; {
	case strings.HasPrefix(origin, "new"):
		return j.find(homeStack, "TextractAsyncServiceRole", ""), j.find(homeStack, "TextractAsyncServiceRole", ".Arn")
	case strings.HasPrefix(origin, "imported"):
		return "service", importedServiceRole
	case origin == lookedUp:
		return "", "arn:aws:iam:" + region + ":123456789012:role/DUMMY_ARN"
	default:
		return j.find(stackOf(origin), "Service", ""), j.find(stackOf(origin), "Service", ".Arn")
	}
}

// service is what Textract does: it assumes the role and publishes.
func (j *judge) service(topic string) {
	name, arn := j.serviceRole()
	if name == "" {
		return
	}
	textract := []string{"Service:textract.amazonaws.com"}
	assume := request{"sts:AssumeRole", arn, map[string]string{
		"aws:SourceAccount": account, "aws:SourceArn": "arn:aws:textract:" + region + ":" + account + ":/jobs/1",
	}}
	j.need("Textract assumes the service role", j.resource(arn, textract, assume), "the policy of ", textract, assume)
	requests := append([]request{{action: "sns:Publish", resource: topic}}, j.topicKey.requests(publishWithKey)...)
	if j.output != nil {
		requests = append(requests, j.output.key.requests(writeWithKey)...)
	}
	for _, r := range requests {
		j.need("the service role", j.identity(name, r), "ServiceRole: the policy of ", []string{""}, r)
	}
}

// locationRequests are what callers do with the objects of a bucket.
func (j *judge) locationRequests(what string, l *locationFacts) (all []request) {
	for _, prefix := range l.prefixes {
		if what == "input" {
			for _, action := range []string{"s3:GetObject", "s3:GetObjectVersion"} {
				all = append(all, request{action: action, resource: l.arn + "/" + prefix + "scan.pdf"})
			}
			continue
		}
		for _, action := range []string{"s3:GetObject", "s3:PutObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"} {
			all = append(all, request{action: action, resource: l.arn + "/" + prefix + "/job/1"})
		}
		all = append(all, request{action: "s3:ListBucketMultipartUploads", resource: l.arn},
			request{"s3:ListBucket", l.arn, map[string]string{"s3:prefix": prefix + "/job/"}})
	}
	return all
}

// caller is what the grantee does. Its own policies have to allow it, or the policy of a resource
// of its account that names it.
func (j *judge) caller(who caller, success bool) {
	if who.isDummy {
		return
	}
	owner := who.owner
	if id, isReference := strings.CutPrefix(owner, "${"); isReference {
		stack := who.stack
		if stack == "" {
			stack = homeStack
		}
		owner = j.find(stack, strings.TrimSuffix(id, "}"), "")
	}
	inOtherAccount := who.inOtherAccount && j.isKnown
	want := true
	for _, n := range j.callerNeeds() {
		isNamed := who.principal != "" && j.resource(n.owner, []string{who.principal}, n.request)
		granted := j.identity(owner, n.request) || isNamed && !inOtherAccount && (!n.inOtherAccount || who.isService)
		j.need("the caller", granted, j.origins["Grant"]+": ", []string{""}, n.request)
		want = want && granted
		if inOtherAccount && j.identity(owner, n.request) {
			j.Errorf("a policy for a caller of another account: %s", n.action)
		}
	}
	if success != want {
		j.Errorf("Success() is %t, and all of the grantee's part being in the template is %t", success, want)
	}
}

// callerNeed is a request of the caller, and the resource whose policy could allow it.
type callerNeed struct {
	request
	owner          string
	inOtherAccount bool
}

func (j *judge) callerNeeds() (needs []callerNeed) {
	grant := j.origins["Grant"]
	runs := func(other string) bool { return grant == "GrantRunJobs" || grant == other }
	_, role := j.serviceRole()
	onAnything := func(actions ...string) {
		for _, action := range actions {
			needs = append(needs, callerNeed{request: request{action: "textract:" + action, resource: "*"}})
		}
	}
	withKey := func(k *keyFacts, actions []string) {
		for _, r := range k.requests(actions) {
			needs = append(needs, callerNeed{r, k.arn, k.inOtherAccount})
		}
	}
	input, output := j.input, j.output
	if runs("GrantStartJobs") || grant == "GrantPassRole" {
		needs = append(
			needs,
			callerNeed{request: request{"iam:PassRole", role, map[string]string{"iam:PassedToService": "textract.amazonaws.com"}}},
		)
	}
	if runs("GrantStartJobs") {
		onAnything("StartDocumentTextDetection", "StartDocumentAnalysis", "StartExpenseAnalysis", "StartLendingAnalysis")
		if input != nil {
			for _, r := range j.locationRequests("input", input) {
				needs = append(needs, callerNeed{r, input.arn, input.inOtherAccount})
			}
			withKey(input.key, readWithKey)
		}
	}
	if runs("GrantConsumeNotifications") {
		queue, _ := j.queueARN()
		for _, action := range []string{"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueUrl", "GetQueueAttributes"} {
			needs = append(needs, callerNeed{request: request{action: "sqs:" + action, resource: queue}, owner: queue})
		}
		withKey(j.queueKey, readWithKey)
	}
	if runs("GrantReadResults") {
		onAnything(
			"GetDocumentTextDetection",
			"GetDocumentAnalysis",
			"GetExpenseAnalysis",
			"GetLendingAnalysis",
			"GetLendingAnalysisSummary",
		)
	}
	if output != nil && (runs("GrantStartJobs") || runs("GrantReadResults")) {
		for _, r := range j.locationRequests("output", output) {
			reads := r.action == "s3:GetObject" || r.action == "s3:ListBucket"
			if runs("GrantReadResults") && reads || runs("GrantStartJobs") && r.action != "s3:ListBucket" {
				needs = append(needs, callerNeed{r, output.arn, output.inOtherAccount})
			}
		}
		if runs("GrantStartJobs") {
			withKey(output.key, writeWithKey)
		} else {
			withKey(output.key, readWithKey)
		}
	}
	return needs
}

// warnings judges that each is needed.
func (j *judge) warnings() {
	unknown := map[string]bool{}
	for _, owner := range []string{"Topic", "Queue"} {
		if j.origins[owner] == "imported by ARN" {
			unknown["Home/"+owner+" "] = true
		}
	}
	for _, l := range []*locationFacts{j.input, j.output} {
		if l != nil && l.isUnknown {
			unknown[l.path+" "] = true
		}
	}
	for path := range unknown {
		if !slices.ContainsFunc(j.synthesis.warnings["unknownKey"], func(text string) bool { return strings.Contains(text, path) }) {
			j.Errorf("no warning that the key of %s is unknown", path)
		}
	}
	if j.origins["second construct"] != none {
		return
	}
	isNeeded := func(part string, of func(*statement) string) bool {
		return slices.ContainsFunc(j.printed, func(s *statement) bool { return s.needed && of(s) == part })
	}
	action := func(s *statement) string { return s.warning + s.action }
	resource := func(s *statement) string { return s.warning + s.resource }
	for _, s := range j.printed {
		if !isNeeded(action(s), action) || !isNeeded(resource(s), resource) {
			j.Errorf("printed, although it is granted or not needed: %s on %s: %s", s.action, s.resource, s.warning)
		}
	}
	for id, texts := range j.synthesis.warnings {
		for _, text := range texts {
			isNeeded := strings.Contains(text, ": {")
			switch id {
			case "unknownKey":
				isNeeded = slices.ContainsFunc(
					slices.Collect(maps.Keys(unknown)),
					func(path string) bool { return strings.Contains(text, path) },
				)
			case "topicPattern":
				isNeeded = strings.HasPrefix(j.origins["Topic"], "unnamed")
			case "policySize":
				isNeeded = j.origins["Input Prefix"] == longOnes
			}
			if !isNeeded {
				j.Errorf("warning of nothing: %s: %s", id, text)
			}
		}
	}
}

// limits judges the lengths of identity policies, the statements of queues and the names of inline
// policies.
func (j *judge) limits() {
	inline, limitOf, names := map[string]int{}, map[string]int{}, map[string]string{}
	for stack := range j.templates {
		for id, resource := range j.resources(stack) {
			flat := fnsub.Flatten(resource).(map[string]any)
			properties, _ := flat["Properties"].(map[string]any)
			document, _ := json.Marshal(properties["PolicyDocument"])
			size := len(j.text(stack, string(document)))
			switch flat["Type"] {
			case "AWS::IAM::ManagedPolicy":
				inline[stack+"/"+id], limitOf[stack+"/"+id] = size, 6144
			case "AWS::SQS::QueuePolicy":
				parsed, _ := properties["PolicyDocument"].(map[string]any)
				if each, _ := parsed["Statement"].([]any); len(each) > 20 {
					j.Errorf("a queue with %d statements", len(each))
				}
			case "AWS::IAM::Policy":
				for kind, limit := range map[string]int{"Users": 2048, "Groups": 5120, "Roles": 10240} {
					for _, owner := range list(properties[kind]) {
						owner = kind + " " + j.text(stack, owner)
						inline[owner], limitOf[owner] = inline[owner]+size, limit
						name := owner + ": " + j.text(stack, fmt.Sprint(properties["PolicyName"]))
						if other := names[name]; other != "" {
							j.Errorf("two inline policies of one name, in %s and %s: %s", other, stack, name)
						}
						names[name] = stack
					}
				}
			}
		}
	}
	for owner, size := range inline {
		if size > limitOf[owner] && len(j.synthesis.warnings["policySize"]) == 0 {
			j.Errorf("%s: %d characters of policies, and IAM takes %d", owner, size, limitOf[owner])
		}
	}
}
