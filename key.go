package textractasync

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/policyjson"
	"github.com/cdk-textract/textractasync/internal/validate"
)

// key is a key with what permissions need of it, read once.
type key struct {
	awskms.IKey
	arn   string // of the key, or of the alias where only that is known
	alias string // such as "alias/documents"; empty where the key itself is known
	env   validate.Environment
	made  *resource // of this app; nil where the key is imported or made by this construct

	otherType string // of the resource of this app that the ARN refers to, where that is no key

	isOurs bool // made by this construct

	// Whether it is a key of this app and account whose policy does not leave it to the account's
	// IAM policies who may use it. Known after requireKeyUse.
	isClosed bool

	shared *sharedStatement // of the constructs that use it; nil for one that is not of this app
}

// newKeyOf reads a key. An alias whose key is known is that key: IAM takes only the key's own ARN.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
func newKeyOf(env environment, of awskms.IKey) *key {
	if of == nil {
		return nil
	}
	k := &key{IKey: of}
	if alias, ok := of.(awskms.IAlias); ok {
		name := *alias.AliasName()
		if target := targetOf(alias); target != nil && !strings.HasPrefix(name, "alias/aws/") {
			return newKeyOf(env, target)
		}
		k.alias = name
	}
	k.arn = *of.KeyArn()
	k.made, k.otherType = readKind(of, k.arn, typeKey)
	if k.made != nil && !k.made.isOwn && of.Node().Scope() != k.made.cfn {
		if made, ok := k.made.cfn.(awskms.CfnKey); ok { // imported by the ARN of a key of this app
			return newKeyOf(env, keyOfResource(made))
		}
	}
	k.env = env.withReach(env.of(of, k.made), k.made, k.arn)
	if _, name, isAlias := strings.Cut(k.arn, ":alias/"); isAlias && k.alias == "" {
		k.alias = "alias/" + name
	}
	return k
}

// text is how a property names the key; empty for none.
func (k *key) text() string {
	if k == nil {
		return ""
	}
	return k.arn
}

// isNew reports whether this app makes the key.
func (k *key) isNew() bool { return k.isOurs || k.made != nil }

// targetOf returns the key of an alias; nil for one that was imported by its name, which panics
// when it is asked.
func targetOf(alias awskms.IAlias) (target awskms.IKey) {
	defer func() {
		if problem := recover(); problem != nil {
			if !strings.Contains(fmt.Sprint(problem), "aliasTargetKey") {
				panic(problem)
			}
			target = nil
		}
	}()
	return alias.AliasTargetKey()
}

func newKeysOf(env environment, of *[]awskms.IKey) []*key {
	keys := make([]*key, len(valueOr(of, nil)))
	for i := range keys {
		keys[i] = newKeyOf(env, (*of)[i])
	}
	return keys
}

func plainKeys(keys []*key) []*validate.Key {
	plain := make([]*validate.Key, len(keys))
	for i, k := range keys {
		plain[i] = k.plain()
	}
	return plain
}

func (k *key) plain() *validate.Key {
	if k == nil {
		return nil
	}
	plain := &validate.Key{Environment: k.env, ARN: k.arn, Alias: k.alias, New: k.isNew(), OtherType: k.otherType}
	if k.made != nil {
		plain.Spec, plain.Usage, plain.Disabled = k.made.text("keySpec"), k.made.text("keyUsage"), k.made.text("enabled") == "false"
	}
	return plain
}

// id is what a Start action names the key by, or nothing without a key. Textract looks for a bare
// id in the caller's account, where an imported key need not be.
func (k *key) id() string {
	switch {
	case k == nil:
		return ""
	case k.isNew():
		return *k.KeyId()
	default:
		return k.arn
	}
}

// permission allows the actions on the key. A key of which only the alias is known is found by
// kms:ResourceAliases.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
func (k *key) permission(actions []string) permission {
	if k.alias == "" {
		return permission{actions: actions, resources: []string{k.arn}}
	}
	return permission{
		actions:   actions,
		resources: []string{strings.TrimSuffix(k.arn, k.alias) + "key/*"},
		condition: map[string]any{"ForAnyValue:StringEquals": map[string]any{"kms:ResourceAliases": k.alias}},
	}
}

// policy is the key's own policy.
func (k *key) policy(prop string) policy {
	add := func(p permission) bool {
		return *k.AddToResourcePolicy(awsiam.PolicyStatement_FromJson(p.statement()), jsii.Bool(true)).StatementAdded
	}
	return policy{prop: prop, owner: k.IKey, add: func(p permission) bool {
		if k.made != nil {
			if shared := addShared(k.made.cfn, p, add); shared != nil {
				k.shared = shared
				return true
			}
		}
		return add(p)
	}}
}

// is reports whether both are the same key.
func (k *key) is(other *key) bool {
	return k != nil && other != nil && (k.IKey == other.IKey || sameARN(k.arn, other.arn))
}

// existingOrNewKeys returns the keys that the topic and the queue are encrypted with, nil for none
// of yours.
func existingOrNewKeys(t constructs.Construct, s settings, identity topicIdentity) (topicKey, queueKey *key) {
	if s.encryptionKey != nil {
		topicKey, queueKey = s.encryptionKey, s.encryptionKey
	} else if s.encryption == Encryption_KMS && (s.topic == nil || s.queue == nil) {
		topicKey = newKey(t, s, identity)
		queueKey = topicKey
	}
	if s.topic != nil {
		topicKey = s.topic.key
	}
	if s.queue != nil {
		queueKey = s.queue.key
	}
	return topicKey, queueKey
}

func newKey(t constructs.Construct, s settings, identity topicIdentity) *key {
	statements := []any{allowAccountToUseKey(s.env, []string{"kms:*"}).statement()}
	if s.queue == nil {
		statements = append(statements, allowServiceToUseKey(snsPrincipal, identity.condition()).statement())
	}
	made := awskms.NewKey(t, jsii.String("EncryptionKey"), &awskms.KeyProps{
		Description:       jsii.String("Notifications of Amazon Textract: topic and queue"),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     s.removalPolicy,
		Policy:            awsiam.PolicyDocument_FromJson(map[string]any{"Statement": statements}),
	})
	return &key{IKey: made, arn: *made.KeyArn(), env: s.env.plain(), isOurs: true}
}

// requireKeys lets SNS deliver to queues that an existing key encrypts, and this account use an
// existing key of topic or queues.
func requireKeys(t *textractAsync, s settings, identity topicIdentity, topicKey, queueKey *key) {
	queueProp, topicProp := "EncryptionKey", "EncryptionKey"
	if s.queue != nil {
		queueProp = "Queue"
	}
	if s.topic != nil {
		topicProp = "Topic"
	}
	if queueKey != nil && !queueKey.isOurs {
		require(t, requirement{
			permission: allowServiceToUseKey(snsPrincipal, identity.conditionFor(t, s, queueKey.IKey, queueKey.made)),
			in:         queueKey.policy(queueProp),
			warning:    warningKeyPolicy,
			without:    "no notification reaches the queue",
		})
		actions := readKeyActions // of consumers
		if topicKey.is(queueKey) {
			actions = publishKeyActions
		}
		requireKeyUse(t, s.env, queueKey, queueProp, actions, warningKeyPolicy)
		if topicKey.is(queueKey) {
			topicKey.isClosed = queueKey.isClosed
		}
	}
	if topicKey != nil && !topicKey.isOurs && !topicKey.is(queueKey) {
		requireKeyUse(t, s.env, topicKey, topicProp, publishKeyActions, warningKeyPolicy)
	}
	if s.redrive != nil && s.redrive.key != nil && !s.redrive.key.is(queueKey) {
		requireDeadLetterQueueKey(t, s, identity, s.redrive.key)
	}
	for i, former := range s.formerEncryptionKeys {
		requireKeyUse(t, s.env, former, fmt.Sprintf("FormerEncryptionKeys[%d]", i), readKeyActions, warningKeyPolicy)
	}
}

func requireDeadLetterQueueKey(t *textractAsync, s settings, identity topicIdentity, k *key) {
	const prop = "DeadLetterQueue.EncryptionKey"
	require(t, requirement{
		permission: allowServiceToUseKey(snsPrincipal, identity.conditionFor(t, s, k.IKey, k.made)),
		in:         k.policy(prop),
		warning:    warningKeyPolicy,
		without:    "what SNS cannot deliver is lost",
	})
	requireKeyUse(t, s.env, k, prop, readKeyActions, warningKeyPolicy)
}

// requireKeyUse lets the policies of this account's roles and users allow the use of a key: those
// alone do not reach a key of another account.
// See: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
func requireKeyUse(t constructs.Construct, env environment, k *key, prop string, actions []string, warning string) {
	if !env.isOtherAccount(k.env.Account) {
		k.isClosed = !k.trustsAccount(env) // it names its users one by one then
		return
	}
	require(t, requirement{
		permission: allowAccountToUseKey(env, actions), in: k.policy(prop), warning: warning,
		without: "the key denies its use to this account's roles and users",
	})
}

// requireKeyUser lets a role or user use a closed key: the key names those that need it, and stays
// closed for the others.
func requireKeyUser(t constructs.Construct, env environment, k *key, prop, warning, name, arn string, actions []string) {
	p := permission{principal: map[string]any{"AWS": arn}, actions: actions, resources: anyResource()}
	if why := k.cannotName(arn); why != "" {
		p = allowAccountToUseKey(env, actions)
		warn(t, warning, fmt.Sprintf("%s: the policy of %s names who may use the key, and cannot name %s, which %s; so it allows "+
			"the whole account, for %s; name who needs it in the key's policy, or acknowledge this warning",
			prop, pathOf(k.IKey), name, why, strings.Join(actions, ", ")))
	}
	require(t, requirement{permission: p, in: k.policy(prop), warning: warning, without: name + " is denied its use"})
}

// cannotName returns why the key's policy cannot name a role or user. A reference to one in another
// stack would be a circular dependency: that stack depends on the key's.
func (k *key) cannotName(arn string) string {
	if arn == "" {
		return "is not a role or user"
	}
	if reference := referenceIn(arn); reference != nil && awscdk.Stack_Of(reference.Target()) != awscdk.Stack_Of(k.IKey) {
		return "is in another stack"
	}
	return ""
}

// trustsAccount reports whether the key leaves it to IAM policies who may use it, as far as that is
// known: a key of this app that was made with a Policy of its own may not.
func (k *key) trustsAccount(env environment) bool {
	if k.isOurs || k.made == nil {
		return true
	}
	if k.shared == nil {
		return k.readTrust(env)
	}
	if k.shared.leavesToAccount == nil {
		k.shared.leavesToAccount = jsii.Bool(k.readTrust(env))
	}
	return *k.shared.leavesToAccount
}

func (k *key) readTrust(env environment) bool {
	if k.IKey.Node().Scope() == k.made.cfn { // of Key_FromCfnKey, whose policy is the CDK's own token
		return false
	}
	stack := k.made.stack()
	account := []any{stack.Resolve(env.rootARN()), stack.Resolve(env.account), "*"}
	return policyjson.LeavesToAccount(stack.Resolve(k.made.property("keyPolicy")), account)
}
