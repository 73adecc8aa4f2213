// Package stack reads the client's configuration from the outputs of a CloudFormation stack.
package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"

	"github.com/cdk-textract/textractasync/textractclient"
)

// CloudFormationAPI is the part of CloudFormation that Read calls.
type CloudFormationAPI interface {
	DescribeStacks(
		context.Context,
		*cloudformation.DescribeStacksInput,
		...func(*cloudformation.Options),
	) (*cloudformation.DescribeStacksOutput, error)
}

// Outputs holds a stack's outputs, by the names that AddOutputs of the construct gives them.
// Outputs that the stack lacks are empty.
type Outputs struct {
	// StackName is the stack's name.
	StackName string
	// Prefix is what the names of the outputs begin with: the prop Prefix of AddOutputs.
	Prefix string
	// TopicARN is the output TopicArn.
	TopicARN string
	// QueueURL is the output QueueUrl.
	QueueURL string
	// QueueARN is the output QueueArn.
	QueueARN string
	// ServiceRoleARN is the output ServiceRoleArn.
	ServiceRoleARN string
	// DocumentBucket is the output DocumentBucketName: the bucket that documents are uploaded to.
	DocumentBucket string
	// OutputBucket is the output OutputBucketName.
	OutputBucket string
	// OutputPrefix is the output OutputPrefix.
	OutputPrefix string
	// OutputKMSKeyID is the output OutputKmsKeyId: the key of the results.
	OutputKMSKeyID string
	// CallerRoleARN is the output CallerRoleArn: a role that may run jobs.
	CallerRoleARN string
	// EncryptionKeyARN is the output EncryptionKeyArn: the key of topic and queue. It does not
	// encrypt results.
	EncryptionKeyARN string
}

// Read reads the outputs of the stack of that name, and of them those whose names begin with the
// prefix.
func Read(ctx context.Context, api CloudFormationAPI, name, prefix string) (*Outputs, error) {
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
	return &Outputs{
		StackName:        name,
		Prefix:           prefix,
		TopicARN:         outputs[prefix+"TopicArn"],
		QueueURL:         outputs[prefix+"QueueUrl"],
		QueueARN:         outputs[prefix+"QueueArn"],
		ServiceRoleARN:   outputs[prefix+"ServiceRoleArn"],
		DocumentBucket:   outputs[prefix+"DocumentBucketName"],
		OutputBucket:     outputs[prefix+"OutputBucketName"],
		OutputPrefix:     outputs[prefix+"OutputPrefix"],
		OutputKMSKeyID:   outputs[prefix+"OutputKmsKeyId"],
		CallerRoleARN:    outputs[prefix+"CallerRoleArn"],
		EncryptionKeyARN: outputs[prefix+"EncryptionKeyArn"],
	}, nil
}

// Config returns the client's configuration: topic, role, queue and output.
// A stack without the outputs TopicArn, QueueUrl and ServiceRoleArn is an error.
func (o *Outputs) Config() (textractclient.Config, error) {
	var missing []string
	for _, output := range []struct{ name, value string }{
		{"TopicArn", o.TopicARN}, {"QueueUrl", o.QueueURL}, {"ServiceRoleArn", o.ServiceRoleARN},
	} {
		if output.value == "" {
			missing = append(missing, o.Prefix+output.name)
		}
	}
	if len(missing) > 0 {
		return textractclient.Config{}, fmt.Errorf("stack %q has no output %s: call AddOutputs of the construct",
			o.StackName, strings.Join(missing, ", "))
	}
	config := textractclient.Config{TopicARN: o.TopicARN, RoleARN: o.ServiceRoleARN, QueueURL: o.QueueURL}
	if o.OutputBucket != "" {
		config.Output = &textractclient.Output{Bucket: o.OutputBucket, Prefix: o.OutputPrefix, KMSKeyID: o.OutputKMSKeyID}
	}
	if err := config.Validate(); err != nil {
		return textractclient.Config{}, fmt.Errorf("stack %q: %w", o.StackName, err)
	}
	return config, nil
}
