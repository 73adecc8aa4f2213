package textractworkflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/textractworkflow"
)

// TestAlarmsKnowTheWorkflow adds the alarms before and after the workflow, and a job state machine
// in another stack.
func TestAlarmsKnowTheWorkflow(t *testing.T) {
	for _, name := range []string{"before", "after"} {
		t.Run(name, func(t *testing.T) {
			app := newApp()
			stack, other := newStack(app, "Stack"), newStack(app, "Other")
			textract := newTextract(stack, textractasync.Operation_TEXT_DETECTION)
			if name == "before" {
				textract.AddAlarms(nil)
			}
			jobs := textractworkflow.NewJobStateMachine(stack, jsii.String("Jobs"), &textractworkflow.JobStateMachineProps{
				TextractAsync: textract, FailedExecutionsThreshold: jsii.Number(10),
			})
			documents := newBucket(stack, "Documents")
			jobs.AddUploads(jsii.String("Uploads"), &textractworkflow.UploadsProps{Bucket: documents})
			jobs.NewBatch(stack, jsii.String("Batch"), &textractworkflow.BatchProps{
				Bucket: documents, ResultBucket: newBucket(stack, "Results"), MaxConcurrency: jsii.Number(1),
			})
			newJobs(other, "Jobs", textract)
			if name == "after" {
				textract.AddAlarms(nil)
				textract.AddDashboard(nil)
			}
			app.Synth(nil) // without a cycle
			var got []string
			for id, alarm := range propertiesOf(stack, "AWS::CloudWatch::Alarm") {
				if !strings.HasPrefix(id, "TextractAsync") {
					got = append(got, fmt.Sprint(id[:len(id)-8], " ", alarm["MetricName"], " ", alarm["Threshold"]))
				}
			}
			slices.Sort(got)
			want := []string{
				"BatchFailedAlarm ExecutionsFailed 10", "BatchTimedOutAlarm ExecutionsTimedOut 10", "JobsFailedAlarm ExecutionsFailed 10",
				"JobsTimedOutAlarm ExecutionsTimedOut 10", "JobsUploadsNotStartedAlarm ApproximateNumberOfMessagesVisible 1",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if n := len(propertiesOf(other, "AWS::CloudWatch::Alarm")); n != 2 {
				t.Errorf("%d alarms in the other stack, want 2", n)
			}
			for _, dashboard := range propertiesOf(stack, "AWS::CloudWatch::Dashboard") {
				body := plainText(dashboard["DashboardBody"])
				for _, want := range []string{`"title":"Executions"`, "Stack/Jobs: Failed", "Stack/Jobs/Uploads: Not started", "Stack/Batch: Timed out"} {
					if !strings.Contains(body, want) {
						t.Errorf("%s is not in %s", want, body)
					}
				}
			}
		})
	}
}
