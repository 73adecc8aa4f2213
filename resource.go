package textractasync

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/aws/jsii-runtime-go/runtime"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// What this package knows of an existing topic, queue, bucket, key or role is read here: from the
// CloudFormation resource where this app has it, whatever made it, because an L2 construct does not
// know what mixins, setters and L1 constructs say. What this app does not have is known by its ARN.

// keyProperty is the property of topics and queues that names their key.
const keyProperty = "kmsMasterKeyId"

// CloudFormation's types of resources.
const (
	typeTopic  = "AWS::SNS::Topic"
	typeQueue  = "AWS::SQS::Queue"
	typeBucket = "AWS::S3::Bucket"
	typeKey    = "AWS::KMS::Key"
	typeRole   = "AWS::IAM::Role"

	typeDashboard = "AWS::CloudWatch::Dashboard"
)

// resource is a CloudFormation resource of this app, read once.
type resource struct {
	cfn        awscdk.CfnResource
	kind       string         // such as "AWS::SQS::Queue"
	isOwn      bool           // of an L2 construct that made it
	properties map[string]any // as they are set, with tokens

	home awscdk.Stack // read at the first use
}

// readResource returns the resource that a construct represents: its own; the one that it was made
// of, as by Key_FromCfnKey; or the one that its ARN or name refers to. It is nil where this app has
// none.
func readResource(c constructs.IConstruct, arnOrName, kind string) *resource {
	node := c.Node()
	if own := newResource(node.DefaultChild()).ofKind(kind); own != nil {
		own.isOwn = true
		return own
	}
	if parent := newResource(node.Scope()).ofKind(kind); parent != nil {
		return parent
	}
	return newResource(referredToBy(arnOrName)).withKind()
}

// readKind is readResource for a resource of one type. otherType is that of a resource of another.
func readKind(c constructs.IConstruct, arn, kind string) (made *resource, otherType string) {
	switch behind := readResource(c, arn, kind); {
	case behind == nil:
		return nil, ""
	case behind.kind != kind:
		return nil, behind.kind
	default:
		return behind, ""
	}
}

// ownerOf returns the construct around the resource of an import, such as the queue of this app that
// was imported by its ARN: it takes statements. Nil where the resource is the construct's own.
func ownerOf(made *resource) constructs.IConstruct {
	if made == nil || made.isOwn {
		return nil
	}
	return made.cfn.Node().Scope()
}

func newResource(c constructs.IConstruct) *resource {
	cfn, ok := c.(awscdk.CfnResource)
	if !ok {
		return nil
	}
	r := &resource{cfn: cfn, properties: map[string]any{}}
	for name, value := range valueOr(cfn.CfnProperties(), nil) {
		r.properties[strings.ToLower(name)] = value
	}
	return r
}

// withKeyNow is the resource of a bucket with its key as it is now. To ask whether a bucket has one
// takes less time than to read all of its properties.
func (r *resource) withKeyNow() *resource {
	bucket, ok := r.cfn.(awss3.CfnBucket)
	if ok && r.property(bucketKeyPath[0]) == nil && bucket.BucketEncryption() == nil {
		return r
	}
	now := newResource(r.cfn)
	now.kind, now.isOwn, now.home = r.kind, r.isOwn, r.home
	return now
}

// withKind reads the type of the resource, from the type in Go where that tells it.
func (r *resource) withKind() *resource {
	if r == nil || r.kind != "" {
		return r
	}
	switch r.cfn.(type) {
	case awssns.CfnTopic:
		r.kind = typeTopic
	case awssqs.CfnQueue:
		r.kind = typeQueue
	case awss3.CfnBucket:
		r.kind = typeBucket
	default:
		r.kind = *r.cfn.CfnResourceType()
	}
	return r
}

// ofKind returns the resource where it is of a type.
func (r *resource) ofKind(kind string) *resource {
	if r == nil || r.withKind().kind != kind {
		return nil
	}
	return r
}

func (r *resource) stack() awscdk.Stack {
	if r.home == nil {
		r.home = r.cfn.Stack()
	}
	return r.home
}

// property returns a property, or one of its parts; nil where it is not set. L1 constructs and
// generic resources differ in the case of names.
func (r *resource) property(path ...string) any {
	var value any = r.properties
	for _, name := range path {
		value = r.part(value, name)
	}
	return r.plain(value)
}

func (r *resource) part(value any, name string) any {
	switch v := value.(type) {
	case nil, string, bool, float64:
		return nil
	case map[string]any:
		for key, each := range v {
			if strings.EqualFold(key, name) {
				return each
			}
		}
	case []any:
		if len(v) > 0 {
			return r.part(v[0], name)
		}
	case awscdk.IResolvable:
		return r.part(r.stack().Resolve(v), name)
	default:
		return partOfStruct(v, name)
	}
	return nil
}

// partOfStruct is for what the app has read from an L1 construct itself: from then on jsii gives an
// object for it, or the struct in newer versions. Resolving either would take references out.
func partOfStruct(value any, name string) (part any) {
	fields := reflect.Indirect(reflect.ValueOf(value))
	for i := range fields.NumField() {
		if fields.Type().Field(i).Tag.Get("json") != name {
			continue
		}
		if field := reflect.Indirect(fields.Field(i)); field.IsValid() {
			part = field.Interface()
		}
		return part
	}
	runtime.Get(value, name, &part)
	return part
}

// plain resolves a value that is an object of the CDK, such as one of Lazy.
func (r *resource) plain(value any) any {
	switch v := value.(type) {
	case nil, string, bool, float64, map[string]any, []any:
		return v
	default:
		return r.stack().Resolve(v)
	}
}

// text returns a property of the type String. What is known only at deployment is a token.
func (r *resource) text(path ...string) string { return textOf(r.property(path...)) }

func textOf(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any, []any:
		return *awscdk.Token_AsString(v, nil)
	default:
		return fmt.Sprint(v)
	}
}

// textList returns a property that is a list of strings.
func (r *resource) textList(path ...string) []string {
	all, _ := r.property(path...).([]any)
	var texts []string
	for _, each := range all {
		texts = append(texts, textOf(r.plain(each)))
	}
	return texts
}

// isSameValue reports whether two texts become the same value in the template. Tokens of what is no
// text, such as a Ref that is written out, differ each time that they are read.
func (r *resource) isSameValue(a, b string) bool {
	return validate.Unresolved(a) && validate.Unresolved(b) && reflect.DeepEqual(r.stack().Resolve(a), r.stack().Resolve(b))
}

func (r *resource) isTrue(path ...string) bool { return r.text(path...) == "true" }

// name returns a name that the resource is given: a known one, one with tokens, or none.
func (r *resource) name(property string) string {
	name := r.text(property)
	if !validate.Unresolved(name) || validate.Dummy(name) {
		return name
	}
	// The CDK's own token for a name that is not needed resolves to nothing.
	if resolved, isText := r.stack().Resolve(name).(string); isText || r.stack().Resolve(name) == nil {
		return resolved
	}
	return name
}

// referredToBy returns the resource, parameter or other construct that a text refers to; nil where
// it refers to none. Of an ARN that is put together, the last part counts.
func referredToBy(text string) constructs.IConstruct {
	if !validate.Unresolved(text) || validate.Dummy(text) {
		return nil
	}
	if strings.HasPrefix(text, "arn:") {
		text = text[strings.LastIndex(text, ":")+1:]
	}
	fragments := awscdk.Tokenization_ReverseString(jsii.String(text))
	if *fragments.Length() != 1 {
		return nil
	}
	reference, ok := fragments.FirstToken().(awscdk.Reference)
	if !ok {
		return nil
	}
	return reference.Target()
}

// keyOf reads the key that a property names by its ARN, id or alias. ofL2 tells the key that the L2
// construct believes in. unknown is the value of a property that names a key which is known at
// deployment only.
func (r *resource) keyOf(env environment, ofL2 func() awskms.IKey, path ...string) (k *key, unknown string) {
	text := r.text(path...)
	if text == "" {
		return nil, ""
	}
	if own := ofL2(); own != nil && (text == *own.KeyArn() || text == *own.KeyId()) {
		return newKeyOf(env, own), ""
	}
	text = r.withKnownEnd(text)
	switch {
	case validate.Dummy(text):
		return nil, text
	case strings.HasPrefix(text, "arn:") && referredToBy(text) == nil:
		return newKeyOf(env, importKey(r.cfn, text)), ""
	case !validate.Unresolved(text), strings.HasPrefix(text, "alias/"):
		id := text
		if !strings.HasPrefix(text, "alias/") {
			id = "key/" + text
		}
		home := environmentOf(r.stack())
		return newKeyOf(env, importKey(r.cfn, "arn:"+home.partition+":kms:"+home.region+":"+home.account+":"+id)), ""
	}
	switch target := referredToBy(text).(type) {
	case awskms.CfnKey:
		return newKeyOf(env, keyOfResource(target)), ""
	case awskms.CfnAlias:
		if alias, ok := target.Node().Scope().(awskms.Alias); ok {
			return newKeyOf(env, alias), ""
		}
		return newResource(target).keyOf(env, func() awskms.IKey { return nil }, "targetKeyId")
	}
	return nil, text
}

// withKnownEnd resolves the last part of an ARN, or the whole of another text, where that gives
// text: the CDK has a token for the name of an alias of this app.
func (r *resource) withKnownEnd(text string) string {
	beginning, end := text[:strings.LastIndex(text, ":")+1], text[strings.LastIndex(text, ":")+1:]
	if !validate.Unresolved(end) || validate.Dummy(end) {
		return text
	}
	if known, ok := r.stack().Resolve(end).(string); ok {
		return beginning + known
	}
	return text
}

// keyOfResource returns the construct of a key's resource: the L2 around it, or one that is made of
// it and takes statements as well. The CDK makes none of a policy that it cannot read.
func keyOfResource(resource awskms.CfnKey) (made awskms.IKey) {
	if key, ok := resource.Node().Scope().(awskms.Key); ok {
		return key
	}
	defer func() {
		if problem := recover(); problem != nil {
			made = importKey(resource, *resource.AttrArn())
		}
	}()
	return awskms.Key_FromCfnKey(resource)
}

// importKey makes a construct for a key that a resource of the app names, as a child of it.
func importKey(of constructs.IConstruct, arn string) awskms.IKey {
	id := jsii.String("TextractAsyncKey " + arn)
	if found := of.Node().TryFindChild(id); found != nil {
		var made awskms.IKey
		jsii.UnsafeCast(found, &made) // the kernel tells no interface of what is found
		return made
	}
	return awskms.Key_FromKeyArn(of.(constructs.Construct), id, jsii.String(arn))
}
