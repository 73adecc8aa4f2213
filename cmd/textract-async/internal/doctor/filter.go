package doctor

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/template"
	"github.com/cdk-textract/textractasync/textractclient"
)

// passes says of how many completions a part of a filter policy is true.
type passes int

const (
	none passes = iota
	some
	all
)

// field is what is known of a field of completions.
type field struct {
	optional bool
	values   []string         // all that it may have; nil where only the form is known
	form     *regexp.Regexp   // of the characters in it
	number   bool             // whether it is a number
	nested   map[string]field // of an object
}

var anyText = regexp.MustCompile(`(?s)^.*$`)

// completion has the fields of a completion message.
// See: https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
var completion = map[string]field{
	"JobId":     {form: regexp.MustCompile(`^[a-zA-Z0-9_-]*$`)},
	"Status":    {values: []string{"SUCCEEDED", "FAILED", "PARTIAL_SUCCESS", "ERROR"}},
	"API":       {values: startNames()},
	"JobTag":    {form: regexp.MustCompile(`^[a-zA-Z0-9_.:-]*$`), optional: true},
	"Timestamp": {number: true},
	"DocumentLocation": {nested: map[string]field{
		"S3ObjectName": {form: anyText},
		"S3Bucket":     {form: regexp.MustCompile(`^[a-zA-Z0-9_.-]*$`)},
	}},
}

func startNames() []string {
	var names []string
	for _, operation := range textractclient.Operations() {
		names = append(names, string(operation))
	}
	return names
}

// judgeFilter reports whether completions pass a filter policy. Textract sends no message
// attributes.
// See: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
func judgeFilter(filter, scope string) (Result, string) {
	if filter == "" || filter == "{}" {
		return OK, "sqs, confirmed, no filter"
	}
	unknown := fmt.Sprintf("not judged: the filter policy %s", filter)
	conditions, err := parseConditions([]byte(filter))
	if template.IsUnknown(filter+scope) && (err != nil || scope != "MessageAttributes") {
		return NotInTemplate, fmt.Sprintf("%s: a part of the filter policy %s", notInTemplate, filter)
	}
	if err != nil {
		return Unknown, unknown
	}
	var fields map[string]field
	if scope == "MessageBody" {
		fields = completion
	}
	switch passing, why := filterPasses(conditions, fields, ""); {
	case passing == all:
		return OK, fmt.Sprintf("sqs, confirmed, filter %s lets completions pass", filter)
	case passing == none && fields == nil:
		return Wrong, fmt.Sprintf("filter %s: Textract sends no message attributes, so SNS drops completions", filter)
	case passing == none:
		return Wrong, fmt.Sprintf("filter %s: %s, so SNS drops completions", filter, why)
	case fields == nil:
		return Unknown, unknown
	}
	return Warning, fmt.Sprintf("filter %s: SNS drops completions that do not match it", filter)
}

func parseConditions(text []byte) (conditions map[string]json.RawMessage, err error) {
	if err = json.Unmarshal(text, &conditions); err == nil && conditions == nil {
		err = fmt.Errorf("%s is not an object", text)
	}
	return conditions, err
}

// filterPasses is true of a message that meets all conditions. Where none does it tells why.
func filterPasses(conditions map[string]json.RawMessage, fields map[string]field, within string) (passes, string) {
	result := all
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		var passing passes
		var why string
		if name == "$or" {
			passing, why = orPasses(conditions[name], fields, within)
		} else {
			known, ok := fields[name]
			passing, why = conditionPasses(conditions[name], known, ok, within+name)
		}
		if passing == none {
			return none, why
		}
		result = min(result, passing)
	}
	return result, ""
}

// orPasses is true where one of two or more filters is.
func orPasses(text json.RawMessage, fields map[string]field, within string) (passes, string) {
	var filters []json.RawMessage
	if json.Unmarshal(text, &filters) != nil || len(filters) < 2 {
		return some, ""
	}
	result, whys := none, []string(nil)
	for _, filter := range filters {
		conditions, err := parseConditions(filter)
		if err != nil {
			return some, ""
		}
		passing, why := filterPasses(conditions, fields, within)
		result, whys = max(result, passing), append(whys, why)
	}
	return result, strings.Join(whys, " and ")
}

func conditionPasses(text json.RawMessage, f field, exists bool, name string) (passes, string) {
	if nested, err := parseConditions(text); err == nil {
		if exists && f.nested == nil {
			return none, fmt.Sprintf("completions have no fields in %s", name)
		}
		return filterPasses(nested, f.nested, name+".")
	}
	var alternatives []json.RawMessage
	if json.Unmarshal(text, &alternatives) != nil {
		return some, ""
	}
	result := none
	for _, alternative := range alternatives {
		result = max(result, f.matches(alternative, exists))
	}
	if result == some && f.matchAll(alternatives) {
		result = all
	}
	switch {
	case result != none:
		return result, ""
	case !exists:
		return none, fmt.Sprintf("completions have no field %s", name)
	case f.nested != nil:
		return none, fmt.Sprintf("%s of completions is an object", name)
	case f.number:
		return none, fmt.Sprintf("%s of completions is a number", name)
	case f.values != nil:
		return none, fmt.Sprintf("%s of completions is one of %s", name, strings.Join(f.values, ", "))
	}
	return none, fmt.Sprintf("no %s of completions is like that", name)
}

// test is an alternative that is an object.
type test struct {
	Exists      *bool           `json:"exists"`
	Prefix      *string         `json:"prefix"`
	Suffix      *string         `json:"suffix"`
	EqualsFold  *string         `json:"equals-ignore-case"`
	Wildcard    *string         `json:"wildcard"`
	AnythingBut json.RawMessage `json:"anything-but"`
	Numeric     json.RawMessage `json:"numeric"`
}

// matches reports of how many values of the field one alternative is true. Of an alternative that
// is not known it may be some.
func (f field) matches(alternative json.RawMessage, exists bool) passes {
	var value any
	if json.Unmarshal(alternative, &value) != nil {
		return some
	}
	var t test
	members, isObject := value.(map[string]any)
	if isObject && (len(members) != 1 || json.Unmarshal(alternative, &t) != nil) {
		return some
	}
	if t.Exists != nil {
		switch {
		case exists && f.optional, exists && f.nested != nil:
			return some
		case *t.Exists == exists:
			return all
		}
		return none
	}
	if !exists || f.nested != nil {
		return none
	}
	number, isNumber := value.(float64)
	text, isText := value.(string)
	switch {
	case f.number:
		return passesIf(isNumber && number >= 0 || t.Numeric != nil || t.AnythingBut != nil)
	case t.Numeric != nil, isNumber, value == nil:
		return none
	case isText:
		return f.matchesText(func(v string) bool { return v == text }, text)
	case t.Prefix != nil:
		return f.matchesText(func(v string) bool { return strings.HasPrefix(v, *t.Prefix) }, *t.Prefix)
	case t.Suffix != nil:
		return f.matchesText(func(v string) bool { return strings.HasSuffix(v, *t.Suffix) }, *t.Suffix)
	case t.EqualsFold != nil:
		return f.matchesText(func(v string) bool { return strings.EqualFold(v, *t.EqualsFold) }, *t.EqualsFold)
	case t.Wildcard != nil:
		matches := func(v string) bool { ok, err := path.Match(*t.Wildcard, v); return ok && err == nil }
		return f.matchesText(matches, strings.ReplaceAll(*t.Wildcard, "*", ""))
	case t.AnythingBut != nil:
		return f.matchesAnythingBut(t.AnythingBut)
	}
	return passesIf(isObject)
}

// matchAll reports whether each value that the field may have matches one of the alternatives.
func (f field) matchAll(alternatives []json.RawMessage) bool {
	return f.values != nil && !slices.ContainsFunc(f.values, func(value string) bool {
		return !slices.ContainsFunc(alternatives, func(alternative json.RawMessage) bool {
			return field{values: []string{value}}.matches(alternative, true) == all
		})
	})
}

func passesIf(possible bool) passes {
	if possible {
		return some
	}
	return none
}

// matchesText counts the values that match; part is text that a value has then.
func (f field) matchesText(matches func(string) bool, part string) passes {
	if f.values == nil {
		return passesIf(f.form.MatchString(part))
	}
	matching := 0
	for _, value := range f.values {
		if matches(value) {
			matching++
		}
	}
	switch {
	case matching == 0:
		return none
	case matching == len(f.values):
		return all
	}
	return some
}

// matchesAnythingBut is true of the values that match none of the excluded texts.
func (f field) matchesAnythingBut(excluded json.RawMessage) passes {
	var texts []json.RawMessage
	if json.Unmarshal(excluded, &texts) != nil {
		texts = []json.RawMessage{excluded}
	}
	if f.values == nil {
		return some
	}
	isUnclear := false
	left := slices.DeleteFunc(slices.Clone(f.values), func(value string) bool {
		return slices.ContainsFunc(texts, func(text json.RawMessage) bool {
			matching := field{values: []string{value}}.matches(text, true)
			isUnclear = isUnclear || matching == some
			return matching == all
		})
	})
	switch {
	case len(left) == 0:
		return none
	case len(left) == len(f.values) && !isUnclear:
		return all
	}
	return some
}
