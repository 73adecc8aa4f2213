// Command polling is a CDK app: a state machine that starts a job and asks for its status until it
// completes. It needs no other consumer of the queue, and no queue.
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
