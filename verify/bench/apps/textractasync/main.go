// Command textractasync is the contender that uses this library.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/verify/bench/apps/harness"
)

func main() { harness.Main(newPipeline) }

func newPipeline(scope constructs.Construct, id string, buckets *harness.Buckets) func(awsiam.Role) {
	var props *textractasync.TextractAsyncProps
	if buckets != nil {
		props = &textractasync.TextractAsyncProps{
			Inputs: &[]*textractasync.InputLocation{{Bucket: buckets.Documents}},
			Output: &textractasync.OutputLocation{Bucket: buckets.Results},
		}
	}
	textract := textractasync.NewTextractAsync(scope, jsii.String(id), props)
	return func(caller awsiam.Role) { textract.GrantRunJobs(caller) }
}
