// Command verify proves the permissions of every scenario and runs the rule packs over them. It is started in the folder of its
// module, with the Node of package.json first in the PATH.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
	"github.com/cdk-textract/textractasync/verify/proof"
)

const (
	root      = ".."
	simulator = "proof/simulator.mjs"
)

func main() {
	err := verify()
	closeKernel()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// closeKernel keeps a line of jsii from the terminal that speaks of an abnormal exit where there was none.
func closeKernel() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

func verify() error {
	dir, err := os.MkdirTemp("", "textractasync-verify")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	subjects, err := synthesize(dir)
	if err != nil {
		return err
	}
	start := time.Now()
	result, err := proof.Prove(subjects, simulator, runtime.NumCPU())
	if err != nil {
		return err
	}
	fmt.Println(time.Since(start))
	return report(result)
}

// synthesize builds every scenario at both ends of the feature flags, and one without an environment in another partition.
func synthesize(dir string) ([]proof.Subject, error) {
	flagSets, err := assembly.FlagSets(root)
	if err != nil {
		return nil, err
	}
	var subjects []proof.Subject
	for _, flags := range flagSets {
		for _, s := range assembly.Scenarios() {
			name, out := s.Name+" ("+flags.Name+")", filepath.Join(dir, flags.Name, s.Name)
			if err := assembly.Synthesize(out, flags, s.Build); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			regions := []string{scenario.Region}
			if s.Name == "Callers" {
				regions = append(regions, scenario.GovRegion)
			}
			for _, region := range regions {
				a, err := proof.LoadAssembly(out, proof.NewEnvironment(scenario.Account, region))
				if err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
				subjects = append(subjects, proof.Subject{Scenario: s.Name, Name: name + " in " + region, Assembly: a})
			}
		}
	}
	return subjects, nil
}

func report(r proof.Result) error {
	fmt.Printf("permissions: %d rows, asked %d times in %d worlds, %d right\n",
		len(proof.Rows())+len(proof.RestRows()), r.Outcome.Asked, r.Trials, r.Outcome.Right)
	explained := 0
	for _, id := range slices.Sorted(maps.Keys(r.Tally.Explained)) {
		explained += r.Tally.Explained[id]
	}
	fmt.Printf("mutants: %d made, %d killed, %d explained\n", r.Tally.Made, r.Tally.Killed, explained)
	for _, q := range r.Outcome.Wrong {
		fmt.Println("wrong:", q)
	}
	for _, m := range r.Tally.Survivors {
		fmt.Println("survived:", m)
	}
	for _, e := range proof.Explanations() {
		fmt.Println("  ", e.ID, r.Tally.Explained[e.ID])
	}
	return nil
}
