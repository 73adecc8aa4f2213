package proof

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// physical is what CloudFormation knows of a resource once it is made.
type physical struct {
	ref        string
	attributes map[string]string
	arn        string
}

// physicalOf names a resource as CloudFormation would: by its own name, or by stack and logical id.
func (s *Stack) physicalOf(id string) (physical, error) {
	r, ok := s.template.Resources[id]
	if !ok {
		return physical{}, fmt.Errorf("stack %s: no resource %s", s.Name, id)
	}
	switch r.Type {
	case "AWS::SNS::Topic":
		name, err := s.nameOf(id, r, "TopicName")
		arn := s.arn("sns", name)
		return physical{ref: arn, arn: arn, attributes: map[string]string{"TopicName": name, "TopicArn": arn}}, err
	case "AWS::SQS::Queue":
		name, err := s.nameOf(id, r, "QueueName")
		arn := s.arn("sqs", name)
		url := "https://sqs." + s.Env.Region + ".amazonaws.com/" + s.Env.Account + "/" + name
		return physical{ref: url, arn: arn, attributes: map[string]string{"QueueName": name, "Arn": arn}}, err
	case "AWS::KMS::Key":
		key := s.keyID(id)
		arn := s.arn("kms", "key/"+key)
		return physical{ref: key, arn: arn, attributes: map[string]string{"KeyId": key, "Arn": arn}}, nil
	case "AWS::IAM::Role":
		name, err := s.nameOf(id, r, "RoleName")
		path, hasPath := r.Properties["Path"].(string)
		if !hasPath {
			path = "/"
		}
		arn := "arn:" + s.Env.Partition + ":iam::" + s.Env.Account + ":role" + path + name
		return physical{ref: name, arn: arn, attributes: map[string]string{"Arn": arn}}, err
	case "AWS::S3::Bucket":
		name, err := s.nameOf(id, r, "BucketName")
		name = strings.ToLower(name)
		arn := "arn:" + s.Env.Partition + ":s3:::" + name
		return physical{ref: name, arn: arn, attributes: map[string]string{"Arn": arn}}, err
	default:
		return physical{}, fmt.Errorf("stack %s: %s is referred to, and the proof does not know how CloudFormation names a %s: teach physical.go",
			s.Name, id, r.Type)
	}
}

func (s *Stack) nameOf(id string, r resource, property string) (string, error) {
	given, ok := r.Properties[property]
	if !ok {
		return s.Name + "-" + id, nil
	}
	resolved, err := s.resolve(given)
	if err != nil {
		return "", err
	}
	name, ok := resolved.(string)
	if !ok {
		return "", fmt.Errorf("stack %s: %s of %s is %v: want a string", s.Name, property, id, resolved)
	}
	return name, nil
}

func (s *Stack) arn(service, rest string) string {
	return "arn:" + s.Env.Partition + ":" + service + ":" + s.Env.Region + ":" + s.Env.Account + ":" + rest
}

// keyID looks like the id of a key.
func (s *Stack) keyID(id string) string {
	sum := sha256.Sum256([]byte(s.Name + "/" + id))
	h := fmt.Sprintf("%x", sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}
