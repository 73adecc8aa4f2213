package textractclient

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
)

// CloudFormationAPI is the part of CloudFormation that ReadStack calls.
type CloudFormationAPI interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// Stack holds a stack's outputs, by the output names of the sample app. Outputs that the stack lacks are empty.
type Stack struct {
	// Name is the stack's name.
	Name string
	// TopicARN is the output TopicArn.
	TopicARN string
	// QueueURL is the output QueueUrl.
	QueueURL string
	// QueueARN is the output QueueArn.
	QueueARN string
	// ServiceRoleARN is the output ServiceRoleArn.
	ServiceRoleARN string
	// DocumentBucket is the output DocumentBucketName: where documents are uploaded to.
	DocumentBucket string
	// OutputBucket is the output OutputBucketName.
	OutputBucket string
	// OutputPrefix is the output OutputPrefix.
	OutputPrefix string
	// CallerRoleARN is the output CallerRoleArn: a role that may run jobs.
	CallerRoleARN string
	// EncryptionKeyARN is the output EncryptionKeyArn: the key of topic and queue. It does not encrypt results.
	EncryptionKeyARN string
}

// ReadStack reads the outputs of the stack of that name.
func ReadStack(ctx context.Context, api CloudFormationAPI, name string) (*Stack, error) {
	out, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) && apiErr.ErrorCode() == "ValidationError" {
		return nil, fmt.Errorf("stack %q: %w: check its name, account and Region", name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("describe stack %q: %w", name, err)
	}
	if len(out.Stacks) == 0 {
		return nil, fmt.Errorf("stack %q does not exist: check its name, account and Region", name)
	}
	outputs := make(map[string]string)
	for _, output := range out.Stacks[0].Outputs {
		outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return &Stack{
		Name:             name,
		TopicARN:         outputs["TopicArn"],
		QueueURL:         outputs["QueueUrl"],
		QueueARN:         outputs["QueueArn"],
		ServiceRoleARN:   outputs["ServiceRoleArn"],
		DocumentBucket:   outputs["DocumentBucketName"],
		OutputBucket:     outputs["OutputBucketName"],
		OutputPrefix:     outputs["OutputPrefix"],
		CallerRoleARN:    outputs["CallerRoleArn"],
		EncryptionKeyARN: outputs["EncryptionKeyArn"],
	}, nil
}

// Config returns the client's configuration: topic, role, queue and output. No output names a key for the results, so S3 encrypts
// them with its own (SSE-S3); set Output.KMSKeyID for another. A stack without the outputs TopicArn, QueueUrl and ServiceRoleArn
// is an error.
func (s *Stack) Config() (Config, error) {
	var problems problems
	problems.addf(s.TopicARN == "", "output TopicArn is missing")
	problems.addf(s.QueueURL == "", "output QueueUrl is missing")
	problems.addf(s.ServiceRoleARN == "", "output ServiceRoleArn is missing")
	if err := problems.err(); err != nil {
		return Config{}, fmt.Errorf("stack %q: %w: add it as a CfnOutput", s.Name, err)
	}
	config := Config{TopicARN: s.TopicARN, RoleARN: s.ServiceRoleARN, QueueURL: s.QueueURL}
	if s.OutputBucket != "" {
		config.Output = &Output{Bucket: s.OutputBucket, Prefix: s.OutputPrefix}
	}
	if err := config.Validate(); err != nil {
		return Config{}, fmt.Errorf("stack %q: %w", s.Name, err)
	}
	return config, nil
}
