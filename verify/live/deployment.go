package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// cdkCLI is the pinned one.
const cdkCLI = "node_modules/.bin/cdk"

// cdk runs the CLI, with its messages in the log.
func (a *account) cdk(ctx context.Context, args ...string) error {
	command := process(ctx, cdkCLI, append(args, "--notices=false")...)
	command.Env, command.Stdout, command.Stderr = a.environment(), a.log.Writer(), a.log.Writer()
	if err := command.Run(); err != nil {
		return fmt.Errorf("cdk %s: %w", args[0], err)
	}
	return nil
}

// synth writes the template. The app is this program.
func (a *account) synth(ctx context.Context, assembly string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return a.cdk(ctx, "synth", "--quiet", "--app="+program+" "+synthCommand, "--output="+assembly)
}

// stack returns the stack, or nil if there is none.
func (a *account) stack(ctx context.Context) (*cfntypes.Stack, error) {
	got, err := cloudformation.NewFromConfig(
		a.config,
	).DescribeStacks(
		ctx,
		&cloudformation.DescribeStacksInput{StackName: aws.String(stackName)},
	)
	var failure smithy.APIError
	if errors.As(err, &failure) && failure.ErrorCode() == "ValidationError" && strings.Contains(failure.ErrorMessage(), "does not exist") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &got.Stacks[0], nil
}

// deploy makes the stack, and puts the invoice into its bucket of documents.
func (a *account) deploy(ctx context.Context, assembly string) error {
	// A change set would have nothing to compare with.
	if err := a.cdk(ctx, "deploy", stackName, "--app="+assembly, "--require-approval=never", "--method=direct"); err != nil {
		return err
	}
	stack, err := a.stack(ctx)
	if err != nil {
		return err
	}
	a.outputs = make(map[string]string)
	for _, output := range stack.Outputs {
		a.outputs[*output.OutputKey] = *output.OutputValue
	}
	if a.invoice, err = os.ReadFile(filepath.FromSlash(invoiceFile)); err != nil {
		return err
	}
	return a.put(ctx, invoiceKey, a.invoice)
}

// remove deletes the stack and what its buckets have. A job that is still in progress may write
// after they were emptied.
func (a *account) remove(ctx context.Context, assembly string) error {
	var failures []error
	for range 3 {
		stack, err := a.stack(ctx)
		if err == nil && stack == nil {
			return nil
		}
		if err == nil {
			err = a.emptyBuckets(ctx)
		}
		if err == nil {
			err = a.cdk(ctx, "destroy", stackName, "--app="+assembly, "--force")
		}
		failures = append(failures, err)
	}
	switch stack, err := a.stack(ctx); {
	case err != nil:
		failures = append(failures, err)
	case stack == nil:
		return nil
	case errors.Join(failures...) == nil:
		failures = append(failures, errors.New("cdk destroy succeeded"))
	}
	return fmt.Errorf(
		"stack %s is still there: run make live ARGS=-clean, or empty its buckets and delete it: %w",
		stackName, errors.Join(failures...),
	)
}

// emptyBuckets empties the buckets of the stack, also of one that was not completed.
func (a *account) emptyBuckets(ctx context.Context) error {
	resources, err := cloudformation.NewFromConfig(a.config).DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{
		StackName: aws.String(stackName),
	})
	if err != nil {
		return err
	}
	for _, resource := range resources.StackResources {
		bucket := aws.ToString(resource.PhysicalResourceId)
		if aws.ToString(resource.ResourceType) != "AWS::S3::Bucket" || bucket == "" ||
			resource.ResourceStatus == cfntypes.ResourceStatusDeleteComplete {
			continue
		}
		if err := a.emptyBucket(ctx, bucket); err != nil {
			return fmt.Errorf("bucket %s: %w", bucket, err)
		}
	}
	return nil
}

func (a *account) emptyBucket(ctx context.Context, bucket string) error {
	client := a.s3()
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: &bucket})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var failure smithy.APIError
		if errors.As(err, &failure) && failure.ErrorCode() == "NoSuchBucket" {
			return nil // its creation failed
		}
		if err != nil {
			return err
		}
		var objects []s3types.ObjectIdentifier
		for _, object := range page.Contents {
			objects = append(objects, s3types.ObjectIdentifier{Key: object.Key})
		}
		if len(objects) == 0 {
			return nil
		}
		deleted, err := client.DeleteObjects(
			ctx,
			&s3.DeleteObjectsInput{Bucket: &bucket, Delete: &s3types.Delete{Objects: objects, Quiet: aws.Bool(true)}},
		)
		if err != nil {
			return err
		}
		if len(deleted.Errors) > 0 {
			return fmt.Errorf("object %s: %s", aws.ToString(deleted.Errors[0].Key), aws.ToString(deleted.Errors[0].Message))
		}
	}
	return nil
}
