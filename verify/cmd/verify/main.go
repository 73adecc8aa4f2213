// Command verify proves the permissions of every scenario and runs the rule packs over them. It is started in the folder of its
// module, with the Node of package.json first in the PATH.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/scenario"
	"github.com/cdk-textract/textractasync/verify/assembly"
	"github.com/cdk-textract/textractasync/verify/proof"
	"github.com/cdk-textract/textractasync/verify/rulepacks"
)

const (
	root      = ".."
	simulator = "proof/simulator.mjs"
	installed = "node_modules/@cloud-copilot/iam-simulate"
)

func main() {
	err := verify()
	closeKernel()
	if err != nil {
		fmt.Println("verify:", err)
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
	if err := checkTools(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "textractasync-verify")
	if err != nil {
		return err
	}
	return errors.Join(verifyIn(dir), os.RemoveAll(dir))
}

func verifyIn(dir string) error {
	made, err := synthesize(dir)
	if err != nil {
		return err
	}
	findings, err := rulepacks.Lint(made.templates)
	if err != nil {
		return err
	}
	verdict := rulepacks.Judge(append(findings, made.findings...), rulepacks.Exceptions())
	packsErr := reportPacks(verdict, made)

	result, err := proof.Prove(made.subjects, simulator, runtime.NumCPU())
	if err != nil {
		return errors.Join(packsErr, err)
	}
	return errors.Join(packsErr, reportProof(result))
}

// checkTools tells what is missing before anything takes time.
func checkTools() error {
	if _, err := os.Stat(installed); err != nil {
		return fmt.Errorf("the policy simulator is missing (%w): run npm ci in verify", err)
	}
	return rulepacks.CheckLinter()
}

// made is what the scenarios synthesized to, and what was found meanwhile.
type made struct {
	subjects  []proof.Subject
	templates []string
	findings  []rulepacks.Finding
	applied   int // rules of cdk-nag
	apps      int
}

// synthesize builds every scenario at both ends of the feature flags, with the validator of the CDK in strict mode and cdk-nag.
func synthesize(dir string) (*made, error) {
	flagSets, err := scenario.FlagSets(root)
	if err != nil {
		return nil, err
	}
	m := &made{}
	for _, flags := range flagSets {
		for _, s := range assembly.Scenarios() {
			if err := m.add(filepath.Join(dir, flags.Name, s.Name), flags, s); err != nil {
				return nil, fmt.Errorf("%s (%s): %w", s.Name, flags.Name, err)
			}
		}
	}
	return m, nil
}

func (m *made) add(dir string, flags scenario.FlagSet, s scenario.Scenario) error {
	err := assembly.Synthesize(dir, flags, func(app constructs.Construct) {
		s.Build(app)
		rulepacks.AddNag(app)
	})
	if err != nil {
		return err
	}
	m.apps++
	templates, err := templatesIn(dir)
	if err != nil {
		return err
	}
	m.templates = append(m.templates, templates...)
	// A stack without an environment is tried in another partition too.
	regions := []string{scenario.Region}
	if s.Name == "Callers" {
		regions = append(regions, scenario.GovRegion)
	}
	for _, region := range regions {
		a, err := proof.LoadAssembly(dir, proof.NewEnvironment(scenario.Account, region))
		if err != nil {
			return err
		}
		name := s.Name + " (" + flags.Name + ") in " + region
		m.subjects = append(m.subjects, proof.Subject{Scenario: s.Name, Name: name, Assembly: a})
		if region != scenario.Region {
			continue
		}
		findings, applied, err := rulepacks.NagFindings(dir, a)
		if err != nil {
			return err
		}
		m.findings = append(m.findings, findings...)
		m.applied += applied
	}
	return nil
}

// templatesIn also finds those of nested stacks and of stages, which lie in folders of their own.
func templatesIn(dir string) ([]string, error) {
	var all []string
	for _, pattern := range []string{"*.template.json", "*/*.template.json"} {
		matches, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		all = append(all, matches...)
	}
	return all, nil
}
