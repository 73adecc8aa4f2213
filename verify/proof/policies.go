package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Document is a policy without intrinsic functions.
type Document struct {
	Version   string      `json:"Version"`
	Statement []Statement `json:"Statement"`
}

// Statement is one of a policy's, as JSON has it.
type Statement map[string]any

// Kind is what a policy is attached to.
type Kind string

// The kinds of policies.
const (
	KindIdentity Kind = "identity policy"
	KindTrust    Kind = "trust policy"
	KindQueue    Kind = "queue policy"
	KindTopic    Kind = "topic policy"
	KindKey      Kind = "key policy"
	KindBucket   Kind = "bucket policy"
)

// Policy is one of a world.
type Policy struct {
	Kind Kind
	// Path of the construct that made it.
	Path string
	// Subject is the name of the role or the ARN of the resource that it is attached to.
	Subject  string
	Document *Document
	// Foreign says that its text is not ours: an AWS managed policy.
	Foreign bool
}

// World is all that IAM knows after a deployment.
type World struct {
	Env      Environment
	Policies []*Policy
	// Arns of resources, by the path of the construct.
	Arns map[string]string

	subjects map[string]bool      // all resources of the flows, by ARN
	owners   map[string]string    // accounts of buckets, by ARN, where it is another
	identity map[string][]*Policy // by the name of the role
	resource map[string]*Policy   // by ARN
}

// AmazonTextractServiceRole, as the guide's readers attach it.
// See: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonTextractServiceRole.html
var managedPolicies = map[string]*Document{
	"service-role/AmazonTextractServiceRole": {
		Version: policyVersion,
		Statement: []Statement{{
			"Effect": "Allow", "Action": "sns:Publish", "Resource": "arn:aws:sns:*:*:AmazonTextract*",
		}},
	},
}

const policyVersion = "2012-10-17"

// NewWorld collects the policies of all stacks. A resource of a type that it does not know is an error, for it might hold one.
func NewWorld(a *Assembly) (*World, error) {
	w := &World{
		Env: a.Stacks[0].Env, Arns: map[string]string{}, subjects: map[string]bool{}, owners: map[string]string{},
		identity: map[string][]*Policy{}, resource: map[string]*Policy{},
	}
	for _, s := range a.All() {
		for _, id := range slices.Sorted(maps.Keys(s.template.Resources)) {
			if err := w.take(s, id, s.template.Resources[id]); err != nil {
				return nil, fmt.Errorf("%s in stack %s: %w", id, s.Name, err)
			}
		}
	}
	return w, nil
}

func (w *World) take(s *Stack, id string, r resource) error {
	path, _ := r.Metadata["aws:cdk:path"].(string)
	if p, err := s.physicalOf(id); err == nil {
		w.Arns[strings.TrimSuffix(path, "/Resource")] = p.arn
	}
	switch r.Type {
	case "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::SNS::Subscription", "AWS::S3::Bucket", "AWS::CloudFormation::Stack",
		"AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard":
		return nil
	case "AWS::IAM::Role":
		return w.takeRole(s, id, path, r)
	case "AWS::IAM::Policy":
		return w.takeIdentityPolicy(s, path, r)
	case "AWS::KMS::Key":
		p, err := s.physicalOf(id)
		if err != nil {
			return err
		}
		return w.takeResourcePolicy(s, KindKey, path, p.arn, r.Properties["KeyPolicy"])
	case "AWS::SQS::QueuePolicy":
		return w.takeAttached(s, KindQueue, path, r.Properties["Queues"], r.Properties["PolicyDocument"])
	case "AWS::SNS::TopicPolicy":
		return w.takeAttached(s, KindTopic, path, r.Properties["Topics"], r.Properties["PolicyDocument"])
	case "AWS::S3::BucketPolicy":
		return w.takeAttached(s, KindBucket, path, []any{r.Properties["Bucket"]}, r.Properties["PolicyDocument"])
	default:
		return fmt.Errorf("a %s might hold a policy, and the proof does not know it: teach policies.go", r.Type)
	}
}

func (w *World) takeRole(s *Stack, id, path string, r resource) error {
	p, err := s.physicalOf(id)
	if err != nil {
		return err
	}
	if r.Properties["Policies"] != nil || r.Properties["PermissionsBoundary"] != nil {
		return fmt.Errorf("inline policies and boundaries of a role: teach policies.go")
	}
	managed, err := s.resolve(r.Properties["ManagedPolicyArns"])
	if err != nil {
		return err
	}
	if managed != nil {
		arns, err := stringsOf(managed)
		if err != nil {
			return err
		}
		for _, arn := range arns {
			name := strings.TrimPrefix(arn, "arn:"+s.Env.Partition+":iam::aws:policy/")
			document, ok := managedPolicies[name]
			if !ok {
				return fmt.Errorf("managed policy %s: its text is not known", arn)
			}
			w.addIdentity(&Policy{Kind: KindIdentity, Path: path, Subject: p.ref, Document: document, Foreign: true})
		}
	}
	return w.takeResourcePolicy(s, KindTrust, path, p.arn, r.Properties["AssumeRolePolicyDocument"])
}

func (w *World) takeIdentityPolicy(s *Stack, path string, r resource) error {
	if r.Properties["Users"] != nil || r.Properties["Groups"] != nil {
		return fmt.Errorf("a policy of users or groups: teach policies.go")
	}
	document, err := s.document(r.Properties["PolicyDocument"])
	if err != nil {
		return err
	}
	resolved, err := s.resolve(r.Properties["Roles"])
	if err != nil {
		return err
	}
	roles, err := stringsOf(resolved)
	if err != nil {
		return err
	}
	for _, role := range roles {
		w.addIdentity(&Policy{Kind: KindIdentity, Path: path, Subject: role, Document: document})
	}
	return nil
}

func (w *World) addIdentity(p *Policy) {
	w.Policies = append(w.Policies, p)
	w.identity[p.Subject] = append(w.identity[p.Subject], p)
}

// takeAttached finds the resource behind the Ref that a policy resource is attached by: a URL, an ARN or a name.
func (w *World) takeAttached(s *Stack, kind Kind, path string, targets, document any) error {
	list, ok := targets.([]any)
	if !ok {
		return fmt.Errorf("attached to %v: want a list", targets)
	}
	for _, target := range list {
		name, reference, isIntrinsic := "", any(nil), false
		if m, isMap := target.(map[string]any); isMap {
			name, reference, isIntrinsic = intrinsic(m)
		}
		id, isID := reference.(string)
		if !isIntrinsic || name != "Ref" || !isID {
			return fmt.Errorf("attached to %v: want a Ref", target)
		}
		p, err := s.physicalOf(id)
		if err != nil {
			return err
		}
		if err := w.takeResourcePolicy(s, kind, path, p.arn, document); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) takeResourcePolicy(s *Stack, kind Kind, path, arn string, document any) error {
	d, err := s.document(document)
	if err != nil {
		return err
	}
	return w.attach(&Policy{Kind: kind, Path: path, Subject: arn, Document: d})
}

func (w *World) attach(p *Policy) error {
	if other, taken := w.resource[p.Subject]; taken {
		return fmt.Errorf("%s has two policies, and each would overwrite the other: %s and %s", p.Subject, other.Path, p.Path)
	}
	w.resource[p.Subject] = p
	w.Policies = append(w.Policies, p)
	return nil
}

func (s *Stack) document(value any) (*Document, error) {
	resolved, err := s.resolve(value)
	if err != nil {
		return nil, err
	}
	return newDocument(resolved)
}

func newDocument(value any) (*Document, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	d := &Document{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("%s is no policy: %w", text, err)
	}
	if len(d.Statement) == 0 {
		return nil, fmt.Errorf("%s is a policy without statements", text)
	}
	return d, nil
}

// policyOf is the policy of the resource that a request names; an object stands below its bucket.
func (w *World) policyOf(arn string) *Policy { return w.resource[bucketOf(arn)] }

// bucketOf is the bucket of an object, or the resource itself.
func bucketOf(arn string) string {
	if strings.Contains(arn, ":s3:::") {
		arn, _, _ = strings.Cut(arn, "/")
	}
	return arn
}

// accountOf is the account of a resource; an ARN without one is of the world's own, unless it is a bucket of another's.
func (w *World) accountOf(arn string) string {
	if owner, ok := w.owners[bucketOf(arn)]; ok {
		return owner
	}
	return accountOf(arn, w.Env.Account)
}
