package textractasync

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/bridge"
)

// alarmOnExecutions adds the alarms of package textractworkflow: for what there is already, and for
// what is added later. Each is in the stack of what it watches.
func (t *textractAsync) alarmOnExecutions(actions alarmActions) {
	t.workflow.OnWatched = func(w bridge.Watched) {
		alarm := awscloudwatch.NewAlarm(w.Scope, jsii.String(w.ID), &awscloudwatch.AlarmProps{
			AlarmDescription:   jsii.String(w.Description),
			Metric:             w.Metric(nil),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			Threshold:          jsii.Number(w.Threshold),
			EvaluationPeriods:  jsii.Number(1),
			TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
		})
		actions.addTo(alarm)
		if w.IsNear {
			t.monitoring.alarms = append(t.monitoring.alarms, alarm)
		}
	}
	for _, w := range t.workflow.Watched {
		t.workflow.OnWatched(w)
	}
}

// rowOfExecutions shows what package textractworkflow added so far; no widget where it added
// nothing.
func (t *textractAsync) rowOfExecutions() []awscloudwatch.IWidget {
	g := graph{title: "Executions"}
	for _, w := range t.workflow.Watched {
		if w.IsNear {
			g.lines = append(g.lines, w.Metric(label(pathOf(w.Scope)+": "+w.Label)))
		}
	}
	if len(g.lines) == 0 {
		return nil
	}
	return []awscloudwatch.IWidget{g.widget(statusWidth, failuresHeight, awscloudwatch.LegendPosition_RIGHT)}
}
