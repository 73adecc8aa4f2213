package template

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cdk-textract/textractasync/cmd/textract-async/internal/policy"
)

// noValue is AWS::NoValue: the property or element is absent.
type noValue struct{}

// IsUnknown reports whether a part of the value is not known.
func IsUnknown(text string) bool { return policy.HasPlaceholder(text) }

// Unknown is the placeholder of a value that is not known. Its name cannot be taken for a part of
// an ARN, nor for a policy variable.
func Unknown(name string) string {
	return "${" + strings.NewReplacer("::", ".", ":", ".", "/", ".", "${", "", "{", "", "}", "", "*", "", "?", "").Replace(name) + "}"
}

func (s *Stack) unknown(name string) string {
	if len(s.set.Stacks) > 1 {
		name = s.Name + "." + name
	}
	return Unknown(name)
}

// Get is a resolved property, or nil where it is absent.
func (r *Resource) Get(property string) any {
	value, ok := r.resolved[property]
	if !ok {
		value = r.Stack.Resolve(r.Properties[property])
		r.resolved[property] = value
	}
	return value
}

// Text is a resolved property as text, empty where it is absent.
func (r *Resource) Text(property string) string { return Text(r.Get(property)) }

// List is a resolved property that is a list, or one item of it.
func (r *Resource) List(property string) []any { return List(r.Get(property)) }

// Texts are the items of a list that are text.
func (r *Resource) Texts(property string) []string {
	var texts []string
	for _, item := range r.List(property) {
		if text := Text(item); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// Text is a scalar as text, and anything else as JSON.
func Text(value any) string {
	switch value := value.(type) {
	case nil:
		return ""
	case string:
		return value
	case bool, json.Number:
		return fmt.Sprint(value)
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// List is what may be written without a list.
func List(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	}
	return []any{value}
}

// Resolve replaces every intrinsic function in a part of the template by its value.
func (s *Stack) Resolve(value any) any {
	resolved := s.resolve(value)
	if resolved == (noValue{}) {
		return nil
	}
	return resolved
}

func (s *Stack) resolve(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(value); ok {
			return s.call(name, argument)
		}
		object := make(map[string]any, len(value))
		for key, item := range value {
			if resolved := s.resolve(item); resolved != (noValue{}) {
				object[key] = resolved
			}
		}
		return object
	case []any:
		list := make([]any, 0, len(value))
		for _, item := range value {
			if resolved := s.resolve(item); resolved != (noValue{}) {
				list = append(list, resolved)
			}
		}
		return list
	}
	return value
}

// intrinsic returns the one member of an object that is an intrinsic function.
func intrinsic(object map[string]any) (name string, argument any, ok bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for name, argument := range object {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument, true
		}
	}
	return "", nil, false
}

// call is the value of an intrinsic function.
func (s *Stack) call(name string, argument any) any {
	switch name {
	case "Ref":
		return s.ref(Text(s.resolve(argument)))
	case "Fn::GetAtt":
		return s.getAtt(argument)
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::If":
		return s.branch(argument)
	}
	list, isList := s.resolve(argument).([]any)
	known := any(nil)
	switch {
	case name == "Fn::Join" && isList && len(list) == 2:
		known = join(list)
	case name == "Fn::Split" && isList && len(list) == 2:
		known = split(list)
	case name == "Fn::Select" && isList && len(list) == 2:
		known = choose(list)
	case name == "Fn::FindInMap" && isList && len(list) >= 3:
		known = s.findInMap(list)
	case name == "Fn::ImportValue":
		known = s.imported(Text(s.resolve(argument)))
	case name == "Fn::GetStackOutput":
		known = s.stackOutput(s.resolve(argument))
	case name == "Fn::ToJsonString":
		known = Text(s.resolve(argument))
	case name == "Fn::Length" && isList:
		known = json.Number(strconv.Itoa(len(list)))
	}
	if known == nil {
		return s.unknown(strings.TrimPrefix(name, "Fn::") + " " + Text(s.resolve(argument)))
	}
	return known
}

func join(list []any) any {
	parts, ok := list[1].([]any)
	if !ok {
		return nil
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = Text(part)
	}
	return strings.Join(texts, Text(list[0]))
}

func split(list []any) any {
	text, ok := list[1].(string)
	if !ok {
		return nil
	}
	var parts []any
	for _, part := range strings.Split(text, Text(list[0])) {
		parts = append(parts, part)
	}
	return parts
}

func choose(list []any) any {
	i, err := strconv.Atoi(Text(list[0]))
	items, ok := list[1].([]any)
	if err != nil || !ok || i < 0 || i >= len(items) {
		return nil
	}
	return items[i]
}

func (s *Stack) findInMap(list []any) any {
	value := any(s.document.Mappings)
	for _, key := range list[:3] {
		object, ok := value.(map[string]any)
		if !ok {
			value = nil
			break
		}
		value = object[Text(key)]
	}
	if value == nil && len(list) > 3 {
		if options, ok := list[3].(map[string]any); ok {
			return options["DefaultValue"]
		}
	}
	return value
}

// imported is the value of an export of another stack.
func (s *Stack) imported(name string) any {
	for _, other := range s.set.Stacks {
		for id, output := range other.document.Outputs {
			if output.Export.Name != nil && Text(other.resolve(output.Export.Name)) == name {
				return other.output(id)
			}
		}
	}
	return nil
}

// stackOutput is the CDK's reference to a stack in another Region.
func (s *Stack) stackOutput(argument any) any {
	named, _ := argument.(map[string]any)
	for _, other := range s.set.Stacks {
		if other.Name == Text(named["StackName"]) {
			return other.output(Text(named["OutputName"]))
		}
	}
	return nil
}

func (s *Stack) output(name string) any {
	output, ok := s.document.Outputs[name]
	if !ok || s.busy["output "+name] {
		return nil
	}
	s.busy["output "+name] = true
	defer delete(s.busy, "output "+name)
	return s.Resolve(output.Value)
}

// UsedElsewhere are the values of exports that no stack of the set imports, and what nested stacks
// get whose templates are not there: these stacks may add to what the values name.
func (s *Set) UsedElsewhere() []string {
	imports := make(map[string]bool)
	for _, stack := range s.Stacks {
		stack.findImports(stack.document.Resources, imports)
		for _, output := range stack.document.Outputs {
			stack.findImports(output.Value, imports)
		}
	}
	var values []string
	for _, stack := range s.Stacks {
		for _, id := range slices.Sorted(maps.Keys(stack.document.Outputs)) {
			if name := stack.document.Outputs[id].Export.Name; name != nil && !imports[Text(stack.Resolve(name))] {
				values = append(values, Text(stack.output(id)))
			}
		}
	}
	for _, r := range s.All(nestedTypes...) {
		parameters, _ := r.Properties["Parameters"].(map[string]any)
		for _, value := range parameters {
			if r.Stack.nested[r.ID] == nil {
				values = append(values, Text(r.Stack.Resolve(value)))
			}
		}
	}
	return values
}

func (s *Stack) findImports(value any, imports map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, item := range value {
			if name == "Fn::ImportValue" {
				imports[Text(s.Resolve(item))] = true
			}
			s.findImports(item, imports)
		}
	case []any:
		for _, item := range value {
			s.findImports(item, imports)
		}
	}
}

var (
	variable      = regexp.MustCompile(`\$\{(!?)([^{}]*)\}`)
	inlineDynamic = regexp.MustCompile(`\{\{resolve:([^{}]*)\}\}`)
)

func (s *Stack) sub(argument any) any {
	var own map[string]any
	if list, ok := argument.([]any); ok && len(list) == 2 {
		argument = list[0]
		own, _ = list[1].(map[string]any)
	}
	text, ok := argument.(string)
	if !ok {
		return nil
	}
	return variable.ReplaceAllStringFunc(text, func(match string) string {
		parts := variable.FindStringSubmatch(match)
		name := strings.TrimSpace(parts[2])
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		if value, ok := own[name]; ok {
			return Text(s.Resolve(value))
		}
		if id, attribute, hasAttribute := strings.Cut(name, "."); hasAttribute {
			return Text(s.getAtt([]any{id, attribute}))
		}
		value := s.ref(name)
		if value == (noValue{}) {
			return ""
		}
		return Text(value)
	})
}

// branch is Fn::If. Of a condition that is not known, the branches may agree.
func (s *Stack) branch(argument any) any {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return s.unknown("If")
	}
	name := Text(list[0])
	switch s.condition(name) {
	case yes:
		return s.resolve(list[1])
	case no:
		return s.resolve(list[2])
	}
	left, right := s.resolve(list[1]), s.resolve(list[2])
	if Text(left) == Text(right) {
		return left
	}
	// Two branches of one condition are two values.
	sum := sha256.Sum256([]byte(Text(left) + "\n" + Text(right)))
	return s.unknown(fmt.Sprintf("If %s %x", name, sum[:3]))
}

func (s *Stack) ref(name string) any {
	switch name {
	case "AWS::Partition":
		return s.Env.Partition
	case PseudoRegion:
		return s.Env.Region
	case PseudoAccount:
		return s.Env.Account
	case "AWS::StackName":
		return s.Name
	case "AWS::URLSuffix":
		if s.Env.Partition == "aws-cn" {
			return "amazonaws.com.cn"
		}
		return "amazonaws.com"
	case "AWS::NoValue":
		return noValue{}
	}
	if parameter, ok := s.document.Parameters[name]; ok {
		return s.parameter(name, parameter)
	}
	return s.physical(name).ref
}

func (s *Stack) parameter(name string, p parameter) any {
	value, given := s.parameters[name]
	if lazy, ok := value.(func() any); ok {
		if s.busy["parameter "+name] {
			return s.unknown(name)
		}
		s.busy["parameter "+name] = true
		value = lazy()
		delete(s.busy, "parameter "+name)
		s.parameters[name] = value
	}
	// The default of a parameter from Systems Manager is the name of what has the value.
	if !given && p.Default != nil && !strings.HasPrefix(p.Type, "AWS::SSM::") {
		value = p.Default
	}
	if value == nil {
		return s.unknown(name)
	}
	if text := Text(value); p.Type == "CommaDelimitedList" || strings.HasPrefix(p.Type, "List<") {
		if list, ok := value.([]any); ok {
			return list
		}
		var items []any
		for _, item := range strings.Split(text, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		return items
	}
	if text, ok := value.(string); ok && inlineDynamic.MatchString(text) {
		return s.unknown(name)
	}
	return value
}

func (s *Stack) getAtt(argument any) any {
	var id, attribute string
	switch argument := argument.(type) {
	case string:
		id, attribute, _ = strings.Cut(argument, ".")
	case []any:
		if len(argument) == 2 {
			id, attribute = Text(s.resolve(argument[0])), Text(s.resolve(argument[1]))
		}
	}
	if nested, ok := s.nested[id]; ok {
		if name, isOutput := strings.CutPrefix(attribute, "Outputs."); isOutput {
			if value := nested.output(name); value != nil {
				return value
			}
		}
	}
	if value, ok := s.physical(id).attributes[attribute]; ok {
		return value
	}
	return s.unknown(id + "." + attribute)
}

// truth is the value of a condition.
type truth int

const (
	no truth = iota
	maybe
	yes
)

func (s *Stack) condition(name string) truth {
	if known, ok := s.conditions[name]; ok {
		return known
	}
	s.conditions[name] = maybe // against circles
	result := s.holds(s.document.Conditions[name])
	s.conditions[name] = result
	return result
}

func (s *Stack) holds(value any) truth {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return maybe
	}
	for name, argument := range object {
		list := List(argument)
		switch name {
		case "Condition":
			return s.condition(Text(argument))
		case "Fn::Not":
			if len(list) == 1 {
				return yes - s.holds(list[0])
			}
		case "Fn::And", "Fn::Or":
			result := no
			if name == "Fn::And" {
				result = yes
			}
			for _, item := range list {
				if name == "Fn::And" {
					result = min(result, s.holds(item))
				} else {
					result = max(result, s.holds(item))
				}
			}
			return result
		case "Fn::Equals":
			if len(list) == 2 {
				left, right := Text(s.resolve(list[0])), Text(s.resolve(list[1]))
				switch {
				case left == right:
					return yes
				case IsUnknown(left) || IsUnknown(right):
					return maybe
				}
				return no
			}
		}
	}
	return maybe
}
