package signatures

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const awscdk = "github.com/aws/aws-cdk-go/awscdk/v2"

var cdk = []string{awscdk, "github.com/aws/constructs-go/constructs/v10", "github.com/aws/jsii-runtime-go"}

// differs names what the construct uses in spite of a difference, and why that compiles with both
// versions.
var differs = map[string]string{
	"awscdk.Annotations.AddWarningV2": "it has a third parameter since awscdk v2.276.0; warnings.go calls it by callWith",
}

// TestTheConstructUsesWhatIsTheSameInAllVersions compares the versions of the root's go.mod with
// those of verify.
func TestTheConstructUsesWhatIsTheSameInAllVersions(t *testing.T) {
	lowest, err := load("../..", cdk, "./...")
	if err != nil {
		t.Errorf("with the lowest versions: %v", err)
	}
	newest, err := load("..", cdk, lowest.packages...)
	if err != nil {
		t.Errorf("with the newest versions: %v", err)
	}
	for _, module := range cdk {
		if lowest.versions[module] == newest.versions[module] || lowest.versions[module] == "" {
			t.Errorf("%s: compared %q with %q", module, lowest.versions[module], newest.versions[module])
		}
	}
	found := differences(lowest.uses, newest.uses)
	t.Logf("%d packages use %d names of the CDK, constructs and jsii; of them differ between awscdk %s and %s: %d",
		len(lowest.packages), len(lowest.uses), lowest.versions[awscdk], newest.versions[awscdk], len(found))
	for _, d := range found {
		t.Logf("%s: %s, then %s: %s", d.name, d.lowest, d.newest, differs[d.name])
	}
	for _, problem := range unexplained(found, differs) {
		t.Error(problem)
	}
}

// write makes two modules: one is used, with a text of it replaced, and the other uses it.
func write(t *testing.T, old, changed string) (dir string) {
	t.Helper()
	files := map[string]string{
		"cdk/go.mod": "module example.com/cdk\n\ngo 1.26\n",
		"cdk/cdk.go": `package cdk

type Construct interface { Node() *string }

type Options struct { Deep *bool }

type Annotations interface { AddWarning(id *string) }

type Validation interface { Validate() *string }

func AnnotationsOf(scope Construct) Annotations { return nil }

type Stage string

const StageBeta Stage = "beta"

var Version = 1

func Unused() {}
`,
		"cdk/queue/queue.go": `package queue

import "example.com/cdk"

type IQueue interface { cdk.Construct; Grant(actions ...*string) *cdk.Options }

type Queue interface { IQueue; Arn() *string; Purge() }

type Props struct { Name *string; Fifo *bool }

type DetailedProps struct { Props; Details *string }

func NewQueue(scope cdk.Construct, props *DetailedProps) Queue { return nil }

func Map[T any](from, to T) T { return from }
`,
		"app/go.mod": "module example.com/app\n\ngo 1.26\n\nrequire example.com/cdk v0.0.0\n\nreplace example.com/cdk => ../cdk\n",
		"app/app.go": `package app

import (
	"example.com/cdk"
	names "example.com/cdk/queue"
)

type scope struct { cdk.Construct; own string }

type aliased = names.DetailedProps

func (s *scope) Validate() *string { return nil }

func use(s *scope) {
	props := aliased{Details: new(string), Props: names.Props{Name: new(string)}}
	props.Fifo = new(bool)
	q := names.NewQueue(s, &props)
	_ = q.Arn
	q.Grant().Deep = new(bool)
	s.Node()
	q.Node()
	warn := cdk.AnnotationsOf(s).AddWarning
	_ = any(warn)
	_ = map[cdk.Stage]int{cdk.StageBeta: cdk.Version}
	_ = names.Map(s.own, "")
	_, _ = any(s).(cdk.Validation)
}
`,
	}
	dir, changes := t.TempDir(), 0
	for name, text := range files {
		if strings.HasPrefix(name, "cdk/") {
			changes += strings.Count(text, old)
			text = strings.ReplaceAll(text, old, changed)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if old != "" && changes != 1 {
		t.Fatalf("%q is there %d times", old, changes)
	}
	return filepath.Join(dir, "app")
}

func used(t *testing.T, old, changed string) (program, error) {
	t.Helper()
	t.Setenv("GOFLAGS", "-mod=mod")
	return load(write(t, old, changed), []string{"example.com/cdk"}, "./...")
}

func TestWhatAProgramUses(t *testing.T) {
	got, err := used(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want := program{
		packages: []string{"example.com/app"},
		versions: map[string]string{"example.com/cdk": "v0.0.0"},
		uses: uses{
			"cdk.Annotations.AddWarning":  "func(*string)",
			"cdk.AnnotationsOf":           "func(cdk.Construct) cdk.Annotations",
			"cdk.Construct":               "interface",
			"cdk.Construct.Node":          "func() *string",
			"cdk.Options.Deep":            "*bool",
			"cdk.Stage":                   "string",
			"cdk.StageBeta":               "cdk.Stage",
			"cdk.Validation":              "interface",
			"cdk.Validation, implemented": "Validate() *string",
			"cdk.Version":                 "int",
			"queue.DetailedProps":         "struct",
			"queue.DetailedProps.Details": "*string",
			"queue.DetailedProps.Props":   "queue.Props",
			"queue.Map":                   "func(T, T) T",
			"queue.NewQueue":              "func(cdk.Construct, *queue.DetailedProps) queue.Queue",
			"queue.Props":                 "struct",
			"queue.Props.Fifo":            "*bool",
			"queue.Props.Name":            "*string",
			"queue.Queue.Arn":             "func() *string",
			"queue.Queue.Grant":           "func(...*string) *cdk.Options",
			"queue.Queue.Node":            "func() *string",
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(program{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDifferencesOfWhatIsUsedAreFound(t *testing.T) {
	lowest, err := used(t, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		old, changed string
		want         []difference
		fails        string // what the compiler would say
	}{
		"one more parameter of a method that is called by its value": {
			"AddWarning(id *string)", "AddWarning(id *string, options *Options)",
			[]difference{{"cdk.Annotations.AddWarning", "func(*string)", "func(*string, *cdk.Options)"}},
			"",
		},
		"one more parameter of a function that is called": {
			"NewQueue(scope cdk.Construct, props *DetailedProps)", "NewQueue(scope cdk.Construct, props *DetailedProps, more *bool)",
			[]difference{{
				"queue.NewQueue", "func(cdk.Construct, *queue.DetailedProps) queue.Queue", "func(cdk.Construct, *queue.DetailedProps, *bool) queue.Queue",
			}},
			"not enough arguments in call to names.NewQueue",
		},
		"another result": {
			"Arn() *string", "Arn() string", []difference{{"queue.Queue.Arn", "func() *string", "func() string"}}, "",
		},
		"another type of a field that a struct embeds": {
			"Fifo *bool", "Fifo any", []difference{{"queue.Props.Fifo", "*bool", "any"}}, "",
		},
		"no field": {
			"Details *string", "Detail *string", []difference{{"queue.DetailedProps.Details", "*string", ""}}, "unknown field Details",
		},
		"one more method of an interface that a struct embeds": {"Node() *string", "Node() *string; Other()", nil, ""},
		"another method of an interface that is embedded": {
			"Node() *string", "Node(deep *bool) *string", []difference{
				{"cdk.Construct.Node", "func() *string", "func(*bool) *string"}, {"queue.Queue.Node", "func() *string", "func(*bool) *string"},
			}, "not enough arguments in call to q.Node",
		},
		"other type of a constant": {
			`const StageBeta Stage =`, `const StageBeta =`, []difference{{"cdk.StageBeta", "cdk.Stage", "untyped string"}}, "",
		},
		"other kind of a type": {
			"type Stage string", "type Stage any", []difference{
				{"cdk.Stage", "string", "interface"}, {"cdk.StageBeta", "cdk.Stage", "invalid type"},
			}, "invalid constant type Stage",
		},
		"no constraint": {"Map[T any]", "Map[T comparable]", nil, ""},
		"other names of parameters": {
			"AddWarning(id *string)", "AddWarning(warningId *string)", nil, "",
		},
		"one more method of an interface that a type implements": {
			"Validate() *string", "Validate() *string; ValidateAll()",
			[]difference{{"cdk.Validation, implemented", "Validate() *string", ""}},
			"",
		},
		"what is not used": {"Purge()", "Purge(all *bool)", nil, ""},
		"one more field":   {"Fifo *bool", "Fifo *bool; More *bool", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			newest, err := used(t, row.old, row.changed)
			if row.fails == "" && err != nil || row.fails != "" && (err == nil || !strings.Contains(err.Error(), row.fails)) {
				t.Errorf("got error %v, want %q", err, row.fails)
			}
			if diff := cmp.Diff(row.want, differences(lowest.uses, newest.uses), cmp.AllowUnexported(difference{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEachDifferenceHasAReasonAndEachReasonADifference(t *testing.T) {
	found := []difference{{"cdk.A", "func()", "func(*bool)"}, {"cdk.B", "int", ""}}
	for name, row := range map[string]struct {
		reasons map[string]string
		want    []string
	}{
		"all named": {map[string]string{"cdk.A": "called by callWith", "cdk.B": "not called"}, nil},
		"one is not": {map[string]string{"cdk.A": "called by callWith"}, []string{
			"cdk.B is int in the lowest version and missing in the newest: use it in a way that compiles with both, and name it here",
		}},
		"one has no reason": {map[string]string{"cdk.A": "", "cdk.B": "not called"}, []string{
			"cdk.A is func() in the lowest version and func(*bool) in the newest: use it in a way that compiles with both, and name it here",
		}},
		"one too many": {map[string]string{"cdk.A": "called by callWith", "cdk.B": "not called", "cdk.C": "removed"}, []string{
			"cdk.C does not differ, or is not used: remove it here",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(row.want, unexplained(found, row.reasons)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
