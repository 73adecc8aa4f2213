package validate

import "regexp"

// accountID is AccountIdType of the KMS model.
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// partOfAccountID is what may be known of an id with a token.
var partOfAccountID = regexp.MustCompile(`^[0-9]{0,12}$`)

var accountRules = []rule[Settings]{
	{
		name: "TrustedAccounts empty",
		// An empty list seems to trust no account, but the stack's own is always trusted.
		check: func(s *Settings) []Problem {
			return emptyList("TrustedAccounts", s.TrustedAccounts,
				"name an account, or remove TrustedAccounts for the stack's own alone")
		},
	},
	{
		name: "TrustedAccounts form",
		// An account id has 12 digits; any other matches no job.
		// See: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
		check: func(s *Settings) []Problem {
			var problems []Problem
			for i := range s.TrustedAccounts {
				problems = append(problems, checkParts(element("TrustedAccounts", i), &s.TrustedAccounts[i], func(account string) string {
					if accountID.MatchString(account) || Unresolved(account) && partOfAccountID.MatchString(knownParts(account)) {
						return ""
					}
					return "use an account id of 12 digits"
				})...)
			}
			return problems
		},
	},
	{
		name: "TrustedAccounts repeated",
		// An account that is named twice is most likely a mistake for another one.
		check: func(s *Settings) []Problem {
			return repeated("TrustedAccounts", s.TrustedAccounts)
		},
	},
}
