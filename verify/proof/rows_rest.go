package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// services are those whose actions the flow's policies could name.
var services = []string{"textract", "sqs", "sns", "s3", "kms", "iam", "sts"}

// needsNoPermission is answered to everybody who has credentials.
// See: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
const needsNoPermission = "sts:GetCallerIdentity"

// catalogue lists, per service, what can be asked of the resources of a flow.
type catalogue map[string][]ServiceAction

func newCatalogue(s *Simulator, f *Flow) (catalogue, error) {
	c := catalogue{}
	resources := f.resources()
	for _, neighbour := range f.Others {
		resources = append(resources, neighbour.resources()...)
	}
	slices.Sort(resources)
	resources = slices.Compact(resources)
	for _, service := range services {
		actions, err := s.actions(service, resources)
		if err != nil {
			return nil, err
		}
		c[service] = actions
	}
	return c, nil
}

// resources are all that a call can name, one of each sort.
func (f *Flow) resources() []string {
	all := []string{
		"*", f.ServiceRole,
		"arn:" + f.Env.Partition + ":textract:" + f.Env.Region + ":" + f.Env.Account + ":/adapters/1f2e3d4c",
	}
	all = append(all, f.topics()...)
	all = append(all, f.queues()...)
	all = append(all, f.keys()...)
	for _, l := range f.locations() {
		all = append(all, l.Bucket, l.object())
	}
	return all
}

// call is what an allowed row grants, without its context.
type call struct{ who, action, resource string }

// restRow refuses whatever no row before it allows.
func restRow(id, who, call, on, when string, src Source, ask func(f *Flow, c catalogue) []use) *Row {
	return &Row{
		ID: id, Who: who, Call: call, On: on, When: when, Source: src,
		ask: func(f *Flow) []use { return ask(f, f.catalogue) },
	}
}

// RestRows ask every action of every service on every resource that the flow has, for each who takes part in it or might.
func RestRows() []*Row {
	const anyCall, anywhere = "any other action of Textract, SQS, SNS, S3, KMS, IAM and STS", "every resource of the flow, and *"
	whole := func(who func(f *Flow) []Principal, context func(f *Flow) map[string]string) func(*Flow, catalogue) []use {
		return func(f *Flow, c catalogue) []use { return asked(who(f), c.uses(f, context(f))) }
	}
	plain := func(*Flow) map[string]string { return overTLS() }
	return []*Row{
		restRow("rest/callers", "every caller", anyCall, anywhere, "", evaluation, whole(func(f *Flow) []Principal {
			var all []Principal
			for _, c := range f.Callers {
				all = append(all, c.principal())
			}
			return all
		}, plain)),
		restRow("rest/service-role", "the service role", anyCall, anywhere, "", evaluation, whole(func(f *Flow) []Principal {
			return []Principal{f.servicePrincipalRole()}
		}, plain)),
		restRow("rest/textract", "Textract", anyCall, anywhere, "for jobs of the account", evaluation,
			whole(func(*Flow) []Principal { return []Principal{service(textractService)} },
				func(f *Flow) map[string]string { return source(f.job(f.Env.Account), f.Env.Account) })),
		restRow("rest/sns", "SNS", anyCall, anywhere, "for the topic", evaluation,
			whole(func(*Flow) []Principal { return []Principal{service(snsService)} },
				func(f *Flow) map[string]string { return source(f.Topic, f.Env.Account) })),
		restRow("rest/cloudwatch", "CloudWatch", anyCall, anywhere, "for alarms of the account", evaluation,
			whole(func(*Flow) []Principal { return []Principal{service(cloudWatchService)} },
				func(f *Flow) map[string]string { return source(f.alarm(), f.Env.Account) })),
		restRow("rest/outsider", "a role of the account without policies", "any action", anywhere, "", evaluation,
			whole(func(f *Flow) []Principal { return []Principal{f.outsider()} }, plain)),
		restRow("rest/stranger", "another account, a trusted one too", "any action", "every resource of the flow", "", evaluation,
			func(f *Flow, c catalogue) []use {
				named := slices.DeleteFunc(c.uses(f, overTLS()), func(u use) bool { return u.resource == "*" })
				return asked([]Principal{f.stranger(), f.trustedStranger()}, named)
			}),
		restRow("rest/foreign", "an administrator of the account", "any action that no caller needs, or beside the prefix",
			"buckets and keys of another account", "", evaluation, func(f *Flow, c catalogue) []use {
				return asked([]Principal{f.administrator()}, f.foreignUses(c))
			}),
		restRow("rest/http", "an administrator of the account", "any action of SQS, sns:Publish", "the queues, the topics", "plain HTTP",
			sqsTransit, func(f *Flow, c catalogue) []use {
				if !f.RefusesHTTP {
					return nil
				}
				refused := slices.DeleteFunc(c.uses(f, overHTTP()), func(u use) bool {
					return !slices.Contains(f.queues(), u.resource) && (u.action != "sns:Publish" || !slices.Contains(f.topics(), u.resource))
				})
				return asked([]Principal{f.administrator()}, refused)
			}),
	}
}

// foreignUses are the calls on another account's locations that no caller of the flow needs.
func (f *Flow) foreignUses(c catalogue) []use {
	type need struct{ action, resource, prefix string }
	needed := map[need]bool{}
	var all []use
	for _, p := range callerPermissions {
		for _, u := range p.uses(f) {
			needed[need{u.action, u.resource, u.context["s3:prefix"]}] = true
		}
		if p.beside != nil {
			all = append(all, p.beside(f)...)
		}
	}
	all = append(all, c.uses(f, overTLS())...)
	return slices.DeleteFunc(all, func(u use) bool {
		foreign := slices.ContainsFunc(f.locations(), func(l Location) bool {
			return l.Owner != "" && (bucketOf(u.resource) == l.Bucket || u.resource == l.Key)
		})
		return !foreign || needed[need{u.action, u.resource, ""}] || needed[need{u.action, u.resource, u.context["s3:prefix"]}]
	})
}

// uses are all calls on the flow's resources, in a context that satisfies the conditions which its policies make.
func (c catalogue) uses(f *Flow, context map[string]string) []use {
	var all []use
	for _, service := range services {
		for _, action := range c[service] {
			if action.Action == needsNoPermission {
				continue
			}
			for resource, keys := range action.Resources {
				all = append(all, use{action: action.Action, resource: resource, context: f.favour(context, keys)})
			}
		}
	}
	slices.SortFunc(all, compareCalls)
	return all
}

// favour adds the context keys of a service's own that the policies ask for, where a request can carry them.
func (f *Flow) favour(context map[string]string, keys []string) map[string]string {
	favourable := map[string]string{"iam:passedtoservice": textractService}
	if f.Output != nil {
		favourable["s3:prefix"] = f.Output.listed()
	}
	changed := maps.Clone(context)
	for _, key := range keys {
		if value, ok := favourable[key]; ok {
			changed[key] = value
		}
	}
	return changed
}

func compareCalls(a, b use) int {
	return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.resource, b.resource))
}

// restQuestions leaves out what a row of the matrix allows.
func restQuestions(f *Flow, matrix []Question, rest []*Row) []Question {
	granted := map[call]bool{}
	for _, q := range matrix {
		if q.Want {
			granted[call{q.Who.ID, q.Action, q.Resource}] = true
		}
	}
	return slices.DeleteFunc(questions(f, rest), func(q Question) bool {
		return q.Row.ID != "rest/http" && granted[call{q.Who.ID, q.Action, q.Resource}]
	})
}
