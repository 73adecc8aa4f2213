// Command ecs is a CDK app: the worker as an ECS service without a way to the internet, scaled by
// what is in the queue.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStack(app, nil)
	app.Synth(nil)
}
