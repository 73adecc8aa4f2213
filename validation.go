package textractasync

import (
	"fmt"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/cdk-textract/textractasync/internal/validate"
)

// ValidationError is what this package panics with: every problem of what a constructor or method was given, or that a method
// was called once too often.
type ValidationError struct {
	// The path of the construct.
	Path string
	// The problems, in the order of the props; never empty.
	Problems []Problem
}

// Problem is one prop that cannot be as it is.
type Problem struct {
	// The prop, such as "DeadLetters.MaxReceiveCount" or "Inputs[1].Prefix".
	Prop string
	// Its value.
	Value string
	// What to change.
	Mend string
}

// Error lists the problems, a line each.
func (e *ValidationError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: invalid props:", e.Path)
	for _, problem := range e.Problems {
		fmt.Fprintf(&text, "\n  %s", problem)
	}
	return text.String()
}

// String names the prop, its value and the mend.
func (p Problem) String() string {
	return fmt.Sprintf("%s: got %s; %s", p.Prop, p.Value, p.Mend)
}

func requireScope(scope constructs.Construct, id *string) {
	var problems []validate.Problem
	if scope == nil {
		problems = append(problems, validate.Problem{Prop: "scope", Value: "nil", Mend: "pass the stack or construct to build in"})
	}
	if id == nil || *id == "" {
		problems = append(problems, validate.Problem{Prop: "id", Value: "none", Mend: "pass an id that is unique in the scope"})
	}
	panicOn("textractasync", problems)
}

// panicOnProblems reads the scope's path only for a panic: each read is a round trip to the jsii kernel.
func panicOnProblems(scope constructs.Construct, id *string, problems []validate.Problem) {
	if len(problems) > 0 {
		panicOn(strings.TrimPrefix(*scope.Node().Path()+"/"+*id, "/"), problems)
	}
}

// panicOnProblems does the same for a method of the construct.
func (t *textractAsync) panicOnProblems(problems []validate.Problem) {
	if len(problems) > 0 {
		panicOn(*t.Node().Path(), problems)
	}
}

func panicOn(path string, found []validate.Problem) {
	if len(found) == 0 {
		return
	}
	problems := make([]Problem, len(found))
	for i, problem := range found {
		problems[i] = Problem(problem)
	}
	panic(&ValidationError{Path: path, Problems: problems})
}

// settingsOf puts the props as they were given into plain values.
func settingsOf(props *TextractAsyncProps, p *pipeline, g given) validate.Settings {
	return validate.Settings{
		Stack:             p.env.place(),
		Operations:        operationNames(props.Operations),
		Inputs:            inputSettings(props.Inputs, p.inputs),
		Output:            outputSettings(props.Output, p.output),
		Topic:             g.topic,
		TopicName:         props.TopicName,
		Queue:             g.queue,
		VisibilityTimeout: seconds(props.VisibilityTimeout),
		MessageRetention:  seconds(props.MessageRetention),
		DeadLetters:       deadLetterSettings(props.DeadLetters),
		ServiceRole:       p.env.optionalPlaceOf(props.ServiceRole),
		ServiceRolePolicy: nonEmpty(string(props.ServiceRolePolicy)),
		TrustedAccounts:   accountSettings(props.TrustedAccounts),
		Encryption:        nonEmpty(string(props.Encryption)),
		EncryptionKey:     p.env.optionalPlaceOf(props.EncryptionKey),
		RemovalPolicy:     nonEmpty(string(props.RemovalPolicy)),
	}
}

func operationNames(operations *[]Operation) []string {
	if operations == nil {
		return nil
	}
	names := make([]string, len(*operations))
	for i, operation := range *operations {
		names[i] = string(operation)
	}
	return names
}

func inputSettings(inputs *[]*InputLocation, locations []location) []validate.Location {
	settings := make([]validate.Location, len(locations))
	for i, input := range valueOr(inputs, nil) {
		if input == nil {
			settings[i] = validate.Location{Missing: true}
			continue
		}
		settings[i] = locations[i].settings(input.Prefix)
	}
	return settings
}

func outputSettings(output *OutputLocation, l *location) *validate.Location {
	if output == nil {
		return nil
	}
	settings := l.settings(output.Prefix)
	return &settings
}

func (l location) settings(prefix *string) validate.Location {
	settings := validate.Location{Prefix: prefix}
	if l.bucket != nil {
		settings.Bucket = &l.place
	}
	if l.key != nil {
		settings.Key = &l.key.place
	}
	return settings
}

func deadLetterSettings(d *DeadLetters) *validate.DeadLetters {
	if d == nil {
		return nil
	}
	return &validate.DeadLetters{
		Disabled:        d.Disabled,
		MaxReceiveCount: knownNumber(d.MaxReceiveCount),
		Retention:       seconds(d.Retention),
	}
}

// knownNumber leaves out a token: the CDK encodes one as a number far below any that is meant.
func knownNumber(number *float64) *float64 {
	if number != nil && *number < -1e280 {
		return nil
	}
	return number
}

func accountSettings(accounts *[]*string) []string {
	if accounts == nil {
		return nil
	}
	settings := make([]string, len(*accounts))
	for i, account := range *accounts {
		settings[i] = valueOr(account, "")
	}
	return settings
}

func nonEmpty(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
