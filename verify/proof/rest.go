package proof

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// catalogue lists, by service, what can be asked of the resources of an expectation.
type catalogue map[string][]serviceAction

// GetCallerIdentity needs no permission.
// See: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
const needsNoPermission = "sts:GetCallerIdentity"

func newCatalogue(s *simulator, e *Expectation) (catalogue, error) {
	resources := e.resources()
	for _, other := range e.Others {
		resources = append(resources, other.resources()...)
	}
	c := catalogue{}
	for _, service := range []string{"textract", "sqs", "sns", "s3", "kms", "iam", "sts"} {
		actions, err := s.actions(service, present(resources...))
		if err != nil {
			return nil, err
		}
		c[service] = slices.DeleteFunc(actions, func(a serviceAction) bool { return a.Action == needsNoPermission })
	}
	return c, nil
}

// resources are all that a call can name, one of each kind.
func (e *Expectation) resources() []string {
	all := []string{"*", e.ServiceRole, "arn:" + e.Env.Partition + ":textract:" + e.Env.Region + ":" + e.Env.Account + ":/adapters/1f2e3d4c"}
	for _, l := range e.locations() {
		all = append(all, l.Bucket, l.object())
	}
	return slices.Concat(all, e.topics(), e.queues(), e.keys())
}

// restRows ask every action of every service on every resource, of everybody who takes part or might. What a row before them allows is
// not asked.
func restRows() []*Row {
	const anyAction, anywhere = "any other action of Textract, SQS, SNS, S3, KMS, IAM and STS", "every resource of the construct, and *"
	row := func(id, who, when string, principals func(e *Expectation) []principal, context func(e *Expectation) map[string]string) *Row {
		return &Row{id: "rest/" + id, who: who, call: anyAction, on: anywhere, when: when, source: evaluation, ask: func(e *Expectation) []use {
			return by(principals(e), e.everyCall(context(e)))
		}}
	}
	plain := func(*Expectation) map[string]string { return overTLS() }
	service := func(name string) func(*Expectation) []principal {
		return func(*Expectation) []principal { return services(name) }
	}
	return []*Row{
		row("callers", "every caller", "", func(e *Expectation) []principal { return e.with(anyGrant) }, plain),
		row("service-role", "the service role", "", (*Expectation).serviceRole, plain),
		row("textract", "Textract", "for jobs of the account", service(textractService),
			func(e *Expectation) map[string]string { return from(e.job(e.Env.Account), e.Env.Account) }),
		row("sns", "SNS", "for the topic", service(snsService),
			func(e *Expectation) map[string]string { return from(e.Topic, e.Env.Account) }),
		row("cloudwatch", "CloudWatch", "for alarms of the account", service(cloudWatchService),
			func(e *Expectation) map[string]string { return from(e.alarm(), e.Env.Account) }),
		row("without-policies", "a role of the account without policies", "",
			func(e *Expectation) []principal { return []principal{e.role(e.Env.Account, "without-policies")} }, plain),
		{
			id: "rest/strangers", who: "another account, also a trusted one", call: "any action", on: "every resource of the construct",
			source: evaluation, ask: func(e *Expectation) []use {
				return by(e.strangers(), slices.DeleteFunc(e.everyCall(overTLS()), func(u use) bool { return u.resource == "*" }))
			},
		},
		{
			id: "rest/cross-account", who: "an administrator of the account", call: "any action that no caller needs, or outside the prefix",
			on: "buckets and keys of another account", source: evaluation,
			ask: func(e *Expectation) []use { return by(e.administrator(), e.crossAccountMisuses()) },
		},
		{
			id: "rest/http", who: "an administrator of the account", call: "any action of SQS, sns:Publish", on: "queues and topics",
			when: "plain HTTP", source: sqsTransit, ask: func(e *Expectation) []use {
				if e.AllowHTTP {
					return nil
				}
				return by(e.administrator(), overHTTP(slices.DeleteFunc(e.everyCall(overTLS()), func(u use) bool {
					isPublish := u.action == "sns:Publish" && slices.Contains(e.topics(), u.resource)
					return !isPublish && !slices.Contains(e.queues(), u.resource)
				})))
			},
		},
	}
}

// everyCall is every call on the resources, in a context that meets the conditions of the policies.
func (e *Expectation) everyCall(context map[string]string) []use {
	met := map[string]string{"iam:passedtoservice": textractService}
	if e.Output != nil {
		met["s3:prefix"] = e.Output.Prefix
	}
	var all []use
	for _, service := range e.catalogue {
		for _, action := range service {
			for resource, keys := range action.Resources {
				u := use{action: action.Action, resource: resource, context: maps.Clone(context)}
				for _, key := range keys {
					if value, ok := met[key]; ok {
						u.context[key] = value
					}
				}
				all = append(all, u)
			}
		}
	}
	slices.SortFunc(all, func(a, b use) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.resource, b.resource))
	})
	return all
}

// crossAccountMisuses are the calls on another account's buckets and keys that no caller and no service role needs.
func (e *Expectation) crossAccountMisuses() []use {
	type need struct{ action, resource, prefix string }
	needed := map[need]bool{}
	var all []use
	for _, p := range slices.Concat(callerPermissions(), servicePermissions()) {
		for _, u := range by(p.may(e), p.uses(e)) {
			needed[need{u.action, u.resource, u.context["s3:prefix"]}] = true
		}
		if p.misuses != nil {
			all = append(all, p.misuses(e)...)
		}
	}
	return slices.DeleteFunc(append(all, e.everyCall(overTLS())...), func(u use) bool {
		isTheirs := slices.ContainsFunc(e.locations(), func(l Location) bool { return l.Owner != "" && resourceOf(u.resource) == l.Bucket })
		isTheirs = isTheirs || strings.Contains(u.resource, ":kms:") && slices.Contains(e.keys(), u.resource) && accountIn(u.resource) != e.Env.Account
		return !isTheirs || needed[need{u.action, u.resource, u.context["s3:prefix"]}]
	})
}

// allowedCall is what an allowed row allows, whatever its context.
type allowedCall struct{ who, action, resource string }
