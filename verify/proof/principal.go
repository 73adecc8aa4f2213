package proof

import (
	"strings"

	"github.com/cdk-textract/textractasync/internal/scenario"
)

// Principal is who calls.
type Principal struct {
	ID       string // an ARN, or the name of a service
	Role     string // name of the role whose policies count; empty where there are none in the templates
	Policies []*Document
}

// Accounts and services that have nothing to do with the flow.
const (
	strangerAccount   = "999988887777"
	otherService      = "rekognition.amazonaws.com"
	otherPartition    = "aws-cn"
	cloudWatchService = "cloudwatch.amazonaws.com"
	snsService        = "sns.amazonaws.com"
	textractService   = "textract.amazonaws.com"
)

var everything = &Document{
	Version:   policyVersion,
	Statement: []Statement{{"Effect": "Allow", "Action": "*", "Resource": "*"}},
}

// open is the policy of another account's resource that lets everybody in, so that a denial is our side's doing.
var open = &Document{
	Version:   policyVersion,
	Statement: []Statement{{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}},
}

// ofAccount is the policy of a key that leaves the decision to the account's IAM policies.
func ofAccount(env Environment) *Document {
	return &Document{Version: policyVersion, Statement: []Statement{{
		"Effect": "Allow", "Principal": map[string]any{"AWS": "arn:" + env.Partition + ":iam::" + env.Account + ":root"},
		"Action": "kms:*", "Resource": "*",
	}}}
}

func service(name string) Principal { return Principal{ID: name} }

func (c Caller) principal() Principal { return Principal{ID: c.Role, Role: roleName(c.Role)} }

func (f *Flow) servicePrincipalRole() Principal {
	return Principal{ID: f.ServiceRole, Role: roleName(f.ServiceRole)}
}

func (f *Flow) role(account, name string) string {
	return "arn:" + f.Env.Partition + ":iam::" + account + ":role/" + name
}

// outsider is a role of the account without any policy.
func (f *Flow) outsider() Principal { return Principal{ID: f.role(f.Env.Account, "outsider")} }

// administrator may do everything that the account's IAM policies can allow.
func (f *Flow) administrator() Principal {
	return Principal{ID: f.role(f.Env.Account, "administrator"), Policies: []*Document{everything}}
}

// stranger is another account's administrator.
func (f *Flow) stranger() Principal {
	return Principal{ID: f.role(strangerAccount, "administrator"), Policies: []*Document{everything}}
}

// trustedStranger is an administrator of an account whose jobs Textract may notify of.
func (f *Flow) trustedStranger() Principal {
	return Principal{ID: f.role(scenario.OtherAccount, "administrator"), Policies: []*Document{everything}}
}

// strays are resources that a policy for the given one might reach by mistake: in another account, Region or partition, with a
// name that begins alike, or with another name.
func strays(arn string) []string {
	if arn == "*" {
		return nil
	}
	parts := strings.SplitN(arn, ":", 6)
	with := func(index int, value string) string {
		changed := append([]string(nil), parts...)
		changed[index] = value
		return strings.Join(changed, ":")
	}
	const other = "somebody-elses"
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
