// Package template reads CloudFormation templates and replaces their intrinsic functions by values.
//
// A value that templates do not have, such as a parameter without a default, becomes a placeholder:
// ${Name}. Whoever compares values can see by it what is not known.
package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxNodes limits what aliases of YAML can become.
const maxNodes = 1_000_000

// document is a template as it is written, with the long forms of intrinsic functions.
type document struct {
	Transform  any
	Globals    map[string]any // of SAM
	Parameters map[string]parameter
	Mappings   map[string]any
	Conditions map[string]any
	Resources  map[string]any
	Outputs    map[string]output
}

type parameter struct {
	Type    string
	Default any
}

type output struct {
	Value     any
	Condition string
	Export    struct{ Name any }
}

// parse reads a template in JSON or YAML.
func parse(text []byte) (*document, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	tree, err := parseJSON(text)
	if err != nil {
		var yamlErr error
		if tree, yamlErr = parseYAML(text); yamlErr != nil {
			if isJSON(text) {
				return nil, err
			}
			return nil, yamlErr
		}
	}
	root, ok := tree.(map[string]any)
	if !ok {
		return nil, errors.New("not a template: it is not an object")
	}
	if resources, ok := root["Resources"].(map[string]any); !ok || len(resources) == 0 {
		return nil, errors.New("not a template: it has no Resources")
	}
	d := &document{}
	// Other sections are of no use, and may have any form.
	known := make(map[string]any)
	for _, name := range []string{"Transform", "Globals", "Parameters", "Mappings", "Conditions", "Resources", "Outputs"} {
		known[name] = root[name]
	}
	plain, err := json.Marshal(known)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(plain))
	decoder.UseNumber()
	if err := decoder.Decode(d); err != nil {
		return nil, fmt.Errorf("not a template: %w", err)
	}
	return d, nil
}

func isJSON(text []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) }

func parseJSON(text []byte) (any, error) {
	if !isJSON(text) {
		return nil, errors.New("not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows the JSON object")
	}
	return tree, nil
}

func parseYAML(text []byte) (any, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	if len(root.Content) == 0 {
		return nil, errors.New("not a template: it is empty")
	}
	r := &yamlReader{left: maxNodes}
	tree := r.value(root.Content[0])
	if r.left <= 0 {
		return nil, errors.New("not a template: its aliases make it too large")
	}
	return tree, nil
}

type yamlReader struct{ left int }

// value is a node with the short form of an intrinsic function, such as !Ref, made long.
func (r *yamlReader) value(n *yaml.Node) any {
	plain := r.plain(n)
	name, isShort := strings.CutPrefix(n.Tag, "!")
	if !isShort || name == "" || strings.HasPrefix(name, "!") {
		return plain
	}
	switch name {
	case "Ref", "Condition":
	case "GetAtt":
		name = "Fn::" + name
		if text, ok := plain.(string); ok {
			id, attribute, _ := strings.Cut(text, ".")
			plain = []any{id, attribute}
		}
	default:
		name = "Fn::" + name
	}
	return map[string]any{name: plain}
}

func (r *yamlReader) plain(n *yaml.Node) any {
	if r.left--; r.left <= 0 {
		return nil
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.value(n.Alias)
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = r.value(item)
		}
		return list
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = r.value(n.Content[i+1])
		}
		return object
	}
	return scalar(n)
}

// scalar keeps dates and numbers as they are written: an account's id may begin with 0.
func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var value bool
		if n.Decode(&value) == nil {
			return value
		}
	}
	return n.Value
}
