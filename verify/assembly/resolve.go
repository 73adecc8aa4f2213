package assembly

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// A template's intrinsic functions are first written as Fn::Sub does, which is also how warnings
// print them, and then every ${…} is replaced by its value.

// Resolve replaces every intrinsic function in a part of the template by its value, into a new
// value. One that it does not know is an error: a guess would prove nothing.
func (s *Stack) Resolve(value any) (resolved any, err error) {
	return resolved, s.Decode(value, &resolved)
}

// Decode writes the resolved value into a variable. A field that the variable does not have is an
// error.
func (s *Stack) Decode(value, into any) error {
	text, err := json.Marshal(fnsub.Flatten(value))
	if err != nil {
		return err
	}
	resolved, err := s.substitute(string(text))
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(strings.NewReader(resolved))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// innermost matches a ${…} without another one in it.
var innermost = regexp.MustCompile(`\$\{([^${}]*)\}`)

func (s *Stack) substitute(text string) (string, error) {
	for innermost.MatchString(text) {
		var failure error
		text = innermost.ReplaceAllStringFunc(text, func(match string) string {
			value, err := s.value(match[2 : len(match)-1])
			if err != nil {
				failure = fmt.Errorf("stack %s: %s: %w", s.Name, match, err)
			}
			return value
		})
		if failure != nil {
			return "", failure
		}
	}
	return text, nil
}

// value is that of AWS::Region, Topic, Queue.Arn, Inner.Outputs.Name, Fn::ImportValue NAME, or
// Fn::GetStackOutput OUTPUT REGION STACK.
func (s *Stack) value(name string) (string, error) {
	switch name {
	case "AWS::Partition":
		return s.Env.Partition, nil
	case "AWS::Region":
		return s.Env.Region, nil
	case "AWS::AccountId":
		return s.Env.Account, nil
	}
	function, argument, isFunction := strings.Cut(name, " ")
	if isFunction {
		return s.call(function, argument)
	}
	id, attribute, hasAttribute := strings.Cut(name, ".")
	if nested, ok := s.nested[id]; ok {
		return nested.output(strings.TrimPrefix(attribute, "Outputs."))
	}
	made, err := s.Physical(id)
	if err != nil || !hasAttribute {
		return made.Ref, err
	}
	value, ok := made.attributes[attribute]
	if !ok {
		return "", fmt.Errorf("no attribute %s is known: teach resolve.go", attribute)
	}
	return value, nil
}

func (s *Stack) call(function, argument string) (string, error) {
	for _, other := range s.assembly.Stacks {
		for name, output := range other.Outputs {
			switch function {
			case "Fn::ImportValue":
				if output.Export.Name == argument {
					return other.output(name)
				}
			case "Fn::GetStackOutput":
				if argument == name+" "+other.Env.Region+" "+other.Name {
					return other.output(name)
				}
			default:
				return "", fmt.Errorf("an unknown function: teach resolve.go")
			}
		}
	}
	return "", fmt.Errorf("no stack has this output")
}

func (s *Stack) output(name string) (string, error) {
	output, ok := s.Outputs[name]
	if !ok {
		return "", fmt.Errorf("no output %s", name)
	}
	value, err := s.Resolve(output.Value)
	return fmt.Sprint(value), err
}

// Physical is what CloudFormation knows of a resource once it is made.
type Physical struct {
	Ref, ARN   string
	attributes map[string]string
}

// Physical names a resource as CloudFormation would: by the name in its properties, or by stack and
// logical id.
func (s *Stack) Physical(id string) (Physical, error) {
	r, ok := s.Resources[id]
	if !ok {
		return Physical{}, fmt.Errorf("no resource or parameter %s", id)
	}
	kind, ok := kinds[r.Type]
	if !ok {
		return Physical{}, fmt.Errorf("the name of a %s is not known: teach resolve.go", r.Type)
	}
	name := s.Name + "-" + id
	if explicit, ok := r.Properties[kind.nameProperty]; ok {
		resolved, err := s.Resolve(explicit)
		if err != nil {
			return Physical{}, err
		}
		name = fmt.Sprint(resolved)
	}
	if r.Type == "AWS::KMS::Key" {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
		name = strings.Join([]string{sum[:8], sum[8:12], sum[12:16], sum[16:20], sum[20:32]}, "-")
	}
	if r.Type == "AWS::S3::Bucket" {
		name = strings.ToLower(name)
	}
	arn := strings.NewReplacer(
		"PARTITION", s.Env.Partition, "REGION", s.Env.Region, "ACCOUNT", s.Env.Account, "NAME", name,
	).Replace(
		kind.arn,
	)
	made := Physical{Ref: name, ARN: arn, attributes: map[string]string{"Arn": arn, kind.nameProperty: name, "TopicArn": arn}}
	switch r.Type {
	case "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy":
		made.Ref = arn
	case "AWS::StepFunctions::StateMachine":
		made.Ref, made.attributes["Name"] = arn, name
	case "AWS::SQS::Queue":
		made.Ref = "https://sqs." + s.Env.Region + ".amazonaws.com/" + s.Env.Account + "/" + name
	}
	return made, nil
}

// kinds are the types that others refer to.
var kinds = map[string]struct{ nameProperty, arn string }{
	"AWS::SNS::Topic":         {"TopicName", "arn:PARTITION:sns:REGION:ACCOUNT:NAME"},
	"AWS::SQS::Queue":         {"QueueName", "arn:PARTITION:sqs:REGION:ACCOUNT:NAME"},
	"AWS::KMS::Key":           {"KeyId", "arn:PARTITION:kms:REGION:ACCOUNT:key/NAME"},
	"AWS::S3::Bucket":         {"BucketName", "arn:PARTITION:s3:::NAME"},
	"AWS::IAM::Role":          {"RoleName", "arn:PARTITION:iam::ACCOUNT:role/NAME"},
	"AWS::IAM::User":          {"UserName", "arn:PARTITION:iam::ACCOUNT:user/NAME"},
	"AWS::IAM::Group":         {"GroupName", "arn:PARTITION:iam::ACCOUNT:group/NAME"},
	"AWS::IAM::ManagedPolicy": {"ManagedPolicyName", "arn:PARTITION:iam::ACCOUNT:policy/NAME"},

	"AWS::DynamoDB::Table":             {"TableName", "arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME"},
	"AWS::Events::Rule":                {"Name", "arn:PARTITION:events:REGION:ACCOUNT:rule/NAME"},
	"AWS::Logs::LogGroup":              {"LogGroupName", "arn:PARTITION:logs:REGION:ACCOUNT:log-group:NAME:*"},
	"AWS::StepFunctions::StateMachine": {"StateMachineName", "arn:PARTITION:states:REGION:ACCOUNT:stateMachine:NAME"},
}
