package textractworkflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/validate"
)

const (
	nestedRunResource = "states:startExecution.sync:2"

	express  = "EXPRESS"
	jsonpath = "JSONPath"
)

// reference is one that may be a number, without quotes; one within a text does not matter here.
var reference = regexp.MustCompile(`([:,\[])\$\{[^{}]*\}`)

// checkParents finds tasks in state machines that AWS would not create. Only the definition tells:
// a state does not know the state machine that contains it, a Map or Parallel the less.
func checkParents(app []constructs.IConstruct) (problems []validate.Problem) {
	for _, node := range app {
		machine, ok := node.(awsstepfunctions.CfnStateMachine)
		if !ok {
			continue
		}
		text, _ := fnsub.Flatten(awscdk.Stack_Of(machine).Resolve(machine.DefinitionString())).(string)
		var definition object
		if !strings.Contains(text, nestedRunResource) ||
			json.Unmarshal([]byte(reference.ReplaceAllString(text, "${1}0")), &definition) != nil {
			continue // without a task
		}
		p := parent{path: strings.TrimSuffix(*machine.Node().Path(), "/Resource"), language: jsonpath}
		if language, ok := definition["QueryLanguage"].(string); ok {
			p.language = language
		}
		p.isExpress = valueOr(machine.StateMachineType(), "") == express
		p.check(definition)
		problems = append(problems, p.problems...)
	}
	return problems
}

// parent is a state machine that may contain tasks.
type parent struct {
	path, language string
	isExpress      bool
	problems       []validate.Problem
}

// check looks into a definition, and into the definitions of its Map and Parallel states.
func (p *parent) check(definition object) {
	states, _ := definition["States"].(object)
	for _, name := range slices.Sorted(maps.Keys(states)) {
		state, _ := states[name].(object)
		if isTask(state) {
			p.checkTask(name, state)
		}
		branches, _ := state["Branches"].([]any)
		for _, branch := range append(branches, state["ItemProcessor"], state["Iterator"]) {
			inner, ok := branch.(object)
			if !ok {
				continue
			}
			below := parent{path: p.path, language: p.language, isExpress: p.isExpress}
			if config, ok := inner["ProcessorConfig"].(object); ok {
				below.isExpress = below.isExpress || config["ExecutionType"] == express
			}
			below.check(inner)
			p.problems = append(p.problems, below.problems...)
		}
	}
}

func (p *parent) checkTask(name string, state object) {
	if p.isExpress {
		p.problems = append(p.problems, validate.Problem{
			Prop:  "NewTask",
			Value: fmt.Sprintf("state %q in Express executions of %s", name, p.path),
			Fix:   "use StateMachineType_STANDARD, in a DistributedMap as MapExecutionType: an Express execution cannot wait for a job",
		})
	}
	language := p.language
	if own, ok := state["QueryLanguage"].(string); ok {
		language = own
	}
	if _, usesPaths := state["Parameters"]; usesPaths && language != jsonpath {
		p.problems = append(p.problems, validate.Problem{
			Prop: "NewTask", Value: fmt.Sprintf("state %q with JSONPath in %s, which has QueryLanguage_JSONATA", name, p.path),
			Fix: "write paths as expressions, such as {% $states.input.bucket %}, and use Outputs instead of ResultPath",
		})
	}
}

// isTask reports whether a state is that of a Task.
func isTask(state object) bool {
	resource, _ := state["Resource"].(string)
	for _, arguments := range []any{state["Parameters"], state["Arguments"]} {
		call, _ := arguments.(object)
		input, _ := call["Input"].(object)
		if _, ok := input["DocumentLocation"]; ok && strings.HasSuffix(resource, nestedRunResource) {
			return true
		}
	}
	return false
}
