package textractasync_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"
	"pgregory.net/rapid"

	"github.com/cdk-textract/textractasync"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

// TestEveryPermissionIsGrantedOrPrinted builds apps of every mixture of origins and judges their
// templates and warnings by what the flow needs, which property_flow_test.go states again, apart
// from the tables of the package. -rapid.checks sets how many, -rapid.seed repeats.
func TestEveryPermissionIsGrantedOrPrinted(t *testing.T) {
	useFewerChecks(t, "60")
	flagSets, err := scenario.FlagSets(".")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		for _, fault := range faultsOf(t, drawOrigins(r), flagSets) {
			r.Error(fault)
		}
	})
}

func drawOrigins(r *rapid.T) origins {
	o := origins{}
	maybeRejected := rapid.IntRange(0, 7).Draw(r, "rejected where it is 7") == 7
	for _, d := range dimensions {
		possible := slices.DeleteFunc(slices.Clone(d.names), func(name string) bool {
			with := o.with(d.prop, name)
			return with.isInherent() || !maybeRejected && len(with.rejected()) > 0
		})
		o[d.prop] = rapid.SampledFrom(possible).Draw(r, d.prop)
	}
	return o
}

// useFewerChecks keeps the suite quick, because each check is a synthesis, and the same each time.
func useFewerChecks(t *testing.T, checks string) {
	t.Helper()
	set := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { set[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.nofailfile": "true", "rapid.seed": "1"} {
		if set[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
}

// origins has the name of the origin of each prop.
type origins map[string]string

// String names those that are not the default.
func (o origins) String() string {
	var named []string
	for _, d := range dimensions {
		if o[d.prop] != d.names[0] {
			named = append(named, d.prop+": "+o[d.prop])
		}
	}
	return strings.Join(named, "; ")
}

// recorder collects the errors of a check of other tests.
type recorder struct {
	testing.TB
	faults []string
}

func (r *recorder) Errorf(format string, arguments ...any) {
	r.faults = append(r.faults, fmt.Sprintf(format, arguments...))
}

// faultsOf builds one app, and returns what is wrong with it.
func faultsOf(t *testing.T, o origins, flagSets []scenario.FlagSet) (faults []string) {
	flags := flagSets[slices.IndexFunc(flagSets, func(f scenario.FlagSet) bool { return f.Name == o["flags"] })]
	p := &propertyApp{origins: o, stacks: map[string]awscdk.Stack{}, made: map[string]awskms.IKey{}, dir: t.TempDir(), app: awscdk.NewApp(&awscdk.AppProps{
		Context: &flags.Context, Outdir: jsii.String(t.TempDir()), AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false),
	})}
	home := p.stack(homeStack)
	p.customizeRoles()
	changed, isChanged := changes[o["change"]]
	props, who := p.props(), grantees[o["grantee"]](p, home)

	rejected := o.rejected()
	if changed.before != nil {
		changed.before(p)
	}
	var textract textractasync.TextractAsync
	var grant awsiam.Grant
	invalid, problem := rejectionOf(func() { textract = textractasync.NewTextractAsync(home, jsii.String("TextractAsync"), props) })
	if problem == "" && invalid == nil {
		if o["grantee"] == "made in another account" {
			rejected[o["Grant"]+" grantee"] = "a role can only be passed within its account"
		}
		invalid, problem = rejectionOf(func() { grant = grantsOf(textract)[o["Grant"]](who.grantable) })
	}
	if problem != "" {
		return []string{"panic: " + problem}
	}
	if invalid != nil || len(rejected) > 0 {
		return compareRejections(rejected, invalid)
	}

	if invalid, problem := rejectionOf(func() { p.addSecond(props, who) }); invalid != nil || problem != "" {
		return []string{fmt.Sprintf("second construct: %v%s", invalid, problem)}
	}
	if lazy, ok := who.grantable.(awsiam.LazyRole); ok {
		lazy.RoleArn() // the CDK makes the role when something uses it
	}

	if changed.after != nil {
		changed.after(p, textract)
	}
	r := &recorder{TB: t}
	var s synthesis
	success := *grant.Success()
	_, problem = rejectionOf(func() { s = synthesizeApp(r, p.app) })
	if isChanged {
		if !strings.Contains(problem, "Validation failed") || !strings.Contains(problem, changed.want) {
			r.Errorf("synthesis ends with %q, want %s", problem, changed.want)
		}
		return r.faults
	}
	if problem != "" {
		return append(r.faults, "synthesis: "+problem)
	}
	assertNoCycle(r, s)
	j := newJudge(r, o, s)
	if o["roles"] == customized {
		j.customized(*p.app.Outdir())
		return r.faults
	}
	if o["second construct"] == byARNs {
		j.byARNs()
	}
	j.flow()
	j.caller(who, success)
	j.warnings()
	j.limits()
	return r.faults
}

// addSecond grants to the same caller, or deploys a stack like the first with the same imported
// roles.
func (p *propertyApp) addSecond(first *textractasync.TextractAsyncProps, who caller) {
	grant := p.origins["Grant"]
	switch p.origins["second construct"] {
	case "in the same stack":
		props := &textractasync.TextractAsyncProps{ServiceRole: first.ServiceRole}
		grantsOf(textractasync.NewTextractAsync(p.stack(homeStack), jsii.String("Second"), props))[grant](who.grantable)
	case byARNs:
		p.addByARNs()
	case "in a stack like the first":
		twin := p.stack("Twin")
		props := &textractasync.TextractAsyncProps{}
		if p.origins["ServiceRole"] == "imported" {
			props.ServiceRole = awsiam.Role_FromRoleArn(twin, jsii.String("Service"), jsii.String(importedServiceRole), nil)
		}
		textract := textractasync.NewTextractAsync(twin, jsii.String("TextractAsync"), props)
		if p.origins["grantee"] == "an imported role" {
			grantsOf(textract)[grant](awsiam.Role_FromRoleArn(twin, jsii.String("Caller"), jsii.String(importedCaller), nil))
		}
	}
}

// rejectionOf returns the *ValidationError with which a function panics, or the text of any other
// panic.
func rejectionOf(function func()) (invalid *textractasync.ValidationError, problem string) {
	defer func() {
		if value := recover(); value != nil {
			if err, ok := value.(error); !ok || !errors.As(err, &invalid) {
				problem = fmt.Sprint(value)
			}
		}
	}()
	function()
	return nil, ""
}

func compareRejections(want map[string]string, got *textractasync.ValidationError) (faults []string) {
	found := map[string]bool{}
	if got != nil {
		for _, problem := range got.Problems {
			found[problem.Prop] = true
			if want[problem.Prop] == "" {
				faults = append(faults, "rejected, although it can be used: "+problem.String())
			}
		}
	}
	for prop, reason := range want {
		if !found[prop] {
			faults = append(faults, fmt.Sprintf("accepted: %s, although %s", prop, reason))
		}
	}
	return faults
}
