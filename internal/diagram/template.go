package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/fnsub"
)

// template is what the pictures need of a CloudFormation template.
type template struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
}

func readTemplate(path string) (template, error) {
	var t template
	text, err := os.ReadFile(path)
	if err != nil {
		return t, err
	}
	if err := json.Unmarshal(text, &t); err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// ofType returns the logical ids of a type, sorted, so that a picture is the same on every run.
func (t template) ofType(kind string) []string {
	var ids []string
	for id, r := range t.Resources {
		if r.Type == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// references returns the resources that a value refers to, in the order of the value.
func (t template) references(value any) []string {
	var found []string
	add := func(id any) {
		name, _ := id.(string)
		if _, ok := t.Resources[name]; ok && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	walk(value, func(function string, argument any) {
		switch function {
		case "Ref":
			add(argument)
		case "Fn::GetAtt":
			if parts := list(argument); len(parts) > 0 {
				add(parts[0])
			}
		case "Fn::Join":
			add(t.topicOf(fnsub.Flatten(map[string]any{function: argument})))
		}
	})
	return found
}

// topicOf returns the topic that an ARN names, because policies refer to the construct's topic by its name.
func (t template) topicOf(arn any) string {
	for _, id := range t.ofType("AWS::SNS::Topic") {
		name, ok := t.Resources[id].Properties["TopicName"].(string)
		if text, _ := arn.(string); ok && strings.HasSuffix(text, ":"+name) {
			return id
		}
	}
	return ""
}

func walk(value any, visit func(key string, value any)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			visit(key, v[key])
			walk(v[key], visit)
		}
	case []any:
		for _, element := range v {
			walk(element, visit)
		}
	}
}

// at follows the keys into a value; nil where there is no such key.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// list is the value as a list: IAM writes a list of one without brackets.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// statement is one statement of an IAM policy.
type statement struct {
	effect, principal string // of a service
	actions           []string
	resources         any
	condition         any
}

func statements(document any) []statement {
	var all []statement
	for _, s := range list(at(document, "Statement")) {
		one := statement{resources: at(s, "Resource"), condition: at(s, "Condition")}
		one.effect, _ = at(s, "Effect").(string)
		one.principal, _ = at(s, "Principal", "Service").(string)
		for _, action := range list(at(s, "Action")) {
			one.actions = append(one.actions, fmt.Sprint(action))
		}
		all = append(all, one)
	}
	return all
}
