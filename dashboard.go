package textractasync

import (
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces/interfacesawscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// DashboardProps are the properties of AddDashboard. All are optional.
type DashboardProps struct {
	// The name of the dashboard: 1 to 255 ASCII letters, digits, "-" and "_", unique in the
	// account, in all its Regions.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
	//
	// Default: a name that CloudFormation generates.
	//
	DashboardName *string

	// The time range of the graphs when the dashboard is opened: at least 1 minute.
	// See: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
	//
	// Default: 1 day.
	//
	DefaultInterval awscdk.Duration
}

// The dashboard's grid: 24 wide, three columns, and a wider one for the failures, which have the
// most lines.
const (
	columnWidth         = 5
	failuresColumnWidth = 9
	statusWidth         = 3*columnWidth + failuresColumnWidth

	headerHeight   = 1
	graphHeight    = 8
	failuresHeight = 4

	alarmsInARow = 6

	alarmColor = "#d62728"
)

func (t *textractAsync) AddDashboard(props *DashboardProps) awscloudwatch.Dashboard {
	options := valueOr(props, DashboardProps{})
	panicOnProblemsOf(t, validate.CheckDashboard(validate.Dashboard{
		Repeated: t.monitoring.dashboard != nil,
		Name:     options.DashboardName,
		Interval: seconds(options.DefaultInterval),
	}))
	interval := options.DefaultInterval
	if interval == nil {
		interval = awscdk.Duration_Days(jsii.Number(1))
	}
	rows := []*[]awscloudwatch.IWidget{{
		column(columnWidth, "Requests", t.graphsOfRequests()),
		column(columnWidth, "Jobs", t.graphsOfJobs()),
		column(columnWidth, "Queue", t.graphsOfQueue()),
		column(failuresColumnWidth, "Failures", t.graphsOfFailures()),
	}}
	if executions := t.rowOfExecutions(); executions != nil {
		rows = append(rows, &executions)
	}
	if len(t.monitoring.alarms) > 0 {
		rows = append(rows, &[]awscloudwatch.IWidget{t.statusOfAlarms()})
	}
	t.monitoring.dashboard = awscloudwatch.NewDashboard(t, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName:   lookedUp(options.DashboardName),
		DefaultInterval: interval,
		Widgets:         &rows,
	})
	if name := options.DashboardName; name != nil && !validate.Dummy(*name) {
		t.atSynthesis(func(app *synthesizedApp) []validate.Problem { return t.checkDashboardName(app, *name) })
	}
	return t.monitoring.dashboard
}

// checkDashboardName rejects a name that another dashboard of this app has in the same account.
func (t *textractAsync) checkDashboardName(app *synthesizedApp, name string) []validate.Problem {
	own := resourceOf(t.monitoring.dashboard)
	for _, other := range ofTypeOrGeneric[awscloudwatch.CfnDashboard](app, typeDashboard) {
		if other == own || app.read(other).text("dashboardName") != name || !t.env.isSameAccount(other, isKnown(name)) {
			continue
		}
		return []validate.Problem{{
			Prop: "DashboardName", Value: strconv.Quote(name),
			Fix: "use another name: " + strings.TrimSuffix(pathOf(other), "/Resource") + " is a dashboard with this one",
		}}
	}
	return nil
}

// graph is a title with the lines under it.
type graph struct {
	title      string
	lines      []awscloudwatch.IMetric
	lineAt     *float64 // a level to compare with
	lineAtText string
}

func (t *textractAsync) graphsOfRequests() []graph {
	return []graph{
		{title: "Jobs started", lines: t.linesOf(startActions, t.MetricSuccessfulRequests)},
		{title: "Results read", lines: t.linesOf(getActions, t.MetricSuccessfulRequests)},
	}
}

func (t *textractAsync) graphsOfJobs() []graph {
	return []graph{
		{title: "Jobs completed", lines: []awscloudwatch.IMetric{t.MetricNotificationsPublished(label("Notifications"))}},
		{title: "Response time (ms)", lines: t.linesOfAll(t.MetricResponseTime)},
	}
}

func (t *textractAsync) graphsOfQueue() []graph {
	return []graph{
		{title: "In the queue", lines: []awscloudwatch.IMetric{
			t.MetricNotificationsWaiting(label("Waiting")),
			t.MetricNotificationsInFlight(label("In flight")),
		}},
		{
			title: "Age of the oldest (s)", lines: []awscloudwatch.IMetric{t.MetricNotificationAge(label("Age"))},
			lineAt: t.monitoring.ageThreshold, lineAtText: "Alarm",
		},
	}
}

func (t *textractAsync) graphsOfFailures() []graph {
	notifications := []awscloudwatch.IMetric{t.MetricFailedDeliveries(label("Not delivered"))}
	if t.deadLetterQueue != nil {
		notifications = append(notifications,
			t.MetricDeadLetterQueueMessages(label("In the dead-letter queue")),
			t.MetricFailedRedrives(label("Lost: not redriven")),
		)
	}
	return []graph{
		{title: "Notifications", lines: notifications},
		{title: "Throttled requests", lines: t.linesOfAll(t.MetricThrottledRequests)},
		{title: "Server errors", lines: t.linesOfAll(t.MetricServerErrors)},
		{title: "User errors", lines: t.linesOfAll(t.MetricUserErrors)},
	}
}

func (t *textractAsync) linesOfAll(metric metricOfOperation) []awscloudwatch.IMetric {
	return lines(t.apiOperations(), metric)
}

func (t *textractAsync) linesOf(actions func([]Operation) []string, metric metricOfOperation) []awscloudwatch.IMetric {
	return lines(apiOperationsOf(actions(t.operations)), metric)
}

func lines(operations []APIOperation, metric metricOfOperation) []awscloudwatch.IMetric {
	all := make([]awscloudwatch.IMetric, len(operations))
	for i, operation := range operations {
		all[i] = metric(operation, label(string(operation)))
	}
	return all
}

func label(text string) *awscloudwatch.MetricOptions {
	return &awscloudwatch.MetricOptions{Label: jsii.String(text)}
}

func column(width float64, header string, graphs []graph) awscloudwatch.IWidget {
	widgets := []awscloudwatch.IWidget{awscloudwatch.NewTextWidget(&awscloudwatch.TextWidgetProps{
		Markdown:   jsii.String("## " + header),
		Background: awscloudwatch.TextWidgetBackground_TRANSPARENT,
		Width:      jsii.Number(width),
		Height:     jsii.Number(headerHeight),
	})}
	height, legend := float64(graphHeight), awscloudwatch.LegendPosition_BOTTOM
	if width == failuresColumnWidth {
		height, legend = failuresHeight, awscloudwatch.LegendPosition_RIGHT
	}
	for _, g := range graphs {
		widgets = append(widgets, g.widget(width, height, legend))
	}
	return awscloudwatch.NewColumn(widgets...)
}

func (g graph) widget(width, height float64, legend awscloudwatch.LegendPosition) awscloudwatch.IWidget {
	props := &awscloudwatch.GraphWidgetProps{
		Title:          jsii.String(g.title),
		Left:           &g.lines,
		LeftYAxis:      &awscloudwatch.YAxisProps{Min: jsii.Number(0), ShowUnits: jsii.Bool(false)},
		LegendPosition: legend,
		Width:          jsii.Number(width),
		Height:         jsii.Number(height),
	}
	if g.lineAt != nil {
		props.LeftAnnotations = &[]*awscloudwatch.HorizontalAnnotation{{
			Value: g.lineAt, Label: jsii.String(g.lineAtText), Color: jsii.String(alarmColor),
		}}
	}
	return awscloudwatch.NewGraphWidget(props)
}

func (t *textractAsync) statusOfAlarms() awscloudwatch.IWidget {
	alarms := make([]interfacesawscloudwatch.IAlarmRef, len(t.monitoring.alarms))
	for i, alarm := range t.monitoring.alarms {
		alarms[i] = alarm
	}
	return awscloudwatch.NewAlarmStatusWidget(&awscloudwatch.AlarmStatusWidgetProps{
		Title:  jsii.String("Alarms"),
		Alarms: &alarms,
		Width:  jsii.Number(statusWidth),
		Height: jsii.Number(1 + math.Ceil(float64(len(alarms))/alarmsInARow)),
	})
}
