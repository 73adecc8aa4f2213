package proof

import (
	"slices"
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// principal calls.
type principal struct {
	id       string      // an ARN, or the name of a service
	subjects []string    // whose policies of the deployment apply
	policies []*Document // that apply in addition
}

// Accounts, services and a partition that have nothing to do with the construct.
const (
	strangerAccount = "999988887777"
	otherService    = "rekognition.amazonaws.com"
	otherPartition  = "aws-cn"

	cloudWatchService = "cloudwatch.amazonaws.com"
	snsService        = "sns.amazonaws.com"
	textractService   = "textract.amazonaws.com"
)

func services(names ...string) []principal {
	var all []principal
	for _, name := range names {
		all = append(all, principal{id: name})
	}
	return all
}

// principal of a group is one of its users, without other policies.
func (c Caller) principal() principal {
	return principal{id: strings.Replace(c.ARN, ":group/", ":user/of-", 1), subjects: []string{subjectOf(c.ARN)}}
}

func (e *Expectation) role(account, name string, policies ...*Document) principal {
	return principal{id: "arn:" + e.Env.Partition + ":iam::" + account + ":role/" + name, policies: policies}
}

func (e *Expectation) serviceRole() []principal {
	return []principal{{id: e.ServiceRole, subjects: []string{subjectOf(e.ServiceRole)}}}
}

// administratorOf may do everything that the account's IAM policies can allow.
func (e *Expectation) administratorOf(account string) principal {
	return e.role(account, "administrator", newDocument(Statement{Effect: "Allow", Action: texts{"*"}, Resource: texts{"*"}}))
}

func (e *Expectation) administrator() []principal {
	return []principal{e.administratorOf(e.Env.Account)}
}

// strangers are administrators of other accounts: of one that is trusted in some scenarios, unless
// it has resources of this one.
func (e *Expectation) strangers() []principal {
	all := []principal{e.administratorOf(strangerAccount)}
	owns := accountIn(e.QueueKey) == scenario.OtherAccount ||
		slices.ContainsFunc(e.locations(), func(l Location) bool { return l.Owner == scenario.OtherAccount })
	if !owns {
		all = append(all, e.administratorOf(scenario.OtherAccount))
	}
	return all
}

// outsiders are a role of the account without policies, and strangers.
func (e *Expectation) outsiders() []principal {
	return append(e.strangers(), e.role(e.Env.Account, "without-policies"))
}

func (e *Expectation) outsidersAnd(names ...string) []principal {
	return append(e.outsiders(), services(names...)...)
}

func (e *Expectation) callersAnd(names ...string) []principal {
	return append(e.without(0), services(names...)...)
}

// with are the callers that have one of the grants.
func (e *Expectation) with(wanted grants) []principal {
	var all []principal
	for _, c := range e.Callers {
		if c.Grants&wanted != 0 {
			all = append(all, c.principal())
		}
	}
	return all
}

// without are all others: callers, the callers of other constructs, and outsiders.
func (e *Expectation) without(wanted grants) []principal {
	all := e.outsiders()
	for _, c := range e.Callers {
		if c.Grants&wanted == 0 {
			all = append(all, c.principal())
		}
	}
	for _, other := range e.Others {
		all = append(all, other.with(anyGrant)...)
	}
	return all
}

// nearMisses are resources that a policy for this one might allow by mistake: in another account,
// Region or partition, with a name that begins alike, or with another name.
func nearMisses(arn string) []string {
	if arn == "" || arn == "*" {
		return nil
	}
	parts := strings.SplitN(arn, ":", 6)
	with := func(index int, value string) string { return strings.Join(replace(parts, index, value), ":") }
	const other = "another"
	head, tail, nested := strings.Cut(parts[5], "/")
	var all []string
	switch {
	case !nested:
		all = []string{with(5, head+"-2"), with(5, other)}
	case parts[2] == "s3":
		all = []string{with(5, head+"-2/"+tail), with(5, other+"/"+tail)}
	default:
		all = []string{with(5, parts[5]+"-2"), with(5, head+"/"+other)}
	}
	if parts[3] != "" {
		all = append(all, with(3, "us-east-1"))
	}
	if parts[4] != "" {
		all = append(all, with(4, strangerAccount))
	}
	return append(all, with(1, otherPartition))
}
