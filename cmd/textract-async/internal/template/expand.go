package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const forEach = "Fn::ForEach::"

// expand writes Fn::ForEach out in a part of a template, as AWS::LanguageExtensions does. Where the
// collection is not known, the stack has more than the template shows.
func (s *Stack) expand(value any) any {
	switch value := value.(type) {
	case map[string]any:
		object := make(map[string]any, len(value))
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if !strings.HasPrefix(key, forEach) {
				object[key] = s.expand(value[key])
				continue
			}
			all, ok := s.loop(value[key])
			if !ok {
				s.addsMore(key)
			}
			maps.Copy(object, all)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = s.expand(item)
		}
		return list
	}
	return value
}

// loop is the members that a loop makes: of the list of its variable, the collection, and members
// with the variable in their keys.
func (s *Stack) loop(argument any) (all map[string]any, ok bool) {
	list, _ := argument.([]any)
	if len(list) != 3 || strings.Contains(fmt.Sprint(list[1]), "AWS::") { // pseudo parameters are not known yet
		return nil, false
	}
	collection, isList := s.resolve(list[1]).([]any)
	if !isList {
		return nil, false
	}
	all = make(map[string]any)
	for _, item := range collection {
		if IsUnknown(Text(item)) {
			return nil, false
		}
		members, isObject := s.expand(withVariable(list[2], Text(list[0]), Text(item))).(map[string]any)
		if !isObject {
			return nil, false
		}
		maps.Copy(all, members)
	}
	return all, true
}

// withVariable replaces the variable of a loop in keys, texts and Ref. In the form &{NAME}, a key
// has the value without what ids cannot have.
func withVariable(value any, name, text string) any {
	replace := strings.NewReplacer("${"+name+"}", text, "&{"+name+"}", strings.Map(alphanumeric, text)).Replace
	switch value := value.(type) {
	case string:
		return replace(value)
	case map[string]any:
		if function, argument, ok := intrinsic(value); ok && function == "Ref" && argument == name {
			return text
		}
		object := make(map[string]any, len(value))
		for key, item := range value {
			object[replace(key)] = withVariable(item, name, text)
		}
		return object
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			list[i] = withVariable(item, name, text)
		}
		return list
	}
	return value
}

func alphanumeric(r rune) rune {
	if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// addsMore records that something adds to the stack what the template does not show.
func (s *Stack) addsMore(what string) {
	if s.More == "" {
		s.More = what
	}
}

// findTransforms looks for macros, of which nobody knows what they make of the template.
func (s *Stack) findTransforms() {
	for _, item := range List(s.document.Transform) {
		name := Text(item)
		if object, ok := item.(map[string]any); ok {
			name = Text(object["Name"])
		}
		// Those of AWS write out what the template has, or add deployments and secrets.
		if !strings.HasPrefix(name, "AWS::") || name == "AWS::Include" {
			s.addsMore("transform " + name)
		}
	}
	if include, ok := s.document.Resources["Fn::Transform"].(map[string]any); ok {
		s.addsMore("transform " + Text(include["Name"]))
	}
	for id, value := range s.document.Resources {
		body, _ := value.(map[string]any)
		if body["Type"] == "AWS::Serverless::Connector" || body["Connectors"] != nil {
			s.addsMore("connector " + id) // policies between the resources that it connects
		}
	}
}

// withGlobals adds the settings that SAM's functions share: lists and objects are joined.
func (s *Stack) withGlobals(properties map[string]any) map[string]any {
	shared, _ := s.document.Globals["Function"].(map[string]any)
	merged, _ := merge(shared, properties).(map[string]any)
	return merged
}

func merge(shared, own any) any {
	switch own := own.(type) {
	case map[string]any:
		object, ok := shared.(map[string]any)
		if _, _, isFunction := intrinsic(own); !ok || isFunction {
			return own
		}
		merged := maps.Clone(object)
		if merged == nil {
			merged = make(map[string]any)
		}
		for key, value := range own {
			merged[key] = merge(object[key], value)
		}
		return merged
	case []any:
		if list, ok := shared.([]any); ok {
			return slices.Concat(list, own)
		}
	case nil:
		return shared
	}
	return own
}
