package validate

import (
	"fmt"
	"regexp"
	"strings"
)

// PrincipalKind is what the ARN of a principal names.
// See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
type PrincipalKind int

// The kinds. An ARN that becomes known at deployment is of an unknown kind.
const (
	UnknownPrincipal PrincipalKind = iota
	InvalidPrincipal
	EverybodyPrincipal
	AccountPrincipal
	RolePrincipal
	UserPrincipal
	SessionPrincipal // of an assumed role, or of a federated user
	GroupPrincipal   // an identity that no policy can name
	ProviderPrincipal
)

var (
	principalNames = map[PrincipalKind]*regexp.Regexp{
		RolePrincipal:     regexp.MustCompile(`^role/(?:.+/)?[\w+=,.@-]{1,64}$`),
		UserPrincipal:     regexp.MustCompile(`^user/(?:.+/)?[\w+=,.@-]{1,64}$`),
		GroupPrincipal:    regexp.MustCompile(`^group/(?:.+/)?[\w+=,.@-]{1,128}$`),
		ProviderPrincipal: regexp.MustCompile(`^(?:saml|oidc)-provider/.+$`),
	}
	sessionName = regexp.MustCompile(`^(?:assumed-role/[\w+=,.@-]{1,64}/[\w+=,.@-]{2,64}|federated-user/[\w+=,.@-]{2,32})$`)
)

// PrincipalOf reads the ARN of a principal, "*" or the id of an account. The account is empty where
// it is unknown.
func PrincipalOf(text string) (kind PrincipalKind, owner string) {
	found, isARN := parse(text)
	switch {
	case text == "*":
		return EverybodyPrincipal, ""
	case accountID.MatchString(text):
		return AccountPrincipal, text
	case !isARN && Unresolved(text):
		return UnknownPrincipal, ""
	case !isARN:
		return InvalidPrincipal, ""
	}
	if known(found.Account) {
		owner = found.Account
	}
	return found.principal(), owner
}

func (a arn) principal() PrincipalKind {
	isWrong := func(part string, form *regexp.Regexp) bool { return !Unresolved(part) && !form.MatchString(part) }
	if strings.ContainsAny(a.resource, "*?") || isWrong(a.Account, accountID) || a.Region != "" && !Unresolved(a.Region) {
		return InvalidPrincipal
	}
	resource := token.ReplaceAllLiteralString(a.resource, "unknown")
	if resource == "unknown" || Unresolved(a.service) {
		return UnknownPrincipal
	}
	switch a.service {
	case "iam":
		if resource == "root" {
			return AccountPrincipal
		}
		for kind, form := range principalNames {
			if form.MatchString(resource) {
				return kind
			}
		}
	case "sts":
		if sessionName.MatchString(resource) {
			return SessionPrincipal
		}
	}
	return InvalidPrincipal
}

// CheckPrincipal finds what keeps AWS from taking an ARN as a principal in a Region.
func CheckPrincipal(text, region string) []Problem {
	kind, _ := PrincipalOf(text)
	found, _ := parse(text)
	want := PartitionOf(region)
	switch {
	case kind == InvalidPrincipal && strings.ContainsAny(text, "*?"):
		return []Problem{{"", quoted(text), "name each role or user: a principal has no wildcards; for many, use the account with a " +
			"condition on aws:PrincipalArn, in the policy of the queue"}}
	case kind == InvalidPrincipal:
		return []Problem{
			{"", quoted(text), "use the ARN of a role or user, arn:aws:iam::ACCOUNT:role/NAME, or a principal of another kind: " +
				"AWS takes no such principal"},
		}
	case known(found.partition) && want != "" && found.partition != want:
		return []Problem{{"", quoted(text), fmt.Sprintf("use a principal in partition %q, which %s is in", want, region)}}
	default:
		return nil
	}
}
