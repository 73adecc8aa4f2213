package template

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// physical is what CloudFormation knows of a resource once it is made.
type physical struct {
	ref        string
	attributes map[string]string
}

// kind is a type that others refer to: the property that names it, and its ARN.
type kind struct{ nameProperty, arn string }

var kinds = map[string]kind{
	"AWS::SNS::Topic":                  {"TopicName", "arn:PARTITION:sns:REGION:ACCOUNT:NAME"},
	"AWS::SQS::Queue":                  {"QueueName", "arn:PARTITION:sqs:REGION:ACCOUNT:NAME"},
	"AWS::KMS::Key":                    {"", "arn:PARTITION:kms:REGION:ACCOUNT:key/NAME"},
	"AWS::KMS::ReplicaKey":             {"", "arn:PARTITION:kms:REGION:ACCOUNT:key/NAME"},
	"AWS::KMS::Alias":                  {"AliasName", "arn:PARTITION:kms:REGION:ACCOUNT:NAME"},
	"AWS::S3::Bucket":                  {"BucketName", "arn:PARTITION:s3:::NAME"},
	"AWS::IAM::Role":                   {"RoleName", "arn:PARTITION:iam::ACCOUNT:rolePATHNAME"},
	"AWS::IAM::User":                   {"UserName", "arn:PARTITION:iam::ACCOUNT:userPATHNAME"},
	"AWS::IAM::Group":                  {"GroupName", "arn:PARTITION:iam::ACCOUNT:groupPATHNAME"},
	"AWS::IAM::ManagedPolicy":          {"ManagedPolicyName", "arn:PARTITION:iam::ACCOUNT:policyPATHNAME"},
	"AWS::Lambda::Function":            {"FunctionName", "arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME"},
	"AWS::Serverless::Function":        {"FunctionName", "arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME"},
	"AWS::StepFunctions::StateMachine": {"StateMachineName", "arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME"},
}

// ARN is that of the resource, or "" for a type without a known one.
func (r *Resource) ARN() string { return r.Stack.physical(r.ID).attributes["Arn"] }

// Name is the name that the resource has in its service.
func (r *Resource) Name() string { return r.Stack.physical(r.ID).attributes["NAME"] }

// Ref is the value of Ref.
func (r *Resource) Ref() string { return r.Stack.physical(r.ID).ref }

// physical names a resource as CloudFormation would: by the name in its properties, or by stack and
// logical id.
func (s *Stack) physical(id string) physical {
	if known, ok := s.refs[id]; ok {
		return known
	}
	r, ok := s.Resources[id]
	if !ok {
		return s.generated(id)
	}
	k, ok := kinds[r.Type]
	if !ok || s.busy[id] {
		return physical{ref: s.unknown(id)}
	}
	s.busy[id] = true
	made := s.named(r, k)
	delete(s.busy, id)
	s.refs[id] = made
	return made
}

func (s *Stack) named(r *Resource, k kind) physical {
	name := r.Text(k.nameProperty)
	if k.nameProperty == "" || name == "" {
		name = s.Name + "-" + r.ID
		switch {
		case strings.HasPrefix(r.Type, "AWS::KMS::"):
			name = keyID(name)
		case r.Type == "AWS::S3::Bucket":
			name = strings.ToLower(name)
		case isTrue(r.Get("FifoTopic")), isTrue(r.Get("FifoQueue")):
			name += ".fifo"
		}
	}
	path := r.Text("Path")
	if path == "" {
		path = "/"
	}
	arn := strings.NewReplacer(
		"PARTITION", s.Env.Partition, "REGION", s.Env.Region, "ACCOUNT", s.Env.Account, "PATH", path, "NAME", name,
	).Replace(k.arn)
	made := physical{ref: name, attributes: map[string]string{
		"Arn": arn, "NAME": name, k.nameProperty: name, "TopicArn": arn, "KeyId": name, "RoleId": s.unknown(r.ID + ".RoleId"),
	}}
	switch r.Type {
	case "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy", "AWS::StepFunctions::StateMachine":
		made.ref = arn
	case "AWS::SQS::Queue":
		made.ref = fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", s.Env.Region, s.Env.Account, name)
		made.attributes["QueueUrl"] = made.ref
	}
	return made
}

func isTrue(value any) bool { return Text(value) == "true" }

// keyID makes an id in the form of those of KMS.
func keyID(name string) string {
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	return strings.Join([]string{sum[:8], sum[8:12], sum[12:16], sum[16:20], sum[20:32]}, "-")
}

// generated is a resource that a transform of SAM makes: the role of a function.
func (s *Stack) generated(id string) physical {
	function, isRole := strings.CutSuffix(id, "Role")
	r, ok := s.Resources[function]
	if !isRole || !ok || r.Type != "AWS::Serverless::Function" || r.Properties["Role"] != nil {
		return physical{ref: s.unknown(id)}
	}
	name := s.Name + "-" + id
	return physical{ref: name, attributes: map[string]string{
		"Arn": fmt.Sprintf("arn:%s:iam::%s:role/%s", s.Env.Partition, s.Env.Account, name), "NAME": name,
	}}
}

// GeneratedRole is the name and the ARN of the role that SAM makes for a function.
func (r *Resource) GeneratedRole() (name, arn string) {
	made := r.Stack.physical(r.ID + "Role")
	return made.attributes["NAME"], made.attributes["Arn"]
}

// All are the resources of a type, in the order of stacks and logical ids.
func (s *Set) All(types ...string) []*Resource {
	var all []*Resource
	for _, stack := range s.Stacks {
		for _, r := range stack.Resources {
			if slices.Contains(types, r.Type) {
				all = append(all, r)
			}
		}
	}
	slices.SortFunc(all, func(a, b *Resource) int {
		return strings.Compare(a.Stack.Name+"."+a.ID, b.Stack.Name+"."+b.ID)
	})
	return all
}
