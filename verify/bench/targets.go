package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
)

// bounds are the counts that a test of this library asserts.
type bounds struct{ DefaultRequests, GrantRequests, CDKPackages int }

// readBounds reads them where they are asserted, so that they stand in one place.
func readBounds(root string) (bounds, error) {
	var b bounds
	path := filepath.Join(root, "budget_test.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return b, err
	}
	values := map[string]int{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			if value, err := strconv.Atoi(literal.Value); err == nil {
				values[spec.Names[0].Name] = value
			}
		}
		return true
	})
	for name, to := range map[string]*int{
		"maxRequestsOfDefault":      &b.DefaultRequests,
		"maxRequestsOfGrantRunJobs": &b.GrantRequests,
		"maxCDKPackages":            &b.CDKPackages,
	} {
		if *to = values[name]; *to == 0 {
			return b, fmt.Errorf("%s: no constant %s", path, name)
		}
	}
	return b, nil
}

// What this library wants to reach, times being those of its rivals.
const (
	maxColdBuild        = 0.6  // of Go by hand
	maxMarginalOfByHand = 0.8  // of Go by hand
	maxMarginalOfFloor  = 6.0  // times JavaScript
	maxExponent         = 1.05 // 1 is linear
	maxMakeSynth        = 1.3  // times JavaScript
	maxMakeTestSeconds  = 30.0
)

// target is what this library wants to reach, and whether it does.
type target struct {
	Name, Bound, Measured string
	Met                   bool
}

func (r *results) targets() []target {
	largest := slices.Max(r.Effort.Sizes)
	inAll := func(name string) float64 { return marginal(r.Growth[name], 1, largest, totalTime) }
	toBuild := func(name string) float64 { return marginal(r.Growth[name], 1, largest, buildTime) }
	counted := func(name string, count, bound int) target {
		return target{name, fmt.Sprintf("at most %d", bound), strconv.Itoa(count), count <= bound}
	}
	measured := func(name, bound string, value, limit float64) target {
		return target{name, fmt.Sprintf(bound, limit), fmt.Sprintf("%.2f", value), value <= limit}
	}
	return []target{
		measured("Cold `go build`", "at most %.2g of "+byHand,
			r.Builds[ours].Cold.median()/r.Builds[byHand].Cold.median(), maxColdBuild),
		measured("Time per construct with `GrantRunJobs`", "at most %.2g of "+byHand,
			inAll(ours)/inAll(byHand), maxMarginalOfByHand),
		measured("the same without its part of the synthesis", "at most %.2g of "+byHand,
			toBuild(ours)/toBuild(byHand), maxMarginalOfByHand),
		measured("Time per construct with `GrantRunJobs`", "at most %.2g times "+floor,
			inAll(ours)/inAll(floor), maxMarginalOfFloor),
		measured("the same without its part of the synthesis", "at most %.2g times "+floor,
			toBuild(ours)/toBuild(floor), maxMarginalOfFloor),
		counted("jsii requests of the default construct", r.Requests[ours].Default, r.Bounds.DefaultRequests),
		counted("jsii requests of `GrantRunJobs`", r.Requests[ours].Grant, r.Bounds.GrantRequests),
		counted("Packages of the CDK that are imported", r.Builds[ours].CDKPackages, r.Bounds.CDKPackages),
		measured(fmt.Sprintf("Exponent of growth up to %d constructs", largest), "at most %.3g",
			exponents(r.Growth[ours], r.Effort.Sizes).median(), maxExponent),
		measured("Warm `make synth`", "at most %.2g times `cdk synth` in "+floor,
			r.Samples[makeSynth].median()/r.Samples[synthJavaScript].median(), maxMakeSynth),
		measured("Warm `make test`, seconds", "at most %.3g", r.Tests.Run.median(), maxMakeTestSeconds),
	}
}
