package validate

var accountCases = []ruleCase[Settings]{
	{rule: "TrustedAccounts empty", name: "not set", change: func(s *Settings) { s.TrustedAccounts = nil }},
	{
		rule: "TrustedAccounts empty", name: "none",
		change: func(s *Settings) { s.TrustedAccounts = []string{} },
		want: []Problem{{
			"TrustedAccounts", "an empty list", "name an account, or remove TrustedAccounts for the stack's own alone",
		}},
	},
	{
		rule: "TrustedAccounts form", name: "12 digits",
		change: func(s *Settings) { s.TrustedAccounts = []string{"000000000001", otherAccount} },
	},
	{
		rule: "TrustedAccounts form", name: "11 and 13 digits, a letter, none, other digits",
		change: func(s *Settings) {
			s.TrustedAccounts = []string{"11112222333", "1111222233334", "11112222333x", "", "१२३४५६७८९०१२"}
		},
		want: []Problem{
			{"TrustedAccounts[0]", `"11112222333"`, "use an account id of 12 digits"},
			{"TrustedAccounts[1]", `"1111222233334"`, "use an account id of 12 digits"},
			{"TrustedAccounts[2]", `"11112222333x"`, "use an account id of 12 digits"},
			{"TrustedAccounts[3]", `""`, "use an account id of 12 digits"},
			{"TrustedAccounts[4]", `"१२३४५६७८९०१२"`, "use an account id of 12 digits"},
		},
	},
	{
		rule: "TrustedAccounts form", name: "single token and the value of a lookup to come",
		change: func(s *Settings) { s.TrustedAccounts = []string{aToken, aToken, aDummy} },
	},
	{
		rule: "TrustedAccounts form", name: "half-known",
		change: func(s *Settings) { s.TrustedAccounts = []string{"1111" + aToken, "1111x" + aToken} },
		want:   []Problem{{"TrustedAccounts[1]", quoted("1111x" + aToken), "use an account id of 12 digits"}},
	},
	{
		rule: "TrustedAccounts repeated", name: "each once",
		change: func(s *Settings) { s.TrustedAccounts = []string{stackAccount, otherAccount} },
	},
	{
		rule: "TrustedAccounts repeated", name: "twice",
		change: func(s *Settings) { s.TrustedAccounts = []string{otherAccount, stackAccount, otherAccount} },
		want:   []Problem{{"TrustedAccounts[2]", `"444455556666"`, "remove it: it is TrustedAccounts[0] already"}},
	},
}
