package main

import (
	"fmt"

	"github.com/cdk-textract/textractasync/verify/proof"
	"github.com/cdk-textract/textractasync/verify/rulepacks"
)

// How many of the things that went wrong are printed.
const most = 30

func reportPacks(v rulepacks.Verdict, m *made) error {
	open := map[string]int{}
	for _, f := range v.Open {
		open[f.Pack]++
	}
	// Synthesis ends in an error at the first finding of the validator.
	fmt.Printf("the CDK's validator in strict mode passed %d apps\n", m.apps)
	fmt.Printf("rule packs over %d templates, cdk-nag with %d checks:\n", len(m.templates), m.applied)
	fmt.Printf("  %-16s %9s %9s %28s\n", "pack", "findings", "excepted", "on what scenarios bring")
	for _, pack := range append([]string{rulepacks.LintPack}, rulepacks.NagPacks...) {
		fmt.Printf("  %-16s %9d %9d %28d\n", pack, open[pack], v.Excepted[pack], v.Scaffolding[pack])
	}
	printSome("finding", v.Open)
	printSome("exception without a finding", v.Unused)
	if len(v.Open)+len(v.Unused) > 0 {
		return fmt.Errorf("%d findings without an exception, %d exceptions without a finding", len(v.Open), len(v.Unused))
	}
	return nil
}

func reportProof(r proof.Result) error {
	explained := 0
	unused := 0
	for _, e := range proof.Explanations() {
		explained += r.Tally.Explained[e.ID]
		if r.Tally.Explained[e.ID] == 0 {
			unused++
			fmt.Printf("explanation without a mutant: %s\n", e.ID)
		}
	}
	fmt.Printf("permissions: %d rows, asked %d times over %d worlds, %d right\n",
		len(proof.Rows())+len(proof.RestRows()), r.Outcome.Asked, r.Trials, r.Outcome.Right)
	fmt.Printf("mutants: %d made, %d killed, %d explained\n", r.Tally.Made, r.Tally.Killed, explained)
	printSome("wrong", r.Outcome.Wrong)
	printSome("survived", r.Tally.Survivors)
	if len(r.Outcome.Wrong)+len(r.Tally.Survivors)+unused > 0 {
		return fmt.Errorf("%d wrong answers, %d mutants that nothing noticed, %d explanations that nothing needed",
			len(r.Outcome.Wrong), len(r.Tally.Survivors), unused)
	}
	return nil
}

func printSome[T fmt.Stringer](what string, list []T) {
	for i, item := range list {
		if i == most {
			fmt.Printf("%s: and %d more\n", what, len(list)-most)
			return
		}
		fmt.Printf("%s: %s\n", what, item)
	}
}
