// Package equivalence tells whether two templates make the same resources: the same types with the same properties, whatever
// their logical ids and names. What policies allow is compared apart, statement by statement.
package equivalence

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Template is a template of CloudFormation, as the CDK writes it.
type Template struct {
	Resources map[string]Resource
	Outputs   map[string]map[string]any
}

// Resource is a resource of a template.
type Resource struct {
	Type                string
	Properties          map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// What the CDK adds to tell AWS which constructs are used, and in which language. It makes nothing.
const usageReport = "AWS::CDK::Metadata"

// Load reads a template.
func Load(path string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var t Template
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	maps.DeleteFunc(t.Resources, func(_ string, r Resource) bool { return r.Type == usageReport })
	if len(t.Resources) == 0 {
		return nil, fmt.Errorf("%s: no resources", path)
	}
	return &t, nil
}

// What the stacks are free to choose.
var names = []string{"TopicName", "PolicyName"}

// What is compared statement by statement.
var policies = []string{"PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument"}

// naming spells what a template refers to. A resource whose id is the other template's as well goes by it, and what refers to it
// must then be the same on both sides; any other resource goes by its type.
type naming struct {
	labels map[string]string
	topics map[string]string // their ids by the ARN, which some write out
}

func newNaming(t, other *Template) *naming {
	n := &naming{labels: map[string]string{}, topics: map[string]string{}}
	for id, r := range t.Resources {
		n.labels[id] = r.Type
		if other.Resources[id].Type == r.Type {
			n.labels[id] = id
		}
		if name, ok := r.Properties["TopicName"].(string); ok {
			n.topics["arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:"+name] = id
		}
	}
	return n
}

// properties are those that are compared as they are.
func (n *naming) properties(r Resource) map[string]any {
	kept := map[string]any{"DeletionPolicy": r.DeletionPolicy, "UpdateReplacePolicy": r.UpdateReplacePolicy}
	for name, value := range r.Properties {
		if !slices.Contains(names, name) && !slices.Contains(policies, name) {
			kept[name] = n.value(value)
		}
	}
	return kept
}

// value replaces references by labels and functions by text, so that one thing has one spelling.
func (n *naming) value(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := n.function(v); ok {
			return n.spell(text)
		}
		replaced := map[string]any{}
		for key, inner := range v {
			replaced[key] = n.value(inner)
		}
		return replaced
	case []any:
		if len(v) == 1 {
			return n.value(v[0]) // IAM knows no difference
		}
		replaced := make([]any, len(v))
		for i, inner := range v {
			replaced[i] = n.value(inner)
		}
		return replaced
	default:
		return v
	}
}

func (n *naming) spell(text string) string {
	if id, known := n.topics[text]; known {
		return n.label(id)
	}
	return text
}

// function writes the functions of CloudFormation that templates of the CDK use as Fn::Sub would.
func (n *naming) function(v map[string]any) (string, bool) {
	if len(v) != 1 {
		return "", false
	}
	if id, ok := v["Ref"].(string); ok {
		return n.label(id), true
	}
	if attribute, ok := v["Fn::GetAtt"].([]any); ok {
		return n.label(fmt.Sprint(attribute[0])) + "." + fmt.Sprint(attribute[1]), true
	}
	if join, ok := v["Fn::Join"].([]any); ok {
		var parts []string
		for _, part := range join[1].([]any) {
			parts = append(parts, fmt.Sprint(n.value(part)))
		}
		return strings.Join(parts, fmt.Sprint(join[0])), true
	}
	return "", false
}

func (n *naming) label(id string) string {
	if label, ok := n.labels[id]; ok {
		return "${" + label + "}"
	}
	return "${" + id + "}" // a pseudo parameter
}

// encode spells a value in one way: encoding/json sorts keys.
func encode(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Errorf("encoding what was decoded before: %w", err))
	}
	return strings.TrimSpace(text.String())
}
