// Package fnsub writes the intrinsic functions of a CloudFormation template as Fn::Sub does:
// ${Topic}, ${Queue.Arn}.
package fnsub

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Flatten replaces every intrinsic function in a resolved value by text: {"Ref": "AWS::Region"}
// becomes "${AWS::Region}". A function without a form in Fn::Sub keeps its name:
// {"Fn::ImportValue": "X"} becomes "${Fn::ImportValue X}".
func Flatten(value any) any {
	switch v := value.(type) {
	case map[string]any:
		if text, ok := intrinsic(v); ok {
			return text
		}
		flat := maps.Clone(v)
		for key := range flat {
			flat[key] = Flatten(flat[key])
		}
		return flat
	case []any:
		flat := make([]any, len(v))
		for i := range v {
			flat[i] = Flatten(v[i])
		}
		return flat
	default:
		return value
	}
}

func intrinsic(v map[string]any) (string, bool) {
	if len(v) != 1 {
		return "", false
	}
	for name, argument := range v {
		switch {
		case name == "Ref":
			return fmt.Sprintf("${%v}", argument), true
		case name == "Fn::GetAtt":
			return "${" + join(argument, ".") + "}", true
		case name == "Fn::Join":
			return joined(argument)
		case strings.HasPrefix(name, "Fn::"):
			return fmt.Sprintf("${%s %s}", name, join(argument, " ")), true
		}
	}
	return "", false
}

// joined is the text of a Fn::Join.
func joined(argument any) (string, bool) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return "", false
	}
	return join(parts[1], fmt.Sprint(parts[0])), true
}

func join(argument any, separator string) string {
	var list []any
	switch v := argument.(type) {
	case []any:
		list = v
	case map[string]any: // named arguments, in the order of their names
		for _, name := range slices.Sorted(maps.Keys(v)) {
			list = append(list, v[name])
		}
	default:
		return fmt.Sprint(argument)
	}
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = fmt.Sprint(Flatten(list[i]))
	}
	return strings.Join(texts, separator)
}
