package textractasync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

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
	halfKnown   = "new, with a half-known TopicName"
	setLater    = "L2, key by a setter"
	byL1        = "L1"
	byInclude   = "CfnInclude"
	customized  = "customized"
	byARNs      = "of other accounts, by ARNs"
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
	{"roles", append(slices.Repeat([]string{"of the app"}, 7), customized)},
	{"resources", []string{"L2", setLater, byL1, byInclude}}, // that the app makes itself, with their keys
	{"Topic", []string{
		"new", "new, with TopicName", "new, with TopicName looked up", halfKnown, "new, with a wrong half-known TopicName", "named here", "unnamed here", "named in another stack",
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
	{"second construct", []string{none, "in the same stack", "in a stack like the first", byARNs}},
	{"change", changeNames()},
}

// tellsAccount reports whether the ARN of topic, queue or role tells the account of all.
func (o origins) tellsAccount() bool {
	return slices.ContainsFunc([]string{"Topic", "Queue", "ServiceRole"}, func(prop string) bool {
		return strings.HasPrefix(o[prop], "imported")
	})
}

// isMade reports whether the app makes the topic or queue itself, in an account that is not
// another.
func (o origins) isMade(owner string) bool {
	name := o[owner]
	return isExisting(name) && !strings.HasPrefix(name, "imported")
}

// isL1 reports whether it does so without an L2 construct.
func (o origins) isL1(owner string) bool {
	return o.isMade(owner) && (o["resources"] == byL1 || o["resources"] == byInclude)
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
	{"a change without effect, or one of what is rejected", func(o origins) bool {
		c, isChange := changes[o["change"]]
		return isChange && (!c.breaks(o) || len(o.rejected()) > 0)
	}},
	{"only a stack without an environment learns it from ARNs", func(o origins) bool {
		return o["second construct"] == byARNs && (o["stacks"] == known || o.tellsAccount())
	}},
	{"only the first construct learns its account", func(o origins) bool {
		return o["second construct"] == "in the same stack" && o["stacks"] == agnostic && o.tellsAccount() &&
			strings.Contains(o["grantee"], "of another account")
	}},
	{"a report of roles that are neither these nor those of others", func(o origins) bool {
		if o["roles"] != customized {
			return false
		}
		isOneOf := func(name string, names ...string) bool { return name == "" || slices.Contains(names, name) }
		return !isOneOf(o["ServiceRole"], "new", "new, with TrustedAccounts", "role here", "imported") ||
			!isOneOf(o["grantee"], "a role here", "an imported role") || !isOneOf(o["second construct"], none) || len(o.rejected()) > 0
	}},
	{"statements of a queue without an L2 construct", func(o origins) bool {
		return o.isL1("Queue") && strings.HasPrefix(o["Queue"], "here, with")
	}},
	{"a key that is known by its alias in one prop and by itself in another", func(o origins) bool {
		used := map[string]int{}
		for _, name := range o {
			used[strings.TrimPrefix(name, "alias of a ")]++
		}
		return o["resources"] != "L2" && slices.ContainsFunc(slices.Collect(maps.Values(o)), func(name string) bool {
			key, isAlias := strings.CutPrefix(name, "alias of a ")
			return isAlias && used[key] > 1
		})
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
	if o["Topic"] == "new, with a wrong half-known TopicName" {
		found["TopicName"] = "Textract's policies are for AmazonTextract*"
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
