package validate

import "regexp"

// accountID is AccountIdType of the KMS model.
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

var accountRules = []rule[Settings]{
	{
		name: "TrustedAccounts empty",
		doc:  "An empty list reads as if no account were trusted, but the stack's own always is.",
		check: func(s *Settings) []Problem {
			return emptyList("TrustedAccounts", s.TrustedAccounts,
				"name an account, or leave out TrustedAccounts for the stack's own alone")
		},
	},
	{
		name: "TrustedAccounts form",
		doc: "An account id has 12 digits; any other matches no job." +
			" See: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html",
		check: func(s *Settings) []Problem {
			return eachString("TrustedAccounts", s.TrustedAccounts, func(account string) string {
				if accountID.MatchString(account) {
					return ""
				}
				return "use an account id of 12 digits"
			})
		},
	},
	{
		name: "TrustedAccounts repeated",
		doc:  "An account that stands twice is most likely a slip for another one.",
		check: func(s *Settings) []Problem {
			return repeated("TrustedAccounts", s.TrustedAccounts)
		},
	},
}
