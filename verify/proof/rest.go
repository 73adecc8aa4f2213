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
	adapter := strings.Join(list{"arn", e.Env.Partition, "textract", e.Env.Region, e.Env.Account, "/adapters/1f2e3d4c"}, ":")
	all := e.locations()
	return slices.Concat(list{"*", adapter, e.ServiceRole}, buckets(all...), objects(all...), e.topics(), e.queues(), e.keys())
}

// restRows ask every action of every service on every resource, of everybody who takes part or
// might. What a row before them allows is not asked.
func (e *Expectation) restRows() []*Row {
	account := e.Env.Account
	row := func(id, who, when string, principals []principal, c context) *Row {
		return &Row{
			id: "rest/" + id, who: who, call: "any other action of Textract, SQS, SNS, S3, KMS, IAM and STS",
			on: "every resource of the construct, and *", when: when, source: evaluation, calls: by(principals, e.everyCall(c)),
		}
	}
	onResources := slices.DeleteFunc(e.everyCall(overTLS()), func(c call) bool { return c.resource == "*" })
	// What callers of another account do there is not this one's business.
	ofCallers := slices.DeleteFunc(by(e.with(anyGrant), e.everyCall(overTLS())), func(c call) bool {
		return c.resource == "*" && accountIn(c.by.id) != e.Env.Account
	})
	overHTTPDenied := slices.DeleteFunc(e.everyCall(overTLS()), func(c call) bool {
		isPublish := c.action == "sns:Publish" && slices.Contains(e.topics(), c.resource)
		return e.AllowHTTP || !isPublish && !slices.Contains(e.queues(), c.resource)
	})
	callers := row("callers", "every caller", "", nil, overTLS())
	callers.calls = ofCallers
	return []*Row{
		callers,
		row("service-role", "the service role", "", e.serviceRole(), overTLS()),
		row("textract", "Textract", "for jobs of the account", services(textractService), from(e.job(account), account)),
		row("sns", "SNS", "for the topic", services(snsService), from(e.Topic, account)),
		row("cloudwatch", "CloudWatch", "for alarms of the account", services(cloudWatchService), from(e.alarm(), account)),
		row("without-policies", "a role of the account without policies", "", []principal{e.role(account, "without-policies")}, overTLS()),
		{
			id: "rest/strangers", who: "another account, also a trusted one", call: "any action", on: "every resource of the construct",
			source: evaluation, calls: by(e.strangers(), onResources),
		},
		{
			id:     "rest/cross-account",
			who:    "an administrator of the account",
			call:   "any action that no caller needs, or outside the prefix",
			on:     "buckets and keys of another account",
			source: evaluation,
			calls:  by(e.administrator(), e.crossAccountMisuses()),
		},
		{
			id: "rest/http", who: "an administrator of the account", call: "any action of SQS, sns:Publish", on: "queues and topics",
			when: "plain HTTP", source: sqsTransit, calls: by(e.administrator(), overHTTP(overHTTPDenied)),
		},
	}
}

// everyCall is every call on the resources, in a context that meets the conditions of the policies.
func (e *Expectation) everyCall(c context) []call {
	met := context{"iam:passedtoservice": textractService}
	if e.Output.Prefix != "" {
		met["s3:prefix"] = e.Output.Prefix
	}
	var all []call
	for _, actions := range e.catalogue {
		for _, action := range actions {
			for resource, keys := range action.Resources {
				made := call{action: action.Action, resource: resource, context: maps.Clone(c)}
				for _, key := range keys {
					if value, ok := met[key]; ok {
						made.context[key] = value
					}
				}
				all = append(all, made)
			}
		}
	}
	slices.SortFunc(all, func(a, b call) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.resource, b.resource))
	})
	return all
}

// crossAccountMisuses are the calls on another account's buckets and keys that no caller and no
// service role needs.
func (e *Expectation) crossAccountMisuses() []call {
	type need struct{ action, resource, prefix string }
	needOf := func(c call) need { return need{c.action, c.resource, c.context["s3:prefix"]} }
	needed := map[need]bool{}
	all := e.everyCall(overTLS())
	for _, p := range slices.Concat(e.callerPermissions(), e.servicePermissions()) {
		for _, c := range by(p.may, p.uses()) {
			needed[needOf(c)] = true
		}
		all = append(all, p.misuses()...)
	}
	return slices.DeleteFunc(all, func(c call) bool {
		isTheirs := slices.ContainsFunc(
			e.locations(),
			func(l Location) bool { return l.Owner != "" && resourceOf(c.resource) == l.Bucket },
		) ||
			slices.Contains(e.keys(), c.resource) && accountIn(c.resource) != e.Env.Account
		return !isTheirs || needed[needOf(c)]
	})
}
