package validate

import "testing"

const (
	aToken     = "${Token[TOKEN.42]}"
	aListToken = "#{Token[TOKEN.7]}"
	aDummy     = "dummy-value-for-/textract/value"
)

var listTokenCases = []ruleCase[Settings]{
	{
		rule: "List token", name: "single tokens",
		change: func(s *Settings) {
			s.TopicName, s.TrustedAccounts = ptr(aToken), []string{aToken, aToken}
			s.Output = &Location{Bucket: &Bucket{ARN: aToken}, Prefix: ptr(aToken)}
		},
	},
	{
		rule: "List token", name: "trusted accounts",
		change: func(s *Settings) { s.TrustedAccounts = []string{aListToken} },
		want:   []Problem{{"TrustedAccounts[0]", quoted(aListToken), listTokenFix}},
	},
	{
		rule: "List token", name: "element of a list as a string",
		change: func(s *Settings) {
			s.TopicName = ptr(aListToken)
			s.Inputs = []Location{{Bucket: &Bucket{}, Prefix: ptr("in/" + aListToken)}}
			s.Queue = &Queue{ARN: aListToken}
		},
		want: []Problem{
			{"TopicName", quoted(aListToken), listTokenFix},
			{"Inputs[0].Prefix", quoted("in/" + aListToken), listTokenFix},
			{"Queue", quoted(aListToken), listTokenFix},
		},
	},
}

func TestUnresolved(t *testing.T) {
	for text, want := range map[string]bool{
		"":                              false,
		"jobs":                          false,
		"${aws:username}":               false,
		"${Token[":                      false,
		"${Token[]}":                    false,
		"${Token[a b]}":                 false,
		"-1.5e+289":                     false,
		"dummy-value":                   false,
		"123456789012":                  false,
		"${Token[AWS.Region.4]}":        true,
		"${Token[AWS::Region.4]}":       true,
		"a-${Token[TOKEN.0]}-b":         true,
		"#{Token[TOKEN.0]}":             true,
		"-1.8881545897087626e+289":      true,
		"${Token[TOKEN.0]}${aws:token}": true,
		"dummy-value-for-/topic/name":   true,
		"a-dummy-value-for-b":           true,
	} {
		if got := Unresolved(text); got != want {
			t.Errorf("Unresolved(%q): got %t, want %t", text, got, want)
		}
	}
}

func TestDummy(t *testing.T) {
	for text, want := range map[string]bool{
		"": false,
		"arn:aws:iam::123456789012:role/textract":                                 false,
		"arn:aws:iam::123456789012:role/MY_DUMMY_ARN":                             false,
		"arn:${Token[AWS.Partition.7]}:iam:us-east-1:123456789012:role/DUMMY_ARN": true,
		"arn:aws:sns:us-east-1:111122223333:dummy-value-for-/topic/name":          true,
		aDummy:     true,
		aToken:     false,
		aListToken: false,
		"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab": false,
	} {
		if got := Dummy(text); got != want {
			t.Errorf("Dummy(%q): got %t, want %t", text, got, want)
		}
	}
}
