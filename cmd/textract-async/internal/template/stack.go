package template

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/textractclient"
)

// The names of pseudo parameters that Options may have.
const (
	PseudoRegion  = "AWS::Region"
	PseudoAccount = "AWS::AccountId"
)

// anyAccount is the account of templates that name none.
const anyAccount = "111122223333"

// Options say what templates leave open.
type Options struct {
	// Region is that of stacks whose Region is not known otherwise.
	Region string
	// Parameters are the values of parameters, and of pseudo parameters such as AWS::Region, by
	// their names.
	Parameters map[string]string
}

// Environment is where a stack is deployed.
type Environment struct{ Partition, Region, Account string }

func newEnvironment(account, region string) Environment {
	return Environment{Partition: textractclient.PartitionOf(region), Region: region, Account: account}
}

// Set is the templates of one app.
type Set struct{ Stacks []*Stack }

// Stack is a template with the place where it is deployed.
type Stack struct {
	Name string
	File string
	Env  Environment
	// Resources are those that the stack has, by their logical ids.
	Resources map[string]*Resource
	// More is what adds resources and policies that the template does not have, such as a macro, or
	// "".
	More string

	set        *Set
	document   *document
	parameters map[string]any // values from --parameter, or from the stack around this one
	nested     map[string]*Stack
	conditions map[string]truth
	refs       map[string]physical
	busy       map[string]bool // what is being resolved, against circles
}

// Resource is a resource of a template.
type Resource struct {
	Stack *Stack
	ID    string
	Type  string
	// Properties have intrinsic functions; Get resolves them.
	Properties map[string]any
	Metadata   map[string]any
	// Maybe is the condition of the resource where it is not known whether it is true, or "".
	Maybe string

	resolved map[string]any
}

// String is the logical id, with that of the stack where there are several.
func (r *Resource) String() string {
	if len(r.Stack.set.Stacks) > 1 {
		return r.Stack.Name + "." + r.ID
	}
	return r.ID
}

// Load reads templates, and those of their nested stacks that are next to them. A template in a
// cloud assembly is deployed where the assembly says.
func Load(files []string, o Options) (*Set, error) {
	l := &loader{set: &Set{}, options: o, seen: make(map[string]bool)}
	for _, file := range files {
		name, env := describe(file)
		if _, err := l.load(file, name, env, nil); err != nil {
			return nil, err
		}
	}
	return l.finish()
}

// LoadAssembly reads the templates of a cloud assembly.
func LoadAssembly(dir string, o Options) (*Set, error) {
	l := &loader{set: &Set{}, options: o, seen: make(map[string]bool)}
	if err := l.assembly(dir); err != nil {
		return nil, err
	}
	if len(l.set.Stacks) == 0 {
		return nil, fmt.Errorf("%s has no stacks", dir)
	}
	return l.finish()
}

type loader struct {
	set     *Set
	options Options
	seen    map[string]bool // files, by their absolute paths
}

type manifest struct {
	Artifacts map[string]struct {
		Type, Environment string
		Properties        struct{ TemplateFile, StackName, DirectoryName string }
	}
}

func readManifest(dir string) (*manifest, error) {
	file := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return m, nil
}

func (l *loader) assembly(dir string) error {
	m, err := readManifest(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not a cloud assembly: it has no manifest.json", dir)
	}
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(m.Artifacts)) {
		artifact := m.Artifacts[id]
		switch artifact.Type {
		case "cdk:cloud-assembly":
			err = l.assembly(filepath.Join(dir, artifact.Properties.DirectoryName))
		case "aws:cloudformation:stack":
			name := cmp.Or(artifact.Properties.StackName, id)
			_, err = l.load(filepath.Join(dir, artifact.Properties.TemplateFile), name, environmentOf(artifact.Environment), nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var environmentPattern = regexp.MustCompile(`^aws://(\d+)?.*?/(?:unknown-region)?(.*)$`)

// environmentOf reads aws://ACCOUNT/REGION, in which either may be unknown.
func environmentOf(text string) Environment {
	if parts := environmentPattern.FindStringSubmatch(text); parts != nil {
		return Environment{Account: parts[1], Region: parts[2]}
	}
	return Environment{}
}

// describe finds the name and the environment of a stack in the cloud assembly around its template.
func describe(file string) (string, Environment) {
	base := filepath.Base(file)
	if m, err := readManifest(filepath.Dir(file)); err == nil {
		for id, artifact := range m.Artifacts {
			if artifact.Type == "aws:cloudformation:stack" && artifact.Properties.TemplateFile == base {
				return cmp.Or(artifact.Properties.StackName, id), environmentOf(artifact.Environment)
			}
		}
	}
	name, _, _ := strings.Cut(base, ".")
	return name, Environment{}
}

// load reads a template and its nested stacks. parameters are those that the stack around it gives.
func (l *loader) load(file, name string, env Environment, parameters map[string]any) (*Stack, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	if l.seen[path] && parameters == nil {
		return nil, nil // a nested stack that is named, too
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	document, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for i := 2; slices.ContainsFunc(l.set.Stacks, func(s *Stack) bool { return s.Name == name }); i++ {
		name = fmt.Sprintf("%s%d", strings.TrimRight(name, "0123456789"), i)
	}
	if parameters == nil {
		parameters = make(map[string]any)
		for parameter, value := range l.options.Parameters {
			parameters[parameter] = value
		}
	}
	if stackName, ok := l.options.Parameters["AWS::StackName"]; ok && len(l.set.Stacks) == 0 {
		name = stackName
	}
	s := &Stack{
		Name: name, File: file, Env: env, set: l.set, document: document, parameters: parameters, nested: make(map[string]*Stack),
		conditions: make(map[string]truth), refs: make(map[string]physical), busy: make(map[string]bool),
	}
	l.seen[path] = true
	l.set.Stacks = append(l.set.Stacks, s)
	s.addResources()
	return s, l.loadNested(s)
}

const maxDepth = 10

var nestedTypes = []string{"AWS::CloudFormation::Stack", "AWS::Serverless::Application"}

func (l *loader) loadNested(s *Stack) error {
	if strings.Count(s.Name, "-") > maxDepth*4 {
		return fmt.Errorf("%s: stacks are nested too deep", s.File)
	}
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		r := s.Resources[id]
		if !slices.Contains(nestedTypes, r.Type) {
			continue
		}
		file, _ := r.Metadata["aws:asset:path"].(string)
		for _, property := range []string{"TemplateURL", "Location"} {
			if url, ok := r.Properties[property].(string); ok && file == "" && !strings.Contains(url, "://") {
				file = url
			}
		}
		if file == "" {
			continue
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(filepath.Dir(s.File), file)
		}
		if _, err := os.Stat(file); err != nil {
			continue // what it has is not known
		}
		if path, err := filepath.Abs(file); err == nil && path == s.File {
			return fmt.Errorf("%s: the stack is nested in itself", s.File)
		}
		parameters, _ := r.Properties["Parameters"].(map[string]any)
		given := make(map[string]any)
		for name, value := range parameters {
			given[name] = func() any { return s.Resolve(value) }
		}
		nested, err := l.load(file, s.Name+"-"+id, s.Env, given)
		if err != nil {
			return err
		}
		s.nested[id] = nested
	}
	return nil
}

// addResources makes the resources, without those whose conditions are false. Their conditions are
// resolved in finish, when the environment is known.
func (s *Stack) addResources() {
	s.findTransforms()
	if resources, ok := s.expand(s.document.Resources).(map[string]any); ok {
		s.document.Resources = resources
	}
	s.Resources = make(map[string]*Resource, len(s.document.Resources))
	for id, value := range s.document.Resources {
		body, ok := value.(map[string]any)
		if !ok {
			continue
		}
		r := &Resource{Stack: s, ID: id, resolved: make(map[string]any)}
		r.Type, _ = body["Type"].(string)
		r.Properties, _ = body["Properties"].(map[string]any)
		if r.Type == "AWS::Serverless::Function" {
			r.Properties = s.withGlobals(r.Properties)
		}
		r.Metadata, _ = body["Metadata"].(map[string]any)
		r.Maybe, _ = body["Condition"].(string)
		s.Resources[id] = r
	}
}

// finish finds where the stacks are deployed, and drops what their conditions leave out.
func (l *loader) finish() (*Set, error) {
	if err := l.setEnvironments(); err != nil {
		return nil, err
	}
	for _, s := range l.set.Stacks {
		for id, r := range s.Resources {
			if r.Maybe == "" {
				continue
			}
			switch s.condition(r.Maybe) {
			case yes:
				r.Maybe = ""
			case no:
				delete(s.Resources, id)
			}
		}
	}
	return l.set, nil
}

// setEnvironments takes the Region and the account that the templates name where nothing else does.
func (l *loader) setEnvironments() error {
	var named literals
	for _, s := range l.set.Stacks {
		for _, r := range s.Resources {
			if strings.HasPrefix(r.Type, "AWS::Lambda::") || strings.HasPrefix(r.Type, "AWS::Serverless::") {
				continue // layers are of other accounts
			}
			named.find(r.Properties)
		}
	}
	for _, s := range l.set.Stacks {
		account := cmp.Or(l.options.Parameters[PseudoAccount], s.Env.Account)
		if account == "" {
			switch accounts := slices.Sorted(maps.Keys(named.accounts)); len(accounts) {
			case 0:
				account = anyAccount
			case 1:
				account = accounts[0]
			default:
				return fmt.Errorf("the templates name the accounts %s: which one they are deployed to is not known; use --parameter %s=%s",
					strings.Join(accounts, ", "), PseudoAccount, accounts[0])
			}
		}
		region := cmp.Or(l.options.Parameters[PseudoRegion], s.Env.Region)
		if regions := slices.Sorted(maps.Keys(named.regions)); region == "" && len(regions) == 1 {
			region = regions[0]
		}
		s.Env = newEnvironment(account, cmp.Or(region, l.options.Region, "us-east-1"))
	}
	return nil
}

// literals are the accounts and Regions that ARNs and conditions of templates name.
type literals struct{ accounts, regions map[string]bool }

var (
	literalARN     = regexp.MustCompile(`(?:^|:)(?:sns|sqs|kms|iam|sts):([a-z]{2}(?:-[a-z]+)+-\d)?:(\d{12})?:`)
	literalAccount = regexp.MustCompile(`^\d{12}$`)
)

func (l *literals) find(value any) {
	if l.accounts == nil {
		l.accounts, l.regions = make(map[string]bool), make(map[string]bool)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, item := range value {
			l.find(item)
		}
	case []any:
		for _, item := range value {
			l.find(item)
		}
	case string:
		if literalAccount.MatchString(value) {
			l.accounts[value] = true
		}
		for _, match := range literalARN.FindAllStringSubmatch(value, -1) {
			if match[1] != "" {
				l.regions[match[1]] = true
			}
			if match[2] != "" {
				l.accounts[match[2]] = true
			}
		}
	}
}
