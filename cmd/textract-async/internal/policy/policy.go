// Package policy answers fixed questions about IAM policies: may this principal take this action on
// this resource.
//
// It is not an evaluator of IAM. It knows the elements and condition operators that policies of
// queues, topics, keys and roles usually have, and answers Unsure as soon as a statement that could
// decide has anything else: NotPrincipal, a policy variable, another operator, a condition key
// whose value is not known. It does not see organization policies (SCP, RCP), session policies, VPC
// endpoint policies or KMS grants.
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Document is the text of one policy.
type Document struct {
	// Name is the document's name in findings.
	Name       string
	statements []statement
}

// Parse reads a policy. A part that is malformed makes its statement one that cannot be judged;
// Parse never fails.
func Parse(name, text string) Document {
	document := Document{Name: name}
	policy, err := parseObject([]byte(text))
	if err != nil {
		return Unreadable(name, "it is "+err.Error())
	}
	for element := range policy {
		if !slices.Contains([]string{"Version", "Id", "Statement"}, element) {
			return Unreadable(name, fmt.Sprintf("it has the element %q", element))
		}
	}
	for i, raw := range oneOrMore(policy["Statement"]) {
		document.statements = append(document.statements, parseStatement(i, raw))
	}
	return document
}

// Unreadable is a document whose text is not known: it may allow or deny anything.
func Unreadable(name, why string) Document {
	return Document{Name: name, statements: []statement{{unknown: why}}}
}

// Unresolved is a document that a template does not have. One that allows only denies nothing.
func Unresolved(name, why string, allowsOnly bool) Document {
	return Document{Name: name, statements: []statement{{unknown: why, unresolved: true, allowsOnly: allowsOnly}}}
}

// AllowAll is a document that allows everything, such as the root user has.
func AllowAll(name string) Document {
	return Parse(name, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`)
}

// statement is a statement as it is written. Elements that are absent are nil.
type statement struct {
	name       string
	unknown    string // why the statement cannot be judged at all, or ""
	unresolved bool   // whether that is because a template does not have it
	allowsOnly bool   // whether what is unknown denies nothing

	effect                     string
	principal                  map[string][]string // by their type
	hasPrincipal, notPrincipal bool
	action, notAction          []string
	resource, notResource      []string
	conditions                 []condition
}

type condition struct {
	operator, key string
	values        []string
}

func (c condition) String() string {
	return c.operator + " " + c.key + " " + strings.Join(c.values, ", ")
}

func parseStatement(index int, raw json.RawMessage) statement {
	s := statement{name: fmt.Sprintf("statement %d", index+1)}
	elements, err := parseObject(raw)
	if err != nil {
		s.unknown = "it is " + err.Error()
		// In place of a statement that a template does not have is a text that says so.
		if json.Unmarshal(raw, &s.unknown) == nil {
			s.unresolved = HasPlaceholder(s.unknown)
		}
		return s
	}
	for element, value := range elements {
		var err error
		switch element {
		case "Sid":
			var sid string
			if err = json.Unmarshal(value, &sid); sid != "" {
				s.name += " (" + sid + ")"
			}
		case "Effect":
			err = json.Unmarshal(value, &s.effect)
			if s.effect != "Allow" && s.effect != "Deny" {
				err = errors.New("neither Allow nor Deny")
			}
		case "Principal":
			s.hasPrincipal = true
			s.principal, err = parsePrincipal(value)
		case "NotPrincipal":
			s.notPrincipal = true
		case "Action":
			s.action, err = parseStrings(value)
		case "NotAction":
			s.notAction, err = parseStrings(value)
		case "Resource":
			s.resource, err = parseStrings(value)
		case "NotResource":
			s.notResource, err = parseStrings(value)
		case "Condition":
			s.conditions, err = parseConditions(value)
		default:
			err = errors.New("not an element of a policy")
		}
		if err != nil {
			s.unknown = fmt.Sprintf("%s: %v", element, err)
		}
	}
	switch {
	case s.unknown != "":
	case s.effect == "":
		s.unknown = "it has no Effect"
	case (s.action == nil) == (s.notAction == nil):
		s.unknown = "it has not one of Action and NotAction"
	case s.resource != nil && s.notResource != nil:
		s.unknown = "it has both Resource and NotResource"
	case s.hasPrincipal && s.notPrincipal:
		s.unknown = "it has both Principal and NotPrincipal"
	}
	return s
}

// parseObject returns the members of a JSON object. Two members with one name are an error: which
// of them counts is not defined.
func parseObject(raw []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil || members == nil {
		return nil, errors.New("not a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, _ = decoder.Token() // Unmarshal has seen that raw is an object
	for range members {
		_, _ = decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
	}
	if decoder.More() {
		return nil, errors.New("a JSON object with two members of one name")
	}
	return members, nil
}

// oneOrMore returns the elements of an array, or the one value that is not an array.
func oneOrMore(raw json.RawMessage) []json.RawMessage {
	if len(raw) == 0 {
		return nil
	}
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) == nil && many != nil {
		return many
	}
	return []json.RawMessage{raw}
}

func parseStrings(raw json.RawMessage) ([]string, error) {
	values := oneOrMore(raw)
	if len(values) == 0 {
		return nil, errors.New("an empty list")
	}
	texts := make([]string, len(values))
	for i, value := range values {
		var text *string
		if err := json.Unmarshal(value, &text); err != nil || text == nil {
			return nil, errors.New("neither a string nor a list of strings")
		}
		texts[i] = *text
	}
	return texts, nil
}

// parsePrincipal returns the principals by their type. The type of "*" is AWS, which is the same.
func parsePrincipal(raw json.RawMessage) (map[string][]string, error) {
	var everybody string
	if json.Unmarshal(raw, &everybody) == nil {
		if everybody != "*" {
			return nil, errors.New(`a string other than "*"`)
		}
		return map[string][]string{"AWS": {"*"}}, nil
	}
	types, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	if len(types) == 0 {
		return nil, errors.New("an empty object")
	}
	principal := make(map[string][]string)
	for kind, value := range types {
		values, err := parseStrings(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		principal[kind] = values
	}
	return principal, nil
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	operators, err := parseObject(raw)
	if err != nil {
		return nil, err
	}
	var conditions []condition
	for operator, raw := range operators {
		keys, err := parseObject(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", operator, err)
		}
		for key, value := range keys {
			c := condition{operator: operator, key: key}
			for _, raw := range oneOrMore(value) {
				text, err := parseScalar(raw)
				if err != nil {
					return nil, fmt.Errorf("%s %s: %w", operator, key, err)
				}
				c.values = append(c.values, text)
			}
			conditions = append(conditions, c)
		}
	}
	slices.SortFunc(conditions, func(a, b condition) int { return strings.Compare(a.String(), b.String()) })
	return conditions, nil
}

// parseScalar takes strings, and true, false and numbers, which IAM takes for strings.
func parseScalar(raw json.RawMessage) (string, error) {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return "", err
	}
	switch value := value.(type) {
	case string:
		return value, nil
	case bool, json.Number:
		return fmt.Sprint(value), nil
	}
	return "", errors.New("a value that is not a string")
}
