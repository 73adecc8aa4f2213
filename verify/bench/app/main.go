// Command app is the sample app of this repository, written by hand.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/verify/bench/byhand"
)

func main() {
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("TextractAsyncSample"), nil)
	// With this recommended flag, SqsSubscription names the topic in the policy of the key that
	// also encrypts the topic: a circular dependency.
	stack.Node().SetContext(jsii.String("@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption"), false)
	documents, results := newBucket(stack, "Documents"), newBucket(stack, "Results")
	textract := byhand.New(stack, "TextractAsync")
	caller := awsiam.NewRole(stack, jsii.String("Caller"), &awsiam.RoleProps{
		Description: jsii.String("Starts Textract jobs, consumes their notifications and reads their results"),
		AssumedBy:   awsiam.NewAccountRootPrincipal(),
	})
	textract.Grant(caller, documents, results)
	documents.GrantPut(caller, nil)
	for id, value := range map[string]*string{
		"TopicArn": textract.Topic.TopicArn(), "QueueUrl": textract.Queue.QueueUrl(), "QueueArn": textract.Queue.QueueArn(),
		"ServiceRoleArn": textract.ServiceRole.RoleArn(), "DocumentBucketName": documents.BucketName(),
		"OutputBucketName": results.BucketName(), "OutputPrefix": jsii.String("textract_output"), "CallerRoleArn": caller.RoleArn(),
		"EncryptionKeyArn": textract.Key.KeyArn(),
	} {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{Value: value})
	}
	app.Synth(nil)

	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null // jsii reports an abnormal exit of its process although there is none
	}
	jsii.Close()
}

func newBucket(stack awscdk.Stack, id string) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String(id), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		Encryption:        awss3.BucketEncryption_S3_MANAGED,
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY,
	})
}
