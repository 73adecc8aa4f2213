// Command app synthesizes the sample stack. The CDK CLI runs it, see cdk.json.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/app/sample"
)

func main() {
	defer closeKernel()

	app := awscdk.NewApp(nil)
	sample.NewStack(app, jsii.String("TextractAsyncSample"), nil)
	app.Synth(nil)
}

// closeKernel removes the temporary directory of jsii. Two goroutines of the runtime wait for the
// kernel process, and the second writes "Runtime process exited abnormally" although it exited
// normally, so standard error is closed to it.
func closeKernel() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}
