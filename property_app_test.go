package textractasync_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseks"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/aws-cdk-go/awscdk/v2/cloudformationinclude"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

// propertyApp makes the resources of an app by the names of their origins.
type propertyApp struct {
	origins
	app    awscdk.App
	stacks map[string]awscdk.Stack
	made   map[string]awskms.IKey
	dir    string
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
	switch p.origins["resources"] {
	case setLater:
		props.MasterKey = nil
		topic := awssns.NewTopic(p.stack(stack), id, props)
		topic.Node().DefaultChild().(awssns.CfnTopic).SetKmsMasterKeyId(arnOfKey(key))
		return topic
	case byL1:
		topic := awssns.NewCfnTopic(p.scopeOfL1(stack, "Topic"), jsii.String("Resource"), &awssns.CfnTopicProps{
			TopicName: props.TopicName, KmsMasterKeyId: arnOfKey(key),
		})
		return awssns.Topic_FromTopicArn(p.stack(stack), id, topic.Ref())
	case byInclude:
		topic := p.include(stack, "Topic", "AWS::SNS::Topic", props.TopicName, key, `"KmsMasterKeyId": {"Ref": "Key"}`)
		return awssns.Topic_FromTopicArn(p.stack(stack), id, topic.(awssns.CfnTopic).Ref())
	default:
		return awssns.NewTopic(p.stack(stack), id, props)
	}
}

func arnOfKey(key awskms.IKey) *string {
	if key == nil {
		return nil
	}
	return key.KeyArn()
}

// scopeOfL1 is for L1 constructs that have the default id in it, which makes their logical ids.
func (p *propertyApp) scopeOfL1(stack, id string) constructs.Construct {
	return constructs.NewConstruct(p.stack(stack), jsii.String(id+"L1"))
}

// include makes a resource from a template, with the key as its parameter.
func (p *propertyApp) include(stack, id, kind string, name *string, key awskms.IKey, encryption string) awscdk.CfnElement {
	var properties []string
	parameters, props := "", &cloudformationinclude.CfnIncludeProps{TemplateFile: jsii.String(filepath.Join(p.dir, id+".json"))}
	if name != nil {
		properties = append(properties, fmt.Sprintf(`"TopicName": %q`, *name))
	}
	if key != nil {
		properties, parameters = append(properties, encryption), `"Key": {"Type": "String"}`
		props.Parameters = &map[string]any{"Key": key.KeyArn()}
		if alias, ok := key.(awskms.IAlias); ok {
			props.Parameters = &map[string]any{"Key": alias.AliasName()}
		}
	}
	const hash = "L100000000"
	template := fmt.Sprintf(`{"Parameters": {%s}, "Resources": {%q: {"Type": %q, "Properties": {%s}}}}`,
		parameters, id+hash, kind, strings.Join(properties, ", "))
	if err := os.WriteFile(*props.TemplateFile, []byte(template), 0o600); err != nil {
		panic(err)
	}
	return cloudformationinclude.NewCfnInclude(p.stack(stack), jsii.String(id+"Include"), props).GetResource(jsii.String(id + hash))
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
		if p.isL1("Queue") {
			key = awskms.Alias_FromAliasName(p.stack(stack), jsii.String("Managed"), jsii.String("alias/aws/sqs"))
			break
		}
		return awssqs.NewQueue(p.stack(stack), id, &awssqs.QueueProps{Encryption: awssqs.QueueEncryption_KMS_MANAGED})
	}
	switch p.origins["resources"] {
	case byL1:
		queue := awssqs.NewCfnQueue(p.scopeOfL1(stack, "Queue"), jsii.String("Resource"), &awssqs.CfnQueueProps{KmsMasterKeyId: arnOfKey(key)})
		return awssqs.Queue_FromQueueArn(p.stack(stack), id, queue.AttrArn())
	case byInclude:
		queue := p.include(stack, "Queue", "AWS::SQS::Queue", nil, key, `"KmsMasterKeyId": {"Ref": "Key"}`)
		return awssqs.Queue_FromQueueArn(p.stack(stack), id, queue.(awssqs.CfnQueue).AttrArn())
	case setLater:
		queue := awssqs.NewQueue(p.stack(stack), id, nil)
		queue.Node().DefaultChild().(awssqs.CfnQueue).SetKmsMasterKeyId(arnOfKey(key))
		return p.withStatements(queue, name)
	default:
		return p.withStatements(awssqs.NewQueue(p.stack(stack), id, &awssqs.QueueProps{EncryptionMasterKey: key}), name)
	}
}

func (*propertyApp) withStatements(queue awssqs.Queue, name string) awssqs.Queue {
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
		return awss3.NewBucket(p.stack(stack), id, props)
	}
	encryption := bucketEncryption(arnOfKey(key))
	if alias, ok := key.(awskms.IAlias); ok {
		encryption = bucketEncryption(alias.AliasName())
	} else if key == nil {
		encryption = nil
	}
	switch p.origins["resources"] {
	case setLater:
		bucket := awss3.NewBucket(p.stack(stack), id, nil)
		if encryption != nil {
			bucket.Node().DefaultChild().(awss3.CfnBucket).SetBucketEncryption(encryption)
		}
		return bucket
	case byL1:
		l1 := &awss3.CfnBucketProps{}
		if encryption != nil {
			l1.BucketEncryption = encryption
		}
		bucket := awss3.NewCfnBucket(p.scopeOfL1(stack, location+"Bucket"), jsii.String("Resource"), l1)
		return awss3.Bucket_FromBucketArn(p.stack(stack), id, bucket.AttrArn())
	case byInclude:
		bucket := p.include(stack, location+"Bucket", "AWS::S3::Bucket", nil, key, `"BucketEncryption": {"ServerSideEncryptionConfiguration": [
			{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "Key"}}}]}`)
		return awss3.Bucket_FromBucketName(p.stack(stack), id, bucket.(awss3.CfnBucket).Ref())
	default:
		return awss3.NewBucket(p.stack(stack), id, props)
	}
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
			home, jsii.String("Service"),
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
	case halfKnown, "new, with a wrong half-known TopicName":
		beginning := map[bool]string{true: "AmazonTextract-", false: "documents-"}[p.origins["Topic"] == halfKnown]
		name := awscdk.NewCfnParameter(p.stack(homeStack), jsii.String("TopicName"), nil).ValueAsString()
		props.TopicName = jsii.String(beginning + *name)
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
	"an EKS service account": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: newServiceAccount(home, awseks.IdentityType_IRSA), owner: "${ClusterAccountRole}"}
	},
	"session tags": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewSessionTagsPrincipal(newLambdaRole(home, "Caller")), owner: "${Caller}"}
	},
	"conditions": func(_ *propertyApp, home awscdk.Stack) caller {
		return caller{grantable: awsiam.NewPrincipalWithConditions(newLambdaRole(home, "Caller"), &onlyTLS), owner: "${Caller}"}
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
				home, jsii.String("Caller"), jsii.String(arn), options,
			),
			owner:          "caller",
			principal:      "AWS:" + arn,
			inOtherAccount: account != "111122223333",
		}
	}
}
