// Package proof asks an evaluator of IAM policies what the synthesized policies allow, and whether it would be noticed if one of
// them were any other.
package proof

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Environment is where a stack lives; each part is known, also where the template leaves it to a pseudo parameter.
type Environment struct {
	Partition, Region, Account string
}

// NewEnvironment derives the partition from the Region.
func NewEnvironment(account, region string) Environment {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	}
	return Environment{Partition: partition, Region: region, Account: account}
}

// Assembly is what an app synthesized to.
type Assembly struct {
	Stacks []*Stack
	// Annotations are the warnings and errors that constructs, or others about them, left.
	Annotations []Annotation
}

// Annotation is a message at a construct.
type Annotation struct {
	Path, Message string
}

// Stack is a template with what its intrinsic functions refer to.
type Stack struct {
	Name     string
	Env      Environment
	assembly *Assembly
	template template
	nested   map[string]*Stack // by the logical id of AWS::CloudFormation::Stack
}

type template struct {
	Resources map[string]resource
	Outputs   map[string]output
}

type resource struct {
	Type       string
	Properties map[string]any
	Metadata   map[string]any
}

type output struct {
	Value  any
	Export struct{ Name any }
}

type manifest struct {
	Artifacts map[string]struct {
		Type        string
		Environment string
		Properties  struct {
			TemplateFile  string
			StackName     string
			DirectoryName string
			File          string
		}
		Metadata               map[string][]metadata
		AdditionalMetadataFile string
	}
}

type metadata struct {
	Type string
	Data any
}

// LoadAssembly reads a cloud assembly. The environment stands for what the stacks leave open.
func LoadAssembly(dir string, open Environment) (*Assembly, error) {
	a := &Assembly{}
	return a, a.load(dir, open)
}

func (a *Assembly) load(dir string, open Environment) error {
	var m manifest
	if err := readJSON(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return err
	}
	for id, artifact := range m.Artifacts {
		switch artifact.Type {
		case "cdk:cloud-assembly":
			if err := a.load(filepath.Join(dir, artifact.Properties.DirectoryName), open); err != nil {
				return err
			}
		case "aws:cloudformation:stack":
			name := artifact.Properties.StackName
			if name == "" {
				name = id
			}
			env, err := knownEnvironment(artifact.Environment, open)
			if err != nil {
				return fmt.Errorf("stack %s: %w", name, err)
			}
			stack, err := a.loadStack(dir, artifact.Properties.TemplateFile, name, env)
			if err != nil {
				return fmt.Errorf("stack %s: %w", name, err)
			}
			a.Stacks = append(a.Stacks, stack)
			notes := artifact.Metadata
			if artifact.AdditionalMetadataFile != "" {
				if err := readJSON(filepath.Join(dir, artifact.AdditionalMetadataFile), &notes); err != nil {
					return err
				}
			}
			a.takeAnnotations(notes)
		}
	}
	return nil
}

func (a *Assembly) takeAnnotations(notes map[string][]metadata) {
	for path, list := range notes {
		for _, note := range list {
			text, ok := note.Data.(string)
			if ok && (note.Type == "aws:cdk:warning" || note.Type == "aws:cdk:error") {
				a.Annotations = append(a.Annotations, Annotation{strings.TrimPrefix(path, "/"), text})
			}
		}
	}
}

var environmentPattern = regexp.MustCompile(`^aws://([^/]+)/([^/]+)$`)

func knownEnvironment(text string, open Environment) (Environment, error) {
	parts := environmentPattern.FindStringSubmatch(text)
	if parts == nil {
		return Environment{}, fmt.Errorf("environment %q: want aws://ACCOUNT/REGION", text)
	}
	account, region := parts[1], parts[2]
	if account == "unknown-account" {
		account = open.Account
	}
	if region == "unknown-region" {
		region = open.Region
	}
	return NewEnvironment(account, region), nil
}

func (a *Assembly) loadStack(dir, file, name string, env Environment) (*Stack, error) {
	stack := &Stack{Name: name, Env: env, assembly: a, nested: map[string]*Stack{}}
	if err := readJSON(filepath.Join(dir, file), &stack.template); err != nil {
		return nil, err
	}
	for id, r := range stack.template.Resources {
		if r.Type != "AWS::CloudFormation::Stack" {
			continue
		}
		file, ok := r.Metadata["aws:asset:path"].(string)
		if !ok {
			return nil, fmt.Errorf("nested stack %s: no aws:asset:path in its metadata", id)
		}
		nested, err := a.loadStack(dir, file, name+"-"+id, env)
		if err != nil {
			return nil, fmt.Errorf("nested stack %s: %w", id, err)
		}
		stack.nested[id] = nested
	}
	return stack, nil
}

func readJSON(path string, value any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// All returns the stacks with those nested in them.
func (a *Assembly) All() []*Stack {
	var all []*Stack
	var add func(*Stack)
	add = func(s *Stack) {
		all = append(all, s)
		for _, nested := range s.nested {
			add(nested)
		}
	}
	for _, s := range a.Stacks {
		add(s)
	}
	return all
}
