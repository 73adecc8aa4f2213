package proof

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/internal/snapshot"
	"github.com/cdk-textract/textractasync/verify/assembly"
)

const root = "../.."

var update = flag.Bool("update", false, "rewrite the generated part of "+matrixPage)

// The validator of the CDK takes seconds, and the rule packs run it.
func TestMain(m *testing.M) {
	if err := os.Setenv("CDK_VALIDATION", "false"); err != nil {
		panic(err)
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func startSimulators(t *testing.T, count int) chan *simulator {
	t.Helper()
	if _, err := os.Stat("../node_modules/@cloud-copilot/iam-simulate"); err != nil {
		t.Fatal("the policy simulator is missing: run npm ci in verify")
	}
	pool := make(chan *simulator, count)
	for range count {
		s, err := startSimulator()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.close(); err != nil {
				t.Error(err)
			}
		})
		pool <- s
	}
	return pool
}

// TestPermissions asks every row of the matrix of every scenario, and mutates every statement.
func TestPermissions(t *testing.T) {
	simulators := startSimulators(t, runtime.NumCPU())
	assemblies := synthesize(t)
	var lock sync.Mutex
	var total Result
	t.Run("scenarios", func(t *testing.T) {
		for _, c := range cases() {
			t.Run(c.scenario, func(t *testing.T) {
				t.Parallel()
				s := <-simulators
				defer func() { simulators <- s }()
				result := prove(t, s, c, assemblies[c.scenario])
				lock.Lock()
				defer lock.Unlock()
				total.add(result)
			})
		}
	})
	t.Log("all:", total)
	for _, e := range explanations {
		if !slices.Contains(total.explained, e.id) && !t.Failed() {
			t.Errorf("no mutant needs the explanation %s: remove it", e.id)
		}
	}
}

func prove(t *testing.T, s *simulator, c Case, assemblies map[string]*assembly.Assembly) (total Result) {
	for name, a := range assemblies {
		for _, st := range c.steps() {
			result, err := c.prove(s, a, st)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, st.name, err)
			}
			total.add(result)
			report(t, name+", "+st.name+": wrong", result.wrong)
			report(t, name+": survived", result.survived)
		}
	}
	t.Log(total)
	return total
}

// report prints some of what went wrong.
func report[T any](t *testing.T, what string, list []T) {
	t.Helper()
	const most = 10
	for _, item := range list[:min(most, len(list))] {
		t.Errorf("%s: %v", what, item)
	}
	if len(list) > most {
		t.Errorf("%s: and %d more", what, len(list)-most)
	}
}

// synthesize builds every scenario at both extremes of the feature flags. A stack without an
// environment is read for another partition too.
func synthesize(t *testing.T) map[string]map[string]*assembly.Assembly {
	t.Helper()
	builds := map[string]func(constructs.Construct){}
	for _, s := range scenario.All() {
		builds[s.Name] = s.Build
	}
	flagSets, err := scenario.FlagSets(root)
	if err != nil {
		t.Fatal(err)
	}
	assemblies := map[string]map[string]*assembly.Assembly{}
	for _, c := range cases() {
		build := c.build
		if build == nil {
			build = builds[c.scenario]
		}
		if build == nil {
			t.Fatalf("there is no scenario %s, or two are expected", c.scenario)
		}
		delete(builds, c.scenario)
		assemblies[c.scenario] = map[string]*assembly.Assembly{}
		for i, flags := range flagSets {
			if c.oneFlagSet && i > 0 {
				continue
			}
			dir := filepath.Join(t.TempDir(), "cdk.out")
			if err := assembly.Synthesize(dir, flags.Context, build); err != nil {
				t.Fatalf("%s, %s: %v", c.scenario, flags.Name, err)
			}
			regions := []string{scenario.Region}
			if c.scenario == "Callers" {
				regions = append(regions, scenario.GovRegion)
			}
			for _, region := range regions {
				a, err := assembly.Load(dir, assembly.NewEnvironment(scenario.Account, region))
				if err != nil {
					t.Fatalf("%s, %s: %v", c.scenario, flags.Name, err)
				}
				assemblies[c.scenario][flags.Name+" in "+region] = a
			}
		}
	}
	for name := range builds {
		t.Errorf("nothing is expected of scenario %s: add it to scenarios.go", name)
	}
	return assemblies
}

func TestMatrixPageIsCurrent(t *testing.T) {
	page, err := os.ReadFile(matrixPage)
	if err != nil {
		t.Fatal(err)
	}
	want, err := snapshot.ReplacePart(string(page), pageBegin, pageEnd, generatedPart())
	if err != nil {
		t.Fatalf("%s: %v", matrixPage, err)
	}
	snapshot.Page(t, matrixPage, string(page), want, *update)
}
