// Command app looks up what it passes to the construct, so that its first pass has the dummy values
// of the CDK.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

func main() {
	app := awscdk.NewApp(nil)
	stack := scenario.StackIn(app, "Lookup", scenario.Account, scenario.Region)
	parameter := func(name string) *string {
		return awsssm.StringParameter_ValueFromLookup(stack, jsii.String("/textract/"+name), nil, nil)
	}
	role := func(name string) awsiam.IRole {
		return awsiam.Role_FromLookup(stack, jsii.String(name), &awsiam.RoleLookupOptions{RoleName: jsii.String(name)})
	}
	textract := textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), &textractasync.TextractAsyncProps{
		TopicName:     parameter("topic"),
		ServiceRole:   role("service"),
		EncryptionKey: awskms.Key_FromLookup(stack, jsii.String("Key"), &awskms.KeyLookupOptions{AliasName: jsii.String("alias/textract")}),
		Output: &textractasync.OutputLocation{
			Bucket: awss3.Bucket_FromBucketName(stack, jsii.String("Results"), jsii.String("results")), Prefix: parameter("prefix"),
		},
	})
	textract.GrantRunJobs(role("caller"))
	app.Synth(nil)

	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null // jsii reports an abnormal exit of its process although there is none
	}
	jsii.Close()
}
