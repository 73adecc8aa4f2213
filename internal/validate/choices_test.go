package validate

const fourOperations = `use "TEXT_DETECTION", "DOCUMENT_ANALYSIS", "EXPENSE_ANALYSIS" or "LENDING_ANALYSIS"`

var choiceCases = []ruleCase[Settings]{
	{rule: "Operations empty", name: "not given", change: func(s *Settings) { s.Operations = nil }},
	{rule: "Operations empty", name: "one", change: func(s *Settings) { s.Operations = []string{OperationTextDetection} }},
	{
		rule: "Operations empty", name: "none",
		change: func(s *Settings) { s.Operations = []string{} },
		want:   []Problem{{"Operations", "an empty list", "name an operation, or leave out Operations for all four"}},
	},
	{
		rule: "Operations known", name: "all four",
		change: func(s *Settings) {
			s.Operations = []string{"LENDING_ANALYSIS", "EXPENSE_ANALYSIS", "DOCUMENT_ANALYSIS", "TEXT_DETECTION"}
		},
	},
	{
		rule: "Operations known", name: "unknown, in lower case and empty",
		change: func(s *Settings) { s.Operations = []string{"OCR", "TEXT_DETECTION", "text_detection", ""} },
		want: []Problem{
			{"Operations[0]", `"OCR"`, fourOperations},
			{"Operations[2]", `"text_detection"`, fourOperations},
			{"Operations[3]", `""`, fourOperations},
		},
	},
	{
		rule: "Operations repeated", name: "each once",
		change: func(s *Settings) { s.Operations = []string{"TEXT_DETECTION", "EXPENSE_ANALYSIS"} },
	},
	{
		rule: "Operations repeated", name: "three times",
		change: func(s *Settings) {
			s.Operations = []string{"EXPENSE_ANALYSIS", "TEXT_DETECTION", "TEXT_DETECTION", "TEXT_DETECTION"}
		},
		want: []Problem{
			{"Operations[2]", `"TEXT_DETECTION"`, "leave it out: it is Operations[1] already"},
			{"Operations[3]", `"TEXT_DETECTION"`, "leave it out: it is Operations[1] already"},
		},
	},
	{
		rule: "ServiceRolePolicy known", name: "topic only",
		change: func(s *Settings) { s.ServiceRolePolicy = ptr("TOPIC_ONLY") },
	},
	{
		rule: "ServiceRolePolicy known", name: "managed",
		change: func(s *Settings) { s.ServiceRolePolicy = ptr("AWS_MANAGED") },
	},
	{
		rule: "ServiceRolePolicy known", name: "unknown",
		change: func(s *Settings) { s.ServiceRolePolicy = ptr("MANAGED") },
		want:   []Problem{{"ServiceRolePolicy", `"MANAGED"`, `use "TOPIC_ONLY" or "AWS_MANAGED"`}},
	},
	{rule: "Encryption known", name: "KMS", change: func(s *Settings) { s.Encryption = ptr("KMS") }},
	{
		rule: "Encryption known", name: "service managed",
		change: func(s *Settings) { s.Encryption = ptr("SERVICE_MANAGED") },
	},
	{
		rule: "Encryption known", name: "unknown",
		change: func(s *Settings) { s.Encryption = ptr("NONE") },
		want:   []Problem{{"Encryption", `"NONE"`, `use "KMS" or "SERVICE_MANAGED"`}},
	},
	{rule: "RemovalPolicy known", name: "destroy", change: func(s *Settings) { s.RemovalPolicy = ptr("DESTROY") }},
	{rule: "RemovalPolicy known", name: "retain", change: func(s *Settings) { s.RemovalPolicy = ptr("RETAIN") }},
	{
		rule: "RemovalPolicy known", name: "unknown",
		change: func(s *Settings) { s.RemovalPolicy = ptr("KEEP") },
		want:   []Problem{{"RemovalPolicy", `"KEEP"`, `use "DESTROY", "RETAIN" or "RETAIN_ON_UPDATE_OR_DELETE"`}},
	},
	{
		rule: "RemovalPolicy snapshot", name: "retain on update or delete",
		change: func(s *Settings) { s.RemovalPolicy = ptr("RETAIN_ON_UPDATE_OR_DELETE") },
	},
	{
		rule: "RemovalPolicy snapshot", name: "snapshot",
		change: func(s *Settings) { s.RemovalPolicy = ptr("SNAPSHOT") },
		want: []Problem{{
			"RemovalPolicy", `"SNAPSHOT"`,
			`use "DESTROY", "RETAIN" or "RETAIN_ON_UPDATE_OR_DELETE": topics, queues and keys have no snapshots`,
		}},
	},
}

var accountCases = []ruleCase[Settings]{
	{rule: "TrustedAccounts empty", name: "not given", change: func(s *Settings) { s.TrustedAccounts = nil }},
	{
		rule: "TrustedAccounts empty", name: "none",
		change: func(s *Settings) { s.TrustedAccounts = []string{} },
		want: []Problem{{
			"TrustedAccounts", "an empty list", "name an account, or leave out TrustedAccounts for the stack's own alone",
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
		rule: "TrustedAccounts repeated", name: "each once",
		change: func(s *Settings) { s.TrustedAccounts = []string{homeAccount, otherAccount} },
	},
	{
		rule: "TrustedAccounts repeated", name: "twice",
		change: func(s *Settings) { s.TrustedAccounts = []string{otherAccount, homeAccount, otherAccount} },
		want:   []Problem{{"TrustedAccounts[2]", `"444455556666"`, "leave it out: it is TrustedAccounts[0] already"}},
	},
}
