package textractasync_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/app/sample"
)

// What monitoring may cost its users in requests to the kernel: each metric, alarm, graph and column is one.
const (
	maxRequestsOfAddAlarms    = 64
	maxRequestsOfAddDashboard = 73
)

var apiOperationsOf = map[textractasync.Operation][]textractasync.APIOperation{
	textractasync.Operation_TEXT_DETECTION: {
		textractasync.APIOperation_START_DOCUMENT_TEXT_DETECTION, textractasync.APIOperation_GET_DOCUMENT_TEXT_DETECTION,
	},
	textractasync.Operation_DOCUMENT_ANALYSIS: {
		textractasync.APIOperation_START_DOCUMENT_ANALYSIS, textractasync.APIOperation_GET_DOCUMENT_ANALYSIS,
	},
	textractasync.Operation_EXPENSE_ANALYSIS: {
		textractasync.APIOperation_START_EXPENSE_ANALYSIS, textractasync.APIOperation_GET_EXPENSE_ANALYSIS,
	},
	textractasync.Operation_LENDING_ANALYSIS: {
		textractasync.APIOperation_START_LENDING_ANALYSIS, textractasync.APIOperation_GET_LENDING_ANALYSIS,
		textractasync.APIOperation_GET_LENDING_ANALYSIS_SUMMARY,
	},
}

// alarmRow is what AWS documents of a metric, and what its prop documents as the default.
type alarmRow struct {
	documented, namespace, metric, statistic string
	threshold, periods                       float64
}

var alarmRows = map[string]alarmRow{
	"DeadLetters": {
		"on, 1 notification in 1 period of 5 minutes",
		"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", 1, 1,
	},
	"NotificationAge": {
		"on, 1 hour in 1 period of 5 minutes",
		"AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", 3600, 1,
	},
	"FailedDeliveries": {
		"on, 1 notification in 1 period of 5 minutes",
		"AWS/SNS", "NumberOfNotificationsFailed", "Sum", 1, 1,
	},
	"LostNotifications": {
		"on, 1 notification in 1 period of 5 minutes",
		"AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "Sum", 1, 1,
	},
	"Throttles": {
		"on, 10 requests in each of 3 periods of 5 minutes",
		"AWS/Textract", "ThrottledCount", "Sum", 10, 3,
	},
	"ServerErrors": {
		"on, 5 requests in 1 period of 5 minutes",
		"AWS/Textract", "ServerErrorCount", "Sum", 5, 1,
	},
	"UserErrors": {
		"on, 10 requests in 1 period of 5 minutes",
		"AWS/Textract", "UserErrorCount", "Sum", 10, 1,
	},
}

func newMonitored(stack constructs.Construct, props *textractasync.TextractAsyncProps) textractasync.TextractAsync {
	return textractasync.NewTextractAsync(stack, jsii.String("TextractAsync"), props)
}

// templateOf returns the resources of a type by their logical ids.
func templateOf(stack awscdk.Stack, resourceType string) map[string]object {
	found := map[string]object{}
	for id, resource := range *assertions.Template_FromStack(stack, nil).FindResources(jsii.String(resourceType), nil) {
		found[id] = (*resource)["Properties"].(object)
	}
	return found
}

func TestDocumentedAlarmDefaults(t *testing.T) {
	documented := map[string]string{
		"AlarmsProps.Topic":                  "none",
		"AlarmsProps.AlarmActions":           "none",
		"AlarmsProps.OkActions":              "none",
		"AlarmSettings.Disabled":             "false",
		"AlarmSettings.Threshold":            "as documented with the alarm",
		"AlarmSettings.Period":               "5 minutes",
		"AlarmSettings.EvaluationPeriods":    "as documented with the alarm",
		"AlarmSettings.DatapointsToAlarm":    "EvaluationPeriods",
		"AgeAlarmSettings.Disabled":          "false",
		"AgeAlarmSettings.Threshold":         "1 hour",
		"AgeAlarmSettings.Period":            "5 minutes",
		"AgeAlarmSettings.EvaluationPeriods": "1",
		"AgeAlarmSettings.DatapointsToAlarm": "EvaluationPeriods",
		"DashboardProps.DashboardName":       "a name that CloudFormation makes",
		"DashboardProps.DefaultInterval":     "1 day",
	}
	for prop, row := range alarmRows {
		documented["AlarmsProps."+prop] = row.documented
	}
	for prop, comment := range exportedFields(t, "monitoring.go") {
		_, text, _ := strings.Cut(comment, "Default: ")
		if want, ok := documented[prop]; !ok || text != want+"." {
			t.Errorf("%s: documented default %q, want %q", prop, text, want+".")
		}
		delete(documented, prop)
	}
	for prop := range documented {
		t.Errorf("no prop %s", prop)
	}
}

// exportedFields returns the comments of the fields of exported structs.
func exportedFields(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok || !spec.Name.IsExported() {
			return !ok
		}
		if structure, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range structure.Fields.List {
				comments[spec.Name.Name+"."+field.Names[0].Name] = strings.Join(strings.Fields(field.Doc.Text()), " ")
			}
		}
		return false
	})
	return comments
}

// assertProblems compares the props, in order, and the values that are given.
func assertProblems(t *testing.T, want []textractasync.Problem, err *textractasync.ValidationError) {
	t.Helper()
	if len(err.Problems) != len(want) {
		t.Fatalf("got %v, want %v", err.Problems, want)
	}
	for i, got := range err.Problems {
		if got.Prop != want[i].Prop || want[i].Value != "" && got.Value != want[i].Value {
			t.Errorf("got %v, want %v", got, want[i])
		}
		if got.Mend == "" || strings.HasSuffix(got.Mend, ".") {
			t.Errorf("%s: mend %q, want one without a final period", got.Prop, got.Mend)
		}
	}
	if !strings.HasPrefix(err.Error(), "Home/TextractAsync: ") {
		t.Errorf("%q does not name the construct", err)
	}
}

func TestSampleMonitoring(t *testing.T) {
	count := func(monitoring any) (alarms, dashboards int) {
		app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{sample.ContextMonitoring: monitoring}})
		stack := sample.NewStack(app, jsii.String("Sample"), nil)
		return len(templateOf(stack, "AWS::CloudWatch::Alarm")), len(templateOf(stack, "AWS::CloudWatch::Dashboard"))
	}
	for _, on := range []any{"true", true} {
		if alarms, dashboards := count(on); alarms != 31 || dashboards != 1 {
			t.Errorf("%T %v: %d alarms, %d dashboards", on, on, alarms, dashboards)
		}
	}
	if alarms, dashboards := count("false"); alarms != 0 || dashboards != 0 {
		t.Errorf("false: %d alarms, %d dashboards", alarms, dashboards)
	}
}

func TestRequestsOfMonitoring(t *testing.T) {
	textract := newMonitored(newStack("Budget"), nil)
	assertBudget(t, requestsOf(t, func() { textract.AddAlarms(nil) }), maxRequestsOfAddAlarms)
	assertBudget(t, requestsOf(t, func() { textract.AddDashboard(nil) }), maxRequestsOfAddDashboard)
}
