// Command app synthesizes the sample stack. The CDK CLI runs it, see cdk.json.
package main

import (
	"io"
	"os"
	"strings"

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

// closeKernel is jsii.Close without its one false alarm. Your app can defer jsii.Close itself, with
// jsii v1.142.0 or newer: before, two goroutines wait for the kernel's process, and the second
// reports that there is none. This module requires the lowest jsii that works.
func closeKernel() {
	stderr := os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		jsii.Close()
		return
	}
	os.Stderr = write
	jsii.Close()
	_ = write.Close() // what comes later is that false alarm
	_, _ = io.WriteString(stderr, withoutFalseAlarm(read))
}

func withoutFalseAlarm(from io.Reader) string {
	text, _ := io.ReadAll(from)
	var kept strings.Builder
	for _, line := range strings.SplitAfter(string(text), "\n") {
		if !strings.Contains(line, "waitid: no child processes") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
