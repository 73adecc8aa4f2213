package proof

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
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
	var total tally
	t.Run("scenarios", func(t *testing.T) {
		for _, c := range cases() {
			t.Run(c.scenario, func(t *testing.T) {
				t.Parallel()
				s := <-simulators
				defer func() { simulators <- s }()
				found := c.prove(t, s, assemblies[c.scenario])
				t.Log(found)
				lock.Lock()
				defer lock.Unlock()
				total.add(found)
			})
		}
	})
	t.Log("all:", total)
	for _, e := range explanations() {
		if total.explained[e.id] == 0 && !t.Failed() {
			t.Errorf("no mutant needs the explanation %s: remove it", e.id)
		}
	}
}

// synthesize builds every scenario at both extremes of the feature flags. A stack without an environment is read for another
// partition too.
func synthesize(t *testing.T) map[string][]named {
	t.Helper()
	builds := map[string]func(constructs.Construct){}
	for _, s := range scenario.All() {
		builds[s.Name] = s.Build
	}
	flagSets, err := scenario.FlagSets(root)
	if err != nil {
		t.Fatal(err)
	}
	assemblies := map[string][]named{}
	for _, c := range cases() {
		build := c.build
		if build == nil {
			build = builds[c.scenario]
		}
		if build == nil {
			t.Fatalf("there is no scenario %s, or two are expected", c.scenario)
		}
		delete(builds, c.scenario)
		for _, flags := range flagSets {
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
				assemblies[c.scenario] = append(assemblies[c.scenario], named{flags.Name + " in " + region, a})
			}
		}
	}
	for name := range builds {
		t.Errorf("nothing is expected of scenario %s: add it to scenarios.go", name)
	}
	return assemblies
}

type named struct {
	name string
	*assembly.Assembly
}

// prove runs all steps of a case.
func (c Case) prove(t *testing.T, s *simulator, assemblies []named) tally {
	var found tally
	for _, a := range assemblies {
		for _, st := range c.steps() {
			r, err := c.run(s, a.Assembly, st)
			if err != nil {
				t.Errorf("%s, %s: %v", a.name, st.name, err)
				continue
			}
			result, err := r.evaluate(s)
			if err != nil {
				t.Fatalf("%s, %s: %v", a.name, st.name, err)
			}
			found.deployments++
			found.asked += result.asked
			report(t, a.name+", "+st.name+": wrong", result.wrong)
			if st.mutates == nil || len(result.wrong) > 0 {
				continue // mutants of what is wrong already would prove nothing
			}
			score, err := r.mutate(s, st.mutates)
			if err != nil {
				t.Fatalf("%s: %v", a.name, err)
			}
			found.MutationScore.add(score)
			report(t, a.name+": survived", score.survived)
		}
	}
	return found
}

// report prints some of what went wrong.
func report[T any](t *testing.T, what string, list []T) {
	t.Helper()
	const most = 10
	for i, item := range list {
		if i == most {
			t.Errorf("%s: and %d more", what, len(list)-most)
			return
		}
		t.Errorf("%s: %v", what, item)
	}
}

// tally counts what was proven.
type tally struct {
	deployments, asked int
	MutationScore
}

func (t *tally) add(other tally) {
	t.deployments += other.deployments
	t.asked += other.asked
	t.MutationScore.add(other.MutationScore)
}

func (t tally) String() string {
	return fmt.Sprintf("%d answers over %d deployments; %v", t.asked, t.deployments, t.MutationScore)
}

func TestMatrixPageIsCurrent(t *testing.T) {
	text, err := os.ReadFile(matrixPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(text), pageBegin)
	_, after, hasEnd := strings.Cut(rest, pageEnd)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s: no lines %q and %q", matrixPage, pageBegin, pageEnd)
	}
	snapshot.Page(t, matrixPage, string(text), before+pageBegin+generatedPart()+pageEnd+after, *update)
}
