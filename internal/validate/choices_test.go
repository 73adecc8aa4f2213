package validate

const (
	fourOperations = `use "TEXT_DETECTION", "DOCUMENT_ANALYSIS", "EXPENSE_ANALYSIS" or "LENDING_ANALYSIS"`
	notAToken      = ": it must be known at synthesis, and a token is not"
)

var choiceCases = []ruleCase[Settings]{
	{rule: "Operations empty", name: "not set", change: func(s *Settings) { s.Operations = nil }},
	{rule: "Operations empty", name: "one", change: func(s *Settings) { s.Operations = []string{OperationTextDetection} }},
	{
		rule: "Operations empty", name: "none",
		change: func(s *Settings) { s.Operations = []string{} },
		want:   []Problem{{"Operations", "an empty list", "name an operation, or remove Operations for all four"}},
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
		rule: "Operations known", name: "value of a lookup to come",
		change: func(s *Settings) { s.Operations = []string{"dummy-value-for-/operation"} },
	},
	{
		rule: "Operations known", name: "token and list token",
		change: func(s *Settings) { s.Operations = []string{aToken, aListToken} },
		want: []Problem{
			{"Operations[0]", quoted(aToken), fourOperations + notAToken},
			{"Operations[1]", quoted(aListToken), fourOperations + notAToken},
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
			{"Operations[2]", `"TEXT_DETECTION"`, "remove it: it is Operations[1] already"},
			{"Operations[3]", `"TEXT_DETECTION"`, "remove it: it is Operations[1] already"},
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
	chosen("ServiceRolePolicy", `use "TOPIC_ONLY" or "AWS_MANAGED"`+notAToken, aToken,
		func(s *Settings, value *string) { s.ServiceRolePolicy = value }),
	chosen("ServiceRolePolicy", "", aDummy, func(s *Settings, value *string) { s.ServiceRolePolicy = value }),
	chosen("Encryption", `use "KMS" or "SERVICE_MANAGED"`+notAToken, aToken,
		func(s *Settings, value *string) { s.Encryption = value }),
	chosen("Encryption", "", aDummy, func(s *Settings, value *string) { s.Encryption = value }),
	chosen("RemovalPolicy", `use "DESTROY", "RETAIN" or "RETAIN_ON_UPDATE_OR_DELETE"`+notAToken, aToken,
		func(s *Settings, value *string) { s.RemovalPolicy = value }),
	chosen("RemovalPolicy", "", aDummy, func(s *Settings, value *string) { s.RemovalPolicy = value }),
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

// chosen expects no problem where fix is empty.
func chosen(prop, fix, value string, set func(*Settings, *string)) ruleCase[Settings] {
	c := ruleCase[Settings]{rule: prop + " known", name: value, change: func(s *Settings) { set(s, &value) }}
	if fix != "" {
		c.want = []Problem{{prop, quoted(value), fix}}
	}
	return c
}
