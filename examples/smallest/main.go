// Command smallest is a CDK app of one statement.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Documents"), nil)
	textractasync.NewTextractAsync(stack, jsii.String("Textract"), nil)
	app.Synth(nil)
}
