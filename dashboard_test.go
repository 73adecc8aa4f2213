package textractasync_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// dashboardBody is the part of a dashboard that the tests check.
type dashboardBody struct {
	Start   string
	Widgets []struct {
		Type                string
		X, Y, Width, Height float64
		Properties          struct {
			Title, Markdown, Region string
			Metrics                 [][]any
			Alarms                  []string
			Annotations             struct{ Horizontal []struct{ Value float64 } }
		}
	}
}

func bodyOfDashboard(t *testing.T, stack awscdk.Stack) dashboardBody {
	t.Helper()
	var body dashboardBody
	for _, properties := range propertiesOf(stack, "AWS::CloudWatch::Dashboard") {
		text, _ := fnsub.Flatten(properties["DashboardBody"]).(string)
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	return body
}

func TestDashboard(t *testing.T) {
	stack := newStack("Dashboard")
	textract := newTextractAsync(stack, nil)
	alarms := textract.AddAlarms(nil)
	textract.AddDashboard(nil)
	body := bodyOfDashboard(t, stack)
	if body.Start != "-P1D" {
		t.Errorf("interval %s, want 1 day", body.Start)
	}

	columns := map[float64][]string{}
	for _, widget := range body.Widgets {
		if right := widget.X + widget.Width; right > 24 {
			t.Errorf("%v ends at %v, beyond the grid", widget.Properties, right)
		}
		title := widget.Properties.Title + strings.TrimPrefix(widget.Properties.Markdown, "## ")
		columns[widget.X] = append(columns[widget.X], title)
		switch widget.Type {
		case "metric":
			if len(widget.Properties.Metrics) == 0 {
				t.Errorf("%s has no metric", title)
			}
		case "alarm":
			if len(widget.Properties.Alarms) != len(*alarms) {
				t.Errorf("%d alarms, want %d", len(widget.Properties.Alarms), len(*alarms))
			}
		}
		if title == "Age of the oldest (s)" {
			if lines := widget.Properties.Annotations.Horizontal; len(lines) != 1 || lines[0].Value != 3600 {
				t.Errorf("%s: annotations %v, want the alarm's threshold", title, lines)
			}
		}
	}
	want := map[float64][]string{
		0:  {"Requests", "Jobs started", "Results read", "Alarms"},
		5:  {"Jobs", "Jobs completed", "Response time (ms)"},
		10: {"Queue", "In the queue", "Age of the oldest (s)"},
		15: {"Failures", "Notifications", "Throttled requests", "Server errors", "User errors"},
	}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

func TestDashboardShowsEveryMetric(t *testing.T) {
	stack := newStack("Dashboard")
	newTextractAsync(stack, nil).AddDashboard(nil)
	shown := map[string]int{}
	for _, widget := range bodyOfDashboard(t, stack).Widgets {
		for _, metric := range widget.Properties.Metrics {
			shown[fmt.Sprint(metric[0], " ", metric[1])]++
		}
	}
	want := map[string]int{
		"AWS/Textract SuccessfulRequestCount": 9, "AWS/Textract ResponseTime": 9, "AWS/Textract ThrottledCount": 9,
		"AWS/Textract ServerErrorCount": 9, "AWS/Textract UserErrorCount": 9,
		"AWS/SNS NumberOfMessagesPublished": 1, "AWS/SNS NumberOfNotificationsFailed": 1,
		"AWS/SNS NumberOfNotificationsFailedToRedriveToDlq": 1,
		"AWS/SQS ApproximateNumberOfMessagesVisible":        2, "AWS/SQS ApproximateNumberOfMessagesNotVisible": 1,
		"AWS/SQS ApproximateAgeOfOldestMessage": 1,
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

func TestDashboardProps(t *testing.T) {
	stack := newStack("Dashboard")
	newTextractAsync(stack, nil).AddDashboard(&textractasync.DashboardProps{
		DashboardName: jsii.String("Textract"), DefaultInterval: awscdk.Duration_Hours(jsii.Number(3)),
	})
	if body := bodyOfDashboard(t, stack); body.Start != "-PT3H" {
		t.Errorf("interval %s, want 3 hours", body.Start)
	}
	for _, properties := range propertiesOf(stack, "AWS::CloudWatch::Dashboard") {
		if properties["DashboardName"] != "Textract" {
			t.Errorf("name %v", properties["DashboardName"])
		}
	}
}

func TestInvalidDashboardProps(t *testing.T) {
	textract := newTextractAsync(newStack("Stack"), nil)
	assertProblems(t, []textractasync.Problem{{Prop: "DashboardName", Value: `"my dashboard"`}, {Prop: "DefaultInterval"}},
		panicOf(t, func() {
			textract.AddDashboard(&textractasync.DashboardProps{
				DashboardName: jsii.String("my dashboard"), DefaultInterval: awscdk.Duration_Seconds(jsii.Number(30)),
			})
		}))
	textract.AddDashboard(nil)
	assertProblems(t, []textractasync.Problem{{Prop: "AddDashboard", Value: "a second call"}},
		panicOf(t, func() { textract.AddDashboard(nil) }))
}
