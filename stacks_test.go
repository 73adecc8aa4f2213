package textractasync_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func newLambdaRole(scope constructs.Construct, id string) awsiam.Role {
	return awsiam.NewRole(scope, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
}

func newKMSBucket(scope constructs.Construct, id string) awss3.Bucket {
	return awss3.NewBucket(scope, jsii.String(id), &awss3.BucketProps{
		Encryption:    awss3.BucketEncryption_KMS,
		EncryptionKey: awskms.NewKey(scope, jsii.String(id+"Key"), nil),
	})
}

// withInputAndOutput are props with one input and an output, each with a key.
func withInputAndOutput(scope constructs.Construct) *textractasync.TextractAsyncProps {
	return &textractasync.TextractAsyncProps{
		Inputs: &[]*textractasync.InputLocation{{Bucket: newKMSBucket(scope, "Documents")}},
		Output: &textractasync.OutputLocation{Bucket: newKMSBucket(scope, "Results")},
	}
}
