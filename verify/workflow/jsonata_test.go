package workflow

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/blues/jsonata-go"
	"github.com/google/go-cmp/cmp"
)

// record is an evaluation by the reference implementation of JSONata. Answer has a value, an error,
// or nothing for undefined.
type record struct {
	Expression string
	Variables  object
	Millis     int64
	Answer     struct {
		Value json.RawMessage
		Error string
	}
}

// compareInterpreters evaluates what the scenarios evaluated with a second interpreter: an
// expression that two understand alike is none that relies on a peculiarity of one.
func compareInterpreters(t *testing.T, d *deployment, all bool) {
	var records []record
	if err := d.server.ask("records", object{}, &records); err != nil {
		t.Fatal(err)
	}
	ours := map[string]int{}
	for _, machine := range append(slices.Collect(maps.Values(d.machines)), d.notifier.target) {
		var definition any
		if err := json.Unmarshal([]byte(d.definition(machine)), &definition); err != nil {
			t.Fatal(err)
		}
		collectExpressions(definition, ours)
	}
	evaluations := 0
	for _, r := range records {
		if _, ok := ours[r.Expression]; !ok {
			continue // a mutant's
		}
		ours[r.Expression]++
		evaluations++
		if difference := compare(r); difference != "" {
			t.Errorf("%s\n%s", r.Expression, difference)
		}
	}
	if !all {
		return
	}
	for _, expression := range slices.Sorted(maps.Keys(ours)) {
		if ours[expression] == 0 {
			t.Errorf("no scenario evaluates %s", expression)
		}
	}
	t.Logf("two interpreters agree on %d evaluations of %d expressions", evaluations, len(ours))
}

func collectExpressions(part any, into map[string]int) {
	switch part := part.(type) {
	case map[string]any:
		for _, value := range part {
			collectExpressions(value, into)
		}
	case []any:
		for _, value := range part {
			collectExpressions(value, into)
		}
	case string:
		if inner, ok := strings.CutPrefix(part, "{%"); ok {
			into[strings.TrimSpace(strings.TrimSuffix(inner, "%}"))] = 0
		}
	}
}

// compare returns how the second interpreter differs.
func compare(r record) string {
	value, err := evaluate(r)
	var want any
	switch {
	case r.Answer.Error != "":
		if err == nil || errors.Is(err, jsonata.ErrUndefined) {
			return fmt.Sprintf("%v instead of the error %s", value, r.Answer.Error)
		}
		return ""
	case r.Answer.Value == nil:
		if !errors.Is(err, jsonata.ErrUndefined) {
			return fmt.Sprintf("%v, %v instead of undefined", value, err)
		}
		return ""
	case err != nil:
		return fmt.Sprintf("%v instead of %s", err, r.Answer.Value)
	}
	must(json.Unmarshal(r.Answer.Value, &want))
	// Both as JSON: an implementation may have another type for a number.
	var got any
	text, err := json.Marshal(value)
	must(err)
	must(json.Unmarshal(text, &got))
	return cmp.Diff(want, got)
}

func evaluate(r record) (any, error) {
	compiled, err := jsonata.Compile(r.Expression)
	if err != nil {
		return nil, err
	}
	// Functions of Step Functions, and the time of the reference.
	err = compiled.RegisterExts(map[string]jsonata.Extension{
		"millis": {Func: func() float64 { return float64(r.Millis) }},
		"parse": {Func: func(text string) (value any, err error) {
			err = json.Unmarshal([]byte(text), &value)
			return value, err
		}},
		"hash": {Func: func(text, algorithm string) (string, error) {
			if algorithm != "SHA-256" {
				return "", fmt.Errorf("algorithm %q", algorithm)
			}
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:]), nil
		}},
	})
	if err != nil {
		return nil, err
	}
	if err := compiled.RegisterVars(r.Variables); err != nil {
		return nil, err
	}
	return compiled.Eval(nil)
}

func TestCompareFindsDifferences(t *testing.T) {
	for expression, answers := range map[string]map[string]bool{
		"$states.input.a + 1": {`{"value":3}`: true, `{"value":4}`: false, `{}`: false, `{"error":"no number"}`: false},
		"$states.input.b":     {`{}`: true, `{"value":null}`: false},
		"$parse('{')":         {`{"error":"end of input"}`: true, `{}`: false, `{"value":""}`: false},
	} {
		for answer, want := range answers {
			r := record{Expression: expression, Variables: object{"states": object{"input": object{"a": 2.0}}}}
			must(json.Unmarshal([]byte(answer), &r.Answer))
			if difference := compare(r); (difference == "") != want {
				t.Errorf("%s with %s: %q", expression, answer, difference)
			}
		}
	}
}
