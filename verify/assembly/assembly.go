// Package assembly synthesizes apps, and reads from the cloud assembly what CloudFormation would
// make of the templates.
package assembly

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Synthesize writes the cloud assembly of what build makes into a folder. The context has the
// feature flags; templates name the construct of each resource. A panic of a construct or of the
// CDK, findings of its validator among them, is returned as an error.
func Synthesize(dir string, flags map[string]any, build func(constructs.Construct)) (err error) {
	context := maps.Clone(flags)
	if context == nil {
		context = map[string]any{}
	}
	maps.Copy(context, map[string]any{
		"aws:cdk:enable-path-metadata":                true,
		"aws:cdk:enable-asset-metadata":               true,
		"@aws-cdk/core:strictCfnValidateErrors":       true,
		"@aws-cdk/core:annotationsInValidationReport": false, // annotations are read from the assembly
	})
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("synthesizing: %v", failure)
		}
	}()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(dir), Context: &context, AnalyticsReporting: jsii.Bool(false)})
	build(app)
	app.Synth(nil)
	return nil
}

// Environment is where a stack is deployed.
type Environment struct{ Partition, Region, Account string }

// NewEnvironment derives the partition from the Region.
func NewEnvironment(account, region string) Environment {
	partition := "aws"
	if strings.HasPrefix(region, "us-gov-") {
		partition = "aws-us-gov"
	}
	return Environment{Partition: partition, Region: region, Account: account}
}

// Assembly is what an app synthesized to.
type Assembly struct {
	Stacks      []*Stack // nested ones too
	Annotations []Annotation
	Templates   []string // the files
}

// Annotation is a warning or an error at a construct.
type Annotation struct{ Path, Message string }

// Stack is a template with what its intrinsic functions refer to.
type Stack struct {
	Name      string
	Env       Environment
	Resources map[string]Resource
	Outputs   map[string]Output

	assembly *Assembly
	nested   map[string]*Stack // by the logical id of the AWS::CloudFormation::Stack
}

// Resource is a resource of a template.
type Resource struct {
	Type                                string
	Properties, Metadata                map[string]any
	DeletionPolicy, UpdateReplacePolicy string
}

// Path returns the path of the construct, without the "Resource" that the CDK calls the resource
// below it.
func (r Resource) Path() string {
	path, _ := r.Metadata["aws:cdk:path"].(string)
	return strings.TrimSuffix(path, "/Resource")
}

// Output is an output of a template.
type Output struct {
	Value, Description any
	Export             struct{ Name any }
}

// Load reads a cloud assembly. A stack without an environment of its own is read as if it were
// deployed to env.
func Load(dir string, env Environment) (*Assembly, error) {
	a := &Assembly{}
	return a, a.load(dir, env)
}

type annotations map[string][]struct {
	Type string
	Data any
}

func (a *Assembly) load(dir string, env Environment) error {
	var manifest struct {
		Artifacts map[string]struct {
			Type, Environment      string
			Properties             struct{ TemplateFile, StackName, DirectoryName string }
			Metadata               annotations
			AdditionalMetadataFile string
		}
	}
	if err := readJSON(filepath.Join(dir, "manifest.json"), &manifest); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(manifest.Artifacts)) {
		artifact := manifest.Artifacts[id]
		var err error
		switch artifact.Type {
		case "cdk:cloud-assembly":
			err = a.load(filepath.Join(dir, artifact.Properties.DirectoryName), env)
		case "aws:cloudformation:stack":
			name := artifact.Properties.StackName
			if name == "" {
				name = id
			}
			if _, err = a.loadStack(dir, artifact.Properties.TemplateFile, name, environmentOf(artifact.Environment, env)); err != nil {
				break
			}
			if artifact.AdditionalMetadataFile != "" {
				err = readJSON(filepath.Join(dir, artifact.AdditionalMetadataFile), &artifact.Metadata)
			}
			a.addAnnotations(artifact.Metadata)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}

func (a *Assembly) addAnnotations(all annotations) {
	for path, notes := range all {
		for _, note := range notes {
			if text, ok := note.Data.(string); ok && (note.Type == "aws:cdk:warning" || note.Type == "aws:cdk:error") {
				a.Annotations = append(a.Annotations, Annotation{strings.TrimPrefix(path, "/"), text})
			}
		}
	}
}

var environmentPattern = regexp.MustCompile(`^aws://(\d+)?.*?/(unknown-region)?(.*)$`)

// environmentOf reads aws://ACCOUNT/REGION, in which unknown-account and unknown-region leave the
// part to env.
func environmentOf(text string, env Environment) Environment {
	parts := environmentPattern.FindStringSubmatch(text)
	account, region := env.Account, env.Region
	if parts[1] != "" {
		account = parts[1]
	}
	if parts[3] != "" {
		region = parts[3]
	}
	return NewEnvironment(account, region)
}

func (a *Assembly) loadStack(dir, file, name string, env Environment) (*Stack, error) {
	s := &Stack{Name: name, Env: env, assembly: a, nested: map[string]*Stack{}}
	if err := readJSON(filepath.Join(dir, file), s); err != nil {
		return nil, err
	}
	a.Stacks = append(a.Stacks, s)
	a.Templates = append(a.Templates, filepath.Join(dir, file))
	for id, r := range s.Resources {
		if r.Type != "AWS::CloudFormation::Stack" {
			continue
		}
		file, _ := r.Metadata["aws:asset:path"].(string)
		nested, err := a.loadStack(dir, file, name+"-"+id, env)
		if err != nil {
			return nil, fmt.Errorf("nested stack %s: %w", id, err)
		}
		s.nested[id] = nested
	}
	return s, nil
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
