package textractasync_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/cdk-textract/textractasync"
)

// The alarm NoCompletions is metric math over periods. The tests evaluate what is in the template:
// the expression as CloudWatch documents its functions, and the alarm as it documents missing data.

// noCompletions is the alarm in the template.
type noCompletions struct {
	expression         string
	starts             []string // the ids of the metrics of Start actions
	threshold, periods float64
}

func newNoCompletions(t *testing.T) noCompletions {
	t.Helper()
	stack := newStack("Alarms")
	textract := newTextractAsync(stack, nil)
	all, descriptions := alarmsOf(stack, textract.AddAlarms(withAll()))
	alarm := all["NoCompletions"]
	a := noCompletions{threshold: alarm["Threshold"].(float64), periods: alarm["EvaluationPeriods"].(float64)}
	want := object{
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0, "EvaluationPeriods": 6.0, "TreatMissingData": "missing",
	}
	metrics := alarm["Metrics"].([]any)
	delete(alarm, "Metrics")
	if diff := cmp.Diff(want, alarm); diff != "" {
		t.Errorf("alarm (-want +got):\n%s", diff)
	}
	published := 0
	for _, each := range metrics {
		m := each.(object)
		id := m["Id"].(string)
		stat, isMetric := m["MetricStat"].(object)
		if !isMetric {
			a.expression = m["Expression"].(string)
			continue
		}
		if stat["Period"] != 3600.0 || stat["Stat"] != "Sum" {
			t.Errorf("%s: period %v, statistic %v", id, stat["Period"], stat["Stat"])
		}
		metric := stat["Metric"].(object)
		dimension := metric["Dimensions"].([]any)[0].(object)
		switch metric["MetricName"] {
		case "SuccessfulRequestCount":
			a.starts = append(a.starts, id)
			if name := dimension["Value"].(string); !strings.HasPrefix(name, "Start") ||
				!strings.Contains(descriptions["NoCompletions"], name) {
				t.Errorf("%s counts %s", id, name)
			}
		case "NumberOfMessagesPublished":
			published++
			if diff := cmp.Diff(attributeOf(textract.Topic(), "TopicName"), dimension["Value"]); diff != "" || id != "completed" {
				t.Errorf("%s is of another topic (-want +got):\n%s", id, diff)
			}
		}
	}
	if len(a.starts) != 4 || published != 1 {
		t.Fatalf("%d metrics of starts, %d of completions", len(a.starts), published)
	}
	return a
}

// hour is what happened in a period.
type hour struct{ started, completed int }

// value evaluates the expression for one period; nil where it has no value.
func (a noCompletions) value(t *testing.T, h hour) *float64 {
	t.Helper()
	metrics := map[string]float64{}
	for i := range h.started { // by one operation after the other; the others report nothing
		metrics[a.starts[i%len(a.starts)]]++
	}
	if h.completed > 0 {
		metrics["completed"] = float64(h.completed)
	}
	e := expression{text: a.expression, metrics: metrics}
	value := e.comparison()
	if e.text != "" {
		t.Fatalf("not read: %q of %q", e.text, a.expression)
	}
	return value
}

// state is that of the alarm after these hours: ALARM where the oldest value that breaches is at
// least as old as the number of periods, and all since then breach or are missing.
func (a noCompletions) isInAlarm(t *testing.T, hours []hour) bool {
	t.Helper()
	oldest := -1
	for i, h := range hours {
		switch value := a.value(t, h); {
		case value == nil:
		case *value < a.threshold:
			oldest = -1
		case oldest < 0:
			oldest = i
		}
	}
	return oldest >= 0 && len(hours)-oldest >= int(a.periods)
}

func TestNoCompletionsGoesIntoAlarm(t *testing.T) {
	alarm := newNoCompletions(t)
	repeat := func(h hour, n int) []hour {
		var all []hour
		for range n {
			all = append(all, h)
		}
		return all
	}
	idle, starts, works, completes := hour{}, hour{started: 3}, hour{started: 3, completed: 2}, hour{completed: 1}
	for name, row := range map[string]struct {
		hours []hour
		want  bool
	}{
		"an idle account":                              {repeat(idle, 48), false},
		"the first hour of a job":                      {[]hour{starts}, false},
		"the first hour after an idle day":             {append(repeat(idle, 24), starts), false},
		"a job that takes five hours":                  {append(append([]hour{starts}, repeat(idle, 4)...), completes), false},
		"jobs that complete in the hour":               {repeat(works, 48), false},
		"jobs that complete in the hour after":         {[]hour{starts, completes, starts, completes, starts, completes, starts}, false},
		"fewer completions than starts":                {append(repeat(works, 20), starts, starts), false},
		"jobs every hour, and none completes":          {append(repeat(works, 20), repeat(starts, 6)...), true},
		"five hours without a completion":              {append(repeat(works, 20), repeat(starts, 5)...), false},
		"one job, and none completes":                  {append([]hour{completes, starts}, repeat(idle, 5)...), true},
		"a job now and then, and none completes":       {[]hour{starts, idle, idle, starts, idle, idle, starts}, true},
		"a completion ends it":                         {append(repeat(starts, 10), completes), false},
		"a night after the last completion":            {append(repeat(works, 8), repeat(idle, 16)...), false},
		"jobs in the morning after a night":            {append(append(repeat(works, 8), repeat(idle, 16)...), starts, starts), false},
		"a nightly batch of which nothing completes":   {append(append(repeat(idle, 20), starts, starts), repeat(idle, 4)...), true},
		"completions of jobs that others have started": {repeat(completes, 12), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := alarm.isInAlarm(t, row.hours); got != row.want {
				t.Errorf("in ALARM: %t, want %t", got, row.want)
			}
		})
	}
}

// Textract's metrics count the whole account: with a second construct, the alarm would be false.
func TestNoCompletionsIsOffByDefault(t *testing.T) {
	for name, props := range map[string]*textractasync.AlarmsProps{
		"nil props":    nil,
		"empty props":  {},
		"switched off": {NoCompletions: &textractasync.AlarmOptions{Disabled: jsii.Bool(true)}},
	} {
		stack := newStack("Alarms")
		all, _ := alarmsOf(stack, newTextractAsync(stack, nil).AddAlarms(props))
		if _, isOn := all["NoCompletions"]; isOn || len(all) != len(alarmDefaultsOf)-1 {
			t.Errorf("%s: %d alarms, NoCompletions %t", name, len(all), isOn)
		}
	}
}

// expression is what is left to read of an expression of metric math.
type expression struct {
	text    string
	metrics map[string]float64
}

func (e *expression) next(token string) bool {
	rest, ok := strings.CutPrefix(e.text, token)
	if ok {
		e.text = rest
	}
	return ok
}

func (e *expression) expect(token string) {
	if !e.next(token) {
		panic(fmt.Sprintf("no %q in %q", token, e.text))
	}
}

func (e *expression) comparison() *float64 {
	left := e.sum()
	if !e.next(">") {
		return left
	}
	right := e.sum()
	if left == nil || right == nil {
		return nil
	}
	isGreater := 0.0
	if *left > *right {
		isGreater = 1
	}
	return &isGreater
}

func (e *expression) sum() *float64 {
	total := e.term()
	for e.next("+") {
		if term := e.term(); total != nil && term != nil {
			total = jsii.Number(*total + *term)
		} else {
			total = nil
		}
	}
	return total
}

func (e *expression) term() *float64 {
	switch {
	case e.next("FILL("):
		value := e.term()
		e.expect(",")
		fill := e.term()
		e.expect(")")
		if value == nil {
			return fill
		}
		return value
	case e.next("IF("):
		condition := e.comparison()
		e.expect(",")
		yes, no := e.comparison(), (*float64)(nil)
		if e.next(",") {
			no = e.comparison()
		}
		e.expect(")")
		switch {
		case condition == nil:
			return nil
		case *condition != 0:
			return yes
		default:
			return no
		}
	}
	end := strings.IndexAny(e.text+",", ",()+>")
	word := e.text[:end]
	e.text = e.text[end:]
	if number, err := strconv.ParseFloat(word, 64); err == nil {
		return &number
	}
	if value, ok := e.metrics[word]; ok {
		return &value
	}
	return nil
}
