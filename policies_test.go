package textractasync_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/cdk-textract/textractasync/internal/fnsub"
	"github.com/cdk-textract/textractasync/internal/scenario"
)

const otherAccount = "444455556666"

// allowed is one action on one resource that a policy of a template, or of a warning, allows.
// References are written as in Fn::Sub.
type allowed struct {
	in        string   // the type of the resource that has the policy
	id        string   // its logical id; the id of the warning for a statement that a warning prints
	to        []string // the roles, users and groups of an identity policy
	principal string   // of a resource's policy, such as "Service:sns.amazonaws.com"
	action    string
	resource  string
	condition string // as JSON
}

// synthesis is what an app ends in.
type synthesis struct {
	templates map[string]map[string]any // by stack
	allowed   []allowed
	warnings  warnings
}

func synthesizeApp(t testing.TB, app awscdk.App) synthesis {
	t.Helper()
	dir := *app.Synth(nil).Directory()
	s := synthesis{templates: map[string]map[string]any{}, warnings: readWarnings(t, dir)}
	for name, text := range readTemplates(t, dir) {
		var template map[string]any
		if err := json.Unmarshal([]byte(text), &template); err != nil {
			t.Fatal(err)
		}
		s.templates[strings.TrimSuffix(name, ".template.json")] = template
		resources, _ := template["Resources"].(map[string]any)
		for id, resource := range resources {
			s.addResource(id, fnsub.Flatten(resource).(map[string]any))
		}
	}
	return s
}

var policyProperty = map[string]string{
	"AWS::IAM::Policy":        "PolicyDocument",
	"AWS::IAM::ManagedPolicy": "PolicyDocument",
	"AWS::IAM::Role":          "AssumeRolePolicyDocument",
	"AWS::KMS::Key":           "KeyPolicy",
	"AWS::SQS::QueuePolicy":   "PolicyDocument",
	"AWS::SNS::TopicPolicy":   "PolicyDocument",
	"AWS::S3::BucketPolicy":   "PolicyDocument",
}

func (s *synthesis) addResource(id string, resource map[string]any) {
	kind := fmt.Sprint(resource["Type"])
	properties, _ := resource["Properties"].(map[string]any)
	document, ok := properties[policyProperty[kind]].(map[string]any)
	if !ok {
		return
	}
	var to []string
	for _, key := range []string{"Roles", "Users", "Groups"} {
		to = append(to, list(properties[key])...)
	}
	s.allowed = append(s.allowed, statementsIn(document, allowed{in: kind, id: id, to: to})...)
}

func statementsIn(document map[string]any, in allowed) []allowed {
	statements, ok := document["Statement"].([]any)
	if !ok {
		statements = []any{document}
	}
	var all []allowed
	for _, each := range statements {
		statement := each.(map[string]any)
		if statement["Effect"] != "Allow" {
			continue
		}
		condition, _ := json.Marshal(statement["Condition"])
		principals := []string{""}
		if named, ok := statement["Principal"].(map[string]any); ok {
			principals = nil
			for kind, values := range named {
				for _, value := range list(values) {
					principals = append(principals, kind+":"+value)
				}
			}
		}
		resources := list(statement["Resource"])
		if len(resources) == 0 {
			resources = []string{""}
		}
		for _, principal := range principals {
			for _, action := range list(statement["Action"]) {
				for _, resource := range resources {
					a := in
					a.principal, a.action, a.resource, a.condition = principal, action, resource, string(condition)
					all = append(all, a)
				}
			}
		}
	}
	return all
}

func list(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		var all []string
		for _, each := range v {
			all = append(all, fmt.Sprint(each))
		}
		return all
	default:
		return []string{fmt.Sprint(v)}
	}
}

// printed are the permissions that the warnings print.
func (w warnings) printed(t testing.TB) []allowed {
	t.Helper()
	var all []allowed
	for id, texts := range w {
		for _, text := range texts {
			start := strings.LastIndex(text, ": {") // the principal of a grantee is JSON as well
			if start < 0 {
				continue
			}
			var document map[string]any
			if err := json.NewDecoder(strings.NewReader(text[start+2:])).Decode(&document); err != nil {
				t.Fatalf("warning %s prints no policy: %v\n%s", id, err, text)
			}
			all = append(all, statementsIn(document, allowed{in: "warning", id: id})...)
		}
	}
	return all
}

// where returns what is allowed by the policies of a type, for the actions with a prefix.
func (s synthesis) where(in, actionPrefix string, match func(allowed) bool) []allowed {
	var found []allowed
	for _, a := range s.allowed {
		if a.in == in && strings.HasPrefix(a.action, actionPrefix) && (match == nil || match(a)) {
			found = append(found, a)
		}
	}
	return found
}

// to matches the policies of a role, user or group by the beginning of its logical id or by its
// name.
func to(name string) func(allowed) bool {
	return func(a allowed) bool {
		return slices.ContainsFunc(a.to, func(owner string) bool { return owner == name || strings.HasPrefix(owner, "${"+name) })
	}
}

// eachFlagSet runs a test with no feature flag and with all recommended ones.
func eachFlagSet(t *testing.T, test func(t *testing.T, app awscdk.App)) {
	t.Helper()
	sets, err := scenario.FlagSets(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range sets {
		t.Run(flags.Name, func(t *testing.T) {
			test(t, awscdk.NewApp(&awscdk.AppProps{
				Context: &flags.Context, Outdir: jsii.String(t.TempDir()),
				AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false),
			}))
		})
	}
}

// homeIn is a stack with a known environment.
func homeIn(app awscdk.App) awscdk.Stack {
	return scenario.StackIn(app, "Home", account, region)
}

// assertNoCycle follows the references between the resources of each template; the CDK itself
// rejects cycles between stacks.
func assertNoCycle(t testing.TB, s synthesis) {
	t.Helper()
	for stack, template := range s.templates {
		resources, _ := template["Resources"].(map[string]any)
		const visiting, done = 1, 2
		state := map[string]int{}
		var visit func(id string, path []string)
		visit = func(id string, path []string) {
			switch state[id] {
			case done:
				return
			case visiting:
				t.Errorf("circular dependency in %s: %s", stack, strings.Join(append(path, id), " > "))
				return
			}
			state[id] = visiting
			for _, next := range referencesIn(resources[id]) {
				if _, ok := resources[next]; ok {
					visit(next, append(path, id))
				}
			}
			state[id] = done
		}
		for id := range resources {
			visit(id, nil)
		}
	}
}

func referencesIn(value any) []string {
	var found []string
	switch v := value.(type) {
	case map[string]any:
		for key, each := range v {
			switch key {
			case "Ref":
				found = append(found, fmt.Sprint(each))
			case "Fn::GetAtt":
				found = append(found, list(each)[0])
			case "DependsOn":
				found = append(found, list(each)...)
			default:
				found = append(found, referencesIn(each)...)
			}
		}
	case []any:
		for _, each := range v {
			found = append(found, referencesIn(each)...)
		}
	}
	return found
}
