// Command uploads is a CDK app: each document that is uploaded to a bucket becomes a job, and a
// batch runs jobs for those that are in the bucket already.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStack(app)
	app.Synth(nil)
}
