package workflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// mutant is a fault in the definition of a state machine, which scenarios must find.
type mutant struct {
	name    string
	machine string // its name in the app; "notifier" for that of the pipe
	edit    func(definition)
	found   []string // the scenarios, each of which must fail
}

// definition is that of a state machine.
type definition object

func (d definition) state(name string) object {
	state, _ := d["States"].(object)[name].(object)
	if state == nil {
		panic("no state " + name)
	}
	return state
}

// replace changes a text wherever it is.
func (d definition) replace(old, replacement string) {
	text, err := json.Marshal(d)
	must(err)
	quote := func(s string) string {
		quoted, err := json.Marshal(s)
		must(err)
		return string(quoted[1 : len(quoted)-1])
	}
	clear(d)
	must(json.Unmarshal([]byte(strings.ReplaceAll(string(text), quote(old), quote(replacement))), &d))
}

func remove(from object, path ...string) {
	for _, name := range path[:len(path)-1] {
		from, _ = from[name].(object)
	}
	if _, ok := from[path[len(path)-1]]; !ok {
		panic("no " + strings.Join(path, "."))
	}
	delete(from, path[len(path)-1])
}

var mutants = []mutant{
	{
		"the token is written without a condition", "job",
		func(d definition) {
			remove(d.state("Wait for notification"), "Arguments", "ConditionExpression")
			remove(d.state("Wait for notification"), "Arguments", "ExpressionAttributeNames", "#completed")
		},
		[]string{"a notification comes before the token is written"},
	},
	{
		"a completion is not recorded", "notifier",
		func(d definition) {
			d.replace("SET #completed = :status, ", "SET ")
			remove(d.state("Record completion"), "Arguments", "ExpressionAttributeNames", "#completed")
			remove(d.state("Record completion"), "Arguments", "ExpressionAttributeValues", ":status")
		},
		[]string{"a notification comes before the token is written"},
	},
	{
		"a wait has no end", "job", func(d definition) { remove(d.state("Wait for notification"), "TimeoutSeconds") },
		[]string{"a notification is lost", "a notification is taken by another consumer of the queue"},
	},
	{
		"an old token is an error of the notifier", "notifier",
		func(d definition) {
			remove(d.state("Resume"), "Catch")
			remove(d.state("Resume after failure"), "Catch")
		},
		[]string{"a notification comes four times, once much later", "an execution is stopped before its job ends"},
	},
	{
		"the request token is random", "job",
		func(d definition) { d.state("Start")["Arguments"].(object)["ClientRequestToken"] = "{% $uuid() %}" },
		[]string{"the answer of Start is lost", "two executions have one Id"},
	},
	{
		"Start is not tried again", "job", func(d definition) { remove(d.state("Start"), "Retry") },
		[]string{"the quota of jobs is used up", "the answer of Start is lost"},
	},
	{
		"a failed job is reported as a success", "notifier",
		func(d definition) { d.replace("$uppercase($n.Status) in ['SUCCEEDED', 'PARTIAL_SUCCESS']", "true") },
		[]string{"a job fails"},
	},
	{
		"the status is compared with its case", "notifier", func(d definition) { d.replace("$uppercase($n.Status)", "$n.Status") },
		[]string{"a notification spells the status in another case"},
	},
	{
		"the envelope of SNS is not opened", "notifier",
		func(d definition) { d.replace("$exists($body.Message) ? $parse($body.Message) : $body", "$body") },
		[]string{"a job succeeds"},
	},
	{
		"a job that failed before is not started again", "job",
		func(d definition) {
			for _, state := range []string{"Recorded?", "Completed?"} {
				choices := d.state(state)["Choices"].([]any)
				d.state(state)["Choices"] = slices.DeleteFunc(choices, func(c any) bool { return c.(object)["Next"] == "Start again" })
			}
		},
		[]string{"the job of an earlier execution with the same Id failed"},
	},
	{
		"nothing waits", "job", func(d definition) { d.replace("updateItem.waitForTaskToken", "updateItem") },
		[]string{"a job succeeds"},
	},

	// The faults that a review found in the design.
	{
		"each job that failed counts as an earlier execution's", "job",
		func(d definition) { d.state("Read completion")["Assign"].(object)["isOld"] = true },
		[]string{"a job fails before the token is written", "a job fails in the pause after a status check"},
	},
	{
		"the request token does not depend on the document", "job",
		func(d definition) { inToken(d, "Start", documentOf(d), "'document'") },
		[]string{"two executions have one Id for different documents"},
	},
	{
		"the request token does not depend on the settings", "job",
		func(d definition) { inToken(d, "Start", `"FeatureTypes":["TABLES","QUERIES"],`, "") },
		[]string{"an Id is used again after an update of the features"},
	},
	{
		"a task passes no Id", "retry",
		func(d definition) { remove(d.state("Read and retry"), "Parameters", "Input", "Id.$") },
		[]string{"a parent retries its task"},
	},
	{
		"an answer that is too large is an error", "expense",
		func(d definition) {
			state := d.state("Get status")
			state["Catch"] = slices.DeleteFunc(state["Catch"].([]any), func(c any) bool {
				return slices.Contains(c.(object)["ErrorEquals"].([]any), "States.DataLimitExceeded")
			})
		},
		[]string{"the status of a job comes with 300 KB"},
	},
	{
		"each pause takes 10 seconds", "job", func(d definition) { d.state("Pause")["Seconds"] = 10 },
		[]string{"the table is gone for fifteen minutes"},
	},
	{
		"a bucket of the CDK is taken for a path", "literals",
		func(d definition) {
			document := d.state("Read literals")["Arguments"].(object)["Input"].(object)["DocumentLocation"].(object)["S3Object"].(object)
			document["Bucket"] = "{% $states.input.bucket %}"
		},
		[]string{"a task names its bucket by the CDK, and its key as a literal"},
	},
	{
		"an intrinsic function is taken for a key", "function",
		func(d definition) { d.replace("Name.$", "Name") },
		[]string{"a task names its bucket by the CDK, and its key by an intrinsic function"},
	},
	{
		"every error is tried again like a quota", "job",
		func(d definition) {
			retry := d.state("Start")["Retry"].([]any)
			quota, others := retry[0].(object), retry[1].(object)
			quota["ErrorEquals"] = append(quota["ErrorEquals"].([]any), others["ErrorEquals"].([]any)...)
		},
		[]string{"Textract has an error that is not in its model"},
	},
	{
		"a batch does not try a start again", "batch", func(d definition) { remove(runOf(d), "Retry") },
		[]string{"Step Functions throttles the starts of a batch"},
	},
	{
		"a batch passes no Id", "batch", func(d definition) { remove(runOf(d), "Arguments", "Input", "Id") },
		[]string{"a batch runs twice"},
	},
	{
		"a batch stops at a few failures", "batch", func(d definition) { d.state("Documents")["ToleratedFailurePercentage"] = 5 },
		[]string{"a batch runs twice"},
	},
	{
		"a batch never stops", "brake", func(d definition) { d.state("Documents")["ToleratedFailurePercentage"] = 100 },
		[]string{"more documents of a batch fail than may"},
	},
	{
		"what a batch skips is not counted", "batch",
		func(d definition) {
			skip := d.state("Documents")["ItemProcessor"].(object)["States"].(object)["Skipped"].(object)["Arguments"].(object)
			skip["UpdateExpression"] = "SET #expires = :expires"
			remove(skip, "ExpressionAttributeNames", "#skipped")
			remove(skip, "ExpressionAttributeValues", ":one")
		},
		[]string{"a batch runs twice"},
	},
	{
		"what cannot be counted fails", "batch",
		func(d definition) {
			remove(d.state("Documents")["ItemProcessor"].(object)["States"].(object)["Skipped"].(object), "Catch")
		},
		[]string{"the table does not count what a batch skips"},
	},
	{
		"a null version is sent", "job", func(d definition) { d.replace("$v != null and $v != ''", "true") },
		[]string{"the version of a document is null"},
	},
	{
		"a job that Textract has forgotten is an error", "job",
		func(d definition) {
			state := d.state("Get status")
			state["Catch"] = slices.DeleteFunc(state["Catch"].([]any), func(c any) bool {
				return slices.Contains(c.(object)["ErrorEquals"].([]any), "Textract.InvalidJobIdException")
			})
		},
		[]string{"Textract has forgotten the job of an Id"},
	},
	{
		"an upload has no identity", "text",
		func(d definition) {
			inToken(d, "Start", "$states.input.detail.object.sequencer", "$states.context.Execution.Id")
		},
		[]string{"an upload is announced twice"},
	},
	{
		"each object is a document", "text", func(d definition) { d.state("Document?")["Default"] = "Start" },
		[]string{"documents are uploaded"},
	},
}

// inToken changes the request token of a state.
func inToken(d definition, state, old, replacement string) {
	arguments := d.state(state)["Arguments"].(object)
	arguments["ClientRequestToken"] = strings.Replace(arguments["ClientRequestToken"].(string), old, replacement, 1)
}

// documentOf is the expression of the document that Start sends.
func documentOf(d definition) string {
	expression := d.state("Start")["Arguments"].(object)["DocumentLocation"].(object)["S3Object"].(string)
	return strings.TrimSuffix(strings.TrimPrefix(expression, "{% "), " %}")
}

// runOf is the state of a batch that runs a job.
func runOf(d definition) object {
	return d.state("Documents")["ItemProcessor"].(object)["States"].(object)["Run"].(object)
}

// mutated is the app with another state machine in place of one, or with it changed where others
// start it by its ARN.
func (m mutant) perform(d *deployment) (unfound []string, err error) {
	machine := d.notifier.target
	if m.machine != "notifier" {
		machine = d.machines[m.machine]
	}
	original := d.definition(machine)
	var changed definition
	must(json.Unmarshal([]byte(original), &changed))
	before := fmt.Sprint(changed)
	m.edit(changed)
	if fmt.Sprint(changed) == before {
		return nil, fmt.Errorf("the mutant %q changes nothing", m.name)
	}
	text, err := json.Marshal(changed)
	must(err)
	d.update(machine, string(text))
	defer d.update(machine, original)
	for _, name := range m.found {
		i := slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no scenario %q", name)
		}
		if problems := scenarios[i].perform(d, true); len(problems) == 0 {
			unfound = append(unfound, name)
		}
	}
	return unfound, nil
}

func TestScenariosFindEveryMutant(t *testing.T) {
	names := map[string]bool{}
	for _, m := range mutants {
		names[m.name] = true
		t.Run(m.name, func(t *testing.T) {
			unfound, err := m.perform(app)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range unfound {
				t.Errorf("the scenario %q does not find it", name)
			}
		})
	}
	if len(names) != len(mutants) {
		t.Errorf("%d mutants have %d names: %v", len(mutants), len(names), slices.Sorted(maps.Keys(names)))
	}
}
