// Command lambda is a CDK app: a document that is uploaded to a bucket becomes a summary in another
// one.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStack(app, "dist")
	app.Synth(nil)
}
