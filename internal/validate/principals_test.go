package validate

import (
	"strings"
	"testing"
)

func TestPrincipalOf(t *testing.T) {
	const iam = "arn:aws:iam::111122223333:"
	for text, want := range map[string]struct {
		kind    PrincipalKind
		account string
	}{
		"*":                {EverybodyPrincipal, ""},
		"111122223333":     {AccountPrincipal, "111122223333"},
		iam + "root":       {AccountPrincipal, "111122223333"},
		iam + "role/x":     {RolePrincipal, "111122223333"},
		iam + "role/a/b/x": {RolePrincipal, "111122223333"},
		iam + "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_1": {RolePrincipal, "111122223333"},
		iam + "user/ann":                                         {UserPrincipal, "111122223333"},
		iam + "user/dev/ann":                                     {UserPrincipal, "111122223333"},
		iam + "group/ops":                                        {GroupPrincipal, "111122223333"},
		iam + "saml-provider/x":                                  {ProviderPrincipal, "111122223333"},
		iam + "oidc-provider/token.actions.example.com":          {ProviderPrincipal, "111122223333"},
		"arn:aws:sts::111122223333:assumed-role/x/session":       {SessionPrincipal, "111122223333"},
		"arn:aws:sts::111122223333:federated-user/bob":           {SessionPrincipal, "111122223333"},
		"arn:${Token[AWS.Partition.1]}:iam::111122223333:role/x": {RolePrincipal, "111122223333"},
		"arn:aws:iam::${Token[AWS.AccountId.1]}:role/x":          {RolePrincipal, ""},
		"arn:aws:iam::111122223333:role/${Token[TOKEN.1]}":       {RolePrincipal, "111122223333"},
		"arn:aws:iam::111122223333:${Token[TOKEN.1]}":            {UnknownPrincipal, "111122223333"},
		"${Token[TOKEN.1]}":                                      {UnknownPrincipal, ""},
		iam + "role/app-*":                                       {InvalidPrincipal, "111122223333"},
		iam + "role/${Token[TOKEN.1]}-*":                         {InvalidPrincipal, "111122223333"},
		iam + "user/?":                                           {InvalidPrincipal, "111122223333"},
		iam + "role/":                                            {InvalidPrincipal, "111122223333"},
		iam + "policy/x":                                         {InvalidPrincipal, "111122223333"},
		iam + "instance-profile/x":                               {InvalidPrincipal, "111122223333"},
		"arn:aws:sts::111122223333:assumed-role/x":               {InvalidPrincipal, "111122223333"},
		"arn:aws:iam::aws:role/x":                                {InvalidPrincipal, "aws"},
		"arn:aws:iam:::role/x":                                   {InvalidPrincipal, ""},
		"arn:aws:iam:eu-west-1:111122223333:role/x":              {InvalidPrincipal, "111122223333"},
		"arn:aws:lambda:eu-west-1:111122223333:function:f":       {InvalidPrincipal, "111122223333"},
		"lambda.amazonaws.com":                                   {InvalidPrincipal, ""},
		"AROAEXAMPLE":                                            {InvalidPrincipal, ""},
		"":                                                       {InvalidPrincipal, ""},
	} {
		kind, account := PrincipalOf(text)
		if kind != want.kind || account != want.account {
			t.Errorf("%s: got %d of account %q, want %d of %q", text, kind, account, want.kind, want.account)
		}
		if problems := CheckPrincipal(text, "eu-west-1"); (len(problems) > 0) != (kind == InvalidPrincipal) {
			t.Errorf("%s: problems %v", text, problems)
		}
	}
}

func TestPrincipalOfAnotherPartitionIsRejected(t *testing.T) {
	problems := CheckPrincipal("arn:aws-us-gov:iam::111122223333:role/x", "eu-west-1")
	if len(problems) != 1 || !strings.Contains(problems[0].Fix, `"aws"`) {
		t.Errorf("got %v", problems)
	}
	if problems := CheckPrincipal("arn:aws-us-gov:iam::111122223333:role/x", "us-gov-west-1"); problems != nil {
		t.Errorf("got %v", problems)
	}
}

func TestFixOfAWildcardSaysWhatElse(t *testing.T) {
	problems := CheckPrincipal("arn:aws:iam::111122223333:role/app-*", "eu-west-1")
	if len(problems) != 1 || !strings.Contains(problems[0].Fix, "aws:PrincipalArn") {
		t.Errorf("got %v", problems)
	}
}
