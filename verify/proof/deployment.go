package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/verify/assembly"
)

const policyVersion = "2012-10-17"

// Document is the text of a policy, without intrinsic functions.
type Document struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement is one of a policy's, as JSON has it.
type Statement map[string]any

func newDocument(statements ...Statement) *Document { return &Document{policyVersion, statements} }

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
	fixed    bool // not this library's text: an AWS managed policy, or the other account's
}

// Deployment is every policy in effect once an app is deployed.
type Deployment struct {
	env      assembly.Environment
	policies []*policy
	arns     map[string]string    // of resources, by the path of the construct
	accounts map[string]string    // of buckets, by their ARNs, which have none
	identity map[string][]*policy // by the subject
	resource map[string]*policy   // by ARN
	expected map[string]bool      // the resources of the expectations, by ARN
}

// See: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonTextractServiceRole.html
var managedPolicies = map[string]*Document{
	"service-role/AmazonTextractServiceRole": newDocument(Statement{
		"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:*:*:AmazonTextract*",
	}),
}

// newDeployment collects the policies of all stacks. A resource of an unknown type is an error, for it might have one.
func newDeployment(a *assembly.Assembly) (*Deployment, error) {
	d := &Deployment{
		env: a.Stacks[0].Env, arns: map[string]string{}, accounts: map[string]string{},
		identity: map[string][]*policy{}, resource: map[string]*policy{}, expected: map[string]bool{},
	}
	for _, s := range a.Stacks {
		for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
			if err := d.add(s, id, s.Resources[id]); err != nil {
				return nil, fmt.Errorf("%s in stack %s: %w", id, s.Name, err)
			}
		}
	}
	return d, nil
}

func (d *Deployment) add(s *assembly.Stack, id string, r assembly.Resource) error {
	if made, err := s.Physical(id); err == nil {
		d.arns[r.Path()] = made.ARN
		d.accounts[made.ARN] = s.Env.Account
	}
	property := func(name string) any { return r.Properties[name] }
	switch r.Type {
	case "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SNS::Subscription", "AWS::S3::Bucket", "AWS::CloudFormation::Stack",
		"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard":
		return nil
	case "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group":
		return d.addPrincipal(s, id, r)
	case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy":
		return d.addIdentityPolicy(s, r)
	case "AWS::KMS::Key":
		return d.addResourcePolicy(s, keyPolicy, r, map[string]any{"Ref": id}, property("KeyPolicy"))
	case "AWS::SQS::QueuePolicy":
		return d.addResourcePolicy(s, queuePolicy, r, property("Queues"), property("PolicyDocument"))
	case "AWS::SNS::TopicPolicy":
		return d.addResourcePolicy(s, topicPolicy, r, property("Topics"), property("PolicyDocument"))
	case "AWS::S3::BucketPolicy":
		return d.addResourcePolicy(s, bucketPolicy, r, property("Bucket"), property("PolicyDocument"))
	default:
		return fmt.Errorf("a %s might have a policy: teach deployment.go", r.Type)
	}
}

func (d *Deployment) addPrincipal(s *assembly.Stack, id string, r assembly.Resource) error {
	if r.Properties["Policies"] != nil || r.Properties["PermissionsBoundary"] != nil {
		return fmt.Errorf("policies within the resource, or a permissions boundary: teach deployment.go")
	}
	arns, err := resolveTexts(s, r.Properties["ManagedPolicyArns"])
	if err != nil {
		return err
	}
	made, err := s.Physical(id)
	if err != nil {
		return err
	}
	for _, arn := range arns {
		document, ok := managedPolicies[strings.TrimPrefix(arn, "arn:"+s.Env.Partition+":iam::aws:policy/")]
		if !ok {
			return fmt.Errorf("the text of managed policy %s is not known: teach deployment.go", arn)
		}
		if err := d.attach(&policy{kind: identityPolicy, path: r.Path(), subject: subjectOf(made.ARN), document: document, fixed: true}); err != nil {
			return err
		}
	}
	if r.Type != "AWS::IAM::Role" {
		return nil
	}
	return d.addResourcePolicy(s, trustPolicy, r, map[string]any{"Ref": id}, r.Properties["AssumeRolePolicyDocument"])
}

// subjectOf is the role, user or group of an ARN, without the path that it may have.
func subjectOf(arn string) string {
	kind, name, _ := strings.Cut(arn[strings.LastIndex(arn, ":")+1:], "/")
	return kind + "/" + name[strings.LastIndex(name, "/")+1:]
}

func (d *Deployment) addIdentityPolicy(s *assembly.Stack, r assembly.Resource) error {
	document, err := resolveDocument(s, r.Properties["PolicyDocument"])
	if err != nil {
		return err
	}
	for property, kind := range map[string]string{"Roles": "role/", "Users": "user/", "Groups": "group/"} {
		names, err := resolveTexts(s, r.Properties[property])
		if err != nil {
			return err
		}
		for _, name := range names {
			p := &policy{kind: identityPolicy, path: r.Path(), subject: kind + name, document: document}
			p.name, _ = r.Properties["PolicyName"].(string)
			if err := d.attach(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// addResourcePolicy finds the resources by the Refs that attach the policy: URLs, ARNs or names.
func (d *Deployment) addResourcePolicy(s *assembly.Stack, kind policyKind, r assembly.Resource, targets, document any) error {
	parsed, err := resolveDocument(s, document)
	if err != nil {
		return err
	}
	list, ok := targets.([]any)
	if !ok {
		list = []any{targets}
	}
	for _, target := range list {
		reference, _ := target.(map[string]any)
		id, ok := reference["Ref"].(string)
		if !ok {
			return fmt.Errorf("attached to %v: want a Ref", target)
		}
		made, err := s.Physical(id)
		if err != nil {
			return err
		}
		if err := d.attach(&policy{kind: kind, path: r.Path(), subject: made.ARN, document: parsed}); err != nil {
			return err
		}
	}
	return nil
}

func (d *Deployment) attach(p *policy) error {
	other := d.resource[p.subject]
	if p.kind == identityPolicy {
		for _, attached := range d.identity[p.subject] {
			if p.name != "" && attached.name == p.name {
				other = attached
			}
		}
		d.identity[p.subject] = append(d.identity[p.subject], p)
	} else {
		d.resource[p.subject] = p
	}
	if other != nil {
		return fmt.Errorf("two policies of %s overwrite each other: %s and %s", p.subject, other.path, p.path)
	}
	d.policies = append(d.policies, p)
	return nil
}

func resolveDocument(s *assembly.Stack, value any) (*Document, error) {
	resolved, err := s.Resolve(value)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(resolved)
	if err != nil {
		return nil, err
	}
	d := &Document{}
	if err := json.Unmarshal(text, d); err != nil || len(d.Statement) == 0 {
		return nil, fmt.Errorf("not a policy (%w): %s", err, text)
	}
	return d, nil
}

func resolveTexts(s *assembly.Stack, value any) ([]string, error) {
	resolved, err := s.Resolve(value)
	return texts(resolved), err
}

// texts is the value of an element that has one text or several.
func texts(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []string:
		return slices.Clone(v)
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			list[i] = item.(string)
		}
		return list
	default:
		panic(fmt.Sprintf("%v is neither a text nor a list of texts", v))
	}
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
func (d *Deployment) policiesFor(q Question) []*policy {
	var all []*policy
	for _, subject := range q.who.subjects {
		all = append(all, d.identity[subject]...)
	}
	if p := d.resource[resourceOf(q.resource)]; p != nil {
		all = append(all, p)
	}
	return all
}

// request asks the question, with another text for one policy: that of a mutant.
func (d *Deployment) request(q Question, mutated *policy, text *Document) request {
	r := request{
		Principal: q.who.id, Action: q.action, Resource: q.resource, Account: d.accountOf(q.resource), Context: q.context,
		Identity: slices.Clone(q.who.policies),
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
			r.Policy = document
		}
	}
	if r.Identity == nil {
		r.Identity = []*Document{}
	}
	isOther := r.Account != d.env.Account
	switch {
	case d.resource[resourceOf(q.resource)] != nil:
	case isOther && !d.expected[resourceOf(q.resource)]:
		r.Policy = openToAll // so that a denial is this side's
	case !isOther && strings.Contains(q.resource, ":kms:"):
		r.Policy = newDocument(allowAccount(d.env, "kms:*"))
	}
	return r
}

var openToAll = newDocument(Statement{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"})

// allowAccount leaves it to the account's IAM policies who may take the actions.
func allowAccount(env assembly.Environment, actions string) Statement {
	return Statement{
		"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:" + env.Partition + ":iam::" + env.Account + ":root"},
		"Action": actions, "Resource": "*",
	}
}
