package proof

import (
	"fmt"
	"regexp"
	"strings"
)

// resolve replaces every intrinsic function by its value. One that it does not know is an error: a guess would prove nothing.
func (s *Stack) resolve(value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			return s.call(name, argument)
		}
		resolved := make(map[string]any, len(v))
		for key, item := range v {
			r, err := s.resolve(item)
			if err != nil {
				return nil, err
			}
			resolved[key] = r
		}
		return resolved, nil
	case []any:
		resolved := make([]any, len(v))
		for i, item := range v {
			r, err := s.resolve(item)
			if err != nil {
				return nil, err
			}
			resolved[i] = r
		}
		return resolved, nil
	default:
		return value, nil
	}
}

func intrinsic(value map[string]any) (name string, argument any, ok bool) {
	if len(value) != 1 {
		return "", nil, false
	}
	for key, item := range value {
		name, argument = key, item
	}
	return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
}

func (s *Stack) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		return s.ref(argument)
	case "Fn::GetAtt":
		return s.getAtt(argument)
	case "Fn::Join":
		return s.join(argument)
	case "Fn::Sub":
		return s.sub(argument)
	case "Fn::ImportValue":
		return s.importValue(argument)
	case "Fn::GetStackOutput":
		return s.getStackOutput(argument)
	default:
		return nil, fmt.Errorf("stack %s: %s is an intrinsic function that the proof does not know: teach resolve.go", s.Name, name)
	}
}

func (s *Stack) ref(argument any) (string, error) {
	id, ok := argument.(string)
	if !ok {
		return "", fmt.Errorf("stack %s: Ref of %v: want a string", s.Name, argument)
	}
	if strings.HasPrefix(id, "AWS::") {
		return s.pseudoParameter(id)
	}
	p, err := s.physicalOf(id)
	return p.ref, err
}

func (s *Stack) pseudoParameter(name string) (string, error) {
	switch name {
	case "AWS::Partition":
		return s.Env.Partition, nil
	case "AWS::Region":
		return s.Env.Region, nil
	case "AWS::AccountId":
		return s.Env.Account, nil
	default:
		return "", fmt.Errorf("stack %s: %s is a pseudo parameter that the proof does not know: teach resolve.go", s.Name, name)
	}
}

func (s *Stack) getAtt(argument any) (any, error) {
	parts, err := stringsOf(argument)
	if err != nil || len(parts) != 2 {
		return nil, fmt.Errorf("stack %s: Fn::GetAtt of %v: want a logical id and an attribute", s.Name, argument)
	}
	id, attribute := parts[0], parts[1]
	if nested, ok := s.nested[id]; ok {
		return nested.output(strings.TrimPrefix(attribute, "Outputs."))
	}
	p, err := s.physicalOf(id)
	if err != nil {
		return nil, err
	}
	value, ok := p.attributes[attribute]
	if !ok {
		return nil, fmt.Errorf("stack %s: %s has no attribute %s that the proof knows: teach physical.go", s.Name, id, attribute)
	}
	return value, nil
}

func (s *Stack) join(argument any) (string, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 {
		return "", fmt.Errorf("stack %s: Fn::Join of %v: want a separator and a list", s.Name, argument)
	}
	items, err := s.resolve(list[1])
	if err != nil {
		return "", err
	}
	parts, err := stringsOf(items)
	separator, ok := list[0].(string)
	if err != nil || !ok {
		return "", fmt.Errorf("stack %s: Fn::Join of %v: want strings", s.Name, argument)
	}
	return strings.Join(parts, separator), nil
}

var substitution = regexp.MustCompile(`\$\{([^}]*)\}`)

func (s *Stack) sub(argument any) (string, error) {
	text, ok := argument.(string)
	if !ok {
		return "", fmt.Errorf("stack %s: Fn::Sub of %v: want a string", s.Name, argument)
	}
	var failure error
	replaced := substitution.ReplaceAllStringFunc(text, func(match string) string {
		name := match[2 : len(match)-1]
		value, err := s.ref(name)
		if id, attribute, dotted := strings.Cut(name, "."); dotted {
			var got any
			got, err = s.getAtt([]any{id, attribute})
			value = fmt.Sprint(got)
		}
		if err != nil {
			failure = err
		}
		return value
	})
	return replaced, failure
}

func (s *Stack) importValue(argument any) (any, error) {
	for _, other := range s.assembly.Stacks {
		for name, o := range other.template.Outputs {
			if o.Export.Name == argument {
				return other.output(name)
			}
		}
	}
	return nil, fmt.Errorf("stack %s: Fn::ImportValue of %v: no stack exports it", s.Name, argument)
}

func (s *Stack) getStackOutput(argument any) (any, error) {
	resolved, err := s.resolve(argument)
	if err != nil {
		return nil, err
	}
	reference, _ := resolved.(map[string]any)
	for _, other := range s.assembly.Stacks {
		if other.Name != reference["StackName"] || other.Env.Region != reference["Region"] {
			continue
		}
		if name, ok := reference["OutputName"].(string); ok {
			return other.output(name)
		}
	}
	return nil, fmt.Errorf("stack %s: Fn::GetStackOutput of %v: no such stack", s.Name, argument)
}

func (s *Stack) output(name string) (any, error) {
	o, ok := s.template.Outputs[name]
	if !ok {
		return nil, fmt.Errorf("stack %s: no output %s", s.Name, name)
	}
	return s.resolve(o.Value)
}

// stringsOf takes a string or a list of strings, as templates and policies write one or several.
func stringsOf(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case []any:
		list := make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("%v is no string", item)
			}
			list[i] = text
		}
		return list, nil
	default:
		return nil, fmt.Errorf("%v is neither a string nor a list of strings", value)
	}
}
