package proof

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

type (
	// Document is the text of a policy.
	Document = assembly.Document
	// Statement is one of a policy's.
	Statement = assembly.Statement
	texts     = assembly.Texts
)

func newDocument(statements ...Statement) *Document {
	return &Document{Version: assembly.PolicyVersion, Statement: statements}
}

// policyKind is what a policy is attached to.
type policyKind string

const (
	identityPolicy policyKind = "identity policy"
	trustPolicy    policyKind = "trust policy"
	queuePolicy    policyKind = "queue policy"
	topicPolicy    policyKind = "topic policy"
	keyPolicy      policyKind = "key policy"
	bucketPolicy   policyKind = "bucket policy"
)

// policy is one in effect.
type policy struct {
	kind     policyKind
	path     string // of the construct that made it
	subject  string // role/NAME, user/NAME, group/NAME, or the ARN of the resource that it is attached to
	name     string // of an inline policy
	document *Document
	fixed    bool // not this library's text: an AWS managed policy
}

// Deployment is every policy in effect once an app is deployed.
type Deployment struct {
	env       assembly.Environment
	policies  []*policy
	bySubject map[string][]*policy
	arns      map[string]string // of resources, by the path of the construct
	accounts  map[string]string // of buckets, by their ARNs, which have none
	expected  map[string]bool   // the resources of the expectations, by ARN
}

// See: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonTextractServiceRole.html
var managedPolicies = map[string]*Document{
	"service-role/AmazonTextractServiceRole": newDocument(Statement{
		Effect: "Allow", Action: texts{"sns:Publish"}, Resource: texts{"arn:aws:sns:*:*:AmazonTextract*"},
	}),
}

// newDeployment collects the policies of all stacks.
func newDeployment(a *assembly.Assembly) (*Deployment, error) {
	d := &Deployment{
		env: a.Stacks[0].Env, bySubject: map[string][]*policy{}, arns: map[string]string{}, accounts: map[string]string{},
		expected: map[string]bool{},
	}
	arnOf := map[string]string{} // what Ref returns: a name, an id or a URL
	for _, s := range a.Stacks {
		for id, r := range s.Resources {
			if made, err := s.Physical(id); err == nil {
				d.arns[r.Path()], d.accounts[made.ARN], arnOf[made.Ref] = made.ARN, s.Env.Account, made.ARN
			}
		}
	}
	for _, s := range a.Stacks {
		for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
			if err := d.add(s, s.Resources[id], arnOf); err != nil {
				return nil, fmt.Errorf("%s in stack %s: %w", id, s.Name, err)
			}
		}
	}
	return d, nil
}

// policyTypes have a policy in a property, attached to what other properties name: without any, to
// the resource itself.
var policyTypes = map[string]struct {
	kind     policyKind
	document string
	targets  []string
}{
	"AWS::IAM::Role":          {trustPolicy, "AssumeRolePolicyDocument", nil},
	"AWS::IAM::Policy":        {identityPolicy, "PolicyDocument", []string{"Roles", "Users", "Groups"}},
	"AWS::IAM::ManagedPolicy": {identityPolicy, "PolicyDocument", []string{"Roles", "Users", "Groups"}},
	"AWS::KMS::Key":           {keyPolicy, "KeyPolicy", nil},
	"AWS::SQS::QueuePolicy":   {queuePolicy, "PolicyDocument", []string{"Queues"}},
	"AWS::SNS::TopicPolicy":   {topicPolicy, "PolicyDocument", []string{"Topics"}},
	"AWS::S3::BucketPolicy":   {bucketPolicy, "PolicyDocument", []string{"Bucket"}},
}

var typesWithoutPolicy = []string{
	"AWS::IAM::User", "AWS::IAM::Group", "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SNS::Subscription", "AWS::S3::Bucket",
	"AWS::CloudFormation::Stack", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
	"AWS::DynamoDB::Table", "AWS::Events::Rule", "AWS::Logs::LogGroup", "AWS::Pipes::Pipe", "AWS::StepFunctions::StateMachine",
}

// add adds the policies of a resource. A resource of an unknown type is an error, for it might have
// one.
func (d *Deployment) add(s *assembly.Stack, r assembly.Resource, arnOf map[string]string) error {
	made, hasPolicy := policyTypes[r.Type]
	switch {
	case !hasPolicy && !slices.Contains(typesWithoutPolicy, r.Type):
		return fmt.Errorf("a %s might have a policy: teach deployment.go", r.Type)
	case r.Properties["Policies"] != nil || r.Properties["PermissionsBoundary"] != nil:
		return fmt.Errorf("policies within the resource, or a permissions boundary: teach deployment.go")
	}
	if err := d.addManagedPolicies(s, r); err != nil || !hasPolicy {
		return err
	}
	document, err := s.Policy(r.Properties[made.document])
	if err != nil {
		return err
	}
	name, _ := r.Properties["PolicyName"].(string)
	attach := func(subject string) error {
		return d.attach(&policy{kind: made.kind, path: r.Path(), subject: subject, name: name, document: document})
	}
	if made.targets == nil {
		return attach(d.arns[r.Path()])
	}
	for _, property := range made.targets {
		var targets texts
		if err := s.Decode(r.Properties[property], &targets); err != nil {
			return err
		}
		for _, target := range targets {
			subject := arnOf[target]
			if made.kind == identityPolicy {
				subject = strings.ToLower(strings.TrimSuffix(property, "s")) + "/" + target
			}
			if err := attach(subject); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *Deployment) addManagedPolicies(s *assembly.Stack, r assembly.Resource) error {
	var arns texts
	if err := s.Decode(r.Properties["ManagedPolicyArns"], &arns); err != nil {
		return err
	}
	for _, arn := range arns {
		document, ok := managedPolicies[strings.TrimPrefix(arn, "arn:"+s.Env.Partition+":iam::aws:policy/")]
		if !ok {
			return fmt.Errorf("the text of managed policy %s is not known: teach deployment.go", arn)
		}
		subject := subjectOf(d.arns[r.Path()])
		if err := d.attach(&policy{kind: identityPolicy, path: r.Path(), subject: subject, document: document, fixed: true}); err != nil {
			return err
		}
	}
	return nil
}

// subjectOf is the role, user or group of an ARN, without the path that it may have.
func subjectOf(arn string) string {
	kind, name, _ := strings.Cut(arn[strings.LastIndex(arn, ":")+1:], "/")
	return kind + "/" + name[strings.LastIndex(name, "/")+1:]
}

// attach adds a policy. A resource has one only, and a principal one of each name.
func (d *Deployment) attach(p *policy) error {
	if p.subject == "" {
		return fmt.Errorf("attached to a resource that is not known: teach deployment.go")
	}
	for _, other := range d.bySubject[p.subject] {
		if p.kind != identityPolicy || p.name != "" && other.name == p.name {
			return fmt.Errorf("two policies of %s overwrite each other: %s and %s", p.subject, other.path, p.path)
		}
	}
	d.policies = append(d.policies, p)
	d.bySubject[p.subject] = append(d.bySubject[p.subject], p)
	return nil
}

// resourcePolicy is that of a resource, or of the bucket of an object; nil where there is none.
func (d *Deployment) resourcePolicy(arn string) *policy {
	if all := d.bySubject[resourceOf(arn)]; len(all) > 0 {
		return all[0]
	}
	return nil
}

// resourceOf is the bucket of an object, or the resource itself.
func resourceOf(arn string) string {
	if strings.Contains(arn, ":s3:::") {
		arn, _, _ = strings.Cut(arn, "/")
	}
	return arn
}

// accountOf is the account in an ARN, or that of a bucket.
func (d *Deployment) accountOf(arn string) string {
	if account := accountIn(arn); account != "" {
		return account
	}
	if account, ok := d.accounts[resourceOf(arn)]; ok {
		return account
	}
	return d.env.Account
}

func accountIn(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// policiesFor are the policies on which the answer can depend.
func (d *Deployment) policiesFor(q *call) []*policy {
	var all []*policy
	for _, subject := range q.by.subjects {
		all = append(all, d.bySubject[subject]...)
	}
	if p := d.resourcePolicy(q.resource); p != nil {
		all = append(all, p)
	}
	return all
}

// request asks the question, with another text for one policy: that of a mutant.
func (d *Deployment) request(q *call, mutated *policy, text *Document) request {
	r := request{
		Principal: q.by.id, Action: q.action, Resource: q.resource, Account: d.accountOf(q.resource), Context: q.context,
		Identity: slices.Clone(q.by.policies),
	}
	for _, p := range d.policiesFor(q) {
		document := p.document
		if p == mutated {
			document = text
		}
		switch {
		case len(document.Statement) == 0:
		case p.kind == identityPolicy:
			r.Identity = append(r.Identity, document)
		default:
			r.ResourcePolicy = document
		}
	}
	isOther := r.Account != d.env.Account
	switch {
	case d.resourcePolicy(q.resource) != nil:
	case isOther && !d.expected[resourceOf(q.resource)]:
		r.ResourcePolicy = openToAll // so that a denial is this side's
	case !isOther && strings.Contains(q.resource, ":kms:"):
		r.ResourcePolicy = newDocument(allowAccount(d.env, "kms:*"))
	}
	return r
}

var openToAll = newDocument(Statement{Effect: "Allow", Principal: "*", Action: texts{"*"}, Resource: texts{"*"}})

// allowAccount leaves it to the account's IAM policies who may take the action.
func allowAccount(env assembly.Environment, action string) Statement {
	return Statement{
		Effect:    "Allow",
		Principal: map[string]any{"AWS": rootOf(env, env.Account)},
		Action:    texts{action},
		Resource:  texts{"*"},
	}
}

// rootOf is the principal that represents an account.
func rootOf(env assembly.Environment, account string) string {
	return "arn:" + env.Partition + ":iam::" + account + ":root"
}
